/* .npz files read back by the book. */
#include <config.h>

#include "core/npz.h"
#include "tests/core/help.h"
#include "tests/core/npz_help.h"

#include <fcntl.h>

static char path[256];

static int
begin (struct npz **npz)
{
  help_scratch (path, "x.npz");
  int file = open (path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  CU_ASSERT_FATAL (file >= 0);
  *npz = gym_npz_new (file);
  return file;
}

static void
end (struct npz **npz, int file)
{
  CU_ASSERT_EQUAL (gym_npz_end (*npz), GYM_OK);
  gym_npz_destroy (npz);
  CU_ASSERT_PTR_NULL (*npz);
  close (file);
}

/* Three arrays that grow in turns, one of them over many buffers. */
static void
write_some (struct npz *npz, size_t n)
{
  int reals = gym_npz_array (npz, "reals", NPZ_F8, 0, 2, n, 3);
  int wholes = gym_npz_array (npz, "wholes", NPZ_I4, 0, 1, n, 0);
  int texts = gym_npz_array (npz, "texts", NPZ_TEXT, 5, 1, 2, 0);
  for (size_t i = 0; i < n; i++) {
    double row[3] = { (double)i, (double)i / 3, -1e300 };
    int32_t whole = -(int32_t)i;
    CU_ASSERT_EQUAL (gym_npz_add (npz, reals, row, sizeof row), GYM_OK);
    CU_ASSERT_EQUAL (gym_npz_add (npz, wholes, &whole, sizeof whole), GYM_OK);
  }
  gym_npz_add_text (npz, texts, "h\xC3\xA9llo");
  gym_npz_add_text (npz, texts, "\xF0\x9F\x98\x80");
}

static void
check_some (const struct npz_file *f, size_t n)
{
  const struct npz_array *reals = npz_find (f, "reals", "<f8");
  const struct npz_array *wholes = npz_find (f, "wholes", "<i4");
  const struct npz_array *texts = npz_find (f, "texts", "<U5");
  CU_ASSERT (reals->dims == 2 && reals->rows == n && reals->columns == 3);
  CU_ASSERT (wholes->dims == 1 && wholes->rows == n);
  for (size_t i = 0; i < n; i++) {
    CU_ASSERT (npz_real (reals, 3 * i) == (double)i
               && npz_real (reals, 3 * i + 1) == (double)i / 3
               && npz_real (reals, 3 * i + 2) == -1e300);
    CU_ASSERT_EQUAL (npz_whole (wholes, i), -(int64_t)i);
  }
  CU_ASSERT_EQUAL (npz_get (texts->data + 4, 4), 0xe9);
  CU_ASSERT_EQUAL (npz_get (texts->data + 20, 4), 0x1f600);
  CU_ASSERT_EQUAL (npz_get (texts->data + 24, 4), 0);
}

static void
test_round_trip (void)
{
  static const size_t sizes[] = { 0, 1, 7, 2731, 50000 };
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    struct npz *npz;
    struct npz_file f;
    int file = begin (&npz);
    write_some (npz, sizes[i]);
    end (&npz, file);
    npz_read (&f, path);
    CU_ASSERT_EQUAL (f.n, 3);
    check_some (&f, sizes[i]);
    npz_free (&f);
    help_remove (path);
  }
}

/* Large files by a small limit: sizes and places, sizes alone, neither. */
static void
test_zip64 (void)
{
  static const uint64_t limits[] = { 1, 150, 3000, 1000000 };
  for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
    struct npz *npz;
    struct npz_file f;
    int file = begin (&npz);
    gym_npz_set_limit (npz, limits[i]);
    write_some (npz, 100);
    end (&npz, file);
    npz_read (&f, path);
    check_some (&f, 100);
    npz_free (&f);
    help_remove (path);
  }
}

/* A value by itself, truth, and a text of no width. */
static void
test_shapes (void)
{
  struct npz *npz;
  struct npz_file f;
  char text[128];
  const bool truth[] = { true, false };
  int file = begin (&npz);
  int one = gym_npz_array (npz, "one", NPZ_TEXT, 3, 0, 0, 0);
  int flags = gym_npz_array (npz, "flags", NPZ_BOOL, 0, 1, 2, 0);
  int empty = gym_npz_array (npz, "empty", NPZ_TEXT, 0, 1, 2, 0);
  int none = gym_npz_array (npz, "none", NPZ_F8, 0, 1, 4, 0);
  gym_npz_add_text (npz, one, "abc");
  gym_npz_add (npz, flags, truth, 2);
  gym_npz_add_text (npz, empty, "");
  gym_npz_add_text (npz, empty, "");
  /* An array that is not full is no file. */
  CU_ASSERT_EQUAL (gym_npz_end (npz), GYM_ESTATE);
  gym_npz_add (npz, none, (double[4]){ 0 }, 32);
  CU_ASSERT (gym_npz_array (npz, "narrow", NPZ_F8, 0, 2, 4, 0) > 0);
  end (&npz, file);
  npz_read (&f, path);
  CU_ASSERT_EQUAL (npz_find (&f, "narrow", "<f8")->dims, 2);
  CU_ASSERT_EQUAL (npz_find (&f, "one", "<U3")->dims, 0);
  CU_ASSERT_STRING_EQUAL (npz_text (npz_find (&f, "one", NULL), 0, text), "abc");
  CU_ASSERT_EQUAL (npz_find (&f, "flags", "<b1")->data[0], 1);
  CU_ASSERT_STRING_EQUAL (npz_text (npz_find (&f, "empty", "<U1"), 1, text), "");
  npz_free (&f);
  help_remove (path);
}

static void
test_full_disk (void)
{
  int file = open ("/dev/full", O_RDWR);
  if (file < 0) {
    tap_skip ("no /dev/full");
    return;
  }
  struct npz *npz = gym_npz_new (file);
  int array = gym_npz_array (npz, "x", NPZ_F8, 0, 1, 100000, 0), code = GYM_OK;
  for (int i = 0; i < 100000 && code == GYM_OK; i++)
    code = gym_npz_add (npz, array, &(double){ 1 }, 8);
  CU_ASSERT_EQUAL (code, GYM_EIO);
  gym_npz_destroy (&npz);
  close (file);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "round trip", test_round_trip },
                                           { "zip64", test_zip64 },
                                           { "shapes", test_shapes },
                                           { "full disk", test_full_disk },
                                           { 0 } };
  return tap_run ("npz", tests);
}
