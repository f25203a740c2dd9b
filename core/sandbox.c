/* Limits by setrlimit(2), system calls by libseccomp. */
#include "core/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
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

static const char *const names[] = { "none", "limits", "strict", NULL };

const char *const *
gym_isolation_names (void)
{
  return names;
}

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

/* The hard limit stays: the child lowers its own and never needs to raise it, but CPU
 * time, which grows from trial to trial. */
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

/* RLIMIT_CPU counts from the start of the process, so each trial's share is added to what
 * was used already. */
void
gym_sandbox_cpu (double seconds)
{
  struct rusage used;
  if (!(seconds > 0) || getrusage (RUSAGE_SELF, &used) != 0)
    return;
  double so_far = (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec
                  + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  double most = ceil (so_far + seconds);
  limit (RLIMIT_CPU, most < 0x1p62 ? (uint64_t)most : RLIM_INFINITY);
}

/* What computing takes: memory, time, threads and locks, and the socket that is open
 * already. */
static const char *const allowed[] = { "read",
                                       "write",
                                       "recvfrom",
                                       "sendto",
                                       "recvmsg",
                                       "sendmsg",
                                       "poll",
                                       "ppoll",
                                       "close",
                                       "mmap",
                                       "munmap",
                                       "mremap",
                                       "mprotect",
                                       "madvise",
                                       "brk",
                                       "futex",
                                       "sched_yield",
                                       "sched_getaffinity",
                                       "clock_gettime",
                                       "clock_getres",
                                       "gettimeofday",
                                       "clock_nanosleep",
                                       "nanosleep",
                                       "time",
                                       "getrandom",
                                       "getpid",
                                       "gettid",
                                       "getcpu",
                                       "sysinfo",
                                       "uname",
                                       "rt_sigaction",
                                       "rt_sigprocmask",
                                       "rt_sigreturn",
                                       "sigaltstack",
                                       "getrusage",
                                       "setrlimit",
                                       "getrlimit",
                                       "fstat",
                                       "newfstatat",
                                       "lseek",
                                       "pread64",
                                       "rseq",
                                       "set_robust_list",
                                       "exit",
                                       "exit_group",
                                       "restart_syscall" };

/* Refused with an error that a plugin can report, since libraries try these and get on
 * without. Whatever is in neither list ends the process with SIGSYS. */
static const char *const refused[] = { "open",      "openat",   "access",
                                       "faccessat", "readlink", "ioctl" };

/* A call that this machine does not have under that name needs no rule. */
static int
add_rules (scmp_filter_ctx filter, uint32_t action, const char *const *calls, size_t n)
{
  int rc = 0;
  for (size_t i = 0; i < n && rc == 0; i++) {
    int number = seccomp_syscall_resolve_name (calls[i]);
    if (number != __NR_SCMP_ERROR)
      rc = seccomp_rule_add (filter, action, number, 0);
  }
  return rc;
}

/* What is harmless with one argument alone: signals and limits of this process (abort
 * sends itself one), and a clone that is a thread. The arguments of clone3 lie in memory,
 * where no filter can look: libraries that do not have it use clone. */
static int
add_narrow_rules (scmp_filter_ctx filter)
{
  const struct scmp_arg_cmp own = SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t)getpid ()),
                            self = SCMP_A0 (SCMP_CMP_EQ, 0),
                            thread =
                                SCMP_A0 (SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
  int rc = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), 1, own);
  if (rc == 0)
    rc = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (prlimit64), 1, self);
  if (rc == 0)
    rc = seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), 1, thread);
  if (rc == 0)
    rc = seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  return rc;
}

static int
forbid (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_KILL_PROCESS);
  int rc = filter ? 0 : -ENOMEM;
  if (rc == 0)
    rc = add_rules (filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof *allowed);
  if (rc == 0)
    rc = add_rules (filter, SCMP_ACT_ERRNO (EACCES), refused,
                    sizeof refused / sizeof *refused);
  if (rc == 0)
    rc = add_narrow_rules (filter);
  if (rc == 0)
    rc = seccomp_load (filter);
  seccomp_release (filter);
  return rc == 0 ? GYM_OK : GYM_EFAILED;
}

/* Seccomp last: it forbids what setting the other limits takes. */
int
gym_sandbox_enter (const struct gym_limits *limits)
{
  uint64_t in_use = address_space ();
  int rc = limit (RLIMIT_CORE, 0);
  if (rc == GYM_OK && limits->memory)
    rc = limit (RLIMIT_AS, limits->memory < UINT64_MAX / 2 ? in_use + limits->memory
                                                           : RLIM_INFINITY);
  if (rc == GYM_OK && limits->file_size)
    rc = limit (RLIMIT_FSIZE, limits->file_size);
  if (rc == GYM_OK && limits->isolation == GYM_ISOLATE_STRICT)
    rc = forbid ();
  return rc;
}
