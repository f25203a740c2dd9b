/* The optimiser and what belongs to it: see nn.h. */
#include "sims/nn/nn.h"

#include <math.h>
#include <stdlib.h>

struct nn_adam {
  size_t n;
  double power1, power2; /* beta1 and beta2 to the number of steps */
  float *first, *second; /* moments */
};

nn_adam *
nn_adam_new (size_t n)
{
  nn_adam *adam = calloc (1, sizeof *adam);
  if (!adam)
    return NULL;
  *adam = (nn_adam){ .n = n,
                     .power1 = 1,
                     .power2 = 1,
                     .first = calloc (n + 1, sizeof (float)),
                     .second = calloc (n + 1, sizeof (float)) };
  if (!adam->first || !adam->second)
    nn_adam_destroy (&adam);
  return adam;
}

void
nn_adam_destroy (nn_adam **adam)
{
  if (!*adam)
    return;
  free ((*adam)->first);
  free ((*adam)->second);
  free (*adam);
  *adam = NULL;
}

/* The corrections for the moments' start at 0 go into the step and into epsilon (end of
 * the paper's section 2), which saves two divisions a parameter. */
void
nn_adam_step (nn_adam *adam, const struct nn_adam_settings *settings, float *params,
              const float *gradient)
{
  float b1 = settings->beta1, b2 = settings->beta2;
  adam->power1 *= b1;
  adam->power2 *= b2;
  double root = sqrt (1 - adam->power2);
  float step = (float)(settings->rate * root / (1 - adam->power1));
  float epsilon = (float)(settings->epsilon * root);
  float keep = 1 - settings->rate * settings->decay;
  float *restrict first = adam->first, *restrict second = adam->second;
  float *restrict at = params;
  const float *restrict g = gradient;
  for (size_t i = 0; i < adam->n; i++) {
    first[i] = b1 * first[i] + (1 - b1) * g[i];
    second[i] = b2 * second[i] + (1 - b2) * g[i] * g[i];
    at[i] = keep * at[i] - step * first[i] / (sqrtf (second[i]) + epsilon);
  }
}

double
nn_clip_norm (float *gradient, size_t n, double most)
{
  double square = 0;
  for (size_t i = 0; i < n; i++)
    square += (double)gradient[i] * gradient[i];
  double norm = sqrt (square);
  float scale = isfinite (norm) ? (float)(most / norm) : 0;
  for (size_t i = 0; i < n && !(norm <= most); i++)
    gradient[i] = scale > 0 ? gradient[i] * scale : 0;
  return norm;
}

void
nn_mix (float *params, const float *source, size_t n, float share)
{
  for (size_t i = 0; i < n; i++)
    params[i] += share * (source[i] - params[i]);
}

/* Decay is part of the gradient, as in the recipes that are followed with it; velocity
 * holds no rate, so that a schedule acts at once (Sutskever et al. 2013 scale it in). */
void
nn_sgd_step (const struct nn_sgd_settings *s, size_t n, float *params,
             const float *gradient, float *velocity)
{
  for (size_t i = 0; i < n; i++) {
    float slope = gradient[i] + s->decay * params[i];
    velocity[i] = s->momentum * velocity[i] + slope;
    params[i] -=
        s->rate * (s->nesterov ? slope + s->momentum * velocity[i] : velocity[i]);
  }
}

/* The first steps are small but not nothing. */
double
nn_cosine (size_t step, size_t total, size_t warm)
{
  if (step < warm)
    return (double)(step + 1) / (double)(warm + 1);
  if (step >= total)
    return 0;
  return (1
          + cos (3.14159265358979323846 * (double)(step - warm) / (double)(total - warm)))
         / 2;
}
