/* core/fingerprint.c - see core/fingerprint.h. Texts of fields are ours and need no
 * escapes. */
#include "core/fingerprint.h"

#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* libm and BLAS choose their kernels by these at run time. */
static void
describe_cpu (char *text, size_t size)
{
#if defined(__x86_64__)
  __builtin_cpu_init ();
  snprintf (text, size, "x86-64%s%s%s%s", __builtin_cpu_supports ("avx") ? " avx" : "",
            __builtin_cpu_supports ("avx2") ? " avx2" : "",
            __builtin_cpu_supports ("fma") ? " fma" : "",
            __builtin_cpu_supports ("avx512f") ? " avx512f" : "");
#elif defined(__aarch64__)
  snprintf (text, size, "aarch64");
#else
  snprintf (text, size, "other");
#endif
}

char *
gym_fingerprint (const struct gym_entry *entry, gym_error *err)
{
  char cpu[96], digest[65];
  describe_cpu (cpu, sizeof cpu);
  if (gym_entry_digest (entry, digest, err) < 0)
    return NULL;
  const size_t size = 512;
  char *text = malloc (size);
  if (!text) {
    gym_fail (err, GYM_ENOMEM, "out of memory for the fingerprint");
    return NULL;
  }
  snprintf (
      text, size,
      "{\"archgym\": \"%s\", \"cpu\": \"%s\", \"env\": \"%s\", \"libm\": \"glibc %s\", "
      "\"plugin\": \"%s\"}",
      gym_version (), cpu, entry->id, gnu_get_libc_version (), digest);
  return text;
}

/* "libm was glibc 2.31, is glibc 2.36"; of a hash its beginning. */
static size_t
put_field (const char *key, const json_t *then, const json_t *now, const char *before,
           char *text, size_t size)
{
  const json_t *values[2] = { then, now };
  char shown[2][64];
  for (int i = 0; i < 2; i++) {
    const char *word = json_string_value (values[i]);
    bool hash = word && strlen (word) == 64;
    snprintf (shown[i], sizeof shown[i], "%.*s", hash ? 12 : 60,
              word                       ? word
              : json_is_true (values[i]) ? "true"
                                         : "absent");
  }
  int n = snprintf (text, size, "%s%.20s was %s, is %s", before, key, shown[0], shown[1]);
  return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

/* Fields of either: a store that took workers of any kind has one more. */
bool
gym_fingerprint_differs (const char *then, const char *now,
                         char text[GYM_FINGERPRINT_NOTE])
{
  if (strcmp (then, now) == 0)
    return false;
  json_t *a = json_loads (then, 0, NULL), *b = json_loads (now, 0, NULL), *value;
  const size_t size = GYM_FINGERPRINT_NOTE;
  const char *key, *before = ": ";
  size_t used = (size_t)snprintf (
      text, size,
      "the study was begun under another numeric fingerprint, so that bits may differ");
  for (int i = 0; i < 2; i++)
    json_object_foreach (i ? b : a, key, value)
    {
      const json_t *old = json_object_get (a, key), *new = json_object_get (b, key);
      if ((i && old) || json_equal (old, new))
        continue;
      used += put_field (key, old, new, before, text + used, size - used);
      before = "; ";
    }
  json_decref (a);
  json_decref (b);
  return true;
}
