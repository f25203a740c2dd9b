/* Opening a store for reading: beside a writer, after a kill, without permissions, with
 * damage. */
#include <config.h>

#include "tests/core/stores.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
make (struct kit *kit, uint64_t n)
{
  int64_t run;
  kit_make (kit, kit_space (5, true), 5);
  gym_writer *writer = kit_writer (kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  CU_ASSERT_EQUAL (kit_write (kit, writer, run, 1, 0, n, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
}

/* Number of rows, or a code. */
static int64_t
count_rows (gym_cursor *cursor, gym_error *err)
{
  int64_t n = 0;
  int code = -1;
  while (cursor && (code = gym_cursor_next (cursor, err)) == 1)
    n++;
  gym_cursor_destroy (&cursor);
  return code < 0 ? code : n;
}

/* Trials that a reader sees in a store opened now. */
static int64_t
count_trials (const struct kit *kit, gym_error *err)
{
  gym_store *store = gym_store_open (kit->path, err);
  int64_t n = store ? count_rows (gym_store_trials (store, 0, 0, err), err) : -1;
  gym_store_destroy (&store);
  return n;
}

static void
test_clean (void)
{
  struct kit kit;
  gym_error err = { 0 };
  make (&kit, 300);
  CU_ASSERT_EQUAL (count_trials (&kit, &err), 300);
  CU_ASSERT_FALSE (kit_has (&kit, "-wal"));
  CU_ASSERT_FALSE (kit_has (&kit, "-shm"));
  CU_ASSERT_FALSE (kit_has (&kit, "-lock"));
  kit_free (&kit);
}

static bool
row_is (gym_cursor *cursor, const char *const *want, uint32_t n)
{
  gym_error err = { 0 };
  if (!cursor || gym_cursor_next (cursor, &err) != 1)
    return false;
  bool same = true;
  for (uint32_t i = 0; i < n; i++) {
    const char *text = gym_cursor_text (cursor, i);
    if (want[i] && strcmp (text ? text : "", want[i]) != 0) {
      tap_note ("%s: %s", gym_cursor_name (cursor, i), text ? text : "NULL");
      same = false;
    }
  }
  return same;
}

static void
test_lists (void)
{
  struct kit kit;
  gym_error err = { 0 };
  int64_t runs[3];
  kit_make (&kit, kit_space (2, false), 1);
  gym_writer *writer = kit_writer (&kit, runs, 3);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, runs[1], 2, 0, 20, NULL), GYM_OK);
  gym_store *store = gym_store_open (kit.path, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (store);
  const char *study[] = {
    "1",       kit.row.env, "energy", "1000",         "1..5",
    "pending", "3",         NULL,     gym_version (), kit.row.fingerprint
  };
  gym_cursor *cursor = gym_store_studies (store, &err);
  CU_ASSERT_TRUE (row_is (cursor, study, 10));
  gym_cursor_destroy (&cursor);
  gym_writer_run_state (writer, runs[1], GYM_RUN_FINISHED, 20.5, NULL);
  study[5] = "running";
  study[7] = "20";
  cursor = gym_store_studies (store, &err);
  CU_ASSERT_TRUE (row_is (cursor, study, 10));
  gym_cursor_destroy (&cursor);
  for (int i = 0; i < 3; i += 2)
    gym_writer_run_state (writer, runs[i], GYM_RUN_STALLED, 1, NULL);
  study[5] = "finished";
  cursor = gym_store_studies (store, &err);
  CU_ASSERT_TRUE (row_is (cursor, study, 10));
  gym_cursor_destroy (&cursor);
  gym_writer_run_state (writer, runs[1], GYM_RUN_STALLED, 20.5, NULL);
  study[5] = "stalled";
  cursor = gym_store_studies (store, &err);
  CU_ASSERT_TRUE (row_is (cursor, study, 10));
  CU_ASSERT_EQUAL (gym_cursor_next (cursor, &err), 0);
  gym_cursor_destroy (&cursor);
  static const char *const first[] = { "1",  "1", "an agent", "agent-v1", "0",
                                       "{}", "1", "stalled",  "1",        "0" };
  static const char *const second[] = { "1",  "2", "an agent", "agent-v1", "0",
                                        "{}", "2", "stalled",  "20.5",     "20" };
  cursor = gym_store_runs (store, 1, &err);
  CU_ASSERT_TRUE (row_is (cursor, first, 10));
  CU_ASSERT_TRUE (row_is (cursor, second, 10));
  const char *begun = gym_cursor_text (cursor, 10);
  CU_ASSERT (begun && strlen (begun) == 20 && begun[10] == 'T' && begun[19] == 'Z');
  gym_cursor_destroy (&cursor);
  CU_ASSERT_EQUAL (count_rows (gym_store_runs (store, 0, &err), &err), 3);
  CU_ASSERT_EQUAL (count_rows (gym_store_runs (store, 8, &err), &err), 0);
  gym_store_destroy (&store);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_free (&kit);
}

/* ---- while a study writes ---- */

static _Atomic uint64_t *written;

static int
write_slowly (const struct kit *kit)
{
  int64_t run;
  gym_writer *writer = kit_writer (kit, &run, 1);
  if (!writer)
    return 1;
  for (uint64_t i = 0; i < 30000; i++) {
    if (kit_write (kit, writer, run, 1, i, i + 1, NULL) < 0)
      return 1;
    if (i % 100 == 0 && gym_writer_commit (writer, NULL) == GYM_OK)
      *written = i + 1;
  }
  return gym_writer_close (&writer, NULL) != GYM_OK;
}

/* What a reader sees is at least what was committed before it looked, and it never gets
 * in the writer's way. */
static void
test_beside_a_writer (void)
{
  struct kit kit;
  gym_error err = { 0 };
  int looks = 0, status = 1;
  kit_make (&kit, kit_space (5, true), 5);
  written = mmap (NULL, sizeof *written, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  fflush (stdout);
  pid_t child = fork ();
  if (child == 0)
    _exit (write_slowly (&kit));
  const struct timespec nap = { .tv_nsec = 1000000 };
  for (int waited = 0; *written == 0 && waited < 20000; waited++)
    nanosleep (&nap, NULL);
  gym_store *store = gym_store_open (kit.path, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (store);
  while (waitpid (child, &status, WNOHANG) == 0) {
    int64_t before = (int64_t)*written;
    int64_t seen = looks++ % 2 ? count_rows (gym_store_trials (store, 1, 0, &err), &err)
                               : count_trials (&kit, &err);
    if (seen < before) {
      tap_note ("%lld of %lld: %s", (long long)seen, (long long)before, err.text);
      CU_FAIL ("a committed trial was not seen");
      break;
    }
    CU_ASSERT (count_rows (gym_store_best (store, 1, 5, &err), &err) > 0);
  }
  tap_note ("%d looks at a growing store", looks);
  CU_ASSERT_EQUAL (status, 0);
  CU_ASSERT_EQUAL (count_rows (gym_store_trials (store, 1, 0, &err), &err), 30000);
  gym_store_destroy (&store);
  kit_free (&kit);
}

static int
die_writing (const struct kit *kit)
{
  int64_t run;
  gym_writer *writer = kit_writer (kit, &run, 1);
  if (!writer || kit_write (kit, writer, run, 1, 0, 500, NULL) < 0)
    return 1;
  gym_writer_commit (writer, NULL);
  raise (SIGKILL);
  return 1;
}

/* What a killed study left in its log is read, and its mark is left for the next one. */
static void
test_after_a_kill (void)
{
  struct kit kit;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (5, true), 5);
  CU_ASSERT_NOT_EQUAL (kit_fork (die_writing, &kit), 0);
  CU_ASSERT_TRUE (kit_has (&kit, "-wal"));
  CU_ASSERT_EQUAL (count_trials (&kit, &err), 500);
  CU_ASSERT_EQUAL (count_trials (&kit, &err), 500);
  CU_ASSERT_TRUE (kit_has (&kit, "-lock"));
  kit_free (&kit);
}

/* ---- without permissions ---- */

static int
drop_root (void)
{
  return geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0);
}

static int
read_200 (const struct kit *kit)
{
  gym_error err = { 0 };
  if (drop_root ())
    return 2;
  int64_t n = count_trials (kit, &err);
  if (n != 200)
    tap_note ("%lld: %s", (long long)n, err.text);
  return n != 200;
}

static int
read_nothing (const struct kit *kit)
{
  gym_error err = { 0 };
  if (drop_root ())
    return 2;
  int64_t n = count_trials (kit, &err);
  return n >= 0 || err.code != GYM_EIO || !kit_says (&err, kit->path);
}

static void
test_read_only (void)
{
  struct kit kit;
  make (&kit, 200);
  CU_ASSERT_EQUAL (chmod (kit.path, 0444), 0);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0555), 0);
  CU_ASSERT_EQUAL (kit_fork (read_200, &kit), 0);
  CU_ASSERT_FALSE (kit_has (&kit, "-wal"));
  CU_ASSERT_EQUAL (chmod (kit.path, 0666), 0); /* the folder alone */
  CU_ASSERT_EQUAL (kit_fork (read_200, &kit), 0);
  CU_ASSERT_FALSE (kit_has (&kit, "-wal"));
  CU_ASSERT_EQUAL (chmod (kit.path, 0444), 0);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0777), 0); /* the file alone */
  CU_ASSERT_EQUAL (kit_fork (read_200, &kit), 0);
  CU_ASSERT_EQUAL (chmod (kit.path, 0000), 0);
  CU_ASSERT_EQUAL (kit_fork (read_nothing, &kit), 0);
  CU_ASSERT_EQUAL (chmod (kit.path, 0666), 0);
  kit_free (&kit);
}

/* A name with everything that means something in a URI. */
static void
test_odd_name (void)
{
  struct kit kit;
  make (&kit, 200);
  char name[96];
  snprintf (name, sizeof name, "%s/a%%20b?mode=x#1 \xC3\xA9.db", kit.folder);
  CU_ASSERT_EQUAL (rename (kit.path, name), 0);
  snprintf (kit.path, sizeof kit.path, "%s", name);
  CU_ASSERT_EQUAL (count_trials (&kit, NULL), 200);
  CU_ASSERT_EQUAL (chmod (kit.path, 0444), 0);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0555), 0);
  CU_ASSERT_EQUAL (kit_fork (read_200, &kit), 0);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0777), 0);
  kit_free (&kit);
}

/* Trials in a log that cannot be used are not passed over in silence. */
static int
read_log_or_say_so (const struct kit *kit)
{
  gym_error err = { 0 };
  if (drop_root ())
    return 2;
  int64_t n = count_trials (kit, &err);
  return n == 500 || (n < 0 && err.code == GYM_EIO && kit_says (&err, "-wal")) ? 0 : 1;
}

static void
test_log_in_read_only_folder (void)
{
  struct kit kit;
  char name[128];
  kit_make (&kit, kit_space (5, true), 5);
  CU_ASSERT_NOT_EQUAL (kit_fork (die_writing, &kit), 0);
  snprintf (name, sizeof name, "%s-shm", kit.path);
  unlink (name);
  CU_ASSERT_EQUAL (chmod (kit.path, 0444), 0);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0555), 0);
  CU_ASSERT_EQUAL (kit_fork (read_log_or_say_so, &kit), 0);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0777), 0);
  kit_free (&kit);
}

/* ---- strange and damaged files ---- */

static void
refuse (const char *path, int code, const char *word)
{
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_store_open (path, &err));
  CU_ASSERT_EQUAL (err.code, code);
  CU_ASSERT_TRUE (kit_says (&err, word) && (!path[0] || kit_says (&err, path)));
  CU_ASSERT_PTR_NULL (strchr (err.text, '\n'));
}

static void
test_strange_files (void)
{
  struct kit kit;
  char text[64];
  make (&kit, 10);
  refuse ("/nowhere/runs.db", GYM_ENOTFOUND, "does not exist");
  refuse ("", GYM_EINVAL, "file name");
  refuse (kit.folder, GYM_EINVAL, "not a file");
  kit_query (kit.path, "PRAGMA user_version = 99", text);
  refuse (kit.path, GYM_EINVAL, "newer");
  kit_query (kit.path, "PRAGMA application_id = 5", text);
  refuse (kit.path, GYM_EINVAL, "another program");
  FILE *file = fopen (kit.path, "w");
  for (int i = 0; i < 1000; i++)
    fputs ("no database", file);
  fclose (file);
  refuse (kit.path, GYM_EINVAL, "no SQLite database");
  fclose (fopen (kit.path, "w"));
  refuse (kit.path, GYM_EINVAL, "empty");
  unlink (kit.path);
  refuse (kit.path, GYM_ENOTFOUND, "no such file");
  CU_ASSERT_FALSE (kit_has (&kit, ""));
  kit_free (&kit);
}

/* Reads everything there is, however wrong; only a signal would be a failure. */
static int64_t
read_all (const struct kit *kit)
{
  gym_error err = { 0 };
  gym_store *store = gym_store_open (kit->path, &err);
  int64_t n = store ? 0 : -1;
  gym_cursor *cursors[4] = { 0 };
  if (store) {
    cursors[0] = gym_store_studies (store, &err);
    cursors[1] = gym_store_runs (store, 0, &err);
    cursors[2] = gym_store_best (store, 0, 10, &err);
    cursors[3] = gym_store_trials (store, 0, 0, &err);
  }
  for (int i = 0; i < 4; i++) {
    while (cursors[i] && gym_cursor_next (cursors[i], &err) == 1)
      for (uint32_t k = 0; k < gym_cursor_columns (cursors[i]); k++)
        n += gym_cursor_text (cursors[i], k) != NULL
             && !isnan (gym_cursor_number (cursors[i], k));
    gym_cursor_destroy (&cursors[i]);
  }
  gym_store_destroy (&store);
  free (kit_export (kit, GYM_FORMAT_JSONL, true, &err));
  return n;
}

static void
test_damage (void)
{
  struct kit kit;
  gym_rng rng;
  make (&kit, 600);
  gym_rng_init (&rng, 12);
  size_t n = (size_t)kit_size (&kit);
  char *good = malloc (n), *bad = malloc (n);
  FILE *file = fopen (kit.path, "rb");
  CU_ASSERT_EQUAL_FATAL (fread (good, 1, n, file), n);
  fclose (file);
  CU_ASSERT (read_all (&kit) > 600);
  for (int i = 0; i < 200; i++) {
    size_t kept = i % 8 ? n : (size_t)gym_rng_below (&rng, n);
    memcpy (bad, good, n);
    for (uint64_t k = i % 8 ? 1 + gym_rng_below (&rng, 40) : 0; k > 0; k--)
      bad[gym_rng_below (&rng, i % 2 ? n : 9000)] = (char)gym_rng_u32 (&rng);
    file = fopen (kit.path, "wb");
    fwrite (bad, 1, kept, file);
    fclose (file);
    read_all (&kit);
  }
  free (good);
  free (bad);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "a clean store is left clean", test_clean },
    { "studies and runs", test_lists },
    { "beside a writer", test_beside_a_writer },
    { "after a kill", test_after_a_kill },
    { "read-only file or folder", test_read_only },
    { "an odd name", test_odd_name },
    { "a log in a read-only folder", test_log_in_read_only_folder },
    { "files that are no stores", test_strange_files },
    { "damaged pages", test_damage },
    { 0 },
  };
  return tap_run ("store_read", tests);
}
