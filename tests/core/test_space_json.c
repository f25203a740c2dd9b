/* core/space_json.c: designs and spaces as JSON, there and back, strictly. */
#include "tests/core/spaces.h"
#include "tests/tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char space_text[] =
    "[{\"name\": \"kind\", \"kind\": \"categorical\", \"levels\": [\"a\", \"b\"], "
    "\"default\": \"b\"},\n"
    " {\"name\": \"n\", \"kind\": \"integer\", \"unit\": \"ns\", \"doc\": \"Size.\", "
    "\"low\": 0, \"high\": 3, \"step\": 1, \"lehmer\": true, \"default\": 2, "
    "\"parent\": \"kind\", \"when\": [\"a\", \"b\"], \"group\": \"g\"},\n"
    " {\"name\": \"x\", \"kind\": \"real\", \"low\": 0.1, \"high\": 1e+300, "
    "\"log\": true, \"default\": 0.30000000000000004, \"parent\": \"n\", "
    "\"when\": [\"1\", \"3\"]}]";

static gym_space *
read_space (const char *text)
{
  gym_error err = { 0 };
  gym_space *space = gym_space_from_json (text, &err);
  if (!space)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  return space;
}

static void
test_space_text (void)
{
  gym_space *space = read_space (space_text);
  char *text = gym_space_to_json (space, NULL);
  CU_ASSERT_STRING_EQUAL (text, space_text);
  gym_free (text);
  CU_ASSERT_EQUAL (gym_space_parent (space, 2), 1);
  const struct gym_param *p = gym_space_param (space, 1);
  CU_ASSERT (p->kind == GYM_INTEGER && p->flags == GYM_PARAM_LEHMER && p->step == 1
             && p->initial == 2);
  p = gym_space_param (space, 2);
  CU_ASSERT (p->flags == GYM_PARAM_LOG && p->low == 0.1 && p->high == 1e300
             && p->initial == 0.1 + 0.2);
  gym_space_destroy (&space);
  space = read_space ("[{\"name\": \"p\", \"kind\": \"real\", \"low\": 1, "
                      "\"high\": 2, \"default\": 1, \"log\": false}]");
  CU_ASSERT_EQUAL (gym_space_param (space, 0)->flags, 0);
  gym_space_destroy (&space);
  space = read_space ("[]");
  text = gym_space_to_json (space, NULL);
  CU_ASSERT_STRING_EQUAL (text, "[]");
  gym_free (text);
  gym_space_destroy (&space);
}

static void
test_space_round_trip (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 31);
  for (int k = 0; k < 300; k++) {
    uint32_t n = 1 + (uint32_t)gym_rng_below (&rng, k % 10 ? 12 : max_params);
    gym_space *space = make_space (&rng, n, false);
    char *text = gym_space_to_json (space, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL (text);
    gym_space *back = read_space (text);
    char *again = gym_space_to_json (back, NULL);
    CU_ASSERT_STRING_EQUAL (text, again);
    CU_ASSERT_EQUAL (gym_space_cardinality (space), gym_space_cardinality (back));
    gym_rng a = rng, b = rng;
    double x[max_params], y[max_params];
    for (int j = 0; j < 10; j++) {
      gym_space_sample (space, &a, x);
      gym_space_sample (back, &b, y);
      CU_ASSERT (same_row (x, y, n));
    }
    gym_free (text);
    gym_free (again);
    gym_space_destroy (&space);
    gym_space_destroy (&back);
  }
}

static void
refuses_space (const char *text, const char *why)
{
  gym_error err = { 0 };
  gym_space *space = gym_space_from_json (text, &err);
  CU_ASSERT_PTR_NULL (space);
  CU_ASSERT_EQUAL (err.code, GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, why));
  if (!strstr (err.text, why))
    tap_note ("%s: \"%s\" is not in: %s", text, why, err.text);
  CU_ASSERT_PTR_NULL (gym_space_from_json (text, NULL));
  gym_space_destroy (&space);
}

#define HEAD    "[{\"name\": \"p\", \"kind\": "
#define LEVELS  HEAD "\"ordinal\", \"levels\": [\"a\", \"b\"], \"default\": \"a\""
#define REAL    HEAD "\"real\", \"low\": 0, \"high\": 1, \"default\": 0"
#define INTEGER HEAD "\"integer\", \"low\": 0, \"high\": 1, \"default\": 0, \"step\": 1"

static void
test_bad_spaces (void)
{
  refuses_space ("", "JSON, line");
  refuses_space ("{}", "is an array of parameters");
  refuses_space ("[1]", "parameter number 1: it is not an object");
  refuses_space ("[{}]", "parameter number 1: its \"kind\" is missing");
  refuses_space ("[{\"name\": \"p\"}]", "parameter \"p\": its \"kind\" is missing");
  refuses_space (HEAD "3}]", "\"kind\" must be a string");
  refuses_space (HEAD "\"reel\"}]", "unknown kind \"reel\"; did you mean \"real\"");
  refuses_space (HEAD "\"real\"}]", "parameter \"p\": its \"low\" is missing");
  refuses_space (HEAD "\"real\", \"low\": 0, \"high\": 1}]",
                 "its \"default\" is missing");
  refuses_space ("[{\"kind\": \"real\", \"low\": 0, \"high\": 1, \"default\": 0}]",
                 "number 1: its \"name\" is missing");
  refuses_space (HEAD "\"ordinal\", \"default\": \"a\"}]", "its \"levels\" is missing");
  refuses_space (HEAD "\"integer\", \"low\": 0, \"high\": 1, \"default\": 0}]",
                 "its \"step\" is missing");
  refuses_space (REAL ", \"step\": 1}]", "unknown key \"step\"");
  refuses_space (REAL ", \"levels\": [\"a\"]}]", "unknown key \"levels\"");
  refuses_space (REAL ", \"lehmer\": true}]", "unknown key \"lehmer\"");
  refuses_space (LEVELS ", \"low\": 1}]", "unknown key \"low\"");
  refuses_space (LEVELS ", \"units\": \"s\"}]",
                 "unknown key \"units\"; did you mean \"unit\"");
  refuses_space (INTEGER ", \"log\": 1}]", "\"log\" must be true or false");
  refuses_space (INTEGER ", \"log\": true}]", "a log scale needs a lower bound above 0");
  refuses_space (LEVELS ", \"unit\": 1}]", "\"unit\" must be a string");
  refuses_space (LEVELS ", \"unit\": null}]", "\"unit\" must be a string");
}

static void
test_more_bad_spaces (void)
{
  refuses_space (HEAD "\"real\", \"low\": \"0\", \"high\": 1, \"default\": 0}]",
                 "\"low\" must be a number");
  refuses_space (HEAD "\"real\", \"low\": NaN, \"high\": 1, \"default\": 0}]",
                 "JSON, line 1");
  refuses_space (HEAD "\"real\", \"low\": 0, \"high\": 1e999, \"default\": 0}]",
                 "JSON, line 1");
  refuses_space (HEAD "\"real\", \"low\": 0, \"high\": 1, \"default\": \"0\"}]",
                 "\"default\" must be a number");
  refuses_space (HEAD "\"ordinal\", \"levels\": [], \"default\": \"a\"}]",
                 "\"levels\" must be an array of strings");
  refuses_space (HEAD "\"ordinal\", \"levels\": [\"a\", 2], \"default\": \"a\"}]",
                 "\"levels\" must be an array of strings");
  refuses_space (HEAD "\"ordinal\", \"levels\": [\"a\", \"b\"], \"default\": 0}]",
                 "\"default\" must be the name of a level");
  refuses_space (HEAD "\"ordinal\", \"levels\": [\"a\", \"b\"], \"default\": \"c\"}]",
                 "parameter \"p\": unknown level \"c\"");
  refuses_space (LEVELS ", \"name\": \"q\"}]", "duplicate object key near '\"name\"'");
  refuses_space (LEVELS ", \"when\": [\"a\"]}]", "it has a when but no parent");
  refuses_space (LEVELS ", \"parent\": \"q\", \"when\": [\"a\"]}]", "unknown parent");
  refuses_space (LEVELS ", \"unit\": \"a\\u0000b\"}]", "JSON, line 1");
  refuses_space (LEVELS "}] x", "JSON, line 1");
}

static void
test_designs (void)
{
  gym_space *space = read_space (space_text);
  double row[3] = { 0, 3, 0.1 + 0.2 }, back[3];
  char *text = gym_design_to_json (space, row, NULL);
  CU_ASSERT_STRING_EQUAL (text,
                          "{\"kind\": \"a\", \"n\": 3, \"x\": 0.30000000000000004}");
  CU_ASSERT_EQUAL (gym_design_from_json (space, text, back, NULL), 0);
  CU_ASSERT (same_row (row, back, 3));
  gym_free (text);
  row[1] = 0;
  row[2] = NAN;
  text = gym_design_to_json (space, row, NULL);
  CU_ASSERT_STRING_EQUAL (text, "{\"kind\": \"a\", \"n\": 0}");
  gym_free (text);
  gym_error err = { 0 };
  row[2] = 1;
  CU_ASSERT_PTR_NULL (gym_design_to_json (space, row, &err));
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "\"x\" is inactive with n=0"));
  CU_ASSERT_EQUAL (
      gym_design_from_json (space, "{\"n\": 0.0, \"kind\": \"a\"}", back, &err), 0);
  gym_space_destroy (&space);
}

static void
test_design_round_trip (void)
{
  gym_rng rng;
  gym_rng_init (&rng, 32);
  for (int k = 0; k < 200; k++) {
    uint32_t n = 1 + (uint32_t)gym_rng_below (&rng, k % 10 ? 12 : max_params);
    gym_space *space = make_space (&rng, n, false);
    double row[max_params], back[max_params];
    for (int j = 0; j < 20; j++) {
      gym_error err = { 0 };
      gym_space_sample (space, &rng, row);
      char *text = gym_design_to_json (space, row, &err);
      CU_ASSERT_PTR_NOT_NULL_FATAL (text);
      CU_ASSERT_EQUAL (gym_design_from_json (space, text, back, &err), 0);
      CU_ASSERT (same_row (row, back, n));
      if (err.code)
        tap_note ("%s: %s", text, err.text);
      gym_free (text);
    }
    gym_space_destroy (&space);
  }
}

static void
refuses (const gym_space *space, const char *json, int code, const char *why)
{
  double row[3];
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_design_from_json (space, json, row, &err), code);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, why));
  if (!strstr (err.text, why))
    tap_note ("%s: \"%s\" is not in: %s", json, why, err.text);
  CU_ASSERT_EQUAL (gym_design_from_json (space, json, row, NULL), code);
}

static void
test_bad_designs (void)
{
  gym_space *space = read_space (space_text);
  refuses (space, "[]", GYM_EINVAL, "is an object");
  refuses (space, "{\"kind\": \"a\"}", GYM_EINVAL, "parameter \"n\" is missing");
  refuses (space, "{}", GYM_EINVAL, "parameter \"kind\" is missing");
  refuses (space, "{\"kind\": \"a\", \"n\": 0, \"m\": 1}", GYM_ENOTFOUND,
           "unknown parameter \"m\"");
  refuses (space, "{\"kind\": 0, \"n\": 0}", GYM_EINVAL, "\"kind\": its level must be");
  refuses (space, "{\"kind\": \"c\", \"n\": 0}", GYM_EINVAL, "unknown level \"c\"");
  refuses (space, "{\"kind\": \"a\", \"n\": \"0\"}", GYM_EINVAL, "must be a number");
  refuses (space, "{\"kind\": \"a\", \"n\": null}", GYM_EINVAL, "must be a number");
  refuses (space, "{\"kind\": \"a\", \"n\": NaN}", GYM_EINVAL, "JSON, line 1");
  refuses (space, "{\"kind\": \"a\", \"n\": 4}", GYM_EINVAL, "\"n\": 4 is not in 0 .. 3");
  refuses (space, "{\"kind\": \"a\", \"n\": 0.5}", GYM_EINVAL, "\"n\": 0.5 is not in");
  refuses (space, "{\"kind\": \"a\", \"n\": 0, \"x\": 1}", GYM_EINVAL,
           "\"x\" is inactive with n=0");
  refuses (space, "{\"kind\": \"a\", \"n\": 0, \"n\": 0}", GYM_EINVAL,
           "duplicate object key near '\"n\"'");
  refuses (space, "{\"kind\": \"a\", \"n\": 1e999}", GYM_EINVAL, "JSON, line 1");
  refuses (space, "{\"kind\": \"a\", \"n\": 1, \"x\": 0.05}", GYM_EINVAL,
           "\"x\": 0.05 is not in 0.1 .. 1e+300");
  gym_space_destroy (&space);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "text of a space", test_space_text },
    { "spaces round trip", test_space_round_trip },
    { "bad spaces", test_bad_spaces },
    { "more bad spaces", test_more_bad_spaces },
    { "designs", test_designs },
    { "designs round trip", test_design_round_trip },
    { "bad designs", test_bad_designs },
    { 0 },
  };
  return tap_run ("space_json", tests);
}
