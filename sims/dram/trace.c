/* trace.c - see trace.h for the rules of the three text forms. */
#define _POSIX_C_SOURCE 200809L

#include "sims/dram/trace.h"

#include "sims/dram/tracebin.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CYCLE_MAX (UINT64_MAX >> 1)

/* Large enough that system calls do not count, small enough to stay in a cache; has to
 * exceed DRAM_TRACE_LINE_MAX, or a long line would never fit. */
#define CHUNK_SIZE ((size_t) 256 * 1024)

/* One line being read; when a take_ function fails, `at` is where and `wanted` what. */
struct cursor {
  const char *start;
  const char *at;
  const char *end;
  const char *wanted;
};

/* A file being read, whatever the bytes come from. */
struct reader {
  const char *name; /* as messages show it */
  struct dram_trace *trace;
  struct dram_error *err;
  size_t capacity;
  size_t limit;
  size_t line;
  bool form_known;
  bool header_read;            /* of the binary form */
  struct dram_tracebin binary; /* then: how far it is */
};

static const char *const form_names[] = {
  [DRAM_TRACE_STL] = "stl",
  [DRAM_TRACE_DRAMSIM3] = "dramsim3",
  [DRAM_TRACE_UNTIMED] = "untimed",
  [DRAM_TRACE_BINARY] = "binary"
};

static const char *const form_text[] = {
  [DRAM_TRACE_STL] = "CYCLE: read|write 0xADDR",
  [DRAM_TRACE_DRAMSIM3] = "0xADDR READ|WRITE CYCLE",
  [DRAM_TRACE_UNTIMED] = "LD|ST 0xADDR"
};

/* Not isblank and isdigit: those depend on the locale and cost a call. */
static bool is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static bool is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* The take_ functions move the cursor behind what they took, or refuse and leave it at
 * the place to report; a chain of them with && reads like the form it accepts. */
static bool refuse (struct cursor *c, const char *at, const char *wanted)
{
  c->at = at;
  c->wanted = wanted;
  return false;
}

static void skip_blanks (struct cursor *c)
{
  while (c->at < c->end && is_blank (*c->at))
    c->at++;
}

static bool take_blanks (struct cursor *c)
{
  if (c->at == c->end || !is_blank (*c->at))
    return refuse (c, c->at, "a blank");
  skip_blanks (c);
  return true;
}

static bool take_colon (struct cursor *c)
{
  if (c->at == c->end || *c->at != ':')
    return refuse (c, c->at, "a colon right behind the cycle");
  c->at++;
  skip_blanks (c);
  return true;
}

static bool take_end (struct cursor *c)
{
  skip_blanks (c);
  return c->at == c->end || refuse (c, c->at, "the end of the line");
}

/* So that "12abc" is reported whole, as a bad number, and not as 12 with something
 * behind it. */
static bool ends_field (const struct cursor *c, const char *at)
{
  return at == c->end || is_blank (*at) || *at == ':';
}

static bool take_cycle (struct cursor *c, struct dram_request *request)
{
  const char *at = c->at;
  uint64_t value = 0;

  for (; at < c->end && is_digit (*at); at++) {
    unsigned digit = (unsigned) (*at - '0');

    /* Tested before it happens: value * 10 + digit > CYCLE_MAX, without overflow. */
    if (value > (CYCLE_MAX - digit) / 10)
      return refuse (c, c->at, "a cycle below 2^63");
    value = value * 10 + digit;
  }
  if (at == c->at || !ends_field (c, at))
    return refuse (c, c->at, "a decimal cycle");
  c->at = at;
  request->cycle = value & CYCLE_MAX;
  return true;
}

static int hex_digit (char c)
{
  if (is_digit (c))
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

static bool take_address (struct cursor *c, struct dram_request *request)
{
  static const char wanted[] = "a hexadecimal address with 0x";
  const char *at = c->at + 2;
  uint64_t value = 0;
  int digit;

  if (c->end - c->at < 3 || c->at[0] != '0' || c->at[1] != 'x')
    return refuse (c, c->at, wanted);
  for (; at < c->end && (digit = hex_digit (*at)) >= 0; at++) {
    /* The top digit is still in place, the next one would push it out. */
    if (value >> 60 != 0)
      return refuse (c, c->at, "an address below 2^64");
    value = value << 4 | (unsigned) digit;
  }
  if (at == c->at + 2 || !ends_field (c, at))
    return refuse (c, c->at, wanted);
  c->at = at;
  request->address = value;
  return true;
}

static bool at_word (const struct cursor *c, const char *word)
{
  size_t length = strlen (word);

  return (size_t) (c->end - c->at) >= length && memcmp (c->at, word, length) == 0
         && (c->at + length == c->end || is_blank (c->at[length]));
}

static bool take_direction (struct cursor *c, struct dram_request *request,
                            const char *read, const char *write, const char *wanted)
{
  if (!at_word (c, read) && !at_word (c, write))
    return refuse (c, c->at, wanted);
  request->write = at_word (c, write);
  c->at += strlen (request->write ? write : read);
  return true;
}

static bool take_stl (struct cursor *c, struct dram_request *request)
{
  return take_cycle (c, request) && take_colon (c)
         && take_direction (c, request, "read", "write", "read or write")
         && take_blanks (c) && take_address (c, request) && take_end (c);
}

static bool take_dramsim3 (struct cursor *c, struct dram_request *request)
{
  return take_address (c, request) && take_blanks (c)
         && take_direction (c, request, "READ", "WRITE", "READ or WRITE")
         && take_blanks (c) && take_cycle (c, request) && take_end (c);
}

static bool take_untimed (struct cursor *c, struct dram_request *request)
{
  return take_direction (c, request, "LD", "ST", "LD or ST") && take_blanks (c)
         && take_address (c, request) && take_end (c);
}

static bool take_request (struct cursor *c, enum dram_trace_form form,
                          struct dram_request *request)
{
  static bool (*const take[]) (struct cursor *, struct dram_request *) = {
    [DRAM_TRACE_STL] = take_stl,
    [DRAM_TRACE_DRAMSIM3] = take_dramsim3,
    [DRAM_TRACE_UNTIMED] = take_untimed
  };

  return take[form] (c, request);
}

/* Line and column both: a line of 4,096 bytes is hard to search. */
static int fail_field (const struct reader *r, const struct cursor *c)
{
  char found[DRAM_QUOTE_MAX];

  dram_quote (found, c->at, c->end);
  return dram_fail (r->err, "%s:%zu: found %s in column %td, expected %s, as in \"%s\"",
                    r->name, r->line, found, c->at - c->start + 1, c->wanted,
                    form_text[r->trace->form]);
}

static int fail_line (const struct reader *r, const char *found, const char *expected)
{
  return dram_fail (r->err, "%s:%zu: found %s, expected %s", r->name, r->line,
                    found, expected);
}

/* The first line says nothing about which form was meant, so all of them are named. */
static int fail_first (const struct reader *r, const struct cursor *c)
{
  char found[DRAM_QUOTE_MAX];

  dram_quote (found, c->at, c->end);
  return dram_fail (r->err, "%s:%zu: found %s, expected \"%s\", \"%s\" or \"%s\"",
                    r->name, r->line, found, form_text[DRAM_TRACE_STL],
                    form_text[DRAM_TRACE_DRAMSIM3], form_text[DRAM_TRACE_UNTIMED]);
}

/* What belongs to no line. */
static int fail_system (const struct reader *r, const char *what)
{
  return dram_fail (r->err, "%s: %s: %s", r->name, what, strerror (errno));
}

/* By the first characters alone, so that a slip further on is reported against the form
 * that was meant, not as an unknown one. */
static int choose_form (struct reader *r, const struct cursor *c)
{
  if (c->end - c->at >= 2 && c->at[0] == '0' && c->at[1] == 'x')
    r->trace->form = DRAM_TRACE_DRAMSIM3;
  else if (is_digit (*c->at))
    r->trace->form = DRAM_TRACE_STL;
  else if (*c->at == 'L' || *c->at == 'S')
    r->trace->form = DRAM_TRACE_UNTIMED;
  else
    return fail_first (r, c);
  r->form_known = true;
  return 0;
}

/* Doubling: the number of requests is not known before the end, not even from the size
 * of the file, and it may be a pipe. */
static int make_room (struct reader *r)
{
  size_t capacity = r->capacity == 0 ? 1024 : r->capacity * 2;
  struct dram_request *requests;

  if (capacity > SIZE_MAX / sizeof *requests)
    return dram_fail (r->err, "%s: too many requests", r->name);
  requests = realloc (r->trace->requests, capacity * sizeof *requests);
  if (requests == NULL)
    return fail_system (r, "no memory for its requests");
  r->trace->requests = requests;
  r->capacity = capacity;
  return 0;
}

static int append (struct reader *r, const struct dram_request *request)
{
  struct dram_trace *trace = r->trace;
  uint64_t last = trace->count > 0 ? trace->requests[trace->count - 1].cycle : 0;

  if (request->cycle < last)
    return dram_fail (r->err,
                      "%s:%zu: found cycle %" PRIu64 " behind cycle %" PRIu64
                      ", expected cycles that never decrease",
                      r->name, r->line, (uint64_t) request->cycle, last);
  if (trace->count == r->capacity && make_room (r) != 0)
    return -1;
  trace->requests[trace->count++] = *request;
  return 0;
}

static int read_line (struct reader *r, const char *line, size_t length)
{
  struct cursor c = { .start = line, .at = line, .end = line + length };
  struct dram_request request = { .cycle = r->trace->count & CYCLE_MAX };

  r->line++;
  if (length > DRAM_TRACE_LINE_MAX)
    return fail_line (r, "a line of more than 4096 bytes", "a request or a comment");
  /* Only the one before the LF: a carriage return elsewhere is a field's garbage. */
  if (length > 0 && line[length - 1] == '\r')
    c.end--;
  skip_blanks (&c);
  if (c.at == c.end)
    return 0;
  if (*c.at == '#')
    return memchr (line, '\0', length) == NULL
             ? 0 : fail_line (r, "a NUL byte in a comment", "text");
  if (!r->form_known && choose_form (r, &c) != 0)
    return -1;
  if (!take_request (&c, r->trace->form, &request))
    return fail_field (r, &c);
  return append (r, &request);
}

static bool is_full (const struct reader *r)
{
  return r->limit != 0 && r->trace->count == r->limit;
}

/* Reads the whole lines of text, with `last` also what follows the last LF. Sets *used to
 * the bytes that are done with. */
static int read_lines (struct reader *r, const char *text, size_t size, bool last,
                       size_t *used)
{
  *used = 0;
  while (*used < size && !is_full (r)) {
    const char *line = text + *used;
    size_t rest = size - *used;
    const char *newline = memchr (line, '\n', rest);
    size_t length = newline != NULL ? (size_t) (newline - line) : rest;

    /* More bytes may complete the line, but not make it shorter. */
    if (newline == NULL && !last && rest <= DRAM_TRACE_LINE_MAX)
      return 0;
    if (read_line (r, line, length) != 0)
      return -1;
    *used += length + (newline != NULL);
  }
  return 0;
}

/* Blocks are whole or nothing: one that more bytes may complete is left alone. */
static int read_block (struct reader *r, const uint8_t *bytes, size_t size, size_t *used)
{
  struct dram_request *requests;
  uint32_t count, i;
  const char *fault;
  int status = 0;

  *used = dram_tracebin_block_size (bytes, size);
  if (*used == 0 || *used > size) {
    *used = 0;
    return 0;
  }
  requests = malloc (DRAM_TRACEBIN_BLOCK * sizeof *requests);
  if (requests == NULL)
    return fail_system (r, "no memory to read it");
  fault = dram_tracebin_read_block (&r->binary, bytes, *used, requests, &count);
  if (fault != NULL)
    status = dram_fail (r->err, "%s: from request %zu on: %s", r->name,
                        r->trace->count + 1, fault);
  for (i = 0; i < count && status == 0 && !is_full (r); i++)
    status = append (r, &requests[i]);
  free (requests);
  return status;
}

static int fail_short (const struct reader *r)
{
  return dram_fail (r->err, "%s: it ends after request %zu, expected %" PRIu64 " of them",
                    r->name, r->trace->count, r->binary.count);
}

/* The counterpart of read_lines. */
static int read_blocks (struct reader *r, const uint8_t *bytes, size_t size, bool last,
                        size_t *used)
{
  const char *fault;
  size_t taken;

  *used = 0;
  if (!r->header_read) {
    if (size < DRAM_TRACEBIN_HEADER)
      return last ? dram_fail (r->err, "%s: it ends in its header, expected the rest",
                               r->name)
                  : 0;
    fault = dram_tracebin_read_header (&r->binary, bytes);
    if (fault != NULL)
      return dram_fail (r->err, "%s: %s", r->name, fault);
    r->header_read = true;
    *used = DRAM_TRACEBIN_HEADER;
  }
  do {
    if (is_full (r) || r->binary.done == r->binary.count)
      break;
    if (read_block (r, bytes + *used, size - *used, &taken) != 0)
      return -1;
    *used += taken;
  } while (taken > 0);
  if (r->binary.done == r->binary.count && !is_full (r) && *used < size)
    return dram_fail (r->err, "%s: found bytes behind its last request, expected its end",
                      r->name);
  return last && r->binary.done < r->binary.count && !is_full (r) ? fail_short (r) : 0;
}

/* The first bytes tell a binary file from text. Sets *used as read_lines does. */
static int read_bytes (struct reader *r, const char *bytes, size_t size, bool last,
                       size_t *used)
{
  *used = 0;
  if (!r->form_known && size > 0 && dram_tracebin_begins (bytes, size)) {
    if (size < DRAM_TRACEBIN_MAGIC && !last)
      return 0;
    r->form_known = true;
    r->trace->form = DRAM_TRACE_BINARY;
  }
  if (r->form_known && r->trace->form == DRAM_TRACE_BINARY)
    return read_blocks (r, (const uint8_t *) bytes, size, last, used);
  return read_lines (r, bytes, size, last, used);
}

static ssize_t read_some (int file, char *buffer, size_t size)
{
  ssize_t got;

  do
    got = read (file, buffer, size);
  while (got < 0 && errno == EINTR);
  return got;
}

/* Not mmap: another process that shortens the file meanwhile would kill us by SIGBUS. */
static int read_chunks (struct reader *r, int file, char *buffer)
{
  size_t held = 0;

  while (!is_full (r)) {
    ssize_t got = read_some (file, buffer + held, CHUNK_SIZE - held);
    size_t used;

    if (got < 0)
      return fail_system (r, "cannot be read");
    held += (size_t) got;
    if (read_bytes (r, buffer, held, got == 0, &used) != 0)
      return -1;
    if (got == 0)
      return 0;
    held -= used;
    memmove (buffer, buffer + used, held);
  }
  return 0;
}

static int read_file (struct reader *r, int file)
{
  char *buffer = malloc (CHUNK_SIZE);
  int status;

  if (buffer == NULL)
    return fail_system (r, "no memory to read it");
  status = read_chunks (r, file, buffer);
  free (buffer);
  return status;
}

static int finish (struct reader *r, int status)
{
  struct dram_trace *trace = r->trace;
  struct dram_request *shrunk;

  if (status == 0 && trace->count == 0)
    status = dram_fail (r->err, "%s: found no request, expected \"%s\", \"%s\" or \"%s\"",
                        r->name, form_text[DRAM_TRACE_STL],
                        form_text[DRAM_TRACE_DRAMSIM3], form_text[DRAM_TRACE_UNTIMED]);
  if (status != 0) {
    dram_trace_free (trace);
    return -1;
  }
  /* Doubling left up to half of it unused; a failure to shrink does no harm. */
  shrunk = realloc (trace->requests, trace->count * sizeof *shrunk);
  if (shrunk != NULL)
    trace->requests = shrunk;
  return 0;
}

int dram_trace_read (struct dram_trace *trace, const char *path, size_t limit,
                     struct dram_error *err)
{
  struct reader r = { .name = dram_shown_name (path), .trace = trace, .err = err,
                      .limit = limit };
  int file = open (path, O_RDONLY | O_CLOEXEC);
  int status;

  *trace = (struct dram_trace) { 0 };
  if (file < 0)
    return fail_system (&r, "cannot be opened");
  status = read_file (&r, file);
  close (file);
  return finish (&r, status);
}

int dram_trace_parse (struct dram_trace *trace, const char *name, const char *text,
                      size_t size, size_t limit, struct dram_error *err)
{
  struct reader r = { .name = dram_shown_name (name), .trace = trace, .err = err,
                      .limit = limit };
  size_t used;

  *trace = (struct dram_trace) { 0 };
  return finish (&r, read_bytes (&r, text, size, true, &used));
}

void dram_trace_free (struct dram_trace *trace)
{
  free (trace->requests);
  *trace = (struct dram_trace) { 0 };
}

struct dram_trace dram_trace_head (const struct dram_trace *trace, size_t count)
{
  struct dram_trace head = *trace;

  if (count < head.count)
    head.count = count;
  return head;
}

const char *dram_trace_form_name (enum dram_trace_form form)
{
  return (unsigned) form < sizeof form_names / sizeof form_names[0] ? form_names[form]
                                                                     : "?";
}

int dram_trace_form_find (const char *name, enum dram_trace_form *form)
{
  unsigned i;

  for (i = 0; i < sizeof form_names / sizeof form_names[0]; i++)
    if (strcmp (name, form_names[i]) == 0) {
      *form = (enum dram_trace_form) i;
      return 0;
    }
  return -1;
}

size_t dram_trace_format (char line[DRAM_TRACE_TEXT_MAX], enum dram_trace_form form,
                          const struct dram_request *request)
{
  uint64_t cycle = request->cycle;
  int length = 0;

  switch (form) {
  case DRAM_TRACE_STL:
    length = snprintf (line, DRAM_TRACE_TEXT_MAX, "%" PRIu64 ":\t%s\t0x%" PRIX64 "\n",
                       cycle, request->write ? "write" : "read", request->address);
    break;
  case DRAM_TRACE_DRAMSIM3:
    length = snprintf (line, DRAM_TRACE_TEXT_MAX, "0x%" PRIx64 " %s %" PRIu64 "\n",
                       request->address, request->write ? "WRITE" : "READ", cycle);
    break;
  case DRAM_TRACE_UNTIMED:
    length = snprintf (line, DRAM_TRACE_TEXT_MAX, "%s 0x%" PRIx64 "\n",
                       request->write ? "ST" : "LD", request->address);
    break;
  case DRAM_TRACE_BINARY:
    line[0] = '\0';
    break;
  }
  return length > 0 ? (size_t) length : 0;
}

static bool write_blocks (FILE *out, const struct dram_trace *trace)
{
  struct dram_tracebin b = { 0 };
  uint8_t *bytes = malloc (DRAM_TRACEBIN_BLOCK_MAX);
  bool written = bytes != NULL;

  if (written) {
    dram_tracebin_write_header (bytes, trace->count);
    written = fwrite (bytes, 1, DRAM_TRACEBIN_HEADER, out) == DRAM_TRACEBIN_HEADER;
  }
  while (written && b.done < trace->count) {
    size_t left = trace->count - (size_t) b.done;
    uint32_t n = left < DRAM_TRACEBIN_BLOCK ? (uint32_t) left : DRAM_TRACEBIN_BLOCK;
    size_t size = dram_tracebin_write_block (&b, trace->requests + b.done, n, bytes);

    written = fwrite (bytes, 1, size, out) == size;
  }
  free (bytes);
  return written && fflush (out) == 0;
}

static bool write_lines (FILE *out, const struct dram_trace *trace,
                         enum dram_trace_form form)
{
  char line[DRAM_TRACE_TEXT_MAX];
  size_t i;

  for (i = 0; i < trace->count; i++) {
    size_t length = dram_trace_format (line, form, &trace->requests[i]);

    if (fwrite (line, 1, length, out) != length)
      return false;
  }
  return fflush (out) == 0;
}

/* Never a device or a pipe: those are not ours to remove. */
static void remove_regular (const char *path)
{
  struct stat info;

  if (lstat (path, &info) == 0 && S_ISREG (info.st_mode))
    unlink (path);
}

int dram_trace_write (const struct dram_trace *trace, const char *path,
                      enum dram_trace_form form, struct dram_error *err)
{
  struct reader r = { .name = dram_shown_name (path), .err = err };
  FILE *out = fopen (path, "we");
  bool written;
  int reason;

  if (out == NULL)
    return fail_system (&r, "cannot be opened for writing");
  written = form == DRAM_TRACE_BINARY ? write_blocks (out, trace)
                                      : write_lines (out, trace, form);
  /* A full disk may show only when the buffers are written out at the end. */
  reason = errno;
  if (fclose (out) != 0 && written) {
    written = false;
    reason = errno;
  }
  if (written)
    return 0;
  remove_regular (path);
  errno = reason;
  return fail_system (&r, "cannot be written");
}
