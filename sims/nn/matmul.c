/* The matrix product: see matmul.h.
 *
 * C is cut into tiles that stay in registers while k runs (Goto and van de Geijn,
 * "Anatomy of high-performance matrix multiplication", 2008, without their packing: the
 * matrices here fit the second-level cache). The lanes of a vector are neighbouring
 * columns of C, so their number does not change the order of any sum. */
#include "sims/nn/matmul.h"

#include <string.h>

enum { LANES = 8, ROWS = 4 };
typedef float lanes __attribute__ ((vector_size (LANES * sizeof (float))));

#define INLINE static inline __attribute__ ((always_inline))

/* A product of which a tile is at work. */
struct product {
  size_t n, k;
  struct nn_matrix a;
  const float *b;
  float *c;
  bool add;
};

/* rows x (vectors * LANES) elements of C at row i, column j; both counts are constants
 * where this is inlined. */
INLINE void
tile (const struct product *p, size_t i, size_t j, size_t rows, size_t vectors)
{
  lanes sum[ROWS][4], b;
  float *c = p->c + i * p->n + j;
  const float *a = p->a.at + i * p->a.row;
#pragma GCC unroll 16
  for (size_t e = 0; e < rows * vectors; e++) {
    sum[e / vectors][e % vectors] = (lanes){ 0 };
    if (p->add)
      memcpy (&sum[e / vectors][e % vectors],
              c + e / vectors * p->n + e % vectors * LANES, sizeof b);
  }
  for (size_t k = 0; k < p->k; k++)
#pragma GCC unroll 4
    for (size_t v = 0; v < vectors; v++) {
      memcpy (&b, p->b + k * p->n + j + v * LANES, sizeof b);
#pragma GCC unroll 4
      for (size_t r = 0; r < rows; r++)
        sum[r][v] += a[r * p->a.row + k * p->a.column] * b;
    }
#pragma GCC unroll 16
  for (size_t e = 0; e < rows * vectors; e++)
    memcpy (c + e / vectors * p->n + e % vectors * LANES, &sum[e / vectors][e % vectors],
            sizeof b);
}

/* The columns that do not fill a vector. */
INLINE void
edge (const struct product *p, size_t i, size_t j, size_t rows)
{
  for (; j < p->n; j++)
    for (size_t r = i; r < i + rows; r++) {
      float sum = p->add ? p->c[r * p->n + j] : 0;
      for (size_t k = 0; k < p->k; k++)
        sum += p->a.at[r * p->a.row + k * p->a.column] * p->b[k * p->n + j];
      p->c[r * p->n + j] = sum;
    }
}

INLINE void
all_tiles (const struct product *p, size_t m)
{
  size_t i = 0, wide = p->n / (2 * LANES) * (2 * LANES), j;
  for (; i + ROWS <= m; i += ROWS) {
    for (j = 0; j < wide; j += 2 * LANES)
      tile (p, i, j, ROWS, 2);
    for (; j + LANES <= p->n; j += LANES)
      tile (p, i, j, ROWS, 1);
    edge (p, i, j, ROWS);
  }
  for (; i < m; i++) {
    for (j = 0; j + 4 * LANES <= p->n; j += 4 * LANES)
      tile (p, i, j, 1, 4);
    for (; j + LANES <= p->n; j += LANES)
      tile (p, i, j, 1, 1);
    edge (p, i, j, 1);
  }
}

static void
plain (const struct product *p, size_t m)
{
  all_tiles (p, m);
}

/* The same code for the wider registers of newer x86 processors: same bits, less time. */
#if defined(__x86_64__) && defined(__GNUC__)
__attribute__ ((target ("avx2"))) static void
wide (const struct product *p, size_t m)
{
  all_tiles (p, m);
}
#define HAS_WIDE() __builtin_cpu_supports ("avx2")
#else
#define wide       plain
#define HAS_WIDE() 0
#endif

void
nn_matmul (size_t m, size_t n, size_t k, struct nn_matrix a, const float *b, float *c,
           bool add)
{
  struct product p = { .n = n, .k = k, .a = a, .b = b, .c = c, .add = add };
  if (HAS_WIDE ())
    wide (&p, m);
  else
    plain (&p, m);
}

/* In squares whose rows and columns both stay in the first-level cache. */
void
nn_transpose (size_t m, size_t n, const float *from, float *to)
{
  enum { SIDE = 16 };
  for (size_t top = 0; top < m; top += SIDE)
    for (size_t left = 0; left < n; left += SIDE)
      for (size_t i = top; i < m && i < top + SIDE; i++)
        for (size_t j = left; j < n && j < left + SIDE; j++)
          to[j * m + i] = from[i * n + j];
}
