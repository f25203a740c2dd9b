/* core/store_export.c - all trials of a store as CSV (RFC 4180) or JSON lines. */
#include <config.h>

#include "core/memory.h"
#include "core/store_file.h"
#include "core/store_read.h"
#include "core/text.h"

#include <xxhash.h>

enum { BLOCK = 1 << 16 };

struct out {
  int (*put) (void *sink, const char *text, size_t n);
  void *sink;
  enum gym_format format;
  struct gym_text text;   /* what has not been put yet */
  struct gym_text header; /* of the CSV rows so far */
  char *clean;            /* room for a text made valid UTF-8 */
  size_t clean_size;
};

static int
flush (struct out *out, gym_error *err)
{
  if (out->text.failed)
    return gym_fail (err, GYM_ENOMEM, "out of memory");
  int code =
      out->text.length ? out->put (out->sink, out->text.bytes, out->text.length) : GYM_OK;
  out->text.length = 0;
  return code < 0 ? gym_fail (err, code, "the export cannot be written") : GYM_OK;
}

/* RFC 4180: quotes around what holds a separator, a quote or a line end. A lone empty
 * text is quoted too, to tell it from nothing. */
static void
add_csv (struct gym_text *text, const char *value)
{
  if (*value && !value[strcspn (value, ",\"\r\n")]) {
    gym_text_puts (text, value);
    return;
  }
  gym_text_add (text, "\"", 1);
  for (const char *c = value; *c; c++)
    gym_text_add (text, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
  gym_text_add (text, "\"", 1);
}

/* JSON must be UTF-8, whatever a damaged or foreign row holds. */
static const char *
clean_text (struct out *out, const char *value)
{
  size_t n = strlen (value) + 1;
  if (n > out->clean_size) {
    if (gym_resize (&out->clean, n, 1) < 0) {
      out->text.failed = true;
      return "";
    }
    out->clean_size = n;
  }
  gym_store_utf8 (value, out->clean, n);
  return out->clean;
}

/* Lines end in LF alone: RFC 4180 says CRLF, but then every tool of a Unix command line
 * sees a carriage return in the last column. */
static void
add_csv_row (struct out *out, gym_cursor *cursor)
{
  uint32_t n = gym_cursor_columns (cursor);
  for (uint32_t i = 0; i < n; i++) {
    const char *value = gym_cursor_text (cursor, i);
    if (i)
      gym_text_add (&out->text, ",", 1);
    if (value)
      add_csv (&out->text, value);
  }
  gym_text_add (&out->text, "\n", 1);
}

static void
add_json_row (struct out *out, gym_cursor *cursor)
{
  uint32_t n = gym_cursor_columns (cursor);
  bool first = true;
  gym_text_add (&out->text, "{", 1);
  for (uint32_t i = 0; i < n; i++) {
    const char *value = gym_cursor_text (cursor, i);
    if (!value)
      continue;
    if (!first)
      gym_text_add (&out->text, ",", 1);
    first = false;
    gym_text_json (&out->text, gym_cursor_name (cursor, i));
    gym_text_add (&out->text, ":", 1);
    if (gym_cursor_is_number (cursor, i))
      gym_text_puts (&out->text, value);
    else
      gym_text_json (&out->text, clean_text (out, value));
  }
  gym_text_add (&out->text, "}\n", 2);
}

/* The header line, unless the rows above have the same one. */
static int
add_header (struct out *out, gym_cursor *cursor, gym_error *err)
{
  struct gym_text header = { .bytes = NULL };
  for (uint32_t i = 0; i < gym_cursor_columns (cursor); i++) {
    if (i)
      gym_text_add (&header, ",", 1);
    add_csv (&header, gym_cursor_name (cursor, i));
  }
  gym_text_add (&header, "\n", 1);
  bool same = !header.failed && out->header.length == header.length
              && memcmp (out->header.bytes, header.bytes, header.length) == 0;
  if (!header.failed && !same)
    gym_text_add (&out->text, header.bytes, header.length);
  free (out->header.bytes);
  out->header = header;
  return header.failed ? gym_fail (err, GYM_ENOMEM, "out of memory") : GYM_OK;
}

/* Handed on in blocks: a call for each line would cost more than making it. */
static int
export_rows (struct out *out, gym_cursor *cursor, gym_error *err)
{
  int code = out->format == GYM_FORMAT_CSV ? add_header (out, cursor, err) : GYM_OK;
  while (code == GYM_OK && (code = gym_cursor_next (cursor, err)) == 1) {
    if (out->format == GYM_FORMAT_CSV)
      add_csv_row (out, cursor);
    else
      add_json_row (out, cursor);
    code = out->text.length >= BLOCK ? flush (out, err) : GYM_OK;
  }
  return code;
}

static int
export_study (gym_store *store, int64_t study, bool canonical, struct out *out,
              gym_error *err)
{
  struct gym_layout *layout = gym_layout_load (store->db, store->path, study, err);
  enum cursor_form form = canonical ? CURSOR_CANONICAL : CURSOR_EXPORT;
  gym_cursor *cursor = layout ? gym_cursor_trials (store, layout, form, err) : NULL;
  if (!cursor)
    return err->code;
  char name[17];
  snprintf (
      name, sizeof name, "%016llx",
      (unsigned long long)XXH3_64bits (layout->identity, strlen (layout->identity)));
  cursor->fixed = name;
  int code = gym_cursor_add_runs (
      cursor, 0,
      canonical ? "r.agent, r.agent_id, r.options, r.seed < 0, r.seed" : "r.id", err);
  if (code == GYM_OK)
    code = export_rows (out, cursor, err);
  gym_cursor_destroy (&cursor);
  return code;
}

static int
export_studies (gym_store *store, bool canonical, struct out *out, gym_error *err)
{
  sqlite3_stmt *query =
      gym_store_prepare (store->db, store->path,
                         canonical ? "SELECT id FROM studies ORDER BY identity"
                                   : "SELECT id FROM studies ORDER BY id",
                         err);
  if (!query)
    return gym_store_code (store->db);
  int code;
  while ((code = gym_store_step (query, store->path, err)) == 1) {
    code = export_study (store, sqlite3_column_int64 (query, 0), canonical, out, err);
    if (code < 0)
      break;
  }
  sqlite3_finalize (query);
  return code == GYM_OK ? flush (out, err) : code;
}

/* One transaction: a study that goes on writing does not show in the middle. */
int
gym_store_export (gym_store *store, enum gym_format format, bool canonical,
                  int (*put) (void *sink, const char *text, size_t n), void *sink,
                  gym_error *err)
{
  gym_error own = { .code = GYM_OK };
  struct out out = { .put = put, .sink = sink, .format = format };
  if (format != GYM_FORMAT_CSV && format != GYM_FORMAT_JSONL)
    return gym_fail (err, GYM_EINVAL, "unknown export format %d", (int)format);
  int code = gym_store_exec (store->db, store->path, "BEGIN", &own);
  if (code == GYM_OK) {
    code = export_studies (store, canonical, &out, &own);
    sqlite3_exec (store->db, "COMMIT", NULL, NULL, NULL);
  }
  free (out.text.bytes);
  free (out.header.bytes);
  free (out.clean);
  if (code < 0)
    gym_fail (err, code, "%s", own.text);
  return code;
}
