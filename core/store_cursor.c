/* core/store_cursor.c - stepping through rows and decoding their columns. */
#include <config.h>

#include "core/memory.h"
#include "core/store_file.h"
#include "core/store_read.h"
#include "core/store_schema.h"
#include "core/store_seal.h"

#include <math.h>

void
gym_cursor_destroy (gym_cursor **handle)
{
  gym_cursor *cursor = handle ? *handle : NULL;
  if (!cursor)
    return;
  for (size_t i = 0; i < cursor->n_columns; i++) {
    free (cursor->columns[i].name);
    free (cursor->columns[i].unit);
  }
  sqlite3_finalize (cursor->query);
  gym_layout_destroy (&cursor->layout);
  free (cursor->columns);
  free (cursor->ranges);
  free (cursor->metrics);
  free (cursor->goals);
  free (cursor->violations);
  free (cursor);
  *handle = NULL;
}

/* ---- making ---- */

static int
add_column (gym_cursor *cursor, const char *name, const char *unit, enum cursor_kind kind,
            int at)
{
  if (gym_grow (&cursor->columns, cursor->n_columns, &cursor->room,
                sizeof *cursor->columns)
      < 0)
    return GYM_ENOMEM;
  struct cursor_column *column =
      memset (&cursor->columns[cursor->n_columns++], 0, sizeof *column);
  column->kind = kind;
  column->at = at;
  column->name = gym_store_copy (name);
  column->unit = gym_store_copy (unit);
  return column->name && column->unit ? GYM_OK : GYM_ENOMEM;
}

/* The statement behind every cursor over trials: fixed columns, then the env's row. */
enum {
  AT_STUDY,
  AT_RUN,
  AT_LABEL,
  AT_AGENT,
  AT_AGENT_ID,
  AT_SEED,
  AT_NUMBER,
  AT_STATUS,
  AT_FIDELITY,
  AT_ORIGIN,
  AT_GOAL,
  AT_VIOLATION,
  AT_NOTE,
  AT_CACHED,
  AT_ATTEMPTS,
  AT_EVALUATION_SEED,
  AT_TIME,
  AT_HOST,
  AT_TAINTED,
  AT_ID,
  AT_VALUES
};

/* By range of ids: within a run rows then come in order of number without sorting. The
 * run is looked up by its id, one step of a tree, and the joins that may find nothing
 * are LEFT so that a damaged store loses values and not trials. */
static sqlite3_stmt *
prepare_trials (gym_store *store, const struct gym_layout *layout, gym_error *err)
{
  return gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf (
          "SELECT r.study, t.run, r.label, r.agent, r.agent_id, r.seed, t.number,"
          " t.status, t.fidelity, t.origin, t.goal, t.violation, t.note, t.cached,"
          " t.attempts, t.evaluation_seed, t.time / 1000.0, l.host, %s, d.*"
          " FROM trials t CROSS JOIN runs r ON r.id = t.run"
          " LEFT JOIN \"%w\" d ON d.id = t.id - t.number + coalesce (t.origin, t.number)"
          " LEFT JOIN lives l ON l.id = t.life"
          " WHERE t.id BETWEEN ?1 AND ?2 ORDER BY t.id",
          gym_layout_seals (layout) ? gym_seal_tainted (store->db) : "0", layout->table),
      err);
}

/* Bit sets of forms, so that one table says which columns each of them has. */
struct plain_column {
  const char *name, *unit;
  enum cursor_kind kind;
  int at;
  unsigned forms; /* bit set of enum cursor_form */
};

enum {
  PEOPLE = 1u << CURSOR_TRIALS | 1u << CURSOR_BEST | 1u << CURSOR_EXPORT,
  CANON = 1u << CURSOR_CANONICAL,
  EXPORT = 1u << CURSOR_EXPORT,
  TRIALS = 1u << CURSOR_TRIALS | EXPORT
};

/* In canonical form the study is named by what identifies it and the agent by its place
 * and id: labels and row ids may differ between stores of equal studies. */
static const struct plain_column before[] = {
  { .name = "study", .kind = CURSOR_INTEGER, .at = AT_STUDY, .forms = PEOPLE },
  { .name = "study", .kind = CURSOR_FIXED, .at = 0, .forms = CANON },
  { .name = "run", .kind = CURSOR_INTEGER, .at = AT_RUN, .forms = PEOPLE },
  { .name = "agent_index", .kind = CURSOR_INTEGER, .at = AT_AGENT, .forms = CANON },
  { .name = "agent", .kind = CURSOR_TEXT, .at = AT_LABEL, .forms = PEOPLE },
  { .name = "agent", .kind = CURSOR_TEXT, .at = AT_AGENT_ID, .forms = CANON },
  { .name = "seed", .kind = CURSOR_UNSIGNED, .at = AT_SEED, .forms = PEOPLE | CANON },
  { .name = "number", .kind = CURSOR_INTEGER, .at = AT_NUMBER, .forms = PEOPLE | CANON },
  { .name = "status", .kind = CURSOR_STATUS, .at = AT_STATUS, .forms = PEOPLE | CANON },
  { .name = "fidelity",
    .kind = CURSOR_FIDELITY,
    .at = AT_FIDELITY,
    .forms = PEOPLE | CANON },
};

static const struct plain_column after[] = {
  { .name = "origin", .kind = CURSOR_INTEGER, .at = AT_ORIGIN, .forms = TRIALS | CANON },
  { .name = "note", .kind = CURSOR_TEXT, .at = AT_NOTE, .forms = TRIALS },
  { .name = "cached", .kind = CURSOR_INTEGER, .at = AT_CACHED, .forms = EXPORT },
  { .name = "attempts", .kind = CURSOR_INTEGER, .at = AT_ATTEMPTS, .forms = EXPORT },
  { .name = "evaluation_seed",
    .kind = CURSOR_KEY,
    .at = AT_EVALUATION_SEED,
    .forms = EXPORT | CANON },
  { .name = "time", .unit = "s", .kind = CURSOR_REAL, .at = AT_TIME, .forms = EXPORT },
  { .name = "host", .kind = CURSOR_TEXT, .at = AT_HOST, .forms = EXPORT },
};

/* Where nothing is sealed there is nothing to taint, and no column about it. */
static const struct plain_column taint[] = {
  { .name = "tainted", .kind = CURSOR_INTEGER, .at = AT_TAINTED, .forms = PEOPLE },
};

static int
add_plain (gym_cursor *cursor, const struct plain_column *columns, size_t n,
           enum cursor_form form)
{
  int code = GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < n; i++)
    if (columns[i].forms & 1u << form)
      code = add_column (cursor, columns[i].name, columns[i].unit ? columns[i].unit : "",
                         columns[i].kind, columns[i].at);
  return code;
}

/* Columns bear the names of the table, which differ from one another, and not those of
 * parameters and metrics, which need not. */
static int
add_values (gym_cursor *cursor, enum cursor_form form)
{
  const struct gym_layout *layout = cursor->layout;
  int code = GYM_OK;
  for (uint32_t i = 0; code == GYM_OK && i < layout->n_params + layout->n_metrics; i++) {
    const struct layout_column *column = &layout->columns[i];
    if (form == CURSOR_CANONICAL && column->measured)
      continue;
    enum cursor_kind kind = column->kind == LAYOUT_LEVEL     ? CURSOR_LEVEL
                            : column->kind == LAYOUT_INTEGER ? CURSOR_INTEGER
                                                             : CURSOR_REAL;
    code = add_column (cursor, column->column, column->unit, kind, AT_VALUES + (int)i);
    if (code == GYM_OK)
      cursor->columns[cursor->n_columns - 1].level = column;
  }
  return code;
}

/* One of a kind is called "goal", several "goal_1", ... The first goal of one, and the
 * only violation, are kept with the trial; others are worked out from the metrics. */
static int
add_many (gym_cursor *cursor, const char *name, uint32_t n, enum cursor_kind kind,
          int kept)
{
  int code = GYM_OK;
  for (uint32_t i = 0; code == GYM_OK && i < n; i++) {
    char text[32];
    snprintf (text, sizeof text, n == 1 ? "%s" : "%s_%u", name, i + 1);
    const char *unit =
        kind == CURSOR_GOAL ? gym_objective_goal_unit (cursor->layout->objective, i) : "";
    code = add_column (cursor, text, unit ? unit : "", n == 1 ? CURSOR_REAL : kind,
                       n == 1 ? kept : (int)i);
  }
  return code;
}

static int
add_goals (gym_cursor *cursor, enum cursor_form form)
{
  const struct gym_layout *layout = cursor->layout;
  if (form == CURSOR_CANONICAL && layout->measured)
    return GYM_OK;
  uint32_t m = gym_objective_goals (layout->objective);
  uint32_t c = gym_objective_constraints (layout->objective);
  cursor->goals = calloc (m + 1, sizeof *cursor->goals);
  cursor->violations = calloc (c + 1, sizeof *cursor->violations);
  cursor->metrics = calloc (layout->n_metrics + 1, sizeof *cursor->metrics);
  if (!cursor->goals || !cursor->violations || !cursor->metrics)
    return GYM_ENOMEM;
  int code = add_many (cursor, "goal", m, CURSOR_GOAL, AT_GOAL);
  if (code == GYM_OK)
    code = add_many (cursor, "violation", c, CURSOR_VIOLATION, AT_VIOLATION);
  return code;
}

gym_cursor *
gym_cursor_trials (gym_store *store, struct gym_layout *layout, enum cursor_form form,
                   gym_error *err)
{
  gym_cursor *cursor = calloc (1, sizeof *cursor);
  if (!cursor) {
    gym_layout_destroy (&layout);
    return gym_fail (err, GYM_ENOMEM, "out of memory"), NULL;
  }
  cursor->store = store;
  cursor->layout = layout;
  cursor->ranged = true;
  cursor->query = prepare_trials (store, layout, err);
  if (!cursor->query) {
    gym_cursor_destroy (&cursor);
    return NULL;
  }
  int code = add_plain (cursor, before, sizeof before / sizeof before[0], form);
  if (code == GYM_OK)
    code = add_values (cursor, form);
  if (code == GYM_OK)
    code = add_goals (cursor, form);
  if (code == GYM_OK)
    code = add_plain (cursor, after, sizeof after / sizeof after[0], form);
  if (code == GYM_OK && gym_layout_seals (layout))
    code = add_plain (cursor, taint, 1, form);
  if (code < 0) {
    gym_fail (err, code, "out of memory");
    gym_cursor_destroy (&cursor);
  }
  return cursor;
}

int
gym_cursor_add_range (gym_cursor *cursor, int64_t first, int64_t last, gym_error *err)
{
  size_t n = cursor->n_ranges;
  /* Room for a power of two, grown when that is reached. */
  if ((n & (n - 1)) == 0
      && gym_resize (&cursor->ranges, n ? 2 * n : 1, sizeof *cursor->ranges) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  cursor->ranges[cursor->n_ranges++] =
      (struct cursor_range){ .first = first, .last = last };
  return GYM_OK;
}

int
gym_cursor_add_runs (gym_cursor *cursor, int64_t run, const char *order, gym_error *err)
{
  gym_store *store = cursor->store;
  sqlite3_stmt *query = gym_store_prepare_free (
      store->db, store->path,
      sqlite3_mprintf ("SELECT id FROM runs r WHERE study = %lld AND %lld IN (0, id)"
                       " ORDER BY %s",
                       cursor->layout->study, run, order),
      err);
  if (!query)
    return gym_store_code (store->db);
  int code;
  while ((code = gym_store_step (query, store->path, err)) == 1) {
    int64_t first = sqlite3_column_int64 (query, 0) << GYM_STORE_NUMBER_BITS;
    code = gym_cursor_add_range (cursor, first, first + UINT32_MAX, err);
    if (code < 0)
      break;
  }
  sqlite3_finalize (query);
  if (code == 0 && run != 0 && cursor->n_ranges == 0)
    return gym_fail (err, GYM_ENOTFOUND, "store \"%s\": study %lld has no run %lld",
                     store->path, (long long)cursor->layout->study, (long long)run);
  return code;
}

/* ---- stepping ---- */

/* One range after the other through the same statement. Between two of them no read
 * transaction is open, so a long walk does not keep a writer's log from being folded. */
int
gym_cursor_next (gym_cursor *cursor, gym_error *err)
{
  cursor->evaluated = false;
  for (;;) {
    if (!cursor->row && cursor->ranged) {
      if (cursor->next == cursor->n_ranges)
        return 0;
      const struct cursor_range *range = &cursor->ranges[cursor->next++];
      sqlite3_bind_int64 (cursor->query, 1, range->first);
      sqlite3_bind_int64 (cursor->query, 2, range->last);
    }
    int code = gym_store_step (cursor->query, cursor->store->path, err);
    cursor->row = code == 1;
    if (code == 1)
      return 1;
    sqlite3_reset (cursor->query);
    if (code < 0)
      cursor->next = cursor->n_ranges; /* a cursor that failed is at its end */
    if (code < 0 || !cursor->ranged)
      return code;
  }
}

/* ---- the current row ---- */

static const struct cursor_column *
column_at (const gym_cursor *cursor, uint32_t column)
{
  return column < cursor->n_columns ? &cursor->columns[column] : NULL;
}

uint32_t
gym_cursor_columns (const gym_cursor *cursor)
{
  return (uint32_t)cursor->n_columns;
}

const char *
gym_cursor_name (const gym_cursor *cursor, uint32_t column)
{
  const struct cursor_column *c = column_at (cursor, column);
  return c ? c->name : "";
}

const char *
gym_cursor_unit (const gym_cursor *cursor, uint32_t column)
{
  const struct cursor_column *c = column_at (cursor, column);
  return c ? c->unit : "";
}

bool
gym_cursor_is_number (const gym_cursor *cursor, uint32_t column)
{
  const struct cursor_column *c = column_at (cursor, column);
  if (!c)
    return false;
  switch (c->kind) {
  case CURSOR_INTEGER:
  case CURSOR_UNSIGNED:
  case CURSOR_REAL:
  case CURSOR_GOAL:
  case CURSOR_VIOLATION:
    return true;
  default:
    return false;
  }
}

/* Goals and violations of the current row; NaN where they cannot be known. Only done for
 * rows and columns that somebody looks at: most readers of many trials want metrics. */
static void
evaluate (gym_cursor *cursor)
{
  const struct gym_layout *layout = cursor->layout;
  uint32_t m = gym_objective_goals (layout->objective);
  uint32_t c = gym_objective_constraints (layout->objective);
  cursor->evaluated = true;
  for (uint32_t i = 0; i < layout->n_metrics; i++) {
    int at = AT_VALUES + (int)(layout->n_params + i);
    cursor->metrics[i] = sqlite3_column_type (cursor->query, at) == SQLITE_NULL
                             ? NAN
                             : sqlite3_column_double (cursor->query, at);
  }
  bool known = sqlite3_column_int (cursor->query, AT_STATUS) == GYM_TRIAL_OK
               && gym_objective_evaluate (layout->objective, cursor->metrics,
                                          cursor->goals, cursor->violations, NULL)
                      == GYM_OK;
  for (uint32_t i = 0; i < m; i++)
    cursor->goals[i] =
        known ? gym_objective_report (layout->objective, i, cursor->goals[i]) : NAN;
  for (uint32_t i = 0; i < c && !known; i++)
    cursor->violations[i] = NAN;
}

double
gym_cursor_number (gym_cursor *cursor, uint32_t column)
{
  const struct cursor_column *c = column_at (cursor, column);
  if (!c || !cursor->row)
    return NAN;
  if (c->kind == CURSOR_GOAL || c->kind == CURSOR_VIOLATION) {
    if (!cursor->evaluated)
      evaluate (cursor);
    return c->kind == CURSOR_GOAL ? cursor->goals[c->at] : cursor->violations[c->at];
  }
  if (!gym_cursor_is_number (cursor, column)
      || sqlite3_column_type (cursor->query, c->at) == SQLITE_NULL)
    return NAN;
  if (c->kind == CURSOR_UNSIGNED)
    return (double)(uint64_t)sqlite3_column_int64 (cursor->query, c->at);
  return sqlite3_column_double (cursor->query, c->at);
}

bool
gym_cursor_is_null (gym_cursor *cursor, uint32_t column)
{
  const struct cursor_column *c = column_at (cursor, column);
  if (!c || !cursor->row)
    return true;
  if (c->kind == CURSOR_FIXED)
    return false;
  if (c->kind == CURSOR_GOAL || c->kind == CURSOR_VIOLATION)
    return isnan (gym_cursor_number (cursor, column));
  return sqlite3_column_type (cursor->query, c->at) == SQLITE_NULL;
}

/* The text of a row lives in its column until the next row. Numbers are never taken from
 * sqlite3_column_text: its 15 digits do not read back to the same double.
 *
 * Values of an enumeration by name; one that a newer library wrote by its number. */
static const char *
named (struct cursor_column *c, int64_t value, const char *name)
{
  if (name)
    return name;
  snprintf (c->text, sizeof c->text, "%lld", (long long)value);
  return c->text;
}

static const char *
enumerated (const gym_cursor *cursor, struct cursor_column *c)
{
  int64_t value = sqlite3_column_int64 (cursor->query, c->at);
  const struct gym_layout *layout = cursor->layout;
  switch (c->kind) {
  case CURSOR_LEVEL:
    return named (c, value, gym_layout_level (c->level, value));
  case CURSOR_STATUS:
    return named (c, value,
                  value >= 0 && value <= GYM_TRIAL_OOM ? gym_status_name ((uint32_t)value)
                                                       : NULL);
  case CURSOR_STATE:
    return named (c, value,
                  value >= 0 && value <= GYM_RUN_STALLED
                      ? gym_run_state_name ((enum gym_run_state)value)
                      : NULL);
  default: /* CURSOR_FIDELITY */
    return named (c, value,
                  value >= 0 && (uint64_t)value < layout->n_fidelities
                      ? layout->fidelities[value]
                      : NULL);
  }
}

const char *
gym_cursor_text (gym_cursor *cursor, uint32_t column)
{
  struct cursor_column *c = (struct cursor_column *)column_at (cursor, column);
  if (gym_cursor_is_null (cursor, column))
    return NULL;
  switch (c->kind) {
  case CURSOR_FIXED:
    return cursor->fixed;
  case CURSOR_TEXT:
    return (const char *)sqlite3_column_text (cursor->query, c->at);
  case CURSOR_INTEGER:
    snprintf (c->text, sizeof c->text, "%lld",
              (long long)sqlite3_column_int64 (cursor->query, c->at));
    return c->text;
  case CURSOR_UNSIGNED:
  case CURSOR_KEY:
    snprintf (c->text, sizeof c->text, "%llu",
              (unsigned long long)sqlite3_column_int64 (cursor->query, c->at));
    return c->text;
  case CURSOR_REAL:
  case CURSOR_GOAL:
  case CURSOR_VIOLATION:
    gym_number_format (gym_cursor_number (cursor, column), c->text, sizeof c->text);
    return c->text;
  default:
    return enumerated (cursor, c);
  }
}
