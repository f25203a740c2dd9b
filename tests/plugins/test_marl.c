/* The multi-agent learner keeps the laws of agents in all its variants, honours its
 * options, and finds better designs than random search. */
#include "tests/tap.h"

#include "tests/plugins/laws.h"
#include "tests/plugins/play.h"
#include "tests/plugins/spaces.h"

#include <string.h>

static const char *const variants[] = {
  NULL,
  "critic=own batch=7 epochs=4",
  "critic=central order=autoregressive batch=5 epochs=4 shape=free floor=0.05",
  "critic=none learners=group shape=normal bins=16 floor=0.1",
  "critic=own order=autoregressive minibatch=3 layers=0 floor=0.05",
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void
test_determinism (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_determinism ("marl", variants[v]);
}

static void
test_exhaustion (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_exhaustion ("marl", variants[v]);
}

/* A parameter that is active in one design of twelve, and better not, is soon avoided:
 * with a larger floor it stays within reach. */
static void
test_coverage (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_coverage ("marl", v == 0 ? "floor=0.05" : variants[v]);
}

static void
test_failures (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_failures ("marl", variants[v]);
}

static void
test_small_budgets (void)
{
  for (int v = 0; v < VARIANTS; v++)
    laws_small_budgets ("marl", variants[v]);
}

static void
test_repair (void)
{
  laws_repair ("marl");
}

static uint32_t
sum (void *context, const double *row, double *objectives, double *violations)
{
  (void)context, (void)violations;
  objectives[0] = 0;
  for (int i = 0; i < 12; i++)
    objectives[0] += row[i];
  return GYM_TRIAL_OK;
}

enum { TRIALS = 400 };

static long
run (const char *settings, uint32_t objectives, double *rows, double *values)
{
  gym_registry *registry = play_registry ();
  gym_space *space = spaces_wide ();
  struct play p = { .registry = registry,
                    .agent = "marl",
                    .settings = settings,
                    .space = space,
                    .objectives = objectives,
                    .seed = 5,
                    .budget = TRIALS,
                    .judge = sum };
  long trials = play (&p, rows, values);
  gym_space_destroy (&space);
  gym_registry_destroy (&registry);
  return trials;
}

static void
test_bad_options (void)
{
  static const char *const bad[] = { "batch=-1",       "critic=public", "learners=two",
                                     "critic_width=0", "floor=1.5",     "shape=round",
                                     "order=none",     "width=0",       "clip=0" };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CU_ASSERT (run (bad[i], 1, NULL, NULL) < 0);
  CU_ASSERT (run (NULL, 2, NULL, NULL) < 0);
}

/* Nothing is learnt before the first batch is full: until then an option of learning
 * changes nothing, after it every one does. */
static void
test_options_count (void)
{
  static const char *const changes[] = {
    "batch=50 rate=0.01", "batch=50 epochs=5",        "batch=50 clip=0.01",
    "batch=50 entropy=1", "batch=50 critic_epochs=1", "batch=50 critic_width=8",
  };
  static double usual[TRIALS][12], changed[TRIALS][12];
  CU_ASSERT_EQUAL (run ("batch=50", 1, usual[0], NULL), TRIALS);
  for (size_t k = 0; k < sizeof changes / sizeof changes[0]; k++) {
    CU_ASSERT_EQUAL (run (changes[k], 1, changed[0], NULL), TRIALS);
    CU_ASSERT_EQUAL (memcmp (usual, changed, 50 * sizeof *usual), 0);
    CU_ASSERT_NOT_EQUAL (memcmp (usual, changed, sizeof usual), 0);
  }
}

/* Late designs are better than early ones: not only the best of them. */
static void
test_learns (void)
{
  static double values[TRIALS];
  for (int v = 0; v < VARIANTS; v++) {
    double early = 0, late = 0;
    CU_ASSERT_EQUAL (run (variants[v], 1, NULL, values), TRIALS);
    for (int t = 0; t < 50; t++) {
      early += values[t] / 50;
      late += values[TRIALS - 1 - t] / 50;
    }
    tap_note ("%s: mean %.3g, later %.3g", variants[v] ? variants[v] : "", early, late);
    CU_ASSERT (late < 0.7 * early);
  }
}

/* What the critic sees matters: with the joint choice, with the observation alone, and
 * with nothing, the designs are the same until something was learnt, and others after. */
static void
test_critic_input (void)
{
  static const char *const critics[] = { "batch=50 critic=central", "batch=50 critic=own",
                                         "batch=50 critic=none" };
  static double rows[3][TRIALS][12];
  for (int k = 0; k < 3; k++)
    CU_ASSERT_EQUAL (run (critics[k], 1, rows[k][0], NULL), TRIALS);
  for (int k = 0; k < 3; k++) {
    int next = (k + 1) % 3;
    CU_ASSERT_EQUAL (memcmp (rows[k], rows[next], 50 * sizeof rows[k][0]), 0);
    CU_ASSERT_NOT_EQUAL (memcmp (rows[k], rows[next], sizeof rows[k]), 0);
  }
}

/* One learner for all parameters is another agent than one for each, and parameters
 * without a group have one each. */
static void
test_groups (void)
{
  static const char *const names[] = { "p0", "p1", "p2", "p3", "p4",  "p5",
                                       "p6", "p7", "p8", "p9", "p10", "p11" };
  static double rows[4][TRIALS][12];
  gym_registry *registry = play_registry ();
  for (int k = 0; k < 4; k++) { /* grouped or not, by groups or by parameters */
    struct gym_param params[12] = { 0 };
    for (int i = 0; i < 12; i++)
      params[i] = (struct gym_param){
        .name = names[i], .kind = GYM_INTEGER, .high = 15, .group = k < 2 ? "all" : NULL
      };
    struct gym_params list = GYM_ARRAY (gym_params, params);
    gym_space *space = gym_space_new (&list, NULL);
    struct play p = { .registry = registry,
                      .agent = "marl",
                      .settings = k % 2 ? "learners=parameter" : "learners=group",
                      .space = space,
                      .seed = 1,
                      .budget = TRIALS,
                      .judge = sum };
    CU_ASSERT_EQUAL (play (&p, rows[k][0], NULL), TRIALS);
    gym_space_destroy (&space);
  }
  CU_ASSERT_NOT_EQUAL (memcmp (rows[0], rows[1], sizeof rows[0]), 0);
  CU_ASSERT_EQUAL (memcmp (rows[1], rows[2], sizeof rows[0]), 0);
  CU_ASSERT_EQUAL (memcmp (rows[2], rows[3], sizeof rows[0]), 0);
  gym_registry_destroy (&registry);
}

static void
test_better_than_random (void)
{
  laws_better_than_random ("marl", 2000);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "determinism by seed", test_determinism },
                                           { "exhaustion", test_exhaustion },
                                           { "coverage", test_coverage },
                                           { "failures", test_failures },
                                           { "small budgets", test_small_budgets },
                                           { "repaired designs", test_repair },
                                           { "bad options", test_bad_options },
                                           { "options count", test_options_count },
                                           { "it learns", test_learns },
                                           { "the critic's input", test_critic_input },
                                           { "groups", test_groups },
                                           { "better than random",
                                             test_better_than_random },
                                           { 0 } };
  return tap_run ("marl", tests);
}
