/* core/store_lock.c - the lock file of a store.
 *
 * flock and not fcntl: locks of fcntl vanish when any descriptor of the file is closed
 * anywhere in the process. */
#include <config.h>

#include "core/store_lock.h"

#include "core/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, WAIT_MS = 2000, NAP_MS = 10 };

static const char page_magic[8] = { 'g', 'y', 'm', 'l', 'o', 'c', 'k', '1' };

/* A process may be killed between any two stores, so a mark is written beside the one in
 * force and published by one store to `current`. */
struct page {
  char magic[8];
  int64_t pid;
  uint64_t life;
  _Atomic uint32_t current;
  uint32_t reserved;
  struct gym_mark marks[2];
};

struct gym_lock {
  int fd;
  char *file;
  struct page *page;
  bool left;  /* the file was there before */
  bool begun; /* what a dead process left has been dealt with */
};

static void
lock_free (gym_lock *lock)
{
  if (lock->page)
    munmap (lock->page, PAGE);
  if (lock->fd >= 0)
    close (lock->fd);
  free (lock->file);
  free (lock);
}

static int
fail_busy (gym_lock *lock, const char *path, gym_error *err)
{
  struct page page;
  ssize_t n = pread (lock->fd, &page, sizeof page, 0);
  if (n == (ssize_t)sizeof page && page.pid > 0)
    return gym_fail (err, GYM_EBUSY,
                     "store \"%s\": being written by process %lld: wait until it has "
                     "finished, or name another store",
                     path, (long long)page.pid);
  return gym_fail (err, GYM_EBUSY,
                   "store \"%s\": being written by another process: wait until it has "
                   "finished, or name another store",
                   path);
}

/* The file may have been deleted by its last owner between our open and our lock; a lock
 * on a deleted file protects nothing. */
static bool
lock_is_current (const gym_lock *lock)
{
  struct stat held, named;
  return fstat (lock->fd, &held) == 0 && stat (lock->file, &named) == 0
         && held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* 1: locked, 0: somebody else has it (or had it until now), < 0: error. */
static int
lock_try (gym_lock *lock, const char *path, gym_error *err)
{
  if (lock->fd < 0) {
    lock->fd = open (lock->file, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock->fd < 0)
      return gym_store_fail_errno (errno, path, lock->file, err);
  }
  if (flock (lock->fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK || errno == EINTR)
      return 0;
    return gym_store_fail_errno (errno, path, lock->file, err);
  }
  if (lock_is_current (lock))
    return 1;
  close (lock->fd);
  lock->fd = -1;
  return 0;
}

static int
lock_wait (gym_lock *lock, const char *path, gym_error *err)
{
  const struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };
  for (int waited = 0;; waited += NAP_MS) {
    int code = lock_try (lock, path, err);
    if (code != 0)
      return code;
    if (waited >= WAIT_MS && lock->fd >= 0)
      return fail_busy (lock, path, err);
    nanosleep (&nap, NULL);
  }
}

/* Every byte is written before the page is mapped: storing to a mapped hole on a full
 * disk would raise SIGBUS. What a dead process left is written back unchanged. */
static int
lock_map (gym_lock *lock, const char *path, gym_error *err)
{
  union {
    struct page page;
    char bytes[PAGE];
  } image;
  memset (&image, 0, sizeof image);
  ssize_t n = pread (lock->fd, image.bytes, PAGE, 0);
  lock->left = n == PAGE && memcmp (image.page.magic, page_magic, sizeof page_magic) == 0;
  if (!lock->left)
    memset (&image, 0, sizeof image);
  memcpy (image.page.magic, page_magic, sizeof page_magic);
  image.page.pid = getpid ();
  n = pwrite (lock->fd, image.bytes, PAGE, 0);
  if (n != PAGE)
    return gym_store_fail_errno (n < 0 ? errno : ENOSPC, path, lock->file, err);
  void *at = mmap (NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, lock->fd, 0);
  if (at == MAP_FAILED)
    return gym_store_fail_errno (errno, path, lock->file, err);
  lock->page = at;
  return GYM_OK;
}

gym_lock *
gym_lock_take (const char *path, gym_error *err)
{
  gym_lock *lock = calloc (1, sizeof *lock);
  size_t size = strlen (path) + sizeof "-lock";
  char *file = malloc (size);
  if (!lock || !file) {
    free (lock);
    free (file);
    return gym_fail (err, GYM_ENOMEM, "store \"%s\": out of memory", path), NULL;
  }
  snprintf (file, size, "%s-lock", path);
  lock->file = file;
  lock->fd = -1;
  if (lock_wait (lock, path, err) < 0) {
    lock_free (lock);
    return NULL;
  }
  if (lock_map (lock, path, err) < 0)
    gym_lock_release (&lock);
  return lock;
}

bool
gym_lock_left (const gym_lock *lock, uint64_t *life, struct gym_mark *mark)
{
  const struct page *page = lock->page;
  *life = page->life;
  *mark = page->marks[atomic_load (&page->current) & 1];
  return page->life != 0 && mark->n > 0;
}

void
gym_lock_begin (gym_lock *lock)
{
  struct page *page = lock->page;
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  const struct gym_mark none = { .n = 0 };
  gym_lock_mark (lock, &none);
  page->life = ((uint64_t)now.tv_sec << 30 | (uint64_t)now.tv_nsec) ^ (uint64_t)getpid ();
  lock->begun = true;
}

void
gym_lock_mark (gym_lock *lock, const struct gym_mark *mark)
{
  struct page *page = lock->page;
  uint32_t next = (atomic_load_explicit (&page->current, memory_order_relaxed) + 1) & 1;
  page->marks[next] = *mark;
  atomic_store_explicit (&page->current, next, memory_order_release);
}

void
gym_lock_release (gym_lock **lock)
{
  if (!lock || !*lock)
    return;
  if ((*lock)->begun || !(*lock)->left)
    unlink ((*lock)->file);
  lock_free (*lock);
  *lock = NULL;
}
