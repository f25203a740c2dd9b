/* core/prior_portfolio.c: which designs are anchors, in which order, and that searches
 * begin with them. */
#include "tests/core/prior_help.h"

enum { TASKS = 3, WIDTH = 8 };

/* The best design of each task by its log, evaluated on each task. */
struct slow {
  size_t n;
  double designs[TASKS][WIDTH], goals[TASKS][TASKS]; /* of task, design */
};

static double
energy_of (gym_env *env, const double *design)
{
  uint64_t seed = gym_rng_derive (0, gym_space_hash (gym_env_space (env), design), 0);
  double metrics[4];
  uint32_t status;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (
      gym_env_evaluate (env, 1, design, NULL, &seed, metrics, &status, NULL, &err),
      GYM_OK);
  return status == GYM_TRIAL_OK ? metrics[1] : INFINITY;
}

/* How many values the design of row i shares with those of all rows as good. */
static size_t
alike (const struct gym_dataset_table *t, size_t env, double energy, size_t i)
{
  size_t sum = 0;
  for (size_t j = 0; j < t->n; j++)
    for (size_t k = 0; k < WIDTH && t->envs[j] == env; k++) {
      double x = t->designs[i * WIDTH + k], y = t->designs[j * WIDTH + k];
      sum += t->statuses[j] == GYM_TRIAL_OK && t->metrics[j * t->n_metrics + 1] == energy
             && (x == y || (isnan (x) && isnan (y)));
    }
  return sum;
}

/* Of equals the one whose values most of them have. */
static void
take_best (struct slow *slow, const gym_space *space, const struct gym_dataset_table *t,
           size_t env)
{
  double least = INFINITY;
  size_t best = 0, most = 0;
  for (size_t i = 0; i < t->n; i++)
    if (t->envs[i] == env && t->statuses[i] == GYM_TRIAL_OK)
      least = fmin (least, t->metrics[i * t->n_metrics + 1]);
  for (size_t i = 0; i < t->n; i++) {
    size_t n = t->envs[i] == env && t->statuses[i] == GYM_TRIAL_OK
                       && t->metrics[i * t->n_metrics + 1] == least
                   ? alike (t, env, least, i)
                   : 0;
    best = n > most ? i : best;
    most = n > most ? n : most;
  }
  const double *design = t->designs + best * WIDTH;
  for (size_t k = 0; k < slow->n; k++)
    if (gym_space_hash (space, slow->designs[k]) == gym_space_hash (space, design))
      return;
  memcpy (slow->designs[slow->n++], design, sizeof slow->designs[0]);
}

static double
rank_of (const struct slow *slow, size_t task, size_t k)
{
  double rank = 0.5;
  for (size_t j = 0; j < slow->n; j++)
    rank += slow->goals[task][j] < slow->goals[task][k]    ? 1
            : slow->goals[task][j] == slow->goals[task][k] ? 0.5
                                                           : 0;
  return rank;
}

/* What the greedy rule says comes next, by the words of the header: the largest drop of
 * the sum over tasks of the best rank so far; -1 at the end. */
static int
slow_next (const struct slow *slow, const bool *taken)
{
  double least = 0;
  int next = -1;
  for (size_t k = 0; k < slow->n; k++) {
    double drop = 0;
    for (size_t t = 0; t < TASKS; t++) {
      double reached = (double)slow->n + 1;
      for (size_t j = 0; j < slow->n; j++)
        if (taken[j])
          reached = fmin (reached, rank_of (slow, t, j));
      drop += fmax (0, reached - rank_of (slow, t, k));
    }
    if (!taken[k] && drop > least) {
      least = drop;
      next = (int)k;
    }
  }
  return next;
}

static gym_prior *
learn (gym_env *env, const char *path, const struct gym_bank_options *options)
{
  gym_error err = { 0 };
  gym_bank *bank = gym_bank_open (&path, 1, env, options, &err);
  gym_prior *p = bank ? gym_bank_prior (bank, NULL, &err) : NULL;
  if (!p)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  gym_bank_destroy (&bank);
  return p;
}

/* A length of 1 would leave one of the three tasks unasked. */
static void
test_order (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 80);
  gym_env *env = help_env (r, "toy", NULL);
  const char *paths[] = { path };
  gym_dataset *d = gym_dataset_open (paths, 1, NULL, &err);
  const struct gym_dataset_table *t = d ? gym_dataset_load (d, &err) : NULL;
  CU_ASSERT_FATAL (t && t->n_params == WIDTH && gym_dataset_envs (d) == TASKS);
  struct slow slow = { 0 };
  for (size_t e = 0; e < TASKS; e++)
    take_best (&slow, gym_env_space (env), t, e);
  for (size_t e = 0; e < TASKS; e++) {
    gym_env *task =
        gym_env_reopen (r, gym_dataset_env (d, e)->identity, NULL, NULL, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (task);
    for (size_t k = 0; k < slow.n; k++)
      slow.goals[e][k] = energy_of (task, slow.designs[k]);
    gym_env_destroy (&task);
  }
  for (uint32_t most = 2; most <= TASKS; most++) {
    struct gym_bank_options o = { .struct_size = sizeof o,
                                  .objective = "energy",
                                  .anchors = most };
    gym_prior *p = learn (env, path, &o);
    size_t n, k = 0;
    const double *first = gym_prior_first (p, &n);
    bool taken[TASKS] = { false };
    for (int next; k < most && (next = slow_next (&slow, taken)) >= 0; k++) {
      taken[next] = true;
      CU_ASSERT (k < n
                 && gym_space_hash (gym_env_space (env), first + k * WIDTH)
                        == gym_space_hash (gym_env_space (env), slow.designs[next]));
    }
    CU_ASSERT_EQUAL (n, k);
    gym_prior_destroy (&p);
  }
  gym_dataset_destroy (&d);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

/* One task, one design: nothing tells whether it is to be believed, so nothing leans. */
static void
test_single (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 40);
  gym_env *env = help_env (r, "toy", NULL);
  gym_bank *all = bank_open (env, path, NULL, "energy", &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (all);
  const char *only[] = { gym_bank_task (all, bank_find (all, "alike"))->workload };
  struct gym_bank_options o = {
    .struct_size = sizeof o, .objective = "energy", .only = only, .n_only = 1
  };
  gym_prior *p = learn (env, path, &o);
  size_t n;
  gym_prior_first (p, &n);
  CU_ASSERT_EQUAL (n, 1);
  CU_ASSERT_EQUAL (gym_prior_tasks (p), 1);
  CU_ASSERT_EQUAL (gym_prior_task (p, 0)->weight, 0);
  for (uint32_t i = 0; i < WIDTH; i++) {
    uint64_t count = gym_space_count (gym_env_space (env), i);
    for (uint64_t k = 0; gym_prior_weights (p)[i] && k < count; k++)
      CU_ASSERT_DOUBLE_EQUAL (gym_prior_weights (p)[i][k], 1.0 / (double)count, 1e-12);
  }
  gym_prior_destroy (&p);
  const char *wrong[] = { "toy-v9" };
  const char *paths[] = { path };
  o.only = wrong;
  CU_ASSERT_PTR_NULL (gym_bank_open (paths, 1, env, &o, &err));
  CU_ASSERT (help_says (&err, "unknown workload \"toy-v9\""));
  gym_bank_destroy (&all);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

struct heard {
  const gym_space *space;
  const double *first;
  size_t n, right;
};

static int
hear (void *context, const struct gym_trial *trial, gym_error *err)
{
  struct heard *h = context;
  (void)err;
  if (trial->number < h->n)
    h->right += gym_space_hash (h->space, trial->design)
                == gym_space_hash (h->space, h->first + trial->number * WIDTH);
  return GYM_OK;
}

/* They are the first trials of every run of an agent that takes them, whatever its seed
 * and however many are in flight, and part of the run's identity. */
static void
test_begin (void)
{
  static const char *const agents[] = { "ga",  "random", "sa",   "hill",  "regevo", "aco",
                                        "tpe", "bo",     "rfbo", "sobol", "nsga2" };
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  gym_env *env = help_env (r, "toy", NULL);
  const double *none[WIDTH] = { NULL };
  double first[5 * WIDTH];
  gym_rng rng;
  gym_rng_init (&rng, 3);
  for (size_t k = 0; k < 5; k++) {
    gym_space_sample (gym_env_space (env), &rng, first + k * WIDTH);
    gym_env_repair (env, first + k * WIDTH);
  }
  gym_prior *p = gym_prior_new (gym_env_space (env), none, &err);
  CU_ASSERT_FATAL (p && gym_prior_begin (p, 5, first, &err) == GYM_OK);
  for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++) {
    struct heard heard = { gym_env_space (env), first, 5, 0 };
    gym_study *s = gym_study_new (env, "energy", &err);
    uint64_t seeds[] = { 1, 2 };
    CU_ASSERT_EQUAL (gym_study_set_seeds (s, seeds, 2, &err), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_set_budget (s, 20, &err), GYM_OK);
    CU_ASSERT_EQUAL (gym_study_add_prior (s, agents[i], NULL, p, NULL, &err), GYM_OK);
    gym_study_on_trial (s, hear, &heard);
    CU_ASSERT_EQUAL (gym_study_run (s, &err), GYM_OK);
    if (heard.right != 10)
      tap_note ("%s: %zu of 10", agents[i], heard.right);
    CU_ASSERT_EQUAL (heard.right, 10);
    gym_study_destroy (&s);
  }
  gym_prior_destroy (&p);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "the order", test_order },
                                           { "a single task", test_single },
                                           { "searches begin with them", test_begin },
                                           { NULL, NULL } };
  return tap_run ("prior_portfolio", tests);
}
