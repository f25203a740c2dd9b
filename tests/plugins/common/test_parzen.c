/* Densities of sets of designs: they sum to 1, draws follow them, and they know what has
 * an order and what is conditional. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/parzen.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>

struct bench {
  struct gym_host host;
  struct gym_host_context context;
  gym_space *space;
  struct parzen_axes axes;
  struct parzen parzen;
};

static void
start (struct bench *b, gym_space *space)
{
  gym_host_init (&b->host, &b->context, NULL);
  b->space = space;
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL_FATAL (parzen_axes_init (&b->axes, &b->host, space), 0);
  CU_ASSERT_EQUAL_FATAL (parzen_init (&b->parzen, &b->axes), 0);
  b->parzen.mutation = 0.2;
  b->parzen.width = 1;
  b->parzen.step = 0.5;
  b->parzen.clip = 4;
}

static void
stop (struct bench *b)
{
  parzen_free (&b->parzen);
  parzen_axes_free (&b->axes);
  gym_space_destroy (&b->space);
}

static const char *const letters[] = { "a", "b", "c", "d", "e", "f", "g" };

/* A categorical, an ordinal and an integer: 4 x 7 x 12 designs. */
enum { LEVELS = 4, SIZES = 7, NUMBERS = 12, ALL = LEVELS * SIZES * NUMBERS };

static gym_space *
box (void)
{
  static const struct gym_param params[] = {
    { .name = "level", .kind = GYM_CATEGORICAL, .levels = letters, .n_levels = LEVELS },
    { .name = "size", .kind = GYM_ORDINAL, .levels = letters, .n_levels = SIZES },
    { .name = "number", .kind = GYM_INTEGER, .low = 1, .high = NUMBERS, .initial = 1 },
  };
  struct gym_params list = {
    .struct_size = sizeof list, .n = 3, .stride = sizeof *params, .items = params
  };
  return gym_space_new (&list, NULL);
}

static void
place_of (int index, uint16_t *place)
{
  place[0] = (uint16_t)(index / (SIZES * NUMBERS));
  place[1] = (uint16_t)(index / NUMBERS % SIZES);
  place[2] = (uint16_t)(index % NUMBERS);
}

static void
fit_three (struct bench *b)
{
  static const uint16_t places[][3] = { { 0, 3, 11 }, { 2, 4, 9 }, { 2, 0, 0 } };
  static const double weights[] = { 3, 2, 1 };
  const uint16_t *list[] = { places[0], places[1], places[2] };
  CU_ASSERT_EQUAL_FATAL (parzen_fit (&b->parzen, 3, list, weights, 0.5), 0);
}

/* Probability of a design, from the density relative to uniform. */
static double
probability (const struct bench *b, int index)
{
  uint16_t place[3];
  place_of (index, place);
  return exp (parzen_log (&b->parzen, place)) / sqrt (ALL);
}

static void
test_sum (void)
{
  struct bench b;
  double sum = 0;
  start (&b, box ());
  fit_three (&b);
  for (int i = 0; i < ALL; i++)
    sum += probability (&b, i);
  CU_ASSERT_DOUBLE_EQUAL (sum, 1, 1e-3); /* bells end at four widths */
  stop (&b);
}

/* Counts of draws against what the density expects: chi squared over the designs that are
 * expected often enough. */
static void
test_draws (void)
{
  enum { DRAWS = 200000 };
  static int counts[ALL];
  struct bench b;
  gym_rng rng;
  double chi = 0, cells = 0;
  start (&b, box ());
  fit_three (&b);
  gym_rng_init (&rng, 1);
  for (int i = 0; i < DRAWS; i++) {
    size_t k = parzen_choose (&b.parzen, &rng);
    int at[3];
    for (uint32_t d = 0; d < 3; d++)
      at[d] = parzen_draw (&b.parzen, &rng, k, d);
    counts[(at[0] * SIZES + at[1]) * NUMBERS + at[2]]++;
  }
  for (int i = 0; i < ALL; i++) {
    double expected = probability (&b, i) * DRAWS;
    if (expected < 20)
      continue;
    chi += (counts[i] - expected) * (counts[i] - expected) / expected;
    cells++;
  }
  tap_note ("chi squared %.0f for %.0f designs", chi, cells);
  CU_ASSERT (cells > 200);
  CU_ASSERT (chi < 1.3 * cells);
  stop (&b);
}

/* Levels of a categorical parameter are all equally far; ordinal ones are not. */
static void
test_order (void)
{
  static const uint16_t places[][3] = { { 1, 3, 5 } };
  static const double weight = 1;
  const uint16_t *list[] = { places[0] };
  struct bench b;
  start (&b, box ());
  CU_ASSERT_EQUAL_FATAL (parzen_fit (&b.parzen, 1, list, &weight, 0.1), 0);
  uint16_t next[3] = { 2, 3, 5 }, far[3] = { 3, 3, 5 };
  CU_ASSERT_DOUBLE_EQUAL (parzen_log (&b.parzen, next), parzen_log (&b.parzen, far),
                          1e-12);
  CU_ASSERT (parzen_log (&b.parzen, places[0]) > parzen_log (&b.parzen, next));
  next[0] = far[0] = 1;
  next[1] = 4;
  far[1] = 6;
  CU_ASSERT (parzen_log (&b.parzen, next) > parzen_log (&b.parzen, far) + 0.1);
  stop (&b);
}

/* Every design of the small conditional space is as likely as its share of the prior when
 * nothing is known, and more like the one kernel the more parameters agree. */
static void
test_conditional (void)
{
  struct bench b;
  start (&b, spaces_small ());
  double rows[3][5] = { { 1, 2, 0, 6, -1 },
                        { 1, 2, 1, NAN, -1 },
                        { 0, 2, NAN, NAN, -1 } };
  uint16_t places[3][5];
  const uint16_t *list[] = { places[0], places[1], places[2] };
  double weights[] = { 1, 1, 1 };
  for (int i = 0; i < 3; i++)
    parzen_place (&b.axes, rows[i], places[i]);
  CU_ASSERT_EQUAL (places[1][3], PARZEN_OFF);
  CU_ASSERT_EQUAL (places[2][2], PARZEN_OFF);
  CU_ASSERT_EQUAL (places[0][3], 1);
  CU_ASSERT_EQUAL_FATAL (parzen_fit (&b.parzen, 1, list + 2, weights, 0.01), 0);
  double own = parzen_log (&b.parzen, places[2]),
         other = parzen_log (&b.parzen, places[1]);
  CU_ASSERT (own > other + 1);
  CU_ASSERT_EQUAL_FATAL (parzen_fit (&b.parzen, 3, list, weights, 0.01), 0);
  for (int i = 0; i < 3; i++)
    CU_ASSERT (isfinite (parzen_log (&b.parzen, places[i])));
  stop (&b);
}

/* No kernels at all: the prior alone, uniform. */
static void
test_nothing (void)
{
  struct bench b;
  gym_rng rng;
  start (&b, box ());
  gym_rng_init (&rng, 1);
  CU_ASSERT_EQUAL_FATAL (parzen_fit (&b.parzen, 0, NULL, NULL, 1), 0);
  CU_ASSERT_EQUAL (parzen_choose (&b.parzen, &rng), 0);
  CU_ASSERT (parzen_draw (&b.parzen, &rng, 0, 2) < NUMBERS);
  for (int i = 0; i < ALL; i++)
    CU_ASSERT_DOUBLE_EQUAL (probability (&b, i), 1. / ALL, 1e-12);
  stop (&b);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "sum to one", test_sum },        { "draws follow", test_draws },
    { "order", test_order },           { "conditional", test_conditional },
    { "nothing known", test_nothing }, { 0 }
  };
  return tap_run ("parzen", tests);
}
