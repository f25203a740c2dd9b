/* Trials in a child process: see core/evaluator.h. */
#include "core/evaluator.h"
#include "core/clock.h"
#include "core/host.h"
#include "core/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the two sides share besides the rows. */
struct shared {
  int32_t code;      /* of the last call */
  uint64_t resident; /* bytes in memory when the child began: the env's */
  char text[GYM_NOTE];
};

/* Rows [first, first + n) are to be evaluated. */
struct order {
  uint32_t first, n;
};

struct gym_evaluator {
  gym_env *env;
  struct gym_limits limits;
  uint32_t p, m;
  void *block;
  size_t block_size;
  struct shared *shared;
  struct evaluator_rows rows;

  pid_t child;      /* 0: none (a thread, or not started); leads a group of its own */
  int death;        /* readable when it has died, which its socket alone may not show */
  pthread_t thread; /* isolation none */
  int fd, other;    /* our end; the end of the thread, or in a child its own */
  void (*log) (void *context, const char *line); /* of the env, on our side */
  void *log_context;

  size_t n;         /* rows to do, */
  size_t at, count; /* those the child has now */
  bool alone;       /* after a death: one by one */
  bool worn;        /* the child has evaluated rows before */
  unsigned killed;  /* how many children the row at hand lost to a kill from outside */
  int64_t handed, deadline; /* ns; deadline 0: none */
  double pace;              /* seconds a row, smoothed; 0: not known */
};

/* A trial is evaluated so often again that lost its child to a kill from outside. */
enum { KILLS = 3 };

enum { LINE = 1024 }; /* bytes of a line of the env's log at most, with a zero */

/* Rows that go to the child together should take about this long. */
static const double piece_seconds = .02;

/* ---- the child's side ---- */

int
gym_child_begin (int keep, int parent)
{
  signal (SIGINT, SIG_IGN);
  signal (SIGTERM, SIG_IGN); /* a scheduler's, to all processes: the owner decides */
  signal (SIGHUP, SIG_IGN);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGXFSZ, SIG_DFL); /* an env that writes without end is seen to */
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid () != parent)
    return GYM_ESTATE;
  int null = open ("/dev/null", O_RDWR);
  if (null < 0 || dup2 (null, 0) < 0 || dup2 (null, 1) < 0)
    return GYM_EIO;
  if (keep > 3)
    close_range (3, (unsigned)keep - 1, 0);
  close_range (keep > 2 ? (unsigned)keep + 1 : 3, ~0U, 0);
  return GYM_OK;
}

static void
evaluate (gym_evaluator *e, const struct order *o)
{
  gym_error err = { 0 };
  const struct evaluator_rows *r = &e->rows;
  e->shared->code = gym_env_evaluate (
      e->env, o->n, r->designs + (size_t)o->first * e->p, r->fidelities + o->first,
      r->seeds + o->first, r->metrics + (size_t)o->first * e->m, r->statuses + o->first,
      r->notes + (size_t)o->first * GYM_NOTE, &err);
  snprintf (e->shared->text, sizeof e->shared->text, "%.*s", GYM_NOTE - 1, err.text);
}

/* A line of the env's, for the owner to hand on. Lines are told from the answer to an
 * order, which is one zero, by how they begin. */
static void
send_line (void *context, const char *line)
{
  const gym_evaluator *e = context;
  char message[LINE + 1] = { 'L' };
  size_t n = strnlen (line, LINE - 1);
  memcpy (message + 1, line, n);
  while (send (e->other, message, n + 1, MSG_NOSIGNAL) < 0 && errno == EINTR)
    ;
}

/* Until the other end is closed. A signal must not end the loop. */
static void
serve (gym_evaluator *e, int fd)
{
  struct order o;
  for (;;) {
    ssize_t got = recv (fd, &o, sizeof o, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got != (ssize_t)sizeof o)
      return;
    if (e->limits.isolation != GYM_ISOLATE_NONE)
      gym_sandbox_cpu (e->limits.cpu_seconds);
    evaluate (e, &o);
    while (send (fd, "", 1, MSG_NOSIGNAL) < 0 && errno == EINTR)
      ;
  }
}

static void *
serve_thread (void *context)
{
  gym_evaluator *e = context;
  serve (e, e->other);
  return NULL;
}

/* The parent's cancel flag is out of reach here. The group takes in what a trial leaves
 * behind, so that it can be ended with it. */
static void
child_main (gym_evaluator *e, int fd, int parent)
{
  struct rusage used = { 0 };
  e->other = fd;
  gym_env_set_log (e->env, send_line, e);
  gym_env_set_cancel (e->env, NULL);
  setpgid (0, 0);
  getrusage (RUSAGE_SELF, &used);
  e->shared->resident = (uint64_t)used.ru_maxrss * 1024;
  int rc = gym_child_begin (fd, parent);
  if (rc == GYM_OK)
    rc = gym_sandbox_enter (&e->limits);
  char byte = (char)rc;
  if (send (fd, &byte, 1, MSG_NOSIGNAL) == 1 && rc == GYM_OK)
    serve (e, fd);
  _exit (0);
}

/* ---- the owner's side ---- */

static void end (gym_evaluator *e);

/* The child says whether it could put itself under its limits: without them it would be
 * something else than what the user asked for. */
static int
greet (gym_evaluator *e, gym_error *err)
{
  char byte = 0;
  ssize_t got;
  while ((got = recv (e->fd, &byte, 1, 0)) < 0 && errno == EINTR)
    ;
  if (got == 1 && byte == GYM_OK)
    return GYM_OK;
  end (e);
  return gym_fail (err, GYM_EFAILED,
                   "an evaluating process cannot be put under its limits here (isolation "
                   "%s)",
                   gym_isolation_name (e->limits.isolation));
}

static int
begin_thread (gym_evaluator *e, int other)
{
  e->other = other;
  gym_env_set_log (e->env, send_line, e);
  errno = pthread_create (&e->thread, NULL, serve_thread, e);
  if (errno == 0)
    return GYM_OK;
  close (other);
  e->other = -1;
  return GYM_EFAILED;
}

static int
begin_child (gym_evaluator *e, int other, gym_error *err)
{
  pid_t parent = getpid (), child = fork ();
  if (child == 0)
    child_main (e, other, parent);
  close (other);
  if (child < 0)
    return GYM_EFAILED;
  e->child = child;
  e->death = (int)syscall (SYS_pidfd_open, child, 0);
  return greet (e, err);
}

static int
begin (gym_evaluator *e, gym_error *err)
{
  int ends[2];
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return gym_fail (err, GYM_EIO, "no socket for an evaluating process: %s",
                     strerror (errno));
  e->fd = ends[0];
  int rc = e->limits.isolation == GYM_ISOLATE_NONE ? begin_thread (e, ends[1])
                                                   : begin_child (e, ends[1], err);
  if (rc == GYM_OK || e->fd < 0)
    return rc; /* the greeting was none: all is ended already */
  int reason = errno;
  end (e);
  return gym_fail (err, GYM_EFAILED, "no evaluating process can be started: %s",
                   strerror (reason));
}

static void
close_end (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* Before the child is reaped, as long as the number of its group is nobody else's. */
static void
kill_group (const gym_evaluator *e)
{
  kill (e->child, SIGKILL);
  kill (-e->child, SIGKILL);
}

static void
end (gym_evaluator *e)
{
  if (e->child > 0) {
    kill_group (e);
    while (waitpid (e->child, NULL, 0) < 0 && errno == EINTR)
      ;
  }
  if (e->other >= 0) {
    shutdown (e->fd, SHUT_RDWR);
    pthread_join (e->thread, NULL);
    gym_env_set_log (e->env, e->log, e->log_context);
  }
  e->child = 0;
  close_end (&e->other);
  close_end (&e->death);
  close_end (&e->fd);
}

/* Shared memory must be zeroed and aligned for all: an anonymous mapping is both. */
static int
lay_out (gym_evaluator *e)
{
  const size_t n = EVALUATOR_MOST;
  size_t numbers = n * (e->p + e->m + 1), words = 2 * n;
  e->block_size = numbers * 8 + words * 4 + n * GYM_NOTE + sizeof (struct shared);
  e->block = mmap (NULL, e->block_size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (e->block == MAP_FAILED) {
    e->block = NULL;
    return GYM_ENOMEM;
  }
  double *at = e->block;
  e->rows.designs = at;
  e->rows.metrics = at + n * e->p;
  e->rows.seeds = (uint64_t *)(void *)(at + n * (e->p + e->m));
  e->rows.fidelities = (uint32_t *)(void *)(at + numbers);
  e->rows.statuses = e->rows.fidelities + n;
  e->shared = (struct shared *)(void *)(e->rows.statuses + n);
  e->rows.notes = (char *)(e->shared + 1);
  return GYM_OK;
}

gym_evaluator *
gym_evaluator_new (gym_env *env, const struct gym_limits *limits, gym_error *err)
{
  gym_evaluator *e = calloc (1, sizeof *e);
  if (!e) {
    gym_fail (err, GYM_ENOMEM, "out of memory for an evaluating process");
    return NULL;
  }
  *e = (gym_evaluator){ .env = env,
                        .limits = *limits,
                        .p = gym_space_size (gym_env_space (env)),
                        .m = gym_env_metrics (env)->n,
                        .death = -1,
                        .fd = -1,
                        .other = -1 };
  gym_env_get_log (env, &e->log, &e->log_context);
  int rc = lay_out (e);
  if (rc < 0)
    gym_fail (err, rc, "out of memory for an evaluating process");
  if (rc == GYM_OK)
    rc = begin (e, err);
  if (rc < 0)
    gym_evaluator_destroy (&e);
  return e;
}

void
gym_evaluator_destroy (gym_evaluator **evaluator)
{
  gym_evaluator *e = *evaluator;
  if (!e)
    return;
  end (e);
  if (e->block)
    munmap (e->block, e->block_size);
  free (e);
  *evaluator = NULL;
}

const struct evaluator_rows *
gym_evaluator_rows (const gym_evaluator *e)
{
  return &e->rows;
}

int
gym_evaluator_fd (const gym_evaluator *e)
{
  return e->fd;
}

/* How many rows go to the child together: as many as should take a moment. Slow trials go
 * singly, so that each has the whole limit and no other waits for it; fast ones share one
 * limit, which they come nowhere near unless one of them hangs. */
static size_t
piece (const gym_evaluator *e)
{
  size_t left = e->n - e->at;
  double fit = e->pace > 0 ? piece_seconds / e->pace : 1;
  if (e->alone || fit < 1)
    return 1;
  return fit < (double)left ? (size_t)fit : left;
}

/* Hands rows to the child. One that died between two batches is found here. */
static int
hand_over (gym_evaluator *e, gym_error *err)
{
  e->count = piece (e);
  e->handed = gym_clock ();
  struct order o = { .first = (uint32_t)e->at, .n = (uint32_t)e->count };
  double seconds = e->limits.isolation == GYM_ISOLATE_NONE ? 0 : e->limits.seconds;
  e->deadline = seconds > 0 ? e->handed + (int64_t)(seconds * 1e9) : 0;
  for (int attempt = 0; attempt < 2; attempt++) {
    if (e->fd < 0) {
      e->worn = false;
      if (begin (e, err) < 0)
        return GYM_EFAILED;
    }
    ssize_t sent;
    while ((sent = send (e->fd, &o, sizeof o, MSG_NOSIGNAL)) < 0 && errno == EINTR)
      ;
    if (sent == (ssize_t)sizeof o)
      return GYM_OK;
    end (e);
  }
  return gym_fail (err, GYM_EFAILED, "no evaluating process stays alive");
}

int
gym_evaluator_start (gym_evaluator *e, size_t n, gym_error *err)
{
  e->n = n;
  e->at = 0;
  e->alone = false;
  return hand_over (e, err);
}

/* ---- what became of a batch ---- */

static void
give_status (gym_evaluator *e, uint32_t status, const char *note)
{
  size_t i = e->at;
  e->rows.statuses[i] = status;
  for (uint32_t j = 0; j < e->m; j++)
    e->rows.metrics[i * e->m + j] = NAN;
  snprintf (e->rows.notes + i * GYM_NOTE, GYM_NOTE, "%s", note);
}

/* Whether a process that died by this signal had used up its memory: an allocation that
 * fails is seldom checked for. What it had from its parent does not count. */
static bool
ran_out (const gym_evaluator *e, int signal, const struct rusage *used)
{
  return e->limits.memory > 0 && (signal == SIGSEGV || signal == SIGABRT)
         && (double)used->ru_maxrss * 1024 - (double)e->shared->resident
                > .8 * (double)e->limits.memory;
}

static void
judge_death (gym_evaluator *e, int how, const struct rusage *used)
{
  char note[GYM_NOTE];
  int signal = WIFSIGNALED (how) ? WTERMSIG (how) : 0;
  if (signal == SIGXCPU) {
    snprintf (note, sizeof note, "more than %g s of CPU time", e->limits.cpu_seconds);
    give_status (e, GYM_TRIAL_TIMEOUT, note);
  } else if (ran_out (e, signal, used)) {
    snprintf (note, sizeof note, "out of memory (signal %d, %s)", signal,
              strsignal (signal));
    give_status (e, GYM_TRIAL_OOM, note);
  } else {
    if (signal)
      snprintf (note, sizeof note, "signal %d (%s)%s", signal, strsignal (signal),
                signal == SIGSYS    ? ": a system call that isolation strict forbids"
                : signal == SIGXFSZ ? ": a file beyond the limit"
                : signal == SIGKILL ? ": from outside, perhaps for lack of memory"
                                    : "");
    else
      snprintf (note, sizeof note, "the process ended itself (exit code %d)",
                WEXITSTATUS (how));
    give_status (e, GYM_TRIAL_CRASHED, note);
  }
}

/* The child may have written anything into what it shares: past this, a status is one and
 * a note has an end. */
static void
check_rows (gym_evaluator *e)
{
  for (size_t i = e->at; i < e->at + e->count; i++) {
    e->rows.notes[i * GYM_NOTE + GYM_NOTE - 1] = '\0';
    if (e->rows.statuses[i] > GYM_TRIAL_OOM)
      e->rows.statuses[i] = GYM_TRIAL_FAILED;
  }
}

/* Moves on after the rows at hand, all of them done. */
static int
next (gym_evaluator *e, gym_error *err)
{
  check_rows (e);
  e->at += e->count;
  e->count = 0;
  e->killed = 0;
  if (e->at < e->n)
    return hand_over (e, err);
  e->deadline = 0;
  return 1;
}

/* The rows at hand have no results: one by one, unless it is one alone, which then is the
 * one at fault. */
static int
blame (gym_evaluator *e, uint32_t status, const char *note, gym_error *err)
{
  if (e->count > 1) {
    e->alone = true;
    return hand_over (e, err);
  }
  if (note)
    give_status (e, status, note);
  return next (e, err);
}

/* One that has only closed its socket is ended; how a dead one died does not change. */
static int
bury (gym_evaluator *e, gym_error *err)
{
  int how = 0;
  struct rusage used = { 0 };
  if (e->child > 0) {
    kill_group (e);
    while (wait4 (e->child, &how, 0, &used) < 0 && errno == EINTR)
      ;
  }
  e->child = 0;
  end (e);
  /* Nothing a trial does ends in SIGKILL: somebody killed the child, often all processes
   * of a job and this one in a moment. Again, then; the kernel, out of memory, insists.
   */
  bool outside = WIFSIGNALED (how) && WTERMSIG (how) == SIGKILL;
  if (e->count == 1 && outside && e->killed++ < KILLS) {
    static const struct timespec moments[KILLS] = { { .tv_nsec = 100000000 },
                                                    { .tv_nsec = 500000000 },
                                                    { .tv_sec = 1 } };
    const struct timespec moment = moments[e->killed - 1];
    nanosleep (&moment, NULL);
    return hand_over (e, err);
  }
  /* What the peak of memory says is true of the whole life of a process: a trial is
   * judged by it only when it had a process of its own. */
  if (e->count == 1 && e->worn && WIFSIGNALED (how) && ran_out (e, WTERMSIG (how), &used))
    return hand_over (e, err);
  if (e->count == 1)
    judge_death (e, how, &used);
  return blame (e, 0, NULL, err);
}

static int
time_out (gym_evaluator *e, gym_error *err)
{
  char note[GYM_NOTE];
  snprintf (note, sizeof note, "not done within %g s", e->limits.seconds);
  end (e);
  return blame (e, GYM_TRIAL_TIMEOUT, note, err);
}

/* An env that returns an error has said so about all rows of its batch. */
static int
receive (gym_evaluator *e, gym_error *err)
{
  int code = e->shared->code;
  double each = (double)(gym_clock () - e->handed) * 1e-9 / (double)e->count;
  e->pace = e->pace > 0 ? .8 * e->pace + .2 * each : each;
  e->worn = true;
  if (code >= 0)
    return next (e, err);
  return blame (e, code == GYM_ENOMEM ? GYM_TRIAL_OOM : GYM_TRIAL_FAILED,
                e->shared->text[0] ? e->shared->text : gym_error_name (code), err);
}

int
gym_evaluator_due (const gym_evaluator *e)
{
  if (!e->deadline)
    return -1;
  int64_t left = (e->deadline - gym_clock ()) / 1000000 + 1;
  return left < 0 ? 0 : left > 1000000 ? 1000000 : (int)left;
}

/* What the other end sent: 1 when it is done with its piece, 0 for a line or nothing,
 * -1 when it is gone. */
static int
hear (gym_evaluator *e)
{
  char message[LINE + 1];
  ssize_t got = recv (e->fd, message, LINE, MSG_DONTWAIT);
  if (got == 1 && message[0] == 0)
    return 1;
  if (got > 0 && e->log) {
    message[got] = '\0';
    e->log (e->log_context, message + 1);
  }
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)) ? 0 : -1;
}

/* One look: a piece that is done, a line, a death or a deadline. */
static int
look (gym_evaluator *e, int milliseconds, gym_error *err)
{
  int due = gym_evaluator_due (e);
  int wait = due >= 0 && (milliseconds < 0 || due < milliseconds) ? due : milliseconds;
  struct pollfd fds[] = { { .fd = e->fd, .events = POLLIN },
                          { .fd = e->death, .events = POLLIN } };
  int heard = poll (fds, 2, wait) > 0 ? hear (e) : 0;
  if (heard > 0)
    return receive (e, err);
  if (heard < 0 || (fds[1].revents && !fds[0].revents))
    return bury (e, err);
  if (e->deadline && gym_clock () >= e->deadline)
    return time_out (e, err);
  return 0;
}

int
gym_evaluator_poll (gym_evaluator *e, int milliseconds, gym_error *err)
{
  int rc;
  do
    rc = look (e, milliseconds, err);
  while (rc == 0 && milliseconds < 0);
  return rc;
}
