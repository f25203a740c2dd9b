/* tests/tap.h - CUnit assertions reported as TAP, one process per test.
 *
 * A test program lists its tests and hands them to tap_run. Every test runs in a
 * child process of its own (a crash, a leak or a hang costs that test, not the
 * program) under a time limit of 60 s times GYM_TEST_TIMEOUT_SCALE. */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <CUnit/CUnit.h>
#include <stddef.h>

struct tap_test {
  const char *name;
  void (*run) (void);
};

/* Run `tests` (closed by an entry without a name), of which TAP_ONLY in the environment
 * selects those with this in their names; returns the exit status. */
int tap_run (const char *suite, const struct tap_test *tests);

/* Mark the running test as skipped, with the reason a person should read; the test
 * then returns by itself. */
void tap_skip (const char *reason);

/* Print a diagnostic line ("# ...") that the harness keeps in the log. */
void tap_note (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/* Path of a file of the reference data that lies beside the checkout, or NULL when it
 * is absent. GYM_REFERENCE names another folder. */
const char *tap_reference (const char *file, char *path, size_t size);

/* Path of a file of the source tree (the build may be elsewhere). */
const char *tap_source (const char *file, char *path, size_t size);

/* Path of a file in the build tree. */
const char *tap_build (const char *file, char *path, size_t size);

#endif
