/* Lines, words and numbers; and every reader against damaged files. */
#include "sims/accel/reader.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sims/accel/random_case.h"
#include "tests/tap.h"

static struct accel_word
word (const char *text)
{
  return (struct accel_word){ .at = text, .length = strlen (text) };
}

static void
test_lines (void)
{
  const char text[] = "one\r\n\n \t two three \nlast";
  struct accel_reader r = { .name = "x", .at = text, .end = text + strlen (text) };
  struct accel_word line, w;
  CU_ASSERT (accel_next_line (&r, &line) && accel_word_is (line, "one"));
  CU_ASSERT (accel_next_line (&r, &line) && line.length == 0);
  CU_ASSERT (accel_next_line (&r, &line) && accel_word_is (line, "two three"));
  CU_ASSERT (accel_next_word (&line, ' ', &w) && accel_word_is (w, "two"));
  CU_ASSERT (accel_next_word (&line, ' ', &w) && accel_word_like (w, "THREE"));
  CU_ASSERT (!accel_next_word (&line, ' ', &w));
  CU_ASSERT (accel_next_line (&r, &line) && accel_word_is (line, "last") && r.line == 4);
  CU_ASSERT (!accel_next_line (&r, &line));
  line = word ("a, ,b,");
  CU_ASSERT (accel_next_word (&line, ',', &w) && accel_word_is (w, "a"));
  CU_ASSERT (accel_next_word (&line, ',', &w) && w.length == 0);
  CU_ASSERT (accel_next_word (&line, ',', &w) && accel_word_is (w, "b"));
  CU_ASSERT (!accel_next_word (&line, ',', &w));
}

static void
test_numbers (void)
{
  uint32_t n = 7;
  char name[ACCEL_NAME_MAX];
  CU_ASSERT (accel_word_number (word ("2147483647"), false, &n) && n == 2147483647);
  CU_ASSERT (!accel_word_number (word ("2147483648"), false, &n));
  CU_ASSERT (!accel_word_number (word ("99999999999999999999999"), false, &n));
  CU_ASSERT (!accel_word_number (word (""), true, &n));
  CU_ASSERT (!accel_word_number (word ("-1"), true, &n));
  CU_ASSERT (!accel_word_number (word ("1.5"), true, &n));
  CU_ASSERT (!accel_word_number (word ("0"), false, &n));
  CU_ASSERT (accel_word_number (word ("0"), true, &n) && n == 0);
  accel_word_copy (word ("0123456789012345678901234567890123456789012345678901"), name);
  CU_ASSERT_EQUAL (strlen (name), ACCEL_NAME_MAX - 1);
}

static void
test_messages (void)
{
  struct accel_workload w = { .layers = NULL };
  struct accel_error err;
  struct accel_reader r = { .name = "net", .line = 3, .workload = &w, .err = &err };
  struct accel_layer l = accel_layer_unit (ACCEL_CONV);
  for (int i = 0; i < 100; i++)
    CU_ASSERT_EQUAL (accel_reader_append (&r, &l), ACCEL_OK);
  CU_ASSERT_EQUAL (w.count, 100);
  l.size[ACCEL_C] = 0;
  CU_ASSERT_EQUAL (accel_reader_append (&r, &l), ACCEL_INVALID);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "net:3: layer \"\": size C is 0; at least 1 was expected");
  accel_workload_free (&w);
}

/* ---- Damaged files --------------------------------------------------------------- */

static const struct {
  const char *name, *text;
} sound[] = {
  { "a.txt", "# net\nconv c1 in 8x6 channels 3 maps 4 filter 3 pad 1 stride 2\n"
             "depthwise d in 7 channels 4 filter 3 pad same times 2\n"
             "gemm g m 3 n 4 k 5 groups 2\nelementwise e out 3 channels 9\n" },
  { "b.csv",
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, "
    "Num Filter, Strides,\nc1,8,6,3,3,3,4,1,\nDP2,7,7,3,3,4,1,2,1:1,\n" },
  { "c.csv", "Layer, M, N, K,\nl1, 3, 4, 5,\nl2,6,7,8,\n" },
  { "d.csv", "K,C,Y,X,R,S,T\n64,3,224,224,7,7,1\n1,32,112,112,3,3,2\n" },
  { "e.yaml", "problem:\n  instance: {C: 3, M: 96, R: 11, S: 11, P: 55, Q: 55, N: 1,\n"
              "    Hstride: 4, Wstride: 4}\n  shape: {name: CNN, dimensions: [C, M]}\n" },
  { "f.yaml", "problem: {M: 3, N: 4, K: 5}\n" },
};

/* One to four bytes replaced, doubled or taken out. */
static size_t
damage (uint64_t *random, const char *text, char *out, size_t room)
{
  static const char bytes[] = "0123456789,:x \n\t#{}[]-&*!\"\\CMPdcgemvy\x80\xff\r";
  size_t n = strlen (text);
  memcpy (out, text, n);
  for (uint32_t k = 1 + random_below (random, 4); k-- > 0 && n > 1;) {
    size_t at = random_below (random, (uint32_t)n);
    uint32_t how = random_below (random, 4);
    if (how < 2) {
      out[at] = bytes[random_below (random, sizeof bytes - 1)];
    } else if (how == 2 && n < room) {
      memmove (out + at + 1, out + at, n - at);
      n++;
    } else {
      memmove (out + at, out + at + 1, n - at - 1);
      n--;
    }
  }
  return n;
}

/* Whatever comes in: layers that pass the check, or a sentence that names the file. */
static void
expect_answer (const char *name, const char *text, size_t size)
{
  struct accel_workload w;
  struct accel_error err = { .text = "" };
  int status = accel_workload_parse (&w, name, text, size, ACCEL_FORM_GUESS, &err);
  CU_ASSERT (status == ACCEL_OK || status == ACCEL_INVALID);
  if (status == ACCEL_OK) {
    CU_ASSERT (w.count > 0);
    for (size_t i = 0; i < w.count; i++)
      CU_ASSERT_EQUAL (accel_layer_check (&w.layers[i], NULL), ACCEL_OK);
  } else {
    CU_ASSERT (w.count == 0 && w.layers == NULL);
    CU_ASSERT (strncmp (err.text, name, strlen (name)) == 0);
  }
  accel_workload_free (&w);
}

static void
test_fuzz (void)
{
  uint64_t random = 1, rounds = getenv ("GYM_LONG") ? 400000 : 8000;
  for (size_t f = 0; f < sizeof sound / sizeof *sound; f++) {
    struct accel_workload w;
    struct accel_error err = { .text = "" };
    CU_ASSERT_EQUAL (accel_workload_parse (&w, sound[f].name, sound[f].text,
                                           strlen (sound[f].text), ACCEL_FORM_GUESS,
                                           &err),
                     ACCEL_OK);
    if (*err.text)
      tap_note ("%s", err.text);
    accel_workload_free (&w);
    for (uint64_t k = 0; k < rounds; k++) {
      char text[512];
      size_t n = damage (&random, sound[f].text, text, sizeof text);
      char *exact = malloc (n); /* so that a read behind the end is seen */
      memcpy (exact, text, n);
      expect_answer (sound[f].name, exact, n);
      free (exact);
    }
  }
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { .name = "lines", .run = test_lines },
    { .name = "numbers", .run = test_numbers },
    { .name = "messages", .run = test_messages },
    { .name = "fuzz", .run = test_fuzz },
    { 0 },
  };
  return tap_run ("accel reader", tests);
}
