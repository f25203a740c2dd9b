/* Reading a run back, what other studies know, attempts. */
#include <config.h>

#include "tests/core/stores.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct seen {
  int n, stop_at;
  uint64_t next;
  int64_t runs[2];
  int others;
};

static int
see (void *context, const struct gym_logged *trial, gym_error *err)
{
  struct seen *seen = context;
  if (seen->n == seen->stop_at)
    return gym_fail (err, GYM_ECANCELLED, "enough");
  seen->n++;
  CU_ASSERT_EQUAL (trial->origin, -1);
  CU_ASSERT_FALSE (trial->cached);
  CU_ASSERT (trial->status == GYM_TRIAL_OK || trial->status == GYM_TRIAL_INFEASIBLE);
  if (trial->run != seen->runs[0] && trial->run != seen->runs[1])
    seen->others++;
  return GYM_OK;
}

static int
count_up (void *context, const struct gym_logged *trial, gym_error *err)
{
  struct seen *seen = context;
  (void)err;
  CU_ASSERT_EQUAL (trial->number, seen->next++);
  return GYM_OK;
}

/* Uncommitted trials come back too, in order, from the run that is asked for. */
static void
test_replay (void)
{
  struct kit kit;
  int64_t runs[3];
  gym_error err = { 0 };
  kit_make (&kit, kit_space (4, true), 3);
  gym_writer *writer = kit_writer (&kit, runs, 3);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, runs[2], 3, 0, 40, &err), GYM_OK);
  CU_ASSERT_EQUAL (kit_write (&kit, writer, runs[0], 1, 0, 30, &err), GYM_OK);
  int64_t study = gym_writer_study (writer, &kit.row, NULL, 0, &err);
  struct seen seen = { .stop_at = -1 };
  for (int i = 0; i < 3; i++) {
    seen.next = 0;
    CU_ASSERT_EQUAL (gym_writer_replay (writer, study, runs[i], count_up, &seen, &err),
                     GYM_OK);
    CU_ASSERT_EQUAL (seen.next, i == 0 ? 30 : i == 1 ? 0 : 40);
  }
  CU_ASSERT_EQUAL (gym_writer_replay (writer, study + 9, runs[0], count_up, &seen, &err),
                   GYM_EINVAL);
  CU_ASSERT_EQUAL (kit_check (&kit, writer, runs[2], 3, &err), 40);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  /* A design that has been lost is an error, not a row of zeros. */
  char text[64];
  kit_query (kit.path, "DELETE FROM made_up_v1 WHERE id = (3 << 32) + 5", text);
  writer = kit_writer (&kit, runs, 3);
  seen.next = 0;
  CU_ASSERT_EQUAL (gym_writer_replay (writer, study, runs[2], count_up, &seen, &err),
                   GYM_EIO);
  CU_ASSERT_TRUE (kit_says (&err, "damaged"));
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  kit_free (&kit);
}

static int64_t
add_study (const struct kit *kit, gym_writer *writer, const char *identity,
           const char *env_identity, const char *fingerprint, uint64_t seed)
{
  struct gym_study_row row = kit->row;
  row.identity = identity;
  row.env_identity = env_identity;
  row.fingerprint = fingerprint;
  int64_t study = gym_writer_study (writer, &row, NULL, 0, NULL);
  int64_t run = gym_writer_run (writer, study, 0, "a-v1", "a", "{}", seed, NULL, NULL);
  CU_ASSERT (study > 0 && run > 0);
  CU_ASSERT_EQUAL (kit_write (kit, writer, run, seed, 0, 100, NULL), GYM_OK);
  return study;
}

/* How many trials of that seed may be shared. */
static int
sharable (const struct kit *kit, uint64_t seed)
{
  int n = 0;
  for (uint64_t i = 0; i < 100; i++) {
    struct kit_trial trial;
    kit_trial (kit, 1, seed, i, &trial);
    n += trial.logged.origin < 0 && !trial.logged.cached && trial.logged.status <= 1;
  }
  return n;
}

/* Only trials of other studies with equal env and fingerprint may fill a cache. */
static void
test_known (void)
{
  struct kit kit;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (4, true), 3);
  gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  int64_t mine = add_study (&kit, writer, "mine", "env", "here", 1);
  add_study (&kit, writer, "other options", "env with options", "here", 2);
  add_study (&kit, writer, "other machine", "env", "there", 3);
  struct seen seen = { .stop_at = -1 };
  CU_ASSERT_EQUAL (gym_writer_known (writer, mine, see, &seen, &err), GYM_OK);
  CU_ASSERT_EQUAL (seen.n, 0);
  add_study (&kit, writer, "same env", "env", "here", 4);
  add_study (&kit, writer, "same env again", "env", "here", 5);
  seen.runs[0] = 4;
  seen.runs[1] = 5;
  CU_ASSERT_EQUAL (gym_writer_known (writer, mine, see, &seen, &err), GYM_OK);
  CU_ASSERT_EQUAL (seen.n, sharable (&kit, 4) + sharable (&kit, 5));
  CU_ASSERT (seen.n > 50);
  CU_ASSERT_EQUAL (seen.others, 0);
  seen.n = 0;
  seen.stop_at = 7;
  CU_ASSERT_EQUAL (gym_writer_known (writer, mine, see, &seen, &err), GYM_ECANCELLED);
  CU_ASSERT_STRING_EQUAL (err.text, "enough");
  CU_ASSERT_EQUAL (gym_writer_known (writer, 99, see, &seen, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  kit_free (&kit);
}

/* Which fingerprint counts is that of the process that evaluated, not the study's. */
static void
test_known_of_two_machines (void)
{
  struct kit kit;
  gym_error err = { 0 };
  int64_t run;
  kit_make (&kit, kit_space (4, true), 3);
  for (int i = 0; i < 2; i++) {
    kit.row.fingerprint = i ? "there" : "here";
    gym_writer *writer = kit_writer (&kit, &run, 1);
    CU_ASSERT_EQUAL (kit_write (&kit, writer, run, 1, i ? 50 : 0, i ? 100 : 50, &err),
                     GYM_OK);
    CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  }
  gym_writer *writer = gym_writer_open (kit.path, GYM_DURABLE_PROCESS, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  int n = 0;
  for (int i = 0; i < 2; i++) {
    struct gym_study_row row = kit.row;
    struct seen seen = { .stop_at = -1, .runs = { run, run } };
    row.identity = i ? "from there" : "from here";
    row.fingerprint = i ? "there" : "here";
    int64_t study = gym_writer_study (writer, &row, NULL, 0, &err);
    CU_ASSERT_EQUAL (gym_writer_known (writer, study, see, &seen, &err), GYM_OK);
    CU_ASSERT (seen.n > 10 && seen.n < sharable (&kit, 1));
    n += seen.n;
  }
  CU_ASSERT_EQUAL (n, sharable (&kit, 1));
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  kit_free (&kit);
}

/* ---- attempts ---- */

static int
die_at_work (const struct kit *kit)
{
  int64_t runs[2];
  gym_writer *writer = kit_writer (kit, runs, 2);
  if (!writer)
    return 1;
  gym_writer_mark (writer, runs[1], 10, 4);
  kit_write (kit, writer, runs[1], 2, 11, 12, NULL);
  gym_writer_commit (writer, NULL);
  raise (SIGKILL);
  return 1;
}

static void
test_attempts (void)
{
  struct kit kit;
  int64_t runs[2];
  gym_error err = { 0 };
  kit_make (&kit, kit_space (2, false), 1);
  for (uint32_t lives = 1; lives <= 3; lives++) {
    char text[64];
    CU_ASSERT_NOT_EQUAL (kit_fork (die_at_work, &kit), 0);
    gym_writer *writer = kit_writer (&kit, runs, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
    CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[1], 10), lives);
    CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[1], 13), lives);
    CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[1], 11), 0); /* recorded */
    CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[1], 14), 0);
    CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[1], 9), 0);
    CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[0], 10), 0);
    gym_writer_mark (writer, runs[1], 10, 4); /* a clean end is no attempt */
    CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
    kit_query (kit.path, "DELETE FROM trials", text);
    kit_query (kit.path, "DELETE FROM made_up_v1", text);
    kit_query (kit.path, "DELETE FROM made_up_v1_asked", text);
  }
  gym_writer *writer = kit_writer (&kit, runs, 2);
  CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[1], 12), 3);
  gym_writer_mark (writer, runs[0], 0, 0);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  kit_free (&kit);
}

/* The lock file as its dead owner left it, put back after the count was committed: as
 * when the counting process is killed in turn. One life stays one life. */
static void
test_counted_once (void)
{
  struct kit kit;
  int64_t runs[2];
  char name[128], page[8192];
  kit_make (&kit, kit_space (2, false), 1);
  CU_ASSERT_NOT_EQUAL (kit_fork (die_at_work, &kit), 0);
  snprintf (name, sizeof name, "%s-lock", kit.path);
  FILE *file = fopen (name, "rb");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  size_t n = fread (page, 1, sizeof page, file);
  fclose (file);
  for (int i = 0; i < 3; i++) {
    gym_writer *writer = kit_writer (&kit, runs, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
    CU_ASSERT_EQUAL (gym_writer_attempts (writer, runs[1], 10), 1);
    CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
    file = fopen (name, "wb");
    CU_ASSERT_EQUAL (fwrite (page, 1, n, file), n);
    fclose (file);
  }
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "replay", test_replay },
    { "what other studies know", test_known },
    { "a study of two machines", test_known_of_two_machines },
    { "attempts of dead processes", test_attempts },
    { "a life is counted once", test_counted_once },
    { 0 },
  };
  return tap_run ("store_replay", tests);
}
