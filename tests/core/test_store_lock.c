/* The lock file: one owner, marks that outlive it, deletion while others wait. */
#include <config.h>

#include "core/store_lock.h"
#include "tests/core/stores.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Shared between a test and its children. */
struct shared {
  _Atomic int inside; /* owners at this moment */
  _Atomic int failures;
  _Atomic int turns;
};

static struct shared *shared;

static void
nap (long us)
{
  const struct timespec time = { .tv_nsec = us * 1000 };
  nanosleep (&time, NULL);
}

static void
share (void)
{
  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
  CU_ASSERT_FATAL (shared != MAP_FAILED);
}

static void
test_one_owner (void)
{
  struct kit kit;
  gym_error err = { 0 };
  char pid[32];
  kit_make (&kit, kit_space (1, false), 0);
  gym_lock *lock = gym_lock_take (kit.path, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (lock);
  CU_ASSERT_TRUE (kit_has (&kit, "-lock"));
  CU_ASSERT_PTR_NULL (gym_lock_take (kit.path, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EBUSY);
  snprintf (pid, sizeof pid, "process %ld", (long)getpid ());
  CU_ASSERT_TRUE (kit_says (&err, pid));
  gym_lock_release (&lock);
  CU_ASSERT_PTR_NULL (lock);
  gym_lock_release (&lock);
  CU_ASSERT_FALSE (kit_has (&kit, "-lock"));
  lock = gym_lock_take (kit.path, &err);
  CU_ASSERT_PTR_NOT_NULL (lock);
  gym_lock_release (&lock);
  kit_free (&kit);
}

/* Many processes take and release the lock in turn, each deleting the file that others
 * are waiting for: never are two inside. */
static int
take_turns (const struct kit *kit)
{
  for (int i = 0; i < 40; i++) {
    gym_lock *lock = gym_lock_take (kit->path, NULL);
    if (!lock)
      continue; /* unlucky for two seconds */
    if (++shared->inside != 1)
      shared->failures++;
    nap (100);
    shared->inside--;
    shared->turns++;
    gym_lock_begin (lock);
    gym_lock_release (&lock);
  }
  return 0;
}

static void
test_turns (void)
{
  enum { CHILDREN = 6 };
  struct kit kit;
  pid_t children[CHILDREN];
  kit_make (&kit, kit_space (1, false), 0);
  share ();
  fflush (stdout);
  for (int i = 0; i < CHILDREN; i++) {
    children[i] = fork ();
    if (children[i] == 0)
      _exit (take_turns (&kit));
  }
  for (int i = 0; i < CHILDREN; i++)
    waitpid (children[i], NULL, 0);
  tap_note ("%d turns", shared->turns);
  CU_ASSERT_EQUAL (shared->failures, 0);
  CU_ASSERT (shared->turns > 40);
  CU_ASSERT_FALSE (kit_has (&kit, "-lock"));
  kit_free (&kit);
}

/* ---- marks ---- */

static int
die_marked (const struct kit *kit)
{
  gym_lock *lock = gym_lock_take (kit->path, NULL);
  if (!lock)
    return 1;
  gym_lock_begin (lock);
  const struct gym_mark first = { .run = 3, .first = 40, .n = 2 };
  const struct gym_mark second = { .run = 5, .first = 7, .n = 8 };
  gym_lock_mark (lock, &first);
  gym_lock_mark (lock, &second);
  raise (SIGKILL);
  return 1;
}

static void
test_mark_left (void)
{
  struct kit kit;
  struct gym_mark mark;
  uint64_t life = 0, again = 0;
  kit_make (&kit, kit_space (1, false), 0);
  CU_ASSERT_NOT_EQUAL (kit_fork (die_marked, &kit), 0);
  CU_ASSERT_TRUE (kit_has (&kit, "-lock"));
  gym_lock *lock = gym_lock_take (kit.path, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (lock);
  CU_ASSERT_TRUE (gym_lock_left (lock, &life, &mark));
  CU_ASSERT (mark.run == 5 && mark.first == 7 && mark.n == 8);
  /* Given up before it was dealt with: the next one still finds it. */
  gym_lock_release (&lock);
  CU_ASSERT_TRUE (kit_has (&kit, "-lock"));
  lock = gym_lock_take (kit.path, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (lock);
  CU_ASSERT_TRUE (gym_lock_left (lock, &again, &mark));
  CU_ASSERT_EQUAL (life, again);
  gym_lock_begin (lock);
  CU_ASSERT_FALSE (gym_lock_left (lock, &again, &mark));
  CU_ASSERT_NOT_EQUAL (life, again);
  gym_lock_release (&lock);
  CU_ASSERT_FALSE (kit_has (&kit, "-lock"));
  kit_free (&kit);
}

/* Killed at any moment while marking: what is found is a mark that was set, whole. */
static int
mark_for_ever (const struct kit *kit)
{
  gym_lock *lock = gym_lock_take (kit->path, NULL);
  if (!lock)
    return 1;
  gym_lock_begin (lock);
  for (int64_t i = 1;; i++) {
    const struct gym_mark mark = { .run = i, .first = (uint64_t)i * 3, .n = (uint64_t)i };
    gym_lock_mark (lock, &mark);
    shared->turns = 1;
  }
}

static void
test_torn_marks (void)
{
  struct kit kit;
  gym_rng rng;
  gym_rng_init (&rng, 1);
  kit_make (&kit, kit_space (1, false), 0);
  share ();
  for (int i = 0; i < 100; i++) {
    uint64_t life;
    struct gym_mark mark;
    shared->turns = 0;
    fflush (stdout);
    pid_t child = fork ();
    if (child == 0)
      _exit (mark_for_ever (&kit));
    for (int waited = 0; !shared->turns && waited < 100000; waited++)
      nap (20);
    nap ((long)gym_rng_below (&rng, 300));
    kill (child, SIGKILL);
    waitpid (child, NULL, 0);
    gym_lock *lock = gym_lock_take (kit.path, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (lock);
    CU_ASSERT_TRUE (gym_lock_left (lock, &life, &mark));
    CU_ASSERT (mark.n == (uint64_t)mark.run && mark.first == (uint64_t)mark.run * 3);
    gym_lock_begin (lock);
    gym_lock_release (&lock);
  }
  kit_free (&kit);
}

/* A lock file that is none of ours is taken over. */
static void
test_strange_lock (void)
{
  static const char *const contents[] = { "", "short", "x" };
  struct kit kit;
  char name[128];
  kit_make (&kit, kit_space (1, false), 0);
  snprintf (name, sizeof name, "%s-lock", kit.path);
  for (int i = 0; i < 3; i++) {
    struct gym_mark mark;
    uint64_t life;
    FILE *file = fopen (name, "w");
    for (int k = 0; k < (i == 2 ? 5000 : 1); k++)
      fputs (contents[i], file);
    fclose (file);
    gym_lock *lock = gym_lock_take (kit.path, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (lock);
    CU_ASSERT_FALSE (gym_lock_left (lock, &life, &mark));
    gym_lock_begin (lock);
    gym_lock_release (&lock);
    CU_ASSERT_FALSE (kit_has (&kit, "-lock"));
  }
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (mkdir (name, 0700), 0);
  CU_ASSERT_PTR_NULL (gym_lock_take (kit.path, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EIO);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "one owner at a time", test_one_owner },
    { "processes in turn", test_turns },
    { "a mark that is left behind", test_mark_left },
    { "marks are whole at any moment", test_torn_marks },
    { "a lock file of somebody else", test_strange_lock },
    { 0 },
  };
  return tap_run ("store_lock", tests);
}
