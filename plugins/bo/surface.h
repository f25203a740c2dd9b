/* plugins/bo/surface.h - a Gaussian process over one output, warped so that the process
 * fits it.
 *
 * Outputs that span decades, or have a few very bad values, do not look Gaussian. Three
 * monotone forms are tried, the value itself and log (1 + k u) with k = 1 and 10, u being
 * the height over the best as a share of the median's; the one of highest posterior
 * probability is kept, the change of volume accounted for (warped Gaussian processes:
 * Snelson, Rasmussen, Ghahramani, NIPS 2003). */
#ifndef PLUGINS_BO_SURFACE_H
#define PLUGINS_BO_SURFACE_H

#include "plugins/common/gp.h"

enum { WARPS = 3 };

struct warp {
  double bend;       /* k; 0: none */
  double best, unit; /* of the raw values */
  double most;       /* raw values above count as this */
  double mean, scale;
};

struct surface {
  struct gp gp;
  struct warp warp;
  size_t told;          /* points before the fantasies */
  size_t chosen_at;     /* points when the form was chosen last */
  double *theta[WARPS]; /* hyperparameters found for each form */
  double *values;       /* room to work in */
  size_t room;
};

int surface_init (struct surface *s, const struct gym_host *host,
                  const struct gym_space *space);
void surface_free (struct surface *s);

/* Starts over with n points (places: n_axes numbers each, values: raw): fits the form of
 * the output now and then, the hyperparameters always, by at most `calls` evaluations of
 * the likelihood. `binary` outputs are not warped. GYM_ENOMEM; GYM_EFAILED. */
int surface_fit (struct surface *s, const uint16_t *const *places, const double *values,
                 size_t n, uint32_t calls, bool binary);

/* A further told point, in place of any fantasies; a pending one, whose value is thought
 * to be what the process expects. */
int surface_add (struct surface *s, const uint16_t *place, double value);
int surface_pretend (struct surface *s, const uint16_t *place);

double surface_warp (const struct warp *warp, double value);

#endif
