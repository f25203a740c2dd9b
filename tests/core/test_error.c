/* core/error.c: texts of errors, the nearest name, the version. */
#include "tests/tap.h"

#include <gym/error.h>
#include <gym/space.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
test_fail (void)
{
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_fail (&err, GYM_EIO, "file %d", 7), GYM_EIO);
  CU_ASSERT_EQUAL (err.code, GYM_EIO);
  CU_ASSERT_STRING_EQUAL (err.text, "file 7");
  CU_ASSERT_EQUAL (gym_fail (NULL, GYM_EIO, "nobody hears"), GYM_EIO);
}

static void
test_prefix (void)
{
  gym_error err = { 0 };
  gym_fail (&err, GYM_EIO, "disk full");
  gym_error_prefix (&err, "study %s", "runs.db");
  CU_ASSERT_STRING_EQUAL (err.text, "study runs.db: disk full");
  CU_ASSERT_EQUAL (err.code, GYM_EIO);
  gym_error_prefix (NULL, "nobody hears");
}

/* Too long in any combination: cut, never beyond the array. */
static void
test_prefix_is_cut (void)
{
  static char line[3000];
  gym_error err = { 0 };
  memset (line, 'x', sizeof line - 1);
  gym_fail (&err, GYM_EIO, "%s", line);
  CU_ASSERT_EQUAL (strlen (err.text), GYM_ERROR_TEXT - 1);
  gym_error_prefix (&err, "head");
  CU_ASSERT_EQUAL (strlen (err.text), GYM_ERROR_TEXT - 1);
  CU_ASSERT_EQUAL (strncmp (err.text, "head: xxx", 9), 0);
  memset (line, 'y', 2000);
  gym_error_prefix (&err, "%s", line);
  CU_ASSERT (strlen (err.text) < GYM_ERROR_TEXT);
  CU_ASSERT_EQUAL (err.text[0], 'y');
}

static void
test_names_of_codes (void)
{
  CU_ASSERT_STRING_EQUAL (gym_error_name (GYM_OK), "success");
  CU_ASSERT_STRING_EQUAL (gym_error_name (GYM_EINVAL), "invalid argument");
  CU_ASSERT_STRING_EQUAL (gym_error_name (GYM_EBUSY), "store is in use");
  CU_ASSERT_STRING_EQUAL (gym_error_name (GYM_EFAILED), "failed");
  CU_ASSERT_STRING_EQUAL (gym_error_name (GYM_EFAILED - 1), "unknown error");
  CU_ASSERT_STRING_EQUAL (gym_error_name (1), "unknown error");
  for (int i = GYM_EFAILED; i < 0; i++)
    CU_ASSERT (strcmp (gym_error_name (i), gym_error_name (i + 1)) != 0);
}

static const char *const names[] = { "population", "Fifo",          "FrFcfs",
                                     "FrFcfsGrp",  "mutation_rate", "x" };

static const char *
near (const char *word)
{
  return gym_nearest (word, names, sizeof names / sizeof names[0]);
}

static void
test_nearest (void)
{
  CU_ASSERT_PTR_EQUAL (near ("popluation"), names[0]);
  CU_ASSERT_PTR_EQUAL (near ("POPULATION"), names[0]);
  CU_ASSERT_PTR_EQUAL (near ("FIFO"), names[1]);
  CU_ASSERT_PTR_EQUAL (near ("frfcf"), names[2]);
  CU_ASSERT_PTR_EQUAL (near ("FrFcfsGrpp"), names[3]);
  CU_ASSERT_PTR_EQUAL (near ("mutation"), NULL); /* 5 edits off, 8 / 3 allowed */
  CU_ASSERT_PTR_EQUAL (near ("mutationrat"), names[4]);
  CU_ASSERT_PTR_EQUAL (near ("y"), NULL);
  CU_ASSERT_PTR_EQUAL (near ("something else"), NULL);
  CU_ASSERT_PTR_EQUAL (near (""), NULL);
  CU_ASSERT_PTR_EQUAL (gym_nearest ("x", names, 0), NULL);
}

static void
test_edit_distance (void)
{
  CU_ASSERT_EQUAL (gym_edit_distance ("", ""), 0);
  CU_ASSERT_EQUAL (gym_edit_distance ("abc", "abc"), 0);
  CU_ASSERT_EQUAL (gym_edit_distance ("kitten", "sitting"), 3);
  CU_ASSERT_EQUAL (gym_edit_distance ("sitting", "kitten"), 3);
  CU_ASSERT_EQUAL (gym_edit_distance ("", "four"), 4);
  CU_ASSERT_EQUAL (gym_edit_distance ("FIFO", "Fifo"), 3);
  char a[400], b[400];
  memset (a, 'a', sizeof a);
  memset (b, 'a', sizeof b);
  a[300] = b[350] = '\0';
  CU_ASSERT_EQUAL (gym_edit_distance (a, b), 0); /* the first 255 bytes alone */
  b[3] = 'b';
  CU_ASSERT_EQUAL (gym_edit_distance (a, b), 1);
}

/* The version is said once, in configure.ac. */
static void
test_version (void)
{
  char path[4096], line[200], want[100];
  FILE *file = fopen (tap_source ("configure.ac", path, sizeof path), "r");
  if (!file) {
    tap_skip ("configure.ac is not here (GYM_SOURCE_TOP)");
    return;
  }
  snprintf (want, sizeof want, "AC_INIT([archgym], [%s]", gym_version ());
  bool found = false;
  while (fgets (line, sizeof line, file))
    found |= strstr (line, want) != NULL;
  fclose (file);
  CU_ASSERT (found);
}

static void
test_free (void)
{
  gym_free (NULL);
  gym_free (strdup ("text")); /* the leak checker sees whether it did */
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "fail", test_fail },
    { "prefix", test_prefix },
    { "prefix is cut", test_prefix_is_cut },
    { "names of codes", test_names_of_codes },
    { "nearest", test_nearest },
    { "edit distance", test_edit_distance },
    { "version", test_version },
    { "free", test_free },
    { 0 },
  };
  return tap_run ("error", tests);
}
