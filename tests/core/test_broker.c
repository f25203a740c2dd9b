/* The study's end of the wire against peers that do what they should not. */
#include "core/broker.h"
#include "tests/core/wire_help.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

enum { TASKS = 40 };
static const char uuid_a[] = "0123456789abcdef0123456789abcde0",
                  uuid_b[] = "0123456789abcdef0123456789abcde1";

/* A broker with tasks on env faulty (two parameters, two metrics), and its peers. */
struct scene {
  gym_registry *registry;
  gym_env *env;
  struct gym_dispatch *d;
  char path[256], endpoint[300];
  struct gym_task tasks[TASKS];
  double designs[TASKS][2], metrics[TASKS][2];
  int lost;
  struct end_log log;
};

static int
on_lost (void *context, struct gym_task *task, gym_error *err)
{
  struct scene *s = context;
  (void)task, (void)err;
  s->lost++;
  return GYM_OK;
}

static void
scene_open (struct scene *s, const char *endpoint, double lease)
{
  gym_error err = { 0 };
  *s = (struct scene){ 0 };
  s->registry = help_registry ();
  s->env = help_env (s->registry, "faulty", NULL);
  help_scratch (s->path, "socket");
  if (endpoint)
    snprintf (s->endpoint, sizeof s->endpoint, "%s", endpoint);
  else
    snprintf (s->endpoint, sizeof s->endpoint, "ipc://%s", s->path);
  struct gym_broker_plan plan = { .env = s->env,
                                  .workers = { .bind = s->endpoint, .lease = lease },
                                  .limits = { .isolation = GYM_ISOLATE_NONE },
                                  .max_attempts = 3,
                                  .log = end_log_line,
                                  .log_context = &s->log };
  s->d = gym_broker_new (&plan, &err);
  if (!s->d)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s->d);
  s->d->lost = on_lost;
  s->d->lost_context = s;
  snprintf (s->endpoint, sizeof s->endpoint, "%s", gym_broker_endpoint (s->d));
  for (int i = 0; i < TASKS; i++) {
    s->designs[i][0] = i;
    s->tasks[i] =
        (struct gym_task){ .number = (uint64_t)i,
                           .design = s->designs[i],
                           .hash = gym_space_hash (gym_env_space (s->env), s->designs[i]),
                           .metrics = s->metrics[i] };
  }
}

static void
scene_close (struct scene *s)
{
  s->d->destroy (s->d);
  gym_env_destroy (&s->env);
  gym_registry_destroy (&s->registry);
  help_remove (s->path);
}

static void
submit (struct scene *s, int first, int n)
{
  struct gym_task *list[TASKS];
  for (int i = 0; i < n; i++)
    list[i] = &s->tasks[first + i];
  CU_ASSERT_EQUAL (s->d->submit (s->d, list, (size_t)n, NULL), GYM_OK);
}

static void
join (struct scene *s, struct end *e, const char *uuid)
{
  CU_ASSERT_EQUAL (end_open (e, ZMQ_DEALER, s->endpoint), 0);
  end_hello (e, gym_env_entry (s->env), uuid, NULL);
  CU_ASSERT_TRUE_FATAL (end_expect (e, s->d, WIRE_WELCOME));
  wire_begin (&e->out, WIRE_READY, e->session);
  end_send (e, 0);
}

/* The tasks of a TASKS frame; returns how many. */
struct job {
  uint64_t key, seed;
  uint32_t fidelity, attempts;
  double design[2];
};

static uint32_t
read_tasks (struct end *e, struct job jobs[TASKS])
{
  uint32_t n = e->in.count;
  CU_ASSERT_FATAL (n <= TASKS);
  for (uint32_t i = 0; i < n; i++) {
    jobs[i].key = wire_get_u64 (&e->in);
    jobs[i].seed = wire_get_u64 (&e->in);
    jobs[i].fidelity = wire_get_u32 (&e->in);
    jobs[i].attempts = wire_get_u32 (&e->in);
    wire_get_f64s (&e->in, jobs[i].design, 2);
  }
  CU_ASSERT (!e->in.bad && wire_left (&e->in) == 0);
  return n;
}

static void
send_result (struct end *e, uint64_t key, double value, uint32_t status)
{
  const double metrics[] = { value, -value };
  wire_begin (&e->out, WIRE_RESULTS, e->session);
  wire_u64 (&e->out, 1000000);
  wire_u64 (&e->out, key);
  wire_u32 (&e->out, status);
  wire_u32 (&e->out, 0);
  wire_f64s (&e->out, metrics, 2);
  end_send (e, 1);
}

/* Serves until all n tasks are done; the value of a result is its point. */
static int
serve (struct scene *s, struct end *e, int n)
{
  struct gym_task *done[TASKS];
  struct job jobs[TASKS];
  int got = 0;
  for (int i = 0; i < 4000 && got < n; i++) {
    if (end_receive (e, false, 1) == WIRE_TASKS) {
      uint32_t count = read_tasks (e, jobs);
      for (uint32_t k = 0; k < count; k++)
        send_result (e, jobs[k].key, jobs[k].design[0], GYM_TRIAL_OK);
    }
    gym_broker_tend (s->d, NULL);
    /* `wait` blocks while nothing is done, so it is asked only when something is. */
    struct timespec pause = { .tv_nsec = 1000000 };
    nanosleep (&pause, NULL);
    while (got < n && gym_broker_done (s->d) > 0) {
      int k = s->d->wait (s->d, done, TASKS, NULL);
      for (int j = 0; j < k; j++)
        CU_ASSERT (done[j]->metrics[0] == done[j]->design[0]);
      got += k;
    }
  }
  return got;
}

static void
test_tasks (void)
{
  struct scene s;
  struct end a;
  scene_open (&s, NULL, 5);
  CU_ASSERT_EQUAL (s.d->wait (s.d, NULL, 0, NULL), 0);
  submit (&s, 0, TASKS);
  CU_ASSERT (s.d->idle (s.d) == 0);
  join (&s, &a, uuid_a);
  CU_ASSERT_EQUAL (serve (&s, &a, TASKS), TASKS);
  CU_ASSERT (s.d->idle (s.d) > 0);
  end_close (&a);
  scene_close (&s);
}

/* Two tasks of one key are evaluated once, and both get the result. */
static void
test_same_key (void)
{
  struct scene s;
  struct end a;
  scene_open (&s, NULL, 5);
  s.designs[1][0] = 0;
  s.tasks[1].hash = s.tasks[0].hash;
  submit (&s, 0, 2);
  join (&s, &a, uuid_a);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_TASKS));
  struct job jobs[TASKS];
  CU_ASSERT_EQUAL (read_tasks (&a, jobs), 1);
  send_result (&a, jobs[0].key, 0, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (serve (&s, &a, 2), 2);
  end_close (&a);
  scene_close (&s);
}

/* Results come twice, in another order, for keys nobody asked about, after their worker
 * was given up: the first counts, a second is compared, nothing is taken twice. */
static void
test_duplicates (void)
{
  struct scene s;
  struct end a, b;
  struct job jobs[TASKS], again[TASKS];
  struct gym_task *done[TASKS];
  gym_error err = { 0 };
  scene_open (&s, NULL, .6);
  submit (&s, 0, 1);
  join (&s, &a, uuid_a);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_TASKS));
  CU_ASSERT_EQUAL (read_tasks (&a, jobs), 1);
  /* Silent for longer than the lease: its task goes to another, alone and suspected. */
  struct timespec nap = { .tv_nsec = 800000000 };
  nanosleep (&nap, NULL);
  join (&s, &b, uuid_b);
  CU_ASSERT_TRUE_FATAL (end_expect (&b, s.d, WIRE_TASKS));
  CU_ASSERT_EQUAL (read_tasks (&b, again), 1);
  CU_ASSERT_EQUAL (again[0].key, jobs[0].key);
  CU_ASSERT_EQUAL (again[0].attempts, 1);
  CU_ASSERT_EQUAL (s.lost, 1);
  send_result (&b, again[0].key, 0, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (s.d->wait (s.d, done, TASKS, &err), 1);
  CU_ASSERT_EQUAL (done[0]->attempts, 1);
  /* The first comes back: it is asked who it is, and its late results are compared. */
  send_result (&a, jobs[0].key, 0, GYM_TRIAL_OK);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_WHO));
  end_hello (&a, gym_env_entry (s.env), uuid_a, NULL);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_WELCOME));
  /* Nobody is told that it is safe before it is. */
  send_result (&a, jobs[0].key, 0, GYM_TRIAL_OK);
  for (int i = 0; i < 20; i++) {
    gym_broker_tend (s.d, NULL);
    CU_ASSERT_NOT_EQUAL (end_receive (&a, false, 2), WIRE_ACK);
  }
  s.d->acknowledge (s.d, &done[0]->receipt, 1);
  send_result (&a, jobs[0].key, 0, GYM_TRIAL_OK);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_ACK));
  CU_ASSERT_EQUAL (wire_get_u64 (&a.in), jobs[0].key);
  CU_ASSERT_PTR_NULL (strstr (s.log.text, "differs"));
  send_result (&a, jobs[0].key, 7, GYM_TRIAL_OK);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_ACK));
  CU_ASSERT_PTR_NOT_NULL (strstr (s.log.text, "differs"));
  CU_ASSERT_EQUAL (gym_broker_done (s.d), 0);
  end_close (&a);
  end_close (&b);
  scene_close (&s);
}

/* A result of another life, or of another study at the same place, is no result of this
 * one, whatever its key. */
static void
test_other_session (void)
{
  struct scene s;
  struct end a;
  struct job jobs[TASKS];
  scene_open (&s, NULL, 5);
  submit (&s, 0, 1);
  join (&s, &a, uuid_a);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_TASKS));
  CU_ASSERT_EQUAL (read_tasks (&a, jobs), 1);
  uint64_t session = a.session;
  for (int i = 0; i < 2; i++) {
    a.session = i ? session + 1 : 0;
    send_result (&a, jobs[0].key, 99, GYM_TRIAL_OK);
  }
  a.session = session;
  send_result (&a, jobs[0].key, 0, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (serve (&s, &a, 1), 1);
  CU_ASSERT_EQUAL (s.metrics[0][0], 0);
  end_close (&a);
  scene_close (&s);
}

/* What an env says reaches the study's log as one line, whatever a peer makes of it: it
 * may not steer the terminal, nor run over. */
static void
test_lines (void)
{
  struct scene s;
  struct end a;
  struct gym_task *done[TASKS];
  struct job jobs[TASKS];
  static char longer[3000];
  scene_open (&s, NULL, 5);
  submit (&s, 0, 1);
  join (&s, &a, uuid_a);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_TASKS));
  CU_ASSERT_EQUAL (read_tasks (&a, jobs), 1);
  s.log.text[0] = '\0';
  end_send_text (&a, WIRE_LINE, a.session, "at point 3\n\033[2J\tnow\x7f");
  end_send_text (&a, WIRE_LINE, a.session + 1, "of another study");
  memset (longer, 'x', sizeof longer - 1);
  end_send_text (&a, WIRE_LINE, a.session, longer);
  send_result (&a, jobs[0].key, 0, GYM_TRIAL_OK);
  CU_ASSERT_EQUAL (s.d->wait (s.d, done, TASKS, NULL), 1);
  CU_ASSERT_EQUAL (strncmp (s.log.text, "at point 3  [2J now \nxxx", 24), 0);
  CU_ASSERT_EQUAL (strlen (s.log.text), 21 + 1023 + 1);
  end_close (&a);
  scene_close (&s);
}

/* A line that was cut for a moment costs a trial no attempt; a worker that does not come
 * back does. */
static void
test_broken_line (void)
{
  struct scene s;
  struct end a, again;
  struct gym_task *done[TASKS];
  scene_open (&s, NULL, 6);
  submit (&s, 0, 1);
  join (&s, &a, uuid_a);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_TASKS));
  end_close (&a);
  for (int i = 0; i < 130 && gym_broker_ready (s.d) > 0; i++) {
    gym_broker_tend (s.d, NULL);
    usleep (10000);
  }
  CU_ASSERT_EQUAL (gym_broker_ready (s.d), 0); /* seen, and waited for */
  CU_ASSERT_EQUAL (s.lost, 0);
  join (&s, &again, uuid_a);
  CU_ASSERT_EQUAL (serve (&s, &again, 1), 1);
  CU_ASSERT_EQUAL (s.tasks[0].attempts, 0);
  submit (&s, 1, 1);
  CU_ASSERT_TRUE_FATAL (end_expect (&again, s.d, WIRE_TASKS));
  end_close (&again);
  join (&s, &a, uuid_b);
  CU_ASSERT_EQUAL (serve (&s, &a, 1), 1);
  CU_ASSERT_EQUAL (s.lost, 1);
  CU_ASSERT_EQUAL (s.tasks[1].attempts, 1);
  CU_ASSERT_EQUAL (s.d->wait (s.d, done, TASKS, NULL), 0);
  end_close (&a);
  scene_close (&s);
}

/* A result for a task that is asked for only later, by a study that was started again. */
static void
test_early_result (void)
{
  struct scene s;
  struct end a;
  struct gym_task *done[2];
  scene_open (&s, NULL, 5);
  join (&s, &a, uuid_a);
  uint64_t key = wire_key (s.tasks[3].hash, 0, 0);
  send_result (&a, key, 33, GYM_TRIAL_OK);
  for (int i = 0; i < 20; i++) {
    gym_broker_tend (s.d, NULL);
    end_receive (&a, false, 2);
  }
  submit (&s, 3, 1);
  CU_ASSERT_EQUAL (s.d->wait (s.d, done, 2, NULL), 1);
  CU_ASSERT (done[0] == &s.tasks[3] && s.metrics[3][0] == 33);
  CU_ASSERT_EQUAL (s.tasks[3].receipt.key, key);
  /* Its worker hears of it once the study says that it is committed. */
  s.d->acknowledge (s.d, &s.tasks[3].receipt, 1);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_ACK));
  CU_ASSERT_EQUAL (wire_get_u64 (&a.in), key);
  end_close (&a);
  scene_close (&s);
}

/* A task that takes three workers with it is failed, and the others are not. */
static void
test_max_attempts (void)
{
  struct scene s;
  struct gym_task *done[TASKS];
  scene_open (&s, NULL, 5);
  submit (&s, 0, 1);
  for (int i = 0; i < 3; i++) {
    struct end a;
    char uuid[33];
    snprintf (uuid, sizeof uuid, "%032d", i);
    join (&s, &a, uuid);
    CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_TASKS));
    end_close (&a); /* a broken connection: found by the next sign of life */
  }
  CU_ASSERT_EQUAL (s.d->wait (s.d, done, TASKS, NULL), 1);
  CU_ASSERT_EQUAL (s.tasks[0].status, GYM_TRIAL_FAILED);
  CU_ASSERT_PTR_NOT_NULL (strstr (s.tasks[0].note, "3 times"));
  CU_ASSERT (isnan (s.metrics[0][0]));
  CU_ASSERT_EQUAL (s.lost, 3);
  scene_close (&s);
}

/* A worker that says goodbye is not to blame. */
static void
test_bye (void)
{
  struct scene s;
  struct end a, b;
  scene_open (&s, NULL, 5);
  submit (&s, 0, 1);
  join (&s, &a, uuid_a);
  CU_ASSERT_TRUE_FATAL (end_expect (&a, s.d, WIRE_TASKS));
  wire_begin (&a.out, WIRE_BYE, 0);
  end_send (&a, 0);
  join (&s, &b, uuid_b);
  CU_ASSERT_EQUAL (serve (&s, &b, 1), 1);
  CU_ASSERT_EQUAL (s.lost, 0);
  CU_ASSERT_EQUAL (s.tasks[0].attempts, 0);
  end_close (&a);
  end_close (&b);
  scene_close (&s);
}

/* ---- noise ---- */

static long
resident_kib (void)
{
  long pages = 0, all;
  FILE *f = fopen ("/proc/self/statm", "r");
  if (f) {
    if (fscanf (f, "%ld %ld", &all, &pages) != 2)
      pages = 0;
    fclose (f);
  }
  return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

/* Sends a part; while the broker's queue is full, the broker is let work. */
static void
push (struct scene *s, struct end *e, const void *bytes, size_t n, int flags)
{
  while (zmq_send (e->socket, bytes, n, flags | ZMQ_DONTWAIT) < 0) {
    CU_ASSERT_EQUAL (gym_broker_tend (s->d, NULL), GYM_OK);
    while (end_receive (e, false, 0))
      ;
  }
}

/* Bytes at random; well-sealed frames of every type with bodies at random; messages of
 * three parts; and none of it costs more than itself. */
static void
noise (struct scene *s, struct end *e, uint64_t seed, int n)
{
  unsigned char bytes[512];
  gym_rng rng;
  gym_rng_init (&rng, seed);
  for (int i = 0; i < n; i++) {
    size_t length = gym_rng_below (&rng, sizeof bytes);
    for (size_t k = 0; k < length; k++)
      bytes[k] = (unsigned char)gym_rng_below (&rng, 256);
    unsigned kind = (unsigned)gym_rng_below (&rng, 4);
    if (kind == 0) {
      push (s, e, bytes, length, 0);
    } else if (kind == 1) {
      push (s, e, bytes, length / 2, ZMQ_SNDMORE);
      push (s, e, bytes, length, 0);
    } else {
      enum wire_type type = 1 + (unsigned)gym_rng_below (&rng, WIRE_TYPES - 1);
      if (type
          == WIRE_STATUS) /* the one that strangers may send and is answered at length */
        type = WIRE_RESULTS;
      wire_begin (&e->out, type, i % 2 ? e->session : gym_rng_u64 (&rng));
      wire_bytes (&e->out, bytes, length);
      wire_seal (&e->out, (uint32_t)gym_rng_below (&rng, 5000), NULL);
      push (s, e, e->out.bytes, e->out.length, 0);
    }
    if (i % 16 == 0) {
      CU_ASSERT_EQUAL (gym_broker_tend (s->d, NULL), GYM_OK);
      while (end_receive (e, false, 0))
        ;
    }
  }
}

static void
test_noise (void)
{
  struct scene s;
  struct end a, stranger;
  int n = getenv ("GYM_LONG") ? 1000000 : 20000;
  scene_open (&s, NULL, 60);
  CU_ASSERT_EQUAL (end_open (&stranger, ZMQ_DEALER, s.endpoint), 0);
  join (&s, &a, uuid_a);
  noise (&s, &stranger, 1, 2000);
  noise (&s, &a, 2, 2000);
  long before = resident_kib ();
  noise (&s, &stranger, 3, n);
  noise (&s, &a, 4, n);
  long grown = resident_kib () - before;
  tap_note ("%d frames of noise: %ld KiB more", 2 * n, grown);
#ifndef __SANITIZE_ADDRESS__
  CU_ASSERT (grown < 10240 || help_in_valgrind ());
#endif
  end_close (&a);
  join (&s, &a, uuid_b);
  submit (&s, 0, TASKS);
  CU_ASSERT_EQUAL (serve (&s, &a, TASKS), TASKS);
  end_close (&stranger);
  end_close (&a);
  scene_close (&s);
}

/* Connections that speak something else, most of them left open. */
static void
test_raw_connections (void)
{
  struct scene s;
  struct end a;
  int n = getenv ("GYM_LONG") ? 5000 : 300, sockets[64] = { 0 };
  scene_open (&s, "tcp://127.0.0.1:*", 60);
  const char *port = strrchr (s.endpoint, ':') + 1;
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_port = htons ((uint16_t)strtol (port, NULL, 10)),
                            .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  gym_rng rng;
  gym_rng_init (&rng, 5);
  for (int i = 0; i < 300; i++)
    gym_broker_tend (s.d, NULL);
  long before = resident_kib ();
  for (int i = 0; i < n; i++) {
    char bytes[200];
    int fd = socket (AF_INET, SOCK_STREAM, 0), *place = &sockets[i % 64];
    for (size_t k = 0; k < sizeof bytes; k++)
      bytes[k] = (char)gym_rng_below (&rng, 256);
    if (connect (fd, (struct sockaddr *)&to, sizeof to) == 0)
      CU_ASSERT (send (fd, bytes, gym_rng_below (&rng, sizeof bytes), MSG_NOSIGNAL) >= 0);
    if (*place)
      close (*place);
    *place = fd;
    gym_broker_tend (s.d, NULL);
    if (i % 64 == 63) /* no faster than they are accepted: that is the kernel's limit */
      usleep (20000);
  }
  submit (&s, 0, TASKS);
  join (&s, &a, uuid_a);
  CU_ASSERT_EQUAL (serve (&s, &a, TASKS), TASKS);
  long grown = resident_kib () - before;
  tap_note ("%d connections of noise: %ld KiB more", n, grown);
#ifndef __SANITIZE_ADDRESS__
  CU_ASSERT (grown < 10240 || help_in_valgrind ());
#endif
  for (int i = 0; i < 64; i++)
    if (sockets[i])
      close (sockets[i]);
  end_close (&a);
  scene_close (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "tasks", test_tasks },
                                           { "same key", test_same_key },
                                           { "duplicates", test_duplicates },
                                           { "other session", test_other_session },
                                           { "lines", test_lines },
                                           { "broken line", test_broken_line },
                                           { "early result", test_early_result },
                                           { "max attempts", test_max_attempts },
                                           { "bye", test_bye },
                                           { "noise", test_noise },
                                           { "raw connections", test_raw_connections },
                                           { 0 } };
  return tap_run ("broker", tests);
}
