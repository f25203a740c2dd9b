/* Worker processes of a study's own, seen from its end of the socket. */
#include "core/jobs.h"
#include "core/wire.h"
#include "tests/core/help.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <zmq.h>

enum { MANY = 16 };

/* The study: a socket and whom it has heard of. */
struct study {
  gym_registry *registry;
  gym_env *env;
  struct gym_jobs *jobs;
  void *context, *socket;
  struct gym_guard *guard;
  struct peer {
    unsigned char id[64];
    size_t id_length;
    int pid;
  } peers[MANY];
  size_t n;
};

static void
begin (struct study *s, uint32_t n, const char *keys)
{
  const struct gym_limits limits = { .struct_size = sizeof limits,
                                     .isolation = GYM_ISOLATE_LIMITS };
  gym_error err = { 0 };
  struct gym_pair pair;
  const int none = 0;
  *s = (struct study){ .registry = help_registry () };
  s->env = help_env (s->registry, "toy", NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s->env);
  s->context = zmq_ctx_new ();
  s->socket = zmq_socket (s->context, ZMQ_ROUTER);
  zmq_setsockopt (s->socket, ZMQ_LINGER, &none, sizeof none);
  if (keys) {
    s->guard = gym_guard_new (s->context, s->socket, keys, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL (s->guard);
    gym_guard_admit (s->guard, &pair);
  }
  s->jobs = gym_jobs_new (s->env, &limits, n, keys ? &pair : NULL,
                          keys ? gym_guard_public (s->guard) : NULL, &err);
  if (!s->jobs)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s->jobs);
  CU_ASSERT_EQUAL_FATAL (zmq_bind (s->socket, gym_jobs_endpoint (s->jobs)), 0);
}

static void
finish (struct study *s)
{
  gym_jobs_destroy (&s->jobs);
  CU_ASSERT_PTR_NULL (s->jobs);
  gym_guard_destroy (&s->guard);
  zmq_close (s->socket);
  zmq_ctx_term (s->context);
  gym_env_destroy (&s->env);
  gym_registry_destroy (&s->registry);
}

/* The next frame of this type; its body in `text`, its sender's number, -1: none came. */
static int
next_frame (struct study *s, enum wire_type type, char text[65536], struct wire_in *in)
{
  static unsigned char bytes[WIRE_MOST];
  for (int turn = 0; turn < 600; turn++) {
    zmq_pollitem_t items[] = { { .socket = s->socket, .events = ZMQ_POLLIN },
                               { .socket = s->guard ? gym_guard_socket (s->guard) : NULL,
                                 .events = ZMQ_POLLIN } };
    struct peer from = { 0 };
    zmq_poll (items, s->guard ? 2 : 1, 50);
    if (s->guard)
      gym_guard_tend (s->guard);
    int n = zmq_recv (s->socket, from.id, sizeof from.id, ZMQ_DONTWAIT);
    if (n < 0)
      continue;
    from.id_length = (size_t)n;
    n = zmq_recv (s->socket, bytes, sizeof bytes, 0);
    if (wire_open (in, bytes, (size_t)n, NULL) < 0 || in->type != type)
      continue;
    size_t left = wire_left (in) < 65535 ? wire_left (in) : 65535;
    memcpy (text, bytes + in->at, left);
    text[left] = '\0';
    for (size_t i = 0; i < s->n; i++)
      if (s->peers[i].id_length == from.id_length
          && memcmp (s->peers[i].id, from.id, from.id_length) == 0)
        return (int)i;
    s->peers[s->n] = from;
    return (int)s->n++;
  }
  return -1;
}

static void
send_frame (struct study *s, int to, struct wire_out *out, uint32_t count)
{
  CU_ASSERT_EQUAL (wire_seal (out, count, NULL), GYM_OK);
  zmq_send (s->socket, s->peers[to].id, s->peers[to].id_length, ZMQ_SNDMORE);
  zmq_send (s->socket, out->bytes, out->length, 0);
}

/* Greetings, until so many different processes have sent theirs. */
static bool
meet (struct study *s, size_t n)
{
  static char text[65536];
  struct wire_in in;
  while (s->n < n) {
    int who = next_frame (s, WIRE_HELLO, text, &in);
    if (who < 0)
      return false;
    json_t *hello = json_loads (text, 0, NULL);
    const char *name = json_string_value (json_object_get (hello, "name"));
    CU_ASSERT (name && strrchr (name, ':') && json_object_get (hello, "uuid"));
    s->peers[who].pid = name ? atoi (strrchr (name, ':') + 1) : 0;
    json_decref (hello);
  }
  return true;
}

/* Children of this process, those that are dead and not reaped included. */
static size_t
children (pid_t parent, int pids[MANY])
{
  char path[64];
  size_t n = 0;
  snprintf (path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
  FILE *file = fopen (path, "r");
  while (file && n < MANY && fscanf (file, "%d", &pids[n]) == 1)
    n++;
  if (file)
    fclose (file);
  return n;
}

static bool
is_child (int pid)
{
  int pids[MANY];
  size_t n = children (getpid (), pids);
  for (size_t i = 0; i < n; i++)
    if (pids[i] == pid)
      return true;
  return false;
}

static void
pause_ms (long ms)
{
  const struct timespec t = { .tv_nsec = ms * 1000000 };
  nanosleep (&t, NULL);
}

/* The folder of an endpoint ipc://FOLDER/s. */
static void
folder_of (const char *endpoint, char folder[256])
{
  snprintf (folder, 256, "%s", endpoint + strlen ("ipc://"));
  *strrchr (folder, '/') = '\0';
}

static void
test_life (void)
{
  struct study s;
  struct stat info;
  char folder[256];
  int pids[MANY];
  begin (&s, 3, NULL);
  folder_of (gym_jobs_endpoint (s.jobs), folder);
  CU_ASSERT (stat (folder, &info) == 0 && (info.st_mode & 0777) == 0700);
  CU_ASSERT (meet (&s, 3));
  CU_ASSERT_EQUAL (children (getpid (), pids), 3);
  for (size_t i = 0; i < 3; i++)
    CU_ASSERT (is_child (s.peers[i].pid));
  CU_ASSERT_EQUAL (gym_jobs_tend (s.jobs, NULL), GYM_OK);
  CU_ASSERT_EQUAL (children (getpid (), pids), 3);
  finish (&s); /* nobody told them: they are ended */
  CU_ASSERT_EQUAL (children (getpid (), pids), 0);
  CU_ASSERT (access (folder, F_OK) < 0);
  gym_jobs_destroy (&s.jobs);
}

/* One that dies is followed by another. */
static void
test_death (void)
{
  struct study s;
  begin (&s, 2, NULL);
  CU_ASSERT_FATAL (meet (&s, 2));
  for (size_t i = 0; i < 4; i++) {
    int pid = s.peers[i].pid;
    kill (pid, SIGKILL);
    while (is_child (pid)) {
      CU_ASSERT_EQUAL_FATAL (gym_jobs_tend (s.jobs, NULL), GYM_OK);
      pause_ms (1);
    }
    CU_ASSERT_FATAL (meet (&s, 3 + i));
    CU_ASSERT (is_child (s.peers[2 + i].pid));
  }
  finish (&s);
}

/* What dies at once, again and again, is not started for ever. */
static void
test_no_life (void)
{
  struct study s;
  gym_error err = { 0 };
  int pids[MANY], rc = GYM_OK;
  unsigned turns = 0;
  begin (&s, 1, NULL);
  for (; turns < 100000 && rc == GYM_OK; turns++) {
    size_t n = children (getpid (), pids);
    for (size_t i = 0; i < n; i++)
      kill (pids[i], SIGKILL);
    rc = gym_jobs_tend (s.jobs, &err);
  }
  CU_ASSERT_EQUAL (rc, GYM_EFAILED);
  CU_ASSERT (help_says (&err, "died") && help_says (&err, "no trial was evaluated"));
  CU_ASSERT (turns >= 40);
  finish (&s);
  CU_ASSERT_EQUAL (children (getpid (), pids), 0);
}

/* And why is told: the last to die has said it. Work that was done forgives all. */
static void
test_last_words (void)
{
  static char text[65536];
  struct study s;
  struct wire_in in;
  gym_error err = { 0 };
  struct wire_out out = { 0 };
  int rc = GYM_OK;
  begin (&s, 1, NULL);
  for (int i = 0; i < 200 && rc == GYM_OK; i++) {
    CU_ASSERT_FATAL (next_frame (&s, WIRE_HELLO, text, &in) >= 0);
    wire_begin (&out, WIRE_REFUSED, 5);
    wire_bytes (&out, "muddy shoes", 11);
    send_frame (&s, 0, &out, 0);
    s.n = 0;
    for (pid_t dead = 0; rc == GYM_OK && dead == 0; pause_ms (1)) {
      rc = gym_jobs_tend (s.jobs, &err);
      dead = gym_jobs_dead (s.jobs);
    }
    if (i == 20)
      gym_jobs_worked (s.jobs);
    CU_ASSERT (rc == GYM_OK || i > 55);
  }
  wire_free (&out);
  CU_ASSERT_EQUAL (rc, GYM_EFAILED);
  CU_ASSERT (help_says (&err, "muddy shoes"));
  finish (&s);
}

static void
welcome (struct study *s, int to)
{
  struct wire_out out = { 0 };
  json_t *j = json_pack ("{s:s, s:s, s:f, s:{s:s}}", "env", gym_env_entry (s->env)->id,
                         "identity", gym_env_identity (s->env), "lease", 1000., "limits",
                         "isolation", "limits");
  char *text = json_dumps (j, 0);
  wire_begin (&out, WIRE_WELCOME, 5);
  wire_bytes (&out, text, strlen (text));
  send_frame (s, to, &out, 0);
  wire_free (&out);
  free (text);
  json_decref (j);
}

/* The env as it is open here: a trial has the same bits; with DONE they go by themselves.
 */
static void
work (struct study *s)
{
  static char text[65536];
  struct wire_out out = { 0 };
  struct wire_in in;
  uint32_t p = gym_space_size (gym_env_space (s->env)), m = gym_env_metrics (s->env)->n;
  double row[64], metrics[16], expected[16];
  uint32_t status, fidelity = gym_env_fidelities (s->env)->n - 1;
  CU_ASSERT_FATAL (meet (s, 1));
  welcome (s, 0);
  CU_ASSERT_EQUAL (next_frame (s, WIRE_READY, text, &in), 0);
  CU_ASSERT_EQUAL (in.session, 5);
  gym_space_default (gym_env_space (s->env), row);
  wire_begin (&out, WIRE_TASKS, 5);
  wire_u64 (&out, 77);
  wire_u64 (&out, 88);
  wire_u32 (&out, fidelity);
  wire_u32 (&out, 0);
  wire_f64s (&out, row, p);
  send_frame (s, 0, &out, 1);
  CU_ASSERT_EQUAL_FATAL (next_frame (s, WIRE_RESULTS, text, &in), 0);
  wire_get_u64 (&in);
  CU_ASSERT (in.count == 1 && wire_get_u64 (&in) == 77);
  CU_ASSERT_EQUAL (wire_get_u32 (&in), GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (wire_get_u32 (&in), 0);
  wire_get_f64s (&in, metrics, m);
  CU_ASSERT_FALSE (in.bad);
  gym_env_evaluate (s->env, 1, row, &fidelity, (uint64_t[]){ 88 }, expected, &status,
                    NULL, NULL);
  CU_ASSERT (memcmp (metrics, expected, m * sizeof (double)) == 0);
  wire_begin (&out, WIRE_DONE, 5);
  send_frame (s, 0, &out, 0);
  CU_ASSERT_EQUAL (next_frame (s, WIRE_BYE, text, &in), 0);
  int how = -1;
  CU_ASSERT_EQUAL (waitpid (s->peers[0].pid, &how, 0), s->peers[0].pid);
  CU_ASSERT_EQUAL (how, 0);
  wire_free (&out);
}

static void
test_work (void)
{
  struct study s;
  begin (&s, 1, NULL);
  work (&s);
  finish (&s);
}

/* With keys, although they never leave this machine: the socket is the same one. */
static void
test_keys (void)
{
  struct study s;
  char dir[256];
  help_scratch (dir, "keys");
  CU_ASSERT_EQUAL (gym_keys_new (dir, "worker", NULL), GYM_OK);
  begin (&s, 1, dir);
  work (&s);
  CU_ASSERT_EQUAL (gym_guard_refused (s.guard), 0);
  finish (&s);
  help_remove (dir);
}

/* A study that is killed takes its workers with it. */
static void
test_parent_dies (void)
{
  int ends[2], pids[MANY], how;
  char folder[256];
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  CU_ASSERT_EQUAL_FATAL (pipe (ends), 0);
  pid_t parent = fork ();
  if (parent == 0) {
    struct study s;
    begin (&s, 3, NULL);
    folder_of (gym_jobs_endpoint (s.jobs), folder);
    if (meet (&s, 3) && write (ends[1], folder, sizeof folder) == sizeof folder)
      for (;;)
        pause ();
    _exit (1);
  }
  CU_ASSERT_EQUAL_FATAL (read (ends[0], folder, sizeof folder), sizeof folder);
  CU_ASSERT_EQUAL (children (parent, pids), 3);
  kill (parent, SIGKILL);
  while (waitpid (-1, &how, 0) > 0) /* adopted here, all of them end */
    ;
  CU_ASSERT_EQUAL (errno, ECHILD);
  char command[300];
  snprintf (command, sizeof command, "rm -r '%s'", folder);
  CU_ASSERT_EQUAL (system (command), 0);
  close (ends[0]);
  close (ends[1]);
}

/* Where the socket lies. */
static void
test_folder (void)
{
  const struct gym_limits limits = { .struct_size = sizeof limits,
                                     .isolation = GYM_ISOLATE_LIMITS };
  char scratch[256], nowhere[300];
  gym_error err = { 0 };
  struct study s;
  help_scratch (scratch, "x");
  *strrchr (scratch, '/') = '\0';
  setenv ("TMPDIR", scratch, 1);
  begin (&s, 1, NULL);
  CU_ASSERT (strncmp (gym_jobs_endpoint (s.jobs) + 6, scratch, strlen (scratch)) == 0);
  snprintf (nowhere, sizeof nowhere, "%s/no", scratch);
  setenv ("TMPDIR", nowhere, 1);
  CU_ASSERT_PTR_NULL (gym_jobs_new (s.env, &limits, 1, NULL, NULL, &err));
  CU_ASSERT_EQUAL (err.code, GYM_EIO);
  finish (&s);
  CU_ASSERT_EQUAL (rmdir (scratch), 0); /* nothing was left in it */
  memset (nowhere, '/', sizeof nowhere - 1);
  nowhere[sizeof nowhere - 1] = '\0';
  setenv ("TMPDIR", nowhere, 1); /* too long for a socket */
  begin (&s, 1, NULL);
  CU_ASSERT (strncmp (gym_jobs_endpoint (s.jobs), "ipc:///tmp/", 11) == 0);
  finish (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "life", test_life },
                                           { "death", test_death },
                                           { "no life", test_no_life },
                                           { "last words", test_last_words },
                                           { "work", test_work },
                                           { "keys", test_keys },
                                           { "parent dies", test_parent_dies },
                                           { "folder", test_folder },
                                           { 0 } };
  return tap_run ("jobs", tests);
}
