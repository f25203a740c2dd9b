/* plugins/sac.c - soft actor-critic with discrete choices, a head for every parameter.
 *
 * Haarnoja et al., "Soft actor-critic" (2018), in the discrete form of Christodoulou,
 * "Soft actor-critic for discrete action settings" (2019): actor and critics score every
 * level, so that expectations over a choice are sums. The value of a design is the sum of
 * a shared value and of what each choice adds (value decomposition: Sunehag et al. 2018;
 * for SAC, Seyde et al., "Solving continuous control via Q-learning", 2023). Two critics
 * are fitted to rewards by replay and the lower one counts. An episode is one step:
 * nothing follows, targets are rewards and need no target networks. The temperature is
 * steered towards a target entropy, which falls over the budget (Xu et al., "Target
 * entropy annealing for discrete soft actor-critic", 2021). */
#include "plugins/common/additive.h"
#include "plugins/common/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CRITICS = 2 };

struct sac {
  struct scorer_options network;
  int64_t size, room, updates, start;
  double rate, temperature_rate, norm, floor, first, last;

  struct rl rl;
  struct policy policy;
  struct scorer critics[CRITICS];
  struct replay replay;
  struct choice *choices; /* of the sample */
  float *costs, *others;  /* of one head's levels */
  struct nn_adam_settings adam;
  double log_temperature;
};

static int
set_up_networks (struct sac *sac, uint64_t seed)
{
  struct scorer_setup setup = { .heads = &sac->rl.heads,
                                .n_observed = sac->rl.n_observed,
                                .learners = 1,
                                .layers = (uint32_t)sac->network.layers,
                                .width = (uint32_t)sac->network.width,
                                .activation = NN_RELU,
                                .shape = (uint32_t)sac->network.shape,
                                .gain = 0.01f,
                                .batch = (uint32_t)sac->size,
                                .seed = gym_rng_derive (seed, 1, 0) };
  int code = policy_init (&sac->policy, &setup, sac->floor);
  setup.valued = true;
  for (uint32_t k = 0; k < CRITICS && code == GYM_OK; k++) {
    setup.seed = gym_rng_derive (seed, 2, k);
    code = scorer_init (sac->critics + k, &setup);
  }
  return code;
}

static int
set_up (struct sac *sac, const struct gym_host *host, const struct gym_problem *problem,
        uint64_t seed)
{
  int code = rl_init (&sac->rl, host, problem, seed, &sac->network);
  if (code == GYM_OK)
    code = set_up_networks (sac, seed);
  if (code == GYM_OK)
    code = replay_init (&sac->replay, &sac->rl, (size_t)sac->room, (uint32_t)sac->size);
  sac->choices = calloc ((size_t)sac->size, sizeof *sac->choices);
  sac->costs = calloc (sac->rl.heads.most + 1, sizeof *sac->costs);
  sac->others = calloc (sac->rl.heads.most + 1, sizeof *sac->others);
  sac->adam = (struct nn_adam_settings){
    .rate = (float)sac->rate, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-5f
  };
  return sac->choices && sac->costs && sac->others ? code : GYM_ENOMEM;
}

static int
sac_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
          uint64_t seed, gym_error *err)
{
  int code = set_up (self, host, problem, seed);
  return code < 0 ? gym_fail (err, code, "out of memory for actor and critics") : GYM_OK;
}

static void
sac_close (void *self)
{
  struct sac *sac = self;
  replay_free (&sac->replay);
  policy_free (&sac->policy);
  for (int k = 0; k < CRITICS; k++)
    scorer_free (sac->critics + k);
  rl_free (&sac->rl);
  free (sac->choices);
  free (sac->costs);
  free (sac->others);
}

static void
choose (void *self, double extra, struct choice *choice, double *row)
{
  struct sac *sac = self;
  policy_choose (&sac->policy, &sac->rl.rng, extra, choice, row);
}

static int
sac_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct sac *sac = self;
  return rl_ask (&sac->rl, asks, choose, sac, err);
}

/* ---- critics ---- */

static void
fit_critic (struct sac *sac, struct scorer *critic)
{
  uint32_t n = sac->replay.batch;
  scorer_forward (critic, critic->params, sac->replay.observed, NULL, n);
  for (uint32_t b = 0; b < n; b++) {
    float slope, value = additive_value (critic, b, sac->choices + b);
    nn_huber (value - sac->replay.rewards[b], 1, &slope);
    additive_slope (critic, b, sac->choices + b, slope / (float)n);
  }
  scorer_step (critic, &sac->adam, sac->norm, n);
}

/* ---- actor and temperature ---- */

/* The lower of what the critics say that levels add, less the bonus for entropy. */
static void
costs_of (struct sac *sac, uint32_t b, uint32_t i, float temperature, const float *logs)
{
  uint32_t levels = sac->rl.heads.of[i].levels;
  additive_parts (sac->critics, b, i, sac->costs);
  additive_parts (sac->critics + 1, b, i, sac->others);
  for (uint32_t k = 0; k < levels; k++)
    sac->costs[k] = temperature * logs[k] - fminf (sac->costs[k], sac->others[k]);
}

/* Slopes of sum_k p_k (temperature log p_k - Q_k) by the logits; returns the entropy. */
static double
slope_head (struct sac *sac, uint32_t b, uint32_t i, float temperature, float weight)
{
  const struct head *head = sac->rl.heads.of + i;
  size_t at = (size_t)b * sac->rl.heads.total + head->at;
  const float *logs = sac->policy.logs + at;
  float *slopes = sac->policy.scorer.score_slopes + at, *p = sac->others;
  double loss = 0, entropy = 0;
  costs_of (sac, b, i, temperature, logs);
  for (uint32_t k = 0; k < head->levels; k++) {
    p[k] = expf (logs[k]);
    loss += p[k] * sac->costs[k];
    entropy -= p[k] * logs[k];
  }
  for (uint32_t k = 0; k < head->levels; k++)
    slopes[k] += weight * p[k] * (sac->costs[k] - (float)loss);
  return entropy;
}

/* The target as a share of the largest entropy. */
static double
target_share (const struct sac *sac)
{
  double trials = isfinite (sac->rl.budget) ? sac->rl.budget : 2000;
  double way = fmin ((double)sac->rl.told / fmax (trials, 1), 1);
  return sac->first + way * (sac->last - sac->first);
}

static void
improve_actor (struct sac *sac)
{
  uint32_t n = sac->replay.batch;
  double entropy = 0, largest = 0;
  float temperature = (float)exp (sac->log_temperature);
  policy_forward (&sac->policy, sac->choices, n);
  for (uint32_t b = 0; b < n; b++)
    for (uint32_t i = 0; i < sac->rl.n; i++)
      if (sac->choices[b].active[i]) {
        entropy += slope_head (sac, b, i, temperature, 1 / (float)n);
        largest += log (sac->rl.heads.of[i].levels);
      }
  scorer_step (&sac->policy.scorer, &sac->adam, sac->norm, n);
  double share = largest > 0 ? entropy / largest : 1;
  sac->log_temperature += sac->temperature_rate * (target_share (sac) - share);
  sac->log_temperature = fmin (fmax (sac->log_temperature, -12), 4);
}

static void
update (struct sac *sac)
{
  replay_draw (&sac->replay, &sac->rl.rng);
  for (uint32_t b = 0; b < sac->replay.batch; b++)
    sac->choices[b] = sac->replay.sample[b]->choice;
  for (int k = 0; k < CRITICS; k++)
    fit_critic (sac, sac->critics + k);
  improve_actor (sac);
}

static int
learn (void *self, const struct episode *episode)
{
  struct sac *sac = self;
  replay_add (&sac->replay, episode);
  for (int64_t k = 0; k < sac->updates && sac->rl.told >= (uint64_t)sac->start; k++)
    update (sac);
  return GYM_OK;
}

static int
sac_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct sac *sac = self;
  return rl_tell (&sac->rl, tells, learn, sac, err);
}

static const struct gym_option options[] = {
  { .name = "batch",
    .doc = "past trials in a step",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct sac, size),
    .low = 1,
    .high = 1024,
    .initial = "32" },
  { .name = "replay",
    .doc = "latest trials that are kept to learn from",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct sac, room),
    .low = 1,
    .high = 1e6,
    .initial = "10000" },
  { .name = "updates",
    .doc = "steps after each trial",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct sac, updates),
    .low = 1,
    .high = 100,
    .initial = "1" },
  { .name = "start",
    .doc = "trials before the first step",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct sac, start),
    .low = 1,
    .high = 1e6,
    .initial = "10" },
  { .name = "rate",
    .doc = "learning rate of Adam",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct sac, rate),
    .low = 1e-6,
    .high = 1,
    .initial = "0.003" },
  { .name = "temperature_rate",
    .doc = "how fast the temperature follows the target entropy",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct sac, temperature_rate),
    .low = 1e-4,
    .high = 10,
    .initial = "0.1" },
  { .name = "entropy",
    .doc = "target entropy at first, as a share of the largest",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct sac, first),
    .low = 0,
    .high = 1,
    .initial = "0.7" },
  { .name = "entropy_last",
    .doc = "and at the end of the budget",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct sac, last),
    .low = 0,
    .high = 1,
    .initial = "0.05" },
  { .name = "norm",
    .doc = "longer gradients are cut to this length",
    .type = GYM_OPTION_REAL,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct sac, norm),
    .low = 1e-3,
    .high = 1e3,
    .initial = "10" },
  { .name = "floor",
    .doc = "share of every choice that stays uniform, whatever is learnt",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct sac, floor),
    .low = 0,
    .high = 1,
    .initial = "0.01" },
  SCORER_OPTIONS (struct sac, network, "2", "64", "ordinal"),
};

static const struct gym_agent_class sac_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR,
  .id = "sac-v1",
  .summary = "soft actor-critic with a head for every parameter, from replay",
  .doc =
      "An actor maps the previous trial's normalised metrics and reward to a "
      "distribution "
      "over every parameter's levels; two critics tell what each level adds to the "
      "reward "
      "to expect. After every trial all three learn from past ones drawn at random: the "
      "critics what the rewards were, the actor to favour what the lower critic values, "
      "with an entropy held at a target that falls over the budget. Rewards are the "
      "objective, minimised, in running standard deviations; infeasible and failed "
      "trials "
      "count one below the worst seen, broken constraints in between. Levels of ordinals "
      "and integers share what they learn with their neighbours; reals and long integers "
      "are drawn from bins, and every level keeps a share of probability. A design that "
      "was evaluated before is drawn again with a growing uniform share, and replaced by "
      "a fresh uniform one in the end. Learns from every trial many times: good where "
      "parameters add up.",
  .source = "P. Christodoulou: Soft actor-critic for discrete action settings, arXiv "
            "1910.07207 (2019); T. Haarnoja, A. Zhou, P. Abbeel, S. Levine: Soft "
            "actor-critic, ICML 2018",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "reinforcement: soft actor-critic" },
  .instance_size = sizeof (struct sac),
  .max_objectives = 1,
  .in_flight = 4,
  .open = sac_open,
  .close = sac_close,
  .ask = sac_ask,
  .tell = sac_tell,
};

static const struct gym_agent_class *const classes[] = { &sac_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "sac",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "soft actor-critic",
  .agents = classes,
};
