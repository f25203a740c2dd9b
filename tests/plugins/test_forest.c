/* The forest knows what it has seen, stays within it, knows how sure it is, and is as
 * good as scikit-learn's. */
#include "tests/tap.h"

#include "tests/plugins/play.h"
#include "tests/plugins/proxies.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gym_registry *registry;

static void
test_laws (void)
{
  proxies_stops ("forest", NULL);
  proxies_stops ("forest", "trees=3 bag=1");
  proxies_damage ("forest", "trees=4");
  proxies_targets_apart ("forest", NULL);
}

/* Ties between equal cuts may fall otherwise, on a few rows. */
static void
test_levels (void)
{
  proxies_levels ("forest", "columns=1", 0.02);
}

/* Trees on all rows, grown to the end, give every row back; no prediction leaves the
 * range of the targets. */
static void
test_rows_seen (void)
{
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 400, 500, 1, 0.1);
  double low[3], high[3], mean[3];
  gym_error err = { 0 };
  registry = play_registry ();
  gym_proxy *p = proxies_learn (registry, "forest", "bag=1 trees=5", d, 1);
  for (size_t i = 0; i < d->n; i++) {
    const double *y = d->targets + 3 * i;
    CU_ASSERT_EQUAL (
        gym_proxy_predict (p, 1, d->designs + i * d->width, mean, NULL, &err), GYM_OK);
    for (int t = 0; t < 3; t++) {
      CU_ASSERT_DOUBLE_EQUAL (mean[t], y[t], 1e-6 * fabs (y[t]));
      low[t] = i == 0 ? y[t] : fmin (low[t], y[t]);
      high[t] = i == 0 ? y[t] : fmax (high[t], y[t]);
    }
  }
  for (size_t i = 0; i < 3 * (d->all - d->n); i++)
    CU_ASSERT (d->mean[i] >= low[i % 3] - 1e-6 && d->mean[i] <= high[i % 3] + 1e-6);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* One tree of one split is a table of two means. */
static void
test_stump (void)
{
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 1, 300, 600, 2, 0);
  double values[2] = { NAN, NAN };
  registry = play_registry ();
  gym_proxy *p = proxies_learn (registry, "forest", "trees=1 bag=1 depth=1", d, 1);
  for (size_t i = 0; i < d->all - d->n; i++) {
    int k = isnan (values[0]) || d->mean[i] == values[0] ? 0 : 1;
    CU_ASSERT (isnan (values[k]) || d->mean[i] == values[k]);
    values[k] = d->mean[i];
  }
  CU_ASSERT (!isnan (values[1]));
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* Two thirds of a normal error lie within one deviation, 95 % within two. */
static void
test_spread (void)
{
  registry = play_registry ();
  for (int k = 0; k < 2; k++) {
    double noise = k * 0.05;
    struct proxies_data *d = proxies_data_new (spaces_mixed (), 2, 800, 1600, 3, noise);
    gym_proxy *p = proxies_learn (registry, "forest", NULL, d, 1);
    for (uint32_t t = 0; t < 2; t++) {
      double one = proxies_within (d, t, 1), two = proxies_within (d, t, 2);
      tap_note ("noise %g, target %u: %.2f in one, %.2f in two; error %.2f of the "
                "deviation",
                noise, t, one, two, proxies_share (d, t));
      CU_ASSERT (one > 0.55 && one < 0.88);
      CU_ASSERT (two > 0.88);
    }
    gym_proxy_destroy (&p);
    proxies_data_free (d);
  }
  gym_registry_destroy (&registry);
}

/* Columns with more than 16 codes take the other way through a tree: same rows, same
 * metric, once with few values and once with many. */
static void
test_learns (void)
{
  static const double most[] = { 0.45, 0.35, 0.55 };
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 1500, 2500, 4, 0);
  gym_proxy *p = proxies_learn (registry, "forest", NULL, d, 1);
  for (uint32_t t = 0; t < 3; t++) {
    tap_note ("target %u: error %.3f of the deviation", t, proxies_share (d, t));
    CU_ASSERT (proxies_share (d, t) < most[t]);
  }
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* ---- scikit-learn ---- */

/* What scikit_forest.py reads. */
static void
write_rows (const struct proxies_data *d, const char *path)
{
  FILE *file = fopen (path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  fprintf (file, "%zu %u", d->n, d->m);
  for (uint32_t k = 0; k < d->width; k++)
    if (gym_space_param (d->space, k)->kind == GYM_CATEGORICAL)
      fprintf (file, " %u", k);
  fprintf (file, "\n");
  for (size_t i = 0; i < d->all; i++) {
    for (uint32_t k = 0; k < d->width; k++) {
      double value = d->designs[i * d->width + k];
      fprintf (file, "%.17g ", isnan (value) ? -1 : value);
    }
    for (uint32_t t = 0; t < d->m; t++)
      fprintf (file, "%.17g%s", d->targets[i * d->m + t], t + 1 < d->m ? " " : "\n");
  }
  fclose (file);
}

/* The errors of its forest, one a target; false where there is none. */
static bool
ask_scikit (const struct proxies_data *d, double *errors)
{
  char path[] = "/tmp/gym-test-XXXXXX", script[512], command[1024];
  int file = mkstemp (path);
  CU_ASSERT_FATAL (file >= 0);
  close (file);
  write_rows (d, path);
  tap_source ("tests/plugins/scikit_forest.py", script, sizeof script);
  snprintf (command, sizeof command, "/usr/bin/python3 '%s' '%s' 2>/dev/null", script,
            path);
  FILE *pipe = popen (command, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL (pipe);
  uint32_t n = 0;
  while (n < d->m && fscanf (pipe, "%lf", &errors[n]) == 1)
    n++;
  int code = pclose (pipe);
  unlink (path);
  CU_ASSERT (n == d->m || code != 0);
  return n == d->m;
}

static bool
compare (struct proxies_data *d, const char *name)
{
  double scikit[3];
  if (!ask_scikit (d, scikit)) {
    tap_skip ("scikit-learn is not installed (Debian: python3-sklearn)");
    return false;
  }
  gym_proxy *p = proxies_learn (registry, "forest", "trees=100", d, 1);
  for (uint32_t t = 0; t < d->m; t++) {
    double ours = proxies_error (d, t);
    tap_note ("%s, target %u: %.3f %% of the mean, scikit-learn %.3f %%", name, t,
              100 * ours, 100 * scikit[t]);
    CU_ASSERT (ours <= 1.1 * scikit[t]);
  }
  gym_proxy_destroy (&p);
  return true;
}

static void
test_scikit (void)
{
  static const char *const metrics[] = { "total_time", "energy", "power", NULL };
  char trace[512];
  gym_error err = { 0 };
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_wide (), 3, 1500, 2500, 5, 0.02);
  bool there = compare (d, "made up");
  proxies_data_free (d);
  gym_settings *settings = gym_settings_new (&err);
  tap_source ("examples/traces/lua-sort.trc", trace, sizeof trace);
  gym_settings_set (settings, "trace", trace, &err);
  gym_settings_set (settings, "setup", "archgym", &err);
  gym_settings_set (settings, "requests", "1500", &err);
  gym_settings_set (settings, "traffic", "closed", &err);
  gym_settings_set (settings, "in_flight", "24", &err);
  gym_env *env = there ? gym_env_open (registry, "dram", settings, &err) : NULL;
  if (env) {
    d = proxies_data_of (env, metrics, 1000, 2000, 6);
    compare (d, "dram");
    proxies_data_free (d);
  }
  CU_ASSERT (!there || env);
  gym_env_destroy (&env);
  gym_settings_destroy (&settings);
  gym_registry_destroy (&registry);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "names of levels", test_levels },
                                           { "rows that were seen", test_rows_seen },
                                           { "one split", test_stump },
                                           { "spread", test_spread },
                                           { "learns", test_learns },
                                           { "scikit-learn on the same rows",
                                             test_scikit },
                                           { 0 } };
  return tap_run ("forest", tests);
}
