/* core/env_reopen.c - from an identity that was stored back to an open env. */
#include <gym/env.h>

#include "core/digest.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4096 };

/* An option as a user would have typed it; numbers keep all their digits. */
static int
set_plain (gym_settings *settings, const char *key, const json_t *value, gym_error *err)
{
  if (json_is_null (value) || gym_settings_get (settings, key))
    return GYM_OK;
  if (json_is_string (value))
    return gym_settings_set (settings, key, json_string_value (value), err);
  char *text = json_dumps (value, JSON_ENCODE_ANY);
  int code = text ? gym_settings_set (settings, key, text, err)
                  : gym_fail (err, GYM_ENOMEM, "out of memory for the env's options");
  free (text);
  return code;
}

/* By content and never by name alone: a file that changed gives other results. */
static bool
has_content (const char *path, const char *digest)
{
  char found[65];
  return gym_digest_file (path, found, NULL) == GYM_OK && strcmp (found, digest) == 0;
}

/* A file of the right name and content in the working folder, or in `folder`. The last
 * one tried is the one that an error is about. */
static int
find_file (const char *name, const char *digest, const char *folder, char path[PATH])
{
  const char *folders[] = { ".", folder };
  int code = GYM_ENOTFOUND;
  for (size_t i = 0; i < 2; i++) {
    char here[PATH];
    if (!folders[i])
      continue;
    snprintf (here, sizeof here, "%s/%s", folders[i], name);
    if (access (here, R_OK) != 0)
      continue;
    memcpy (path, here, sizeof here);
    if (has_content (path, digest))
      return GYM_OK;
    code = GYM_EMISMATCH;
  }
  return code;
}

/* One that cannot be read is left to opening, which says why. */
static int
look_at (const char *given, const char *digest, char path[PATH])
{
  snprintf (path, PATH, "%s", given);
  return access (path, R_OK) == 0 && !has_content (path, digest) ? GYM_EMISMATCH : GYM_OK;
}

/* Where it lies is the user's to say; what is in it is the study's. */
static int
set_file (gym_settings *settings, const char *key, const json_t *file, const char *folder,
          gym_error *err)
{
  const char *name = json_string_value (json_object_get (file, "name"));
  const char *digest = json_string_value (json_object_get (file, "sha256"));
  const char *given = gym_settings_get (settings, key);
  char path[PATH] = "";
  if (!name || !digest || strlen (digest) != 64)
    return gym_fail (err, GYM_EINVAL, "option \"%s\" of the stored env makes no sense",
                     key);
  int code =
      given ? look_at (given, digest, path) : find_file (name, digest, folder, path);
  if (code == GYM_ENOTFOUND)
    return gym_fail (
        err, code,
        "option \"%s\": the file %s (SHA-256 %.12s...) is not in this folder%s%s: "
        "say where it lies with %s=PATH",
        key, name, digest, folder ? " nor in " : "", folder ? folder : "", key);
  if (code == GYM_EMISMATCH)
    return gym_fail (err, GYM_EMISMATCH,
                     "option \"%s\": the content of \"%s\" is not what the study used "
                     "(SHA-256 %.12s...)",
                     key, path, digest);
  return gym_settings_set (settings, key, path, err);
}

/* The first option in which two identities differ; without one it is the form of them. */
static void
name_difference (const json_t *stored, const char *found, gym_error *err)
{
  json_t *now = json_loads (found, 0, NULL);
  const json_t *old = json_object_get (stored, "options"), *value;
  const char *key;
  gym_fail (err, GYM_EMISMATCH, "the env opened here is not the study's: %.300s", found);
  json_object_foreach ((json_t *)json_object_get (now, "options"), key, value)
  {
    if (json_equal (value, json_object_get (old, key)))
      continue;
    const json_t *was = json_object_get (old, key);
    char *a = was ? json_dumps (was, JSON_ENCODE_ANY) : NULL;
    char *b = json_dumps (value, JSON_ENCODE_ANY);
    gym_fail (err, GYM_EMISMATCH,
              "the env opened here is not the study's: option \"%s\" was %.150s, is "
              "%.150s",
              key, a ? a : "absent", b ? b : "another");
    free (a);
    free (b);
    break;
  }
  json_decref (now);
}

/* Options that the identity does not name stay as given: opening refuses what is unknown,
 * and the comparison of identities what is new. */
static int
fill_settings (gym_settings *settings, const json_t *options, const char *folder,
               gym_error *err)
{
  const char *key;
  const json_t *value;
  int code = GYM_OK;
  json_object_foreach ((json_t *)options, key, value)
  {
    if (code == GYM_OK)
      code = json_is_object (value) ? set_file (settings, key, value, folder, err)
                                    : set_plain (settings, key, value, err);
  }
  return code;
}

/* Equal identities are equal results; nothing less will do. */
gym_env *
gym_env_reopen (const gym_registry *registry, const char *identity,
                const gym_settings *given, const char *folder, gym_error *err)
{
  json_t *stored = json_loads (identity, 0, NULL);
  const json_t *options = json_object_get (stored, "options");
  const char *id = json_string_value (json_object_get (stored, "id"));
  gym_settings *settings = gym_settings_copy (given, err);
  gym_env *env = NULL;
  int code = settings ? GYM_OK : GYM_ENOMEM;
  if (code == GYM_OK && (!id || !json_is_object (options)))
    code = gym_fail (err, GYM_EINVAL, "the stored identity of the env makes no sense");
  if (code == GYM_OK)
    code = fill_settings (settings, options, folder, err);
  if (code == GYM_OK)
    env = gym_env_open (registry, id, settings, err);
  if (env && strcmp (gym_env_identity (env), identity) != 0) {
    name_difference (stored, gym_env_identity (env), err);
    gym_env_destroy (&env);
  }
  gym_settings_destroy (&settings);
  json_decref (stored);
  return env;
}
