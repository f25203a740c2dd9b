/* Transforms of targets: SciPy's powers, there and back, moments against sampling. */
#include "core/transform.h"
#include "tests/core/scores_values.h"
#include "tests/core/stats_help.h"

#include <stdlib.h>
#include <string.h>

static struct gym_transformer
fitted (enum gym_transform wanted, const double *x, size_t n)
{
  struct gym_transformer t = { .wanted = wanted };
  gym_error err = { 0 };
  size_t row;
  CU_ASSERT_EQUAL (gym_transformer_fit (&t, x, n, 1, &row, &err), GYM_OK);
  return t;
}

static void
powers (const double *x, size_t n, double power, const double *likelihoods)
{
  static const double at[] = { -1.5, 0, 0.5, 1 };
  double logs[256], sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += logs[i] = log (x[i]);
  NEAR (fitted (GYM_TRANSFORM_BOXCOX, x, n).power, power, 2e-6);
  /* Ours has the Jacobian's constant elsewhere: only differences mean anything. */
  for (size_t i = 0; i < 4; i++)
    NEAR (gym_transformer_likelihood (logs, n, at[i])
              - gym_transformer_likelihood (logs, n, 2),
          likelihoods[i] - likelihoods[4], 1e-9);
}

static void
test_powers (void)
{
  powers (skewed, LENGTH (skewed), skewed_power[0], skewed_likelihood);
  powers (even, LENGTH (even), even_power[0], even_likelihood);
}

static void
test_choice (void)
{
  static const double zero[] = { 1, 0, 3 }, same[] = { 2, 2, 2 };
  CU_ASSERT_EQUAL (fitted (GYM_TRANSFORM_AUTO, skewed, LENGTH (skewed)).kind,
                   GYM_TRANSFORM_LOG);
  double turned[LENGTH (skewed)]; /* skewed the other way: logarithms make it worse */
  for (size_t i = 0; i < LENGTH (skewed); i++)
    turned[i] = 200 - fmin (skewed[i], 199);
  CU_ASSERT_EQUAL (fitted (GYM_TRANSFORM_AUTO, turned, LENGTH (turned)).kind,
                   GYM_TRANSFORM_NONE);
  CU_ASSERT_EQUAL (fitted (GYM_TRANSFORM_AUTO, zero, 3).kind, GYM_TRANSFORM_NONE);
  CU_ASSERT_EQUAL (fitted (GYM_TRANSFORM_AUTO, same, 3).kind, GYM_TRANSFORM_NONE);
  CU_ASSERT_EQUAL (fitted (GYM_TRANSFORM_NONE, zero, 3).kind, GYM_TRANSFORM_NONE);
}

static void
test_refused (void)
{
  static const double zero[] = { 1, 9, 2, 9, -3, 9 };
  struct gym_transformer t = { .wanted = GYM_TRANSFORM_LOG };
  gym_error err = { 0 };
  size_t row = 9;
  CU_ASSERT_EQUAL (gym_transformer_fit (&t, zero, 3, 2, &row, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (row, 2);
  CU_ASSERT_STRING_EQUAL (
      err.text, "transform log needs values above 0, not -3: choose none or auto");
  CU_ASSERT_EQUAL (gym_transform_parse ("box"), -1);
  for (int i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (gym_transform_parse (gym_transform_name ((enum gym_transform)i)), i);
}

/* Without a spread, back is where one came from, also for a constant target. */
static void
there_and_back (const struct gym_transformer *t, const double *x, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    double mean = gym_transformer_apply (t, x[i]), spread = 0;
    gym_transformer_invert (t, &mean, &spread);
    NEAR (mean, x[i], 1e-12);
    CU_ASSERT_EQUAL (spread, 0);
  }
}

static void
test_back (void)
{
  static const double same[] = { 3, 3, 3 };
  for (int kind = GYM_TRANSFORM_NONE; kind <= GYM_TRANSFORM_AUTO; kind++) {
    struct gym_transformer t = fitted ((enum gym_transform)kind, skewed, LENGTH (skewed));
    there_and_back (&t, skewed, LENGTH (skewed));
    t = fitted ((enum gym_transform)kind, even, LENGTH (even));
    there_and_back (&t, even, LENGTH (even));
    t = fitted ((enum gym_transform)kind, same, 3);
    there_and_back (&t, same, 3);
  }
}

/* Mean and deviation of 400,000 values drawn and brought back one by one. */
static void
sampled (const struct gym_transformer *t, double y, double s, double *mean,
         double *spread)
{
  enum { N = 400000 };
  gym_rng rng;
  gym_rng_init (&rng, 5);
  double sum = 0, squares = 0;
  for (int i = 0; i < N; i++) {
    double z = gym_rng_normal (&rng), x = y + s * z, none = 0;
    gym_transformer_invert (t, &x, &none);
    sum += x;
    squares += x * x;
  }
  *mean = sum / N;
  *spread = sqrt (squares / N - *mean * *mean);
}

static void
test_moments (void)
{
  for (int kind = GYM_TRANSFORM_LOG; kind <= GYM_TRANSFORM_BOXCOX; kind++)
    for (int k = 0; k < 2; k++) {
      const double *x = k ? even : skewed;
      size_t n = k ? LENGTH (even) : LENGTH (skewed);
      struct gym_transformer t = fitted ((enum gym_transform)kind, x, n);
      double y = gym_transformer_apply (&t, x[7]), s = 0.4 * t.deviation, mean, deviation;
      sampled (&t, y, s, &mean, &deviation);
      gym_transformer_invert (&t, &y, &s);
      NEAR (y, mean, 3e-3);
      NEAR (s, deviation, 1e-2);
    }
  /* The mean of a log-normal variable is not the exponential of the mean. */
  struct gym_transformer t = fitted (GYM_TRANSFORM_LOG, skewed, LENGTH (skewed));
  double y = log (20 / t.centre), s = 0.5;
  gym_transformer_invert (&t, &y, &s);
  NEAR (y, 20 * exp (0.125), 1e-12);
  NEAR (s, y * sqrt (exp (0.25) - 1), 1e-12);
}

/* Whatever a model says, what comes back is finite and not negative. */
static void
test_bounds (void)
{
  static const double wild[] = { -1e300, -1e9, -50, -3, 0, 3, 50, 1e9, 1e300 };
  static const double falling[] = { 1, 1.01, 1.02, 1.05, 1.1, 1.2, 1.6, 3, 40, 900 };
  for (int kind = GYM_TRANSFORM_LOG; kind <= GYM_TRANSFORM_BOXCOX; kind++)
    for (int k = 0; k < 3; k++) {
      const double *x = k == 2 ? falling : k ? even : skewed;
      size_t n = k == 2 ? LENGTH (falling) : k ? LENGTH (even) : LENGTH (skewed);
      struct gym_transformer t = fitted ((enum gym_transform)kind, x, n);
      for (size_t i = 0; i < LENGTH (wild); i++)
        for (size_t j = 0; j < LENGTH (wild); j++) {
          double mean = wild[i], spread = fabs (wild[j]);
          gym_transformer_invert (&t, &mean, &spread);
          CU_ASSERT (isfinite (mean) && mean >= 0);
          CU_ASSERT (isfinite (spread) && spread >= 0);
        }
    }
}

/* Also of targets that no other number is near: a model must not end as infinity. */
static void
test_decades (void)
{
  enum { N = 20 };
  double x[N];
  for (int decades = 4; decades <= 300; decades += 8)
    for (int kind = GYM_TRANSFORM_LOG; kind <= GYM_TRANSFORM_BOXCOX; kind++) {
      for (int i = 0; i < N; i++)
        x[i] = i % 2 ? 1 : pow (10, decades) * (1 + 0.01 * i);
      struct gym_transformer t = fitted ((enum gym_transform)kind, x, N);
      double mean = 1e9, spread = 1e9;
      gym_transformer_invert (&t, &mean, &spread);
      CU_ASSERT (isfinite (mean) && isfinite (spread));
    }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "powers and likelihoods as SciPy has them", test_powers },
    { "auto", test_choice },
    { "values that have no logarithm", test_refused },
    { "there and back", test_back },
    { "moments against sampling", test_moments },
    { "wild predictions", test_bounds },
    { "targets over many decades", test_decades },
    { 0 }
  };
  return tap_run ("transform", tests);
}
