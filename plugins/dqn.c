/* plugins/dqn.c - Q-learning with a branch for every parameter.
 *
 * Tavakoli, Pardo, Kormushev, "Action branching architectures for deep reinforcement
 * learning" (AAAI 2018), over Mnih et al., "Human-level control through deep
 * reinforcement learning" (2015): a shared network ends in a branch per parameter, each
 * dueling (Wang et al. 2016): Q_d = V + A_d - mean A_d. A design takes the best level of
 * every branch, but a level at random with probability epsilon. Every branch learns
 * towards the reward by replay. An episode is one step: nothing follows, so targets have
 * no Q of a next state in them and need no target network. */
#include "plugins/common/additive.h"
#include "plugins/common/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SUM, EACH };

struct dqn {
  struct scorer_options network;
  int64_t size, room, updates;
  double rate, norm, first, last, decay;
  int32_t value;

  struct rl rl;
  struct scorer scorer;
  struct replay replay;
  struct nn_adam_settings adam;
};

static int
set_up (struct dqn *dqn, const struct gym_host *host, const struct gym_problem *problem,
        uint64_t seed)
{
  const struct scorer_options *network = &dqn->network;
  int code = rl_init (&dqn->rl, host, problem, seed, &dqn->network);
  struct scorer_setup setup = { .heads = &dqn->rl.heads,
                                .n_observed = dqn->rl.n_observed,
                                .learners = 1,
                                .layers = (uint32_t)network->layers,
                                .width = (uint32_t)network->width,
                                .activation = NN_RELU,
                                .shape = (uint32_t)network->shape,
                                .valued = true,
                                .gain = 0.01f,
                                .batch = (uint32_t)dqn->size,
                                .seed = gym_rng_derive (seed, 1, 0) };
  if (code == GYM_OK)
    code = scorer_init (&dqn->scorer, &setup);
  if (code == GYM_OK)
    code = replay_init (&dqn->replay, &dqn->rl, (size_t)dqn->room, setup.batch);
  dqn->adam = (struct nn_adam_settings){
    .rate = (float)dqn->rate, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-5f
  };
  return code;
}

static int
dqn_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
          uint64_t seed, gym_error *err)
{
  int code = set_up (self, host, problem, seed);
  return code < 0 ? gym_fail (err, code, "out of memory for network and replay") : GYM_OK;
}

static void
dqn_close (void *self)
{
  struct dqn *dqn = self;
  replay_free (&dqn->replay);
  scorer_free (&dqn->scorer);
  rl_free (&dqn->rl);
}

/* ---- choosing ---- */

/* Share of the choices left to chance: falls along a line, then stays. */
static double
epsilon (const struct dqn *dqn)
{
  double trials = isfinite (dqn->rl.budget) ? dqn->decay * dqn->rl.budget : 1000;
  double way = trials > 0 ? fmin ((double)dqn->rl.told / trials, 1) : 1;
  return dqn->first + way * (dqn->last - dqn->first);
}

/* Ties are broken by what was learnt next, not by chance. */
static void
choose (void *self, double extra, struct choice *choice, double *row)
{
  struct dqn *dqn = self;
  const struct heads *heads = &dqn->rl.heads;
  const float *in[1] = { choice->observed };
  double chance = epsilon (dqn) + extra;
  scorer_forward_one (&dqn->scorer, dqn->scorer.params, 0, in, NULL, 1);
  for (uint32_t i = 0; i < heads->n; i++) {
    const struct head *head = heads->of + i;
    choice->levels[i] = gym_rng_real (&dqn->rl.rng) < chance
                            ? heads_draw (heads, &dqn->rl.rng, i)
                            : nn_top (dqn->scorer.scores + head->at, head->levels);
  }
  heads_row (heads, &dqn->rl.rng, choice->levels, row, choice->active);
}

static int
dqn_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct dqn *dqn = self;
  return rl_ask (&dqn->rl, asks, choose, dqn, err);
}

/* ---- learning ---- */

/* Every branch by itself: its Q_d is to be the reward, whatever the others chose. */
static void
slope_branches (struct dqn *dqn, uint32_t b, const struct choice *choice, float weight)
{
  for (uint32_t i = 0; i < dqn->rl.n; i++) {
    float slope, value = dqn->scorer.values[b];
    if (!choice->active[i])
      continue;
    value += additive_part (&dqn->scorer, b, i, choice->levels[i]);
    nn_huber (value - dqn->replay.rewards[b], 1, &slope);
    dqn->scorer.value_slopes[b] += slope * weight;
    additive_part_slope (&dqn->scorer, b, i, choice->levels[i], slope * weight);
  }
}

/* All branches together: their sum is to be the reward. */
static void
slope_sum (struct dqn *dqn, uint32_t b, const struct choice *choice, float weight)
{
  float slope, value = additive_value (&dqn->scorer, b, choice);
  nn_huber (value - dqn->replay.rewards[b], 1, &slope);
  additive_slope (&dqn->scorer, b, choice, slope * weight);
}

/* Rewards are computed anew for every sample: the statistics they are measured by move
 * on, and old trials are not to keep the scale of their time. */
static void
update (struct dqn *dqn)
{
  uint32_t n = dqn->replay.batch;
  replay_draw (&dqn->replay, &dqn->rl.rng);
  scorer_forward (&dqn->scorer, dqn->scorer.params, dqn->replay.observed, NULL, n);
  for (uint32_t b = 0; b < n; b++) {
    const struct choice *choice = &dqn->replay.sample[b]->choice;
    if (dqn->value == EACH)
      slope_branches (dqn, b, choice, 1 / (float)n);
    else
      slope_sum (dqn, b, choice, 1 / (float)n);
  }
  scorer_step (&dqn->scorer, &dqn->adam, dqn->norm, n);
}

static int
learn (void *self, const struct episode *episode)
{
  struct dqn *dqn = self;
  replay_add (&dqn->replay, episode);
  for (int64_t k = 0; k < dqn->updates; k++)
    update (dqn);
  return GYM_OK;
}

static int
dqn_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct dqn *dqn = self;
  return rl_tell (&dqn->rl, tells, learn, dqn, err);
}

static const char *const values[] = { "sum", "each", NULL };

static const struct gym_option options[] = {
  { .name = "value",
    .doc =
        "what is fitted to rewards: the sum of the branches, or each of them as in the "
        "paper",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct dqn, value),
    .choices = values,
    .initial = "sum" },
  { .name = "batch",
    .doc = "past trials in a step",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct dqn, size),
    .low = 1,
    .high = 1024,
    .initial = "32" },
  { .name = "replay",
    .doc = "latest trials that are kept to learn from",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct dqn, room),
    .low = 1,
    .high = 1e6,
    .initial = "2000" },
  { .name = "updates",
    .doc = "steps after each trial",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct dqn, updates),
    .low = 1,
    .high = 16,
    .initial = "1" },
  { .name = "rate",
    .doc = "learning rate of Adam",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct dqn, rate),
    .low = 1e-6,
    .high = 1,
    .initial = "0.003" },
  { .name = "norm",
    .doc = "longer gradients are cut to this length",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct dqn, norm),
    .low = 1e-3,
    .high = 1e3,
    .initial = "10" },
  { .name = "epsilon",
    .doc = "share of the choices left to chance at first",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct dqn, first),
    .low = 0,
    .high = 1,
    .initial = "1" },
  { .name = "epsilon_last",
    .doc = "and in the end",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct dqn, last),
    .low = 0,
    .high = 1,
    .initial = "0.02" },
  { .name = "decay",
    .doc = "share of the budget after which epsilon stays (1,000 trials when the budget "
           "is unknown)",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct dqn, decay),
    .low = 0,
    .high = 1,
    .initial = "0.1" },
  SCORER_OPTIONS (struct dqn, network, "2", "64", "ordinal"),
};

static const struct gym_agent_class dqn_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR,
  .id = "dqn-v1",
  .summary = "Q-learning with a branch for every parameter, from replay",
  .doc =
      "A network maps the previous trial's normalised metrics and reward to a value of "
      "every level of every parameter: a shared value, and advantages in a branch per "
      "parameter. A design takes the best level of each branch, or one at random with "
      "probability epsilon, which falls over the budget. After every trial the network "
      "is fitted to the rewards of past ones drawn at random: the sum of the branches, "
      "or each of them by itself. Rewards are the objective, "
      "minimised, in running standard deviations; infeasible and failed trials count one "
      "below the worst seen, broken constraints in between. Levels of ordinals and "
      "integers share what they learn with their neighbours; reals and long integers are "
      "drawn from bins. A design that was evaluated before is drawn again with a growing "
      "share of chance, and replaced by a fresh uniform one in the end. Good where "
      "parameters add up.",
  .source =
      "A. Tavakoli, F. Pardo, P. Kormushev: Action branching architectures for deep "
      "reinforcement learning, AAAI 2018; V. Mnih et al.: Human-level control "
      "through deep reinforcement learning, Nature 518 (2015)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "reinforcement: value learning" },
  .instance_size = sizeof (struct dqn),
  .max_objectives = 1,
  .in_flight = 4,
  .open = dqn_open,
  .close = dqn_close,
  .ask = dqn_ask,
  .tell = dqn_tell,
};

static const struct gym_agent_class *const classes[] = { &dqn_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "dqn",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "branching Q-learning",
  .agents = classes,
};
