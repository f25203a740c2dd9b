/* Frames between a study and its workers: round trips, limits, and whatever a network or
 * a stranger may make of them. */
#include "core/wire.h"
#include "tests/core/help.h"

#include <gym/rng.h>

enum { KEYS = 5, NUMBERS = 7 };

/* A frame with everything a frame can hold. */
static void
put_all (struct wire_out *out)
{
  static const double numbers[NUMBERS] = { 0, -0.0, 1.5, -1e308, 5e-324, INFINITY, NAN };
  wire_begin (out, WIRE_TASKS, UINT64_C (0x8877665544332211));
  wire_u32 (out, 0xF00DCAFE);
  wire_u64 (out, UINT64_MAX - 1);
  wire_f64s (out, numbers, NUMBERS);
  wire_bytes (out, "note", 4);
  wire_bytes (out, NULL, 0);
  for (uint64_t i = 0; i < KEYS; i++)
    wire_u64 (out, i << 40);
}

static void
test_round_trip (void)
{
  struct wire_out out = { 0 };
  struct wire_in in;
  double numbers[NUMBERS];
  put_all (&out);
  CU_ASSERT_EQUAL_FATAL (wire_seal (&out, KEYS, NULL), GYM_OK);
  CU_ASSERT_EQUAL (out.length, WIRE_HEAD + 4 + 8 + 8 * NUMBERS + 4 + 8 * KEYS);
  CU_ASSERT_EQUAL_FATAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
  CU_ASSERT_EQUAL (in.type, WIRE_TASKS);
  CU_ASSERT (in.session == UINT64_C (0x8877665544332211));
  CU_ASSERT_EQUAL (in.count, KEYS);
  CU_ASSERT_EQUAL (wire_left (&in), out.length - WIRE_HEAD);
  CU_ASSERT_EQUAL (wire_get_u32 (&in), 0xF00DCAFE);
  CU_ASSERT (wire_get_u64 (&in) == UINT64_MAX - 1);
  wire_get_f64s (&in, numbers, NUMBERS);
  CU_ASSERT (numbers[0] == 0 && !signbit (numbers[0]));
  CU_ASSERT (numbers[1] == 0 && signbit (numbers[1]));
  CU_ASSERT (numbers[2] == 1.5 && numbers[3] == -1e308 && numbers[4] == 5e-324);
  CU_ASSERT (numbers[5] == INFINITY && isnan (numbers[6]));
  const void *note = wire_get_bytes (&in, 4);
  CU_ASSERT_FATAL (note && memcmp (note, "note", 4) == 0);
  CU_ASSERT_PTR_NOT_NULL (wire_get_bytes (&in, 0));
  for (uint64_t i = 0; i < KEYS; i++)
    CU_ASSERT (wire_get_u64 (&in) == i << 40);
  CU_ASSERT_EQUAL (wire_left (&in), 0);
  CU_ASSERT_FALSE (in.bad);
  wire_free (&out);
  CU_ASSERT_PTR_NULL (out.bytes);
}

/* The bytes themselves: another machine, or the next release, reads the same. */
static void
test_layout (void)
{
  static const unsigned char head[24] = { 0x41,     0x47, 0x59, 0x4D, 1,    0,
                                          WIRE_ACK, 0,    0xEF, 0xCD, 0xAB, 0x89,
                                          0x67,     0x45, 0x23, 0x01, 12,   0,
                                          0,        0,    2,    1,    0,    0 };
  static const unsigned char body[12] = { 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F };
  struct wire_out out = { 0 };
  wire_begin (&out, WIRE_ACK, UINT64_C (0x0123456789ABCDEF));
  wire_u32 (&out, 0x01020304);
  wire_f64s (&out, (const double[]){ 1.5 }, 1);
  CU_ASSERT_EQUAL_FATAL (wire_seal (&out, 0x102, NULL), GYM_OK);
  CU_ASSERT (memcmp (out.bytes, head, sizeof head) == 0);
  CU_ASSERT (memcmp (out.bytes + WIRE_HEAD, body, sizeof body) == 0);
  wire_free (&out);
}

/* Every type, the empty body, and the buffer used again for less. */
static void
test_types (void)
{
  struct wire_out out = { 0 };
  struct wire_in in;
  char filler[1000] = { 0 };
  CU_ASSERT_STRING_EQUAL (wire_name (0), "?");
  CU_ASSERT_STRING_EQUAL (wire_name (WIRE_TYPES), "?");
  CU_ASSERT_STRING_EQUAL (wire_name (UINT32_MAX), "?");
  CU_ASSERT_STRING_EQUAL (wire_name (WIRE_HELLO), "hello");
  CU_ASSERT_STRING_EQUAL (wire_name (WIRE_RESULTS), "results");
  CU_ASSERT_STRING_EQUAL (wire_name (WIRE_STATE), "state");
  for (int type = WIRE_HELLO; type < WIRE_TYPES; type++) {
    CU_ASSERT (strcmp (wire_name ((unsigned)type), "?") != 0);
    wire_begin (&out, (enum wire_type)type, (uint64_t)type);
    wire_bytes (&out, filler, type % 2 ? sizeof filler : 0);
    CU_ASSERT_EQUAL (wire_seal (&out, 0, NULL), GYM_OK);
    CU_ASSERT_EQUAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
    CU_ASSERT_EQUAL (in.type, type);
    CU_ASSERT_EQUAL (in.session, (uint64_t)type);
    CU_ASSERT_EQUAL (wire_left (&in), type % 2 ? sizeof filler : 0);
  }
  wire_begin (&out, WIRE_TYPES, 1);
  CU_ASSERT_EQUAL (wire_seal (&out, 0, NULL), GYM_OK);
  CU_ASSERT_EQUAL (wire_open (&in, out.bytes, out.length, NULL), GYM_EINVAL);
  wire_begin (&out, (enum wire_type)0, 1);
  CU_ASSERT_EQUAL (wire_seal (&out, 0, NULL), GYM_OK);
  CU_ASSERT_EQUAL (wire_open (&in, out.bytes, out.length, NULL), GYM_EINVAL);
  wire_free (&out);
}

/* The longest frame goes through; a byte more fails when sealed, whatever is put after
 * it, and the buffer is good for the next frame. */
static void
test_too_long (void)
{
  struct wire_out out = { 0 };
  struct wire_in in;
  gym_error err = { 0 };
  char *big = calloc (1, WIRE_MOST + 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL (big);
  wire_begin (&out, WIRE_FILE, 1);
  wire_bytes (&out, big, WIRE_MOST - WIRE_HEAD);
  CU_ASSERT_EQUAL (wire_seal (&out, UINT32_MAX, NULL), GYM_OK);
  CU_ASSERT_EQUAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
  CU_ASSERT_EQUAL (in.count, UINT32_MAX);
  wire_u32 (&out, 0);
  CU_ASSERT_EQUAL (wire_seal (&out, 0, &err), GYM_ENOMEM);
  CU_ASSERT (help_says (&err, "too long"));
  for (size_t most = WIRE_MOST - WIRE_HEAD + 1; most < SIZE_MAX / 2; most *= 1024) {
    wire_begin (&out, WIRE_FILE, 1);
    wire_bytes (&out, big, most); /* not read: it does not fit */
    wire_u64 (&out, 0);
    CU_ASSERT_EQUAL (wire_seal (&out, 0, NULL), GYM_ENOMEM);
  }
  wire_begin (&out, WIRE_BEAT, 1);
  CU_ASSERT_EQUAL (wire_seal (&out, 0, NULL), GYM_OK);
  CU_ASSERT_EQUAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
  CU_ASSERT_EQUAL (wire_open (&in, big, WIRE_MOST + 1, NULL), GYM_EINVAL);
  free (big);
  wire_free (&out);
}

/* Records that are not there: zeros, and `bad` for good, even for what would fit. */
static void
test_past_the_end (void)
{
  struct wire_out out = { 0 };
  struct wire_in in;
  double numbers[2] = { 1, 1 };
  wire_begin (&out, WIRE_RESULTS, 1);
  wire_u64 (&out, 7);
  wire_u32 (&out, 8);
  CU_ASSERT_EQUAL (wire_seal (&out, 1000, NULL), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
  CU_ASSERT_EQUAL (wire_get_u64 (&in), 7);
  CU_ASSERT_FALSE (in.bad);
  CU_ASSERT_EQUAL (wire_get_u64 (&in), 0);
  CU_ASSERT_TRUE (in.bad);
  CU_ASSERT_EQUAL (wire_get_u32 (&in), 0);
  wire_get_f64s (&in, numbers, 2);
  CU_ASSERT (numbers[0] == 0 && numbers[1] == 0);
  CU_ASSERT_PTR_NULL (wire_get_bytes (&in, 0));
  CU_ASSERT_EQUAL_FATAL (wire_open (&in, out.bytes, out.length, NULL), GYM_OK);
  CU_ASSERT_PTR_NULL (wire_get_bytes (&in, SIZE_MAX));
  CU_ASSERT_TRUE (in.bad);
  wire_free (&out);
}

static void
test_version (void)
{
  struct wire_out out = { 0 };
  struct wire_in in;
  gym_error err = { 0 };
  wire_begin (&out, WIRE_HELLO, 42);
  wire_bytes (&out, "{}", 2);
  CU_ASSERT_EQUAL (wire_seal (&out, 0, NULL), GYM_OK);
  for (unsigned version = 0; version < 65536; version += 255) {
    out.bytes[4] = (unsigned char)version;
    out.bytes[5] = (unsigned char)(version >> 8);
    int rc = wire_open (&in, out.bytes, out.length, &err);
    if (version == WIRE_VERSION)
      continue;
    CU_ASSERT_EQUAL (rc, GYM_EMISMATCH);
    CU_ASSERT (in.session == 42 && in.type == WIRE_HELLO);
  }
  CU_ASSERT (help_says (&err, "version 65535") && help_says (&err, "version 1"));
  wire_free (&out);
}

/* ---- damage ---- */

/* A whole frame in memory of exactly its size, so that every read beyond it is seen. */
static unsigned char *
copy (const void *bytes, size_t n)
{
  unsigned char *own = malloc (n ? n : 1);
  if (own && n)
    memcpy (own, bytes, n);
  return own;
}

/* The checksum put right again, as a stranger would do it: what opens then is judged by
 * its records alone. */
static size_t
forge (struct wire_out *out, const unsigned char *bytes, size_t n)
{
  wire_begin (out, (enum wire_type) (n > 6 ? bytes[6] % (WIRE_TYPES + 2) : 0), n);
  wire_bytes (out, bytes, n);
  return wire_seal (out, n > 20 ? bytes[20] : 0, NULL) == GYM_OK ? out->length : 0;
}

/* The fuzz target: opens and reads to the end, in pieces that the bytes choose. Returns
 * what wire_open said; aborts where a promise is broken. */
static int
target (const unsigned char *bytes, size_t n)
{
  struct wire_in in;
  int rc = wire_open (&in, bytes, n, NULL);
  if (rc < 0)
    return rc;
  if (in.type < WIRE_HELLO || in.type >= WIRE_TYPES || in.length != n)
    abort ();
  for (unsigned turn = 0; !in.bad && turn < 4 * n; turn++) {
    size_t left = wire_left (&in);
    double numbers[16];
    uint32_t kind = wire_get_u32 (&in);
    if (left > n || (in.bad && kind))
      abort ();
    if (kind % 4 == 0)
      wire_get_u64 (&in);
    else if (kind % 4 == 1)
      wire_get_f64s (&in, numbers, kind / 4 % 16);
    else {
      size_t wanted = kind % 4 == 2 ? kind / 4 % 64 : kind;
      const unsigned char *at = wire_get_bytes (&in, wanted);
      for (size_t i = 0; at && i < wanted; i++)
        numbers[0] = at[i];
    }
  }
  if (!in.bad || wire_get_u32 (&in) != 0)
    abort ();
  return rc;
}

static int
target_copy (const unsigned char *bytes, size_t n)
{
  unsigned char *own = copy (bytes, n);
  int rc = own ? target (own, n) : GYM_ENOMEM;
  free (own);
  return rc;
}

/* None of the bits of a frame is unguarded. */
static void
test_bits (void)
{
  struct wire_out out = { 0 };
  unsigned through = 0, versions = 0;
  put_all (&out);
  CU_ASSERT_EQUAL_FATAL (wire_seal (&out, KEYS, NULL), GYM_OK);
  CU_ASSERT_EQUAL (target_copy (out.bytes, out.length), GYM_OK);
  for (size_t bit = 0; bit < 8 * out.length; bit++) {
    out.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    int rc = target_copy (out.bytes, out.length);
    through += rc == GYM_OK;
    versions += rc == GYM_EMISMATCH;
    out.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
  }
  CU_ASSERT_EQUAL (through, 0);
  CU_ASSERT_EQUAL (versions, 16);
  wire_free (&out);
}

/* Cut at every length, and with bytes behind it. */
static void
test_lengths (void)
{
  struct wire_out out = { 0 };
  unsigned through = 0;
  put_all (&out);
  CU_ASSERT_EQUAL_FATAL (wire_seal (&out, KEYS, NULL), GYM_OK);
  for (size_t n = 0; n < out.length; n++)
    through += target_copy (out.bytes, n) == GYM_OK;
  CU_ASSERT_EQUAL (through, 0);
  size_t length = out.length;
  for (int i = 0; i < 64; i++) {
    wire_bytes (&out, "", 1);
    through += target_copy (out.bytes, out.length) == GYM_OK;
  }
  CU_ASSERT_EQUAL (through, 0);
  CU_ASSERT_EQUAL (target_copy (out.bytes, length), GYM_OK);
  wire_free (&out);
}

static size_t
mutate (gym_rng *rng, unsigned char *bytes, size_t n, size_t room)
{
  for (uint64_t k = gym_rng_below (rng, 4); k-- > 0 && n > 0;)
    bytes[gym_rng_below (rng, n)] ^= (unsigned char)(1 << gym_rng_below (rng, 8));
  if (n > 0 && gym_rng_below (rng, 3) == 0)
    n -= gym_rng_below (rng, n < 9 ? n : 9);
  while (n < room && gym_rng_below (rng, 3) == 0)
    bytes[n++] = (unsigned char)gym_rng_u32 (rng);
  return n;
}

/* Long runs of changes upon changes; every other one is forged into a sound frame. */
static void
test_mutations (void)
{
  struct wire_out out = { 0 }, forged = { 0 };
  unsigned char bytes[512];
  unsigned opened = 0, strangers = 0;
  unsigned rounds = getenv ("GYM_LONG") ? 1000000 : 20000;
  gym_rng rng;
  gym_rng_init (&rng, 20240501);
  put_all (&out);
  CU_ASSERT_EQUAL_FATAL (wire_seal (&out, KEYS, NULL), GYM_OK);
  size_t n = out.length;
  memcpy (bytes, out.bytes, n);
  for (unsigned i = 0; i < rounds; i++) {
    if (i % 8 == 0)
      memcpy (bytes, out.bytes, n = out.length);
    n = mutate (&rng, bytes, n, sizeof bytes);
    bool same = n == out.length && memcmp (bytes, out.bytes, n) == 0;
    strangers += target_copy (bytes, n) == GYM_OK && !same;
    size_t length = forge (&forged, bytes, n);
    opened += length && target_copy (forged.bytes, length) == GYM_OK;
  }
  CU_ASSERT_EQUAL (strangers, 0);
  CU_ASSERT (opened > rounds / 2);
  wire_free (&out);
  wire_free (&forged);
}

/* ---- keys ---- */

/* A fixed value, since the results of a study's last life are found by it; and every part
 * matters. */
static void
test_key (void)
{
  uint64_t key = wire_key (1, 2, 3);
  CU_ASSERT (key == wire_key (1, 2, 3));
  CU_ASSERT (key != wire_key (2, 2, 3) && key != wire_key (1, 3, 3));
  CU_ASSERT (key != wire_key (1, 2, 4) && key != wire_key (3, 2, 1));
  CU_ASSERT (wire_key (1, 2, 3) != wire_key (1, 3, 2));
  for (int bit = 0; bit < 64; bit++) {
    CU_ASSERT (wire_key (1 ^ UINT64_C (1) << bit, 2, 3) != key);
    CU_ASSERT (wire_key (1, 2, 3 ^ UINT64_C (1) << bit) != key);
    CU_ASSERT (bit >= 32 || wire_key (1, 2 ^ UINT32_C (1) << bit, 3) != key);
  }
  CU_ASSERT (key == UINT64_C (0x9e216fb955a305ec));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "round trip", test_round_trip },
                                           { "layout", test_layout },
                                           { "types", test_types },
                                           { "too long", test_too_long },
                                           { "past the end", test_past_the_end },
                                           { "version", test_version },
                                           { "every bit", test_bits },
                                           { "every length", test_lengths },
                                           { "mutations", test_mutations },
                                           { "key", test_key },
                                           { 0 } };
  return tap_run ("wire", tests);
}
