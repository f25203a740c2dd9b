/* Values by hash, compared with a plain list. */
#include "tests/tap.h"

#include "plugins/common/memory.h"

#include <gym/rng.h>

enum { MOST = 3000 };

/* Small hashes, 0 and 1 apart, on top of each other after masking. */
static void
test_against_list (void)
{
  static uint64_t hashes[MOST];
  static double values[MOST];
  struct memory memory = { 0 };
  gym_rng rng;
  size_t n = 0;
  gym_rng_init (&rng, 1);
  CU_ASSERT_PTR_NULL (memory_get (&memory, 7));
  for (int k = 0; k < 2 * MOST; k++) {
    uint64_t hash = 2 + gym_rng_below (&rng, MOST) * 64;
    double value = gym_rng_real (&rng);
    size_t i = 0;
    while (i < n && hashes[i] != hash)
      i++;
    const double *known = memory_get (&memory, hash);
    CU_ASSERT_EQUAL (known != NULL, i < n);
    if (known)
      CU_ASSERT_EQUAL (*known, values[i]);
    n += i == n;
    hashes[i] = hash;
    values[i] = value;
    CU_ASSERT_EQUAL (memory_put (&memory, hash, value), 0);
    CU_ASSERT_EQUAL (memory.count, n);
  }
  for (size_t i = 0; i < n; i++)
    CU_ASSERT_EQUAL (*memory_get (&memory, hashes[i]), values[i]);
  memory_free (&memory);
  CU_ASSERT_PTR_NULL (memory_get (&memory, hashes[0]));
}

static void
test_zero (void)
{
  struct memory memory = { 0 };
  CU_ASSERT_EQUAL (memory_put (&memory, 0, 3), 0);
  CU_ASSERT_EQUAL (*memory_get (&memory, 0), 3);
  CU_ASSERT_PTR_NULL (memory_get (&memory, 64));
  memory_free (&memory);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "against a list", test_against_list },
                                           { "the hash that marks free slots",
                                             test_zero },
                                           { 0 } };
  return tap_run ("memory", tests);
}
