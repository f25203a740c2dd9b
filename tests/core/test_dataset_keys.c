/* The table of duplicates against looking at all that came before. */
#include <config.h>

#include "core/dataset_inside.h"
#include "tests/tap.h"

#include <gym/rng.h>
#include <math.h>

enum { N = 20000 };

static void
test_against_list (void)
{
  static struct dataset_key keys[N];
  struct dataset_keys table = { .n = 0 };
  double design[4], buffer[7];
  gym_rng rng;
  gym_rng_init (&rng, 4);
  size_t distinct = 0;
  for (size_t i = 0; i < N; i++) {
    size_t env = gym_rng_below (&rng, 2), fidelity = gym_rng_below (&rng, 2);
    uint64_t seed = gym_rng_below (&rng, 2);
    for (int k = 0; k < 4; k++)
      design[k] = gym_rng_below (&rng, 6) ? (double)gym_rng_below (&rng, 5) : NAN;
    keys[i] = gym_dataset_key (env, fidelity, seed, design, 4, buffer);
    size_t first = 0;
    while (memcmp (&keys[first], &keys[i], sizeof keys[i]) != 0)
      first++;
    struct dataset_slot *slot = gym_dataset_slot (&table, &keys[i]);
    CU_ASSERT_PTR_NOT_NULL_FATAL (slot);
    CU_ASSERT_EQUAL (slot->about == 0, first == i);
    if (!slot->about) {
      slot->about = gym_dataset_about (i, 0, 0);
      distinct++;
    }
    CU_ASSERT_EQUAL (gym_dataset_about_ordinal (slot->about), first);
  }
  CU_ASSERT_EQUAL (table.n, distinct);
  CU_ASSERT (distinct > 1000 && 3 * table.n <= 2 * table.room);
  free (table.slots);
}

/* Everything that makes a key makes another one. */
static void
test_keys (void)
{
  double buffer[5], design[2] = { 1, NAN };
  const struct dataset_key key = gym_dataset_key (1, 2, 3, design, 2, buffer);
  struct dataset_key others[] = {
    gym_dataset_key (0, 2, 3, design, 2, buffer),
    gym_dataset_key (1, 1, 3, design, 2, buffer),
    gym_dataset_key (1, 2, 4, design, 2, buffer),
    gym_dataset_key (1, 2, 3, (double[]){ 2, NAN }, 2, buffer),
    gym_dataset_key (1, 2, 3, (double[]){ 1, 0 }, 2, buffer),
    gym_dataset_key (1, 2, 3, design, 1, buffer),
    gym_dataset_key (2, 1, 3, design, 2, buffer),
  };
  const struct dataset_key again = gym_dataset_key (1, 2, 3, design, 2, buffer);
  CU_ASSERT_EQUAL (memcmp (&key, &again, sizeof key), 0);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    CU_ASSERT_NOT_EQUAL (memcmp (&key, &others[i], sizeof key), 0);
}

static void
test_about (void)
{
  static const size_t ordinals[] = { 0, 1, 12345, ((size_t)1 << 40) - 2 };
  for (size_t i = 0; i < 4; i++)
    for (uint32_t status = 0; status < 6; status++) {
      uint64_t about = gym_dataset_about (ordinals[i], status, 0xfffffffffff12345);
      CU_ASSERT (about != 0);
      CU_ASSERT_EQUAL (gym_dataset_about_ordinal (about), ordinals[i]);
      CU_ASSERT_EQUAL (gym_dataset_about_status (about), status);
      CU_ASSERT_EQUAL (gym_dataset_about_check (about), 0x112345);
    }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "against a list", test_against_list },
                                           { "keys", test_keys },
                                           { "about", test_about },
                                           { 0 } };
  return tap_run ("dataset_keys", tests);
}
