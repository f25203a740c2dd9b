/* SPDX-License-Identifier: MIT */
/* See slow_address.h. */
#include "sims/dram/slow_address.h"

#include <stdbool.h>
#include <string.h>

enum { ROW, RANK, GROUP, BANK, COLUMN };
static const char letters_of_fields[SLOW_FIELDS + 1] = "rkgbc";

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

/* Each letter at most once; rank and group may be missing. */
static bool
letters_are_fields (const char *letters)
{
  for (const char *at = letters; *at != '\0'; at++) {
    if (field_of_letter (*at) < 0 || strchr (at + 1, *at) != NULL)
      return false;
  }
  return strchr (letters, 'r') != NULL && strchr (letters, 'b') != NULL
         && strchr (letters, 'c') != NULL;
}

/* Puts the two fields that a mapping of letters may leave out where they belong. */
static void
complete_letters (const char *letters, char full[SLOW_FIELDS + 1])
{
  size_t n = 0;
  if (strchr (letters, 'k') == NULL)
    full[n++] = 'k';
  for (const char *at = letters; *at != '\0'; at++) {
    full[n++] = *at;
    if (*at == 'b' && strchr (letters, 'g') == NULL)
      full[n++] = 'g';
  }
  full[n] = '\0';
}

/* Fields are laid out from the least significant letter, above the bits that choose the
 * byte of the bus. */
static int
map_by_letters (struct slow_map *map, const struct dram_config *config,
                const char *letters)
{
  const struct dram_part *part = &config->part;
  char full[SLOW_FIELDS + 1];
  uint32_t bit = log2_of (dram_part_burst_bytes (part) / part->org.burst);
  if (!letters_are_fields (letters))
    return -1;
  complete_letters (letters, full);
  for (size_t i = strlen (full); i-- > 0;) {
    int name = field_of_letter (full[i]);
    struct slow_field *field = &map->field[name];
    field->width = width_of (config, name);
    for (uint32_t k = 0; k < field->width; k++, bit++) {
      if (bit >= SLOW_ADDRESS_BITS)
        return -1;
      field->mask[k] = UINT64_C (1) << bit;
    }
  }
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
}
