/* plugins/bo/thompson.h - a sample of the posterior (Thompson, Biometrika 1933). */
#ifndef PLUGINS_BO_THOMPSON_H
#define PLUGINS_BO_THOMPSON_H

#include "plugins/bo/model.h"

/* Draws one function of the posterior at all designs of a batch, jointly, into
 * sample[batch->n]. GYM_ENOMEM; GYM_EINVAL when rounding leaves no covariance. */
int thompson_draw (const struct gp *gp, const struct batch *batch, gym_rng *rng,
                   double *sample);

#endif
