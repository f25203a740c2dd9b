/* Options of plugins, parsed and checked in one place for all: see gym/options.h.
 *
 * Every text is parsed twice where that is simpler (once to check, once to use): options
 * are read when something is opened, never per trial. */
#include "core/digest.h"
#include "core/host.h"
#include "core/space.h"
#include "core/text.h"
#include "core/units.h"

#include <gym/objective.h>
#include <errno.h>
#include <gym/options.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A parsed value; which member, the option's type tells. */
union value {
  bool truth;
  int64_t whole;
  double real;
  int32_t choice;
  const char *text; /* may be NULL where there is no default */
};

static uint32_t
count_options (const struct gym_options *options)
{
  return options && options->items ? options->n : 0;
}

/* A plugin may be older or newer than this library. */
struct gym_option
gym_option_at (const struct gym_options *options, uint32_t i)
{
  struct gym_option o = { 0 };
  size_t n = options->stride < sizeof o ? options->stride : sizeof o;
  memcpy (&o, (const char *)options->items + (size_t)i * options->stride, n);
  return o;
}

/* Both 0 is how a table says "no bounds", so [0, 0] itself cannot be said. */
static bool
is_bounded (const struct gym_option *o)
{
  return o->low != 0 || o->high != 0;
}

static unsigned
count_choices (const struct gym_option *o)
{
  unsigned n = 0;
  while (o->choices && o->choices[n])
    n++;
  return n;
}

bool
gym_option_is_choice (const struct gym_option *o, const char *text)
{
  for (unsigned i = 0; text && o->choices && o->choices[i]; i++)
    if (strcmp (o->choices[i], text) == 0)
      return true;
  return false;
}

/* "1 .. 4096", or "any" without bounds; the choices of an enum. */
static const char *
range_text (const struct gym_option *o, char *text, size_t size)
{
  char low[GYM_NUMBER_TEXT], high[GYM_NUMBER_TEXT];
  switch (o->type) {
  case GYM_OPTION_BOOL:
    snprintf (text, size, "true, false");
    return text;
  case GYM_OPTION_ENUM:
    return gym_name_list (text, size, o->choices, count_choices (o));
  case GYM_OPTION_FILE:
    snprintf (text, size, "%s", o->choices ? "a file, " : "");
    if (o->choices)
      gym_name_list (text + 8, size - 8, o->choices, count_choices (o));
    return text;
  case GYM_OPTION_INT:
  case GYM_OPTION_REAL:
    gym_number_format (o->low, low, sizeof low);
    gym_number_format (o->high, high, sizeof high);
    if (is_bounded (o))
      snprintf (text, size, "%s .. %s%s%s", low, high, o->unit ? " " : "",
                o->unit ? o->unit : "");
    else
      snprintf (text, size, "any%s%s", o->unit ? " " : "", o->unit ? o->unit : "");
    return text;
  default:
    text[0] = '\0';
    return text;
  }
}

static int
parse_bool (const char *text, union value *value, gym_error *err)
{
  static const char *const words[] = { "false", "true", "0", "1", "no", "yes" };
  for (unsigned k = 0; k < sizeof words / sizeof words[0]; k++)
    if (strcmp (words[k], text) == 0) {
      value->truth = k & 1;
      return 0;
    }
  return gym_fail (err, GYM_EINVAL, "\"%s\" is not true, false, yes, no, 1 or 0", text);
}

static int
check_range (const struct gym_option *o, const char *text, double value, gym_error *err)
{
  char range[100];
  if (!is_bounded (o) || (value >= o->low && value <= o->high))
    return 0;
  return gym_fail (err, GYM_EINVAL, "\"%s\" is not in %s", text,
                   range_text (o, range, sizeof range));
}

/* Why a text is no value, and where the values lie. */
static int
fail_number (const struct gym_option *o, int code, const char *why, gym_error *err)
{
  char range[100];
  if (!is_bounded (o))
    return gym_fail (err, code, "%s", why);
  return gym_fail (err, code, "%s; the range is %s", why,
                   range_text (o, range, sizeof range));
}

static int
parse_real (const struct gym_option *o, const char *text, double *number, gym_error *err)
{
  gym_error own = { 0 };
  int code = gym_quantity_parse (text, o->unit, number, &own);
  if (code)
    return fail_number (o, code, own.text, err);
  return check_range (o, text, *number, err);
}

/* Plain digits are read exactly; other spellings ("1e6", "4kB") go through a double and
 * must be whole and within 2^53. */
static int
parse_int (const struct gym_option *o, const char *text, union value *value,
           gym_error *err)
{
  const char *digits = text + (*text == '-' || *text == '+');
  double number = 0;
  gym_error own = { 0 };
  if (*digits && !digits[strspn (digits, "0123456789")]) {
    errno = 0;
    value->whole = strtoll (text, NULL, 10);
    bool fits = errno != ERANGE;
    int code = check_range (o, text, (double)value->whole, err);
    return code || fits
               ? code
               : gym_fail (err, GYM_EINVAL, "\"%s\" does not fit into 64 bits", text);
  }
  int code = parse_real (o, text, &number, err);
  if (code)
    return code;
  value->whole = fabs (number) <= 0x1p53 ? (int64_t)number : 0;
  if ((double)value->whole == number)
    return 0;
  gym_fail (&own, GYM_EINVAL, "\"%s\" is not a whole number%s", text,
            floor (number) == number ? " within 2^53: write out its digits" : "");
  return fail_number (o, GYM_EINVAL, own.text, err);
}

static int
parse_enum (const struct gym_option *o, const char *text, union value *value,
            gym_error *err)
{
  unsigned n = 0;
  for (; o->choices && o->choices[n]; n++)
    if (strcmp (o->choices[n], text) == 0) {
      value->choice = (int32_t)n;
      return 0;
    }
  return gym_fail_unknown (err, GYM_EINVAL, "choice", text, o->choices, n);
}

/* Checked here and not left to the plugin, so that every plugin refuses a missing file
 * with the same words. A pipe could not be digested and read again. */
static int
check_file (const char *path, gym_error *err)
{
  struct stat about;
  if (!gym_text_is_utf8 (path))
    return gym_fail (err, GYM_EINVAL, "\"%s\" is not UTF-8", path);
  if (stat (path, &about) != 0 || access (path, R_OK) != 0)
    return gym_fail (err, errno == ENOENT || errno == ENOTDIR ? GYM_ENOTFOUND : GYM_EIO,
                     "cannot read file \"%s\": %s", path, strerror (errno));
  if (!S_ISREG (about.st_mode))
    return gym_fail (err, GYM_EINVAL, "\"%s\" is not a regular file", path);
  return 0;
}

/* What is neither a file nor a name is more often a slip in the name. */
static int
check_file_or_choice (const struct gym_option *o, const char *text, gym_error *err)
{
  if (gym_option_is_choice (o, text))
    return 0;
  int code = check_file (text, err);
  if (code != GYM_ENOTFOUND || !o->choices)
    return code;
  return gym_fail_unknown (err, GYM_ENOTFOUND, "file or name", text, o->choices,
                           count_choices (o));
}

static int
parse_value (const struct gym_option *o, const char *text, union value *value,
             gym_error *err)
{
  switch (o->type) {
  case GYM_OPTION_BOOL:
    return parse_bool (text, value, err);
  case GYM_OPTION_INT:
    return parse_int (o, text, value, err);
  case GYM_OPTION_REAL:
    return parse_real (o, text, &value->real, err);
  case GYM_OPTION_ENUM:
    return parse_enum (o, text, value, err);
  case GYM_OPTION_FILE:
    value->text = text;
    return check_file_or_choice (o, text, err);
  case GYM_OPTION_TEXT:
  case GYM_OPTION_AGENT:
    value->text = text;
    return gym_text_is_utf8 (text) ? 0
                                   : gym_fail (err, GYM_EINVAL, "its text is not UTF-8");
  default:
    return gym_fail (err, GYM_EPLUGIN, "its type %u is none of enum gym_option_type",
                     o->type);
  }
}

/* The default is the plugin's doing, so a bad one is the plugin's fault, except that a
 * file may be missing on this machine. */
static int
parse_initial (const struct gym_option *o, union value *value, gym_error *err)
{
  bool textual = o->type == GYM_OPTION_TEXT || o->type == GYM_OPTION_FILE;
  if (o->flags & GYM_OPTION_REQUIRED)
    return gym_fail (err, GYM_EINVAL, "it must be given: there is no default");
  if (!o->initial)
    return textual ? 0 : gym_fail (err, GYM_EPLUGIN, "it has no default");
  int code = parse_value (o, o->initial, value, err);
  if (!code || code == GYM_ENOMEM)
    return code;
  gym_error_prefix (err, "its default");
  if (o->type == GYM_OPTION_FILE)
    return code;
  if (err)
    err->code = GYM_EPLUGIN;
  return GYM_EPLUGIN;
}

/* The value in force: the user's, else the default. */
static int
value_of (const struct gym_option *o, const gym_settings *settings, union value *value,
          gym_error *err)
{
  *value = (union value){ .text = NULL };
  if (!o->name)
    return gym_fail (err, GYM_EPLUGIN, "an option has no name");
  const char *given = gym_settings_get (settings, o->name);
  int code = given ? parse_value (o, given, value, err) : parse_initial (o, value, err);
  if (code && code != GYM_ENOMEM)
    gym_error_prefix (err, "option \"%s\"", o->name);
  return code;
}

/* All names, for messages; the caller frees the list. NULL: no memory. */
static const char **
list_names (const struct gym_options *options)
{
  uint32_t n = count_options (options);
  const char **names = malloc ((n + (size_t)1) * sizeof *names);
  for (uint32_t i = 0; names && i < n; i++) {
    const char *name = gym_option_at (options, i).name;
    names[i] = name ? name : "";
  }
  return names;
}

/* "inner.population" for an option "inner" that names an agent: what it may be is for
 * that agent to say when it is opened. */
static bool
is_nested (const struct gym_option *o, const char *key)
{
  size_t n = o->name ? strlen (o->name) : 0;
  return o->type == GYM_OPTION_AGENT && strncmp (key, o->name, n) == 0 && key[n] == '.'
         && key[n + 1];
}

static bool
is_known (const struct gym_options *options, const char *key)
{
  for (uint32_t i = 0; i < count_options (options); i++) {
    struct gym_option o = gym_option_at (options, i);
    if ((o.name && strcmp (o.name, key) == 0) || is_nested (&o, key))
      return true;
  }
  return false;
}

static int
check_known (const struct gym_options *options, const gym_settings *settings,
             gym_error *err)
{
  for (size_t i = 0; i < gym_settings_count (settings); i++) {
    const char *key = gym_settings_key (settings, i);
    if (is_known (options, key))
      continue;
    const char **names = list_names (options);
    if (!names)
      return gym_fail_memory (err);
    int code =
        gym_fail_unknown (err, GYM_EINVAL, "option", key, names, count_options (options));
    free (names);
    return code;
  }
  return 0;
}

static int
check_table (const struct gym_options *options, gym_error *err)
{
  if (options && options->n && (!options->items || options->stride == 0))
    return gym_fail (err, GYM_EPLUGIN, "its option table has no items or no stride");
  return 0;
}

/* Memory running out is nobody's option. */
static int
with_owner (const char *owner, int code, gym_error *err)
{
  if (code && code != GYM_ENOMEM && owner)
    gym_error_prefix (err, "%s", owner);
  return code;
}

/* By memcpy: an offset comes from another compiler's layout and promises no alignment
 * that we could check. */
static void
write_field (const struct gym_option *o, const union value *value, void *instance)
{
  void *field = (char *)instance + o->offset;
  switch (o->type) {
  case GYM_OPTION_BOOL:
    memcpy (field, &value->truth, sizeof value->truth);
    break;
  case GYM_OPTION_INT:
    memcpy (field, &value->whole, sizeof value->whole);
    break;
  case GYM_OPTION_REAL:
    memcpy (field, &value->real, sizeof value->real);
    break;
  case GYM_OPTION_ENUM:
    memcpy (field, &value->choice, sizeof value->choice);
    break;
  default:
    memcpy (field, &value->text, sizeof value->text);
  }
}

int
gym_options_apply (const struct gym_options *options, const gym_settings *settings,
                   const char *owner, void *instance, gym_error *err)
{
  int code = check_table (options, err);
  if (!code)
    code = check_known (options, settings, err);
  for (uint32_t i = 0; i < count_options (options) && !code; i++) {
    struct gym_option o = gym_option_at (options, i);
    union value value;
    code = value_of (&o, settings, &value, err);
    if (!code && instance)
      write_field (&o, &value, instance);
  }
  return with_owner (owner, code, err);
}

/* A file is its base name and content: the folder it lies in means nothing. */
static int
write_file (struct gym_text *out, const char *path, gym_error *err)
{
  char hex[65];
  if (!path) {
    gym_text_puts (out, "null");
    return 0;
  }
  const char *slash = strrchr (path, '/');
  int code = gym_digest_file (path, hex, err);
  if (code)
    return code;
  gym_text_puts (out, "{\"name\": ");
  gym_text_json (out, slash ? slash + 1 : path);
  gym_text_printf (out, ", \"sha256\": \"%s\"}", hex);
  return 0;
}

/* The agent and its options as they were given, in order of their names. */
static void
write_agent (struct gym_text *out, const struct gym_option *o, const char *id,
             const gym_settings *settings)
{
  const char *last = "";
  gym_text_puts (out, "{\"id\": ");
  gym_text_json (out, id ? id : "");
  for (size_t done = 0;; done++) {
    size_t next = SIZE_MAX;
    for (size_t i = 0; i < gym_settings_count (settings); i++) {
      const char *key = gym_settings_key (settings, i);
      if (is_nested (o, key) && (done == 0 || strcmp (key, last) > 0)
          && (next == SIZE_MAX || strcmp (key, gym_settings_key (settings, next)) < 0))
        next = i;
    }
    if (next == SIZE_MAX)
      break;
    last = gym_settings_key (settings, next);
    gym_text_puts (out, ", ");
    gym_text_json (out, last + strlen (o->name) + 1);
    gym_text_puts (out, ": ");
    gym_text_json (out, gym_settings_value (settings, next));
  }
  gym_text_puts (out, "}");
}

/* Numbers in their shortest form: "0.10" and "1e-1" are one identity. */
static int
write_value (struct gym_text *out, const struct gym_option *o, const union value *value,
             const gym_settings *settings, gym_error *err)
{
  switch (o->type) {
  case GYM_OPTION_BOOL:
    gym_text_puts (out, value->truth ? "true" : "false");
    return 0;
  case GYM_OPTION_INT:
    gym_text_printf (out, "%" PRId64, value->whole);
    return 0;
  case GYM_OPTION_REAL:
    gym_text_number (out, value->real);
    return 0;
  case GYM_OPTION_ENUM:
    gym_text_json (out, o->choices[value->choice]);
    return 0;
  case GYM_OPTION_TEXT:
    gym_text_json (out, value->text);
    return 0;
  case GYM_OPTION_AGENT:
    write_agent (out, o, value->text, settings);
    return 0;
  default:
    if (!gym_option_is_choice (o, value->text))
      return write_file (out, value->text, err);
    gym_text_json (out, value->text);
    return 0;
  }
}

/* Indices of the options in order of their names; the caller frees them. */
static uint32_t *
sorted_order (const struct gym_options *options)
{
  uint32_t n = count_options (options);
  uint32_t *order = malloc ((n + (size_t)1) * sizeof *order);
  for (uint32_t i = 0; order && i < n; i++) {
    uint32_t k = i;
    const char *name = gym_option_at (options, i).name;
    for (; k > 0 && strcmp (gym_option_at (options, order[k - 1]).name, name) > 0; k--)
      order[k] = order[k - 1];
    order[k] = i;
  }
  return order;
}

char *
gym_options_to_json (const struct gym_options *options, const gym_settings *settings,
                     const char *owner, gym_error *err)
{
  struct gym_text out = { 0 };
  int code = gym_options_apply (options, settings, owner, NULL, err);
  uint32_t *order = code ? NULL : sorted_order (options);
  if (!order) {
    if (!code)
      gym_fail_memory (err);
    return NULL;
  }
  gym_text_puts (&out, "{");
  for (uint32_t k = 0; k < count_options (options) && !code; k++) {
    struct gym_option o = gym_option_at (options, order[k]);
    union value value;
    gym_text_puts (&out, k ? ", " : "");
    gym_text_json (&out, o.name);
    gym_text_puts (&out, ": ");
    code = value_of (&o, settings, &value, err);
    if (!code)
      code = with_owner (owner, write_value (&out, &o, &value, settings, err), err);
  }
  gym_text_puts (&out, "}");
  free (order);
  if (code)
    free (out.bytes);
  return code ? NULL : gym_text_take (&out, err);
}

static const char *const truths[] = { "false", "true" };

/* Whether a search may turn this option. Integers beyond 2^53 are no parameters. */
static bool
is_searchable (const struct gym_option *o)
{
  if (o->flags & GYM_OPTION_FIXED)
    return false;
  if (o->type == GYM_OPTION_BOOL || o->type == GYM_OPTION_ENUM)
    return true;
  if (o->type == GYM_OPTION_INT && (fabs (o->low) > 0x1p53 || fabs (o->high) > 0x1p53))
    return false;
  return (o->type == GYM_OPTION_INT || o->type == GYM_OPTION_REAL) && is_bounded (o);
}

static double
initial_of (const struct gym_option *o, const union value *value)
{
  switch (o->type) {
  case GYM_OPTION_BOOL:
    return value->truth;
  case GYM_OPTION_ENUM:
    return value->choice;
  case GYM_OPTION_INT:
    return (double)value->whole;
  default:
    return value->real;
  }
}

/* The option as a parameter. One without a default starts at its lower bound. */
static int
to_param (const struct gym_option *o, struct gym_param *p, gym_error *err)
{
  union value value = { .text = NULL };
  bool listed = o->type == GYM_OPTION_BOOL || o->type == GYM_OPTION_ENUM;
  *p = (struct gym_param){ .name = o->name, .unit = o->unit, .doc = o->doc };
  if (listed) {
    p->kind = GYM_CATEGORICAL;
    p->levels = o->type == GYM_OPTION_BOOL ? truths : o->choices;
    p->n_levels = o->type == GYM_OPTION_BOOL ? 2 : 0;
    while (o->type == GYM_OPTION_ENUM && p->levels && p->levels[p->n_levels])
      p->n_levels++;
  } else {
    p->kind = o->type == GYM_OPTION_INT ? GYM_INTEGER : GYM_REAL;
    p->flags = o->flags & GYM_OPTION_LOG ? GYM_PARAM_LOG : 0;
    p->low = o->low;
    p->high = o->high;
    p->initial = o->low;
  }
  if (!o->initial)
    return 0;
  int code = value_of (o, NULL, &value, err);
  p->initial = initial_of (o, &value);
  return code;
}

gym_space *
gym_options_space (const struct gym_options *options, gym_error *err)
{
  uint32_t n = 0;
  if (check_table (options, err))
    return NULL;
  struct gym_param *params = calloc (count_options (options) + (size_t)1, sizeof *params);
  int code = params ? 0 : gym_fail_memory (err);
  for (uint32_t i = 0; i < count_options (options) && !code; i++) {
    struct gym_option o = gym_option_at (options, i);
    if (is_searchable (&o))
      code = to_param (&o, &params[n++], err);
  }
  struct gym_params table = {
    .struct_size = sizeof table, .n = n, .stride = sizeof *params, .items = params
  };
  gym_space *space = code ? NULL : gym_space_new (&table, err);
  free (params);
  return space;
}

/* Through texts, although numbers are at hand: what a sweep tries is then exactly what a
 * user could have typed, and is stored as such. */
int
gym_options_settings (const gym_space *space, const double *row, gym_settings *settings,
                      gym_error *err)
{
  int code = gym_space_check (space, row, err);
  for (uint32_t i = 0; i < space->size && !code; i++) {
    char digits[GYM_NUMBER_TEXT];
    const char *value = digits;
    if (isnan (row[i]))
      continue;
    if (space->axes[i].levels)
      value = space->params[i].levels[(uint32_t)row[i]];
    else
      gym_space_format (space, i, row[i], digits, sizeof digits);
    code = gym_settings_set (settings, space->names[i], value, err);
  }
  return code;
}

static const char *
type_name (uint32_t type)
{
  static const char *const names[] = { "?",    "bool", "int",  "real",
                                       "enum", "text", "file", "agent" };
  return type < sizeof names / sizeof names[0] ? names[type] : names[0];
}

char *
gym_options_describe (const struct gym_options *options, gym_error *err)
{
  struct gym_text out = { 0 };
  char range[600];
  if (check_table (options, err))
    return NULL;
  for (uint32_t i = 0; i < count_options (options); i++) {
    struct gym_option o = gym_option_at (options, i);
    gym_text_printf (&out, "%s\t%s\t", o.name ? o.name : "", type_name (o.type));
    gym_text_puts (&out, range_text (&o, range, sizeof range));
    if (o.flags & GYM_OPTION_REQUIRED)
      gym_text_puts (&out, "\trequired");
    else
      gym_text_printf (&out, "\tdefault %s", o.initial ? o.initial : "none");
    gym_text_printf (&out, "\t%s\n", o.doc ? o.doc : "");
  }
  return gym_text_take_table (&out, err);
}
