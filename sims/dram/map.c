/* SPDX-License-Identifier: MIT */
/* The two text forms of an address mapping, compiled to shifts and parities. */
#include "sims/dram/map.h"

#include <stdbool.h>
#include <string.h>

static const char letters[DRAM_MAP_FIELDS + 1] = "rkbgch";
static const char *const words[DRAM_MAP_FIELDS] = { "row",        "rank",   "bank",
                                                    "bank group", "column", "channel" };

/* One letter of the first form: which bits of which field, and where they came to lie. */
struct item {
  int field;
  bool upper;  /* C: the column bits that choose the burst */
  bool hashed; /* ^r */
  uint32_t bits, at, shift;
};

/* The letters from the most significant one on; two more than fields: C, and no end. */
struct order {
  struct item item[DRAM_MAP_FIELDS + 1];
  int items;
};

static uint32_t
log2_of (uint32_t power)
{
  return (uint32_t)__builtin_ctz (power);
}

static void
field_widths (uint32_t width[DRAM_MAP_FIELDS], const struct dram_part *part,
              uint32_t ranks, uint32_t channels)
{
  width[DRAM_MAP_ROW] = log2_of (part->org.rows);
  width[DRAM_MAP_RANK] = log2_of (ranks);
  width[DRAM_MAP_BANK] = log2_of (part->org.banks);
  width[DRAM_MAP_GROUP] = log2_of (part->org.bank_groups);
  width[DRAM_MAP_COLUMN] = log2_of (part->org.columns);
  width[DRAM_MAP_CHANNEL] = log2_of (channels);
}

/* `bits` address bits from `shift` up become the field's bits from `at` up. */
static void
add_run (struct dram_map_field *f, uint32_t shift, uint32_t bits, uint32_t at)
{
  uint32_t i = f->runs++;
  f->shift[i] = (uint8_t)shift;
  f->at[i] = (uint8_t)at;
  f->mask[i] = (uint32_t)((UINT64_C (1) << bits) - 1);
}

static void
add_parity (struct dram_map_field *f, uint64_t bits, uint32_t at)
{
  f->parity[f->parities] = bits;
  f->parity_at[f->parities++] = (uint8_t)at;
}

/* Fields named by letters lie side by side, from bit `at` up, last letter lowest.  With a
 * C, the c stands for the columns of a burst alone. */
static int
lay_out (struct order *o, const uint32_t width[DRAM_MAP_FIELDS], uint32_t burst_bits,
         uint32_t at)
{
  bool split = false;
  for (int i = 0; i < o->items; i++)
    split |= o->item[i].upper;
  for (int i = o->items - 1; i >= 0; i--) {
    struct item *x = &o->item[i];
    x->bits = width[x->field];
    if (split && x->field == DRAM_MAP_COLUMN) {
      x->at = x->upper ? burst_bits : 0;
      x->bits = x->upper ? x->bits - burst_bits : burst_bits;
    }
    x->shift = at;
    at += x->bits;
  }
  return at > 64 ? -1 : 0;
}

/* Every hashed bit takes a row bit of its own, the lowest for the least significant:
 * undoing it needs no more than the row, so each place still has one address. */
static void
fill_fields (struct dram_map *map, const struct order *o)
{
  uint32_t row = 0, rows = 0, used = 0;
  for (int i = 0; i < o->items; i++) {
    if (o->item[i].field == DRAM_MAP_ROW) {
      row = o->item[i].shift;
      rows = o->item[i].bits;
    }
  }
  for (int i = o->items - 1; i >= 0; i--) {
    const struct item *x = &o->item[i];
    uint32_t k = 0;
    for (; x->hashed && k < x->bits && used < rows; k++)
      add_parity (&map->field[x->field],
                  UINT64_C (1) << (x->shift + k) | UINT64_C (1) << (row + used++),
                  x->at + k);
    if (k < x->bits)
      add_run (&map->field[x->field], x->shift + k, x->bits - k, x->at + k);
  }
}

static void
add_item (struct order *o, int field, bool upper, bool hashed)
{
  o->item[o->items++] = (struct item){ .field = field, .upper = upper, .hashed = hashed };
}

/* Missing channel and rank go to the top and a missing group directly below the bank. */
static void
read_letters (struct order *o, const char *text)
{
  o->items = 0;
  if (strchr (text, 'h') == NULL)
    add_item (o, DRAM_MAP_CHANNEL, false, false);
  if (strchr (text, 'k') == NULL)
    add_item (o, DRAM_MAP_RANK, false, false);
  for (const char *p = text; *p != '\0'; p++) {
    bool upper = *p == 'C', bank = *p == 'b', hashed = p[1] == '^';
    add_item (o, upper ? DRAM_MAP_COLUMN : (int)(strchr (letters, *p) - letters), upper,
              hashed);
    p += hashed ? 2 : 0;
    if (bank && strchr (text, 'g') == NULL)
      add_item (o, DRAM_MAP_GROUP, false, false);
  }
}

/* Each letter once; "^r" behind what is hashed with the row. */
static int
check_letters (const char *text, struct dram_error *err)
{
  char seen[DRAM_MAP_FIELDS + 2] = "";
  size_t n = 0;
  for (const char *p = text; *p != '\0'; p++) {
    if (*p != 'C' && strchr (letters, *p) == NULL)
      return dram_fail (
          err, "mapping \"%.40s\": '%c' is no field; use r, k, b, g, c, C, h", text, *p);
    if (strchr (seen, *p) != NULL)
      return dram_fail (err, "mapping \"%.40s\": '%c' occurs twice", text, *p);
    seen[n++] = *p;
    if (p[1] != '^')
      continue;
    if (p[2] != 'r' || strchr ("kbgh", *p) == NULL)
      return dram_fail (err, "mapping \"%.40s\": k, b, g and h can be hashed, with ^r",
                        text);
    p += 2;
  }
  if (strchr (seen, 'r') == NULL || strchr (seen, 'b') == NULL
      || strchr (seen, 'c') == NULL)
    return dram_fail (err, "mapping \"%.40s\": r, b and c must all occur", text);
  return 0;
}

static int
parse_letters (struct dram_map *map, const char *text,
               const uint32_t width[DRAM_MAP_FIELDS], const struct dram_part *part,
               struct dram_error *err)
{
  struct order order;
  uint32_t bus_bytes = part->org.width * part->org.devices / 8;
  if (check_letters (text, err) != 0)
    return -1;
  read_letters (&order, text);
  if (lay_out (&order, width, log2_of (part->org.burst), log2_of (bus_bytes)) != 0)
    return dram_fail (err, "mapping \"%.40s\": the fields need more than 64 bits", text);
  fill_fields (map, &order);
  return 0;
}

/* The text being read and how many bits of each field it has given so far. */
struct cursor {
  const char *text;
  const char *at;
  uint32_t given[DRAM_MAP_FIELDS];
  struct dram_error *err;
};

/* Says what was expected and shows the text from there on. */
static int
complain (const struct cursor *c, const char *wanted)
{
  return dram_fail (c->err, "mapping \"%.60s\": expected %s at \"%.20s\"", c->text,
                    wanted, c->at);
}

/* A decimal number of one or two digits; what follows is the caller's business. */
static int
take_bit (struct cursor *c, uint32_t *bit)
{
  uint32_t value = 0;
  if (*c->at < '0' || *c->at > '9')
    return complain (c, "an address bit, 0 to 63");
  while (*c->at >= '0' && *c->at <= '9' && value < 64)
    value = value * 10 + (uint32_t)(*c->at++ - '0');
  if (value > 63)
    return complain (c, "an address bit, 0 to 63");
  *bit = value;
  return 0;
}

/* The rest of "13^17^20"; a bit given twice cancels itself. */
static int
take_parity (struct cursor *c, struct dram_map_field *f, uint32_t first, uint32_t at)
{
  uint64_t bits = UINT64_C (1) << first;
  while (*c->at == '^') {
    uint32_t bit;
    c->at++;
    if (take_bit (c, &bit) != 0)
      return -1;
    bits ^= UINT64_C (1) << bit;
  }
  add_parity (f, bits, at);
  return 0;
}

/* One part of a list: "13", "13-15" or "13^17". */
static int
take_item (struct cursor *c, struct dram_map *map, uint32_t field)
{
  struct dram_map_field *f = &map->field[field];
  uint32_t first, last;
  if (take_bit (c, &first) != 0)
    return -1;
  last = first;
  if (*c->at == '-') {
    c->at++;
    if (take_bit (c, &last) != 0)
      return -1;
  }
  if (last < first || c->given[field] + (last - first + 1) > 32)
    return complain (c, "at most 32 bits in ascending order");
  if (*c->at == '^' && last == first) {
    if (take_parity (c, f, first, c->given[field]) != 0)
      return -1;
  } else {
    add_run (f, first, last - first + 1, c->given[field]);
  }
  c->given[field] += last - first + 1;
  return 0;
}

/* "b=" and its list of bits, from the least significant one on. */
static int
take_field (struct cursor *c, struct dram_map *map)
{
  const char *letter = *c->at == '\0' ? NULL : strchr (letters, *c->at);
  uint32_t field;
  if (letter == NULL || c->at[1] != '=')
    return complain (c, "one of r=, k=, b=, g=, c=, h=");
  field = (uint32_t)(letter - letters);
  if (c->given[field] > 0)
    return complain (c, "every field once");
  c->at++;
  do {
    c->at++;
    if (take_item (c, map, field) != 0)
      return -1;
  } while (*c->at == '+');
  return 0;
}

/* A mapping that gives a field fewer or more bits than the part has would leave memory
 * unused or address what is not there: both are errors. */
static int
parse_lists (struct dram_map *map, const char *text,
             const uint32_t width[DRAM_MAP_FIELDS], struct dram_error *err)
{
  struct cursor c = { .text = text, .at = text, .err = err };
  for (;;) {
    if (take_field (&c, map) != 0)
      return -1;
    if (*c.at == '\0')
      break;
    if (*c.at != ',')
      return complain (&c, "',' or '+'");
    c.at++;
  }
  for (int i = 0; i < DRAM_MAP_FIELDS; i++) {
    if (c.given[i] != width[i])
      return dram_fail (err, "mapping \"%.60s\": %s has %u bits and needs %u", text,
                        words[i], c.given[i], width[i]);
  }
  return 0;
}

int
dram_map_compile (struct dram_map *map, const char *text, const struct dram_part *part,
                  uint32_t ranks, uint32_t channels, struct dram_error *err)
{
  uint32_t width[DRAM_MAP_FIELDS];
  if (text == NULL)
    text = "rkbgc";
  memset (map, 0, sizeof *map);
  field_widths (width, part, ranks, channels);
  map->block_shift = log2_of (dram_part_burst_bytes (part));
  map->rank_banks = dram_part_banks (part);
  map->group_banks = part->org.banks;
  if (strchr (text, '=') != NULL)
    return parse_lists (map, text, width, err);
  return parse_letters (map, text, width, part, err);
}

int
dram_map_parse (struct dram_map *map, const char *text, const struct dram_part *part,
                uint32_t ranks, struct dram_error *err)
{
  return dram_map_compile (map, text, part, ranks, 1, err);
}
