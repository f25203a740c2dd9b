/* Designs as numbers: see features.h. */
#include "plugins/common/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 65535 };

/* Where the next n numbers lie. */
static uint32_t
take (struct features *f, uint32_t n)
{
  uint32_t at = f->n;
  f->n += n;
  return at;
}

/* A space of too many levels is refused by its sum, which must not overflow before. */
static void
add_column (struct features *f, uint32_t parameter, uint64_t count, uint32_t most)
{
  const struct gym_param *p = f->host->space_param (f->space, parameter);
  struct features_column *c = &f->columns[f->n_columns++];
  *c = (struct features_column){ .parameter = parameter,
                                 .ordered = p->kind != GYM_CATEGORICAL,
                                 .conditional = p->parent != NULL };
  if (!c->ordered || (count > 0 && count <= most))
    c->levels = (uint32_t)(count < MOST ? count : MOST + 1);
  c->first = take (f, c->levels);
  c->place = take (f, c->ordered ? 2 : 0);
  c->active = take (f, c->conditional);
}

int
features_init (struct features *f, const struct gym_host *host,
               const struct gym_space *space, uint32_t most, gym_error *err)
{
  uint32_t n = host->space_size (space);
  *f = (struct features){ .host = host, .space = space };
  f->columns = calloc (n + 1u, sizeof *f->columns);
  f->unit = calloc (n + 1u, sizeof *f->unit);
  if (!f->columns || !f->unit)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the model");
  for (uint32_t i = 0; i < n; i++) {
    uint64_t count = host->param_count (space, i);
    if (count != 1)
      add_column (f, i, count, most);
    if (f->n > MOST)
      return gym_fail (err, GYM_EINVAL,
                       "the levels of all parameters are more than %d: too many", MOST);
  }
  return GYM_OK;
}

void
features_free (struct features *f)
{
  free (f->columns);
  free (f->unit);
  *f = (struct features){ 0 };
}

/* Of a square its mean over the scale is taken off, so that parabola and constant do not
 * stand for the same thing. */
void
features_of (const struct features *f, const double *design, double *out)
{
  memset (out, 0, f->n * sizeof *out);
  f->host->space_encode (f->space, design, f->unit);
  for (uint32_t i = 0; i < f->n_columns; i++) {
    const struct features_column *c = &f->columns[i];
    double value = design[c->parameter], x = 2 * f->unit[c->parameter] - 1;
    if (isnan (value))
      continue;
    if (c->levels > 0)
      out[c->first + f->host->param_index (f->space, c->parameter, value)] = 1;
    if (c->ordered) {
      out[c->place] = x;
      out[c->place + 1] = x * x - 1.0 / 3;
    }
    if (c->conditional)
      out[c->active] = 1;
  }
}
