/* Identities, spaces and metrics: what goes together. */
#include <config.h>

#include "core/dataset_inside.h"
#include "tests/core/stores.h"

static const char identity[] =
    "{\"id\": \"x-v1\", \"options\": {\"deep\": true, \"mode\": \"fast\", \"part\": "
    "{\"name\": \"mine.txt\", \"sha256\": \"abcdef0123456789\"}, \"rate\": 0.1, "
    "\"size\": "
    "1000, \"trace\": {\"name\": \"a.trc\", \"sha256\": \"0123456789abcdef\"}, "
    "\"label\": null}}";

static void
workload_is (const char *json, bool digest, const char *want)
{
  char *text = gym_dataset_workload (json, digest);
  CU_ASSERT_STRING_EQUAL (text, want);
  gym_free (text);
}

static void
test_workloads (void)
{
  workload_is (identity, false, "a.trc");
  workload_is (identity, true, "a.trc#01234567");
  workload_is ("{\"options\": {\"workload\": \"vgg16\", \"trace\": \"t\"}}", true,
               "vgg16");
  workload_is ("{\"options\": {\"workload\": \"\", \"trace\": \"t\"}}", true, "t");
  workload_is ("{\"options\": {\"a\": {\"name\": \"one\", \"sha256\": \"00\"}, \"b\": 3, "
               "\"c\": {\"name\": \"two\"}}}",
               true, "one#00+two#");
  workload_is ("{\"options\": {}}", false, "");
  workload_is ("nothing", false, "");
}

static int
fits (const char *text, gym_error *err)
{
  gym_settings *where = gym_settings_new (NULL);
  gym_settings_parse (where, text, NULL);
  int code = gym_dataset_fits (identity, where, err);
  gym_settings_destroy (&where);
  return code;
}

static void
test_options (void)
{
  static const char *const yes[] = { "trace=a.trc",
                                     "trace=01234567",
                                     "mode=fast",
                                     "size=1000",
                                     "size=1e3",
                                     "rate=0.1",
                                     "rate=.1",
                                     "deep=true",
                                     "part=mine.txt",
                                     "label=",
                                     "trace=0123456789abcdef" };
  static const char *const no[] = { "trace=b.trc", "trace=0123456", "trace=01234568",
                                    "mode=Fast",   "size=100",      "size=1000ns",
                                    "deep=false",  "rate=0.11",     "label=x" };
  gym_error err = { 0 };
  for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
    CU_ASSERT_EQUAL (fits (yes[i], &err), 1);
  for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
    CU_ASSERT_EQUAL (fits (no[i], &err), 0);
  CU_ASSERT_EQUAL (fits ("modus=fast", &err), GYM_EINVAL);
  CU_ASSERT_TRUE (kit_says (&err, "unknown option \"modus\"; did you mean \"mode\"? "
                                  "Valid: deep, mode, part, rate, size, trace, label"));
  CU_ASSERT_EQUAL (gym_dataset_fits (identity, NULL, &err), 1);
}

/* ---- spaces ---- */

static const char *const two[] = { "a", "b" };
static const char *const three[] = { "a", "b", "c" };
static const char *const when_a[] = { "a", NULL };
static const char *const when_b[] = { "b", NULL };

static const struct gym_param base[] = {
  { .name = "l", .kind = GYM_CATEGORICAL, .levels = two, .n_levels = 2 },
  { .name = "i", .unit = "ns", .kind = GYM_INTEGER, .low = 0, .high = 8, .step = 2 },
  { .name = "r", .kind = GYM_REAL, .high = 1, .parent = "l", .when = when_a },
};

static gym_space *
space_of (const struct gym_param *params)
{
  const struct gym_params list = {
    .struct_size = sizeof list, .n = 3, .stride = sizeof *params, .items = params
  };
  gym_space *space = gym_space_new (&list, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (space);
  return space;
}

/* Parameter `at` as given: the text of the difference, or "" for none. */
static void
differs (size_t at, struct gym_param param, const char *want)
{
  struct gym_param params[3];
  gym_error err = { 0 };
  memcpy (params, base, sizeof params);
  params[at] = param;
  gym_space *a = space_of (base), *b = space_of (params);
  int code = gym_dataset_same_space (a, b, &err);
  CU_ASSERT_EQUAL (code, *want ? GYM_EINVAL : GYM_OK);
  CU_ASSERT_STRING_EQUAL (err.text, want);
  gym_space_destroy (&a);
  gym_space_destroy (&b);
}

static void
test_spaces (void)
{
  struct gym_param p = base[0];
  p.doc = "Other words.";
  p.initial = 1;
  p.group = "g";
  differs (0, p, "");
  p.levels = three;
  p.n_levels = 3;
  differs (0, p, "the levels of parameter \"l\" differ");
  p = base[0];
  p.kind = GYM_ORDINAL;
  differs (0, p, "the kind of parameter \"l\" differs");
  p = base[1];
  p.high = 10;
  differs (1, p, "the bounds of parameter \"i\" differ");
  p.high = 8;
  p.step = 4;
  differs (1, p, "the bounds of parameter \"i\" differ");
  p = base[1];
  p.unit = "us";
  differs (1, p, "the unit of parameter \"i\" differs");
  p = base[1];
  p.name = "j";
  differs (1, p, "the name of parameter \"i\" differs");
  p = base[2];
  p.when = when_b;
  differs (2, p, "the parent of parameter \"r\" differs");
  p.parent = NULL;
  p.when = NULL;
  differs (2, p, "the parent of parameter \"r\" differs");
  p = base[2];
  p.low = -1;
  differs (2, p, "the bounds of parameter \"r\" differ");
  struct gym_params list = {
    .struct_size = sizeof list, .n = 2, .stride = sizeof *base, .items = base
  };
  gym_error err = { 0 };
  gym_space *a = space_of (base), *b = gym_space_new (&list, NULL);
  CU_ASSERT_EQUAL (gym_dataset_same_space (a, b, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "3 parameters and 2");
  gym_space_destroy (&a);
  gym_space_destroy (&b);
}

/* ---- metrics ---- */

static void
metrics_differ (struct layout_column *columns, uint32_t n, const char *want)
{
  static struct gym_metric items[] = {
    { .name = "energy", .unit = "nJ", .sense = GYM_MINIMISE },
    { .name = "time", .unit = "s", .flags = GYM_METRIC_MEASURED },
  };
  const struct gym_metrics metrics = {
    .struct_size = sizeof metrics, .n = 2, .stride = sizeof *items, .items = items
  };
  const struct gym_layout layout = { .n_metrics = n, .columns = columns };
  gym_error err = { 0 };
  int code = gym_dataset_same_metrics (&metrics, &layout, &err);
  CU_ASSERT_EQUAL (code, *want ? GYM_EINVAL : GYM_OK);
  CU_ASSERT_STRING_EQUAL (err.text, want);
}

static char energy[] = "energy", times[] = "time", nj[] = "nJ", s[] = "s", none[] = "";

static void
test_metrics (void)
{
  struct layout_column columns[3] = {
    { .name = energy, .unit = nj, .sense = GYM_MINIMISE },
    { .name = none, .unit = none, .sealed = true },
    { .name = times, .unit = s, .measured = true },
  };
  metrics_differ (columns, 3, "");
  metrics_differ (columns, 2, "metric \"time\" is in one alone");
  columns[1].sealed = false;
  metrics_differ (columns, 3, "metric 2 is \"time\" and \"\"");
  columns[1].name = times;
  columns[1].unit = s;
  columns[1].measured = true;
  metrics_differ (columns, 3, "metric \"time\" is in one alone");
  columns[0].unit = s;
  metrics_differ (columns, 2, "unit, sense or flags of metric \"energy\" differ");
  columns[0].unit = nj;
  columns[1].measured = false;
  metrics_differ (columns, 2, "unit, sense or flags of metric \"time\" differ");
}

int
main (void)
{
  static const struct tap_test tests[] = { { "workloads", test_workloads },
                                           { "options", test_options },
                                           { "spaces", test_spaces },
                                           { "metrics", test_metrics },
                                           { 0 } };
  return tap_run ("dataset_match", tests);
}
