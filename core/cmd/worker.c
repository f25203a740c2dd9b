/* gym worker: evaluates trials of a study that runs elsewhere. */
#include "core/cmd/place.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEYS = CLI_LONG, WAIT, QUIET };

static atomic_bool stop;

static void
on_signal (int signal)
{
  (void)signal;
  atomic_store (&stop, true);
}

/* The process is named: several workers often share a terminal or a log file. */
static void
on_log (void *context, const char *line)
{
  (void)context;
  fprintf (stderr, "gym worker %d: %s\n", (int)getpid (), line);
}

/* The first signal lets the worker say goodbye, so that its trials go to others at once;
 * a second one ends it. */
static void
catch_signals (void)
{
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
  sigemptyset (&action.sa_mask);
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

enum { WORKERS_MOST = 4096 };

static pid_t others[WORKERS_MOST];
static size_t n_others;

/* n - 1 children beside this process, before anything is loaded. */
static int
fork_others (uint64_t n, bool *child, gym_error *err)
{
  *child = false;
  for (uint64_t i = 1; i < n; i++) {
    pid_t pid = fork ();
    if (pid < 0)
      return gym_fail (err, GYM_EFAILED, "cannot start a worker: %s", strerror (errno));
    if (pid == 0) {
      prctl (PR_SET_PDEATHSIG, SIGTERM);
      n_others = 0;
      *child = true;
      return GYM_OK;
    }
    others[n_others++] = pid;
  }
  return GYM_OK;
}

/* A terminal's Ctrl-C reaches all of them; what was sent to this process alone is handed
 * on, so that no more is needed than its number. */
static void
stop_others (void)
{
  for (size_t i = 0; i < n_others; i++)
    if (others[i] > 0)
      kill (others[i], SIGTERM);
}

static void
forget (pid_t pid)
{
  for (size_t i = 0; i < n_others; i++)
    if (others[i] == pid)
      others[i] = 0;
}

/* The worst exit code of all. The signal may come before this, or while it waits. */
static int
wait_for_others (int code)
{
  int how;
  bool told = false;
  for (;;) {
    if (!told && atomic_load (&stop)) {
      stop_others ();
      told = true;
    }
    pid_t pid = waitpid (-1, &how, told ? 0 : WNOHANG);
    if (pid < 0 && errno != EINTR)
      return code;
    if (pid > 0) {
      forget (pid);
      if (code == CLI_OK)
        code = WIFEXITED (how) ? WEXITSTATUS (how) : CLI_FAILED;
    } else if (pid == 0) {
      const struct timespec pause = { .tv_nsec = 50000000 };
      nanosleep (&pause, NULL);
    }
  }
}

/* Each process loads its plugins itself: a fork after that would share their state. */
static int
serve (struct gym_worker *worker, gym_error *err)
{
  gym_registry *registry;
  int code = cmd_registry (&registry, err);
  if (code >= 0)
    code = gym_worker_run (registry, worker, NULL, err);
  gym_registry_destroy (&registry);
  return code;
}

/* A child must not return to main, which would report its error a second time. */
static int
run (const struct cli *cli, gym_error *err)
{
  uint64_t n = 1;
  bool child;
  struct gym_worker worker = { .struct_size = sizeof worker,
                               .endpoint = cli_plain (cli, 0),
                               .keys = cli_value (cli, KEYS),
                               .cancel = &stop,
                               .log = cli_value (cli, QUIET) ? NULL : on_log };
  double wait = 60;
  int code = place_seconds (cli, WAIT, &wait, err);
  worker.wait = wait > 0 ? wait : 1e-3; /* for the library 0 is the default */
  if (code >= 0)
    code = place_isolation (cli, &worker.isolation, err);
  if (code >= 0)
    code = cli_integer (cli, 'n', 1, WORKERS_MOST, &n, err);
  if (code >= 0)
    code = fork_others (n, &child, err);
  if (code < 0)
    return code;
  catch_signals ();
  code = serve (&worker, err);
  if (code < 0) {
    fprintf (stderr, "gym: %s\n", err->text);
    code = cli_exit_code (code);
  }
  if (child) {
    fflush (NULL);
    _exit (code);
  }
  return wait_for_others (code);
}

static const struct cli_option options[] = {
  { .key = 'n',
    .name = "number",
    .argument = "N",
    .doc = "Start N workers, such as one a core (1)." },
  { .key = KEYS,
    .name = "keys",
    .argument = "DIR",
    .doc = "Folder with server.pub and a key of this worker's (gym keys)." },
  { .key = WAIT,
    .name = "wait",
    .argument = "SECONDS",
    .doc = "How long to look for a study that does not answer (60)." },
  PLACE_ISOLATE_OPTION,
  { .key = QUIET, .name = "quiet", .doc = "Say nothing but errors." },
  { 0 }
};

const struct cli_command cmd_worker = {
  .name = "worker",
  .arguments = "ENDPOINT [-n N] [--keys DIR] [--wait SECONDS]\n"
               "[--isolate limits|strict|none] [--quiet]",
  .summary = "Evaluate trials of a study that runs elsewhere",
  .doc =
      "Joins the study that listens at ENDPOINT (tcp://HOST:5555, the --workers of gym "
      "search), before or after it has begun, and ends when it is over or when none "
      "has answered for a while; exit code 0 either way. Any number of workers may "
      "join and leave at any time. A worker needs the plugin of the env; files that "
      "the env reads are fetched from the study.",
  .options = options,
  .least = 1,
  .most = 1,
  .run = run,
};
