/* plugins/bo/bo.c - Bayesian optimisation with Gaussian processes over mixed designs.
 *
 * Mockus, "On Bayesian methods for seeking the extremum" (1974); Jones, Schonlau, Welch,
 * "Efficient global optimization of expensive black-box functions" (1998). The loop: some
 * random designs; then a model of all results so far (model.h, a process for each output
 * with the kernel of plugins/common/kernel.h), the logarithm of the expected improvement
 * by it (acquisition.h), and the new design that promises most (search.h), by choice in a
 * trust region (region.h). Designs in flight enter the model with the value it expects
 * of them (the kriging believer of Ginsbourger, Le Riche, Carraro, 2010). */
#include "plugins/bo/search.h"
#include "plugins/common/pending.h"

#include <math.h>

struct bo {
  int64_t initial, memory, candidates, fit_calls, patience;
  double refit, beta, nugget, explore;
  int32_t acquisition_option;
  bool trust;

  const struct gym_host *host;
  uint32_t n;
  gym_rng rng;
  struct fresh fresh;
  struct model model;
  struct acquisition acquisition;
  struct search search;
  struct region region;
  uint64_t asked;
  size_t first; /* random designs asked for at first */
  struct pending pending;
};

static int
bo_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
         uint64_t seed, gym_error *err)
{
  struct bo *bo = self;
  bo->host = host;
  bo->n = host->space_size (problem->space);
  gym_rng_init (&bo->rng, seed);
  fresh_init (&bo->fresh, host, problem->space);
  pending_init (&bo->pending, bo->n);
  if (model_init (&bo->model, host, problem->space, problem->n_objectives,
                  problem->n_constraints)
          < 0
      || search_init (&bo->search, &bo->model, &bo->fresh, &bo->rng) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  bo->model.memory = (size_t)bo->memory;
  bo->model.calls = (uint32_t)bo->fit_calls;
  bo->model.refit = bo->refit;
  bo->acquisition.kind = (enum acquisition_kind)bo->acquisition_option;
  bo->acquisition.beta = bo->beta;
  bo->acquisition.nugget = bo->nugget;
  region_init (&bo->region, &bo->model.chance.gp.kernel, bo->trust,
               (uint32_t)bo->patience);
  bo->search.acquisition = &bo->acquisition;
  bo->search.region = &bo->region;
  bo->search.most = (size_t)bo->candidates;
  bo->search.moves.prior = problem->prior;
  bo->first = bo->initial > 0 ? (size_t)bo->initial : 6 + bo->search.moves.n_free / 2;
  return GYM_OK;
}

static void
bo_close (void *self)
{
  struct bo *bo = self;
  search_free (&bo->search);
  acquisition_free (&bo->acquisition);
  model_free (&bo->model);
  fresh_free (&bo->fresh);
  pending_free (&bo->pending);
}

/* ---- asking ---- */

/* The model does not remember designs in flight from one ask to the next: what it expects
 * of them changes with every result. */
static int
imagine (struct bo *bo)
{
  int code = 0;
  for (size_t i = 0; i < bo->pending.count && code == 0; i++) {
    kernel_place (&bo->model.chance.gp.kernel, pending_row (&bo->pending, i),
                  bo->search.place);
    code = model_pretend (&bo->model, bo->search.place);
  }
  return code;
}

/* A new design: 1, 0 when the space is exhausted, GYM_ENOMEM. */
static int
choose (void *self, double *row)
{
  struct bo *bo = self;
  int code = 0;
  if (fresh_exhausted (&bo->fresh))
    return 0;
  if (bo->asked >= bo->first && gym_rng_real (&bo->rng) >= bo->explore)
    code = model_update (&bo->model);
  if (code > 0)
    code = imagine (bo) < 0
                   || acquisition_prepare (&bo->acquisition, &bo->model, &bo->rng) < 0
               ? GYM_ENOMEM
               : search_run (&bo->search, row);
  if (code > 0)
    return fresh_claim (&bo->fresh, row);
  return code < 0 ? code : fresh_draw (&bo->fresh, &bo->rng, row);
}

static int
bo_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct bo *bo = self;
  return pending_ask (&bo->pending, asks, choose, bo, &bo->asked, err);
}

/* A repaired form of a design is known now, too. The random designs at first say nothing
 * about the region. */
static int
bo_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct bo *bo = self;
  uint32_t m = bo->model.m, c = bo->model.trials.c;
  for (size_t i = 0; i < tells->n; i++) {
    const double *row = tells->designs + i * bo->n;
    pending_take (&bo->pending, tells->tickets[i], NULL);
    if (fresh_claim (&bo->fresh, row) < 0
        || model_tell (&bo->model, row, tells->objectives + i * m,
                       tells->violations + i * c, tells->statuses[i])
               < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
    if (bo->model.trials.n > bo->first)
      region_tell (&bo->region, bo->model.trials.ranking[0] == bo->model.trials.n - 1);
  }
  return GYM_OK;
}

static const char *const acquisitions[] = { "logei", "lcb", "thompson", NULL };

static const struct gym_option options[] = {
  { .name = "initial",
    .doc = "random designs before the model is used; 0: six and half the number of "
           "parameters",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct bo, initial),
    .low = 0,
    .high = 4096,
    .initial = "0" },
  { .name = "acquisition",
    .doc = "logarithm of the expected improvement, lower confidence bound, or the best "
           "of a sample of the posterior",
    .type = GYM_OPTION_ENUM,
    .offset = offsetof (struct bo, acquisition_option),
    .choices = acquisitions,
    .initial = "logei" },
  { .name = "beta",
    .doc = "lcb only: standard deviations below the mean",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct bo, beta),
    .low = 0,
    .high = 10,
    .initial = "1.5" },
  { .name = "nugget",
    .doc = "share of the variance that the model does not explain that counts as chance",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct bo, nugget),
    .low = 0,
    .high = 1,
    .initial = "1" },
  { .name = "explore",
    .doc = "share of designs drawn at random for ever, so that no region is out of reach",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct bo, explore),
    .low = 0,
    .high = 1,
    .initial = "0.02" },
  { .name = "memory",
    .doc = "trials a model holds: the best and the newest",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct bo, memory),
    .low = 16,
    .high = 4096,
    .initial = "400" },
  { .name = "candidates",
    .doc = "designs judged by the model for one ask",
    .type = GYM_OPTION_INT,
    .flags = GYM_OPTION_LOG,
    .offset = offsetof (struct bo, candidates),
    .low = 16,
    .high = 65536,
    .initial = "1000" },
  { .name = "trust",
    .doc = "ask the model only in a region around the best trial that adapts its size",
    .type = GYM_OPTION_BOOL,
    .offset = offsetof (struct bo, trust),
    .initial = "false" },
  { .name = "patience",
    .doc = "trials without improvement before the region is halved; 0: one a parameter",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct bo, patience),
    .low = 0,
    .high = 10000,
    .initial = "0" },
  { .name = "fit_calls",
    .doc = "evaluations of the likelihood in one fit of the hyperparameters",
    .type = GYM_OPTION_INT,
    .offset = offsetof (struct bo, fit_calls),
    .low = 1,
    .high = 1000,
    .initial = "15" },
  { .name = "refit",
    .doc = "share by which the trials grow between two fits",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct bo, refit),
    .low = 0,
    .high = 1,
    .initial = "0.05" },
};

static const struct gym_agent_class bo_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "bo-v1",
  .summary = "Bayesian optimisation with Gaussian processes over mixed designs",
  .doc =
      "Learns the objective from the trials and evaluates where the model promises most. "
      "The model is a Gaussian process whose kernel adds effects of single parameters, "
      "of "
      "pairs and of all together, Matern 5/2 for numeric and Hamming for categorical "
      "ones, with lengths and weights fitted to the trials (marginal likelihood with "
      "priors); conditional parameters count where they are active. Outputs are bent "
      "logarithmically when that fits better. Infeasible and failed trials, and broken "
      "constraints, teach a second process the chance of success; while nothing is "
      "feasible the violation is minimised. Several objectives: expected hypervolume "
      "improvement by random directions. Any number in flight. No design is evaluated "
      "twice. Use it when an evaluation costs more than some milliseconds and the budget "
      "is 30 to 2,000: it needs a fifth of the trials of evolution on smooth, separable "
      "or weakly coupled spaces. Above `memory` trials the model holds the best and the "
      "newest, so an ask costs no more; deceptive spaces want gomea.",
  .source =
      "D. Jones, M. Schonlau, W. Welch (Journal of Global Optimization 13, 1998); S. "
      "Ament et al.: Unexpected improvements to expected improvement (NeurIPS 2023); B. "
      "Ru et al.: Bayesian optimisation over multiple continuous and categorical inputs "
      "(CoCaBO, ICML 2020); D. Duvenaud et al.: Additive Gaussian processes (NIPS 2011); "
      "D. Eriksson et al.: TuRBO (NeurIPS 2019); X. Wan et al.: CASMOPOLITAN (ICML "
      "2021)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "Bayesian: Gaussian process",
             .acceleration = "surrogate model" },
  .instance_size = sizeof (struct bo),
  .max_objectives = 8,
  .in_flight = 4,
  .open = bo_open,
  .close = bo_close,
  .ask = bo_ask,
  .tell = bo_tell,
};

static const struct gym_agent_class *const classes[] = { &bo_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "bo",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "Bayesian optimisation",
  .agents = classes,
};
