/* plugins/bo/acquisition.h - what an evaluation of a design promises; more is better. */
#ifndef PLUGINS_BO_ACQUISITION_H
#define PLUGINS_BO_ACQUISITION_H

#include "plugins/bo/model.h"

enum acquisition_kind { ACQUISITION_LOGEI, ACQUISITION_LCB, ACQUISITION_THOMPSON };

struct acquisition {
  enum acquisition_kind kind;
  double beta;   /* LCB: standard deviations below the mean */
  double best;   /* the best warped value so far */
  double nugget; /* share of the noise that counts as chance of improvement */
  /* Several objectives: random directions and draws, see acquisition.c. */
  size_t directions;
  double *weights, *draws, *reached; /* directions x m, directions x m, directions */
};

void acquisition_free (struct acquisition *a);

/* Looks at the model as it is before an ask. GYM_ENOMEM. */
int acquisition_prepare (struct acquisition *a, const struct model *model, gym_rng *rng);

/* Scores of the designs whose forecast is given. */
void acquisition_score (const struct acquisition *a, const struct model *model,
                        const struct forecast *f, size_t n, double *score);

/* The same by Thompson sampling: one joint draw of every surface, weighed in one random
 * direction when there are several. GYM_ENOMEM; GYM_EINVAL (see thompson_draw). */
int acquisition_sample (const struct acquisition *a, const struct model *model,
                        const struct batch *batch, gym_rng *rng, double *score);

#endif
