/* What trials elsewhere cost: rates and CPU time of the dispatcher with two workers on
 * this machine, a thousand idle workers, and how well slow trials share the workers.
 *
 * Rates are by the clock, since they are about several processes at once: on a machine
 * that others use as well they come out low. */
#include "core/wire.h"
#include "tests/bench/bench.h"
#include <gym/gym.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

struct plan {
  const char *env;
  const char *options[4];
  const char *objective;
  double budget;
  uint32_t in_flight, jobs, batch;
  const char *bind, *keys, *store;
};

struct measured {
  double seconds, cpu;
  uint64_t trials;
};

static void
fail (const gym_error *err)
{
  fprintf (stderr, "bench_workers: %s\n", err->text);
  exit (1);
}

static double
now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* From the first trial told to the last: what starting up costs is another matter. */
struct span {
  double from, to, cpu;
  uint64_t n;
};

static int
on_trial (void *context, const struct gym_trial *trial, gym_error *err)
{
  struct span *s = context;
  (void)trial, (void)err;
  if (s->n++ == 0) {
    s->from = now ();
    s->cpu = bench_cpu ();
  }
  s->to = now ();
  return GYM_OK;
}

static gym_env *
open_env (const gym_registry *r, const struct plan *p)
{
  gym_error err = { 0 };
  gym_settings *settings = gym_settings_new (&err);
  for (size_t i = 0; i < 4 && p->options[i]; i++)
    if (gym_settings_parse (settings, p->options[i], &err) < 0)
      fail (&err);
  gym_env *env = gym_env_open (r, p->env, settings, &err);
  gym_settings_destroy (&settings);
  if (!env)
    fail (&err);
  return env;
}

static struct measured
run (const struct plan *p)
{
  gym_error err = { 0 };
  struct span span = { 0 };
  const struct gym_workers workers = {
    .struct_size = sizeof workers, .bind = p->bind, .keys = p->keys, .max_batch = p->batch
  };
  gym_registry *r = gym_registry_new (&err);
  if (!r || gym_registry_scan (r, &err) < 0)
    fail (&err);
  gym_env *env = open_env (r, p);
  gym_study *s = gym_study_new (env, p->objective, &err);
  if (!s || gym_study_add (s, "random", NULL, NULL, &err) < 0
      || gym_study_set_budget (s, p->budget, &err) < 0
      || gym_study_set_in_flight (s, p->in_flight, &err) < 0
      || gym_study_set_jobs (s, p->jobs, &err) < 0
      || gym_study_set_workers (s, &workers, &err) < 0
      || gym_study_set_store (s, p->store, &err) < 0)
    fail (&err);
  gym_study_on_trial (s, on_trial, &span);
  if (gym_study_run (s, &err) < 0)
    fail (&err);
  struct measured m = { .seconds = span.to - span.from,
                        .cpu = bench_cpu () - span.cpu,
                        .trials = span.n };
  gym_study_destroy (&s);
  gym_env_destroy (&env);
  gym_registry_destroy (&r);
  return m;
}

/* The best of three runs, each into a store of its own. */
static struct measured
best_run (struct plan p, const char *folder)
{
  struct measured best = { .seconds = 1e9 };
  char path[128];
  for (int i = 0; i < 3; i++) {
    snprintf (path, sizeof path, "%s/%d.db", folder, i);
    p.store = path;
    struct measured m = run (&p);
    best = m.seconds < best.seconds ? m : best;
    unlink (path);
  }
  return best;
}

static void
rates (const char *folder)
{
  char keys[128];
  struct plan p = { .env = "trivial",
                    .objective = "distance",
                    .budget = 30000,
                    .in_flight = 64,
                    .jobs = 2,
                    .batch = 1 };
  struct measured m = best_run (p, folder);
  bench_at_least ("workers, 2 jobs, batch 1", (double)m.trials / m.seconds, 10000,
                  "trials/s");
  bench_at_most ("dispatcher, batch 1", m.cpu / (double)m.trials * 1e6, 20,
                 "us CPU/trial");
  p.budget = 200000;
  p.in_flight = 4096;
  p.batch = 0;
  m = best_run (p, folder);
  bench_at_least ("workers, 2 jobs, batched", (double)m.trials / m.seconds, 50000,
                  "trials/s");
  bench_at_most ("dispatcher, batched", m.cpu / (double)m.trials * 1e6, 5,
                 "us CPU/trial");
  gym_error err = { 0 };
  snprintf (keys, sizeof keys, "%s/keys", folder);
  if (gym_keys_new (keys, "worker", &err) < 0)
    fail (&err);
  p.bind = "tcp://127.0.0.1:*";
  p.keys = keys;
  m = best_run (p, folder);
  bench_at_least ("workers, 2 jobs, batched, CURVE", (double)m.trials / m.seconds, 40000,
                  "trials/s");
}

/* ---- slow trials ---- */

static void
scaling (const char *name, uint32_t jobs, const char *spin, double budget)
{
  struct plan p = { .env = "slow",
                    .options = { "ms=10", spin },
                    .objective = "value",
                    .budget = budget,
                    .in_flight = 2 * jobs,
                    .jobs = jobs };
  double best = 0;
  for (int i = 0; i < 3; i++) {
    struct measured m = run (&p);
    double ideal = (double)(m.trials - 1) * .010 / jobs, share = ideal / m.seconds;
    best = share > best ? share : best;
  }
  bench_at_least (name, 100 * best, 95, "% of ideal");
}

/* ---- a thousand workers that do nothing ---- */

enum { IDLE = 1000, IDLE_SECONDS = 5 };

static void
send_frame (void *socket, struct wire_out *out, enum wire_type type, const char *body)
{
  wire_begin (out, type, 0);
  wire_bytes (out, body, strlen (body));
  wire_seal (out, 0, NULL);
  zmq_send (socket, out->bytes, out->length, ZMQ_DONTWAIT);
}

/* They join and show that they are alive once a second, like workers whose env takes long
 * to open. */
static void
idle_workers (const char *endpoint, const char *fingerprint)
{
  void *context = zmq_ctx_new (), **sockets = calloc (IDLE, sizeof *sockets);
  struct wire_out out = { 0 };
  char body[2048], buffer[4096];
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 4 * IDLE);
  for (int i = 0; i < IDLE; i++) {
    sockets[i] = zmq_socket (context, ZMQ_DEALER);
    zmq_connect (sockets[i], endpoint);
    snprintf (body, sizeof body,
              "{\"uuid\": \"%032d\", \"name\": \"idle:%d\", \"envs\": {\"slow-v1\": "
              "%s}}",
              i, i, fingerprint);
    send_frame (sockets[i], &out, WIRE_HELLO, body);
  }
  for (;;) {
    for (int i = 0; i < IDLE; i++) {
      while (zmq_recv (sockets[i], buffer, sizeof buffer, ZMQ_DONTWAIT) >= 0)
        ;
      send_frame (sockets[i], &out, WIRE_BEAT, "");
      if (i % 10 == 0)
        usleep (10000);
    }
  }
}

/* The fingerprint that the study expects, as a JSON text: it is in the library alone. */
static void
quote (const char *text, char *quoted, size_t size)
{
  size_t n = 0;
  quoted[n++] = '"';
  for (; *text && n + 3 < size; text++) {
    if (*text == '"')
      quoted[n++] = '\\';
    quoted[n++] = *text;
  }
  quoted[n++] = '"';
  quoted[n] = '\0';
}

char *gym_fingerprint (const struct gym_entry *entry, gym_error *err);

static void
thousand_idle (void)
{
  gym_error err = { 0 };
  char quoted[1024];
  gym_registry *r = gym_registry_new (&err);
  if (!r || gym_registry_scan (r, &err) < 0)
    fail (&err);
  char *text = gym_fingerprint (gym_registry_find (r, GYM_ROLE_ENV, "slow", &err), &err);
  quote (text, quoted, sizeof quoted);
  free (text);
  gym_registry_destroy (&r);
  pid_t child = fork ();
  if (child == 0)
    idle_workers ("tcp://127.0.0.1:45871", quoted);
  sleep (2);
  struct plan p = { .env = "slow",
                    .options = { "ms=100" },
                    .objective = "value",
                    .budget = IDLE_SECONDS * 10,
                    .in_flight = 1,
                    .jobs = 1,
                    .bind = "tcp://127.0.0.1:45871" };
  struct measured m = run (&p);
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  bench_at_most ("1,000 idle workers", 100 * m.cpu / m.seconds, 5, "% of a core");
}

int
main (void)
{
  char folder[] = "/tmp/gym-bench-XXXXXX", command[128];
  if (!mkdtemp (folder))
    return 1;
  rates (folder);
  scaling ("scaling, 2 workers, 10 ms of work", 2, "spin=true", 400);
  scaling ("scaling, 64 workers, 10 ms asleep", 64, "spin=false", 12800);
  thousand_idle ();
  snprintf (command, sizeof command, "rm -rf %s", folder);
  return system (command) != 0;
}
