/* reader.c - bytes of files that may be compressed and need not be whole: see reader.h.
 */
#include "sims/nn/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 17, FIRST_BLOCK = 1 << 16 };

int
nn_reader_open (struct nn_reader *r, const char *path, struct nn_error *err)
{
  *r = (struct nn_reader){ .name = nn_shown_path (path), .err = err };
  errno = 0; /* zlib leaves it alone when it is memory that it lacks */
  r->file = gzopen (path, "rb");
  if (r->file && gzbuffer (r->file, BUFFER) == 0)
    return NN_OK;
  if (errno == 0 || errno == ENOMEM)
    return nn_no_memory (err);
  return nn_fail (err, errno == ENOENT || errno == ENOTDIR ? NN_MISSING : NN_INVALID,
                  "%s: %s", r->name, strerror (errno));
}

void
nn_reader_close (struct nn_reader *r)
{
  if (r->file)
    gzclose_r (r->file);
  r->file = NULL;
}

/* A file that was cut gives what is left of it and no error but this one. */
static int
check_state (struct nn_reader *r)
{
  int code;
  const char *what = gzerror (r->file, &code), *colon;
  if (code == Z_OK || code == Z_STREAM_END)
    return NN_OK;
  if (code == Z_MEM_ERROR)
    return nn_no_memory (r->err);
  if (code == Z_ERRNO)
    return nn_fail (r->err, NN_INVALID, "%s: %s", r->name, strerror (errno));
  if (code == Z_BUF_ERROR)
    return nn_fail (r->err, NN_INVALID,
                    "%s: is cut short: its compressed data do not end", r->name);
  /* zlib puts the whole path before its own words */
  while ((colon = strstr (what, ": ")) != NULL)
    what = colon + 2;
  return nn_fail (r->err, NN_INVALID, "%s: its compressed data are damaged (%s)", r->name,
                  what);
}

int
nn_reader_take (struct nn_reader *r, void *bytes, size_t n, size_t *got)
{
  for (*got = 0; *got < n;) {
    size_t left = n - *got;
    unsigned step = left < 1 << 20 ? (unsigned)left : 1 << 20;
    int count = gzread (r->file, (uint8_t *)bytes + *got, step);
    if (count <= 0)
      return check_state (r);
    *got += (size_t)count;
  }
  return NN_OK;
}

int
nn_reader_take_block (struct nn_reader *r, size_t n, uint8_t **bytes, size_t *got)
{
  size_t room = n < FIRST_BLOCK ? n : FIRST_BLOCK, more;
  int status = NN_OK;
  *bytes = malloc (room + 1);
  *got = 0;
  while (*bytes && status == NN_OK && *got < n) {
    status = nn_reader_take (r, *bytes + *got, room - *got, &more);
    *got += more;
    if (*got < room || room == n)
      break;
    room = room < n - room ? 2 * room : n;
    uint8_t *grown = realloc (*bytes, room);
    if (!grown)
      free (*bytes);
    *bytes = grown;
  }
  if (!*bytes)
    return nn_no_memory (r->err);
  if (status != NN_OK) {
    free (*bytes);
    *bytes = NULL;
  }
  return status;
}
