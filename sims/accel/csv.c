/* csv.c - layer tables of SCALE-Sim and MAESTRO: see workload.h. */
#include "sims/accel/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS_MAX = 10 };

/* The cells of one line. */
struct cells {
  struct accel_word cell[COLUMNS_MAX];
  unsigned count;
};

/* A row being read: its numbers, by column. */
struct row {
  struct accel_word name;
  uint64_t value[COLUMNS_MAX];
};

struct form {
  const char *columns[COLUMNS_MAX + 1]; /* as they are written, NULL behind the last */
  unsigned required;                    /* those behind may be absent */
  bool named;                           /* the first column is no number */
  int (*set) (struct accel_reader *, const struct row *, struct accel_layer *);
};

/* ---- What rows mean ---------------------------------------------------------------- */

static int
fail_fit (struct accel_reader *r, const char *what, uint64_t input, uint64_t filter)
{
  return accel_reader_fail (
      r, "found an input %s of %" PRIu64 ", expected at least the filter's %" PRIu64,
      what, input, filter);
}

/* Positions along one axis, rounded up; *pad is what that adds to the input. */
static bool
round_up (uint64_t input, uint64_t filter, uint64_t stride, uint32_t *positions,
          uint32_t *pad)
{
  uint64_t steps;
  if (input < filter)
    return false;
  steps = (input - filter + stride - 1) / stride;
  if (steps >= UINT32_MAX)
    return false;
  *positions = (uint32_t)(steps + 1);
  *pad = (uint32_t)(steps * stride + filter - input);
  return true;
}

/* v: height and width of input and filter, channels, filters, then strides. */
static int
set_scale (struct accel_reader *r, const uint64_t *v, uint64_t stride_h,
           uint64_t stride_w, struct accel_layer *layer)
{
  if (!round_up (v[0], v[2], stride_h, &layer->size[ACCEL_Q], &layer->pad_bottom))
    return fail_fit (r, "height", v[0], v[2]);
  if (!round_up (v[1], v[3], stride_w, &layer->size[ACCEL_P], &layer->pad_right))
    return fail_fit (r, "width", v[1], v[3]);
  layer->size[ACCEL_S] = (uint32_t)v[2];
  layer->size[ACCEL_R] = (uint32_t)v[3];
  layer->size[ACCEL_C] = (uint32_t)v[4];
  layer->size[ACCEL_K] = (uint32_t)v[5];
  layer->stride_h = (uint32_t)stride_h;
  layer->stride_w = (uint32_t)stride_w;
  if (strstr (layer->name, "DP") != NULL) {
    layer->size[ACCEL_G] = layer->size[ACCEL_C];
    layer->size[ACCEL_C] = 1;
  }
  return ACCEL_OK;
}

static int
set_scale_square (struct accel_reader *r, const struct row *row,
                  struct accel_layer *layer)
{
  return set_scale (r, row->value + 1, row->value[7], row->value[7], layer);
}

static int
set_scale_batch (struct accel_reader *r, const struct row *row, struct accel_layer *layer)
{
  layer->size[ACCEL_N] = (uint32_t)row->value[8];
  return set_scale_square (r, row, layer);
}

static int
set_scale_strides (struct accel_reader *r, const struct row *row,
                   struct accel_layer *layer)
{
  return set_scale (r, row->value + 1, row->value[7], row->value[8], layer);
}

/* Keeps the name that a row has got already. */
static void
set_product (struct accel_layer *layer, uint64_t m, uint64_t n, uint64_t k)
{
  struct accel_layer product = accel_layer_gemm ((uint32_t)m, (uint32_t)n, (uint32_t)k);
  memcpy (product.name, layer->name, sizeof product.name);
  *layer = product;
}

static int
set_mnk (struct accel_reader *r, const struct row *row, struct accel_layer *layer)
{
  (void)r;
  set_product (layer, row->value[1], row->value[2], row->value[3]);
  return ACCEL_OK;
}

/* Columns from `first` to S say nothing about such a layer. */
static int
check_unused (struct accel_reader *r, const struct row *row, unsigned first)
{
  for (unsigned i = first; i < 6; i++) {
    if (row->value[i] != 1)
      return accel_reader_fail (
          r, "column %u: found %" PRIu64 ", expected 1 with T = %" PRIu64, i + 1,
          row->value[i], row->value[6]);
  }
  return ACCEL_OK;
}

static int
set_maestro_product (struct accel_reader *r, const struct row *row,
                     struct accel_layer *layer)
{
  const uint64_t *v = row->value;
  if (v[6] != 3)
    return accel_reader_fail (r, "T: found %" PRIu64 ", expected 3 under M,N,K", v[6]);
  set_product (layer, v[0], v[1], v[2]);
  return check_unused (r, row, 3);
}

static int
set_maestro_full (struct accel_reader *r, const struct row *row,
                  struct accel_layer *layer)
{
  const uint64_t *v = row->value;
  if (v[6] != 0)
    return accel_reader_fail (r, "T: found %" PRIu64 ", expected 0 under O,I", v[6]);
  set_product (layer, 1, v[0], v[1]);
  return check_unused (r, row, 2);
}

/* T tells the kind, whatever the header calls the columns. */
static int
set_maestro (struct accel_reader *r, const struct row *row, struct accel_layer *layer)
{
  const uint64_t *v = row->value;
  bool depthwise = v[6] == 2;
  if (v[6] == 0)
    return set_maestro_full (r, row, layer);
  if (v[6] == 3)
    return set_maestro_product (r, row, layer);
  if (v[2] < v[4])
    return fail_fit (r, "height", v[2], v[4]);
  if (v[3] < v[5])
    return fail_fit (r, "width", v[3], v[5]);
  layer->size[ACCEL_K] = (uint32_t)v[0];
  layer->size[depthwise ? ACCEL_G : ACCEL_C] = (uint32_t)v[1];
  layer->size[ACCEL_Q] = (uint32_t)(v[2] - v[4] + 1);
  layer->size[ACCEL_P] = (uint32_t)(v[3] - v[5] + 1);
  layer->size[ACCEL_S] = (uint32_t)v[4];
  layer->size[ACCEL_R] = (uint32_t)v[5];
  return ACCEL_OK;
}

#define SCALE                                                                            \
  "Layer name", "IFMAP Height", "IFMAP Width", "Filter Height", "Filter Width",          \
      "Channels", "Num Filter"

enum { SQUARE, BATCHED, STRIDES, PRODUCTS, MAESTRO, FORMS = MAESTRO + 3 };

static const struct form forms[FORMS] = {
  [SQUARE] = { .columns = { SCALE, "Strides", "Sparsity" },
               .required = 8,
               .named = true,
               .set = set_scale_square },
  [BATCHED] = { .columns = { SCALE, "Strides", "Batch Size" },
                .required = 8,
                .named = true,
                .set = set_scale_batch },
  [STRIDES] = { .columns = { SCALE, "Stride Height", "Stride Width", "Sparsity" },
                .required = 9,
                .named = true,
                .set = set_scale_strides },
  [PRODUCTS] = { .columns = { "Layer", "M", "N", "K", "Sparsity" },
                 .required = 4,
                 .named = true,
                 .set = set_mnk },
  [MAESTRO] = { .columns = { "K", "C", "Y", "X", "R", "S", "T" },
                .required = 7,
                .set = set_maestro },
  { .columns = { "M", "N", "K", "0", "0", "0", "T" },
    .required = 7,
    .set = set_maestro_product },
  { .columns = { "O", "I", "0", "0", "0", "0", "T" },
    .required = 7,
    .set = set_maestro_full },
};

/* ---- Lines ------------------------------------------------------------------------- */

/* Empty cells at the end are dropped: most of these files end their lines with commas. */
static int
split (struct accel_reader *r, struct accel_word line, struct cells *cells)
{
  struct accel_word cell;
  cells->count = 0;
  for (unsigned i = 0; accel_next_word (&line, ',', &cell); i++) {
    if (cell.length == 0)
      continue;
    if (i >= COLUMNS_MAX)
      return accel_reader_fail (r,
                                "found a cell in column %u, expected at most %d columns",
                                i + 1, COLUMNS_MAX);
    while (cells->count < i)
      cells->cell[cells->count++] = (struct accel_word){ .at = cell.at };
    cells->cell[cells->count++] = cell;
  }
  return ACCEL_OK;
}

/* Letters and digits alone count, in either case: these files have tabs, byte order marks
 * and no-break spaces in their headers. */
static bool
reads_as (struct accel_word cell, const char *wanted)
{
  for (size_t i = 0; i < cell.length; i++) {
    char c = cell.at[i];
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    while (*wanted == ' ')
      wanted++;
    if (!letter && !(c >= '0' && c <= '9'))
      continue;
    if (*wanted == '\0' || (letter ? (c | 0x20) != (*wanted | 0x20) : c != *wanted))
      return false;
    wanted++;
  }
  return *wanted == '\0';
}

/* Other words that these programs' own files have for a column. */
static bool
names_column (struct accel_word cell, const char *column)
{
  static const struct {
    const char *column, *other;
  } others[] = {
    { "Layer name", "Layer" },
    { "Layer", "Layer name" },
    { "Layer", "L" },
    { "IFMAP Height", "IFMAP Width" },
    { "Num Filter", "Num Filters" },
    { "Channels", "Channel" },
    { "Strides", "Stride" },
  };
  if (reads_as (cell, column))
    return true;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (strcmp (others[i].column, column) == 0 && reads_as (cell, others[i].other))
      return true;
  }
  return false;
}

/* By the columns in which the forms differ, so that a slip elsewhere is told against the
 * form that was meant. */
static const struct form *
choose_form (const struct cells *header)
{
  const struct accel_word *cell = header->cell;
  if (header->count < 2)
    return NULL;
  if (names_column (cell[0], "Layer")) {
    if (reads_as (cell[1], "M"))
      return &forms[PRODUCTS];
    if (header->count > 7 && reads_as (cell[7], "Stride Height"))
      return &forms[STRIDES];
    return &forms[header->count > 8 && reads_as (cell[8], "Batch Size") ? BATCHED
                                                                        : SQUARE];
  }
  for (unsigned f = MAESTRO; f < FORMS; f++) {
    if (reads_as (cell[0], forms[f].columns[0]))
      return &forms[f];
  }
  return NULL;
}

static int
check_header (struct accel_reader *r, const struct cells *header, const struct form *form)
{
  char shown[ACCEL_SHOWN_MAX];
  for (unsigned i = 0; i < header->count; i++) {
    if (form->columns[i] == NULL)
      return accel_reader_fail (r, "column %u: found %s, expected no more columns", i + 1,
                                accel_shown (header->cell[i], shown));
    if (!names_column (header->cell[i], form->columns[i]))
      return accel_reader_fail (r, "column %u: found %s, expected \"%s\"%s", i + 1,
                                accel_shown (header->cell[i], shown), form->columns[i],
                                i < form->required ? "" : " or no more columns");
  }
  if (header->count < form->required)
    return accel_reader_fail (r, "found %u columns, expected \"%s\" as the next",
                              header->count, form->columns[header->count]);
  return ACCEL_OK;
}

static int
read_header (struct accel_reader *r, const struct cells *header, const struct form **form)
{
  char shown[ACCEL_SHOWN_MAX];
  *form = choose_form (header);
  if (*form != NULL)
    return check_header (r, header, *form);
  return accel_reader_fail (
      r,
      "found %s, expected a header: \"Layer name, IFMAP Height, ...\" "
      "or \"Layer, M, N, K\" (SCALE-Sim), \"K,C,Y,X,R,S,T\" (MAESTRO)",
      accel_shown (header->cell[0], shown));
}

/* The bounds of a column, by its name. Our layers are dense. */
static int
read_cell (struct accel_reader *r, const char *column, struct accel_word cell,
           uint64_t *value)
{
  bool kind = strcmp (column, "T") == 0, stride = strncmp (column, "Stride", 6) == 0;
  uint64_t high = kind ? 3 : stride ? ACCEL_STRIDE_MAX : UINT32_MAX;
  char shown[ACCEL_SHOWN_MAX];
  if (strcmp (column, "Sparsity") != 0)
    return accel_reader_number (r, cell, column, kind ? 0 : 1, high, value);
  if (accel_word_is (cell, "1:1"))
    return ACCEL_OK;
  return accel_reader_fail (r, "Sparsity: found %s, expected 1:1 (dense) or nothing",
                            accel_shown (cell, shown));
}

/* What is absent is 1. */
static int
read_numbers (struct accel_reader *r, const struct form *form, const struct cells *cells,
              struct row *row)
{
  for (unsigned i = form->named; i < COLUMNS_MAX; i++) {
    row->value[i] = 1;
    if (i < cells->count
        && read_cell (r, form->columns[i], cells->cell[i], &row->value[i]) != ACCEL_OK)
      return ACCEL_INVALID;
  }
  return ACCEL_OK;
}

static int
read_row (struct accel_reader *r, const struct form *form, unsigned columns,
          const struct cells *cells)
{
  struct accel_layer layer = accel_layer_unit (ACCEL_CONV);
  struct row row = { .name = { .length = 0 } };
  char name[ACCEL_NAME_MAX];
  const char *behind = form->columns[columns];
  /* SCALE-Sim takes what follows the strides as the sparsity, whatever the header says.
   */
  unsigned most = columns + (behind != NULL && strcmp (behind, "Sparsity") == 0);
  if (cells->count < form->required || cells->count > most)
    return accel_reader_fail (r, "found %u cells, expected %u as in the header",
                              cells->count, columns);
  snprintf (name, sizeof name, "layer%u", (unsigned)(r->workload->count + 1));
  row.name = form->named ? cells->cell[0]
                         : (struct accel_word){ .at = name, .length = strlen (name) };
  if (row.name.length == 0)
    return accel_reader_fail (r, "column 1: found nothing, expected a name");
  accel_word_copy (row.name, layer.name);
  if (read_numbers (r, form, cells, &row) != ACCEL_OK
      || form->set (r, &row, &layer) != ACCEL_OK)
    return ACCEL_INVALID;
  return accel_reader_append (r, &layer);
}

/* Seven numbers are a list of MAESTRO without its header. */
static bool
starts_with_numbers (const struct cells *cells)
{
  uint32_t number;
  return cells->count == 7 && accel_word_number (cells->cell[0], false, &number);
}

int
accel_read_csv (struct accel_reader *r)
{
  const struct form *form = NULL;
  struct accel_word line;
  unsigned columns = 0;
  int status = ACCEL_OK;
  while (status == ACCEL_OK && accel_next_line (r, &line)) {
    struct cells cells;
    status = split (r, line, &cells);
    if (status == ACCEL_OK && form == NULL && starts_with_numbers (&cells)) {
      columns = cells.count;
      form = &forms[MAESTRO];
    }
    if (status == ACCEL_OK && cells.count > 0 && form == NULL) {
      columns = cells.count;
      status = read_header (r, &cells, &form);
    } else if (status == ACCEL_OK && cells.count > 0) {
      status = read_row (r, form, columns, &cells);
    }
  }
  return status;
}
