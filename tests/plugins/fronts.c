/* Functions of several objectives: see fronts.h. */
#include "tests/plugins/fronts.h"

#include <gym/stats.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { DISTANCE_PARAMS = 8, HIGH = 40, SAMPLES = 300, SEEDS = 11, MOST = 8 };

bool
front_init (struct front *f, enum front_shape shape, uint32_t m)
{
  char names[32][8];
  struct gym_param params[32] = { 0 };
  struct gym_params list = { .struct_size = sizeof list,
                             .n = m - 1 + DISTANCE_PARAMS,
                             .stride = sizeof *params,
                             .items = params };
  for (uint32_t i = 0; i < list.n; i++) {
    snprintf (names[i], sizeof names[i], "x%u", i);
    params[i] = (struct gym_param){ .name = names[i], .kind = GYM_INTEGER, .high = HIGH };
  }
  *f = (struct front){ .shape = shape, .m = m, .space = gym_space_new (&list, NULL) };
  return f->space;
}

void
front_free (struct front *f)
{
  gym_space_destroy (&f->space);
}

/* The front's point for m - 1 positions from 0 to 1. */
static void
place (const struct front *f, const double *at, double *objectives)
{
  bool flat = f->shape == FRONT_FLAT;
  double rest = 1;
  for (uint32_t j = 0; j + 1 < f->m; j++) {
    objectives[j] = rest * (flat ? 1 - at[j] : cos (at[j] * acos (0)));
    rest *= flat ? at[j] : sin (at[j] * acos (0));
  }
  objectives[f->m - 1] = rest;
  for (uint32_t j = 0; j < f->m && f->shape == FRONT_CONVEX; j++)
    objectives[j] *= objectives[j] * objectives[j] * objectives[j];
}

/* The last parameters move a design away from the front; each is best at its own value.
 */
uint32_t
front_judge (void *context, const double *row, double *objectives, double *violations)
{
  const struct front *f = context;
  double at[MOST], away = 0;
  (void)violations;
  for (uint32_t j = 0; j + 1 < f->m; j++)
    at[j] = row[j] / HIGH;
  for (uint32_t k = 0; k < DISTANCE_PARAMS; k++) {
    double d = (row[f->m - 1 + k] - 7 - 3 * k) / HIGH;
    away += 2 * d * d;
  }
  place (f, at, objectives);
  for (uint32_t j = 0; j < f->m; j++)
    objectives[j] =
        objectives[j] * (1 + away) + (f->shape == FRONT_CONVEX ? away / 4 : 0);
  return GYM_TRIAL_OK;
}

double
front_distance (const struct front *f, const double *rows, size_t trials)
{
  double *values = malloc (trials * f->m * sizeof *values), sum = 0;
  uint32_t n = gym_space_size (f->space);
  gym_rng rng;
  gym_rng_init (&rng, 7);
  for (size_t t = 0; values && t < trials; t++)
    front_judge ((void *)f, rows + t * n, values + t * f->m, NULL);
  for (int s = 0; values && s < SAMPLES; s++) {
    double at[MOST], point[MOST], least = INFINITY;
    for (uint32_t j = 0; j + 1 < f->m; j++)
      at[j] = gym_rng_real (&rng);
    place (f, at, point);
    for (size_t t = 0; t < trials; t++) {
      double square = 0;
      for (uint32_t j = 0; j < f->m; j++) {
        double worse = fmax (0, values[t * f->m + j] - point[j]);
        square += worse * worse;
      }
      least = fmin (least, square);
    }
    sum += sqrt (least);
  }
  free (values);
  return values ? sum / SAMPLES : NAN;
}

double
front_median (const gym_registry *registry, const char *agent, const char *settings,
              enum front_shape shape, uint32_t m, size_t budget)
{
  struct front f;
  double distances[SEEDS], *rows = NULL;
  bool good = front_init (&f, shape, m);
  if (good)
    rows = malloc (budget * gym_space_size (f.space) * sizeof *rows);
  for (uint64_t s = 0; s < SEEDS; s++) {
    struct play p = { .registry = registry,
                      .agent = agent,
                      .settings = settings,
                      .space = f.space,
                      .objectives = m,
                      .seed = s + 1,
                      .budget = budget,
                      .judge = front_judge,
                      .context = &f };
    good = good && rows && play (&p, rows, NULL) == (long)budget;
    distances[s] = good ? front_distance (&f, rows, budget) : NAN;
  }
  free (rows);
  front_free (&f);
  return good ? gym_stats_quantile (distances, SEEDS, 0.5) : NAN;
}
