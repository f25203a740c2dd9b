/* Expected improvement: see improvement.h. */
#include "plugins/common/improvement.h"

#include <math.h>

static const double root_two_pi = 2.50662827463100050242;

/* log of h (z) = phi (z) + z Phi (z). Mills' ratio loses digits as z^-2, so far out its
 * asymptotic series takes over: h = phi / z^2 (1 - 3 / z^2 ...). */
static double
log_h (double z)
{
  double log_phi = -0.5 * z * z - log (root_two_pi);
  if (z > -1)
    return log (exp (log_phi) + z * 0.5 * erfc (-z * M_SQRT1_2));
  if (z > -25) {
    double mills = 0.5 * erfc (-z * M_SQRT1_2) * exp (-log_phi);
    return log_phi + log1p (z * mills);
  }
  return log_phi - 2 * log (-z) + log1p (-3 / (z * z));
}

double
log_expected_improvement (double best, double mean, double sigma)
{
  return log (sigma) + log_h ((best - mean) / sigma);
}
