/* csv.c - layer tables of SCALE-Sim and MAESTRO: see workload.h. */
#include <stdio.h>
#include <string.h>

#include "sims/accel/reader.h"

enum { CELLS_MAX = 12 };

/* A row's cells; a last comma without anything behind it adds none. */
struct row {
  struct accel_word cell[CELLS_MAX];
  size_t count;
};

/* False for a row of more cells than any form has. */
static bool
split_row (struct accel_word line, struct row *row)
{
  row->count = 0;
  while (row->count < CELLS_MAX && accel_next_word (&line, ',', &row->cell[row->count]))
    row->count++;
  return line.length == 0;
}

/* Headers are written with and without spaces and details behind the first word. */
static bool
has_prefix (struct accel_word word, const char *prefix)
{
  size_t n = strlen (prefix);
  word.length = word.length < n ? word.length : n;
  return accel_word_like (word, prefix);
}

/* The columns behind the first are the best witness: layers may have any name. */
enum accel_form
accel_csv_form (struct accel_word line)
{
  static const char *const mnk[] = { "M", "N", "K" };
  struct row row;
  uint32_t number;
  bool gemm;
  split_row (line, &row);
  gemm = row.count >= 4;
  for (size_t i = 0; i < 3 && gemm; i++)
    gemm = accel_word_like (row.cell[i + 1], mnk[i]);
  if (gemm)
    return ACCEL_FORM_MNK;
  if (row.count == 7
      && (accel_word_like (row.cell[0], "K")
          || accel_word_number (row.cell[0], 0, &number)))
    return ACCEL_FORM_MAESTRO;
  if (row.count >= 8 && has_prefix (row.cell[1], "ifmap"))
    return ACCEL_FORM_SCALE_SIM;
  return ACCEL_FORM_GUESS;
}

/* The numbers of cells `from` to `from + count`. */
static int
take_numbers (struct accel_reader *r, const struct row *row, size_t from, size_t count,
              uint32_t *number)
{
  for (size_t i = 0; i < count; i++) {
    struct accel_word cell = row->cell[from + i];
    if (!accel_word_number (cell, false, &number[i]))
      return accel_reader_fail (r,
                                "column %zu is \"%.*s\"; a number of 1 to 2147483647 was "
                                "expected",
                                from + i + 1, (int)(cell.length < 40 ? cell.length : 40),
                                cell.at);
  }
  return ACCEL_OK;
}

/* Sparse layers are another model's business. */
static int
check_sparsity (struct accel_reader *r, const struct row *row, size_t at)
{
  if (row->count <= at || row->cell[at].length == 0
      || accel_word_is (row->cell[at], "1:1"))
    return ACCEL_OK;
  return accel_reader_fail (r, "sparsity \"%.*s\"; dense layers (1:1) were expected",
                            (int)(row->cell[at].length < 40 ? row->cell[at].length : 40),
                            row->cell[at].at);
}

/* Rows of `least` to `most` cells behind the header, each handed to `take`. */
static int
each_row (struct accel_reader *r, size_t least, size_t most, bool header,
          int (*take) (struct accel_reader *r, const struct row *row))
{
  struct accel_word line;
  struct row row;
  while (accel_next_line (r, &line)) {
    bool whole = split_row (line, &row);
    int status;
    if (line.length == 0)
      continue;
    if (header) {
      header = false;
      continue;
    }
    if (!whole || row.count < least || row.count > most)
      return accel_reader_fail (r, "%s%zu columns; %zu to %zu were expected",
                                whole ? "" : "more than ", row.count, least, most);
    status = take (r, &row);
    if (status != ACCEL_OK)
      return status;
  }
  return ACCEL_OK;
}

static bool
contains (struct accel_word word, const char *text)
{
  return memmem (word.at, word.length, text, strlen (text)) != NULL;
}

/* Name, input height and width, filter height and width, channels, filters, stride. */
static int
take_topology (struct accel_reader *r, const struct row *row)
{
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  uint32_t n[7];
  bool depthwise = contains (row->cell[0], "DP");
  if (take_numbers (r, row, 1, 7, n) != ACCEL_OK
      || check_sparsity (r, row, 8) != ACCEL_OK)
    return ACCEL_INVALID;
  accel_word_copy (row->cell[0], l.name);
  l.size[ACCEL_S] = n[2];
  l.size[ACCEL_R] = n[3];
  l.size[ACCEL_Q] = accel_output_extent (n[0], 0, n[2], n[6], 1);
  l.size[ACCEL_P] = accel_output_extent (n[1], 0, n[3], n[6], 1);
  l.size[depthwise ? ACCEL_G : ACCEL_C] = n[4];
  l.size[ACCEL_K] = n[5];
  l.stride_w = l.stride_h = n[6];
  if (l.size[ACCEL_P] == 0 || l.size[ACCEL_Q] == 0)
    return accel_reader_fail (r, "a filter of %u x %u does not fit in %u x %u", n[2],
                              n[3], n[0], n[1]);
  return accel_reader_append (r, &l);
}

/* [M x K] times [K x N]. */
static int
take_gemm (struct accel_reader *r, const struct row *row)
{
  uint32_t n[3];
  struct accel_layer l;
  if (take_numbers (r, row, 1, 3, n) != ACCEL_OK
      || check_sparsity (r, row, 4) != ACCEL_OK)
    return ACCEL_INVALID;
  l = accel_layer_gemm (n[0], n[1], n[2]);
  accel_word_copy (row->cell[0], l.name);
  return accel_reader_append (r, &l);
}

/* K, C, Y, X, R, S, T. The rows have no names; their line numbers tell them apart. */
static int
take_maestro (struct accel_reader *r, const struct row *row)
{
  static const char *const heads[] = { "K", "C", "Y", "X", "R", "S", "T" };
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  uint32_t n[7];
  if (r->workload->count == 0 && accel_word_like (row->cell[0], heads[0])) {
    for (size_t i = 0; i < 7; i++) {
      if (!accel_word_like (row->cell[i], heads[i]))
        return accel_reader_fail (r, "the header K,C,Y,X,R,S,T was expected");
    }
    return ACCEL_OK;
  }
  if (take_numbers (r, row, 0, 7, n) != ACCEL_OK)
    return ACCEL_INVALID;
  if (n[6] > 2)
    return accel_reader_fail (r, "type %u; 1 (convolution) or 2 (depthwise) was expected",
                              n[6]);
  l.size[ACCEL_K] = n[0];
  l.size[n[6] == 2 ? ACCEL_G : ACCEL_C] = n[1];
  l.size[ACCEL_S] = n[4];
  l.size[ACCEL_R] = n[5];
  l.size[ACCEL_Q] = accel_output_extent (n[2], 0, n[4], 1, 1);
  l.size[ACCEL_P] = accel_output_extent (n[3], 0, n[5], 1, 1);
  if (l.size[ACCEL_P] == 0 || l.size[ACCEL_Q] == 0)
    return accel_reader_fail (r, "a filter of %u x %u does not fit in %u x %u", n[4],
                              n[5], n[2], n[3]);
  snprintf (l.name, sizeof l.name, "line %zu", r->line);
  return accel_reader_append (r, &l);
}

int
accel_read_scale_sim (struct accel_reader *r)
{
  return each_row (r, 8, 9, true, take_topology);
}

int
accel_read_mnk (struct accel_reader *r)
{
  return each_row (r, 4, 5, true, take_gemm);
}

int
accel_read_maestro (struct accel_reader *r)
{
  return each_row (r, 7, 7, false, take_maestro);
}
