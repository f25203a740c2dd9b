/* Which runs are tainted, against a slow reference that remembers everything. */
#include <config.h>

#include "core/store.h"
#include "tests/core/stores.h"

#include <gym/final.h>
#include <gym/results.h>
#include <string.h>

enum { RUNS = 4, STEPS = 40 };

/* What the store says: of each run by id. */
static void
read_taint (const struct kit *kit, bool *tainted, int64_t *runs)
{
  gym_error err = { 0 };
  gym_store *store = gym_store_open (kit->path, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (store);
  gym_results *r = gym_results_load (store, 0, 0, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (r);
  size_t n = 0;
  for (size_t i = 0; i < gym_results_runs (r); i++)
    for (size_t k = 0; k < RUNS; k++)
      if (runs[k] == gym_results_run (r, i)->run)
        tainted[k] = gym_results_run (r, i)->tainted;
  gym_cursor *c = gym_store_runs (store, 0, &err);
  uint32_t last = gym_cursor_columns (c) - 1;
  CU_ASSERT_STRING_EQUAL (gym_cursor_name (c, last), "tainted");
  while (gym_cursor_next (c, &err) == 1)
    for (size_t k = 0; k < RUNS; k++)
      if ((double)runs[k] == gym_cursor_number (c, 1)) {
        CU_ASSERT_EQUAL (gym_cursor_number (c, last), tainted[k]);
        n += tainted[k];
      }
  gym_cursor_destroy (&c);
  c = gym_store_studies (store, &err);
  last = gym_cursor_columns (c) - 1;
  CU_ASSERT_EQUAL (gym_cursor_next (c, &err), 1);
  CU_ASSERT_EQUAL (gym_cursor_number (c, last), (double)n);
  gym_cursor_destroy (&c);
  gym_results_destroy (&r);
  gym_store_destroy (&store);
}

/* Lives that add to some of the runs, and reads between and within them, of this env and
 * of others. */
static void
random_lives (uint64_t seed)
{
  struct kit kit;
  gym_rng rng;
  gym_error err = { 0 };
  bool read = false, want[RUNS] = { false }, found[RUNS] = { false };
  uint64_t length[RUNS] = { 0 };
  int64_t runs[RUNS];
  gym_rng_init (&rng, seed);
  kit_make (&kit, kit_space (2, false), 4);
  for (int step = 0; step < STEPS; step++) {
    gym_writer *writer = kit_writer (&kit, runs, RUNS);
    CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
    bool added[RUNS] = { false }, own = false;
    for (uint64_t k = gym_rng_below (&rng, 4); k > 0; k--) {
      size_t r = gym_rng_below (&rng, RUNS / 2 + (size_t)step % 3);
      if (gym_rng_below (&rng, 12) == 0) {
        bool other = gym_rng_below (&rng, 2), sealed = gym_rng_below (&rng, 2);
        int64_t id =
            gym_writer_unseal (writer, other ? "{\"id\":\"else\"}" : kit.row.env_identity,
                               0, "test", sealed, &err);
        CU_ASSERT (id > 0);
        own |= !other && sealed;
        continue;
      }
      CU_ASSERT_EQUAL (
          kit_write (&kit, writer, runs[r], r + 1, length[r], length[r] + 1, &err),
          GYM_OK);
      length[r]++;
      added[r] = true;
    }
    read |= own;
    for (size_t r = 0; r < RUNS; r++) {
      want[r] |= added[r] && read;
      CU_ASSERT_EQUAL (gym_writer_commit (writer, &err), GYM_OK);
      CU_ASSERT_EQUAL (gym_writer_tainted (writer, runs[r], &err), want[r]);
    }
    CU_ASSERT_EQUAL (gym_writer_unsealed (writer, kit.row.env_identity, &err), read);
    CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
    read_taint (&kit, found, runs);
    CU_ASSERT (memcmp (found, want, sizeof want) == 0);
  }
  kit_free (&kit);
}

static void
test_random_lives (void)
{
  for (uint64_t seed = 1; seed <= 12; seed++)
    random_lives (seed);
}

/* A store that was never unsealed has no tables about it, nor has one that was only
 * opened. */
static void
test_tables (void)
{
  static const char sql[] =
      "SELECT count(*) FROM sqlite_schema WHERE name IN ('unsealed', 'finals')";
  struct kit kit;
  char text[64];
  int64_t run;
  kit_make (&kit, kit_space (2, false), 4);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 9, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_tainted (writer, run, NULL), 0);
  CU_ASSERT_EQUAL (gym_writer_unsealed (writer, "x", NULL), 0);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  CU_ASSERT_STRING_EQUAL (kit_query (kit.path, sql, text), "0");
  writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_EQUAL (gym_writer_unseal (writer, "x", 7, "test", true, NULL), 1);
  CU_ASSERT_EQUAL (gym_writer_unseal (writer, "x", 7, "it's", false, NULL), 2);
  const struct gym_writer_final f = { .report = 1,
                                      .study = 1,
                                      .run = run,
                                      .trial = run << 32,
                                      .place = 1,
                                      .design = "a='b'",
                                      .metrics = "{}",
                                      .note = "\xff" };
  CU_ASSERT_EQUAL (gym_writer_final (writer, &f, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_commit (writer, NULL), GYM_OK);
  /* The same place twice would be another report's. */
  CU_ASSERT (gym_writer_final (writer, &f, NULL) < 0);
  gym_writer_close (&writer, NULL);
  CU_ASSERT_STRING_EQUAL (kit_query (kit.path, sql, text), "2");
  CU_ASSERT_STRING_EQUAL (
      kit_query (kit.path, "SELECT how FROM unsealed WHERE id = 2", text), "it's");
  CU_ASSERT_STRING_EQUAL (kit_query (kit.path, "SELECT design || note FROM finals", text),
                          "a='b'?");
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "lives and reads at random", test_random_lives },
    { "tables come with the first read", test_tables },
    { 0 },
  };
  return tap_run ("store_seal", tests);
}
