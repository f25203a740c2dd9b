/* What an evaluation promises: see acquisition.h. */
#include "plugins/bo/acquisition.h"
#include "plugins/bo/thompson.h"
#include "plugins/common/improvement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 64 };

void
acquisition_free (struct acquisition *a)
{
  free (a->weights);
  free (a->draws);
  free (a->reached);
  a->weights = a->draws = a->reached = NULL;
}

/* ---- several objectives ----
 *
 * The hypervolume that y adds to what was reached is, up to a constant, the mean over
 * directions w of the positive quadrant of max (0, s_w (y) - max s_w (reached)), where
 * s_w (y) = min_k max (0, (r_k - y_k) / w_k)^m and r is the reference point (Zhang and
 * Golovin: "Random hypervolume scalarizations for provable multi-objective black box
 * optimization", ICML 2020). Its expectation is estimated with one draw of y for each of
 * 64 directions, the same for all designs of an ask. */

static double
reach (const struct acquisition *a, const struct model *model, size_t d, const double *y,
       double reference)
{
  double least = INFINITY;
  for (uint32_t k = 0; k < model->outputs; k++)
    least = fmin (least, (reference - y[k]) / a->weights[d * model->outputs + k]);
  return least > 0 ? pow (least, model->outputs) : 0;
}

/* Of warped values: a little above the median trial in every objective. */
static const double reference_point = 1;

static int
reserve_directions (struct acquisition *a, uint32_t m)
{
  if (a->directions)
    return GYM_OK;
  a->weights = malloc (DIRECTIONS * m * sizeof *a->weights);
  a->draws = malloc (DIRECTIONS * m * sizeof *a->draws);
  a->reached = malloc (DIRECTIONS * sizeof *a->reached);
  if (!a->weights || !a->draws || !a->reached)
    return GYM_ENOMEM;
  a->directions = DIRECTIONS;
  return GYM_OK;
}

static void
draw_directions (struct acquisition *a, uint32_t m, gym_rng *rng)
{
  for (size_t d = 0; d < a->directions; d++) {
    double length = 0, *w = a->weights + d * m;
    for (uint32_t k = 0; k < m; k++) {
      w[k] = fabs (gym_rng_normal (rng));
      length += w[k] * w[k];
      a->draws[d * m + k] = gym_rng_normal (rng);
    }
    for (uint32_t k = 0; k < m; k++)
      w[k] = fmax (1e-3, w[k] / sqrt (length));
    a->reached[d] = 0;
  }
}

static int
prepare_many (struct acquisition *a, const struct model *model, gym_rng *rng)
{
  uint32_t m = model->outputs;
  double *y = malloc (m * sizeof *y);
  if (!y || reserve_directions (a, m) < 0) {
    free (y);
    return GYM_ENOMEM;
  }
  draw_directions (a, m, rng);
  for (size_t i = 0; i < model->trials.n; i++) {
    if (!model_success (model, i))
      continue;
    for (uint32_t k = 0; k < m; k++)
      y[k] = surface_warp (&model->surfaces[k].warp, model_value (model, i, k));
    for (size_t d = 0; d < a->directions; d++)
      a->reached[d] = fmax (a->reached[d], reach (a, model, d, y, reference_point));
  }
  free (y);
  return GYM_OK;
}

/* A softplus in place of max (0, .) keeps an order among designs that no draw improves
 * on. */
static double
score_many (const struct acquisition *a, const struct model *model,
            const struct forecast *f, size_t i)
{
  enum { MOST = 32 };
  double y[MOST], sum = 0;
  uint32_t m = model->outputs;
  for (size_t d = 0; d < a->directions; d++) {
    for (uint32_t k = 0; k < m; k++)
      y[k] = f->mean[k * f->room + i]
             + sqrt (f->variance[k * f->room + i]) * a->draws[d * m + k];
    double gain = (reach (a, model, d, y, reference_point) - a->reached[d]) / 0.01;
    sum += gain > 30 ? gain : log1p (exp (gain));
  }
  return log (sum);
}

/* ---- all ---- */

int
acquisition_prepare (struct acquisition *a, const struct model *model, gym_rng *rng)
{
  const struct warp *warp = &model->surfaces[0].warp;
  a->best = INFINITY;
  if (model->outputs > 1)
    return prepare_many (a, model, rng);
  for (size_t i = 0; i < model->trials.n; i++)
    if (model_success (model, i))
      a->best = fmin (a->best, surface_warp (warp, model_value (model, i, 0)));
  return GYM_OK;
}

/* log P (the label is positive) */
static double
log_chance (double mean, double variance)
{
  return log (0.5 * erfc (-mean / sqrt (2 * (variance + 0.1))) + 1e-12);
}

void
acquisition_score (const struct acquisition *a, const struct model *model,
                   const struct forecast *f, size_t n, double *score)
{
  double noise = a->nugget * kernel_noise (&model->surfaces[0].gp.kernel);
  const double *mean = f->mean + model->outputs * f->room;
  const double *variance = f->variance + model->outputs * f->room;
  for (size_t i = 0; i < n; i++) {
    double sigma = sqrt (f->variance[i] + noise);
    if (model->outputs > 1)
      score[i] = score_many (a, model, f, i);
    else if (a->kind == ACQUISITION_LCB)
      score[i] = a->beta * sigma - f->mean[i];
    else
      score[i] = log_expected_improvement (a->best, f->mean[i], sigma);
    if (model->chances)
      score[i] += log_chance (mean[i], variance[i]);
  }
}

/* ---- Thompson sampling ---- */

/* The worst of the weighted objectives, as s_w above; failure is worse than any of them.
 */
static const double failure = 100;

int
acquisition_sample (const struct acquisition *a, const struct model *model,
                    const struct batch *b, gym_rng *rng, double *score)
{
  double *sample = malloc ((b->n + 1) * sizeof *sample);
  int code = sample ? GYM_OK : GYM_ENOMEM;
  for (size_t i = 0; i < b->n; i++)
    score[i] = INFINITY;
  for (uint32_t k = 0; k < model->outputs && code == 0; k++) {
    double weight = model->outputs > 1 ? a->weights[k] : 1;
    code = thompson_draw (&model->surfaces[k].gp, b, rng, sample);
    for (size_t i = 0; i < b->n && code == 0; i++)
      score[i] = fmin (score[i], (reference_point - sample[i]) / weight);
  }
  if (code == 0 && model->chances) {
    code = thompson_draw (&model->chance.gp, b, rng, sample);
    for (size_t i = 0; i < b->n && code == 0; i++)
      score[i] -= sample[i] < 0 ? failure : 0;
  }
  free (sample);
  return code;
}
