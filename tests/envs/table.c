#include "tests/envs/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cuts `text`, which becomes the table's, into cells. */
static int
add_line (struct table *table, char *text)
{
  size_t n = 1, used = table->lines * table->columns;
  void *lines = realloc (table->line, (table->lines + 1) * sizeof *table->line);
  if (!lines)
    return -1;
  table->line = lines;
  table->line[table->lines++] = text;
  for (const char *p = text; *p; p++)
    n += *p == ',';
  if (table->lines == 1)
    table->columns = n;
  void *cells = realloc (table->cells, (used + n) * sizeof *table->cells);
  if (!cells || n != table->columns)
    return -1;
  table->cells = cells;
  for (char *cell; (cell = strsep (&text, ",")) != NULL;)
    table->cells[used++] = cell;
  return 0;
}

int
table_read (struct table *table, const char *path)
{
  FILE *file = fopen (path, "r");
  char *text = NULL;
  size_t room = 0;
  int rc = file ? 0 : -1;
  while (rc == 0 && getline (&text, &room, file) >= 0) {
    text[strcspn (text, "\r\n")] = '\0';
    rc = add_line (table, text);
    text = NULL;
    room = 0;
  }
  free (text);
  if (file)
    fclose (file);
  table->rows = table->lines > 0 ? table->lines - 1 : 0;
  return table->rows > 0 ? rc : -1;
}

void
table_free (struct table *table)
{
  for (size_t i = 0; i < table->lines; i++)
    free (table->line[i]);
  free (table->line);
  free (table->cells);
  *table = (struct table){ 0 };
}

int
table_find (const struct table *table, const char *column)
{
  for (size_t i = 0; i < table->columns; i++)
    if (strcmp (table->cells[i], column) == 0)
      return (int)i;
  return -1;
}

const char *
table_cell (const struct table *table, size_t row, int column)
{
  return table->cells[(row + 1) * table->columns + (size_t)column];
}

double
table_number (const struct table *table, size_t row, int column)
{
  return strtod (table_cell (table, row, column), NULL);
}
