/* Making a space, and what it says about itself: see gym/space.h.
 *
 * A space is made once and read millions of times, so everything that can be worked out
 * is worked out here, and all of it lies in one list of chunks: a table that turns out to
 * be wrong half-way is freed like a good one. */
#include "core/space.h"
#include "core/text.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Integers beyond this are not all doubles. */
static const double exact = 9007199254740992.0;

union chunk {
  union chunk *next;
  max_align_t align;
};

void *
gym_space_take (gym_space *space, size_t n, size_t size)
{
  if (size && n > (SIZE_MAX - sizeof (union chunk)) / size)
    return NULL;
  union chunk *chunk = calloc (1, sizeof *chunk + n * size);
  if (!chunk)
    return NULL;
  chunk->next = space->chunks;
  space->chunks = chunk;
  return chunk + 1;
}

void
gym_space_destroy (gym_space **space)
{
  if (!space || !*space)
    return;
  for (union chunk *c = (*space)->chunks, *next; c; c = next) {
    next = c->next;
    free (c);
  }
  free (*space);
  *space = NULL;
}

/* Copies *string into the space; an empty one is as none. */
static int
own (gym_space *space, const char **string, const char *what, gym_error *err)
{
  if (!*string || !**string) {
    *string = NULL;
    return 0;
  }
  if (!gym_text_is_clean (*string))
    return gym_fail (err, GYM_EINVAL, "its %s is not UTF-8 text of one line", what);
  size_t n = strlen (*string) + 1;
  char *copy = gym_space_take (space, n, 1);
  if (!copy)
    return gym_fail_memory (err);
  memcpy (copy, *string, n);
  *string = copy;
  return 0;
}

/* Copies n strings, none of them empty, and a closing NULL. */
static int
own_list (gym_space *space, const char *const **list, size_t n, const char *what,
          gym_error *err)
{
  const char **copy = gym_space_take (space, n + 1, sizeof *copy);
  if (!copy)
    return gym_fail_memory (err);
  for (size_t k = 0; k < n; k++) {
    copy[k] = (*list)[k];
    int code = own (space, &copy[k], what, err);
    if (code)
      return code;
    if (!copy[k])
      return gym_fail (err, GYM_EINVAL, "%s number %zu is missing or empty", what, k + 1);
  }
  *list = copy;
  return 0;
}

/* Names become columns of SQL and CSV and fields in Lua: letters of ASCII alone. */
static bool
name_is_good (const char *name)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  static const char others[] = "0123456789.";
  if (!name || !*name || !strchr (letters, *name))
    return false;
  for (; *name; name++)
    if (!strchr (letters, *name) && !strchr (others, *name))
      return false;
  return true;
}

static int
check_name (const gym_space *space, const char *name, gym_error *err)
{
  if (!name_is_good (name))
    return gym_fail (err, GYM_EINVAL,
                     "its name \"%s\" is not a letter or _ followed by letters, digits, "
                     "_ and .",
                     name ? name : "");
  for (uint32_t k = 0; k < space->size; k++)
    if (strcmp (space->names[k], name) == 0)
      return gym_fail (err, GYM_EINVAL, "the name is already that of parameter number %u",
                       k + 1);
  return 0;
}

static int
by_text (const void *a, const void *b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Sorted first: a table of designs may have very many levels. */
static int
check_unique (const char *const *levels, uint32_t n, gym_error *err)
{
  const char **sorted = malloc (n * sizeof *sorted);
  int code = 0;
  if (!sorted)
    return gym_fail_memory (err);
  memcpy (sorted, levels, n * sizeof *sorted);
  qsort (sorted, n, sizeof *sorted, by_text);
  for (uint32_t k = 1; k < n && !code; k++)
    if (strcmp (sorted[k - 1], sorted[k]) == 0)
      code = gym_fail (err, GYM_EINVAL, "level \"%s\" is there twice", sorted[k]);
  free (sorted);
  return code;
}

static int
check_levels (gym_space *space, struct gym_param *p, gym_error *err)
{
  if (p->flags & GYM_PARAM_LOG)
    return gym_fail (err, GYM_EINVAL, "levels have no log scale");
  if (p->n_levels == 0 || !p->levels)
    return gym_fail (err, GYM_EINVAL, "it has no levels");
  if (p->n_levels > INT32_MAX)
    return gym_fail (err, GYM_EINVAL, "it has more than 2^31 - 1 levels");
  int code = own_list (space, &p->levels, p->n_levels, "level", err);
  p->low = p->high = p->step = 0;
  return code ? code : check_unique (p->levels, p->n_levels, err);
}

/* Finite bounds, so that "uniform" has a meaning. */
static int
check_bounds (struct gym_param *p, gym_error *err)
{
  if (p->levels || p->n_levels)
    return gym_fail (err, GYM_EINVAL, "only categorical and ordinal ones have levels");
  if (!isfinite (p->low) || !isfinite (p->high))
    return gym_fail (err, GYM_EINVAL, "its bounds [%g, %g] are not finite", p->low,
                     p->high);
  if (p->low > p->high)
    return gym_fail (err, GYM_EINVAL, "its lower bound %g is above its upper bound %g",
                     p->low, p->high);
  if ((p->flags & GYM_PARAM_LOG) && p->low <= 0)
    return gym_fail (err, GYM_EINVAL, "a log scale needs a lower bound above 0, not %g",
                     p->low);
  p->low += 0.0; /* no negative zero */
  p->high += 0.0;
  return 0;
}

static int
check_grid (struct gym_param *p, gym_error *err)
{
  if (p->kind == GYM_REAL)
    return p->step == 0
               ? 0
               : gym_fail (err, GYM_EINVAL, "a real one has no step, not %g", p->step);
  if (p->step == 0)
    p->step = 1;
  if (floor (p->low) != p->low || floor (p->high) != p->high || fabs (p->low) > exact
      || fabs (p->high) > exact)
    return gym_fail (err, GYM_EINVAL,
                     "its bounds [%.17g, %.17g] are not whole numbers up to 2^53", p->low,
                     p->high);
  if (!(p->step >= 1) || floor (p->step) != p->step || p->step > exact)
    return gym_fail (err, GYM_EINVAL, "its step %g is not a whole number from 1 to 2^53",
                     p->step);
  return 0;
}

/* Digit k of a permutation of m things takes 0 .. m-1-k (Lehmer's code). */
static int
check_lehmer (const gym_space *space, const struct gym_param *p, gym_error *err)
{
  if (!(p->flags & GYM_PARAM_LEHMER))
    return 0;
  if (p->kind != GYM_INTEGER || p->low != 0 || p->step != 1 || (p->flags & GYM_PARAM_LOG)
      || !p->group)
    return gym_fail (err, GYM_EINVAL,
                     "a Lehmer digit is an integer from 0 in steps of 1 with a group");
  for (uint32_t k = space->size; k-- > 0;) {
    const struct gym_param *q = &space->params[k];
    if (!(q->flags & GYM_PARAM_LEHMER) || strcmp (q->group, p->group) != 0)
      continue;
    if (p->high != q->high - 1)
      return gym_fail (err, GYM_EINVAL,
                       "Lehmer digit after \"%s\" must go up to %g, not %g", q->name,
                       q->high - 1, p->high);
    break;
  }
  return 0;
}

static int
check_kind (gym_space *space, struct gym_param *p, gym_error *err)
{
  int code;
  if (p->flags & ~(uint32_t)(GYM_PARAM_LOG | GYM_PARAM_LEHMER))
    return gym_fail (err, GYM_EINVAL, "it has unknown flags 0x%x", p->flags);
  switch (p->kind) {
  case GYM_CATEGORICAL:
  case GYM_ORDINAL:
    code = check_levels (space, p, err);
    break;
  case GYM_INTEGER:
  case GYM_REAL:
    code = check_bounds (p, err);
    if (!code)
      code = check_grid (p, err);
    break;
  default:
    return gym_fail (err, GYM_EINVAL, "its kind %u is none of enum gym_kind", p->kind);
  }
  return code ? code : check_lehmer (space, p, err);
}

/* Parents first: one pass in order then settles which parameters are active. */
static int
find_parent (const gym_space *space, const struct gym_param *p, gym_error *err)
{
  if (strcmp (p->parent, p->name) == 0)
    return gym_fail (err, GYM_EINVAL, "it is its own parent");
  for (uint32_t k = 0; k < space->size; k++)
    if (strcmp (space->names[k], p->parent) == 0) {
      if (space->axes[k].kind == GYM_REAL)
        return gym_fail (err, GYM_EINVAL, "its parent \"%s\" is real and has no levels",
                         p->parent);
      return (int)k;
    }
  gym_fail_unknown (err, GYM_EINVAL, "parent", p->parent, space->names, space->size);
  gym_error_prefix (err, "a parent must stand before its children");
  return GYM_EINVAL;
}

static int
by_value (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* As texts, since a plugin that names levels must not depend on their order. */
static int
read_when (gym_space *space, const struct gym_param *p, struct gym_axis *axis,
           double *when, gym_error *err)
{
  for (uint32_t k = 0; k < axis->n_when; k++) {
    int code = gym_space_parse (space, (uint32_t)axis->parent, p->when[k], &when[k], err);
    if (code) {
      gym_error_prefix (err, "its when \"%s\"", p->when[k]);
      return code;
    }
  }
  qsort (when, axis->n_when, sizeof *when, by_value);
  for (uint32_t k = 1; k < axis->n_when; k++)
    if (when[k - 1] == when[k])
      return gym_fail (err, GYM_EINVAL, "its when has the same value twice");
  return 0;
}

static int
link_parent (gym_space *space, struct gym_param *p, struct gym_axis *axis, gym_error *err)
{
  axis->parent = axis->children = axis->sibling = -1;
  if (!p->parent)
    return p->when && p->when[0]
               ? gym_fail (err, GYM_EINVAL, "it has a when but no parent")
               : (p->when = NULL, 0);
  int parent = find_parent (space, p, err);
  if (parent < 0)
    return parent;
  uint32_t n = 0;
  while (p->when && p->when[n])
    n++;
  if (n == 0)
    return gym_fail (err, GYM_EINVAL, "it has a parent but no when");
  double *when = gym_space_take (space, n, sizeof *when);
  if (!when)
    return gym_fail_memory (err);
  axis->parent = parent;
  axis->n_when = n;
  axis->when = when;
  int code = own_list (space, &p->when, n, "when", err);
  if (!code)
    code = read_when (space, p, axis, when, err);
  if (code)
    return code;
  const struct gym_axis *up = &space->axes[parent];
  axis->masked = up->levels && up->count <= 64;
  for (uint32_t k = 0; k < n && axis->masked; k++)
    axis->mask |= UINT64_C (1) << (unsigned)when[k];
  return 0;
}

/* Also where the parameter is inactive by default: it may wake up later. */
static int
check_initial (const gym_space *space, struct gym_param *p, gym_error *err)
{
  struct gym_axis *axis = &space->axes[space->size];
  p->initial += 0.0;
  axis->initial = p->initial;
  if (gym_axis_holds (axis, p->initial))
    return 0;
  return gym_fail (err, GYM_EINVAL, "its default %.17g is not one of its values",
                   p->initial);
}

/* Checks parameter number space->size and adds it. */
static int
add_param (gym_space *space, const struct gym_param *given, gym_error *err)
{
  struct gym_param *p = &space->params[space->size];
  struct gym_axis *axis = &space->axes[space->size];
  *p = *given;
  p->reserved = 0;
  int code = check_name (space, p->name, err);
  if (code || (code = own (space, &p->name, "name", err))
      || (code = own (space, &p->unit, "unit", err))
      || (code = own (space, &p->doc, "doc", err))
      || (code = own (space, &p->group, "group", err))
      || (code = own (space, &p->parent, "parent", err))
      || (code = check_kind (space, p, err)))
    return code;
  gym_axis_init (axis, p);
  if ((code = link_parent (space, p, axis, err))
      || (code = check_initial (space, p, err)))
    return code;
  space->names[space->size++] = p->name;
  return 0;
}

/* Reads what there is of item i: a plugin may be older or newer than this library. */
static struct gym_param
read_param (const struct gym_params *params, uint32_t i)
{
  struct gym_param p = { 0 };
  size_t n = params->stride < sizeof p ? params->stride : sizeof p;
  memcpy (&p, (const char *)params->items + (size_t)i * params->stride, n);
  return p;
}

/* Counted from 1 in messages: a table with a missing name is read by people. */
static int
add_all (gym_space *space, const struct gym_params *params, gym_error *err)
{
  for (uint32_t i = 0; i < params->n; i++) {
    struct gym_param p = read_param (params, i);
    int code = add_param (space, &p, err);
    if (code && name_is_good (p.name))
      gym_error_prefix (err, "parameter \"%s\"", p.name);
    else if (code)
      gym_error_prefix (err, "parameter number %u", i + 1);
    if (code)
      return code;
  }
  return 0;
}

/* Lists every parameter's children in order. */
static void
link_children (gym_space *space)
{
  for (uint32_t i = space->size; i-- > 0;) {
    struct gym_axis *axis = &space->axes[i];
    if (axis->parent < 0)
      continue;
    axis->sibling = space->axes[axis->parent].children;
    space->axes[axis->parent].children = (int32_t)i;
  }
}

/* Number of ways to fill in parameter i at one of its values and what hangs on it. */
static double
ways_at (const gym_space *space, const double *ways, uint32_t i, double value)
{
  double product = 1;
  for (int32_t c = space->axes[i].children; c >= 0; c = space->axes[c].sibling)
    if (gym_axis_wanted (&space->axes[c], value))
      product *= ways[c];
  return product;
}

/* Sum over the values of parameter i. Only values that some child names differ from the
 * rest, so a huge integer is not walked through: `seen` of them are told one by one, the
 * first child that names a value speaks for it. */
static double
ways_of (const gym_space *space, const double *ways, uint32_t i)
{
  const struct gym_axis *axis = &space->axes[i];
  double sum = 0, seen = 0;
  if (axis->count == 0)
    return INFINITY;
  for (int32_t c = axis->children; c >= 0; c = space->axes[c].sibling)
    for (uint32_t k = 0; k < space->axes[c].n_when; k++) {
      double value = space->axes[c].when[k];
      int32_t first = axis->children;
      while (!gym_axis_wanted (&space->axes[first], value))
        first = space->axes[first].sibling;
      if (first != c)
        continue;
      sum += ways_at (space, ways, i, value);
      seen++;
    }
  return sum + ((double)axis->count - seen);
}

/* From the last parameter up, as children stand after their parents. */
static int
count_designs (gym_space *space, gym_error *err)
{
  double *ways = malloc ((space->size + (size_t)1) * sizeof *ways), total = 1;
  bool continuum = false;
  if (!ways)
    return gym_fail_memory (err);
  for (uint32_t i = space->size; i-- > 0;) {
    ways[i] = ways_of (space, ways, i);
    continuum |= space->axes[i].count == 0;
    if (space->axes[i].parent < 0)
      total *= ways[i];
  }
  free (ways);
  space->cardinality = continuum ? INFINITY : total < DBL_MAX ? total : DBL_MAX;
  return 0;
}

/* What follows from the whole table. A level takes a column of its own in the one-hot
 * form, anything else one column and, when it can be absent, a second that says so. */
static int
finish (gym_space *space, gym_error *err)
{
  link_children (space);
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    space->initial[i] = gym_axis_active (axis, space->initial) ? axis->initial : NAN;
    if (axis->kind == GYM_CATEGORICAL)
      space->onehot_size += (uint32_t)axis->count;
    else
      space->onehot_size += axis->parent < 0 ? 1 : 2;
  }
  return count_designs (space, err);
}

/* An empty table is a space of one design: that of an agent without options. */
static int
check_table (const struct gym_params *params, gym_error *err)
{
  if (!params || params->struct_size < sizeof *params)
    return gym_fail (err, GYM_EINVAL, "the parameter table has no struct_size");
  if (params->n > INT32_MAX)
    return gym_fail (err, GYM_EINVAL,
                     "the parameter table has more than 2^31 - 1 entries");
  if (params->n && (!params->items || params->stride == 0))
    return gym_fail (err, GYM_EINVAL, "the parameter table has no items or no stride");
  return 0;
}

static int
allocate (gym_space *space, uint32_t n, gym_error *err)
{
  space->params = gym_space_take (space, n, sizeof *space->params);
  space->axes = gym_space_take (space, n, sizeof *space->axes);
  space->names = gym_space_take (space, n, sizeof *space->names);
  space->initial = gym_space_take (space, n, sizeof *space->initial);
  if (!space->params || !space->axes || !space->names || !space->initial)
    return gym_fail_memory (err);
  return 0;
}

/* One way out on failure: whatever was made so far hangs on the space. */
gym_space *
gym_space_new (const struct gym_params *params, gym_error *err)
{
  if (check_table (params, err))
    return NULL;
  gym_space *space = calloc (1, sizeof *space);
  if (!space) {
    gym_fail_memory (err);
    return NULL;
  }
  if (allocate (space, params->n, err) || add_all (space, params, err)
      || finish (space, err))
    gym_space_destroy (&space);
  return space;
}

uint32_t
gym_space_size (const gym_space *space)
{
  return space->size;
}

const struct gym_param *
gym_space_param (const gym_space *space, uint32_t i)
{
  return &space->params[i];
}

int
gym_space_find (const gym_space *space, const char *name, gym_error *err)
{
  for (uint32_t i = 0; i < space->size; i++)
    if (strcmp (space->names[i], name) == 0)
      return (int)i;
  return gym_fail_unknown (err, GYM_ENOTFOUND, "parameter", name, space->names,
                           space->size);
}

int
gym_space_parent (const gym_space *space, uint32_t i)
{
  return space->axes[i].parent;
}

bool
gym_space_active (const gym_space *space, const double *row, uint32_t i)
{
  return gym_axis_active (&space->axes[i], row);
}

double
gym_space_cardinality (const gym_space *space)
{
  return space->cardinality;
}

void
gym_space_default (const gym_space *space, double *row)
{
  if (space->size)
    memcpy (row, space->initial, space->size * sizeof *row);
}

/* The failing half of gym_space_check, away from the fast one. */
static int
refuse_value (const gym_space *space, const double *row, uint32_t i, gym_error *err)
{
  if (!gym_axis_active (&space->axes[i], row))
    return gym_space_refuse_inactive (space, row, i, err);
  return gym_space_refuse (space, i, row[i], err);
}

int
gym_space_check (const gym_space *space, const double *row, gym_error *err)
{
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    bool good =
        gym_axis_active (axis, row) ? gym_axis_holds (axis, row[i]) : isnan (row[i]);
    if (!good)
      return refuse_value (space, row, i, err);
  }
  return 0;
}

void
gym_space_repair (const gym_space *space, double *row)
{
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    row[i] = gym_axis_active (axis, row) ? gym_axis_settle (axis, row[i]) : NAN;
  }
}
