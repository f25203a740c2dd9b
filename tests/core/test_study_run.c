/* The loop of a run: determinism, failures, interruption, resume. */
#include "tests/core/study_help.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/* What a run asked for and heard, folded into a number. */
struct trace {
  uint64_t sum, trials;
  uint64_t stop_at;
  gym_study *study;
};

static int
fold (void *context, const struct gym_trial *trial, gym_error *err)
{
  struct trace *t = context;
  (void)err;
  uint64_t bits;
  memcpy (&bits, &trial->goals[0], sizeof bits);
  if (isnan (trial->goals[0]))
    bits = trial->status;
  t->sum = gym_rng_derive (t->sum, trial->seed ^ trial->number, bits);
  if (++t->trials == t->stop_at)
    gym_study_cancel (t->study);
  return GYM_OK;
}

static uint64_t
sum_of (const struct help_plan *plan)
{
  struct help_scene s;
  struct trace t = { 0 };
  gym_error err = { 0 };
  CU_ASSERT_EQUAL_FATAL (help_study (&s, plan), GYM_OK);
  gym_study_on_trial (s.study, fold, &t);
  int rc = gym_study_run (s.study, &err);
  if (rc < 0)
    tap_note ("%s", err.text);
  CU_ASSERT_EQUAL (rc, GYM_OK);
  help_end (&s);
  return t.sum;
}

static const struct help_plan plain = { .env = "toy",
                                        .objective = "delay",
                                        .agents = { "random", "ga" },
                                        .seeds = "1,2",
                                        .budget = 150 };

static void
test_deterministic (void)
{
  static const uint32_t flights[] = { 1, 2, 7, 64 };
  for (size_t i = 0; i < 4; i++) {
    struct help_plan plan = plain;
    char path[256];
    plan.in_flight = flights[i];
    uint64_t sum = sum_of (&plan);
    CU_ASSERT_EQUAL (sum, sum_of (&plan));
    /* A store changes nothing but what is kept. */
    plan.store = help_scratch (path, "runs.db");
    CU_ASSERT_EQUAL (sum, sum_of (&plan));
    CU_ASSERT_EQUAL (sum, sum_of (&plan)); /* read back */
    help_remove (path);
  }
  struct help_plan other = plain;
  other.seeds = "1,3";
  CU_ASSERT_NOT_EQUAL (sum_of (&plain), sum_of (&other));
}

static void
test_failures (void)
{
  static const char *const options[] = { "fault=mixed", "share=0.3", NULL };
  struct help_plan plan = { .env = "faulty",
                            .env_options = options,
                            .objective = "weight",
                            .agents = { "random", "ga" },
                            .budget = 400 };
  struct help_scene s;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  for (size_t i = 0; i < 2; i++) {
    struct gym_run run;
    gym_study_run_info (s.study, i, &run, NULL);
    CU_ASSERT_EQUAL (run.evaluated, 400);
    CU_ASSERT (run.failures > 20 && run.infeasible > 5);
    CU_ASSERT (run.best >= 0);
  }
  help_end (&s);
}

static void
test_all_fail (void)
{
  static const char *const options[] = { "fault=error", "share=1", NULL };
  struct help_plan plan = { .env = "faulty",
                            .env_options = options,
                            .objective = "weight",
                            .agents = { "random", "ga" },
                            .budget = 50 };
  struct help_scene s;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  for (size_t i = 0; i < 2; i++) {
    struct gym_run run;
    double curve[50];
    gym_study_run_info (s.study, i, &run, NULL);
    CU_ASSERT_EQUAL (run.failures, 50);
    CU_ASSERT_EQUAL (run.best, -1);
    CU_ASSERT_FALSE (run.best_feasible);
    CU_ASSERT_EQUAL (gym_study_curve (s.study, i, curve, 50), 50);
    CU_ASSERT (isnan (curve[49]));
  }
  help_end (&s);
}

/* Stopped at every possible moment and continued, a study ends in the same content. */
static void
test_cancel_and_resume (void)
{
  struct help_plan plan = plain;
  plan.budget = 40;
  plan.in_flight = 3;
  char whole[256], part[256];
  plan.store = help_scratch (whole, "whole.db");
  sum_of (&plan);
  char *expected = help_dump (whole);
  plan.store = help_scratch (part, "part.db");
  for (uint64_t stop = 1; stop < 400; stop += 23) {
    struct help_scene s;
    struct trace t = { .stop_at = stop };
    CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
    t.study = s.study;
    gym_study_on_trial (s.study, fold, &t);
    int rc = gym_study_run (s.study, NULL);
    CU_ASSERT (rc == GYM_OK || rc == GYM_ECANCELLED);
    help_end (&s);
  }
  sum_of (&plan);
  char *dump = help_dump (part);
  CU_ASSERT_FATAL (expected && dump);
  CU_ASSERT_STRING_EQUAL (expected, dump);
  free (expected);
  free (dump);
  help_remove (whole);
  help_remove (part);
}

/* The rest of a process's life: runs the plan, or is killed while it does. */
static pid_t
start (const struct help_plan *plan)
{
  pid_t pid = fork ();
  if (pid != 0)
    return pid;
  struct help_scene s;
  int rc = help_study (&s, plan);
  if (rc == GYM_OK)
    rc = gym_study_run (s.study, NULL);
  _exit (rc == GYM_OK ? 0 : 1);
}

static void
nap (uint64_t microseconds)
{
  struct timespec t = { .tv_sec = (time_t)(microseconds / 1000000),
                        .tv_nsec = (long)(microseconds % 1000000) * 1000 };
  nanosleep (&t, NULL);
}

/* kill -9 at random moments: each study, resumed, equals the undisturbed one. The env has
 * a share of slow designs so that kills also strike in the middle of an evaluation. */
static void
test_killed (void)
{
  static const char *const options[] = { "fault=sleep", "share=0.02", "seconds=0.004",
                                         NULL };
  int rounds = getenv ("GYM_LONG") ? 100 : 20;
  struct help_plan plan = { .env = "faulty",
                            .env_options = options,
                            .objective = "weight",
                            .agents = { "ga", "random" },
                            .seeds = "1,2",
                            .budget = 400,
                            /* Lives here are as short as a trial: no blame for them. */
                            .max_attempts = 1000 };
  char whole[256];
  gym_rng rng;
  gym_rng_init (&rng, 17);
  plan.store = help_scratch (whole, "whole.db");
  sum_of (&plan);
  char *expected = help_dump (whole);
  CU_ASSERT_FATAL (expected != NULL);
  int killed = 0;
  for (int i = 0; i < rounds; i++) {
    char path[256];
    int status, lives = 0;
    plan.store = help_scratch (path, "runs.db");
    do {
      pid_t pid = start (&plan);
      nap (1000 + gym_rng_below (&rng, 60000));
      if (lives++ < 40)
        kill (pid, SIGKILL);
      CU_ASSERT_EQUAL_FATAL (waitpid (pid, &status, 0), pid);
      killed += WIFSIGNALED (status);
    } while (WIFSIGNALED (status));
    CU_ASSERT (WIFEXITED (status) && WEXITSTATUS (status) == 0);
    char *dump = help_dump (path);
    CU_ASSERT_FATAL (dump != NULL);
    CU_ASSERT_EQUAL (strcmp (expected, dump), 0);
    free (dump);
    help_remove (path);
  }
  tap_note ("%d kills", killed);
  CU_ASSERT (killed >= rounds);
  free (expected);
  help_remove (whole);
}

/* A design that takes the process down costs three lives, then it is recorded. */
static void
test_crash (void)
{
  static const char *const options[] = { "fault=crash", "share=0.02", NULL };
  struct help_plan plan = { .env = "faulty",
                            .env_options = options,
                            .objective = "weight",
                            .agents = { "random" },
                            .budget = 60,
                            .in_flight = 4 };
  char path[256];
  int status, lives = 0;
  plan.store = help_scratch (path, "runs.db");
  do {
    pid_t pid = start (&plan);
    CU_ASSERT_EQUAL_FATAL (waitpid (pid, &status, 0), pid);
    lives++;
  } while (WIFSIGNALED (status) && lives < 100);
  CU_ASSERT (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  struct help_scene s;
  struct gym_run run;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  gym_study_run_info (s.study, 0, &run, NULL);
  CU_ASSERT_EQUAL (run.evaluated, 60);
  CU_ASSERT (run.failures > 0);
  CU_ASSERT_EQUAL (lives, 3 * (int)run.failures + 1);
  char *dump = help_dump (path);
  CU_ASSERT_PTR_NOT_NULL (strstr (dump, "\"crashed\""));
  free (dump);
  help_end (&s);
  help_remove (path);
}

static int
refuse (void *context, const struct gym_trial *trial, gym_error *err)
{
  (void)context;
  return trial->number == 5 ? gym_fail (err, GYM_EFAILED, "the callback had enough") : 0;
}

static void
test_callback_stops (void)
{
  struct help_scene s;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plain), GYM_OK);
  gym_study_on_trial (s.study, refuse, NULL);
  CU_ASSERT_EQUAL (gym_study_run (s.study, &err), GYM_EFAILED);
  CU_ASSERT (help_says (&err, "had enough"));
  gym_study_on_trial (s.study, NULL, NULL);
  CU_ASSERT_EQUAL (gym_study_run (s.study, &err), GYM_OK);
  help_end (&s);
}

static void
test_rejection (void)
{
  static const char *const tight[] = { "limit=64", NULL };
  struct help_plan plan = plain;
  plan.env_options = tight;
  for (int reject = 0; reject < 2; reject++) {
    struct help_scene s;
    struct gym_run run;
    CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
    gym_study_set_rejection (s.study, reject, NULL);
    CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
    gym_study_run_info (s.study, 0, &run, NULL);
    CU_ASSERT_EQUAL (run.infeasible > 0, reject == 1);
    help_end (&s);
  }
}

static void
test_low_fidelity (void)
{
  struct help_plan plan = plain;
  struct help_scene s;
  struct gym_run run;
  plan.budget = 10;
  CU_ASSERT_EQUAL_FATAL (help_study (&s, &plan), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_set_fidelity (s.study, "coarse", NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_study_run (s.study, NULL), GYM_OK);
  gym_study_run_info (s.study, 0, &run, NULL);
  CU_ASSERT_EQUAL (run.evaluated, 160);
  CU_ASSERT_EQUAL (run.spent, 10);
  CU_ASSERT (run.best >= 0);
  help_end (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = {
    { "equal seeds, equal trials", test_deterministic },
    { "failed trials", test_failures },
    { "nothing but failures", test_all_fail },
    { "cancelled and resumed", test_cancel_and_resume },
    { "killed and resumed", test_killed },
    { "a design that crashes", test_crash },
    { "a callback that stops", test_callback_stops },
    { "rejection and repair", test_rejection },
    { "a cheaper fidelity", test_low_fidelity },
    { 0 }
  };
  return tap_run ("study_run", tests);
}
