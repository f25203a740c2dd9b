/* plugins/common/rl.h - what a reinforcement learner over designs is, whatever it learns
 * by: an episode is one step. The observation is the previous trial's metrics and reward,
 * each normalised by running statistics (0 where there is none; metrics that are measured
 * times are left out, as they differ from run to run); the action is a design; the reward
 * is its result (reward.h). With one step an episode's return is its reward, whatever the
 * discount, and generalised advantages are the reward minus the value of the observation,
 * whatever their lambda.
 *
 * No design is asked for twice: one that was is chosen again, with a growing share of its
 * parameters drawn uniformly, and after that a fresh one is drawn uniformly; such a
 * choice is not the policy's (`drawn`). */
#ifndef PLUGINS_COMMON_RL_H
#define PLUGINS_COMMON_RL_H

#include "plugins/common/fresh.h"
#include "plugins/common/policy.h"
#include "plugins/common/reward.h"
#include "plugins/common/scorer_options.h"

/* A trial: what was chosen and what came of it. */
struct episode {
  struct choice choice;
  struct result_kept result;
  uint64_t ticket;
  bool drawn; /* not chosen by the policy */
};

struct rl {
  const struct gym_host *host;
  uint32_t n, constraints, metrics;
  uint32_t n_observed;
  double budget; /* INFINITY: unknown */
  gym_rng rng;
  uint64_t seed;
  struct heads heads;
  struct fresh fresh;
  struct reward reward;
  struct running *statistics; /* of each metric */
  uint8_t *used;              /* metrics that are observed */
  float *observed;            /* the observation of the next choice */
  struct episode *waiting;    /* asked, not told: a ring */
  size_t first, asked, room;
  uint64_t told;
};

/* Sets up everything; GYM_ENOMEM. rl_free is safe after that and on zeroed memory. */
int rl_init (struct rl *rl, const struct gym_host *host,
             const struct gym_problem *problem, uint64_t seed,
             const struct scorer_options *options);
void rl_free (struct rl *rl);

/* `count` episodes with room for their numbers in one block; NULL: out of memory. */
struct episode *rl_episodes (const struct rl *rl, size_t count);

void rl_copy (const struct rl *rl, struct episode *to, const struct episode *from);

/* Chooses a design into choice and row; `extra` more of it than usual is left to chance.
 */
typedef void rl_choose (void *self, double extra, struct choice *choice, double *row);

/* Learns from an episode; 0 or negative. */
typedef int rl_learn (void *self, const struct episode *episode);

/* The bodies of ask and tell. */
int rl_ask (struct rl *rl, struct gym_asks *asks, rl_choose *choose, void *self,
            gym_error *err);
int rl_tell (struct rl *rl, const struct gym_tells *tells, rl_learn *learn, void *self,
             gym_error *err);

#endif
