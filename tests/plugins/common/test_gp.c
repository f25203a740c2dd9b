/* Gaussian-process regression: its likelihood's gradient, growth, and what it learns. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/gp.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = 16 };

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct gp gp;
  gym_rng rng;
};

/* A smooth function of the encoded design with a step by the first parameter. */
static double
truth (const gym_space *space, const double *row)
{
  double unit[AXES];
  gym_space_encode (space, row, unit);
  return sin (4 * unit[3]) + unit[4] * unit[4] - (row[0] == 2) + 0.5 * cos (3 * unit[7]);
}

static double
point (struct bench *b, uint16_t *place)
{
  double row[AXES];
  gym_space_sample (b->space, &b->rng, row);
  kernel_place (&b->gp.kernel, row, place);
  return truth (b->space, row);
}

static void
start (struct bench *b, size_t n)
{
  uint16_t place[AXES];
  gym_host_init (&b->host, &b->context, NULL);
  gym_rng_init (&b->rng, 1);
  b->space = spaces_mixed ();
  CU_ASSERT_EQUAL_FATAL (gp_init (&b->gp, &b->host, b->space), 0);
  for (size_t i = 0; i < n; i++) {
    double target = point (b, place);
    CU_ASSERT_EQUAL (gp_put (&b->gp, place, target), 0);
  }
}

static void
stop (struct bench *b)
{
  gp_free (&b->gp);
  gym_space_destroy (&b->space);
}

/* Minus log posterior and its gradient against differences. */
static void
test_gradient (void)
{
  struct bench b;
  static double theta[128], gradient[128], spare[128];
  start (&b, 30);
  CU_ASSERT_EQUAL (gp_fit (&b.gp, 1, NULL), 0); /* makes the room */
  memcpy (theta, b.gp.kernel.theta, b.gp.kernel.n_theta * sizeof *theta);
  for (uint32_t t = 0; t < b.gp.kernel.n_theta; t++)
    theta[t] += 0.3 * gym_rng_normal (&b.rng);
  gp_objective (&b.gp, theta, gradient);
  for (uint32_t t = 0; t < b.gp.kernel.n_theta; t++) {
    double kept = theta[t];
    theta[t] = kept + 1e-5;
    double above = gp_objective (&b.gp, theta, spare);
    theta[t] = kept - 1e-5;
    double below = gp_objective (&b.gp, theta, spare);
    theta[t] = kept;
    CU_ASSERT_DOUBLE_EQUAL (gradient[t], (above - below) / 2e-5,
                            1e-4 * fmax (1, fabs (gradient[t])));
  }
  stop (&b);
}

static void
predict (struct bench *b, const uint16_t *place, double *mean, double *variance)
{
  static double row[512];
  double self = kernel_self (&b->gp.kernel, place);
  kernel_row (&b->gp.kernel, &b->gp.points, b->gp.points.n, place, row);
  gp_predict (&b->gp, 1, row, 512, &self, mean, variance);
}

/* Grown row by row, with rows dropped, it predicts what it does when made at once. */
static void
test_growth (void)
{
  struct bench b;
  uint16_t places[40][AXES], at[AXES];
  double targets[40], mean[2], variance[2];
  start (&b, 60);
  CU_ASSERT_EQUAL (gp_factorise (&b.gp), 0);
  for (int i = 0; i < 40; i++)
    targets[i] = point (&b, places[i]);
  for (int i = 39; i >= 0; i--)
    CU_ASSERT_EQUAL (gp_append (&b.gp, places[i], 0), 0);
  gp_truncate (&b.gp, 60);
  for (int i = 0; i < 40; i++)
    CU_ASSERT_EQUAL (gp_append (&b.gp, places[i], targets[i]), 0);
  gp_solve (&b.gp);
  point (&b, at);
  predict (&b, at, &mean[0], &variance[0]);
  CU_ASSERT_DOUBLE_EQUAL (mean[0], gp_mean (&b.gp, at), 1e-9);
  CU_ASSERT_EQUAL (b.gp.points.n, 100);
  CU_ASSERT_EQUAL (gp_factorise (&b.gp), 0);
  predict (&b, at, &mean[1], &variance[1]);
  CU_ASSERT_DOUBLE_EQUAL (mean[0], mean[1], 1e-6);
  CU_ASSERT_DOUBLE_EQUAL (variance[0], variance[1], 1e-6);
  stop (&b);
}

/* Fitted, it knows the function better, and knows how well it knows it. */
static void
test_learns (void)
{
  struct bench b;
  uint16_t at[AXES];
  double before = 0, after = 0, surprise = 0, start_value, end_value;
  start (&b, 120);
  CU_ASSERT_EQUAL (gp_fit (&b.gp, 1, &start_value), 0);
  for (int pass = 0; pass < 2; pass++) {
    gym_rng_init (&b.rng, 99);
    for (int i = 0; i < 200; i++) {
      double target = point (&b, at), mean, variance;
      predict (&b, at, &mean, &variance);
      double error = (target - mean) * (target - mean);
      *(pass ? &after : &before) += error / 200;
      surprise += pass ? error / (variance + kernel_noise (&b.gp.kernel)) / 200 : 0;
    }
    if (pass == 0)
      CU_ASSERT_EQUAL (gp_fit (&b.gp, 60, &end_value), 0);
  }
  tap_note ("squared error %.3g, fitted %.3g; in units of the variance %.3g", before,
            after, surprise);
  CU_ASSERT (end_value < start_value - 10);
  CU_ASSERT (after < before && after < 0.03);
  CU_ASSERT (surprise > 0.02 && surprise < 5);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "gradient", test_gradient },
                                           { "growth", test_growth },
                                           { "learns", test_learns },
                                           { 0 } };
  return tap_run ("gp", tests);
}
