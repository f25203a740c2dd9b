/* See learners.h. A test runs in a fork of its own, so what is tested may be said once
 * for all of them. */
#include "tests/plugins/learners.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/spaces.h"

#include <string.h>

static const struct learner *learner;

static bool
is_variant (const char *settings)
{
  return !settings || *settings;
}

static void
each_variant (void (*law) (const char *agent, const char *settings))
{
  for (const char *const *v = learner->variants; is_variant (*v); v++)
    law (learner->agent, *v);
}

static void
test_determinism (void)
{
  each_variant (laws_determinism);
}

static void
test_exhaustion (void)
{
  each_variant (laws_exhaustion);
}

/* A learner may soon avoid what is active in one design of twelve, and better not. */
static void
test_coverage (void)
{
  for (const char *const *v = learner->variants; is_variant (*v); v++)
    laws_coverage (learner->agent, *v ? *v : learner->covering);
}

static void
test_failures (void)
{
  each_variant (laws_failures);
}

static void
test_small_budgets (void)
{
  each_variant (laws_small_budgets);
}

static void
test_repair (void)
{
  laws_repair (learner->agent);
}

uint32_t
learner_judge (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 0; i < LEARNER_PARAMS; i++)
    objectives[0] += row[i];
  return GYM_TRIAL_OK;
}

long
learner_run (const char *agent, const char *settings, uint32_t objectives, double *rows,
             double *values)
{
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = agent,
                    .settings = settings,
                    .space = space,
                    .objectives = objectives,
                    .seed = 5,
                    .budget = LEARNER_TRIALS,
                    .judge = learner_judge };
  long trials = play (&p, rows, values);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return trials;
}

static long
run (const char *settings, uint32_t objectives, double *rows, double *values)
{
  return learner_run (learner->agent, settings, objectives, rows, values);
}

static void
test_bad_options (void)
{
  for (const char *const *bad = learner->bad; *bad; bad++)
    CU_ASSERT (run (*bad, 1, NULL, NULL) < 0);
  CU_ASSERT (run (NULL, 2, NULL, NULL) < 0);
}

/* Until something was learnt an option of learning changes nothing, after it every one
 * does. */
static void
test_options_count (void)
{
  static double usual[LEARNER_TRIALS][LEARNER_PARAMS],
      changed[LEARNER_TRIALS][LEARNER_PARAMS];
  CU_ASSERT_EQUAL (run (learner->usual, 1, usual[0], NULL), LEARNER_TRIALS);
  for (const char *const *change = learner->changes; *change; change++) {
    CU_ASSERT_EQUAL (run (*change, 1, changed[0], NULL), LEARNER_TRIALS);
    CU_ASSERT_EQUAL (memcmp (usual, changed, learner->alike * sizeof *usual), 0);
    CU_ASSERT_NOT_EQUAL (memcmp (usual, changed, sizeof usual), 0);
  }
}

/* Late designs are better than early ones: not only the best of them. */
static void
test_learns (void)
{
  static double values[LEARNER_TRIALS];
  for (const char *const *v = learner->variants; is_variant (*v); v++) {
    double early = 0, late = 0;
    CU_ASSERT_EQUAL (run (*v, 1, NULL, values), LEARNER_TRIALS);
    for (int t = 0; t < 50; t++) {
      early += values[t] / 50;
      late += values[LEARNER_TRIALS - 1 - t] / 50;
    }
    tap_note ("%s: mean %.3g, later %.3g", *v ? *v : "", early, late);
    CU_ASSERT (late < 0.7 * early);
  }
}

static void
test_better_than_random (void)
{
  laws_better_than_random (learner->agent, learner->budget);
}

int
learner_tests (const struct learner *of, const struct tap_test *own)
{
  struct tap_test tests[24] = { { "determinism by seed", test_determinism },
                                { "exhaustion", test_exhaustion },
                                { "coverage", test_coverage },
                                { "failures", test_failures },
                                { "small budgets", test_small_budgets },
                                { "repaired designs", test_repair },
                                { "bad options", test_bad_options },
                                { "options count", test_options_count },
                                { "it learns", test_learns },
                                { "better than random", test_better_than_random } };
  size_t n = 10;
  for (; own && own->name && n < sizeof tests / sizeof tests[0] - 1; own++)
    tests[n++] = *own;
  learner = of;
  return tap_run (of->agent, tests);
}
