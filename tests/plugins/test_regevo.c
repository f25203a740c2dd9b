/* Regularised evolution keeps the laws of agents, lets the oldest die, and reaches the
 * level of its namesake. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

static const char *const variants[] = { NULL, "population=2 sample=1",
                                        "population=100 sample=25", "mutation=4",
                                        "near=0 population=8 sample=64" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("regevo", variants[v]);
    laws_exhaustion ("regevo", variants[v]);
    laws_failures ("regevo", variants[v]);
    laws_small_budgets ("regevo", variants[v]);
  }
  laws_coverage ("regevo", NULL);
  laws_repair ("regevo");
}

/* The first trial is by far the best; later ones have their number. */
static uint32_t
first_is_best (void *context, const double *row, double *objectives, double *violations)
{
  size_t *told = context;
  (void)row, (void)violations;
  objectives[0] = *told == 0 ? -1 : 1;
  ++*told;
  return GYM_TRIAL_OK;
}

static int
distance (const double *a, const double *b)
{
  int n = 0;
  for (int i = 0; i < 12; i++)
    n += a[i] != b[i];
  return n;
}

/* With a sample that always holds it the best is the parent of all, one change away, as
 * long as it lives: P trials. Afterwards its line has no advantage and drifts away. */
static void
test_ageing (void)
{
  static double rows[400][12];
  size_t told = 0;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "regevo",
                    .settings = "population=10 sample=1000",
                    .space = space,
                    .seed = 1,
                    .budget = 400,
                    .judge = first_is_best,
                    .context = &told };
  CU_ASSERT_EQUAL (play (&p, rows[0], NULL), 400);
  for (int t = 1; t < 10; t++)
    CU_ASSERT (distance (rows[t], rows[0]) > 1);
  CU_ASSERT_EQUAL (distance (rows[10], rows[0]), 1);
  int far = 0;
  for (int t = 11; t < 400; t++)
    far = distance (rows[t], rows[0]) > far ? distance (rows[t], rows[0]) : far;
  CU_ASSERT (distance (rows[11], rows[0]) > 1 || distance (rows[12], rows[0]) > 1);
  CU_ASSERT (far >= 8);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

static void
test_options_matter (void)
{
  double whole = laws_median ("regevo", NULL, "misphere", 500);
  CU_ASSERT (whole < laws_median ("regevo", "sample=1", "misphere", 500));
  CU_ASSERT (whole < laws_median ("regevo", "near=0", "misphere", 500));
  CU_ASSERT (whole < laws_median ("regevo", "mutation=8", "misphere", 500));
  CU_ASSERT (whole < laws_median ("regevo", "population=300", "misphere", 500));
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("regevo", 500);
}

static void
test_anchors (void)
{
  laws_anchors ("regevo", "\"regularised evolution", 1000);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "ageing", test_ageing },
                                           { "options matter", test_options_matter },
                                           { "better than random",
                                             test_better_than_random },
                                           { "level of the anchors", test_anchors },
                                           { 0 } };
  return tap_run ("regevo", tests);
}
