/* Exports read back by other means, and the canonical form of equal studies. */
#include <config.h>

#include "core/store_file.h"
#include "tests/core/stores.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 150, RUNS = 2, MAX_FIELDS = 64 };

static void
make (struct kit *kit, const char *objective, uint64_t n)
{
  int64_t runs[RUNS];
  kit_make (kit, kit_space (5, true), 6);
  kit->row.objective = objective;
  gym_writer *writer = kit_writer (kit, runs, RUNS);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  for (uint64_t i = 0; i < n; i++)
    for (uint64_t r = 0; r < RUNS; r++)
      CU_ASSERT_EQUAL (kit_write (kit, writer, runs[r], r + 1, i, i + 1, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
}

/* ---- CSV ---- */

struct csv {
  char *text, *at;
  char *fields[MAX_FIELDS];
  int n;
};

/* Reads one field by RFC 4180 in place; what ends it is returned. */
static char
csv_field (struct csv *csv)
{
  char *to = csv->at, *from = csv->at;
  csv->fields[csv->n++] = to;
  if (*from == '"') {
    for (from++; *from && (from[0] != '"' || from[1] == '"'); from++)
      from += from[0] == '"', *to++ = *from;
    CU_ASSERT_EQUAL (*from, '"');
    from++;
  } else
    while (*from && *from != ',' && *from != '\n')
      *to++ = *from++;
  char end = *from;
  csv->at = from + (end != 0);
  *to = 0;
  return end;
}

static bool
csv_line (struct csv *csv)
{
  csv->n = 0;
  if (!*csv->at)
    return false;
  while (csv->n < MAX_FIELDS && csv_field (csv) == ',')
    continue;
  return true;
}

static bool
field_is (const struct csv *csv, int i, const char *want)
{
  if (i < csv->n && strcmp (csv->fields[i], want) == 0)
    return true;
  tap_note ("field %d: \"%s\" instead of \"%s\"", i, i < csv->n ? csv->fields[i] : "-",
            want);
  return false;
}

static void
number_text (double value, char text[32])
{
  text[0] = 0;
  if (!isnan (value))
    gym_number_format (value, text, 32);
}

static void
check_csv_trial (const struct csv *csv, const struct kit *kit,
                 const struct kit_trial *trial)
{
  char text[64];
  CU_ASSERT_TRUE (field_is (csv, 5, gym_status_name (trial->logged.status)));
  CU_ASSERT_TRUE (field_is (csv, 6, trial->logged.fidelity ? "full" : "rough"));
  for (uint32_t i = 0; i < 5; i++) {
    gym_space_format (kit->space, i, trial->design[i], text, sizeof text);
    CU_ASSERT_TRUE (field_is (csv, 7 + (int)i, text));
  }
  for (uint32_t i = 0; i < 6; i++) {
    number_text (i == 2 ? NAN : trial->metrics[i], text);
    CU_ASSERT_TRUE (field_is (csv, 12 + (int)i, text));
  }
  number_text (trial->logged.goal, text);
  CU_ASSERT_TRUE (field_is (csv, 18, text));
  CU_ASSERT_TRUE (field_is (csv, 20, trial->note));
  snprintf (text, sizeof text, "%llu", (unsigned long long)trial->logged.seed);
  CU_ASSERT_TRUE (field_is (csv, 23, text));
  CU_ASSERT_TRUE (field_is (csv, 26, "0"));
}

static void
test_csv (void)
{
  struct kit kit;
  struct kit_trial trial;
  gym_error err = { 0 };
  make (&kit, "energy", N);
  struct csv csv = { .text = kit_export (&kit, GYM_FORMAT_CSV, false, &err) };
  CU_ASSERT_PTR_NOT_NULL_FATAL (csv.text);
  csv.at = csv.text;
  CU_ASSERT_TRUE (csv_line (&csv));
  CU_ASSERT_EQUAL (csv.n, 27);
  CU_ASSERT_TRUE (field_is (&csv, 0, "study") && field_is (&csv, 15, "p0_2"));
  CU_ASSERT_TRUE (field_is (&csv, 20, "note") && field_is (&csv, 25, "host"));
  CU_ASSERT_TRUE (field_is (&csv, 26, "tainted"));
  for (uint64_t r = 0; r < RUNS; r++)
    for (uint64_t i = 0; i < N; i++) {
      kit_trial (&kit, (int64_t)r + 1, r + 1, i, &trial);
      CU_ASSERT_TRUE_FATAL (csv_line (&csv));
      CU_ASSERT_EQUAL (csv.n, 27);
      check_csv_trial (&csv, &kit, &trial);
    }
  CU_ASSERT_FALSE (csv_line (&csv));
  free (csv.text);
  kit_free (&kit);
}

/* A header wherever the columns change, and only there. */
static void
test_headers (void)
{
  struct kit kit;
  gym_error err = { 0 };
  int64_t run;
  kit_make (&kit, kit_space (2, false), 6);
  static const char *const objectives[] = { "energy", "max(m5)", "energy; m4 <= 1" };
  for (int i = 0; i < 3; i++) {
    char identity[32];
    snprintf (identity, sizeof identity, "study %d", i);
    kit.row.identity = identity;
    kit.row.objective = objectives[i];
    gym_writer *writer = kit_writer (&kit, &run, 1);
    CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 3, NULL), GYM_OK);
    CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  }
  char *text = kit_export (&kit, GYM_FORMAT_CSV, false, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  int headers = 0;
  for (char *at = text; (at = strstr (at, "study,run,")); at++)
    headers++;
  CU_ASSERT_EQUAL (headers, 2);
  free (text);
  kit_free (&kit);
}

/* ---- JSON lines ---- */

static void
check_json_trial (const json_t *row, const struct kit *kit, const struct kit_trial *trial)
{
  static const char *const params[] = { "p0", "p1", "p2", "p3", "p4" };
  static const char *const metrics[] = {
    "energy", "elapsed", "hidden", "p0_2", "m4", "m5"
  };
  char text[64];
  for (uint32_t i = 0; i < 5; i++) {
    const json_t *value = json_object_get (row, params[i]);
    gym_space_format (kit->space, i, trial->design[i], text, sizeof text);
    if (isnan (trial->design[i]))
      CU_ASSERT_PTR_NULL (value)
    else if (i < 2)
      CU_ASSERT_STRING_EQUAL (json_string_value (value), text)
    else
      CU_ASSERT_EQUAL (json_number_value (value), trial->design[i]);
  }
  for (uint32_t i = 0; i < 6; i++) {
    const json_t *value = json_object_get (row, metrics[i]);
    if (isnan (trial->metrics[i]) || i == 2)
      CU_ASSERT_PTR_NULL (value)
    else
      CU_ASSERT_EQUAL (json_number_value (value), trial->metrics[i]);
  }
  const char *note = json_string_value (json_object_get (row, "note"));
  CU_ASSERT_STRING_EQUAL (note ? note : "", trial->note);
  CU_ASSERT_EQUAL (json_integer_value (json_object_get (row, "number")),
                   (json_int_t)trial->logged.number);
  snprintf (text, sizeof text, "%llu", (unsigned long long)trial->logged.seed);
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (row, "evaluation_seed")),
                          text);
}

static void
test_jsonl (void)
{
  struct kit kit;
  struct kit_trial trial;
  gym_error err = { 0 };
  make (&kit, "energy", N);
  char *text = kit_export (&kit, GYM_FORMAT_JSONL, false, &err), *at = text;
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  for (uint64_t r = 0; r < RUNS; r++)
    for (uint64_t i = 0; i < N; i++) {
      char *end = strchr (at, '\n');
      CU_ASSERT_PTR_NOT_NULL_FATAL (end);
      json_error_t where;
      json_t *row = json_loadb (at, (size_t)(end - at), JSON_REJECT_DUPLICATES, &where);
      if (!row)
        tap_note ("%s", where.text);
      CU_ASSERT_PTR_NOT_NULL_FATAL (row);
      kit_trial (&kit, (int64_t)r + 1, r + 1, i, &trial);
      check_json_trial (row, &kit, &trial);
      json_decref (row);
      at = end + 1;
    }
  CU_ASSERT_EQUAL (*at, 0);
  free (text);
  kit_free (&kit);
}

/* A note that is no UTF-8 must not spoil a line. */
static void
test_bad_text (void)
{
  struct kit kit;
  struct kit_trial trial;
  gym_error err = { 0 };
  char sql[64];
  int64_t run;
  kit_make (&kit, kit_space (2, false), 1);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  kit_trial (&kit, run, 1, 0, &trial);
  trial.logged.note = "caf\xE9 \x01 \"x\"";
  trial.logged.seed = 1;
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial.logged, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  for (int i = 0; i < 2; i++) {
    char *text = kit_export (&kit, GYM_FORMAT_JSONL, false, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (text);
    json_t *row = json_loads (text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (row, "note")),
                            i ? "\xC3\xA9?" : "caf? \x01 \"x\"");
    json_decref (row);
    free (text);
    /* As another program may have left it. */
    kit_query (kit.path, "UPDATE trials SET note = CAST (x'C3A9FF' AS TEXT)", sql);
  }
  kit_free (&kit);
}

/* ---- canonical ---- */

/* The same two studies in two stores, with all that may differ made different. */
static void
make_other (struct kit *kit, int variant)
{
  static const char *const identities[] = { "{\"a\":1}", "{\"b\":2}" };
  kit_make (kit, kit_space (5, true), 6);
  gym_error err = { 0 };
  for (int s = 0; s < 2; s++) {
    kit->row.identity = identities[variant ? 1 - s : s];
    kit->row.fingerprint = variant ? "{\"cpu\":2}" : "{\"cpu\":1}";
    kit->row.seeds = variant ? "1..2" : "1,2";
    for (int part = 0; part < (variant ? 3 : 1); part++) {
      gym_writer *writer = gym_writer_open (
          kit->path, variant ? GYM_DURABLE_POWER : GYM_DURABLE_PROCESS, &err);
      int64_t study = gym_writer_study (writer, &kit->row, NULL, 0, &err);
      for (uint64_t k = 0; k < 4; k++) {
        uint64_t agent = (variant ? 3 - k : k) / 2, seed = (variant ? 3 - k : k) % 2;
        int64_t run =
            gym_writer_run (writer, study, agent, "agent-v1",
                            variant ? "my agent" : "agent", "{}", seed + 1, NULL, &err);
        uint64_t from = variant ? 20 * (uint64_t)part : 0, to = variant ? from + 20 : 60;
        for (uint64_t i = from; i < to; i++) {
          struct kit_trial trial;
          kit_trial (kit, run, 10 * agent + seed, i, &trial);
          trial.metrics[1] += variant; /* measured */
          trial.metrics[2] += variant; /* sealed */
          trial.logged.attempts += (uint32_t)variant;
          trial.logged.cached ^= variant;
          CU_ASSERT_EQUAL_FATAL (gym_writer_trial (writer, &trial.logged, &err), GYM_OK);
        }
      }
      CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
    }
  }
}

static void
test_canonical (void)
{
  struct kit one, two;
  gym_error err = { 0 };
  char text[64];
  make_other (&one, 0);
  make_other (&two, 1);
  for (int format = GYM_FORMAT_CSV; format <= GYM_FORMAT_JSONL; format++) {
    char *a = kit_export (&one, (enum gym_format)format, true, &err);
    char *b = kit_export (&two, (enum gym_format)format, true, &err);
    CU_ASSERT (a && b && strlen (a) > 20000 && strcmp (a, b) == 0);
    CU_ASSERT (a && !strstr (a, "elapsed") && !strstr (a, "my agent"));
    free (b);
    /* And it is not blind: one number, one level, one status make a difference each. */
    static const char *const changes[] = {
      "UPDATE made_up_v1 SET m5 = m5 * (1 + 3e-16) WHERE id = (2 << 32) + 7",
      "UPDATE made_up_v1 SET p1 = (p1 + 1) % 8 WHERE id = (1 << 32)",
      "UPDATE trials SET status = (status + 1) % 6 WHERE id = (3 << 32) + 2",
    };
    for (int i = 0; i < 3; i++) {
      kit_query (two.path, changes[i], text);
      b = kit_export (&two, (enum gym_format)format, true, &err);
      CU_ASSERT (a && b && strcmp (a, b) != 0);
      free (a);
      a = b;
    }
    free (a);
    kit_free (&two);
    make_other (&two, 1);
  }
  kit_free (&one);
  kit_free (&two);
}

/* Goals made from what is measured are as little reproducible as that. */
static void
test_canonical_measured (void)
{
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, "max(elapsed)", 3);
  char *text = kit_export (&kit, GYM_FORMAT_CSV, true, &err);
  CU_ASSERT (text && !strstr (text, "goal"));
  free (text);
  text = kit_export (&kit, GYM_FORMAT_CSV, false, &err);
  CU_ASSERT (text && strstr (text, "goal") && strstr (text, "elapsed"));
  free (text);
  kit_free (&kit);
}

/* ---- stopping ---- */

struct stopper {
  int calls, stop_at;
  bool broken;
};

static int
put (void *sink, const char *text, size_t n)
{
  struct stopper *stopper = sink;
  stopper->broken |= n == 0 || text[n - 1] != '\n';
  return stopper->calls++ == stopper->stop_at ? GYM_ECANCELLED : GYM_OK;
}

static void
test_stopping (void)
{
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, "energy", 600);
  gym_store *store = gym_store_open (kit.path, &err);
  struct stopper stopper = { .stop_at = 1 };
  CU_ASSERT_EQUAL (gym_store_export (store, GYM_FORMAT_JSONL, false, put, &stopper, &err),
                   GYM_ECANCELLED);
  CU_ASSERT_EQUAL (stopper.calls, 2);
  stopper.stop_at = -1;
  CU_ASSERT_EQUAL (gym_store_export (store, GYM_FORMAT_CSV, false, put, &stopper, NULL),
                   GYM_OK);
  CU_ASSERT (stopper.calls > 4);
  CU_ASSERT_FALSE (stopper.broken);
  CU_ASSERT_EQUAL (
      gym_store_export (store, (enum gym_format)7, false, put, &stopper, &err),
      GYM_EINVAL);
  gym_store_destroy (&store);
  kit_free (&kit);
}

static void
test_empty (void)
{
  struct kit kit;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (1, false), 1);
  gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  struct stopper stopper = { .stop_at = -1 };
  gym_store *store = gym_store_open (kit.path, &err);
  CU_ASSERT_EQUAL (gym_store_export (store, GYM_FORMAT_CSV, true, put, &stopper, &err),
                   GYM_OK);
  CU_ASSERT_EQUAL (stopper.calls, 0);
  gym_store_destroy (&store);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "CSV", test_csv },
    { "CSV headers", test_headers },
    { "JSON lines", test_jsonl },
    { "text that is no UTF-8", test_bad_text },
    { "equal studies are equal", test_canonical },
    { "goals from measured metrics", test_canonical_measured },
    { "stopping", test_stopping },
    { "an empty store", test_empty },
    { 0 },
  };
  return tap_run ("store_export", tests);
}
