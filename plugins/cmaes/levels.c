/* The distribution of categorical parameters: see levels.h. */
#include "plugins/cmaes/levels.h"

#include <gym/error.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double alpha = 1.5; /* of ASNG: how much agreement lengthens steps */

int
levels_init (struct levels *l, const uint32_t *counts, size_t n)
{
  *l = (struct levels){ .n = n };
  l->from = calloc (n + 1, sizeof *l->from);
  if (!l->from)
    return GYM_ENOMEM;
  for (size_t i = 0; i < n; i++)
    l->from[i + 1] = l->size += counts[i];
  l->chance = calloc (4 * l->size + 1, sizeof *l->chance);
  if (!l->chance)
    return GYM_ENOMEM;
  l->gradient = l->chance + l->size;
  l->path = l->gradient + l->size;
  l->scaled = l->path + l->size;
  levels_restart (l);
  return GYM_OK;
}

void
levels_free (struct levels *l)
{
  free (l->from);
  free (l->chance);
  *l = (struct levels){ 0 };
}

void
levels_restart (struct levels *l)
{
  for (size_t i = 0; i < l->n; i++)
    for (size_t k = l->from[i]; k < l->from[i + 1]; k++)
      l->chance[k] = 1.0 / (double)(l->from[i + 1] - l->from[i]);
  memset (l->path, 0, l->size * sizeof *l->path);
  l->delta = l->big_delta = 1;
  l->gamma = 0;
}

void
levels_lean (struct levels *l, size_t i, const double *weights)
{
  memcpy (l->chance + l->from[i], weights,
          (l->from[i + 1] - l->from[i]) * sizeof *weights);
}

void
levels_draw (const struct levels *l, gym_rng *rng, uint32_t *choice)
{
  for (size_t i = 0; i < l->n; i++) {
    const double *chance = l->chance + l->from[i];
    uint32_t count = (uint32_t)(l->from[i + 1] - l->from[i]), k = 0;
    double at = gym_rng_real (rng);
    while (k + 1 < count && (at -= chance[k]) >= 0)
      k++;
    choice[i] = k;
  }
}

/* ---- learning ---- */

/* Weights of the better half as in CMA-ES, which sum to 1. */
static double
weight_of (size_t rank, size_t lambda)
{
  return log (((double)lambda + 1) / 2) - log ((double)rank + 1);
}

/* The natural gradient in the probabilities of all levels: the sum of w (c - q). */
static void
find_gradient (struct levels *l, const uint32_t *const *choices, size_t lambda)
{
  double sum = 0;
  memset (l->gradient, 0, l->size * sizeof *l->gradient);
  for (size_t r = 0; r < lambda / 2; r++)
    sum += weight_of (r, lambda);
  for (size_t r = 0; r < lambda / 2; r++) {
    double weight = weight_of (r, lambda) / sum;
    for (size_t i = 0; i < l->n; i++) {
      if (choices[r][i] == UINT32_MAX)
        continue;
      for (size_t k = l->from[i]; k < l->from[i + 1]; k++)
        l->gradient[k] -= weight * l->chance[k];
      l->gradient[l->from[i] + choices[r][i]] += weight;
    }
  }
}

/* Into `scaled` the gradient times the root of Fisher's information, in which length
 * means change of the distribution; returns that length. The last level of a parameter is
 * what the others leave. */
static double
scale_gradient (struct levels *l)
{
  double squares = 0;
  memset (l->scaled, 0, l->size * sizeof *l->scaled);
  for (size_t i = 0; i < l->n; i++) {
    size_t last = l->from[i + 1] - 1;
    double rest = l->chance[last], sum = 0, root = sqrt (rest);
    for (size_t k = l->from[i]; k < last; k++)
      sum += l->gradient[k];
    for (size_t k = l->from[i]; k < last; k++) {
      double own = sqrt (l->chance[k]);
      l->scaled[k] = l->gradient[k] / own + own * sum / (rest + root);
      squares += l->scaled[k] * l->scaled[k];
    }
  }
  return sqrt (squares) + 1e-8;
}

/* The length of the next step: longer while scaled gradients add up on the path. */
static void
adapt (struct levels *l, double length)
{
  double beta = l->delta / sqrt ((double)(l->size - l->n)), square = 0;
  beta = fmin (1, beta);
  for (size_t k = 0; k < l->size; k++) {
    l->path[k] =
        (1 - beta) * l->path[k] + sqrt (beta * (2 - beta)) * l->scaled[k] / length;
    square += l->path[k] * l->path[k];
  }
  l->gamma = (1 - beta) * (1 - beta) * l->gamma + beta * (2 - beta);
  l->big_delta *= exp (beta * (l->gamma - square / alpha));
  l->delta = 1 / l->big_delta;
}

/* No level below the margin, at the expense of those above. */
static void
keep_margin (struct levels *l, size_t i)
{
  size_t from = l->from[i], to = l->from[i + 1];
  double least = (1 - pow (0.73, 1 / (double)l->n)) / (double)(to - from - 1);
  double sum = 0, spare = 0;
  least = fmin (least, 0.5 / (double)(to - from));
  for (size_t k = from; k < to; k++) {
    l->chance[k] = fmax (l->chance[k], least);
    sum += l->chance[k];
    spare += l->chance[k] - least;
  }
  for (size_t k = from; k < to && spare > 0; k++)
    l->chance[k] += (1 - sum) * (l->chance[k] - least) / spare;
}

void
levels_learn (struct levels *l, const uint32_t *const *choices, size_t lambda)
{
  find_gradient (l, choices, lambda);
  double length = scale_gradient (l), step = fmin (1, l->delta / length);
  for (size_t k = 0; k < l->size; k++)
    l->chance[k] += step * l->gradient[k];
  adapt (l, length);
  for (size_t i = 0; i < l->n; i++)
    keep_margin (l, i);
}
