/* Forked workers: see core/jobs.h. */
#include "core/jobs.h"
#include "core/evaluator.h"
#include "core/worker.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct gym_jobs {
  gym_env *env;
  struct gym_limits limits;
  uint32_t n;
  bool secure;
  struct gym_pair pair;
  char server[41];
  char folder[96], endpoint[108];
  pid_t *children, *dead, parent;
  size_t n_dead;
  uint64_t deaths;  /* since work was done */
  char *last_words; /* of a worker, in shared memory */
};

/* Nothing of the study's may be touched from here on but the env, which is a copy. */
static void
work (const struct gym_jobs *j)
{
  const struct worker_plan plan = { .registry = gym_env_registry (j->env),
                                    .env = j->env,
                                    .endpoint = j->endpoint,
                                    .server = j->secure ? j->server : NULL,
                                    .pair = &j->pair,
                                    .isolation = j->limits.isolation,
                                    .wait = 1e9 }; /* it ends with its parent */
  gym_error err = { 0 };
  if (gym_child_begin (0, j->parent) == GYM_OK) {
    gym_env_set_cancel (j->env, NULL);
    if (worker_serve (&plan, NULL, &err) < 0)
      snprintf (j->last_words, GYM_ERROR_TEXT, "%s", err.text);
  }
  _exit (0);
}

/* Without exec: the program may be anybody's (a Lua interpreter), and the env is open. */
static int
start (struct gym_jobs *j, uint32_t i, gym_error *err)
{
  pid_t child = fork ();
  if (child == 0)
    work (j);
  j->children[i] = child;
  return child > 0 ? GYM_OK
                   : gym_fail (err, GYM_EFAILED, "no worker process can be started: %s",
                               strerror (errno));
}

/* Removes the folders of studies that were killed: their names tell whose they were. Of
 * other users' nothing can be removed. */
static void
sweep (const char *tmp)
{
  DIR *folder = opendir (tmp);
  for (struct dirent *e; folder && (e = readdir (folder));) {
    char path[512], *end;
    if (strncmp (e->d_name, "gym-jobs-", 9) != 0)
      continue;
    long pid = strtol (e->d_name + 9, &end, 10);
    if (pid <= 0 || *end != '-' || kill ((pid_t)pid, 0) == 0 || errno != ESRCH)
      continue;
    snprintf (path, sizeof path, "%s/%s/s", tmp, e->d_name);
    unlink (path);
    *strrchr (path, '/') = '\0';
    rmdir (path);
  }
  if (folder)
    closedir (folder);
}

/* The shortest of the usual places: a socket's path has 108 characters at most. */
static int
make_folder (struct gym_jobs *j, gym_error *err)
{
  const char *tmp = getenv ("TMPDIR");
  tmp = tmp && *tmp && strlen (tmp) < 40 ? tmp : "/tmp";
  sweep (tmp);
  snprintf (j->folder, sizeof j->folder, "%s/gym-jobs-%d-XXXXXX", tmp, (int)getpid ());
  if (!mkdtemp (j->folder)) {
    j->folder[0] = '\0';
    return gym_fail (err, GYM_EIO, "no folder for a socket: %s", strerror (errno));
  }
  snprintf (j->endpoint, sizeof j->endpoint, "ipc://%s/s", j->folder);
  return GYM_OK;
}

/* Workers come before the bind: they look for the socket until it is there. */
struct gym_jobs *
gym_jobs_new (gym_env *env, const struct gym_limits *limits, uint32_t n,
              const struct gym_pair *pair, const char *server, gym_error *err)
{
  struct gym_jobs *j = calloc (1, sizeof *j);
  if (j) {
    j->children = calloc (2 * (size_t)n, sizeof *j->children);
    j->last_words = mmap (NULL, GYM_ERROR_TEXT, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  }
  if (!j || !j->children || j->last_words == MAP_FAILED) {
    if (j)
      free (j->children);
    free (j);
    gym_fail (err, GYM_ENOMEM, "out of memory for %u workers", n);
    return NULL;
  }
  j->env = env;
  j->limits = *limits;
  j->n = n;
  j->dead = j->children + n;
  j->parent = getpid ();
  if (pair && server) {
    j->secure = true;
    j->pair = *pair;
    snprintf (j->server, sizeof j->server, "%s", server);
  }
  int rc = make_folder (j, err);
  for (uint32_t i = 0; i < n && rc == GYM_OK; i++)
    rc = start (j, i, err);
  if (rc < 0)
    gym_jobs_destroy (&j);
  return j;
}

const char *
gym_jobs_endpoint (const struct gym_jobs *j)
{
  return j->endpoint;
}

/* A worker isolates the env from itself, so its death is rare; if they fall one after the
 * other, something is wrong that a new one will not mend. */
int
gym_jobs_tend (struct gym_jobs *j, gym_error *err)
{
  int rc = GYM_OK;
  for (uint32_t i = 0; i < j->n && rc == GYM_OK; i++) {
    int how;
    if (j->children[i] <= 0 || waitpid (j->children[i], &how, WNOHANG) <= 0)
      continue;
    if (j->n_dead < j->n)
      j->dead[j->n_dead++] = j->children[i];
    j->children[i] = 0;
    if (++j->deaths > 20 + 20 * (uint64_t)j->n)
      rc = gym_fail (err, GYM_EFAILED,
                     "worker processes died %llu times and no trial was evaluated%s%s",
                     (unsigned long long)j->deaths, j->last_words[0] ? ": " : "",
                     j->last_words);
    else
      rc = start (j, i, err);
  }
  return rc;
}

void
gym_jobs_worked (struct gym_jobs *j)
{
  j->deaths = 0;
}

pid_t
gym_jobs_dead (struct gym_jobs *j)
{
  return j->n_dead ? j->dead[--j->n_dead] : 0;
}

/* Reaps as it looks. */
static bool
all_ended (struct gym_jobs *j)
{
  bool all = true;
  for (uint32_t i = 0; i < j->n; i++)
    if (j->children[i] > 0) {
      if (waitpid (j->children[i], NULL, WNOHANG) == 0)
        all = false;
      else
        j->children[i] = 0;
    }
  return all;
}

void
gym_jobs_destroy (struct gym_jobs **jobs)
{
  struct gym_jobs *j = *jobs;
  if (!j)
    return;
  /* They were told that it is over; most are gone within a millisecond. */
  const struct timespec pause = { .tv_nsec = 2000000 };
  for (int i = 0; i < 100 && !all_ended (j); i++)
    nanosleep (&pause, NULL);
  for (uint32_t i = 0; i < j->n; i++)
    if (j->children[i] > 0) {
      kill (j->children[i], SIGKILL);
      waitpid (j->children[i], NULL, 0);
    }
  if (j->folder[0]) {
    unlink (j->endpoint + strlen ("ipc://"));
    rmdir (j->folder);
  }
  munmap (j->last_words, GYM_ERROR_TEXT);
  free (j->children);
  free (j);
  *jobs = NULL;
}
