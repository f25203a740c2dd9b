/* prior.h - priors of agents from the command line. */
#ifndef CMD_PRIOR_H
#define CMD_PRIOR_H

#include <gym/gym.h>

/* Starts zeroed. `stores` are those of the agent at hand. */
struct cmd_prior {
  const char **stores;
  size_t n_stores;
  const char **made_of; /* the stores of `made` */
  size_t n_made_of;
  gym_prior *made;
};

/* One more store for the agent at hand. */
int cmd_prior_add (struct cmd_prior *prior, const char *store, gym_error *err);

/* The prior of the agent at hand (NULL when it has no stores), borrowed until the next
 * call, and no stores for the next agent. What comes out is told on standard error unless
 * `quiet`; agents of the same stores share one prior. */
int cmd_prior_make (struct cmd_prior *prior, gym_env *env, const char *objective,
                    const char *store, bool quiet, const gym_prior **out, gym_error *err);

void cmd_prior_clear (struct cmd_prior *prior);

#endif
