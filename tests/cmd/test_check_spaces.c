/* The made-up spaces are what their names say. */
#include "core/cmd/check_spaces.h"
#include "tests/tap.h"

#include <math.h>

static void
test_spaces (void)
{
  static const double cardinality[CHECK_SPACES] = {
    [CHECK_SPACE_SINGLE] = 1,
    [CHECK_SPACE_TINY] = 6,
    [CHECK_SPACE_CONDITIONAL] = 23,
    [CHECK_SPACE_MIXED] = INFINITY,
    [CHECK_SPACE_REAL] = INFINITY,
    [CHECK_SPACE_WIDE] = 68719476736,
    [CHECK_SPACE_PERMUTATION] = 5 * 4 * 3 * 2,
  };
  for (int i = 0; i < CHECK_SPACES; i++) {
    gym_error err = { 0 };
    gym_space *space = check_space_new (i, &err);
    CU_ASSERT_PTR_NOT_NULL (space);
    if (!space) {
      tap_note ("%s: %s", check_space_name (i), err.text);
      continue;
    }
    CU_ASSERT_EQUAL (gym_space_cardinality (space), cardinality[i]);
    gym_space_destroy (&space);
  }
}

/* Agents that cannot bear a kind of parameter are to be found out. */
static void
test_mixed (void)
{
  gym_space *space = check_space_new (CHECK_SPACE_MIXED, NULL);
  unsigned kinds = 0, conditional = 0, logs = 0, deep = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    const struct gym_param *p = gym_space_param (space, i);
    int parent = gym_space_parent (space, i);
    kinds |= 1u << p->kind;
    logs += (p->flags & GYM_PARAM_LOG) != 0;
    conditional += parent >= 0;
    deep += parent >= 0 && gym_space_parent (space, (uint32_t)parent) >= 0;
  }
  CU_ASSERT_EQUAL (kinds, 1u << GYM_CATEGORICAL | 1u << GYM_ORDINAL | 1u << GYM_INTEGER
                              | 1u << GYM_REAL);
  CU_ASSERT (logs > 0 && conditional > 0 && deep > 0);
  gym_space_destroy (&space);
}

static void
test_all (void)
{
  gym_space *spaces[CHECK_SPACES], *one = check_space_new (CHECK_SPACE_TINY, NULL);
  CU_ASSERT_EQUAL (check_spaces_open (spaces, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_space_cardinality (spaces[CHECK_SPACE_TINY]),
                   gym_space_cardinality (one));
  check_spaces_close (spaces);
  for (int i = 0; i < CHECK_SPACES; i++)
    CU_ASSERT_PTR_NULL (spaces[i]);
  gym_space_destroy (&one);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "sizes", test_spaces },
                                           { "every kind of parameter", test_mixed },
                                           { "all at once", test_all },
                                           { 0 } };
  return tap_run ("check_spaces", tests);
}
