/* plugins/age_moea.c - evolving a front whose own geometry says who survives.
 *
 * Panichella, "An adaptive evolutionary algorithm based on non-Euclidean geometry for
 * many-objective optimization: AGE-MOEA" (GECCO 2019): NSGA-II but for the score. In the
 * first front those survive that are near the ideal point and far from each other, in
 * the norm that fits the front (geometry.h); of a later front those near the ideal
 * point. Distances along the front are those of AGE-MOEA-II (GECCO 2022), which come
 * nearer to fronts of three and five objectives here. */
#include "plugins/common/geometry.h"
#include "plugins/common/moea.h"

struct age_moea {
  struct moea_options options;
  struct moea moea;
  struct geometry geometry;
};

static void
survive (void *owner, struct moea *moea, uint32_t k, uint32_t *items, uint32_t n,
         uint32_t keep)
{
  struct age_moea *age = owner;
  if (k == 0) {
    geometry_fit (&age->geometry, moea->objectives, items, n);
    geometry_choose (&age->geometry, items, n, keep, moea->scores);
    return;
  }
  for (uint32_t i = 0; i < n; i++) {
    const double *objective = moea->objectives + (size_t)items[i] * moea->m;
    moea->scores[items[i]] = 1 / geometry_proximity (&age->geometry, objective);
  }
  if (keep < n)
    moea_best (moea, items, n, keep);
}

static int
age_moea_open (void *self, const struct gym_host *host, const struct gym_problem *problem,
               uint64_t seed, gym_error *err)
{
  struct age_moea *age = self;
  if (moea_init (&age->moea, host, problem, &age->options, seed, survive, age) < 0
      || geometry_init (&age->geometry, problem->n_objectives, age->moea.room) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  return GYM_OK;
}

static void
age_moea_close (void *self)
{
  struct age_moea *age = self;
  moea_free (&age->moea);
  geometry_free (&age->geometry);
}

static int
age_moea_ask (void *self, struct gym_asks *asks, gym_error *err)
{
  struct age_moea *age = self;
  return moea_ask (&age->moea, asks, err);
}

static int
age_moea_tell (void *self, const struct gym_tells *tells, gym_error *err)
{
  struct age_moea *age = self;
  return moea_tell (&age->moea, tells, err);
}

static const struct gym_option options[] = {
  MOEA_OPTIONS (struct age_moea, options, "32", "8", "0.9"),
};

static const struct gym_agent_class age_moea_class = {
  .struct_size = sizeof (struct gym_agent_class),
  .flags = GYM_AGENT_DISTINCT | GYM_AGENT_PRIOR | GYM_AGENT_FIRST,
  .id = "age-moea-v1",
  .summary = "AGE-MOEA: a front evolves by its own geometry, for many objectives",
  .doc =
      "As nsga2, but who survives of a front is told by the front's shape: it is moved "
      "to "
      "its ideal point, scaled by where it meets the axes, and the norm L_p that fits it "
      "best, convex, flat or round, measures how near a design is to the ideal point and "
      "how far, along the front, from its two nearest neighbours. Meant for three "
      "objectives and more, "
      "where crowding along single objectives says little; with two or one it does as "
      "well as nsga2. No design is evaluated twice. Designs that break constraints rank "
      "behind all that do not, by how far; failed ones last.",
  .source = "A. Panichella: An adaptive evolutionary algorithm based on non-Euclidean "
            "geometry for many-objective optimization (GECCO 2019); An improved Pareto "
            "front modeling algorithm for large-scale many-objective optimization (GECCO "
            "2022)",
  .options = GYM_ARRAY (gym_options, options),
  .place = { .strategy = "evolution: geometry of the front" },
  .instance_size = sizeof (struct age_moea),
  .max_objectives = 16,
  .in_flight = 4,
  .open = age_moea_open,
  .close = age_moea_close,
  .ask = age_moea_ask,
  .tell = age_moea_tell,
};

static const struct gym_agent_class *const classes[] = { &age_moea_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,   .name = "age-moea", .version = "0.1.0",
  .licence = "MIT", .doc = "AGE-MOEA",  .agents = classes,
};
