/* REINFORCE keeps the laws of agents in all its variants, honours its options, and finds
 * better designs than random search. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <string.h>

static const char *const variants[] = {
  NULL,
  "shape=normal bins=16 batch=7 entropy=0 floor=0.1",
  "shape=free layers=0 rate=0.05 batch=2 reward=linear",
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_determinism (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_determinism ("reinforce", variants[v]);
}

static void
test_exhaustion (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_exhaustion ("reinforce", variants[v]);
}

static void
test_coverage (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_coverage ("reinforce", variants[v]);
}

static void
test_failures (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_failures ("reinforce", variants[v]);
}

static void
test_small_budgets (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_small_budgets ("reinforce", variants[v]);
}

static void
test_repair (void)
{
  laws_repair ("reinforce");
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
                    .agent = "reinforce",
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
  static const char *const bad[] = { "batch=1",     "reward=0", "rate=0", "floor=1.5",
                                     "shape=round", "width=0",  "bins=1" };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CU_ASSERT (run (bad[i], 1, NULL, NULL) < 0);
  CU_ASSERT (run (NULL, 2, NULL, NULL) < 0);
}

/* Nothing is learnt before the first batch is full: until then an option of learning
 * changes nothing, after it every one does. */
static void
test_options_count (void)
{
  static const char *const changes[] = { "batch=50 rate=0.02", "batch=50 entropy=1",
                                         "batch=50 norm=0.001",
                                         "batch=50 reward=linear" };
  static double usual[TRIALS][12], changed[TRIALS][12];
  CU_ASSERT_EQUAL (run ("batch=50", 1, usual[0], NULL), TRIALS);
  for (size_t k = 0; k < sizeof changes / sizeof changes[0]; k++) {
    CU_ASSERT_EQUAL (run (changes[k], 1, changed[0], NULL), TRIALS);
    CU_ASSERT_EQUAL (memcmp (usual, changed, 50 * sizeof *usual), 0);
    CU_ASSERT_NOT_EQUAL (memcmp (usual, changed, sizeof usual), 0);
  }
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
  laws_better_than_random ("reinforce", 2000);
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
                                           { "it learns", test_learns },
                                           { "better than random",
                                             test_better_than_random },
                                           { 0 } };
  return tap_run ("reinforce", tests);
}
