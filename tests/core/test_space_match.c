/* core/space_match.c: whose designs are the same. */
#include "tests/core/proxy_help.h"

#define A                                                                                \
  "{\"name\": \"a\", \"kind\": \"categorical\", \"levels\": [\"x\", \"y\"], "            \
  "\"default\": \"x\"}"
#define N(rest) ", {\"name\": \"n\", \"kind\": \"integer\", \"default\": 4, " rest "}"
#define BASE    "[" A N ("\"low\": 0, \"high\": 8, \"step\": 2") "]"

static void
test_equal (void)
{
  gym_error err = { 0 };
  gym_space *a = average_space (BASE);
  gym_space *b = average_space (
      "[{\"name\": \"a\", \"kind\": \"categorical\", \"levels\": [\"x\", \"y\"], "
      "\"default\": \"y\", \"doc\": \"Which.\", \"group\": \"g\"}" N (
          "\"low\": 0, \"high\": 8, \"step\": 2, \"doc\": \"How many.\"") "]");
  CU_ASSERT_EQUAL (gym_space_match (a, a, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_space_match (a, b, &err), GYM_OK);
  CU_ASSERT_EQUAL (err.code, 0);
  gym_space_destroy (&a);
  gym_space_destroy (&b);
}

static void
test_different (void)
{
  static const struct {
    const char *space, *text;
  } cases[] = {
    { "[" A "]", "parameter \"n\" is missing there" },
    { BASE, NULL },
    { "[" A N ("\"low\": 2, \"high\": 8, \"step\": 2") "]",
      "parameter \"n\": its lower bound is 2 there, 0 here" },
    { "[" A N ("\"low\": 0, \"high\": 10, \"step\": 2") "]",
      "parameter \"n\": its upper bound is 10 there, 8 here" },
    { "[" A N ("\"low\": 0, \"high\": 8, \"step\": 4") "]",
      "parameter \"n\": its step is 4 there, 2 here" },
    { "[" A N ("\"low\": 0, \"high\": 8, \"step\": 2, \"unit\": \"ns\"") "]",
      "parameter \"n\": its unit is ns there, none here" },
    { "[" A N ("\"low\": 0, \"high\": 8, \"step\": 2, \"parent\": \"a\", "
               "\"when\": [\"x\"]") "]",
      "parameter \"n\": its parent is a there, none here" },
    { "[" A
      ", {\"name\": \"m\", \"kind\": \"integer\", \"low\": 0, \"high\": 8, \"step\": 1, "
      "\"default\": 0}]",
      "parameter 1 is \"m\" there, \"n\" here" },
    { "[" A ", {\"name\": \"n\", \"kind\": \"real\", \"low\": 0, \"high\": 8, "
      "\"default\": 0}]",
      "parameter \"n\": its kind is real there, integer here" },
    { "[{\"name\": \"a\", \"kind\": \"categorical\", \"levels\": [\"x\", \"y\", \"z\"], "
      "\"default\": \"x\"}]",
      "parameter \"a\" has 3 levels there, 2 here" },
    { "[{\"name\": \"a\", \"kind\": \"categorical\", \"levels\": [\"y\", \"x\"], "
      "\"default\": \"x\"}]",
      "parameter \"a\": level 0 is \"y\" there, \"x\" here" },
    { "[]", "parameter \"a\" is missing there" }
  };
  gym_space *here = average_space (BASE);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    gym_error err = { 0 };
    gym_space *there = average_space (cases[i].space);
    int rc = gym_space_match (here, there, &err);
    CU_ASSERT_EQUAL (rc, cases[i].text ? GYM_EMISMATCH : GYM_OK);
    CU_ASSERT_STRING_EQUAL (err.text, cases[i].text ? cases[i].text : "");
    gym_space_destroy (&there);
  }
  gym_space_destroy (&here);
}

static void
test_rest (void)
{
  gym_error err = { 0 };
  gym_space *a = average_space (BASE), *none = average_space ("[]");
  CU_ASSERT_EQUAL (gym_space_match (none, a, &err), GYM_EMISMATCH);
  CU_ASSERT_STRING_EQUAL (err.text, "parameter \"a\" is missing here");
  gym_space_destroy (&a);
  gym_space_destroy (&none);
  a = average_space ("[{\"name\": \"r\", \"kind\": \"real\", \"low\": 0.1, \"high\": 8, "
                     "\"default\": 1, \"log\": true}]");
  none = average_space ("[{\"name\": \"r\", \"kind\": \"real\", \"low\": 0.1, "
                        "\"high\": 8, \"default\": 1}]");
  CU_ASSERT_EQUAL (gym_space_match (a, none, &err), GYM_EMISMATCH);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "parameter \"r\": its scale is linear there, log here");
  gym_space_destroy (&a);
  gym_space_destroy (&none);
  a = average_space ("[" A N ("\"low\": 0, \"high\": 8, \"step\": 2, \"parent\": \"a\", "
                              "\"when\": [\"x\"]") "]");
  none =
      average_space ("[" A N ("\"low\": 0, \"high\": 8, \"step\": 2, \"parent\": \"a\", "
                              "\"when\": [\"x\", \"y\"]") "]");
  CU_ASSERT_EQUAL (gym_space_match (a, none, &err), GYM_EMISMATCH);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "parameter \"n\" is active under other values of \"a\" there");
  gym_space_destroy (&a);
  gym_space_destroy (&none);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the same designs", test_equal },
                                           { "others", test_different },
                                           { "scales and conditions", test_rest },
                                           { 0 } };
  return tap_run ("space_match", tests);
}
