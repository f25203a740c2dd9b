/* core/store_layout.c - reading back what the columns of a study mean.
 *
 * Everything comes from the file: the env that wrote it need not be installed, so a store
 * can be looked at on another machine and years later. A text that does not make sense is
 * taken as damage and named. */
#include <config.h>

#include "core/store_layout.h"

#include "core/memory.h"
#include "core/store_file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void
free_texts (char **texts, size_t n)
{
  for (size_t i = 0; texts && i < n; i++)
    free (texts[i]);
  free (texts);
}

void
gym_layout_destroy (struct gym_layout **handle)
{
  struct gym_layout *layout = handle ? *handle : NULL;
  if (!layout)
    return;
  for (uint32_t i = 0; i < layout->n_params + layout->n_metrics; i++) {
    struct layout_column *column = &layout->columns[i];
    free (column->column);
    free (column->name);
    free (column->unit);
    free (column->doc);
    free_texts (column->levels, column->n_levels);
  }
  free (layout->columns);
  free_texts (layout->fidelities, layout->n_fidelities);
  gym_objective_destroy (&layout->objective);
  free (layout->table);
  free (layout->identity);
  free (layout);
  *handle = NULL;
}

bool
gym_layout_seals (const struct gym_layout *layout)
{
  for (uint32_t i = 0; i < layout->n_metrics; i++)
    if (layout->columns[layout->n_params + i].sealed)
      return true;
  return false;
}

const char *
gym_layout_level (const struct layout_column *column, int64_t index)
{
  return index >= 0 && (uint64_t)index < column->n_levels ? column->levels[index] : NULL;
}

static int
fail_damaged (const char *path, const char *what, gym_error *err)
{
  return gym_fail (err, GYM_EIO,
                   "store \"%s\": the file is damaged: %s cannot be read: go back to a "
                   "copy of it",
                   path, what);
}

static int
fail_memory (const char *path, gym_error *err)
{
  return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", path);
}

static char *
column_copy (sqlite3_stmt *row, int at)
{
  return gym_store_copy (gym_store_column (row, at));
}

/* ["Open", "Closed"] as an array of copies. Jansson does not tell want of memory from a
 * wrong text everywhere: whether the text is one, `valid`, SQLite has said. */
static int
read_levels (struct layout_column *column, const char *text, bool valid)
{
  json_t *list = valid ? json_loads (text, 0, NULL) : NULL;
  int code = !valid || (list && !json_is_array (list)) ? GYM_EIO : GYM_OK;
  size_t n = json_array_size (list);
  column->levels = calloc (n ? n : 1, sizeof *column->levels);
  if (code == GYM_OK && (!list || !column->levels))
    code = GYM_ENOMEM;
  for (size_t i = 0; code == GYM_OK && i < n; i++) {
    const char *level = json_string_value (json_array_get (list, i));
    column->levels[i] = level ? gym_store_copy (level) : NULL;
    column->n_levels = i + 1;
    if (!column->levels[i])
      code = level ? GYM_ENOMEM : GYM_EIO;
  }
  json_decref (list);
  return code;
}

/* A kind of parameter that only a newer library knows is shown as levels, which fails
 * where it has none, rather than as numbers that would be taken at their word. */
static enum layout_kind
read_kind (sqlite3_stmt *row)
{
  const char *kind = gym_store_column (row, 3);
  if (strcmp (gym_store_column (row, 2), "metric") == 0)
    return LAYOUT_METRIC;
  if (strcmp (kind, "integer") == 0)
    return LAYOUT_INTEGER;
  return strcmp (kind, "real") == 0 ? LAYOUT_REAL : LAYOUT_LEVEL;
}

static int
read_column (struct layout_column *column, sqlite3_stmt *row)
{
  column->column = column_copy (row, 0);
  column->name = column_copy (row, 1);
  column->kind = read_kind (row);
  column->unit = column_copy (row, 4);
  column->doc = column_copy (row, 5);
  column->sense = (uint32_t)sqlite3_column_int (row, 7);
  column->measured = sqlite3_column_int (row, 8) != 0;
  column->sealed = sqlite3_column_int (row, 9) != 0;
  if (!column->column || !column->name || !column->unit || !column->doc)
    return GYM_ENOMEM;
  if (column->kind == LAYOUT_LEVEL)
    return read_levels (column, gym_store_column (row, 6),
                        sqlite3_column_int (row, 10) != 0);
  return GYM_OK;
}

/* Columns come in order of position, the parameters first, as in the table itself: a
 * row of `SELECT *` has its id and then exactly these. */
static int
read_columns (struct gym_layout *layout, sqlite3 *db, const char *path, gym_error *err)
{
  sqlite3_stmt *query = gym_store_prepare_free (
      db, path,
      sqlite3_mprintf ("SELECT column_name, name, role, kind, unit, doc, levels, sense,"
                       " measured, sealed, json_valid (levels) FROM columns WHERE"
                       " table_name = %Q"
                       " ORDER BY position",
                       layout->table),
      err);
  if (!query)
    return gym_store_code (db);
  size_t n = 0, room = 0;
  int code;
  while ((code = gym_store_step (query, path, err)) == 1) {
    if (gym_grow (&layout->columns, n, &room, sizeof *layout->columns) < 0) {
      code = fail_memory (path, err);
      break;
    }
    struct layout_column *column = memset (&layout->columns[n++], 0, sizeof *column);
    code = read_column (column, query);
    *(column->kind == LAYOUT_METRIC ? &layout->n_metrics : &layout->n_params) += 1;
    if (code < 0) {
      code == GYM_ENOMEM ? fail_memory (path, err)
                         : fail_damaged (path, "its list of columns", err);
      break;
    }
  }
  sqlite3_finalize (query);
  return code;
}

/* Old studies without a list have none; their trials show the fidelity's number. */
static int
read_fidelities (struct gym_layout *layout, sqlite3 *db, const char *path, gym_error *err)
{
  sqlite3_stmt *query = gym_store_prepare_free (
      db, path,
      sqlite3_mprintf ("SELECT name FROM fidelities WHERE study = %lld ORDER BY fidelity",
                       layout->study),
      err);
  if (!query)
    return gym_store_code (db);
  size_t room = 0;
  int code;
  while ((code = gym_store_step (query, path, err)) == 1) {
    char *name = column_copy (query, 0);
    if (!name
        || gym_grow (&layout->fidelities, layout->n_fidelities, &room, sizeof name) < 0) {
      free (name);
      code = fail_memory (path, err);
      break;
    }
    layout->fidelities[layout->n_fidelities++] = name;
  }
  sqlite3_finalize (query);
  return code;
}

/* The objective is kept as text in the metrics' own units and parsed again. */
static int
parse_objective (struct gym_layout *layout, const char *path, const char *text,
                 gym_error *err)
{
  struct gym_metric *items = calloc (layout->n_metrics + 1, sizeof *items);
  if (!items)
    return fail_memory (path, err);
  for (uint32_t i = 0; i < layout->n_metrics; i++) {
    const struct layout_column *column = &layout->columns[layout->n_params + i];
    items[i] = (struct gym_metric){ .name = column->name,
                                    .unit = column->unit[0] ? column->unit : NULL,
                                    .doc = column->doc,
                                    .sense = column->sense };
  }
  const struct gym_metrics metrics = { .struct_size = sizeof metrics,
                                       .n = layout->n_metrics,
                                       .stride = sizeof *items,
                                       .items = items };
  layout->objective = gym_objective_parse (text, &metrics, err);
  free (items);
  if (!layout->objective) {
    gym_error_prefix (err, "store \"%s\": study %lld", path, (long long)layout->study);
    return err && err->code ? err->code : GYM_EINVAL;
  }
  for (uint32_t i = 0; i < layout->n_metrics; i++)
    layout->measured |= gym_objective_uses (layout->objective, i)
                        && layout->columns[layout->n_params + i].measured;
  return GYM_OK;
}

/* The row of the study; *objective is a copy. Ids only ever rise, so that the newest
 * study is the one with the highest. */
static int
read_study (struct gym_layout *layout, sqlite3 *db, const char *path, int64_t study,
            char **objective, gym_error *err)
{
  sqlite3_stmt *query = gym_store_prepare_free (
      db, path,
      sqlite3_mprintf ("SELECT id, table_name, identity, objective FROM studies WHERE"
                       " %lld IN (0, id) ORDER BY id DESC LIMIT 1",
                       study),
      err);
  if (!query)
    return gym_store_code (db);
  int code = gym_store_step (query, path, err);
  if (code == 0)
    code = study ? gym_fail (err, GYM_ENOTFOUND, "store \"%s\": no study %lld", path,
                             (long long)study)
                 : gym_fail (err, GYM_ENOTFOUND, "store \"%s\": no study yet", path);
  if (code == 1) {
    layout->study = sqlite3_column_int64 (query, 0);
    layout->table = column_copy (query, 1);
    layout->identity = column_copy (query, 2);
    *objective = column_copy (query, 3);
    bool all = layout->table && layout->identity && *objective;
    code = all ? GYM_OK : fail_memory (path, err);
  }
  sqlite3_finalize (query);
  return code;
}

struct gym_layout *
gym_layout_load (sqlite3 *db, const char *path, int64_t study, gym_error *err)
{
  struct gym_layout *layout = calloc (1, sizeof *layout);
  char *objective = NULL;
  if (!layout)
    return fail_memory (path, err), NULL;
  int code = read_study (layout, db, path, study, &objective, err);
  if (code == GYM_OK)
    code = read_columns (layout, db, path, err);
  if (code == GYM_OK)
    code = read_fidelities (layout, db, path, err);
  if (code == GYM_OK)
    code = parse_objective (layout, path, objective, err);
  free (objective);
  if (code < 0)
    gym_layout_destroy (&layout);
  return layout;
}
