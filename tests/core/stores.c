#include <config.h>

#include "tests/core/stores.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const few[] = { "Open", "Closed, really", "it's \"open\"" };
static const char *const many[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
static const char *const when[] = { "Open", "it's \"open\"", NULL };

gym_space *
kit_space (uint32_t n, bool reals)
{
  static const struct gym_param kinds[] = {
    { .doc = "An unordered one.", .kind = GYM_CATEGORICAL, .levels = few, .n_levels = 3 },
    { .doc = "An ordered one.", .kind = GYM_ORDINAL, .levels = many, .n_levels = 8 },
    { .unit = "KiB", .kind = GYM_INTEGER, .low = -10, .high = 100000, .step = 5 },
    { .unit = "ns", .kind = GYM_REAL, .low = 1e-3, .high = 1e6, .initial = 1 },
    { .kind = GYM_INTEGER, .high = 9007199254740992.0, .parent = "p0", .when = when },
  };
  struct gym_param *params = calloc (n, sizeof *params);
  char (*names)[12] = calloc (n, sizeof *names);
  for (uint32_t i = 0; i < n; i++) {
    params[i] = kinds[reals ? i % 5 : i % 3];
    snprintf (names[i], sizeof names[i], "p%u", i);
    params[i].name = names[i];
  }
  gym_error err = { 0 };
  struct gym_params list = {
    .struct_size = sizeof list, .n = n, .stride = sizeof *params, .items = params
  };
  gym_space *space = gym_space_new (&list, &err);
  if (!space)
    tap_note ("%s", err.text);
  free (params);
  free (names);
  return space;
}

void
kit_make (struct kit *kit, gym_space *space, uint32_t n_metrics)
{
  static const char *const names[kit_metrics] = {
    "energy", "elapsed", "hidden", "p0",  "m4",  "m5",  "m6",  "m7",  "m8",  "m9",
    "m10",    "m11",     "m12",    "m13", "m14", "m15", "m16", "m17", "m18", "m19"
  };
  memset (kit, 0, sizeof *kit);
  snprintf (kit->folder, sizeof kit->folder, "/tmp/gym-store-XXXXXX");
  CU_ASSERT_PTR_NOT_NULL_FATAL (mkdtemp (kit->folder));
  snprintf (kit->path, sizeof kit->path, "%s/runs.db", kit->folder);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  kit->space = space;
  kit->n_params = gym_space_size (space);
  for (uint32_t i = 0; i < n_metrics; i++)
    kit->metrics[i] = (struct gym_metric){
      .name = names[i],
      .unit = i == 0 ? "nJ" : NULL,
      .doc = "A number.",
      .sense = i % 2 ? GYM_MAXIMISE : GYM_MINIMISE,
      .flags = i == 1   ? GYM_METRIC_MEASURED
               : i == 2 ? GYM_METRIC_SEALED
                        : 0,
    };
  kit->list = (struct gym_metrics){ .struct_size = sizeof kit->list,
                                    .n = n_metrics,
                                    .stride = sizeof kit->metrics[0],
                                    .items = kit->metrics };
  kit->fidelities[0] = (struct gym_fidelity){ .name = "rough", .cost = 0.25 };
  kit->fidelities[1] = (struct gym_fidelity){ .name = "full", .cost = 1 };
  kit->levels = (struct gym_fidelities){ .struct_size = sizeof kit->levels,
                                         .n = 2,
                                         .stride = sizeof kit->fidelities[0],
                                         .items = kit->fidelities };
  kit->row = (struct gym_study_row){ .identity = "{\"env\":\"made-up\"}",
                                     .env = "made-up-v1",
                                     .env_identity = "{\"id\":\"made-up-v1\"}",
                                     .objective = "energy",
                                     .budget = 1000,
                                     .seeds = "1..5",
                                     .fingerprint = "{\"cpu\":\"here\"}",
                                     .space = kit->space,
                                     .metrics = &kit->list,
                                     .fidelities = &kit->levels };
}

void
kit_free (struct kit *kit)
{
  char command[128];
  gym_space_destroy (&kit->space);
  snprintf (command, sizeof command, "rm -rf '%s'", kit->folder);
  CU_ASSERT_EQUAL (system (command), 0);
}

gym_writer *
kit_writer (const struct kit *kit, int64_t *runs, uint32_t n)
{
  gym_error err = { 0 };
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, &err);
  int64_t study = writer ? gym_writer_study (writer, &kit->row, NULL, 0, &err) : -1;
  bool good = study > 0;
  for (uint32_t i = 0; good && i < n; i++) {
    runs[i] = gym_writer_run (writer, study, 0, "agent-v1", "an agent", "{}", i + 1, NULL,
                              &err);
    good = runs[i] > 0;
  }
  if (!good) {
    tap_note ("%s", err.text);
    gym_writer_close (&writer, NULL);
  }
  return writer;
}

/* Numbers of all sizes, some of them whole (those are kept in another form). */
static double
some_number (gym_rng *rng)
{
  switch (gym_rng_below (rng, 4)) {
  case 0:
    return (double)gym_rng_below (rng, 1000000);
  case 1:
    return ldexp (gym_rng_real (rng) - 0.5, (int)gym_rng_below (rng, 2000) - 1000);
  default:
    return gym_rng_normal (rng) * 1e4;
  }
}

/* The number of the trial that `number` repeats, or itself. */
static uint64_t
origin_of (const struct kit *kit, uint64_t seed, uint64_t number)
{
  gym_rng rng;
  gym_rng_init (&rng, gym_rng_derive (seed, number, 1));
  if (number == 0 || gym_rng_below (&rng, 10) > 0)
    return number;
  return origin_of (kit, seed, gym_rng_below (&rng, number));
}

void
kit_trial (const struct kit *kit, int64_t run, uint64_t seed, uint64_t number,
           struct kit_trial *trial)
{
  gym_rng rng;
  memset (trial, 0, sizeof *trial);
  uint64_t origin = origin_of (kit, seed, number);
  gym_rng_init (&rng, gym_rng_derive (seed, origin, 2));
  bool ok = gym_rng_below (&rng, 5) > 0;
  uint32_t status = ok ? (uint32_t)GYM_TRIAL_OK : 1 + (uint32_t)gym_rng_below (&rng, 5);
  gym_space_sample (kit->space, &rng, trial->design);
  for (uint32_t i = 0; i < kit->list.n; i++)
    trial->metrics[i] = ok ? some_number (&rng) : NAN;
  if (ok && kit->list.n > 4 && gym_rng_below (&rng, 10) == 0)
    trial->metrics[4] = NAN; /* one that its fidelity does not yield */
  trial->logged = (struct gym_logged){
    .run = run,
    .number = number,
    .status = status,
    .fidelity = (uint32_t)gym_rng_below (&rng, 2),
    .attempts = (uint32_t)gym_rng_below (&rng, 3),
    .cached = gym_rng_below (&rng, 5) == 0,
    .origin = origin == number ? -1 : (int64_t)origin,
    .seed = gym_rng_u64 (&rng),
    .design = trial->design,
    .metrics = trial->metrics,
    .goal = ok ? trial->metrics[0] : NAN,
    .violation = ok ? (double)gym_rng_below (&rng, 2) : NAN,
    .note = trial->note,
  };
  if (!ok)
    snprintf (trial->note, sizeof trial->note, "no good: \"%llu\"\n\xC3\xA9,",
              (unsigned long long)origin);
  gym_rng_init (&rng, gym_rng_derive (seed, number, 3));
  if (gym_rng_below (&rng, 5) == 0) {
    gym_space_sample (kit->space, &rng, trial->asked);
    trial->logged.asked = trial->asked;
  }
}

int
kit_write (const struct kit *kit, gym_writer *writer, int64_t run, uint64_t seed,
           uint64_t first, uint64_t last, gym_error *err)
{
  struct kit_trial trial;
  int code = GYM_OK;
  for (uint64_t i = first; code == GYM_OK && i < last; i++) {
    kit_trial (kit, run, seed, i, &trial);
    code = gym_writer_trial (writer, &trial.logged, err);
  }
  return code;
}

/* ---- checking ---- */

struct check {
  const struct kit *kit;
  int64_t run;
  uint64_t seed;
  int64_t n;
};

static bool
same_number (double a, double b)
{
  return isnan (a) ? isnan (b) : a == b;
}

static bool
same_numbers (const double *a, const double *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (!same_number (a[i], b[i]))
      return false;
  return true;
}

static int
check_trial (void *context, const struct gym_logged *got, gym_error *err)
{
  struct check *check = context;
  const struct kit *kit = check->kit;
  struct kit_trial want;
  kit_trial (kit, check->run, check->seed, (uint64_t)check->n++, &want);
  const struct gym_logged *w = &want.logged;
  if (kit->list.n > 2)
    want.metrics[2] = NAN; /* sealed */
  bool same = got->run == w->run && got->number == w->number && got->status == w->status
              && got->fidelity == w->fidelity && got->attempts == w->attempts
              && got->cached == w->cached && got->origin == w->origin
              && got->seed == w->seed && same_number (got->goal, w->goal)
              && same_number (got->violation, w->violation)
              && strcmp (got->note ? got->note : "", w->note) == 0
              && same_numbers (got->design, w->design, kit->n_params)
              && same_numbers (got->metrics, w->metrics, kit->list.n)
              && same_numbers (got->asked ? got->asked : got->design,
                               w->asked ? w->asked : w->design, kit->n_params);
  return same ? GYM_OK
              : gym_fail (err, GYM_EINVAL, "trial %llu has changed",
                          (unsigned long long)w->number);
}

int64_t
kit_check (const struct kit *kit, gym_writer *writer, int64_t run, uint64_t seed,
           gym_error *err)
{
  struct check check = { .kit = kit, .run = run, .seed = seed };
  int64_t study = gym_writer_study (writer, &kit->row, NULL, 0, err);
  if (study < 0)
    return study;
  int code = gym_writer_replay (writer, study, run, check_trial, &check, err);
  return code < 0 ? code : check.n;
}

/* ---- looking at files ---- */

bool
kit_has (const struct kit *kit, const char *end)
{
  char name[128];
  snprintf (name, sizeof name, "%s%s", kit->path, end);
  return access (name, F_OK) == 0;
}

int64_t
kit_size (const struct kit *kit)
{
  struct stat info;
  return stat (kit->path, &info) == 0 ? (int64_t)info.st_size : -1;
}

const char *
kit_query (const char *path, const char *sql, char text[64])
{
  sqlite3 *db = NULL;
  sqlite3_stmt *query = NULL;
  snprintf (text, 64, "?");
  if (sqlite3_open (path, &db) == SQLITE_OK
      && sqlite3_prepare_v2 (db, sql, -1, &query, NULL) == SQLITE_OK
      && sqlite3_step (query) == SQLITE_ROW) {
    const char *value = (const char *)sqlite3_column_text (query, 0);
    snprintf (text, 64, "%s", value ? value : "NULL");
  } else
    snprintf (text, 64, "%s", sqlite3_errmsg (db));
  sqlite3_finalize (query);
  sqlite3_close (db);
  return text;
}

bool
kit_says (const gym_error *err, const char *word)
{
  if (strstr (err->text, word))
    return true;
  tap_note ("\"%s\" does not say \"%s\"", err->text, word);
  return false;
}

/* The child leaves without the checks at exit, which belong to the test itself. */
int
kit_fork (int (*body) (const struct kit *kit), const struct kit *kit)
{
  fflush (stdout);
  pid_t child = fork ();
  if (child == 0) {
    int code = body (kit);
    fflush (stdout);
    _exit (code);
  }
  int status = 1;
  return child > 0 && waitpid (child, &status, 0) == child ? status : -1;
}

struct memory {
  char *text;
  size_t length;
};

static int
put (void *sink, const char *text, size_t n)
{
  struct memory *memory = sink;
  char *grown = realloc (memory->text, memory->length + n + 1);
  if (!grown)
    return GYM_ENOMEM;
  memory->text = grown;
  memcpy (memory->text + memory->length, text, n);
  memory->length += n;
  memory->text[memory->length] = 0;
  return GYM_OK;
}

char *
kit_export (const struct kit *kit, enum gym_format format, bool canonical, gym_error *err)
{
  struct memory memory = { .text = NULL };
  gym_store *store = gym_store_open (kit->path, err);
  int code = store ? gym_store_export (store, format, canonical, put, &memory, err) : -1;
  gym_store_destroy (&store);
  if (code == GYM_OK)
    return memory.text;
  free (memory.text);
  return NULL;
}
