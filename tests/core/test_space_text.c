/* core/space_text.c: values and designs as text, and the tables for people. */
#include "tests/core/spaces.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const policies[] = { "Open", "OpenAdaptive", "Closed", "a,b\\c" };
static const char *const when_closed[] = { "Closed", "Open", NULL };
static const char *const when_8[] = { "8", "0x", NULL };

static gym_space *
sample_space (void)
{
  static const char *const depths[] = { "8", NULL };
  static const struct gym_param items[] = {
    { .name = "PagePolicy",
      .kind = GYM_CATEGORICAL,
      .levels = policies,
      .n_levels = 4,
      .doc = "When rows close." },
    { .name = "depth",
      .kind = GYM_INTEGER,
      .low = 1,
      .high = 12,
      .step = 7,
      .initial = 1,
      .parent = "PagePolicy",
      .when = when_closed,
      .unit = "KiB" },
    { .name = "window",
      .kind = GYM_REAL,
      .low = 10,
      .high = 1e6,
      .initial = 100,
      .unit = "ns",
      .flags = GYM_PARAM_LOG,
      .parent = "depth",
      .when = depths },
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_error err = { 0 };
  gym_space *space = gym_space_new (&table, &err);
  if (!space)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  return space;
}

static void
formats_as (const gym_space *space, uint32_t i, double value, const char *want)
{
  char text[40];
  CU_ASSERT_EQUAL (gym_space_format (space, i, value, text, sizeof text),
                   (int)strlen (want));
  CU_ASSERT_STRING_EQUAL (text, want);
}

static void
test_format (void)
{
  gym_space *space = sample_space ();
  formats_as (space, 0, 1, "OpenAdaptive");
  formats_as (space, 0, 9, "9");
  formats_as (space, 0, NAN, "");
  formats_as (space, 1, 8, "8");
  formats_as (space, 1, 1.5, "1.5");
  formats_as (space, 1, 1234567890123456.0, "1234567890123456");
  formats_as (space, 2, 0.1, "0.1");
  formats_as (space, 2, NAN, "");
  char text[5];
  CU_ASSERT_EQUAL (gym_space_format (space, 0, 1, text, sizeof text), 12);
  CU_ASSERT_STRING_EQUAL (text, "Open");
  CU_ASSERT_EQUAL (gym_space_format (space, 0, 1, NULL, 0), 12);
  gym_space_destroy (&space);
}

static void
test_parse (void)
{
  gym_space *space = sample_space ();
  double value = 0;
  CU_ASSERT_EQUAL (gym_space_parse (space, 0, "Closed", &value, NULL), 0);
  CU_ASSERT_EQUAL (value, 2);
  CU_ASSERT_EQUAL (gym_space_parse (space, 1, "8192B", &value, NULL), 0);
  CU_ASSERT_EQUAL (value, 8);
  CU_ASSERT_EQUAL (gym_space_parse (space, 2, "1.5us", &value, NULL), 0);
  CU_ASSERT_EQUAL (value, 1500);
  gym_space_destroy (&space);
}

static void
refuses (const gym_space *space, const char *text, int code, const char *why)
{
  double row[3];
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_design_parse (space, text, row, &err), code);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, why));
  if (!strstr (err.text, why))
    tap_note ("%s: \"%s\" is not in: %s", text, why, err.text);
  CU_ASSERT_EQUAL (gym_design_parse (space, text, row, NULL), code);
}

static void
test_bad_designs (void)
{
  gym_space *space = sample_space ();
  refuses (space, "PagePolcy=Open", GYM_ENOTFOUND, "did you mean \"PagePolicy\"");
  refuses (space, "PagePolicy=Opn", GYM_EINVAL,
           "\"PagePolicy\": unknown level \"Opn\"; did you mean \"Open\"? Valid: Open");
  refuses (space, "PagePolicy=1", GYM_EINVAL, "unknown level \"1\"");
  refuses (space, "PagePolicy=", GYM_EINVAL, "unknown level \"\"");
  refuses (space, "depth=2", GYM_EINVAL, "\"depth\": 2 is not in 1 .. 12 step 7 KiB");
  refuses (space, "depth=15", GYM_EINVAL, "is not in 1 .. 12");
  refuses (space, "depth=8ns", GYM_EINVAL, "is a time where a size (in KiB)");
  refuses (space, "depth=8,window=5", GYM_EINVAL, "5 is not in 10 .. 1000000 ns");
  refuses (space, "depth=8,window=nan", GYM_EINVAL, "\"nan\" is not a number");
  refuses (space, "depth=8,window=inf", GYM_EINVAL, "\"inf\" is not a number");
  refuses (space, "depth=8,window=", GYM_EINVAL, "\"\" is not a number");
  refuses (space, "PagePolicy=OpenAdaptive,depth=8", GYM_EINVAL,
           "\"depth\" is inactive with PagePolicy=OpenAdaptive; leave it out or set "
           "PagePolicy to one of: Closed, Open");
  refuses (space, "PagePolicy=OpenAdaptive,window=20", GYM_EINVAL,
           "\"window\" is inactive, as its parent \"depth\" is");
  refuses (space, "depth=1,window=20", GYM_EINVAL, "inactive with depth=1");
  refuses (space, "depth=8,depth=8", GYM_EINVAL, "\"depth\" is given twice");
  refuses (space, "depth", GYM_EINVAL, "a design is name=value");
  refuses (space, "depth,PagePolicy=Open", GYM_EINVAL, "a design is name=value");
  refuses (space, ",", GYM_EINVAL, "a design is name=value");
  refuses (space, "depth=8,", GYM_EINVAL, "ends in a comma");
  gym_space_destroy (&space);
}

static void
test_long_designs (void)
{
  gym_space *space = sample_space ();
  char text[3000];
  memset (text, 'x', sizeof text);
  memcpy (text, "PagePolicy=", 11);
  text[sizeof text - 1] = '\0';
  refuses (space, text, GYM_EINVAL, "value is too long");
  refuses (space, text + 100, GYM_EINVAL, "a design is name=value");
  gym_space_destroy (&space);
}

static void
test_designs (void)
{
  gym_space *space = sample_space ();
  double row[3];
  char text[100];
  CU_ASSERT_EQUAL (gym_design_parse (space, "", row, NULL), 2);
  CU_ASSERT (row[0] == 0 && row[1] == 1 && isnan (row[2]));
  /* Order does not matter, and a space after a comma does not either. */
  CU_ASSERT_EQUAL (
      gym_design_parse (space, "window=1ms, depth=8, PagePolicy=Closed", row, NULL), 0);
  CU_ASSERT (row[0] == 2 && row[1] == 8 && row[2] == 1e6);
  CU_ASSERT_EQUAL (gym_design_format (space, row, text, sizeof text), 40);
  CU_ASSERT_STRING_EQUAL (text, "PagePolicy=Closed,depth=8,window=1000000");
  CU_ASSERT_EQUAL (gym_design_format (space, row, text, 12), 40);
  CU_ASSERT_STRING_EQUAL (text, "PagePolicy=");
  CU_ASSERT_EQUAL (gym_design_parse (space, "depth=8", row, NULL), 2);
  CU_ASSERT_EQUAL (row[2], 100);
  CU_ASSERT_EQUAL (gym_design_parse (space, "PagePolicy=a\\,b\\\\c", row, NULL), 0);
  CU_ASSERT_EQUAL (row[0], 3);
  gym_design_format (space, row, text, sizeof text);
  CU_ASSERT_STRING_EQUAL (text, "PagePolicy=a\\,b\\\\c");
  gym_space_destroy (&space);
}

static void
test_round_trip (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 21);
  for (int k = 0; k < 200; k++) {
    uint32_t n = 1 + (uint32_t)gym_rng_below (&rng, k % 10 ? 12 : max_params);
    gym_space *space = make_space (&rng, n, false);
    double row[max_params], back[max_params];
    static char text[20000];
    for (int j = 0; j < 20; j++) {
      gym_error err = { 0 };
      gym_space_sample (space, &rng, row);
      int need = gym_design_format (space, row, text, sizeof text);
      CU_ASSERT_FATAL (need == (int)strlen (text) && need < (int)sizeof text);
      CU_ASSERT_EQUAL (gym_design_parse (space, text, back, &err), 0);
      CU_ASSERT (same_row (row, back, n));
      if (err.code)
        tap_note ("%s: %s", text, err.text);
    }
    gym_space_destroy (&space);
  }
}

static void
test_describe (void)
{
  gym_space *space = sample_space ();
  char *text = gym_space_describe (space, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  CU_ASSERT_STRING_EQUAL (
      text,
      "PagePolicy  categorical  Open, OpenAdaptive, Closed, a,b\\c  default Open  When "
      "rows close.\n"
      "depth       integer      1 .. 12 step 7 KiB                 default 1     Only "
      "with PagePolicy = Closed, Open.\n"
      "window      real, log    10 .. 1000000 ns                   default 100   Only "
      "with depth = 8.\n");
  gym_free (text);
  gym_space_destroy (&space);
}

/* A value of `when` is read as any value of the parent is. */
static void
test_when_is_parsed (void)
{
  struct gym_param items[] = {
    { .name = "n", .kind = GYM_INTEGER, .high = 10 },
    { .name = "x", .kind = GYM_REAL, .high = 1, .parent = "n", .when = when_8 },
  };
  struct gym_params table = GYM_ARRAY (gym_params, items);
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (gym_space_new (&table, &err));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "parameter \"x\": its when \"0x\""));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "format", test_format },
    { "parse", test_parse },
    { "bad designs", test_bad_designs },
    { "long designs", test_long_designs },
    { "designs", test_designs },
    { "round trip", test_round_trip },
    { "describe", test_describe },
    { "when is parsed", test_when_is_parsed },
    { 0 },
  };
  return tap_run ("space_text", tests);
}
