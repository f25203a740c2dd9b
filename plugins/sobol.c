/* plugins/sobol.c - designs spread evenly over the space, none of them twice.
 *
 * Scrambled Sobol points (plugins/common/sobol.h) over the encoded space, decoded: any
 * few of them cover each parameter and most pairs of parameters more evenly than random
 * designs do. Points that decode to a known design are skipped. */
#include "plugins/common/fresh.h"
#include "plugins/common/lean.h"
#include "plugins/common/sobol.h"

#include <stdlib.h>

struct sobol_agent {
  gym_rng rng;
  struct fresh fresh;
  struct sobol points;
  double *unit;
  const double *const *prior; /* or NULL */
};

/* Known designs in a row after which what is left is drawn: the space is small. */
enum { patience = 64 };

static int
sobol_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
            uint64_t seed, gym_error *err)
{
  struct sobol_agent *agent = self;
  uint32_t n = host->space_size (problem->space);
  fresh_init (&agent->fresh, host, problem->space);
  gym_rng_init (&agent->rng, seed);
  sobol_init (&agent->points, n, seed);
  agent->prior = problem->prior;
  agent->unit = malloc ((n + 1u) * sizeof *agent->unit);
  return agent->unit ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory");
}

static void
sobol_close (void *self)
{
  struct sobol_agent *agent = self;
  fresh_free (&agent->fresh);
  free (agent->unit);
}

/* Points keep their order on each axis and crowd where the prior's weight is: an evenly
 * spread sample of the prior, by the inverse of its distribution function. */
static void
lean (const struct sobol_agent *agent)
{
  const struct gym_host *host = agent->fresh.host;
  for (uint32_t i = 0; agent->prior && i < agent->fresh.n; i++)
    if (agent->prior[i]) {
      uint64_t count = host->param_count (agent->fresh.space, i);
      uint64_t index = lean_quantile (agent->prior[i], count, agent->unit[i]);
      agent->unit[i] = lean_place (host, agent->fresh.space, i, index);
    }
}

static int
next_design (struct sobol_agent *agent, double *row)
{
  struct fresh *fresh = &agent->fresh;
  for (int k = 0; k < patience && !fresh_exhausted (fresh); k++) {
    sobol_next (&agent->points, agent->unit);
    lean (agent);
    fresh->host->space_decode (fresh->space, agent->unit, row);
    int code = fresh_claim (fresh, row);
    if (code)
      return code;
  }
  return fresh_draw (fresh, &agent->rng, row);
}

static int
sobol_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct sobol_agent *agent = self;
  size_t n = 0;
  for (; n < asks->n; n++) {
    int code = next_design (agent, asks->designs + n * agent->fresh.n);
    if (code < 0)
      return gym_fail (err, code, "out of memory");
    if (code == 0)
      break;
  }
  return (int)n;
}

/* A repaired form of a design is known now, too: it need not be asked for. */
static int
sobol_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct sobol_agent *agent = self;
  for (size_t i = 0; i < tells->n; i++)
    if (fresh_claim (&agent->fresh, tells->designs + i * agent->fresh.n) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
  return GYM_OK;
}

static const struct gym_agent_class sobol_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "sobol-v1",
  .summary = "scrambled Sobol points: evenly spread designs, none of them twice",
  .doc =
      "Owen-scrambled Sobol points over the encoded space (log parameters on a log "
      "scale, equal shares for levels). It learns nothing and takes any number of "
      "objectives and of trials at a time, as `random` does, but covers every parameter "
      "and most pairs of them more evenly: for data to fit models to, and as a baseline "
      "on few parameters that matter. Best with a power of two of trials; parameters "
      "after the 64th are random. Where a small space is nearly used up, what is left "
      "is drawn at random.",
  .source = "S. Joe, F. Kuo: Constructing Sobol sequences with better two-dimensional "
            "projections, SIAM J. Sci. Comput. 30 (2008); A. Owen: Randomly permuted "
            "(t,m,s)-nets and (t,s)-sequences (1995)",
  .options = { .struct_size = sizeof (struct gym_options) },
  .place = { .strategy = "low-discrepancy sampling" },
  .instance_size = sizeof (struct sobol_agent),
  .max_objectives = 0,
  .in_flight = 64,
  .open = sobol_open,
  .close = sobol_close,
  .ask = sobol_ask,
  .tell = sobol_tell,
};

static const struct gym_agent_class *const classes[] = { &sobol_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,   .name = "sobol",       .version = "0.1.0",
  .licence = "MIT", .doc = "Sobol points", .agents = classes,
};
