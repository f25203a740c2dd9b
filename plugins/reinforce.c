/* plugins/reinforce.c - REINFORCE: follow the gradient of the expected reward.
 *
 * Williams, "Simple statistical gradient-following algorithms for connectionist
 * reinforcement learning" (1992). The policy is a network with a head per parameter; an
 * episode is one design. After every batch the parameters take one step along the mean of
 * (reward - baseline) times the gradient of log p (design), the baseline being the mean
 * reward of the batch's others (Kool, van Hoof, Welling, "Buy 4 REINFORCE samples, get a
 * baseline for free!", 2019), plus an entropy bonus against early certainty (Williams and
 * Peng 1991). */
#include "plugins/common/batch.h"

#include <stdlib.h>

struct reinforce {
  struct scorer_options network;
  int64_t size;
  double rate, entropy, norm, floor;

  struct rl rl;
  struct policy policy;
  struct batch batch;
  struct choice *choices;
  struct nn_adam_settings adam;
};

static int
set_up (struct reinforce *agent, const struct gym_host *host,
        const struct gym_problem *problem, uint64_t seed)
{
  const struct scorer_options *network = &agent->network;
  int code = rl_init (&agent->rl, host, problem, seed, &agent->network);
  struct scorer_setup setup = { .heads = &agent->rl.heads,
                                .n_observed = agent->rl.n_observed,
                                .learners = 1,
                                .layers = (uint32_t)network->layers,
                                .width = (uint32_t)network->width,
                                .activation = NN_TANH,
                                .shape = (uint32_t)network->shape,
                                .gain = 0.01f,
                                .batch = (uint32_t)agent->size,
                                .seed = gym_rng_derive (seed, 1, 0) };
  if (code == GYM_OK)
    code = policy_init (&agent->policy, &setup, agent->floor);
  if (code == GYM_OK)
    code = batch_init (&agent->batch, &agent->rl, setup.batch);
  agent->choices = calloc (setup.batch, sizeof *agent->choices);
  agent->adam = (struct nn_adam_settings){
    .rate = (float)agent->rate, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-5f
  };
  return agent->choices ? code : GYM_ENOMEM;
}

static int
reinforce_open (void *self, const struct gym_host *host,
                const struct gym_problem *problem, uint64_t seed, gym_error *err)
{
  int code = set_up (self, host, problem, seed);
  return code < 0 ? gym_fail (err, code, "out of memory for the policy") : GYM_OK;
}

static void
reinforce_close (void *self)
{
  struct reinforce *agent = self;
  batch_free (&agent->batch);
  policy_free (&agent->policy);
  rl_free (&agent->rl);
  free (agent->choices);
}

static void
choose (void *self, double extra, struct choice *choice, double *row)
{
  struct reinforce *agent = self;
  policy_choose (&agent->policy, &agent->rl.rng, extra, choice, row);
}

/* Everything of asking that is not the policy's is in rl.c. */
static int
reinforce_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct reinforce *agent = self;
  return rl_ask (&agent->rl, asks, choose, agent, err);
}

/* ---- learning ---- */

/* The usual reward next to episode b: the mean of the others. Unlike an average over the
 * past it neither lags behind a policy that improves nor makes the gradient biased. */
static float
baseline (const struct batch *batch, uint32_t b)
{
  double sum = 0;
  for (uint32_t k = 0; k < batch->count; k++)
    sum += k == b ? 0 : batch->rewards[k];
  return (float)(sum / (batch->count - 1));
}

static void
follow_gradient (struct reinforce *agent)
{
  struct policy *policy = &agent->policy;
  uint32_t n = agent->batch.count;
  for (uint32_t b = 0; b < n; b++)
    agent->choices[b] = agent->batch.episodes[b].choice;
  policy_forward (policy, agent->choices, n);
  for (uint32_t b = 0; b < n; b++) {
    float advantage = agent->batch.rewards[b] - baseline (&agent->batch, b);
    for (uint32_t i = 0; i < agent->rl.n; i++)
      if (agent->choices[b].active[i]) {
        policy_log_slope (policy, b, i, agent->choices[b].levels[i],
                          -advantage / (float)n);
        policy_entropy_slope (policy, b, i, -(float)agent->entropy / (float)n);
      }
  }
  scorer_step (&policy->scorer, &agent->adam, agent->norm, n);
}

static int
learn (void *self, const struct episode *episode)
{
  struct reinforce *agent = self;
  if (!batch_add (&agent->batch, episode))
    return GYM_OK;
  batch_rewards (&agent->batch);
  follow_gradient (agent);
  agent->batch.count = 0;
  return GYM_OK;
}

static int
reinforce_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct reinforce *agent = self;
  return rl_tell (&agent->rl, tells, learn, agent, err);
}

static const struct gym_option options[] = {
  { .name = "batch",
    .doc = "designs between two steps of the policy",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct reinforce, size),
    .low = 2,
    .high = 1024,
    .initial = "8" },
  { .name = "rate",
    .doc = "learning rate of Adam",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct reinforce, rate),
    .low = 1e-6,
    .high = 1,
    .initial = "0.01" },
  { .name = "entropy",
    .doc = "weight of the entropy bonus, per nat of every head",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct reinforce, entropy),
    .low = 0,
    .high = 10,
    .initial = "0.01" },
  { .name = "norm",
    .doc = "longer gradients are cut to this length",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct reinforce, norm),
    .low = 1e-3,
    .high = 1e3,
    .initial = "5" },
  { .name = "floor",
    .doc = "share of every choice that stays uniform, whatever is learnt",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct reinforce, floor),
    .low = 0,
    .high = 1,
    .initial = "0.01" },
  SCORER_OPTIONS (struct reinforce, network, "2", "64", "ordinal"),
};

static const struct gym_agent_class reinforce_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR,
  .id = "reinforce-v1",
  .summary = "policy gradient with a baseline over the whole design",
  .doc =
      "A network maps the previous trial's normalised metrics and reward to a "
      "distribution "
      "over every parameter's levels; a design is drawn from it, parameter by parameter. "
      "After `batch` results the policy takes one step that makes better designs than "
      "usual more probable. Rewards are the objective, minimised, in running standard "
      "deviations; infeasible and failed trials count one below the worst seen, broken "
      "constraints in between. Levels of ordinals and integers share what they learn "
      "with their neighbours; reals and long integers are drawn from bins. A design that "
      "was evaluated before is drawn again with a growing uniform share, and replaced by "
      "a fresh uniform one in the end. The simplest of the learners here: ppo uses every "
      "result several times.",
  .source = "R. Williams: Simple statistical gradient-following algorithms for "
            "connectionist reinforcement learning, Machine Learning 8 (1992)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "reinforcement: policy gradient" },
  .instance_size = sizeof (struct reinforce),
  .max_objectives = 1,
  .in_flight = 4,
  .open = reinforce_open,
  .close = reinforce_close,
  .ask = reinforce_ask,
  .tell = reinforce_tell,
};

static const struct gym_agent_class *const classes[] = { &reinforce_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,   .name = "reinforce",      .version = "0.1.0",
  .licence = "MIT", .doc = "policy gradient", .agents = classes,
};
