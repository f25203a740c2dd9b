/* core/thrift.c - the compact protocol: see thrift.h. */
#include <config.h>

#include "core/thrift.h"

#include <string.h>

enum { TYPE_LIST = 9, LONG_LIST = 15 };

void
gym_thrift_varint (struct gym_text *text, uint64_t value)
{
  char byte;
  for (; value > 0x7f; value >>= 7) {
    byte = (char)(value | 0x80);
    gym_text_add (text, &byte, 1);
  }
  byte = (char)value;
  gym_text_add (text, &byte, 1);
}

/* Numbers near 0 of either sign are short. */
static void
put_number (struct thrift *t, int64_t value)
{
  gym_thrift_varint (&t->text, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* The step from the last field (1 to 15) and the type in one byte: Parquet's structs need
 * no other form. */
static void
put_field (struct thrift *t, int field, int type)
{
  char head = (char)((field - t->last[t->depth]) << 4 | type);
  gym_text_add (&t->text, &head, 1);
  t->last[t->depth] = field;
}

void
gym_thrift_i32 (struct thrift *t, int field, int32_t value)
{
  put_field (t, field, THRIFT_I32);
  put_number (t, value);
}

void
gym_thrift_i64 (struct thrift *t, int field, int64_t value)
{
  put_field (t, field, THRIFT_I64);
  put_number (t, value);
}

void
gym_thrift_item_i32 (struct thrift *t, int32_t value)
{
  put_number (t, value);
}

void
gym_thrift_item_string (struct thrift *t, const char *value)
{
  gym_thrift_varint (&t->text, strlen (value));
  gym_text_puts (&t->text, value);
}

void
gym_thrift_string (struct thrift *t, int field, const char *value)
{
  put_field (t, field, THRIFT_BINARY);
  gym_thrift_item_string (t, value);
}

void
gym_thrift_item (struct thrift *t)
{
  t->last[++t->depth] = 0;
}

void
gym_thrift_struct (struct thrift *t, int field)
{
  put_field (t, field, THRIFT_STRUCT);
  gym_thrift_item (t);
}

void
gym_thrift_end (struct thrift *t)
{
  gym_text_add (&t->text, "", 1); /* a zero byte */
  if (t->depth > 0)
    t->depth--;
}

/* Short lists have their length in the head. */
void
gym_thrift_list (struct thrift *t, int field, enum thrift_type type, size_t n)
{
  char head = (char)((n < LONG_LIST ? n : LONG_LIST) << 4 | type);
  put_field (t, field, TYPE_LIST);
  gym_text_add (&t->text, &head, 1);
  if (n >= LONG_LIST)
    gym_thrift_varint (&t->text, n);
}
