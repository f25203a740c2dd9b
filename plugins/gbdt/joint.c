/* Several columns as one: see joint.h. */
#include "plugins/gbdt/joint.h"

#include <stdlib.h>

/* The first group with room; a long column has one of its own, as none has. */
static void
place (struct joint *j, struct joint_column *c)
{
  uint32_t g = 0;
  while (g < j->n && (uint64_t)j->groups[g].size * c->size > JOINT_MOST)
    g++;
  if (g == j->n)
    j->groups[j->n++].size = 1;
  c->group = g;
  c->stride = j->groups[g].size;
  j->groups[g].size *= c->size;
}

int
joint_init (struct joint *j, const struct bins *bins)
{
  *j = (struct joint){ .bins = bins };
  j->columns = calloc (bins->n_columns + 1u, sizeof *j->columns);
  j->groups = calloc (bins->n_columns + 1u, sizeof *j->groups);
  if (!j->columns || !j->groups)
    return GYM_ENOMEM;
  for (uint32_t i = 0; i < bins->n_columns; i++) {
    struct joint_column *c = &j->columns[i];
    c->skip = !bins->columns[i].conditional;
    c->size = bins->columns[i].codes - c->skip;
    place (j, c);
  }
  for (uint32_t g = 0; g < j->n; g++) {
    j->groups[g].first = j->n_cells;
    j->n_cells += j->groups[g].size;
  }
  return GYM_OK;
}

void
joint_free (struct joint *j)
{
  free (j->columns);
  free (j->groups);
  *j = (struct joint){ 0 };
}

void
joint_cells (const struct joint *j, const uint16_t *cells, uint32_t *out)
{
  for (uint32_t g = 0; g < j->n; g++)
    out[g] = j->groups[g].first;
  for (uint32_t i = 0; i < j->bins->n_columns; i++) {
    const struct joint_column *c = &j->columns[i];
    uint32_t code = cells[i] - j->bins->columns[i].first;
    /* A row of a design never has the code that is skipped. */
    out[c->group] += c->stride * (code > c->skip ? code - c->skip : 0);
  }
}

/* Combinations count like digits: the first column of a group is the lowest. */
uint32_t
joint_code (const struct joint_column *c, uint32_t k)
{
  return k / c->stride % c->size + c->skip;
}
