/* Limited-memory BFGS: see lbfgs.h. */
#include "plugins/common/lbfgs.h"

#include <gym/error.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 8 };

/* The last steps and the changes of the gradient along them, a ring. */
struct memory {
  uint32_t n, count, next;
  double *steps, *changes; /* MEMORY rows of n */
  double rho[MEMORY];
};

static double
dot (const double *a, const double *b, uint32_t n)
{
  double sum = 0;
  for (uint32_t i = 0; i < n; i++)
    sum += a[i] * b[i];
  return sum;
}

static void
add (double *a, double factor, const double *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    a[i] += factor * b[i];
}

static void
remember (struct memory *m, const double *x, const double *new_x, const double *g,
          const double *new_g)
{
  double *step = m->steps + (size_t)m->next * m->n;
  double *change = m->changes + (size_t)m->next * m->n;
  for (uint32_t i = 0; i < m->n; i++) {
    step[i] = new_x[i] - x[i];
    change[i] = new_g[i] - g[i];
  }
  double curvature = dot (step, change, m->n);
  if (!(curvature > 1e-10 * dot (change, change, m->n)))
    return;
  m->rho[m->next] = 1 / curvature;
  m->next = (m->next + 1) % MEMORY;
  m->count += m->count < MEMORY;
}

/* The two-loop recursion (Nocedal and Wright, Numerical Optimization, algorithm 7.4):
 * direction = - H gradient. */
static void
descend (const struct memory *m, const double *gradient, double *direction)
{
  double alpha[MEMORY];
  uint32_t n = m->n;
  for (uint32_t i = 0; i < n; i++)
    direction[i] = -gradient[i];
  for (uint32_t k = 1; k <= m->count; k++) {
    uint32_t at = (m->next + MEMORY - k) % MEMORY;
    alpha[at] = m->rho[at] * dot (m->steps + (size_t)at * n, direction, n);
    add (direction, -alpha[at], m->changes + (size_t)at * n, n);
  }
  if (m->count > 0) {
    uint32_t last = (m->next + MEMORY - 1) % MEMORY;
    const double *change = m->changes + (size_t)last * n;
    double scale = 1 / (m->rho[last] * dot (change, change, n));
    for (uint32_t i = 0; i < n; i++)
      direction[i] *= scale;
  }
  for (uint32_t k = m->count; k >= 1; k--) {
    uint32_t at = (m->next + MEMORY - k) % MEMORY;
    double beta = m->rho[at] * dot (m->changes + (size_t)at * n, direction, n);
    add (direction, alpha[at] - beta, m->steps + (size_t)at * n, n);
  }
}

static double
largest (const double *a, uint32_t n)
{
  double most = 0;
  for (uint32_t i = 0; i < n; i++)
    most = fmax (most, fabs (a[i]));
  return most;
}

/* The first step of the line search: the whole one, but no longer than allowed; without
 * memory a gradient says nothing about lengths. */
static double
first_step (const struct lbfgs *s, const struct memory *m, const double *direction)
{
  double size = largest (direction, s->n), step = 1;
  if (m->count == 0)
    step = fmin (1, 0.5 / size);
  if (s->longest > 0 && step * size > s->longest)
    step = s->longest / size;
  return step;
}

struct point {
  double *x, *g;
  double value;
};

/* Halves the step until the value drops as it should; false when calls run out or the
 * steps become too small to matter. */
static bool
line_search (const struct lbfgs *s, const struct point *at, struct point *to,
             const double *direction, double step, uint32_t *calls)
{
  double slope = dot (at->g, direction, s->n);
  for (int k = 0; k < 12 && *calls < s->most && slope < 0; k++, step *= 0.4) {
    memcpy (to->x, at->x, s->n * sizeof *to->x);
    add (to->x, step, direction, s->n);
    to->value = s->function (s->context, to->x, to->g);
    ++*calls;
    if (isfinite (to->value) && to->value <= at->value + 1e-4 * step * slope)
      return true;
  }
  return false;
}

static void
iterate (const struct lbfgs *s, struct memory *m, struct point *at, struct point *to,
         double *direction, uint32_t *calls)
{
  while (*calls < s->most) {
    descend (m, at->g, direction);
    if (!line_search (s, at, to, direction, first_step (s, m, direction), calls)) {
      if (m->count == 0)
        return;
      m->count = 0; /* bad memory, or at the end: once more along the gradient */
      continue;
    }
    double gain = at->value - to->value;
    remember (m, at->x, to->x, at->g, to->g);
    struct point old = *at;
    *at = *to;
    *to = old;
    if (gain < s->tolerance)
      return;
  }
}

int
lbfgs_minimise (const struct lbfgs *s, double *x, double *value)
{
  size_t n = s->n;
  double *room = calloc (n * (2 * MEMORY + 5) + 1, sizeof *room);
  if (!room)
    return GYM_ENOMEM;
  struct memory m = { .n = s->n, .steps = room, .changes = room + MEMORY * n };
  double *rest = room + 2 * MEMORY * n;
  struct point at = { .x = rest, .g = rest + n };
  struct point to = { .x = rest + 2 * n, .g = rest + 3 * n };
  uint32_t calls = 1;
  memcpy (at.x, x, n * sizeof *x);
  at.value = s->function (s->context, at.x, at.g);
  if (isfinite (at.value))
    iterate (s, &m, &at, &to, rest + 4 * n, &calls);
  memcpy (x, at.x, n * sizeof *x);
  if (value)
    *value = at.value;
  free (room);
  return (int)calls;
}
