/* A space and its designs as text for people: see gym/space.h.
 *
 * Messages show what is allowed in the words that are accepted: levels as they are
 * written, bounds with the parameter's unit. */
#include "core/space.h"
#include "core/text.h"
#include "core/units.h"

#include <gym/objective.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { max_name = 200 };

/* A bounded text that keeps counting past its end, as snprintf does. */
struct slice {
  char *text;
  size_t size;
  size_t need;
};

static void
put (struct slice *s, const char *bytes, size_t n)
{
  for (size_t k = 0; k < n; k++, s->need++)
    if (s->need + 1 < s->size)
      s->text[s->need] = bytes[k];
}

static int
close_slice (struct slice *s)
{
  if (s->size)
    s->text[s->need < s->size ? s->need : s->size - 1] = '\0';
  return (int)s->need;
}

/* What is no level is shown as the number it is: messages quote wrong values. */
static void
put_value (struct slice *s, const gym_space *space, uint32_t i, double value)
{
  const struct gym_axis *axis = &space->axes[i];
  char digits[GYM_NUMBER_TEXT];
  if (isnan (value))
    return;
  if (axis->levels && gym_axis_holds (axis, value)) {
    const char *level = space->params[i].levels[(uint32_t)value];
    put (s, level, strlen (level));
    return;
  }
  /* A whole number without point or exponent is the same in every locale. */
  int n = axis->kind == GYM_INTEGER && fabs (value) < 0x1p60 && floor (value) == value
              ? snprintf (digits, sizeof digits, "%.0f", value)
              : gym_number_format (value, digits, sizeof digits);
  put (s, digits, (size_t)n);
}

int
gym_space_format (const gym_space *space, uint32_t i, double value, char *text,
                  size_t size)
{
  struct slice s = { .text = text, .size = size };
  put_value (&s, space, i, value);
  return close_slice (&s);
}

/* What parameter i allows, into `text`: the levels, or the bounds with step and unit. */
static const char *
allowed (const gym_space *space, uint32_t i, char *text, size_t size)
{
  const struct gym_param *p = &space->params[i];
  char low[GYM_NUMBER_TEXT], high[GYM_NUMBER_TEXT], step[GYM_NUMBER_TEXT];
  if (space->axes[i].levels)
    return gym_name_list (text, size, p->levels, p->n_levels);
  gym_space_format (space, i, p->low, low, sizeof low);
  gym_space_format (space, i, p->high, high, sizeof high);
  gym_space_format (space, i, p->step, step, sizeof step);
  snprintf (text, size, "%s .. %s%s%s%s%s", low, high, p->step > 1 ? " step " : "",
            p->step > 1 ? step : "", p->unit ? " " : "", p->unit ? p->unit : "");
  return text;
}

/* Without a listener no sentence is made: agents probe with a NULL error. */
int
gym_space_refuse (const gym_space *space, uint32_t i, double value, gym_error *err)
{
  char list[600], digits[GYM_NUMBER_TEXT];
  const char *name = space->names[i];
  if (!err)
    return GYM_EINVAL;
  allowed (space, i, list, sizeof list);
  gym_number_format (value, digits, sizeof digits);
  if (space->axes[i].levels)
    return gym_fail (err, GYM_EINVAL,
                     "parameter \"%s\": %s is not the index of a level, 0 to %u (%s)",
                     name, digits, space->params[i].n_levels - 1, list);
  return gym_fail (err, GYM_EINVAL, "parameter \"%s\": %s is not in %s", name, digits,
                   list);
}

int
gym_space_refuse_inactive (const gym_space *space, const double *row, uint32_t i,
                           gym_error *err)
{
  char list[400], given[100];
  const struct gym_param *p = &space->params[i];
  uint32_t parent = (uint32_t)space->axes[i].parent;
  if (!err)
    return GYM_EINVAL;
  gym_name_list (list, sizeof list, p->when, space->axes[i].n_when);
  if (isnan (row[parent]))
    return gym_fail (
        err, GYM_EINVAL,
        "parameter \"%s\" is inactive, as its parent \"%s\" is; leave it out", p->name,
        p->parent);
  gym_space_format (space, parent, row[parent], given, sizeof given);
  return gym_fail (err, GYM_EINVAL,
                   "parameter \"%s\" is inactive with %s=%s; leave it out or set %s to "
                   "one of: %s",
                   p->name, p->parent, given, p->parent, list);
}

/* Exact, case and all: two levels may differ in case alone. */
static int
parse_level (const gym_space *space, uint32_t i, const char *text, double *value,
             gym_error *err)
{
  const struct gym_param *p = &space->params[i];
  for (uint32_t k = 0; k < p->n_levels; k++)
    if (strcmp (p->levels[k], text) == 0) {
      *value = k;
      return 0;
    }
  int code = gym_fail_unknown (err, GYM_EINVAL, "level", text, p->levels, p->n_levels);
  gym_error_prefix (err, "parameter \"%s\"", p->name);
  return code;
}

int
gym_space_parse (const gym_space *space, uint32_t i, const char *text, double *value,
                 gym_error *err)
{
  double read;
  if (space->axes[i].levels)
    return parse_level (space, i, text, value, err);
  int code = gym_quantity_parse (text, space->params[i].unit, &read, err);
  if (code) {
    char list[100];
    gym_error_prefix (err, "parameter \"%s\" (%s)", space->names[i],
                      allowed (space, i, list, sizeof list));
    return code;
  }
  if (!gym_axis_holds (&space->axes[i], read))
    return gym_space_refuse (space, i, read, err);
  *value = read;
  return 0;
}

/* The value of parameter i with ',' and '\' escaped by '\', which only levels need. */
static void
put_escaped (struct slice *s, const gym_space *space, uint32_t i, double value)
{
  if (!space->axes[i].levels || !gym_axis_holds (&space->axes[i], value)) {
    put_value (s, space, i, value);
    return;
  }
  for (const char *c = space->params[i].levels[(uint32_t)value]; *c; c++) {
    if (*c == ',' || *c == '\\')
      put (s, "\\", 1);
    put (s, c, 1);
  }
}

int
gym_design_format (const gym_space *space, const double *row, char *text, size_t size)
{
  struct slice s = { .text = text, .size = size };
  for (uint32_t i = 0; i < space->size; i++) {
    if (isnan (row[i]))
      continue;
    if (s.need)
      put (&s, ",", 1);
    put (&s, space->names[i], strlen (space->names[i]));
    put (&s, "=", 1);
    put_escaped (&s, space, i, row[i]);
  }
  return close_slice (&s);
}

/* Copies up to an unescaped `stop` (or the end) into `word`; returns where it stood, or
 * NULL when it is too long. */
static const char *
take_word (const char *text, char stop, char *word, size_t size)
{
  size_t n = 0;
  for (; *text && *text != stop; text++) {
    if (*text == '\\' && (text[1] == ',' || text[1] == '\\'))
      text++;
    if (n + 1 >= size)
      return NULL;
    word[n++] = *text;
  }
  word[n] = '\0';
  return text;
}

/* Reads one "name=value" at *text into `row`, where NaN still means "not given". */
static int
parse_entry (const gym_space *space, const char **text, double *row, gym_error *err)
{
  char name[max_name], value[1000];
  const char *at = *text + strspn (*text, " ");
  const char *equal = take_word (at, '=', name, sizeof name);
  if (!equal || *equal != '=' || strchr (name, ','))
    return gym_fail (err, GYM_EINVAL, "\"%.40s\": a design is name=value,name=value", at);
  int i = gym_space_find (space, name, err);
  if (i < 0)
    return i;
  at = take_word (equal + 1, ',', value, sizeof value);
  if (!at)
    return gym_fail (err, GYM_EINVAL, "parameter \"%s\": its value is too long", name);
  if (!isnan (row[i]))
    return gym_fail (err, GYM_EINVAL, "parameter \"%s\" is given twice", name);
  int code = gym_space_parse (space, (uint32_t)i, value, &row[i], err);
  if (code)
    return code;
  if (*at == ',' && !at[1])
    return gym_fail (err, GYM_EINVAL, "the design ends in a comma");
  *text = at + (*at == ',');
  return 0;
}

/* Gives active parameters without a value their defaults and counts them. */
static int
fill_in (const gym_space *space, double *row, gym_error *err)
{
  int missing = 0;
  for (uint32_t i = 0; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    if (!gym_axis_active (axis, row)) {
      if (!isnan (row[i]))
        return gym_space_refuse_inactive (space, row, i, err);
    } else if (isnan (row[i])) {
      row[i] = axis->initial;
      missing++;
    }
  }
  return missing;
}

int
gym_design_parse (const gym_space *space, const char *text, double *row, gym_error *err)
{
  for (uint32_t i = 0; i < space->size; i++)
    row[i] = NAN;
  while (*text) {
    int code = parse_entry (space, &text, row, err);
    if (code)
      return code;
  }
  return fill_in (space, row, err);
}

/* The parameter behind a one-hot column, and the column's place within it. Walked through
 * each time: names of columns are asked for once. */
static uint32_t
onehot_owner (const gym_space *space, uint32_t column, uint32_t *within)
{
  uint32_t i = 0;
  for (; i < space->size; i++) {
    const struct gym_axis *axis = &space->axes[i];
    uint32_t width = axis->parent < 0 ? 1 : 2;
    if (axis->kind == GYM_CATEGORICAL)
      width = (uint32_t)axis->count;
    if (column < width)
      break;
    column -= width;
  }
  *within = column;
  return i;
}

int
gym_space_onehot_name (const gym_space *space, uint32_t column, char *name, size_t size)
{
  uint32_t within, i = onehot_owner (space, column, &within);
  if (i >= space->size)
    return GYM_EINVAL;
  const struct gym_param *p = &space->params[i];
  if (p->kind == GYM_CATEGORICAL)
    return snprintf (name, size, "%s=%s", p->name, p->levels[within]);
  return snprintf (name, size, "%s%s", p->name, within ? ":active" : "");
}

static const char *
kind_name (const struct gym_param *p)
{
  bool is_log = p->flags & GYM_PARAM_LOG;
  switch (p->kind) {
  case GYM_CATEGORICAL:
    return "categorical";
  case GYM_ORDINAL:
    return "ordinal";
  case GYM_INTEGER:
    return is_log ? "integer, log" : "integer";
  default:
    return is_log ? "real, log" : "real";
  }
}

static void
describe_param (struct gym_text *out, const gym_space *space, uint32_t i)
{
  const struct gym_param *p = &space->params[i];
  char text[600];
  gym_text_printf (out, "%s\t%s\t", p->name, kind_name (p));
  gym_text_puts (out, allowed (space, i, text, sizeof text));
  if (p->unit && (p->kind == GYM_ORDINAL || p->kind == GYM_CATEGORICAL))
    gym_text_printf (out, " %s", p->unit);
  gym_space_format (space, i, p->initial, text, sizeof text);
  gym_text_printf (out, "\tdefault %s\t%s", text, p->doc ? p->doc : "");
  if (p->parent) {
    gym_name_list (text, sizeof text, p->when, space->axes[i].n_when);
    gym_text_printf (out, "%sOnly with %s = %s.", p->doc ? " " : "", p->parent, text);
  }
  gym_text_puts (out, "\n");
}

char *
gym_space_describe (const gym_space *space, gym_error *err)
{
  struct gym_text out = { 0 };
  for (uint32_t i = 0; i < space->size; i++)
    describe_param (&out, space, i);
  return gym_text_take_table (&out, err);
}
