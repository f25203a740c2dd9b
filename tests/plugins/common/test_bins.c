/* Designs as codes: one code a level or place of a grid, intervals between quantiles
 * elsewhere, 0 where a parameter is inactive. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/bins.h"
#include "tests/plugins/spaces.h"

#include <math.h>

enum { ROWS = 3000, WIDTH = 12 };

struct scene {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct bins bins;
  double rows[ROWS * WIDTH];
};

static struct scene s;

static void
start (gym_space *space)
{
  gym_error err = { 0 };
  gym_rng rng;
  gym_rng_init (&rng, 1);
  gym_host_init (&s.host, &s.context, NULL);
  s.space = space;
  for (size_t i = 0; i < ROWS; i++)
    gym_space_sample (space, &rng, s.rows + i * gym_space_size (space));
  CU_ASSERT_EQUAL_FATAL (bins_init (&s.bins, &s.host, space, &err), GYM_OK);
  CU_ASSERT_EQUAL_FATAL (bins_learn (&s.bins, ROWS, s.rows), GYM_OK);
}

static void
stop (void)
{
  bins_free (&s.bins);
  bins_free (&s.bins);
  gym_space_destroy (&s.space);
}

/* What a short parameter's code has to be. */
static uint32_t
expected_code (uint32_t parameter, double value)
{
  return isnan (value) ? 0 : 1 + (uint32_t)gym_space_index (s.space, parameter, value);
}

static void
test_codes (void)
{
  uint16_t codes[WIDTH], cells[WIDTH];
  start (spaces_mixed ());
  CU_ASSERT_EQUAL (s.bins.n_columns, 11); /* "only" has one level */
  uint32_t cell = 0;
  for (uint32_t c = 0; c < s.bins.n_columns; c++) {
    CU_ASSERT_EQUAL (s.bins.columns[c].first, cell);
    cell += s.bins.columns[c].codes;
  }
  CU_ASSERT_EQUAL (s.bins.n_cells, cell);
  for (size_t i = 0; i < ROWS; i++) {
    const double *row = s.rows + i * WIDTH;
    bins_codes (&s.bins, row, codes);
    bins_cells (&s.bins, row, cells);
    for (uint32_t c = 0; c < s.bins.n_columns; c++) {
      const struct bins_column *column = &s.bins.columns[c];
      double value = row[column->parameter];
      CU_ASSERT (codes[c] < column->codes && (codes[c] == 0) == isnan (value));
      CU_ASSERT_EQUAL (cells[c], column->first + codes[c]);
      if (column->step > 0)
        CU_ASSERT_EQUAL (codes[c], expected_code (column->parameter, value));
    }
  }
  stop ();
}

/* Codes grow with the value, and none has many more rows than others. */
static void
test_intervals (void)
{
  static uint16_t codes[ROWS][WIDTH];
  start (spaces_mixed ());
  for (size_t i = 0; i < ROWS; i++)
    bins_codes (&s.bins, s.rows + i * WIDTH, codes[i]);
  for (uint32_t c = 0; c < s.bins.n_columns; c++) {
    const struct bins_column *column = &s.bins.columns[c];
    uint32_t p = column->parameter, count[BINS_MOST + 1] = { 0 }, most = 0;
    if (!column->ordered)
      continue;
    for (size_t i = 1; i < ROWS; i++) {
      double a = s.rows[(i - 1) * WIDTH + p], b = s.rows[i * WIDTH + p];
      if (!isnan (a) && !isnan (b))
        CU_ASSERT ((a <= b || codes[i - 1][c] >= codes[i][c])
                   && (a >= b || codes[i - 1][c] <= codes[i][c]));
      count[codes[i][c]]++;
    }
    for (uint32_t k = 1; k <= BINS_MOST; k++)
      most = count[k] > most ? count[k] : most;
    if (gym_space_param (s.space, p)->kind == GYM_REAL) {
      CU_ASSERT (column->n_cuts > 200 || p == 10);
      CU_ASSERT (most <= 3 * ROWS / BINS_MOST);
    }
  }
  stop ();
}

/* Numbers that no row had, or no design has, still get a code of the column. */
static void
test_beyond (void)
{
  static const double odd[] = { -1e300, 1e300, -INFINITY, INFINITY, 0.5, 1e17 };
  uint16_t codes[WIDTH];
  start (spaces_mixed ());
  for (size_t k = 0; k < sizeof odd / sizeof odd[0]; k++) {
    double row[WIDTH];
    for (int i = 0; i < WIDTH; i++)
      row[i] = odd[k];
    bins_codes (&s.bins, row, codes);
    for (uint32_t c = 0; c < s.bins.n_columns; c++)
      CU_ASSERT (codes[c] >= 1 && codes[c] < s.bins.columns[c].codes);
  }
  stop ();
}

static char saved[1 << 16];
static size_t n_saved;

static int
put (void *sink, const void *bytes, size_t n)
{
  (void)sink;
  memcpy (saved + n_saved, bytes, n);
  n_saved += n;
  return GYM_OK;
}

static void
test_file (void)
{
  struct pack out = { .put = put };
  struct bins copy;
  uint16_t a[WIDTH], b[WIDTH];
  gym_error err = { 0 };
  start (spaces_mixed ());
  bins_save (&s.bins, &out);
  CU_ASSERT_EQUAL (out.code, GYM_OK);
  CU_ASSERT_EQUAL (bins_init (&copy, &s.host, s.space, &err), GYM_OK);
  struct unpack in = { .at = saved, .left = n_saved };
  CU_ASSERT_EQUAL (bins_load (&copy, &in), GYM_OK);
  CU_ASSERT (!in.bad && in.left == 0);
  for (size_t i = 0; i < ROWS; i++) {
    bins_codes (&s.bins, s.rows + i * WIDTH, a);
    bins_codes (&copy, s.rows + i * WIDTH, b);
    CU_ASSERT_EQUAL (memcmp (a, b, s.bins.n_columns * sizeof *a), 0);
  }
  for (size_t n = 0; n < n_saved; n += 37) {
    in = (struct unpack){ .at = saved, .left = n };
    CU_ASSERT_EQUAL (bins_load (&copy, &in), GYM_EINVAL);
  }
  uint64_t many = BINS_MOST;
  memcpy (saved, &many, sizeof many);
  in = (struct unpack){ .at = saved, .left = n_saved };
  CU_ASSERT_EQUAL (bins_load (&copy, &in), GYM_EINVAL);
  bins_free (&copy);
  stop ();
}

/* Equal values are never parted, so few of them make few intervals. */
static void
test_few_values (void)
{
  gym_error err = { 0 };
  double rows[] = { 7, 7, 7, 900, 7, 900, 7, 3 };
  uint16_t code[8];
  gym_host_init (&s.host, &s.context, NULL);
  gym_space *space = spaces_line (1000, false);
  CU_ASSERT_EQUAL_FATAL (bins_init (&s.bins, &s.host, space, &err), GYM_OK);
  CU_ASSERT_EQUAL (bins_learn (&s.bins, 8, rows), GYM_OK);
  CU_ASSERT_EQUAL (s.bins.columns[0].n_cuts, 2);
  for (int i = 0; i < 8; i++)
    bins_codes (&s.bins, rows + i, code + i);
  CU_ASSERT (code[7] == 1 && code[0] == 2 && code[3] == 3 && code[6] == 2);
  CU_ASSERT_EQUAL (bins_learn (&s.bins, 1, rows), GYM_OK);
  CU_ASSERT_EQUAL (s.bins.columns[0].n_cuts, 0);
  bins_free (&s.bins);
  gym_space_destroy (&space);
}

static void
test_too_many (void)
{
  enum { N = 300 };
  static struct gym_param params[N];
  static char names[N][8];
  gym_error err = { 0 };
  struct gym_params list = {
    .struct_size = sizeof list, .n = N, .stride = sizeof params[0], .items = params
  };
  for (int i = 0; i < N; i++) {
    snprintf (names[i], sizeof names[i], "p%d", i);
    params[i] = (struct gym_param){ .name = names[i], .kind = GYM_REAL, .high = 1 };
  }
  gym_space *space = gym_space_new (&list, &err);
  gym_host_init (&s.host, &s.context, NULL);
  CU_ASSERT_EQUAL (bins_init (&s.bins, &s.host, space, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "the levels of all parameters are more than 65535: "
                                    "too many for trees");
  bins_free (&s.bins);
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "codes and cells", test_codes },
                                           { "intervals", test_intervals },
                                           { "numbers from elsewhere", test_beyond },
                                           { "there and back", test_file },
                                           { "few values", test_few_values },
                                           { "too many levels", test_too_many },
                                           { 0 } };
  return tap_run ("bins", tests);
}
