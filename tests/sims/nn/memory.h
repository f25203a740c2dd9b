/* Allocations that fail on demand, for one file of a test program.
 *
 * malloc and its kin are interposed for the whole process, libraries included; the nth
 * call fails, or every call from the nth on. Not possible under the sanitizers or
 * valgrind, which bring a malloc of their own. */
#ifndef TESTS_SIMS_NN_MEMORY_H
#define TESTS_SIMS_NN_MEMORY_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_OWN_MALLOC 0
#else
#define HAVE_OWN_MALLOC 1
#endif

static long memory_calls, memory_live, memory_from, memory_to;
static bool memory_armed;

#if HAVE_OWN_MALLOC
#define EXPORT __attribute__ ((visibility ("default")))
void *__libc_malloc (size_t);
void *__libc_calloc (size_t, size_t);
void *__libc_realloc (void *, size_t);
void *__libc_memalign (size_t, size_t);
void __libc_free (void *);
EXPORT void *malloc (size_t);
EXPORT void *calloc (size_t, size_t);
EXPORT void *realloc (void *, size_t);
EXPORT void *aligned_alloc (size_t, size_t);
EXPORT void free (void *);

static bool
memory_fails (void)
{
  long n = memory_armed ? ++memory_calls : 0;
  if (n < 1 || n < memory_from || n > memory_to)
    return false;
  errno = ENOMEM;
  return true;
}

static void *
memory_count (void *p, bool more)
{
  memory_live += p != NULL && more;
  return p;
}

void *
malloc (size_t n)
{
  return memory_count (memory_fails () ? NULL : __libc_malloc (n), true);
}

void *
calloc (size_t n, size_t size)
{
  return memory_count (memory_fails () ? NULL : __libc_calloc (n, size), true);
}

void *
realloc (void *old, size_t n)
{
  return memory_count (memory_fails () ? NULL : __libc_realloc (old, n), old == NULL);
}

void *
aligned_alloc (size_t alignment, size_t n)
{
  return memory_count (memory_fails () ? NULL : __libc_memalign (alignment, n), true);
}

void
free (void *p)
{
  memory_live -= p != NULL;
  __libc_free (p);
}
#endif

/* From now on calls number `from` to `to` fail; returns how many blocks there are. */
static inline long
memory_arm (long from, long to)
{
  memory_calls = 0;
  memory_from = from;
  memory_to = to;
  memory_armed = true;
  return memory_live;
}

static inline void
memory_disarm (void)
{
  memory_armed = false;
}

/* Runs `attempt` with every call of it failing alone and together with all after it:
 * attempt (context, from, to) arms, disarms and says whether all was well. */
static inline void
memory_explore (bool (*attempt) (const void *context, long from, long to),
                const void *context, long least)
{
  const char *preload = getenv ("LD_PRELOAD");
  long n, bad = 0;
  if (!HAVE_OWN_MALLOC || (preload && strstr (preload, "vgpreload"))) {
    tap_skip ("a sanitizer or valgrind owns malloc");
    return;
  }
  CU_ASSERT (attempt (context, 1000000, 1000000));
  n = memory_calls;
  CU_ASSERT (n >= least);
  for (long i = 1; i <= n; i++) {
    bad += !attempt (context, i, i);
    bad += !attempt (context, i, 1000000000);
  }
  CU_ASSERT_EQUAL (bad, 0);
  tap_note ("%ld allocations", n);
}

#endif
