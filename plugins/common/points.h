/* plugins/common/points.h - told designs with their results, in numbered slots.
 *
 * What an agent with one objective keeps: its place, a population, the best so far. */
#ifndef PLUGINS_COMMON_POINTS_H
#define PLUGINS_COMMON_POINTS_H

#include <gym/plugin.h>

struct points {
  const struct gym_host *host;
  uint32_t n, c; /* numbers in a design, constraints */
  double *rows, *objectives, *violations;
  uint32_t *statuses;
};

/* Room for `size` results of a problem. GYM_ENOMEM; points_free is safe after that and on
 * zeroed memory. */
int points_init (struct points *points, const struct gym_host *host,
                 const struct gym_problem *problem, size_t size);
void points_free (struct points *points);

/* Makes room for `size` results and keeps those that are there. GYM_ENOMEM. */
int points_reserve (struct points *points, size_t size);

/* Copies the i-th told result into a slot, and one slot into another. */
void points_take (struct points *points, size_t slot, const struct gym_tells *tells,
                  size_t i);
void points_copy (struct points *points, size_t to, size_t from);

const double *points_row (const struct points *points, size_t slot);

/* Negative when slot a is better, positive when b, 0 when neither (gym_host.compare). */
int points_compare (const struct points *points, size_t a, size_t b);

/* Whether a result is ok and breaks no constraint: its objective is a number to reckon
 * with. */
bool points_feasible (const struct points *points, size_t slot);

#endif
