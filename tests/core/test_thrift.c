/* The compact protocol against bytes worked out by hand from its description. */
#include <config.h>

#include "core/thrift.h"
#include "tests/tap.h"

#include <gym/space.h>
#include <string.h>

static void
is (struct thrift *t, const char *bytes, size_t n)
{
  CU_ASSERT_EQUAL (t->text.length, n);
  CU_ASSERT_EQUAL (memcmp (t->text.bytes, bytes, n), 0);
  gym_free (t->text.bytes);
}

static void
test_numbers (void)
{
  struct thrift t = { .depth = 0 };
  gym_thrift_i32 (&t, 1, 0);
  gym_thrift_i32 (&t, 2, -1);  /* zigzag: 1 */
  gym_thrift_i32 (&t, 4, 150); /* 300: AC 02 */
  gym_thrift_i64 (&t, 5, INT64_MIN);
  gym_thrift_end (&t);
  is (&t,
      "\x15\x00"
      "\x15\x01"
      "\x25\xac\x02"
      "\x16\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
      "\x00",
      19);
}

static void
test_nesting (void)
{
  struct thrift t = { .depth = 0 };
  gym_thrift_string (&t, 3, "ab");
  gym_thrift_struct (&t, 5);
  gym_thrift_i32 (&t, 1, 7);
  gym_thrift_end (&t);
  gym_thrift_i32 (&t, 6, 7); /* one behind 5, not behind the inner 1 */
  gym_thrift_end (&t);
  is (&t,
      "\x38\x02"
      "ab"
      "\x2c\x15\x0e\x00"
      "\x15\x0e"
      "\x00",
      11);
}

static void
test_lists (void)
{
  struct thrift t = { .depth = 0 };
  gym_thrift_list (&t, 2, THRIFT_I32, 2);
  gym_thrift_item_i32 (&t, 1);
  gym_thrift_item_i32 (&t, -2);
  gym_thrift_list (&t, 3, THRIFT_STRUCT, 1);
  gym_thrift_item (&t);
  gym_thrift_i64 (&t, 1, 1);
  gym_thrift_end (&t);
  gym_thrift_list (&t, 4, THRIFT_BINARY, 15);
  for (int i = 0; i < 15; i++)
    gym_thrift_item_string (&t, "");
  gym_thrift_end (&t);
  is (&t,
      "\x29\x25\x02\x03"
      "\x19\x1c\x16\x02\x00"
      "\x19\xf8\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x00",
      28);
}

static void
test_varint (void)
{
  static const struct {
    uint64_t value;
    const char *bytes;
    size_t n;
  } cases[] = { { 0, "\x00", 1 },
                { 127, "\x7f", 1 },
                { 128, "\x80\x01", 2 },
                { 300, "\xac\x02", 2 },
                { UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10 } };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct thrift t = { .depth = 0 };
    gym_thrift_varint (&t.text, cases[i].value);
    is (&t, cases[i].bytes, cases[i].n);
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "numbers", test_numbers },
                                           { "nesting", test_nesting },
                                           { "lists", test_lists },
                                           { "varint", test_varint },
                                           { 0 } };
  return tap_run ("thrift", tests);
}
