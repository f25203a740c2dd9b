/* What tests of the store share: a made-up study whose trial number k can be told at any
 * time from its seed, so that whatever a store gives back can be checked. */
#ifndef TESTS_CORE_STORES_H
#define TESTS_CORE_STORES_H

#include "core/store.h"
#include "tests/tap.h"

#include <gym/store.h>

enum { kit_metrics = 20 };

struct kit {
  char folder[64];
  char path[96]; /* of the store */
  gym_space *space;
  uint32_t n_params;
  struct gym_metric metrics[kit_metrics];
  struct gym_metrics list;
  struct gym_fidelity fidelities[2];
  struct gym_fidelities levels;
  struct gym_study_row row;
};

/* A fresh folder and a study over `space` (which it takes over) with n metrics: the
 * second is measured, the third sealed, the others can be used in objectives. */
void kit_make (struct kit *kit, gym_space *space, uint32_t n_metrics);
void kit_free (struct kit *kit);

/* A space of n parameters of all kinds, or of levels and integers alone. */
gym_space *kit_space (uint32_t n, bool reals);

/* Opens the store for writing with the study and one run for each seed 1 .. n. */
gym_writer *kit_writer (const struct kit *kit, int64_t *runs, uint32_t n);

/* Trial `number` of a run with this seed. The arrays belong to `trial`. */
struct kit_trial {
  struct gym_logged logged;
  double asked[200], design[200], metrics[kit_metrics];
  char note[40];
};
void kit_trial (const struct kit *kit, int64_t run, uint64_t seed, uint64_t number,
                struct kit_trial *trial);

/* Writes trials [first, last) of a run; the first code that is not 0. */
int kit_write (const struct kit *kit, gym_writer *writer, int64_t run, uint64_t seed,
               uint64_t first, uint64_t last, gym_error *err);

/* Replays a run and compares every trial with kit_trial; returns how many there were, or
 * a code. */
int64_t kit_check (const struct kit *kit, gym_writer *writer, int64_t run, uint64_t seed,
                   gym_error *err);

/* Whether FILE-lock, -wal or -shm is there. */
bool kit_has (const struct kit *kit, const char *end);

/* Size of the store, -1 when absent. */
int64_t kit_size (const struct kit *kit);

/* The first value of a query on the file, as text cut to 64 characters. */
const char *kit_query (const char *path, const char *sql, char text[64]);

/* Whether the error speaks of `word`; notes the text when it does not. */
bool kit_says (const gym_error *err, const char *word);

/* The body in a child process: 0 when it exits with 0. */
int kit_fork (int (*body) (const struct kit *kit), const struct kit *kit);

/* The whole export as one text (free it). */
char *kit_export (const struct kit *kit, enum gym_format format, bool canonical,
                  gym_error *err);

#endif
