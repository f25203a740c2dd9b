/* core/proxy_eval.c: what is tested was never learnt, and scores are those of the rows.
 */
#include "tests/core/proxy_scene.h"

static char path[256];

/* Three results for every design, so that a leak has many ways. */
static gym_proxy_data *
noisy (const char *other)
{
  const char *const names[] = { "loss" };
  const struct gym_proxy_choice choice = { .struct_size = sizeof choice,
                                           .n_metrics = 1,
                                           .metrics = names };
  help_scratch (path, "eval.db");
  for (uint64_t seed = 0; seed < 3; seed++)
    scene_store (path, "noisy", NULL, "loss", "random", other, 60, "1", seed);
  return scene_data (path, &choice);
}

static void
end (gym_proxy_data **d, gym_registry **r)
{
  gym_proxy_data_destroy (d);
  gym_registry_destroy (r);
  help_remove (path);
}

static size_t progress_done, progress_all;

static void
on_progress (void *context, size_t done, size_t all)
{
  (void)context;
  CU_ASSERT_EQUAL (done, progress_done + 1);
  progress_done = done;
  progress_all = all;
}

static const struct gym_proxy_recipe spying = {
  .struct_size = sizeof spying, .model = "spy", .progress = on_progress, .seed = 5
};

static void
test_folds (void)
{
  gym_proxy_data *d = noisy (NULL);
  gym_registry *r = spy_registry ();
  gym_error err = { 0 };
  struct gym_scores s;
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  CU_ASSERT_EQUAL (gym_proxy_folds (r, d, &spying, 7, &s, &err), GYM_OK);
  CU_ASSERT (spy_book.fits == 7 && spy_book.met == 0);
  CU_ASSERT (progress_done == 7 && progress_all == 7);
  CU_ASSERT (spy_book.asked == t->n && s.n == t->n); /* every row once */
  for (size_t i = 0; i < 7; i++) {                   /* parts as even as can be */
    size_t left = (t->n - spy_book.fitted[i]) / 3;
    CU_ASSERT (left == t->n_groups / 7 || left == t->n_groups / 7 + 1);
  }
  /* The spy says 1 with a spread of 2. */
  double squares = 0;
  for (size_t i = 0; i < t->n; i++)
    squares += (t->targets[i] - 1) * (t->targets[i] - 1);
  CU_ASSERT_DOUBLE_EQUAL (s.rmse, sqrt (squares / (double)t->n), 1e-12);
  CU_ASSERT_EQUAL (s.sharpness, 2);
  CU_ASSERT_EQUAL (gym_proxy_folds (r, d, &spying, 1, &s, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_proxy_folds (r, d, &spying, (uint32_t)t->n_groups + 1, &s, &err),
                   GYM_EINVAL);
  CU_ASSERT (help_says (&err, "two folds at least, and a design for each"));
  end (&d, &r);
}

static void
test_curve (void)
{
  static const size_t sizes[] = { 1, 10, 40 };
  size_t wrong = 1000;
  gym_proxy_data *d = noisy (NULL);
  gym_registry *r = spy_registry ();
  gym_error err = { 0 };
  struct gym_scores s[3];
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  CU_ASSERT_EQUAL (gym_proxy_curve (r, d, &spying, sizes, 3, s, &err), GYM_OK);
  CU_ASSERT (spy_book.fits == 3 && spy_book.met == 0 && progress_done == 3);
  for (size_t i = 0; i < 3; i++) {
    CU_ASSERT_EQUAL (spy_book.fitted[i], 3 * sizes[i]);
    CU_ASSERT_EQUAL (s[i].n, 3 * ((t->n_groups + 4) / 5));
    CU_ASSERT_EQUAL (s[i].rmse, s[0].rmse); /* one test set for all */
  }
  CU_ASSERT_EQUAL (gym_proxy_curve (r, d, &spying, &wrong, 1, s, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "a curve's size of 1000 designs; with a fifth set aside"));
  end (&d, &r);
}

static void
test_diversity (void)
{
  enum { N = 4 };
  gym_proxy_data *d = noisy ("hill");
  gym_registry *r = spy_registry ();
  gym_error err = { 0 };
  struct gym_scores s[2 * N];
  struct gym_proxy_draw draws[N];
  for (size_t i = 0; i < N; i++)
    draws[i] = (struct gym_proxy_draw){ .lone = &s[2 * i], .mixed = &s[2 * i + 1] };
  CU_ASSERT_EQUAL (gym_proxy_diversity (r, d, &spying, 10, draws, N, &err), GYM_OK);
  CU_ASSERT_STRING_EQUAL (err.text, "");
  CU_ASSERT (spy_book.fits == 2 * N && spy_book.met == 0);
  for (size_t i = 0; i < N; i++) {
    CU_ASSERT (draws[i].agent == i % 2 && draws[i].designs == 10);
    /* Of a random design all three results; hill goes another way for each seed. */
    CU_ASSERT (i % 2 || spy_book.fitted[2 * i] == 30);
    CU_ASSERT (spy_book.fitted[2 * i + 1] >= 10 + 2 * 5
               && spy_book.fitted[2 * i + 1] <= 30);
    CU_ASSERT (draws[i].lone->n == draws[i].mixed->n
               && draws[i].lone->n >= draws[i].tests);
    CU_ASSERT_EQUAL (draws[i].lone->rmse, draws[i].mixed->rmse); /* the same test */
  }
  CU_ASSERT_EQUAL (gym_proxy_diversity (r, d, &spying, 5000, draws, N, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "the shortest log has"));
  end (&d, &r);
  memset (&spy_book, 0, sizeof spy_book);
  d = noisy (NULL);
  r = spy_registry ();
  CU_ASSERT_EQUAL (gym_proxy_diversity (r, d, &spying, 0, draws, N, &err), GYM_EINVAL);
  CU_ASSERT_STRING_EQUAL (err.text, "the rows are of one agent: there is nothing to mix");
  end (&d, &r);
}

static void
test_score (void)
{
  gym_proxy_data *d = noisy (NULL);
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  struct gym_scores s, own = { .struct_size = sizeof own };
  struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe, .model = "forest" };
  const struct gym_proxy_table *t = gym_proxy_data_table (d);
  gym_proxy *p = gym_proxy_train (r, d, &recipe, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (p);
  double *mean = malloc (2 * t->n * sizeof *mean);
  CU_ASSERT_EQUAL (gym_proxy_score (p, d, &s, &err), GYM_OK);
  gym_proxy_predict (p, t->n, t->designs, mean, mean + t->n, &err);
  gym_stats_scores (t->targets, mean, mean + t->n, t->n, GYM_MINIMISE, &own, &err);
  CU_ASSERT_EQUAL (memcmp (&s, &own, sizeof s), 0);
  free (mean);
  gym_proxy_data_destroy (&d);
  static const char *const two[] = { "loss", "elapsed" };
  const struct gym_proxy_choice other = { .struct_size = sizeof other,
                                          .n_metrics = 2,
                                          .metrics = two };
  d = scene_data (path, &other);
  CU_ASSERT_EQUAL (gym_proxy_score (p, d, &s, &err), GYM_EMISMATCH);
  CU_ASSERT_STRING_EQUAL (err.text, "the model has 1 target(s), the data 2");
  /* Rows of other designs are not read at all. */
  gym_proxy_data_destroy (&d);
  help_remove (path);
  help_scratch (path, "eval.db");
  scene_store (path, "toy", NULL, "energy", "random", NULL, 20, "1", 0);
  d = scene_data (path, NULL);
  CU_ASSERT_EQUAL (gym_proxy_score (p, d, &s, &err), GYM_EMISMATCH);
  CU_ASSERT (strstr (err.text, "param") != NULL);
  gym_proxy_destroy (&p);
  end (&d, &r);
}

static void
test_speed (void)
{
  gym_proxy_data *d = noisy (NULL);
  gym_registry *r = help_registry ();
  gym_error err = { 0 };
  struct gym_proxy_speed speed = { .struct_size = sizeof speed };
  struct gym_proxy_recipe recipe = { .struct_size = sizeof recipe, .model = "ridge" };
  gym_proxy *p = gym_proxy_train (r, d, &recipe, &err);
  gym_env *env = help_env (r, "noisy", NULL), *toy = help_env (r, "toy", NULL);
  CU_ASSERT_EQUAL (gym_proxy_measure (p, NULL, 1, &speed, &err), GYM_OK);
  CU_ASSERT (speed.single > 0 && speed.batched > 0 && isnan (speed.evaluation));
  CU_ASSERT_EQUAL (gym_proxy_measure (p, env, 1, &speed, &err), GYM_OK);
  CU_ASSERT (speed.evaluation > 0);
  CU_ASSERT_EQUAL (gym_proxy_measure (p, toy, 1, &speed, &err), GYM_EMISMATCH);
  gym_env_destroy (&env);
  gym_env_destroy (&toy);
  gym_proxy_destroy (&p);
  end (&d, &r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "folds", test_folds },
                                           { "learning curves", test_curve },
                                           { "one agent or several", test_diversity },
                                           { "a model as it is", test_score },
                                           { "speed", test_speed },
                                           { 0 } };
  return tap_run ("proxy_eval", tests);
}
