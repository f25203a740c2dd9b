/* DQN keeps the laws of agents in all its variants, honours its options, and finds better
 * designs than random search. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <string.h>

static const char *const variants[] = {
  NULL,
  "value=each batch=8 layers=1 width=16 shape=free",
  "shape=normal layers=0 batch=8 replay=100 bins=16 epsilon_last=0.1",
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_determinism (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_determinism ("dqn", variants[v]);
}

static void
test_exhaustion (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_exhaustion ("dqn", variants[v]);
}

static void
test_coverage (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_coverage ("dqn", variants[v]);
}

static void
test_failures (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_failures ("dqn", variants[v]);
}

static void
test_small_budgets (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_small_budgets ("dqn", variants[v]);
}

static void
test_repair (void)
{
  laws_repair ("dqn");
}

static uint32_t
sum (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 0; i < 12; i++)
    objectives[0] += row[i];
  return GYM_TRIAL_OK;
}

enum { TRIALS = 400 };

static long
run (const char *settings, uint32_t objectives, double *rows, double *values)
{
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "dqn",
                    .settings = settings,
                    .space = space,
                    .objectives = objectives,
                    .seed = 5,
                    .budget = TRIALS,
                    .judge = sum };
  long trials = play (&p, rows, values);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return trials;
}

static void
test_bad_options (void)
{
  static const char *const bad[] = { "batch=0",     "replay=0",        "updates=0",
                                     "epsilon=2",   "epsilon_last=-1", "decay=2",
                                     "shape=round", "value=half" };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CU_ASSERT (run (bad[i], 1, NULL, NULL) < 0);
  CU_ASSERT (run (NULL, 2, NULL, NULL) < 0);
}

/* With epsilon at 1 for ever a design owes nothing to what was learnt; else every option
 * of learning counts. */
static void
test_options_count (void)
{
  static const char *const changes[] = {
    "batch=8 rate=0.01",    "batch=8 updates=2",   "batch=8 replay=64",
    "batch=8 norm=0.001",   "batch=8 epsilon=0.5", "batch=8 epsilon_last=0.1",
    "batch=8 decay=0.5",    "batch=8 value=each",  "batch=9",
    "batch=8 shape=normal",
  };
  static double usual[TRIALS][12], changed[TRIALS][12];
  CU_ASSERT_EQUAL (run ("batch=8", 1, usual[0], NULL), TRIALS);
  for (size_t k = 0; k < sizeof changes / sizeof changes[0]; k++) {
    CU_ASSERT_EQUAL (run (changes[k], 1, changed[0], NULL), TRIALS);
    CU_ASSERT_NOT_EQUAL (memcmp (usual, changed, sizeof usual), 0);
  }
}

/* The share left to chance falls along its line: of the designs told at first next to
 * none agree with those in the end. */
static void
test_epsilon (void)
{
  static double rows[TRIALS][12];
  double same[2] = { 0, 0 };
  CU_ASSERT_EQUAL (run ("batch=8 epsilon=1 epsilon_last=0 decay=1", 1, rows[0], NULL),
                   TRIALS);
  for (int half = 0; half < 2; half++)
    for (int t = 0; t < 50; t++)
      for (int i = 4; i < 12; i++) {
        const double *row = rows[half ? TRIALS - 50 + t : t];
        same[half] += row[i] == rows[TRIALS - 1][i];
      }
  CU_ASSERT (same[0] < 0.2 * 50 * 8);
  CU_ASSERT (same[1] > 0.4 * 50 * 8);
}

/* Late designs are better than early ones: not only the best of them. */
static void
test_learns (void)
{
  static double values[TRIALS];
  for (int v = 0; v < VARIANTS; v++) {
    double early = 0, late = 0;
    CU_ASSERT_EQUAL (run (variants[v], 1, NULL, values), TRIALS);
    for (int t = 0; t < 50; t++) {
      early += values[t] / 50;
      late += values[TRIALS - 1 - t] / 50;
    }
    tap_note ("%s: mean %.3g, later %.3g", variants[v] ? variants[v] : "", early, late);
    CU_ASSERT (late < 0.7 * early);
  }
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("dqn", 300);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "determinism by seed", test_determinism },
                                           { "exhaustion", test_exhaustion },
                                           { "coverage", test_coverage },
                                           { "failures", test_failures },
                                           { "small budgets", test_small_budgets },
                                           { "repaired designs", test_repair },
                                           { "bad options", test_bad_options },
                                           { "options count", test_options_count },
                                           { "epsilon", test_epsilon },
                                           { "it learns", test_learns },
                                           { "better than random",
                                             test_better_than_random },
                                           { 0 } };
  return tap_run ("dqn", tests);
}
