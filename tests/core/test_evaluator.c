/* Trials in a child process: every way to die, and that nothing else suffers. */
#include "core/evaluator.h"
#include "tests/core/help.h"

#include <dirent.h>
#include <errno.h>
#include <gym/rng.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
/* Signals are to end processes as they do elsewhere. */
__attribute__ ((visibility ("default"))) const char *__asan_default_options (void);
const char *
__asan_default_options (void)
{
  return "handle_segv=0:handle_abort=0:allocator_may_return_null=1";
}
#else
enum { SANITIZED = 0 };
#endif

struct scene {
  gym_registry *registry;
  gym_env *env;
  gym_evaluator *evaluator;
  const struct evaluator_rows *rows;
  uint32_t p, m;
};

/* Seconds that are short, but not for a machine that is busy with other tests. */
static double
patience (double seconds)
{
  const char *scale = getenv ("GYM_TEST_TIMEOUT_SCALE");
  double factor = scale ? strtod (scale, NULL) : 1;
  return seconds * (factor > 1 ? factor : 1);
}

static void
begin (struct scene *s, const char *env, const char *const *texts,
       const struct gym_limits *limits)
{
  gym_error err = { 0 };
  *s = (struct scene){ .registry = help_registry () };
  s->env = help_env (s->registry, env, texts);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s->env);
  s->evaluator = gym_evaluator_new (s->env, limits, &err);
  if (!s->evaluator)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s->evaluator);
  s->rows = gym_evaluator_rows (s->evaluator);
  s->p = gym_space_size (gym_env_space (s->env));
  s->m = gym_env_metrics (s->env)->n;
}

static void
finish (struct scene *s)
{
  gym_evaluator_destroy (&s->evaluator);
  CU_ASSERT_PTR_NULL (s->evaluator);
  gym_env_destroy (&s->env);
  gym_registry_destroy (&s->registry);
}

static struct gym_limits
isolation (uint32_t kind)
{
  return (struct gym_limits){ .struct_size = sizeof (struct gym_limits),
                              .isolation = kind };
}

/* Until all rows have their status. */
static int
evaluate (struct scene *s, size_t n)
{
  gym_error err = { 0 };
  int rc = gym_evaluator_start (s->evaluator, n, &err);
  while (rc == 0)
    rc = gym_evaluator_poll (s->evaluator, 100, &err);
  if (rc < 0)
    tap_note ("%s", err.text);
  return rc;
}

/* ---- the same results ---- */

static void
fill (struct scene *s, size_t n, gym_rng *rng)
{
  const struct gym_space *space = gym_env_space (s->env);
  for (size_t i = 0; i < n; i++) {
    gym_space_sample (space, rng, s->rows->designs + i * s->p);
    s->rows->seeds[i] = gym_rng_u64 (rng);
    s->rows->fidelities[i] =
        (uint32_t)gym_rng_below (rng, gym_env_fidelities (s->env)->n);
  }
}

/* Bit by bit, the NaN of metrics that a fidelity does not yield included. */
static unsigned
differences (const struct scene *s, size_t n)
{
  size_t size = n * s->m * sizeof (double);
  double *metrics = malloc (size + 1);
  uint32_t *statuses = malloc (n * sizeof *statuses);
  char *notes = malloc (n * GYM_NOTE);
  unsigned bad = !metrics || !statuses || !notes;
  if (!bad
      && gym_env_evaluate (s->env, n, s->rows->designs, s->rows->fidelities,
                           s->rows->seeds, metrics, statuses, notes, NULL)
             != GYM_OK)
    bad++;
  bad += !bad && memcmp (metrics, s->rows->metrics, size) != 0;
  bad += !bad && memcmp (statuses, s->rows->statuses, n * sizeof *statuses) != 0;
  for (size_t i = 0; i < n && !bad; i++)
    bad += strcmp (notes + i * GYM_NOTE, s->rows->notes + i * GYM_NOTE) != 0;
  free (metrics);
  free (statuses);
  free (notes);
  return bad;
}

/* Without what is measured: no clock reads the same twice. */
static void
test_equal (void)
{
  static const char *const mixed[] = { "fault=mixed", "share=0.3", NULL };
  static const struct {
    const char *id;
    const char *const *texts;
  } envs[] = { { "toy", NULL }, { "trivial", NULL }, { "faulty", mixed } };
  static const size_t sizes[] = { 1, 7, EVALUATOR_MOST, 2, 1 };
  gym_rng rng;
  gym_rng_init (&rng, 4711);
  for (uint32_t kind = 0; kind <= GYM_ISOLATE_STRICT; kind++)
    for (size_t e = 0; e < 3; e++) {
      struct scene s;
      struct gym_limits limits = isolation (kind);
      begin (&s, envs[e].id, envs[e].texts, &limits);
      for (size_t i = 0; i < 5; i++) {
        fill (&s, sizes[i], &rng);
        CU_ASSERT_EQUAL (evaluate (&s, sizes[i]), 1);
        CU_ASSERT_EQUAL (differences (&s, sizes[i]), 0);
      }
      finish (&s);
    }
}

/* Evaluation seeds arrive: a noisy env gives the same noise. */
static void
test_noise (void)
{
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  gym_rng rng;
  unsigned bad = 0;
  begin (&s, "noisy", NULL, &limits);
  gym_rng_init (&rng, 1);
  fill (&s, 100, &rng);
  CU_ASSERT_EQUAL (evaluate (&s, 100), 1);
  for (size_t i = 0; i < 100; i++) {
    double expected[3];
    uint32_t status;
    gym_env_evaluate (s.env, 1, s.rows->designs + i * s.p, NULL, s.rows->seeds + i,
                      expected, &status, NULL, NULL);
    const double *got = s.rows->metrics + i * s.m;
    bad += expected[0] != got[0];
    for (uint32_t j = 0; j < s.m; j++) /* sealed ones are hidden here and there */
      bad += isnan (expected[j]) != isnan (got[j]);
  }
  CU_ASSERT_EQUAL (bad, 0);
  finish (&s);
}

/* ---- every way to die ---- */

/* Row i does this. */
static void
set (struct scene *s, size_t i, const char *deed)
{
  const struct gym_space *space = gym_env_space (s->env);
  gym_error err = { 0 };
  double row[2];
  char text[64];
  snprintf (text, sizeof text, "deed=%s,number=%zu", deed, i);
  int rc = gym_design_parse (space, text, row, &err);
  if (rc < 0)
    tap_note ("%s", err.text);
  CU_ASSERT_EQUAL_FATAL (rc, GYM_OK);
  memcpy (s->rows->designs + i * s->p, row, sizeof row);
  s->rows->seeds[i] = i;
  s->rows->fidelities[i] = 0;
}

/* A batch of n in which `deed` is row `at`: it gets the status and says why, all others
 * are right. */
static void
check (struct scene *s, const char *deed, size_t at, size_t n, uint32_t status,
       const char *note)
{
  unsigned bad = 0;
  for (size_t i = 0; i < n; i++)
    set (s, i, i == at ? deed : "ok");
  CU_ASSERT_EQUAL (evaluate (s, n), 1);
  for (size_t i = 0; i < n; i++) {
    const double *metrics = s->rows->metrics + i * s->m;
    if (i != at)
      bad += s->rows->statuses[i] != GYM_TRIAL_OK || metrics[0] != 1 / (1 + (double)i)
             || s->rows->notes[i * GYM_NOTE];
    else if (status != GYM_TRIAL_OK)
      bad += !isnan (metrics[0]) || !isnan (metrics[1]);
  }
  const char *seen = s->rows->notes + at * GYM_NOTE;
  if (bad || s->rows->statuses[at] != status || !strstr (seen, note)) {
    tap_note ("%s, row %zu of %zu: status %s, note \"%s\", %u rows wrong", deed, at, n,
              gym_status_name (s->rows->statuses[at]), seen, bad);
    CU_FAIL ("a death was not taken as it should be");
  }
}

/* First, last, in the middle, alone. */
static void
check_everywhere (struct scene *s, const char *deed, uint32_t status, const char *note)
{
  check (s, deed, 0, 5, status, note);
  check (s, deed, 4, 5, status, note);
  check (s, deed, 2, 5, status, note);
  check (s, deed, 0, 1, status, note);
}

static void
test_deaths (void)
{
  for (uint32_t kind = GYM_ISOLATE_LIMITS; kind <= GYM_ISOLATE_STRICT; kind++) {
    struct scene s;
    struct gym_limits limits = isolation (kind);
    begin (&s, "hostile", NULL, &limits);
    check_everywhere (&s, "ok", GYM_TRIAL_OK, "");
    check_everywhere (&s, "segfault", GYM_TRIAL_CRASHED, "signal 11");
    check_everywhere (&s, "abort", GYM_TRIAL_CRASHED, "signal 6");
    /* At exit a sanitizer looks for leaks in ways that are forbidden then. */
    bool hindered = SANITIZED && kind == GYM_ISOLATE_STRICT;
    check_everywhere (&s, "exit", GYM_TRIAL_CRASHED, hindered ? "signal" : "exit code 3");
    check_everywhere (&s, "ok", GYM_TRIAL_OK, "");
    finish (&s);
  }
}

/* Several in one batch, each with its own end. */
static void
test_many_deaths (void)
{
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  static const char *const deeds[] = {
    "ok", "abort", "segfault", "nan", "error", "exit"
  };
  static const uint32_t statuses[] = { GYM_TRIAL_OK,      GYM_TRIAL_CRASHED,
                                       GYM_TRIAL_CRASHED, GYM_TRIAL_FAILED,
                                       GYM_TRIAL_FAILED,  GYM_TRIAL_CRASHED };
  unsigned bad = 0;
  begin (&s, "hostile", NULL, &limits);
  for (size_t i = 0; i < 48; i++)
    set (&s, i, deeds[i * 5 % 6]);
  CU_ASSERT_EQUAL (evaluate (&s, 48), 1);
  for (size_t i = 0; i < 48; i++)
    bad += s.rows->statuses[i] != statuses[i * 5 % 6];
  CU_ASSERT_EQUAL (bad, 0);
  finish (&s);
}

/* What the env says itself is no death: all kinds of isolation alike. */
static void
test_errors (void)
{
  for (uint32_t kind = 0; kind <= GYM_ISOLATE_STRICT; kind++) {
    struct scene s;
    struct gym_limits limits = isolation (kind);
    begin (&s, "hostile", NULL, &limits);
    check_everywhere (&s, "error", GYM_TRIAL_FAILED, "an error on request");
    check_everywhere (&s, "nan", GYM_TRIAL_FAILED, "");
    finish (&s);
  }
}

/* ---- limits ---- */

static void
test_time (void)
{
  char seconds[64];
  const char *const texts[] = { seconds, NULL };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  limits.seconds = patience (1);
  snprintf (seconds, sizeof seconds, "seconds=%g", 1e5);
  begin (&s, "hostile", texts, &limits);
  CU_ASSERT_EQUAL (gym_evaluator_due (s.evaluator), -1);
  check (&s, "loop", 1, 3, GYM_TRIAL_TIMEOUT, "not done within");
  check (&s, "sleep", 0, 1, GYM_TRIAL_TIMEOUT, "not done within");
  check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
  CU_ASSERT_EQUAL (gym_evaluator_due (s.evaluator), -1);
  set (&s, 0, "loop");
  CU_ASSERT_EQUAL (gym_evaluator_start (s.evaluator, 1, NULL), GYM_OK);
  CU_ASSERT (gym_evaluator_due (s.evaluator) > 0);
  CU_ASSERT_EQUAL (gym_evaluator_poll (s.evaluator, 0, NULL), 0);
  finish (&s); /* in the middle of it */
}

/* Each trial has its CPU seconds, whatever the child used before; sleep is free. */
/* However many rows wait, a hang is found within the limit of one, and costs no other its
 * result. */
static void
test_hang_among_many (void)
{
  enum { MANY = 256 };
  static const char *const texts[] = { "seconds=1e5", NULL };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  limits.seconds = .3;
  begin (&s, "hostile", texts, &limits);
  for (int i = 0; i < MANY; i++)
    set (&s, i, i == 200 ? "sleep" : "ok");
  CU_ASSERT_EQUAL (gym_evaluator_start (s.evaluator, MANY, NULL), GYM_OK);
  int rc;
  while ((rc = gym_evaluator_poll (s.evaluator, 10, NULL)) == 0)
    CU_ASSERT (gym_evaluator_due (s.evaluator) <= 301);
  CU_ASSERT_EQUAL (rc, 1);
  for (int i = 0; i < MANY; i++)
    CU_ASSERT_EQUAL (s.rows->statuses[i], i == 200 ? GYM_TRIAL_TIMEOUT : GYM_TRIAL_OK);
  finish (&s);
}

static void
test_cpu (void)
{
  static const char *const texts[] = { "seconds=0.6", NULL };
  static const char *const longer[] = { "seconds=2.5", NULL };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  limits.cpu_seconds = 1;
  begin (&s, "hostile", texts, &limits);
  for (int i = 0; i < 4; i++)
    check (&s, "spin", 0, 1, GYM_TRIAL_OK, "");
  for (size_t i = 0; i < 4; i++)
    set (&s, i, "spin");
  CU_ASSERT_EQUAL (evaluate (&s, 4), 1);
  for (size_t i = 0; i < 4; i++)
    CU_ASSERT_EQUAL (s.rows->statuses[i], GYM_TRIAL_OK);
  check (&s, "loop", 1, 2, GYM_TRIAL_TIMEOUT, "CPU time");
  finish (&s);
  begin (&s, "hostile", longer, &limits);
  check (&s, "sleep", 0, 1, GYM_TRIAL_OK, "");
  finish (&s);
}

static void
test_memory (void)
{
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  limits.memory = 128 << 20;
  if (SANITIZED || help_in_valgrind ()) {
    tap_skip ("allocators of sanitizers and valgrind do not take a no");
    return;
  }
  for (; limits.isolation <= GYM_ISOLATE_STRICT; limits.isolation++) {
    begin (&s, "hostile", NULL, &limits);
    check_everywhere (&s, "hoard", GYM_TRIAL_OOM, "no more memory to hoard");
    check_everywhere (&s, "gorge", GYM_TRIAL_OOM, "out of memory");
    check_everywhere (&s, "hoard", GYM_TRIAL_OOM, "");
    check_everywhere (&s, "segfault", GYM_TRIAL_CRASHED, "signal 11");
    finish (&s);
  }
}

/* An env that is larger than the limit of a trial: its pages are not the trial's. */
static void
test_large_env (void)
{
  const size_t size = 256 << 20;
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  char *block = malloc (size);
  limits.memory = 128 << 20;
  CU_ASSERT_PTR_NOT_NULL_FATAL (block);
  for (size_t i = 0; i < size; i += 4096)
    ((volatile char *)block)[i] = 1;
  begin (&s, "hostile", NULL, &limits);
  check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
  check (&s, "segfault", 1, 3, GYM_TRIAL_CRASHED, "signal 11");
  check (&s, "abort", 1, 3, GYM_TRIAL_CRASHED, "signal 6");
  if (!SANITIZED && !help_in_valgrind ())
    check (&s, "gorge", 1, 3, GYM_TRIAL_OOM, "out of memory");
  finish (&s);
  free (block);
}

static void
test_files (void)
{
  char path[256], text[300];
  const char *const texts[] = { text, NULL };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  limits.file_size = 1 << 20;
  snprintf (text, sizeof text, "path=%s", help_scratch (path, "large"));
  begin (&s, "hostile", texts, &limits);
  check (&s, "write", 1, 3, GYM_TRIAL_CRASHED, "a file beyond the limit");
  check (&s, "open", 1, 3, GYM_TRIAL_OK, "");
  CU_ASSERT_EQUAL (s.rows->metrics[s.m + 1], 0);
  finish (&s);
  help_remove (path);
}

/* Free under limits, refused or deadly under strict. */
static void
test_strict (void)
{
  static const char *const free_things[] = { "open", "socket", "fork", "thread" };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  begin (&s, "hostile", NULL, &limits);
  for (size_t i = 0; i < 4; i++) {
    check (&s, free_things[i], 1, 3, GYM_TRIAL_OK, "");
    CU_ASSERT_EQUAL (s.rows->metrics[s.m + 1], 0);
  }
  finish (&s);
  limits.isolation = GYM_ISOLATE_STRICT;
  begin (&s, "hostile", NULL, &limits);
  check (&s, "open", 1, 3, GYM_TRIAL_OK, "");
  CU_ASSERT_EQUAL (s.rows->metrics[s.m + 1], EACCES);
  check (&s, "write", 1, 3, GYM_TRIAL_OK, "");
  CU_ASSERT_EQUAL (s.rows->metrics[s.m + 1], EACCES);
  check (&s, "thread", 1, 3, GYM_TRIAL_OK, "");
  CU_ASSERT_EQUAL (s.rows->metrics[s.m + 1], 0);
  check_everywhere (&s, "socket", GYM_TRIAL_CRASHED, "isolation strict forbids");
  check_everywhere (&s, "fork", GYM_TRIAL_CRASHED, "isolation strict forbids");
  check_everywhere (&s, "kill", GYM_TRIAL_CRASHED, "isolation strict forbids");
  check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
  finish (&s);
}

/* No core files; the owner may still write some. */
static void
test_core (void)
{
  struct rlimit before, after;
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  getrlimit (RLIMIT_CORE, &before);
  before.rlim_cur = before.rlim_max < 4096 ? before.rlim_max : 4096;
  setrlimit (RLIMIT_CORE, &before);
  begin (&s, "hostile", NULL, &limits);
  check (&s, "core", 0, 1, GYM_TRIAL_OK, "");
  CU_ASSERT_EQUAL (s.rows->metrics[1], 0);
  getrlimit (RLIMIT_CORE, &after);
  CU_ASSERT (before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max);
  finish (&s);
}

/* ---- processes ---- */

static int
count_files (void)
{
  int n = 0;
  DIR *folder = opendir ("/proc/self/fd");
  for (; folder && readdir (folder); n++)
    ;
  if (folder)
    closedir (folder);
  return n;
}

/* The child of a process with one; 0: none. */
static pid_t
child_of (pid_t parent)
{
  char path[64];
  long pid = 0;
  snprintf (path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
  FILE *file = fopen (path, "r");
  if (file && fscanf (file, "%ld", &pid) != 1)
    pid = 0;
  if (file)
    fclose (file);
  return (pid_t)pid;
}

static void
pause_ms (long ms)
{
  const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
  nanosleep (&t, NULL);
}

static bool
is_alive (pid_t pid)
{
  char path[64], state = 'X';
  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  FILE *file = fopen (path, "r");
  if (file) {
    if (fscanf (file, "%*d (%*[^)]) %c", &state) != 1)
      state = 'X';
    fclose (file);
  }
  return state != 'X' && state != 'Z';
}

/* Waits for the end of a process for as long as the test may take. */
static bool
ends (pid_t pid)
{
  for (int i = 0; i < 3000 && is_alive (pid); i++)
    pause_ms (10);
  return !is_alive (pid);
}

static void
test_nothing_left (void)
{
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  begin (&s, "hostile", NULL, &limits);
  check (&s, "abort", 0, 1, GYM_TRIAL_CRASHED, "signal 6");
  int files = count_files ();
  for (int i = 0; i < 200; i++)
    check (&s, i % 2 ? "abort" : "exit", 0, 1, GYM_TRIAL_CRASHED, "");
  CU_ASSERT_EQUAL (count_files (), files);
  check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
  pid_t child = child_of (getpid ());
  CU_ASSERT (child > 0);
  int how;
  CU_ASSERT_EQUAL (waitpid (-1, &how, WNOHANG), 0); /* one child, alive */
  gym_evaluator_destroy (&s.evaluator);
  CU_ASSERT (waitpid (-1, &how, WNOHANG) < 0 && errno == ECHILD);
  CU_ASSERT_FALSE (is_alive (child));
  finish (&s);
  for (int i = 0; i < 50; i++) { /* nor of evaluators themselves */
    limits.isolation = (uint32_t)i % 3;
    begin (&s, "hostile", NULL, &limits);
    check (&s, "ok", 0, 2, GYM_TRIAL_OK, "");
    finish (&s);
    files = i == 2 ? count_files () : files;
  }
  CU_ASSERT_EQUAL (count_files (), files);
}

/* Between two batches, and what a terminal sends, which is for the owner. */
static void
test_killed (void)
{
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  begin (&s, "hostile", NULL, &limits);
  pid_t first = child_of (getpid ());
  CU_ASSERT (first > 0);
  kill (first, SIGINT);
  check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
  CU_ASSERT_EQUAL (child_of (getpid ()), first);
  for (int i = 0; i < 5; i++) {
    pid_t pid = child_of (getpid ());
    CU_ASSERT (pid > 0);
    kill (pid, SIGKILL);
    if (i % 2)
      ends (pid); /* or perhaps not yet */
    check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
    CU_ASSERT (child_of (getpid ()) != pid);
  }
  finish (&s);
}

/* In the middle of a trial. */
static void
test_killed_at_work (void)
{
  static const char *const texts[] = { "seconds=1e5", NULL };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  begin (&s, "hostile", texts, &limits);
  set (&s, 0, "sleep");
  CU_ASSERT_EQUAL (gym_evaluator_start (s.evaluator, 1, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_evaluator_poll (s.evaluator, 20, NULL), 0);
  for (int i = 0; i < 4; i++) { /* three times it is tried again */
    kill (child_of (getpid ()), SIGKILL);
    struct pollfd fd = { .fd = gym_evaluator_fd (s.evaluator), .events = POLLIN };
    CU_ASSERT_EQUAL (poll (&fd, 1, -1), 1);
    CU_ASSERT_EQUAL (gym_evaluator_poll (s.evaluator, 60000, NULL), i == 3);
  }
  CU_ASSERT_EQUAL (s.rows->statuses[0], GYM_TRIAL_CRASHED);
  CU_ASSERT_PTR_NOT_NULL (strstr (s.rows->notes, "signal 9"));
  finish (&s);
}

/* A study that is killed leaves nobody behind. */
static void
test_parent_dies (void)
{
  static const char *const texts[] = { "seconds=1e5", NULL };
  int ends_of_pipe[2];
  char byte;
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  CU_ASSERT_EQUAL_FATAL (pipe (ends_of_pipe), 0);
  pid_t parent = fork ();
  if (parent == 0) {
    struct scene s;
    struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
    begin (&s, "hostile", texts, &limits);
    set (&s, 0, "sleep");
    gym_evaluator_start (s.evaluator, 1, NULL);
    if (write (ends_of_pipe[1], "", 1) == 1)
      for (;;)
        pause ();
    _exit (1);
  }
  CU_ASSERT_EQUAL (read (ends_of_pipe[0], &byte, 1), 1);
  pid_t child = child_of (parent);
  CU_ASSERT (child > 0 && is_alive (child));
  kill (parent, SIGKILL);
  CU_ASSERT_EQUAL (waitpid (parent, NULL, 0), parent);
  CU_ASSERT (ends (child));
  close (ends_of_pipe[0]);
  close (ends_of_pipe[1]);
}

/* A trial that leaves a process behind, which holds the socket: its death is seen all the
 * same, and what it left goes with it. */
static void
test_orphan (void)
{
  char path[256], text[300];
  const char *const texts[] = { text, NULL };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  int pid = 0;
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  snprintf (text, sizeof text, "path=%s", help_scratch (path, "pid"));
  begin (&s, "hostile", texts, &limits);
  check (&s, "orphan", 1, 3, GYM_TRIAL_CRASHED, "signal 6");
  FILE *file = fopen (path, "r");
  CU_ASSERT_FATAL (file && fscanf (file, "%d", &pid) == 1);
  fclose (file);
  CU_ASSERT (ends (pid));
  check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
  finish (&s);
  help_remove (path);
}

/* One that has closed its socket can say nothing any more: it is ended. */
static void
test_close (void)
{
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  begin (&s, "hostile", NULL, &limits);
  check (&s, "close", 1, 3, GYM_TRIAL_CRASHED, "");
  check (&s, "ok", 0, 3, GYM_TRIAL_OK, "");
  finish (&s);
}

/* ---- a thread ---- */

static void
test_thread (void)
{
  static const char *const texts[] = { "seconds=0.05", NULL };
  struct scene s;
  struct gym_limits limits = isolation (GYM_ISOLATE_NONE);
  limits.seconds = .001;
  limits.cpu_seconds = .001;
  limits.file_size = 1;
  begin (&s, "hostile", texts, &limits);
  CU_ASSERT_EQUAL (child_of (getpid ()), 0);
  set (&s, 0, "sleep");
  set (&s, 1, "fork");
  CU_ASSERT_EQUAL (gym_evaluator_start (s.evaluator, 2, NULL), GYM_OK);
  CU_ASSERT_EQUAL (gym_evaluator_due (s.evaluator), -1);
  CU_ASSERT_EQUAL (gym_evaluator_poll (s.evaluator, -1, NULL), 1);
  CU_ASSERT_EQUAL (s.rows->statuses[0], GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (s.rows->statuses[1], GYM_TRIAL_OK);
  set (&s, 0, "sleep");
  CU_ASSERT_EQUAL (gym_evaluator_start (s.evaluator, 1, NULL), GYM_OK);
  finish (&s); /* waits for it */
  gym_evaluator_destroy (&s.evaluator);
}

/* ---- what an env says ---- */

struct heard {
  unsigned n, empty, wrong;
  size_t longest;
  double sum;
};

static void
hear (void *context, const char *line)
{
  struct heard *heard = context;
  int at = 0, number = 0;
  size_t n = strlen (line);
  heard->n++;
  heard->longest = n > heard->longest ? n : heard->longest;
  heard->empty += n == 0;
  if (n > 0 && n < 1000 && strcmp (line, "and so on") != 0) {
    heard->wrong += sscanf (line, "deed number %d\tis done\033[1m%n", &number, &at) != 1
                    || (size_t)at != n;
    heard->sum += number;
  }
}

/* Its log hears it on the owner's side, all of it, in the owner's thread. */
static void
test_lines (void)
{
  for (uint32_t kind = GYM_ISOLATE_NONE; kind <= GYM_ISOLATE_STRICT; kind++) {
    struct scene s;
    struct heard heard = { 0 };
    struct gym_limits limits = isolation (kind);
    begin (&s, "hostile", NULL, &limits);
    gym_evaluator_destroy (&s.evaluator);
    gym_env_set_log (s.env, hear, &heard);
    s.evaluator = gym_evaluator_new (s.env, &limits, NULL);
    s.rows = gym_evaluator_rows (s.evaluator);
    for (size_t i = 0; i < 100; i++)
      set (&s, i, i % 2 ? "say" : "ok");
    CU_ASSERT_EQUAL (evaluate (&s, 100), 1);
    CU_ASSERT_EQUAL (heard.n, 150);
    CU_ASSERT_EQUAL (heard.empty, 50);
    CU_ASSERT_EQUAL (heard.wrong, 0);
    CU_ASSERT_EQUAL (heard.sum, 2500); /* of the odd numbers to 99 */
    CU_ASSERT_EQUAL (heard.longest, 1023);
    finish (&s);
  }
}

/* Talk does not keep the clock from striking. */
static void
test_chatter (void)
{
  struct scene s;
  struct heard heard = { 0 };
  struct gym_limits limits = isolation (GYM_ISOLATE_LIMITS);
  limits.seconds = .2;
  begin (&s, "hostile", NULL, &limits);
  gym_evaluator_destroy (&s.evaluator);
  gym_env_set_log (s.env, hear, &heard);
  s.evaluator = gym_evaluator_new (s.env, &limits, NULL);
  s.rows = gym_evaluator_rows (s.evaluator);
  check (&s, "chatter", 1, 3, GYM_TRIAL_TIMEOUT, "not done within 0.2 s");
  CU_ASSERT (heard.n > 2);
  finish (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "equal", test_equal },
                                           { "noise", test_noise },
                                           { "deaths", test_deaths },
                                           { "many deaths", test_many_deaths },
                                           { "errors", test_errors },
                                           { "time", test_time },
                                           { "hang among many", test_hang_among_many },
                                           { "cpu time", test_cpu },
                                           { "memory", test_memory },
                                           { "large env", test_large_env },
                                           { "files", test_files },
                                           { "strict", test_strict },
                                           { "core", test_core },
                                           { "nothing left", test_nothing_left },
                                           { "killed", test_killed },
                                           { "killed at work", test_killed_at_work },
                                           { "parent dies", test_parent_dies },
                                           { "orphan", test_orphan },
                                           { "close", test_close },
                                           { "thread", test_thread },
                                           { "lines", test_lines },
                                           { "chatter", test_chatter },
                                           { 0 } };
  return tap_run ("evaluator", tests);
}
