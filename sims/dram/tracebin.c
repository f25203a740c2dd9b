/* SPDX-License-Identifier: MIT */
/* Blocks so that a share of a long trace costs its share, as with text, and so that the
 * checksum of each is known good before a request of it is believed. */
#include "sims/dram/tracebin.h"

#include <string.h>
#include <zlib.h>

enum { VERSION = 1, BLOCK_HEAD = 8, CRC_SIZE = 4 };

#define CYCLE_MAX (UINT64_MAX >> 1)

static const uint8_t magic[DRAM_TRACEBIN_MAGIC] = { 0x89, 'D',  'R',  'T',
                                                    '\r', '\n', 0x1a, '\n' };

/* Byte by byte: the same file on every machine, and no alignment asked for. */
static uint64_t
get (const uint8_t *bytes, unsigned size)
{
  uint64_t value = 0;
  for (unsigned i = 0; i < size; i++)
    value |= (uint64_t)bytes[i] << 8 * i;
  return value;
}

static void
put (uint8_t *bytes, unsigned size, uint64_t value)
{
  for (unsigned i = 0; i < size; i++)
    bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t
checksum (const uint8_t *bytes, size_t size)
{
  return (uint32_t)crc32 (crc32 (0, NULL, 0), bytes, (uInt)size);
}

bool
dram_tracebin_begins (const void *bytes, size_t size)
{
  return memcmp (bytes, magic, size < sizeof magic ? size : sizeof magic) == 0;
}

const char *
dram_tracebin_read_header (struct dram_tracebin *b,
                           const uint8_t bytes[DRAM_TRACEBIN_HEADER])
{
  if (get (bytes + 8, 4) != VERSION)
    return "its version is not 1, expected a binary trace of this release";
  if (get (bytes + 28, 4) != checksum (bytes, 28))
    return "the checksum of its header is wrong, expected an undamaged file";
  /* what a later release may put there would be lost on this one */
  if (get (bytes + 12, 4) != 0 || get (bytes + 24, 4) != 0)
    return "its header has something in unused fields, expected zeros";
  *b = (struct dram_tracebin){ .count = get (bytes + 16, 8) };
  return b->count > 0 ? NULL : "it has no request, expected at least one";
}

size_t
dram_tracebin_block_size (const uint8_t *bytes, size_t size)
{
  uint64_t inner;
  if (size < BLOCK_HEAD)
    return 0;
  inner = get (bytes + 4, 4);
  return inner > DRAM_TRACEBIN_BLOCK_MAX - BLOCK_HEAD - CRC_SIZE
             ? DRAM_TRACEBIN_BLOCK_MAX
             : (size_t)inner + BLOCK_HEAD + CRC_SIZE;
}

/* False when the number does not end before `end`, or in 64 bits. */
static bool
take_number (const uint8_t **at, const uint8_t *end, uint64_t *value)
{
  *value = 0;
  for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
    uint64_t byte = *(*at)++, bits = byte & 0x7f;
    if (shift == 63 && bits > 1)
      return false;
    *value |= bits << shift;
    if (byte < 0x80)
      return true;
  }
  return false;
}

static uint8_t *
put_number (uint8_t *at, uint64_t value)
{
  for (; value >= 0x80; value >>= 7)
    *at++ = (uint8_t)(value | 0x80);
  *at++ = (uint8_t)value;
  return at;
}

/* Steps in both directions are short: the sign goes to bit 0. */
static uint64_t
fold (uint64_t difference)
{
  return difference << 1 ^ (0 - (difference >> 63));
}

static uint64_t
unfold (uint64_t folded)
{
  return folded >> 1 ^ (0 - (folded & 1));
}

/* Cycles cannot decrease here, but they could run out of their 63 bits. */
static bool
take_request (struct dram_tracebin *b, const uint8_t **at, const uint8_t *end,
              struct dram_request *request)
{
  uint64_t step, folded;
  if (!take_number (at, end, &step) || !take_number (at, end, &folded)
      || step >> 1 > CYCLE_MAX - b->cycle)
    return false;
  b->cycle += step >> 1;
  b->address += unfold (folded);
  *request = (struct dram_request){ .address = b->address,
                                    .cycle = b->cycle & CYCLE_MAX,
                                    .write = step & 1 };
  return true;
}

/* All blocks but the last are full: where a request lies can be said without reading. */
static uint32_t
expected_requests (const struct dram_tracebin *b)
{
  uint64_t left = b->count - b->done;
  return left < DRAM_TRACEBIN_BLOCK ? (uint32_t)left : DRAM_TRACEBIN_BLOCK;
}

const char *
dram_tracebin_read_block (struct dram_tracebin *b, const uint8_t *bytes, size_t size,
                          struct dram_request requests[DRAM_TRACEBIN_BLOCK], uint32_t *n)
{
  const uint8_t *at = bytes + BLOCK_HEAD, *end = bytes + size - CRC_SIZE;
  *n = (uint32_t)get (bytes, 4);
  /* first the checksum: what fails it is no request of anybody's */
  if (get (bytes + 4, 4) != size - BLOCK_HEAD - CRC_SIZE
      || get (end, 4) != checksum (bytes, size - CRC_SIZE))
    return "the checksum of a block is wrong, expected an undamaged file";
  if (*n == 0 || *n != expected_requests (b))
    return "a block has another number of requests than expected";
  for (uint32_t i = 0; i < *n; i++) {
    if (!take_request (b, &at, end, &requests[i]))
      return "a request is no pair of numbers, expected cycles below 2^63";
  }
  b->done += *n;
  return at == end ? NULL : "bytes are left in a block, expected its end";
}

void
dram_tracebin_write_header (uint8_t bytes[DRAM_TRACEBIN_HEADER], uint64_t count)
{
  memset (bytes, 0, DRAM_TRACEBIN_HEADER);
  memcpy (bytes, magic, sizeof magic);
  put (bytes + 8, 4, VERSION);
  put (bytes + 16, 8, count);
  put (bytes + 28, 4, checksum (bytes, 28));
}

size_t
dram_tracebin_write_block (struct dram_tracebin *b, const struct dram_request *requests,
                           uint32_t n, uint8_t *bytes)
{
  uint8_t *at = bytes + BLOCK_HEAD;
  for (uint32_t i = 0; i < n; i++) {
    at = put_number (at, (requests[i].cycle - b->cycle) << 1 | requests[i].write);
    at = put_number (at, fold (requests[i].address - b->address));
    b->cycle = requests[i].cycle;
    b->address = requests[i].address;
  }
  b->done += n;
  put (bytes, 4, n);
  put (bytes + 4, 4, (uint64_t)(at - bytes - BLOCK_HEAD));
  put (at, CRC_SIZE, checksum (bytes, (size_t)(at - bytes)));
  return (size_t)(at - bytes) + CRC_SIZE;
}
