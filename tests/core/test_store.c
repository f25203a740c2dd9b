/* The writing side: round trips, groups, kills, two writers, full disks, strange files.
 */
#include <config.h>

#include "tests/core/spaces.h"
#include "tests/core/stores.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
nap (long ms)
{
  const struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
  nanosleep (&time, NULL);
}

static double
seconds (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Two runs written alternately with closes in between, read back number for number. */
static void
round_trip (gym_space *space, uint32_t n_metrics)
{
  struct kit kit;
  gym_error err = { 0 };
  int64_t runs[2];
  kit_make (&kit, space, n_metrics);
  for (int part = 0; part < 3; part++) {
    gym_writer *writer = kit_writer (&kit, runs, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
    for (uint64_t i = 20 * (uint64_t)part; i < 20 * (uint64_t)part + 20; i++)
      for (uint64_t r = 0; r < 2; r++)
        CU_ASSERT_EQUAL (kit_write (&kit, writer, runs[r], r + 1, i, i + 1, &err), 0);
    CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
    CU_ASSERT_PTR_NULL (writer);
  }
  gym_writer *writer = kit_writer (&kit, runs, 2);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  for (uint64_t r = 0; r < 2; r++)
    if (kit_check (&kit, writer, runs[r], r + 1, &err) != 60)
      CU_FAIL (err.text);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  CU_ASSERT_FALSE (kit_has (&kit, "-lock"));
  CU_ASSERT_FALSE (kit_has (&kit, "-wal"));
  CU_ASSERT_FALSE (kit_has (&kit, "-shm"));
  if (err.text[0])
    tap_note ("%s", err.text);
  char text[64];
  kit_query (
      kit.path,
      "SELECT (SELECT count(*) FROM trials WHERE origin IS NULL) - (SELECT count(*)"
      " FROM made_up_v1)",
      text);
  CU_ASSERT_STRING_EQUAL (text, "0"); /* repeats keep no numbers of their own */
  kit_free (&kit);
}

static void
test_round_trips (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 20);
  for (uint32_t i = 0; i < 20; i++)
    round_trip (make_space (&rng, 1 + 3 * i, i % 2), i % 7);
  round_trip (kit_space (5, true), 20);
}

/* Negative zero comes back as zero, the smallest and largest numbers as they are. */
static int
check_edges (void *context, const struct gym_logged *trial, gym_error *err)
{
  (void)err;
  *(int *)context += 1;
  CU_ASSERT_EQUAL (trial->metrics[0], 0.0);
  CU_ASSERT_FALSE (signbit (trial->metrics[0]));
  CU_ASSERT_EQUAL (trial->metrics[1], 0x1p-1074);
  CU_ASSERT_TRUE (isnan (trial->metrics[2]));
  CU_ASSERT_EQUAL (trial->metrics[3], 0x1.fffffffffffffp1023);
  CU_ASSERT_EQUAL (trial->metrics[4], 9007199254740993.0);
  return GYM_OK;
}

static void
test_edges (void)
{
  struct kit kit;
  int64_t run;
  int seen = 0;
  kit_make (&kit, kit_space (4, true), 5);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  double design[4];
  gym_space_default (kit.space, design);
  const double metrics[5] = { -0.0, 0x1p-1074, 3, 0x1.fffffffffffffp1023,
                              9007199254740993.0 };
  const struct gym_logged trial = {
    .run = run, .origin = -1, .design = design, .metrics = metrics
  };
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial, NULL), GYM_OK);
  int64_t study = gym_writer_study (writer, &kit.row, NULL, 0, NULL);
  CU_ASSERT_EQUAL (gym_writer_replay (writer, study, run, check_edges, &seen, NULL),
                   GYM_OK);
  CU_ASSERT_EQUAL (seen, 1);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_free (&kit);
}

/* Bytes a trial of `n` distinct trials, all of them ok. */
static double
bytes_a_trial (uint32_t n_params, bool reals, uint32_t n_metrics)
{
  enum { N = 10000 };
  struct kit kit;
  struct kit_trial trial;
  int64_t run;
  kit_make (&kit, kit_space (n_params, reals), n_metrics);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  gym_rng rng;
  gym_rng_init (&rng, 3);
  for (uint64_t i = 0; i < N; i++) {
    kit_trial (&kit, run, 1, 0, &trial);
    gym_space_sample (kit.space, &rng, trial.design);
    for (uint32_t m = 0; m < n_metrics; m++)
      trial.metrics[m] = gym_rng_normal (&rng);
    trial.logged.number = i;
    trial.logged.status = GYM_TRIAL_OK;
    trial.logged.seed = gym_rng_u64 (&rng);
    trial.logged.goal = gym_rng_normal (&rng);
    trial.logged.note = NULL;
    trial.logged.asked = NULL;
    CU_ASSERT_EQUAL_FATAL (gym_writer_trial (writer, &trial.logged, NULL), GYM_OK);
  }
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  double bytes = (double)kit_size (&kit) / N;
  kit_free (&kit);
  return bytes;
}

static void
test_size (void)
{
  double mixed = bytes_a_trial (12, true, 4), wide = bytes_a_trial (10, false, 16);
  tap_note ("%.0f bytes a trial for 12 + 4, %.0f for 10 + 16", mixed, wide);
  CU_ASSERT (mixed > 50 && mixed <= 300);
  CU_ASSERT (wide > 150 && wide <= 450);
}

/* ---- groups ---- */

static long
visible (const struct kit *kit)
{
  char text[64];
  return strtol (kit_query (kit->path, "SELECT count(*) FROM trials", text), NULL, 10);
}

static void
test_groups (void)
{
  struct kit kit;
  int64_t run;
  kit_make (&kit, kit_space (3, false), 1);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 3, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_commit (writer, NULL), GYM_OK);
  CU_ASSERT_EQUAL (visible (&kit), 3);
  nap (80);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 3, 4, NULL), GYM_OK);
  CU_ASSERT_EQUAL (visible (&kit), 4);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 4, 2004, NULL), GYM_OK);
  CU_ASSERT (visible (&kit) >= 1004);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  CU_ASSERT_EQUAL (visible (&kit), 2004);
  char text[64];
  CU_ASSERT_STRING_EQUAL (kit_query (kit.path, "SELECT trials FROM runs", text), "2004");
  kit_free (&kit);
}

static void
test_refused_trials (void)
{
  struct kit kit;
  struct kit_trial trial;
  gym_error err = { 0 };
  int64_t run;
  kit_make (&kit, kit_space (3, false), 1);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  kit_trial (&kit, run + 7, 1, 0, &trial);
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial.logged, &err), GYM_EINVAL);
  trial.logged.run = run;
  trial.logged.number = UINT64_C (1) << 32;
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial.logged, &err), GYM_EINVAL);
  trial.logged.number = 0;
  trial.logged.origin = 0;
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial.logged, &err), GYM_EINVAL);
  trial.logged.origin = -1;
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial.logged, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_commit (writer, &err), GYM_OK);
  /* Recorded exactly once; after such a failure nothing more is written. */
  CU_ASSERT (gym_writer_trial (writer, &trial.logged, &err) < 0);
  trial.logged.number = 1;
  CU_ASSERT (gym_writer_trial (writer, &trial.logged, &err) < 0);
  CU_ASSERT (gym_writer_commit (writer, &err) < 0);
  CU_ASSERT (gym_writer_close (&writer, &err) < 0);
  CU_ASSERT_EQUAL (visible (&kit), 1);
  kit_free (&kit);
}

/* ---- kills ---- */

static _Atomic uint64_t *committed; /* by the child, in shared memory */

static int
write_until_killed (const struct kit *kit)
{
  int64_t run;
  gym_writer *writer = kit_writer (kit, &run, 1);
  if (!writer)
    return 1;
  for (uint64_t i = *committed;; i++) {
    gym_writer_mark (writer, run, i, 3);
    if (kit_write (kit, writer, run, 1, i, i + 1, NULL) < 0)
      return 1;
    if (i % 37 == 0 && gym_writer_commit (writer, NULL) == GYM_OK)
      *committed = i + 1;
  }
}

static long
lives (const struct kit *kit)
{
  char text[64];
  return strtol (kit_query (kit->path, "SELECT sum(lives) FROM attempts", text), NULL,
                 10);
}

/* What was committed is there and right, what follows it is a whole number of trials,
 * and what the dead child had marked is one more attempt: three trials, of which it may
 * just have committed the first. */
static void
check_after_kill (const struct kit *kit, long before)
{
  char text[64];
  gym_error err = { 0 };
  int64_t run;
  CU_ASSERT_TRUE (kit_has (kit, "-lock"));
  gym_writer *writer = kit_writer (kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  int64_t n = kit_check (kit, writer, run, 1, &err);
  if (n < (int64_t)*committed)
    CU_FAIL (err.text);
  *committed = (uint64_t)n;
  long counted = lives (kit) - before;
  CU_ASSERT (counted == 2 || counted == 3);
  CU_ASSERT_STRING_EQUAL (kit_query (kit->path, "PRAGMA integrity_check", text), "ok");
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  CU_ASSERT_FALSE (kit_has (kit, "-lock"));
}

static void
test_kills (void)
{
  struct kit kit;
  gym_rng rng;
  gym_rng_init (&rng, 4);
  kit_make (&kit, kit_space (8, true), 6);
  committed = mmap (NULL, sizeof *committed, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 30; i++) {
    long attempts = i ? lives (&kit) : 0;
    fflush (stdout);
    pid_t child = fork ();
    if (child == 0)
      _exit (write_until_killed (&kit));
    uint64_t before = *committed;
    for (int waited = 0; *committed <= before && waited < 20000; waited++)
      nap (1);
    nap ((long)gym_rng_below (&rng, 60));
    kill (child, SIGKILL);
    waitpid (child, NULL, 0);
    check_after_kill (&kit, attempts);
  }
  tap_note ("%llu trials through 30 kills", (unsigned long long)*committed);
  kit_free (&kit);
}

/* Killed while the file is being made: what is there is completed. */
static int
make_store (const struct kit *kit)
{
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_POWER, NULL);
  return gym_writer_close (&writer, NULL);
}

static void
test_killed_at_birth (void)
{
  struct kit kit;
  gym_rng rng;
  gym_rng_init (&rng, 5);
  kit_make (&kit, kit_space (2, false), 1);
  for (int i = 0; i < 40; i++) {
    fflush (stdout);
    pid_t child = fork ();
    if (child == 0)
      _exit (make_store (&kit));
    const struct timespec moment = { .tv_nsec = (long)gym_rng_below (&rng, 8000000) };
    nanosleep (&moment, NULL);
    kill (child, SIGKILL);
    waitpid (child, NULL, 0);
    gym_error err = { 0 };
    gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
    if (!writer)
      CU_FAIL (err.text);
    gym_writer_close (&writer, NULL);
    unlink (kit.path);
  }
  kit_free (&kit);
}

/* ---- two writers ---- */

static int
hold (const struct kit *kit, long ms)
{
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, NULL);
  if (!writer)
    return 1;
  *committed = 1;
  nap (ms);
  return gym_writer_close (&writer, NULL);
}

static pid_t
start_holder (const struct kit *kit, long ms)
{
  *committed = 0;
  fflush (stdout);
  pid_t child = fork ();
  if (child == 0)
    _exit (hold (kit, ms));
  for (int waited = 0; *committed == 0 && waited < 10000; waited++)
    nap (1);
  return child;
}

static void
test_two_writers (void)
{
  struct kit kit;
  gym_error err = { 0 };
  char pid[32];
  int status = 1;
  kit_make (&kit, kit_space (2, false), 1);
  committed = mmap (NULL, sizeof *committed, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  /* One that stays: refused after a while, with its number. */
  pid_t child = start_holder (&kit, 60000);
  snprintf (pid, sizeof pid, "process %ld", (long)child);
  double before = seconds ();
  CU_ASSERT_PTR_NULL (gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err));
  CU_ASSERT (seconds () - before >= 1.9);
  CU_ASSERT_EQUAL (err.code, GYM_EBUSY);
  CU_ASSERT_TRUE (kit_says (&err, pid) && kit_says (&err, kit.path));
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  /* One that ends soon: waited for, and its files do not get in the way. */
  child = start_holder (&kit, 300);
  gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_PTR_NOT_NULL (writer);
  CU_ASSERT_TRUE (kit_has (&kit, "-lock"));
  CU_ASSERT_EQUAL (waitpid (child, &status, 0), child);
  CU_ASSERT_EQUAL (status, 0);
  /* Another name of the same file is the same store. */
  char other[128];
  snprintf (other, sizeof other, "%s/link.db", kit.folder);
  CU_ASSERT_EQUAL (symlink (kit.path, other), 0);
  CU_ASSERT_PTR_NULL (gym_writer_open (other, GYM_DURABLE_PROCESS, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EBUSY);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_free (&kit);
}

/* ---- full disks ---- */

static void
limit_files (rlim_t bytes)
{
  struct rlimit limit;
  getrlimit (RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  CU_ASSERT_EQUAL (setrlimit (RLIMIT_FSIZE, &limit), 0);
}

/* Writes until there is no space; what was committed before is kept. */
static void
fill (const struct kit *kit, uint64_t *n)
{
  gym_error err = { 0 };
  int64_t run;
  gym_writer *writer = kit_writer (kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  int code = GYM_OK;
  for (*n = 0; code == GYM_OK && *n < 100000; *n += 1)
    code = kit_write (kit, writer, run, 1, *n, *n + 1, &err);
  CU_ASSERT_EQUAL (code, GYM_EIO);
  CU_ASSERT_TRUE (kit_says (&err, "no space") && kit_says (&err, kit->path));
  err.text[0] = 0;
  CU_ASSERT_EQUAL (kit_write (kit, writer, run, 1, *n, *n + 1, &err), GYM_EIO);
  CU_ASSERT_TRUE (kit_says (&err, "no space"));
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_EIO);
}

static void
go_on (const struct kit *kit, uint64_t n)
{
  char text[64];
  gym_error err = { 0 };
  int64_t run;
  gym_writer *writer = kit_writer (kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  int64_t kept = kit_check (kit, writer, run, 1, &err);
  tap_note ("%lld of %llu trials kept", (long long)kept, (unsigned long long)n);
  CU_ASSERT (kept > 0 && (uint64_t)kept >= n - 1001 && (uint64_t)kept < n);
  CU_ASSERT_EQUAL (kit_write (kit, writer, run, 1, (uint64_t)kept, n + 5000, &err), 0);
  CU_ASSERT_EQUAL (kit_check (kit, writer, run, 1, &err), (int64_t)n + 5000);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  CU_ASSERT_STRING_EQUAL (kit_query (kit->path, "PRAGMA integrity_check", text), "ok");
}

static void
test_file_limit (void)
{
  struct kit kit;
  uint64_t n;
  kit_make (&kit, kit_space (10, true), 10);
  signal (SIGXFSZ, SIG_IGN);
  limit_files (600000);
  fill (&kit, &n);
  limit_files (RLIM_INFINITY);
  go_on (&kit, n);
  kit_free (&kit);
}

/* No room even for an empty store: nothing is left behind. */
static void
test_no_room (void)
{
  static const rlim_t sizes[] = { 0, 1000, 4096, 9000, 20000, 40000 };
  struct kit kit;
  kit_make (&kit, kit_space (2, false), 1);
  signal (SIGXFSZ, SIG_IGN);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    gym_error err = { 0 };
    limit_files (sizes[i]);
    gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
    limit_files (RLIM_INFINITY);
    CU_ASSERT_PTR_NULL (writer);
    CU_ASSERT_EQUAL (err.code, GYM_EIO);
    CU_ASSERT_TRUE (kit_says (&err, "no space"));
    CU_ASSERT_EQUAL (rmdir (kit.folder), 0);
    CU_ASSERT_EQUAL (mkdir (kit.folder, 0700), 0);
  }
  kit_free (&kit);
}

static void
test_full_disk (void)
{
  struct kit kit;
  uint64_t n;
  kit_make (&kit, kit_space (10, true), 10);
  if (mount ("none", kit.folder, "tmpfs", 0, "size=700k") != 0) {
    kit_free (&kit);
    tap_skip ("a small file system cannot be mounted here (that needs root)");
    return;
  }
  fill (&kit, &n);
  CU_ASSERT_EQUAL (mount ("none", kit.folder, "tmpfs", MS_REMOUNT, "size=64m"), 0);
  go_on (&kit, n);
  CU_ASSERT_EQUAL (umount (kit.folder), 0);
  kit_free (&kit);
}

/* The lock file is written out before it is mapped: marking on a full disk is no bus
 * error. */
static void
test_mark_when_full (void)
{
  struct kit kit;
  int64_t run;
  kit_make (&kit, kit_space (2, false), 1);
  if (mount ("none", kit.folder, "tmpfs", 0, "size=4m") != 0) {
    kit_free (&kit);
    tap_skip ("a small file system cannot be mounted here (that needs root)");
    return;
  }
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  char name[128], block[4096] = "";
  snprintf (name, sizeof name, "%s/filler", kit.folder);
  FILE *filler = fopen (name, "w");
  while (filler && fwrite (block, 1, sizeof block, filler) == sizeof block
         && fflush (filler) == 0)
    continue;
  fclose (filler);
  for (uint64_t i = 0; i < 100; i++)
    gym_writer_mark (writer, run, i, 1);
  gym_writer_close (&writer, NULL);
  CU_ASSERT_EQUAL (unlink (kit.path), 0);
  filler = fopen (name, "a");
  while (filler && fwrite (block, 1, sizeof block, filler) == sizeof block
         && fflush (filler) == 0)
    continue;
  fclose (filler);
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err));
  CU_ASSERT_TRUE (kit_says (&err, "no space"));
  CU_ASSERT_FALSE (kit_has (&kit, "") || kit_has (&kit, "-lock"));
  CU_ASSERT_EQUAL (umount (kit.folder), 0);
  kit_free (&kit);
}

/* ---- files that cannot be used ---- */

static int
drop_root (void)
{
  return geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0);
}

static int
open_read_only (const struct kit *kit)
{
  gym_error err = { 0 };
  gym_writer *writer =
      drop_root () ? NULL : gym_writer_open (kit->path, GYM_DURABLE_PROCESS, &err);
  return !writer && err.code == GYM_EIO && kit_says (&err, "read-only")
                 && kit_says (&err, kit->path) && !kit_has (kit, "-lock")
             ? 0
             : 1;
}

static void
test_read_only (void)
{
  struct kit kit;
  int64_t run;
  kit_make (&kit, kit_space (2, false), 1);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0555), 0);
  CU_ASSERT_EQUAL (kit_fork (open_read_only, &kit), 0); /* no store there yet */
  CU_ASSERT_EQUAL (chmod (kit.folder, 0777), 0);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  gym_writer_close (&writer, NULL);
  CU_ASSERT_EQUAL (chmod (kit.path, 0444), 0);
  CU_ASSERT_EQUAL (kit_fork (open_read_only, &kit), 0); /* the file */
  CU_ASSERT_EQUAL (chmod (kit.path, 0666), 0);
  CU_ASSERT_EQUAL (chmod (kit.folder, 0555), 0);
  CU_ASSERT_EQUAL (kit_fork (open_read_only, &kit), 0); /* the folder */
  CU_ASSERT_EQUAL (chmod (kit.folder, 0777), 0);
  kit_free (&kit);
}

static char *
read_file (const char *path, size_t *n)
{
  FILE *file = fopen (path, "rb");
  char *bytes = malloc (1 << 20);
  *n = file ? fread (bytes, 1, 1 << 20, file) : 0;
  if (file)
    fclose (file);
  return bytes;
}

static void
write_file (const char *path, const char *bytes, size_t n)
{
  FILE *file = fopen (path, "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  CU_ASSERT_EQUAL (fwrite (bytes, 1, n, file), n);
  CU_ASSERT_EQUAL (fclose (file), 0);
}

/* Refused with these words, and not a byte of it changed. */
static void
refuse (const struct kit *kit, const char *word)
{
  size_t before = 0, after = 0;
  gym_error err = { 0 };
  char *then = read_file (kit->path, &before);
  CU_ASSERT_PTR_NULL (gym_writer_open (kit->path, GYM_DURABLE_PROCESS, &err));
  char *now = read_file (kit->path, &after);
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (&err, word) && kit_says (&err, kit->path));
  CU_ASSERT (before == after && memcmp (then, now, before) == 0);
  CU_ASSERT_FALSE (kit_has (kit, "-lock"));
  CU_ASSERT_FALSE (kit_has (kit, "-wal"));
  free (then);
  free (now);
  CU_ASSERT_EQUAL (unlink (kit->path), 0);
}

static void
test_strange_files (void)
{
  struct kit kit;
  char text[64], line[2000];
  gym_error err = { 0 };
  int64_t run;
  kit_make (&kit, kit_space (2, false), 1);
  memset (line, 'x', sizeof line);
  write_file (kit.path, line, sizeof line);
  refuse (&kit, "no SQLite database");
  write_file (kit.path, line, 5);
  refuse (&kit, "no SQLite database");
  kit_query (kit.path, "CREATE TABLE theirs (x)", text);
  refuse (&kit, "another program");
  gym_writer *writer = kit_writer (&kit, &run, 1);
  gym_writer_close (&writer, NULL);
  kit_query (kit.path, "PRAGMA user_version = 99", text);
  refuse (&kit, "99");
  /* An empty file may become a store. */
  write_file (kit.path, "", 0);
  writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_PTR_NOT_NULL (writer);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  CU_ASSERT_PTR_NULL (gym_writer_open (kit.folder, GYM_DURABLE_PROCESS, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  CU_ASSERT_PTR_NULL (gym_writer_open ("", GYM_DURABLE_PROCESS, &err));
  CU_ASSERT_PTR_NULL (gym_writer_open ("/nowhere/at/all.db", GYM_DURABLE_PROCESS, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  kit_free (&kit);
}

/* ---- damage ---- */

/* Whatever happens to the bytes, opening, replaying and writing end with an error or
 * with less, never with a signal. */
static void
use_damaged (const struct kit *kit)
{
  gym_error err = { 0 };
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, &err);
  int64_t study = writer ? gym_writer_study (writer, &kit->row, NULL, 0, &err) : -1;
  if (study > 0) {
    int64_t run =
        gym_writer_run (writer, study, 0, "agent-v1", "an agent", "{}", 1, NULL, &err);
    if (run > 0) {
      kit_check (kit, writer, run, 1, &err);
      kit_write (kit, writer, run, 1, 400, 420, &err);
    }
  }
  gym_writer_close (&writer, &err);
}

static void
test_damage (void)
{
  struct kit kit;
  gym_rng rng;
  int64_t run;
  size_t n = 0;
  gym_rng_init (&rng, 8);
  kit_make (&kit, kit_space (6, true), 5);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, 0, 400, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  char *good = read_file (kit.path, &n), *bad = malloc (n);
  CU_ASSERT (n > 50000);
  for (int i = 0; i < 150; i++) {
    memcpy (bad, good, n);
    for (uint64_t k = 1 + gym_rng_below (&rng, 20); k > 0; k--)
      bad[gym_rng_below (&rng, i % 2 ? n : 9000)] = (char)gym_rng_u32 (&rng);
    write_file (kit.path, bad, i % 10 ? n : (size_t)gym_rng_below (&rng, n));
    use_damaged (&kit);
  }
  write_file (kit.path, good, n);
  free (good);
  free (bad);
  writer = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  CU_ASSERT_EQUAL (kit_check (&kit, writer, run, 1, NULL), 400);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_free (&kit);
}

/* A forked child that closes its copy of the writer leaves the parent's alone. */
static gym_writer *inherited;
static gym_writer *volatile kept; /* what is left alone on purpose is not lost */

static int
close_inherited (const struct kit *kit)
{
  (void)kit;
  return gym_writer_close (&inherited, NULL) != GYM_OK || inherited;
}

static void
test_forked_child (void)
{
  struct kit kit;
  int64_t run;
  kit_make (&kit, kit_space (2, false), 1);
  kept = inherited = kit_writer (&kit, &run, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (inherited);
  CU_ASSERT_EQUAL (kit_write (&kit, inherited, run, 1, 0, 10, NULL), GYM_OK);
  CU_ASSERT_EQUAL (kit_fork (close_inherited, &kit), 0);
  CU_ASSERT_TRUE (kit_has (&kit, "-lock"));
  CU_ASSERT_EQUAL (kit_write (&kit, inherited, run, 1, 10, 20, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&inherited, NULL), GYM_OK);
  CU_ASSERT_EQUAL (visible (&kit), 20);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "round trips of random spaces", test_round_trips },
    { "extreme numbers", test_edges },
    { "bytes a trial", test_size },
    { "trials are committed in groups", test_groups },
    { "trials that are refused", test_refused_trials },
    { "kill -9 at random moments", test_kills },
    { "kill -9 while the file is made", test_killed_at_birth },
    { "two writers", test_two_writers },
    { "file size limit", test_file_limit },
    { "no room for a store", test_no_room },
    { "full disk", test_full_disk },
    { "marks on a full disk", test_mark_when_full },
    { "read-only file or folder", test_read_only },
    { "files that are no stores", test_strange_files },
    { "damaged pages", test_damage },
    { "forked child", test_forked_child },
    { 0 },
  };
  return tap_run ("store", tests);
}
