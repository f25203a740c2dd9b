/* The TAP reporter over CUnit: see tap.h. */
#include "tests/tap.h"

#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { exit_passed = 0, exit_failed = 1, exit_skipped = 77 };

static const struct tap_test *current;
static int skipped;

void
tap_skip (const char *reason)
{
  skipped = 1;
  printf ("# skip: %s\n", reason);
  fflush (stdout);
}

void
tap_note (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  printf ("# ");
  vprintf (format, args);
  printf ("\n");
  va_end (args);
}

static const char *
join (const char *folder, const char *file, char *path, size_t size)
{
  snprintf (path, size, "%s/%s", folder, file);
  return path;
}

const char *
tap_source (const char *file, char *path, size_t size)
{
  const char *top = getenv ("GYM_SOURCE_TOP");
  return join (top ? top : ".", file, path, size);
}

const char *
tap_build (const char *file, char *path, size_t size)
{
  const char *top = getenv ("GYM_BUILD_TOP");
  return join (top ? top : ".", file, path, size);
}

const char *
tap_reference (const char *file, char *path, size_t size)
{
  const char *folder = getenv ("GYM_REFERENCE");
  char beside[4096];
  if (!folder)
    folder = tap_source ("../shared/reference", beside, sizeof beside);
  join (folder, file, path, size);
  return access (path, R_OK) == 0 ? path : NULL;
}

static void
case_body (void)
{
  current->run ();
}

/* One CUnit registry with one suite and one test, made anew in each child. */
static int
run_in_child (const char *suite)
{
  if (CU_initialize_registry () != CUE_SUCCESS)
    return exit_failed;
  CU_pSuite s = CU_add_suite (suite, NULL, NULL);
  CU_pTest t = s ? CU_add_test (s, current->name, case_body) : NULL;
  if (!t || CU_run_test (s, t) != CUE_SUCCESS) {
    CU_cleanup_registry ();
    return exit_failed;
  }
  unsigned shown = 0;
  for (CU_pFailureRecord f = CU_get_failure_list (); f && shown < 20; f = f->pNext, shown++)
    printf ("# %s:%u: %s\n", f->strFileName, f->uiLineNumber, f->strCondition);
  int failed = CU_get_number_of_failures () > 0;
  CU_cleanup_registry ();
  return failed ? exit_failed : skipped ? exit_skipped : exit_passed;
}

static unsigned
time_limit (void)
{
  const char *scale = getenv ("GYM_TEST_TIMEOUT_SCALE");
  double factor = scale ? strtod (scale, NULL) : 1;
  return (unsigned) (60 * (factor > 0 ? factor : 1));
}

static int
run_one (const char *suite, const struct tap_test *test, int number)
{
  fflush (stdout);
  current = test;
  pid_t pid = fork ();
  if (pid == 0) {
    alarm (time_limit ());
    int code = run_in_child (suite);
    fflush (stdout);
    exit (code); /* not _exit: the leak checker runs at exit */
  }
  int status = 0;
  if (pid < 0 || waitpid (pid, &status, 0) != pid)
    status = exit_failed << 8;
  int code = WIFEXITED (status) ? WEXITSTATUS (status) : exit_failed;
  if (WIFSIGNALED (status))
    printf ("# ended by signal %d (%s)\n", WTERMSIG (status), strsignal (WTERMSIG (status)));
  int good = code == exit_passed || code == exit_skipped;
  printf ("%s %d - %s: %s%s\n", good ? "ok" : "not ok", number, suite, test->name,
          code == exit_skipped ? " # SKIP see above" : "");
  return good ? 0 : 1;
}

int
tap_run (const char *suite, const struct tap_test *tests)
{
  const char *only = getenv ("TAP_ONLY");
  int n = 0, failures = 0;
  for (const struct tap_test *t = tests; t->name; t++)
    if (!only || strstr (t->name, only))
      failures += run_one (suite, t, ++n);
  printf ("1..%d\n", n);
  return failures ? 1 : 0;
}
