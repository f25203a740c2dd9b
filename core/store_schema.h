/* core/store_schema.h - the tables of a store.
 *
 * The fixed ones are made once. Each env version has a table of its own with a column
 * per parameter and per metric, a second one for designs as asked, and a view that joins
 * everything for people. */
#ifndef CORE_STORE_SCHEMA_H
#define CORE_STORE_SCHEMA_H

#include "core/store.h"

#include <sqlite3.h>

/* A trial's row id is run << 32 | number: rows of a run lie together in order of number,
 * and no index is needed to find them. */
enum { GYM_STORE_NUMBER_BITS = 32 };

/* Makes the fixed tables in an empty database, inside the caller's transaction. */
int gym_schema_create (sqlite3 *db, const char *path, gym_error *err);

/* Finds the table for this env id, space and metrics, or makes it with its view, inside
 * the caller's transaction. *name is the caller's (free); NULL on error. */
int gym_schema_table (sqlite3 *db, const char *path, const struct gym_study_row *row,
                      char **name, gym_error *err);

/* Names of the columns, parameters then metrics: the parameter's or metric's own name
 * unless another column has it (SQL ignores case) or the view needs it; then name_2, ...,
 * and own_goal for goal. Freed by the function below it. */
char **gym_schema_columns (const struct gym_study_row *row, gym_error *err);
void gym_schema_columns_free (char **columns, size_t n);

/* Item i of an array that may come from a plugin with longer structs. */
const struct gym_metric *gym_schema_metric (const struct gym_metrics *metrics,
                                            uint32_t i);

#endif
