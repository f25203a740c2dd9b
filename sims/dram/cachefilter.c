/* cachefilter.c - see cachefilter.h for the machine that is modelled. */
#include "sims/dram/cachefilter.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A cache entry is line number * 2 + dirty; lines have 8 bytes or more, so this fits. */
#define EMPTY UINT64_MAX

/* The last frames found, by page modulo its size: spares most searches of the table. */
#define TLB_SIZE 256
#define PAGE_SHIFT 12

/* Lackey's own limit is 512 bytes an access; more than a page is certainly no event. */
#define ACCESS_MAX 4096

/* Each set holds its entries from the most to the least recently used: a hit is most
 * often the first one looked at, and the victim needs no search. */
struct cache {
  uint64_t *entries;
  uint64_t set_mask;
  uint32_t ways;
};

/* Open addressing with a power of two of slots, at most half of them taken, so that a
 * search ends after about 1.5 slots. Frames are numbered by `taken`, never given back. */
struct page_table {
  uint64_t *pages;
  uint64_t *frames;
  uint64_t slots;
  uint64_t taken;
};

struct dram_cachefilter {
  struct dram_cachefilter_options options;
  struct cache fetch;
  struct cache data;
  struct cache l2;
  struct page_table table;
  uint64_t tlb_page[TLB_SIZE];
  uint64_t tlb_frame[TLB_SIZE];
  uint32_t line_shift;
  uint64_t lines_read;
  struct dram_cachefilter_counts counts;
  dram_cachefilter_sink *sink;
  void *context;
  bool full;
};

/* One line of lackey's. */
struct event {
  char kind; /* I, L, S or M */
  uint64_t address;
  uint64_t size;
};

struct dram_cachefilter_options dram_cachefilter_defaults (void)
{
  return (struct dram_cachefilter_options) {
    .l1 = { .size = 32 * 1024, .ways = 8 },
    .l2 = { .size = 256 * 1024, .ways = 8 },
    .line = 64,
    .cpi_milli = 1000,
    .core_mhz = 3000,
    .dram_mhz = 1200
  };
}

static bool is_power_of_two (uint64_t n)
{
  return n != 0 && (n & (n - 1)) == 0;
}

static int check_shape (const char *name, const struct dram_cache_shape *shape,
                        uint32_t line, struct dram_error *err)
{
  uint64_t row = (uint64_t) shape->ways * line;

  if (shape->ways < 1 || shape->ways > 64)
    return dram_fail (err, "%s has %" PRIu32 " ways, expected 1 to 64", name,
                      shape->ways);
  if (shape->size % row != 0 || !is_power_of_two (shape->size / row))
    return dram_fail (err,
                      "%s of %" PRIu64 " bytes, expected a power of two times %" PRIu64
                      " (ways times line)",
                      name, shape->size, row);
  return 0;
}

static int check_number (const char *name, uint32_t value, struct dram_error *err)
{
  if (value < 1 || value > 100000)
    return dram_fail (err, "%s is %" PRIu32 ", expected 1 to 100000", name, value);
  return 0;
}

static int check_options (const struct dram_cachefilter_options *o,
                          struct dram_error *err)
{
  if (!is_power_of_two (o->line) || o->line < 8 || o->line > DRAM_CACHEFILTER_PAGE)
    return dram_fail (err,
                      "line of %" PRIu32 " bytes, expected a power of two from 8 to %d",
                      o->line, DRAM_CACHEFILTER_PAGE);
  if (check_shape ("L1", &o->l1, o->line, err) != 0
      || check_shape ("L2", &o->l2, o->line, err) != 0)
    return -1;
  if (check_number ("cpi in thousandths", o->cpi_milli, err) != 0
      || check_number ("core clock in MHz", o->core_mhz, err) != 0)
    return -1;
  return check_number ("DRAM clock in MHz", o->dram_mhz, err);
}

/* Entries start as all ones, which is EMPTY: an empty way is taken like a clean line. */
static int cache_open (struct cache *cache, const struct dram_cache_shape *shape,
                       uint32_t line)
{
  uint64_t count = shape->size / line;

  if (count > SIZE_MAX / sizeof *cache->entries)
    return -1;
  cache->entries = malloc ((size_t) count * sizeof *cache->entries);
  if (cache->entries == NULL)
    return -1;
  memset (cache->entries, 0xff, (size_t) count * sizeof *cache->entries);
  cache->set_mask = count / shape->ways - 1;
  cache->ways = shape->ways;
  return 0;
}

/* Makes `line` the most recent of its set, dirty if it was or `dirty` says so. Returns
 * whether it was there; *victim is the entry that had to leave, EMPTY if none. */
static bool cache_touch (struct cache *cache, uint64_t line, bool dirty, uint64_t *victim)
{
  uint64_t *set = cache->entries + (line & cache->set_mask) * cache->ways;
  uint64_t wanted = line << 1;
  uint32_t way = 0;
  uint64_t found;

  /* Stops at the last way in any case: it is either the line or the one to leave. */
  while (way < cache->ways - 1 && (set[way] & ~UINT64_C (1)) != wanted)
    way++;
  found = set[way];
  memmove (set + 1, set, way * sizeof *set);
  if ((found & ~UINT64_C (1)) == wanted) {
    set[0] = found | dirty;
    *victim = EMPTY;
    return true;
  }
  set[0] = wanted | dirty;
  *victim = found;
  return false;
}

static uint64_t *table_slot (const struct page_table *table, uint64_t page)
{
  /* Fibonacci hashing (Knuth, volume 3, 6.4): neighbouring pages spread far apart. */
  uint64_t slot = (page * UINT64_C (0x9E3779B97F4A7C15)) >> 20 & (table->slots - 1);

  while (table->pages[slot] != EMPTY && table->pages[slot] != page)
    slot = (slot + 1) & (table->slots - 1);
  return table->pages + slot;
}

static int table_open (struct page_table *table, uint64_t slots)
{
  table->pages = malloc ((size_t) slots * sizeof *table->pages);
  table->frames = malloc ((size_t) slots * sizeof *table->frames);
  if (table->pages == NULL || table->frames == NULL) {
    free (table->pages);
    free (table->frames);
    *table = (struct page_table) { 0 };
    return -1;
  }
  memset (table->pages, 0xff, (size_t) slots * sizeof *table->pages);
  table->slots = slots;
  table->taken = 0;
  return 0;
}

static void table_put (struct page_table *table, uint64_t page, uint64_t frame)
{
  uint64_t *slot = table_slot (table, page);

  *slot = page;
  table->frames[slot - table->pages] = frame;
  table->taken++;
}

static int table_grow (struct page_table *table)
{
  struct page_table larger;
  uint64_t i;

  if (table_open (&larger, table->slots * 2) != 0)
    return -1;
  for (i = 0; i < table->slots; i++)
    if (table->pages[i] != EMPTY)
      table_put (&larger, table->pages[i], table->frames[i]);
  free (table->pages);
  free (table->frames);
  *table = larger;
  return 0;
}

static int table_frame (struct page_table *table, uint64_t page, uint64_t *frame)
{
  uint64_t *slot = table_slot (table, page);

  if (*slot == page) {
    *frame = table->frames[slot - table->pages];
    return 0;
  }
  if (table->taken * 2 >= table->slots && table_grow (table) != 0)
    return -1;
  *frame = table->taken;
  table_put (table, page, *frame);
  return 0;
}

/* At the entrance, so that both levels are indexed by the address the DRAM sees. */
static int translate (struct dram_cachefilter *filter, uint64_t address, uint64_t *result)
{
  uint64_t page = address >> PAGE_SHIFT;
  uint64_t *frame = filter->tlb_frame + page % TLB_SIZE;

  *result = address;
  if (filter->options.keep_addresses)
    return 0;
  if (filter->tlb_page[page % TLB_SIZE] != page) {
    if (table_frame (&filter->table, page, frame) != 0)
      return -1;
    filter->tlb_page[page % TLB_SIZE] = page;
  }
  *result = *frame << PAGE_SHIFT | (address & (DRAM_CACHEFILTER_PAGE - 1));
  return 0;
}

/* n * num / den without overflow: num is at most 1e10 and den at most 1e8. */
static uint64_t cycle_now (const struct dram_cachefilter *filter)
{
  const struct dram_cachefilter_options *o = &filter->options;
  uint64_t num = (uint64_t) o->cpi_milli * o->dram_mhz;
  uint64_t den = (uint64_t) 1000 * o->core_mhz;
  uint64_t n = filter->counts.instructions - o->skip;

  /* The current instruction is counted already; an access before the first is at 0. */
  n -= n > 0;
  return n / den * num + n % den * num / den;
}

/* Without a warm-up, accesses ahead of the first instruction count too. */
static bool is_warm_up (const struct dram_cachefilter *filter)
{
  return filter->options.skip > 0 && filter->counts.instructions <= filter->options.skip;
}

static void emit (struct dram_cachefilter *filter, uint64_t line, bool write)
{
  struct dram_request request = { .address = line << filter->line_shift, .write = write };

  if (filter->full || is_warm_up (filter))
    return;
  request.cycle = cycle_now (filter) & (UINT64_MAX >> 1);
  filter->counts.requests++;
  filter->full = !filter->sink (filter->context, &request);
}

static void write_back (struct dram_cachefilter *filter, uint64_t victim)
{
  if (victim != EMPTY && (victim & 1) != 0)
    emit (filter, victim >> 1, true);
}

static void touch_line (struct dram_cachefilter *filter, struct cache *l1, uint64_t line,
                        bool dirty)
{
  uint64_t l1_victim;
  uint64_t l2_victim;

  filter->counts.accesses++;
  if (cache_touch (l1, line, dirty, &l1_victim))
    return;
  filter->counts.l1_misses++;
  /* The read first: a write-back waits in a buffer for the fetch that caused it. */
  if (!cache_touch (&filter->l2, line, false, &l2_victim))
    emit (filter, line, false);
  write_back (filter, l2_victim);
  if (l1_victim == EMPTY || (l1_victim & 1) == 0)
    return;
  cache_touch (&filter->l2, l1_victim >> 1, true, &l2_victim);
  write_back (filter, l2_victim);
}

static int run_event (struct dram_cachefilter *filter, const struct event *event)
{
  struct cache *l1 = event->kind == 'I' ? &filter->fetch : &filter->data;
  bool dirty = event->kind == 'S' || event->kind == 'M';
  uint64_t line = event->address >> filter->line_shift;
  uint64_t last = (event->address + event->size - 1) >> filter->line_shift;

  filter->counts.instructions += event->kind == 'I';
  for (; line <= last; line++) {
    uint64_t address;

    if (translate (filter, line << filter->line_shift, &address) != 0)
      return -1;
    touch_line (filter, l1, address >> filter->line_shift, dirty);
  }
  return 0;
}

/* By hand, not with sscanf or strtoull: this runs once for each of some 10^8 events. */
static const char *take_hex (const char *at, const char *end, uint64_t *value)
{
  const char *start = at;

  for (*value = 0; at < end && at - start < 16; at++) {
    if (*at >= '0' && *at <= '9')
      *value = *value << 4 | (uint64_t) (*at - '0');
    else if (*at >= 'a' && *at <= 'f')
      *value = *value << 4 | (uint64_t) (*at - 'a' + 10);
    else
      break;
  }
  return at > start ? at : NULL;
}

static const char *take_size (const char *at, const char *end, uint64_t *value)
{
  const char *start = at;

  for (*value = 0; at < end && at - start < 5 && *at >= '0' && *at <= '9'; at++)
    *value = *value * 10 + (uint64_t) (*at - '0');
  return at > start && *value >= 1 && *value <= ACCESS_MAX ? at : NULL;
}

/* "I  ADDRESS,SIZE" or " L ADDRESS,SIZE" (or S, M), address in lower-case hexadecimal. */
static bool parse_event (const char *line, size_t length, struct event *event)
{
  const char *end = line + length;
  const char *at;

  if (length < 6 || line[2] != ' ')
    return false;
  if (line[0] == 'I' && line[1] == ' ')
    event->kind = 'I';
  else if (line[0] == ' ' && line[1] != '\0' && strchr ("LSM", line[1]) != NULL)
    event->kind = line[1];
  else
    return false;
  at = take_hex (line + 3, end, &event->address);
  if (at == NULL || at == end || *at != ',')
    return false;
  at = take_size (at + 1, end, &event->size);
  return at == end && event->address <= UINT64_MAX - event->size;
}

static bool is_valgrinds_own (const char *line, size_t length)
{
  return length == 0
         || (length >= 2 && line[0] == line[1] && strchr ("=-*", line[0]) != NULL
             && line[0] != '\0');
}

int dram_cachefilter_line (struct dram_cachefilter *filter, const char *line,
                           size_t length, struct dram_error *err)
{
  struct event event;

  filter->lines_read++;
  if (filter->full)
    return 1;
  if (is_valgrinds_own (line, length))
    return 0;
  if (!parse_event (line, length, &event))
    return dram_fail (err,
                      "event %" PRIu64 ": found \"%.*s\", expected lackey's"
                      " \"I  ADDR,SIZE\" or \" L|S|M ADDR,SIZE\"",
                      filter->lines_read, length < 60 ? (int) length : 60, line);
  if (run_event (filter, &event) != 0)
    return dram_fail (err, "event %" PRIu64 ": no memory for the page table",
                      filter->lines_read);
  return filter->full;
}

struct dram_cachefilter_counts
dram_cachefilter_counts (const struct dram_cachefilter *filter)
{
  return filter->counts;
}

void dram_cachefilter_free (struct dram_cachefilter *filter)
{
  if (filter == NULL)
    return;
  free (filter->fetch.entries);
  free (filter->data.entries);
  free (filter->l2.entries);
  free (filter->table.pages);
  free (filter->table.frames);
  free (filter);
}

/* On failure the caller frees the filter, whose unopened parts are all zero. */
static int open_parts (struct dram_cachefilter *filter)
{
  const struct dram_cachefilter_options *o = &filter->options;

  while (UINT32_C (1) << filter->line_shift < o->line)
    filter->line_shift++;
  memset (filter->tlb_page, 0xff, sizeof filter->tlb_page);
  if (cache_open (&filter->fetch, &o->l1, o->line) != 0
      || cache_open (&filter->data, &o->l1, o->line) != 0
      || cache_open (&filter->l2, &o->l2, o->line) != 0)
    return -1;
  return table_open (&filter->table, 1024);
}

struct dram_cachefilter *
dram_cachefilter_new (const struct dram_cachefilter_options *options,
                      dram_cachefilter_sink *sink, void *context, struct dram_error *err)
{
  struct dram_cachefilter *filter;

  if (check_options (options, err) != 0)
    return NULL;
  filter = calloc (1, sizeof *filter);
  if (filter != NULL) {
    filter->options = *options;
    filter->sink = sink;
    filter->context = context;
    if (open_parts (filter) == 0)
      return filter;
  }
  dram_cachefilter_free (filter);
  dram_fail (err, "no memory for the caches");
  return NULL;
}
