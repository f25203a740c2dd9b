/* plugins/common/replay.h - past episodes that an off-policy learner learns from again
 * (Lin, "Self-improving reactive agents based on reinforcement learning, planning and
 * teaching", 1992): a ring of the latest, and uniform samples of it. */
#ifndef PLUGINS_COMMON_REPLAY_H
#define PLUGINS_COMMON_REPLAY_H

#include "plugins/common/rl.h"

struct replay {
  const struct rl *rl;
  size_t room, count, next;
  struct episode *episodes;
  uint32_t batch;
  const struct episode **sample; /* the last one drawn, with replacement */
  float *rewards;                /* of that sample, under the statistics of then */
  const float **observed;        /* and its observations */
};

/* Room for the latest `room` episodes, or for the whole budget where that is less, and
 * for samples of `batch`. GYM_ENOMEM; replay_free is safe after that and on zeroed
 * memory. */
int replay_init (struct replay *replay, const struct rl *rl, size_t room, uint32_t batch);
void replay_free (struct replay *replay);

/* Keeps a copy of an episode. */
void replay_add (struct replay *replay, const struct episode *episode);

/* Draws a sample of what is there, which is not nothing. */
void replay_draw (struct replay *replay, gym_rng *rng);

#endif
