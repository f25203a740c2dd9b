/* See program.h. */
#include "core/cmd/program.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static const char prefix[] = "gym-";

/* TOP of a build tree whose command is TOP/core/cmd/gym (libtool keeps it in .libs), for
 * /proc knows what runs better than argv[0] does. False: it is installed. */
static bool
find_build_tree (char top[PATH_SIZE])
{
  static const char *const places[] = { "/core/cmd/.libs/gym", "/core/cmd/gym" };
  ssize_t got = readlink ("/proc/self/exe", top, PATH_SIZE - 1);
  if (got <= 0)
    return false;
  size_t n = (size_t)got;
  top[n] = '\0';
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    size_t length = strlen (places[i]);
    if (n > length && strcmp (top + n - length, places[i]) == 0) {
      top[n - length] = '\0';
      return true;
    }
  }
  return false;
}

/* Where programs whose names match `name` may lie, as a pattern of glob (). A name of
 * letters, digits and '-' matches itself alone. */
static bool
place_of (const char *name, char pattern[PATH_SIZE])
{
  char top[PATH_SIZE];
  const char *folder = PKGLIBEXECDIR, *rooms = "";
  if (find_build_tree (top)) {
    folder = top;
    rooms = "/sims/*";
  }
  return snprintf (pattern, PATH_SIZE, "%s%s/%s%s", folder, rooms, prefix, name)
         < PATH_SIZE;
}

static bool
is_name (const char *name)
{
  size_t n = strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-");
  return n > 0 && n < PROGRAM_NAME && name[n] == '\0';
}

/* A build leaves gym-x.o beside gym-x: what has a dot is none of ours. */
static void
add (struct programs *programs, const char *path)
{
  const char *name = strrchr (path, '/') + sizeof prefix;
  if (programs->n == PROGRAMS_MAX || !is_name (name) || access (path, X_OK) != 0)
    return;
  snprintf (programs->names[programs->n++], PROGRAM_NAME, "%s", name);
}

void
program_list (struct programs *programs)
{
  char pattern[PATH_SIZE];
  glob_t found = { 0 };
  programs->n = 0;
  if (place_of ("*", pattern) && glob (pattern, 0, NULL, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; i++)
      add (programs, found.gl_pathv[i]);
  }
  globfree (&found);
}

/* The file of a program; false if there is none of this name. */
static bool
find (const char *name, char path[PATH_SIZE])
{
  char pattern[PATH_SIZE];
  glob_t found = { 0 };
  bool there = is_name (name) && place_of (name, pattern)
               && glob (pattern, 0, NULL, &found) == 0
               && access (found.gl_pathv[0], X_OK) == 0;
  if (there)
    there = snprintf (path, PATH_SIZE, "%s", found.gl_pathv[0]) < PATH_SIZE;
  globfree (&found);
  return there;
}

bool
program_exists (const char *name)
{
  char path[PATH_SIZE];
  return find (name, path);
}

/* Its own messages then begin with what the user wrote. */
int
program_run (const char *name, char **argv, gym_error *err)
{
  char path[PATH_SIZE], self[PROGRAM_NAME + sizeof prefix];
  if (!find (name, path))
    return gym_fail (err, GYM_ENOTFOUND, "there is no program %s%s", prefix, name);
  snprintf (self, sizeof self, "gym %s", name);
  argv[0] = self;
  fflush (stdout);
  execv (path, argv);
  return gym_fail (err, GYM_EIO, "cannot run %s: %s", path, strerror (errno));
}
