/* What the agent was told: see trials.h. */
#include "plugins/common/trials.h"

#include <stdlib.h>
#include <string.h>

void
trials_init (struct trials *t, const struct gym_host *host, uint32_t n_params,
             uint32_t n_axes, uint32_t m, uint32_t c)
{
  *t = (struct trials){
    .host = host, .n_params = n_params, .n_axes = n_axes, .m = m, .c = c
  };
}

void
trials_free (struct trials *t)
{
  free (t->rows);
  free (t->objectives);
  free (t->excess);
  free (t->places);
  free (t->statuses);
  free (t->ranking);
  *t = (struct trials){ 0 };
}

/* A byte more, so that arrays of nothing are not NULL. */
static int
grow (void **array, size_t bytes)
{
  void *new = realloc (*array, bytes + 1);
  if (!new)
    return GYM_ENOMEM;
  *array = new;
  return GYM_OK;
}

static int
reserve (struct trials *t)
{
  if (t->n < t->room)
    return GYM_OK;
  size_t room = 2 * t->room + 64;
  if (grow ((void **)&t->rows, room * t->n_params * sizeof *t->rows) < 0
      || grow ((void **)&t->objectives, room * t->m * sizeof *t->objectives) < 0
      || grow ((void **)&t->excess, room * sizeof *t->excess) < 0
      || grow ((void **)&t->places, room * t->n_axes * sizeof *t->places) < 0
      || grow ((void **)&t->statuses, room * sizeof *t->statuses) < 0
      || grow ((void **)&t->ranking, room * sizeof *t->ranking) < 0)
    return GYM_ENOMEM;
  t->room = room;
  return GYM_OK;
}

/* Negative when trial a is better. Of several objectives dominance decides, which is no
 * total order: the ranking then is a good one, not the only one. */
static int
compare (const struct trials *t, uint32_t a, uint32_t b)
{
  const double *x = t->objectives + (size_t)a * t->m,
               *y = t->objectives + (size_t)b * t->m;
  int order = t->host->compare (t->m, t->c > 0, t->statuses[a], x, t->excess + a,
                                t->statuses[b], y, t->excess + b);
  return order;
}

/* By insertion: trials come one at a time, and a move of n small numbers is nothing
 * beside a model of n points. */
static void
rank (struct trials *t, uint32_t new)
{
  size_t low = 0, high = new;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (compare (t, t->ranking[middle], new) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  memmove (t->ranking + low + 1, t->ranking + low, (new - low) * sizeof *t->ranking);
  t->ranking[low] = new;
}

/* Violations of a trial that failed are NaN: they do not count, its status does. */
int
trials_add (struct trials *t, const double *row, const double *objectives,
            const double *violations, uint32_t status)
{
  if (reserve (t) < 0)
    return GYM_ENOMEM;
  size_t i = t->n++;
  memcpy (t->rows + i * t->n_params, row, t->n_params * sizeof *row);
  memcpy (t->objectives + i * t->m, objectives, t->m * sizeof *objectives);
  t->statuses[i] = status;
  t->excess[i] = 0;
  for (uint32_t k = 0; k < t->c && status == GYM_TRIAL_OK; k++)
    t->excess[i] += violations[k];
  t->n_ok += trials_ok (t, i);
  t->n_feasible += trials_feasible (t, i);
  rank (t, (uint32_t)i);
  return GYM_OK;
}

int
trials_tell (struct trials *t, struct pending *pending, struct fresh *fresh,
             const struct gym_tells *tells, gym_error *err)
{
  for (size_t i = 0; i < tells->n; i++) {
    const double *row = tells->designs + i * t->n_params;
    pending_take (pending, tells->tickets[i], NULL);
    if (fresh_claim (fresh, row) < 0
        || trials_add (t, row, tells->objectives + i * t->m, tells->violations + i * t->c,
                       tells->statuses[i])
               < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory");
  }
  return GYM_OK;
}
