/* core/space.c: making spaces, the rules of a table, counting, checking, repairing. */
#include "tests/core/spaces.h"
#include "tests/tap.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const abc[] = { "a", "b", "c" };
static const char *const twice[] = { "a", "b", "a" };
static const char *const hole[] = { "a", NULL, "c" };
static const char *const empty[] = { "a", "" };
static const char *const rude[] = { "a", "b\n" };
static const char *const broken[] = { "a", "\xC3(" };
static const char *const when_b[] = { "b", NULL };
static const char *const when_bb[] = { "b", "b", NULL };
static const char *const when_z[] = { "z", NULL };
static const char *const when_none[] = { NULL };

#define LEVELS(list) .kind = GYM_CATEGORICAL, .levels = list, .n_levels = 3

/* Refuses a second parameter beside a sound first one, with all of these words. */
static void
refuse (struct gym_param wrong, const char *rule)
{
  struct gym_param items[] = { { .name = "first", LEVELS (abc) }, wrong };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_error err = { 0 };
  gym_space *space = gym_space_new (&table, &err);
  CU_ASSERT_PTR_NULL (space);
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, rule));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, wrong.name ? wrong.name : "number 2"));
  if (!strstr (err.text, rule))
    tap_note ("\"%s\" is not in: %s", rule, err.text);
  gym_space_destroy (&space);
}

#define REFUSE(rule, ...) refuse ((struct gym_param){ __VA_ARGS__ }, rule)

static void
test_rules_of_names (void)
{
  REFUSE ("is not a letter", LEVELS (abc));
  REFUSE ("is not a letter", .name = "", LEVELS (abc));
  REFUSE ("is not a letter", .name = "1x", LEVELS (abc));
  REFUSE ("is not a letter", .name = "x-y", LEVELS (abc));
  REFUSE ("already", .name = "first", LEVELS (abc));
  REFUSE ("its unit", .name = "x", .unit = "\xFF", LEVELS (abc));
  REFUSE ("its doc", .name = "x", .doc = "two\nlines", LEVELS (abc));
  REFUSE ("its group", .name = "x", .group = "\xED\xA0\x80", LEVELS (abc));
}

static void
test_rules_of_levels (void)
{
  REFUSE ("kind 0", .name = "x");
  REFUSE ("kind 5", .name = "x", .kind = 5);
  REFUSE ("flags 0x4", .name = "x", .flags = 4, LEVELS (abc));
  REFUSE ("no log", .name = "x", .flags = GYM_PARAM_LOG, LEVELS (abc));
  REFUSE ("no levels", .name = "x", .kind = GYM_ORDINAL, .levels = abc);
  REFUSE ("no levels", .name = "x", .kind = GYM_ORDINAL, .n_levels = 2);
  REFUSE ("level \"a\" is there twice", .name = "x", LEVELS (twice));
  REFUSE ("level number 2", .name = "x", LEVELS (hole));
  REFUSE ("level number 2", .name = "x", .kind = GYM_ORDINAL, .levels = empty,
          .n_levels = 2);
  REFUSE ("level is not UTF-8", .name = "x", .kind = GYM_ORDINAL, .levels = rude,
          .n_levels = 2);
  REFUSE ("level is not UTF-8", .name = "x", .kind = GYM_ORDINAL, .levels = broken,
          .n_levels = 2);
  REFUSE ("default 3", .name = "x", .initial = 3, LEVELS (abc));
  REFUSE ("default 0.5", .name = "x", .initial = 0.5, LEVELS (abc));
  REFUSE ("default -1", .name = "x", .initial = -1, LEVELS (abc));
}

static void
test_rules_of_bounds (void)
{
  REFUSE ("not finite", .name = "x", .kind = GYM_REAL, .high = INFINITY);
  REFUSE ("not finite", .name = "x", .kind = GYM_REAL, .low = NAN);
  REFUSE ("above", .name = "x", .kind = GYM_REAL, .low = 2, .high = 1);
  REFUSE ("log scale", .name = "x", .kind = GYM_REAL, .high = 1, .flags = GYM_PARAM_LOG);
  REFUSE ("no step", .name = "x", .kind = GYM_REAL, .high = 1, .step = 0.5);
  REFUSE ("have levels", .name = "x", .kind = GYM_REAL, .high = 1, .levels = abc);
  REFUSE ("have levels", .name = "x", .kind = GYM_INTEGER, .high = 1, .n_levels = 1);
  REFUSE ("whole numbers", .name = "x", .kind = GYM_INTEGER, .low = 0.5, .high = 2);
  REFUSE ("whole numbers", .name = "x", .kind = GYM_INTEGER, .high = 1.5);
  REFUSE ("whole numbers", .name = "x", .kind = GYM_INTEGER, .high = 0x1p54);
  REFUSE ("step", .name = "x", .kind = GYM_INTEGER, .high = 9, .step = 1.5);
  REFUSE ("step", .name = "x", .kind = GYM_INTEGER, .high = 9, .step = -1);
  REFUSE ("step", .name = "x", .kind = GYM_INTEGER, .high = 9, .step = NAN);
  REFUSE ("step", .name = "x", .kind = GYM_INTEGER, .high = 9, .step = 0x1p60);
  REFUSE ("default 10", .name = "x", .kind = GYM_INTEGER, .high = 10, .step = 3,
          .initial = 10);
  REFUSE ("default nan", .name = "x", .kind = GYM_REAL, .high = 10, .initial = NAN);
  REFUSE ("default 11", .name = "x", .kind = GYM_REAL, .high = 10, .initial = 11);
}

static void
test_rules_of_parents (void)
{
  REFUSE ("own parent", .name = "x", .parent = "x", .when = when_b, LEVELS (abc));
  REFUSE ("did you mean \"first\"", .name = "x", .parent = "frist", .when = when_b,
          LEVELS (abc));
  REFUSE ("before its children", .name = "x", .parent = "later", .when = when_b,
          LEVELS (abc));
  REFUSE ("no parent", .name = "x", .when = when_b, LEVELS (abc));
  REFUSE ("no when", .name = "x", .parent = "first", LEVELS (abc));
  REFUSE ("no when", .name = "x", .parent = "first", .when = when_none, LEVELS (abc));
  REFUSE ("\"z\"", .name = "x", .parent = "first", .when = when_z, LEVELS (abc));
  REFUSE ("twice", .name = "x", .parent = "first", .when = when_bb, LEVELS (abc));
}

static void
test_real_parent (void)
{
  struct gym_param items[] = {
    { .name = "up", .kind = GYM_REAL, .high = 1 },
    { .name = "x", .parent = "up", .when = when_b, LEVELS (abc) }
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_space_new (&table, &err));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "\"x\": its parent \"up\" is real"));
}

static void
test_lehmer (void)
{
  REFUSE ("Lehmer", .name = "x", .flags = GYM_PARAM_LEHMER, .group = "g", LEVELS (abc));
  REFUSE ("Lehmer", .name = "x", .flags = GYM_PARAM_LEHMER, .kind = GYM_INTEGER,
          .high = 3);
  struct gym_param items[] = {
    { .name = "d0", .kind = GYM_INTEGER, .high = 2, .flags = 2, .group = "order" },
    { .name = "other", .kind = GYM_INTEGER, .high = 9, .flags = 2, .group = "second" },
    { .name = "d1", .kind = GYM_INTEGER, .high = 1, .flags = 2, .group = "order" },
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_error err = { 0 };
  gym_space *space = gym_space_new (&table, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_cardinality (space), 60);
  gym_space_destroy (&space);
  items[2].high = 2;
  CU_ASSERT_PTR_NULL (gym_space_new (&table, &err));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "\"d1\": Lehmer digit after \"d0\""));
}

static void
test_wrong_tables (void)
{
  struct gym_param items[] = { { .name = "x", LEVELS (abc) } };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_space_new (NULL, &err));
  table.stride = 0;
  CU_ASSERT_PTR_NULL (gym_space_new (&table, &err));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "stride"));
  table = (struct gym_params)GYM_ARRAY (gym_params, items);
  table.struct_size = 4;
  CU_ASSERT_PTR_NULL (gym_space_new (&table, NULL));
  table = (struct gym_params){ .struct_size = sizeof table };
  gym_space *space = gym_space_new (&table, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_size (space), 0);
  CU_ASSERT_EQUAL (gym_space_cardinality (space), 1);
  gym_space_destroy (&space);
  CU_ASSERT_PTR_NULL (space);
  gym_space_destroy (&space);
}

/* A newer plugin's struct is longer, an older one's shorter: here without the fields from
 * `parent` on, in memory that ends there, which the sanitizer watches. */
static void
test_strides (void)
{
  struct newer {
    struct gym_param param;
    double later[3];
  } newer[2] = { { .param = { .name = "x", LEVELS (abc) }, .later = { 1, 2, 3 } },
                 { .param = { .name = "y", .kind = GYM_INTEGER, .high = 4 } } };
  struct gym_params table = { .struct_size = sizeof table,
                              .n = 2,
                              .stride = sizeof newer[0],
                              .items = &newer[0].param };
  gym_space *space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_cardinality (space), 15);
  gym_space_destroy (&space);
  size_t old = offsetof (struct gym_param, parent);
  char *older = malloc (2 * old);
  CU_ASSERT_PTR_NOT_NULL_FATAL (older);
  memcpy (older, &newer[0].param, old);
  memcpy (older + old, &newer[1].param, old);
  table.stride = (uint32_t)old;
  table.items = (const void *)older;
  space = gym_space_new (&table, NULL);
  free (older);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_cardinality (space), 15);
  CU_ASSERT_PTR_NULL (gym_space_param (space, 1)->parent);
  CU_ASSERT_PTR_NULL (gym_space_param (space, 1)->group);
  gym_space_destroy (&space);
}

/* The space must not lean on the table it was made from. */
static void
test_copies (void)
{
  char name[] = "size", level[] = "huge", unit[] = "kB";
  const char *const levels[] = { "tiny", level };
  struct gym_param items[] = { { .name = name,
                                 .unit = unit,
                                 .kind = GYM_ORDINAL,
                                 .levels = levels,
                                 .n_levels = 2,
                                 .initial = 1 } };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_space *space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  memset (name, 'z', 4);
  memset (level, 'z', 4);
  memset (unit, 'z', 2);
  items[0].n_levels = 0;
  const struct gym_param *p = gym_space_param (space, 0);
  CU_ASSERT_STRING_EQUAL (p->name, "size");
  CU_ASSERT_STRING_EQUAL (p->unit, "kB");
  CU_ASSERT_STRING_EQUAL (p->levels[1], "huge");
  CU_ASSERT_PTR_NULL (p->levels[2]);
  gym_space_destroy (&space);
}

static void
test_lookups (void)
{
  struct gym_param items[] = {
    { .name = "PagePolicy", LEVELS (abc) },
    { .name = "depth",
      .kind = GYM_INTEGER,
      .low = 1,
      .high = 10,
      .step = 4,
      .initial = 5,
      .parent = "PagePolicy",
      .when = when_b },
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_error err = { 0 };
  gym_space *space = gym_space_new (&table, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_find (space, "depth", &err), 1);
  CU_ASSERT_EQUAL (gym_space_find (space, "pagepolcy", &err), GYM_ENOTFOUND);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "did you mean \"PagePolicy\""));
  CU_ASSERT_EQUAL (gym_space_parent (space, 0), -1);
  CU_ASSERT_EQUAL (gym_space_parent (space, 1), 0);
  CU_ASSERT_EQUAL (gym_space_param (space, 1)->step, 4);
  double row[2];
  gym_space_default (space, row);
  CU_ASSERT_EQUAL (row[0], 0);
  CU_ASSERT (isnan (row[1]));
  CU_ASSERT (!gym_space_active (space, row, 1));
  row[0] = 1;
  CU_ASSERT (gym_space_active (space, row, 1));
  gym_space_destroy (&space);
}

/* Counts all designs under parameter i by listing them, and collects their hashes. */
static size_t
list_designs (const gym_space *space, double *row, uint32_t i, uint64_t *hashes, size_t n)
{
  if (i == gym_space_size (space)) {
    CU_ASSERT_EQUAL (gym_space_check (space, row, NULL), 0);
    hashes[n] = gym_space_hash (space, row);
    return n + 1;
  }
  if (!gym_space_active (space, row, i)) {
    row[i] = NAN;
    return list_designs (space, row, i + 1, hashes, n);
  }
  for (uint64_t k = 0; k < gym_space_count (space, i); k++) {
    row[i] = gym_space_value (space, i, k);
    n = list_designs (space, row, i + 1, hashes, n);
  }
  return n;
}

static int
by_hash (const void *a, const void *b)
{
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void
test_cardinality (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 7);
  unsigned listed = 0, conditional = 0;
  for (int k = 0; k < 400; k++) {
    gym_space *space = make_space (&rng, 1 + (uint32_t)gym_rng_below (&rng, 9), true);
    double row[max_params], size = gym_space_cardinality (space);
    if (size <= 30000) {
      uint64_t *hashes = malloc (30001 * sizeof *hashes);
      CU_ASSERT_PTR_NOT_NULL_FATAL (hashes);
      size_t n = list_designs (space, row, 0, hashes, 0);
      CU_ASSERT_EQUAL ((double)n, size);
      qsort (hashes, n, sizeof *hashes, by_hash);
      for (size_t h = 1; h < n; h++)
        CU_ASSERT_NOT_EQUAL (hashes[h - 1], hashes[h]);
      free (hashes);
      listed++;
      conditional += gym_space_parent (space, gym_space_size (space) - 1) >= 0;
    }
    gym_space_destroy (&space);
  }
  CU_ASSERT (listed > 100 && conditional > 30);
}

/* Sizes that cannot be listed: hand-computed. */
static void
test_large_cardinality (void)
{
  static const char *const low[] = { "0", "5", NULL };
  struct gym_param items[] = {
    { .name = "n", .kind = GYM_INTEGER, .high = 999999999999.0 },
    { .name = "x", LEVELS (abc), .parent = "n", .when = low },
    { .name = "y", LEVELS (abc), .parent = "x", .when = when_b },
    { .name = "z", LEVELS (abc), .parent = "n", .when = &low[1] },
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_space *space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  /* n = 0: a, c or b with 3 y; n = 5: the same times 3 z; all others: 1. */
  CU_ASSERT_EQUAL (gym_space_cardinality (space), 999999999998.0 + 5 + 15);
  gym_space_destroy (&space);
  struct gym_param many[100];
  char names[100][16];
  for (int i = 0; i < 100; i++) {
    snprintf (names[i], sizeof names[i], "p%d", i);
    many[i] = (struct gym_param){ .name = names[i], .kind = GYM_INTEGER, .high = 0x1p53 };
  }
  table = (struct gym_params)GYM_ARRAY (gym_params, many);
  space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT_EQUAL (gym_space_cardinality (space), DBL_MAX);
  gym_space_destroy (&space);
  many[99] = (struct gym_param){ .name = "r", .kind = GYM_REAL, .high = 1 };
  space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  CU_ASSERT (isinf (gym_space_cardinality (space)));
  CU_ASSERT_EQUAL (gym_space_count (space, 99), 0);
  gym_space_destroy (&space);
}

/* A row of anything a caller may hand in. */
static void
wild_row (gym_rng *rng, double *row, uint32_t n)
{
  static const double odd[] = { NAN,    INFINITY, -INFINITY, -0.0, 0.5,   1e300,
                                -1e300, 5e-324,   3,         -7,   0x1p53 };
  for (uint32_t i = 0; i < n; i++)
    if (gym_rng_below (rng, 2))
      row[i] = odd[gym_rng_below (rng, sizeof odd / sizeof odd[0])];
    else
      row[i] = (gym_rng_real (rng) - 0.2) * 12;
}

static void
test_repair (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 8);
  for (int k = 0; k < 300; k++) {
    uint32_t n = 1 + (uint32_t)gym_rng_below (&rng, k % 10 ? 20 : max_params);
    gym_space *space = make_space (&rng, n, false);
    double row[max_params], kept[max_params];
    for (int j = 0; j < 50; j++) {
      gym_error err = { 0 };
      wild_row (&rng, row, n);
      gym_space_repair (space, row);
      CU_ASSERT_EQUAL (gym_space_check (space, row, &err), 0);
      if (err.code)
        tap_note ("%s", err.text);
      memcpy (kept, row, n * sizeof *row);
      gym_space_repair (space, row);
      CU_ASSERT (same_row (row, kept, n));
      gym_space_sample (space, &rng, row);
      memcpy (kept, row, n * sizeof *row);
      gym_space_repair (space, row);
      CU_ASSERT (same_row (row, kept, n));
    }
    gym_space_default (space, row);
    CU_ASSERT_EQUAL (gym_space_check (space, row, NULL), 0);
    gym_space_destroy (&space);
  }
}

static gym_space *
sample_space (void)
{
  static const struct gym_param items[] = {
    { .name = "kind", LEVELS (abc), .initial = 1 },
    { .name = "depth",
      .kind = GYM_INTEGER,
      .low = 1,
      .high = 12,
      .step = 4,
      .initial = 5,
      .parent = "kind",
      .when = when_b,
      .unit = "KiB" },
    { .name = "ratio", .kind = GYM_REAL, .low = -1, .high = 1 },
    { .name = "whole", .kind = GYM_INTEGER, .low = -3, .high = 3 },
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_space *space = gym_space_new (&table, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  return space;
}

static void
repairs_to (const gym_space *space, const double *row, const double *want)
{
  double copy[4];
  memcpy (copy, row, sizeof copy);
  gym_space_repair (space, copy);
  CU_ASSERT (same_row (copy, want, 4));
}

#define ROW(...) ((const double[4]){ __VA_ARGS__ })

static void
test_repair_values (void)
{
  gym_space *space = sample_space ();
  repairs_to (space, ROW (1.4, 10.9, -0.0, -0.0), ROW (1, 9, 0, 0));
  repairs_to (space, ROW (99, -INFINITY, INFINITY, -INFINITY), ROW (2, NAN, 1, -3));
  repairs_to (space, ROW (NAN, NAN, NAN, NAN), ROW (1, 5, 0, 0));
  repairs_to (space, ROW (1, 6.9, 0, 1.6), ROW (1, 5, 0, 2));
  repairs_to (space, ROW (1, 7.1, 0, -1.6), ROW (1, 9, 0, -2));
  repairs_to (space, ROW (1, 99, 0, 1.4), ROW (1, 9, 0, 1));
  gym_space_destroy (&space);
}

static void
refuse_row (const gym_space *space, double a, double b, double c, const char *text)
{
  double row[] = { a, b, c, 0 };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_space_check (space, row, &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, text));
  if (!strstr (err.text, text))
    tap_note ("\"%s\" is not in: %s", text, err.text);
  CU_ASSERT_EQUAL (gym_space_check (space, row, NULL), GYM_EINVAL);
}

static void
test_check (void)
{
  gym_space *space = sample_space ();
  double good[] = { 1, 9, 0.25, 0 }, leaf[] = { 0, NAN, -1, 3 };
  gym_error err = { .code = 77, .text = "untouched" };
  CU_ASSERT_EQUAL (gym_space_check (space, good, &err), 0);
  CU_ASSERT_EQUAL (gym_space_check (space, leaf, &err), 0);
  CU_ASSERT (err.code == 77 && strcmp (err.text, "untouched") == 0);
  refuse_row (space, 3, NAN, 0,
              "\"kind\": 3 is not the index of a level, 0 to 2 (a, b, c)");
  refuse_row (space, 0.5, NAN, 0, "\"kind\": 0.5");
  refuse_row (space, -0.0, NAN, 0, "\"kind\": -0");
  refuse_row (space, NAN, NAN, 0, "\"kind\": nan");
  refuse_row (space, 1, NAN, 0, "\"depth\": nan is not in 1 .. 12 step 4 KiB");
  refuse_row (space, 1, 12, 0, "\"depth\": 12");
  refuse_row (space, 1, 5.5, 0, "\"depth\": 5.5");
  refuse_row (space, 1, 13, 0, "\"depth\": 13");
  refuse_row (space, 0, 5, 0, "\"depth\" is inactive with kind=a");
  refuse_row (space, 0, NAN, INFINITY, "\"ratio\": inf is not in -1 .. 1");
  refuse_row (space, 0, NAN, -0.0, "\"ratio\": -0");
  refuse_row (space, 0, NAN, NAN, "\"ratio\": nan");
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "rules of names", test_rules_of_names },
    { "rules of levels", test_rules_of_levels },
    { "rules of bounds", test_rules_of_bounds },
    { "rules of parents", test_rules_of_parents },
    { "real parent", test_real_parent },
    { "lehmer", test_lehmer },
    { "wrong tables", test_wrong_tables },
    { "strides", test_strides },
    { "copies", test_copies },
    { "lookups", test_lookups },
    { "cardinality by listing", test_cardinality },
    { "large cardinality", test_large_cardinality },
    { "repair is canonical and idempotent", test_repair },
    { "repair finds the nearest", test_repair_values },
    { "check", test_check },
    { 0 },
  };
  return tap_run ("space", tests);
}
