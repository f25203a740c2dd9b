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

int
main (void)
{
  static const struct tap_test tests[] = { { "fields", test_fields }, { 0 } };
  return tap_run ("fingerprint", tests);
}
