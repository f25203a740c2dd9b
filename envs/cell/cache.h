/* cache.h - vectors that are made once and kept in the host's cache folder.
 *
 * A file has a title, which says all that its numbers depend on and names the file by its
 * hash, then the numbers, then a checksum. While one process makes the numbers, others
 * that want the same wait for its lock; a process that dies gives it back. */
#ifndef ENVS_CELL_CACHE_H
#define ENVS_CELL_CACHE_H

#include <gym/plugin.h>

/* FNV-1a of 64 bits (Fowler, Noll, Vo): `hash` is CELL_HASH, or what came out for the
 * bytes before these. */
#define CELL_HASH UINT64_C (0xCBF29CE484222325)
uint64_t cell_hash (uint64_t hash, const void *bytes, size_t n);

enum { CELL_CACHE_PATH = 1200 };

struct cell_cache {
  const struct gym_host *host;
  const char *title; /* borrowed */
  char path[CELL_CACHE_PATH];
  int lock; /* descriptor, -1: the folder cannot be used, nothing is read or written */
};

/* Makes the folder where there is none, takes the lock of this title, and waits for it:
 * GYM_ECANCELLED when the host wants the work to stop. A folder that cannot be used is no
 * error, but a line in the log. To be closed in any case. */
int cell_cache_open (struct cell_cache *cache, const struct gym_host *host,
                     const char *title, gym_error *err);
void cell_cache_close (struct cell_cache *cache);

/* True when the file is there, whole, and of this title. */
bool cell_cache_read (const struct cell_cache *cache, float *numbers, size_t n);

/* Writes it beside, then moves it into place: a reader never sees half a file. What goes
 * wrong is said in the log, as the numbers are in memory anyway. */
void cell_cache_write (const struct cell_cache *cache, const float *numbers, size_t n);

#endif
