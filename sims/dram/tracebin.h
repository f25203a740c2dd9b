/* SPDX-License-Identifier: MIT */
/*
 * The binary form of a trace: a header and blocks of requests, each with a checksum.
 *
 *   header   89 'D' 'R' 'T' 0d 0a 1a 0a     eight bytes that no text starts with, and
 * that a transfer as text would damage u32 version (1), u32 zero, u64 number of requests,
 * u32 zero, u32 crc block    u32 requests, u32 bytes, that many bytes, u32 crc
 *
 * Numbers are little-endian.  A crc is zlib's crc32 of everything before it in its header
 * or block.  All blocks but the last hold DRAM_TRACEBIN_BLOCK requests.  A request is two
 * numbers of seven bits a byte, lowest first, bit 7 set in all bytes but the last:
 *   2 * (cycle - that of the request before) + (1 if it is a write)
 *   the difference d of its address to that of the request before, modulo 2^64, as 2 * d,
 *   or, if d is 2^63 or more, as 2 * (2^64 - d) - 1
 * with a request of cycle 0 and address 0 before the first one.  Four to six bytes are
 * usual for what takes twenty as text.
 *
 * These functions work on memory that the caller owns and allocate nothing;
 * dram_trace_read and dram_trace_write (trace.h) call them.  Thread: any.
 */
#ifndef SIMS_DRAM_TRACEBIN_H
#define SIMS_DRAM_TRACEBIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sims/dram/trace.h"

enum {
  DRAM_TRACEBIN_MAGIC = 8,
  DRAM_TRACEBIN_HEADER = 32,
  DRAM_TRACEBIN_BLOCK = 8192,                             /* requests of a block */
  DRAM_TRACEBIN_BLOCK_MAX = 12 + 20 * DRAM_TRACEBIN_BLOCK /* its bytes at most */
};

/* How far a trace is read or written.  Start with all zero. */
struct dram_tracebin {
  uint64_t count;          /* of all requests, from the header */
  uint64_t done;           /* requests of the blocks so far */
  uint64_t cycle, address; /* of the last of them */
};

/* Whether `size` bytes can be, or begin, a binary trace: true also for fewer bytes than a
 * magic number has. */
bool dram_tracebin_begins (const void *bytes, size_t size);

/* Reads a header.  NULL, or what is wrong with it and what was expected (constant text).
 */
const char *dram_tracebin_read_header (struct dram_tracebin *b,
                                       const uint8_t bytes[DRAM_TRACEBIN_HEADER]);

/* Bytes of the block that begins here; 0 while fewer than eight of them are there.  Never
 * above DRAM_TRACEBIN_BLOCK_MAX: a block that says so is bad and found out when read. */
size_t dram_tracebin_block_size (const uint8_t *bytes, size_t size);

/* Reads a whole block into requests[0 .. *n).  NULL, or what is wrong with it and what
 * was expected (constant text). */
const char *dram_tracebin_read_block (struct dram_tracebin *b, const uint8_t *bytes,
                                      size_t size,
                                      struct dram_request requests[DRAM_TRACEBIN_BLOCK],
                                      uint32_t *n);

/* The header of `count` requests. */
void dram_tracebin_write_header (uint8_t bytes[DRAM_TRACEBIN_HEADER], uint64_t count);

/* The block of n requests, 1 to DRAM_TRACEBIN_BLOCK, whose cycles do not decrease.
 * Returns its bytes, at most DRAM_TRACEBIN_BLOCK_MAX. */
size_t dram_tracebin_write_block (struct dram_tracebin *b,
                                  const struct dram_request *requests, uint32_t n,
                                  uint8_t *bytes);

#endif
