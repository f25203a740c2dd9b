/* Results by design: found again whole, later ones in place of earlier, among many. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/known.h"
#include "tests/plugins/spaces.h"

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct points points;
  struct known known;
};

static void
start (struct bench *b)
{
  b->space = spaces_line (10, false);
  CU_ASSERT_PTR_NOT_NULL_FATAL (b->space);
  gym_host_init (&b->host, &b->context, NULL);
  struct gym_problem problem = { .struct_size = sizeof problem,
                                 .n_objectives = 1,
                                 .n_constraints = 2,
                                 .space = b->space };
  CU_ASSERT_EQUAL_FATAL (points_init (&b->points, &b->host, &problem, 2), GYM_OK);
  known_init (&b->known, 2);
}

static void
stop (struct bench *b)
{
  known_free (&b->known);
  points_free (&b->points);
  gym_space_destroy (&b->space);
}

static void
put (struct bench *b, uint64_t hash, double value)
{
  b->points.objectives[0] = value;
  b->points.violations[0] = value + 1;
  b->points.violations[1] = value + 2;
  b->points.statuses[0] = (uint32_t)value % 6;
  CU_ASSERT_EQUAL (known_put (&b->known, hash, &b->points, 0), GYM_OK);
}

/* Looked up in the other slot. */
static bool
holds (struct bench *b, uint64_t hash, double value)
{
  if (!known_get (&b->known, hash, &b->points, 1))
    return false;
  CU_ASSERT_EQUAL (b->points.objectives[1], value);
  CU_ASSERT_EQUAL (b->points.violations[2], value + 1);
  CU_ASSERT_EQUAL (b->points.violations[3], value + 2);
  CU_ASSERT_EQUAL (b->points.statuses[1], (uint32_t)value % 6);
  return true;
}

static void
test_round (void)
{
  struct bench b;
  start (&b);
  CU_ASSERT_FALSE (holds (&b, 5, 0));
  put (&b, 5, 50);
  put (&b, 0, 1);
  CU_ASSERT_TRUE (holds (&b, 5, 50));
  CU_ASSERT_TRUE (holds (&b, 0, 1));
  CU_ASSERT_FALSE (holds (&b, 6, 0));
  put (&b, 5, 51);
  CU_ASSERT_TRUE (holds (&b, 5, 51));
  CU_ASSERT_EQUAL (b.known.count, 2);
  stop (&b);
}

/* Hashes that fall on the same slots, over many widenings. */
static void
test_many (void)
{
  struct bench b;
  start (&b);
  for (uint64_t k = 0; k < 5000; k++)
    put (&b, k % 2 ? k : k << 32, (double)k);
  for (uint64_t k = 0; k < 5000; k++) {
    CU_ASSERT_TRUE (holds (&b, k % 2 ? k : k << 32, (double)k));
    CU_ASSERT_FALSE (holds (&b, (k % 2 ? k : k << 32) + (1ull << 62), 0));
  }
  CU_ASSERT_EQUAL (b.known.count, 5000);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "kept and replaced", test_round },
                                           { "many", test_many },
                                           { 0 } };
  return tap_run ("known", tests);
}
