/* Plugin files that break the contract are refused with a reason; none of them may take
 * the process down. */
#include "core/registry.h"
#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
expect_refusal (const char *file, const char *const *words)
{
  char path[4096];
  gym_error err = { 0 };
  tap_build (file, path, sizeof path);
  CU_ASSERT_PTR_NULL (gym_plugin_load (path, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EPLUGIN);
  CU_ASSERT_PTR_NOT_NULL (strstr (err.text, path));
  for (size_t i = 0; words[i]; i++) {
    CU_ASSERT_PTR_NOT_NULL (strstr (err.text, words[i]));
    if (!strstr (err.text, words[i]))
      tap_note ("\"%s\" lacks \"%s\"", err.text, words[i]);
  }
}

static void
test_wrong_abi (void)
{
  static const char *const words[] = { "ABI 2.7", "this is 1.", NULL };
  expect_refusal ("tests/core/.libs/bad_abi.so", words);
}

static void
test_missing_symbol (void)
{
  static const char *const words[] = { "nobody_has_this_function", NULL };
  expect_refusal ("tests/core/.libs/bad_symbol.so", words);
}

static void
test_no_entry (void)
{
  static const char *const words[] = { "exports no gym_plugin_entry", NULL };
  expect_refusal ("tests/core/.libs/bad_entry.so", words);
}

static void
test_missing_method (void)
{
  static const char *const words[] = { "half-v1", "\"evaluate\" is missing", NULL };
  expect_refusal ("tests/core/.libs/bad_method.so", words);
}

static void
test_absent (void)
{
  static const char *const words[] = { "cannot be read", NULL };
  expect_refusal ("tests/core/.libs/absent.so", words);
}

static size_t
read_file (const char *path, char **bytes)
{
  FILE *f = fopen (path, "rb");
  *bytes = NULL;
  if (!f)
    return 0;
  fseek (f, 0, SEEK_END);
  size_t n = (size_t)ftell (f);
  rewind (f);
  *bytes = malloc (n);
  n = *bytes ? fread (*bytes, 1, n, f) : 0;
  fclose (f);
  return n;
}

/* The good plugin, cut at many places: a message each time, never a SIGBUS. */
static void
test_truncated (void)
{
  char path[4096], cut[] = "/tmp/gym-cut-XXXXXX";
  char *bytes;
  size_t n = read_file (tap_build ("tests/envs/.libs/toy.so", path, sizeof path), &bytes);
  CU_ASSERT_FATAL (n > 4096);
  int fd = mkstemp (cut);
  CU_ASSERT_FATAL (fd >= 0);
  for (size_t k = 0; k < 64; k++) {
    size_t length = k < 16 ? k * 8 : n * k / 64;
    gym_error err = { 0 };
    CU_ASSERT_EQUAL (ftruncate (fd, 0), 0);
    CU_ASSERT_EQUAL (pwrite (fd, bytes, length, 0), (ssize_t)length);
    CU_ASSERT_PTR_NULL (gym_plugin_load (cut, &err));
    CU_ASSERT_EQUAL (err.code, GYM_EPLUGIN);
    CU_ASSERT (strstr (err.text, "not a shared object")
               || strstr (err.text, "cut short"));
  }
  close (fd);
  unlink (cut);
  free (bytes);
}

static void
test_ids (void)
{
  static const char *const bad[] = { "",        "dram",     "dram-",    "dram-v", "-v1",
                                     "Dram-v1", "dram-v1x", "dr am-v1", NULL };
  size_t bare;
  unsigned version;
  CU_ASSERT_EQUAL (gym_id_split ("dram-full-v12", &bare, &version, NULL), GYM_OK);
  CU_ASSERT_EQUAL (bare, 9);
  CU_ASSERT_EQUAL (version, 12);
  for (size_t i = 0; bad[i]; i++)
    CU_ASSERT_EQUAL (gym_id_split (bad[i], &bare, &version, NULL), GYM_EPLUGIN);
  CU_ASSERT_EQUAL (gym_id_split (NULL, &bare, &version, NULL), GYM_EPLUGIN);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "another major ABI", test_wrong_abi },
    { "an unresolved symbol", test_missing_symbol },
    { "no entry", test_no_entry },
    { "a class without a method", test_missing_method },
    { "no such file", test_absent },
    { "cut files", test_truncated },
    { "ids", test_ids },
    { 0 }
  };
  return tap_run ("plugin_load", tests);
}
