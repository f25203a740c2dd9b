/* Optimal mixing keeps the laws of agents, solves deceptive traps that no other search
 * here does, and does not depend on one of its two kinds of search alone. */
#include "tests/tap.h"

#include "tests/plugins/functions.h"
#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <string.h>

static const char *const variants[] = { NULL, "share=0", "share=1 kick=50",
                                        "share=0.5 kick=0 near=0" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("gomea", variants[v]);
    laws_exhaustion ("gomea", variants[v]);
    laws_failures ("gomea", variants[v]);
    laws_small_budgets ("gomea", variants[v]);
  }
  laws_coverage ("gomea", NULL);
  laws_repair ("gomea");
}

/* How many of 20 seeds end at the optimum of a trap, 0. */
static int
solved (const char *settings, uint32_t in_flight, size_t budget)
{
  static double values[10000];
  int n = 0;
  gym_registry *registry = play_registry ();
  struct function *f = function_new ("trap30", 2);
  CU_ASSERT_PTR_NOT_NULL_FATAL (f);
  for (uint64_t seed = 1; seed <= 20; seed++) {
    struct play p = { .registry = registry,
                      .agent = "gomea",
                      .settings = settings,
                      .space = f->space,
                      .in_flight = in_flight,
                      .seed = seed,
                      .budget = budget,
                      .judge = play_function,
                      .context = f };
    CU_ASSERT_EQUAL (play (&p, NULL, values), (long)budget);
    n += play_best (values, budget) == 0;
  }
  function_free (f);
  gym_registry_destroy (&registry);
  return n;
}

static void
test_traps (void)
{
  int alone = solved (NULL, 1, 10000), many = solved (NULL, 8, 10000);
  tap_note ("traps solved at 10,000: %d of 20, %d with 8 in flight", alone, many);
  CU_ASSERT (alone >= 18);
  CU_ASSERT (many >= 18);
}

/* What each kind of search is for: sets that change together, and landscapes without any.
 */
static void
test_both_kinds (void)
{
  double traps = laws_median ("gomea", NULL, "trap30", 4000);
  double rotated = laws_median ("gomea", NULL, "rastrot", 4000);
  tap_note ("at 4,000: trap30 %.4g, rastrot %.4g", traps, rotated);
  CU_ASSERT (traps <= 0);
  CU_ASSERT (rotated < 30);
  CU_ASSERT (rotated < laws_median ("gomea", "share=0", "rastrot", 4000));
  CU_ASSERT (rotated < laws_median ("gomea", "near=0", "rastrot", 4000));
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("gomea", 500);
}

static void
test_anchors (void)
{
  laws_anchors_but ("gomea", "\"hill climber", 1000, "rastrot");
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "traps", test_traps },
                                           { "both kinds of search", test_both_kinds },
                                           { "better than random",
                                             test_better_than_random },
                                           { "level of the anchors", test_anchors },
                                           { 0 } };
  return tap_run ("gomea", tests);
}
