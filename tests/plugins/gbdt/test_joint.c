/* Columns put together: every combination of codes has one cell, and the cell tells each
 * code. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/gbdt/joint.h"
#include "tests/plugins/spaces.h"

#include <stdlib.h>

enum { WIDTH = 12, ROWS = 2000 };

static void
check_space (gym_space *space)
{
  struct gym_host host;
  struct gym_host_context context;
  struct bins bins;
  struct joint joint;
  gym_error err = { 0 };
  gym_rng rng;
  double row[WIDTH];
  uint16_t cells[WIDTH], codes[WIDTH];
  uint32_t out[WIDTH], sum = 0;
  gym_host_init (&host, &context, NULL);
  gym_rng_init (&rng, 1);
  CU_ASSERT_EQUAL_FATAL (bins_init (&bins, &host, space, &err), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (joint_init (&joint, &bins), GYM_OK);
  CU_ASSERT (joint.n <= bins.n_columns);
  for (uint32_t g = 0; g < joint.n; g++) {
    CU_ASSERT_EQUAL (joint.groups[g].first, sum);
    sum += joint.groups[g].size;
  }
  CU_ASSERT_EQUAL (sum, joint.n_cells);
  for (int i = 0; i < ROWS; i++) {
    gym_space_sample (space, &rng, row);
    bins_cells (&bins, row, cells);
    bins_codes (&bins, row, codes);
    joint_cells (&joint, cells, out);
    for (uint32_t c = 0; c < bins.n_columns; c++) {
      const struct joint_column *column = &joint.columns[c];
      const struct joint_group *group = &joint.groups[column->group];
      uint32_t cell = out[column->group];
      CU_ASSERT (cell >= group->first && cell - group->first < group->size);
      CU_ASSERT_EQUAL (joint_code (column, cell - group->first), codes[c]);
    }
  }
  joint_free (&joint);
  joint_free (&joint);
  bins_free (&bins);
  gym_space_destroy (&space);
}

static void
test_spaces (void)
{
  check_space (spaces_small ());
  check_space (spaces_mixed ());
  check_space (spaces_wide ());
  check_space (spaces_line (1000, true));
}

/* Twelve columns of 6 and 16 codes: 36, 36, and each 16 with what is left of 64. */
static void
test_fewer (void)
{
  struct gym_host host;
  struct gym_host_context context;
  struct bins bins;
  struct joint joint;
  gym_error err = { 0 };
  gym_space *space = spaces_wide ();
  gym_host_init (&host, &context, NULL);
  CU_ASSERT_EQUAL_FATAL (bins_init (&bins, &host, space, &err), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (joint_init (&joint, &bins), GYM_OK);
  CU_ASSERT_EQUAL (joint.n, 10);
  CU_ASSERT_EQUAL (joint.n_cells, 36 + 36 + 8 * 16);
  joint_free (&joint);
  bins_free (&bins);
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "cells tell codes", test_spaces },
                                           { "fewer columns", test_fewer },
                                           { 0 } };
  return tap_run ("joint", tests);
}
