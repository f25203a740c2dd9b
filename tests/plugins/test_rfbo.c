/* Bayesian optimisation with forests keeps the laws of agents in its variants, learns
 * levels without order and where designs fail, and needs fewer trials than the programs
 * it is measured against. */
#include "tests/tap.h"

#include "tests/plugins/functions.h"
#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>

static const char *const variants[] = {
  "candidates=200 trees=5",
  "acquisition=logei initial=1 candidates=100 trees=5 bootstrap=yes memory=50",
  "acquisition=lcb beta=3 explore=0.2 candidates=16 trees=2 share=0.01 min_leaf=5 "
  "bootstrap=no",
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_determinism (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_determinism ("rfbo", variants[v]);
}

static void
test_exhaustion (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_exhaustion ("rfbo", variants[v]);
}

static void
test_failures (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_failures ("rfbo", variants[v]);
}

static void
test_others (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_small_budgets ("rfbo", variants[v]);
  laws_coverage ("rfbo", variants[0]);
  laws_repair ("rfbo");
}

/* One level of six in each of four parameters is good; a fifth says where designs fail.
 */
static uint32_t
codes (void *context, const double *row, double *objectives, double *violations)
{
  static const int good[] = { 3, 0, 5, 1 };
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 0; i < 4; i++)
    objectives[0] += row[i] != good[i];
  return (int)row[4] % 3 == 0 ? GYM_TRIAL_INFEASIBLE : GYM_TRIAL_OK;
}

enum { TRIALS = 150 };

/* The share of 9 runs that find the optimum within 100 trials; that of the second half of
 * the trials that fails. */
static double
found_soon (uint32_t in_flight, double *failing)
{
  static double rows[TRIALS][12], values[TRIALS];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  int quick = 0, failed = 0;
  for (uint64_t seed = 1; seed <= 9; seed++) {
    struct play p = { .registry = registry,
                      .agent = "rfbo",
                      .space = space,
                      .seed = seed,
                      .in_flight = in_flight,
                      .budget = TRIALS,
                      .judge = codes };
    int t = 0;
    CU_ASSERT_EQUAL (play (&p, rows[0], values), TRIALS);
    for (int k = TRIALS / 2; k < TRIALS; k++)
      failed += isnan (values[k]);
    while (t < TRIALS && !(values[t] == 0))
      t++;
    quick += t < 100;
  }
  *failing = failed / (9. * TRIALS / 2);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return quick / 9.;
}

/* 1,296 combinations: at random 1 run of 20 finds the best within 100. */
static void
test_levels (void)
{
  for (uint32_t q = 1; q <= 8; q += 7) {
    double failing, quick = found_soon (q, &failing);
    tap_note ("%u in flight: found within 100 trials %.2f, of the second half %.2f fail",
              q, quick, failing);
    CU_ASSERT (quick > 0.7);
    CU_ASSERT (failing < 0.2); /* at random 0.37 */
  }
}

static void
test_better_than_random (void)
{
  for (int k = 0; k < FUNCTION_FAMILIES; k++) {
    const char *family = function_families[k];
    double rfbo = laws_median ("rfbo", NULL, family, 60);
    double random = laws_median ("random", NULL, family, 60);
    tap_note ("%s at 60: rfbo %.4g, random %.4g", family, rfbo, random);
    CU_ASSERT (rfbo < random);
  }
}

/* Every day at 100 evaluations, in the long form at 200 as well. On the rotated function,
 * whose axes mean nothing to trees, the median of 20 seeds is a matter of luck. */
static void
test_anchors (void)
{
  laws_anchors_but ("rfbo", "Optuna 5.0.0.dev TPE multivariate", 100, "rastrot");
  if (getenv ("GYM_LONG"))
    laws_anchors_but ("rfbo", "Optuna 5.0.0.dev TPE multivariate", 200, "rastrot");
}

int
main (void)
{
  static const struct tap_test tests[] = { { "determinism by seed", test_determinism },
                                           { "exhaustion", test_exhaustion },
                                           { "failures", test_failures },
                                           { "other laws", test_others },
                                           { "levels and failures", test_levels },
                                           { "better than random",
                                             test_better_than_random },
                                           { "level of the anchors", test_anchors },
                                           { 0 } };
  return tap_run ("rfbo", tests);
}
