/* Limits by setrlimit(2), system calls by libseccomp. */
#include "core/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

void
gym_limits_init (struct gym_limits *limits)
{
  long pages = sysconf (_SC_PHYS_PAGES), page = sysconf (_SC_PAGESIZE);
  *limits = (struct gym_limits){ .struct_size = sizeof *limits,
                                 .isolation = GYM_ISOLATE_LIMITS,
                                 .seconds = 600,
                                 .cpu_seconds = 600,
                                 .memory = pages > 0 && page > 0
                                               ? (uint64_t)pages * (uint64_t)page
                                               : 0,
                                 .file_size = UINT64_C (1) << 30 };
}

static const char *const names[] = { "none", "limits", "strict" };

const char *
gym_isolation_name (uint32_t isolation)
{
  return names[isolation <= GYM_ISOLATE_STRICT ? isolation : 0];
}

int
gym_isolation_parse (const char *name)
{
  for (int i = 0; i <= GYM_ISOLATE_STRICT; i++)
    if (name && strcmp (names[i], name) == 0)
      return i;
  return -1;
}

/* Address space in use, in bytes: limits count from here, since libraries (and address
 * sanitizers far more) reserve much that they never touch. */
static uint64_t
address_space (void)
{
  unsigned long long pages = 0;
  FILE *file = fopen ("/proc/self/statm", "re");
  if (file) {
    if (fscanf (file, "%llu", &pages) != 1)
      pages = 0;
    fclose (file);
  }
  return pages * (uint64_t)sysconf (_SC_PAGESIZE);
}

static int
limit (int what, uint64_t most)
{
  struct rlimit now;
  if (getrlimit (what, &now) != 0)
    return GYM_EFAILED;
  if (now.rlim_max != RLIM_INFINITY && most > now.rlim_max)
    most = now.rlim_max;
  now.rlim_cur = (rlim_t)most;
  return setrlimit (what, &now) == 0 ? GYM_OK : GYM_EFAILED;
}

void
gym_sandbox_cpu (double seconds)
{
  struct rusage used;
  if (!(seconds > 0) || getrusage (RUSAGE_SELF, &used) != 0)
    return;
  double so_far = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec
                  + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  limit (RLIMIT_CPU, (uint64_t)ceil (so_far + seconds));
}

/* What computing takes: memory, time, threads and locks, and the socket that is open
 * already. Opening files fails with an error that a plugin can report; anything else ends
 * the process with SIGSYS. */
static int
forbid (void)
{
  static const int allowed[] = {
    SCMP_SYS (read),           SCMP_SYS (write),         SCMP_SYS (recvfrom),
    SCMP_SYS (sendto),         SCMP_SYS (recvmsg),       SCMP_SYS (sendmsg),
    SCMP_SYS (poll),           SCMP_SYS (ppoll),         SCMP_SYS (close),
    SCMP_SYS (mmap),           SCMP_SYS (munmap),        SCMP_SYS (mremap),
    SCMP_SYS (mprotect),       SCMP_SYS (madvise),       SCMP_SYS (brk),
    SCMP_SYS (futex),          SCMP_SYS (sched_yield),   SCMP_SYS (sched_getaffinity),
    SCMP_SYS (clock_gettime),  SCMP_SYS (clock_getres),  SCMP_SYS (gettimeofday),
    SCMP_SYS (clock_nanosleep), SCMP_SYS (nanosleep),    SCMP_SYS (time),
    SCMP_SYS (getrandom),      SCMP_SYS (getpid),        SCMP_SYS (gettid),
    SCMP_SYS (getcpu),         SCMP_SYS (sysinfo),       SCMP_SYS (uname),
    SCMP_SYS (rt_sigaction),   SCMP_SYS (rt_sigprocmask), SCMP_SYS (rt_sigreturn),
    SCMP_SYS (sigaltstack),    SCMP_SYS (tgkill),        SCMP_SYS (getrusage),
    SCMP_SYS (prlimit64),      SCMP_SYS (setrlimit),     SCMP_SYS (getrlimit),
    SCMP_SYS (fstat),          SCMP_SYS (newfstatat),    SCMP_SYS (lseek),
    SCMP_SYS (pread64),        SCMP_SYS (rseq),          SCMP_SYS (set_robust_list),
    SCMP_SYS (exit),           SCMP_SYS (exit_group),    SCMP_SYS (restart_syscall)
  };
  static const int refused[] = { SCMP_SYS (open),     SCMP_SYS (openat),
                                 SCMP_SYS (access),   SCMP_SYS (faccessat),
                                 SCMP_SYS (readlink), SCMP_SYS (ioctl) };
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_KILL_PROCESS);
  int rc = filter ? 0 : -ENOMEM;
  for (size_t i = 0; rc == 0 && i < sizeof allowed / sizeof allowed[0]; i++)
    rc = seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed[i], 0);
  for (size_t i = 0; rc == 0 && i < sizeof refused / sizeof refused[0]; i++)
    rc = seccomp_rule_add (filter, SCMP_ACT_ERRNO (EACCES), refused[i], 0);
  if (rc == 0)
    rc = seccomp_load (filter);
  seccomp_release (filter);
  return rc == 0 ? GYM_OK : GYM_EFAILED;
}

int
gym_sandbox_enter (const struct gym_limits *limits)
{
  int rc = limit (RLIMIT_CORE, 0);
  if (rc == GYM_OK && limits->memory)
    rc = limit (RLIMIT_AS, address_space () + limits->memory);
  if (rc == GYM_OK && limits->file_size)
    rc = limit (RLIMIT_FSIZE, limits->file_size);
  if (rc == GYM_OK && limits->isolation == GYM_ISOLATE_STRICT)
    rc = forbid ();
  return rc;
}
