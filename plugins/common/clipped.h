/* plugins/common/clipped.h - the update of proximal policy optimisation: several epochs
 * over a batch of episodes, of the clipped surrogate and an entropy bonus (Schulman et
 * al., "Proximal policy optimization algorithms", 2017).
 *
 * A unit is what is clipped as one: all parameters for a single agent, those of each
 * learner for several (de Witt et al., "Is independent learning all you need in the
 * StarCraft multi-agent challenge?", 2020). */
#ifndef PLUGINS_COMMON_CLIPPED_H
#define PLUGINS_COMMON_CLIPPED_H

#include "plugins/common/clipped_options.h"
#include "plugins/common/rl.h"

struct clipped {
  struct policy *policy;
  struct clipped_options settings;
  struct nn_adam_settings adam;
  uint32_t units, most;   /* episodes in a batch */
  uint32_t *order;        /* shuffled episodes */
  struct choice *choices; /* of a minibatch */
};

/* For batches of up to `most` episodes, of one unit with all parameters, or as many units
 * as there are learners. GYM_ENOMEM; clipped_free is safe after that and on zeroed
 * memory.
 */
int clipped_init (struct clipped *clipped, struct policy *policy,
                  const struct clipped_options *settings, uint32_t units, uint32_t most);
void clipped_free (struct clipped *clipped);

/* One batch; advantages has a row of `units` an episode. */
void clipped_update (struct clipped *clipped, gym_rng *rng,
                     const struct episode *episodes, const float *advantages, uint32_t n);

#endif
