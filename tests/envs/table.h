/* tests/envs/table.h - comma-separated tables of the reference data: one header line,
 * no quotes. */
#ifndef TESTS_ENVS_TABLE_H
#define TESTS_ENVS_TABLE_H

#include <stddef.h>

/* Zero it before reading. Line 0 is the header; rows are counted without it. */
struct table {
  size_t columns, rows, lines;
  char **line;  /* the memory of the cells */
  char **cells; /* `columns` per line */
};

/* Reads the file: 0, or -1 when it cannot be read or a line is longer or shorter than the
 * header. Free the table in either case. */
int table_read (struct table *table, const char *path);
void table_free (struct table *table);

/* Index of a column or -1; the cell of a row there, and its number. */
int table_find (const struct table *table, const char *column);
const char *table_cell (const struct table *table, size_t row, int column);
double table_number (const struct table *table, size_t row, int column);

#endif
