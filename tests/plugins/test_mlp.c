/* Networks as a model of metrics: smooth responses, all targets at once, doubt that is
 * no less than what unseen rows show. */
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
  proxies_stops ("mlp", "epochs=3 width=8");
  proxies_damage ("mlp", "epochs=3 width=8");
  /* Levels have other starting weights then, so only what is learnt is the same. */
  proxies_levels ("mlp", NULL, 0.35);
}

/* Each network lacks a part of the rows that the others have seen, so what it is wrong by
 * there is more than what their mean is: the spread errs on the careful side. */
static void
test_learns (void)
{
  static const double most[] = { 0.5, 0.12, 0.12 };
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 3, 800, 1600, 4, 0);
  gym_proxy *p = proxies_learn (registry, "mlp", NULL, d, 1);
  for (uint32_t t = 0; t < 3; t++) {
    double one = proxies_within (d, t, 1), two = proxies_within (d, t, 2);
    tap_note ("target %u: error %.3f of the deviation, %.2f in one spread, %.2f in two",
              t, proxies_share (d, t), one, two);
    CU_ASSERT (proxies_share (d, t) < most[t]);
    CU_ASSERT (one > 0.65 && one < 0.97 && two > 0.94);
  }
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* Noise stays noise: the spread holds it. */
static void
test_noise (void)
{
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 2, 600, 1200, 5, 0.1);
  gym_proxy *p = proxies_learn (registry, "mlp", "epochs=30 width=16", d, 1);
  double one = proxies_within (d, 1, 1), two = proxies_within (d, 1, 2);
  tap_note ("%.2f in one, %.2f in two; error %.2f of the deviation", one, two,
            proxies_share (d, 1));
  CU_ASSERT (one > 0.6 && one < 0.9 && two > 0.9);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* Four networks are better than the mean of one, and another seed is another model. */
static void
test_members (void)
{
  double one = 0, four = 0, first = 0;
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 1, 300, 900, 6, 0);
  for (uint64_t seed = 1; seed <= 4; seed++) {
    gym_proxy *p = proxies_learn (registry, "mlp", "members=1", d, seed);
    one += proxies_share (d, 0) / 4;
    CU_ASSERT (seed == 1 || d->mean[0] != first);
    first = d->mean[0];
    gym_proxy_destroy (&p);
  }
  gym_proxy *p = proxies_learn (registry, "mlp", "members=4", d, 1);
  four = proxies_share (d, 0);
  tap_note ("one %.3f, four %.3f", one, four);
  CU_ASSERT (four < one);
  gym_proxy_destroy (&p);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

/* Without features a network still has an input, which must not be what lay in memory. */
static void
test_one_design (void)
{
  static const struct gym_metric items[] = { { .name = "a" } };
  static const struct gym_metrics targets = GYM_ARRAY (gym_metrics, items);
  static const double designs[] = { 3, 3, 3, 3 }, values[] = { 1, 2, 3, 2 };
  gym_error err = { 0 };
  gym_space *space = gym_space_from_json (
      "[{\"name\": \"n\", \"kind\": \"integer\", \"low\": 3, \"high\": 3, "
      "\"step\": 1, \"default\": 3}]",
      &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  registry = play_registry ();
  gym_proxy *p = gym_proxy_open (registry, "mlp", NULL, space, &targets, 1, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  double mean = 0, first = 0;
  for (int i = 0; i < 2; i++) {
    volatile char *dirt[4]; /* as large as the inputs of a batch */
    for (int k = 0; k < 4; k++) {
      dirt[k] = malloc (128);
      for (int c = 0; c < 128; c++)
        dirt[k][c] = 0x7f;
    }
    for (int k = 0; k < 4; k++)
      free ((void *)(uintptr_t)dirt[k]);
    first = mean;
    CU_ASSERT_EQUAL (gym_proxy_fit (p, 4, designs, values, &err), GYM_OK);
    CU_ASSERT_EQUAL (gym_proxy_predict (p, 1, designs, &mean, NULL, &err), GYM_OK);
  }
  CU_ASSERT (mean == first && fabs (mean - 2) < 0.6);
  gym_proxy_destroy (&p);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* Twenty rows of a target, and hints of all designs that know more about it. */
static void
test_pretrained (void)
{
  enum { HINTS = 3 };
  double plain = 0, taught = 0;
  gym_error err = { 0 };
  registry = play_registry ();
  struct proxies_data *d = proxies_data_new (spaces_mixed (), 1, 20, 600, 8, 0);
  double *hints = malloc (d->all * HINTS * sizeof *hints), *first;
  size_t size = (d->all - d->n) * sizeof *first;
  first = malloc (size);
  CU_ASSERT_FATAL (hints && first);
  for (size_t i = 0; i < d->all; i++) {
    hints[i * HINTS] = -5 * d->targets[i] + 3;
    hints[i * HINTS + 1] = d->targets[i] * d->targets[i];
    hints[i * HINTS + 2] = 7;
  }
  for (uint64_t seed = 1; seed <= 3; seed++) {
    gym_proxy *p = proxies_learn (registry, "mlp", NULL, d, seed);
    plain += proxies_share (d, 0) / 3;
    CU_ASSERT_EQUAL (gym_proxy_pretrain (p, d->all, d->designs, HINTS, hints, &err),
                     GYM_OK);
    proxies_ask (p, d);
    taught += proxies_share (d, 0) / 3;
    memcpy (first, d->mean, size);
    CU_ASSERT_EQUAL (gym_proxy_pretrain (p, d->all, d->designs, HINTS, hints, &err),
                     GYM_OK);
    proxies_ask (p, d);
    CU_ASSERT_EQUAL (memcmp (first, d->mean, size), 0);
    gym_proxy_destroy (&p);
  }
  tap_note ("error of %.2f of the deviation, pretrained %.2f", plain, taught);
  CU_ASSERT (taught < 0.85 * plain);
  free (hints);
  free (first);
  proxies_data_free (d);
  gym_registry_destroy (&registry);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "learns", test_learns },
                                           { "noise", test_noise },
                                           { "several networks", test_members },
                                           { "pretrained", test_pretrained },
                                           { "one design", test_one_design },
                                           { 0 } };
  return tap_run ("mlp", tests);
}
