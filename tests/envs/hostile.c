/* hostile.c - an environment that does to its process whatever the design says, for the
 * tests of evaluation in processes that may die.
 *
 *   hostile-v1   `deed` says what happens, `number` gives the result where there is one
 */
#include <gym/plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct hostile {
  double seconds;
  const char *path;
  const struct gym_host *host;
  pid_t parent; /* the process that opened it */
};

static const struct gym_option options[] = {
  { .name = "seconds",
    .unit = "s",
    .doc = "How long sleep and spin take.",
    .type = GYM_OPTION_REAL,
    .offset = offsetof (struct hostile, seconds),
    .low = 0,
    .high = 1e6,
    .initial = "0.1" },
  { .name = "path",
    .doc = "The file that write, open and orphan use.",
    .type = GYM_OPTION_TEXT,
    .offset = offsetof (struct hostile, path),
    .initial = "/dev/null" },
};

/* In the order of the levels. */
enum deed {
  OK,
  SEGFAULT,
  ABORT,
  EXIT,
  LOOP,
  SLEEP,
  SPIN,
  HOARD,
  GORGE,
  WRITE,
  OPEN,
  SOCKET,
  FORK,
  THREAD,
  ORPHAN,
  CLOSE,
  KILL,
  CORE,
  ERROR,
  NOT_A_NUMBER,
  SAY,
  CHATTER
};

static const char *const deeds[] = { "ok",    "segfault", "abort", "exit",   "loop",
                                     "sleep", "spin",     "hoard", "gorge",  "write",
                                     "open",  "socket",   "fork",  "thread", "orphan",
                                     "close", "kill",     "core",  "error",  "nan",
                                     "say",   "chatter" };

static const struct gym_param params[] = {
  { .name = "deed",
    .doc =
        "What happens: hoard asks for memory until it gets none and says so, gorge does "
        "not look, orphan leaves a process behind and dies, close loses all "
        "descriptors and goes on for ever, kill ends the parent, core reports the "
        "limit of core files, say tells the log its number, chatter never ends it.",
    .kind = GYM_CATEGORICAL,
    .levels = deeds,
    .n_levels = sizeof deeds / sizeof deeds[0] },
  { .name = "number",
    .doc = "Gives the value.",
    .kind = GYM_INTEGER,
    .low = 0,
    .high = 9999,
    .initial = 0 },
};

static const struct gym_metric metrics[] = {
  { .name = "value", .unit = "1", .doc = "Of the number.", .sense = GYM_MINIMISE },
  { .name = "seen",
    .unit = "1",
    .doc = "What the deed met with: an errno, a limit, or 0.",
    .sense = GYM_NEUTRAL },
};

static int
remember_parent (void *self, const struct gym_host *host, gym_error *err)
{
  struct hostile *h = self;
  h->parent = getpid ();
  h->host = host;
  (void)err;
  return GYM_OK;
}

static void
close_nothing (void *self)
{
  (void)self;
}

static int
space (void *self, struct gym_params *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_params)GYM_ARRAY (gym_params, params);
  return GYM_OK;
}

static int
describe (void *self, struct gym_metrics *out, gym_error *err)
{
  (void)self;
  (void)err;
  *out = (struct gym_metrics)GYM_ARRAY (gym_metrics, metrics);
  return GYM_OK;
}

/* ---- deeds ---- */

static volatile int never;
static volatile int *volatile nowhere = (volatile int *)16;

static void
loop (void)
{
  while (!never)
    ;
}

static void
spin (double seconds)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  double until = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec + seconds;
  do
    clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  while ((double)t.tv_sec + 1e-9 * (double)t.tv_nsec < until);
}

static void
nap (double seconds)
{
  struct timespec t = { .tv_sec = (time_t)seconds,
                        .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9) };
  while (nanosleep (&t, &t) != 0)
    ;
}

struct block {
  struct block *next;
};

/* Every page is touched. Given back, so that the next trial has it again. */
static int
hoard (bool looks, gym_error *err)
{
  const size_t size = 4 << 20;
  struct block *all = NULL;
  for (;;) {
    struct block *b = malloc (size);
    if (!b && looks)
      break;
    memset (b, 1, size);
    b->next = all;
    all = b;
  }
  while (all) {
    struct block *b = all;
    all = b->next;
    free (b);
  }
  return gym_fail (err, GYM_ENOMEM, "no more memory to hoard");
}

static double
write_much (const char *path)
{
  static const char bytes[1 << 16];
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600), failure = errno;
  if (fd < 0)
    return failure;
  for (int i = 0; i < 4096; i++)
    if (write (fd, bytes, sizeof bytes) < 0) {
      failure = errno;
      close (fd);
      return failure;
    }
  close (fd);
  return 0;
}

static double
open_file (const char *path)
{
  int fd = open (path, O_RDONLY), failure = errno;
  if (fd < 0)
    return failure;
  close (fd);
  return 0;
}

static double
open_socket (void)
{
  int fd = socket (AF_INET, SOCK_STREAM, 0), failure = errno;
  if (fd < 0)
    return failure;
  close (fd);
  return 0;
}

static double
fork_child (void)
{
  pid_t pid = fork ();
  if (pid == 0)
    _exit (0);
  return pid < 0 ? errno : waitpid (pid, NULL, 0) == pid ? 0 : -1;
}

static void *
thread_main (void *context)
{
  *(int *)context = 1;
  return NULL;
}

static double
run_thread (void)
{
  pthread_t thread;
  int ran = 0, failure = pthread_create (&thread, NULL, thread_main, &ran);
  if (failure)
    return failure;
  pthread_join (thread, NULL);
  return ran ? 0 : -1;
}

/* The one that is left holds all descriptors, and tells its number in the file. */
static void
leave_orphan (const char *path)
{
  pid_t pid = fork ();
  if (pid == 0)
    for (;;)
      pause ();
  FILE *file = fopen (path, "w");
  if (file) {
    fprintf (file, "%d\n", (int)pid);
    fclose (file);
  }
  abort ();
}

static double
core_limit (void)
{
  struct rlimit limit;
  return getrlimit (RLIMIT_CORE, &limit) == 0 ? (double)limit.rlim_cur : -1;
}

/* What it says, an empty line, and one that is too long. */
static void
say (const struct gym_host *host, double number)
{
  host->log (host, "deed number %g\tis done\033[1m", number);
  host->log (host, "%s", "");
  host->log (host, "%2000g", number);
}

/* Those that may come back. */
static int
commit (const struct hostile *h, enum deed deed, double *seen, gym_error *err)
{
  switch (deed) {
  case SLEEP:
    nap (h->seconds);
    return GYM_OK;
  case SPIN:
    spin (h->seconds);
    return GYM_OK;
  case HOARD:
  case GORGE:
    return hoard (deed == HOARD, err);
  case WRITE:
    *seen = write_much (h->path);
    return GYM_OK;
  case OPEN:
    *seen = open_file (h->path);
    return GYM_OK;
  case SOCKET:
    *seen = open_socket ();
    return GYM_OK;
  case FORK:
    *seen = fork_child ();
    return GYM_OK;
  case THREAD:
    *seen = run_thread ();
    return GYM_OK;
  case CORE:
    *seen = core_limit ();
    return GYM_OK;
  case ERROR:
    return gym_fail (err, GYM_EFAILED, "an error on request");
  case CHATTER:
    for (;;)
      h->host->log (h->host, "and so on");
  default:
    return GYM_OK;
  }
}

/* Those that do not. */
static void
perish (const struct hostile *h, enum deed deed)
{
  switch (deed) {
  case SEGFAULT:
    *nowhere = 1;
    break;
  case ABORT:
    abort ();
  case EXIT:
    exit (3);
  case LOOP:
    loop ();
    break;
  case ORPHAN:
    leave_orphan (h->path);
    break;
  case CLOSE:
    for (int fd = 3; fd < 1024; fd++)
      close (fd);
    loop ();
    break;
  case KILL:
    syscall (SYS_tgkill, h->parent, h->parent, SIGKILL);
    break;
  default:
    break;
  }
}

static int
evaluate (void *self, struct gym_batch *batch, gym_error *err)
{
  const struct hostile *h = self;
  for (size_t i = 0; i < batch->n; i++) {
    const double *row = batch->designs + i * batch->n_params;
    double *out = batch->metrics + i * batch->n_metrics;
    enum deed deed = (enum deed)row[0];
    out[0] = deed == NOT_A_NUMBER ? NAN : 1 / (1 + row[1]);
    out[1] = 0;
    if (deed == SAY)
      say (h->host, row[1]);
    perish (h, deed);
    int rc = commit (h, deed, &out[1], err);
    if (rc < 0)
      return rc;
  }
  return GYM_OK;
}

static const struct gym_env_class hostile_class = {
  .struct_size = sizeof (struct gym_env_class),
  .id = "hostile-v1",
  .summary = "Harms its process on request, for tests",
  .doc = "Each design says what it does to the process that evaluates it.",
  .source = "made up for the tests of archgym",
  .options = GYM_ARRAY (gym_options, options),
  .instance_size = sizeof (struct hostile),
  .open = remember_parent,
  .close = close_nothing,
  .space = space,
  .metrics = describe,
  .evaluate = evaluate,
};

static const struct gym_env_class *const classes[] = { &hostile_class, NULL };

GYM_EXPORT const struct gym_plugin gym_plugin_entry = {
  GYM_PLUGIN_ABI,
  .name = "hostile",
  .version = "0.1.0",
  .licence = "MIT",
  .doc = "An environment that harms its process, for tests.",
  .envs = classes,
};
