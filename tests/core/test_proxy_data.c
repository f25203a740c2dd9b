/* core/proxy_data.c: rows to learn from, against the data set they are taken from. */
#include "tests/core/proxy_scene.h"

static char path[256];

static void
make (const char *env, const char *const *options, const char *objective)
{
  help_scratch (path, "rows.db");
  scene_store (path, env, options, objective, "random", "ga", 60, "1..2", 0);
}

static void
test_rows (void)
{
  make ("toy", NULL, "energy");
  gym_error err = { 0 };
  const char *const names[] = { "throughput", "energy" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 2,
                                           .metrics = names };
  gym_proxy_data *d = scene_data (path, &choice);
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  const char *paths[] = { path };
  const struct gym_dataset_options o = { .struct_size = sizeof o,
                                         .statuses = 1u << GYM_TRIAL_OK };
  gym_dataset *set = gym_dataset_open (paths, 1, &o, &err);
  const struct gym_dataset_table *all = gym_dataset_load (set, &err);
  int throughput = gym_dataset_find_metric (set, "throughput", &err),
      energy = gym_dataset_find_metric (set, "energy", &err);
  /* One env, one fidelity, not noisy: the data set's rows are distinct designs. */
  CU_ASSERT_EQUAL_FATAL (t->n, all->n);
  CU_ASSERT (t->n > 50 && t->n_groups == t->n && t->n_targets == 2 && t->n_agents == 2);
  CU_ASSERT_EQUAL (
      memcmp (t->designs, all->designs, t->n * t->n_params * sizeof (double)), 0);
  for (size_t i = 0; i < t->n; i++) {
    CU_ASSERT_EQUAL (t->targets[2 * i],
                     all->metrics[i * all->n_metrics + (size_t)throughput]);
    CU_ASSERT_EQUAL (t->targets[2 * i + 1],
                     all->metrics[i * all->n_metrics + (size_t)energy]);
    CU_ASSERT (t->groups[i] == i && t->agents[i] == all->agents[i]);
  }
  CU_ASSERT_STRING_EQUAL (gym_proxy_data_targets (d)->items[0].name, "throughput");
  CU_ASSERT_STRING_EQUAL (gym_proxy_data_env (d), gym_dataset_env (set, 0)->identity);
  CU_ASSERT_STRING_EQUAL (gym_proxy_data_agent (d, 0), "random");
  gym_dataset_destroy (&set);
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

/* The same designs under three evaluation seeds: one group of three results each. */
static void
test_noise (void)
{
  help_scratch (path, "noisy.db");
  for (uint64_t seed = 0; seed < 3; seed++)
    scene_store (path, "noisy", NULL, "loss", "random", NULL, 40, "1", seed);
  const char *const names[] = { "loss" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 1,
                                           .metrics = names };
  gym_proxy_data *d = scene_data (path, &choice);
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  size_t counts[200] = { 0 };
  CU_ASSERT (t->n_groups > 10 && t->n_groups <= 40 && t->n == 3 * t->n_groups);
  for (size_t i = 0; i < t->n; i++) {
    CU_ASSERT_FATAL (t->groups[i] < t->n_groups);
    counts[t->groups[i]]++;
    for (size_t k = 0; k < i; k++) {
      bool same = memcmp (t->designs + i * t->n_params, t->designs + k * t->n_params,
                          t->n_params * sizeof (double))
                  == 0;
      CU_ASSERT_EQUAL (same, t->groups[i] == t->groups[k]);
    }
  }
  for (size_t g = 0; g < t->n_groups; g++)
    CU_ASSERT_EQUAL (counts[g], 3);
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

/* Seeds that change nothing give rows that say nothing new. */
static void
test_repeats (void)
{
  help_scratch (path, "again.db");
  for (uint64_t seed = 0; seed < 3; seed++)
    scene_store (path, "toy", NULL, "energy", "random", NULL, 40, "1", seed);
  gym_proxy_data *d = scene_data (path, NULL);
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  CU_ASSERT (t->n == t->n_groups && t->n > 10 && t->n <= 40);
  CU_ASSERT_EQUAL (t->n_targets, 4); /* all of toy's */
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

static void
refused (const struct gym_proxy_choice *choice, int code, const char *text)
{
  gym_error err = { 0 };
  const char *paths[] = { path };
  gym_proxy_data *d = gym_proxy_data_open (paths, 1, choice, &err);
  CU_ASSERT_PTR_NULL (d);
  CU_ASSERT_EQUAL (err.code, code);
  if (!strstr (err.text, text))
    tap_note ("%s", err.text);
  CU_ASSERT (strstr (err.text, text) != NULL);
}

static void
test_refusals (void)
{
  static const char *const scaled[] = { "scale=2", NULL };
  const char *const twice[] = { "energy", "energy" }, *const wrong[] = { "enrgy" };
  struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                     .n_metrics = 2,
                                     .metrics = twice };
  make ("toy", NULL, "energy");
  refused (&choice, GYM_EINVAL, "metric \"energy\" is given twice");
  choice.n_metrics = 1;
  choice.metrics = wrong;
  refused (&choice, GYM_ENOTFOUND, "energy");
  choice.n_metrics = 0;
  choice.identity = "{\"id\": \"toy-v1\", \"options\": {}}";
  refused (&choice, GYM_ENOTFOUND, "no ok trial is of the env the model stands for");
  choice.identity = NULL;
  choice.fidelity = "coarse";
  refused (&choice, GYM_ENOTFOUND, "");
  choice.fidelity = NULL;
  scene_store (path, "toy", scaled, "energy", "random", NULL, 20, "1", 0);
  refused (&choice, GYM_EINVAL,
           "the rows are of several envs, and a model is of one: scale is 1 in one and "
           "2 in another; choose by an option (where)");
  choice.where = help_settings (scaled);
  gym_proxy_data *d = scene_data (path, &choice);
  CU_ASSERT (gym_proxy_data_table (d)->n <= 20);
  gym_proxy_data_destroy (&d);
  gym_settings *where = (gym_settings *)(uintptr_t)choice.where;
  gym_settings_destroy (&where);
  help_remove (path);
}

/* Two cheap studies beside the dear one, one of them without the hint "throughput". */
static void
make_cheap (void)
{
  make ("toy", NULL, "energy");
  scene_store_at (path, "toy", NULL, "energy", "random", NULL, 10, "3", 0, "medium");
  scene_store_at (path, "toy", NULL, "energy", "random", NULL, 3, "4", 0, "coarse");
  /* Designs of the dear study once more, cheaper. */
  scene_store_at (path, "toy", NULL, "energy", "random", NULL, 5, "1", 0, "medium");
}

/* The hints of the first row of each distinct design, in order of rows, at whatever
 * fidelity; returns how many there are. */
static size_t
expected_hints (const char *const *names, uint32_t m, double *designs, double *hints)
{
  gym_error err = { 0 };
  const char *paths[] = { path };
  const struct gym_dataset_options o = { .struct_size = sizeof o,
                                         .statuses = 1u << GYM_TRIAL_OK };
  gym_dataset *set = gym_dataset_open (paths, 1, &o, &err);
  const struct gym_dataset_table *t = gym_dataset_load (set, &err);
  size_t n = 0, p = t->n_params;
  for (size_t i = 0; i < t->n; i++) {
    bool good = true;
    for (size_t k = 0; k < n && good; k++)
      good = memcmp (designs + k * p, t->designs + i * p, p * sizeof *designs) != 0;
    for (uint32_t j = 0; j < m; j++) {
      hints[n * m + j] =
          t->metrics[i * t->n_metrics
                     + (size_t)gym_dataset_find_metric (set, names[j], &err)];
      good = good && !isnan (hints[n * m + j]);
    }
    memcpy (designs + n * p, t->designs + i * p, p * sizeof *designs);
    n += good;
  }
  gym_dataset_destroy (&set);
  return n;
}

/* As they are, or their logarithms around the mean. */
static void
compare_hints (const double *seen, const double *raw, size_t n, uint32_t m, bool logs)
{
  double mean = 0;
  for (size_t i = 0; i < n; i++)
    mean += log (raw[i * m]) / (double)n;
  for (size_t i = 0; i < n; i++)
    CU_ASSERT (logs ? fabs (seen[i * m] - log (raw[i * m]) + mean) < 1e-9
                    : seen[i * m] == raw[i * m]);
}

static void
test_hints (void)
{
  enum { ROOM = 400, P = 16, M = 2 };
  static double designs[ROOM * P], raw[ROOM * M];
  const char *const names[] = { "energy" }, *const hints[] = { "throughput", "delay" };
  struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                     .n_metrics = 1,
                                     .metrics = names };
  make_cheap ();
  gym_proxy_data *plain = scene_data (path, &choice);
  choice.n_hints = M;
  choice.hints = hints;
  gym_proxy_data *d = scene_data (path, &choice);
  const struct gym_proxy_table *t = gym_proxy_data_table (d),
                               *u = gym_proxy_data_table (plain);
  size_t n = expected_hints (hints, M, designs, raw);
  /* What is learnt stays what it was, at the dear fidelity. */
  CU_ASSERT_STRING_EQUAL (gym_proxy_data_fidelity (d), "full");
  CU_ASSERT_EQUAL_FATAL (t->n, u->n);
  CU_ASSERT_EQUAL (memcmp (t->targets, u->targets, t->n * sizeof (double)), 0);
  CU_ASSERT_EQUAL (u->n_hinted, 0);
  /* Designs of the dear study, and more, but none that has one hint only. */
  CU_ASSERT (n > t->n_groups + 20 && n < t->n_groups + 60);
  CU_ASSERT_EQUAL_FATAL (t->n_hinted, n);
  CU_ASSERT_EQUAL (t->n_hints, M);
  CU_ASSERT_EQUAL (memcmp (t->hinted, designs, n * t->n_params * sizeof (double)), 0);
  compare_hints (t->hints, raw, n, M, true);
  compare_hints (t->hints + 1, raw + 1, n, M, true);
  gym_proxy_data_destroy (&d);
  gym_proxy_data_destroy (&plain);
  help_remove (path);
}

/* Targets that are not named are all but the hints. */
static void
test_other_targets (void)
{
  enum { ROOM = 400, P = 16 };
  static double designs[ROOM * P], raw[ROOM];
  const char *const hints[] = { "utilisation" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_hints = 1,
                                           .hints = hints };
  make_cheap ();
  gym_proxy_data *d = scene_data (path, &choice);
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  size_t n = expected_hints (hints, 1, designs, raw);
  CU_ASSERT_EQUAL_FATAL (t->n_hinted, n);
  CU_ASSERT_EQUAL (n, t->n_groups); /* only the dear fidelity has it */
  CU_ASSERT_EQUAL_FATAL (t->n_targets, 3);
  for (uint32_t i = 0; i < 3; i++)
    CU_ASSERT_STRING_NOT_EQUAL (gym_proxy_data_targets (d)->items[i].name, hints[0]);
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

/* Values below 0 have no logarithm. Of a noisy design the first result is the hint. */
static void
test_plain_hints (void)
{
  enum { ROOM = 100, P = 4 };
  static double designs[ROOM * P], raw[ROOM];
  static const char *const loud[] = { "noise=10", NULL };
  const char *const names[] = { "elapsed" }, *const hints[] = { "loss" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 1,
                                           .metrics = names,
                                           .n_hints = 1,
                                           .hints = hints };
  help_scratch (path, "loud.db");
  for (uint64_t seed = 0; seed < 2; seed++)
    scene_store (path, "noisy", loud, "loss", "random", NULL, 40, "1", seed);
  gym_proxy_data *d = scene_data (path, &choice);
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  size_t n = expected_hints (hints, 1, designs, raw);
  CU_ASSERT (n > 10 && n == t->n_groups && t->n > n);
  CU_ASSERT_EQUAL_FATAL (t->n_hinted, n);
  compare_hints (t->hints, raw, n, 1, false);
  gym_proxy_data_destroy (&d);
  help_remove (path);
}

/* Of the target at a cheap fidelity: all its designs there, and nothing of the dear one;
 * which metrics are learnt does not depend on that. */
static void
test_cheap_hints (void)
{
  const char *const hints[] = { "energy@medium" }, *const both[] = { "energy@medium",
                                                                     "delay@coarse" };
  struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                     .n_hints = 1,
                                     .hints = hints };
  make_cheap ();
  gym_proxy_data *d = scene_data (path, &choice);
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  const char *paths[] = { path };
  const struct gym_dataset_options o = { .struct_size = sizeof o, .fidelity = "medium" };
  gym_dataset *set = gym_dataset_open (paths, 1, &o, NULL);
  const struct gym_dataset_table *u = gym_dataset_load (set, NULL);
  int energy = gym_dataset_find_metric (set, "energy", NULL);
  CU_ASSERT_EQUAL (t->n_targets, 4);
  CU_ASSERT (u->n > 20);
  CU_ASSERT_EQUAL_FATAL (t->n_hinted, u->n);
  CU_ASSERT_EQUAL (memcmp (t->hinted, u->designs, u->n * u->n_params * sizeof (double)),
                   0);
  for (size_t i = 1; i < u->n; i++) {
    double a = u->metrics[(i - 1) * u->n_metrics + (size_t)energy],
           b = u->metrics[i * u->n_metrics + (size_t)energy];
    CU_ASSERT ((a < b) == (t->hints[i - 1] < t->hints[i]));
  }
  gym_dataset_destroy (&set);
  gym_proxy_data_destroy (&d);
  choice.n_hints = 2;
  choice.hints = both;
  refused (&choice, GYM_ENOTFOUND, "no ok trial has all metrics to pretrain on");
  help_remove (path);
}

static void
test_wrong_hints (void)
{
  const char *const
      names[] = { "energy" },
      *const wrong[] = { "delya" }, *const twice[] = { "delay", "energy" },
      *const absent[] = { "delay", "utilisation" }, *const here[] = { "energy@full" },
      *const nowhere[] = { "energy@rough" }, *const nothing[] = { "enrgy@coarse" };
  struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                     .n_metrics = 1,
                                     .metrics = names,
                                     .n_hints = 1,
                                     .hints = wrong };
  make_cheap ();
  refused (&choice, GYM_ENOTFOUND, "\"delya\"");
  choice.n_hints = 2;
  choice.hints = twice;
  refused (&choice, GYM_EINVAL,
           "metric \"energy\" is to be learnt: pretraining on it would show the model "
           "what it is tested on");
  choice.hints = here;
  choice.n_hints = 1;
  refused (&choice, GYM_EINVAL, "another fidelity's, energy@FIDELITY, would not");
  choice.hints = nowhere;
  refused (&choice, GYM_ENOTFOUND,
           "hint \"energy@rough\": no trial is of fidelity \"rough\"");
  choice.hints = nothing;
  refused (&choice, GYM_ENOTFOUND, "\"enrgy\"");
  choice.n_hints = 2;
  choice.hints = absent;
  choice.fidelity = "ful";
  refused (&choice, GYM_ENOTFOUND, "no ok trial is of fidelity \"ful\"");
  choice.fidelity = NULL;
  help_remove (path);
  help_scratch (path, "coarse.db");
  scene_store_at (path, "toy", NULL, "energy", "random", NULL, 3, "4", 0, "coarse");
  refused (&choice, GYM_ENOTFOUND, "no ok trial has all metrics to pretrain on");
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "rows are the data set's", test_rows },
                                           { "designs with several results", test_noise },
                                           { "equal results are one", test_repeats },
                                           { "what is refused", test_refusals },
                                           { "hints of all designs", test_hints },
                                           { "targets beside hints", test_other_targets },
                                           { "hints as they are", test_plain_hints },
                                           { "hints of a cheap fidelity",
                                             test_cheap_hints },
                                           { "hints that are none", test_wrong_hints },
                                           { 0 } };
  return tap_run ("proxy_data", tests);
}
