/* The screenful: exact for a small set, and within its bounds for others. */
#include <config.h>

#include "tests/core/datasets.h"

static struct ds_scene scene;

static char *
describe (gym_dataset *d)
{
  gym_error err = { 0 };
  char *text = gym_dataset_describe (d, &err);
  if (!text)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (text);
  return text;
}

/* Line `n` of the text, from 0. */
static const char *
line (const char *text, int n, char out[200])
{
  while (n-- > 0 && text)
    text = strchr (text, '\n') ? strchr (text, '\n') + 1 : NULL;
  snprintf (out, 200, "%.*s", text ? (int)strcspn (text, "\n") : 0, text ? text : "");
  return out;
}

/* Four trials of an env with all kinds of parameters, told by hand. */
static void
write_four (struct kit *kit, const char *label)
{
  static const double designs[4][5] = { { 0, 0, -10, 1e-3, 5 },
                                        { 0, 7, 100000, 1e6, 9007199254740992.0 },
                                        { 1, 7, 0, 1, NAN },
                                        { 0, 0, -10, 1e-3, 5 } };
  static const double energy[4] = { 1, 2, NAN, 1 };
  gym_error err = { 0 };
  gym_writer *writer = gym_writer_open (kit->path, GYM_DURABLE_PROCESS, &err);
  int64_t study = gym_writer_study (writer, &kit->row, NULL, 0, &err);
  int64_t run = gym_writer_run (writer, study, 0, "x-v1", label, "{}", 1, NULL, &err);
  for (uint64_t i = 0; i < 4; i++) {
    const double metrics[ds_metrics] = { energy[i], 0.5, 7, 1e9, NAN, -3 };
    const struct gym_logged trial = { .run = run,
                                      .number = i,
                                      .status = i == 2 ? GYM_TRIAL_TIMEOUT : GYM_TRIAL_OK,
                                      .fidelity = 1,
                                      .origin = i == 3 ? 0 : -1,
                                      .design = designs[i],
                                      .metrics = metrics };
    if (gym_writer_trial (writer, &trial, &err) < 0)
      tap_note ("%s", err.text);
  }
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
}

static const char *const want[] = {
  "made-up-v1: 3 rows of 4 trials (1 repeats and 0 duplicates are left out)",
  "status: ok 2 timeout 1",
  "",
  "agent                       trials        rows   % of rows       % new",
  "a label that is muc...           4           3         100          75",
  "",
  "workload                    trials        rows   % of rows       % new",
  "-                                4           3         100          75",
  "",
  "parameter               seen        % of rows with each level",
  "p0                      2 of 3      Open 66.7  Closed, really 33.3",
  "                                    it's \"open\" 0",
  "p1                      2 of 8      a 33.3  b 0  c 0  d 0  e 0  f 0  g 0  h 66.7",
  "p2                      2 of 10ths  1/10 66.7  2/10 0  3/10 0  4/10 0  5/10 0",
  "                                    6/10 0  7/10 0  8/10 0  9/10 0  10/10 33.3",
  "p3                      2 of 10ths  1/10 66.7  2/10 0  3/10 0  4/10 0  5/10 0",
  "                                    6/10 0  7/10 0  8/10 0  9/10 0  10/10 33.3",
  "p4                      2 of 10ths  1/10 33.3  2/10 0  3/10 0  4/10 0  5/10 0",
  "                                    6/10 0  7/10 0  8/10 0  9/10 0  10/10 33.3",
  "                                    (inactive 33.3)",
  "",
  "metric                       least quartile 1     median quartile 3       most",
  "energy, nJ                       1       1.25        1.5       1.75          2",
  "elapsed                        0.5        0.5        0.5        0.5        0.5",
  "p0                           1e+09      1e+09      1e+09      1e+09      1e+09",
  "m4                      no value",
  "m5                              -3         -3         -3         -3         -3",
};

static void
test_exact (void)
{
  struct kit kit;
  char seen[200];
  kit_make (&kit, kit_space (ds_params, true), ds_metrics);
  write_four (&kit, "a label that is much too long for its column");
  const char *path = kit.path;
  gym_dataset *d = gym_dataset_open (&path, 1, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  char *text = describe (d);
  int n = (int)(sizeof want / sizeof want[0]);
  for (int i = 0; i < n; i++)
    CU_ASSERT_TRUE (ds_is (line (text, i, seen), want[i]));
  CU_ASSERT_TRUE (ds_is (line (text, n, seen), ""));
  gym_free (text);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

/* No line is wider than a terminal, and the shares of each parameter add up. */
static void
test_width (void)
{
  for (uint64_t seed = 1; seed < 6; seed++) {
    ds_make (&scene, 1 + seed % 3, 50, seed);
    const struct gym_dataset_options all = { .struct_size = sizeof all,
                                             .duplicates = seed % 2 };
    gym_dataset *d = ds_open (&scene, &all);
    char *text = describe (d), out[200];
    for (int i = 0; *line (text, i, out) || i < 20; i++)
      CU_ASSERT (strlen (out) <= 80);
    CU_ASSERT_PTR_NOT_NULL (strstr (text, "ga, tuned"));
    CU_ASSERT_PTR_NOT_NULL (strstr (text, "\nfidelity "));
    CU_ASSERT_PTR_NULL (strstr (text, "hidden"));
    CU_ASSERT_EQUAL (!strstr (text, "are left out)"), seed % 2);
    bool conflicts = strstr (text, "differ from the row that stands for them");
    CU_ASSERT_EQUAL (conflicts, gym_dataset_counts (d)->conflicts > 0);
    gym_free (text);
    gym_dataset_destroy (&d);
    ds_free (&scene);
  }
}

/* A sample of the rows gives quartiles near the true ones, and the exact ends. */
static void
test_sample (void)
{
  struct kit kit;
  int64_t run;
  gym_error err = { 0 };
  kit_make (&kit, kit_space (2, false), 1);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  for (uint64_t i = 0; i < 50001; i++) {
    double design[2] = { (double)(i % 3), (double)(i % 8) },
           energy = (double)(i * 7919 % 50001);
    const struct gym_logged trial = { .run = run,
                                      .number = i,
                                      .fidelity = 1,
                                      .origin = -1,
                                      .seed = i,
                                      .design = design,
                                      .metrics = &energy };
    if (gym_writer_trial (writer, &trial, &err) < 0)
      break;
  }
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  const char *path = kit.path;
  gym_dataset *d = gym_dataset_open (&path, 1, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  char *text = describe (d), *at = strstr (text, "energy, nJ");
  double five[5] = { 0 };
  CU_ASSERT_PTR_NOT_NULL_FATAL (at);
  sscanf (at + 10, "%lf %lf %lf %lf %lf", &five[0], &five[1], &five[2], &five[3],
          &five[4]);
  CU_ASSERT (five[0] == 0 && five[4] == 5e4);
  for (int i = 1; i < 4; i++)
    CU_ASSERT (fabs (five[i] - i * 12500) < 250);
  gym_free (text);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

/* Long levels are cut between characters, and say so. */
static void
test_long_level (void)
{
  static const char *const levels[] = {
    "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
    "\u00e9\u00e9"
    "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
    "\u00e9\u00e9",
    "x\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
    "\u00e9\u00e9\u00e9"
    "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
    "\u00e9",
  };
  const struct gym_param param = {
    .name = "p0", .kind = GYM_CATEGORICAL, .levels = levels, .n_levels = 2
  };
  const struct gym_params list = {
    .struct_size = sizeof list, .n = 1, .stride = sizeof param, .items = &param
  };
  struct kit kit;
  int64_t run;
  gym_error err = { 0 };
  double design = 0, energy = 1;
  kit_make (&kit, gym_space_new (&list, &err), 1);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  const struct gym_logged trial = {
    .run = run, .fidelity = 1, .origin = -1, .design = &design, .metrics = &energy
  };
  CU_ASSERT_EQUAL (gym_writer_trial (writer, &trial, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  const char *path = kit.path;
  gym_dataset *d = gym_dataset_open (&path, 1, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  char *text = describe (d), want_first[80], want_second[80];
  snprintf (want_first, sizeof want_first, " %.56s... 100\n", levels[0]);
  snprintf (want_second, sizeof want_second, " %s 0\n", levels[1]);
  CU_ASSERT_PTR_NOT_NULL (strstr (text, want_first));
  CU_ASSERT_PTR_NOT_NULL (strstr (text, want_second));
  gym_free (text);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

/* A metric that only rows beside the sample have: its ends are known, no more. */
static void
test_rare_metric (void)
{
  struct kit kit;
  int64_t run;
  gym_error err = { 0 };
  double design[2] = { 0, 0 };
  kit_make (&kit, kit_space (2, false), 1);
  gym_writer *writer = kit_writer (&kit, &run, 1);
  for (uint64_t i = 0; i < 20001; i++) {
    const double energy = i == 1 ? 2.5 : NAN;
    const struct gym_logged trial = { .run = run,
                                      .number = i,
                                      .fidelity = 1,
                                      .origin = -1,
                                      .seed = i,
                                      .design = design,
                                      .metrics = &energy };
    if (gym_writer_trial (writer, &trial, &err) < 0)
      break;
  }
  CU_ASSERT_EQUAL (gym_writer_close (&writer, &err), GYM_OK);
  const char *path = kit.path;
  gym_dataset *d = gym_dataset_open (&path, 1, NULL, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  char *text = describe (d);
  CU_ASSERT_PTR_NOT_NULL (strstr (
      text, "\nenergy, nJ                     2.5          -          -          -"
            "        2.5\n"));
  gym_free (text);
  gym_dataset_destroy (&d);
  kit_free (&kit);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "exact", test_exact },
                                           { "width", test_width },
                                           { "sample", test_sample },
                                           { "long level", test_long_level },
                                           { "rare metric", test_rare_metric },
                                           { 0 } };
  return tap_run ("dataset_describe", tests);
}
