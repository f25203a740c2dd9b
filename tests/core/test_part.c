/* Files that have another name until they are complete. */
#include "core/part.h"
#include "tests/core/help.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[256];

static bool
holds (const char *name, const char *text)
{
  char seen[16] = { 0 };
  FILE *f = fopen (name, "r");
  bool same = f && fgets (seen, sizeof seen, f) && strcmp (seen, text) == 0;
  if (f)
    fclose (f);
  return same;
}

/* Opens, writes and closes one. */
static char *
make (const char *text)
{
  gym_error err = { 0 };
  char *part = NULL;
  int file = gym_part_open (path, &part, &err);
  CU_ASSERT_FATAL (file >= 0);
  CU_ASSERT_EQUAL (write (file, text, strlen (text)), (ssize_t)strlen (text));
  CU_ASSERT_EQUAL (close (file), 0);
  return part;
}

static void
test_take (void)
{
  help_scratch (path, "whole");
  char *one = make ("one"), *two = make ("two");
  CU_ASSERT_STRING_NOT_EQUAL (one, two);
  CU_ASSERT_EQUAL (access (path, F_OK), -1);
  CU_ASSERT_EQUAL (gym_part_take (&one, path, NULL), GYM_OK);
  CU_ASSERT (one == NULL && holds (path, "one"));
  CU_ASSERT_EQUAL (gym_part_take (&two, path, NULL), GYM_OK);
  CU_ASSERT (holds (path, "two"));
  CU_ASSERT_EQUAL (gym_part_take (&two, path, NULL), GYM_OK); /* nothing */
  CU_ASSERT (holds (path, "two"));
  help_remove (path);
}

static void
test_drop (void)
{
  char name[300];
  help_scratch (path, "whole");
  char *part = make ("x");
  snprintf (name, sizeof name, "%s", part);
  gym_part_drop (&part);
  gym_part_drop (&part);
  CU_ASSERT (part == NULL && access (name, F_OK) == -1 && access (path, F_OK) == -1);
  help_remove (path);
}

/* What has the name it would take next is somebody's: a file, or a link to one. */
static void
test_taken (void)
{
  char next[300], other[300];
  long pid;
  unsigned n;
  help_scratch (path, "whole");
  char *part = make ("x");
  CU_ASSERT_EQUAL_FATAL (sscanf (part + strlen (path), ".%ld-%u.part", &pid, &n), 2);
  gym_part_drop (&part);
  snprintf (other, sizeof other, "%s.other", path);
  FILE *f = fopen (other, "w");
  fputs ("kept", f);
  fclose (f);
  snprintf (next, sizeof next, "%s.%ld-%u.part", path, pid, n + 1);
  CU_ASSERT_EQUAL (symlink (other, next), 0);
  part = make ("new");
  CU_ASSERT_STRING_NOT_EQUAL (part, next);
  CU_ASSERT (holds (other, "kept") && holds (part, "new"));
  gym_part_drop (&part);
  unlink (next);
  unlink (other);
  help_remove (path);
}

static void
test_refused (void)
{
  gym_error err = { 0 };
  char *part = NULL, name[300];
  help_scratch (path, "whole");
  CU_ASSERT_EQUAL (gym_part_open ("/nowhere/at/all", &part, &err), GYM_EIO);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "cannot write \"/nowhere/at/all\": No such file or directory");
  CU_ASSERT_PTR_NULL (part);
  part = make ("x");
  snprintf (name, sizeof name, "%s", part);
  CU_ASSERT_EQUAL (mkdir (path, 0700), 0);
  CU_ASSERT_EQUAL (gym_part_take (&part, path, &err), GYM_EIO);
  CU_ASSERT (help_says (&err, "Is a directory"));
  CU_ASSERT (part == NULL && access (name, F_OK) == -1);
  CU_ASSERT_EQUAL (rmdir (path), 0);
  help_remove (path);
}

/* As with any file that a program makes. */
static void
test_mode (void)
{
  struct stat about;
  help_scratch (path, "whole");
  mode_t old = umask (027);
  char *part = make ("x");
  umask (old);
  CU_ASSERT_EQUAL (stat (part, &about), 0);
  CU_ASSERT_EQUAL (about.st_mode & 0777, 0640);
  gym_part_drop (&part);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "taking its place", test_take },
                                           { "being dropped", test_drop },
                                           { "names that are taken", test_taken },
                                           { "refusals", test_refused },
                                           { "mode", test_mode },
                                           { 0 } };
  return tap_run ("part", tests);
}
