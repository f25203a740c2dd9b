/* Benchmark functions as data: see formula.h. */
#include "envs/function/formula.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const formula_kinds[FORMULA_KINDS] = { [FORMULA_MISPHERE] = "misphere",
                                                   [FORMULA_RASTRIGIN] = "rastrigin",
                                                   [FORMULA_NK] = "nk",
                                                   [FORMULA_TRAP] = "trap",
                                                   [FORMULA_TABLE] = "table",
                                                   [FORMULA_MOTABLE] = "motable" };

/* Levels have no names in the format: their indices are printed for them. */
struct formula *
formula_new (void)
{
  struct formula *f = calloc (1, sizeof *f);
  for (int i = 0; f && i < FORMULA_LEVELS; i++) {
    snprintf (f->level_names[i], sizeof f->level_names[i], "%d", i % 1000);
    f->levels[i] = f->level_names[i];
  }
  return f;
}

void
formula_free (struct formula *f)
{
  if (!f)
    return;
  free (f->costs);
  free (f->rotation);
  free (f->links);
  free (f->tables);
  free (f);
}

bool
formula_add (struct formula *f, const char *name, bool ordered, uint32_t count,
             double low, double step)
{
  if (f->n == FORMULA_PARAMS || (!ordered && count > FORMULA_LEVELS))
    return false;
  struct gym_param *param = &f->params[f->n];
  snprintf (f->names[f->n], sizeof f->names[f->n], "%s", name);
  param->name = f->names[f->n];
  param->doc = "A coordinate of the function.";
  param->kind = ordered ? GYM_INTEGER : GYM_CATEGORICAL;
  if (ordered) {
    param->step = step;
    param->low = param->initial = low;
    param->high = low + step * (count - 1.0);
  } else {
    param->levels = f->levels;
    param->n_levels = count;
  }
  f->counts[f->n++] = count;
  return true;
}

uint32_t
formula_goals (const struct formula *f)
{
  return f->kind == FORMULA_MOTABLE ? 2 : 1;
}

/* ---- values; f->x holds the design ---- */

/* 25/256: a quarter of the 64 grid points away from the optimum costs as much as the
 * worst level of a categorical parameter. */
static bool
misphere (const struct formula *f, double *goals)
{
  goals[0] = 0;
  for (uint32_t i = 0; i < f->n_costs; i++)
    goals[0] += f->costs[i * FORMULA_LEVELS + (size_t)f->x[i]];
  for (uint32_t i = f->n_costs; i < f->n; i++)
    goals[0] += 25 * (f->x[i] - f->at[i]) * (f->x[i] - f->at[i]) / 256;
  return true;
}

/* On a grid of quarters every fourth point is a local optimum; a rotation takes the grid
 * out of line with them. */
static bool
rastrigin (const struct formula *f, double *goals)
{
  double y[FORMULA_PARAMS];
  goals[0] = 0;
  for (uint32_t i = 0; i < f->n; i++)
    y[i] = (f->x[i] - f->at[i]) * f->scale;
  for (uint32_t i = 0; i < f->n; i++) {
    double z = f->rotation ? 0 : y[i];
    for (uint32_t k = 0; f->rotation && k < f->n; k++)
      z += f->rotation[i * f->n + k] * y[k];
    goals[0] += z * z - 10 * cos (6.283185307179586 * z) + 10;
  }
  return true;
}

/* Each locus is worth what its letter and those of its neighbours are together: a change
 * of one letter changes n_links terms. */
static bool
nk (const struct formula *f, double *goals)
{
  double sum = 0;
  for (uint32_t i = 0; i < f->n; i++) {
    size_t index = 0, weight = 1;
    for (uint32_t k = 0; k < f->n_links; k++, weight *= f->q)
      index += (size_t)f->x[f->links[i * f->n_links + k]] * weight;
    sum += f->tables[i * f->size + index];
  }
  goals[0] = 1 - sum / f->n;
  return true;
}

/* Every step but the last leads away from the target: climbers end where none is right.
 */
static bool
trap (const struct formula *f, double *goals)
{
  goals[0] = 0;
  for (uint32_t from = 0; from < f->n; from += f->block) {
    uint32_t right = 0;
    for (uint32_t k = from; k < from + f->block; k++)
      right += f->x[f->links[k]] == f->at[f->links[k]];
    goals[0] += right == f->block ? 0 : 1 + right;
  }
  return true;
}

/* Mixed radix, the last parameter fastest. A design that is infeasible by one goal is so
 * altogether. */
static bool
table (const struct formula *f, double *goals)
{
  size_t index = 0;
  for (uint32_t i = 0; i < f->n; i++)
    index = index * f->counts[i] + (size_t)f->x[i];
  for (uint32_t o = 0; o < formula_goals (f); o++) {
    goals[o] = f->tables[o * f->size + index];
    if (f->penalised && goals[o] == f->penalty)
      return false;
  }
  return true;
}

/* Formulas are over indices, whatever the bounds of an integer are. */
bool
formula_value (struct formula *f, const double *row, double *goals)
{
  static bool (*const values[FORMULA_KINDS]) (
      const struct formula *, double *) = { [FORMULA_MISPHERE] = misphere,
                                            [FORMULA_RASTRIGIN] = rastrigin,
                                            [FORMULA_NK] = nk,
                                            [FORMULA_TRAP] = trap,
                                            [FORMULA_TABLE] = table,
                                            [FORMULA_MOTABLE] = table };
  for (uint32_t i = 0; i < f->n; i++) {
    const struct gym_param *param = &f->params[i];
    f->x[i] =
        param->kind == GYM_INTEGER ? rint ((row[i] - param->low) / param->step) : row[i];
  }
  return values[f->kind](f, goals);
}
