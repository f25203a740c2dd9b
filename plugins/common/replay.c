/* Past episodes: see replay.h. */
#include "plugins/common/replay.h"

#include <math.h>
#include <stdlib.h>

int
replay_init (struct replay *replay, const struct rl *rl, size_t room, uint32_t batch)
{
  if (rl->budget < (double)room) /* cheap trials may need more of them than that */
    room = (size_t)fmax (ceil (rl->budget), 64);
  *replay = (struct replay){ .rl = rl, .room = room, .batch = batch };
  replay->episodes = rl_episodes (rl, room);
  replay->sample = calloc (batch, sizeof *replay->sample);
  replay->rewards = calloc (batch, sizeof *replay->rewards);
  replay->observed = calloc (batch, sizeof *replay->observed);
  bool ok = replay->episodes && replay->sample && replay->rewards && replay->observed;
  return ok ? GYM_OK : GYM_ENOMEM;
}

void
replay_free (struct replay *replay)
{
  free (replay->episodes);
  free (replay->sample);
  free (replay->rewards);
  free (replay->observed);
  *replay = (struct replay){ 0 };
}

void
replay_add (struct replay *replay, const struct episode *episode)
{
  rl_copy (replay->rl, replay->episodes + replay->next, episode);
  replay->next = (replay->next + 1) % replay->room;
  replay->count += replay->count < replay->room;
}

void
replay_draw (struct replay *replay, gym_rng *rng)
{
  for (uint32_t b = 0; b < replay->batch; b++) {
    const struct episode *e = replay->episodes + gym_rng_below (rng, replay->count);
    replay->sample[b] = e;
    replay->rewards[b] = (float)reward_of (&replay->rl->reward, &e->result);
    replay->observed[b] = e->choice.observed;
  }
}
