/* Decoding rows: kinds of columns, names and units, goals worked out from metrics. */
#include <config.h>

#include "core/store_read.h"
#include "tests/core/stores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 120 };

static void
make (struct kit *kit, const char *objective)
{
  int64_t runs[2];
  kit_make (kit, kit_space (5, true), 6);
  kit->row.objective = objective;
  gym_writer *writer = kit_writer (kit, runs, 2);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  for (uint64_t i = 0; i < N; i++)
    for (uint64_t r = 0; r < 2; r++)
      CU_ASSERT_EQUAL (kit_write (kit, writer, runs[r], r + 1, i, i + 1, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
}

static uint32_t
find (const gym_cursor *cursor, const char *name)
{
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++)
    if (strcmp (gym_cursor_name (cursor, i), name) == 0)
      return i;
  tap_note ("no column %s", name);
  CU_FAIL_FATAL ("a column is missing");
  return 0;
}

static bool
is_text (gym_cursor *cursor, const char *column, const char *want)
{
  const char *text = gym_cursor_text (cursor, find (cursor, column));
  if (want ? text && strcmp (text, want) == 0 : !text)
    return true;
  tap_note ("%s: %s instead of %s", column, text ? text : "NULL", want ? want : "NULL");
  return false;
}

static bool
is_number (gym_cursor *cursor, const char *column, double want)
{
  double value = gym_cursor_number (cursor, find (cursor, column));
  if (isnan (want) ? isnan (value) : value == want)
    return true;
  tap_note ("%s: %.17g instead of %.17g", column, value, want);
  return false;
}

/* Everything that a trial has, as it was written. */
static void
check_row (gym_cursor *cursor, const struct kit *kit, const struct kit_trial *trial)
{
  static const char *const names[] = { "p0", "p1", "p2", "p3", "p4" };
  const struct gym_logged *logged = &trial->logged;
  char text[64];
  for (uint32_t i = 0; i < 5; i++) {
    gym_space_format (kit->space, i, trial->design[i], text, sizeof text);
    CU_ASSERT_TRUE (is_text (cursor, names[i], isnan (trial->design[i]) ? NULL : text));
    CU_ASSERT_TRUE (is_number (cursor, names[i], i < 2 ? NAN : trial->design[i]));
  }
  bool ok = logged->status == GYM_TRIAL_OK;
  CU_ASSERT_TRUE (is_text (cursor, "status", gym_status_name (logged->status)));
  CU_ASSERT_TRUE (is_text (cursor, "fidelity", logged->fidelity ? "full" : "rough"));
  CU_ASSERT_TRUE (is_number (cursor, "number", (double)logged->number));
  CU_ASSERT_TRUE (is_number (cursor, "energy", trial->metrics[0]));
  CU_ASSERT_TRUE (is_number (cursor, "hidden", NAN));
  CU_ASSERT_TRUE (is_number (cursor, "p0_2", trial->metrics[3]));
  CU_ASSERT_TRUE (is_text (cursor, "note", ok ? NULL : trial->note));
  CU_ASSERT_TRUE (
      is_number (cursor, "origin", logged->origin < 0 ? NAN : (double)logged->origin));
  gym_number_format (trial->metrics[5], text, sizeof text);
  CU_ASSERT_TRUE (is_text (cursor, "m5", ok ? text : NULL));
}

static void
test_rows (void)
{
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, "energy");
  gym_store *store = gym_store_open (kit.path, &err);
  gym_cursor *cursor = store ? gym_store_trials (store, 0, 0, &err) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (cursor);
  CU_ASSERT_PTR_NULL (gym_cursor_text (cursor, 0)); /* before the first row */
  for (uint64_t r = 0; r < 2; r++)
    for (uint64_t i = 0; i < N; i++) {
      struct kit_trial trial;
      kit_trial (&kit, (int64_t)r + 1, r + 1, i, &trial);
      CU_ASSERT_EQUAL_FATAL (gym_cursor_next (cursor, &err), 1);
      CU_ASSERT_TRUE (is_number (cursor, "seed", (double)r + 1));
      CU_ASSERT_TRUE (is_text (cursor, "agent", "an agent"));
      CU_ASSERT_TRUE (is_number (cursor, "goal", trial.logged.goal));
      check_row (cursor, &kit, &trial);
    }
  CU_ASSERT_EQUAL (gym_cursor_next (cursor, &err), 0);
  CU_ASSERT_EQUAL (gym_cursor_next (cursor, &err), 0);
  CU_ASSERT_PTR_NULL (gym_cursor_text (cursor, 0));
  gym_cursor_destroy (&cursor);
  gym_cursor_destroy (&cursor);
  gym_store_destroy (&store);
  kit_free (&kit);
}

static void
test_columns (void)
{
  static const char *const want[] = {
    "study", "run", "agent", "seed",      "number", "status",  "fidelity", "p0",
    "p1",    "p2",  "p3",    "p4",        "energy", "elapsed", "hidden",   "p0_2",
    "m4",    "m5",  "goal",  "violation", "origin", "note",    "tainted"
  };
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, "energy; m4 <= 1");
  gym_store *store = gym_store_open (kit.path, &err);
  gym_cursor *cursor = store ? gym_store_trials (store, 1, 2, &err) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (cursor);
  uint32_t n = gym_cursor_columns (cursor);
  CU_ASSERT_EQUAL (n, sizeof want / sizeof want[0]);
  for (uint32_t i = 0; i < n; i++)
    CU_ASSERT_STRING_EQUAL (gym_cursor_name (cursor, i), want[i]);
  CU_ASSERT_STRING_EQUAL (gym_cursor_unit (cursor, 9), "KiB");
  CU_ASSERT_STRING_EQUAL (gym_cursor_unit (cursor, 12), "nJ");
  CU_ASSERT_STRING_EQUAL (gym_cursor_unit (cursor, find (cursor, "goal")), "nJ");
  CU_ASSERT_STRING_EQUAL (gym_cursor_unit (cursor, 0), "");
  CU_ASSERT_STRING_EQUAL (gym_cursor_name (cursor, n), "");
  CU_ASSERT_FALSE (gym_cursor_is_number (cursor, n));
  CU_ASSERT_FALSE (gym_cursor_is_number (cursor, find (cursor, "p0")));
  CU_ASSERT_TRUE (gym_cursor_is_number (cursor, find (cursor, "p2")));
  CU_ASSERT_TRUE (gym_cursor_is_number (cursor, find (cursor, "violation")));
  CU_ASSERT_FALSE (gym_cursor_is_number (cursor, find (cursor, "note")));
  int rows = 0;
  while (gym_cursor_next (cursor, &err) == 1)
    rows++;
  CU_ASSERT_EQUAL (rows, N);
  gym_cursor_destroy (&cursor);
  gym_store_destroy (&store);
  kit_free (&kit);
}

/* Two goals, one of them maximised, and two constraints. */
static void
check_goals (gym_cursor *cursor, const struct kit_trial *trial)
{
  const double *m = trial->metrics;
  bool known = trial->logged.status == GYM_TRIAL_OK && !isnan (m[4]);
  double over = m[4] > 2 ? (m[4] - 2) / 2 : 0;
  double under = m[0] < 10 ? (10 - m[0]) / 10 : 0;
  CU_ASSERT_TRUE (is_number (cursor, "goal_1", known ? m[0] : NAN));
  CU_ASSERT_TRUE (is_number (cursor, "goal_2", known ? m[5] : NAN));
  double a = gym_cursor_number (cursor, find (cursor, "violation_1"));
  double b = gym_cursor_number (cursor, find (cursor, "violation_2"));
  CU_ASSERT_EQUAL (isnan (a), !known);
  CU_ASSERT_EQUAL (isnan (b), !known);
  if (known) {
    CU_ASSERT (fabs (a - over) <= 1e-9 * (1 + over));
    CU_ASSERT (fabs (b - under) <= 1e-9 * (1 + under));
  }
}

static void
test_goals (void)
{
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, "energy, max(m5); m4 <= 2; energy >= 10");
  gym_store *store = gym_store_open (kit.path, &err);
  gym_cursor *cursor = store ? gym_store_trials (store, 1, 1, &err) : NULL;
  if (!cursor)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (cursor);
  for (uint64_t i = 0; i < N; i++) {
    struct kit_trial trial;
    kit_trial (&kit, 1, 1, i, &trial);
    CU_ASSERT_EQUAL_FATAL (gym_cursor_next (cursor, &err), 1);
    check_goals (cursor, &trial);
  }
  gym_cursor_destroy (&cursor);
  gym_store_destroy (&store);
  kit_free (&kit);
}

/* Seeds beyond 2^63, levels and statuses of a newer library. */
static void
test_odd_values (void)
{
  struct kit kit;
  gym_error err = { 0 };
  char text[64];
  make (&kit, "energy");
  kit_query (kit.path, "UPDATE runs SET seed = -1 WHERE id = 1", text);
  kit_query (kit.path, "UPDATE trials SET status = 77, fidelity = 9 WHERE id >> 32 = 1",
             text);
  kit_query (kit.path, "UPDATE made_up_v1 SET p0 = 8 WHERE id >> 32 = 1", text);
  gym_store *store = gym_store_open (kit.path, &err);
  gym_cursor *cursor = store ? gym_store_trials (store, 1, 1, &err) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (cursor);
  CU_ASSERT_EQUAL (gym_cursor_next (cursor, &err), 1);
  CU_ASSERT_TRUE (is_text (cursor, "seed", "18446744073709551615"));
  CU_ASSERT_TRUE (is_number (cursor, "seed", 18446744073709551615.0));
  CU_ASSERT_TRUE (is_text (cursor, "status", "77"));
  CU_ASSERT_TRUE (is_text (cursor, "fidelity", "9"));
  CU_ASSERT_TRUE (is_text (cursor, "p0", "8"));
  gym_cursor_destroy (&cursor);
  CU_ASSERT_PTR_NULL (gym_store_trials (store, 1, 3, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT_TRUE (kit_says (&err, "run 3"));
  CU_ASSERT_PTR_NULL (gym_store_trials (store, 2, 0, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  gym_store_destroy (&store);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "rows as they were written", test_rows },
    { "names, units and kinds", test_columns },
    { "several goals and constraints", test_goals },
    { "odd values", test_odd_values },
    { 0 },
  };
  return tap_run ("store_cursor", tests);
}
