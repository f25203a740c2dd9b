/* CMA-ES keeps the laws of agents, learns scales and directions, leaves no integer
 * behind, restarts, and is better than its namesake. */
#include "tests/tap.h"

#include "tests/plugins/functions.h"
#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <string.h>

static const char *const variants[] = { NULL, "population=2", "population=40 sigma=1",
                                        "restarts=ipop increase=1" };
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_laws (void)
{
  for (int v = 0; v < VARIANTS; v++) {
    laws_determinism ("cmaes", variants[v]);
    laws_exhaustion ("cmaes", variants[v]);
    laws_failures ("cmaes", variants[v]);
    laws_small_budgets ("cmaes", variants[v]);
  }
  /* An even start: by default it soon leaves the ends of ranges, far from the best. */
  laws_coverage ("cmaes", "sigma=0.4 population=40");
  laws_repair ("cmaes");
}

enum { SIDE = 6, MOST = 4000 };

/* n reals in [-2, 4], the last one on a log scale; n flags with two values each. */
static gym_space *
make_space (uint32_t reals, uint32_t flags)
{
  static const char *const names[] = { "a", "b", "c", "d", "e", "f",
                                       "g", "h", "i", "j", "k", "l" };
  static const char *const states[] = { "off", "on" };
  struct gym_param params[2 * SIDE] = { 0 };
  for (uint32_t i = 0; i < reals; i++)
    params[i] = (struct gym_param){ .kind = GYM_REAL, .low = -2, .high = 4 };
  if (reals)
    params[reals - 1] = (struct gym_param){
      .kind = GYM_REAL, .flags = GYM_PARAM_LOG, .low = 1e-3, .high = 10, .initial = 1
    };
  for (uint32_t i = reals; i < reals + flags; i++)
    params[i] =
        (struct gym_param){ .kind = GYM_ORDINAL, .levels = states, .n_levels = 2 };
  for (uint32_t i = 0; i < reals + flags; i++)
    params[i].name = names[i];
  struct gym_params list = { .struct_size = sizeof list,
                             .n = reals + flags,
                             .stride = sizeof *params,
                             .items = params };
  return gym_space_new (&list, NULL);
}

/* The worst over seeds 1 to 5 of the best value found. */
static double
worst (const char *settings, const gym_space *space, size_t budget, play_judge judge)
{
  static double values[MOST];
  double most = -INFINITY;
  gym_registry *registry = play_registry ();
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct play p = { .registry = registry,
                      .agent = "cmaes",
                      .settings = settings,
                      .space = space,
                      .seed = seed,
                      .budget = budget,
                      .judge = judge };
    CU_ASSERT_EQUAL (play (&p, NULL, values), (long)budget);
    most = fmax (most, play_best (values, budget));
  }
  gym_registry_destroy (&registry);
  return most;
}

/* A long valley across the axes: condition 10^4 under a reflection. */
static uint32_t
valley (void *context, const double *row, double *objectives, double *violations)
{
  double y[SIDE], sum = 0;
  (void)context, (void)violations;
  for (int i = 0; i < SIDE; i++)
    y[i] = (i < SIDE - 1 ? row[i] : log (row[i])) - 0.3 * i;
  for (int i = 0; i < SIDE; i++)
    sum += y[i];
  objectives[0] = 0;
  for (int i = 0; i < SIDE; i++) {
    double turned = y[i] - 2 * sum / SIDE;
    objectives[0] += pow (10, 4.0 * i / (SIDE - 1)) * turned * turned;
  }
  return GYM_TRIAL_OK;
}

static void
test_learns_directions (void)
{
  gym_space *space = make_space (SIDE, 0);
  double value = worst (NULL, space, 2500, valley);
  tap_note ("%g", value);
  CU_ASSERT (value < 1e-6);
  gym_space_destroy (&space);
}

/* SphereOneMax of the paper on margins: the reals matter so much at first that the flags
 * settle on anything. */
static uint32_t
sphere_and_flags (void *context, const double *row, double *objectives,
                  double *violations)
{
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 0; i < SIDE; i++)
    objectives[0] += 100 * (row[i] - 0.5) * (row[i] - 0.5) + (row[SIDE + i] != i % 2);
  return GYM_TRIAL_OK;
}

static void
test_margin (void)
{
  gym_space *space = make_space (SIDE, SIDE);
  double value = worst ("sigma=0.1", space, 1500, sphere_and_flags);
  tap_note ("%g", value);
  CU_ASSERT (value < 0.5);
  gym_space_destroy (&space);
}

/* The best level of every parameter is to be found; every other one costs 1. */
static uint32_t
wrong_levels (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 0; i < 12; i++)
    objectives[0] += i < 4 ? row[i] != 5 - i : fabs (row[i] - 7) / 100;
  return GYM_TRIAL_OK;
}

static void
test_levels (void)
{
  gym_space *space = spaces_wide ();
  double value = worst (NULL, space, 300, wrong_levels);
  tap_note ("%g", value);
  CU_ASSERT (value < 0.1);
  gym_space_destroy (&space);
}

/* A generation is waited for: as long as it is no smaller than what is in flight the
 * trials are the same. */
static void
test_flight (void)
{
  static double rows[2][300][12];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  for (int k = 0; k < 2; k++) {
    struct play p = { .registry = registry,
                      .agent = "cmaes",
                      .space = space,
                      .seed = 3,
                      .in_flight = k ? 6 : 1,
                      .budget = 300,
                      .judge = wrong_levels };
    CU_ASSERT_EQUAL (play (&p, rows[k][0], NULL), 300);
  }
  CU_ASSERT_EQUAL (memcmp (rows[0], rows[1], sizeof rows[0]), 0);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

static void
test_options_matter (void)
{
  double whole = laws_median ("cmaes", NULL, "rastrot", 4000);
  tap_note ("rastrot at 4000: %.4g", whole);
  CU_ASSERT (whole < 20);
  CU_ASSERT (whole < laws_median ("cmaes", "population=300", "rastrot", 4000));
  CU_ASSERT (whole < laws_median ("cmaes", "sigma=0.01", "rastrot", 4000));
  CU_ASSERT (laws_median ("cmaes", NULL, "rastgrid", 4000)
             < laws_median ("cmaes", "restarts=ipop increase=1", "rastgrid", 4000));
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("cmaes", 500);
}

static void
test_anchors (void)
{
  laws_anchors ("cmaes", "Optuna 3.1 CMA-ES", 200);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "laws", test_laws },
    { "learns directions", test_learns_directions },
    { "margin", test_margin },
    { "levels", test_levels },
    { "flight", test_flight },
    { "options matter", test_options_matter },
    { "better than random", test_better_than_random },
    { "better than its namesake", test_anchors },
    { 0 }
  };
  return tap_run ("cmaes", tests);
}
