/* tests/plugins/common/rl_scene.h - a learner's surroundings for tests of its parts: a
 * host table, a space of every kind, a problem on it. */
#ifndef TESTS_PLUGINS_COMMON_RL_SCENE_H
#define TESTS_PLUGINS_COMMON_RL_SCENE_H

#include "core/host.h"
#include "plugins/common/rl.h"
#include "tests/plugins/spaces.h"
#include "tests/tap.h"

#include <stdlib.h>

#pragma GCC diagnostic ignored "-Wunused-function"

struct scene {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct gym_problem problem;
  struct rl rl;
};

static void
scene_open (struct scene *s, gym_space *space, uint32_t in_flight)
{
  static const struct gym_metric metrics[] = { { .name = "value",
                                                 .sense = GYM_MINIMISE } };
  *s = (struct scene){ .space = space };
  gym_host_init (&s->host, &s->context, NULL);
  s->problem = (struct gym_problem){ .struct_size = sizeof s->problem,
                                     .n_objectives = 1,
                                     .in_flight = in_flight,
                                     .space = space,
                                     .budget = 400,
                                     .metrics = GYM_ARRAY (gym_metrics, metrics) };
  const struct scorer_options options = { .bins = 8 };
  CU_ASSERT_EQUAL_FATAL (rl_init (&s->rl, &s->host, &s->problem, 7, &options), GYM_OK);
}

static void
scene_close (struct scene *s)
{
  rl_free (&s->rl);
  gym_space_destroy (&s->space);
}

/* The set-up of one learner, or of one a parameter. */
static struct scorer_setup
scene_setup (const struct scene *s, uint32_t *learner, bool several, uint32_t batch)
{
  for (uint32_t i = 0; i < s->rl.n; i++)
    learner[i] = i;
  return (struct scorer_setup){ .heads = &s->rl.heads,
                                .n_observed = s->rl.n_observed,
                                .learners = several ? s->rl.n : 1,
                                .learner = several ? learner : NULL,
                                .layers = 1,
                                .width = 8,
                                .activation = NN_TANH,
                                .gain = 0.5f,
                                .batch = batch,
                                .seed = 5 };
}

#endif
