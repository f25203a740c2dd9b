/* plugins/ppo.c - proximal policy optimisation over the whole design.
 *
 * Schulman et al., "Proximal policy optimization algorithms" (2017). The actor is a
 * network with a head per parameter, or, autoregressive, a small one per parameter that
 * sees the choices before; the critic another network that tells what reward to expect
 * after an observation. An episode is one step: its advantage is the reward minus that
 * value, whatever discount and lambda would be. */
#include "plugins/common/batch.h"
#include "plugins/common/clipped.h"
#include "plugins/common/critic.h"

#include <stdlib.h>
#include <string.h>

enum { FACTORED, AUTOREGRESSIVE };

struct ppo {
  struct scorer_options network;
  struct clipped_options learning;
  int32_t order;

  struct rl rl;
  struct policy policy;
  struct clipped clipped;
  struct critic critic;
  struct batch batch;
  float *observed;   /* of the batch's episodes, a row each */
  float *advantages; /* of a batch */
};

static int
set_up_policy (struct ppo *ppo, uint32_t size, uint64_t seed)
{
  bool many = ppo->order == AUTOREGRESSIVE;
  uint32_t *learner = calloc (ppo->rl.n + 1, sizeof *learner);
  if (!learner)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < ppo->rl.n; i++)
    learner[i] = many ? i : 0;
  struct scorer_setup setup = { .heads = &ppo->rl.heads,
                                .n_observed = ppo->rl.n_observed,
                                .learners = many ? ppo->rl.n : 1,
                                .learner = learner,
                                .autoregressive = many,
                                .layers = (uint32_t)ppo->network.layers,
                                .width = (uint32_t)ppo->network.width,
                                .activation = NN_TANH,
                                .shape = (uint32_t)ppo->network.shape,
                                .gain = 0.01f,
                                .batch = size,
                                .seed = gym_rng_derive (seed, 1, 0) };
  int code = policy_init (&ppo->policy, &setup, ppo->learning.floor);
  free (learner);
  return code;
}

static int
set_up (struct ppo *ppo, const struct gym_host *host, const struct gym_problem *problem,
        uint64_t seed)
{
  int code = rl_init (&ppo->rl, host, problem, seed, &ppo->network);
  uint32_t size = batch_size (&ppo->rl, ppo->learning.batch, 0.5);
  if (code == GYM_OK)
    code = set_up_policy (ppo, size, seed);
  if (code == GYM_OK)
    code = clipped_init (&ppo->clipped, &ppo->policy, &ppo->learning, 1, size);
  if (code == GYM_OK)
    code = critic_init (&ppo->critic, ppo->rl.n_observed, (uint32_t)ppo->network.layers,
                        (uint32_t)ppo->network.width, size, gym_rng_derive (seed, 2, 0));
  if (code == GYM_OK)
    code = batch_init (&ppo->batch, &ppo->rl, size);
  ppo->observed = calloc ((size_t)size * ppo->rl.n_observed, sizeof (float));
  ppo->advantages = calloc (size, sizeof (float));
  return ppo->observed && ppo->advantages ? code : GYM_ENOMEM;
}

static int
ppo_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
          uint64_t seed, gym_error *err)
{
  int code = set_up (self, host, problem, seed);
  return code < 0 ? gym_fail (err, code, "out of memory for actor and critic") : GYM_OK;
}

static void
ppo_close (void *self)
{
  struct ppo *ppo = self;
  batch_free (&ppo->batch);
  clipped_free (&ppo->clipped);
  critic_free (&ppo->critic);
  policy_free (&ppo->policy);
  rl_free (&ppo->rl);
  free (ppo->observed);
  free (ppo->advantages);
}

static void
choose (void *self, double extra, struct choice *choice, double *row)
{
  struct ppo *ppo = self;
  policy_choose (&ppo->policy, &ppo->rl.rng, extra, choice, row);
}

/* Everything of asking that is not the policy's is in rl.c. */
static int
ppo_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct ppo *ppo = self;
  return rl_ask (&ppo->rl, asks, choose, ppo, err);
}

/* ---- learning ---- */

static void
judge_batch (struct ppo *ppo)
{
  uint32_t n = ppo->batch.count, width = ppo->rl.n_observed;
  batch_rewards (&ppo->batch);
  for (uint32_t b = 0; b < n; b++)
    memcpy (ppo->observed + (size_t)b * width, ppo->batch.episodes[b].choice.observed,
            width * sizeof (float));
  const float *values = critic_values (&ppo->critic, ppo->observed, n);
  for (uint32_t b = 0; b < n; b++)
    ppo->advantages[b] = ppo->batch.rewards[b] - values[b];
  batch_normalise (ppo->advantages, n, 1);
}

static int
learn (void *self, const struct episode *episode)
{
  struct ppo *ppo = self;
  uint32_t n = ppo->batch.size;
  if (!batch_add (&ppo->batch, episode))
    return GYM_OK;
  judge_batch (ppo);
  clipped_update (&ppo->clipped, &ppo->rl.rng, ppo->batch.episodes, ppo->advantages, n);
  for (int64_t e = 0; e < ppo->learning.epochs; e++)
    critic_fit (&ppo->critic, &ppo->clipped.adam, ppo->learning.norm, ppo->observed,
                ppo->batch.rewards, n);
  ppo->batch.count = 0;
  return GYM_OK;
}

static int
ppo_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct ppo *ppo = self;
  return rl_tell (&ppo->rl, tells, learn, ppo, err);
}

static const char *const orders[] = { "factored", "autoregressive", NULL };

static const struct gym_option options[] = {
  CLIPPED_OPTIONS (struct ppo, learning, "0.01", "0.2", "half", "4"),
  { .name = "order",
    .doc = "all parameters drawn independently from one network, or one after the other, "
           "each by a network of its own that sees the choices before: for coupled "
           "parameters, at several times the cost (width=16 layers=1 then suffice)",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct ppo, order),
    .choices = orders,
    .initial = "factored" },
  SCORER_OPTIONS (struct ppo, network, "2", "64", "ordinal"),
};

static const struct gym_agent_class ppo_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR,
  .id = "ppo-v1",
  .summary = "proximal policy optimisation over the whole design",
  .doc =
      "An actor maps the previous trial's normalised metrics and reward to a "
      "distribution over every parameter's levels; a critic to the reward to expect. "
      "After `batch` results the actor takes `epochs` passes over them along the clipped "
      "surrogate, the advantages being reward minus expectation, normalised over the "
      "batch. Rewards are the objective, minimised, in running standard deviations; "
      "infeasible and failed trials count one below the worst seen, broken constraints "
      "in between. Levels of ordinals and integers share what they learn with their "
      "neighbours; reals and long integers are drawn from bins, and every level keeps a "
      "share of probability. A design that was evaluated before is drawn again with a "
      "growing uniform share, and replaced by a fresh uniform one in the end, from which "
      "nothing is learnt. Good from some 200 evaluations on where many parameters act "
      "more or less by themselves.",
  .source = "J. Schulman, F. Wolski, P. Dhariwal, A. Radford, O. Klimov: Proximal policy "
            "optimization algorithms, arXiv 1707.06347 (2017); ordered levels after Y. "
            "Tang, S. Agrawal: Discretizing continuous action space for on-policy "
            "optimization, AAAI 2020",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "reinforcement: clipped policy gradient" },
  .instance_size = sizeof (struct ppo),
  .max_objectives = 1,
  .in_flight = 4,
  .open = ppo_open,
  .close = ppo_close,
  .ask = ppo_ask,
  .tell = ppo_tell,
};

static const struct gym_agent_class *const classes[] = { &ppo_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "ppo",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "proximal policy optimisation",
  .agents = classes,
};
