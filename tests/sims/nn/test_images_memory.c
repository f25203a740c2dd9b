/* Every allocation of a data set may fail: opening it says so and leaves nothing.
 *
 * malloc and its kin are interposed for the whole process, zlib included; the nth call
 * fails, or every call from the nth on. Not possible under the sanitizers or valgrind,
 * which bring a malloc of their own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sims/nn/images.h"
#include "tests/sims/nn/image_files.h"
#include "tests/tap.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_OWN_MALLOC 0
#else
#define HAVE_OWN_MALLOC 1
#endif

static long calls, fail_from, fail_to, live;
static bool armed;

#if HAVE_OWN_MALLOC
#define EXPORT __attribute__ ((visibility ("default")))
void *__libc_malloc (size_t);
void *__libc_calloc (size_t, size_t);
void *__libc_realloc (void *, size_t);
void __libc_free (void *);
EXPORT void *malloc (size_t);
EXPORT void *calloc (size_t, size_t);
EXPORT void *realloc (void *, size_t);
EXPORT void free (void *);

static bool
must_fail (void)
{
  long n = armed ? ++calls : 0;
  if (n < 1 || n < fail_from || n > fail_to)
    return false;
  errno = ENOMEM;
  return true;
}

static void *
count (void *p, bool more)
{
  live += p != NULL && more;
  return p;
}

void *
malloc (size_t n)
{
  return count (must_fail () ? NULL : __libc_malloc (n), true);
}

void *
calloc (size_t n, size_t size)
{
  return count (must_fail () ? NULL : __libc_calloc (n, size), true);
}

void *
realloc (void *old, size_t n)
{
  return count (must_fail () ? NULL : __libc_realloc (old, n), old == NULL);
}

void
free (void *p)
{
  live -= p != NULL;
  __libc_free (p);
}
#endif

/* Opens and closes all three parts; the status of the first call that failed. */
static int
open_all (const struct nn_dataset_choice *choice, struct nn_error *err)
{
  struct nn_dataset set;
  struct nn_images test = { 0 };
  int status = nn_dataset_open (&set, choice, err);
  if (status == NN_OK)
    status = nn_dataset_open_test (&set, &test, err);
  nn_images_free (&test);
  nn_dataset_close (&set);
  return status;
}

/* Giving back what is too much may fail without harm, so success is allowed too. */
static bool
attempt (const struct nn_dataset_choice *choice, long from, long to)
{
  struct nn_error err = { "" };
  long before = live;
  calls = 0;
  fail_from = from;
  fail_to = to;
  armed = true;
  int status = open_all (choice, &err);
  armed = false;
  bool good = live == before
              && (status == NN_OK
                      ? err.text[0] == '\0'
                      : status == NN_NOMEM && strcmp (err.text, "out of memory") == 0);
  if (!good)
    tap_note ("calls %ld..%ld: status %d, \"%s\", %ld blocks more", from, to, status,
              err.text, live - before);
  return good;
}

static void
explore (const struct nn_dataset_choice *choice)
{
  const char *preload = getenv ("LD_PRELOAD");
  long n, bad = 0;
  if (!HAVE_OWN_MALLOC || (preload && strstr (preload, "vgpreload"))) {
    tap_skip ("a sanitizer or valgrind owns malloc");
    return;
  }
  CU_ASSERT_EQUAL_FATAL (open_all (choice, NULL), NN_OK);
  CU_ASSERT (attempt (choice, 1000000, 1000000));
  n = calls;
  CU_ASSERT (n > 15);
  for (long i = 1; i <= n; i++) {
    bad += !attempt (choice, i, i);
    bad += !attempt (choice, i, 1000000000);
  }
  CU_ASSERT_EQUAL (bad, 0);
  tap_note ("%ld allocations", n);
}

static void
test_digits (void)
{
  char path[4096];
  struct nn_dataset_choice choice = { .kind = NN_DIGITS, .path = path };
  tap_source ("envs/cell/digits.txt", path, sizeof path);
  explore (&choice);
}

static void
write_part (const char *pixels, const char *labels)
{
  static const uint8_t body[50 * 50 * 50];
  const uint32_t sizes[3] = { 50, 50, 50 };
  size_t size;
  uint8_t *bytes = files_idx (3, sizes, body, sizeof body, &size);
  files_write (pixels, bytes, size, true);
  bytes = files_idx (1, sizes, body, 50, &size);
  files_write (labels, bytes, size, true);
}

static void
test_fashion (void)
{
  struct nn_dataset_choice choice = { .kind = NN_FASHION, .validation = 10 };
  choice.path = files_begin ();
  write_part ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz");
  write_part ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz");
  explore (&choice);
  files_end ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "digits", test_digits },
                                           { "Fashion-MNIST", test_fashion },
                                           { 0 } };
  return tap_run ("nn images memory", tests);
}
