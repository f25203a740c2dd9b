/* plugins/nsga2.c - the elitist non-dominated sorting genetic algorithm.
 *
 * Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic
 * algorithm: NSGA-II" (IEEE TEC 6, 2002). By default one child at a time joins and one
 * member leaves (Nebro and Durillo, "On the effect of applying a steady-state selection
 * scheme in NSGA-II", 2009), which fits small budgets; whole generations are an option.
 * What it shares with its relatives is in moea.h, its own is the crowding distance. */
#include "plugins/common/moea.h"

struct nsga2 {
  struct moea_options options;
  struct moea moea;
};

static void
survive (void *owner, struct moea *moea, uint32_t k, uint32_t *items, uint32_t n,
         uint32_t keep)
{
  (void)owner, (void)k;
  dominance_crowding (&moea->dominance, moea->m, moea->objectives, items, n,
                      moea->scores);
  if (keep < n)
    moea_best (moea, items, n, keep);
}

static int
nsga2_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
            uint64_t seed, gym_error *err)
{
  struct nsga2 *nsga2 = self;
  int code =
      moea_init (&nsga2->moea, host, problem, &nsga2->options, seed, survive, nsga2);
  return code < 0 ? gym_fail (err, code, "out of memory") : GYM_OK;
}

static void
nsga2_close (void *self)
{
  struct nsga2 *nsga2 = self;
  moea_free (&nsga2->moea);
}

static int
nsga2_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct nsga2 *nsga2 = self;
  return moea_ask (&nsga2->moea, asks, err);
}

static int
nsga2_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct nsga2 *nsga2 = self;
  return moea_tell (&nsga2->moea, tells, err);
}

static const struct gym_option options[] = {
  MOEA_OPTIONS (struct nsga2, options, "32", "1", "0.6"),
};

static const struct gym_agent_class nsga2_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "nsga2-v1",
  .summary = "NSGA-II: non-dominated sorting and crowding, for several objectives",
  .doc =
      "Keeps a `population` sorted into fronts of designs that do not dominate each "
      "other. Parents win binary tournaments by front, then by how far they are from "
      "their neighbours in the front; a child mixes two of them and is mutated. When "
      "`offspring` children have joined, the worst fronts leave, and of the last one "
      "those with the closest neighbours. Moves know the parameters: a step for integers "
      "and ordinals, any level for categoricals, a Gaussian share of the range for "
      "reals. "
      "No design is evaluated twice. Designs that break constraints rank behind all that "
      "do not, by how far; failed ones last. The usual choice for two objectives; with "
      "four or more nearly all designs are in the first front and crowding says little "
      "(see age-moea). With one objective it is a plain genetic algorithm.",
  .source = "K. Deb, A. Pratap, S. Agarwal, T. Meyarivan: A fast and elitist "
            "multiobjective genetic algorithm: NSGA-II, IEEE TEC 6(2) (2002)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "evolution: non-dominated sorting" },
  .instance_size = sizeof (struct nsga2),
  .max_objectives = 16,
  .in_flight = 4,
  .open = nsga2_open,
  .close = nsga2_close,
  .ask = nsga2_ask,
  .tell = nsga2_tell,
};

static const struct gym_agent_class *const classes[] = { &nsga2_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,   .name = "nsga2",  .version = "0.1.0",
  .licence = "MIT", .doc = "NSGA-II", .agents = classes,
};
