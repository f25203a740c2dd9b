/* Tests of sims/dram/trace.c: the three forms, every rule of trace.h, mutated files. */
#define _POSIX_C_SOURCE 200809L
#include "tests/tap.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sims/dram/trace.h"

/* A file of the running test, in the working directory of the build. */
static const char *scratch (const char *suffix)
{
  static char path[64];

  snprintf (path, sizeof path, "test_trace_%ld%s", (long) getpid (), suffix);
  return path;
}

static int parse (struct dram_trace *trace, const char *text, struct dram_error *err)
{
  err->text[0] = '\0';
  return dram_trace_parse (trace, "t", text, strlen (text), 0, err);
}

static void check_request (const struct dram_trace *trace, size_t i, uint64_t address,
                           uint64_t cycle, unsigned write)
{
  CU_ASSERT_FATAL (i < trace->count);
  CU_ASSERT_EQUAL (trace->requests[i].address, address);
  CU_ASSERT_EQUAL (trace->requests[i].cycle, cycle);
  CU_ASSERT_EQUAL (trace->requests[i].write, write);
}

static void test_request_is_compact (void)
{
  CU_ASSERT_EQUAL (sizeof (struct dram_request), 16);
}

static void test_stl (void)
{
  struct dram_trace trace;
  struct dram_error err;

  CU_ASSERT_EQUAL_FATAL (
    parse (&trace, "0:\tread\t0x0\n7: write 0xFfA0\n7:read 0x40 \t\n", &err), 0);
  CU_ASSERT_EQUAL (trace.form, DRAM_TRACE_STL);
  CU_ASSERT_EQUAL (trace.count, 3);
  check_request (&trace, 0, 0, 0, 0);
  check_request (&trace, 1, 0xffa0, 7, 1);
  check_request (&trace, 2, 0x40, 7, 0);
  dram_trace_free (&trace);
  CU_ASSERT_PTR_NULL (trace.requests);
  CU_ASSERT_EQUAL (trace.count, 0);
}

static void test_dramsim3 (void)
{
  struct dram_trace trace;
  struct dram_error err;

  CU_ASSERT_EQUAL_FATAL (parse (&trace, "0x10 READ 3\n  0xAB\tWRITE\t 0012\n", &err), 0);
  CU_ASSERT_EQUAL (trace.form, DRAM_TRACE_DRAMSIM3);
  CU_ASSERT_EQUAL (trace.count, 2);
  check_request (&trace, 0, 0x10, 3, 0);
  check_request (&trace, 1, 0xab, 12, 1);
  dram_trace_free (&trace);
}

static void test_untimed (void)
{
  struct dram_trace trace;
  struct dram_error err;

  CU_ASSERT_EQUAL_FATAL (parse (&trace, "ST 0x10\n# c\n\nLD 0x20\nLD 0x20\n", &err), 0);
  CU_ASSERT_EQUAL (trace.form, DRAM_TRACE_UNTIMED);
  CU_ASSERT_EQUAL (trace.count, 3);
  check_request (&trace, 0, 0x10, 0, 1);
  check_request (&trace, 1, 0x20, 1, 0);
  check_request (&trace, 2, 0x20, 2, 0);
  dram_trace_free (&trace);
}

static void test_line_ends_and_comments (void)
{
  static const char *const texts[] = {
    "5: read 0x40\r\n6: write 0x80\r\n", "5: read 0x40\n6: write 0x80",
    "5: read 0x40\r\n6: write 0x80\r",
    "\n# x\n \t\n5: read 0x40\n  # y\n6: write 0x80\n\n",
    "\r\n5: read 0x40\n#\n6: write 0x80\n#"
  };
  struct dram_trace trace;
  struct dram_error err;
  size_t i;

  for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    CU_ASSERT_EQUAL_FATAL (parse (&trace, texts[i], &err), 0);
    CU_ASSERT_EQUAL (trace.count, 2);
    check_request (&trace, 0, 0x40, 5, 0);
    check_request (&trace, 1, 0x80, 6, 1);
    dram_trace_free (&trace);
  }
}

static void test_greatest_values (void)
{
  struct dram_trace trace;
  struct dram_error err;

  CU_ASSERT_EQUAL_FATAL (
    parse (&trace, "9223372036854775807: read 0x00ffffffffffffffff\n", &err), 0);
  check_request (&trace, 0, UINT64_MAX, INT64_MAX, 0);
  dram_trace_free (&trace);
}

struct bad {
  const char *text;
  const char *message;
};

static void check_bad (const struct bad *bad, size_t count)
{
  struct dram_trace trace;
  struct dram_error err;
  size_t i;

  for (i = 0; i < count; i++) {
    CU_ASSERT_EQUAL (parse (&trace, bad[i].text, &err), -1);
    CU_ASSERT_PTR_NULL (trace.requests);
    CU_ASSERT_EQUAL (trace.count, 0);
    if (strcmp (err.text, bad[i].message) != 0)
      tap_note ("got  %s\n# want %s", err.text, bad[i].message);
    CU_ASSERT_STRING_EQUAL (err.text, bad[i].message);
  }
}

#define STL ", as in \"CYCLE: read|write 0xADDR\""
#define DRAMSIM3 ", as in \"0xADDR READ|WRITE CYCLE\""
#define UNTIMED ", as in \"LD|ST 0xADDR\""
#define ANY "expected \"CYCLE: read|write 0xADDR\", \"0xADDR READ|WRITE CYCLE\" or " \
            "\"LD|ST 0xADDR\""

static void test_malformed_lines (void)
{
  static const struct bad bad[] = {
    { "0: raed 0x0\n", "t:1: found \"raed\" in column 4, expected read or write" STL },
    { "0: READ 0x0\n", "t:1: found \"READ\" in column 4, expected read or write" STL },
    { "0: readx 0x0", "t:1: found \"readx\" in column 4, expected read or write" STL },
    { "0 read 0x0\n",
      "t:1: found a blank in column 2, expected a colon right behind the cycle" STL },
    { "0:\n", "t:1: found the end in column 3, expected read or write" STL },
    { "0: read 40\n",
      "t:1: found \"40\" in column 9, expected a hexadecimal address with 0x" STL },
    { "0: read 0x\n",
      "t:1: found \"0x\" in column 9, expected a hexadecimal address with 0x" STL },
    { "0: read 0x4g\n",
      "t:1: found \"0x4g\" in column 9, expected a hexadecimal address with 0x" STL },
    { "0: read\n", "t:1: found the end in column 8, expected a blank" STL },
    { "0: read 0x0 1\n",
      "t:1: found \"1\" in column 13, expected the end of the line" STL },
    { "# c\n\n0x0 READ 1\n0x0 READ -1\n",
      "t:4: found \"-1\" in column 10, expected a decimal cycle" DRAMSIM3 },
    { "0x0 READ 1.5\n",
      "t:1: found \"1.5\" in column 10, expected a decimal cycle" DRAMSIM3 },
    { "0x0 READ\n", "t:1: found the end in column 9, expected a blank" DRAMSIM3 },
    { "0x0 READ 3\n3: read 0x0\n",
      "t:2: found \"3:\" in column 1, expected a hexadecimal address with 0x" DRAMSIM3 },
    { "LD 0x0\nLOAD 0x0\n",
      "t:2: found \"LOAD\" in column 1, expected LD or ST" UNTIMED },
    { "LD 0x0\n0x0 READ 3\n",
      "t:2: found \"0x0\" in column 1, expected LD or ST" UNTIMED },
    { "LD 0x1 # no\n",
      "t:1: found \"#\" in column 8, expected the end of the line" UNTIMED },
    { "LD 0x1\rLD 0x2\n",
      "t:1: found \"0x1\\x0DLD\" in column 4, expected a hexadecimal address with 0x"
      UNTIMED },
    { "hello world\n", "t:1: found \"hello\", " ANY },
    { "\n\xef\xbb\xbf" "1: read 0x0\n", "t:2: found \"\\xEF\\xBB\\xBF1:\", " ANY },
  };

  check_bad (bad, sizeof bad / sizeof bad[0]);
}

static void test_values_out_of_range (void)
{
  static const struct bad bad[] = {
    { "9223372036854775808: read 0x0\n",
      "t:1: found \"9223372036854775808:\" in column 1, expected a cycle below 2^63"
      STL },
    { "99999999999999999999999999: read 0x0\n",
      "t:1: found \"99999999999999999999999\" in column 1, expected a cycle below 2^63"
      STL },
    { "0x10000000000000000 READ 0\n",
      "t:1: found \"0x10000000000000000\" in column 1, expected an address below "
      "2^64" DRAMSIM3 },
    { "1: read 0x0\n2: read 0x0\n1: read 0x0\n",
      "t:3: found cycle 1 behind cycle 2, expected cycles that never decrease" },
  };

  check_bad (bad, sizeof bad / sizeof bad[0]);
}

static void test_nothing_in_it (void)
{
  static const struct bad bad[] = {
    { "", "t: found no request, " ANY },
    { "\n\n  \n", "t: found no request, " ANY },
    { "# only a comment", "t: found no request, " ANY },
  };

  check_bad (bad, sizeof bad / sizeof bad[0]);
}

static void test_nul_bytes (void)
{
  static const char comment[] = "# a\0b\nLD 0x0\n";
  static const char request[] = "LD 0x0\nLD 0x\0001\n";
  struct dram_trace trace;
  struct dram_error err;

  CU_ASSERT_EQUAL (
    dram_trace_parse (&trace, "t", comment, sizeof comment - 1, 0, &err), -1);
  CU_ASSERT_STRING_EQUAL (err.text, "t:1: found a NUL byte in a comment, expected text");
  CU_ASSERT_EQUAL (
    dram_trace_parse (&trace, "t", request, sizeof request - 1, 0, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "t:2: found \"0x\\x001\" in column 4"));
}

static int parse_long_comment (size_t length, const char *end, struct dram_error *err)
{
  static char text[3 * DRAM_TRACE_LINE_MAX];
  struct dram_trace trace;
  int status;

  memset (text, '#', length);
  memcpy (text + length, end, strlen (end) + 1);
  status = parse (&trace, text, err);
  dram_trace_free (&trace);
  return status;
}

static void test_long_lines (void)
{
  struct dram_error err;
  const char *end = "\nLD 0x0\n";

  CU_ASSERT_EQUAL (parse_long_comment (DRAM_TRACE_LINE_MAX, end, &err), 0);
  CU_ASSERT_EQUAL (parse_long_comment (DRAM_TRACE_LINE_MAX + 1, end, &err), -1);
  CU_ASSERT_STRING_EQUAL (
    err.text,
    "t:1: found a line of more than 4096 bytes, expected a request or a comment");
  CU_ASSERT_EQUAL (parse_long_comment (DRAM_TRACE_LINE_MAX + 1, "", &err), -1);
}

static void test_null_error_and_long_name (void)
{
  struct dram_trace trace;
  struct dram_error err;
  char name[1000];

  CU_ASSERT_EQUAL (dram_trace_parse (&trace, "t", "x", 1, 0, NULL), -1);
  memset (name, '/', sizeof name);
  memcpy (name + sizeof name - 6, "a.trc", 6);
  CU_ASSERT_EQUAL (dram_trace_parse (&trace, name, "\n0: read x", 10, 0, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "/a.trc:2: found \"x\" in column 9"));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, STL));
}

static void test_share (void)
{
  static const char text[] = "LD 0x0\nST 0x40\nLD 0x80\nbroken\n";
  struct dram_trace trace;
  struct dram_trace head;

  CU_ASSERT_EQUAL_FATAL (dram_trace_parse (&trace, "t", text, strlen (text), 3, NULL), 0);
  CU_ASSERT_EQUAL (trace.count, 3);
  head = dram_trace_head (&trace, 2);
  CU_ASSERT_EQUAL (head.count, 2);
  CU_ASSERT_PTR_EQUAL (head.requests, trace.requests);
  CU_ASSERT_EQUAL (dram_trace_head (&trace, 4).count, 3);
  dram_trace_free (&trace);
  CU_ASSERT_EQUAL (dram_trace_parse (&trace, "t", text, strlen (text), 4, NULL), -1);
}

static void test_unreadable (void)
{
  struct dram_trace trace;
  struct dram_error err;

  CU_ASSERT_EQUAL (dram_trace_read (&trace, "no/such.trc", 0, &err), -1);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "no/such.trc: cannot be opened: No such file or directory");
  CU_ASSERT_EQUAL (dram_trace_read (&trace, ".", 0, &err), -1);
  CU_ASSERT_STRING_EQUAL (err.text, ".: cannot be read: Is a directory");
  CU_ASSERT_EQUAL (dram_trace_read (&trace, "/dev/null", 0, &err), -1);
  CU_ASSERT_EQUAL (dram_trace_read (&trace, "/dev/zero", 0, &err), -1);
}

static uint64_t next_random (uint64_t *state)
{
  /* xorshift64 (Marsaglia 2003), enough to vary tests. */
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static struct dram_trace random_trace (size_t count, uint64_t seed)
{
  struct dram_trace trace = { .count = count };
  uint64_t cycle = 0;
  size_t i;

  trace.requests = malloc (count * sizeof *trace.requests);
  CU_ASSERT_PTR_NOT_NULL_FATAL (trace.requests);
  for (i = 0; i < count; i++) {
    cycle += next_random (&seed) % 100;
    trace.requests[i] = (struct dram_request) { .address = next_random (&seed),
                                                .cycle = cycle & INT64_MAX,
                                                .write = next_random (&seed) & 1 };
  }
  return trace;
}

static bool same_requests (const struct dram_trace *a, const struct dram_trace *b,
                           bool positions)
{
  size_t i;

  for (i = 0; i < a->count && a->count == b->count; i++)
    if (a->requests[i].address != b->requests[i].address
        || a->requests[i].write != b->requests[i].write
        || (positions ? i : a->requests[i].cycle) != b->requests[i].cycle)
      return false;
  return a->count == b->count;
}

/* Enough requests for several chunks of the reader: lines lie across their ends. */
static void test_write_and_read_back (void)
{
  struct dram_trace trace = random_trace (40000, 5);
  struct dram_trace back;
  struct dram_error err;
  int form;

  for (form = DRAM_TRACE_STL; form <= DRAM_TRACE_UNTIMED; form++) {
    const char *path = scratch (".trc");

    CU_ASSERT_EQUAL (
      dram_trace_write (&trace, path, (enum dram_trace_form) form, &err), 0);
    CU_ASSERT_EQUAL_FATAL (dram_trace_read (&back, path, 0, &err), 0);
    CU_ASSERT_EQUAL (back.form, (enum dram_trace_form) form);
    CU_ASSERT (same_requests (&trace, &back, form == DRAM_TRACE_UNTIMED));
    dram_trace_free (&back);
    CU_ASSERT_EQUAL_FATAL (dram_trace_read (&back, path, 30000, &err), 0);
    CU_ASSERT_EQUAL (back.count, 30000);
    dram_trace_free (&back);
    unlink (path);
  }
  dram_trace_free (&trace);
}

static void test_formatted_lines (void)
{
  struct dram_request request = { .address = 0xab40, .cycle = INT64_MAX, .write = 1 };
  char line[DRAM_TRACE_TEXT_MAX];

  CU_ASSERT_EQUAL (dram_trace_format (line, DRAM_TRACE_STL, &request), 34);
  CU_ASSERT_STRING_EQUAL (line, "9223372036854775807:\twrite\t0xAB40\n");
  dram_trace_format (line, DRAM_TRACE_DRAMSIM3, &request);
  CU_ASSERT_STRING_EQUAL (line, "0xab40 WRITE 9223372036854775807\n");
  dram_trace_format (line, DRAM_TRACE_UNTIMED, &request);
  CU_ASSERT_STRING_EQUAL (line, "ST 0xab40\n");
}

static void test_unwritable (void)
{
  struct dram_trace trace = random_trace (10, 3);
  struct dram_error err;
  struct stat info;

  CU_ASSERT_EQUAL (dram_trace_write (&trace, "no/such.trc", DRAM_TRACE_STL, &err), -1);
  CU_ASSERT_STRING_EQUAL (
    err.text, "no/such.trc: cannot be opened for writing: No such file or directory");
  if (access ("/dev/full", W_OK) == 0) {
    CU_ASSERT_EQUAL (dram_trace_write (&trace, "/dev/full", DRAM_TRACE_STL, &err), -1);
    CU_ASSERT_STRING_EQUAL (err.text,
                            "/dev/full: cannot be written: No space left on device");
    CU_ASSERT_EQUAL (stat ("/dev/full", &info), 0);
  }
  dram_trace_free (&trace);
}

/* Changes, removes, doubles or moves a few bytes of a valid text. */
static size_t mutate (char *text, size_t size, size_t room, uint64_t *state)
{
  static const char bytes[] = "0123456789abcdefx:# \t\n\r\0LDSTREADwrite-\xff";
  size_t at = next_random (state) % size;
  size_t span = 1 + next_random (state) % 20;

  if (span > size - at)
    span = size - at;
  switch (next_random (state) % 4) {
  case 0:
    text[at] = bytes[next_random (state) % (sizeof bytes - 1)];
    return size;
  case 1:
    memmove (text + at, text + at + span, size - at - span);
    return size - span;
  case 2:
    if (size + span > room)
      return size;
    memmove (text + at + span, text + at, size - at);
    return size + span;
  default:
    text[at] = (char) next_random (state);
    return size;
  }
}

/* A failure names a line of the file, or the file only when it holds no request. */
static void check_outcome (const char *text, size_t size, size_t lines)
{
  struct dram_trace trace;
  struct dram_error err = { "" };
  unsigned long line = 0;
  int status = dram_trace_parse (&trace, "t", text, size, 0, &err);

  if (status == 0) {
    CU_ASSERT (trace.count > 0 && trace.count <= lines);
  } else {
    CU_ASSERT_EQUAL (status, -1);
    CU_ASSERT (sscanf (err.text, "t:%lu: found ", &line) == 1
               || strncmp (err.text, "t: found no request", 19) == 0);
    CU_ASSERT (line <= lines);
    CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "expected"));
  }
  dram_trace_free (&trace);
}

static size_t count_lines (const char *text, size_t size)
{
  size_t lines = 1;
  size_t i;

  for (i = 0; i < size; i++)
    lines += text[i] == '\n';
  return lines;
}

static void test_mutated_files (void)
{
  static const char *const valid[] = {
    "# stl\n0:\tread\t0x0\n10:\twrite\t0xFFC0\n11: read 0x40\n",
    "0x10 READ 1\n0xabcdef WRITE 22\n\n0x40 READ 23\n",
    "LD 0x0\nST 0x40\r\nLD 0x12345678\n"
  };
  uint64_t state = 20261124;
  int round;

  for (round = 0; round < 60000; round++) {
    char room[160];
    size_t size = strlen (valid[round % 3]);
    int changes = 1 + (int) (next_random (&state) % 4);
    char *exact;

    memcpy (room, valid[round % 3], size);
    while (changes-- > 0 && size > 0)
      size = mutate (room, size, sizeof room, &state);
    /* A block of the exact size lets the sanitizers see a read behind the end. */
    exact = malloc (size + (size == 0));
    CU_ASSERT_PTR_NOT_NULL_FATAL (exact);
    memcpy (exact, room, size);
    check_outcome (exact, size, count_lines (exact, size));
    free (exact);
  }
}

static void test_reference_traces (void)
{
  static const char *const names[] = { "cloud-1", "random", "stream" };
  struct dram_trace trace;
  struct dram_error err;
  char file[64];
  char path[4096];
  size_t i;

  for (i = 0; i < 3; i++) {
    snprintf (file, sizeof file, "dram/archgym_traces/%s.stl", names[i]);
    if (tap_reference (file, path, sizeof path) == NULL) {
      tap_skip ("the reference traces are absent");
      return;
    }
    CU_ASSERT_EQUAL_FATAL (dram_trace_read (&trace, path, 0, &err), 0);
    CU_ASSERT_EQUAL (trace.count, 10000);
    CU_ASSERT_EQUAL (trace.form, DRAM_TRACE_STL);
    dram_trace_free (&trace);
  }
}

static void test_shipped_traces (void)
{
  static const char *const names[] = { "lua-sort", "sqlite", "gzip",
                                       "matmul",   "stream", "bfs" };
  struct dram_trace trace;
  struct dram_error err;
  char file[64];
  char path[4096];
  size_t i;

  for (i = 0; i < 6; i++) {
    snprintf (file, sizeof file, "examples/traces/%s.trc", names[i]);
    tap_source (file, path, sizeof path);
    CU_ASSERT_EQUAL_FATAL (dram_trace_read (&trace, path, 0, &err), 0);
    CU_ASSERT (trace.count >= 10000 && trace.count <= 50000);
    CU_ASSERT (trace.requests[trace.count - 1].cycle > trace.count);
    dram_trace_free (&trace);
  }
}

/* A binary file of several blocks and chunks, whole, in part, cut and with a tail. */
static void test_binary (void)
{
  enum { COUNT = 100000 };
  struct dram_request *requests = calloc (COUNT, sizeof *requests);
  struct dram_trace trace = { .requests = requests, .count = COUNT }, back;
  const char *path = scratch (".bin");
  struct dram_error err = { "" };
  struct stat info;
  FILE *file;
  size_t i;

  CU_ASSERT_PTR_NOT_NULL_FATAL (requests);
  for (i = 0; i < COUNT; i++)
    requests[i] = (struct dram_request) { .address = i * 0x9e3779b97f4a7c15u, .cycle = i,
                                          .write = i % 3 == 0 };
  CU_ASSERT_EQUAL_FATAL (dram_trace_write (&trace, path, DRAM_TRACE_BINARY, &err), 0);
  CU_ASSERT_EQUAL_FATAL (dram_trace_read (&back, path, 0, &err), 0);
  CU_ASSERT_EQUAL (back.form, DRAM_TRACE_BINARY);
  CU_ASSERT_EQUAL (back.count, COUNT);
  CU_ASSERT (memcmp (back.requests, requests, COUNT * sizeof *requests) == 0);
  dram_trace_free (&back);
  CU_ASSERT_EQUAL_FATAL (dram_trace_read (&back, path, 8193, &err), 0);
  CU_ASSERT_EQUAL (back.count, 8193);
  dram_trace_free (&back);
  file = fopen (path, "ab");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  fputc ('x', file);
  fclose (file);
  CU_ASSERT_EQUAL (dram_trace_read (&back, path, 0, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "found bytes behind its last request"));
  CU_ASSERT_EQUAL (stat (path, &info), 0);
  CU_ASSERT_EQUAL (truncate (path, info.st_size - 2), 0);
  CU_ASSERT_EQUAL (dram_trace_read (&back, path, 0, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "ends after request 98304, expected 100000"));
  CU_ASSERT_EQUAL (truncate (path, 20), 0);
  CU_ASSERT_EQUAL (dram_trace_read (&back, path, 0, &err), -1);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "ends in its header"));
  CU_ASSERT_EQUAL (truncate (path, 5), 0);
  CU_ASSERT_EQUAL (dram_trace_read (&back, path, 0, &err), -1);
  CU_ASSERT_PTR_NULL (back.requests);
  unlink (path);
  free (requests);
}

static void test_form_names (void)
{
  enum dram_trace_form form = DRAM_TRACE_STL;

  CU_ASSERT_EQUAL (dram_trace_form_find ("binary", &form), 0);
  CU_ASSERT_EQUAL (form, DRAM_TRACE_BINARY);
  CU_ASSERT_EQUAL (dram_trace_form_find ("text", &form), -1);
  CU_ASSERT_EQUAL (form, DRAM_TRACE_BINARY);
  CU_ASSERT_STRING_EQUAL (dram_trace_form_name (DRAM_TRACE_UNTIMED), "untimed");
}

int main (void)
{
  static const struct tap_test tests[] = {
    { .name = "a request takes 16 bytes", .run = test_request_is_compact },
    { .name = "stl form", .run = test_stl },
    { .name = "DRAMsim3 form", .run = test_dramsim3 },
    { .name = "untimed form", .run = test_untimed },
    { .name = "line ends and comments", .run = test_line_ends_and_comments },
    { .name = "greatest values", .run = test_greatest_values },
    { .name = "malformed lines", .run = test_malformed_lines },
    { .name = "values out of range", .run = test_values_out_of_range },
    { .name = "nothing in it", .run = test_nothing_in_it },
    { .name = "NUL bytes", .run = test_nul_bytes },
    { .name = "long lines", .run = test_long_lines },
    { .name = "no error struct, long name", .run = test_null_error_and_long_name },
    { .name = "share of a trace", .run = test_share },
    { .name = "unreadable files", .run = test_unreadable },
    { .name = "write and read back", .run = test_write_and_read_back },
    { .name = "formatted lines", .run = test_formatted_lines },
    { .name = "unwritable files", .run = test_unwritable },
    { .name = "mutated files", .run = test_mutated_files },
    { .name = "reference traces", .run = test_reference_traces },
    { .name = "shipped traces", .run = test_shipped_traces },
    { .name = "binary", .run = test_binary },
    { .name = "form names", .run = test_form_names },
    { 0 }
  };

  return tap_run ("dram trace", tests);
}
