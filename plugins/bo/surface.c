/* A Gaussian process over one warped output: see surface.h. */
#include "plugins/bo/surface.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double bends[WARPS] = { 0, 1, 10 };

int
surface_init (struct surface *s, const struct gym_host *host,
              const struct gym_space *space)
{
  *s = (struct surface){ 0 };
  if (gp_init (&s->gp, host, space) < 0)
    return GYM_ENOMEM;
  for (int k = 0; k < WARPS; k++) {
    size_t bytes = s->gp.kernel.n_theta * sizeof *s->theta[k];
    s->theta[k] = malloc (bytes);
    if (!s->theta[k])
      return GYM_ENOMEM;
    memcpy (s->theta[k], s->gp.kernel.theta, bytes);
  }
  return GYM_OK;
}

void
surface_free (struct surface *s)
{
  gp_free (&s->gp);
  for (int k = 0; k < WARPS; k++)
    free (s->theta[k]);
  free (s->values);
  *s = (struct surface){ 0 };
}

/* ---- the form of the output ---- */

static double
bent (const struct warp *w, double value, double *log_slope)
{
  double u = (fmin (value, w->most) - w->best) / w->unit;
  *log_slope = 0;
  if (w->bend == 0 || u < 0) /* better than all at the fit: straight on */
    return w->bend == 0 ? u : w->bend * u;
  *log_slope = log (w->bend) - log1p (w->bend * u);
  return log1p (w->bend * u);
}

double
surface_warp (const struct warp *w, double value)
{
  double log_slope;
  return (bent (w, value, &log_slope) - w->mean) / w->scale;
}

static int
ascending (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Heights are in units of the median's over the best. Very bad values, which tell only
 * that they are bad, end at some interquartile ranges above the upper quartile. */
static void
warp_measure (struct warp *w, double *values, size_t n)
{
  qsort (values, n, sizeof *values, ascending);
  double low = values[n / 4], middle = values[n / 2], high = values[n - 1 - n / 4];
  *w = (struct warp){ .best = values[0], .most = values[n - 1], .unit = 1, .scale = 1 };
  if (high / 8 - low / 8 < 1e300 && high > low)
    w->most = fmin (w->most, high + 8 * (high - low));
  if (middle / 8 - w->best / 8 > 0)
    w->unit = middle - w->best;
  else if (w->most > w->best)
    w->unit = w->most - w->best;
  w->unit = isfinite (w->unit) ? w->unit : 1e308;
}

/* Centres and scales the bent values; returns the logarithm of the change of volume. */
static double
warp_scale (struct warp *w, const double *values, size_t n)
{
  double sum = 0, squares = 0, volume = 0, log_slope;
  for (size_t i = 0; i < n; i++) {
    sum += bent (w, values[i], &log_slope);
    volume += log_slope;
  }
  w->mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) {
    double d = bent (w, values[i], &log_slope) - w->mean;
    squares += d * d;
  }
  w->scale = sqrt (squares / (double)n);
  w->scale = w->scale > 1e-9 ? w->scale : 1;
  return volume - (double)n * log (w->scale);
}

/* ---- fitting ---- */

static int
fit_form (struct surface *s, int k, const double *values, size_t n, uint32_t calls,
          double *objective)
{
  struct gp *gp = &s->gp;
  s->warp.bend = bends[k];
  double volume = warp_scale (&s->warp, values, n);
  for (size_t i = 0; i < n; i++)
    gp->targets[i] = surface_warp (&s->warp, values[i]);
  kernel_set (&gp->kernel, s->theta[k]);
  int code = gp_fit (gp, calls, objective);
  *objective -= volume;
  memcpy (s->theta[k], gp->kernel.theta, gp->kernel.n_theta * sizeof *s->theta[k]);
  return code;
}

static int
choose_form (struct surface *s, const double *values, size_t n, uint32_t calls)
{
  double best = INFINITY, objective, bend = 0;
  int fitted = -1;
  for (int k = 0; k < WARPS; k++)
    if (fit_form (s, k, values, n, calls, &objective) == 0 && objective < best) {
      best = objective;
      bend = bends[k];
      fitted = k;
    }
  s->chosen_at = n;
  s->warp.bend = bend;
  return fitted < 0 ? GYM_EFAILED : GYM_OK;
}

static int
form_index (const struct surface *s)
{
  int k = 0;
  while (k < WARPS - 1 && bends[k] != s->warp.bend)
    k++;
  return k;
}

/* Raw values stand in for targets until the form of the output is known. */
static int
put_all (struct surface *s, const uint16_t *const *places, const double *values, size_t n)
{
  gp_clear (&s->gp);
  for (size_t i = 0; i < n; i++)
    if (gp_put (&s->gp, places[i], values[i]) < 0)
      return GYM_ENOMEM;
  if (n > s->room) {
    free (s->values);
    s->room = n + n / 2;
    s->values = malloc (s->room * sizeof *s->values);
    if (!s->values) {
      s->room = 0;
      return GYM_ENOMEM;
    }
  }
  memcpy (s->values, values, n * sizeof *values);
  return GYM_OK;
}

/* The form is chosen again whenever the points have grown by half: that costs three fits,
 * each from where the last one of its form ended. */
int
surface_fit (struct surface *s, const uint16_t *const *places, const double *values,
             size_t n, uint32_t calls, bool binary)
{
  double objective, bend = s->warp.bend;
  if (put_all (s, places, values, n) < 0)
    return GYM_ENOMEM;
  warp_measure (&s->warp, s->values, n);
  s->told = n;
  if (binary) {
    s->warp = (struct warp){ .most = INFINITY, .unit = 1, .scale = 1 };
    return gp_fit (&s->gp, calls, &objective);
  }
  s->warp.bend = bend;
  if (s->chosen_at == 0 || n < s->chosen_at || 2 * n >= 3 * s->chosen_at) {
    int code = choose_form (s, values, n, calls);
    if (code < 0)
      return code;
    calls = 1; /* the chosen one again, from where it ended */
  }
  int code = fit_form (s, form_index (s), values, n, calls, &objective);
  return code == 0 || code == GYM_ENOMEM ? code : GYM_EFAILED;
}

int
surface_add (struct surface *s, const uint16_t *place, double value)
{
  gp_truncate (&s->gp, s->told);
  int code = gp_append (&s->gp, place, surface_warp (&s->warp, value));
  if (code == 0)
    s->told++;
  gp_solve (&s->gp);
  return code;
}

/* The mean is believed: it narrows the variance around a design in flight, and moves
 * nothing else. */
int
surface_pretend (struct surface *s, const uint16_t *place)
{
  int code = gp_append (&s->gp, place, gp_mean (&s->gp, place));
  gp_solve (&s->gp);
  return code;
}
