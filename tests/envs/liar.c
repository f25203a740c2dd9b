/* liar.c - plugins that break the contract, one rule at a time, on request.
 *
 *   liar-v1      an env; option `lie` says which rule
 *   calm-v1      an env that is declared noisy and is not
 *   mute-v1      an env without a doc
 *   careless-v1  an agent; option `lie` as above
 *   forgetful-v1 an agent that promises distinct designs
 *
 * They show that `gym check` sees what it looks for. */
#define _POSIX_C_SOURCE 200809L
#include <gym/plugin.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* What a plugin must not have: something that lives longer than an instance. */
static atomic_uint counter;

/* ---- liar-v1 --------------------------------------------------------------------- */

enum {
  HONEST,
  STATE,
  BATCH,
  ORDER,
  INSTANCE,
  SEED,
  PRINT,
  LEAK,
  NOT_FINITE,
  BAD_DEFAULT,
  ALL_REFUSED,
  INACTIVE,
  RESTLESS_REPAIR,
  NO_UNIT,
  NO_SENTENCE,
  FLAT_COST,
  SEALED
};

static const char *const lies[] = { "none",   "state",    "batch",  "order", "instance",
                                    "seed",   "print",    "leak",   "nan",   "default",
                                    "refuse", "inactive", "repair", "unit",  "sentence",
                                    "cost",   "sealed",   NULL };

struct liar {
  int32_t lie;
  unsigned calls;
  unsigned number;
  struct gym_metric metrics[2];
  struct gym_fidelity fidelities[2];
};

static const struct gym_option liar_options[] = {
  { .name = "lie",
    .doc = "The rule that is broken.",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct liar, lie),
    .choices = lies,
    .initial = "none" },
};

static const char *const modes[] = { "plain", "fancy" };
static const char *const when_fancy[] = { "fancy", NULL };

static const struct gym_param documented[] = {
  { .name = "mode",
    .doc = "A choice.",
    .kind = GYM_CATEGORICAL,
    .levels = modes,
    .n_levels = 2 },
  { .name = "size",
    .doc = "A size.",
    .kind = GYM_INTEGER,
    .low = 1,
    .high = 64,
    .initial = 1 },
  { .name = "extra",
    .doc = "Of the fancy mode.",
    .kind = GYM_REAL,
    .low = 0,
    .high = 1,
    .parent = "mode",
    .when = when_fancy },
};

static const struct gym_param undocumented[] = {
  { .name = "mode", .kind = GYM_CATEGORICAL, .levels = modes, .n_levels = 2 },
};

static const uint8_t first_only[] = { 1, 0 };

static int
liar_open (void *self, const struct gym_host *host, gym_error *err)
{
  struct liar *liar = self;
  (void)host;
  (void)err;
  liar->number = atomic_fetch_add (&counter, 1);
  liar->metrics[0] = (struct gym_metric){
    .name = "cost", .unit = "1", .doc = "A cost.", .sense = GYM_MINIMISE
  };
  liar->metrics[1] = (struct gym_metric){ .name = "gain",
                                          .unit = liar->lie == NO_UNIT ? NULL : "1",
                                          .doc = "A gain.",
                                          .sense = GYM_MAXIMISE };
  liar->fidelities[0] = (struct gym_fidelity){ .name = "low",
                                               .cost = liar->lie == FLAT_COST ? 1 : 0.5,
                                               .yields = first_only };
  liar->fidelities[1] = (struct gym_fidelity){ .name = "high", .cost = 1 };
  if (liar->lie == LEAK && open ("/dev/null", O_RDONLY) < 0)
    return gym_fail (err, GYM_EIO, "cannot even leak");
  return GYM_OK;
}

static void
nothing_to_close (void *self)
{
  (void)self;
}

static int
liar_space (void *self, struct gym_params *out, gym_error *err)
{
  const struct liar *liar = self;
  (void)err;
  if (liar->lie == NO_SENTENCE)
    *out = (struct gym_params)GYM_ARRAY (gym_params, undocumented);
  else
    *out = (struct gym_params)GYM_ARRAY (gym_params, documented);
  return GYM_OK;
}

static int
liar_metrics (void *self, struct gym_metrics *out, gym_error *err)
{
  struct liar *liar = self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, liar->metrics);
  return GYM_OK;
}

static int
liar_fidelities (void *self, struct gym_fidelities *out, gym_error *err)
{
  struct liar *liar = self;
  (void)err;
  *out = (struct gym_fidelities)GYM_ARRAY (gym_fidelities, liar->fidelities);
  return GYM_OK;
}

/* What is added to an honest result. */
static double
liar_offset (const struct liar *liar, const struct gym_batch *batch, size_t i)
{
  switch (liar->lie) {
  case STATE:
    return liar->calls;
  case BATCH:
    return batch->n > 1;
  case ORDER:
    return (double)i;
  case INSTANCE:
    return liar->number;
  case SEED:
    return (double)(batch->seeds[i] % 1000);
  case SEALED:
    return gym_batch_sealed (batch);
  default:
    return 0;
  }
}

static uint32_t
liar_status (const struct liar *liar, const double *row)
{
  if (liar->lie == ALL_REFUSED)
    return GYM_TRIAL_INFEASIBLE;
  if (liar->lie == BAD_DEFAULT && row[0] == 0 && row[1] == 1)
    return GYM_TRIAL_INFEASIBLE;
  return GYM_TRIAL_OK;
}

static int
liar_evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  struct liar *liar = self;
  (void)err;
  liar->calls++;
  if (liar->lie == PRINT && write (STDOUT_FILENO, "Hello\n", 6) < 0)
    return GYM_EIO;
  for (size_t i = 0; i < batch->n; i++) {
    const double *row = batch->designs + i * batch->n_params;
    double *metrics = batch->metrics + i * batch->n_metrics;
    double fancy = batch->n_params > 2 ? row[2] : 0,
           size = batch->n_params > 1 ? row[1] : 1;
    if (liar->lie != INACTIVE && fancy != fancy)
      fancy = 0;
    metrics[0] = size + fancy + liar_offset (liar, batch, i);
    if (batch->fidelities[i] == 1)
      metrics[1] = liar->lie == NOT_FINITE && size > 32 ? NAN : 1 / size;
    batch->statuses[i] = liar_status (liar, row);
  }
  return GYM_OK;
}

static bool
liar_valid (void *self, const double *row)
{
  (void)row;
  return ((struct liar *)self)->lie != RESTLESS_REPAIR || row[1] <= 32;
}

/* Halves a size that is valid as well. */
static void
liar_repair (void *self, double *row)
{
  if (((struct liar *)self)->lie == RESTLESS_REPAIR)
    row[1] = row[1] > 63 ? 63 : row[1] - 1;
}

static const void *
liar_extension (const char *name)
{
  static const struct gym_constraint_1 constraint = { .struct_size = sizeof constraint,
                                                      .valid = liar_valid,
                                                      .repair = liar_repair };
  return strcmp (name, "constraint/1") == 0 ? &constraint : NULL;
}

static const struct gym_env_class liar_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "liar-v1",
  .summary = "Breaks the contract on request, for tests",
  .doc = "A small env whose option says how it misbehaves.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, liar_options),
  .instance_size = sizeof (struct liar),
  .open = liar_open,
  .close = nothing_to_close,
  .space = liar_space,
  .metrics = liar_metrics,
  .fidelities = liar_fidelities,
  .evaluate = liar_evaluate,
  .extension = liar_extension,
};

static const struct gym_env_class calm_class = {
  .struct_size = sizeof (struct gym_env_class),
  .flags = GYM_ENV_NOISY,
  .id = "calm-v1",
  .summary = "Declared noisy, and is not, for tests",
  .doc = "A small env without any noise.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, liar_options),
  .instance_size = sizeof (struct liar),
  .open = liar_open,
  .close = nothing_to_close,
  .space = liar_space,
  .metrics = liar_metrics,
  .fidelities = liar_fidelities,
  .evaluate = liar_evaluate,
};

static const struct gym_env_class mute_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "mute-v1",
  .summary = "Says nothing about itself, for tests",
  .options = GYM_ARRAY (gym_options, liar_options),
  .instance_size = sizeof (struct liar),
  .open = liar_open,
  .close = nothing_to_close,
  .space = liar_space,
  .metrics = liar_metrics,
  .fidelities = liar_fidelities,
  .evaluate = liar_evaluate,
};

/* ---- careless-v1 ----------------------------------------------------------------- */

enum {
  AGENT_HONEST,
  AGENT_UNSEEDED,
  AGENT_RESTLESS,
  AGENT_PRINT,
  AGENT_LEAK,
  AGENT_INFINITE,
  AGENT_FRAGILE,
  AGENT_HOPELESS,
  AGENT_TOUCHY,
  AGENT_DEAF
};

static const char *const agent_lies[] = { "none",   "unseeded", "restless", "print",
                                          "leak",   "infinity", "fragile",  "hopeless",
                                          "touchy", "deaf",     NULL };

struct careless {
  int32_t lie;
  int64_t speed;
  const struct gym_host *host;
  const struct gym_space *space;
  gym_rng rng;
  uint64_t asked;
  unsigned spoiled, good;
};

static const struct gym_option careless_options[] = {
  { .name = "lie",
    .doc = "The rule that is broken.",
    .type = GYM_OPTION_ENUM,
    .flags = GYM_OPTION_FIXED,
    .offset = offsetof (struct careless, lie),
    .choices = agent_lies,
    .initial = "none" },
  { .name = "speed",
    .doc = "Changes nothing, except for the touchy.",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct careless, speed),
    .low = 1,
    .high = 9,
    .initial = "1" },
};

static int
careless_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
               uint64_t seed, gym_error *err)
{
  struct careless *agent = self;
  agent->host = host;
  agent->space = problem->space;
  if (agent->lie == AGENT_UNSEEDED)
    seed = 1;
  if (agent->lie == AGENT_RESTLESS)
    seed += atomic_fetch_add (&counter, 1);
  if (agent->lie == AGENT_LEAK && open ("/dev/null", O_RDONLY) < 0)
    return gym_fail (err, GYM_EIO, "cannot even leak");
  gym_rng_init (&agent->rng, seed);
  return GYM_OK;
}

/* Uniform whatever the prior says: not by the host's draws. */
static void
deaf_draw (struct careless *agent, double *row)
{
  for (uint32_t i = 0; i < agent->host->space_size (agent->space); i++) {
    uint64_t count = agent->host->param_count (agent->space, i);
    if (count > 0)
      row[i] =
          agent->host->param_value (agent->space, i, gym_rng_below (&agent->rng, count));
  }
  agent->host->space_repair (agent->space, row);
}

static int
careless_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct careless *agent = self;
  uint32_t n = agent->host->space_size (agent->space);
  if (agent->lie == AGENT_PRINT && write (STDERR_FILENO, "Hello\n", 6) < 0)
    return GYM_EIO;
  if (agent->lie == AGENT_TOUCHY && agent->speed > 5 && agent->asked > 3)
    return gym_fail (err, GYM_EFAILED, "too fast");
  if (agent->lie == AGENT_HOPELESS && agent->spoiled > 50 && agent->good == 0)
    return gym_fail (err, GYM_EFAILED, "no hope left");
  for (size_t i = 0; i < asks->n; i++, agent->asked++) {
    double *row = asks->designs + i * n;
    agent->host->space_sample (agent->space, &agent->rng, row);
    if (agent->lie == AGENT_DEAF)
      deaf_draw (agent, row);
    if (agent->lie == AGENT_INFINITE && agent->asked == 7)
      row[0] = INFINITY;
  }
  return (int)asks->n;
}

static int
careless_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct careless *agent = self;
  for (size_t i = 0; i < tells->n; i++) {
    bool good = tells->statuses[i] == GYM_TRIAL_OK;
    agent->good += good;
    agent->spoiled += !good;
    if (agent->lie == AGENT_FRAGILE && tells->statuses[i] == GYM_TRIAL_FAILED)
      return gym_fail (err, GYM_EFAILED, "it broke");
  }
  return GYM_OK;
}

static const struct gym_agent_class careless_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_PRIOR,
  .id = "careless-v1",
  .summary = "Breaks the contract on request, for tests",
  .doc = "Random designs; its option says how it misbehaves.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, careless_options),
  .instance_size = sizeof (struct careless),
  .max_objectives = 1,
  .in_flight = 1,
  .open = careless_open,
  .close = nothing_to_close,
  .ask = careless_ask,
  .tell = careless_tell,
};

/* The same, with a promise that it does not keep. */
static const struct gym_agent_class forgetful_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT,
  .id = "forgetful-v1",
  .summary = "Promises distinct designs and forgets, for tests",
  .doc = "Random designs.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, careless_options),
  .instance_size = sizeof (struct careless),
  .in_flight = 1,
  .open = careless_open,
  .close = nothing_to_close,
  .ask = careless_ask,
  .tell = careless_tell,
};

static const struct gym_env_class *const envs[] = { &liar_class, &calm_class, &mute_class,
                                                    NULL };
static const struct gym_agent_class *const agents[] = { &careless_class, &forgetful_class,
                                                        NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "liar",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Plugins that break the contract, for tests.",
  .envs = envs,
  .agents = agents,
};
