/* core/prior.c: weights of values, checked, kept as JSON, shown. */
#include <gym/prior.h>

#include "tests/core/help.h"
#include "tests/core/spaces.h"

#include <math.h>

static const char *const colours[] = { "red", "green", "blue" };
static const char *const sizes[] = { "1", "2" };
static const char *const when[] = { "red", NULL };

static const struct gym_param params[] = {
  { .name = "colour", .kind = GYM_CATEGORICAL, GYM_LEVELS (colours) },
  { .name = "size",
    .kind = GYM_ORDINAL,
    GYM_LEVELS (sizes),
    .parent = "colour",
    .when = when },
  { .name = "width", .kind = GYM_INTEGER, .low = 4, .high = 10, .step = 3, .initial = 4 },
  { .name = "clock", .kind = GYM_REAL, .low = 1, .high = 2, .initial = 1 },
};

static gym_space *
paint (void)
{
  gym_error err = { 0 };
  gym_space *space =
      gym_space_new (&(struct gym_params)GYM_ARRAY (gym_params, params), &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  return space;
}

static const double colour[] = { 0.5, 0.3, 0.2 }, width[] = { 0.1, 0.8, 0.1 };

static void
test_weights (void)
{
  gym_space *space = paint ();
  const double *rows[] = { colour, NULL, width, NULL };
  gym_error err = { 0 };
  gym_prior *p = gym_prior_new (space, rows, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  CU_ASSERT_EQUAL (memcmp (gym_prior_weights (p)[0], colour, sizeof colour), 0);
  CU_ASSERT_PTR_NULL (gym_prior_weights (p)[1]);
  CU_ASSERT_PTR_NULL (gym_prior_weights (p)[3]);
  CU_ASSERT_STRING_EQUAL (
      gym_prior_json (p),
      "{\"colour\": {\"red\": 0.5, \"green\": 0.29999999999999999, \"blue\": "
      "0.20000000000000001}, \"width\": {\"4\": 0.10000000000000001, \"7\": "
      "0.80000000000000004, \"10\": 0.10000000000000001}}");
  size_t n;
  CU_ASSERT (!gym_prior_first (p, &n) && n == 0);
  CU_ASSERT_EQUAL (gym_space_match (space, gym_prior_space (p), &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_prior_tasks (p), 0);
  gym_space_destroy (&space); /* the prior outlives it */
  char *text = gym_prior_describe (p, &err);
  CU_ASSERT_STRING_EQUAL (text, "parameter  values and weights\n"
                                "colour     red 0.50, green 0.30, blue 0.20\n"
                                "size       nothing known\n"
                                "width      7 0.80, 4 0.10, 10 0.10\n"
                                "clock      nothing known\n");
  gym_free (text);
  gym_prior_destroy (&p);
  CU_ASSERT_PTR_NULL (p);
  gym_prior_destroy (&p);
}

static void
test_refused (void)
{
  static const double none[] = { 0.5, 0.5, 0 }, much[] = { 0.5, 0.5, 0.5 },
                      nan[] = { 0.5, NAN, 0.5 }, minus[] = { 1.5, -1, 0.5 },
                      any[] = { 1 };
  static const struct {
    const double *rows[4];
    const char *text;
  } cases[] = {
    { { none },
      "prior: parameter \"colour\": the weight of blue is 0: a number above 0 is "
      "needed, as no value may be out of reach" },
    { { much }, "prior: parameter \"colour\": the weights sum to 1.5, not to 1" },
    { { nan },
      "prior: parameter \"colour\": the weight of green is nan: a number above 0 "
      "is needed, as no value may be out of reach" },
    { { NULL, NULL, minus },
      "prior: parameter \"width\": the weight of 7 is -1: a number "
      "above 0 is needed, as no value may be out of reach" },
    { { NULL, NULL, NULL, any },
      "prior: parameter \"clock\" is a continuum: it cannot have weights" },
  };
  gym_space *space = paint ();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    gym_error err = { 0 };
    CU_ASSERT_PTR_NULL (gym_prior_new (space, cases[i].rows, &err));
    CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
    CU_ASSERT_STRING_EQUAL (err.text, cases[i].text);
  }
  gym_space_destroy (&space);
}

/* From weights to text and back: the same bits. */
static void
test_round_trip (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 11);
  for (int round = 0; round < 30; round++) {
    gym_space *space = make_space (&rng, 8, round % 2);
    double *rows[8] = { NULL };
    for (uint32_t i = 0; i < 8; i++) {
      uint64_t count = gym_space_count (space, i);
      double sum = 0;
      if (count == 0 || count > 200)
        continue;
      rows[i] = malloc (count * sizeof (double));
      for (uint64_t k = 0; k < count; k++)
        sum += rows[i][k] = 1e-6 + gym_rng_real (&rng);
      for (uint64_t k = 0; k < count; k++)
        rows[i][k] /= sum;
    }
    gym_error err = { 0 };
    gym_prior *a = gym_prior_new (space, (const double *const *)rows, &err);
    double first[3 * 8];
    size_t n = 0;
    for (size_t k = 0; k < 3; k++)
      gym_space_sample (space, &rng, first + 8 * k);
    CU_ASSERT (!a || gym_prior_begin (a, round % 4, first, &err) == GYM_OK);
    gym_prior *b = a ? gym_prior_from_json (space, gym_prior_json (a), &err) : NULL;
    CU_ASSERT_PTR_NOT_NULL (b);
    if (!b)
      tap_note ("%s", err.text);
    for (uint32_t i = 0; b && i < 8; i++) {
      const double *x = gym_prior_weights (a)[i], *y = gym_prior_weights (b)[i];
      CU_ASSERT_EQUAL (!x, !y);
      if (x && y)
        CU_ASSERT_EQUAL (memcmp (x, y, gym_space_count (space, i) * sizeof *x), 0);
    }
    const double *read = b ? gym_prior_first (b, &n) : NULL;
    CU_ASSERT_EQUAL (n, (size_t)round % 4);
    for (size_t k = 0; k < n; k++)
      CU_ASSERT_EQUAL (gym_space_hash (space, read + 8 * k),
                       gym_space_hash (space, first + 8 * k));
    CU_ASSERT (b && strcmp (gym_prior_json (a), gym_prior_json (b)) == 0);
    gym_prior_destroy (&a);
    gym_prior_destroy (&b);
    gym_space_destroy (&space);
    for (uint32_t i = 0; i < 8; i++)
      free (rows[i]);
  }
}

static void
test_wrong_json (void)
{
  static const char *const cases[][2] = {
    { "", "prior: a JSON object is needed: '[' or '{' expected near end of file" },
    { "[]", "prior: a JSON object is needed" },
    { "{\"colour\": 1}",
      "prior: parameter \"colour\": an object of values and weights is needed" },
    { "{\"colour\": {\"red\": 0.5, \"green\": 0.5}}",
      "prior: parameter \"colour\": the weight of blue is missing or no number" },
    { "{\"colour\": {\"red\": 0.5, \"green\": \"0.3\", \"blue\": 0.2}}",
      "prior: parameter \"colour\": the weight of green is missing or no number" },
    { "{\"colour\": {\"red\": 0.5, \"green\": 0.3, \"blue\": 0.2, \"grey\": 0}}",
      "prior: parameter \"colour\" has 3 values, not 4" },
    { "{\"colour\": {\"red\": 1, \"green\": 1, \"blue\": 1}}",
      "prior: parameter \"colour\": the weights sum to 3, not to 1" },
    { "{\"color\": {}}",
      "unknown parameter \"color\"; did you mean \"colour\"? Valid: colour, size, width, "
      "clock" },
    { "{\"clock\": {\"1\": 1}}",
      "prior: parameter \"clock\" is a continuum: it cannot have weights" },
    { "{\"@first\": 3}", "prior: @first: a list of designs is needed" },
    { "{\"@first\": [{\"colour\": \"green\", \"width\": 4, \"clock\": 1}, {}]}",
      "prior: @first: design 2: parameter \"colour\" is missing" },
    { "{\"@first\": [7]}",
      "prior: @first: design 1: JSON, line 1 column 1: '[' or '{' expected near '7'" },
    { "{\"colour\": {}, \"colour\": {}}",
      "prior: a JSON object is needed: duplicate object key near '\"colour\"'" },
  };
  gym_space *space = paint ();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    gym_error err = { 0 };
    CU_ASSERT_PTR_NULL (gym_prior_from_json (space, cases[i][0], &err));
    CU_ASSERT (err.code < 0);
    if (strcmp (err.text, cases[i][1]) != 0)
      tap_note ("%s", err.text);
    CU_ASSERT_STRING_EQUAL (err.text, cases[i][1]);
  }
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "weights, JSON and table", test_weights },
                                           { "wrong weights", test_refused },
                                           { "round trip", test_round_trip },
                                           { "wrong JSON", test_wrong_json },
                                           { NULL, NULL } };
  return tap_run ("prior", tests);
}
