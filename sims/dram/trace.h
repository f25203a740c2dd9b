/* trace.h - memory request traces: reading, writing, taking a share.
 *
 * A trace is a text file with one request a line, in one of three forms:
 *
 *   CYCLE: read|write 0xADDR   DRAM_TRACE_STL       .stl files of DRAMSys and ArchGym
 *   0xADDR READ|WRITE CYCLE    DRAM_TRACE_DRAMSIM3  trace files of DRAMsim3
 *   LD|ST 0xADDR               DRAM_TRACE_UNTIMED   Ramulator's load-store traces
 *
 * or a binary file, DRAM_TRACE_BINARY, in the form that tracebin.h describes: a quarter
 * of the size, read several times as fast, with checksums. Which of them a file is, is
 * seen from its first bytes.
 *
 * In a text file the first request line decides which form it is, every later line has
 * to be of the same form. What counts as well formed:
 *   - fields are parted by blanks (spaces and tabs, any number; none is needed after the
 *     colon), blanks around the line do not matter; words are written in the case shown;
 *   - CYCLE is decimal and below 2^63, ADDR is hexadecimal (either case) and below 2^64;
 *     signs, other bases and fractions are errors, leading zeros are not;
 *   - CYCLE is in clock cycles of the trace (whose frequency is the user's business) and
 *     never decreases from one request to the next;
 *   - an untimed request has the cycle of its position: 0, 1, 2, ... (one a cycle);
 *   - empty lines, lines of blanks only, and lines whose first non-blank is '#' are
 *     passed over;
 *   - lines end with LF or CR LF, the last one may lack it; no line (comments included)
 *     is longer than DRAM_TRACE_LINE_MAX bytes; there is no NUL byte; text behind the
 *     last field is an error;
 *   - a file without a single request is an error, in the binary form too.
 */
#ifndef SIMS_DRAM_TRACE_H
#define SIMS_DRAM_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "sims/dram/error.h"

/* Longest line in bytes, its LF not counted. */
#define DRAM_TRACE_LINE_MAX 4096

/* Bytes that hold every line dram_trace_format writes, with the NUL. */
#define DRAM_TRACE_TEXT_MAX 64

enum dram_trace_form {
  DRAM_TRACE_STL,
  DRAM_TRACE_DRAMSIM3,
  DRAM_TRACE_UNTIMED,
  DRAM_TRACE_BINARY
};

/* "stl", "dramsim3", "untimed", "binary": constant text. */
const char *dram_trace_form_name (enum dram_trace_form form);

/* The form of this name into *form: 0, or -1 if there is none and *form is untouched. */
int dram_trace_form_find (const char *name, enum dram_trace_form *form);

/* One request, 16 bytes; the write bit fills the top of the cycle, hence the 2^63. */
struct dram_request {
  uint64_t address;    /* byte, as in the file: not aligned, not cut to a memory size */
  uint64_t cycle : 63; /* earliest cycle at which it is offered */
  uint64_t write : 1;  /* 0 read, 1 write */
};

/* A trace in memory. Readable by any number of threads while nobody frees it. */
struct dram_trace {
  struct dram_request *requests; /* in file order, cycles never decreasing */
  size_t count;                  /* at least 1 after a successful read */
  enum dram_trace_form form;     /* the form it was read in */
};

/* Reads the file (or pipe) `path` up to its `limit`-th request, 0 meaning all of it. What
 * follows the last request taken is not checked, so that a share of a long file costs its
 * share. Returns 0 and fills *trace, to be released by dram_trace_free; or returns -1
 * with *trace empty, and err (nullable) says file, line, what was found and what was
 * expected. A failure that belongs to no line (unreadable, empty, damaged or cut short in
 * the binary form) names the file only, or the request from which on it is bad.
 * Thread: any. */
int dram_trace_read (struct dram_trace *trace, const char *path, size_t limit,
                     struct dram_error *err);

/* The same for `size` bytes of it in memory; `name` stands for the file in messages. */
int dram_trace_parse (struct dram_trace *trace, const char *name, const char *text,
                      size_t size, size_t limit, struct dram_error *err);

/* Releases what a read gave; *trace is empty afterwards. Harmless on an empty trace. */
void dram_trace_free (struct dram_trace *trace);

/* The first `count` requests (all if there are fewer) as a view into `trace`: costs
 * nothing, must not be freed, and ends with its owner. */
struct dram_trace dram_trace_head (const struct dram_trace *trace, size_t count);

/* Writes one request as a line with its LF and a NUL into `line`. Returns the length
 * without the NUL, 0 for the binary form, which has no lines. The untimed form loses the
 * cycle. */
size_t dram_trace_format (char line[DRAM_TRACE_TEXT_MAX], enum dram_trace_form form,
                          const struct dram_request *request);

/* Writes a whole trace to the file `path`, replacing what was there. Returns 0, or -1
 * with a message in err (nullable); a regular file cut short by an error (a full disk,
 * say) is removed. Reading it back gives the same requests, except for the cycles of the
 * untimed form. Thread: any. */
int dram_trace_write (const struct dram_trace *trace, const char *path,
                      enum dram_trace_form form, struct dram_error *err);

#endif
