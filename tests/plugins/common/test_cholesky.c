/* The factor, grown by rows or made at once, against plain sums. */
#include "tests/tap.h"

#include "plugins/common/cholesky.h"

#include <gym/error.h>
#include <gym/rng.h>
#include <math.h>
#include <string.h>

enum { N = 60 };

struct matrix {
  double at[N][N];
};

/* B B' + 1/2, B random. */
static void
make (struct matrix *a, uint64_t seed)
{
  static double b[N][N];
  gym_rng rng;
  gym_rng_init (&rng, seed);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      b[i][j] = gym_rng_normal (&rng);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a->at[i][j] = i == j ? 0.5 : 0;
      for (int k = 0; k < N; k++)
        a->at[i][j] += b[i][k] * b[j][k];
    }
}

static void
factorise (struct cholesky *c, const struct matrix *a, int n)
{
  CU_ASSERT_EQUAL_FATAL (cholesky_reserve (c, (size_t)n), 0);
  for (int i = 0; i < n; i++)
    memcpy (c->factor + (size_t)i * c->room, a->at[i], (size_t)(i + 1) * sizeof (double));
  CU_ASSERT_EQUAL (cholesky_factorise (c, (size_t)n), 0);
}

static void
check_product (const struct cholesky *c, const struct matrix *a)
{
  for (size_t i = 0; i < c->n; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t k = 0; k <= j; k++)
        sum += c->factor[i * c->room + k] * c->factor[j * c->room + k];
      CU_ASSERT_DOUBLE_EQUAL (sum, a->at[i][j], 1e-8);
    }
}

static void
test_product (void)
{
  static struct matrix a;
  struct cholesky c;
  make (&a, 1);
  cholesky_init (&c);
  factorise (&c, &a, N);
  check_product (&c, &a);
  cholesky_free (&c);
}

/* Row by row, from nothing, with drops on the way. */
static void
test_growth (void)
{
  static struct matrix a;
  struct cholesky c;
  make (&a, 2);
  cholesky_init (&c);
  for (size_t i = 0; i < 40; i++)
    CU_ASSERT_EQUAL (cholesky_append (&c, a.at[i], a.at[i][i] + (i > 20), 1e-6), 0);
  cholesky_truncate (&c, 21); /* those behind it were of another matrix */
  for (size_t i = 21; i < N; i++)
    CU_ASSERT_EQUAL (cholesky_append (&c, a.at[i], a.at[i][i], 1e-6), 0);
  CU_ASSERT_EQUAL (c.n, N);
  check_product (&c, &a);
  cholesky_free (&c);
}

static void
test_solve (void)
{
  static struct matrix a;
  double x[N], b[N] = { 0 }, half[3][N];
  struct cholesky c;
  make (&a, 3);
  cholesky_init (&c);
  factorise (&c, &a, N);
  for (int i = 0; i < N; i++)
    x[i] = sin (i);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      b[i] += a.at[i][j] * x[j];
  for (int r = 0; r < 3; r++)
    memcpy (half[r], b, sizeof b);
  cholesky_half_solve (&c, half[0], 2, N);
  cholesky_half_solve (&c, half[2], 1, N);
  cholesky_solve (&c, b);
  double norm = 0, squares = 0; /* |L^-1 A x|^2 = x' A x */
  for (int i = 0; i < N; i++) {
    CU_ASSERT_DOUBLE_EQUAL (b[i], x[i], 1e-7);
    CU_ASSERT_DOUBLE_EQUAL (half[0][i], half[2][i], 1e-9);
    CU_ASSERT_DOUBLE_EQUAL (half[1][i], half[2][i], 1e-9);
    squares += half[2][i] * half[2][i];
    for (int j = 0; j < N; j++)
      norm += x[i] * a.at[i][j] * x[j];
  }
  CU_ASSERT_DOUBLE_EQUAL (norm, squares, 1e-7 * norm);
  cholesky_free (&c);
}

static void
test_inverse (void)
{
  static struct matrix a;
  static double inverse[N * N];
  struct cholesky c;
  make (&a, 4);
  cholesky_init (&c);
  factorise (&c, &a, N);
  CU_ASSERT_EQUAL (cholesky_inverse (&c, inverse, N), 0);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int k = 0; k < N; k++)
        sum += a.at[i][k] * (k > j ? inverse[k * N + j] : inverse[j * N + k]);
      CU_ASSERT_DOUBLE_EQUAL (sum, i == j, 1e-7);
    }
  cholesky_free (&c);
}

/* [[4, 2], [2, 5]]: determinant 16. Not positive definite: said so. */
static void
test_by_hand (void)
{
  static struct matrix a = { .at = { { 4, 2 }, { 2, 5 } } };
  struct cholesky c;
  cholesky_init (&c);
  factorise (&c, &a, 2);
  CU_ASSERT_DOUBLE_EQUAL (cholesky_log_determinant (&c), log (16), 1e-12);
  c.factor[0] = 1;
  c.factor[c.room] = 2;
  c.factor[c.room + 1] = 1;
  CU_ASSERT_EQUAL (cholesky_factorise (&c, 2), GYM_EINVAL);
  CU_ASSERT_EQUAL (c.n, 0);
  double one = 1;
  CU_ASSERT_EQUAL (cholesky_append (&c, NULL, 1, 0.25), 0);
  CU_ASSERT_EQUAL (cholesky_append (&c, &one, 1, 0.25), 0);
  CU_ASSERT_EQUAL (c.factor[c.room + 1], 0.25); /* a copy of the row before */
  cholesky_free (&c);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "product", test_product }, { "growth", test_growth },   { "solve", test_solve },
    { "inverse", test_inverse }, { "by hand", test_by_hand }, { 0 }
  };
  return tap_run ("cholesky", tests);
}
