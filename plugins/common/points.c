/* Told designs with their results: see points.h. */
#include "plugins/common/points.h"

#include <stdlib.h>
#include <string.h>

/* One more of each than asked for: malloc (0) may be NULL, which means no memory here. */
int
points_init (struct points *p, const struct gym_host *host,
             const struct gym_problem *problem, size_t size)
{
  *p = (struct points){ .host = host,
                        .n = host->space_size (problem->space),
                        .c = problem->n_constraints };
  p->rows = malloc ((size * p->n + 1) * sizeof *p->rows);
  p->objectives = malloc ((size + 1) * sizeof *p->objectives);
  p->violations = malloc ((size * p->c + 1) * sizeof *p->violations);
  p->statuses = malloc ((size + 1) * sizeof *p->statuses);
  return p->rows && p->objectives && p->violations && p->statuses ? GYM_OK : GYM_ENOMEM;
}

/* Where it cannot grow the array stays what it was. */
static bool
grow (void **array, size_t bytes)
{
  void *grown = realloc (*array, bytes);
  if (grown)
    *array = grown;
  return grown != NULL;
}

/* One array after the other: after a failure each is still whole, some of them larger. */
int
points_reserve (struct points *p, size_t size)
{
  void *rows = p->rows, *objectives = p->objectives, *violations = p->violations,
       *statuses = p->statuses;
  bool good = grow (&rows, (size * p->n + 1) * sizeof *p->rows)
              && grow (&objectives, (size + 1) * sizeof *p->objectives)
              && grow (&violations, (size * p->c + 1) * sizeof *p->violations)
              && grow (&statuses, (size + 1) * sizeof *p->statuses);
  p->rows = rows;
  p->objectives = objectives;
  p->violations = violations;
  p->statuses = statuses;
  return good ? GYM_OK : GYM_ENOMEM;
}

void
points_free (struct points *p)
{
  free (p->rows);
  free (p->objectives);
  free (p->violations);
  free (p->statuses);
  *p = (struct points){ 0 };
}

void
points_take (struct points *p, size_t slot, const struct gym_tells *tells, size_t i)
{
  memcpy (p->rows + slot * p->n, tells->designs + i * p->n, p->n * sizeof *p->rows);
  if (p->c > 0)
    memcpy (p->violations + slot * p->c, tells->violations + i * p->c,
            p->c * sizeof *p->violations);
  p->objectives[slot] = tells->objectives[i];
  p->statuses[slot] = tells->statuses[i];
}

/* By memmove: a slot may be copied onto itself. */
void
points_copy (struct points *p, size_t to, size_t from)
{
  memmove (p->rows + to * p->n, p->rows + from * p->n, p->n * sizeof *p->rows);
  if (p->c > 0)
    memmove (p->violations + to * p->c, p->violations + from * p->c,
             p->c * sizeof *p->violations);
  p->objectives[to] = p->objectives[from];
  p->statuses[to] = p->statuses[from];
}

const double *
points_row (const struct points *p, size_t slot)
{
  return p->rows + slot * p->n;
}

int
points_compare (const struct points *p, size_t a, size_t b)
{
  return p->host->compare (1, p->c, p->statuses[a], p->objectives + a,
                           p->violations + a * p->c, p->statuses[b], p->objectives + b,
                           p->violations + b * p->c);
}

/* Written so that a NaN violation counts as broken. */
bool
points_feasible (const struct points *p, size_t slot)
{
  if (p->statuses[slot] != GYM_TRIAL_OK)
    return false;
  for (uint32_t j = 0; j < p->c; j++)
    if (!(p->violations[slot * p->c + j] <= 0))
      return false;
  return true;
}
