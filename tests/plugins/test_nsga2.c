/* NSGA-II keeps the laws of agents with any number of objectives, comes near the front of
 * the reference function, and each of its parts is of use. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/many.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

static const char *const variants[] = { NULL, "population=2", "population=16 offspring=0",
                                        "crossover=0 mutation=1 near=0 offspring=5" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("nsga2", variants[v]);
    laws_exhaustion ("nsga2", variants[v]);
    laws_failures ("nsga2", variants[v]);
    laws_small_budgets ("nsga2", variants[v]);
  }
  laws_coverage ("nsga2", NULL);
  laws_repair ("nsga2");
}

static void
test_many (void)
{
  for (int v = 0; v < VARIANTS; v++)
    many_laws ("nsga2", variants[v]);
}

static void
test_fronts (void)
{
  for (uint64_t instance = 1; instance <= 3; instance++) {
    double ours = many_missing ("nsga2", NULL, NULL, instance, 500);
    double random = many_missing ("random", NULL, NULL, instance, 500);
    double whole = many_missing ("nsga2", "offspring=0", NULL, instance, 500);
    tap_note ("motab5 %d at 500: nsga2 %.4f, in generations %.4f, random %.4f",
              (int)instance, ours, whole, random);
    CU_ASSERT (ours < random / 2);
    CU_ASSERT (whole < random / 2);
  }
}

static uint32_t
trade (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = row[0];
  objectives[1] = -row[0];
  return GYM_TRIAL_OK;
}

static double
span (const double *values, int n)
{
  double low = values[0], high = values[0];
  for (int k = 1; k < n; k++) {
    low = values[k] < low ? values[k] : low;
    high = values[k] > high ? values[k] : high;
  }
  return high - low;
}

/* Where no design dominates another, crowding alone decides: the ends of the front are
 * never lost, so that small steps from them go on as far apart as the search began. */
static void
test_crowding (void)
{
  static const char *const settings[] = { "population=8 near=1 crossover=0",
                                          "population=8 near=1 crossover=0 offspring=0" };
  static double rows[300];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_line (100000, false);
  for (uint64_t seed = 1; seed <= 12; seed++)
    for (int v = 0; v < 2; v++) {
      struct play p = { .registry = registry,
                        .agent = "nsga2",
                        .settings = settings[v],
                        .space = space,
                        .objectives = 2,
                        .seed = seed,
                        .budget = 300,
                        .judge = trade };
      CU_ASSERT_EQUAL (play (&p, rows, NULL), 300);
      CU_ASSERT (span (rows + 200, 100) > 0.9 * span (rows, 8));
    }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

static void
test_parts (void)
{
  double whole = many_missing ("nsga2", NULL, NULL, 1, 300);
  CU_ASSERT (whole < many_missing ("nsga2", "mutation=1", NULL, 1, 300));
  CU_ASSERT (whole < many_missing ("nsga2", "population=256", NULL, 1, 300));
}

/* At 500 the level of the anchors; at 1,000 below all of them. */
static void
test_reference (void)
{
  char path[512];
  const char *file = tap_reference ("search/motab5.json", path, sizeof path);
  if (!file) {
    tap_skip ("the reference instances are not beside the checkout");
    return;
  }
  double early = many_missing ("nsga2", NULL, file, 0, 500);
  double late = many_missing ("nsga2", NULL, file, 0, 1000);
  tap_note ("missing of the front: %.4f at 500, %.4f at 1,000", early, late);
  CU_ASSERT (early <= 0.09);
  CU_ASSERT (late <= 0.03);
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("nsga2", 1000);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "laws with many objectives", test_many },
                                           { "fronts", test_fronts },
                                           { "crowding", test_crowding },
                                           { "parts", test_parts },
                                           { "the reference front", test_reference },
                                           { "better than random",
                                             test_better_than_random },
                                           { 0 } };
  return tap_run ("nsga2", tests);
}
