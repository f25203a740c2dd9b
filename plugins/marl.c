/* plugins/marl.c - several learners, one for each parameter or group of parameters, that
 * share the reward of the design they choose together.
 *
 * Krishnan et al., "Multi-agent reinforcement learning for microprocessor design space
 * exploration" (2022). Each learner is an actor that improves by proximal policy
 * optimisation on its own choice; they differ in what tells them how good it was:
 *   own      each has a critic of what it sees itself (independent PPO: de Witt et al.,
 *            "Is independent learning all you need in the StarCraft multi-agent
 *            challenge?", 2020)
 *   central  one critic sees the observation, whose turn it is, and the joint choice of
 *            the others (MAPPO: Yu et al., "The surprising effectiveness of PPO in
 *            cooperative multi-agent games", 2022)
 *   none     no critic: what counts is the reward against the batch's mean
 * A critic must not see the choice it judges, nor what depends on it, or the gradient
 * would be biased (Foerster et al., "Counterfactual multi-agent policy gradients", 2018,
 * lemma 1): where all choose at once it sees all others, where one after another
 * (autoregressive) those before. Batches are large, not split, and used some ten
 * times, as Yu et al. advise: few designs say little about which of many learners was
 * right. An episode is one step: an advantage is the reward minus the critic's value,
 * whatever discount and lambda would be. */
#include "plugins/common/batch.h"
#include "plugins/common/clipped.h"
#include "plugins/common/critic.h"

#include <stdlib.h>
#include <string.h>

enum { CENTRAL, OWN, NONE };
enum { PARALLEL, AUTOREGRESSIVE };
enum { PARAMETER, GROUP };

struct marl {
  struct scorer_options network;
  struct clipped_options learning;
  int64_t critic_width, critic_epochs;
  int32_t critic, order, deal;

  struct rl rl;
  struct policy policy;
  struct clipped clipped;
  struct batch batch;
  uint32_t learners, *learner; /* of each parameter */
  struct critic *critics;
  uint32_t n_critics, inputs; /* one, one a learner or none; numbers each sees */
  float *rows;                /* what a critic sees of the batch's episodes */
  float *advantages;          /* learners of each episode */
};

/* ---- who learns what ---- */

/* The learner of an earlier parameter of the same group, or a new one. */
static uint32_t
learner_of (const struct marl *marl, uint32_t i)
{
  const struct gym_space *space = marl->rl.heads.space;
  const char *group = marl->rl.host->space_param (space, i)->group;
  for (uint32_t k = 0; k < i && group && marl->deal == GROUP; k++) {
    const char *other = marl->rl.host->space_param (space, k)->group;
    if (other && strcmp (group, other) == 0)
      return marl->learner[k];
  }
  return marl->learners;
}

static int
deal_parameters (struct marl *marl)
{
  marl->learner = calloc (marl->rl.n + 1, sizeof *marl->learner);
  if (!marl->learner)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < marl->rl.n; i++) {
    marl->learner[i] = learner_of (marl, i);
    marl->learners += marl->learner[i] == marl->learners;
  }
  return GYM_OK;
}

/* ---- opening ---- */

static int
set_up_actors (struct marl *marl, uint32_t size, uint64_t seed)
{
  struct scorer_setup setup = { .heads = &marl->rl.heads,
                                .n_observed = marl->rl.n_observed,
                                .learners = marl->learners,
                                .learner = marl->learner,
                                .autoregressive = marl->order == AUTOREGRESSIVE,
                                .layers = (uint32_t)marl->network.layers,
                                .width = (uint32_t)marl->network.width,
                                .activation = NN_TANH,
                                .shape = (uint32_t)marl->network.shape,
                                .gain = 0.01f,
                                .batch = size,
                                .seed = gym_rng_derive (seed, 1, 0) };
  int code = policy_init (&marl->policy, &setup, marl->learning.floor);
  if (code == GYM_OK)
    code = clipped_init (&marl->clipped, &marl->policy, &marl->learning, marl->learners,
                         size);
  return code;
}

static int
set_up_critics (struct marl *marl, uint32_t size, uint64_t seed)
{
  bool central = marl->critic == CENTRAL;
  int code = GYM_OK;
  marl->n_critics = central ? 1 : marl->critic == OWN ? marl->learners : 0;
  marl->inputs =
      marl->rl.n_observed + marl->rl.heads.n_code + (central ? marl->learners : 0);
  marl->critics = calloc (marl->n_critics + 1, sizeof *marl->critics);
  marl->rows = calloc ((size_t)size * marl->inputs, sizeof *marl->rows);
  marl->advantages = calloc ((size_t)size * marl->learners, sizeof *marl->advantages);
  if (!marl->critics || !marl->rows || !marl->advantages)
    return GYM_ENOMEM;
  for (uint32_t k = 0; k < marl->n_critics && code == GYM_OK; k++)
    code = critic_init (marl->critics + k, marl->inputs, (uint32_t)marl->network.layers,
                        (uint32_t)marl->critic_width, size, gym_rng_derive (seed, 2, k));
  return code;
}

static int
set_up (struct marl *marl, const struct gym_host *host, const struct gym_problem *problem,
        uint64_t seed)
{
  int code = rl_init (&marl->rl, host, problem, seed, &marl->network);
  uint32_t size = batch_size (&marl->rl, marl->learning.batch, 1.5);
  if (code == GYM_OK)
    code = deal_parameters (marl);
  if (code == GYM_OK)
    code = set_up_actors (marl, size, seed);
  if (code == GYM_OK)
    code = set_up_critics (marl, size, seed);
  if (code == GYM_OK)
    code = batch_init (&marl->batch, &marl->rl, size);
  return code;
}

static int
marl_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
           uint64_t seed, gym_error *err)
{
  int code = set_up (self, host, problem, seed);
  return code < 0 ? gym_fail (err, code, "out of memory for the learners") : GYM_OK;
}

static void
marl_close (void *self)
{
  struct marl *marl = self;
  batch_free (&marl->batch);
  clipped_free (&marl->clipped);
  policy_free (&marl->policy);
  for (uint32_t k = 0; marl->critics && k < marl->n_critics; k++)
    critic_free (marl->critics + k);
  rl_free (&marl->rl);
  free (marl->learner);
  free (marl->critics);
  free (marl->rows);
  free (marl->advantages);
}

static void
choose (void *self, double extra, struct choice *choice, double *row)
{
  struct marl *marl = self;
  policy_choose (&marl->policy, &marl->rl.rng, extra, choice, row);
}

static int
marl_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct marl *marl = self;
  return rl_ask (&marl->rl, asks, choose, marl, err);
}

/* ---- learning ---- */

/* Whether the critic that judges learner g sees the choice of parameter i. */
static bool
sees (const struct marl *marl, uint32_t g, uint32_t i)
{
  if (marl->order == AUTOREGRESSIVE)
    return marl->learner[i] < g;
  return marl->critic == CENTRAL && marl->learner[i] != g;
}

/* The critic's input: the observation, the choices it sees, and whose turn it is. */
static void
write_row (const struct marl *marl, uint32_t g, const struct choice *choice, float *row)
{
  const struct heads *heads = &marl->rl.heads;
  uint32_t observed = marl->rl.n_observed;
  memcpy (row, choice->observed, observed * sizeof *row);
  row += observed;
  memset (row, 0, (marl->inputs - observed) * sizeof *row);
  for (uint32_t i = 0; i < heads->n; i++) {
    const struct head *head = heads->of + i;
    if (sees (marl, g, i))
      memcpy (row + head->code, choice->code + head->code, head->n_code * sizeof *row);
  }
  if (marl->critic == CENTRAL)
    row[heads->n_code + g] = 1;
}

static struct critic *
turn_to (struct marl *marl, uint32_t g)
{
  for (uint32_t b = 0; b < marl->batch.count; b++)
    write_row (marl, g, &marl->batch.episodes[b].choice,
               marl->rows + (size_t)b * marl->inputs);
  return marl->critics + (marl->critic == CENTRAL ? 0 : g);
}

static void
judge_batch (struct marl *marl)
{
  uint32_t n = marl->batch.count, learners = marl->learners;
  for (uint32_t g = 0; g < learners; g++) {
    const float *values =
        marl->critic == NONE ? NULL : critic_values (turn_to (marl, g), marl->rows, n);
    for (uint32_t b = 0; b < n; b++)
      marl->advantages[b * learners + g] =
          marl->batch.rewards[b] - (values ? values[b] : 0);
    batch_normalise (marl->advantages + g, n, learners);
  }
}

static void
improve_critics (struct marl *marl)
{
  for (int64_t e = 0; e < marl->critic_epochs && marl->critic != NONE; e++)
    for (uint32_t g = 0; g < marl->learners; g++)
      critic_fit (turn_to (marl, g), &marl->clipped.adam, marl->learning.norm, marl->rows,
                  marl->batch.rewards, marl->batch.count);
}

static int
learn (void *self, const struct episode *episode)
{
  struct marl *marl = self;
  if (!batch_add (&marl->batch, episode))
    return GYM_OK;
  batch_rewards (&marl->batch);
  judge_batch (marl);
  clipped_update (&marl->clipped, &marl->rl.rng, marl->batch.episodes, marl->advantages,
                  marl->batch.count);
  improve_critics (marl);
  marl->batch.count = 0;
  return GYM_OK;
}

static int
marl_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct marl *marl = self;
  return rl_tell (&marl->rl, tells, learn, marl, err);
}

static const char *const critics[] = { "central", "own", "none", NULL };
static const char *const orders[] = { "parallel", "autoregressive", NULL };
static const char *const deals[] = { "parameter", "group", NULL };

static const struct gym_option options[] = {
  { .name = "critic",
    .doc = "what a learner's choice is measured against: one critic that sees the "
           "observation and what the others chose (MAPPO), a critic of its own "
           "(independent PPO), or the batch's mean alone",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct marl, critic),
    .choices = critics,
    .initial = "central" },
  { .name = "order",
    .doc = "all learners choose at once, or one after another, seeing what those before "
           "chose",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct marl, order),
    .choices = orders,
    .initial = "parallel" },
  { .name = "learners",
    .doc = "one for each parameter, or one for all parameters of a named group",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct marl, deal),
    .choices = deals,
    .initial = "parameter" },
  { .name = "critic_width",
    .doc = "units of a critic's hidden layers",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct marl, critic_width),
    .low = 1,
    .high = 1024,
    .initial = "32" },
  { .name = "critic_epochs",
    .doc = "passes over a batch with which critics are fitted",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct marl, critic_epochs),
    .low = 1,
    .high = 100,
    .initial = "4" },
  CLIPPED_OPTIONS (struct marl, learning, "0.02", "0.4", "one and a half times", "8"),
  SCORER_OPTIONS (struct marl, network, "1", "16", "ordinal"),
};

static const struct gym_agent_class marl_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR,
  .id = "marl-v1",
  .summary = "multi-agent reinforcement learning: a learner for each parameter",
  .doc =
      "Every parameter (or named group of them) has a learner of its own, a small "
      "network "
      "from the previous trial's normalised metrics and reward to a distribution over "
      "its "
      "levels; all share the reward of the design. After `batch` results each improves "
      "by "
      "proximal policy optimisation on its own choices, measured against a critic; the "
      "clipping holds for each learner by itself, so that many parameters do not slow "
      "each other down. Rewards are the objective, minimised, in running standard "
      "deviations; infeasible and failed trials count one below the worst seen, broken "
      "constraints in between. Levels of ordinals and integers share what they learn "
      "with "
      "their neighbours; reals and long integers are drawn from bins, and every level "
      "keeps a share of probability. A design that was evaluated before is drawn again "
      "with a growing uniform share, and replaced by a fresh uniform one in the end, "
      "from "
      "which nothing is learnt. Order autoregressive suits coupled parameters.",
  .source = "S. Krishnan, N. Jaques, S. Omidshafiei, D. Zhang, I. Gur, V. J. Reddi, A. "
            "Faust: Multi-agent reinforcement learning for microprocessor design space "
            "exploration, arXiv 2211.16385 (2022); C. Yu et al.: The surprising "
            "effectiveness of PPO in cooperative multi-agent games, NeurIPS 2022",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "reinforcement: an agent a parameter" },
  .instance_size = sizeof (struct marl),
  .max_objectives = 1,
  .in_flight = 4,
  .open = marl_open,
  .close = marl_close,
  .ask = marl_ask,
  .tell = marl_tell,
};

static const struct gym_agent_class *const classes[] = { &marl_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "marl",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "multi-agent reinforcement learning",
  .agents = classes,
};
