/* See cases.h. */
#include "tests/sims/accel/cases.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/accel/loopnest.h"

/* A row being compared. */
struct row {
  const char *id;
  struct cases_tally *tally;
  void (*report) (const char *sentence);
};

static void tell (const struct row *row, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

static void
tell (const struct row *row, const char *format, ...)
{
  char text[512];
  va_list args;
  int n;
  if (row->report == NULL)
    return;
  n = snprintf (text, sizeof text, "%s: ", row->id);
  va_start (args, format);
  vsnprintf (text + n, sizeof text - (size_t)n, format, args);
  va_end (args);
  row->report (text);
}

static double
number (const json_t *object, const char *key, double absent)
{
  const json_t *value = json_object_get (object, key);
  return json_is_number (value) ? json_number_value (value) : absent;
}

static const char *
string (const json_t *object, const char *key)
{
  const char *text = json_string_value (json_object_get (object, key));
  return text ? text : "";
}

static void
set_name (char name[ACCEL_NAME_MAX], const json_t *object)
{
  snprintf (name, ACCEL_NAME_MAX, "%s", string (object, "name"));
}

/* ---- Reading a row --------------------------------------------------------------- */

/* Depthwise layers are cut in groups here, in channels there. */
static int
dim_of (const char *name, bool depthwise)
{
  for (int d = 0; d < ACCEL_DIMS; d++) {
    if (strcmp (name, accel_dim_names[d]) == 0)
      return depthwise && d == ACCEL_C ? ACCEL_G : d;
  }
  return -1;
}

static bool
is_depthwise (const json_t *row)
{
  return strcmp (string (json_object_get (row, "layer"), "type"), "depthwise") == 0;
}

static struct accel_layer
read_layer (const json_t *row)
{
  const json_t *object = json_object_get (row, "layer"), *size;
  const char *name;
  struct accel_layer layer = accel_layer_unit (
      strcmp (string (object, "type"), "gemm") == 0 ? ACCEL_GEMM : ACCEL_CONV);
  set_name (layer.name, object);
  layer.stride_w = (uint32_t)number (object, "stride_w", 1);
  layer.stride_h = (uint32_t)number (object, "stride_h", 1);
  layer.dilation_w = (uint32_t)number (object, "dilation_w", 1);
  layer.dilation_h = (uint32_t)number (object, "dilation_h", 1);
  json_object_foreach (json_object_get (object, "dims"), name, size)
  {
    int d = dim_of (name, is_depthwise (row));
    if (d >= 0)
      layer.size[d] = (uint32_t)json_integer_value (size);
  }
  return layer;
}

static struct accel_level
read_level (const json_t *object)
{
  struct accel_level level = accel_level_unit (string (object, "name"));
  level.entries = (uint64_t)number (object, "entries", 0);
  level.multiple_buffering = number (object, "multiple_buffering", 1);
  level.word_bits = (uint32_t)number (object, "word_bits", 16);
  level.block = (uint32_t)number (object, "block_size", 1);
  level.mesh_x = (uint32_t)number (object, "meshX", 1);
  level.mesh_y = (uint32_t)number (object, "meshY", 1);
  level.read_bw = number (object, "read_bw", 0);
  level.write_bw = number (object, "write_bw", 0);
  level.shared_bw = number (object, "shared_bw", 0);
  level.read_energy = number (object, "energy_pJ_per_vector_access", 0);
  level.write_energy = level.read_energy;
  return level;
}

static struct accel_arch
read_arch (const json_t *row)
{
  const json_t *object = json_object_get (row, "arch"), *level;
  const json_t *mac = json_object_get (object, "mac");
  struct accel_arch arch = { .level_count = 0 };
  size_t i;
  set_name (arch.name, object);
  arch.mac.mesh_x = (uint32_t)number (mac, "meshX", 1);
  arch.mac.mesh_y = (uint32_t)number (mac, "meshY", 1);
  arch.mac.word_bits = (uint32_t)number (mac, "word_bits", 16);
  arch.mac.energy = number (mac, "energy_pJ", 0);
  json_array_foreach (json_object_get (object, "levels"), i, level)
  {
    if (i < ACCEL_LEVELS_MAX)
      arch.level[arch.level_count++] = read_level (level);
  }
  return arch;
}

/* Calls for each [dim, factor] of a list; false where one is of another form. */
static bool
read_factors (const json_t *list, bool depthwise, struct accel_split *s, int where)
{
  size_t i, ordered = 0;
  const json_t *pair;
  json_array_foreach (list, i, pair)
  {
    const char *name = json_string_value (json_array_get (pair, 0));
    int d = name ? dim_of (name, depthwise) : -1;
    json_int_t factor = json_integer_value (json_array_get (pair, 1));
    if (d < 0 || factor < 1)
      return false;
    if (where == 0) {
      s->temporal[d] = (uint32_t)factor;
      s->order[ordered++] = (uint8_t)d;
    } else if (where == 1)
      s->x[d] = (uint16_t)factor;
    else
      s->y[d] = (uint16_t)factor;
  }
  /* The loops that are not there come last, in any order. */
  for (uint8_t d = 0; where == 0 && d < ACCEL_DIMS; d++) {
    if (s->temporal[d] == 1 && memchr (s->order, d, ordered) == NULL)
      s->order[ordered++] = d;
  }
  return true;
}

static bool
read_mapping (const json_t *row, struct accel_split splits[ACCEL_LEVELS_MAX])
{
  const json_t *object = json_object_get (row, "mapping"), *level, *tensor;
  bool depthwise = is_depthwise (row);
  size_t i, k;
  json_array_foreach (json_object_get (object, "levels"), i, level)
  {
    if (i >= ACCEL_LEVELS_MAX)
      return false;
    splits[i] = accel_split_unit ();
    splits[i].keep = 0;
    json_array_foreach (json_object_get (level, "keep"), k, tensor)
    {
      for (int t = 0; t < ACCEL_TENSORS; t++)
        splits[i].keep |=
            (uint8_t)((strcmp (json_string_value (tensor), accel_tensor_names[t]) == 0)
                      << t);
    }
    if (!read_factors (json_object_get (level, "temporal"), depthwise, &splits[i], 0)
        || !read_factors (json_object_get (level, "spatial_x"), depthwise, &splits[i], 1)
        || !read_factors (json_object_get (level, "spatial_y"), depthwise, &splits[i], 2))
      return false;
  }
  return true;
}

/* ---- Comparing ------------------------------------------------------------------- */

static void
compare (const struct row *row, const char *what, const char *where, double ours,
         double theirs, double tolerance)
{
  bool equal = fabs (ours - theirs) <= tolerance * fabs (theirs);
  if (equal)
    row->tally->equal++;
  else
    row->tally->unequal++;
  if (!equal)
    tell (row, "%s %s is %.17g, expected %.17g", where, what, ours, theirs);
}

static void
compare_tensor (const struct row *row, const json_t *theirs, const char *where,
                const struct accel_level_result *level, const struct accel_count *c)
{
  compare (row, "tile", where, (double)c->tile, number (theirs, "tile", -1), 0);
  compare (row, "partition", where, (double)c->partition,
           number (theirs, "partition", -1), 0);
  compare (row, "reads", where, (double)c->reads, number (theirs, "reads", -1), 0);
  compare (row, "fills", where, (double)c->fills, number (theirs, "fills", -1), 0);
  compare (row, "updates", where, (double)c->updates, number (theirs, "updates", -1), 0);
  compare (row, "instances", where, (double)level->instances,
           number (theirs, "utilized_instances", -1), 0);
  compare (row, "energy", where, c->energy, number (theirs, "energy_pJ", -1), 1e-9);
}

static void
compare_level (const struct row *row, const json_t *theirs,
               const struct accel_level_result *level)
{
  const json_t *tensors = json_object_get (theirs, "tensors");
  const char *name = string (theirs, "name");
  compare (row, "cycles", name, (double)level->cycles, number (theirs, "cycles", -1), 0);
  compare (row, "slowdown", name, level->slowdown, number (theirs, "slowdown", -1),
           1e-12);
  compare (row, "energy", name, level->accesses, number (theirs, "energy_pJ", -1), 1e-9);
  for (int t = 0; t < ACCEL_TENSORS; t++) {
    const json_t *tensor = json_object_get (tensors, accel_tensor_names[t]);
    char where[2 * ACCEL_NAME_MAX];
    snprintf (where, sizeof where, "%.40s %s", name, accel_tensor_names[t]);
    if (tensor != NULL)
      compare_tensor (row, tensor, where, level, &level->tensor[t]);
    else
      compare (row, "tile of a bypassed tensor", where, (double)level->tensor[t].tile, 0,
               0);
  }
}

static void
compare_accepted (const struct row *row, const json_t *object,
                  const struct accel_loopnest *model, const struct accel_result *r)
{
  const json_t *theirs = json_object_get (object, "result_no_link_transfers"), *mac,
               *level;
  size_t i;
  char text[256];
  if (!json_is_object (theirs))
    theirs = json_object_get (object, "result");
  if (r->verdict.code != ACCEL_VALID) {
    accel_verdict_text (model, &r->verdict, text, sizeof text);
    tell (row, "rejected: %s", text);
    row->tally->unequal++;
    return;
  }
  mac = json_object_get (theirs, "mac");
  compare (row, "cycles", "all", (double)r->cycles, number (theirs, "cycles", -1), 0);
  compare (row, "energy", "all", r->energy, number (theirs, "energy_pJ", -1), 1e-9);
  compare (row, "utilization", "all", r->utilization, number (theirs, "utilization", -1),
           1e-12);
  compare (row, "computes", "MAC", (double)r->macs, number (mac, "computes", -1), 0);
  compare (row, "cycles", "MAC", (double)r->mac_cycles, number (mac, "cycles", -1), 0);
  compare (row, "instances", "MAC", (double)r->mac_instances,
           number (mac, "utilized_instances", -1), 0);
  compare (row, "energy", "MAC", r->mac_energy, number (mac, "energy_pJ", -1), 1e-9);
  json_array_foreach (json_object_get (theirs, "levels"), i, level)
      compare_level (row, level, &r->level[i]);
}

/* Whether a sentence has the number in it, or no number at all. */
static bool
mentions (const char *sentence, uint64_t number)
{
  const char *at = strpbrk (sentence, "0123456789");
  if (at == NULL)
    return true;
  while (at != NULL) {
    char *end;
    if (strtoull (at, &end, 10) == number)
      return true;
    at = strpbrk (end, "0123456789");
  }
  return false;
}

/* Their class and level, and ours in the same words; their sentence has the size or the
 * count that does not fit. */
static void
compare_rejected (const struct row *row, const json_t *object,
                  const struct accel_loopnest *model, const struct accel_verdict *v)
{
  static const char *const names[ACCEL_VERDICTS] = {
    [ACCEL_VALID] = "none",          [ACCEL_FACTORS] = "factor_product",
    [ACCEL_INSTANCES] = "instances", [ACCEL_MESH_X] = "meshX",
    [ACCEL_MESH_Y] = "meshY",        [ACCEL_CAPACITY] = "capacity"
  };
  const char *reason = names[v->code] ? names[v->code] : "other";
  const char *level = v->code == ACCEL_FACTORS   ? ""
                      : v->level == ACCEL_AT_MAC ? "MAC"
                                                 : model->arch.level[v->level].name;
  const char *detail = string (object, "reject_detail");
  bool equal = strcmp (reason, string (object, "reject_class")) == 0
               && strcmp (level, string (object, "reject_level")) == 0
               && mentions (detail, v->have);
  if (equal) {
    row->tally->equal++;
    return;
  }
  row->tally->unequal++;
  tell (row, "rejected for %s at \"%s\" (%llu), expected %s at \"%s\": %s", reason, level,
        (unsigned long long)v->have, string (object, "reject_class"),
        string (object, "reject_level"), detail);
}

static int
run_row (const json_t *object, struct row *row, char *error, size_t size)
{
  struct accel_layer layer = read_layer (object);
  struct accel_arch arch = read_arch (object);
  struct accel_split splits[ACCEL_LEVELS_MAX];
  struct accel_loopnest model;
  struct accel_result result;
  struct accel_error err;
  row->id = string (object, "id");
  if (!read_mapping (object, splits)) {
    snprintf (error, size, "case %s: a mapping of another form", row->id);
    return -1;
  }
  if (accel_loopnest_init (&model, &arch, &layer, NULL, &err) != ACCEL_OK) {
    snprintf (error, size, "case %s: %s", row->id, err.text);
    return -1;
  }
  row->tally->rows++;
  accel_loopnest_evaluate (&model, splits, &result);
  if (json_object_get (object, "reject_class") != NULL)
    compare_rejected (row, object, &model, &result.verdict);
  else
    compare_accepted (row, object, &model, &result);
  return 0;
}

int
cases_run (const char *path, void (*report) (const char *sentence),
           struct cases_tally *tally, char *error, size_t size)
{
  struct row row = { .tally = tally, .report = report };
  FILE *file = fopen (path, "r");
  char *line = NULL;
  size_t room = 0, number_of = 0;
  int status = 0;
  if (file == NULL) {
    snprintf (error, size, "%s cannot be opened", path);
    return -1;
  }
  while (status == 0 && getline (&line, &room, file) > 0) {
    json_error_t parse;
    json_t *object;
    number_of++;
    if (line[strspn (line, " \t\r\n")] == '\0')
      continue;
    object = json_loads (line, 0, &parse);
    if (object == NULL)
      snprintf (error, size, "%s:%zu: %s", path, number_of, parse.text), status = -1;
    else
      status = run_row (object, &row, error, size);
    json_decref (object);
  }
  free (line);
  fclose (file);
  return status;
}
