/* core/store_writer.h - the inside of a writer, shared by the files that implement it. */
#ifndef CORE_STORE_WRITER_H
#define CORE_STORE_WRITER_H

#include "core/store_file.h"
#include "core/store_lock.h"
#include "core/store_schema.h"

#include <sys/types.h>

/* A study this process writes to. */
struct writer_study {
  int64_t id;
  int64_t life; /* row of `lives`, 0 before the first trial */
  char *table;
  char *fingerprint;
  uint32_t n_params, n_metrics;
  uint8_t *real;        /* per parameter: a real number, no level and no integer */
  uint8_t *sealed;      /* per metric */
  sqlite3_stmt *values; /* one row of the env's table */
  sqlite3_stmt *asked;
};

struct writer_run {
  int64_t id;
  size_t study; /* index */
  int64_t trials;
  bool dirty; /* the count is newer than the row */
};

struct writer_attempt {
  int64_t run;
  uint64_t number;
  uint32_t lives;
};

struct gym_writer {
  sqlite3 *db;
  char *path;
  gym_lock *lock;
  int64_t lives; /* how many there were when it was opened: later ones are its own */
  pid_t owner;   /* a forked child must not touch the database */
  bool begun;    /* a transaction is open */
  unsigned pending;
  int64_t committed; /* time of the last commit, ns */
  gym_error failure; /* of an earlier write: nothing more is written; code 0: none */
  sqlite3_stmt *begin, *commit, *trial, *count;
  struct writer_study *studies;
  struct writer_run *runs;
  struct writer_attempt *attempts;
  size_t n_studies, n_runs, n_attempts, last;
};

/* Opens a transaction unless one is open. Fails for good after an earlier failure. */
int gym_writer_begin (gym_writer *writer, gym_error *err);

/* Gives up the open transaction after a failure `code`; nothing is written afterwards.
 * Returns the code. */
int gym_writer_broken (gym_writer *writer, int code, gym_error *err);

/* The study with this row id, or NULL. */
struct writer_study *gym_writer_find_study (const gym_writer *writer, int64_t id);

/* Adds what a dead process was evaluating to the attempts, and reads them all. */
int gym_writer_count_attempts (gym_writer *writer, gym_error *err);

#endif
