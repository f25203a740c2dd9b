/* csv.h - reading and writing comma-separated values as RFC 4180 has them.
 *
 * Strict: what the RFC does not allow is an error that names file, line and reason
 * instead of a guess. Two habits of the world are allowed: lines that end in LF alone,
 * and a byte-order mark before the header. */
#ifndef CMD_CSV_H
#define CMD_CSV_H

#include <gym/error.h>
#include <stdbool.h>
#include <stddef.h>

/* A whole file in memory: a header line and records of as many fields. One owner. */
struct csv;

/* Reads `path` ("-": standard input). NULL on an error: GYM_ENOTFOUND, GYM_EIO, or
 * GYM_EINVAL for a malformed file, an empty or repeated column name. */
struct csv *csv_read (const char *path, gym_error *err);

/* The same from `n` bytes of text; `name` stands for the file in messages. */
struct csv *csv_parse (const char *text, size_t n, const char *name, gym_error *err);
void csv_destroy (struct csv **csv);

/* Size, column names, and fields; all borrowed from `csv`. */
size_t csv_columns (const struct csv *csv);
size_t csv_rows (const struct csv *csv);
const char *csv_name (const struct csv *csv, size_t column);
const char *csv_cell (const struct csv *csv, size_t row, size_t column);

/* Name of the file, and the line a row begins on: for messages. */
const char *csv_file (const struct csv *csv);
size_t csv_line (const struct csv *csv, size_t row);

/* Index of a column, or -1. */
int csv_find (const struct csv *csv, const char *name);

/* Writes a field, quoted where the RFC asks for it. */
void csv_write (FILE *out, const char *text);

#endif
