/* Every allocation may fail: the public API must say so, leak nothing and go on living.
 *
 * malloc and its kin are interposed for the whole process, libraries and plugins
 * included; the nth call from the start of a scenario fails, or every call from the nth
 * on. Not possible under the sanitizers or valgrind, which bring a malloc of their own.
 */
#include "tests/core/study_help.h"

#include <dlfcn.h>
#include <errno.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_OWN_MALLOC 0
#else
#define HAVE_OWN_MALLOC 1
#endif

static long calls, fail_from, fail_to, live;
static int armed, last_code;
static bool spare_json;

#if HAVE_OWN_MALLOC
void *__libc_malloc (size_t);
void *__libc_calloc (size_t, size_t);
void *__libc_realloc (void *, size_t);
void __libc_free (void *);
/* Exported, so that the shared libraries call these too. */
GYM_EXPORT void *malloc (size_t);
GYM_EXPORT void *calloc (size_t, size_t);
GYM_EXPORT void *realloc (void *, size_t);
GYM_EXPORT void free (void *);

/* Jansson (2.14) aborts when memory runs out within a text that has escapes: the note of
 * a model is one, so scenarios that read notes let it have its memory. */
static bool
is_json (const void *caller)
{
  Dl_info info;
  return spare_json && dladdr (caller, &info) && strstr (info.dli_fname, "jansson");
}

static int
must_fail (const void *caller)
{
  if (!armed || is_json (caller))
    return 0;
  long n = ++calls;
  if (n < fail_from || n > fail_to)
    return 0;
  errno = ENOMEM;
  return 1;
}

void *
malloc (size_t n)
{
  void *p = must_fail (__builtin_return_address (0)) ? NULL : __libc_malloc (n);
  live += p != NULL;
  return p;
}

void *
calloc (size_t n, size_t size)
{
  void *p = must_fail (__builtin_return_address (0)) ? NULL : __libc_calloc (n, size);
  live += p != NULL;
  return p;
}

void *
realloc (void *old, size_t n)
{
  void *p = must_fail (__builtin_return_address (0)) ? NULL : __libc_realloc (old, n);
  live += p != NULL && old == NULL;
  return p;
}

void
free (void *p)
{
  live -= p != NULL;
  __libc_free (p);
}
#endif

/* A scenario returns 0 or the code of the first call that failed, or WRONG when a call
 * went well and had another result than with memory. */
enum { WRONG = 1 };
typedef int (*scenario) (gym_error *err);

static int
study (const char *store, gym_error *err)
{
  gym_registry *r = gym_registry_new (err);
  int rc = r ? gym_registry_scan (r, err) : GYM_ENOMEM;
  gym_env *env = rc == GYM_OK ? gym_env_open (r, "toy", NULL, err) : NULL;
  gym_study *s = env ? gym_study_new (env, "target(delay,4ns); energy<=6", err) : NULL;
  if (rc == GYM_OK && !s)
    rc = err->code;
  if (rc == GYM_OK)
    rc = gym_study_add (s, "random", NULL, NULL, err);
  if (rc == GYM_OK)
    rc = gym_study_add (s, "ga", NULL, "genes", err);
  if (rc == GYM_OK)
    rc = gym_study_set_budget (s, 12, err);
  if (rc == GYM_OK)
    rc = gym_study_set_seeds_text (s, "1..2", err);
  if (rc == GYM_OK)
    rc = gym_study_set_store (s, store, err);
  if (rc == GYM_OK)
    rc = gym_study_run (s, err);
  gym_study_destroy (&s);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  return rc;
}

static int
without_store (gym_error *err)
{
  return study (NULL, err);
}

static char store_path[256];

static int
with_store (gym_error *err)
{
  unlink (store_path);
  return study (store_path, err);
}

static int
drop (void *sink, const char *text, size_t n)
{
  (void)text;
  *(size_t *)sink += n;
  return GYM_OK;
}

static int
reading (gym_error *err)
{
  gym_store *store = gym_store_open (store_path, err);
  if (!store)
    return err->code;
  size_t n = 0;
  int rc = gym_store_export (store, GYM_FORMAT_CSV, false, drop, &n, err);
  if (rc == GYM_OK)
    rc = gym_store_export (store, GYM_FORMAT_JSONL, true, drop, &n, err);
  gym_cursor *c = rc == GYM_OK ? gym_store_best (store, 0, 3, err) : NULL;
  if (rc == GYM_OK && !c)
    rc = err->code;
  while (rc == GYM_OK && gym_cursor_next (c, err) == 1)
    ;
  rc = rc == GYM_OK ? err->code : rc;
  gym_cursor_destroy (&c);
  gym_store_destroy (&store);
  return rc;
}

/* Every way out of a data set. */
static int
dataset (gym_error *err)
{
  static const char *const ends[] = { "csv", "jsonl", "npz", "parquet" };
  const char *path = store_path;
  char file[300];
  gym_dataset *d = gym_dataset_open (&path, 1, NULL, err);
  int rc = d && gym_dataset_load (d, err) ? GYM_OK : err->code;
  for (int i = 0; rc == GYM_OK && i < 4; i++) {
    snprintf (file, sizeof file, "%s.%s", store_path, ends[i]);
    rc = gym_dataset_write (d, file, NULL, err);
  }
  for (int i = 1; rc == GYM_OK && i < 3; i++) {
    snprintf (file, sizeof file, "%s.e.%s", store_path, ends[i]);
    rc = gym_dataset_write_episodes (d, file, NULL, NULL, err);
  }
  char *text = rc == GYM_OK ? gym_dataset_describe (d, err) : NULL;
  if (rc == GYM_OK && !text)
    rc = err->code;
  gym_free (text);
  gym_dataset_destroy (&d);
  return rc;
}

/* Rows of two agents, hints, a model of them and every kind of score. */
static int
models (gym_error *err)
{
  const char *path = store_path, *const metrics[] = { "energy" },
             *const hints[] = { "delay" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 1,
                                           .metrics = metrics };
  struct gym_proxy_choice taught = choice;
  const struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe,
                                           .model = "ridge",
                                           .transform = GYM_TRANSFORM_BOXCOX };
  const size_t sizes[] = { 4, 8 };
  struct gym_scores s[4];
  struct gym_proxy_draw draws[] = { { .lone = &s[0], .mixed = &s[1] } };
  taught.n_hints = 1;
  taught.hints = hints;
  gym_registry *r = gym_registry_new (err);
  int rc = r ? gym_registry_scan (r, err) : GYM_ENOMEM;
  gym_proxy_data *d = rc == GYM_OK ? gym_proxy_data_open (&path, 1, &choice, err) : NULL,
                 *e = d ? gym_proxy_data_open (&path, 1, &taught, err) : NULL;
  gym_proxy *p = e ? gym_proxy_train (r, d, &recipe, err) : NULL;
  struct gym_proxy_origin origin = { .struct_size = sizeof origin };
  if (rc == GYM_OK)
    rc = p ? gym_proxy_origin_read (p, &origin, err) : err->code;
  if (rc == GYM_OK)
    rc = gym_proxy_score (p, d, s, err);
  if (rc == GYM_OK)
    rc = gym_proxy_folds (r, d, &recipe, 2, s, err);
  if (rc == GYM_OK)
    rc = gym_proxy_curve (r, d, &recipe, sizes, 2, s, err);
  if (rc == GYM_OK)
    rc = gym_proxy_diversity (r, d, &recipe, 0, draws, 1, err);
  gym_proxy_origin_clear (&origin);
  gym_proxy_destroy (&p);
  gym_proxy_data_destroy (&e);
  gym_proxy_data_destroy (&d);
  gym_registry_destroy (&r);
  return rc;
}

static char model_path[256];

/* Whether the largest design of toy is made smaller, as its rule asks. */
static int
follow_rules (gym_env *env, gym_error *err)
{
  double row[] = { 2, 3, 16, 64, 1, 1, NAN, NAN };
  if (gym_env_repair (env, row) && row[2] * row[3] <= 512)
    return GYM_OK;
  gym_fail (err, 0, "the rules of the env are not followed");
  return WRONG;
}

/* Env `proxy` with the rules of the env behind it, and with its real evaluations. */
static int
env_of_model (gym_error *err)
{
  char text[300];
  snprintf (text, sizeof text, "model=%s", model_path);
  gym_registry *r = gym_registry_new (err);
  int rc = r ? gym_registry_scan (r, err) : GYM_ENOMEM;
  gym_settings *settings = rc == GYM_OK ? gym_settings_new (err) : NULL;
  if (rc == GYM_OK)
    rc = settings ? gym_settings_parse (settings, text, err) : GYM_ENOMEM;
  gym_env *strict = rc == GYM_OK ? gym_env_open (r, "proxy", settings, err) : NULL;
  if (rc == GYM_OK)
    rc = strict ? follow_rules (strict, err) : err->code;
  if (rc == GYM_OK)
    rc = gym_settings_parse (settings, "real=yes", err);
  gym_env *env = rc == GYM_OK ? gym_env_open (r, "proxy", settings, err) : NULL;
  if (rc == GYM_OK && !env)
    rc = err->code;
  enum { ROWS = 3, P = 8, M = 2 };
  double rows[ROWS * P], metrics[ROWS * M];
  uint32_t statuses[ROWS];
  char notes[ROWS * GYM_NOTE];
  const uint32_t fidelities[] = { 0, 1, 0 };
  gym_rng rng;
  gym_rng_init (&rng, 5);
  for (size_t i = 0; rc == GYM_OK && i < ROWS; i++) {
    gym_space_sample (gym_env_space (env), &rng, rows + i * P);
    gym_env_repair (env, rows + i * P);
  }
  for (size_t n = 1; rc == GYM_OK && n <= ROWS; n += 2)
    rc = gym_env_evaluate (env, n, rows, fidelities, NULL, metrics, statuses, notes, err);
  /* A design that is not evaluated for want of memory is no bad design. */
  for (size_t i = 0; rc == GYM_OK && i < ROWS; i++)
    if (statuses[i] != GYM_TRIAL_OK) {
      gym_fail (err, 0, "a row has status %u: %s", statuses[i], notes + i * GYM_NOTE);
      rc = WRONG;
    }
  gym_env_destroy (&env);
  gym_env_destroy (&strict);
  gym_settings_destroy (&settings);
  gym_registry_destroy (&r);
  return rc;
}

/* From the bank to a study that begins from its prior. */
static int
prior (gym_error *err)
{
  const char *path = store_path;
  const struct gym_bank_options o = { .struct_size = sizeof o, .objective = "energy" };
  gym_registry *r = gym_registry_new (err);
  gym_settings *other = gym_settings_new (err);
  int rc = r ? gym_registry_scan (r, err) : GYM_ENOMEM;
  if (rc == GYM_OK)
    rc = other ? gym_settings_set (other, "scale", "2", err) : GYM_ENOMEM;
  gym_env *env = rc == GYM_OK ? gym_env_open (r, "toy", other, err) : NULL;
  gym_bank *bank = env ? gym_bank_open (&path, 1, env, &o, err) : NULL;
  gym_prior *p = bank ? gym_bank_prior (bank, NULL, err) : NULL;
  gym_prior *q =
      p ? gym_prior_from_json (gym_env_space (env), gym_prior_json (p), err) : NULL;
  char *text = q ? gym_prior_describe (p, err) : NULL;
  gym_study *s = text ? gym_study_new (env, "energy", err) : NULL;
  rc = s ? gym_study_add_prior (s, "aco", NULL, p, NULL, err) : err->code;
  if (rc == GYM_OK)
    rc = gym_study_set_budget (s, 3, err);
  if (rc == GYM_OK)
    rc = gym_study_run (s, err);
  gym_study_destroy (&s);
  gym_free (text);
  gym_prior_destroy (&q);
  gym_prior_destroy (&p);
  gym_bank_destroy (&bank);
  gym_env_destroy (&env);
  gym_settings_destroy (&other);
  gym_registry_destroy (&r);
  return rc;
}

static int
designs (gym_error *err)
{
  gym_registry *r = gym_registry_new (err);
  int rc = r ? gym_registry_scan (r, err) : GYM_ENOMEM;
  gym_env *env = rc == GYM_OK ? gym_env_open (r, "toy", NULL, err) : NULL;
  char *json = env ? gym_space_to_json (gym_env_space (env), err) : NULL;
  gym_space *space = json ? gym_space_from_json (json, err) : NULL;
  char *table = space ? gym_space_describe (space, err) : NULL;
  double row[8];
  rc = table ? gym_design_parse (space, "rows=3,clock=1.5", row, err) : err->code;
  char *design = rc >= 0 ? gym_design_to_json (space, row, err) : NULL;
  if (rc >= 0)
    rc = design ? gym_design_from_json (space, design, row, err) : err->code;
  gym_archive *a = rc >= 0 ? gym_archive_new (3, err) : NULL;
  for (int i = 0; a && i < 40 && rc >= 0; i++)
    rc = gym_archive_add (a, (double[]){ i, 40 - i, i % 7 }, (uint64_t)i, err);
  double reference[] = { 50, 50, 50 }, volume;
  if (a && rc >= 0)
    rc = gym_archive_hypervolume (a, reference, &volume, err);
  rc = rc < 0 ? rc : err->code;
  gym_archive_destroy (&a);
  gym_free (design);
  gym_free (table);
  gym_space_destroy (&space);
  gym_free (json);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  return rc;
}

/* One scenario with calls `from` .. `to` failing; true when it behaved. */
static bool
attempt (scenario run, long from, long to, long expected_live)
{
  gym_error err = { 0 };
  long before = live;
  calls = 0;
  fail_from = from;
  fail_to = to;
  armed = 1;
  int rc = run (&err);
  armed = 0;
  last_code = rc;
  /* A file that could not be read for want of memory is as good as ever. */
  bool good = rc == GYM_OK
              || (rc < 0 && err.code < 0 && err.text[0] && !strstr (err.text, "damaged"));
  bool clean = live - before <= expected_live;
  if (!good || !clean)
    tap_note ("calls %ld..%ld: code %d, \"%s\", %ld blocks more", from, to, rc, err.text,
              live - before);
  return good && clean;
}

static void
explore (scenario run)
{
  const char *preload = getenv ("LD_PRELOAD");
  if (!HAVE_OWN_MALLOC || (preload && strstr (preload, "vgpreload"))) {
    tap_skip ("a sanitizer or valgrind owns malloc");
    return;
  }
  /* The first runs load libraries for good; after them a run must leave nothing. */
  CU_ASSERT_FATAL (attempt (run, 1, 0, 1000000));
  CU_ASSERT_FATAL (attempt (run, 1, 0, 1000));
  CU_ASSERT_FATAL (attempt (run, 1, 0, 0));
  long n = calls, step = getenv ("GYM_LONG") || n < 700 ? 1 : n / 700 + 1, bad = 0;
  CU_ASSERT (n > 10);
  attempt (run, 1, 1000000000, 0);
  CU_ASSERT_EQUAL (last_code, GYM_ENOMEM);
  for (long i = 1; i <= n && bad < 5; i += step) {
    bad += !attempt (run, i, i, 0);
    bad += !attempt (run, i, 1000000000, 0);
  }
  CU_ASSERT_EQUAL (bad, 0);
  CU_ASSERT_EQUAL (run (&(gym_error){ 0 }), GYM_OK);
  tap_note ("%ld allocations", n);
}

static void
test_without_store (void)
{
  explore (without_store);
}

static void
test_with_store (void)
{
  help_scratch (store_path, "runs.db");
  explore (with_store);
  help_remove (store_path);
}

static void
test_reading (void)
{
  gym_error err = { 0 };
  help_scratch (store_path, "runs.db");
  CU_ASSERT_EQUAL_FATAL (with_store (&err), GYM_OK);
  explore (reading);
  help_remove (store_path);
}

static void
test_dataset (void)
{
  gym_error err = { 0 };
  help_scratch (store_path, "runs.db");
  CU_ASSERT_EQUAL_FATAL (with_store (&err), GYM_OK);
  explore (dataset);
  help_remove (store_path);
}

static void
test_models (void)
{
  gym_error err = { 0 };
  help_scratch (store_path, "runs.db");
  CU_ASSERT_EQUAL_FATAL (with_store (&err), GYM_OK);
  spare_json = true;
  explore (models);
  help_remove (store_path);
}

static void
test_env_of_model (void)
{
  const char *path = store_path, *const metrics[] = { "energy" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 1,
                                           .metrics = metrics };
  const struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe,
                                           .model = "forest",
                                           .transform = GYM_TRANSFORM_LOG };
  gym_error err = { 0 };
  help_scratch (store_path, "runs.db");
  help_scratch (model_path, "runs.proxy");
  CU_ASSERT_EQUAL_FATAL (with_store (&err), GYM_OK);
  gym_registry *r = help_registry ();
  gym_proxy_data *d = gym_proxy_data_open (&path, 1, &choice, &err);
  gym_proxy *p = d ? gym_proxy_train (r, d, &recipe, &err) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  CU_ASSERT_EQUAL (gym_proxy_save (p, model_path, &err), GYM_OK);
  gym_proxy_destroy (&p);
  gym_proxy_data_destroy (&d);
  gym_registry_destroy (&r);
  spare_json = true;
  explore (env_of_model);
  help_remove (store_path);
  help_remove (model_path);
}

static void
test_prior (void)
{
  gym_error err = { 0 };
  help_scratch (store_path, "runs.db");
  CU_ASSERT_EQUAL_FATAL (with_store (&err), GYM_OK);
  spare_json = true; /* its reader of numbers aborts */
  explore (prior);
  help_remove (store_path);
}

static void
test_designs (void)
{
  explore (designs);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "designs and spaces", test_designs },
                                           { "a study", test_without_store },
                                           { "a study with a store", test_with_store },
                                           { "reading a store", test_reading },
                                           { "a data set", test_dataset },
                                           { "a prior", test_prior },
                                           { "models and scores", test_models },
                                           { "a model as env", test_env_of_model },
                                           { 0 } };
  return tap_run ("allocation", tests);
}
