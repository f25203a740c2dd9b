/* core/dataset_match.c - which studies go together in one data set.
 *
 * An env's identity is the JSON that its store keeps, so nothing here needs the env's
 * plugin: a data set can be made where the env cannot run. */
#include <config.h>

#include "core/dataset_inside.h"

#include "core/text.h"
#include "core/units.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* ---- identities ---- */

/* A file is an object in an identity: its base name and the digest of its content. */
static const char *
file_name (const json_t *value)
{
  return json_string_value (json_object_get (value, "name"));
}

static const char *
file_digest (const json_t *value)
{
  const char *digest = json_string_value (json_object_get (value, "sha256"));
  return digest ? digest : "";
}

/* As the user would write it. */
static void
add_value (struct gym_text *text, const json_t *value, bool digest)
{
  if (json_is_object (value)) {
    gym_text_puts (text, file_name (value) ? file_name (value) : "");
    if (digest)
      gym_text_printf (text, "#%.8s", file_digest (value));
  } else if (json_is_string (value))
    gym_text_puts (text, json_string_value (value));
  else if (json_is_boolean (value))
    gym_text_puts (text, json_is_true (value) ? "true" : "false");
  else if (json_is_integer (value))
    gym_text_printf (text, "%lld", (long long)json_integer_value (value));
  else if (json_is_real (value))
    gym_text_number (text, json_real_value (value));
}

static bool
is_empty (const json_t *value)
{
  return !value || json_is_null (value)
         || (json_is_string (value) && !*json_string_value (value));
}

/* Envs call what they run `workload` or `trace`; those that do not are known by the files
 * they were given. */
static void
add_workload (struct gym_text *text, json_t *options, bool digest)
{
  static const char *const names[] = { "workload", "trace" };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!is_empty (json_object_get (options, names[i]))) {
      add_value (text, json_object_get (options, names[i]), digest);
      return;
    }
  const char *key;
  json_t *value;
  json_object_foreach (options, key, value)
  {
    if (!json_is_object (value))
      continue;
    if (text->length)
      gym_text_puts (text, "+");
    add_value (text, value, digest);
  }
}

char *
gym_dataset_workload (const char *identity, bool digest)
{
  struct gym_text text = { .bytes = NULL };
  json_t *whole = json_loads (identity, 0, NULL);
  gym_text_puts (&text, "");
  add_workload (&text, json_object_get (whole, "options"), digest);
  json_decref (whole);
  return gym_text_take (&text, NULL);
}

/* Numbers are compared as numbers, so that 1e3 is 1000, and a digest by its beginning. */
static bool
is_value (const json_t *value, const char *wanted)
{
  double number;
  size_t n = strlen (wanted);
  if (json_is_object (value))
    return (file_name (value) && strcmp (file_name (value), wanted) == 0)
           || (n >= 8 && strncmp (file_digest (value), wanted, n) == 0);
  if (json_is_string (value))
    return strcmp (json_string_value (value), wanted) == 0;
  if (json_is_boolean (value))
    return strcmp (json_is_true (value) ? "true" : "false", wanted) == 0;
  if (json_is_number (value))
    return gym_number_parse (wanted, &number, NULL) == GYM_OK
           && number == json_number_value (value);
  return n == 0;
}

/* An option that no identity has is a mistake, not a choice of nothing. */
static int
unknown_option (json_t *options, const char *word, gym_error *err)
{
  enum { most = 64 };
  const char *names[most], *key;
  json_t *value;
  unsigned n = 0;
  json_object_foreach (options, key, value)
  {
    if (n < most)
      names[n++] = key;
  }
  return gym_fail_unknown (err, GYM_EINVAL, "option", word, names, n);
}

int
gym_dataset_fits (const char *identity, const gym_settings *where, gym_error *err)
{
  json_t *whole = json_loads (identity, 0, NULL);
  json_t *options = json_object_get (whole, "options");
  int fits = 1;
  for (size_t i = 0; fits == 1 && i < gym_settings_count (where); i++) {
    const char *key = gym_settings_key (where, i);
    json_t *value = json_object_get (options, key);
    fits = value ? is_value (value, gym_settings_value (where, i))
                 : unknown_option (options, key, err);
  }
  json_decref (whole);
  return fits;
}

/* ---- spaces and metrics ---- */

static bool
same_text (const char *a, const char *b)
{
  return strcmp (a ? a : "", b ? b : "") == 0;
}

static bool
same_list (const char *const *a, const char *const *b)
{
  size_t i = 0;
  if (!a || !b)
    return !a && !b;
  for (; a[i] && b[i]; i++)
    if (strcmp (a[i], b[i]) != 0)
      return false;
  return !a[i] && !b[i];
}

static bool
same_levels (const struct gym_param *a, const struct gym_param *b)
{
  if (a->n_levels != b->n_levels)
    return false;
  for (uint32_t i = 0; i < a->n_levels; i++)
    if (strcmp (a->levels[i], b->levels[i]) != 0)
      return false;
  return true;
}

/* What differs, or NULL. Words and defaults may differ: they change no design. */
static const char *
difference (const struct gym_param *a, const struct gym_param *b)
{
  if (!same_text (a->name, b->name))
    return "name";
  if (a->kind != b->kind || a->flags != b->flags)
    return "kind";
  if (!same_text (a->unit, b->unit))
    return "unit";
  if (a->n_levels || b->n_levels ? !same_levels (a, b) : a->low != b->low)
    return a->n_levels || b->n_levels ? "levels" : "bounds";
  if (a->high != b->high || a->step != b->step)
    return "bounds";
  if (!same_text (a->parent, b->parent) || !same_list (a->when, b->when))
    return "parent";
  return NULL;
}

int
gym_dataset_same_space (const gym_space *a, const gym_space *b, gym_error *err)
{
  uint32_t n = gym_space_size (a);
  if (n != gym_space_size (b))
    return gym_fail (err, GYM_EINVAL, "%u parameters and %u", n, gym_space_size (b));
  for (uint32_t i = 0; i < n; i++) {
    const char *what = difference (gym_space_param (a, i), gym_space_param (b, i));
    if (what)
      return gym_fail (err, GYM_EINVAL, "the %s of parameter \"%s\" differ%s", what,
                       gym_space_param (a, i)->name,
                       what[strlen (what) - 1] == 's' ? "" : "s");
  }
  return GYM_OK;
}

int
gym_dataset_same_metrics (const struct gym_metrics *metrics,
                          const struct gym_layout *layout, gym_error *err)
{
  uint32_t at = 0;
  for (uint32_t i = 0; i < layout->n_metrics; i++) {
    const struct layout_column *column = &layout->columns[layout->n_params + i];
    if (column->sealed)
      continue;
    if (at == metrics->n)
      return gym_fail (err, GYM_EINVAL, "metric \"%s\" is in one alone", column->name);
    const struct gym_metric *m = &metrics->items[at++];
    if (!same_text (m->name, column->name))
      return gym_fail (err, GYM_EINVAL, "metric %u is \"%s\" and \"%s\"", at, m->name,
                       column->name);
    if (!same_text (m->unit, column->unit) || m->sense != column->sense
        || ((m->flags & GYM_METRIC_MEASURED) != 0) != column->measured)
      return gym_fail (err, GYM_EINVAL, "unit, sense or flags of metric \"%s\" differ",
                       m->name);
  }
  return at == metrics->n ? GYM_OK
                          : gym_fail (err, GYM_EINVAL, "metric \"%s\" is in one alone",
                                      metrics->items[at].name);
}
