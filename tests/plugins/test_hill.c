/* The hill climber keeps the laws of agents, starts anew when it is stuck, and reaches
 * the level of its namesake. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <math.h>

static const char *const variants[] = { NULL,
                                        "restart=1",
                                        "restart=0 kick=1 patience=2",
                                        "near=0 patience=1",
                                        "near=1 kick=50",
                                        "patience=1000000000 kick=1000" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("hill", variants[v]);
    laws_exhaustion ("hill", variants[v]);
    laws_failures ("hill", variants[v]);
    laws_small_budgets ("hill", variants[v]);
  }
  laws_coverage ("hill", NULL);
  laws_repair ("hill");
}

static uint32_t
flat (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)row, (void)violations;
  objectives[0] = 0;
  return GYM_TRIAL_OK;
}

/* How many parameters two designs differ in. */
static int
distance (const double *a, const double *b)
{
  int n = 0;
  for (int i = 0; i < 12; i++)
    n += a[i] != b[i];
  return n;
}

/* On a plain a climb wanders one change a trial, and is over after `patience` of them:
 * how often it jumped, and how far at most. */
static int
jumps (const char *settings, int *farthest)
{
  static double rows[2200][12];
  int n = 0;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "hill",
                    .settings = settings,
                    .space = space,
                    .seed = 1,
                    .budget = 2200,
                    .judge = flat };
  CU_ASSERT_EQUAL (play (&p, rows[0], NULL), 2200);
  *farthest = 0;
  for (int t = 1; t < 2200; t++) {
    int far = distance (rows[t], rows[t - 1]);
    n += far > 1;
    *farthest = far > *farthest ? far : *farthest;
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return n;
}

static void
test_starts_anew (void)
{
  int far;
  int n = jumps ("patience=10 restart=1", &far);
  CU_ASSERT (n >= 190 && n <= 210 && far >= 11);
  n = jumps ("patience=10 restart=0 kick=2", &far);
  CU_ASSERT (n >= 80 && n < 190 && far <= 8);
  n = jumps ("patience=10 restart=0 kick=10", &far);
  CU_ASSERT (n >= 190 && n <= 210 && far > 8);
  CU_ASSERT_EQUAL (jumps ("patience=1000000 restart=1", &far), 0);
}

static void
test_options_matter (void)
{
  double whole = laws_median ("hill", NULL, "misphere", 300);
  CU_ASSERT (whole < laws_median ("hill", "near=0", "misphere", 300));
  CU_ASSERT (laws_median ("hill", "restart=0", "rastgrid", 1000)
             < laws_median ("hill", "restart=1", "rastgrid", 1000));
}

/* Each trial is better than all before, or none than the first. */
static uint32_t
steps (void *context, const double *row, double *objectives, double *violations)
{
  double *step = context;
  (void)row, (void)violations;
  objectives[0] = step[0] += step[1];
  return GYM_TRIAL_OK;
}

/* The share of moves of ordered parameters further than two steps, trials 21 to 39: away
 * from the trial before when each is better, else from the first. */
static double
far_moves (double step)
{
  static double rows[40][12];
  double stair[2] = { 0, step };
  int far = 0, moves = 0;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "hill",
                    .settings = "near=1 patience=40",
                    .space = space,
                    .seed = 1,
                    .budget = 40,
                    .judge = steps,
                    .context = stair };
  CU_ASSERT_EQUAL (play (&p, rows[0], NULL), 40);
  for (int t = 21; t < 40; t++)
    for (int i = 4; i < 12; i++) {
      double from = rows[step < 0 ? t - 1 : 0][i];
      moves += rows[t][i] != from;
      far += fabs (rows[t][i] - from) > 2;
    }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return (double)far / moves;
}

static void
test_far_first (void)
{
  double better = far_moves (-1), vain = far_moves (1);
  tap_note ("far moves: %.2f while better, %.2f in vain", better, vain);
  CU_ASSERT (better > 0.4);
  CU_ASSERT (vain < 0.1);
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("hill", 500);
}

static void
test_anchors (void)
{
  laws_anchors ("hill", "\"hill climber", 1000);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "laws", test_laws },
                                           { "starts anew", test_starts_anew },
                                           { "far first", test_far_first },
                                           { "options matter", test_options_matter },
                                           { "better than random",
                                             test_better_than_random },
                                           { "level of the anchors", test_anchors },
                                           { 0 } };
  return tap_run ("hill", tests);
}
