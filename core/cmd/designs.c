/* The designs that `gym eval` is asked for.
 *
 * All of them are read and checked before the first is evaluated: a slip in the last row
 * of a file shows at once and not after the night. */
#include "core/cmd/designs.h"

#include "core/cmd/common.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
designs_clear (struct designs *d)
{
  for (size_t i = 0; i < d->n_carried; i++)
    free (d->names[i]);
  free (d->names);
  free (d->carried);
  free (d->records);
  free (d->rows);
  csv_destroy (&d->csv);
  *d = (struct designs){ 0 };
}

/* Room for one more design; its row, or NULL. */
static double *
next_row (struct designs *d, const gym_env *env, gym_error *err)
{
  size_t size = gym_space_size (gym_env_space (env));
  if (d->n == d->room) {
    size_t room = d->room ? d->room * 2 : 64;
    double *rows = realloc (d->rows, room * (size ? size : 1) * sizeof *rows);
    if (rows)
      d->rows = rows;
    size_t *records = rows ? realloc (d->records, room * sizeof *records) : NULL;
    if (!records) {
      gym_fail (err, GYM_ENOMEM, "out of memory for %zu designs", room);
      return NULL;
    }
    d->records = records;
    d->room = room;
  }
  return d->rows + d->n * size;
}

int
designs_add_text (struct designs *d, const gym_env *env, const char *text, gym_error *err)
{
  double *row = next_row (d, env, err);
  if (!row)
    return GYM_ENOMEM;
  int missing = gym_design_parse (gym_env_space (env), text, row, err);
  d->n += missing >= 0;
  return missing;
}

int
designs_add_random (struct designs *d, const gym_env *env, size_t n, uint64_t seed,
                    gym_error *err)
{
  gym_rng rng;
  gym_rng_init (&rng, seed);
  for (size_t i = 0; i < n; i++) {
    double *row = next_row (d, env, err);
    if (!row)
      return GYM_ENOMEM;
    gym_space_sample (gym_env_space (env), &rng, row);
    d->n++;
  }
  return GYM_OK;
}

/* ---- Columns of a file ----------------------------------------------------------- */

/* The file's column of each parameter, or -1. */
static int *
map_parameters (const struct csv *csv, const gym_space *space, gym_error *err)
{
  uint32_t n = gym_space_size (space);
  int *columns = malloc ((n ? n : 1) * sizeof *columns);
  if (!columns)
    gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  for (uint32_t i = 0; columns && i < n; i++)
    columns[i] = csv_find (csv, gym_space_param (space, i)->name);
  return columns;
}

static int
refuse_near (const struct csv *csv, const char *column, const char *kind,
             const char *name, gym_error *err)
{
  if (gym_edit_distance (column, name) > 2)
    return GYM_OK;
  return gym_fail (
      err, GYM_EINVAL,
      "%s: column \"%s\" is so close to the %s \"%s\" that it is taken for a "
      "slip; rename it",
      csv_file (csv), column, kind, name);
}

/* A carried column that nearly has the name of a parameter is a misspelt parameter: with
 * its default in place of the values meant, every result would be silently wrong. */
static int
check_carried (const struct csv *csv, const char *column, const gym_env *env,
               gym_error *err)
{
  const gym_space *space = gym_env_space (env);
  const struct gym_metrics *metrics = gym_env_metrics (env);
  int code = GYM_OK;
  for (uint32_t i = 0; i < metrics->n; i++)
    if (strcmp (metrics->items[i].name, column) == 0)
      return GYM_OK;
  for (uint32_t i = 0; i < gym_space_size (space) && code == GYM_OK; i++)
    code = refuse_near (csv, column, "parameter", gym_space_param (space, i)->name, err);
  for (uint32_t i = 0; i < metrics->n && code == GYM_OK; i++)
    code = refuse_near (csv, column, "metric", metrics->items[i].name, err);
  return code;
}

static bool
name_taken (const struct designs *d, const gym_env *env, const char *name)
{
  const struct gym_metrics *metrics = gym_env_metrics (env);
  bool taken = strcmp (name, "status") == 0
               || gym_space_find (gym_env_space (env), name, NULL) >= 0;
  for (uint32_t i = 0; i < metrics->n && !taken; i++)
    taken = strcmp (metrics->items[i].name, name) == 0;
  for (size_t i = 0; i < d->n_carried && !taken; i++)
    taken = strcmp (d->names[i], name) == 0;
  return taken;
}

/* Adds a column to the carried ones, under a name that nothing else in the output has. */
static int
carry (struct designs *d, const gym_env *env, size_t column, gym_error *err)
{
  const char *name = csv_name (d->csv, column);
  size_t size = strlen (name) + 1 + 3 * (csv_columns (d->csv) + 1);
  char *text = malloc (size);
  if (!text)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  snprintf (text, size, "%s", name);
  while (name_taken (d, env, text)) {
    memmove (text + 3, text, strlen (text) + 1);
    memcpy (text, "in_", 3);
  }
  d->carried[d->n_carried] = column;
  d->names[d->n_carried++] = text;
  return GYM_OK;
}

static int
plan_carried (struct designs *d, const gym_env *env, gym_error *err)
{
  size_t n = csv_columns (d->csv);
  int code = GYM_OK;
  d->carried = calloc (n, sizeof *d->carried);
  d->names = calloc (n, sizeof *d->names);
  if (!d->carried || !d->names)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  for (size_t i = 0; i < n && code == GYM_OK; i++) {
    const char *name = csv_name (d->csv, i);
    if (gym_space_find (gym_env_space (env), name, NULL) >= 0)
      continue;
    code = check_carried (d->csv, name, env, err);
    if (code == GYM_OK)
      code = carry (d, env, i, err);
  }
  return code;
}

/* Said once, with all names: a default that nobody meant is easy to overlook. */
static void
note_defaults (const struct csv *csv, const gym_space *space, const int *columns)
{
  char names[1024] = "";
  size_t used = 0;
  unsigned n = 0;
  for (uint32_t i = 0; i < gym_space_size (space); i++)
    if (columns[i] < 0) {
      if (used < sizeof names)
        used += (size_t)snprintf (names + used, sizeof names - used, "%s%s",
                                  n ? ", " : "", gym_space_param (space, i)->name);
      n++;
    }
  if (n > 0)
    cmd_note ("%s has no column for %s: %s", csv_file (csv), names,
              n == 1 ? "it takes its default" : "they take their defaults");
}

/* ---- Rows of a file --------------------------------------------------------------
 *
 * Rows that are not selected need not make sense: they may belong to another env. */

static int
read_row (const struct csv *csv, size_t record, const gym_space *space,
          const int *columns, double *row, gym_error *err)
{
  int code = GYM_OK;
  for (uint32_t i = 0; i < gym_space_size (space) && code >= 0; i++) {
    const char *cell = columns[i] < 0 ? NULL : csv_cell (csv, record, (size_t)columns[i]);
    if (!cell)
      row[i] =
          gym_space_active (space, row, i) ? gym_space_param (space, i)->initial : NAN;
    else if (cell[0] == '\0')
      row[i] = NAN;
    else
      code = gym_space_parse (space, i, cell, &row[i], err);
  }
  if (code >= 0)
    code = gym_space_check (space, row, err);
  if (code < 0 && err) {
    gym_error inner = *err;
    gym_fail (err, code, "%s:%zu: %s", csv_file (csv), csv_line (csv, record),
              inner.text);
  }
  return code;
}

/* Column of every condition into `columns`. */
static int
find_conditions (const struct csv *csv, const struct designs_where *where, size_t n,
                 int *columns, gym_error *err)
{
  enum { most = 256 };
  const char *names[most];
  unsigned known = 0;
  for (; known < most && known < csv_columns (csv); known++)
    names[known] = csv_name (csv, known);
  for (size_t i = 0; i < n; i++) {
    columns[i] = csv_find (csv, where[i].column);
    if (columns[i] < 0)
      return cli_unknown (err, GYM_EINVAL, "column", where[i].column, names, known);
  }
  return GYM_OK;
}

static bool
selected (const struct csv *csv, size_t record, const struct designs_where *where,
          const int *columns, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (csv_cell (csv, record, (size_t)columns[i]), where[i].value) != 0)
      return false;
  return true;
}

/* Why no row was selected: the first condition that no row meets, with the nearest value
 * of that column. */
static int
nothing_selected (const struct csv *csv, const struct designs_where *where,
                  const int *columns, size_t n, gym_error *err)
{
  enum { most = 4096 };
  for (size_t i = 0; i < n; i++) {
    const char *values[most];
    unsigned known = 0;
    bool met = false;
    for (size_t r = 0; r < csv_rows (csv) && !met; r++) {
      const char *cell = csv_cell (csv, r, (size_t)columns[i]);
      met = strcmp (cell, where[i].value) == 0;
      if (known < most)
        values[known++] = cell;
    }
    const char *near = met ? NULL : gym_nearest (where[i].value, values, known);
    if (!met)
      return gym_fail (err, GYM_EINVAL, "%s: no row has %s=%s%s%s%s", csv_file (csv),
                       where[i].column, where[i].value, near ? "; did you mean " : "",
                       near ? near : "", near ? "?" : "");
  }
  return gym_fail (err, GYM_EINVAL,
                   n ? "%s: no row meets all conditions at once"
                     : "%s: no rows behind the header",
                   csv_file (csv));
}

static int
read_selected (struct designs *d, const gym_env *env, const int *columns,
               const struct designs_where *where, const int *conditions, size_t n_where,
               gym_error *err)
{
  int code = GYM_OK;
  for (size_t r = 0; r < csv_rows (d->csv) && code >= 0; r++) {
    if (!selected (d->csv, r, where, conditions, n_where))
      continue;
    double *row = next_row (d, env, err);
    if (!row)
      return GYM_ENOMEM;
    code = read_row (d->csv, r, gym_env_space (env), columns, row, err);
    d->records[d->n] = r;
    d->n += code >= 0;
  }
  if (code >= 0 && d->n == 0)
    code = nothing_selected (d->csv, where, conditions, n_where, err);
  return code;
}

int
designs_add_file (struct designs *d, const gym_env *env, const char *path,
                  const struct designs_where *where, size_t n_where, gym_error *err)
{
  const gym_space *space = gym_env_space (env);
  int code, *columns = NULL, *conditions = NULL;
  d->csv = csv_read (path, err);
  if (!d->csv)
    return err->code;
  columns = map_parameters (d->csv, space, err);
  conditions = malloc ((n_where + 1) * sizeof *conditions);
  if (!columns || !conditions)
    code = gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  else if ((code = plan_carried (d, env, err)) == GYM_OK
           && (code = find_conditions (d->csv, where, n_where, conditions, err))
                  == GYM_OK) {
    code = read_selected (d, env, columns, where, conditions, n_where, err);
    if (code >= 0)
      note_defaults (d->csv, space, columns);
  }
  free (columns);
  free (conditions);
  return code < 0 ? code : GYM_OK;
}
