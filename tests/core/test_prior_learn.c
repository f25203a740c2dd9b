/* core/prior_learn.c: the weights, worked out once more from the rows of the data set. */
#include "tests/core/prior_help.h"

struct row {
  double energy;
  size_t at;
};

static int
by_energy (const void *a, const void *b)
{
  const struct row *x = a, *y = b;
  return x->energy != y->energy ? (x->energy < y->energy ? -1 : 1)
                                : (x->at > y->at) - (x->at < y->at);
}

/* The best of a workload, by the words of the header: its rows in order, cut. */
static size_t
slow_best (const struct gym_dataset_table *t, size_t env, double share, size_t least,
           struct row *rows)
{
  size_t n = 0, keep;
  for (size_t k = 0; k < t->n; k++)
    if (t->envs[k] == env && t->statuses[k] == GYM_TRIAL_OK)
      rows[n++] = (struct row){ t->metrics[k * t->n_metrics + 1], k };
  qsort (rows, n, sizeof *rows, by_energy);
  keep = (size_t)ceil (share * (double)n);
  keep = keep < least ? least : keep;
  while (keep < n && rows[keep].energy == rows[keep - 1].energy)
    keep++;
  return keep;
}

/* The better quarter of the anchors, which are evaluated once more. */
static size_t
slow_own (gym_env *env, const double *designs, size_t n, struct row *rows)
{
  uint32_t p = gym_space_size (gym_env_space (env));
  gym_error err = { 0 };
  for (size_t k = 0; k < n; k++) {
    double metrics[4];
    uint32_t status;
    uint64_t seed =
        gym_rng_derive (0, gym_space_hash (gym_env_space (env), designs + k * p), 0);
    CU_ASSERT_EQUAL (gym_env_evaluate (env, 1, designs + k * p, NULL, &seed, metrics,
                                       &status, NULL, &err),
                     GYM_OK);
    rows[k] = (struct row){ metrics[1], k };
  }
  qsort (rows, n, sizeof *rows, by_energy);
  return n / 4;
}

/* Shares of the values of parameter i among those designs, spread over neighbours where
 * there is an order. */
static void
slow_shares (const gym_space *space, const double *designs, const struct row *rows,
             size_t keep, uint32_t i, double *shares)
{
  uint32_t p = gym_space_size (space);
  size_t active = 0;
  uint64_t count = gym_space_count (space, i);
  memset (shares, 0, count * sizeof *shares);
  for (size_t k = 0; k < keep; k++)
    active += !isnan (designs[rows[k].at * p + i]);
  for (size_t k = 0; k < keep; k++) {
    double value = designs[rows[k].at * p + i];
    if (isnan (value))
      continue;
    long at = (long)gym_space_index (space, i, value), last = (long)count - 1;
    long reach = gym_space_param (space, i)->kind == GYM_CATEGORICAL ? 0
                 : count / 16 > 1                                    ? (long)count / 16
                                                                     : 1;
    double area = 0;
    for (long j = at - reach; j <= at + reach; j++)
      area += j >= 0 && j <= last ? reach + 1 - labs (j - at) : 0;
    for (long j = at - reach; j <= at + reach; j++)
      if (j >= 0 && j <= last)
        shares[j] += (double)(reach + 1 - labs (j - at)) / area / (double)active;
  }
  for (uint64_t k = 0; active == 0 && k < count; k++)
    shares[k] = 1.0 / (double)count;
}

static void
check_row (const gym_prior *p, gym_env *env, const gym_dataset *d,
           const struct gym_dataset_table *t, const size_t *envs, double uniform,
           double share, size_t least, uint32_t i)
{
  struct row *rows = calloc (t->n, sizeof *rows);
  size_t anchors;
  const double *first = gym_prior_first (p, &anchors);
  uint64_t count = gym_space_count (gym_dataset_space (d), i);
  double shares[64], expected[64] = { 0 }, sum = 0, squares = 0;
  for (size_t k = 0; k < gym_prior_tasks (p); k++)
    sum += fmax (0, gym_prior_task (p, k)->similarity);
  for (size_t k = 0; k < gym_prior_tasks (p); k++) {
    double s = fmax (0, gym_prior_task (p, k)->similarity), weight = s * s / sum;
    size_t kept = k == 0 ? slow_own (env, first, anchors, rows)
                         : slow_best (t, envs[k], share, least, rows);
    slow_shares (gym_dataset_space (d), k == 0 ? first : t->designs, rows, kept, i,
                 shares);
    squares += weight;
    CU_ASSERT_EQUAL (kept, gym_prior_task (p, k)->designs);
    CU_ASSERT_DOUBLE_EQUAL (weight, gym_prior_task (p, k)->weight, 1e-12);
    for (uint64_t v = 0; v < count; v++)
      expected[v] += (1 - uniform) * weight * shares[v];
  }
  for (uint64_t v = 0; v < count; v++) {
    expected[v] +=
        uniform / (double)count + (1 - uniform) * (1 - squares) / (double)count;
    CU_ASSERT_DOUBLE_EQUAL (gym_prior_weights (p)[i][v], expected[v], 1e-9);
  }
  free (rows);
}

static size_t
env_of (const gym_dataset *d, const gym_bank *bank, const char *workload)
{
  size_t i = 0;
  while (strcmp (gym_bank_task (bank, i)->workload, workload) != 0)
    i++;
  for (size_t e = 0; e < gym_dataset_envs (d); e++)
    if (strcmp (gym_dataset_env (d, e)->identity, gym_bank_task (bank, i)->identity) == 0)
      return e;
  return SIZE_MAX;
}

static void
test_formula (void)
{
  static const struct gym_prior_options cases[] = {
    { 0 },
    { .tasks = 1, .least = 5, .share = 0.2 },
    { .tasks = 2, .uniform = 0.5, .similarity = GYM_SIMILAR_METRICS },
    { .tasks = 9, .share = 1, .uniform = 1e-6, .similarity = GYM_SIMILAR_BOTH },
  };
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 120);
  gym_env *env = help_env (r, "toy", NULL);
  gym_bank *bank = bank_open (env, path, NULL, "energy", &err);
  const char *paths[] = { path };
  gym_dataset *d = gym_dataset_open (paths, 1, NULL, &err);
  const struct gym_dataset_table *t = d ? gym_dataset_load (d, &err) : NULL;
  CU_ASSERT_FATAL (bank && t);
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    struct gym_prior_options o = cases[c];
    gym_prior *p = gym_bank_prior (bank, &o, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (p);
    CU_ASSERT_EQUAL (gym_prior_tasks (p), o.tasks == 0 ? 3 : o.tasks > 4 ? 4 : o.tasks);
    CU_ASSERT_STRING_EQUAL (gym_prior_task (p, 0)->workload, "(the workload at hand)");
    CU_ASSERT_EQUAL (gym_prior_task (p, 0)->similarity, 1);
    size_t envs[4] = { SIZE_MAX };
    for (size_t k = 1; k < gym_prior_tasks (p); k++) {
      envs[k] = env_of (d, bank, gym_prior_task (p, k)->workload);
      CU_ASSERT (gym_prior_task (p, k)->similarity
                 <= gym_prior_task (p, k - 1)->similarity);
    }
    for (uint32_t i = 0; i < t->n_params; i++) {
      uint64_t count = gym_space_count (gym_dataset_space (d), i);
      CU_ASSERT_EQUAL (gym_prior_weights (p)[i] != NULL, count > 0);
      if (count > 0)
        check_row (p, env, d, t, envs, o.uniform > 0 ? o.uniform : 0.2,
                   o.share > 0 ? o.share : 0.01, o.least ? o.least : 20, i);
    }
    gym_prior_destroy (&p);
  }
  gym_dataset_destroy (&d);
  gym_bank_destroy (&bank);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

/* What finds good designs on one workload does on the other that is alike: designs drawn
 * by the prior are better than uniform ones. */
static void
test_worth (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 300);
  gym_env *env = help_env (r, "toy", NULL);
  double means[2] = { 0 };
  gym_bank *bank = bank_open (env, path, NULL, "energy", &err);
  gym_prior *p = gym_bank_prior (bank, NULL, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  for (int with = 0; with < 2; with++) {
    gym_study *s = gym_study_new (env, "energy", &err);
    gym_study_set_budget (s, 200, &err);
    CU_ASSERT_EQUAL (gym_study_add_prior (s, "random", NULL, with ? p : NULL, NULL, &err),
                     GYM_OK);
    CU_ASSERT_EQUAL (gym_study_run (s, &err), GYM_OK);
    double curve[200];
    CU_ASSERT_EQUAL (gym_study_curve (s, 0, curve, 200), 200);
    means[with] = curve[19];
    gym_study_destroy (&s);
  }
  tap_note ("best of 20: %.3f uniform, %.3f by the prior", means[0], means[1]);
  CU_ASSERT (means[1] < means[0]);
  gym_prior_destroy (&p);
  gym_bank_destroy (&bank);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

static void
test_refused (void)
{
  static const char *const only[] = { "toy-v9" };
  static const struct {
    struct gym_prior_options options;
    const char *text;
  } cases[] = {
    { { .similarity = 3 }, "prior: similarity 3 does not exist" },
    { { .share = 1.5 }, "prior: share 1.5: 0 to 1 is possible" },
    { { .share = NAN }, "prior: share nan: 0 to 1 is possible" },
    { { .uniform = -1 }, "prior: uniform -1: above 0 and up to 1 is possible" },
    { { .only = only, .n_only = 1 }, NULL },
  };
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 5);
  gym_env *env = help_env (r, "toy", NULL);
  gym_bank *bank = bank_open (env, path, NULL, "energy", &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (bank);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CU_ASSERT_PTR_NULL (gym_bank_prior (bank, &cases[i].options, &err));
    if (cases[i].text)
      CU_ASSERT_STRING_EQUAL (err.text, cases[i].text);
  }
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "unknown workload \"toy-v9\""));
  gym_bank_destroy (&bank);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the formula", test_formula },
                                           { "what it is worth", test_worth },
                                           { "what is refused", test_refused },
                                           { NULL, NULL } };
  return tap_run ("prior_learn", tests);
}
