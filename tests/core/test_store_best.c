/* The best of a study, against sorting everything by hand. */
#include <config.h>

#include "tests/core/stores.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 400, RUNS = 3 };

/* Trials as a study would have written them: goals and violations belong to the metrics,
 * and few designs, so that runs come across the same ones. */
struct written {
  struct kit_trial trials[RUNS][N];
};

static void
make (struct kit *kit, struct written *written, const char *objective, double round)
{
  int64_t runs[RUNS];
  gym_error err = { 0 };
  kit_make (kit, kit_space (2, false), 6);
  kit->row.objective = objective;
  gym_objective *parsed = gym_objective_parse (objective, &kit->list, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (parsed);
  gym_writer *writer = kit_writer (kit, runs, RUNS);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  for (uint64_t r = 0; r < RUNS; r++)
    for (uint64_t i = 0; i < N; i++) {
      struct kit_trial *t = &written->trials[r][i];
      double goals[4], violations[4];
      kit_trial (kit, runs[r], r + 1, i, t);
      t->logged.design = t->design;
      t->logged.metrics = t->metrics;
      t->logged.note = t->note;
      t->logged.asked = NULL;
      bool ok = t->logged.status == GYM_TRIAL_OK;
      for (uint32_t m = 0; ok && m < kit->list.n; m++)
        t->metrics[m] = round * nearbyint (fmod (t->metrics[m], 1000) / round);
      ok =
          ok && gym_objective_evaluate (parsed, t->metrics, goals, violations, NULL) == 0;
      t->logged.goal = ok ? gym_objective_report (parsed, 0, goals[0]) : NAN;
      t->logged.violation = ok ? 0 : NAN;
      for (uint32_t c = 0; ok && c < gym_objective_constraints (parsed); c++)
        t->logged.violation += violations[c];
      CU_ASSERT_EQUAL_FATAL (gym_writer_trial (writer, &t->logged, &err), GYM_OK);
    }
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  gym_objective_destroy (&parsed);
}

static bool
candidate (const struct kit_trial *t)
{
  return t->logged.status == GYM_TRIAL_OK && t->logged.origin < 0
         && t->logged.fidelity == 1 && !isnan (t->logged.goal);
}

/* Among what has not been taken: the smallest violation, then the better goal, then the
 * earlier run and number. */
static const struct kit_trial *
next_best (const struct written *written, bool rising, const bool *taken, uint32_t n)
{
  const struct kit_trial *best = NULL;
  for (uint32_t r = 0; r < RUNS; r++)
    for (uint32_t i = 0; i < N; i++) {
      const struct kit_trial *t = &written->trials[r][i];
      size_t design = (size_t)t->design[0] * 8 + (size_t)t->design[1];
      if (!candidate (t) || design >= n || taken[design])
        continue;
      if (!best || t->logged.violation < best->logged.violation
          || (t->logged.violation == best->logged.violation
              && (rising ? t->logged.goal < best->logged.goal
                         : t->logged.goal > best->logged.goal)))
        best = t;
    }
  return best;
}

static double
number (gym_cursor *cursor, const char *name)
{
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++)
    if (strcmp (gym_cursor_name (cursor, i), name) == 0)
      return gym_cursor_number (cursor, i);
  tap_note ("no column %s", name);
  return NAN;
}

static gym_cursor *
best_of (const struct kit *kit, gym_store **store, uint32_t limit)
{
  gym_error err = { 0 };
  *store = gym_store_open (kit->path, &err);
  gym_cursor *cursor = *store ? gym_store_best (*store, 0, limit, &err) : NULL;
  if (!cursor)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (cursor);
  return cursor;
}

/* Every distinct design once, in the order that sorting by hand gives. */
static void
check_order (const char *objective, bool rising)
{
  static struct written written;
  struct kit kit;
  gym_store *store;
  bool taken[24] = { false };
  make (&kit, &written, objective, 100);
  gym_cursor *cursor = best_of (&kit, &store, 0);
  uint32_t n = 0;
  while (gym_cursor_next (cursor, NULL) == 1) {
    const struct kit_trial *want = next_best (&written, rising, taken, 24);
    CU_ASSERT_PTR_NOT_NULL_FATAL (want);
    taken[(size_t)want->design[0] * 8 + (size_t)want->design[1]] = true;
    CU_ASSERT_EQUAL (number (cursor, "goal"), want->logged.goal);
    CU_ASSERT_EQUAL (number (cursor, "run"), (double)want->logged.run);
    CU_ASSERT_EQUAL (number (cursor, "number"), (double)want->logged.number);
    n++;
  }
  CU_ASSERT_PTR_NULL (next_best (&written, rising, taken, 24));
  tap_note ("%s: %u designs", objective, n);
  CU_ASSERT_EQUAL (n, 24);
  gym_cursor_destroy (&cursor);
  cursor = gym_store_best (store, 1, 5, NULL);
  for (n = 0; gym_cursor_next (cursor, NULL) == 1; n++)
    continue;
  CU_ASSERT_EQUAL (n, 5);
  gym_cursor_destroy (&cursor);
  gym_store_destroy (&store);
  kit_free (&kit);
}

static void
test_minimised (void)
{
  check_order ("energy", true);
}

static void
test_maximised (void)
{
  check_order ("max(m5)", false);
}

static void
test_constrained (void)
{
  check_order ("energy; m5 >= 300; m4 <= -200", true);
}

/* ---- several goals ---- */

struct point {
  const struct kit_trial *trial;
  double goals[2], violation;
};

static bool
dominates (const struct point *a, const struct point *b)
{
  if (a->violation != b->violation)
    return a->violation < b->violation;
  return a->goals[0] <= b->goals[0] && a->goals[1] <= b->goals[1]
         && (a->goals[0] < b->goals[0] || a->goals[1] < b->goals[1]);
}

/* The front by comparing all with all; of equal points one is enough. */
static void
check_front (const char *objective, bool constrained)
{
  static struct written written;
  static struct point points[RUNS * N];
  struct kit kit;
  gym_store *store;
  size_t n = 0, front = 0, found = 0;
  make (&kit, &written, objective, 1);
  for (uint32_t r = 0; r < RUNS; r++)
    for (uint32_t i = 0; i < N; i++) {
      const struct kit_trial *t = &written.trials[r][i];
      if (candidate (t))
        points[n++] =
            (struct point){ .trial = t,
                            .goals = { t->metrics[0], -t->metrics[5] },
                            .violation = constrained ? t->logged.violation : 0 };
    }
  gym_cursor *cursor = best_of (&kit, &store, 0);
  double last = -INFINITY;
  while (gym_cursor_next (cursor, NULL) == 1) {
    struct point p = { .goals = { number (cursor, "goal_1"),
                                  -number (cursor, "goal_2") } };
    size_t same = 0;
    CU_ASSERT (p.goals[0] >= last);
    last = p.goals[0];
    for (size_t i = 0; i < n; i++) {
      same += points[i].goals[0] == p.goals[0] && points[i].goals[1] == p.goals[1];
      if (points[i].goals[0] == p.goals[0] && points[i].goals[1] == p.goals[1])
        p.violation = points[i].violation;
    }
    for (size_t i = 0; i < n; i++)
      CU_ASSERT_FALSE (dominates (&points[i], &p));
    CU_ASSERT (same > 0);
    found++;
  }
  for (size_t i = 0; i < n; i++) {
    bool kept = true;
    for (size_t j = 0; j < n && kept; j++)
      kept = !dominates (&points[j], &points[i]);
    front += kept;
  }
  tap_note ("%s: %zu of %zu on the front", objective, found, n);
  CU_ASSERT (found > 0 && found <= front);
  /* Fewer only where a design lies on the front twice. */
  CU_ASSERT (front - found <= 2);
  gym_cursor_destroy (&cursor);
  gym_store_destroy (&store);
  kit_free (&kit);
}

static void
test_front (void)
{
  check_front ("energy, max(m5)", false);
}

static void
test_constrained_front (void)
{
  check_front ("energy, max(m5); m4 <= -100", true);
}

/* Nothing can satisfy it: the least violated ones are the best. */
static void
test_infeasible_front (void)
{
  check_front ("energy, max(m5); m4 <= -5000", true);
}

/* ---- what does not count ---- */

static void
test_empty (void)
{
  struct kit kit;
  gym_error err = { 0 };
  int64_t run;
  kit_make (&kit, kit_space (2, false), 6);
  gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  gym_store *store = gym_store_open (kit.path, &err);
  CU_ASSERT_PTR_NULL (gym_store_best (store, 0, 5, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT_TRUE (kit_says (&err, "no study"));
  gym_store_destroy (&store);
  /* Trials that failed are no best, and lower fidelities only where there is no higher.
   */
  writer = kit_writer (&kit, &run, 1);
  struct kit_trial trial;
  for (uint64_t i = 0; i < 3; i++) {
    kit_trial (&kit, run, 1, 0, &trial);
    trial.logged.number = i;
    trial.logged.status = i ? GYM_TRIAL_OK : GYM_TRIAL_FAILED;
    trial.logged.fidelity = i < 2 ? 0 : 1;
    trial.logged.goal = i == 1 ? 1 : 100;
    trial.logged.violation = 0;
    CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial.logged, NULL), GYM_OK);
    CU_ASSERT_EQUAL (gym_writer_commit (writer, NULL), GYM_OK);
    gym_cursor *cursor = best_of (&kit, &store, 0);
    CU_ASSERT_EQUAL (gym_cursor_next (cursor, NULL), i > 0);
    if (i > 0)
      CU_ASSERT_EQUAL (number (cursor, "number"), (double)i);
    CU_ASSERT_EQUAL (gym_cursor_next (cursor, NULL), 0);
    gym_cursor_destroy (&cursor);
    gym_store_destroy (&store);
  }
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_free (&kit);
}

/* The newest study is the one that is asked for when none is named. */
static void
test_newest (void)
{
  struct kit kit;
  gym_store *store;
  int64_t run;
  kit_make (&kit, kit_space (2, false), 6);
  for (int i = 0; i < 2; i++) {
    kit.row.identity = i ? "second" : "first";
    gym_writer *writer = kit_writer (&kit, &run, 1);
    CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 50, NULL), GYM_OK);
    CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  }
  gym_cursor *cursor = best_of (&kit, &store, 3);
  CU_ASSERT_EQUAL (gym_cursor_next (cursor, NULL), 1);
  CU_ASSERT_EQUAL (number (cursor, "study"), 2);
  gym_cursor_destroy (&cursor);
  gym_store_destroy (&store);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "a minimised goal", test_minimised },
    { "a maximised goal", test_maximised },
    { "constraints come first", test_constrained },
    { "two goals", test_front },
    { "two goals and a constraint", test_constrained_front },
    { "nothing feasible", test_infeasible_front },
    { "what does not count", test_empty },
    { "the newest study", test_newest },
    { 0 },
  };
  return tap_run ("store_best", tests);
}
