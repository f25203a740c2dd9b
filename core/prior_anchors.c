/* core/prior_anchors.c - evaluating the anchor designs of a task bank. See
 * gym/prior.h. */
#include "core/fingerprint.h"
#include "core/prior_bank.h"
#include "core/store.h"
#include "core/text.h"
#include "core/unsealed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The anchors of one workload as a run of their own. */
struct keeping {
  gym_bank *bank;
  struct bank_task *task;
  gym_env *env;
  gym_writer *writer;
  int64_t study, run;
  uint64_t trials; /* that the run has */
};

/* Nobody searches in such a study, so it is known by what was asked for alone. */
static char *
identity_of (const gym_bank *bank, const gym_env *env, gym_error *err)
{
  struct gym_text text = { 0 };
  gym_text_printf (&text, "{\"anchors\": %u, \"env\": %s, \"objective\": ",
                   bank->options.anchors, gym_env_identity (env));
  gym_text_json (&text, gym_objective_text (bank->objective));
  gym_text_printf (&text, ", \"seed\": %llu}", (unsigned long long)bank->options.seed);
  return gym_text_take (&text, err);
}

static int
find_study (struct keeping *k, gym_error *err)
{
  char *identity = identity_of (k->bank, k->env, err), seeds[24];
  char *fingerprint = gym_fingerprint (gym_env_entry (k->env), err);
  snprintf (seeds, sizeof seeds, "%llu", (unsigned long long)k->bank->options.seed);
  const struct gym_study_row row = { .identity = identity,
                                     .env = gym_env_entry (k->env)->id,
                                     .env_identity = gym_env_identity (k->env),
                                     .objective = gym_objective_text (k->bank->objective),
                                     .budget = (double)k->bank->options.anchors,
                                     .seeds = seeds,
                                     .fingerprint = fingerprint,
                                     .space = gym_env_space (k->env),
                                     .metrics = gym_env_metrics (k->env),
                                     .fidelities = gym_env_fidelities (k->env) };
  k->study = identity && fingerprint ? gym_writer_study (k->writer, &row, NULL, 0, err)
                                     : GYM_ENOMEM;
  gym_free (identity);
  free (fingerprint);
  return k->study < 0 ? (int)k->study : GYM_OK;
}

/* A result of an earlier call: the run may hold some of the anchors only, when others
 * were in the bank's logs. */
static int
take_logged (void *context, const struct gym_logged *t, gym_error *err)
{
  const struct keeping *k = context;
  uint64_t hash = gym_space_hash (k->bank->space, t->design);
  (void)err;
  for (size_t i = 0; i < k->bank->n_anchors; i++)
    if (k->bank->hashes[i] == hash)
      gym_bank_answer (k->bank, &k->task->answers, i, t->status, t->metrics);
  ((struct keeping *)context)->trials++;
  return GYM_OK;
}

static int
find_run (struct keeping *k, gym_error *err)
{
  char options[96];
  uint32_t state;
  uint64_t seed = k->bank->options.seed;
  snprintf (options, sizeof options, "{\"anchors\": %u, \"seed\": %llu}",
            k->bank->options.anchors, (unsigned long long)seed);
  k->run = gym_writer_run (k->writer, k->study, 0, GYM_BANK_AGENT, GYM_BANK_AGENT,
                           options, seed, &state, err);
  return k->run < 0
             ? (int)k->run
             : gym_writer_replay (k->writer, k->study, k->run, take_logged, k, err);
}

/* Sealed metrics that this process has read taint what it adds, anchors too. */
static int
put_down_reads (struct keeping *k, gym_error *err)
{
  struct gym_unsealed *reads = gym_registry_unsealed (gym_env_registry (k->env));
  const char *identity = gym_env_identity (k->env);
  if (gym_unsealed_count (reads, identity) == 0)
    return GYM_OK;
  int64_t read = gym_writer_unseal (k->writer, identity, 0, "script", true, err);
  return read < 0 ? (int)read : GYM_OK;
}

/* Without a store there is nothing to find. */
static int
begin (struct keeping *k, gym_error *err)
{
  const char *path = k->bank->options.store;
  if (!path)
    return GYM_OK;
  k->writer = gym_writer_open (path, GYM_DURABLE_PROCESS, err);
  if (!k->writer)
    return err && err->code ? err->code : GYM_EIO;
  int code = find_study (k, err);
  if (code == GYM_OK)
    code = find_run (k, err);
  return code == GYM_OK ? put_down_reads (k, err) : code;
}

static int
keep (struct keeping *k, size_t i, const double *metrics, uint32_t status, uint64_t seed,
      const char *note, gym_error *err)
{
  const gym_bank *bank = k->bank;
  const struct bank_answers *a = &k->task->answers;
  double violation = bank->c || a->statuses[i] != GYM_TRIAL_OK ? NAN : 0;
  for (uint32_t j = 0; j < bank->c; j++)
    violation = (j ? violation : 0) + a->violations[i * bank->c + j];
  const struct gym_logged trial = {
    .run = k->run,
    .number = k->trials++,
    .status = status,
    .fidelity = gym_env_fidelities (k->env)->n - 1,
    .attempts = 0,
    .origin = -1,
    .seed = seed,
    .design = bank->anchors + i * bank->p,
    .metrics = metrics,
    .goal = gym_objective_report (bank->objective, 0, a->goals[i]),
    .violation = violation,
    .note = note,
  };
  return gym_writer_trial (k->writer, &trial, err);
}

/* One by one: there are few, and one that fails the call costs no other. */
static int
evaluate (struct keeping *k, size_t i, double *metrics, gym_error *err)
{
  gym_bank *bank = k->bank;
  const double *design = bank->anchors + i * bank->p;
  uint64_t seed = gym_rng_derive (0, bank->hashes[i], 0);
  uint32_t status;
  char note[GYM_NOTE] = "";
  int code =
      gym_env_evaluate (k->env, 1, design, NULL, &seed, metrics, &status, note, err);
  if (code < 0)
    return code;
  gym_bank_answer (bank, &k->task->answers, i, status, metrics);
  k->task->about.evaluated++;
  return k->writer ? keep (k, i, metrics, status, seed, note, err) : GYM_OK;
}

static bool
all_known (const gym_bank *bank, const struct bank_answers *answers)
{
  for (size_t i = 0; i < bank->n_anchors; i++)
    if (!answers->known[i])
      return false;
  return true;
}

int
gym_bank_evaluate (gym_bank *bank, struct bank_task *task, gym_env *env, gym_error *err)
{
  struct keeping k = { .bank = bank, .task = task, .env = env };
  if (all_known (bank, &task->answers))
    return GYM_OK;
  double *metrics = malloc ((bank->n + 1u) * sizeof *metrics);
  int code = metrics ? begin (&k, err) : gym_fail_memory (err);
  for (size_t i = 0; code == GYM_OK && i < bank->n_anchors; i++)
    if (!task->answers.known[i])
      code = evaluate (&k, i, metrics, err);
  if (code == GYM_OK && k.writer)
    code =
        gym_writer_run_state (k.writer, k.run, GYM_RUN_FINISHED, (double)k.trials, err);
  if (k.writer) {
    int closed = gym_writer_close (&k.writer, code < 0 ? NULL : err);
    code = code < 0 ? code : closed;
  }
  free (metrics);
  return code;
}
