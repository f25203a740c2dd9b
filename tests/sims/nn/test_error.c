/* The readers' messages: one sentence, cut to fit, with the status handed through. */
#include "sims/nn/error.h"

#include <string.h>

#include "tests/tap.h"

static void
test_texts (void)
{
  struct nn_error err;
  char path[1000];
  memset (path, 'x', sizeof path);
  path[999] = '\0';
  CU_ASSERT_EQUAL (nn_fail (&err, NN_MISSING, "%s: %d", "a", 7), NN_MISSING);
  CU_ASSERT_STRING_EQUAL (err.text, "a: 7");
  CU_ASSERT_EQUAL (nn_fail (NULL, NN_INVALID, "%d", 1), NN_INVALID);
  CU_ASSERT_EQUAL (nn_fail (&err, NN_INVALID, "%s", path), NN_INVALID);
  CU_ASSERT_EQUAL (strlen (err.text), sizeof err.text - 1);
  CU_ASSERT_EQUAL (nn_no_memory (&err), NN_NOMEM);
  CU_ASSERT_STRING_EQUAL (err.text, "out of memory");
}

static void
test_paths (void)
{
  char path[1000];
  memset (path, 'x', sizeof path);
  memcpy (path + 995, "end", 4);
  CU_ASSERT_STRING_EQUAL (nn_shown_path ("/a/b"), "/a/b");
  CU_ASSERT_EQUAL (strlen (nn_shown_path (path)), 160);
  CU_ASSERT_PTR_NOT_NULL (strstr (nn_shown_path (path), "xend"));
}

int
main (void)
{
  static const struct tap_test tests[] = { { "texts", test_texts },
                                           { "paths", test_paths },
                                           { 0 } };
  return tap_run ("nn error", tests);
}
