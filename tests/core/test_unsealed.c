/* What a process has read, and the stores that are told. */
#include <config.h>

#include "core/unsealed.h"
#include "tests/core/study_help.h"

#include "core/store.h"

static const struct help_plan plan = { .env = "noisy",
                                       .objective = "loss",
                                       .agents = { "random" },
                                       .seeds = "1..2",
                                       .budget = 5 };

static int
read_sealed (gym_env *env, double *held_out, gym_error *err)
{
  double design[3], metrics[3];
  uint32_t status;
  gym_space_default (gym_env_space (env), design);
  int rc =
      gym_env_evaluate_sealed (env, 1, design, NULL, NULL, metrics, &status, NULL, err);
  *held_out = metrics[2];
  return rc;
}

static int
count (const char *path, const char *column)
{
  gym_error err = { 0 };
  gym_store *store = gym_store_open (path, &err);
  gym_cursor *c = store ? gym_store_runs (store, 0, &err) : NULL;
  int n = c ? 0 : -1;
  while (c && gym_cursor_next (c, &err) == 1)
    for (uint32_t i = 0; i < gym_cursor_columns (c); i++)
      if (strcmp (gym_cursor_name (c, i), column) == 0)
        n += (int)gym_cursor_number (c, i);
  gym_cursor_destroy (&c);
  gym_store_destroy (&store);
  return n;
}

static void
test_count (void)
{
  struct gym_unsealed *list = gym_unsealed_new ();
  CU_ASSERT_EQUAL (gym_unsealed_count (list, "a"), 0);
  CU_ASSERT_EQUAL (gym_unsealed_read (list, "a", NULL, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_unsealed_read (list, "a", NULL, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_unsealed_count (list, "a"), 2);
  CU_ASSERT_EQUAL (gym_unsealed_count (list, "b"), 0);
  /* A store that has gone is not made again. */
  CU_ASSERT_EQUAL (gym_unsealed_watch (list, "a", "/tmp/gym-no-such.db", NULL), GYM_OK);
  gym_unsealed_rest (list, "a", "/tmp/gym-no-such.db");
  CU_ASSERT_EQUAL (gym_unsealed_read (list, "a", NULL, NULL), GYM_OK);
  CU_ASSERT (access ("/tmp/gym-no-such.db", F_OK) != 0);
  gym_unsealed_rest (list, "c", "/tmp/gym-no-such.db");
  gym_unsealed_destroy (&list);
  CU_ASSERT_PTR_NULL (list);
  gym_unsealed_destroy (&list);
}

/* A second life of the study, in a process that has read nothing: more seeds. */
static void
go_on (const char *path, int tainted)
{
  struct help_plan more = plan;
  struct help_scene s;
  more.store = path;
  more.seeds = "1..3";
  CU_ASSERT_EQUAL (help_study (&s, &more), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  for (size_t i = 0; i < 3; i++) {
    struct gym_run run;
    CU_ASSERT_EQUAL (gym_study_run_info (s.study, i, &run, NULL), GYM_OK);
    tainted -= run.tainted;
  }
  CU_ASSERT_EQUAL (tainted, 0);
  help_end (&s);
}

/* Read after the study is over: the store knows at once, its runs stay clean, and what
 * another process adds is tainted. */
static void
test_after (void)
{
  struct help_plan p = plan;
  struct help_scene s;
  char path[256];
  double held_out;
  p.store = help_scratch (path, "runs.db");
  CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  CU_ASSERT_EQUAL (read_sealed (s.env, &held_out, NULL), GYM_OK);
  CU_ASSERT (held_out == held_out);
  CU_ASSERT_EQUAL (count (path, "tainted"), 0);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  CU_ASSERT_EQUAL (count (path, "tainted"), 0);
  help_end (&s);
  go_on (path, 1);
  CU_ASSERT_EQUAL (count (path, "tainted"), 1);
  help_remove (path);
}

/* Read before, through another handle of the same env: all of it is tainted, with a store
 * and without. Another env, or another option, is another matter. */
static void
before (bool stored, const char *const *options, int tainted)
{
  struct help_plan p = plan;
  struct help_scene s;
  char path[256];
  double held_out;
  help_scratch (path, "runs.db");
  p.store = stored ? path : NULL;
  CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
  gym_env *other = help_env (s.registry, "noisy", options);
  CU_ASSERT_EQUAL (read_sealed (other, &held_out, NULL), GYM_OK);
  gym_env_destroy (&other);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  for (size_t i = 0; i < 2; i++) {
    struct gym_run run;
    CU_ASSERT_EQUAL (gym_study_run_info (s.study, i, &run, NULL), GYM_OK);
    CU_ASSERT_EQUAL (run.tainted, tainted > 0);
    CU_ASSERT (run.best_metrics[2] != run.best_metrics[2]);
  }
  if (stored)
    CU_ASSERT_EQUAL (count (path, "tainted"), tainted);
  help_end (&s);
  help_remove (path);
}

static void
test_before (void)
{
  static const char *const other[] = { "noise=0.5", NULL };
  before (true, NULL, 2);
  before (false, NULL, 2);
  before (true, other, 0);
  before (false, other, 0);
}

/* In the middle, from a callback, or at the very last trial: everything this life added.
 */
struct reader {
  gym_env *env;
  uint64_t at; /* trial of the second run */
};

static int
on_trial (void *context, const struct gym_trial *t, gym_error *err)
{
  const struct reader *reader = context;
  double held_out;
  return t->run == 1 && t->number == reader->at
             ? read_sealed (reader->env, &held_out, err)
             : GYM_OK;
}

static void
test_within (void)
{
  struct help_plan p = plan;
  struct help_scene s;
  char path[256];
  for (int way = 0; way < 4; way++) {
    bool stored = way % 2;
    help_scratch (path, "runs.db");
    p.store = stored ? path : NULL;
    CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
    gym_env *other = help_env (s.registry, "noisy", NULL);
    struct reader reader = { .env = other, .at = way < 2 ? 2 : 4 };
    gym_study_on_trial (s.study, on_trial, &reader);
    CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
    for (size_t i = 0; i < 2; i++) {
      struct gym_run run;
      CU_ASSERT_EQUAL (gym_study_run_info (s.study, i, &run, NULL), GYM_OK);
      CU_ASSERT (run.tainted);
    }
    if (stored)
      CU_ASSERT_EQUAL (count (path, "tainted"), 2);
    gym_env_destroy (&other);
    help_end (&s);
    help_remove (path);
  }
}

/* A read is refused when its store cannot be told: nothing is evaluated. */
static void
test_busy (void)
{
  struct help_plan p = plan;
  struct help_scene s;
  char path[256];
  double held_out;
  gym_error err = { 0 };
  p.store = help_scratch (path, "runs.db");
  CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  gym_writer *writer = gym_writer_open (path, GYM_DURABLE_PROCESS, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (writer);
  CU_ASSERT_EQUAL (read_sealed (s.env, &held_out, &err), GYM_EBUSY);
  CU_ASSERT (help_says (&err, "runs.db"));
  CU_ASSERT_EQUAL (
      gym_unsealed_count (gym_registry_unsealed (s.registry), gym_env_identity (s.env)),
      0);
  CU_ASSERT_EQUAL (gym_writer_close (&writer, NULL), GYM_OK);
  CU_ASSERT_EQUAL (read_sealed (s.env, &held_out, &err), GYM_OK);
  help_end (&s);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "counting", test_count },        { "after a study", test_after },
    { "before one", test_before },     { "in the middle of one", test_within },
    { "while it is busy", test_busy }, { 0 },
  };
  return tap_run ("unsealed", tests);
}
