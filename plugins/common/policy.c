/* Policies over designs: see policy.h. */
#include "plugins/common/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
policy_init (struct policy *policy, const struct scorer_setup *setup, double floor)
{
  const struct heads *heads = setup->heads;
  *policy = (struct policy){ .heads = heads, .floor = floor };
  policy->logs = calloc ((size_t)setup->batch * heads->total + 1, sizeof (float));
  policy->spare = calloc (heads->n + 1, sizeof *policy->spare);
  policy->in = calloc (setup->batch, sizeof *policy->in);
  policy->code = calloc (setup->batch, sizeof *policy->code);
  if (!policy->logs || !policy->spare || !policy->in || !policy->code)
    return GYM_ENOMEM;
  return scorer_init (&policy->scorer, setup);
}

void
policy_free (struct policy *policy)
{
  scorer_free (&policy->scorer);
  free (policy->logs);
  free (policy->spare);
  free (policy->in);
  free (policy->code);
  *policy = (struct policy){ 0 };
}

/* ---- probabilities ---- */

static const float *
logs_of (const struct policy *policy, uint32_t b, uint32_t i)
{
  return policy->logs + (size_t)b * policy->heads->total + policy->heads->of[i].at;
}

/* A prior is where learning begins: its logarithm stands beside the scores, which start
 * near 0, and slopes are the same with it. */
static void
take_logs (struct policy *policy, uint32_t b, uint32_t i)
{
  const struct head *head = policy->heads->of + i;
  const double *lean = policy->heads->lean;
  size_t at = (size_t)b * policy->heads->total + head->at;
  float *scores = policy->scorer.scores + at;
  for (uint32_t k = 0; lean && k < head->levels; k++)
    scores[k] += (float)log (lean[head->at + k]);
  nn_log_softmax (scores, head->levels, policy->logs + at);
}

/* Through doubles: the mixture keeps a level that the softmax has given up. */
float
policy_log (const struct policy *policy, uint32_t b, uint32_t i, uint32_t level)
{
  double softmax = exp (logs_of (policy, b, i)[level]);
  double levels = policy->heads->of[i].levels;
  return (float)log ((1 - policy->floor) * softmax + policy->floor / levels);
}

static float *
slopes_of (struct policy *policy, uint32_t b, uint32_t i)
{
  return policy->scorer.score_slopes + (size_t)b * policy->heads->total
         + policy->heads->of[i].at;
}

/* d log ((1-f) p + f/L) = (1-f) p / ((1-f) p + f/L) d log p. */
void
policy_log_slope (struct policy *policy, uint32_t b, uint32_t i, uint32_t level,
                  float weight)
{
  const float *logs = logs_of (policy, b, i);
  uint32_t levels = policy->heads->of[i].levels;
  double learnt = (1 - policy->floor) * exp (logs[level]);
  double share = learnt > 0 ? learnt / (learnt + policy->floor / levels) : 0;
  nn_log_slope (logs, levels, level, (float)(weight * share), slopes_of (policy, b, i));
}

void
policy_entropy_slope (struct policy *policy, uint32_t b, uint32_t i, float weight)
{
  nn_entropy_slope (logs_of (policy, b, i), policy->heads->of[i].levels, weight,
                    slopes_of (policy, b, i));
}

float
policy_entropy (const struct policy *policy, uint32_t b, uint32_t i)
{
  return nn_entropy (logs_of (policy, b, i), policy->heads->of[i].levels);
}

/* ---- choosing ---- */

/* The floor and what is left to chance come first: no level is ever out of reach. */
static uint32_t
draw_level (const struct policy *policy, gym_rng *rng, double extra, uint32_t i)
{
  uint32_t levels = policy->heads->of[i].levels;
  const float *logs = logs_of (policy, 0, i);
  double u = gym_rng_real (rng);
  if (u < policy->floor + extra)
    return (uint32_t)gym_rng_below (rng, levels);
  u = gym_rng_real (rng);
  for (uint32_t k = 0; k + 1 < levels; k++)
    if ((u -= exp (logs[k])) < 0)
      return k;
  return levels - 1;
}

/* What is known of the activity of the parameters chosen so far: parents come first. */
static void
mask_known (struct policy *policy, const double *row, uint8_t *active)
{
  uint32_t n = policy->heads->n;
  memcpy (policy->spare, row, n * sizeof *row);
  policy->heads->host->space_repair (policy->heads->space, policy->spare);
  for (uint32_t i = 0; i < n; i++)
    active[i] = !isnan (policy->spare[i]);
}

/* Learners in turn: an autoregressive one reads the code of those before it, so theirs is
 * written first, with what is known of activity by then. */
static void
choose_one (struct policy *policy, gym_rng *rng, double extra, uint32_t g,
            struct choice *choice, double *row)
{
  const struct heads *heads = policy->heads;
  struct scorer *scorer = &policy->scorer;
  policy->in[0] = choice->observed;
  policy->code[0] = choice->code;
  scorer_forward_one (scorer, scorer->params, g, policy->in, policy->code, 1);
  for (uint32_t i = 0; i < heads->n; i++)
    if (scorer_has (scorer, g, i)) {
      take_logs (policy, 0, i);
      choice->levels[i] = draw_level (policy, rng, extra, i);
      choice->logs[i] = policy_log (policy, 0, i, choice->levels[i]);
      row[i] = heads_value (heads, rng, i, choice->levels[i]);
    }
  if (!scorer->setup.autoregressive)
    return;
  mask_known (policy, row, choice->active);
  for (uint32_t i = 0; i < heads->n; i++)
    if (scorer_has (scorer, g, i))
      heads_code (heads, i, choice->levels[i], choice->active[i], choice->code);
}

void
policy_choose (struct policy *policy, gym_rng *rng, double extra, struct choice *choice,
               double *row)
{
  const struct heads *heads = policy->heads;
  for (uint32_t i = 0; i < heads->n; i++)
    row[i] = NAN;
  for (uint32_t g = 0; g < policy->scorer.setup.learners; g++)
    choose_one (policy, rng, extra, g, choice, row);
  heads->host->space_repair (heads->space, row);
  for (uint32_t i = 0; i < heads->n; i++) {
    choice->active[i] = !isnan (row[i]);
    if (!policy->scorer.setup.autoregressive)
      heads_code (heads, i, choice->levels[i], choice->active[i], choice->code);
  }
}

/* Choices stand in for themselves: their observations and codes are only borrowed. */
void
policy_forward (struct policy *policy, const struct choice *choices, uint32_t n)
{
  for (uint32_t b = 0; b < n; b++) {
    policy->in[b] = choices[b].observed;
    policy->code[b] = choices[b].code;
  }
  scorer_forward (&policy->scorer, policy->scorer.params, policy->in, policy->code, n);
  for (uint32_t b = 0; b < n; b++)
    for (uint32_t i = 0; i < policy->heads->n; i++)
      take_logs (policy, b, i);
}
