/* plugins/random.c - random search without replacement, the baseline of every comparison.
 *
 * Bergstra and Bengio, "Random search for hyper-parameter optimization" (JMLR 2012). */
#include "plugins/common/fresh.h"

struct random_agent {
  gym_rng rng;
  struct fresh fresh;
};

static int
random_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
             uint64_t seed, gym_error *err)
{
  struct random_agent *agent = self;
  (void)err;
  gym_rng_init (&agent->rng, seed);
  fresh_init (&agent->fresh, host, problem->space);
  return GYM_OK;
}

static void
random_close (void *self)
{
  struct random_agent *agent = self;
  fresh_free (&agent->fresh);
}

static int
random_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct random_agent *agent = self;
  size_t n = 0;
  int code = 1;
  for (; n < asks->n; n++) {
    code = fresh_draw (&agent->fresh, &agent->rng, asks->designs + n * agent->fresh.n);
    if (code <= 0)
      break;
  }
  return code < 0 ? gym_fail (err, code, "out of memory") : (int)n;
}

/* A repaired form of a design is known now, too: it need not be asked for. */
static int
random_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct random_agent *agent = self;
  for (size_t i = 0; i < tells->n; i++)
    if (fresh_claim (&agent->fresh, tells->designs + i * agent->fresh.n) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
  return GYM_OK;
}

/* What every other agent is measured against. */
static const struct gym_agent_class random_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "random-v1",
  .summary = "uniform random designs, none of them twice",
  .doc = "Draws designs uniformly over the values of every active parameter (log "
         "parameters over the logarithm) and never the same one twice; finishes when the "
         "space is exhausted. It learns nothing, takes any number of objectives and any "
         "number of trials at a time: what a search is worth shows in comparison.",
  .source = "J. Bergstra, Y. Bengio: Random search for hyper-parameter optimization, "
            "Journal of Machine Learning Research 13 (2012)",
  .options = { .struct_size = sizeof (struct gym_options) },
  .place = { .strategy = "random sampling" },
  .instance_size = sizeof (struct random_agent),
  .max_objectives = 0,
  .in_flight = 64,
  .open = random_open,
  .close = random_close,
  .ask = random_ask,
  .tell = random_tell,
};

static const struct gym_agent_class *const classes[] = { &random_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,   .name = "random",       .version = "0.1.0",
  .licence = "MIT", .doc = "random search", .agents = classes,
};
