/* A space and its designs as JSON: see gym/space.h.
 *
 * Jansson reads; writing is our own, as Jansson prints every real with 17 digits and we
 * promise the shortest. Reading is strict: what is unknown, missing, twice or of another
 * type is an error that names it. */
#include "core/space.h"
#include "core/text.h"
#include "core/units.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
write_value (struct gym_text *out, const gym_space *space, uint32_t i, double value)
{
  char digits[GYM_NUMBER_TEXT];
  if (space->axes[i].levels)
    gym_text_json (out, space->params[i].levels[(uint32_t)value]);
  else {
    gym_space_format (space, i, value, digits, sizeof digits);
    gym_text_puts (out, digits);
  }
}

/* Checked, as a number that is no level has no JSON form. */
char *
gym_design_to_json (const gym_space *space, const double *row, gym_error *err)
{
  struct gym_text out = { 0 };
  const char *comma = "";
  if (gym_space_check (space, row, err))
    return NULL;
  gym_text_puts (&out, "{");
  for (uint32_t i = 0; i < space->size; i++) {
    if (isnan (row[i]))
      continue;
    gym_text_puts (&out, comma);
    gym_text_json (&out, space->names[i]);
    gym_text_puts (&out, ": ");
    write_value (&out, space, i, row[i]);
    comma = ", ";
  }
  gym_text_puts (&out, "}");
  return gym_text_take (&out, err);
}

/* Jansson leaves the text of its error empty on some of its failed allocations. */
static int
load (const char *json, json_t **root, gym_error *err)
{
  json_error_t e = { .line = 0 };
  *root = json_loads (json, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &e);
  if (*root)
    return 0;
  if (!e.text[0] || json_error_code (&e) == json_error_out_of_memory)
    return gym_fail_memory (err);
  return gym_fail (err, GYM_EINVAL, "JSON, line %d column %d: %s", e.line, e.column,
                   e.text);
}

/* Numbers as numbers and levels as names: "8" and 8 may be different things. */
static int
read_value (const gym_space *space, uint32_t i, const json_t *item, double *value,
            gym_error *err)
{
  const char *name = space->names[i];
  if (space->axes[i].levels) {
    if (!json_is_string (item))
      return gym_fail (err, GYM_EINVAL,
                       "parameter \"%s\": its level must be a string in JSON", name);
    return gym_space_parse (space, i, json_string_value (item), value, err);
  }
  if (!json_is_real (item))
    return gym_fail (err, GYM_EINVAL,
                     "parameter \"%s\": its value must be a number in JSON", name);
  *value = json_real_value (item) + 0.0; /* no negative zero */
  return gym_axis_holds (&space->axes[i], *value)
             ? 0
             : gym_space_refuse (space, i, *value, err);
}

/* Parents stand first, so activity is known when a parameter is looked at. */
static int
read_design (const gym_space *space, json_t *root, double *row, gym_error *err)
{
  const char *key;
  json_t *item;
  if (!json_is_object (root))
    return gym_fail (err, GYM_EINVAL, "a design in JSON is an object {\"name\": value}");
  json_object_foreach (root, key, item)
  {
    int code = gym_space_find (space, key, err);
    if (code < 0)
      return code;
  }
  for (uint32_t i = 0; i < space->size; i++) {
    bool active = gym_axis_active (&space->axes[i], row);
    item = json_object_get (root, space->names[i]);
    row[i] = NAN;
    if (!active && item)
      return gym_space_refuse_inactive (space, row, i, err);
    if (active && !item)
      return gym_fail (err, GYM_EINVAL, "parameter \"%s\" is missing", space->names[i]);
    int code = active ? read_value (space, i, item, &row[i], err) : 0;
    if (code)
      return code;
  }
  return 0;
}

int
gym_design_from_json (const gym_space *space, const char *json, double *row,
                      gym_error *err)
{
  json_t *root;
  int code = load (json, &root, err);
  if (!code)
    code = read_design (space, root, row, err);
  json_decref (root);
  return code;
}

static const char *const kinds[] = { [GYM_CATEGORICAL] = "categorical",
                                     [GYM_ORDINAL] = "ordinal",
                                     [GYM_INTEGER] = "integer",
                                     [GYM_REAL] = "real" };

static void
write_text (struct gym_text *out, const char *key, const char *string)
{
  if (!string)
    return;
  gym_text_printf (out, ", \"%s\": ", key);
  gym_text_json (out, string);
}

static void
write_list (struct gym_text *out, const char *key, const char *const *items, uint32_t n)
{
  gym_text_printf (out, ", \"%s\": [", key);
  for (uint32_t k = 0; k < n; k++) {
    if (k)
      gym_text_puts (out, ", ");
    gym_text_json (out, items[k]);
  }
  gym_text_puts (out, "]");
}

static void
write_number (struct gym_text *out, const gym_space *space, uint32_t i, const char *key,
              double value)
{
  gym_text_printf (out, ", \"%s\": ", key);
  write_value (out, space, i, value);
}

/* The activating values in rising order: the order a plugin wrote them in means nothing,
 * and texts are to be equal where spaces are. */
static void
write_when (struct gym_text *out, const gym_space *space, uint32_t i)
{
  const struct gym_axis *axis = &space->axes[i];
  uint32_t parent = (uint32_t)axis->parent;
  char digits[GYM_NUMBER_TEXT];
  gym_text_puts (out, ", \"when\": [");
  for (uint32_t k = 0; k < axis->n_when; k++) {
    if (k)
      gym_text_puts (out, ", ");
    if (space->axes[parent].levels)
      write_value (out, space, parent, axis->when[k]);
    else {
      gym_space_format (space, parent, axis->when[k], digits, sizeof digits);
      gym_text_json (out, digits);
    }
  }
  gym_text_puts (out, "]");
}

/* Keys in the order a person reads them; always the same, so that texts can be compared.
 */
static void
write_param (struct gym_text *out, const gym_space *space, uint32_t i)
{
  const struct gym_param *p = &space->params[i];
  gym_text_puts (out, "{\"name\": ");
  gym_text_json (out, p->name);
  write_text (out, "kind", kinds[p->kind]);
  write_text (out, "unit", p->unit);
  write_text (out, "doc", p->doc);
  if (space->axes[i].levels)
    write_list (out, "levels", p->levels, p->n_levels);
  else {
    write_number (out, space, i, "low", p->low);
    write_number (out, space, i, "high", p->high);
  }
  if (p->kind == GYM_INTEGER)
    write_number (out, space, i, "step", p->step);
  if (p->flags & GYM_PARAM_LOG)
    gym_text_puts (out, ", \"log\": true");
  if (p->flags & GYM_PARAM_LEHMER)
    gym_text_puts (out, ", \"lehmer\": true");
  write_number (out, space, i, "default", p->initial);
  write_text (out, "parent", p->parent);
  if (p->parent)
    write_when (out, space, i);
  write_text (out, "group", p->group);
  gym_text_puts (out, "}");
}

char *
gym_space_to_json (const gym_space *space, gym_error *err)
{
  struct gym_text out = { 0 };
  gym_text_puts (&out, "[");
  for (uint32_t i = 0; i < space->size; i++) {
    if (i)
      gym_text_puts (&out, ",\n ");
    write_param (&out, space, i);
  }
  gym_text_puts (&out, "]");
  return gym_text_take (&out, err);
}

/* Which kinds a key goes with, in bits. */
enum { for_levels = 1, for_real = 2, for_integer = 4, for_all = 7 };

enum role { string_role = 1, strings_role, number_role, flag_role, default_role };

static const struct key {
  const char *name;
  enum role role;
  unsigned allowed; /* for_... */
  bool needed;      /* where it is allowed */
  size_t offset;    /* of the field; flags: the bit instead */
} keys[] = {
#define KEY(field) .offset = offsetof (struct gym_param, field)
  { .name = "name", .role = string_role, .allowed = for_all, .needed = true, KEY (name) },
  { .name = "unit", .role = string_role, .allowed = for_all, KEY (unit) },
  { .name = "doc", .role = string_role, .allowed = for_all, KEY (doc) },
  { .name = "group", .role = string_role, .allowed = for_all, KEY (group) },
  { .name = "parent", .role = string_role, .allowed = for_all, KEY (parent) },
  { .name = "when", .role = strings_role, .allowed = for_all, KEY (when) },
  { .name = "levels",
    .role = strings_role,
    .allowed = for_levels,
    .needed = true,
    KEY (levels) },
  { .name = "low",
    .role = number_role,
    .allowed = for_real | for_integer,
    .needed = true,
    KEY (low) },
  { .name = "high",
    .role = number_role,
    .allowed = for_real | for_integer,
    .needed = true,
    KEY (high) },
  { .name = "step",
    .role = number_role,
    .allowed = for_integer,
    .needed = true,
    KEY (step) },
  { .name = "log",
    .role = flag_role,
    .allowed = for_real | for_integer,
    .offset = GYM_PARAM_LOG },
  { .name = "lehmer",
    .role = flag_role,
    .allowed = for_integer,
    .offset = GYM_PARAM_LEHMER },
  { .name = "default",
    .role = default_role,
    .allowed = for_all,
    .needed = true,
    KEY (initial) },
#undef KEY
};

enum { n_keys = sizeof keys / sizeof keys[0] };

/* The parameter's name is put before by read_params. */
static int
wrong_type (const struct key *key, const char *wanted, gym_error *err)
{
  return gym_fail (err, GYM_EINVAL, "\"%s\" must be %s", key->name, wanted);
}

/* The strings of an array, NULL-terminated, in memory of `scratch`. */
static int
read_strings (gym_space *scratch, const struct key *key, const json_t *item,
              const char *const **strings, gym_error *err)
{
  size_t n = json_array_size (item);
  if (!json_is_array (item) || n == 0 || n > INT32_MAX)
    return wrong_type (key, "an array of strings", err);
  const char **list = gym_space_take (scratch, n + 1, sizeof *list);
  if (!list)
    return gym_fail_memory (err);
  for (size_t k = 0; k < n; k++) {
    list[k] = json_string_value (json_array_get (item, k));
    if (!list[k])
      return wrong_type (key, "an array of strings", err);
  }
  *strings = list;
  return 0;
}

/* A level's name or a number; "levels" was read before. */
static int
read_default (const struct key *key, const json_t *item, struct gym_param *p,
              gym_error *err)
{
  if (p->kind == GYM_INTEGER || p->kind == GYM_REAL) {
    p->initial = json_real_value (item);
    return json_is_real (item) ? 0 : wrong_type (key, "a number", err);
  }
  const char *level = json_string_value (item);
  if (!level)
    return wrong_type (key, "the name of a level", err);
  for (uint32_t k = 0; k < p->n_levels; k++)
    if (strcmp (p->levels[k], level) == 0) {
      p->initial = k;
      return 0;
    }
  return gym_fail_unknown (err, GYM_EINVAL, "level", level, p->levels, p->n_levels);
}

static int
read_key (gym_space *scratch, const struct key *key, const json_t *item,
          struct gym_param *p, gym_error *err)
{
  void *field = (char *)p + (key->role == flag_role ? 0 : key->offset);
  int code;
  switch (key->role) {
  case string_role:
    *(const char **)field = json_string_value (item);
    return json_is_string (item) ? 0 : wrong_type (key, "a string", err);
  case strings_role:
    code = read_strings (scratch, key, item, field, err);
    if (!code && field == &p->levels)
      p->n_levels = (uint32_t)json_array_size (item);
    return code;
  case number_role:
    *(double *)field = json_real_value (item);
    return json_is_real (item) ? 0 : wrong_type (key, "a number", err);
  case flag_role:
    p->flags |= json_is_true (item) ? (uint32_t)key->offset : 0;
    return json_is_boolean (item) ? 0 : wrong_type (key, "true or false", err);
  default:
    return read_default (key, item, p, err);
  }
}

/* First of all keys: which others there may be depends on it. */
static int
read_kind (const json_t *item, struct gym_param *p, unsigned *bit, gym_error *err)
{
  const char *kind = json_string_value (item);
  if (!kind)
    return gym_fail (err, GYM_EINVAL,
                     item ? "\"kind\" must be a string" : "its \"kind\" is missing");
  for (uint32_t k = GYM_CATEGORICAL; k <= GYM_REAL; k++)
    if (strcmp (kinds[k], kind) == 0)
      p->kind = k;
  *bit = p->kind == GYM_REAL      ? for_real
         : p->kind == GYM_INTEGER ? for_integer
                                  : for_levels;
  return p->kind ? 0
                 : gym_fail_unknown (err, GYM_EINVAL, "kind", kind,
                                     &kinds[GYM_CATEGORICAL], GYM_REAL);
}

/* Every key there must be known and fit the kind. */
static int
check_keys (json_t *object, unsigned bit, gym_error *err)
{
  const char *names[n_keys + 1], *given;
  unsigned n = 0;
  json_t *item;
  names[n++] = "kind";
  for (size_t k = 0; k < n_keys; k++)
    if (keys[k].allowed & bit)
      names[n++] = keys[k].name;
  json_object_foreach (object, given, item)
  {
    unsigned k = 0;
    while (k < n && strcmp (names[k], given) != 0)
      k++;
    if (k == n)
      return gym_fail_unknown (err, GYM_EINVAL, "key", given, names, n);
  }
  return 0;
}

static int
read_param (gym_space *scratch, json_t *object, struct gym_param *p, gym_error *err)
{
  unsigned bit = 0;
  if (!json_is_object (object))
    return gym_fail (err, GYM_EINVAL, "it is not an object");
  int code = read_kind (json_object_get (object, "kind"), p, &bit, err);
  if (!code)
    code = check_keys (object, bit, err);
  for (size_t k = 0; k < n_keys && !code; k++) {
    const json_t *item = json_object_get (object, keys[k].name);
    if (item)
      code = read_key (scratch, &keys[k], item, p, err);
    else if (keys[k].needed && (keys[k].allowed & bit))
      code = gym_fail (err, GYM_EINVAL, "its \"%s\" is missing", keys[k].name);
  }
  return code;
}

/* Reads the array into a parameter table, whose strings belong to `root`. */
static int
read_params (gym_space *scratch, json_t *root, struct gym_params *params, gym_error *err)
{
  size_t n = json_array_size (root);
  if (!json_is_array (root) || n > INT32_MAX)
    return gym_fail (err, GYM_EINVAL, "a space in JSON is an array of parameters");
  struct gym_param *items = gym_space_take (scratch, n, sizeof *items);
  if (!items)
    return gym_fail_memory (err);
  for (size_t i = 0; i < n; i++) {
    json_t *object = json_array_get (root, i);
    int code = read_param (scratch, object, &items[i], err);
    const char *name = json_string_value (json_object_get (object, "name"));
    if (code && name)
      gym_error_prefix (err, "parameter \"%s\"", name);
    else if (code)
      gym_error_prefix (err, "parameter number %zu", i + 1);
    if (code)
      return code;
  }
  *params = (struct gym_params){ .struct_size = sizeof *params,
                                 .n = (uint32_t)n,
                                 .stride = sizeof *items,
                                 .items = items };
  return 0;
}

/* Through gym_space_new, whose rules then hold for what comes from a file too. */
gym_space *
gym_space_from_json (const char *json, gym_error *err)
{
  struct gym_params params;
  gym_space *space = NULL, *scratch = calloc (1, sizeof *scratch);
  json_t *root;
  if (!scratch) {
    gym_fail_memory (err);
    return NULL;
  }
  if (load (json, &root, err) == 0 && read_params (scratch, root, &params, err) == 0)
    space = gym_space_new (&params, err);
  json_decref (root);
  gym_space_destroy (&scratch);
  return space;
}
