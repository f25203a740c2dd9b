/* core/thrift.h - the little of Apache Thrift's compact protocol that a Parquet file
 * needs (thrift-compact-protocol.md of the Thrift project). Writing only. Internal. */
#ifndef CORE_THRIFT_H
#define CORE_THRIFT_H

#include "core/text.h"

#include <stdint.h>

enum thrift_type {
  THRIFT_I32 = 5,
  THRIFT_I64 = 6,
  THRIFT_BINARY = 8,
  THRIFT_STRUCT = 12
};

/* Fields of a struct are numbered relative to the one before; nesting is at most this. */
enum { THRIFT_DEPTH = 8 };

struct thrift {
  struct gym_text text; /* what was written */
  int last[THRIFT_DEPTH], depth;
};

void gym_thrift_i32 (struct thrift *t, int field, int32_t value);
void gym_thrift_i64 (struct thrift *t, int field, int64_t value);
void gym_thrift_string (struct thrift *t, int field, const char *value);

/* A struct as a field; the outermost begins by itself. Both are closed by _end. */
void gym_thrift_struct (struct thrift *t, int field);
void gym_thrift_end (struct thrift *t);

/* A list of n elements as a field, which follow: numbers and texts through the functions
 * below, structs as _item and their fields and _end. */
void gym_thrift_list (struct thrift *t, int field, enum thrift_type type, size_t n);
void gym_thrift_item (struct thrift *t);
void gym_thrift_item_i32 (struct thrift *t, int32_t value);
void gym_thrift_item_string (struct thrift *t, const char *value);

/* An unsigned number in 7-bit pieces, least first; as Parquet's own encodings use it. */
void gym_thrift_varint (struct gym_text *text, uint64_t value);

#endif
