/* Proximal policy optimisation's update: see clipped.h. */
#include "plugins/common/clipped.h"

#include <stdlib.h>

int
clipped_init (struct clipped *clipped, struct policy *policy,
              const struct clipped_options *settings, uint32_t units, uint32_t most)
{
  *clipped = (struct clipped){ .policy = policy,
                               .settings = *settings,
                               .units = units,
                               .most = most,
                               .adam = { .rate = (float)settings->rate,
                                         .beta1 = 0.9f,
                                         .beta2 = 0.999f,
                                         .epsilon = 1e-5f } };
  clipped->order = calloc (most, sizeof *clipped->order);
  clipped->choices = calloc (most, sizeof *clipped->choices);
  return clipped->order && clipped->choices ? GYM_OK : GYM_ENOMEM;
}

void
clipped_free (struct clipped *clipped)
{
  free (clipped->order);
  free (clipped->choices);
  *clipped = (struct clipped){ 0 };
}

/* Choices of inactive parameters changed nothing: they are neither praised nor blamed. */
static bool
in_unit (const struct clipped *c, const struct choice *choice, uint32_t unit, uint32_t i)
{
  return choice->active[i] && (c->units == 1 || scorer_has (&c->policy->scorer, unit, i));
}

/* Slopes of one episode's unit: the surrogate's and the entropy's. */
static void
slope_unit (struct clipped *c, uint32_t b, uint32_t unit, float advantage, float weight)
{
  struct policy *policy = c->policy;
  const struct choice *choice = c->choices + b;
  float new = 0, old = 0, slope;
  for (uint32_t i = 0; i < policy->heads->n; i++)
    if (in_unit (c, choice, unit, i)) {
      new += policy_log (policy, b, i, choice->levels[i]);
      old += choice->logs[i];
    }
  nn_clipped_surrogate (new, old, advantage, (float)c->settings.clip, &slope);
  for (uint32_t i = 0; i < policy->heads->n; i++)
    if (in_unit (c, choice, unit, i)) {
      policy_log_slope (policy, b, i, choice->levels[i], slope * weight);
      policy_entropy_slope (policy, b, i, -(float)c->settings.entropy * weight);
    }
}

/* Slopes are means over the minibatch, so that its size does not change the rate. */
static void
step (struct clipped *c, const struct episode *episodes, const float *advantages,
      const uint32_t *order, uint32_t n)
{
  struct scorer *scorer = &c->policy->scorer;
  for (uint32_t b = 0; b < n; b++)
    c->choices[b] = episodes[order[b]].choice;
  policy_forward (c->policy, c->choices, n);
  for (uint32_t b = 0; b < n; b++)
    for (uint32_t u = 0; u < c->units; u++)
      slope_unit (c, b, u, advantages[(size_t)order[b] * c->units + u], 1 / (float)n);
  scorer_step (scorer, &c->adam, c->settings.norm, n);
}

/* Advantages stay fixed over the epochs: they belong to the policy that chose. */
void
clipped_update (struct clipped *clipped, gym_rng *rng, const struct episode *episodes,
                const float *advantages, uint32_t n)
{
  int64_t wanted = clipped->settings.minibatch;
  uint32_t size = wanted > 0 && wanted < n ? (uint32_t)wanted : n;
  for (uint32_t b = 0; b < n; b++)
    clipped->order[b] = b;
  for (int64_t e = 0; e < clipped->settings.epochs; e++) {
    gym_rng_shuffle (rng, clipped->order, n);
    for (uint32_t from = 0; from < n; from += size) {
      uint32_t count = n - from < size ? n - from : size;
      step (clipped, episodes, advantages, clipped->order + from, count);
    }
  }
}
