/* Reads an instance of a benchmark function: a JSON object whose fields are checked one
 * by one, because a wrong table gives wrong rankings without anybody noticing. */
#include "envs/function/formula.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reader {
  const char *path;
  const json_t *file;
  struct formula *f;
  gym_error *err;
};

static bool bad (const struct reader *r, const char *format, ...) GYM_PRINTF (2, 3);

/* Says what is wrong with which file; false, for `return bad (...)`. */
static bool
bad (const struct reader *r, const char *format, ...)
{
  char text[512];
  va_list args;
  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  gym_fail (r->err, GYM_EINVAL, "%s: %s", r->path, text);
  return false;
}

static bool
no_memory (const struct reader *r)
{
  gym_fail (r->err, GYM_ENOMEM, "%s: out of memory", r->path);
  return false;
}

/* ---- parts of a field; `what` names it in errors ---- */

static bool
number (const struct reader *r, const char *what, const json_t *value, double *out)
{
  if (!json_is_number (value))
    return bad (r, "%s: a number was expected", what);
  *out = json_number_value (value);
  return isfinite (*out) || bad (r, "%s: a finite number was expected", what);
}

static bool
whole (const struct reader *r, const char *what, const json_t *value, json_int_t low,
       json_int_t high, uint32_t *out)
{
  json_int_t i = json_integer_value (value);
  if (!json_is_integer (value) || i < low || i > high)
    return bad (r,
                "%s: an integer from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT
                " was expected",
                what, low, high);
  *out = (uint32_t)i;
  return true;
}

/* An array of exactly n elements, or of any number when n is 0. */
static bool
array (const struct reader *r, const char *what, const json_t *value, size_t n)
{
  if (!json_is_array (value))
    return bad (r, "%s: an array was expected", what);
  size_t size = json_array_size (value);
  if (n ? size != n : size == 0)
    return bad (r, "%s: %zu element%s, not %zu", what, n ? n : 1,
                n ? " were expected" : " or more was expected", size);
  return true;
}

static bool
numbers (const struct reader *r, const char *what, const json_t *value, size_t n,
         double *out)
{
  if (!array (r, what, value, n))
    return false;
  for (size_t i = 0; i < n; i++) {
    char place[128];
    snprintf (place, sizeof place, "%s, element %zu", what, i);
    if (!number (r, place, json_array_get (value, i), out + i))
      return false;
  }
  return true;
}

static bool
wholes (const struct reader *r, const char *what, const json_t *value, size_t n,
        json_int_t high, uint32_t *out)
{
  if (!array (r, what, value, n))
    return false;
  for (size_t i = 0; i < n; i++) {
    char place[128];
    snprintf (place, sizeof place, "%s, element %zu", what, i);
    if (!whole (r, place, json_array_get (value, i), 0, high, out + i))
      return false;
  }
  return true;
}

static const json_t *
field (const struct reader *r, const char *name)
{
  return json_object_get (r->file, name);
}

/* A field of `n` rows of `width` numbers, newly allocated. */
static double *
matrix (const struct reader *r, const char *name, size_t n, size_t width)
{
  const json_t *rows = field (r, name);
  if (!array (r, name, rows, n))
    return NULL;
  double *out = malloc (n * width * sizeof *out);
  bool good = out || no_memory (r);
  for (size_t i = 0; good && i < n; i++) {
    char place[128];
    snprintf (place, sizeof place, "%s, row %zu", name, i);
    good = numbers (r, place, json_array_get (rows, i), width, out + i * width);
  }
  if (good)
    return out;
  free (out);
  return NULL;
}

/* ---- parameters ---- */

/* Names identify parameters to the user and in stores. */
static bool
known_name (const struct formula *f, const char *name)
{
  for (uint32_t i = 0; i < f->n; i++)
    if (strcmp (f->names[i], name) == 0)
      return true;
  return false;
}

static bool
read_name (const struct reader *r, size_t i, const json_t *param, const char **name)
{
  *name = json_string_value (json_object_get (param, "name"));
  if (!*name)
    return bad (r, "params, element %zu: \"name\": a text was expected", i);
  if (strlen (*name) >= sizeof r->f->names[0])
    return bad (r, "params, element %zu: \"name\": at most %zu characters", i,
                sizeof r->f->names[0] - 1);
  return !known_name (r->f, *name) || bad (r, "params: two are called \"%s\"", *name);
}

/* Bounds may be left out: the format has a unit step from 0. */
static bool
read_param (const struct reader *r, size_t i, const json_t *param)
{
  const char *name, *type = json_string_value (json_object_get (param, "type"));
  const json_t *low = json_object_get (param, "low"),
               *step = json_object_get (param, "step");
  uint32_t count = 0;
  double from = 0, by = 1;
  if (!read_name (r, i, param, &name))
    return false;
  bool ordered = type && strcmp (type, "int") == 0;
  if (!ordered && !(type && strcmp (type, "cat") == 0))
    return bad (r, "parameter \"%s\": \"type\": \"cat\" or \"int\" was expected", name);
  char place[128];
  snprintf (place, sizeof place, "parameter \"%s\": \"n\"", name);
  if (!whole (r, place, json_object_get (param, "n"), 1,
              ordered ? 1000000000 : FORMULA_LEVELS, &count)
      || (ordered && low && !number (r, "\"low\" of a parameter", low, &from))
      || (ordered && step && !number (r, "\"step\" of a parameter", step, &by)))
    return false;
  if (!(by > 0))
    return bad (r, "parameter \"%s\": \"step\": more than 0 was expected", name);
  formula_add (r->f, name, ordered, count, from, by);
  return true;
}

static bool
read_params (const struct reader *r)
{
  const json_t *params = field (r, "params");
  if (!array (r, "params", params, 0))
    return false;
  size_t n = json_array_size (params);
  if (n > FORMULA_PARAMS)
    return bad (r, "params: at most %d, not %zu", FORMULA_PARAMS, n);
  for (size_t i = 0; i < n; i++)
    if (!read_param (r, i, json_array_get (params, i)))
      return false;
  return true;
}

/* All parameters from `first` on must be of one type: the formula counts on it. */
static bool
all_of (const struct reader *r, uint32_t first, uint32_t end, uint32_t kind)
{
  for (uint32_t i = first; i < end; i++)
    if (r->f->params[i].kind != kind)
      return bad (r, "parameter \"%s\": type \"%s\" was expected here", r->f->names[i],
                  kind == GYM_INTEGER ? "int" : "cat");
  return true;
}

/* ---- kinds ---- */

/* Categorical parameters come first: row i of the costs is that of parameter i. */
static bool
read_misphere (const struct reader *r)
{
  struct formula *f = r->f;
  const json_t *costs = field (r, "cat_cost");
  size_t rows = json_array_size (costs);
  if (!json_is_array (costs) || rows > f->n)
    return bad (r, "cat_cost: an array of at most %u rows was expected", f->n);
  f->n_costs = (uint32_t)rows;
  f->costs = calloc (rows * FORMULA_LEVELS + 1, sizeof *f->costs);
  if (!f->costs)
    return no_memory (r);
  for (uint32_t i = 0; i < rows; i++) {
    char place[64];
    snprintf (place, sizeof place, "cat_cost, row %u", i);
    if (!numbers (r, place, json_array_get (costs, i), f->counts[i],
                  f->costs + (size_t)i * FORMULA_LEVELS))
      return false;
  }
  if (!all_of (r, 0, f->n_costs, GYM_CATEGORICAL)
      || !all_of (r, f->n_costs, f->n, GYM_INTEGER))
    return false;
  return f->n == f->n_costs
         || numbers (r, "opt", field (r, "opt"), f->n - rows, f->at + rows);
}

/* "rot" must be there, if only as null: a rotation that got lost would make the function
 * a much easier one. */
static bool
read_rastrigin (const struct reader *r)
{
  struct formula *f = r->f;
  if (!all_of (r, 0, f->n, GYM_INTEGER)
      || !numbers (r, "shift", field (r, "shift"), f->n, f->at)
      || !number (r, "scale", field (r, "scale"), &f->scale))
    return false;
  if (!field (r, "rot"))
    return bad (r, "rot: an array of rows, or null, was expected");
  if (json_is_null (field (r, "rot")))
    return true;
  f->rotation = matrix (r, "rot", f->n, f->n);
  return f->rotation;
}

/* The size of a table of q^links values, which must stay within reason. */
static bool
nk_size (const struct reader *r)
{
  r->f->size = 1;
  for (uint32_t k = 0; k < r->f->n_links; k++)
    if ((r->f->size *= r->f->q) > 10000000)
      return bad (r, "neigh: %u values to the power of %u are too many", r->f->q,
                  r->f->n_links);
  return true;
}

/* A locus may well have fewer letters than q, never more: they would index beyond the
 * table. */
static bool
read_nk (const struct reader *r)
{
  struct formula *f = r->f;
  const json_t *rows = field (r, "neigh");
  if (!whole (r, "q", field (r, "q"), 1, FORMULA_LEVELS, &f->q)
      || !array (r, "neigh", rows, f->n)
      || !array (r, "neigh, row 0", json_array_get (rows, 0), 0))
    return false;
  for (uint32_t i = 0; i < f->n; i++)
    if (f->counts[i] > f->q)
      return bad (r, "parameter \"%s\": at most q = %u values, not %u", f->names[i], f->q,
                  f->counts[i]);
  f->n_links = (uint32_t)json_array_size (json_array_get (rows, 0));
  f->links = calloc ((size_t)f->n * f->n_links, sizeof *f->links);
  if (!f->links)
    return no_memory (r);
  for (uint32_t i = 0; i < f->n; i++) {
    char place[64];
    snprintf (place, sizeof place, "neigh, row %u", i);
    if (!wholes (r, place, json_array_get (rows, i), f->n_links, f->n - 1,
                 f->links + (size_t)i * f->n_links))
      return false;
  }
  return nk_size (r) && (f->tables = matrix (r, "table", f->n, f->size));
}

/* A permutation that names a locus twice leaves another without any effect. */
static bool
read_trap (const struct reader *r)
{
  struct formula *f = r->f;
  bool used[FORMULA_PARAMS] = { false };
  if (!whole (r, "block", field (r, "block"), 1, f->n, &f->block))
    return false;
  if (f->n % f->block)
    return bad (r, "block: %u parameters are no multiple of %u", f->n, f->block);
  f->links = calloc (f->n, sizeof *f->links);
  if (!f->links)
    return no_memory (r);
  if (!wholes (r, "perm", field (r, "perm"), f->n, f->n - 1, f->links)
      || !numbers (r, "target", field (r, "target"), f->n, f->at))
    return false;
  for (uint32_t i = 0; i < f->n; i++) {
    if (used[f->links[i]])
      return bad (r, "perm: %u is there twice", f->links[i]);
    used[f->links[i]] = true;
    if (f->at[i] != floor (f->at[i]) || f->at[i] < 0 || f->at[i] >= f->counts[i])
      return bad (r, "target, element %u: an index below %u was expected", i,
                  f->counts[i]);
  }
  return true;
}

/* The product of the counts is the size; it is computed as a real number, which cannot
 * overflow, before it is believed. */
static bool
read_tables (const struct reader *r)
{
  struct formula *f = r->f;
  const json_t *penalty = field (r, "penalty");
  double size = 1;
  for (uint32_t i = 0; i < f->n; i++)
    size *= f->counts[i];
  if (size > 1e8)
    return bad (r, "params: a table of %g values is too large", size);
  f->size = (size_t)size;
  f->penalised = penalty && !json_is_null (penalty);
  if (f->penalised && !number (r, "penalty", penalty, &f->penalty))
    return false;
  if (f->kind == FORMULA_MOTABLE)
    return (f->tables = matrix (r, "tables", FORMULA_GOALS, f->size));
  f->tables = malloc (f->size * sizeof *f->tables);
  if (!f->tables)
    return no_memory (r);
  return numbers (r, "table", field (r, "table"), f->size, f->tables);
}

/* Parameters were read before: every kind checks its fields against them. */
static bool
read_kind (const struct reader *r)
{
  static bool (*const readers[FORMULA_KINDS]) (
      const struct reader *) = { [FORMULA_MISPHERE] = read_misphere,
                                 [FORMULA_RASTRIGIN] = read_rastrigin,
                                 [FORMULA_NK] = read_nk,
                                 [FORMULA_TRAP] = read_trap,
                                 [FORMULA_TABLE] = read_tables,
                                 [FORMULA_MOTABLE] = read_tables };
  const char *kind = json_string_value (field (r, "kind"));
  for (int k = 0; kind && k < FORMULA_KINDS; k++)
    if (strcmp (kind, formula_kinds[k]) == 0) {
      r->f->kind = (enum formula_kind)k;
      return readers[k](r);
    }
  return bad (r,
              "kind: one of misphere, rastrigin, nk, trap, table, motable was "
              "expected, not %.40s",
              kind ? kind : "nothing");
}

struct formula *
formula_read (const char *path, gym_error *err)
{
  json_error_t why;
  json_t *file = json_load_file (path, JSON_REJECT_DUPLICATES, &why);
  struct reader r = { .path = path, .file = file, .f = formula_new (), .err = err };
  bool good = false;
  if (!r.f)
    no_memory (&r);
  else if (!file && why.line < 1)
    gym_fail (err, GYM_EIO, "%s", why.text);
  else if (!file)
    bad (&r, "line %d, column %d: %s", why.line, why.column, why.text);
  else if (!json_is_object (file))
    bad (&r, "a JSON object was expected");
  else
    good = read_params (&r) && read_kind (&r);
  json_decref (file);
  if (good)
    return r.f;
  formula_free (r.f);
  return NULL;
}
