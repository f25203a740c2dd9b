/* Bayesian optimisation keeps the laws of agents in all its variants, and finds better
 * designs than the programs it is measured against. */
#include "tests/tap.h"

#include "tests/plugins/functions.h"
#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const variants[] = {
  "candidates=300",
  "acquisition=lcb candidates=300 memory=64 trust=yes explore=0.1",
  "acquisition=thompson candidates=100 initial=1 trust=yes explore=0.1",
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

/* Each law on each variant is a model fitted some thousand times: every day the first
 * variant keeps them all and the others two; the long form leaves nothing out. */
static int
count_variants (void)
{
  return getenv ("GYM_LONG") ? VARIANTS : 1;
}

static void
test_determinism (void)
{
  for (int v = 0; v < count_variants (); v++)
    laws_determinism ("bo", variants[v]);
}

static void
test_exhaustion (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_exhaustion ("bo", variants[v]);
}

static void
test_coverage (void)
{
  for (int v = 0; v < count_variants (); v++)
    laws_coverage ("bo", variants[v]);
}

static void
test_failures (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_failures ("bo", variants[v]);
}

static void
test_small_budgets (void)
{
  for (int v = 0; v < count_variants (); v++)
    laws_small_budgets ("bo", variants[v]);
}

static void
test_repair (void)
{
  laws_repair ("bo");
}

/* Medians of 20 fixed seeds. */
static void
test_better_than_random (void)
{
  for (int k = 0; k < FUNCTION_FAMILIES; k++) {
    const char *family = function_families[k];
    double bo = laws_median ("bo", NULL, family, 60);
    double random = laws_median ("random", NULL, family, 200);
    tap_note ("%s: bo at 60 %.4g, random at 200 %.4g", family, bo, random);
    CU_ASSERT (bo < random);
  }
}

/* Two bowls whose bottoms are apart: each is found, and what lies between. */
static uint32_t
two_bowls (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = objectives[1] = 0;
  for (int i = 4; i < 12; i++) {
    objectives[0] += (row[i] - 4) * (row[i] - 4);
    objectives[1] += (row[i] - 11) * (row[i] - 11);
  }
  return GYM_TRIAL_OK;
}

static double
nearest_to_both (const char *agent)
{
  static double rows[120][12];
  double best = INFINITY, objectives[2];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = agent,
                    .space = space,
                    .objectives = 2,
                    .in_flight = 3,
                    .seed = 1,
                    .budget = 120,
                    .judge = two_bowls };
  CU_ASSERT_EQUAL (play (&p, rows[0], NULL), 120);
  for (int t = 0; t < 120; t++) {
    two_bowls (NULL, rows[t], objectives, NULL);
    best = fmin (best, fmax (objectives[0], objectives[1]));
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return best;
}

static void
test_two_objectives (void)
{
  double bo = nearest_to_both ("bo"), random = nearest_to_both ("random");
  tap_note ("the worse of two: bo %.4g, random %.4g, possible 98", bo, random);
  CU_ASSERT (bo < 150 && bo < random);
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
                                           { "better than random",
                                             test_better_than_random },
                                           { "two objectives", test_two_objectives },
                                           { 0 } };
  return tap_run ("bo", tests);
}
