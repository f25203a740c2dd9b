/* Where trials are evaluated does not show in them: in this process, in a child, in
 * several, by workers that die, by a study that dies; and what async changes. */
#include "tests/core/study_help.h"

#include <gym/workers.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

static const char *const toy_options[] = { "surface=rugged", NULL };

static const struct help_plan plan = { .env = "toy",
                                       .env_options = toy_options,
                                       .objective = "delay; energy<=40",
                                       .agents = { "random", "ga" },
                                       .seeds = "1..3",
                                       .budget = 150,
                                       .in_flight = 5 };

/* Where and how, beside the plan. */
struct place {
  uint32_t jobs, isolation, batch;
  const char *bind;
  double lease;
  bool async;
};

static int
put (gym_study *study, const struct place *place, gym_error *err)
{
  struct gym_limits limits;
  gym_limits_init (&limits);
  limits.isolation = place->isolation;
  const struct gym_workers workers = { .struct_size = sizeof workers,
                                       .bind = place->bind,
                                       .lease = place->lease,
                                       .max_batch = place->batch };
  int rc = gym_study_set_limits (study, &limits, err);
  if (rc == GYM_OK)
    rc = gym_study_set_jobs (study, place->jobs, err);
  if (rc == GYM_OK)
    rc = gym_study_set_workers (study, &workers, err);
  return rc == GYM_OK ? gym_study_set_async (study, place->async, err) : rc;
}

static int
run_at (const struct help_plan *p, const struct place *place)
{
  struct help_scene s;
  gym_error err = { 0 };
  int rc = help_study (&s, p);
  if (rc == GYM_OK)
    rc = put (s.study, place, &err);
  if (rc == GYM_OK)
    rc = gym_study_run (s.study, &err);
  if (rc < 0)
    tap_note ("%s", err.text);
  help_end (&s);
  return rc;
}

/* The canonical content of a store made at a place. */
static char *
dump_of (struct help_plan p, const struct place *place)
{
  char path[256];
  p.store = help_scratch (path, "runs.db");
  CU_ASSERT_EQUAL (run_at (&p, place), GYM_OK);
  char *text = help_dump (path);
  help_remove (path);
  return text;
}

static void
check_same (const char *text, const char *expected, const char *what)
{
  bool same = text && expected && strcmp (text, expected) == 0;
  if (!same)
    tap_note ("%s: other trials", what);
  CU_ASSERT_TRUE (same);
}

static void
test_places (void)
{
  static const struct {
    const char *name;
    struct place place;
  } places[] = { { "a child", { .isolation = GYM_ISOLATE_LIMITS } },
                 { "a strict child", { .isolation = GYM_ISOLATE_STRICT } },
                 { "1 job", { .jobs = 1 } },
                 { "4 jobs", { .jobs = 4 } },
                 { "3 jobs, batch 1", { .jobs = 3, .batch = 1 } },
                 { "2 jobs of limits", { .jobs = 2, .isolation = GYM_ISOLATE_LIMITS } } };
  char *expected = dump_of (plan, &(struct place){ 0 });
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    if (places[i].place.isolation == GYM_ISOLATE_STRICT && help_in_valgrind ())
      continue;
    char *text = dump_of (plan, &places[i].place);
    check_same (text, expected, places[i].name);
    free (text);
  }
  free (expected);
}

/* An env whose result depends on the seed, and measures time. */
static void
test_noisy (void)
{
  struct help_plan p = plan;
  p.env = "noisy";
  p.env_options = NULL;
  p.objective = "loss";
  char *one = dump_of (p, &(struct place){ 0 }),
       *four = dump_of (p, &(struct place){ .jobs = 4 });
  check_same (four, one, "noisy");
  free (one);
  free (four);
}

/* ---- workers of their own ---- */

enum { WORKERS = 4 };

static pid_t
start_patient (const char *endpoint, uint32_t isolation, double wait)
{
  pid_t child = fork ();
  if (child != 0)
    return child;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  gym_registry *r = help_registry ();
  const struct gym_worker worker = { .struct_size = sizeof worker,
                                     .endpoint = endpoint,
                                     .isolation = isolation,
                                     .wait = wait };
  int rc = gym_worker_run (r, &worker, NULL, NULL);
  gym_registry_destroy (&r);
  _exit (rc == GYM_OK ? 0 : 1);
}

static pid_t
start_worker (const char *endpoint, uint32_t isolation)
{
  return start_patient (endpoint, isolation, 30);
}

static void
nap (double seconds)
{
  struct timespec t = { .tv_sec = (time_t)seconds,
                        .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
  nanosleep (&t, NULL);
}

static pid_t
start_study (const struct help_plan *p, const struct place *place)
{
  pid_t child = fork ();
  if (child != 0)
    return child;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  _exit (run_at (p, place) == GYM_OK ? 0 : 1);
}

static bool
is_over (pid_t child, int *how)
{
  return waitpid (child, how, WNOHANG) == child;
}

struct turmoil {
  struct help_plan plan;
  struct place place;
  pid_t workers[WORKERS];
  double every;    /* seconds between two killed workers, about */
  unsigned lives;  /* of the study, each killed but the last */
  bool stop;       /* workers are stopped for a while instead of killed */
  unsigned killed; /* workers */
};

static void
disturb (struct turmoil *t, gym_rng *rng)
{
  pid_t *worker = &t->workers[gym_rng_below (rng, WORKERS)];
  if (t->stop) {
    kill (*worker, SIGSTOP);
    nap (1.5 * t->place.lease);
    kill (*worker, SIGCONT);
    return;
  }
  kill (*worker, SIGKILL);
  waitpid (*worker, NULL, 0);
  *worker = start_worker (t->place.bind, t->place.isolation);
  t->killed++;
}

/* Runs the study to its end through all that; true when it ended well. */
static bool
endure (struct turmoil *t, gym_rng *rng)
{
  for (int i = 0; i < WORKERS; i++)
    t->workers[i] = start_worker (t->place.bind, t->place.isolation);
  int how = -1;
  for (unsigned life = 0;; life++) {
    pid_t study = start_study (&t->plan, &t->place);
    bool last = life >= t->lives;
    double left = last ? 120 : .1 + .4 * gym_rng_real (rng);
    while (left > 0 && !is_over (study, &how)) {
      nap (.02);
      left -= .02;
      if (gym_rng_real (rng) < .02 / t->every)
        disturb (t, rng);
    }
    if (how >= 0)
      break;
    kill (study, SIGKILL);
    waitpid (study, NULL, 0);
    if (last)
      break;
  }
  for (int i = 0; i < WORKERS; i++) {
    kill (t->workers[i], SIGKILL);
    waitpid (t->workers[i], NULL, 0);
  }
  return how == 0;
}

static void
check_turmoil (struct turmoil *t, uint64_t seed, const char *what)
{
  char path[256], store[300], endpoint[300];
  gym_rng rng;
  gym_rng_init (&rng, seed);
  char *expected = dump_of (t->plan, &(struct place){ 0 });
  help_scratch (path, "socket");
  snprintf (store, sizeof store, "%s.db", path);
  snprintf (endpoint, sizeof endpoint, "ipc://%s", path);
  t->plan.store = store;
  t->place.bind = endpoint;
  CU_ASSERT_TRUE (endure (t, &rng));
  char *text = help_dump (store);
  check_same (text, expected, what);
  tap_note ("%s: %u workers killed", what, t->killed);
  free (text);
  free (expected);
  help_remove (path);
}

/* The long form is that of the promise: 10,000 trials, 20 lives of the study. */
static struct turmoil
new_turmoil (double every)
{
  bool is_long = getenv ("GYM_LONG") != NULL;
  struct turmoil t = { .plan = plan, .every = every, .lives = is_long ? 20 : 4 };
  t.plan.env = "slow";
  t.plan.objective = "value";
  t.plan.budget = is_long ? 1000 : 150;
  t.plan.seeds = is_long ? "1..5" : "1..2";
  t.plan.in_flight = 8;
  t.place.lease = 3;
  return t;
}

static void
test_killed (void)
{
  static const char *const options[] = { "ms=1", NULL };
  struct turmoil t = new_turmoil (getenv ("GYM_LONG") ? 1 : .3);
  t.plan.env_options = options;
  check_turmoil (&t, 1, "killed");
  CU_ASSERT (t.killed > 0);
}

static void
test_stopped (void)
{
  static const char *const options[] = { "ms=2", NULL };
  struct turmoil t = new_turmoil (.4);
  t.plan.env_options = options;
  t.lives = 0;
  t.stop = true;
  t.place.lease = .5;
  check_turmoil (&t, 2, "stopped");
}

/* Nobody is there yet, then workers come; and the other way round. */
static void
test_who_is_first (void)
{
  char path[256], endpoint[300];
  help_scratch (path, "socket");
  snprintf (endpoint, sizeof endpoint, "ipc://%s", path);
  struct help_plan p = plan;
  const struct place place = { .bind = endpoint };
  int how;
  pid_t study = start_study (&p, &place);
  nap (.2);
  pid_t worker = start_worker (endpoint, 0);
  CU_ASSERT (waitpid (study, &how, 0) == study && how == 0);
  CU_ASSERT (waitpid (worker, &how, 0) == worker && how == 0);
  worker = start_worker (endpoint, 0);
  nap (.2);
  study = start_study (&p, &place);
  CU_ASSERT (waitpid (study, &how, 0) == study && how == 0);
  CU_ASSERT (waitpid (worker, &how, 0) == worker && how == 0);
  help_remove (path);
}

static int
think (void *context, const struct gym_trial *trial, gym_error *err)
{
  (void)context, (void)err;
  if (trial->number % 5 == 3)
    nap (2);
  return GYM_OK;
}

/* A study that says nothing for longer than a lease, and than a worker waits, because an
 * agent or a callback is at work: it is there all the same, and is waited for. */
static void
test_thinking (void)
{
  static char *expected; /* static: memcheck finds it in the forked worker, too */
  char path[256], endpoint[300], store[300];
  int how;
  gym_error err = { 0 };
  struct help_scene s;
  help_scratch (path, "socket");
  snprintf (endpoint, sizeof endpoint, "ipc://%s", path);
  snprintf (store, sizeof store, "%s.db", path);
  struct help_plan p = plan;
  p.seeds = "1";
  p.agents[1] = NULL;
  p.budget = 10;
  p.in_flight = 3;
  expected = dump_of (p, &(struct place){ 0 });
  p.store = store;
  const struct place place = { .bind = endpoint, .lease = .6 };
  CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
  CU_ASSERT_EQUAL (put (s.study, &place, &err), GYM_OK);
  gym_study_on_trial (s.study, think, NULL);
  pid_t worker = start_patient (endpoint, 0, 1); /* who would not wait for the above */
  CU_ASSERT_EQUAL (gym_study_run (s.study, &err), GYM_OK);
  help_end (&s);
  CU_ASSERT_EQUAL (waitpid (worker, &how, 0), worker);
  CU_ASSERT_EQUAL (how, 0);
  if (how != 0)
    tap_note ("the worker ended with status %#x", (unsigned)how);
  char *text = help_dump (store);
  check_same (text, expected, "thinking");
  free (text);
  free (expected);
  help_remove (path);
}

/* ---- crashes ---- */

/* In a child a crash is a result at once; in a worker without isolation it takes the
 * worker with it, three times, and then is one. The study goes on either way. */
static void
test_crashes (void)
{
  static const char *const options[] = { "fault=crash", "at=3", NULL };
  static const struct {
    struct place place;
    uint32_t status;
    const char *note;
  } cases[] = {
    { { .isolation = GYM_ISOLATE_LIMITS }, GYM_TRIAL_CRASHED, "signal" },
    { { .jobs = 2, .isolation = GYM_ISOLATE_LIMITS }, GYM_TRIAL_CRASHED, "signal" },
    { { .jobs = 2 }, GYM_TRIAL_FAILED, "lost with its worker 3 times" },
  };
  struct help_plan p = plan;
  p.env = "faulty";
  p.env_options = options;
  p.objective = "height";
  p.agents[0] = "sobol";
  p.agents[1] = NULL;
  p.seeds = "1";
  p.budget = 2000; /* every design there is */
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char path[256];
    p.store = help_scratch (path, "runs.db");
    CU_ASSERT_EQUAL (run_at (&p, &cases[i].place), GYM_OK);
    gym_store *store = gym_store_open (path, NULL);
    gym_cursor *c = store ? gym_store_trials (store, 0, 0, NULL) : NULL;
    uint32_t status = 0, note = 0, n = c ? gym_cursor_columns (c) : 0;
    for (uint32_t k = 0; k < n; k++) {
      status = strcmp (gym_cursor_name (c, k), "status") == 0 ? k : status;
      note = strcmp (gym_cursor_name (c, k), "note") == 0 ? k : note;
    }
    unsigned bad = 0, all = 0;
    for (; c && gym_cursor_next (c, NULL) == 1; all++) {
      if (strcmp (gym_cursor_text (c, status), "ok") == 0)
        continue;
      bad++;
      CU_ASSERT_STRING_EQUAL (gym_cursor_text (c, status),
                              gym_status_name (cases[i].status));
      CU_ASSERT_PTR_NOT_NULL (strstr (gym_cursor_text (c, note), cases[i].note));
    }
    CU_ASSERT_EQUAL (all, 2000);
    CU_ASSERT_EQUAL (bad, 2); /* point 3 on either side */
    gym_cursor_destroy (&c);
    gym_store_destroy (&store);
    help_remove (path);
  }
}

/* ---- async ---- */

/* Every number once, every result that of its design, whatever the order. */
static int
count_rows (const char *path)
{
  char *text = help_dump (path);
  int n = 0;
  for (const char *c = text; c && (c = strchr (c, '\n')); c++)
    n++;
  free (text);
  return n;
}

static void
test_async (void)
{
  static const char *const options[] = { "ms=1", "uneven=true", NULL };
  char path[256];
  struct help_plan p = plan;
  p.env = "slow";
  p.env_options = options;
  p.objective = "value";
  p.in_flight = 6;
  p.store = help_scratch (path, "runs.db");
  const struct place place = { .jobs = 3, .async = true };
  gym_rng rng;
  gym_rng_init (&rng, 3);
  int how = -1;
  for (int life = 0; life < 6 && how < 0; life++) {
    pid_t study = start_study (&p, &place);
    double left = life < 4 ? .05 + .1 * gym_rng_real (&rng) : 60;
    for (; left > 0 && !is_over (study, &how); left -= .01)
      nap (.01);
    if (how >= 0)
      break;
    kill (study, SIGKILL);
    waitpid (study, NULL, 0);
  }
  CU_ASSERT_EQUAL (how, 0);
  CU_ASSERT_EQUAL (count_rows (path), 6 * 150);
  struct help_scene s;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
  const char *identity;
  CU_ASSERT_EQUAL (put (s.study, &place, &err), GYM_OK);
  CU_ASSERT_PTR_NOT_NULL (identity = gym_study_identity (s.study, NULL));
  CU_ASSERT_PTR_NOT_NULL (strstr (identity, "\"async\": true"));
  help_end (&s);
  help_remove (path);
}

/* In one process results come in the order of asking, so async changes nothing else. */
static void
test_async_in_order (void)
{
  struct help_plan p = plan;
  char *text = dump_of (p, &(struct place){ .async = true }), *line = text;
  unsigned long expected = 0, rows = 0;
  for (; line && *line; rows++) {
    const char *at = strstr (line, "\"number\":");
    CU_ASSERT_PTR_NOT_NULL_FATAL (at);
    unsigned long number = strtoul (at + 9, NULL, 10);
    CU_ASSERT (number == expected || (number == 0 && expected >= 150));
    expected = number + 1;
    line = strchr (line, '\n') + 1;
  }
  CU_ASSERT (rows >= 900);
  free (text);
}

/* ---- refusals ---- */

static void
test_refusals (void)
{
  struct help_scene s;
  gym_error err = { 0 };
  CU_ASSERT_EQUAL (help_study (&s, &plan), GYM_OK);
  const struct place open_door = { .bind = "tcp://*:5555" };
  CU_ASSERT_EQUAL (put (s.study, &open_door, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "keys"));
  const struct place nonsense = { .bind = "somewhere" };
  CU_ASSERT_EQUAL (put (s.study, &nonsense, &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_study_set_jobs (s.study, 1025, &err), GYM_EINVAL);
  const struct gym_limits odd = { .isolation = 7 };
  CU_ASSERT_EQUAL (gym_study_set_limits (s.study, &odd, &err), GYM_EINVAL);
  help_end (&s);
}

/* Two dispatchers on one store: the second refuses, and says who has it. */
static void
test_two (void)
{
  static const char *const options[] = { "ms=20", NULL };
  char path[256];
  struct help_plan p = plan;
  p.env = "slow";
  p.env_options = options;
  p.objective = "value";
  p.store = help_scratch (path, "runs.db");
  const struct place place = { .jobs = 2 };
  pid_t first = start_study (&p, &place);
  while (access (path, F_OK) != 0)
    nap (.01);
  nap (.1);
  CU_ASSERT_EQUAL (run_at (&p, &place), GYM_EBUSY);
  kill (first, SIGKILL);
  waitpid (first, NULL, 0);
  /* The jobs of the dead one are gone with it: nothing holds the store. */
  p.budget = 10;
  CU_ASSERT_EQUAL (run_at (&p, &place), GYM_OK);
  help_remove (path);
}

static int
stop_soon (void *context, const struct gym_trial *trial, gym_error *err)
{
  (void)err;
  if (trial->number == 20)
    gym_study_cancel (context);
  return GYM_OK;
}

/* Stopped on request, in the middle of slow trials, and taken up again elsewhere. */
static void
test_cancel (void)
{
  static const char *const options[] = { "ms=2", NULL };
  char path[256];
  struct help_plan p = plan;
  p.env = "slow";
  p.env_options = options;
  p.objective = "value";
  char *expected = dump_of (p, &(struct place){ 0 });
  p.store = help_scratch (path, "runs.db");
  static const struct place places[] = { { .jobs = 2 },
                                         { .isolation = GYM_ISOLATE_LIMITS },
                                         { 0 } };
  for (size_t i = 0; i < 3; i++) {
    struct help_scene s;
    gym_error err = { 0 };
    CU_ASSERT_EQUAL (help_study (&s, &p), GYM_OK);
    CU_ASSERT_EQUAL (put (s.study, &places[i], &err), GYM_OK);
    if (i < 2)
      gym_study_on_trial (s.study, stop_soon, s.study);
    int rc = gym_study_run (s.study, &err);
    CU_ASSERT_EQUAL (rc, i < 2 ? GYM_ECANCELLED : GYM_OK);
    help_end (&s);
  }
  char *text = help_dump (path);
  check_same (text, expected, "cancelled");
  free (text);
  free (expected);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "places", test_places },
                                           { "noisy", test_noisy },
                                           { "killed", test_killed },
                                           { "stopped", test_stopped },
                                           { "who is first", test_who_is_first },
                                           { "thinking", test_thinking },
                                           { "crashes", test_crashes },
                                           { "async", test_async },
                                           { "async in order", test_async_in_order },
                                           { "refusals", test_refusals },
                                           { "two", test_two },
                                           { "cancel", test_cancel },
                                           { 0 } };
  return tap_run ("study_turns", tests);
}
