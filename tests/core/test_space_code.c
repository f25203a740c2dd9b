/* core/space_code.c: grids, drawing, neighbours, encodings and the hash. */
#include "tests/core/spaces.h"
#include "tests/tap.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const abc[] = { "a", "b", "c" };
static const char *const when_b[] = { "b", NULL };

/* Runs a property over many random spaces, some of them large. */
static void
for_spaces (uint64_t seed, int n, void (*property) (const gym_space *, gym_rng *))
{
  gym_rng rng;
  gym_rng_init (&rng, seed);
  for (int k = 0; k < n; k++) {
    uint32_t most = k % 10 ? 15 : max_params;
    gym_space *space = make_space (&rng, 1 + (uint32_t)gym_rng_below (&rng, most), false);
    property (space, &rng);
    gym_space_destroy (&space);
  }
}

static void
sampled_is_canonical (const gym_space *space, gym_rng *rng)
{
  double row[max_params];
  for (int k = 0; k < 50; k++) {
    gym_error err = { 0 };
    memset (row, 0x5A, sizeof row);
    gym_space_sample (space, rng, row);
    CU_ASSERT_EQUAL (gym_space_check (space, row, &err), 0);
    if (err.code)
      tap_note ("%s", err.text);
  }
}

static void
test_sample (void)
{
  for_spaces (1, 300, sampled_is_canonical);
}

static void
grid_goes_both_ways (const gym_space *space, gym_rng *rng)
{
  for (uint32_t i = 0; i < gym_space_size (space); i++) {
    uint64_t count = gym_space_count (space, i);
    const struct gym_param *p = gym_space_param (space, i);
    if (count == 0) {
      CU_ASSERT (p->kind == GYM_REAL && p->low < p->high);
      continue;
    }
    for (int k = 0; k < 20; k++) {
      uint64_t index = k == 0 ? 0 : k == 1 ? count - 1 : gym_rng_below (rng, count);
      CU_ASSERT_EQUAL (gym_space_index (space, i, gym_space_value (space, i, index)),
                       index);
    }
    if (p->kind == GYM_INTEGER)
      CU_ASSERT (gym_space_value (space, i, 0) == p->low
                 && gym_space_value (space, i, count - 1) <= p->high
                 && p->high - gym_space_value (space, i, count - 1) < p->step);
    CU_ASSERT_EQUAL (gym_space_index (space, i, INFINITY), count - 1);
    CU_ASSERT_EQUAL (gym_space_index (space, i, -INFINITY), 0);
  }
}

static void
test_grid (void)
{
  for_spaces (2, 300, grid_goes_both_ways);
}

/* A parameter alone in a space. */
static gym_space *
one (struct gym_param p)
{
  gym_error err = { 0 };
  struct gym_params table = {
    .struct_size = sizeof table, .n = 1, .stride = sizeof p, .items = &p
  };
  if (!p.name)
    p.name = "x";
  if (p.initial == 0 && p.kind >= GYM_INTEGER)
    p.initial = p.low;
  gym_space *space = gym_space_new (&table, &err);
  if (!space)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  return space;
}

#define ONE(...) one ((struct gym_param){ __VA_ARGS__ })

/* Pearson's statistic of n draws against the shares of `bins` bins; beyond five standard
 * deviations the draws are not what they should be. The seed is fixed: it cannot flake.
 */
static void
draws_follow (gym_space *space, const double *share, int bins, int (*bin) (double))
{
  enum { n = 200000 };
  double seen[64] = { 0 }, sum = 0, row[1];
  gym_rng rng;
  gym_rng_init (&rng, 12345);
  for (int k = 0; k < n; k++) {
    int b;
    if (k & 1)
      gym_space_sample (space, &rng, row);
    else
      row[0] = gym_space_draw (space, &rng, 0);
    b = bin (row[0]);
    CU_ASSERT_FATAL (b >= 0 && b < bins);
    seen[b]++;
  }
  for (int b = 0; b < bins; b++)
    sum += (seen[b] - n * share[b]) * (seen[b] - n * share[b]) / (n * share[b]);
  CU_ASSERT (sum < bins - 1 + 5 * sqrt (2.0 * (bins - 1)));
  tap_note ("%s: chi-square %.1f with %d bins", gym_space_param (space, 0)->name, sum,
            bins);
  gym_space_destroy (&space);
}

static void
even_shares (double *share, int bins)
{
  for (int b = 0; b < bins; b++)
    share[b] = 1.0 / bins;
}

static int
bin_level (double v)
{
  return (int)v;
}

static int
bin_thirds (double v)
{
  return (int)((v + 7) / 3);
}

static int
bin_real (double v)
{
  return (int)((v + 2) * 10);
}

static int
bin_octave (double v)
{
  return ilogb (v);
}

static int
bin_below_ten (double v)
{
  return (int)v - 1;
}

/* Tenths of [-1.7e308, 1.7e308], whose width is no double. */
static int
bin_huge (double v)
{
  return (int)(v / 3.4e307 + 5);
}

static void
test_uniform (void)
{
  double share[64];
  even_shares (share, 3);
  draws_follow (
      ONE (.name = "levels", .kind = GYM_CATEGORICAL, .levels = abc, .n_levels = 3),
      share, 3, bin_level);
  even_shares (share, 8);
  draws_follow (
      ONE (.name = "steps", .kind = GYM_INTEGER, .low = -7, .high = 16, .step = 3), share,
      8, bin_thirds);
  even_shares (share, 40);
  draws_follow (ONE (.name = "real", .kind = GYM_REAL, .low = -2, .high = 2), share, 40,
                bin_real);
  even_shares (share, 10);
  draws_follow (ONE (.name = "huge", .kind = GYM_REAL, .low = -1.7e308, .high = 1.7e308),
                share, 10, bin_huge);
  draws_follow (ONE (.name = "log_real", .kind = GYM_REAL, .low = 1, .high = 1024,
                     .flags = GYM_PARAM_LOG),
                share, 10, bin_octave);
  draws_follow (ONE (.name = "log_octaves", .kind = GYM_INTEGER, .low = 1, .high = 1023,
                     .flags = GYM_PARAM_LOG),
                share, 10, bin_octave);
  for (int v = 1; v <= 9; v++)
    share[v - 1] = log10 ((v + 1.0) / v);
  draws_follow (ONE (.name = "log_digits", .kind = GYM_INTEGER, .low = 1, .high = 9,
                     .flags = GYM_PARAM_LOG),
                share, 9, bin_below_ten);
}

/* Both halves of a huge grid are hit, and odd numbers as well as even ones. */
static void
test_huge_grid (void)
{
  gym_space *space = ONE (.kind = GYM_INTEGER, .low = -0x1p53, .high = 0x1p53);
  gym_rng rng;
  unsigned odd = 0, negative = 0;
  gym_rng_init (&rng, 5);
  for (int k = 0; k < 1000; k++) {
    double v = gym_space_draw (space, &rng, 0);
    odd += fmod (v, 2) != 0;
    negative += v < 0;
  }
  CU_ASSERT (odd > 400 && odd < 600 && negative > 400 && negative < 600);
  CU_ASSERT_EQUAL (gym_space_count (space, 0), (UINT64_C (1) << 54) + 1);
  CU_ASSERT_EQUAL (gym_space_value (space, 0, (UINT64_C (1) << 53) + 1), 1);
  CU_ASSERT_EQUAL (gym_space_index (space, 0, -0x1p53 + 3), 3);
  gym_space_destroy (&space);
}

/* How far decode (encode (row)) may be from row: see gym_space_encode. */
static bool
comes_back (const gym_space *space, uint32_t i, double value, double back)
{
  const struct gym_param *p = gym_space_param (space, i);
  uint64_t count = gym_space_count (space, i);
  if (isnan (value) || isnan (back))
    return isnan (value) && isnan (back);
  if (count && count <= UINT64_C (1) << 40)
    return value == back;
  if (p->flags & GYM_PARAM_LOG)
    return fabs (log (back) - log (value)) <= 0x1p-40;
  double range = p->high / 2 - p->low / 2;
  return fabs (back / 2 - value / 2) <= 0x1p-48 * range + DBL_TRUE_MIN;
}

static void
codes_go_both_ways (const gym_space *space, gym_rng *rng)
{
  uint32_t n = gym_space_size (space);
  double row[max_params], unit[max_params], back[max_params];
  for (int k = 0; k < 50; k++) {
    gym_space_sample (space, rng, row);
    gym_space_encode (space, row, unit);
    gym_space_decode (space, unit, back);
    CU_ASSERT_EQUAL (gym_space_check (space, back, NULL), 0);
    for (uint32_t i = 0; i < n; i++) {
      CU_ASSERT (unit[i] >= 0 && unit[i] <= 1);
      CU_ASSERT (!isnan (row[i]) || unit[i] == 0.5);
      CU_ASSERT (comes_back (space, i, row[i], back[i]));
      if (!comes_back (space, i, row[i], back[i]))
        tap_note ("%s: %.17g became %.17g", gym_space_param (space, i)->name, row[i],
                  back[i]);
    }
  }
}

static void
test_codes (void)
{
  for_spaces (3, 300, codes_go_both_ways);
}

static void
any_point_decodes (const gym_space *space, gym_rng *rng)
{
  static const double odd[] = { 0, 1, -0.0, NAN, INFINITY, -INFINITY, 1.5, -2, 5e-324 };
  uint32_t n = gym_space_size (space);
  double unit[max_params], row[max_params];
  for (int k = 0; k < 50; k++) {
    gym_error err = { 0 };
    for (uint32_t i = 0; i < n; i++)
      unit[i] = gym_rng_below (rng, 4)
                    ? gym_rng_real (rng)
                    : odd[gym_rng_below (rng, sizeof odd / sizeof *odd)];
    gym_space_decode (space, unit, row);
    CU_ASSERT_EQUAL (gym_space_check (space, row, &err), 0);
    if (err.code)
      tap_note ("%s", err.text);
    gym_space_decode (space, unit, unit);
    CU_ASSERT (same_row (row, unit, n));
  }
}

static void
test_any_point (void)
{
  for_spaces (4, 300, any_point_decodes);
}

static void
test_positions (void)
{
  double row[1] = { 1 }, unit[1];
  gym_space *space = ONE (.kind = GYM_ORDINAL, .levels = abc, .n_levels = 3);
  gym_space_encode (space, row, unit);
  CU_ASSERT_EQUAL (unit[0], 0.5);
  unit[0] = 0.667;
  gym_space_decode (space, unit, row);
  CU_ASSERT_EQUAL (row[0], 2);
  gym_space_destroy (&space);
  space = ONE (.kind = GYM_REAL, .low = 1, .high = 10000, .flags = GYM_PARAM_LOG);
  row[0] = 100;
  gym_space_encode (space, row, unit);
  CU_ASSERT_DOUBLE_EQUAL (unit[0], 0.5, 1e-15);
  row[0] = 10000;
  gym_space_encode (space, row, unit);
  gym_space_decode (space, unit, row);
  CU_ASSERT_EQUAL (row[0], 10000);
  gym_space_destroy (&space);
}

/* Both ends are met exactly, though exp (log (1000)) is not 1000; NaN is the default. */
static void
test_ends (void)
{
  double row[1] = { 1000 }, unit[1];
  gym_space *space = ONE (.kind = GYM_REAL, .low = 7, .high = 1000, .initial = 31,
                          .flags = GYM_PARAM_LOG);
  CU_ASSERT_NOT_EQUAL (exp (log (1000.0)), 1000);
  gym_space_encode (space, row, unit);
  CU_ASSERT_EQUAL (unit[0], 1);
  gym_space_decode (space, unit, row);
  CU_ASSERT_EQUAL (row[0], 1000);
  unit[0] = NAN;
  gym_space_decode (space, unit, row);
  CU_ASSERT_EQUAL (row[0], 31);
  gym_space_destroy (&space);
  space = ONE (.kind = GYM_INTEGER, .low = 1, .high = 90, .initial = 31);
  gym_space_decode (space, unit, row);
  CU_ASSERT_EQUAL (row[0], 31);
  gym_space_destroy (&space);
}

/* Whether `row` is among n rows. */
static bool
is_among (const double *rows, size_t n, const double *row, uint32_t size)
{
  for (size_t k = 0; k < n; k++)
    if (same_row (rows + k * size, row, size))
      return true;
  return false;
}

/* Where a move changed a real, or switched children, the way back is not promised. */
static bool
can_go_back (const gym_space *space, const double *a, const double *b)
{
  unsigned differ = 0;
  for (uint32_t i = 0; i < gym_space_size (space); i++)
    if (!same_row (a + i, b + i, 1)) {
      differ++;
      if (gym_space_param (space, i)->kind == GYM_REAL)
        return false;
    }
  return differ == 1;
}

static void
neighbours_are_near (const gym_space *space, gym_rng *rng)
{
  uint32_t size = gym_space_size (space);
  enum { room = 4000 };
  double row[max_params];
  double *out = calloc ((size_t)room * size, sizeof *out);
  double *again = calloc ((size_t)room * size, sizeof *again);
  CU_ASSERT_FATAL (out && again);
  gym_space_sample (space, rng, row);
  size_t n = gym_space_neighbours (space, row, out, room), checked = 0;
  CU_ASSERT_FATAL (n < room);
  CU_ASSERT_EQUAL (gym_space_neighbours (space, row, NULL, 0), n);
  for (size_t k = 0; k < n; k++) {
    const double *near = out + k * size;
    CU_ASSERT_EQUAL (gym_space_check (space, near, NULL), 0);
    CU_ASSERT (!same_row (near, row, size));
    CU_ASSERT (!is_among (out, k, near, size));
    if (can_go_back (space, row, near) && checked++ < 10) {
      size_t m = gym_space_neighbours (space, near, again, room);
      CU_ASSERT (is_among (again, m, row, size));
    }
  }
  free (out);
  free (again);
}

static void
test_neighbours (void)
{
  for_spaces (6, 200, neighbours_are_near);
}

static void
test_neighbour_values (void)
{
  static const struct gym_param items[] = {
    { .name = "cat", .kind = GYM_CATEGORICAL, .levels = abc, .n_levels = 3 },
    { .name = "ord", .kind = GYM_ORDINAL, .levels = abc, .n_levels = 3 },
    { .name = "int",
      .kind = GYM_INTEGER,
      .low = 1,
      .high = 10,
      .step = 3,
      .initial = 4,
      .parent = "cat",
      .when = when_b },
    { .name = "real", .kind = GYM_REAL, .low = 0, .high = 10 },
    { .name = "log",
      .kind = GYM_REAL,
      .low = 1,
      .high = 1e10,
      .initial = 1,
      .flags = GYM_PARAM_LOG },
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_space *space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  double row[] = { 0, 1, NAN, 9.95, 1 }, out[8][5];
  CU_ASSERT_EQUAL (gym_space_neighbours (space, row, out[0], 8), 7);
  CU_ASSERT (out[0][0] == 1 && out[0][2] == 4); /* the child wakes with its default */
  CU_ASSERT (out[1][0] == 2 && isnan (out[1][2]));
  CU_ASSERT (out[2][1] == 0 && out[3][1] == 2);
  CU_ASSERT_DOUBLE_EQUAL (out[4][3], 9.85, 1e-12);
  CU_ASSERT_EQUAL (out[5][3], 10);
  CU_ASSERT_DOUBLE_EQUAL (out[6][4], pow (10, 0.1), 1e-12);
  double top[] = { 1, 0, 10, 0, 1e10 }, few[2][5];
  memset (few, 0, sizeof few);
  CU_ASSERT_EQUAL (gym_space_neighbours (space, top, few[0], 1), 6);
  CU_ASSERT (few[0][0] == 0 && isnan (few[0][2]) && few[1][4] == 0);
  CU_ASSERT_EQUAL (gym_space_neighbours (space, top, out[0], 8), 6);
  CU_ASSERT (out[3][2] == 7);
  gym_space_destroy (&space);
}

static void
hash_tells_rows_apart (const gym_space *space, gym_rng *rng)
{
  enum { rows = 60 };
  uint32_t n = gym_space_size (space);
  static double row[rows][max_params];
  for (int k = 0; k < rows; k++) {
    gym_space_sample (space, rng, row[k]);
    if (k && gym_rng_below (rng, 3) == 0)
      memcpy (row[k], row[k - 1], n * sizeof (double));
    for (uint32_t i = 0; i < n; i++)
      if (isnan (row[k][i]) && gym_rng_below (rng, 2))
        row[k][i] = -NAN;
    for (int j = 0; j < k; j++)
      CU_ASSERT_EQUAL (gym_space_hash (space, row[j]) == gym_space_hash (space, row[k]),
                       same_row (row[j], row[k], n));
  }
}

static void
test_hash (void)
{
  for_spaces (9, 200, hash_tells_rows_apart);
}

/* The hash is part of evaluation seeds, so it may never change: three values as XXH3
 * gives them for the little-endian bytes (computed with xxhsum 0.8). */
static void
test_hash_is_fixed (void)
{
  double row[max_params] = { 1.5 };
  gym_space *space = ONE (.kind = GYM_REAL, .high = 2);
  CU_ASSERT_EQUAL (gym_space_hash (space, row), UINT64_C (0x2561a4889ff63458));
  gym_space_destroy (&space);
  static struct gym_param items[150];
  static char names[150][16];
  for (int i = 0; i < 150; i++) {
    snprintf (names[i], sizeof names[i], "p%d", i);
    items[i] = (struct gym_param){ .name = names[i], .kind = GYM_INTEGER, .high = 1000 };
    row[i] = i;
  }
  struct gym_params table = GYM_ARRAY (gym_params, items);
  space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_hash (space, row), UINT64_C (0x2f7078e879326d17));
  gym_space_destroy (&space);
  table.n = 12;
  space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_hash (space, row), UINT64_C (0x251e2351f04f17e9));
  gym_space_destroy (&space);
}

static void
test_onehot (void)
{
  static const struct gym_param items[] = {
    { .name = "cat", .kind = GYM_CATEGORICAL, .levels = abc, .n_levels = 3 },
    { .name = "sub",
      .kind = GYM_CATEGORICAL,
      .levels = abc,
      .n_levels = 3,
      .parent = "cat",
      .when = when_b },
    { .name = "ord", .kind = GYM_ORDINAL, .levels = abc, .n_levels = 2 },
    { .name = "int",
      .kind = GYM_INTEGER,
      .low = 1,
      .high = 10,
      .initial = 4,
      .parent = "cat",
      .when = when_b },
  };
  static const char *const names[] = { "cat=a", "cat=b", "cat=c", "sub=a",     "sub=b",
                                       "sub=c", "ord",   "int",   "int:active" };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_space *space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_onehot_size (space), 9);
  char name[20];
  for (uint32_t c = 0; c < 9; c++) {
    CU_ASSERT_EQUAL (gym_space_onehot_name (space, c, name, sizeof name),
                     (int)strlen (names[c]));
    CU_ASSERT_STRING_EQUAL (name, names[c]);
  }
  CU_ASSERT_EQUAL (gym_space_onehot_name (space, 9, name, sizeof name), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_space_onehot_name (space, 8, name, 4), 10);
  CU_ASSERT_STRING_EQUAL (name, "int");
  double out[9], off[] = { 2, NAN, 1, NAN }, on[] = { 1, 0, 0, 10 };
  static const double want_off[] = { 0, 0, 1, 0, 0, 0, 0.75, 0.5, 0 };
  static const double want_on[] = { 0, 1, 0, 1, 0, 0, 0.25, 0.95, 1 };
  gym_space_onehot (space, off, out);
  CU_ASSERT_EQUAL (memcmp (out, want_off, sizeof out), 0);
  gym_space_onehot (space, on, out);
  CU_ASSERT_EQUAL (memcmp (out, want_on, sizeof out), 0);
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "samples are canonical", test_sample },
    { "value and index", test_grid },
    { "draws follow their distribution", test_uniform },
    { "huge grid", test_huge_grid },
    { "decode undoes encode", test_codes },
    { "any point decodes", test_any_point },
    { "positions", test_positions },
    { "ends", test_ends },
    { "neighbours", test_neighbours },
    { "neighbours by value", test_neighbour_values },
    { "hash equal when rows are", test_hash },
    { "hash is fixed", test_hash_is_fixed },
    { "one-hot", test_onehot },
    { 0 },
  };
  return tap_run ("space_code", tests);
}
