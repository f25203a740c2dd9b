/* Limits of a process: what they are, and that they hold. Each case puts a child of its
 * own under them. */
#include "core/sandbox.h"
#include "tests/core/help.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static const struct gym_limits no_limits = { .struct_size = sizeof no_limits,
                                             .isolation = GYM_ISOLATE_LIMITS };

static pid_t parent; /* getppid is not among the calls of isolation strict */

/* What becomes of a child that enters the limits and then does this: its exit code, or
 * 1000 and the signal. */
static int
child (const struct gym_limits *limits, int (*body) (const struct gym_limits *))
{
  int how = 0;
  parent = getpid ();
  pid_t pid = fork ();
  if (pid == 0)
    _exit (gym_sandbox_enter (limits) == GYM_OK ? body (limits) : 99);
  if (pid < 0 || waitpid (pid, &how, 0) != pid)
    return -1;
  return WIFEXITED (how) ? WEXITSTATUS (how) : 1000 + WTERMSIG (how);
}

static void
test_names (void)
{
  for (uint32_t i = 0; i <= GYM_ISOLATE_STRICT; i++)
    CU_ASSERT_EQUAL (gym_isolation_parse (gym_isolation_name (i)), (int)i);
  for (uint32_t i = 0; i <= GYM_ISOLATE_STRICT; i++)
    CU_ASSERT_PTR_EQUAL (gym_isolation_names ()[i], gym_isolation_name (i));
  CU_ASSERT_PTR_NULL (gym_isolation_names ()[GYM_ISOLATE_STRICT + 1]);
  CU_ASSERT_STRING_EQUAL (gym_isolation_name (GYM_ISOLATE_STRICT), "strict");
  CU_ASSERT_STRING_EQUAL (gym_isolation_name (77), "none");
  CU_ASSERT_EQUAL (gym_isolation_parse ("Strict"), -1);
  CU_ASSERT_EQUAL (gym_isolation_parse (""), -1);
  CU_ASSERT_EQUAL (gym_isolation_parse (NULL), -1);
}

static void
test_defaults (void)
{
  struct gym_limits limits;
  memset (&limits, 0xFF, sizeof limits);
  gym_limits_init (&limits);
  CU_ASSERT_EQUAL (limits.struct_size, sizeof limits);
  CU_ASSERT_EQUAL (limits.isolation, GYM_ISOLATE_LIMITS);
  CU_ASSERT (limits.seconds == 600 && limits.cpu_seconds == 600);
  CU_ASSERT (limits.memory >= UINT64_C (1) << 26);
  CU_ASSERT (limits.file_size == UINT64_C (1) << 30);
}

/* ---- limits ---- */

static uint64_t
soft (int what)
{
  struct rlimit limit;
  return getrlimit (what, &limit) == 0 ? (uint64_t)limit.rlim_cur : 1;
}

static int
has_none (const struct gym_limits *limits)
{
  (void)limits;
  return soft (RLIMIT_CORE) != 0                ? 1
         : soft (RLIMIT_AS) != RLIM_INFINITY    ? 2
         : soft (RLIMIT_FSIZE) != RLIM_INFINITY ? 3
                                                : 0;
}

static int
has_all (const struct gym_limits *limits)
{
  return soft (RLIMIT_CORE) != 0                                                  ? 1
         : soft (RLIMIT_AS) < limits->memory || soft (RLIMIT_AS) == RLIM_INFINITY ? 2
         : soft (RLIMIT_FSIZE) != limits->file_size                               ? 3
                                                                                  : 0;
}

/* Straight from the system: allocators have opinions of their own. */
static void *
map (size_t size)
{
  return mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* More than there are addresses is no limit, rather than a very small one. */
static int
may_map (const struct gym_limits *limits)
{
  (void)limits;
  return map (64 << 20) == MAP_FAILED;
}

static void
test_limits (void)
{
  struct rlimit before[3], after[3];
  static const int what[] = { RLIMIT_CORE, RLIMIT_AS, RLIMIT_FSIZE };
  struct gym_limits limits = no_limits;
  for (int i = 0; i < 3; i++)
    getrlimit (what[i], &before[i]);
  if (before[1].rlim_cur != RLIM_INFINITY || before[2].rlim_cur != RLIM_INFINITY)
    tap_note ("this shell has limits of its own");
  else
    CU_ASSERT_EQUAL (child (&limits, has_none), 0);
  limits.memory = UINT64_C (1) << 33;
  limits.file_size = 12345;
  CU_ASSERT_EQUAL (child (&limits, has_all), 0);
  for (int i = 0; i < 3; i++) {
    getrlimit (what[i], &after[i]);
    CU_ASSERT (before[i].rlim_cur == after[i].rlim_cur
               && before[i].rlim_max == after[i].rlim_max);
  }
  for (int shift = 0; shift < 40; shift++) {
    limits.memory = UINT64_MAX << shift;
    limits.memory = shift ? limits.memory : UINT64_MAX;
    CU_ASSERT_EQUAL (child (&limits, may_map), 0);
  }
}

/* Only what is beyond the limit is out of reach, and only while it is held. */
static int
meets_memory_limit (const struct gym_limits *limits)
{
  for (int round = 0; round < 20; round++) {
    void *half = map (limits->memory / 2);
    if (half == MAP_FAILED)
      return 1;
    if (map (limits->memory) != MAP_FAILED)
      return 2;
    munmap (half, limits->memory / 2);
  }
  return 0;
}

static int
meets_file_limit (const struct gym_limits *limits)
{
  FILE *file = tmpfile ();
  char byte = 0;
  signal (SIGXFSZ, SIG_IGN);
  if (!file || fseeko (file, (off_t)limits->file_size - 1, SEEK_SET) != 0)
    return 1;
  if (write (fileno (file), &byte, 1) != 1)
    return 2;
  return write (fileno (file), &byte, 1) < 0 && errno == EFBIG ? 0 : 3;
}

static void
test_limits_hold (void)
{
  struct gym_limits limits = no_limits;
  limits.memory = 256 << 20;
  CU_ASSERT_EQUAL (child (&limits, meets_memory_limit), 0);
  limits.memory = 0;
  limits.file_size = 1 << 16;
  CU_ASSERT_EQUAL (child (&limits, meets_file_limit), 0);
}

/* ---- CPU time ---- */

static double
cpu_now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
spin (double seconds)
{
  double until = cpu_now () + seconds;
  while (cpu_now () < until)
    ;
}

/* Two seconds in all, never more than one at a time. */
static int
spins_in_shares (const struct gym_limits *limits)
{
  struct rlimit before, after;
  (void)limits;
  getrlimit (RLIMIT_CPU, &before);
  for (int i = 0; i < 4; i++) {
    gym_sandbox_cpu (1);
    spin (.5);
  }
  gym_sandbox_cpu (0);
  gym_sandbox_cpu (-1);
  gym_sandbox_cpu (1e300);
  getrlimit (RLIMIT_CPU, &after);
  return before.rlim_max == after.rlim_max ? 0 : 1;
}

static int
spins_on (const struct gym_limits *limits)
{
  (void)limits;
  gym_sandbox_cpu (.5);
  spin (30);
  return 0;
}

static int
spins_without_end (const struct gym_limits *limits)
{
  (void)limits;
  gym_sandbox_cpu (1);
  gym_sandbox_cpu (1e300);
  spin (2.5);
  return 0;
}

static void
test_cpu (void)
{
  CU_ASSERT_EQUAL (child (&no_limits, spins_in_shares), 0);
  CU_ASSERT_EQUAL (child (&no_limits, spins_on), 1000 + SIGXCPU);
  CU_ASSERT_EQUAL (child (&no_limits, spins_without_end), 0);
}

/* ---- strict ---- */

static void *
thread_main (void *context)
{
  void *block = malloc (1 << 20);
  *(int *)context = block != NULL;
  free (block);
  return NULL;
}

/* What computing takes: memory of all sizes, time, threads. */
static int
computes (const struct gym_limits *limits)
{
  struct timespec t = { .tv_nsec = 1000 };
  pthread_t thread;
  int ran = 0;
  for (size_t size = 1; size < 1 << 26; size *= 4) {
    char *block = malloc (size);
    if (!block)
      return 1;
    block[size - 1] = 1;
    free (block);
  }
  gym_sandbox_cpu (limits->cpu_seconds);
  nanosleep (&t, NULL);
  clock_gettime (CLOCK_REALTIME, &t);
  if (pthread_create (&thread, NULL, thread_main, &ran) != 0)
    return 2;
  pthread_join (thread, NULL);
  return ran ? 0 : 3;
}

/* Refused, and the process goes on. */
static int
sees_no_files (const struct gym_limits *limits)
{
  (void)limits;
  if (open ("/dev/null", O_RDONLY) >= 0 || errno != EACCES)
    return 1;
  if (fopen ("/tmp/gym-strict", "w") || errno != EACCES)
    return 2;
  return access ("/", F_OK) < 0 && errno == EACCES ? 0 : 3;
}

static int
opens_socket (const struct gym_limits *limits)
{
  (void)limits;
  return socket (AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : 1;
}

static int
forks (const struct gym_limits *limits)
{
  (void)limits;
  if (fork () == 0)
    _exit (0);
  return 0;
}

static int
executes (const struct gym_limits *limits)
{
  (void)limits;
  execl ("/bin/true", "true", (char *)NULL);
  return 0;
}

static int
signals_others (const struct gym_limits *limits)
{
  (void)limits;
  syscall (SYS_tgkill, parent, parent, 0);
  return 0;
}

static int
kills_others (const struct gym_limits *limits)
{
  (void)limits;
  kill (parent, 0);
  return 0;
}

static int
limits_others (const struct gym_limits *limits)
{
  struct rlimit limit;
  (void)limits;
  prlimit (parent, RLIMIT_CORE, NULL, &limit);
  return 0;
}

static int
unlinks (const struct gym_limits *limits)
{
  (void)limits;
  unlink ("/tmp/gym-strict-not-there");
  return 0;
}

static int
aborts (const struct gym_limits *limits)
{
  (void)limits;
  abort ();
}

static void
test_strict (void)
{
  struct gym_limits limits = no_limits;
  limits.isolation = GYM_ISOLATE_STRICT;
  limits.cpu_seconds = 100;
  CU_ASSERT_EQUAL (child (&limits, computes), 0);
  CU_ASSERT_EQUAL (child (&limits, sees_no_files), 0);
  CU_ASSERT_EQUAL (child (&limits, aborts), 1000 + SIGABRT);
  int (*const forbidden[]) (const struct gym_limits *) = {
    opens_socket, forks, executes, signals_others, kills_others, limits_others, unlinks
  };
  for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
    int how = child (&limits, forbidden[i]);
    CU_ASSERT_EQUAL (how, 1000 + SIGSYS);
    if (how != 1000 + SIGSYS)
      tap_note ("forbidden call %zu ended with %d", i, how);
    limits.isolation = GYM_ISOLATE_LIMITS;
    how = child (&limits, forbidden[i]);
    CU_ASSERT_EQUAL (how, 0);
    limits.isolation = GYM_ISOLATE_STRICT;
  }
}

int
main (void)
{
  static const struct tap_test tests[] = { { "names", test_names },
                                           { "defaults", test_defaults },
                                           { "limits", test_limits },
                                           { "limits hold", test_limits_hold },
                                           { "cpu time", test_cpu },
                                           { "strict", test_strict },
                                           { 0 } };
  return tap_run ("sandbox", tests);
}
