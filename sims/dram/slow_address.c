/* SPDX-License-Identifier: MIT */
/* See slow_address.h. */
#include "sims/dram/slow_address.h"

#include <stdbool.h>
#include <string.h>

enum { ROW, RANK, GROUP, BANK, COLUMN, CHANNEL };
static const char letters_of_fields[SLOW_FIELDS + 1] = "rkgbch";

static uint32_t
log2_of (uint64_t n)
{
  uint32_t bits = 0;
  while (n > 1) {
    n /= 2;
    bits++;
  }
  return bits;
}

/* Bits that tell the values of a field apart; none for a field of one value. */
static uint32_t
width_of (const struct dram_config *config, int field)
{
  const struct dram_org *org = &config->part.org;
  switch (field) {
  case ROW:
    return log2_of (org->rows);
  case RANK:
    return log2_of (config->ranks);
  case CHANNEL:
    return log2_of (config->channels);
  case GROUP:
    return log2_of (org->bank_groups);
  case BANK:
    return log2_of (org->banks);
  default:
    return log2_of (org->columns);
  }
}

static int
field_of_letter (char letter)
{
  const char *at = letter != '\0' ? strchr (letters_of_fields, letter) : NULL;
  return at != NULL ? (int)(at - letters_of_fields) : -1;
}

/* Room for all letters with their "^r". */
enum { LETTERS = 4 * SLOW_FIELDS };

/* The text without its "^r", and a star behind what had one: "b^r" is "b*". */
static int
star_hashes (const char *text, char *starred)
{
  size_t n = 0;
  for (; *text != '\0'; text++) {
    if (n + 1 >= LETTERS)
      return -1;
    if (*text == '^') {
      if (n == 0 || strchr ("kgbh", starred[n - 1]) == NULL || text[1] != 'r')
        return -1;
      text++;
      starred[n++] = '*';
    } else {
      starred[n++] = *text;
    }
  }
  starred[n] = '\0';
  return 0;
}

/* Each letter at most once; rank, group, channel and C may be missing. */
static bool
letters_are_fields (const char *starred)
{
  for (const char *at = starred; *at != '\0'; at++) {
    if (*at == '*')
      continue;
    if ((*at != 'C' && field_of_letter (*at) < 0) || strchr (at + 1, *at) != NULL)
      return false;
  }
  return strchr (starred, 'r') != NULL && strchr (starred, 'b') != NULL
         && strchr (starred, 'c') != NULL;
}

/* Puts the fields that a mapping of letters may leave out where they belong. */
static void
complete_letters (const char *starred, char full[LETTERS + SLOW_FIELDS])
{
  size_t n = 0;
  if (strchr (starred, 'h') == NULL)
    full[n++] = 'h';
  if (strchr (starred, 'k') == NULL)
    full[n++] = 'k';
  for (const char *at = starred; *at != '\0'; at++) {
    full[n++] = *at;
    if (*at != 'b' || strchr (starred, 'g') != NULL)
      continue;
    if (at[1] == '*')
      full[n++] = *++at;
    full[n++] = 'g';
  }
  full[n] = '\0';
}

/* The address bits of one letter; C and, beside it, c have a part of the column's. */
static int
place_letter (struct slow_map *map, const struct dram_config *config, char letter,
              bool split, uint32_t *bit)
{
  int name = letter == 'C' ? COLUMN : field_of_letter (letter);
  struct slow_field *field = &map->field[name];
  uint32_t burst = log2_of (config->part.org.burst), first = 0, last;
  last = field->width = width_of (config, name);
  if (letter == 'C')
    first = burst;
  else if (letter == 'c' && split)
    last = burst;
  for (uint32_t k = first; k < last; k++, ++*bit) {
    if (*bit >= SLOW_ADDRESS_BITS)
      return -1;
    field->mask[k] = UINT64_C (1) << *bit;
  }
  return 0;
}

/* From the right: the starred fields share the row's bits out, lowest first. */
static void
hash_with_row (struct slow_map *map, const char *full)
{
  const struct slow_field *row = &map->field[ROW];
  uint32_t next = 0;
  for (size_t i = strlen (full); i-- > 0;) {
    if (full[i] != '*')
      continue;
    struct slow_field *field = &map->field[field_of_letter (full[i - 1])];
    for (uint32_t k = 0; k < field->width && next < row->width; k++)
      field->mask[k] ^= row->mask[next++];
  }
}

/* Fields are laid out from the least significant letter, above the bits that choose the
 * byte of the bus. */
static int
map_by_letters (struct slow_map *map, const struct dram_config *config,
                const char *letters)
{
  const struct dram_part *part = &config->part;
  char starred[LETTERS], full[LETTERS + SLOW_FIELDS];
  uint32_t bit = log2_of (dram_part_burst_bytes (part) / part->org.burst);
  if (star_hashes (letters, starred) != 0 || !letters_are_fields (starred))
    return -1;
  complete_letters (starred, full);
  for (size_t i = strlen (full); i-- > 0;) {
    bool split = strchr (full, 'C') != NULL;
    if (full[i] != '*' && place_letter (map, config, full[i], split, &bit) != 0)
      return -1;
  }
  hash_with_row (map, full);
  return 0;
}

static int
read_bit (const char **at, uint32_t *bit)
{
  if (**at < '0' || **at > '9')
    return -1;
  *bit = 0;
  while (**at >= '0' && **at <= '9' && *bit < SLOW_ADDRESS_BITS)
    *bit = *bit * 10 + (uint32_t)(*(*at)++ - '0');
  return *bit < SLOW_ADDRESS_BITS ? 0 : -1;
}

/* The next more significant bit of the field. */
static int
append_bit (struct slow_field *field, uint64_t mask)
{
  if (field->width >= SLOW_ADDRESS_BITS)
    return -1;
  field->mask[field->width++] = mask;
  return 0;
}

static int
append_range (struct slow_field *field, uint32_t from, uint32_t to)
{
  if (to < from)
    return -1;
  for (uint32_t bit = from; bit <= to; bit++) {
    if (append_bit (field, UINT64_C (1) << bit) != 0)
      return -1;
  }
  return 0;
}

/* One part of a bit list: "13", "13-15" or "13^17". */
static int
read_part (const char **at, struct slow_field *field)
{
  uint32_t bit, other;
  if (read_bit (at, &bit) != 0)
    return -1;
  if (**at == '-') {
    ++*at;
    return read_bit (at, &other) == 0 ? append_range (field, bit, other) : -1;
  }
  uint64_t mask = UINT64_C (1) << bit;
  while (**at == '^') {
    ++*at;
    if (read_bit (at, &other) != 0)
      return -1;
    mask ^= UINT64_C (1) << other;
  }
  return append_bit (field, mask);
}

/* "r=16-29": the list of one field, behind its parts *at is at a comma or the end. */
static int
read_list (struct slow_map *map, const char **at)
{
  int name = field_of_letter (**at);
  if (name < 0 || (*at)[1] != '=' || map->field[name].width != 0)
    return -1;
  *at += 2;
  for (;;) {
    if (read_part (at, &map->field[name]) != 0)
      return -1;
    if (**at != '+')
      return **at == ',' || **at == '\0' ? 0 : -1;
    ++*at;
  }
}

/* Widths are compared at the end: a field may not be cut or padded in silence. */
static int
map_by_bits (struct slow_map *map, const struct dram_config *config, const char *at)
{
  for (;;) {
    if (read_list (map, &at) != 0)
      return -1;
    if (*at == '\0')
      break;
    at++;
  }
  for (int name = 0; name < SLOW_FIELDS; name++) {
    if (map->field[name].width != width_of (config, name))
      return -1;
  }
  return 0;
}

int
slow_map_read (struct slow_map *map, const struct dram_config *config)
{
  const char *mapping = config->mapping != NULL ? config->mapping : "rkbgc";
  memset (map, 0, sizeof *map);
  return strchr (mapping, '=') != NULL ? map_by_bits (map, config, mapping)
                                       : map_by_letters (map, config, mapping);
}

/* Every address bit of the mask flips the field's bit: the exclusive or. */
static uint32_t
value_of (const struct slow_field *field, uint64_t address)
{
  uint32_t value = 0;
  for (uint32_t k = 0; k < field->width; k++) {
    for (uint32_t bit = 0; bit < SLOW_ADDRESS_BITS; bit++) {
      if ((field->mask[k] >> bit & 1) != 0 && (address >> bit & 1) != 0)
        value ^= UINT32_C (1) << k;
    }
  }
  return value;
}

void
slow_map_place (const struct slow_map *map, uint64_t address, struct slow_place *place)
{
  place->row = value_of (&map->field[ROW], address);
  place->rank = value_of (&map->field[RANK], address);
  place->group = value_of (&map->field[GROUP], address);
  place->bank = value_of (&map->field[BANK], address);
  place->column = value_of (&map->field[COLUMN], address);
  place->channel = value_of (&map->field[CHANNEL], address);
}
