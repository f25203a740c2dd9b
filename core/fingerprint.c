#include "core/fingerprint.h"

#include <gnu/libc-version.h>
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
