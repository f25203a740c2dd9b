/* Tree-structured Parzen estimators keep the laws of agents, find their way by the two
 * densities, and need fewer trials than the program of the same name. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <math.h>

static const char *const variants[] = { NULL,
                                        "initial=1 gamma=1 memory=2 candidates=1 "
                                        "variations=0",
                                        "change=100 width=100 step=10 favour=0",
                                        "change=0.01 clip=1000000 step=0 prior=0.001" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("tpe", variants[v]);
    laws_exhaustion ("tpe", variants[v]);
    laws_failures ("tpe", variants[v]);
    laws_small_budgets ("tpe", variants[v]);
  }
  laws_coverage ("tpe", NULL);
  laws_repair ("tpe");
}

/* Designs of 12 numbers, in four dimensions of which success is a matter of luck. */
static uint32_t
unlucky (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 4; i < 12; i++)
    objectives[0] += fabs (row[i] - 7);
  return row[0] < 3 ? GYM_TRIAL_OK : row[0] < 5 ? GYM_TRIAL_INFEASIBLE : GYM_TRIAL_FAILED;
}

enum { TRIALS = 200 };

/* Plays 200 trials; returns the share of rows, from the 100th on, that satisfy. */
static double
share (const char *settings, play_judge judge, bool (*satisfies) (const double *row))
{
  static double rows[TRIALS][12];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  int n = 0;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct play p = { .registry = registry,
                      .agent = "tpe",
                      .settings = settings,
                      .space = space,
                      .seed = seed,
                      .in_flight = 4,
                      .budget = TRIALS,
                      .judge = judge };
    CU_ASSERT_EQUAL (play (&p, rows[0], NULL), TRIALS);
    for (int t = TRIALS / 2; t < TRIALS; t++)
      n += satisfies (rows[t]);
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return n / (5. * TRIALS / 2);
}

static bool
lucky (const double *row)
{
  return row[0] < 3;
}

static bool
central (const double *row)
{
  double sum = 0;
  for (int i = 4; i < 12; i++)
    sum += fabs (row[i] - 7);
  return sum < 16; /* at random it is 33 */
}

/* Where designs fail it seldom goes; half of the levels of one parameter are such. */
static void
test_failures (void)
{
  double at = share (NULL, unlucky, lucky), near = share (NULL, unlucky, central);
  tap_note ("of the second half %.2f succeed, %.2f are near the optimum", at, near);
  CU_ASSERT (at > 0.75);
  CU_ASSERT (near > 0.6);
}

/* Draws from a density all but uniform are no better than random. */
static void
test_density_matters (void)
{
  double wide = share ("prior=1000 variations=0", unlucky, central);
  tap_note ("with next to nothing but the prior: %.2f", wide);
  CU_ASSERT (wide < 0.3);
}

static void
test_options_matter (void)
{
  double ours = laws_median ("tpe", NULL, "misphere", 200);
  CU_ASSERT (ours < laws_median ("tpe", "gamma=0.5 most_good=100", "misphere", 200));
  CU_ASSERT (ours < laws_median ("tpe", "favour=0 gamma=0.3", "misphere", 200));
  CU_ASSERT (ours < laws_median ("tpe", "clip=0.2", "misphere", 200));
  CU_ASSERT (ours < laws_median ("tpe", "prior=20", "misphere", 200));
  CU_ASSERT (ours < laws_median ("tpe", "initial=60", "misphere", 200));
  CU_ASSERT (laws_median ("tpe", NULL, "trap30", 200)
             < laws_median ("tpe", "change=0.1", "trap30", 200));
  CU_ASSERT (laws_median ("tpe", NULL, "rastgrid", 200)
             < laws_median ("tpe", "step=2 width=2", "rastgrid", 200));
  CU_ASSERT (laws_median ("tpe", NULL, "nk16", 200)
             < laws_median ("tpe", "candidates=1 variations=0", "nk16", 200));
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("tpe", 60);
}

static void
test_anchors (void)
{
  laws_anchors ("tpe", "Optuna 5.0.0.dev TPE multivariate", 100);
  laws_anchors ("tpe", "Optuna 5.0.0.dev TPE multivariate", 200);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "failures", test_failures },
                                           { "density matters", test_density_matters },
                                           { "options matter", test_options_matter },
                                           { "better than random",
                                             test_better_than_random },
                                           { "level of the anchors", test_anchors },
                                           { 0 } };
  return tap_run ("tpe", tests);
}
