/* tests/core/help.h - what tests of the host side share: a registry with the plugins of
 * the build tree, settings from a list of texts, a scratch folder. */
#ifndef TESTS_CORE_HELP_H
#define TESTS_CORE_HELP_H

#include "tests/tap.h"
#include <gym/gym.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-function"

/* Memcheck has no seccomp, and memory of its own beside the program's. */
static bool
help_in_valgrind (void)
{
  const char *preload = getenv ("LD_PRELOAD");
  return preload && strstr (preload, "vgpreload");
}

static gym_registry *
help_registry (void)
{
  gym_error err = { 0 };
  gym_registry *r = gym_registry_new (&err);
  if (!r || gym_registry_scan (r, &err) < 0)
    tap_note ("%s", err.text);
  for (size_t i = 0; r && i < gym_registry_problem_count (r); i++)
    tap_note ("%s", gym_registry_problem (r, i));
  return r;
}

/* Settings from "key=value" texts, the last one NULL. */
static gym_settings *
help_settings (const char *const *texts)
{
  gym_settings *s = gym_settings_new (NULL);
  for (size_t i = 0; s && texts && texts[i]; i++)
    CU_ASSERT_EQUAL (gym_settings_parse (s, texts[i], NULL), GYM_OK);
  return s;
}

static gym_env *
help_env (const gym_registry *r, const char *id, const char *const *texts)
{
  gym_error err = { 0 };
  gym_settings *s = help_settings (texts);
  gym_env *env = gym_env_open (r, id, s, &err);
  if (!env)
    tap_note ("%s", err.text);
  gym_settings_destroy (&s);
  return env;
}

/* A file name in a fresh folder; help_remove deletes the folder with all in it. */
static const char *
help_scratch (char path[256], const char *file)
{
  char folder[] = "/tmp/gym-test-XXXXXX";
  if (!mkdtemp (folder))
    return NULL;
  snprintf (path, 256, "%s/%s", folder, file);
  return path;
}

static void
help_remove (const char *path)
{
  char command[512];
  const char *slash = strrchr (path, '/');
  snprintf (command, sizeof command, "rm -rf '%.*s'", (int)(slash - path), path);
  CU_ASSERT_EQUAL (system (command), 0);
}

/* Whether `err` names `word`; shows the text when it does not. */
static int
help_says (const gym_error *err, const char *word)
{
  if (strstr (err->text, word))
    return 1;
  tap_note ("\"%s\" does not say \"%s\"", err->text, word);
  return 0;
}

#endif
