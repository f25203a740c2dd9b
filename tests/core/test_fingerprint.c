#include "core/fingerprint.h"
#include "tests/core/help.h"

#include <jansson.h>

static void
test_fields (void)
{
  gym_registry *r = help_registry ();
  const struct gym_entry *toy = gym_registry_find (r, GYM_ROLE_ENV, "toy", NULL);
  char *text = gym_fingerprint (toy, NULL), *again = gym_fingerprint (toy, NULL);
  CU_ASSERT_FATAL (text && again);
  CU_ASSERT_STRING_EQUAL (text, again);
  json_t *j = json_loads (text, JSON_REJECT_DUPLICATES, NULL);
  static const char *const keys[] = { "archgym", "cpu", "env", "libm", "plugin" };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    CU_ASSERT (json_is_string (json_object_get (j, keys[i])));
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (j, "env")), "toy-v1");
  json_decref (j);
  gym_free (text);
  gym_free (again);
  gym_registry_destroy (&r);
}

/* In a line that people can read, whatever the fields hold. */
static void
test_differences (void)
{
#define SENTENCE                                                                         \
  "the study was begun under another numeric fingerprint, so that bits may differ"
  static const char digits[] = "0123456789abcdef", *const same = "{\"cpu\": \"a\"}";
  char text[GYM_FINGERPRINT_NOTE] = "untouched", then[1024], now[400];
  CU_ASSERT_FALSE (gym_fingerprint_differs (same, same, text));
  CU_ASSERT_STRING_EQUAL (text, "untouched");
  snprintf (then, sizeof then,
            "{\"cpu\": \"a b\", \"libm\": \"c\", \"plugin\": \"%s%s%s%s\"}", digits,
            digits, digits, digits);
  snprintf (now, sizeof now,
            "{\"cpu\": \"a\", \"libm\": \"c\", \"plugin\": \"f%s%s%s%.15s\"}", digits,
            digits, digits, digits);
  CU_ASSERT_TRUE (gym_fingerprint_differs (then, now, text));
  CU_ASSERT_STRING_EQUAL (text, SENTENCE ": cpu was a b, is a; plugin was 0123456789ab, "
                                         "is f0123456789a");
  CU_ASSERT_TRUE (
      gym_fingerprint_differs ("{\"mixed\": true}", "{\"libm\": \"c\"}", text));
  CU_ASSERT_STRING_EQUAL (text,
                          SENTENCE ": mixed was true, is absent; libm was absent, is c");
  CU_ASSERT_TRUE (gym_fingerprint_differs ("here", "{}", text));
  CU_ASSERT_STRING_EQUAL (text, SENTENCE);
  /* More than there is room for is cut. */
  memset (then, 0, sizeof then);
  for (int i = 0; i < 30; i++)
    snprintf (then + strlen (then), sizeof then - strlen (then), "%s\"%c%c\": \"%s\"",
              i ? "," : "{", 'a' + i / 26, 'a' + i % 26, i < 10 ? digits : "");
  snprintf (then + strlen (then), sizeof then - strlen (then), "}");
  CU_ASSERT_TRUE (gym_fingerprint_differs (then, "{}", text));
  CU_ASSERT_EQUAL (strlen (text), sizeof text - 1);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "fields", test_fields },
                                           { "differences", test_differences },
                                           { 0 } };
  return tap_run ("fingerprint", tests);
}
