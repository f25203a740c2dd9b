/* Results that wait for their acknowledgement, against a plain list. */
#include "core/worker.h"
#include "tests/core/help.h"

#include <gym/rng.h>

enum { M = 3 };

/* A list of what must be kept, from the oldest. */
struct model {
  size_t n;
  struct kept {
    uint64_t key;
    bool acked;
  } items[4096];
};

/* Everything a result holds follows from its key. */
static void
add (struct worker_results *r, uint64_t key)
{
  char note[32] = "";
  const double metrics[M] = { (double)key, -(double)key, 1.0 / (double)(key + 1) };
  if (key % 3 == 0)
    snprintf (note, sizeof note, "note %llu", (unsigned long long)key);
  CU_ASSERT_EQUAL (results_add (r, key, key % 6, metrics, note), GYM_OK);
}

static bool
is_right (const struct worker_results *r, size_t i, uint64_t key)
{
  const struct worker_result *item = results_at (r, i);
  const double *metrics = results_metrics (r, i);
  char note[32];
  snprintf (note, sizeof note, "note %llu", (unsigned long long)key);
  return item->key == key && item->status == key % 6 && metrics[0] == (double)key
         && metrics[1] == -(double)key && metrics[2] == 1.0 / (double)(key + 1)
         && (key % 3 ? !item->note : item->note && strcmp (item->note, note) == 0);
}

static void
model_ack (struct model *m, uint64_t key)
{
  for (size_t i = 0; i < m->n; i++)
    if (m->items[i].key == key && !m->items[i].acked) {
      m->items[i].acked = true;
      break;
    }
  size_t gone = 0;
  while (gone < m->n && m->items[gone].acked)
    gone++;
  m->n -= gone;
  memmove (m->items, m->items + gone, m->n * sizeof *m->items);
}

static unsigned
differ (const struct worker_results *r, const struct model *m)
{
  unsigned bad = r->n != m->n;
  for (size_t i = 0; i < m->n && !bad; i++)
    bad += !is_right (r, i, m->items[i].key)
           || results_at (r, i)->acked != m->items[i].acked;
  return bad;
}

/* Acknowledgements in order, out of order, twice, and for what nobody knows; a key may
 * be there twice. */
static void
test_against_model (void)
{
  static struct model m;
  unsigned rounds = getenv ("GYM_LONG") ? 200 : 10;
  for (unsigned seed = 1; seed <= rounds; seed++) {
    struct worker_results r = { .m = M };
    unsigned bad = 0;
    gym_rng rng;
    gym_rng_init (&rng, seed);
    m.n = 0;
    for (int step = 0; step < 3000 && !bad; step++) {
      uint64_t weight = step / 700 % 2 ? 3 : 7, what = gym_rng_below (&rng, 10);
      uint64_t key = gym_rng_below (&rng, 5000);
      if (what < weight) {
        add (&r, key);
        m.items[m.n++] = (struct kept){ .key = key };
      } else {
        size_t reach = m.n < 20 ? m.n : 20;
        if (reach && what < 9)
          key = m.items[gym_rng_below (&rng, reach)].key;
        results_ack (&r, key);
        model_ack (&m, key);
      }
      if (step % 8 == 0)
        bad += differ (&r, &m);
    }
    bad += differ (&r, &m);
    CU_ASSERT_EQUAL (bad, 0);
    results_clear (&r);
    CU_ASSERT (r.n == 0 && r.m == M && !r.items && !r.metrics);
  }
}

/* The ring grows while its head is in the middle, and shrinks from the head alone. */
static void
test_order (void)
{
  struct worker_results r = { .m = M };
  unsigned bad = 0;
  for (uint64_t key = 0; key < 200; key++)
    add (&r, key);
  for (uint64_t key = 0; key < 150; key++)
    results_ack (&r, key);
  CU_ASSERT_EQUAL (r.n, 50);
  for (uint64_t key = 200; key < 2000; key++)
    add (&r, key);
  CU_ASSERT_EQUAL (r.n, 1850);
  for (size_t i = 0; i < r.n; i++)
    bad += !is_right (&r, i, 150 + i);
  CU_ASSERT_EQUAL (bad, 0);
  for (uint64_t key = 1999; key > 150; key--)
    results_ack (&r, key);
  CU_ASSERT_EQUAL (r.n, 1850);
  CU_ASSERT_FALSE (results_at (&r, 0)->acked);
  CU_ASSERT_TRUE (results_at (&r, 1)->acked);
  results_ack (&r, 150);
  CU_ASSERT_EQUAL (r.n, 0);
  results_ack (&r, 150);
  CU_ASSERT_EQUAL (r.n, 0);
  add (&r, 5);
  CU_ASSERT (r.n == 1 && is_right (&r, 0, 5));
  results_clear (&r);
}

/* The oldest make room when nobody acknowledges. */
static void
test_eviction (void)
{
  struct worker_results r = { .m = M };
  unsigned bad = 0;
  const uint64_t more = 1000;
  for (uint64_t key = 0; key < RESULTS_MOST + more; key++)
    add (&r, key);
  CU_ASSERT_EQUAL (r.n, RESULTS_MOST);
  for (size_t i = 0; i < r.n; i++)
    bad += !is_right (&r, i, more + i);
  CU_ASSERT_EQUAL (bad, 0);
  results_ack (&r, 0); /* gone already */
  CU_ASSERT_EQUAL (r.n, RESULTS_MOST);
  results_ack (&r, more);
  CU_ASSERT_EQUAL (r.n, RESULTS_MOST - 1);
  results_clear (&r);
}

/* An env without metrics is no reason to fall over. */
static void
test_no_metrics (void)
{
  struct worker_results r = { 0 };
  const double none = 0;
  for (uint64_t key = 0; key < 600; key++)
    CU_ASSERT_EQUAL (results_add (&r, key, 0, &none, ""), GYM_OK);
  for (uint64_t key = 0; key < 600; key++)
    results_ack (&r, key);
  CU_ASSERT_EQUAL (r.n, 0);
  results_clear (&r);
  results_clear (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "against a model", test_against_model },
                                           { "order", test_order },
                                           { "eviction", test_eviction },
                                           { "no metrics", test_no_metrics },
                                           { 0 } };
  return tap_run ("worker_results", tests);
}
