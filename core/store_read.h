/* core/store_read.h - the inside of an open store and of its cursors. */
#ifndef CORE_STORE_READ_H
#define CORE_STORE_READ_H

#include "core/store_layout.h"

#include <gym/store.h>

struct gym_store {
  sqlite3 *db;
  char *path;
};

enum cursor_kind {
  CURSOR_INTEGER,
  CURSOR_UNSIGNED, /* 64 bits kept as a signed integer */
  CURSOR_KEY,      /* the same as text: few readers of JSON keep 64 bits */
  CURSOR_REAL,
  CURSOR_TEXT,
  CURSOR_LEVEL,
  CURSOR_STATUS,
  CURSOR_STATE,
  CURSOR_FIDELITY,
  CURSOR_GOAL,
  CURSOR_VIOLATION,
  CURSOR_FIXED /* a text that is the same in every row */
};

struct cursor_column {
  enum cursor_kind kind;
  int at; /* column of the statement, or number of the goal or violation */
  const struct layout_column *level;
  char *name;
  char *unit;
  char text[32];
};

/* Row ids [first, last] of `trials`. */
struct cursor_range {
  int64_t first, last;
};

struct gym_cursor {
  gym_store *store;
  sqlite3_stmt *query;
  struct cursor_column *columns;
  size_t n_columns, room;
  struct gym_layout *layout; /* of trials: owned */
  struct cursor_range *ranges;
  size_t n_ranges, next;
  bool ranged; /* the query takes the two ends of a range */
  bool row;    /* there is a current row */
  bool evaluated;
  double *metrics, *goals, *violations;
  const char *fixed;
};

/* Which columns a cursor over trials has. */
enum cursor_form {
  CURSOR_TRIALS,   /* for scripts: with origin and note */
  CURSOR_BEST,     /* without them */
  CURSOR_EXPORT,   /* everything */
  CURSOR_CANONICAL /* what equal studies have in common */
};

/* A cursor over trials of the layout's study, which it takes over, without ranges. */
gym_cursor *gym_cursor_trials (gym_store *store, struct gym_layout *layout,
                               enum cursor_form form, gym_error *err);

/* Adds the ids between two ends to what the cursor will show. */
int gym_cursor_add_range (gym_cursor *cursor, int64_t first, int64_t last,
                          gym_error *err);

/* Adds all trials of the layout's study, or of one run of it, in order of `order`, an
 * SQL text over the table runs named r. */
int gym_cursor_add_runs (gym_cursor *cursor, int64_t run, const char *order,
                         gym_error *err);

/* Whether the current row has anything in a column. */
bool gym_cursor_is_null (gym_cursor *cursor, uint32_t column);

#endif
