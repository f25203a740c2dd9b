/* plugins/bo/model.h - what is believed about the objectives and about failure.
 *
 * One surface an objective, of the trials that were ok; one of the chance that a trial is
 * ok and meets the constraints, a process over labels +1 and -1, when both occur. While
 * nothing met the constraints, the sum of the violations is the only objective.
 *
 * Hyperparameters are fitted again when the trials have grown by a share; between fits
 * the factors grow row by row. Above `memory` trials a surface holds the best and the
 * newest of them, half each: what an ask costs stays bounded. */
#ifndef PLUGINS_BO_MODEL_H
#define PLUGINS_BO_MODEL_H

#include "plugins/bo/surface.h"
#include "plugins/common/trials.h"

struct model {
  const struct gym_host *host;
  const struct gym_space *space;
  struct trials trials;
  size_t memory;    /* trials a surface holds */
  uint32_t calls;   /* of the likelihood in a fit */
  double refit;     /* share the trials grow by between two fits */
  uint32_t m;       /* objectives of the problem */
  uint32_t outputs; /* surfaces in use: m, or 1 while nothing is feasible */
  struct surface *surfaces, chance;
  bool chances;            /* the chance of success is modelled */
  bool ready, violations;  /* the surfaces can be used; they are of violations */
  size_t known, next_fit;  /* trials in the surfaces; when to fit again */
  bool *held;              /* by trial, for the selection */
  const uint16_t **places; /* room for a selection */
  double *values;
  size_t room;
};

int model_init (struct model *model, const struct gym_host *host,
                const struct gym_space *space, uint32_t m, uint32_t c);
void model_free (struct model *model);

int model_tell (struct model *model, const double *row, const double *objectives,
                const double *violations, uint32_t status);

/* Brings the surfaces up to date, without fantasies: 1 when they can be used, 0 when
 * there is nothing to model yet, negative GYM_ENOMEM. */
int model_update (struct model *model);

/* Adds a pending design to all surfaces. */
int model_pretend (struct model *model, const uint16_t *place);

/* Value of a trial for output s: an objective, or the violation. */
double model_value (const struct model *model, size_t trial, uint32_t s);

/* Whether a trial counts as a success at present. */
bool model_success (const struct model *model, size_t trial);

/* Designs to judge together: their places, and where one is a neighbour of `base` the
 * axis it differs in (else -1). */
struct batch {
  size_t n, room;
  uint32_t n_params, n_axes;
  double *rows;
  uint16_t *places;
  int32_t *axes;
};

int batch_reserve (struct batch *batch, const struct kernel *kernel, size_t room);
void batch_free (struct batch *batch);

/* Room for predictions, and the base of each surface (the last one of the chance). */
struct forecast {
  size_t room, width, points;
  uint32_t surfaces;
  double *rows, *self;
  double *mean, *variance; /* surface s: from s * room */
  struct kernel_base *bases;
};

int forecast_reserve (struct forecast *f, const struct model *model, size_t room);
void forecast_free (struct forecast *f);

/* Makes a design the base of all surfaces. */
int forecast_base (struct forecast *f, const struct model *model, const uint16_t *place);

/* Mean and variance of the whole batch by every surface. */
void forecast_batch (struct forecast *f, const struct model *model,
                     const struct batch *batch);

#endif
