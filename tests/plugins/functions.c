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

/* ---- values ---- */

static double
misphere (const struct function *f, const double *x)
{
  double sum = 0;
  for (uint32_t i = 0; i < f->n_costs; i++)
    sum += f->costs[i][(int)x[i]];
  for (uint32_t i = f->n_costs; i < f->n; i++)
    sum += 25 * (x[i] - f->at[i]) * (x[i] - f->at[i]) / 256;
  return sum;
}

static double
rastrigin (const struct function *f, const double *x)
{
  double sum = 0;
  for (uint32_t i = 0; i < f->n; i++) {
    double z = f->rotated ? 0 : (x[i] - f->at[i]) * f->scale;
    for (uint32_t k = 0; f->rotated && k < f->n; k++)
      z += f->rotation[i][k] * (x[k] - f->at[k]) * f->scale;
    sum += z * z - 10 * cos (6.283185307179586 * z) + 10;
  }
  return sum;
}

static double
nk (const struct function *f, const double *x)
{
  double sum = 0;
  size_t size = (size_t)pow (f->q, f->n_links);
  for (uint32_t i = 0; i < f->n; i++) {
    size_t index = 0, weight = 1;
    for (uint32_t k = 0; k < f->n_links; k++, weight *= f->q)
      index += (size_t)x[f->links[i][k]] * weight;
    sum += f->table[i * size + index];
  }
  return 1 - sum / f->n;
}

static double
trap (const struct function *f, const double *x)
{
  double sum = 0;
  for (uint32_t from = 0; from < f->n; from += f->block) {
    uint32_t right = 0;
    for (uint32_t k = from; k < from + f->block; k++)
      right += x[f->links[k][0]] == f->at[f->links[k][0]];
    sum += right == f->block ? 0 : 1 + right;
  }
  return sum;
}

static double
table (const struct function *f, const double *x)
{
  size_t index = 0;
  for (uint32_t i = 0; i < f->n; i++)
    index = index * f->levels[i] + (size_t)x[i];
  return f->table[index] == f->penalty ? NAN : f->table[index];
}

double
function_value (const struct function *f, const double *x)
{
  static double (*const values[]) (const struct function *,
                                   const double *) = { [FUNCTION_MISPHERE] = misphere,
                                                       [FUNCTION_RASTRIGIN] = rastrigin,
                                                       [FUNCTION_NK] = nk,
                                                       [FUNCTION_TRAP] = trap,
                                                       [FUNCTION_TABLE] = table };
  return values[f->kind](f, x);
}

/* ---- spaces ---- */

/* Integers where there is an order, as the reference has them. */
static bool
make_space (struct function *f)
{
  static const char *const levels[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
  struct gym_param params[FUNCTION_PARAMS] = { 0 };
  char names[FUNCTION_PARAMS][16];
  for (uint32_t i = 0; i < f->n; i++) {
    snprintf (names[i], sizeof names[i], "p%u", i);
    params[i].name = names[i];
    if (f->ordered[i]) {
      params[i].kind = GYM_INTEGER;
      params[i].high = f->levels[i] - 1.0;
    } else {
      params[i].kind = GYM_CATEGORICAL;
      params[i].levels = levels;
      params[i].n_levels = f->levels[i];
    }
  }
  struct gym_params list = {
    .struct_size = sizeof list, .n = f->n, .stride = sizeof params[0], .items = params
  };
  f->space = gym_space_new (&list, NULL);
  return f->space;
}

static void
add_params (struct function *f, uint32_t n, uint32_t levels, bool ordered)
{
  for (uint32_t k = 0; k < n; k++, f->n++) {
    f->levels[f->n] = levels;
    f->ordered[f->n] = ordered;
  }
}

/* ---- instances from seeds ---- */

static void
permutation (gym_rng *rng, uint32_t *items, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    items[i] = i;
  gym_rng_shuffle (rng, items, n);
}

static bool
make_misphere (struct function *f, gym_rng *rng)
{
  uint32_t order[6];
  f->kind = FUNCTION_MISPHERE;
  f->n_costs = 4;
  add_params (f, 4, 6, false);
  add_params (f, 8, 64, true);
  for (uint32_t i = 0; i < 4; i++) {
    permutation (rng, order, 6);
    for (uint32_t k = 0; k < 6; k++)
      f->costs[i][k] = (double)order[k] * order[k];
  }
  for (uint32_t i = 4; i < f->n; i++)
    f->at[i] = 4 + (double)gym_rng_below (rng, 56);
  return true;
}

static bool
make_rastgrid (struct function *f, gym_rng *rng)
{
  f->kind = FUNCTION_RASTRIGIN;
  f->scale = 0.25;
  add_params (f, 10, 41, true);
  for (uint32_t i = 0; i < f->n; i++)
    f->at[i] = 8 + (double)gym_rng_below (rng, 25);
  return true;
}

/* Gaussian rows made orthogonal (Gram and Schmidt) are uniform among rotations. */
static bool
make_rastrot (struct function *f, gym_rng *rng)
{
  make_rastgrid (f, rng);
  f->rotated = true;
  for (uint32_t i = 0; i < f->n; i++) {
    double *row = f->rotation[i], length = 0;
    for (uint32_t k = 0; k < f->n; k++)
      row[k] = gym_rng_normal (rng);
    for (uint32_t j = 0; j < i; j++) {
      double dot = 0;
      for (uint32_t k = 0; k < f->n; k++)
        dot += row[k] * f->rotation[j][k];
      for (uint32_t k = 0; k < f->n; k++)
        row[k] -= dot * f->rotation[j][k];
    }
    for (uint32_t k = 0; k < f->n; k++)
      length += row[k] * row[k];
    for (uint32_t k = 0; k < f->n; k++)
      row[k] /= sqrt (length);
  }
  return true;
}

static bool
make_nk (struct function *f, gym_rng *rng)
{
  uint32_t order[FUNCTION_PARAMS];
  f->kind = FUNCTION_NK;
  f->q = 3;
  f->n_links = 5;
  add_params (f, 16, 3, false);
  size_t size = (size_t)f->n * 243;
  f->table = malloc (size * sizeof *f->table);
  for (size_t i = 0; f->table && i < size; i++)
    f->table[i] = gym_rng_real (rng);
  for (uint32_t i = 0; i < f->n; i++) {
    permutation (rng, order, f->n);
    f->links[i][0] = i;
    for (uint32_t k = 1, j = 0; k < f->n_links; j++)
      if (order[j] != i)
        f->links[i][k++] = order[j];
  }
  return f->table;
}

static bool
make_trap (struct function *f, gym_rng *rng)
{
  uint32_t order[FUNCTION_PARAMS];
  f->kind = FUNCTION_TRAP;
  f->block = 5;
  add_params (f, 30, 2, false);
  permutation (rng, order, f->n);
  for (uint32_t i = 0; i < f->n; i++) {
    f->links[i][0] = order[i];
    f->at[i] = (double)gym_rng_below (rng, 2);
  }
  return true;
}

/* A bowl over the ordinals with its bottom and width set by the categoricals, times
 * uneven ground; scaled to a minimum of 1. */
static bool
make_tab (struct function *f, gym_rng *rng)
{
  static const uint32_t levels[] = { 8, 10, 12, 4, 3, 2 };
  size_t size = 23040;
  double centre[24][3], factor[24], least = INFINITY;
  f->kind = FUNCTION_TABLE;
  f->penalty = 1e9;
  for (uint32_t i = 0; i < 6; i++)
    add_params (f, 1, levels[i], i < 3);
  for (int c = 0; c < 24; c++) {
    factor[c] = exp (1.2 * gym_rng_normal (rng));
    for (uint32_t i = 0; i < 3; i++)
      centre[c][i] = gym_rng_real (rng) * levels[i];
  }
  f->table = malloc (size * sizeof *f->table);
  for (size_t k = 0; f->table && k < size; k++) {
    size_t c = k % 24, x[3] = { k / 24 / 120, k / 24 / 12 % 10, k / 24 % 12 };
    double distance = 0;
    for (uint32_t i = 0; i < 3; i++)
      distance += pow (((double)x[i] - centre[c][i]) / levels[i], 2);
    f->table[k] = factor[c] * (1 + 12 * distance) * exp (0.4 * gym_rng_normal (rng));
    if (gym_rng_real (rng) < 0.3)
      f->table[k] = f->penalty;
    least = fmin (least, f->table[k]);
  }
  for (size_t k = 0; f->table && k < size; k++)
    if (f->table[k] != f->penalty)
      f->table[k] /= least;
  return f->table;
}

struct function *
function_new (const char *family, uint64_t seed)
{
  static bool (*const makers[]) (struct function *, gym_rng *) = {
    make_misphere, make_rastgrid, make_rastrot, make_nk, make_trap, make_tab
  };
  struct function *f = calloc (1, sizeof *f);
  bool made = false;
  for (uint64_t i = 0; f && i < FUNCTION_FAMILIES; i++)
    if (strcmp (family, function_families[i]) == 0) {
      gym_rng rng;
      gym_rng_init (&rng, gym_rng_derive (seed, i, 0));
      made = makers[i](f, &rng) && make_space (f);
    }
  if (made)
    return f;
  function_free (f);
  return NULL;
}

void
function_free (struct function *f)
{
  if (f) {
    gym_space_destroy (&f->space);
    free (f->table);
    free (f);
  }
}

/* ---- instances from files ---- */

static double
number_at (const json_t *array, size_t i)
{
  return json_number_value (json_array_get (array, i));
}

static bool
load_table (struct function *f, const json_t *rows, bool nested)
{
  size_t n = json_array_size (rows);
  size_t width = nested ? json_array_size (json_array_get (rows, 0)) : 1;
  f->table = malloc ((n * width + 1) * sizeof *f->table);
  for (size_t i = 0; f->table && i < n * width; i++)
    f->table[i] = nested ? number_at (json_array_get (rows, i / width), i % width)
                         : number_at (rows, i);
  return f->table && n > 0;
}

static void
load_misphere (struct function *f, const json_t *file)
{
  const json_t *costs = json_object_get (file, "cat_cost");
  f->n_costs = (uint32_t)json_array_size (costs);
  for (uint32_t i = 0; i < f->n; i++)
    for (uint32_t k = 0; i < f->n_costs && k < f->levels[i] && k < 8; k++)
      f->costs[i][k] = number_at (json_array_get (costs, i), k);
  for (uint32_t i = f->n_costs; i < f->n; i++)
    f->at[i] = number_at (json_object_get (file, "opt"), i - f->n_costs);
}

static void
load_rastrigin (struct function *f, const json_t *file)
{
  const json_t *rotation = json_object_get (file, "rot");
  f->rotated = json_is_array (rotation);
  f->scale = json_number_value (json_object_get (file, "scale"));
  for (uint32_t i = 0; i < f->n; i++) {
    f->at[i] = number_at (json_object_get (file, "shift"), i);
    for (uint32_t k = 0; k < f->n; k++)
      f->rotation[i][k] = number_at (json_array_get (rotation, i), k);
  }
}

static bool
load_nk (struct function *f, const json_t *file)
{
  const json_t *links = json_object_get (file, "neigh");
  f->q = (uint32_t)json_integer_value (json_object_get (file, "q"));
  f->n_links = (uint32_t)json_array_size (json_array_get (links, 0));
  for (uint32_t i = 0; i < f->n; i++)
    for (uint32_t k = 0; k < f->n_links && k < 8; k++)
      f->links[i][k] = (uint32_t)number_at (json_array_get (links, i), k);
  return load_table (f, json_object_get (file, "table"), true);
}

static void
load_trap (struct function *f, const json_t *file)
{
  f->block = (uint32_t)json_integer_value (json_object_get (file, "block"));
  for (uint32_t i = 0; i < f->n; i++) {
    f->links[i][0] = (uint32_t)number_at (json_object_get (file, "perm"), i);
    f->at[i] = number_at (json_object_get (file, "target"), i);
  }
}

static bool
load_kind (struct function *f, const json_t *file)
{
  static const char *const kinds[] = { "misphere", "rastrigin", "nk", "trap", "table" };
  const char *kind = json_string_value (json_object_get (file, "kind"));
  int k = 0;
  while (k < 5 && kind && strcmp (kind, kinds[k]) != 0)
    k++;
  f->kind = (enum function_kind)k;
  f->penalty = json_number_value (json_object_get (file, "penalty"));
  if (k == FUNCTION_MISPHERE)
    load_misphere (f, file);
  else if (k == FUNCTION_RASTRIGIN)
    load_rastrigin (f, file);
  else if (k == FUNCTION_TRAP)
    load_trap (f, file);
  else if (k == FUNCTION_NK)
    return load_nk (f, file);
  else if (k == FUNCTION_TABLE)
    return load_table (f, json_object_get (file, "table"), false);
  return kind && k < 5;
}

struct function *
function_load (const char *path)
{
  json_t *file = json_load_file (path, 0, NULL);
  const json_t *params = json_object_get (file, "params");
  struct function *f = calloc (1, sizeof *f);
  size_t n = json_array_size (params);
  bool ok = f && n > 0 && n <= FUNCTION_PARAMS;
  for (size_t i = 0; ok && i < n; i++) {
    const json_t *param = json_array_get (params, i);
    const char *type = json_string_value (json_object_get (param, "type"));
    json_int_t levels = json_integer_value (json_object_get (param, "n"));
    ok = type && levels > 0 && (strcmp (type, "int") == 0 || levels <= 8);
    if (ok)
      add_params (f, 1, (uint32_t)levels, strcmp (type, "int") == 0);
  }
  ok = ok && load_kind (f, file) && make_space (f);
  json_decref (file);
  if (ok)
    return f;
  function_free (f);
  return NULL;
}
