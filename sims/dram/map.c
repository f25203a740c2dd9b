/* SPDX-License-Identifier: MIT */
/* The two text forms of an address mapping, compiled to shifts and parities. */
#include "sims/dram/map.h"

#include <stdbool.h>
#include <string.h>

static const char letters[DRAM_MAP_FIELDS + 1] = "rkbgc";
static const char *const words[DRAM_MAP_FIELDS] = { "row", "rank", "bank", "bank group",
                                                    "column" };

static uint32_t
log2_of (uint32_t power)
{
  return (uint32_t)__builtin_ctz (power);
}

static void
field_widths (uint32_t width[DRAM_MAP_FIELDS], const struct dram_part *part,
              uint32_t ranks)
{
  width[DRAM_MAP_ROW] = log2_of (part->org.rows);
  width[DRAM_MAP_RANK] = log2_of (ranks);
  width[DRAM_MAP_BANK] = log2_of (part->org.banks);
  width[DRAM_MAP_GROUP] = log2_of (part->org.bank_groups);
  width[DRAM_MAP_COLUMN] = log2_of (part->org.columns);
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

/* Fields named by letters lie side by side, from bit `at` up, last letter lowest. */
static int
lay_out (struct dram_map *map, const char order[DRAM_MAP_FIELDS],
         const uint32_t width[DRAM_MAP_FIELDS], uint32_t at, const char *text,
         struct dram_error *err)
{
  for (int i = DRAM_MAP_FIELDS - 1; i >= 0; i--) {
    int field = (int)(strchr (letters, order[i]) - letters);
    if (at + width[field] > 64)
      return dram_fail (err, "mapping \"%.40s\": the fields need more than 64 bits",
                        text);
    if (width[field] > 0)
      add_run (&map->field[field], at, width[field], 0);
    at += width[field];
  }
  return 0;
}

/* A missing rank goes to the top and a missing group directly below the bank. */
static void
complete_letters (char order[DRAM_MAP_FIELDS], const char *text)
{
  size_t n = 0;
  if (strchr (text, 'k') == NULL)
    order[n++] = 'k';
  for (const char *p = text; *p != '\0'; p++) {
    order[n++] = *p;
    if (*p == 'b' && strchr (text, 'g') == NULL)
      order[n++] = 'g';
  }
}

static int
parse_letters (struct dram_map *map, const char *text,
               const uint32_t width[DRAM_MAP_FIELDS], uint32_t byte_bits,
               struct dram_error *err)
{
  char order[DRAM_MAP_FIELDS];
  for (const char *p = text; *p != '\0'; p++) {
    if (strchr (letters, *p) == NULL)
      return dram_fail (err, "mapping \"%.40s\": '%c' is no field; use r, k, b, g, c",
                        text, *p);
    if (strchr (p + 1, *p) != NULL)
      return dram_fail (err, "mapping \"%.40s\": '%c' occurs twice", text, *p);
  }
  if (strchr (text, 'r') == NULL || strchr (text, 'b') == NULL
      || strchr (text, 'c') == NULL)
    return dram_fail (err, "mapping \"%.40s\": r, b and c must all occur", text);
  complete_letters (order, text);
  return lay_out (map, order, width, byte_bits, text, err);
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
  f->parity[f->parities] = bits;
  f->parity_at[f->parities++] = (uint8_t)at;
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
    return complain (c, "one of r=, k=, b=, g=, c=");
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
dram_map_parse (struct dram_map *map, const char *text, const struct dram_part *part,
                uint32_t ranks, struct dram_error *err)
{
  uint32_t width[DRAM_MAP_FIELDS];
  if (text == NULL)
    text = letters;
  memset (map, 0, sizeof *map);
  field_widths (width, part, ranks);
  map->block_shift = log2_of (dram_part_burst_bytes (part));
  map->rank_banks = dram_part_banks (part);
  map->group_banks = part->org.banks;
  if (strchr (text, '=') != NULL)
    return parse_lists (map, text, width, err);
  return parse_letters (map, text, width,
                        log2_of (part->org.width * part->org.devices / 8), err);
}
