/* See cache.h. */
#include "envs/cell/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

uint64_t
cell_hash (uint64_t hash, const void *bytes, size_t n)
{
  const uint8_t *b = bytes;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ b[i]) * UINT64_C (0x100000001B3);
  return hash;
}

/* Locks are only tried, so that the host is heard while another process works. */
static int
wait_for_lock (struct cell_cache *cache, gym_error *err)
{
  struct timespec pause = { .tv_nsec = 20000000 };
  while (flock (cache->lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      close (cache->lock);
      cache->lock = -1;
      return GYM_OK;
    }
    if (cache->host->cancelled (cache->host))
      return gym_fail (err, GYM_ECANCELLED,
                       "stopped while another process prepared shared weights");
    nanosleep (&pause, NULL);
  }
  return GYM_OK;
}

/* With the folders that it is in: of a new user there may be none. Whether it is there
 * shows when the lock is opened. */
static void
make_folder (const char *folder)
{
  char path[CELL_CACHE_PATH];
  snprintf (path, sizeof path, "%s", folder);
  for (char *end = path; (end = strchr (end + 1, '/')); *end = '/') {
    *end = '\0';
    mkdir (path, 0777);
  }
  mkdir (path, 0777);
}

int
cell_cache_open (struct cell_cache *cache, const struct gym_host *host, const char *title,
                 gym_error *err)
{
  char lock[CELL_CACHE_PATH + 8];
  unsigned long long name = cell_hash (CELL_HASH, title, strlen (title));
  *cache = (struct cell_cache){ .host = host, .title = title, .lock = -1 };
  make_folder (host->cache_dir);
  snprintf (cache->path, sizeof cache->path, "%s/cell-%016llx", host->cache_dir, name);
  snprintf (lock, sizeof lock, "%s.lock", cache->path);
  cache->lock = open (lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (cache->lock < 0) {
    host->log (host, "%s: cannot be written, so shared weights are not kept: %s", lock,
               strerror (errno));
    return GYM_OK;
  }
  return wait_for_lock (cache, err);
}

/* Closing gives the lock back; its file stays, as removing it would race with others. */
void
cell_cache_close (struct cell_cache *cache)
{
  if (cache->lock >= 0)
    close (cache->lock);
  cache->lock = -1;
}

/* ---- Files ----------------------------------------------------------------------- */

/* Of title and numbers: a file cut short or changed is made anew, never believed. */
static uint64_t
checksum (const struct cell_cache *cache, const float *numbers, size_t n)
{
  uint64_t hash = cell_hash (CELL_HASH, cache->title, strlen (cache->title));
  return cell_hash (hash, numbers, n * sizeof *numbers);
}

/* Titles are compared in full: two may have one hash. */
static bool
same_title (const struct cell_cache *cache, FILE *file)
{
  for (const char *c = cache->title; *c; c++)
    if (fgetc (file) != (unsigned char)*c)
      return false;
  return true;
}

bool
cell_cache_read (const struct cell_cache *cache, float *numbers, size_t n)
{
  FILE *file = cache->lock >= 0 ? fopen (cache->path, "rb") : NULL;
  uint64_t sum;
  bool whole;
  if (!file)
    return false;
  whole = same_title (cache, file) && fread (numbers, sizeof *numbers, n, file) == n
          && fread (&sum, sizeof sum, 1, file) == 1 && fgetc (file) == EOF
          && sum == checksum (cache, numbers, n);
  fclose (file);
  return whole;
}

void
cell_cache_write (const struct cell_cache *cache, const float *numbers, size_t n)
{
  char beside[CELL_CACHE_PATH + 8];
  uint64_t sum = checksum (cache, numbers, n);
  FILE *file = NULL;
  bool done = false;
  if (cache->lock < 0)
    return;
  snprintf (beside, sizeof beside, "%s.new", cache->path);
  file = fopen (beside, "wb");
  if (file) {
    done = fputs (cache->title, file) >= 0
           && fwrite (numbers, sizeof *numbers, n, file) == n
           && fwrite (&sum, sizeof sum, 1, file) == 1;
    done = fclose (file) == 0 && done && rename (beside, cache->path) == 0;
  }
  if (done)
    return;
  cache->host->log (cache->host, "%s: cannot be written: %s", beside, strerror (errno));
  unlink (beside);
}
