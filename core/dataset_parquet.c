/* core/dataset_parquet.c - a data set as an Apache Parquet file (format 2.10,
 * parquet.thrift and Encodings.md of apache/parquet-format).
 *
 * Row groups of 64 Ki rows, one data page a column, not compressed. Numbers are PLAIN,
 * texts are indices into a dictionary page; columns that may be without a value have
 * definition levels. Page headers and the footer are Thrift. */
#include <config.h>

#include "core/dataset_inside.h"
#include "core/thrift.h"

enum { GROUP = 1 << 16 };

/* Of parquet.thrift. */
enum { INT64 = 2, DOUBLE = 5, BYTE_ARRAY = 6 };
enum { REQUIRED, OPTIONAL };
enum { UTF8 = 0, UINT_64 = 14, NOT_CONVERTED = -1 };
enum { PLAIN = 0, RLE = 3, RLE_DICTIONARY = 8 };
enum { DATA_PAGE = 0, DICTIONARY_PAGE = 2 };

/* Where a column of a row group lies. */
struct chunk {
  uint64_t dictionary, data; /* offsets; no dictionary: 0 */
  uint64_t size;
};

/* A column of the row group at work. */
struct pending {
  uint8_t *levels;  /* a bit a row: there is a value. NULL: there always is */
  uint64_t *values; /* without those that are missing */
  size_t n;
};

struct parquet {
  const struct dataset_columns *columns;
  struct dataset_out *out;
  uint64_t offset; /* in the file */
  struct pending *pending;
  size_t rows;          /* pending */
  struct chunk *chunks; /* row group by row group */
  size_t *group_rows, n_groups, room_groups, room_rows;
};

static int
physical (const struct dataset_column *column)
{
  return column->type == TYPE_TEXT   ? BYTE_ARRAY
         : column->type == TYPE_REAL ? DOUBLE
                                     : INT64;
}

static int
converted (const struct dataset_column *column)
{
  return column->type == TYPE_TEXT       ? UTF8
         : column->type == TYPE_UNSIGNED ? UINT_64
                                         : NOT_CONVERTED;
}

/* ---- bytes ---- */

static int
put (struct parquet *p, const void *bytes, size_t n)
{
  char *to = gym_dataset_room (p->out, n);
  if (!to)
    return GYM_ENOMEM;
  memcpy (to, bytes, n);
  p->out->n += n;
  p->offset += n;
  return GYM_OK;
}

static void
add_fixed (struct gym_text *text, uint64_t value, int bytes)
{
  for (int i = 0; i < bytes; i++) {
    char byte = (char)(value >> 8 * i);
    gym_text_add (text, &byte, 1);
  }
}

/* ---- pages ---- */

/* Bits for numbers below n; at least one, as not every reader knows of none. */
static int
width_for (size_t n)
{
  int width = 1;
  while (width < 32 && n > (size_t)1 << width)
    width++;
  return width;
}

/* One bit-packed run of the hybrid encoding: groups of eight numbers, filled up with 0.
 */
static void
add_packed (struct gym_text *text, const uint64_t *values, size_t n, int width)
{
  uint64_t bits = 0;
  int held = 0;
  size_t groups = (n + 7) / 8;
  gym_thrift_varint (text, (uint64_t)groups << 1 | 1);
  for (size_t i = 0; i < groups * 8; i++) {
    bits |= (i < n ? values[i] : 0) << held;
    for (held += width; held >= 8; held -= 8, bits >>= 8)
      add_fixed (text, bits, 1);
  }
}

static void
add_levels (struct gym_text *text, const uint8_t *levels, size_t n)
{
  struct gym_text run = { .bytes = NULL };
  size_t groups = (n + 7) / 8;
  gym_thrift_varint (&run, (uint64_t)groups << 1 | 1);
  gym_text_add (&run, (const char *)levels, groups);
  add_fixed (text, run.length, 4);
  gym_text_add (text, run.bytes ? run.bytes : "", run.length);
  text->failed |= run.failed;
  gym_free (run.bytes);
}

static void
add_values (struct gym_text *text, const struct dataset_column *column,
            const struct pending *pending)
{
  if (column->type == TYPE_TEXT) {
    int width = width_for (column->n_texts);
    add_fixed (text, (uint64_t)width, 1);
    add_packed (text, pending->values, pending->n, width);
    return;
  }
  const uint16_t one = 1;
  if (*(const char *)&one)
    gym_text_add (text, (const char *)pending->values, pending->n * 8);
  else
    for (size_t i = 0; i < pending->n; i++)
      add_fixed (text, pending->values[i], 8);
}

/* Writes a page and its header; takes over the text. */
static int
put_page (struct parquet *p, int type, size_t n, int encoding, struct gym_text *page)
{
  struct thrift t = { .depth = 0 };
  gym_thrift_i32 (&t, 1, type);
  gym_thrift_i32 (&t, 2, (int32_t)page->length);
  gym_thrift_i32 (&t, 3, (int32_t)page->length);
  gym_thrift_struct (&t, type == DATA_PAGE ? 5 : 7);
  gym_thrift_i32 (&t, 1, (int32_t)n);
  gym_thrift_i32 (&t, 2, encoding);
  if (type == DATA_PAGE) {
    gym_thrift_i32 (&t, 3, RLE);
    gym_thrift_i32 (&t, 4, RLE);
  }
  gym_thrift_end (&t);
  gym_thrift_end (&t);
  int code =
      t.text.failed || page->failed ? GYM_ENOMEM : put (p, t.text.bytes, t.text.length);
  if (code == GYM_OK)
    code = put (p, page->bytes ? page->bytes : "", page->length);
  gym_free (t.text.bytes);
  gym_free (page->bytes);
  return code;
}

static int
put_dictionary (struct parquet *p, const struct dataset_column *column)
{
  struct gym_text page = { .bytes = NULL };
  for (size_t i = 0; i < column->n_texts; i++) {
    add_fixed (&page, strlen (column->texts[i]), 4);
    gym_text_puts (&page, column->texts[i]);
  }
  return put_page (p, DICTIONARY_PAGE, column->n_texts, PLAIN, &page);
}

static int
put_chunk (struct parquet *p, size_t i, struct chunk *chunk)
{
  const struct dataset_column *column = &p->columns->items[i];
  struct pending *pending = &p->pending[i];
  struct gym_text page = { .bytes = NULL };
  uint64_t from = p->offset;
  int code = GYM_OK;
  if (column->type == TYPE_TEXT) {
    chunk->dictionary = from;
    code = put_dictionary (p, column);
  }
  chunk->data = p->offset;
  if (pending->levels)
    add_levels (&page, pending->levels, p->rows);
  add_values (&page, column, pending);
  if (code == GYM_OK)
    code = put_page (p, DATA_PAGE, p->rows,
                     column->type == TYPE_TEXT ? RLE_DICTIONARY : PLAIN, &page);
  else
    gym_free (page.bytes);
  chunk->size = p->offset - from;
  pending->n = 0;
  if (pending->levels)
    memset (pending->levels, 0, GROUP / 8);
  return code;
}

static int
put_group (struct parquet *p, gym_error *err)
{
  size_t n = p->columns->n;
  if (p->rows == 0)
    return GYM_OK;
  if (gym_grow (&p->chunks, p->n_groups, &p->room_groups, n * sizeof *p->chunks) < 0
      || gym_grow (&p->group_rows, p->n_groups, &p->room_rows, sizeof *p->group_rows) < 0)
    return GYM_ENOMEM;
  struct chunk *chunks = memset (p->chunks + p->n_groups * n, 0, n * sizeof *chunks);
  int code = GYM_OK;
  for (size_t i = 0; code == GYM_OK && i < n; i++) {
    code = put_chunk (p, i, &chunks[i]);
    if (code == GYM_OK)
      code = gym_dataset_flush (p->out, false, err);
  }
  p->group_rows[p->n_groups++] = p->rows;
  p->rows = 0;
  return code;
}

/* ---- the footer ---- */

static void
add_schema (struct thrift *t, const struct dataset_columns *c)
{
  gym_thrift_list (t, 2, THRIFT_STRUCT, c->n + 1);
  gym_thrift_item (t);
  gym_thrift_string (t, 4, "schema");
  gym_thrift_i32 (t, 5, (int32_t)c->n);
  gym_thrift_end (t);
  for (size_t i = 0; i < c->n; i++) {
    const struct dataset_column *column = &c->items[i];
    gym_thrift_item (t);
    gym_thrift_i32 (t, 1, physical (column));
    gym_thrift_i32 (t, 3, column->optional ? OPTIONAL : REQUIRED);
    gym_thrift_string (t, 4, column->name);
    if (converted (column) != NOT_CONVERTED)
      gym_thrift_i32 (t, 6, converted (column));
    gym_thrift_end (t);
  }
}

static void
add_chunk (struct thrift *t, const struct dataset_column *column,
           const struct chunk *chunk, size_t rows)
{
  bool text = column->type == TYPE_TEXT;
  gym_thrift_item (t);
  gym_thrift_i64 (t, 2, (int64_t)(text ? chunk->dictionary : chunk->data));
  gym_thrift_struct (t, 3);
  gym_thrift_i32 (t, 1, physical (column));
  gym_thrift_list (t, 2, THRIFT_I32, text ? 3 : 2);
  gym_thrift_item_i32 (t, PLAIN);
  gym_thrift_item_i32 (t, RLE);
  if (text)
    gym_thrift_item_i32 (t, RLE_DICTIONARY);
  gym_thrift_list (t, 3, THRIFT_BINARY, 1);
  gym_thrift_item_string (t, column->name);
  gym_thrift_i32 (t, 4, 0); /* not compressed */
  gym_thrift_i64 (t, 5, (int64_t)rows);
  gym_thrift_i64 (t, 6, (int64_t)chunk->size);
  gym_thrift_i64 (t, 7, (int64_t)chunk->size);
  gym_thrift_i64 (t, 9, (int64_t)chunk->data);
  if (text)
    gym_thrift_i64 (t, 11, (int64_t)chunk->dictionary);
  gym_thrift_end (t);
  gym_thrift_end (t);
}

static void
add_groups (struct thrift *t, const struct parquet *p)
{
  size_t n = p->columns->n;
  gym_thrift_list (t, 4, THRIFT_STRUCT, p->n_groups);
  for (size_t g = 0; g < p->n_groups; g++) {
    uint64_t bytes = 0;
    gym_thrift_item (t);
    gym_thrift_list (t, 1, THRIFT_STRUCT, n);
    for (size_t i = 0; i < n; i++) {
      const struct chunk *chunk = &p->chunks[g * n + i];
      add_chunk (t, &p->columns->items[i], chunk, p->group_rows[g]);
      bytes += chunk->size;
    }
    gym_thrift_i64 (t, 2, (int64_t)bytes);
    gym_thrift_i64 (t, 3, (int64_t)p->group_rows[g]);
    gym_thrift_end (t);
  }
}

static int
put_footer (struct parquet *p, const char *metadata)
{
  struct thrift t = { .depth = 0 };
  int64_t rows = 0;
  for (size_t g = 0; g < p->n_groups; g++)
    rows += (int64_t)p->group_rows[g];
  gym_thrift_i32 (&t, 1, 1);
  add_schema (&t, p->columns);
  gym_thrift_i64 (&t, 3, rows);
  add_groups (&t, p);
  gym_thrift_list (&t, 5, THRIFT_STRUCT, 1);
  gym_thrift_item (&t);
  gym_thrift_string (&t, 1, "archgym");
  gym_thrift_string (&t, 2, metadata);
  gym_thrift_end (&t);
  gym_thrift_string (&t, 6, "archgym");
  gym_thrift_end (&t);
  add_fixed (&t.text, t.text.length, 4);
  gym_text_puts (&t.text, "PAR1");
  int code = t.text.failed ? GYM_ENOMEM : put (p, t.text.bytes, t.text.length);
  gym_free (t.text.bytes);
  return code;
}

/* ---- rows ---- */

static int
make_room (struct parquet *p)
{
  const struct dataset_columns *c = p->columns;
  p->pending = calloc (c->n + 1, sizeof *p->pending);
  if (!p->pending)
    return GYM_ENOMEM;
  for (size_t i = 0; i < c->n; i++) {
    p->pending[i].values = malloc (GROUP * sizeof *p->pending[i].values);
    p->pending[i].levels = c->items[i].optional ? calloc (GROUP / 8, 1) : NULL;
    if (!p->pending[i].values || (c->items[i].optional && !p->pending[i].levels))
      return GYM_ENOMEM;
  }
  return GYM_OK;
}

static void
clear (struct parquet *p)
{
  for (size_t i = 0; p->pending && i < p->columns->n; i++) {
    free (p->pending[i].values);
    free (p->pending[i].levels);
  }
  free (p->pending);
  free (p->chunks);
  free (p->group_rows);
}

static void
add_row (struct parquet *p, const struct dataset_cell *cells)
{
  for (size_t i = 0; i < p->columns->n; i++) {
    struct pending *pending = &p->pending[i];
    if (cells[i].none)
      continue;
    if (pending->levels)
      pending->levels[p->rows / 8] |= (uint8_t)(1u << p->rows % 8);
    memcpy (&pending->values[pending->n++], &cells[i].as, sizeof *pending->values);
  }
  p->rows++;
}

static int
put_rows (gym_dataset *d, struct parquet *p, gym_error *err)
{
  struct dataset_cell *cells = calloc (p->columns->n + 1, sizeof *cells);
  struct gym_dataset_row row = { .struct_size = sizeof row };
  int code = cells ? 1 : GYM_ENOMEM;
  gym_dataset_rewind (d);
  while (code == 1 && (code = gym_dataset_next (d, &row, err)) == 1) {
    gym_dataset_cells (p->columns, &row, cells);
    add_row (p, cells);
    if (p->rows == GROUP && (code = put_group (p, err)) == GYM_OK)
      code = 1;
  }
  free (cells);
  return code == GYM_OK ? put_group (p, err) : code;
}

int
gym_dataset_parquet (gym_dataset *d, const struct dataset_columns *c,
                     const char *metadata, struct dataset_out *out, gym_error *err)
{
  struct parquet p = { .columns = c, .out = out };
  int code = make_room (&p);
  if (code == GYM_OK)
    code = put (&p, "PAR1", 4);
  if (code == GYM_OK)
    code = put_rows (d, &p, err);
  if (code == GYM_OK)
    code = put_footer (&p, metadata);
  if (code == GYM_ENOMEM)
    gym_fail (err, code, "out of memory for the data set");
  clear (&p);
  return code == GYM_OK ? gym_dataset_flush (out, true, err) : code;
}
