/* Random search keeps the laws of agents, takes any number of objectives and is uniform.
 */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>

static void
test_determinism (void)
{
  laws_determinism ("random", NULL);
}

static void
test_exhaustion (void)
{
  laws_exhaustion ("random", NULL);
}

static void
test_coverage (void)
{
  laws_coverage ("random", NULL);
}

static void
test_failures (void)
{
  laws_failures ("random", NULL);
}

static void
test_small_budgets (void)
{
  laws_small_budgets ("random", NULL);
}

static void
test_repair (void)
{
  laws_repair ("random");
}

static uint32_t
three (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  for (int i = 0; i < 3; i++)
    objectives[i] = row[i];
  return GYM_TRIAL_OK;
}

/* Three objectives; and the levels of a parameter turn up equally often. */
static void
test_uniform (void)
{
  enum { TRIALS = 12000 };
  static double rows[TRIALS][12];
  int counts[6] = { 0 }, values[16] = { 0 };
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "random",
                    .space = space,
                    .objectives = 3,
                    .in_flight = 50,
                    .seed = 4,
                    .budget = TRIALS,
                    .judge = three };
  CU_ASSERT_EQUAL (play (&p, rows[0], NULL), TRIALS);
  for (int t = 0; t < TRIALS; t++) {
    counts[(int)rows[t][1]]++;
    values[(int)rows[t][7]]++;
  }
  for (int k = 0; k < 6; k++)
    CU_ASSERT (abs (counts[k] - TRIALS / 6) < 4 * sqrt (TRIALS / 6.0));
  for (int k = 0; k < 16; k++)
    CU_ASSERT (abs (values[k] - TRIALS / 16) < 4 * sqrt (TRIALS / 16.0));
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
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
                                           { "uniform, three objectives", test_uniform },
                                           { 0 } };
  return tap_run ("random", tests);
}
