/* core/prior_bank.c: tasks of stored studies, and how alike they are. */
#include "tests/core/prior_help.h"

/* A workload whose energies are three times as large is the same to every search; others
 * are the less alike the more they differ. */
static void
test_similarity (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy; delay<=60ns", 60);
  gym_env *env = help_env (r, "toy", NULL);
  gym_bank *bank = bank_open (env, path, NULL, "energy; delay<=60ns", &err);
  if (!bank)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (bank);
  CU_ASSERT_EQUAL (gym_bank_tasks (bank), 3);
  const struct gym_bank_task *alike = gym_bank_task (bank, bank_find (bank, "alike"));
  CU_ASSERT_EQUAL (alike->by_rank, 1);
  CU_ASSERT_DOUBLE_EQUAL (alike->by_metrics, 1, 1e-12);
  CU_ASSERT_STRING_EQUAL (alike->why, "");
  const struct gym_bank_task *rugged = gym_bank_task (bank, bank_find (bank, "rugged"));
  CU_ASSERT (rugged->by_rank < 1 && rugged->by_rank > 0.5);
  CU_ASSERT (rugged->by_metrics < 1 && rugged->by_metrics > 0.5);
  const struct gym_bank_task *small = gym_bank_task (bank, bank_find (bank, "small"));
  CU_ASSERT (small->by_rank < rugged->by_rank);
  tap_note ("rugged %.3f, small %.3f", rugged->by_rank, small->by_rank);
  /* Two tasks without a name of their own are told apart. */
  CU_ASSERT_STRING_NOT_EQUAL (alike->workload, rugged->workload);
  CU_ASSERT_STRING_NOT_EQUAL (alike->workload, small->workload);
  gym_bank_destroy (&bank);
  gym_bank_destroy (&bank);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

/* By rank alone: any rising function of the objective is the same; by metrics it is not.
 * The workload at hand is no task, its own studies only spare evaluations. */
static void
test_own_studies (void)
{
  char path[256];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "energy", 30);
  gym_env *env =
      help_env (r, "toy", (const char *const[]){ bank_tags[1], bank_options[1], NULL });
  gym_bank *bank = bank_open (env, path, NULL, "energy", &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (bank);
  CU_ASSERT_EQUAL (gym_bank_tasks (bank), 2);
  for (size_t i = 0; i < 2; i++)
    CU_ASSERT_PTR_NULL (strstr (gym_bank_task (bank, i)->identity, "rugged"));
  gym_bank_destroy (&bank);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

static void
test_refused (void)
{
  static const struct {
    struct gym_bank_options options;
    int code;
    const char *text;
  } cases[] = {
    { { .objective = NULL }, GYM_EINVAL, "prior: an objective is needed" },
    { { .objective = "energy,delay" },
      GYM_EINVAL,
      "prior: \"energy, delay\" has 2 goals: one is needed to tell the best designs, "
      "such "
      "as "
      "a product(...)" },
    { { .objective = "energy", .anchors = 4097 },
      GYM_EINVAL,
      "prior: 4097 anchors: 1 to 4096 are possible" },
    { { .objective = "energy", .contrast = 4097 },
      GYM_EINVAL,
      "prior: 4097 contrast: 0 to 4096 are possible" },
    { { .objective = "energy", .seed = UINT64_MAX },
      GYM_EINVAL,
      "prior: seed 18446744073709551615 is above 2^63 - 1" },
    { { .objective = "energie" }, GYM_EINVAL, NULL },
  };
  char path[256], other[256];
  gym_registry *r = help_registry ();
  bank_fill (help_scratch (path, "bank.db"), "energy", 5);
  gym_env *env = help_env (r, "toy", NULL);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    gym_error err = { 0 };
    const char *paths[] = { path };
    CU_ASSERT_PTR_NULL (gym_bank_open (paths, 1, env, &cases[i].options, &err));
    if (cases[i].text)
      CU_ASSERT_STRING_EQUAL (err.text, cases[i].text);
    CU_ASSERT (err.code < 0);
  }
  gym_error err = { 0 };
  CU_ASSERT_PTR_NULL (bank_open (env, "/nowhere/bank.db", NULL, "energy", &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  /* Studies of this workload alone teach nothing about others. */
  struct help_scene s = { 0 };
  const struct help_plan plan = { .env = "toy",
                                  .objective = "energy",
                                  .agents = { "random" },
                                  .budget = 5,
                                  .store = help_scratch (other, "own.db") };
  CU_ASSERT_EQUAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, &err), GYM_OK);
  help_end (&s);
  CU_ASSERT_PTR_NULL (bank_open (env, other, NULL, "energy", &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT_STRING_EQUAL (err.text,
                          "prior: the stores hold no study of toy-v1 on another "
                          "workload than this one");
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
  help_remove (other);
}

/* A task that can no longer be evaluated is left out with the reason, others stay. */
static void
test_left_out (void)
{
  char path[256], file[256], option[300];
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  bank_fill (help_scratch (path, "bank.db"), "delay", 10);
  FILE *f = fopen (help_scratch (file, "factor.txt"), "w");
  fputs ("2\n", f);
  fclose (f);
  snprintf (option, sizeof option, "weights=%s", file);
  struct help_scene s = { 0 };
  const struct help_plan plan = { .env = "toy",
                                  .env_options = (const char *const[]){ option, NULL },
                                  .objective = "delay",
                                  .agents = { "random" },
                                  .budget = 10,
                                  .store = path };
  CU_ASSERT_EQUAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, &err), GYM_OK);
  help_end (&s);
  help_remove (file);
  gym_env *env = help_env (r, "toy", NULL);
  gym_bank *bank = bank_open (env, path, NULL, "delay", &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (bank);
  const struct gym_bank_task *gone = gym_bank_task (bank, bank_find (bank, "factor.txt"));
  CU_ASSERT (isnan (gone->by_rank) && isnan (gone->by_metrics));
  CU_ASSERT_PTR_NOT_NULL (strstr (gone->why, "factor.txt"));
  gym_prior *prior = gym_bank_prior (bank, NULL, &err);
  CU_ASSERT (prior && gym_prior_tasks (prior) == 3);
  gym_prior_destroy (&prior);
  const char *only[] = { gone->workload };
  const struct gym_prior_options o = { .only = only, .n_only = 1 };
  CU_ASSERT_PTR_NULL (gym_bank_prior (bank, &o, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  gym_bank_destroy (&bank);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "similarity", test_similarity },
                                           { "its own studies", test_own_studies },
                                           { "what is refused", test_refused },
                                           { "a task that is left out", test_left_out },
                                           { NULL, NULL } };
  return tap_run ("prior_bank", tests);
}
