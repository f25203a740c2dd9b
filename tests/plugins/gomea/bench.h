/* tests/plugins/gomea/bench.h - a space and the parts of GOMEA over it. */
#ifndef TESTS_PLUGINS_GOMEA_BENCH_H
#define TESTS_PLUGINS_GOMEA_BENCH_H

#include "core/host.h"
#include "plugins/gomea/pyramid.h"
#include "plugins/gomea/steps.h"
#include "tests/plugins/spaces.h"
#include "tests/tap.h"

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct moves moves;
  struct pyramid pyramid;
  struct steps steps;
  gym_rng rng;
};

/* Takes the space over. */
static inline void
start (struct bench *b, gym_space *space)
{
  b->space = space;
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  gym_host_init (&b->host, &b->context, NULL);
  gym_rng_init (&b->rng, 1);
  CU_ASSERT_EQUAL_FATAL (moves_init (&b->moves, &b->host, space), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (steps_init (&b->steps, &b->moves), GYM_OK);
  pyramid_init (&b->pyramid, &b->moves);
}

static inline void
stop (struct bench *b)
{
  pyramid_free (&b->pyramid);
  steps_free (&b->steps);
  moves_free (&b->moves);
  gym_space_destroy (&b->space);
}

#endif
