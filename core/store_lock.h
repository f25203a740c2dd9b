/* core/store_lock.h - who writes a store, and what it was doing when it died.
 *
 * FILE-lock is a page of shared memory under an exclusive flock. The kernel drops the
 * lock of a process that dies in any way, and keeps the page: the next writer finds in
 * it the trials that were being evaluated. A clean release deletes the file.
 *
 * A forked child shares the lock (flock belongs to the open file): it must end with its
 * parent and never touch the writer. */
#ifndef CORE_STORE_LOCK_H
#define CORE_STORE_LOCK_H

#include <gym/error.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct gym_lock gym_lock;

/* Trials [first, first + n) of a run. */
struct gym_mark {
  int64_t run;
  uint64_t first;
  uint64_t n;
};

/* Takes the lock of the store at absolute `path`, waiting about two seconds. GYM_EBUSY
 * names the store and the process that has it. */
gym_lock *gym_lock_take (const char *path, gym_error *err);

/* What a dead process left behind: a number that tells its life from others, and its
 * mark. False when there was nothing. */
bool gym_lock_left (const gym_lock *lock, uint64_t *life, struct gym_mark *mark);

/* Forgets what was left and starts a life of our own. */
void gym_lock_begin (gym_lock *lock);

/* Marks trials as being evaluated (n = 0: none). Stores to memory only. */
void gym_lock_mark (gym_lock *lock, const struct gym_mark *mark);

/* Deletes the file and lets go of the lock. Before gym_lock_begin, a file that was there
 * already stays as it was: the next writer still wants its mark. */
void gym_lock_release (gym_lock **lock);

#endif
