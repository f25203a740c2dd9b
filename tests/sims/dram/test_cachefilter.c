/* Tests of sims/dram/cachefilter.c: cases worked by hand, and random streams against a
 * slow cache with time stamps that is written from the header's text alone. */
#define _POSIX_C_SOURCE 200809L
#include "tests/tap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sims/dram/cachefilter.h"

struct log {
  struct dram_request requests[4096];
  size_t count;
  size_t wanted; /* 0: all that fit */
};

static bool keep (void *context, const struct dram_request *request)
{
  struct log *log = context;

  CU_ASSERT_FATAL (log->count < sizeof log->requests / sizeof log->requests[0]);
  log->requests[log->count++] = *request;
  return log->count != log->wanted;
}

/* One set of two lines in L1, one of four in L2; a cycle is an instruction. */
static struct dram_cachefilter_options tiny_options (void)
{
  struct dram_cachefilter_options o = dram_cachefilter_defaults ();

  o.l1 = (struct dram_cache_shape) { .size = 128, .ways = 2 };
  o.l2 = (struct dram_cache_shape) { .size = 256, .ways = 4 };
  o.core_mhz = 1000;
  o.dram_mhz = 1000;
  o.keep_addresses = true;
  return o;
}

static struct dram_cachefilter *open_filter (const struct dram_cachefilter_options *o,
                                             struct log *log)
{
  struct dram_error err = { "" };
  struct dram_cachefilter *filter = dram_cachefilter_new (o, keep, log, &err);

  if (filter == NULL)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (filter);
  return filter;
}

static int feed_line (struct dram_cachefilter *filter, const char *line)
{
  return dram_cachefilter_line (filter, line, strlen (line), NULL);
}

/* `lines` is a text with several events; `expected` are requests in DRAMsim3's form. */
static void check_case (const struct dram_cachefilter_options *o, const char *lines,
                        const char *expected)
{
  static struct log log;
  struct dram_cachefilter *filter = open_filter (o, &log);
  char text[2048] = "";
  size_t i;

  while (*lines != '\0') {
    size_t length = strcspn (lines, "\n");

    CU_ASSERT_EQUAL (dram_cachefilter_line (filter, lines, length, NULL), 0);
    lines += length + 1;
  }
  for (i = 0; i < log.count; i++)
    dram_trace_format (text + strlen (text), DRAM_TRACE_DRAMSIM3, &log.requests[i]);
  CU_ASSERT_STRING_EQUAL (text, expected);
  if (strcmp (text, expected) != 0)
    tap_note ("got %s", text);
  dram_cachefilter_free (filter);
  log.count = 0;
}

static void test_hits_and_misses (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  check_case (&o, " L 1000,8\n L 1008,8\n L 103f,1\n L 1040,4\n L 1000,8\n",
              "0x1000 READ 0\n0x1040 READ 0\n");
}

static void test_l1_of_instructions (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  /* The fetches go through L2 too: line 1000 is there for the load. */
  check_case (&o, "I  1000,4\n L 1000,4\nI  1004,4\n L 2000,4\nI  1008,4\n",
              "0x1000 READ 0\n0x2000 READ 1\n");
}

static void test_line_crossing (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  check_case (&o, "I  103e,4\n L 20fc,8\n L 2100,8\n",
              "0x1000 READ 0\n0x1040 READ 0\n0x20c0 READ 0\n0x2100 READ 0\n");
}

static void test_lru_order (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  /* L2 of four lines: 0 is used again before 4 comes, so 1 has to leave, not 0. L1 holds
   * two lines, so that all of these uses reach L2. */
  check_case (&o,
              " L 0000,1\n L 0040,1\n L 0080,1\n L 00c0,1\n L 0000,1\n L 0100,1\n"
              " L 0080,1\n L 0000,1\n L 0040,1\n",
              "0x0 READ 0\n0x40 READ 0\n0x80 READ 0\n0xc0 READ 0\n0x100 READ 0\n"
              "0x40 READ 0\n");
}

static void test_write_back (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  /* Line 0 is dirtied, pushed out of L1 into L2 by 40 and 80, out of L2 by c0 to 140
   * (its store into L2 made it young again: 40, 80 leave before it). */
  check_case (&o,
              " S 0000,8\n L 0040,8\n L 0080,8\n L 00c0,8\n L 0100,8\n L 0140,8\n"
              " L 0180,8\n",
              "0x0 READ 0\n0x40 READ 0\n0x80 READ 0\n0xc0 READ 0\n0x100 READ 0\n"
              "0x140 READ 0\n0x180 READ 0\n0x0 WRITE 0\n");
}

static void test_modify_is_a_store (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  o.l1 = (struct dram_cache_shape) { .size = 64, .ways = 1 };
  o.l2 = (struct dram_cache_shape) { .size = 64, .ways = 1 };
  /* The L1 victim 0 goes to L2, where 40 (clean) has to make room. Then 80 throws out the
   * dirty 0 of L2. */
  check_case (&o, " M 0000,4\n L 0040,4\n L 0080,4\n",
              "0x0 READ 0\n0x40 READ 0\n0x80 READ 0\n0x0 WRITE 0\n");
}

static void test_frames_in_order_of_touch (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  o.keep_addresses = false;
  check_case (&o, " L 7fff123,1\n L 400040,1\n L 7fff800,1\n L 7ffeffc,8\n L 7fff123,1\n",
              "0x100 READ 0\n0x1040 READ 0\n0x800 READ 0\n0x2fc0 READ 0\n0x0 READ 0\n"
              "0x100 READ 0\n");
}

static void test_clock (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  o.cpi_milli = 1500;
  o.core_mhz = 3000;
  o.dram_mhz = 1200;
  /* 0.6 DRAM clocks an instruction: instructions 0, 1, 2, 4 at 0, 0, 1, 2. */
  check_case (&o,
              "I  1000,4\nI  1040,4\nI  1080,4\nI  1080,4\nI  1080,4\n L 2000,4\n",
              "0x1000 READ 0\n0x1040 READ 0\n0x1080 READ 1\n0x2000 READ 2\n");
}

static void test_warm_up (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  o.skip = 2;
  check_case (&o,
              "I  1000,4\n L 2000,4\nI  1004,4\n L 2040,4\nI  1008,4\n L 2000,4\n"
              " L 2080,4\nI  100c,4\n L 20c0,4\n",
              "0x2080 READ 0\n0x20c0 READ 1\n");
}

static void test_other_lines (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  check_case (&o, "==1== Lackey\n\n--1-- note\n**1** client\n L 40,1\n", "0x40 READ 0\n");
}

static void test_malformed_events (void)
{
  static const char *const bad[] = {
    "x", " X 1000,8", "I 1000,4",   "I  1000",    "I  ,4",   "I  1000,",  "I  1000,0",
    " L 10g0,8", " L 1000,8 ", " L 1000,4097", " L 10000000000000000,1", "L  1000,8",
    " L ffffffffffffffff,2", "II 1000,4", " L 1000 8", " L -1000,8"
  };
  struct dram_cachefilter_options o = tiny_options ();
  struct log log = { .count = 0 };
  struct dram_cachefilter *filter = open_filter (&o, &log);
  struct dram_error err;
  char want[32];
  size_t i;

  for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    err.text[0] = '\0';
    CU_ASSERT_EQUAL (dram_cachefilter_line (filter, bad[i], strlen (bad[i]), &err), -1);
    snprintf (want, sizeof want, "event %zu: found \"", i + 1);
    CU_ASSERT_EQUAL (strncmp (err.text, want, strlen (want)), 0);
    CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "expected lackey's"));
  }
  CU_ASSERT_EQUAL (log.count, 0);
  dram_cachefilter_free (filter);
}

static void test_sink_stops_it (void)
{
  struct dram_cachefilter_options o = tiny_options ();
  struct log log = { .wanted = 2 };
  struct dram_cachefilter *filter = open_filter (&o, &log);

  CU_ASSERT_EQUAL (feed_line (filter, " L 0,8"), 0);
  CU_ASSERT_EQUAL (feed_line (filter, " L 3c,100"), 1);
  CU_ASSERT_EQUAL (feed_line (filter, " L 1000,8"), 1);
  CU_ASSERT_EQUAL (log.count, 2);
  CU_ASSERT_EQUAL (dram_cachefilter_counts (filter).requests, 2);
  dram_cachefilter_free (filter);
}

static void check_refused (const struct dram_cachefilter_options *o, const char *message)
{
  struct log log = { .count = 0 };
  struct dram_error err = { "" };

  CU_ASSERT_PTR_NULL (dram_cachefilter_new (o, keep, &log, &err));
  CU_ASSERT_STRING_EQUAL (err.text, message);
}

static void test_options_out_of_range (void)
{
  struct dram_cachefilter_options o = tiny_options ();

  o.line = 48;
  check_refused (&o, "line of 48 bytes, expected a power of two from 8 to 4096");
  o = tiny_options ();
  o.l1.ways = 0;
  check_refused (&o, "L1 has 0 ways, expected 1 to 64");
  o = tiny_options ();
  o.l2.size = 3 * 256;
  check_refused (&o, "L2 of 768 bytes, expected a power of two times 256"
                     " (ways times line)");
  o.l2.size = 0;
  check_refused (&o, "L2 of 0 bytes, expected a power of two times 256"
                     " (ways times line)");
  o = tiny_options ();
  o.cpi_milli = 100001;
  check_refused (&o, "cpi in thousandths is 100001, expected 1 to 100000");
  o = tiny_options ();
  o.dram_mhz = 0;
  check_refused (&o, "DRAM clock in MHz is 0, expected 1 to 100000");
}

/* The slow cache: entries with the time of their last use, searched from end to end. */
struct slow_entry {
  bool used;
  bool dirty;
  uint64_t line;
  uint64_t time;
};

struct slow_cache {
  struct slow_entry entries[64];
  uint64_t sets;
  uint64_t ways;
};

struct slow_machine {
  struct dram_cachefilter_options options;
  struct slow_cache fetch;
  struct slow_cache data;
  struct slow_cache l2;
  uint64_t pages[64];
  size_t page_count;
  uint64_t time;
  uint64_t instructions;
  struct log *log;
};

static void slow_open (struct slow_cache *cache, const struct dram_cache_shape *shape,
                       uint32_t line)
{
  memset (cache, 0, sizeof *cache);
  cache->ways = shape->ways;
  cache->sets = shape->size / line / shape->ways;
  CU_ASSERT_FATAL (cache->sets * cache->ways <= 64);
}

static struct slow_entry *slow_find (struct slow_cache *cache, uint64_t line)
{
  struct slow_entry *at = cache->entries;

  for (; at < cache->entries + cache->sets * cache->ways; at++)
    if (at->used && at->line == line)
      return at;
  return NULL;
}

static struct slow_entry *slow_oldest (struct slow_cache *cache, uint64_t line)
{
  struct slow_entry *set = cache->entries + line % cache->sets * cache->ways;
  struct slow_entry *oldest = set;
  uint64_t i;

  for (i = 0; i < cache->ways; i++) {
    if (!set[i].used)
      return &set[i];
    if (set[i].time < oldest->time)
      oldest = &set[i];
  }
  return oldest;
}

static void slow_emit (struct slow_machine *m, uint64_t line, bool write)
{
  double each = m->options.cpi_milli / 1000.0 * m->options.dram_mhz / m->options.core_mhz;
  uint64_t index = m->instructions - m->options.skip;
  double cycle = (double) (index > 0 ? index - 1 : 0) * each + 1e-9;
  struct dram_request request = { .address = line * m->options.line, .write = write };

  if (m->options.skip > 0 && m->instructions <= m->options.skip)
    return;
  request.cycle = (uint64_t) cycle & INT64_MAX;
  keep (m->log, &request);
}

static void slow_l2 (struct slow_machine *m, uint64_t line, bool whole)
{
  struct slow_entry *entry = slow_find (&m->l2, line);
  struct slow_entry before;

  if (entry == NULL) {
    entry = slow_oldest (&m->l2, line);
    before = *entry;
    *entry = (struct slow_entry) { .used = true, .line = line };
    if (!whole)
      slow_emit (m, line, false);
    if (before.used && before.dirty)
      slow_emit (m, before.line, true);
  }
  entry->dirty |= whole;
  entry->time = ++m->time;
}

static void slow_l1 (struct slow_machine *m, struct slow_cache *l1, uint64_t line,
                     bool store)
{
  struct slow_entry *entry = slow_find (l1, line);
  struct slow_entry before;

  if (entry == NULL) {
    entry = slow_oldest (l1, line);
    before = *entry;
    *entry = (struct slow_entry) { .used = true, .line = line };
    slow_l2 (m, line, false);
    if (before.used && before.dirty)
      slow_l2 (m, before.line, true);
  }
  entry->dirty |= store;
  entry->time = ++m->time;
}

static uint64_t slow_frame (struct slow_machine *m, uint64_t page)
{
  size_t i;

  for (i = 0; i < m->page_count; i++)
    if (m->pages[i] == page)
      return i;
  CU_ASSERT_FATAL (m->page_count < 64);
  m->pages[m->page_count++] = page;
  return i;
}

static void slow_access (struct slow_machine *m, char kind, uint64_t address,
                         uint64_t size)
{
  uint64_t step = m->options.line;
  uint64_t at;

  m->instructions += kind == 'I';
  for (at = address / step * step; at < address + size; at += step) {
    uint64_t place = m->options.keep_addresses
                       ? at : slow_frame (m, at / 4096) * 4096 + at % 4096;

    slow_l1 (m, kind == 'I' ? &m->fetch : &m->data, place / step,
             kind == 'S' || kind == 'M');
  }
}

static uint64_t next_random (uint64_t *state)
{
  /* xorshift64 (Marsaglia 2003), enough to vary tests. */
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 11;
}

static struct dram_cachefilter_options random_options (uint64_t *state)
{
  struct dram_cachefilter_options o = dram_cachefilter_defaults ();

  o.line = UINT32_C (8) << next_random (state) % 6;
  o.l1.ways = 1 + (uint32_t) next_random (state) % 4;
  o.l1.size = (uint64_t) o.l1.ways * o.line << next_random (state) % 3;
  o.l2.ways = 1 + (uint32_t) next_random (state) % 8;
  o.l2.size = (uint64_t) o.l2.ways * o.line << next_random (state) % 4;
  o.cpi_milli = 1 + (uint32_t) next_random (state) % 3000;
  o.core_mhz = 1000 + (uint32_t) next_random (state) % 3000;
  o.skip = next_random (state) % 2 * (next_random (state) % 50);
  o.keep_addresses = next_random (state) % 2;
  return o;
}

static bool same_log (const struct log *a, const struct log *b)
{
  size_t i;

  for (i = 0; i < a->count && i < b->count; i++)
    if (a->requests[i].address != b->requests[i].address
        || a->requests[i].cycle != b->requests[i].cycle
        || a->requests[i].write != b->requests[i].write)
      return false;
  return a->count == b->count;
}

/* Addresses from a few neighbourhoods, so that hits, evictions and pages all occur. */
static void run_both (struct dram_cachefilter *filter, struct slow_machine *slow,
                      uint64_t *state)
{
  static const char kinds[] = "IILSM";
  int i;

  for (i = 0; i < 400; i++) {
    char kind = kinds[next_random (state) % 5];
    uint64_t area = next_random (state) % 12;
    uint64_t address = area * 0x1000000 + next_random (state) % 5000;
    uint64_t size = 1 + next_random (state) % (i % 9 == 0 ? 300 : 8);
    char line[64];

    snprintf (line, sizeof line, kind == 'I' ? "%c  %08" PRIx64 ",%" PRIu64
                                             : " %c %08" PRIx64 ",%" PRIu64,
              kind, address, size);
    CU_ASSERT_EQUAL (feed_line (filter, line), 0);
    slow_access (slow, kind, address, size);
  }
}

static void check_random_machine (uint64_t seed)
{
  static struct log fast_log;
  static struct log slow_log;
  uint64_t state = seed * UINT64_C (0x9E3779B97F4A7C15) + 1;
  struct slow_machine slow = { .options = random_options (&state), .log = &slow_log };
  struct dram_cachefilter *filter = open_filter (&slow.options, &fast_log);

  fast_log.count = slow_log.count = 0;
  slow_open (&slow.fetch, &slow.options.l1, slow.options.line);
  slow_open (&slow.data, &slow.options.l1, slow.options.line);
  slow_open (&slow.l2, &slow.options.l2, slow.options.line);
  run_both (filter, &slow, &state);
  CU_ASSERT (same_log (&fast_log, &slow_log));
  CU_ASSERT (slow_log.count > 0);
  if (!same_log (&fast_log, &slow_log))
    tap_note ("seed %" PRIu64 ": %zu and %zu requests", seed, fast_log.count,
              slow_log.count);
  dram_cachefilter_free (filter);
}

static void test_against_slow_cache (void)
{
  uint64_t seed;

  for (seed = 1; seed <= 1000; seed++)
    check_random_machine (seed);
}

/* More pages than the table starts with, each still in its frame after it grew. */
static void test_many_pages (void)
{
  struct dram_cachefilter_options o = tiny_options ();
  struct log log = { .count = 0 };
  struct dram_cachefilter *filter;
  char line[64];
  size_t i;

  o.keep_addresses = false;
  filter = open_filter (&o, &log);
  for (i = 0; i < 4000; i++) {
    snprintf (line, sizeof line, " L %zx000,1", i % 2000 * 977);
    CU_ASSERT_EQUAL (feed_line (filter, line), 0);
  }
  CU_ASSERT_EQUAL_FATAL (log.count, 4000);
  for (i = 0; i < 4000; i++)
    CU_ASSERT_EQUAL (log.requests[i].address, i % 2000 * 4096);
  dram_cachefilter_free (filter);
}

int main (void)
{
  static const struct tap_test tests[] = {
    { .name = "hits and misses", .run = test_hits_and_misses },
    { .name = "L1 of instructions", .run = test_l1_of_instructions },
    { .name = "line crossing", .run = test_line_crossing },
    { .name = "LRU order", .run = test_lru_order },
    { .name = "write back", .run = test_write_back },
    { .name = "modify is a store", .run = test_modify_is_a_store },
    { .name = "frames in order of touch", .run = test_frames_in_order_of_touch },
    { .name = "clock", .run = test_clock },
    { .name = "warm-up", .run = test_warm_up },
    { .name = "other lines", .run = test_other_lines },
    { .name = "malformed events", .run = test_malformed_events },
    { .name = "sink stops it", .run = test_sink_stops_it },
    { .name = "options out of range", .run = test_options_out_of_range },
    { .name = "against a slow cache", .run = test_against_slow_cache },
    { .name = "many pages", .run = test_many_pages },
    { 0 }
  };

  return tap_run ("dram cachefilter", tests);
}
