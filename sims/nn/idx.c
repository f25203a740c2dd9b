/* idx.c - the files of MNIST and its kin: see reader.h. */
#include "sims/nn/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 1 << 30, PATH_ROOM = 4096 };

static uint32_t
big_endian (const uint8_t *bytes)
{
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8
         | bytes[3];
}

/* The first of PATH.gz and PATH that is there; a missing one of two is no error. */
static int
open_either (struct nn_reader *r, const char *path, char gz[PATH_ROOM],
             struct nn_error *err)
{
  int n = snprintf (gz, PATH_ROOM, "%s.gz", path), status = NN_MISSING;
  struct nn_error why = { .text = "" };
  if (n >= 0 && n < PATH_ROOM)
    status = nn_reader_open (r, gz, &why);
  if (status == NN_MISSING)
    return nn_reader_open (r, path, err);
  r->err = err;
  return status == NN_OK ? status : nn_fail (err, status, "%s", why.text);
}

/* Three numbers behind the magic one, of which labels have the first alone. */
static int
take_header (struct nn_reader *r, unsigned dimensions, uint32_t sizes[3])
{
  uint8_t bytes[16];
  size_t n = 4 + 4 * dimensions, got;
  int status = nn_reader_take (r, bytes, n, &got);
  if (status != NN_OK)
    return status;
  if (got < n)
    return nn_fail (r->err, NN_INVALID, "%s: ends after %zu bytes, within its header",
                    r->name, got);
  if (big_endian (bytes) != 0x0800 + dimensions)
    return nn_fail (
        r->err, NN_INVALID,
        "%s: begins with the number 0x%08x, expected 0x%08x (idx, bytes in %u "
        "dimension%s)",
        r->name, (unsigned)big_endian (bytes), 0x0800 + dimensions, dimensions,
        dimensions > 1 ? "s" : "");
  for (unsigned i = 0; i < 3; i++)
    sizes[i] = i < dimensions ? big_endian (bytes + 4 + 4 * i) : 1;
  return NN_OK;
}

/* Before anything is believed, and so that no product below can overflow. */
static int
check_header (const struct nn_reader *r, const uint32_t sizes[3])
{
  if (sizes[0] == 0 || sizes[0] > NN_IMAGES_COUNT_MAX)
    return nn_fail (r->err, NN_INVALID, "%s: announces %u images, expected 1 to %d",
                    r->name, (unsigned)sizes[0], NN_IMAGES_COUNT_MAX);
  if (sizes[1] == 0 || sizes[1] > NN_IMAGES_SIDE_MAX || sizes[2] == 0
      || sizes[2] > NN_IMAGES_SIDE_MAX)
    return nn_fail (r->err, NN_INVALID,
                    "%s: announces images of %ux%u pixels, expected 1 to %d each way",
                    r->name, (unsigned)sizes[1], (unsigned)sizes[2], NN_IMAGES_SIDE_MAX);
  if ((uint64_t)sizes[0] * sizes[1] * sizes[2] > BYTES_MAX)
    return nn_fail (r->err, NN_INVALID,
                    "%s: announces %u images of %ux%u pixels, more than %d pixels",
                    r->name, (unsigned)sizes[0], (unsigned)sizes[1], (unsigned)sizes[2],
                    BYTES_MAX);
  return NN_OK;
}

/* What the header announces, all of it and nothing more. Asking for one byte more also
 * has zlib compare the checksum at the end of what it unpacked. */
static int
take_body (struct nn_reader *r, const uint32_t sizes[3], uint8_t **bytes)
{
  size_t n = (size_t)sizes[0] * sizes[1] * sizes[2], got, more = 0;
  uint8_t extra;
  int status = nn_reader_take_block (r, n, bytes, &got);
  if (status == NN_OK && got < n)
    status = nn_fail (r->err, NN_INVALID, "%s: announces %zu bytes, but ends after %zu",
                      r->name, n, got);
  if (status == NN_OK)
    status = nn_reader_take (r, &extra, 1, &more);
  if (status == NN_OK && more > 0)
    status = nn_fail (r->err, NN_INVALID, "%s: announces %zu bytes, but goes on behind",
                      r->name, n);
  return status;
}

/* The block is the caller's even when this fails. */
static int
read_file (const char *path, unsigned dimensions, uint32_t sizes[3], uint8_t **bytes,
           struct nn_error *err)
{
  char gz[PATH_ROOM];
  struct nn_reader r;
  int status = open_either (&r, path, gz, err);
  if (status == NN_OK)
    status = take_header (&r, dimensions, sizes);
  if (status == NN_OK)
    status = check_header (&r, sizes);
  if (status == NN_OK)
    status = take_body (&r, sizes, bytes);
  nn_reader_close (&r);
  return status;
}

static int
check_labels (const struct nn_images *images, const char *path, struct nn_error *err)
{
  for (uint32_t i = 0; i < images->n; i++)
    if (images->labels[i] >= images->classes)
      return nn_fail (err, NN_INVALID, "%s: label %u of image %u, expected 0 to %u",
                      nn_shown_path (path), images->labels[i], (unsigned)i,
                      (unsigned)images->classes - 1);
  return NN_OK;
}

/* Labels first: they are few, and what is wrong with them is known before pixels cost
 * anything. */
int
nn_idx_read (struct nn_images *images, const char *pixels_path, const char *labels_path,
             uint32_t classes, struct nn_error *err)
{
  uint32_t labels[3], pixels[3];
  int status;
  *images = (struct nn_images){ .classes = classes, .most = 255 };
  status = read_file (labels_path, 1, labels, &images->labels, err);
  images->n = status == NN_OK ? labels[0] : 0;
  if (status == NN_OK)
    status = check_labels (images, labels_path, err);
  if (status == NN_OK)
    status = read_file (pixels_path, 3, pixels, &images->pixels, err);
  if (status == NN_OK && pixels[0] != labels[0])
    status =
        nn_fail (err, NN_INVALID, "%s: %u images, but %u labels",
                 nn_shown_path (pixels_path), (unsigned)pixels[0], (unsigned)labels[0]);
  if (status == NN_OK)
    images->shape =
        (struct nn_shape){ .channels = 1, .height = pixels[1], .width = pixels[2] };
  else
    nn_images_free (images);
  return status;
}
