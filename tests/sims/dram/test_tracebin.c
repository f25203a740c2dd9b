/* Tests of sims/dram/tracebin.c: the binary form, byte by byte. */
#include "sims/dram/tracebin.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "tests/sims/dram/random_case.h"
#include "tests/tap.h"

enum { COUNT = DRAM_TRACEBIN_BLOCK + 3 };

static struct dram_request requests[COUNT], back[DRAM_TRACEBIN_BLOCK];
static uint8_t bytes[DRAM_TRACEBIN_BLOCK_MAX];

/* Near and far steps in all directions, the extremes among them. */
static void
make_requests (void)
{
  uint64_t state = 1, cycle = 0;
  for (size_t i = 0; i < COUNT; i++) {
    uint64_t r = random_bits (&state);
    cycle += r % 5 == 0 ? 0 : r % 3 == 0 ? r >> 20 & 0xffff : 1;
    requests[i] = (struct dram_request){ .cycle = cycle,
                                         .address = r % 7 == 0 ? r : 64 * i,
                                         .write = r >> 40 & 1 };
  }
  requests[1].address = UINT64_MAX;
  requests[2].address = 0;
  requests[3].address = UINT64_C (1) << 63;
  requests[COUNT - 1].cycle = UINT64_MAX >> 1;
}

static bool
same (const struct dram_request *a, const struct dram_request *b)
{
  return a->address == b->address && a->cycle == b->cycle && a->write == b->write;
}

static void
test_round_trip (void)
{
  struct dram_tracebin in = { .count = COUNT }, out = { 0 };
  make_requests ();
  for (uint32_t first = 0; first < COUNT; first += DRAM_TRACEBIN_BLOCK) {
    uint32_t n =
        COUNT - first < DRAM_TRACEBIN_BLOCK ? COUNT - first : DRAM_TRACEBIN_BLOCK;
    uint32_t got = 0, equal = 0;
    size_t size = dram_tracebin_write_block (&out, requests + first, n, bytes);
    CU_ASSERT (size <= DRAM_TRACEBIN_BLOCK_MAX);
    CU_ASSERT_EQUAL (dram_tracebin_block_size (bytes, 7), 0);
    CU_ASSERT_EQUAL (dram_tracebin_block_size (bytes, 8), size);
    CU_ASSERT_PTR_NULL (dram_tracebin_read_block (&in, bytes, size, back, &got));
    CU_ASSERT_EQUAL_FATAL (got, n);
    for (uint32_t i = 0; i < n; i++)
      equal += same (&back[i], &requests[first + i]);
    CU_ASSERT_EQUAL (equal, n);
  }
  CU_ASSERT_EQUAL (in.done, COUNT);
  CU_ASSERT_EQUAL (out.done, COUNT);
}

/* The layout of the header's comment, to the byte. */
static void
test_layout (void)
{
  static const uint8_t header[24] = { 0x89, 'D', 'R', 'T', 13, 10, 26, 10, 1, 0, 0, 0,
                                      0,    0,   0,   0,   2,  1,  0,  0,  0, 0, 0, 0 };
  static const uint8_t block[12] = { 2, 0, 0, 0, 4, 0, 0, 0, 2 * 5 + 1, 2 * 3, 0, 1 };
  const struct dram_request two[] = { { .cycle = 5, .write = 1, .address = 3 },
                                      { .cycle = 5, .address = 2 } };
  struct dram_tracebin b = { 0 };
  dram_tracebin_write_header (bytes, 0x102);
  CU_ASSERT (memcmp (bytes, header, sizeof header) == 0);
  CU_ASSERT_PTR_NULL (dram_tracebin_read_header (&b, bytes));
  CU_ASSERT_EQUAL (b.count, 0x102);
  b = (struct dram_tracebin){ 0 };
  CU_ASSERT_EQUAL (dram_tracebin_write_block (&b, two, 2, bytes), 16);
  CU_ASSERT (memcmp (bytes, block, sizeof block) == 0);
}

static void
test_begins (void)
{
  dram_tracebin_write_header (bytes, 1);
  CU_ASSERT (dram_tracebin_begins (bytes, 32));
  CU_ASSERT (dram_tracebin_begins (bytes, 3));
  CU_ASSERT (!dram_tracebin_begins ("\x89"
                                    "DRU",
                                    4));
  CU_ASSERT (!dram_tracebin_begins ("0x40 READ 0", 11));
}

/* No changed byte goes unnoticed. */
static void
test_damage (void)
{
  struct dram_tracebin out = { 0 };
  uint32_t n, missed = 0;
  size_t size;
  make_requests ();
  dram_tracebin_write_header (bytes, 100);
  for (size_t i = DRAM_TRACEBIN_MAGIC; i < DRAM_TRACEBIN_HEADER; i++) {
    struct dram_tracebin in;
    bytes[i] ^= 0x10;
    missed += dram_tracebin_read_header (&in, bytes) == NULL;
    bytes[i] ^= 0x10;
  }
  size = dram_tracebin_write_block (&out, requests, 100, bytes);
  for (size_t i = 0; i < size; i++) {
    struct dram_tracebin in = { .count = 100 };
    bytes[i] ^= 0x10;
    missed += dram_tracebin_read_block (&in, bytes, size, back, &n) == NULL;
    bytes[i] ^= 0x10;
  }
  CU_ASSERT_EQUAL (missed, 0);
}

/* What has a good checksum but is no trace: too many requests, an empty file. */
static void
test_nonsense (void)
{
  struct dram_tracebin in = { .count = 2 }, out = { 0 };
  uint32_t n;
  size_t size;
  make_requests ();
  size = dram_tracebin_write_block (&out, requests, 3, bytes);
  CU_ASSERT_PTR_NOT_NULL (dram_tracebin_read_block (&in, bytes, size, back, &n));
  dram_tracebin_write_header (bytes, 0);
  CU_ASSERT_PTR_NOT_NULL (dram_tracebin_read_header (&in, bytes));
}

/* A block of two requests with these bytes and a good checksum. */
static const char *
sealed (const uint8_t *inner, size_t n)
{
  struct dram_tracebin in = { .count = 2 };
  uint32_t got, sum;
  memset (bytes, 0, 8);
  bytes[0] = 2;
  bytes[4] = (uint8_t)n;
  memcpy (bytes + 8, inner, n);
  sum = (uint32_t)crc32 (crc32 (0, NULL, 0), bytes, (uInt)n + 8);
  for (size_t i = 0; i < 4; i++)
    bytes[8 + n + i] = (uint8_t)(sum >> 8 * i);
  return dram_tracebin_read_block (&in, bytes, n + 12, back, &got);
}

static void
test_sealed_nonsense (void)
{
  static const uint8_t good[] = { 2, 2, 2, 2 }, left[] = { 2, 2, 2, 2, 0 };
  static const uint8_t ends[] = { 2, 2, 2 }, last[] = { 2, 2, 2, 0x80 };
  /* 2^64 - 2 and 2^64 in seven bits a byte, and twice half of all cycles */
  static const uint8_t most[] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0x01, 0,    0,    0 };
  static const uint8_t over[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
                                  0x80, 0x80, 0x02, 0,    0,    0 };
  static const uint8_t late[] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0x01, 0,    2,    0 };
  CU_ASSERT_PTR_NULL (sealed (good, sizeof good));
  CU_ASSERT_PTR_NOT_NULL (sealed (left, sizeof left));
  CU_ASSERT_PTR_NOT_NULL (sealed (ends, sizeof ends));
  CU_ASSERT_PTR_NOT_NULL (sealed (last, sizeof last));
  CU_ASSERT_PTR_NULL (sealed (most, sizeof most));
  CU_ASSERT_PTR_NOT_NULL (sealed (over, sizeof over));
  CU_ASSERT_PTR_NOT_NULL (sealed (late, sizeof late));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "round trip", .run = test_round_trip },
    { .name = "layout", .run = test_layout },
    { .name = "first bytes", .run = test_begins },
    { .name = "damage", .run = test_damage },
    { .name = "nonsense", .run = test_nonsense },
    { .name = "nonsense with good checksums", .run = test_sealed_nonsense },
    { 0 },
  };
  return tap_run ("dram binary traces", tests);
}
