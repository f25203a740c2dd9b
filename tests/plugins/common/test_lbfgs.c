/* L-BFGS finds the minima of functions whose minima are known. */
#include "tests/tap.h"

#include "plugins/common/lbfgs.h"

#include <math.h>
#include <string.h>

/* A bowl in 40 dimensions, lengths of its axes 1 to 1000. */
static double
bowl (void *context, const double *x, double *g)
{
  double sum = 0;
  ++*(int *)context;
  for (int i = 0; i < 40; i++) {
    double c = pow (1000, i / 39.0), d = x[i] - i;
    sum += 0.5 * c * d * d;
    g[i] = c * d;
  }
  return sum;
}

static double
rosenbrock (void *context, const double *x, double *g)
{
  double a = 1 - x[0], b = x[1] - x[0] * x[0];
  (void)context;
  g[0] = -2 * a - 400 * x[0] * b;
  g[1] = 200 * b;
  return a * a + 100 * b * b;
}

/* Defined for positive x alone; minimum at 1. */
static double
half_line (void *context, const double *x, double *g)
{
  (void)context;
  g[0] = 1 - 1 / x[0];
  return x[0] > 0 ? x[0] - log (x[0]) : NAN;
}

static void
test_bowl (void)
{
  double x[40] = { 0 }, value;
  int calls = 0;
  struct lbfgs s = {
    .function = bowl, .context = &calls, .n = 40, .most = 500, .tolerance = 1e-12
  };
  int told = lbfgs_minimise (&s, x, &value);
  CU_ASSERT_EQUAL (told, calls);
  CU_ASSERT (calls < 500);
  CU_ASSERT (value < 1e-6);
  for (int i = 0; i < 40; i++)
    CU_ASSERT_DOUBLE_EQUAL (x[i], i, 1e-2);
}

static void
test_valley (void)
{
  double x[2] = { -1.2, 1 }, value;
  struct lbfgs s = { .function = rosenbrock, .n = 2, .most = 200 };
  CU_ASSERT (lbfgs_minimise (&s, x, &value) > 0);
  CU_ASSERT_DOUBLE_EQUAL (x[0], 1, 1e-3);
  CU_ASSERT_DOUBLE_EQUAL (x[1], 1, 1e-3);
  CU_ASSERT (value < 1e-6);
}

/* Steps out of the domain are taken back; a start outside is left alone. */
static void
test_domain (void)
{
  double x = 5, value;
  struct lbfgs s = { .function = half_line, .n = 1, .most = 100 };
  lbfgs_minimise (&s, &x, &value);
  CU_ASSERT_DOUBLE_EQUAL (x, 1, 1e-4);
  x = -1;
  CU_ASSERT_EQUAL (lbfgs_minimise (&s, &x, &value), 1);
  CU_ASSERT_EQUAL (x, -1);
  CU_ASSERT_TRUE (isnan (value));
}

static void
test_limits (void)
{
  double x[40] = { 0 }, value;
  int calls = 0;
  struct lbfgs s = { .function = bowl, .context = &calls, .n = 40, .most = 7 };
  CU_ASSERT_EQUAL (lbfgs_minimise (&s, x, &value), 7);
  double first[2] = { -1.2, 1 };
  struct lbfgs step = { .function = rosenbrock, .n = 2, .most = 2, .longest = 0.01 };
  lbfgs_minimise (&step, first, &value);
  CU_ASSERT (fabs (first[0] + 1.2) <= 0.0100001 && fabs (first[1] - 1) <= 0.0100001);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "bowl", test_bowl },
                                           { "valley", test_valley },
                                           { "domain", test_domain },
                                           { "limits", test_limits },
                                           { 0 } };
  return tap_run ("lbfgs", tests);
}
