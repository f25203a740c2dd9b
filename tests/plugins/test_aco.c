/* The ant colony keeps the laws of agents under both sets of rules, learns per level and
 * per parent, and reaches the level of a genetic algorithm. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"

#include <math.h>

static const char *const variants[] = { NULL,
                                        "rules=acs",
                                        "ants=20 ranks=50 evaporation=1",
                                        "best=1e-6 spread=0",
                                        "rules=acs greediness=1 decay=1 evaporation=1",
                                        "best=1 spread=10 ranks=1" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("aco", variants[v]);
    laws_exhaustion ("aco", variants[v]);
    laws_failures ("aco", variants[v]);
    laws_small_budgets ("aco", variants[v]);
  }
  laws_coverage ("aco",
                 "best=0.1"); /* rare conditions take more exploration than usual */
  laws_coverage ("aco", "rules=acs greediness=0.5");
  laws_repair ("aco");
}

/* ---- what trails learn ---- */

enum { TRIALS = 600, SEEDS = 8, PARAMS = 5 };

/* a wakes b up, b wakes w up; the others only see to it that designs are new. */
static gym_space *
family (void)
{
  static const char *const two[] = { "x", "y" }, *const nine[] = { "0", "1", "2",
                                                                   "3", "4", "5",
                                                                   "6", "7", "8" };
  static const char *const x[] = { "x", NULL }, *const both[] = { "x", "y", NULL };
  static const struct gym_param params[PARAMS] = {
    { .name = "a", .kind = GYM_CATEGORICAL, .levels = two, .n_levels = 2 },
    { .name = "b",
      .kind = GYM_CATEGORICAL,
      .levels = two,
      .n_levels = 2,
      .parent = "a",
      .when = x },
    { .name = "w",
      .kind = GYM_CATEGORICAL,
      .levels = nine,
      .n_levels = 9,
      .parent = "b",
      .when = both },
    { .name = "r", .kind = GYM_REAL, .high = 1 },
    { .name = "s", .kind = GYM_INTEGER, .high = 1000 },
  };
  struct gym_params list = GYM_ARRAY (gym_params, params);
  return gym_space_new (&list, NULL);
}

/* b decides which w is best: 2 with x, 7 with y; both are as good. */
static uint32_t
depends (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  double best = row[1] == 0 ? 2 : 7;
  objectives[0] = row[0] == 1 ? 5 : row[2] != best;
  return GYM_TRIAL_OK;
}

/* Of the trials with the level of b that a seed took less often, in the second half: how
 * many had the w that is best for it. */
static void
count_right (const char *settings, int *seen, int *right)
{
  static double rows[TRIALS][PARAMS];
  gym_registry *registry = play_registry ();
  gym_space *space = family ();
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    int times[2] = { 0 }, good[2] = { 0 };
    struct play p = { .registry = registry,
                      .agent = "aco",
                      .settings = settings,
                      .space = space,
                      .seed = seed,
                      .budget = TRIALS,
                      .judge = depends };
    CU_ASSERT_EQUAL (play (&p, rows[0], NULL), TRIALS);
    for (int t = TRIALS / 2; t < TRIALS; t++)
      if (rows[t][0] == 0) {
        int b = (int)rows[t][1];
        times[b]++;
        good[b] += rows[t][2] == (b ? 7 : 2);
      }
    int rare = times[1] < times[0];
    *seen += times[rare];
    *right += good[rare];
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* A single trail for w would follow the more frequent b alone: 2 of 100 are right then,
 * one of nine by chance. */
static void
test_conditional_trails (void)
{
  int seen = 0, right = 0;
  count_right ("ranks=40 best=0.8", &seen, &right);
  tap_note ("%d of %d", right, seen);
  CU_ASSERT (seen > 100 && right > 0.3 * seen);
}

static uint32_t
one_level (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = fabs (row[0] - 20);
  return GYM_TRIAL_OK;
}

/* Mean distance from level 20 of 64 over the trials 10 to 30, where the rest of the space
 * makes sure that designs are new. */
static double
mean_distance (const char *settings)
{
  double sum = 0;
  gym_registry *registry = play_registry ();
  struct gym_param params[2] = { { .name = "i", .kind = GYM_INTEGER, .high = 63 },
                                 { .name = "r", .kind = GYM_REAL, .high = 1 } };
  struct gym_params list = GYM_ARRAY (gym_params, params);
  gym_space *space = gym_space_new (&list, NULL);
  for (uint64_t seed = 1; seed <= 40; seed++) {
    struct play p = { .registry = registry,
                      .agent = "aco",
                      .settings = settings,
                      .space = space,
                      .seed = seed,
                      .budget = 30,
                      .judge = one_level };
    double flat[60];
    CU_ASSERT_EQUAL (play (&p, flat, NULL), 30);
    for (int t = 10; t < 30; t++)
      sum += fabs (flat[2 * t] - 20);
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return sum / 800;
}

/* Deposits teach nothing without evaporation; with a reach they teach neighbours. */
static void
test_deposits (void)
{
  double slow = mean_distance ("evaporation=0.0001"), point = mean_distance ("spread=0"),
         wide = mean_distance ("spread=0.5");
  tap_note ("distance %.1f without learning, %.1f level by level, %.1f with a reach",
            slow, point, wide);
  CU_ASSERT (slow > 18 && point < 15 && wide < 15);
}

static void
test_options_matter (void)
{
  double whole = laws_median ("aco", NULL, "misphere", 1000);
  CU_ASSERT (whole < laws_median ("aco", "evaporation=0.01", "misphere", 1000));
  CU_ASSERT (whole < laws_median ("aco", "ants=100", "misphere", 1000));
  CU_ASSERT (whole < laws_median ("aco", "ranks=100", "misphere", 1000));
  CU_ASSERT (whole < laws_median ("aco", "best=1e-6", "misphere", 1000));
  CU_ASSERT (laws_median ("aco", "spread=0.3", "misphere", 1000)
             < laws_median ("aco", "spread=0", "misphere", 1000));
  double acs = laws_median ("aco", "rules=acs", "nk16", 1000);
  CU_ASSERT (acs < laws_median ("aco", "rules=acs greediness=0", "nk16", 1000));
  CU_ASSERT (acs != laws_median ("aco", "rules=acs decay=0.9", "nk16", 1000));
  CU_ASSERT (acs < laws_median ("random", NULL, "nk16", 1000));
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("aco", 500);
}

static void
test_anchors (void)
{
  laws_anchors ("aco", "DEAP 1.3 GA", 1000);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "laws", test_laws },
    { "conditional trails", test_conditional_trails },
    { "deposits", test_deposits },
    { "options matter", test_options_matter },
    { "better than random", test_better_than_random },
    { "level of the anchors", test_anchors },
    { 0 }
  };
  return tap_run ("aco", tests);
}
