/* AGE-MOEA keeps the laws of agents with any number of objectives, and comes nearer to
 * fronts of three and five objectives than random designs do, and than nsga2. */
#include "tests/tap.h"

#include "tests/plugins/fronts.h"
#include "tests/plugins/laws.h"
#include "tests/plugins/many.h"

static const char *const variants[] = { NULL, "population=2 offspring=1",
                                        "population=16 offspring=0 crossover=0" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("age-moea", variants[v]);
    laws_exhaustion ("age-moea", variants[v]);
    laws_failures ("age-moea", variants[v]);
    laws_small_budgets ("age-moea", variants[v]);
  }
  laws_coverage ("age-moea", NULL);
  laws_repair ("age-moea");
}

static void
test_many (void)
{
  for (int v = 0; v < VARIANTS; v++)
    many_laws ("age-moea", variants[v]);
}

static void
test_fronts (void)
{
  static const char *const names[] = { "flat", "round", "convex" };
  gym_registry *registry = play_registry ();
  for (uint32_t m = 3; m <= 5; m += 2)
    for (int shape = 0; shape < 3; shape++) {
      double random = front_median (registry, "random", NULL, shape, m, 1000);
      double nsga2 = front_median (registry, "nsga2", NULL, shape, m, 1000);
      double ours = front_median (registry, "age-moea", NULL, shape, m, 1000);
      tap_note ("%s front of %d at 1,000: age-moea %.4f, nsga2 %.4f, random %.4f",
                names[shape], (int)m, ours, nsga2, random);
      CU_ASSERT (ours < random / 2);
      CU_ASSERT (ours < nsga2);
    }
  gym_registry_destroy (&registry);
}

static void
test_two (void)
{
  double ours = many_missing ("age-moea", NULL, NULL, 1, 500);
  double random = many_missing ("random", NULL, NULL, 1, 500);
  tap_note ("motab5 at 500: age-moea %.4f, random %.4f", ours, random);
  CU_ASSERT (ours < random / 2);
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("age-moea", 1000);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "laws with many objectives", test_many },
                                           { "fronts of three and five", test_fronts },
                                           { "a front of two", test_two },
                                           { "better than random",
                                             test_better_than_random },
                                           { 0 } };
  return tap_run ("age-moea", tests);
}
