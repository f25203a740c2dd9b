/* The buffer, numbers and prepared texts of the writers. */
#include <config.h>

#include "core/dataset_inside.h"
#include "core/text.h"
#include "tests/core/datasets.h"

static void
number_is (enum dataset_type type, struct dataset_cell cell, const char *want)
{
  const struct dataset_column column = { .type = type };
  char text[DATASET_CELL + 1];
  size_t n = gym_dataset_number (&column, &cell, text);
  CU_ASSERT_FATAL (n <= DATASET_CELL);
  text[n] = 0;
  CU_ASSERT_TRUE (ds_is (text, want));
}

#define WHOLE(x)   ((struct dataset_cell){ .as.integer = x })
#define NATURAL(x) ((struct dataset_cell){ .as.natural = x })
#define REAL(x)    ((struct dataset_cell){ .as.real = x })

static void
test_numbers (void)
{
  number_is (TYPE_INTEGER, WHOLE (0), "0");
  number_is (TYPE_INTEGER, WHOLE (-1), "-1");
  number_is (TYPE_INTEGER, WHOLE (INT64_MAX), "9223372036854775807");
  number_is (TYPE_INTEGER, WHOLE (INT64_MIN), "-9223372036854775808");
  number_is (TYPE_UNSIGNED, NATURAL (UINT64_MAX), "18446744073709551615");
  number_is (TYPE_UNSIGNED, NATURAL (10), "10");
  number_is (TYPE_REAL, REAL (0.1), "0.1");
  number_is (TYPE_REAL, REAL (-2.2250738585072014e-308), "-2.2250738585072014e-308");
}

struct sink {
  size_t calls, bytes, least, others;
  int code;
};

static int
put (void *context, const char *bytes, size_t n)
{
  struct sink *sink = context;
  sink->others += bytes[0] != 'x';
  sink->calls++;
  sink->bytes += n;
  sink->least = n < sink->least ? n : sink->least;
  return sink->code;
}

static void
add (struct dataset_out *out, size_t n)
{
  char *to = gym_dataset_room (out, n);
  CU_ASSERT_PTR_NOT_NULL_FATAL (to);
  memset (to, 'x', n);
  out->n += n;
}

static void
test_blocks (void)
{
  struct sink sink = { .least = SIZE_MAX };
  struct dataset_out out = { .put = put, .sink = &sink };
  size_t all = 0;
  CU_ASSERT_EQUAL (gym_dataset_flush (&out, true, NULL), GYM_OK);
  for (size_t n = 1; n < 400000; n = n * 3 + 1) {
    add (&out, n);
    all += n;
    CU_ASSERT_EQUAL (gym_dataset_flush (&out, false, NULL), GYM_OK);
  }
  CU_ASSERT (sink.calls > 0 && sink.least >= 65536 && sink.bytes + out.n == all);
  CU_ASSERT_EQUAL (gym_dataset_flush (&out, true, NULL), GYM_OK);
  CU_ASSERT_EQUAL (sink.bytes, all);
  CU_ASSERT_EQUAL (sink.others, 0);
  sink.code = GYM_ECANCELLED;
  gym_error err = { 0 };
  add (&out, 1);
  CU_ASSERT_EQUAL (gym_dataset_flush (&out, true, &err), GYM_ECANCELLED);
  CU_ASSERT_STRING_EQUAL (err.text, "the data set cannot be written");
  free (out.bytes);
}

static void
twice (struct gym_text *text, const char *value)
{
  gym_text_printf (text, "%s%s", value, value);
}

static void
test_texts (void)
{
  static const char *const from[] = { "a", "", "long text" };
  struct dataset_texts texts;
  CU_ASSERT_EQUAL_FATAL (gym_dataset_texts_new (&texts, 2), GYM_OK);
  CU_ASSERT_EQUAL (gym_dataset_texts_add (&texts, 1, from, 3, twice), GYM_OK);
  CU_ASSERT_EQUAL (gym_dataset_texts_add (&texts, 0, from, 0, twice), GYM_OK);
  CU_ASSERT_STRING_EQUAL (texts.of[1][2], "long textlong text");
  CU_ASSERT_STRING_EQUAL (texts.of[1][1], "");
  CU_ASSERT_EQUAL (texts.widest, 18);
  gym_dataset_texts_clear (&texts);
  gym_dataset_texts_clear (&texts);
}

/* A sink that says no ends the writing with its code, in every format that streams. */
static void
test_stopped (void)
{
  static struct ds_scene scene;
  ds_make (&scene, 1, 20, 3);
  gym_dataset *d = ds_open (&scene, NULL);
  for (uint32_t format = GYM_DATASET_CSV; format <= GYM_DATASET_PARQUET; format++) {
    struct sink sink = { .code = GYM_ECANCELLED };
    gym_error err = { 0 };
    const struct gym_dataset_output o = { .struct_size = sizeof o, .format = format };
    int code = gym_dataset_put (d, &o, put, &sink, &err);
    CU_ASSERT_EQUAL (code, format == GYM_DATASET_NPZ ? GYM_EINVAL : GYM_ECANCELLED);
  }
  gym_dataset_destroy (&d);
  ds_free (&scene);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "numbers", test_numbers },
                                           { "blocks", test_blocks },
                                           { "texts", test_texts },
                                           { "stopped", test_stopped },
                                           { 0 } };
  return tap_run ("dataset_out", tests);
}
