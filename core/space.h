/* core/space.h - what a space looks like inside. Internal to space*.c. */
#ifndef CORE_SPACE_H
#define CORE_SPACE_H

#include <gym/space.h>

/* What the paths that run once per trial need of a parameter, worked out beforehand: no
 * names, no searches. */
struct gym_axis {
  uint32_t kind;
  bool log;
  bool levels;      /* categorical or ordinal: value and index are the same */
  int32_t parent;   /* -1: none */
  int32_t children; /* the first parameter that depends on this one, or -1 */
  int32_t sibling;  /* the next one with the same parent, or -1 */
  uint32_t n_when;
  const double *when; /* the parent's activating values, rising */
  uint64_t mask;      /* the same as bits when the parent has at most 64 levels */
  bool masked;
  uint64_t count;      /* values; 0: a continuum */
  int64_t base, step;  /* integer: the grid */
  double low, high;    /* bounds of a value, for levels 0 and count - 1 */
  double initial;      /* the default */
  double origin, span; /* scale of the encoding: position = (f(v) - origin) / span */
  double shrink;       /* real: 0.5 where high - low would overflow, else 1 */
};

struct gym_space {
  uint32_t size;
  struct gym_param *params; /* our own copies */
  struct gym_axis *axes;
  const char **names; /* of the parameters, for messages */
  double *initial;    /* the canonical default row */
  double cardinality;
  uint32_t onehot_size;
  void *chunks; /* everything above, in one list */
  /* Of a leaning space: running sums of the weights of each parameter's values, or NULL
   * where they are alike. */
  const double *const *sums;
};

/* Zeroed memory that lives as long as the space; NULL when memory ran out. */
void *gym_space_take (gym_space *space, size_t n, size_t size);

/* Works out an axis from a checked parameter (all but its parent). */
void gym_axis_init (struct gym_axis *axis, const struct gym_param *param);

/* Whether a value lies in the activating set. */
bool gym_axis_wanted (const struct gym_axis *axis, double value);

/* The nearest canonical value (NaN: the default), and whether a value is one. */
double gym_axis_settle (const struct gym_axis *axis, double value);
bool gym_axis_holds (const struct gym_axis *axis, double value);

double gym_axis_value (const struct gym_axis *axis, uint64_t index);
uint64_t gym_axis_index (const struct gym_axis *axis, double value);

/* Makes the parameters from `first` on active or inactive as their parents now say. */
void gym_space_settle (const gym_space *space, double *row, uint32_t first);

/* Fails with what parameter i allows ("... is not one of ..."). */
int gym_space_refuse (const gym_space *space, uint32_t i, double value, gym_error *err);

/* Fails because parameter i was given a value where its parent makes it inactive. */
int gym_space_refuse_inactive (const gym_space *space, const double *row, uint32_t i,
                               gym_error *err);

/* The same space, whose designs are drawn by weights instead of uniformly: `weights` as
 * in struct gym_problem, checked. It borrows all else from `space`, which must outlive
 * it. GYM_ENOMEM. */
gym_space *gym_space_lean (const gym_space *space, const double *const *weights,
                           gym_error *err);

/* The index of a value of parameter i drawn by its weights. */
uint64_t gym_space_draw_leaning (const double *sums, uint64_t count, gym_rng *rng);

static inline bool
gym_axis_active (const struct gym_axis *axis, const double *row)
{
  if (axis->parent < 0)
    return true;
  double value = row[axis->parent];
  if (axis->masked)
    return value >= 0 && value < 64 && (axis->mask >> (unsigned)value & 1);
  return gym_axis_wanted (axis, value);
}

#endif
