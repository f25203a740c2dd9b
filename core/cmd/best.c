/* gym best: the best trials of a store.
 *
 * The order is the store's own (gym_store_best), which is that of the study's objective:
 * nothing is compared here, so that this table, the one at the end of a search and a
 * script's cannot disagree. */
#include "core/cmd/common.h"

#include <stdlib.h>
#include <string.h>

enum { STUDY = CLI_LONG, FORMAT, PAGE = 100, DEFAULT_COUNT = 10 };
enum { TEXT, CSV, JSON };

/* The cursor's rows, kept for a table that stands on its side. */
struct sheet {
  char **cells; /* row by row */
  size_t rows, columns, room;
};

static void
clear (struct sheet *sheet)
{
  for (size_t i = 0; i < sheet->rows * sheet->columns; i++)
    free (sheet->cells[i]);
  free (sheet->cells);
  *sheet = (struct sheet){ 0 };
}

static int
keep_row (struct sheet *sheet, gym_cursor *cursor, gym_error *err)
{
  if (sheet->rows == sheet->room) {
    size_t room = sheet->room ? sheet->room * 2 : 16;
    char **cells =
        realloc (sheet->cells, room * (sheet->columns + 1) * sizeof *sheet->cells);
    if (!cells)
      return gym_fail (err, GYM_ENOMEM, "out of memory for the rows");
    sheet->cells = cells;
    sheet->room = room;
  }
  char **row = sheet->cells + sheet->rows++ * sheet->columns;
  memset (row, 0, sheet->columns * sizeof *row);
  for (size_t i = 0; i < sheet->columns; i++) {
    /* Whole numbers (seeds, counts, levels) stay as they are. */
    char digits[CMD_NUMBER];
    const char *text = gym_cursor_text (cursor, (uint32_t)i);
    if (text && strchr (text, '.') && gym_cursor_is_number (cursor, (uint32_t)i))
      text = cmd_short_number (gym_cursor_number (cursor, (uint32_t)i), digits);
    row[i] = strdup (text ? text : "");
    if (!row[i])
      return gym_fail (err, GYM_ENOMEM, "out of memory for the rows");
  }
  return GYM_OK;
}

static int
width_of (const char *text, int least)
{
  int length = (int)strlen (text);
  return length > least ? length : least;
}

/* Rows [first, last) as columns: with a dozen parameters a trial does not fit on a
 * line. */
static void
print_page (const struct sheet *sheet, const gym_cursor *cursor, size_t first,
            size_t last, int name, int unit, const int *widths)
{
  for (size_t i = 0; i < sheet->columns; i++) {
    printf ("%-*s  %-*s", name, gym_cursor_name (cursor, (uint32_t)i), unit,
            gym_cursor_unit (cursor, (uint32_t)i));
    for (size_t r = first; r < last; r++)
      printf ("  %*s", widths[r], sheet->cells[r * sheet->columns + i]);
    putchar ('\n');
  }
}

static int
print_text (const struct sheet *sheet, const gym_cursor *cursor, gym_error *err)
{
  int name = 0, unit = 0, *widths = calloc (sheet->rows + 1, sizeof *widths);
  if (!widths)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the table");
  for (size_t i = 0; i < sheet->columns; i++) {
    name = width_of (gym_cursor_name (cursor, (uint32_t)i), name);
    unit = width_of (gym_cursor_unit (cursor, (uint32_t)i), unit);
    for (size_t r = 0; r < sheet->rows; r++)
      widths[r] = width_of (sheet->cells[r * sheet->columns + i], widths[r]);
  }
  for (size_t first = 0, last; first < sheet->rows; first = last) {
    int used = name + 2 + unit;
    for (last = first; last < sheet->rows; last++) {
      used += 2 + widths[last];
      if (used > PAGE && last > first)
        break;
    }
    if (first > 0)
      putchar ('\n');
    print_page (sheet, cursor, first, last, name, unit, widths);
  }
  free (widths);
  return GYM_OK;
}

/* All rows are read before the first is printed: the widths depend on all. */
static int
print_sheet (gym_cursor *cursor, gym_error *err)
{
  struct sheet sheet = { .columns = gym_cursor_columns (cursor) };
  int code;
  while ((code = gym_cursor_next (cursor, err)) == 1
         && (code = keep_row (&sheet, cursor, err)) == GYM_OK)
    continue;
  if (code >= 0)
    code = print_text (&sheet, cursor, err);
  if (code >= 0 && sheet.rows == 0)
    cmd_note ("no trial to show");
  clear (&sheet);
  return code;
}

static int
print_rows (gym_cursor *cursor, enum cmd_format format, gym_error *err)
{
  struct cmd_rows out = { .file = stdout, .format = format };
  uint32_t n = gym_cursor_columns (cursor);
  const char **names = malloc ((n + 1) * sizeof *names);
  int code;
  if (!names)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the columns");
  for (uint32_t i = 0; i < n; i++)
    names[i] = gym_cursor_name (cursor, i);
  cmd_rows_begin (&out, names, n);
  while ((code = gym_cursor_next (cursor, err)) == 1) {
    for (uint32_t i = 0; i < n; i++)
      cmd_rows_field (&out, names[i], gym_cursor_text (cursor, i),
                      gym_cursor_is_number (cursor, i));
    cmd_rows_next (&out);
  }
  cmd_rows_end (&out);
  free (names);
  return code;
}

static int
run (const struct cli *cli, gym_error *err)
{
  static const char *const formats[] = { "text", "csv", "json", NULL };
  uint64_t limit = DEFAULT_COUNT, study = 0;
  int format = TEXT, code;
  if ((code = cli_integer (cli, 'n', 1, UINT32_MAX, &limit, err)) < 0
      || (code = cli_integer (cli, STUDY, 1, INT64_MAX, &study, err)) < 0
      || (code = cli_choice (cli, FORMAT, formats, &format, err)) < 0)
    return code;
  gym_store *store = gym_store_open (cli_plain (cli, 0), err);
  if (!store)
    return err->code;
  gym_cursor *cursor = gym_store_best (store, (int64_t)study, (uint32_t)limit, err);
  if (!cursor)
    code = err->code;
  else if (format == TEXT)
    code = print_sheet (cursor, err);
  else
    code = print_rows (cursor, format == CSV ? CMD_CSV : CMD_JSON, err);
  gym_cursor_destroy (&cursor);
  gym_store_destroy (&store);
  return code < 0 ? code : CLI_OK;
}

static const struct cli_option options[] = {
  { .key = 'n', .name = "count", .argument = "N", .doc = "At most N trials (10)." },
  { .key = STUDY,
    .name = "study",
    .argument = "ID",
    .doc = "The study, by the number it has in the store (the newest)." },
  { .key = FORMAT,
    .name = "format",
    .argument = "text|csv|json",
    .doc = "A table with a column a trial (the default), CSV, or a JSON array." },
  { 0 }
};

const struct cli_command cmd_best = {
  .name = "best",
  .arguments = "FILE [-n N] [--study ID] [--format text|csv|json]",
  .summary = "Show the best trials of a store",
  .doc = "Prints the best distinct designs of a study in the order of its objective, "
         "best first, with all their metrics; with several goals the ones that no other "
         "dominates.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
