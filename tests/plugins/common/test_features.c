/* Designs as numbers: levels without order apart, places on their scale, inactive
 * parameters 0. */
#include "tests/tap.h"

#include "core/host.h"
#include "plugins/common/features.h"
#include "tests/plugins/spaces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 12, MOST = 200 };

static struct gym_host host;
static struct gym_host_context context;

/* What column c has to say of a value, one number after the other. */
static void
check_column (const struct features *f, const struct features_column *c,
              const double *row, const double *out)
{
  double unit[WIDTH], value = row[c->parameter], ones = 0;
  gym_space_encode (f->space, row, unit);
  for (uint32_t k = 0; k < c->levels; k++)
    ones += out[c->first + k];
  if (isnan (value)) {
    CU_ASSERT (ones == 0 && out[c->active] == 0);
    CU_ASSERT (!c->ordered || (out[c->place] == 0 && out[c->place + 1] == 0));
    return;
  }
  if (c->levels > 0) {
    CU_ASSERT_EQUAL (ones, 1);
    CU_ASSERT_EQUAL (out[c->first + gym_space_index (f->space, c->parameter, value)], 1);
  }
  if (c->ordered) {
    double x = 2 * unit[c->parameter] - 1;
    CU_ASSERT_EQUAL (out[c->place], x);
    CU_ASSERT_DOUBLE_EQUAL (out[c->place + 1], x * x - 1.0 / 3, 1e-15);
  }
  CU_ASSERT (!c->conditional || out[c->active] == 1);
}

static void
test_mixed (void)
{
  struct features f;
  gym_error err = { 0 };
  gym_space *space = spaces_mixed ();
  gym_rng rng;
  double row[WIDTH], out[MOST];
  gym_rng_init (&rng, 1);
  gym_host_init (&host, &context, NULL);
  CU_ASSERT_EQUAL_FATAL (features_init (&f, &host, space, 8, &err), GYM_OK);
  CU_ASSERT_EQUAL (f.n_columns, 11);
  /* Levels 4 + 3 + 6 (size) + 8 (width) + 4 (pairs); 9 ordered twice; 3 conditional. */
  CU_ASSERT_EQUAL (f.n, 25 + 18 + 3);
  for (int i = 0; i < 1000; i++) {
    gym_space_sample (space, &rng, row);
    features_of (&f, row, out);
    for (uint32_t c = 0; c < f.n_columns; c++)
      check_column (&f, &f.columns[c], row, out);
  }
  features_free (&f);
  features_free (&f);
  gym_space_destroy (&space);
}

/* No two designs of a finite space look the same. */
static void
test_apart (void)
{
  struct features f;
  gym_error err = { 0 };
  gym_space *space = spaces_small ();
  gym_rng rng;
  static double rows[40][WIDTH], out[40][MOST];
  gym_rng_init (&rng, 2);
  gym_host_init (&host, &context, NULL);
  CU_ASSERT_EQUAL_FATAL (features_init (&f, &host, space, 0, &err), GYM_OK);
  for (int i = 0; i < 40; i++) {
    gym_space_sample (space, &rng, rows[i]);
    features_of (&f, rows[i], out[i]);
    for (int j = 0; j < i; j++)
      CU_ASSERT_EQUAL (memcmp (out[i], out[j], f.n * sizeof (double)) == 0,
                       gym_space_hash (space, rows[i])
                           == gym_space_hash (space, rows[j]));
  }
  features_free (&f);
  gym_space_destroy (&space);
}

static void
test_too_many (void)
{
  enum { N = 300, LEVELS = 250 };
  static struct gym_param params[N];
  static char names[N][8], levels[LEVELS][8];
  static const char *list[LEVELS];
  struct features f;
  gym_error err = { 0 };
  struct gym_params all = {
    .struct_size = sizeof all, .n = N, .stride = sizeof params[0], .items = params
  };
  for (int i = 0; i < LEVELS; i++) {
    snprintf (levels[i], sizeof levels[i], "l%d", i);
    list[i] = levels[i];
  }
  for (int i = 0; i < N; i++) {
    snprintf (names[i], sizeof names[i], "p%d", i);
    params[i] = (struct gym_param){
      .name = names[i], .kind = GYM_CATEGORICAL, .levels = list, .n_levels = LEVELS
    };
  }
  gym_space *space = gym_space_new (&all, &err);
  gym_host_init (&host, &context, NULL);
  CU_ASSERT_EQUAL (features_init (&f, &host, space, 0, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "the levels of all parameters are more than 65535: too many");
  features_free (&f);
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "every kind", test_mixed },
                                           { "designs apart", test_apart },
                                           { "too many", test_too_many },
                                           { 0 } };
  return tap_run ("features", tests);
}
