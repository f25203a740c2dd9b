/* From a stored identity back to the env it was of, or to a reason why not. */
#include <config.h>

#include "tests/core/help.h"

static void
write_file (const char *path, const char *text)
{
  FILE *file = fopen (path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL (file);
  fputs (text, file);
  fclose (file);
}

/* Every env of the build tree that opens with its defaults, and some with options. */
static void
test_all (void)
{
  static const char *const options[] = { "noise=0.1234567890123", NULL };
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  size_t n = 0;
  for (size_t i = 0; i < gym_registry_count (r, GYM_ROLE_ENV); i++) {
    const char *id = gym_registry_entry (r, GYM_ROLE_ENV, i)->id;
    bool noisy = strcmp (id, "noisy-v1") == 0;
    gym_settings *s = help_settings (noisy ? options : NULL);
    gym_env *env = gym_env_open (r, id, s, NULL);
    gym_env *again =
        env ? gym_env_reopen (r, gym_env_identity (env), NULL, NULL, &err) : NULL;
    if (env && !again)
      tap_note ("%s: %s", id, err.text);
    if (env)
      CU_ASSERT (again && strcmp (gym_env_identity (env), gym_env_identity (again)) == 0);
    n += again != NULL;
    gym_env_destroy (&env);
    gym_env_destroy (&again);
    gym_settings_destroy (&s);
  }
  CU_ASSERT (n >= 5);
  gym_registry_destroy (&r);
}

static void
test_file (void)
{
  char path[256], moved[256], folder[256], option[300];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  write_file (help_scratch (path, "factor.txt"), "2\n");
  help_scratch (moved, "factor.txt");
  snprintf (folder, sizeof folder, "%.*s", (int)(strrchr (path, '/') - path), path);
  snprintf (option, sizeof option, "weights=%s", path);
  gym_env *env = help_env (r, "toy", (const char *const[]){ option, NULL });
  char *identity = strdup (gym_env_identity (env));
  gym_env_destroy (&env);

  CU_ASSERT_PTR_NULL (gym_env_reopen (r, identity, NULL, NULL, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "weights=PATH"));
  env = gym_env_reopen (r, identity, NULL, folder, &err);
  CU_ASSERT_PTR_NOT_NULL (env);
  gym_env_destroy (&env);
  /* Elsewhere, where settings say; changed content is told by name. */
  CU_ASSERT_EQUAL (rename (path, moved), 0);
  snprintf (option, sizeof option, "weights=%s", moved);
  gym_settings *s = help_settings ((const char *const[]){ option, NULL });
  env = gym_env_reopen (r, identity, s, folder, &err);
  CU_ASSERT_PTR_NOT_NULL (env);
  gym_env_destroy (&env);
  write_file (moved, "3\n");
  CU_ASSERT_PTR_NULL (gym_env_reopen (r, identity, s, folder, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EMISMATCH);
  CU_ASSERT (help_says (&err, "content of"));
  write_file (path, "3\n");
  CU_ASSERT_PTR_NULL (gym_env_reopen (r, identity, NULL, folder, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EMISMATCH);
  gym_settings_destroy (&s);
  free (identity);
  gym_registry_destroy (&r);
  help_remove (path);
  help_remove (moved);
}

static void
test_refused (void)
{
  static const struct {
    const char *identity, *option, *says;
    int code;
  } bad[] = {
    { "", NULL, "makes no sense", GYM_EINVAL },
    { "[]", NULL, "makes no sense", GYM_EINVAL },
    { "{\"id\": \"noisy-v1\"}", NULL, "makes no sense", GYM_EINVAL },
    { "{\"id\": 3, \"options\": {}}", NULL, "makes no sense", GYM_EINVAL },
    { "{\"id\": \"nosy-v1\", \"options\": {}}", NULL, "noisy-v1", GYM_ENOTFOUND },
    { "{\"id\": \"noisy-v1\", \"options\": {\"nois\": 1}}", NULL, "noise", GYM_EINVAL },
    { "{\"id\": \"noisy-v1\", \"options\": {\"noise\": 0.5}}", "noise=0.25",
      "option \"noise\" was 0.5, is 0.25", GYM_EMISMATCH },
    { "{\"id\": \"toy-v1\", \"options\": {\"weights\": {\"name\": \"x\"}}}", NULL,
      "\"weights\" of the stored env makes no sense", GYM_EINVAL },
  };
  gym_registry *r = help_registry ();
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    gym_error err = { 0 };
    const char *texts[] = { bad[i].option, NULL };
    gym_settings *s = help_settings (texts);
    CU_ASSERT_PTR_NULL (gym_env_reopen (r, bad[i].identity, s, NULL, &err));
    CU_ASSERT_EQUAL (err.code, bad[i].code);
    CU_ASSERT (help_says (&err, bad[i].says));
    gym_settings_destroy (&s);
  }
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "every env", test_all },
                                           { "files", test_file },
                                           { "what is refused", test_refused },
                                           { 0 } };
  return tap_run ("env_reopen", tests);
}
