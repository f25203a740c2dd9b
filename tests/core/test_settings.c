/* core/settings.c: key=value texts in order. */
#include "tests/tap.h"

#include <gym/options.h>
#include <stdio.h>
#include <string.h>

static void
test_order (void)
{
  gym_error err = { 0 };
  gym_settings *s = gym_settings_new (&err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s);
  for (int i = 0; i < 50; i++) {
    char key[16], value[16];
    snprintf (key, sizeof key, "k%d", i);
    snprintf (value, sizeof value, "v%d", i);
    CU_ASSERT_EQUAL (gym_settings_set (s, key, value, &err), 0);
  }
  CU_ASSERT_EQUAL (gym_settings_set (s, "k7", "new", &err), 0);
  CU_ASSERT_EQUAL (gym_settings_count (s), 50);
  CU_ASSERT_STRING_EQUAL (gym_settings_key (s, 7), "k7");
  CU_ASSERT_STRING_EQUAL (gym_settings_value (s, 7), "new");
  CU_ASSERT_STRING_EQUAL (gym_settings_get (s, "k49"), "v49");
  CU_ASSERT_PTR_NULL (gym_settings_get (s, "k50"));
  CU_ASSERT_PTR_NULL (gym_settings_key (s, 50));
  CU_ASSERT_PTR_NULL (gym_settings_value (s, 50));
  gym_settings_destroy (&s);
  CU_ASSERT_PTR_NULL (s);
  gym_settings_destroy (&s);
}

static void
test_copy (void)
{
  gym_settings *s = gym_settings_new (NULL);
  gym_settings_set (s, "a", "1", NULL);
  gym_settings_set (s, "b", "2", NULL);
  gym_settings *copy = gym_settings_copy (s, NULL);
  gym_settings_set (s, "a", "changed", NULL);
  gym_settings_destroy (&s);
  CU_ASSERT_EQUAL (gym_settings_count (copy), 2);
  CU_ASSERT_STRING_EQUAL (gym_settings_get (copy, "a"), "1");
  CU_ASSERT_STRING_EQUAL (gym_settings_key (copy, 1), "b");
  gym_settings_destroy (&copy);
  copy = gym_settings_copy (NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL (copy);
  CU_ASSERT_EQUAL (gym_settings_count (copy), 0);
  gym_settings_destroy (&copy);
}

static void
test_parse (void)
{
  gym_error err = { 0 };
  gym_settings *s = gym_settings_new (&err);
  CU_ASSERT_EQUAL (gym_settings_parse (s, "trace=a=b.trc", &err), 0);
  CU_ASSERT_STRING_EQUAL (gym_settings_get (s, "trace"), "a=b.trc");
  CU_ASSERT_EQUAL (gym_settings_parse (s, "empty=", &err), 0);
  CU_ASSERT_STRING_EQUAL (gym_settings_get (s, "empty"), "");
  CU_ASSERT_EQUAL (gym_settings_parse (s, "bare", &err), GYM_EINVAL);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, "\"bare\" is not of the form key=value"));
  CU_ASSERT_EQUAL (gym_settings_parse (s, "=5", &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_settings_parse (s, "", &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_settings_set (s, "", "5", &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_settings_count (s), 2);
  gym_settings_destroy (&s);
}

static void
test_nothing (void)
{
  CU_ASSERT_EQUAL (gym_settings_count (NULL), 0);
  CU_ASSERT_PTR_NULL (gym_settings_key (NULL, 0));
  CU_ASSERT_PTR_NULL (gym_settings_get (NULL, "a"));
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "order and replacement", test_order },
    { "copy", test_copy },
    { "parse", test_parse },
    { "no settings", test_nothing },
    { 0 },
  };
  return tap_run ("settings", tests);
}
