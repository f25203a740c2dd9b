/* Priors of agents: the stores of a bank, and the prior they give. */
#include "core/cmd/prior.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words of the command line outlive everything here: they are only pointed at. */
int
cmd_prior_add (struct cmd_prior *p, const char *store, gym_error *err)
{
  const char **more = realloc (p->stores, (p->n_stores + 1) * sizeof *more);
  if (!more)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  p->stores = more;
  p->stores[p->n_stores++] = store;
  return GYM_OK;
}

/* Whether the last prior is the one that the agent at hand asks for: a second bank would
 * read the stores again and, without a store for them, evaluate all anchors again. */
static bool
same_stores (const struct cmd_prior *p)
{
  if (!p->made || p->n_stores != p->n_made_of)
    return false;
  for (size_t i = 0; i < p->n_stores; i++)
    if (strcmp (p->stores[i], p->made_of[i]) != 0)
      return false;
  return true;
}

/* A task that was left out is a reason for a poor prior: it is named. */
static int
tell (const gym_bank *bank, const gym_prior *prior, gym_error *err)
{
  char *text = gym_prior_describe (prior, err);
  if (!text)
    return GYM_ENOMEM;
  fputs (text, stderr);
  gym_free (text);
  for (size_t i = 0; i < gym_bank_tasks (bank); i++) {
    const struct gym_bank_task *t = gym_bank_task (bank, i);
    if (*t->why)
      fprintf (stderr, "gym: %s was left out: %s\n", t->workload, t->why);
  }
  return GYM_OK;
}

/* The last prior may go: a study copies what it is given. */
static int
learn (struct cmd_prior *p, gym_env *env, const char *objective, const char *store,
       bool quiet, gym_error *err)
{
  const struct gym_bank_options options = { .struct_size = sizeof options,
                                            .objective = objective,
                                            .store = store };
  gym_bank *bank = gym_bank_open (p->stores, p->n_stores, env, &options, err);
  if (!bank)
    return err->code;
  gym_prior_destroy (&p->made);
  p->made = gym_bank_prior (bank, NULL, err);
  int code = p->made ? GYM_OK : err->code;
  if (code == GYM_OK && !quiet)
    code = tell (bank, p->made, err);
  gym_bank_destroy (&bank);
  free (p->made_of);
  p->made_of = p->stores;
  p->n_made_of = p->n_stores;
  p->stores = NULL;
  return code;
}

/* An agent without --prior begins as ever. */
int
cmd_prior_make (struct cmd_prior *p, gym_env *env, const char *objective,
                const char *store, bool quiet, const gym_prior **out, gym_error *err)
{
  int code = GYM_OK;
  *out = NULL;
  if (p->n_stores == 0)
    return GYM_OK;
  if (!same_stores (p))
    code = learn (p, env, objective, store, quiet, err);
  p->n_stores = 0;
  *out = code == GYM_OK ? p->made : NULL;
  return code;
}

void
cmd_prior_clear (struct cmd_prior *p)
{
  free (p->stores);
  free (p->made_of);
  gym_prior_destroy (&p->made);
}
