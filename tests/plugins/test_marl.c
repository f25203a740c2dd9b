/* The multi-agent learner keeps the laws of agents in all its variants, honours its
 * options, and finds better designs than random search. */
#include "tests/plugins/learners.h"

#include <string.h>

static const char *const variants[] = {
  NULL,
  "critic=own batch=7 epochs=4",
  "critic=central order=autoregressive batch=5 epochs=4 shape=free floor=0.05",
  "critic=none learners=group shape=normal bins=16 floor=0.1",
  "critic=own order=autoregressive minibatch=3 layers=0 floor=0.05",
  "",
};
static const char *const bad[] = {
  "batch=-1",    "critic=public", "learners=two", "critic_width=0", "floor=1.5",
  "shape=round", "order=none",    "width=0",      "clip=0",         NULL
};
static const char *const changes[] = { "batch=50 rate=0.01",
                                       "batch=50 epochs=5",
                                       "batch=50 clip=0.01",
                                       "batch=50 entropy=1",
                                       "batch=50 critic_epochs=1",
                                       "batch=50 critic_width=8",
                                       NULL };

/* What the critic sees matters: with the joint choice, with the observation alone, and
 * with nothing, the designs are the same until something was learnt, and others after. */
static void
test_critic_input (void)
{
  static const char *const critics[] = { "batch=50 critic=central", "batch=50 critic=own",
                                         "batch=50 critic=none" };
  static double rows[3][LEARNER_TRIALS][LEARNER_PARAMS];
  for (int k = 0; k < 3; k++)
    CU_ASSERT_EQUAL (learner_run ("marl", critics[k], 1, rows[k][0], NULL),
                     LEARNER_TRIALS);
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
  static double rows[4][LEARNER_TRIALS][LEARNER_PARAMS];
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
                      .budget = LEARNER_TRIALS,
                      .judge = learner_judge };
    CU_ASSERT_EQUAL (play (&p, rows[k][0], NULL), LEARNER_TRIALS);
    gym_space_destroy (&space);
  }
  CU_ASSERT_NOT_EQUAL (memcmp (rows[0], rows[1], sizeof rows[0]), 0);
  CU_ASSERT_EQUAL (memcmp (rows[1], rows[2], sizeof rows[0]), 0);
  CU_ASSERT_EQUAL (memcmp (rows[2], rows[3], sizeof rows[0]), 0);
  gym_registry_destroy (&registry);
}

/* Nothing is learnt before the first batch is full. */
int
main (void)
{
  static const struct learner marl = { .agent = "marl",
                                       .variants = variants,
                                       .covering = "floor=0.05",
                                       .bad = bad,
                                       .usual = "batch=50",
                                       .changes = changes,
                                       .alike = 50,
                                       .budget = 2000 };
  static const struct tap_test own[] = { { "the critic's input", test_critic_input },
                                         { "groups", test_groups },
                                         { 0 } };
  return learner_tests (&marl, own);
}
