/* Workers of the study's own: started, started again, ended. */
#include "core/jobs.h"
#include "tests/core/wire_help.h"

#include <signal.h>
#include <sys/stat.h>
#include <time.h>

/* Waits until n different workers have said hello; their names, of the form host:pid. */
static int
greetings (struct end *e, int n, pid_t pids[8])
{
  int found = 0;
  for (int i = 0; i < 400 && found < n; i++) {
    if (end_receive (e, true, 100) != WIRE_HELLO)
      continue;
    size_t length = wire_left (&e->in);
    json_t *hello = json_loadb (wire_get_bytes (&e->in, length), length, 0, NULL);
    const char *name = json_string_value (json_object_get (hello, "name"));
    pid_t pid = name ? (pid_t)strtol (strrchr (name, ':') + 1, NULL, 10) : 0;
    int k = 0;
    while (k < found && pids[k] != pid)
      k++;
    if (k == found)
      pids[found++] = pid;
    json_decref (hello);
  }
  return found;
}

static bool
is_alive (pid_t pid)
{
  return kill (pid, 0) == 0;
}

static void
test_jobs (void)
{
  gym_error err = { 0 };
  const struct gym_limits limits = { .isolation = GYM_ISOLATE_LIMITS };
  gym_registry *r = help_registry ();
  gym_env *env = help_env (r, "faulty", NULL);
  struct gym_jobs *jobs = gym_jobs_new (env, &limits, 3, NULL, NULL, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (jobs);
  char folder[128];
  struct stat about;
  snprintf (folder, sizeof folder, "%s", gym_jobs_endpoint (jobs) + strlen ("ipc://"));
  *strrchr (folder, '/') = '\0';
  CU_ASSERT_EQUAL_FATAL (stat (folder, &about), 0);
  CU_ASSERT_EQUAL (about.st_mode & 0777, 0700);
  struct end e;
  pid_t pids[8], again[8];
  CU_ASSERT_EQUAL_FATAL (end_open (&e, ZMQ_ROUTER, gym_jobs_endpoint (jobs)), 0);
  CU_ASSERT_EQUAL_FATAL (greetings (&e, 3, pids), 3);
  CU_ASSERT_EQUAL (gym_jobs_tend (jobs, &err), GYM_OK);
  /* One that dies is replaced, and only that one. */
  kill (pids[1], SIGKILL);
  const struct timespec moment = { .tv_nsec = 50000000 };
  nanosleep (&moment, NULL);
  CU_ASSERT_EQUAL (gym_jobs_tend (jobs, &err), GYM_OK);
  CU_ASSERT (!is_alive (pids[1]) && is_alive (pids[0]) && is_alive (pids[2]));
  bool fresh = false;
  for (int i = 0; i < 20 && !fresh; i++) {
    int n = greetings (&e, 1, again);
    fresh = n == 1 && again[0] != pids[0] && again[0] != pids[1] && again[0] != pids[2];
  }
  CU_ASSERT_TRUE (fresh);
  end_close (&e);
  gym_jobs_destroy (&jobs);
  CU_ASSERT_PTR_NULL (jobs);
  CU_ASSERT (!is_alive (pids[0]) && !is_alive (pids[2]) && !is_alive (again[0]));
  CU_ASSERT_NOT_EQUAL (stat (folder, &about), 0);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "jobs", test_jobs }, { 0 } };
  return tap_run ("jobs", tests);
}
