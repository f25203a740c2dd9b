/* Gaussian processes as a model of metrics: rows come back, doubt grows away from them,
 * a part of many rows is enough. The regression itself is tested in common/test_gp.c. */
#include "tests/tap.h"

#include "tests/plugins/play.h"
#include "tests/plugins/proxies.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>

static gym_registry *registry;

static void
test_laws (void)
{
  proxies_stops ("gp", "calls=5");
  proxies_damage ("gp", "calls=5");
  proxies_joined ("gp", "calls=5");
  proxies_levels ("gp", "calls=10", 1e-3);
  proxies_targets_apart ("gp", "calls=10");
}

/* Where a row is known there is little doubt, and more elsewhere. */
static void
test_rows_seen (void)
{
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 200, 300, 1, 0);
  double *mean = calloc (3 * d->n, sizeof *mean),
         *spread = calloc (3 * d->n, sizeof *mean);
  gym_error err = { 0 };
  registry = play_registry ();
  gym_proxy *p = proxies_learn (registry, "gp", NULL, d, 1);
  CU_ASSERT_EQUAL (gym_proxy_predict (p, d->n, d->designs, mean, spread, &err), GYM_OK);
  for (uint32_t t = 0; t < 3; t++) {
    double seen = 0, doubt = 0, elsewhere = 0, errors = 0;
    for (size_t i = 0; i < d->n; i++) {
      seen += pow (mean[3 * i + t] - d->targets[3 * i + t], 2) / (double)d->n;
      doubt += spread[3 * i + t] / (double)d->n;
    }
    for (size_t i = 0; i < d->all - d->n; i++) {
      elsewhere += d->spread[3 * i + t] / (double)(d->all - d->n);
      errors += pow (d->mean[3 * i + t] - d->targets[3 * (d->n + i) + t], 2)
                / (double)(d->all - d->n);
    }
    CU_ASSERT (seen < errors);
    CU_ASSERT (doubt < elsewhere);
  }
  gym_proxy_destroy (&p);
  free (mean);
  free (spread);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

static void
test_learns (void)
{
  static const double most[] = { 0.55, 0.1, 0.05 };
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 400, 900, 4, 0);
  gym_proxy *p = proxies_learn (registry, "gp", NULL, d, 1);
  for (uint32_t t = 0; t < 3; t++) {
    double one = proxies_within (d, t, 1), two = proxies_within (d, t, 2);
    tap_note ("target %u: error %.3f of the deviation, %.2f in one spread, %.2f in two",
              t, proxies_share (d, t), one, two);
    CU_ASSERT (proxies_share (d, t) < most[t]);
    CU_ASSERT (one > 0.5 && two > 0.85);
  }
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* Of many rows a random part is learnt: not as good as all of them, far better than
 * nothing. */
static void
test_part (void)
{
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 1, 400, 900, 4, 0);
  gym_proxy *p = proxies_learn (registry, "gp", NULL, d, 1);
  double all = proxies_share (d, 0);
  gym_proxy_destroy (&p);
  p = proxies_learn (registry, "gp", "rows=100 fit_rows=60", d, 1);
  tap_note ("100 rows of 400: %.3f instead of %.3f", proxies_share (d, 0), all);
  CU_ASSERT (proxies_share (d, 0) > all && proxies_share (d, 0) < 0.9);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "rows that were seen", test_rows_seen },
                                           { "learns", test_learns },
                                           { "a part of the rows", test_part },
                                           { 0 } };
  return tap_run ("gp", tests);
}
