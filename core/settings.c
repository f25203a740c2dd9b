/* key=value texts in the order they were given: see gym/options.h.
 *
 * A list, not a table: there are a dozen of them, and people want to see them again in
 * the order in which they wrote them. */
#include "core/memory.h"
#include "core/text.h"

#include <gym/options.h>
#include <stdlib.h>
#include <string.h>

struct setting {
  char *key;
  char *value;
};

struct gym_settings {
  struct setting *items;
  size_t n, room;
};

gym_settings *
gym_settings_new (gym_error *err)
{
  gym_settings *settings = calloc (1, sizeof *settings);
  if (!settings)
    gym_fail_memory (err);
  return settings;
}

gym_settings *
gym_settings_copy (const gym_settings *from, gym_error *err)
{
  gym_settings *settings = gym_settings_new (err);
  for (size_t i = 0; settings && i < gym_settings_count (from); i++)
    if (gym_settings_set (settings, from->items[i].key, from->items[i].value, err))
      gym_settings_destroy (&settings);
  return settings;
}

void
gym_settings_destroy (gym_settings **settings)
{
  if (!settings || !*settings)
    return;
  for (size_t i = 0; i < (*settings)->n; i++) {
    free ((*settings)->items[i].key);
    free ((*settings)->items[i].value);
  }
  free ((*settings)->items);
  free (*settings);
  *settings = NULL;
}

/* A NULL list is an empty one: most plugins are opened without any setting. */
static struct setting *
find (const gym_settings *settings, const char *key)
{
  for (size_t i = 0; settings && i < settings->n; i++)
    if (strcmp (settings->items[i].key, key) == 0)
      return &settings->items[i];
  return NULL;
}

int
gym_settings_set (gym_settings *settings, const char *key, const char *value,
                  gym_error *err)
{
  struct setting *known = find (settings, key);
  if (!*key)
    return gym_fail (err, GYM_EINVAL, "a setting has no name before \"=%s\"", value);
  /* All memory first, so that a failure leaves the list as it was. */
  char *new_key = known ? NULL : strdup (key), *new_value = strdup (value);
  if ((!known && !new_key) || !new_value
      || (!known
          && gym_grow (&settings->items, settings->n, &settings->room,
                       sizeof *settings->items))) {
    free (new_key);
    free (new_value);
    return gym_fail_memory (err);
  }
  /* In place: borrowed pointers to the other entries stay good. */
  if (known) {
    free (known->value);
    known->value = new_value;
  } else
    settings->items[settings->n++] =
        (struct setting){ .key = new_key, .value = new_value };
  return 0;
}

int
gym_settings_parse (gym_settings *settings, const char *text, gym_error *err)
{
  const char *equal = strchr (text, '=');
  if (!equal || equal == text)
    return gym_fail (err, GYM_EINVAL, "\"%s\" is not of the form key=value", text);
  char *key = strndup (text, (size_t)(equal - text));
  if (!key)
    return gym_fail_memory (err);
  int code = gym_settings_set (settings, key, equal + 1, err);
  free (key);
  return code;
}

size_t
gym_settings_count (const gym_settings *settings)
{
  return settings ? settings->n : 0;
}

const char *
gym_settings_key (const gym_settings *settings, size_t i)
{
  return i < gym_settings_count (settings) ? settings->items[i].key : NULL;
}

const char *
gym_settings_value (const gym_settings *settings, size_t i)
{
  return i < gym_settings_count (settings) ? settings->items[i].value : NULL;
}

const char *
gym_settings_get (const gym_settings *settings, const char *key)
{
  const struct setting *known = find (settings, key);
  return known ? known->value : NULL;
}
