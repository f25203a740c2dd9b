/* The genetic algorithm keeps the laws of agents in all its variants, honours its
 * options, and finds better designs than random search. */
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
  NULL, "recombination=two-point population=5 tournament=1",
  "replacement=generational population=12 elites=2",
  "crossover=0 mutation=0.5 population=64", "mutation=1 near=0 population=2"
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_determinism (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_determinism ("ga", variants[v]);
}

static void
test_exhaustion (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_exhaustion ("ga", variants[v]);
}

static void
test_coverage (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_coverage ("ga", variants[v]);
}

static void
test_failures (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_failures ("ga", variants[v]);
}

static void
test_small_budgets (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_small_budgets ("ga", variants[v]);
}

static void
test_repair (void)
{
  laws_repair ("ga");
}

static uint32_t
first_value (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = row[0];
  return GYM_TRIAL_OK;
}

static long
trials_of (const char *settings, uint32_t in_flight, uint32_t objectives)
{
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "ga",
                    .settings = settings,
                    .space = space,
                    .objectives = objectives,
                    .in_flight = in_flight,
                    .budget = 500,
                    .judge = first_value };
  long trials = play (&p, NULL, NULL);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return trials;
}

/* The random population and then `generations` times as many children. */
static void
test_generations (void)
{
  for (uint32_t q = 1; q <= 64; q *= 8) {
    CU_ASSERT_EQUAL (trials_of ("population=20 generations=4", q, 1), 100);
    CU_ASSERT_EQUAL (
        trials_of ("population=20 generations=1 replacement=generational", q, 1), 40);
    CU_ASSERT_EQUAL (trials_of ("population=20 generations=0", q, 1), 500);
  }
}

static void
test_one_objective (void)
{
  CU_ASSERT_EQUAL (trials_of (NULL, 1, 1), 500);
  CU_ASSERT (trials_of (NULL, 1, 2) < 0);
}

static void
test_bad_options (void)
{
  static const char *const bad[] = {
    "population=1",       "mutation=1.5", "recombination=three-point",
    "tournament=0",       "popluation=8", "replacement=steady-state",
    "population=sixteen", "near=nan",     "generations=-1"
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CU_ASSERT (trials_of (bad[i], 1, 1) < 0);
}

/* A generation is bred from the one before as a whole: its trials do not depend on how
 * many are in flight. A steady state does. */
static void
test_generations_are_whole (void)
{
  static double one[200][12], many[200][12];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  for (int steady = 0; steady < 2; steady++) {
    struct play p = { .registry = registry,
                      .agent = "ga",
                      .settings = steady ? "population=20"
                                         : "population=20 replacement=generational",
                      .space = space,
                      .seed = 3,
                      .budget = 200,
                      .judge = first_value };
    CU_ASSERT_EQUAL (play (&p, one[0], NULL), 200);
    p.in_flight = 13;
    CU_ASSERT_EQUAL (play (&p, many[0], NULL), 200);
    CU_ASSERT_EQUAL (memcmp (one, many, sizeof one) != 0, steady);
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* No option is without effect. */
static void
test_options_matter (void)
{
  static const char *const settings[] = { "replacement=generational",
                                          "replacement=generational elites=5",
                                          NULL,
                                          "population=17",
                                          "mutation=0.3",
                                          "crossover=0.5",
                                          "tournament=4",
                                          "recombination=two-point",
                                          "near=0.4" };
  enum { SETTINGS = sizeof settings / sizeof settings[0] };
  static double rows[SETTINGS][200][12];
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  for (int k = 0; k < SETTINGS; k++) {
    struct play p = { .registry = registry,
                      .agent = "ga",
                      .settings = settings[k],
                      .space = space,
                      .seed = 3,
                      .budget = 200,
                      .judge = first_value };
    CU_ASSERT_EQUAL (play (&p, rows[k][0], NULL), 200);
    for (int j = 0; j < k; j++)
      CU_ASSERT_NOT_EQUAL (memcmp (rows[j], rows[k], sizeof rows[k]), 0);
  }
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* Without mutation to speak of, children have only values of the random population. */
static void
test_crossover_keeps_values (void)
{
  static double rows[400][12];
  bool known[12][16] = { { false } };
  int strangers = 0;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "ga",
                    .settings = "population=4 mutation=1e-9 crossover=1",
                    .space = space,
                    .seed = 3,
                    .budget = 400,
                    .judge = first_value };
  CU_ASSERT_EQUAL (play (&p, rows[0], NULL), 400);
  for (int t = 0; t < 400; t++) {
    int new = 0;
    for (int i = 0; i < 12; i++) {
      new += t >= 4 && !known[i][(int)rows[t][i]];
      known[i][(int)rows[t][i]] = true;
    }
    CU_ASSERT (new <= 1); /* every child moves one parameter, if only to differ */
    strangers += new;
  }
  CU_ASSERT (strangers > 20);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

static void
to_the_middle (double *row)
{
  row[0] = 500;
}

/* If all designs are repaired to one, that is one design in the population, however often
 * it comes back: there is nobody to mate with, and the search stays random instead of
 * closing in on 500. */
static void
test_crowd_of_one (void)
{
  static double rows[300];
  int near = 0;
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_line (1000, false);
  struct play p = { .registry = registry,
                    .agent = "ga",
                    .space = space,
                    .seed = 1,
                    .budget = 300,
                    .judge = first_value,
                    .repair = to_the_middle };
  CU_ASSERT_EQUAL (play (&p, rows, NULL), 300);
  for (int t = 0; t < 300; t++)
    near += fabs (rows[t] - 500) < 32;
  CU_ASSERT (near < 50);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
}

/* The parts of the algorithm earn their place. */
static void
test_operators_help (void)
{
  double whole = laws_median ("ga", NULL, "misphere", 500);
  CU_ASSERT (whole < laws_median ("ga", "crossover=0", "misphere", 500));
  CU_ASSERT (whole < laws_median ("ga", "tournament=1", "misphere", 500));
  CU_ASSERT (whole < laws_median ("ga", "near=0", "misphere", 500));
  CU_ASSERT (whole < laws_median ("ga", "mutation=0.5", "misphere", 500));
  CU_ASSERT (laws_median ("ga", "replacement=generational elites=4", "misphere", 500)
             < laws_median ("ga", "replacement=generational elites=0", "misphere", 500));
}

/* Medians of 20 fixed seeds: nothing here can flake. */
static void
test_better_than_random (void)
{
  for (int k = 0; k < FUNCTION_FAMILIES; k++) {
    const char *family = function_families[k];
    double ga = laws_median ("ga", NULL, family, 1000);
    double random = laws_median ("random", NULL, family, 1000);
    tap_note ("%s at 1,000: ga %.4g, random %.4g", family, ga, random);
    CU_ASSERT (ga < random);
  }
  CU_ASSERT (laws_median ("ga", NULL, "misphere", 1000) <= 1);
  CU_ASSERT (laws_median ("ga", NULL, "trap30", 1000) <= 6);
}

/* What DEAP's GA reaches on the reference instances is in anchors.csv (issue 3). */
static double
anchor (const char *family)
{
  char path[512], line[512];
  double median = NAN;
  const char *file = tap_reference ("search/anchors.csv", path, sizeof path);
  FILE *f = file ? fopen (file, "r") : NULL;
  while (f && fgets (line, sizeof line, f)) {
    char *rest = strstr (line, ",DEAP 1.3 GA,20,1000,");
    if (rest && strncmp (line, family, strlen (family)) == 0)
      median = strtod (rest + strlen (",DEAP 1.3 GA,20,1000,"), NULL);
  }
  if (f)
    fclose (f);
  return median;
}

static double
reference_median (const char *family)
{
  char name[64], path[512];
  snprintf (name, sizeof name, "search/%s.json", family);
  const char *file = tap_reference (name, path, sizeof path);
  return file ? laws_median ("ga", NULL, file, 1000) : NAN;
}

static void
test_anchors (void)
{
  char path[512];
  if (!tap_reference ("search/anchors.csv", path, sizeof path)) {
    tap_skip ("the reference instances are not beside the checkout");
    return;
  }
  for (int k = 0; k < FUNCTION_FAMILIES; k++) {
    double theirs = anchor (function_families[k]);
    double ours = reference_median (function_families[k]);
    tap_note ("%s: ga %.4g, DEAP's GA %.4g", function_families[k], ours, theirs);
    CU_ASSERT (ours <= theirs);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "determinism by seed", test_determinism },
    { "exhaustion", test_exhaustion },
    { "coverage", test_coverage },
    { "failures", test_failures },
    { "small budgets", test_small_budgets },
    { "repaired designs", test_repair },
    { "generations", test_generations },
    { "whole generations", test_generations_are_whole },
    { "one objective", test_one_objective },
    { "bad options", test_bad_options },
    { "options matter", test_options_matter },
    { "crossover keeps values", test_crossover_keeps_values },
    { "a crowd of one", test_crowd_of_one },
    { "operators help", test_operators_help },
    { "better than random", test_better_than_random },
    { "level of the anchors", test_anchors },
    { 0 }
  };
  return tap_run ("ga", tests);
}
