/* Ridge regression solves its equations, finds what is a sum of effects, and knows how
 * far off it is. */
#include "tests/tap.h"

#include "tests/plugins/play.h"
#include "tests/plugins/proxies.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static gym_registry *registry;

static void
test_laws (void)
{
  proxies_stops ("ridge", NULL);
  proxies_damage ("ridge", "degree=1");
  proxies_levels ("ridge", "penalty=0.1", 1e-8);
  proxies_targets_apart ("ridge", NULL);
}

/* w = (X'X + P)^-1 X'y for X = (1, x, x^2 - 1/3), by Gauss without pivots. */
static void
solve_by_hand (const struct proxies_data *d, const double *y, double penalty, double *w)
{
  double a[3][4] = { { 0 } };
  for (size_t i = 0; i < d->n; i++) {
    double unit, x[3] = { 1 };
    gym_space_encode (d->space, d->designs + i, &unit);
    x[1] = 2 * unit - 1;
    x[2] = x[1] * x[1] - 1.0 / 3;
    for (int j = 0; j < 3; j++) {
      for (int k = 0; k < 3; k++)
        a[j][k] += x[j] * x[k];
      a[j][3] += x[j] * y[i];
    }
  }
  for (int j = 0; j < 3; j++)
    a[j][j] += j == 0 ? 1e-3 * penalty : penalty;
  for (int j = 0; j < 3; j++)
    for (int i = 0; i < 3; i++) {
      double f = a[i][j] / a[j][j];
      for (int k = 0; k < 4 && i != j; k++)
        a[i][k] -= f * a[j][k];
    }
  for (int j = 0; j < 3; j++)
    w[j] = a[j][3] / a[j][j];
}

/* The model learns targets of zero mean and unit variance; its numbers must be those of
 * the equations. */
static void
test_equations (void)
{
  struct proxies_data *d = proxies_data_new (spaces_line (500, false), 1, 60, 120, 1, 0);
  double y[60], w[3], mean = 0, size = 0;
  registry = play_registry ();
  for (size_t i = 0; i < d->n; i++)
    mean += d->targets[i] / (double)d->n;
  for (size_t i = 0; i < d->n; i++)
    size += pow (d->targets[i] - mean, 2) / (double)d->n;
  size = sqrt (size);
  for (size_t i = 0; i < d->n; i++)
    y[i] = (d->targets[i] - mean) / size;
  solve_by_hand (d, y, 7, w);
  gym_proxy *p = proxies_learn (registry, "ridge", "penalty=7", d, 1);
  for (size_t i = 0; i < d->all - d->n; i++) {
    double unit, x;
    gym_space_encode (d->space, d->designs + d->n + i, &unit);
    x = 2 * unit - 1;
    double z = w[0] + w[1] * x + w[2] * (x * x - 1.0 / 3);
    CU_ASSERT_DOUBLE_EQUAL (d->mean[i], mean + size * z, 1e-10 * fabs (mean));
  }
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* The bowl is a sum of parabolas; the product of slopes nearly one of pairs. */
static void
test_learns (void)
{
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 600, 1600, 4, 0);
  gym_proxy *p = proxies_learn (registry, "ridge", "degree=1", d, 1);
  double pairs = proxies_share (d, 1);
  CU_ASSERT (proxies_share (d, 2) < 1e-5);
  gym_proxy_destroy (&p);
  p = proxies_learn (registry, "ridge", NULL, d, 1);
  tap_note ("errors %.3f, %.3f (without products %.3f), %.1g of the deviation",
            proxies_share (d, 0), proxies_share (d, 1), pairs, proxies_share (d, 2));
  CU_ASSERT (proxies_share (d, 0) < 0.6);
  CU_ASSERT (proxies_share (d, 1) < 0.25 * pairs);
  CU_ASSERT (proxies_share (d, 2) < 1e-4);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

static void
test_spread (void)
{
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 2, 400, 1400, 3, 0.05);
  gym_proxy *p = proxies_learn (registry, "ridge", NULL, d, 1);
  double one = proxies_within (d, 1, 1), two = proxies_within (d, 1, 2);
  tap_note ("%.2f in one, %.2f in two", one, two);
  CU_ASSERT (one > 0.6 && one < 0.8);
  CU_ASSERT (two > 0.92);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* The penalty it chooses is no worse than those beside it. */
static void
test_penalty (void)
{
  static const char *const fixed[] = { "penalty=1e-4", "penalty=0.01", "penalty=1",
                                       "penalty=100", "penalty=1e4" };
  double least = INFINITY;
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_wide (), 2, 250, 1250, 5, 0.1);
  for (int k = 0; k < 5; k++) {
    gym_proxy *p = proxies_learn (registry, "ridge", fixed[k], d, 1);
    least = fmin (least, proxies_share (d, 1));
    gym_proxy_destroy (&p);
  }
  gym_proxy *p = proxies_learn (registry, "ridge", NULL, d, 1);
  tap_note ("%.3f, best of five %.3f", proxies_share (d, 1), least);
  CU_ASSERT (proxies_share (d, 1) < 1.1 * least);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

static void
test_too_many (void)
{
  enum { N = 90 };
  static struct gym_param params[N];
  static char names[N][8];
  gym_error err = { 0 };
  struct gym_params list = {
    .struct_size = sizeof list, .n = N, .stride = sizeof params[0], .items = params
  };
  static const struct gym_metric metrics[] = { { .name = "a" } };
  static const struct gym_metrics targets = GYM_ARRAY (gym_metrics, metrics);
  for (int i = 0; i < N; i++) {
    snprintf (names[i], sizeof names[i], "p%d", i);
    params[i] = (struct gym_param){ .name = names[i], .kind = GYM_REAL, .high = 1 };
  }
  registry = play_registry ();
  gym_space *space = gym_space_new (&list, &err);
  CU_ASSERT_PTR_NULL (gym_proxy_open (registry, "ridge", NULL, space, &targets, 1, &err));
  CU_ASSERT_STRING_EQUAL (err.text,
                          "proxy ridge-v1: 4186 effects are too many, at most 3000: "
                          "degree=1 leaves the products of parameters out, a smaller "
                          "levels the single values");
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* Levels and their sum say the same: without a penalty that counts there is no solution,
 * so one that is lost in rounding is raised. */
static void
test_lost_penalty (void)
{
  gym_registry *r = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 2, 60, 120, 1, 0);
  gym_proxy *p = proxies_learn (r, "ridge", "penalty=1e-300", d, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  CU_ASSERT (gym_proxy_rows (p) == d->n && proxies_share (d, 0) < 10);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "equations by hand", test_equations },
                                           { "learns", test_learns },
                                           { "spread", test_spread },
                                           { "penalty", test_penalty },
                                           { "too many effects", test_too_many },
                                           { "a lost penalty", test_lost_penalty },
                                           { 0 } };
  return tap_run ("ridge", tests);
}
