/* The matrix product equals three loops bit for bit, for every shape of tile and both
 * ways to store the left matrix. */
#include "tests/tap.h"

#include "sims/nn/matmul.h"
#include "sims/nn/random.h"

#include <string.h>

enum { MOST = 48 };

static float a[MOST * MOST], b[MOST * MOST], c[MOST * MOST], want[MOST * MOST];

static void
fill (float *at, size_t n, struct nn_random *random)
{
  for (size_t i = 0; i < n; i++)
    at[i] = (float)nn_random_normal (random);
}

static void
slow (size_t m, size_t n, size_t k, struct nn_matrix left, bool add)
{
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      float sum = add ? want[i * n + j] : 0;
      for (size_t l = 0; l < k; l++)
        sum += left.at[i * left.row + l * left.column] * b[l * n + j];
      want[i * n + j] = sum;
    }
}

static void
compare (size_t m, size_t n, size_t k, bool turned, bool add, struct nn_random *random)
{
  struct nn_matrix left = { .at = a, .row = turned ? 1 : k, .column = turned ? m : 1 };
  fill (a, m * k, random);
  fill (b, k * n, random);
  fill (c, m * n, random);
  memcpy (want, c, sizeof c);
  slow (m, n, k, left, add);
  nn_matmul (m, n, k, left, b, c, add);
  CU_ASSERT_EQUAL (memcmp (c, want, sizeof c), 0);
}

static void
test_shapes (void)
{
  struct nn_random random = { .state = 1 };
  static const size_t widths[] = { 1, 3, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 41, 48 };
  for (size_t m = 1; m <= 13; m++)
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++)
      for (size_t k = 1; k <= 40; k += 13)
        for (int way = 0; way < 4; way++)
          compare (m, widths[w], k, way % 2, way / 2, &random);
}

static void
test_transpose (void)
{
  struct nn_random random = { .state = 2 };
  fill (a, MOST * MOST, &random);
  for (size_t m = 1; m <= MOST; m += 9)
    for (size_t n = 1; n <= MOST; n += 7) {
      nn_transpose (m, n, a, b);
      for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
          CU_ASSERT_EQUAL (a[i * n + j], b[j * m + i]);
    }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "every shape of tile", test_shapes },
                                           { "transpose", test_transpose },
                                           { 0 } };
  return tap_run ("nn matmul", tests);
}
