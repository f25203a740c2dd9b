/* The logarithm of expected improvement: as the integral has it, and where that is 0. */
#include "tests/tap.h"

#include "plugins/common/improvement.h"

#include <math.h>

/* E max (0, best - y) by the rectangle rule. */
static double
integral (double best, double mean, double sigma)
{
  enum { STEPS = 200000 };
  double sum = 0, width = 24 * sigma / STEPS;
  for (int i = 0; i < STEPS; i++) {
    double y = mean - 12 * sigma + (i + 0.5) * width, z = (y - mean) / sigma;
    sum += fmax (0, best - y) * exp (-0.5 * z * z) * width;
  }
  return sum / (sigma * sqrt (2 * M_PI));
}

static void
test_integral (void)
{
  static const double bests[] = { -4, -1.5, -0.5, 0, 0.3, 2, 5 };
  for (int i = 0; i < 7; i++)
    for (double sigma = 0.5; sigma < 3; sigma *= 2) {
      double mean = 0.25, best = mean + bests[i] * sigma;
      double expected = log (integral (best, mean, sigma));
      CU_ASSERT_DOUBLE_EQUAL (log_expected_improvement (best, mean, sigma), expected,
                              1e-6);
    }
}

/* Its three forms meet, and it falls without end. */
static void
test_far (void)
{
  double last = INFINITY;
  for (double z = 3; z > -1e6; z -= z > -40 ? 0.01 : -0.1 * z) {
    double value = log_expected_improvement (z, 0, 1);
    CU_ASSERT_TRUE (isfinite (value) && value < last);
    CU_ASSERT_TRUE (last == INFINITY || z < -40 || last - value < 0.011 * (2 + fabs (z)));
    last = value;
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the integral", test_integral },
                                           { "far out", test_far },
                                           { 0 } };
  return tap_run ("improvement", tests);
}
