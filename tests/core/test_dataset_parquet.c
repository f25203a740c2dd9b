/* Parquet files read back by a small reader of their own: footer, pages, levels. What
 * other programs make of them is in tests/cmd/test_dataset.sh. */
#include <config.h>

#include "tests/core/datasets.h"

#include <gym/env.h>

static struct ds_scene scene;

/* ---- Thrift: every value by its path of field numbers and places ---- */

struct value {
  char path[48];
  int64_t number;
  const unsigned char *bytes; /* of a text, which is `number` long */
};

struct reader {
  const unsigned char *at;
  struct value values[20000];
  size_t n;
};

static struct reader reader;

static uint64_t
varint (struct reader *r)
{
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    value |= (uint64_t)(*r->at & 0x7f) << shift;
    if (!(*r->at++ & 0x80))
      return value;
  }
}

static void read_struct (struct reader *r, const char *path);

static void
read_value (struct reader *r, int type, const char *path)
{
  CU_ASSERT_FATAL (r->n < sizeof r->values / sizeof r->values[0]);
  struct value *value = &r->values[r->n];
  char inner[64];
  if (type == 12) {
    read_struct (r, path);
    return;
  }
  if (type == 9) {
    unsigned head = *r->at++;
    uint64_t n = head >> 4 == 15 ? varint (r) : head >> 4;
    snprintf (value->path, sizeof value->path, "%s#", path);
    value->number = (int64_t)n;
    r->n++;
    for (uint64_t i = 0; i < n; i++) {
      snprintf (inner, sizeof inner, "%s.%llu", path, (unsigned long long)i);
      read_value (r, head & 15, inner);
    }
    return;
  }
  snprintf (value->path, sizeof value->path, "%s", path);
  uint64_t raw = varint (r);
  value->number = type == 8 ? (int64_t)raw : (int64_t)(raw >> 1 ^ -(raw & 1));
  r->n++;
  if (type == 8) {
    value->bytes = r->at;
    r->at += raw;
  }
}

static void
read_struct (struct reader *r, const char *path)
{
  int field = 0;
  while (*r->at) {
    char inner[64];
    unsigned head = *r->at++;
    CU_ASSERT_FATAL (head >> 4 > 0);
    field += (int)(head >> 4);
    snprintf (inner, sizeof inner, "%s%s%d", path, *path ? "." : "", field);
    read_value (r, head & 15, inner);
  }
  r->at++;
}

static const struct value *
find (const char *path)
{
  for (size_t i = 0; i < reader.n; i++)
    if (strcmp (reader.values[i].path, path) == 0)
      return &reader.values[i];
  return NULL;
}

static int64_t
number (const char *format, size_t a, size_t b)
{
  char path[64];
  snprintf (path, sizeof path, format, a, b);
  const struct value *value = find (path);
  return value ? value->number : -1;
}

static const char *
text (const char *format, size_t a, char out[64])
{
  char path[64];
  snprintf (path, sizeof path, format, a);
  const struct value *value = find (path);
  snprintf (out, 64, "%.*s", value ? (int)value->number : 0,
            value ? (const char *)value->bytes : "");
  return out;
}

/* ---- pages ---- */

/* The hybrid encoding, of which only bit-packed runs are written. */
static size_t
unpack (const unsigned char *at, size_t n, int width, uint32_t *out)
{
  struct reader r = { .at = at };
  uint64_t head = varint (&r);
  CU_ASSERT_FATAL (head & 1 && (head >> 1) * 8 >= n);
  for (size_t i = 0; i < n; i++) {
    out[i] = 0;
    for (int b = 0; b < width; b++) {
      size_t bit = i * (size_t)width + (size_t)b;
      out[i] |= (uint32_t)(r.at[bit / 8] >> bit % 8 & 1) << b;
    }
  }
  return (size_t)(r.at - at) + (head >> 1) * (size_t)width;
}

/* A column of a row group: the values as 8 bytes, or texts, and whether there are any. */
struct column {
  size_t n;
  bool there[65536];
  uint64_t values[65536];
  char texts[16][96];
};

static struct column column;

static const unsigned char *
open_page (const unsigned char *file, int64_t offset, int64_t type, int64_t encoding)
{
  static const char *const fields[] = { "5", "7" };
  char path[16];
  reader.at = file + offset;
  reader.n = 0;
  read_struct (&reader, "");
  CU_ASSERT_EQUAL (number ("1", 0, 0), type);
  CU_ASSERT_EQUAL (number ("2", 0, 0), number ("3", 0, 0));
  snprintf (path, sizeof path, "%s.2", fields[type == 2]);
  CU_ASSERT_EQUAL (number (path, 0, 0), encoding);
  return reader.at;
}

static void
read_dictionary (const unsigned char *file, int64_t offset)
{
  const unsigned char *at = open_page (file, offset, 2, 0);
  int64_t n = number ("7.1", 0, 0);
  CU_ASSERT_FATAL (n <= 16);
  for (int64_t i = 0; i < n; i++) {
    uint32_t length;
    memcpy (&length, at, 4);
    CU_ASSERT_FATAL (length < sizeof column.texts[i]);
    memcpy (column.texts[i], at + 4, length);
    column.texts[i][length] = 0;
    at += 4 + length;
  }
}

static void
read_data (const unsigned char *file, int64_t offset, bool optional, bool words)
{
  static uint32_t small[65536];
  const unsigned char *at = open_page (file, offset, 0, words ? 8 : 0);
  const unsigned char *end = at + number ("2", 0, 0);
  size_t n = column.n = (size_t)number ("5.1", 0, 0), values = n;
  for (size_t i = 0; i < n; i++)
    column.there[i] = true;
  if (optional) {
    uint32_t length;
    memcpy (&length, at, 4);
    CU_ASSERT_EQUAL (unpack (at + 4, n, 1, small), length);
    at += 4 + length;
    values = 0;
    for (size_t i = 0; i < n; i++)
      values += column.there[i] = small[i] == 1;
  }
  if (words) {
    int width = *at++;
    at += unpack (at, values, width, small);
    for (size_t i = 0; i < values; i++)
      column.values[i] = small[i];
  } else {
    memcpy (column.values, at, values * 8);
    at += values * 8;
  }
  CU_ASSERT_PTR_EQUAL (at, end);
  /* Spread over the rows, from the back. */
  for (size_t i = n; i-- > 0;)
    if (column.there[i])
      column.values[i] = column.values[--values];
}

/* ---- the file ---- */

struct meta {
  int64_t data[64], dictionary[64], type[64], repetition[64];
  char names[64][64];
  size_t n, rows, groups;
};

static void
read_footer (const unsigned char *file, size_t size, size_t group, struct meta *m)
{
  uint32_t length;
  CU_ASSERT_EQUAL_FATAL (memcmp (file, "PAR1", 4), 0);
  CU_ASSERT_EQUAL_FATAL (memcmp (file + size - 4, "PAR1", 4), 0);
  memcpy (&length, file + size - 8, 4);
  reader.at = file + size - 8 - length;
  reader.n = 0;
  read_struct (&reader, "");
  CU_ASSERT_PTR_EQUAL (reader.at, file + size - 8);
  m->n = (size_t)number ("2#", 0, 0) - 1;
  CU_ASSERT_EQUAL (number ("2.0.5", 0, 0), (int64_t)m->n);
  m->rows = (size_t)number ("3", 0, 0);
  m->groups = (size_t)number ("4#", 0, 0);
  CU_ASSERT_EQUAL (number ("4.%zu.1#", group, 0), m->groups ? (int64_t)m->n : -1);
  for (size_t i = 0; i < m->n; i++) {
    m->type[i] = number ("2.%zu.1", i + 1, 0);
    m->repetition[i] = number ("2.%zu.3", i + 1, 0);
    text ("2.%zu.4", i + 1, m->names[i]);
    m->data[i] = number ("4.%zu.1.%zu.3.9", group, i);
    m->dictionary[i] = number ("4.%zu.1.%zu.3.11", group, i);
    CU_ASSERT_EQUAL (number ("4.%zu.1.%zu.3.4", group, i), m->groups ? 0 : -1);
  }
}

static void
load (const unsigned char *file, const struct meta *m, size_t i)
{
  bool words = m->type[i] == 6;
  if (words)
    read_dictionary (file, m->dictionary[i]);
  read_data (file, m->data[i], m->repetition[i] == 1, words);
}

static double
real (size_t i)
{
  double value;
  memcpy (&value, &column.values[i], sizeof value);
  return column.there[i] ? value : NAN;
}

static void
check_metrics (const unsigned char *file, const struct meta *m, gym_dataset *d)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  for (size_t k = 0; k < ds_shown; k++) {
    load (file, m, ds_params + k);
    CU_ASSERT_EQUAL (m->type[ds_params + k], 5);
    for (size_t i = 0; gym_dataset_next (d, &row, NULL) == 1; i++)
      CU_ASSERT_TRUE (ds_same (real (i), row.metrics[k]));
  }
}

static void
check_params (const unsigned char *file, const struct meta *m, gym_dataset *d)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  for (size_t k = 0; k < ds_params; k++) {
    const struct gym_param *p = gym_space_param (gym_dataset_space (d), (uint32_t)k);
    load (file, m, k);
    CU_ASSERT_TRUE (ds_is (m->names[k], p->name));
    for (size_t i = 0; gym_dataset_next (d, &row, NULL) == 1; i++) {
      double value = row.design[k];
      CU_ASSERT_EQUAL (column.there[i], !isnan (value));
      if (!column.there[i])
        continue;
      if (p->n_levels) {
        CU_ASSERT_TRUE (ds_is (column.texts[column.values[i]], p->levels[(size_t)value]));
      } else
        CU_ASSERT (p->kind == GYM_REAL ? real (i) == value
                                       : (int64_t)column.values[i] == (int64_t)value);
    }
  }
}

static void
check_sources (const unsigned char *file, const struct meta *m, gym_dataset *d)
{
  struct gym_dataset_row row = { .struct_size = sizeof row };
  size_t first = ds_params + ds_shown;
  CU_ASSERT_TRUE (ds_is (m->names[first], "status"));
  load (file, m, first);
  for (size_t i = 0; gym_dataset_next (d, &row, NULL) == 1; i++)
    CU_ASSERT_TRUE (ds_is (column.texts[column.values[i]], gym_status_name (row.status)));
  load (file, m, first + 3);
  for (size_t i = 0; gym_dataset_next (d, &row, NULL) == 1; i++)
    CU_ASSERT_TRUE (ds_is (column.texts[column.values[i]], ds_labels[row.agent]));
  load (file, m, first + 5);
  for (size_t i = 0; gym_dataset_next (d, &row, NULL) == 1; i++)
    CU_ASSERT_EQUAL (column.values[i], row.seed);
}

static void
test_rows (void)
{
  static struct meta m;
  char path[160];
  size_t size;
  for (uint64_t trials = 1; trials < 80; trials = trials * 4 + 3) {
    ds_make (&scene, 2, trials, 30 + trials);
    gym_dataset *d = ds_open (&scene, NULL);
    char *file = ds_written (d, ds_file (&scene, "x.parquet", path), 0, &size);
    read_footer ((unsigned char *)file, size, 0, &m);
    CU_ASSERT_EQUAL (m.rows, gym_dataset_counts (d)->rows);
    CU_ASSERT_EQUAL (m.n, ds_params + ds_shown + 12);
    CU_ASSERT_EQUAL (m.groups, 1);
    check_params ((unsigned char *)file, &m, d);
    check_metrics ((unsigned char *)file, &m, d);
    check_sources ((unsigned char *)file, &m, d);
    free (file);
    gym_dataset_destroy (&d);
    ds_free (&scene);
  }
}

static void
test_empty (void)
{
  static struct meta m;
  char path[160];
  size_t size;
  const struct gym_dataset_options none = { .struct_size = sizeof none,
                                            .statuses = 1u << 31 };
  ds_make (&scene, 1, 5, 8);
  gym_dataset *d = ds_open (&scene, &none);
  char *file = ds_written (d, ds_file (&scene, "x.parquet", path), 0, &size);
  read_footer ((unsigned char *)file, size, 0, &m);
  CU_ASSERT (m.rows == 0 && m.groups == 0 && m.n == ds_params + ds_shown + 12);
  free (file);
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

/* More rows than a group takes. */
static void
test_groups (void)
{
  static struct meta m;
  char path[160];
  size_t size, seen = 0;
  struct kit kit;
  int64_t run;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 70000, &err), GYM_OK);
  gym_writer_close (&writer, NULL);
  scene.kits[0] = kit;
  const char *store = kit.path;
  const struct gym_dataset_options all = { .struct_size = sizeof all,
                                           .duplicates = true };
  gym_dataset *d = gym_dataset_open (&store, 1, &all, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  char *file = ds_written (d, ds_file (&scene, "x.parquet", path), 0, &size);
  for (size_t group = 0; group < 2; group++) {
    read_footer ((unsigned char *)file, size, group, &m);
    CU_ASSERT (m.groups == 2 && m.rows == 70000);
    load ((unsigned char *)file, &m, m.n - 2);
    for (size_t i = 0; i < column.n; i++)
      CU_ASSERT_EQUAL (column.values[i], seen + i);
    seen += column.n;
  }
  CU_ASSERT_EQUAL (seen, 70000);
  free (file);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "rows", test_rows }, { "no rows", test_empty }, { "row groups", test_groups }, { 0 }
  };
  return tap_run ("dataset_parquet", tests);
}
