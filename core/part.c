/* core/part.c - a file that has another name until it is complete: see core/part.h. */
#include "core/part.h"

#include "core/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
fail_write (const char *path, gym_error *err)
{
  return gym_fail (err, GYM_EIO, "cannot write \"%s\": %s", path, strerror (errno));
}

/* Numbers of processes come again, and machines share folders: a name that is taken, even
 * by a link to elsewhere, is left alone. */
static int
open_new (const char *path, char *name, size_t size)
{
  enum { TRIES = 1000 };
  static atomic_uint count;
  int file = -1;
  errno = EEXIST;
  for (int i = 0; i < TRIES && file < 0 && errno == EEXIST; i++) {
    snprintf (name, size, "%s.%ld-%u.part", path, (long)getpid (),
              atomic_fetch_add (&count, 1));
    file = open (name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  }
  return file;
}

int
gym_part_open (const char *path, char **name, gym_error *err)
{
  size_t size = strlen (path) + 64;
  *name = malloc (size);
  if (!*name)
    return gym_fail_memory (err);
  int file = open_new (path, *name, size);
  if (file >= 0)
    return file;
  free (*name);
  *name = NULL;
  return fail_write (path, err);
}

/* A rename replaces what stood there in one step: a reader finds the old file or the new
 * one, whole either way. */
int
gym_part_take (char **name, const char *path, gym_error *err)
{
  int rc = GYM_OK;
  if (*name && rename (*name, path) != 0) {
    rc = fail_write (path, err);
    unlink (*name);
  }
  free (*name);
  *name = NULL;
  return rc;
}

void
gym_part_drop (char **name)
{
  if (*name)
    unlink (*name);
  free (*name);
  *name = NULL;
}
