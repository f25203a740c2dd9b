/* Boosting: single trees are exact, more of them fit better, the quick way through a tree
 * is a tree's, the spread is honest. */
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
  proxies_stops ("gbdt", NULL);
  proxies_stops ("gbdt", "trees=3 folds=1");
  proxies_damage ("gbdt", "trees=9");
  proxies_targets_apart ("gbdt", NULL);
}

/* Ties between equal cuts may fall otherwise, on a few rows. */
static void
test_levels (void)
{
  proxies_levels ("gbdt", "bag=1", 0.02);
}

/* Predictions for the rows that were learnt. */
static void
ask_seen (gym_proxy *p, const struct proxies_data *d, double *mean)
{
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_proxy_predict (p, d->n, d->designs, mean, NULL, &err), GYM_OK);
}

/* A leaf a row, no step held back: what was learnt comes back, but for the rounding of
 * values in single precision. */
static void
test_one_tree (void)
{
  double mean[64 * 3];
  registry = play_registry ();
  for (size_t n = 1; n <= 64; n += 9) {
    struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, n, n + 1, n, 0.1);
    gym_proxy *p = proxies_learn (
        registry, "gbdt", "trees=1 rate=1 leaves=64 bag=1 penalty=0 folds=1", d, 1);
    ask_seen (p, d, mean);
    for (size_t i = 0; i < 3 * n; i++)
      CU_ASSERT_DOUBLE_EQUAL (mean[i], d->targets[i], 1e-5 * fabs (d->targets[i]));
    gym_proxy_destroy (&p);
    proxies_data_free (d);
  }
  gym_registry_destroy (&registry);
}

static double
error_seen (gym_proxy *p, const struct proxies_data *d, double *mean)
{
  double sum = 0;
  ask_seen (p, d, mean);
  for (size_t i = 0; i < d->n; i++)
    sum += pow (mean[i] - d->targets[i], 2);
  return sum;
}

/* Each tree takes something off what is left of the rows learnt, by less the smaller the
 * rate; a sequence of all trees is that of the first few and more. */
static void
test_more_trees (void)
{
  static const char *const settings[] = {
    "trees=1 bag=1 folds=1",  "trees=2 bag=1 folds=1",   "trees=31 bag=1 folds=1",
    "trees=32 bag=1 folds=1", "trees=33 bag=1 folds=1",  "trees=40 bag=1 folds=1",
    "trees=64 bag=1 folds=1", "trees=100 bag=1 folds=1",
  };
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 1, 500, 600, 2, 0);
  double *mean = calloc (d->n, sizeof *mean), before = INFINITY;
  registry = play_registry ();
  for (size_t k = 0; k < sizeof settings / sizeof settings[0]; k++) {
    gym_proxy *p = proxies_learn (registry, "gbdt", settings[k], d, 1);
    double error = error_seen (p, d, mean);
    CU_ASSERT (error < before);
    before = error;
    gym_proxy_destroy (&p);
  }
  gym_proxy *p =
      proxies_learn (registry, "gbdt", "trees=100 bag=1 folds=1 rate=0.05", d, 1);
  CU_ASSERT (error_seen (p, d, mean) > before);
  gym_proxy_destroy (&p);
  free (mean);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* Halves of all rows, and a penalty that draws a leaf of n rows to n / (n + 10) of its
 * mean: by hand. */
static void
test_stump (void)
{
  struct proxies_data *d = proxies_data_new (spaces_line (2, false), 1, 2, 2, 1, 0);
  double mean[2], middle = (d->targets[0] + d->targets[1]) / 2;
  registry = play_registry ();
  gym_proxy *p = proxies_learn (
      registry, "gbdt", "trees=1 rate=0.5 bag=1 penalty=10 folds=1 relevance=0", d, 1);
  ask_seen (p, d, mean);
  for (int i = 0; i < 2; i++)
    CU_ASSERT_DOUBLE_EQUAL (mean[i], middle + 0.5 * (d->targets[i] - middle) / 11, 1e-7);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

static void
test_spread (void)
{
  registry = play_registry ();
  for (int k = 0; k < 2; k++) {
    double noise = k * 0.05;
    struct proxies_data *d = proxies_data_new (spaces_mixed (), 2, 800, 1600, 3, noise);
    gym_proxy *p = proxies_learn (registry, "gbdt", NULL, d, 1);
    for (uint32_t t = 0; t < 2; t++) {
      double one = proxies_within (d, t, 1), two = proxies_within (d, t, 2);
      tap_note ("noise %g, target %u: %.2f in one, %.2f in two; error %.2f of the "
                "deviation",
                noise, t, one, two, proxies_share (d, t));
      CU_ASSERT (one > 0.55 && one < 0.9);
      CU_ASSERT (two > 0.88);
    }
    gym_proxy_destroy (&p);
    p = proxies_learn (registry, "gbdt", "folds=1", d, 1);
    for (size_t i = 0; i < 2 * (d->all - d->n); i++)
      CU_ASSERT_EQUAL (d->spread[i], 0);
    gym_proxy_destroy (&p);
    proxies_data_free (d);
  }
  gym_registry_destroy (&registry);
}

static void
test_learns (void)
{
  static const double most[] = { 0.3, 0.2, 0.35 };
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 1500, 2500, 4, 0);
  gym_proxy *p = proxies_learn (registry, "gbdt", NULL, d, 1);
  for (uint32_t t = 0; t < 3; t++) {
    tap_note ("target %u: error %.3f of the deviation", t, proxies_share (d, t));
    CU_ASSERT (proxies_share (d, t) < most[t]);
  }
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "names of levels", test_levels },
                                           { "one tree", test_one_tree },
                                           { "more trees", test_more_trees },
                                           { "one split by hand", test_stump },
                                           { "spread", test_spread },
                                           { "learns", test_learns },
                                           { 0 } };
  return tap_run ("gbdt", tests);
}
