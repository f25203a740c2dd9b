#include "core/digest.h"
#include "tests/core/help.h"

/* FIPS 180-2, appendix B. */
static void
test_known (void)
{
  char hex[65];
  gym_digest_bytes ("abc", 3, hex);
  CU_ASSERT_STRING_EQUAL (
      hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_file (void)
{
  char path[256], whole[65], file[65];
  char *bytes = calloc (1, 200000);
  help_scratch (path, "data");
  FILE *f = fopen (path, "wb");
  CU_ASSERT_FATAL (f && bytes);
  for (size_t i = 0; i < 200000; i++)
    bytes[i] = (char)(i * 7);
  fwrite (bytes, 1, 200000, f);
  fclose (f);
  gym_digest_bytes (bytes, 200000, whole);
  CU_ASSERT_EQUAL (gym_digest_file (path, file, NULL), GYM_OK);
  CU_ASSERT_STRING_EQUAL (whole, file);
  help_remove (path);
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (gym_digest_file (path, file, &err), GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, path));
  CU_ASSERT_EQUAL (gym_digest_file ("/", file, &err), GYM_EIO);
  free (bytes);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "published value", test_known },
                                           { "files", test_file },
                                           { 0 } };
  return tap_run ("digest", tests);
}
