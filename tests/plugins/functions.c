/* Families of test functions for agents: see functions.h. */
#include "tests/plugins/functions.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const function_families[FUNCTION_FAMILIES] = { "misphere", "rastgrid",
                                                           "rastrot",  "nk16",
                                                           "trap30",   "tab6" };

/* ---- instances from seeds ---- */

/* Integers where there is an order, as the reference has them. */
static void
add_params (struct formula *f, uint32_t n, uint32_t levels, bool ordered)
{
  for (uint32_t k = 0; k < n; k++) {
    char name[16];
    snprintf (name, sizeof name, "p%u", f->n);
    formula_add (f, name, ordered, levels, 0, 1);
  }
}

static void
permutation (gym_rng *rng, uint32_t *items, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    items[i] = i;
  gym_rng_shuffle (rng, items, n);
}

static bool
make_misphere (struct formula *f, gym_rng *rng)
{
  uint32_t order[6];
  f->kind = FORMULA_MISPHERE;
  f->n_costs = 4;
  f->costs = calloc (4 * FORMULA_LEVELS, sizeof *f->costs);
  add_params (f, 4, 6, false);
  add_params (f, 8, 64, true);
  for (uint32_t i = 0; f->costs && i < 4; i++) {
    permutation (rng, order, 6);
    for (uint32_t k = 0; k < 6; k++)
      f->costs[i * FORMULA_LEVELS + k] = (double)order[k] * order[k];
  }
  for (uint32_t i = 4; i < f->n; i++)
    f->at[i] = 4 + (double)gym_rng_below (rng, 56);
  return f->costs;
}

static bool
make_rastgrid (struct formula *f, gym_rng *rng)
{
  f->kind = FORMULA_RASTRIGIN;
  f->scale = 0.25;
  add_params (f, 10, 41, true);
  for (uint32_t i = 0; i < f->n; i++)
    f->at[i] = 8 + (double)gym_rng_below (rng, 25);
  return true;
}

/* Gaussian rows made orthogonal (Gram and Schmidt) are uniform among rotations. */
static bool
make_rastrot (struct formula *f, gym_rng *rng)
{
  make_rastgrid (f, rng);
  f->rotation = calloc ((size_t)f->n * f->n, sizeof *f->rotation);
  if (!f->rotation)
    return false;
  for (uint32_t i = 0; i < f->n; i++) {
    double *row = f->rotation + (size_t)i * f->n, length = 0;
    for (uint32_t k = 0; k < f->n; k++)
      row[k] = gym_rng_normal (rng);
    for (uint32_t j = 0; j < i; j++) {
      double dot = 0;
      for (uint32_t k = 0; k < f->n; k++)
        dot += row[k] * f->rotation[j * f->n + k];
      for (uint32_t k = 0; k < f->n; k++)
        row[k] -= dot * f->rotation[j * f->n + k];
    }
    for (uint32_t k = 0; k < f->n; k++)
      length += row[k] * row[k];
    for (uint32_t k = 0; k < f->n; k++)
      row[k] /= sqrt (length);
  }
  return true;
}

static bool
make_nk (struct formula *f, gym_rng *rng)
{
  uint32_t order[FORMULA_PARAMS];
  f->kind = FORMULA_NK;
  f->q = 3;
  f->n_links = 5;
  add_params (f, 16, 3, false);
  f->size = 243;
  f->tables = malloc (f->n * f->size * sizeof *f->tables);
  f->links = malloc ((size_t)f->n * f->n_links * sizeof *f->links);
  if (!f->tables || !f->links)
    return false;
  for (size_t i = 0; i < f->n * f->size; i++)
    f->tables[i] = gym_rng_real (rng);
  for (uint32_t i = 0; i < f->n; i++) {
    uint32_t *links = f->links + (size_t)i * f->n_links;
    permutation (rng, order, f->n);
    links[0] = i;
    for (uint32_t k = 1, j = 0; k < f->n_links; j++)
      if (order[j] != i)
        links[k++] = order[j];
  }
  return true;
}

static bool
make_trap (struct formula *f, gym_rng *rng)
{
  f->kind = FORMULA_TRAP;
  f->block = 5;
  add_params (f, 30, 2, false);
  f->links = malloc (f->n * sizeof *f->links);
  if (!f->links)
    return false;
  permutation (rng, f->links, f->n);
  for (uint32_t i = 0; i < f->n; i++)
    f->at[i] = (double)gym_rng_below (rng, 2);
  return true;
}

/* A bowl over the ordinals with its bottom and width set by the categoricals, times
 * uneven ground; scaled to a minimum of 1. */
static bool
make_tab (struct formula *f, gym_rng *rng)
{
  static const uint32_t levels[] = { 8, 10, 12, 4, 3, 2 };
  double centre[24][3], factor[24], least = INFINITY;
  f->kind = FORMULA_TABLE;
  f->size = 23040;
  f->penalised = true;
  f->penalty = 1e9;
  for (uint32_t i = 0; i < 6; i++)
    add_params (f, 1, levels[i], i < 3);
  for (int c = 0; c < 24; c++) {
    factor[c] = exp (1.2 * gym_rng_normal (rng));
    for (uint32_t i = 0; i < 3; i++)
      centre[c][i] = gym_rng_real (rng) * levels[i];
  }
  f->tables = malloc (f->size * sizeof *f->tables);
  for (size_t k = 0; f->tables && k < f->size; k++) {
    size_t c = k % 24, x[3] = { k / 24 / 120, k / 24 / 12 % 10, k / 24 % 12 };
    double distance = 0;
    for (uint32_t i = 0; i < 3; i++)
      distance += pow (((double)x[i] - centre[c][i]) / levels[i], 2);
    f->tables[k] = factor[c] * (1 + 12 * distance) * exp (0.4 * gym_rng_normal (rng));
    if (gym_rng_real (rng) < 0.3)
      f->tables[k] = f->penalty;
    least = fmin (least, f->tables[k]);
  }
  for (size_t k = 0; f->tables && k < f->size; k++)
    if (f->tables[k] != f->penalty)
      f->tables[k] /= least;
  return f->tables;
}

/* Two bowls with uneven ground, a quarter of it shared: goals that conflict in part. */
static bool
make_motab (struct formula *f, gym_rng *rng)
{
  double centre[FORMULA_GOALS][5];
  f->kind = FORMULA_MOTABLE;
  add_params (f, 5, 7, true);
  f->size = 16807;
  f->tables = malloc (FORMULA_GOALS * f->size * sizeof *f->tables);
  for (int o = 0; f->tables && o < FORMULA_GOALS; o++) {
    double *table = f->tables + o * f->size, least = INFINITY, most = 0;
    for (int i = 0; i < 5; i++)
      centre[o][i] = 6 * gym_rng_real (rng);
    for (size_t k = 0; k < f->size; k++) {
      size_t rest = k;
      table[k] = 0.15 * gym_rng_real (rng);
      for (int i = 5; i-- > 0; rest /= 7)
        table[k] += pow (((double)(rest % 7) - centre[o][i]) / 6, 2);
      least = fmin (least, table[k]);
      most = fmax (most, table[k]);
    }
    for (size_t k = 0; k < f->size; k++)
      table[k] = (table[k] - least) / (most - least);
  }
  return f->tables;
}

/* The space of a formula that is all there. */
static struct function *
complete (struct formula *formula)
{
  struct function *f = formula ? calloc (1, sizeof *f) : NULL;
  struct gym_params list = { .struct_size = sizeof list,
                             .stride = sizeof (struct gym_param) };
  if (!f) {
    formula_free (formula);
    return NULL;
  }
  list.n = formula->n;
  list.items = formula->params;
  f->formula = formula;
  f->space = gym_space_new (&list, NULL);
  if (f->space)
    return f;
  function_free (f);
  return NULL;
}

struct function *
function_new (const char *family, uint64_t seed)
{
  static bool (*const makers[]) (struct formula *, gym_rng *) = {
    make_misphere, make_rastgrid, make_rastrot, make_nk, make_trap, make_tab, make_motab
  };
  uint64_t i = 0;
  gym_rng rng;
  while (i < FUNCTION_FAMILIES && strcmp (family, function_families[i]) != 0)
    i++;
  if (i == FUNCTION_FAMILIES && strcmp (family, "motab5") != 0)
    return NULL;
  struct formula *formula = formula_new ();
  gym_rng_init (&rng, gym_rng_derive (seed, i, 0));
  if (formula && makers[i](formula, &rng))
    return complete (formula);
  formula_free (formula);
  return NULL;
}

void
function_free (struct function *f)
{
  if (f) {
    gym_space_destroy (&f->space);
    formula_free (f->formula);
    free (f);
  }
}

double
function_value (const struct function *f, const double *x)
{
  double goals[FORMULA_GOALS];
  return formula_value (f->formula, x, goals) ? goals[0] : NAN;
}

/* ---- instances in files ---- */

struct function *
function_load (const char *path)
{
  return complete (formula_read (path, NULL));
}

static json_t *
list (const double *values, size_t n)
{
  json_t *array = json_array ();
  for (size_t i = 0; i < n; i++)
    json_array_append_new (array, json_real (values[i]));
  return array;
}

static json_t *
rows_of (const double *values, size_t n, size_t width, size_t stride)
{
  json_t *array = json_array ();
  for (size_t i = 0; i < n; i++)
    json_array_append_new (array, list (values + i * stride, width));
  return array;
}

static json_t *
indices (const uint32_t *values, size_t n)
{
  json_t *array = json_array ();
  for (size_t i = 0; i < n; i++)
    json_array_append_new (array, json_integer (values[i]));
  return array;
}

static json_t *
params_of (const struct formula *f)
{
  json_t *array = json_array ();
  for (uint32_t i = 0; i < f->n; i++)
    json_array_append_new (
        array, json_pack ("{s:s, s:s, s:i}", "name", f->params[i].name, "type",
                          f->params[i].kind == GYM_INTEGER ? "int" : "cat", "n",
                          (int)f->counts[i]));
  return array;
}

/* The fields of the kind; a key of another kind does no harm. */
static json_t *
fields_of (const struct formula *f)
{
  json_t *file =
      json_pack ("{s:s, s:o}", "kind", formula_kinds[f->kind], "params", params_of (f));
  if (f->kind == FORMULA_MISPHERE) {
    json_object_set_new (file, "cat_cost",
                         rows_of (f->costs, f->n_costs, f->counts[0], FORMULA_LEVELS));
    json_object_set_new (file, "opt", list (f->at + f->n_costs, f->n - f->n_costs));
  } else if (f->kind == FORMULA_RASTRIGIN) {
    json_object_set_new (file, "shift", list (f->at, f->n));
    json_object_set_new (file, "scale", json_real (f->scale));
    json_object_set_new (file, "rot",
                         f->rotation ? rows_of (f->rotation, f->n, f->n, f->n)
                                     : json_null ());
  } else if (f->kind == FORMULA_NK) {
    json_t *links = json_array ();
    for (uint32_t i = 0; i < f->n; i++)
      json_array_append_new (links,
                             indices (f->links + (size_t)i * f->n_links, f->n_links));
    json_object_set_new (file, "q", json_integer (f->q));
    json_object_set_new (file, "neigh", links);
    json_object_set_new (file, "table", rows_of (f->tables, f->n, f->size, f->size));
  } else if (f->kind == FORMULA_TRAP) {
    json_object_set_new (file, "block", json_integer (f->block));
    json_object_set_new (file, "perm", indices (f->links, f->n));
    json_object_set_new (file, "target", list (f->at, f->n));
  } else if (f->kind == FORMULA_TABLE) {
    json_object_set_new (file, "table", list (f->tables, f->size));
  } else {
    json_object_set_new (file, "tables",
                         rows_of (f->tables, FORMULA_GOALS, f->size, f->size));
  }
  if (f->penalised)
    json_object_set_new (file, "penalty", json_real (f->penalty));
  return file;
}

bool
function_save (const struct function *f, const char *path)
{
  json_t *file = fields_of (f->formula);
  bool saved = file && json_dump_file (file, path, JSON_COMPACT) == 0;
  json_decref (file);
  return saved;
}
