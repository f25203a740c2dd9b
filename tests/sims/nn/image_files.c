/* See image_files.h. */
#include "tests/sims/nn/image_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/tap.h"

enum { ROOM = 4096, IDX_ROOM = 1 << 20, NAMES = 64 };

static char folder[ROOM / 4];
static char written[NAMES][ROOM];
static int n_written;

const char *
files_begin (void)
{
  const char *tmp = getenv ("TMPDIR");
  snprintf (folder, sizeof folder, "%.512s/gym-images-XXXXXX", tmp ? tmp : "/tmp");
  CU_ASSERT_PTR_NOT_NULL_FATAL (mkdtemp (folder));
  n_written = 0;
  return folder;
}

void
files_end (void)
{
  for (int i = 0; i < n_written; i++)
    unlink (written[i]);
  CU_ASSERT_EQUAL (rmdir (folder), 0);
}

const char *
files_path (const char *name)
{
  static char paths[4][ROOM];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf (path, ROOM, "%s/%s", folder, name);
  return path;
}

const char *
files_write (const char *name, const void *bytes, size_t size, bool gzip)
{
  const char *path = files_path (name);
  gzFile file = gzopen (path, gzip ? "wb1" : "wbT");
  CU_ASSERT_FATAL (file != NULL && n_written < NAMES);
  CU_ASSERT (size == 0 || gzwrite (file, bytes, (unsigned)size) == (int)size);
  CU_ASSERT_EQUAL (gzclose (file), Z_OK);
  snprintf (written[n_written++], ROOM, "%s", path);
  return path;
}

static void
put (uint8_t *at, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t)(value >> (24 - 8 * i));
}

uint8_t *
files_idx (unsigned dimensions, const uint32_t *sizes, const uint8_t *body, size_t n,
           size_t *size)
{
  static uint8_t bytes[IDX_ROOM];
  size_t head = 4 + 4 * dimensions;
  CU_ASSERT_FATAL (head + n <= IDX_ROOM);
  put (bytes, 0x0800 + dimensions);
  for (unsigned i = 0; i < dimensions; i++)
    put (bytes + 4 + 4 * i, sizes[i]);
  memcpy (bytes + head, body, n);
  *size = head + n;
  return bytes;
}
