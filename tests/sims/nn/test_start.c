/* Starting weights: orthogonal where so asked, of He's variance otherwise, from seeds. */
#include "tests/tap.h"

#include "sims/nn/layer.h"

#include <string.h>

enum { ROWS = 12, COLUMNS = 30 };

/* Scalar products of the `few` vectors of a matrix, which must be gain^2 or 0. */
static void
check_orthogonal (size_t rows, size_t columns, float gain)
{
  float w[ROWS * COLUMNS];
  struct nn_random random = { .state = 1 };
  bool flat = rows <= columns;
  size_t few = flat ? rows : columns, many = flat ? columns : rows;
  CU_ASSERT_TRUE (nn_start_matrix (NN_ORTHOGONAL, gain, rows, columns, w, &random));
  for (size_t i = 0; i < few; i++)
    for (size_t j = 0; j < few; j++) {
      double sum = 0;
      for (size_t k = 0; k < many; k++)
        sum += flat ? (double)w[i * columns + k] * w[j * columns + k]
                    : (double)w[k * columns + i] * w[k * columns + j];
      CU_ASSERT_DOUBLE_EQUAL (sum, i == j ? gain * gain : 0, 1e-6);
    }
}

static void
test_orthogonal (void)
{
  check_orthogonal (ROWS, COLUMNS, 1);
  check_orthogonal (COLUMNS, ROWS, 0.5f);
  check_orthogonal (ROWS, ROWS, 1.5f);
  check_orthogonal (1, 1, 0.01f);
}

static void
test_he (void)
{
  static float w[200 * 50];
  struct nn_random random = { .state = 1 };
  double sum = 0, square = 0;
  CU_ASSERT_TRUE (nn_start_matrix (NN_HE, sqrtf (2), 200, 50, w, &random));
  for (int i = 0; i < 200 * 50; i++) {
    sum += w[i];
    square += (double)w[i] * w[i];
  }
  CU_ASSERT_DOUBLE_EQUAL (sum / 1e4, 0, 0.004);
  CU_ASSERT_DOUBLE_EQUAL (square / 1e4, 2.0 / 200, 0.0006);
}

static void
test_seeds (void)
{
  static float a[5000], b[5000], c[5000];
  nn_net *net = nn_mlp_new (5, 2, 16, NN_TANH, 4, 0.01f);
  size_t n = nn_net_params (net);
  CU_ASSERT_EQUAL (n, 6 * 16 + 17 * 16 + 17 * 4);
  nn_net_start (net, a, 7);
  nn_net_start (net, b, 7);
  nn_net_start (net, c, 8);
  CU_ASSERT_EQUAL (memcmp (a, b, n * sizeof *a), 0);
  CU_ASSERT_NOT_EQUAL (memcmp (a, c, n * sizeof *a), 0);
  for (int j = 0; j < 4; j++) { /* the last layer is small, its biases 0 */
    CU_ASSERT_EQUAL (a[n - 4 + (size_t)j], 0);
    CU_ASSERT (fabsf (a[n - 8 + (size_t)j]) <= 0.01f);
  }
  nn_net_destroy (&net);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "orthogonal", test_orthogonal }, { "He", test_he }, { "seeds", test_seeds }, { 0 }
  };
  return tap_run ("nn start", tests);
}
