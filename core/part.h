/* core/part.h - a file that has another name until it is complete. */
#ifndef CORE_PART_H
#define CORE_PART_H

#include <gym/error.h>

/* Makes an empty file beside `path` whose name no other process or thread has, and
 * nothing in its place is touched; returns its descriptor, for writing, or GYM_EIO or
 * GYM_ENOMEM. *name is the caller's: gym_part_take or gym_part_drop end it. */
int gym_part_open (const char *path, char **name, gym_error *err);

/* Gives the file the name `path`, in whatever place stood there. On failure (GYM_EIO) it
 * is gone. `*name` is freed and NULL; NULL is no error and does nothing. */
int gym_part_take (char **name, const char *path, gym_error *err);

/* Removes it. */
void gym_part_drop (char **name);

#endif
