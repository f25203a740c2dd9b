/* Programs of an installed command: its folder here is the test's own (local.mk).
 * test_programs.sh has those of the build tree. */
#include "core/cmd/program.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

static void
put (const char *name, const char *text, mode_t mode)
{
  char path[256];
  FILE *file;
  mkdir (PKGLIBEXECDIR, 0777);
  snprintf (path, sizeof path, "%s/%s", PKGLIBEXECDIR, name);
  file = fopen (path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  fputs (text, file);
  fclose (file);
  CU_ASSERT_EQUAL (chmod (path, mode), 0);
}

static void
fill_folder (void)
{
  put ("gym-two", "#!/bin/sh\necho \"$@\" >" PKGLIBEXECDIR "/said\nexit 7\n", 0755);
  put ("gym-one", "#!/bin/sh\nexit 0\n", 0755);
  put ("gym-data", "no program\n", 0644);
  put ("gym-one.o", "neither\n", 0755);
  put ("three", "nor this\n", 0755);
}

static void
empty_folder (void)
{
  static const char *const names[] = { "gym-two",   "gym-one", "gym-data",
                                       "gym-one.o", "three",   "said" };
  char path[256];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    snprintf (path, sizeof path, "%s/%s", PKGLIBEXECDIR, names[i]);
    unlink (path);
  }
  rmdir (PKGLIBEXECDIR);
}

static void
test_list (void)
{
  struct programs programs;
  fill_folder ();
  program_list (&programs);
  CU_ASSERT_EQUAL_FATAL (programs.n, 2);
  CU_ASSERT_STRING_EQUAL (programs.names[0], "one");
  CU_ASSERT_STRING_EQUAL (programs.names[1], "two");
  CU_ASSERT (program_exists ("one") && !program_exists ("three"));
  CU_ASSERT (!program_exists ("data") && !program_exists ("one.o"));
  CU_ASSERT (!program_exists ("*") && !program_exists ("") && !program_exists ("o?e"));
  empty_folder ();
  program_list (&programs);
  CU_ASSERT_EQUAL (programs.n, 0);
}

/* The words and the exit code pass through. */
static void
test_run (void)
{
  char *words[] = { (char[]){ "two" }, (char[]){ "-x" }, (char[]){ "a b" }, NULL };
  char said[64] = "";
  gym_error err = { 0 };
  FILE *file;
  int status = 0;
  fill_folder ();
  pid_t child = fork ();
  if (child == 0)
    _exit (program_run ("two", words, NULL) == 0 ? 0 : 1);
  CU_ASSERT_EQUAL (waitpid (child, &status, 0), child);
  CU_ASSERT_EQUAL (WEXITSTATUS (status), 7);
  file = fopen (PKGLIBEXECDIR "/said", "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  CU_ASSERT_PTR_NOT_NULL (fgets (said, sizeof said, file));
  CU_ASSERT_STRING_EQUAL (said, "-x a b\n");
  fclose (file);
  CU_ASSERT_EQUAL (program_run ("none", words, &err), GYM_ENOTFOUND);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "gym-none"));
  empty_folder ();
}

int
main (void)
{
  static const struct tap_test tests[] = { { "list", test_list },
                                           { "run", test_run },
                                           { 0 } };
  return tap_run ("cmd programs", tests);
}
