/* The design cache against a plain list. */
#include "core/cache.h"
#include "tests/core/help.h"

#include <math.h>

enum { p = 3, m = 2, most = 20000 };

struct plain {
  double design[p];
  uint32_t fidelity;
  uint64_t seed;
};

static void
draw (gym_rng *rng, struct plain *t)
{
  for (int j = 0; j < p; j++)
    t->design[j] = (double)gym_rng_below (rng, 8);
  if (t->design[0] < 2)
    t->design[2] = NAN;
  t->fidelity = (uint32_t)gym_rng_below (rng, 2);
  t->seed = gym_rng_below (rng, 3);
}

static bool
same (const struct plain *a, const struct plain *b)
{
  return memcmp (a->design, b->design, sizeof a->design) == 0
         && a->fidelity == b->fidelity && a->seed == b->seed;
}

/* A poor hash on purpose: collisions must be told apart by content. */
static uint64_t
poor_hash (const struct plain *t)
{
  return (uint64_t)t->design[1];
}

static void
test_against_list (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 5);
  gym_cache *c = gym_cache_new (p, m, NULL);
  struct plain *list = calloc (most, sizeof *list);
  size_t n = 0;
  for (int i = 0; i < most; i++) {
    struct plain t;
    bool fresh;
    draw (&rng, &t);
    size_t at = 0;
    while (at < n && !same (&list[at], &t))
      at++;
    int64_t entry =
        gym_cache_get (c, poor_hash (&t), t.design, t.fidelity, t.seed, &fresh, NULL);
    if (entry != (int64_t)at || fresh != (at == n))
      CU_FAIL_FATAL ("the cache and the list differ");
    if (fresh) {
      double metrics[m] = { (double)at, -(double)at };
      list[n++] = t;
      CU_ASSERT_EQUAL (gym_cache_put (c, entry, GYM_TRIAL_OK, metrics, NULL, NULL), 0);
    }
  }
  CU_ASSERT_EQUAL (gym_cache_count (c), n);
  CU_ASSERT (n > 500);
  for (size_t i = 0; i < n; i++) {
    CU_ASSERT (gym_cache_ready (c, (int64_t)i));
    CU_ASSERT_EQUAL (gym_cache_metrics (c, (int64_t)i)[1], -(double)i);
    CU_ASSERT_EQUAL (
        memcmp (gym_cache_design (c, (int64_t)i), list[i].design, sizeof list[i].design),
        0);
  }
  free (list);
  gym_cache_destroy (&c);
}

static void
test_results (void)
{
  gym_cache *c = gym_cache_new (1, 1, NULL);
  double design = 4, metric = 2;
  bool fresh;
  int64_t e = gym_cache_get (c, 1, &design, 0, 0, &fresh, NULL);
  CU_ASSERT (fresh && !gym_cache_ready (c, e));
  CU_ASSERT_EQUAL (gym_cache_put (c, e, GYM_TRIAL_FAILED, NULL, "smoke", NULL), 0);
  CU_ASSERT (gym_cache_ready (c, e) && isnan (*gym_cache_metrics (c, e)));
  CU_ASSERT_STRING_EQUAL (gym_cache_note (c, e), "smoke");
  gym_cache_put (c, e, GYM_TRIAL_OK, &metric, "", NULL);
  CU_ASSERT_EQUAL (*gym_cache_metrics (c, e), 2);
  CU_ASSERT_EQUAL (gym_cache_status (c, e), GYM_TRIAL_OK);
  CU_ASSERT_STRING_EQUAL (gym_cache_note (c, e), "");
  gym_cache_destroy (&c);
  gym_cache_destroy (&c);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "same as a list", test_against_list },
                                           { "results and notes", test_results },
                                           { 0 } };
  return tap_run ("cache", tests);
}
