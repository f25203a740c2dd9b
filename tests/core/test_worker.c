/* A worker against a study that the test plays. */
#include "tests/core/wire_help.h"

#include <gym/workers.h>
#include <pthread.h>
#include <stdatomic.h>

struct scene {
  gym_registry *registry;
  gym_env *env; /* the study's own, to know what is right */
  struct end e;
  char path[256], endpoint[300];
  pthread_t thread;
  atomic_bool cancel;
  double wait;
  int code;
  uint64_t trials;
  gym_error err;
  struct end_log log;
};

static void *
work (void *context)
{
  struct scene *s = context;
  const struct gym_worker worker = { .struct_size = sizeof worker,
                                     .endpoint = s->endpoint,
                                     .cancel = &s->cancel,
                                     .wait = s->wait,
                                     .log = end_log_line,
                                     .log_context = &s->log };
  s->code = gym_worker_run (s->registry, &worker, &s->trials, &s->err);
  return NULL;
}

static void
scene_open (struct scene *s, double wait)
{
  *s = (struct scene){ .wait = wait };
  s->registry = help_registry ();
  s->env = help_env (s->registry, "faulty", NULL);
  help_scratch (s->path, "socket");
  snprintf (s->endpoint, sizeof s->endpoint, "ipc://%s", s->path);
  CU_ASSERT_EQUAL_FATAL (end_open (&s->e, ZMQ_ROUTER, s->endpoint), 0);
  CU_ASSERT_EQUAL_FATAL (pthread_create (&s->thread, NULL, work, s), 0);
}

static void
scene_close (struct scene *s)
{
  end_close (&s->e);
  gym_env_destroy (&s->env);
  gym_registry_destroy (&s->registry);
  help_remove (s->path);
}

/* Waits for a frame of this type, past those that come by themselves. */
static bool
expect (struct scene *s, enum wire_type type)
{
  for (int i = 0; i < 200; i++) {
    unsigned got = end_receive (&s->e, true, 100);
    if (got == type)
      return true;
    if (got && got != WIRE_BEAT && got != WIRE_HELLO)
      tap_note ("%s instead of %s", wire_name (got), wire_name (type));
  }
  return false;
}

static void
welcome (struct scene *s, uint64_t session, const char *identity)
{
  json_t *j = json_pack (
      "{s:s, s:s, s:[], s:[], s:i, s:i, s:f, s:{s:s, s:f, s:f, s:i, s:i}}", "env",
      "faulty-v1", "identity", identity ? identity : gym_env_identity (s->env),
      "settings", "files", "params", 2, "metrics", 2, "lease", 2., "limits", "isolation",
      "limits", "seconds", 60., "cpu_seconds", 60., "memory", 0, "file_size", 0);
  char *text = json_dumps (j, 0);
  end_send_text (&s->e, WIRE_WELCOME, session, text);
  free (text);
  json_decref (j);
}

static void
send_tasks (struct scene *s, uint32_t first, uint32_t n)
{
  wire_begin (&s->e.out, WIRE_TASKS, 1);
  for (uint32_t i = 0; i < n; i++) {
    const double design[] = { first + i, i % 2 };
    wire_u64 (&s->e.out, first + i);
    wire_u64 (&s->e.out, 0);
    wire_u32 (&s->e.out, 0);
    wire_u32 (&s->e.out, 0);
    wire_f64s (&s->e.out, design, 2);
  }
  end_send (&s->e, n);
}

/* A RESULTS frame holds keys first, first + 1, ... with what the env says here. */
static void
check_results (struct scene *s, uint32_t first, uint32_t n)
{
  double metrics[2], expected[2];
  uint32_t status;
  CU_ASSERT_EQUAL_FATAL (s->e.in.count, n);
  wire_get_u64 (&s->e.in);
  for (uint32_t i = 0; i < n; i++) {
    const double design[] = { first + i, i % 2 };
    CU_ASSERT_EQUAL (wire_get_u64 (&s->e.in), first + i);
    CU_ASSERT_EQUAL (wire_get_u32 (&s->e.in), GYM_TRIAL_OK);
    CU_ASSERT_EQUAL (wire_get_u32 (&s->e.in), 0);
    wire_get_f64s (&s->e.in, metrics, 2);
    gym_env_evaluate (s->env, 1, design, NULL, NULL, expected, &status, NULL, NULL);
    CU_ASSERT (metrics[0] == expected[0] && metrics[1] == expected[1]);
  }
  CU_ASSERT (!s->e.in.bad && wire_left (&s->e.in) == 0);
}

static void
bring_to_work (struct scene *s)
{
  CU_ASSERT_TRUE_FATAL (expect (s, WIRE_HELLO));
  size_t n = wire_left (&s->e.in);
  json_t *hello = json_loadb (wire_get_bytes (&s->e.in, n), n, 0, NULL);
  char *fingerprint = gym_fingerprint (gym_env_entry (s->env), NULL);
  const json_t *envs = json_object_get (hello, "envs");
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (envs, "faulty-v1")),
                          fingerprint);
  CU_ASSERT_EQUAL (strlen (json_string_value (json_object_get (hello, "uuid"))), 32);
  free (fingerprint);
  json_decref (hello);
  welcome (s, 1, NULL);
  CU_ASSERT_TRUE_FATAL (expect (s, WIRE_READY));
}

static void
end_study (struct scene *s)
{
  wire_begin (&s->e.out, WIRE_DONE, 1);
  end_send (&s->e, 0);
  pthread_join (s->thread, NULL);
  CU_ASSERT_EQUAL (s->code, GYM_OK);
}

static void
test_work (void)
{
  struct scene s;
  scene_open (&s, 30);
  bring_to_work (&s);
  send_tasks (&s, 10, 5);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_RESULTS));
  check_results (&s, 10, 5);
  send_tasks (&s, 20, 1);
  send_tasks (&s, 30, 2);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_RESULTS));
  check_results (&s, 20, 1);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_RESULTS));
  check_results (&s, 30, 2);
  end_study (&s);
  CU_ASSERT_EQUAL (s.trials, 8);
  CU_ASSERT_PTR_NOT_NULL (strstr (s.log.text, "is over"));
  scene_close (&s);
}

/* What was not acknowledged is sent again to the study's next life, in its order; what
 * was is not. */
static void
test_again (void)
{
  struct scene s;
  scene_open (&s, 30);
  bring_to_work (&s);
  send_tasks (&s, 0, 4);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_RESULTS));
  wire_begin (&s.e.out, WIRE_ACK, 1);
  wire_u64 (&s.e.out, 0);
  wire_u64 (&s.e.out, 1);
  end_send (&s.e, 2);
  wire_begin (&s.e.out, WIRE_WHO, 2);
  end_send (&s.e, 0);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_HELLO));
  welcome (&s, 2, NULL);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_RESULTS));
  CU_ASSERT_EQUAL (s.e.in.session, 2);
  CU_ASSERT_EQUAL (s.e.in.count, 2);
  CU_ASSERT_EQUAL (wire_get_u64 (&s.e.in), UINT64_MAX);
  CU_ASSERT_EQUAL (wire_get_u64 (&s.e.in), 2);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_READY));
  end_study (&s);
  CU_ASSERT_EQUAL (s.trials, 4);
  scene_close (&s);
}

/* Silence for a lease: the worker looks for the study again, by a new connection. */
static void
test_silence (void)
{
  struct scene s;
  scene_open (&s, 30);
  bring_to_work (&s);
  unsigned char first[64];
  int n = s.e.id_length;
  memcpy (first, s.e.id, sizeof first);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_HELLO));
  CU_ASSERT (s.e.id_length != n || memcmp (first, s.e.id, (size_t)n) != 0);
  welcome (&s, 3, NULL);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_READY));
  CU_ASSERT_PTR_NOT_NULL (strstr (s.log.text, "silent"));
  end_study (&s);
  scene_close (&s);
}

/* Frames that make no sense are passed over. */
static void
test_noise (void)
{
  struct scene s;
  scene_open (&s, 30);
  bring_to_work (&s);
  gym_rng rng;
  gym_rng_init (&rng, 9);
  for (int i = 0; i < 500; i++) { /* a ROUTER drops what is too much */
    unsigned char bytes[128];
    size_t length = gym_rng_below (&rng, sizeof bytes) | 1; /* never whole tasks */
    for (size_t k = 0; k < length; k++)
      bytes[k] = (unsigned char)gym_rng_below (&rng, 256);
    enum wire_type type = 1 + (unsigned)gym_rng_below (&rng, WIRE_TYPES - 1);
    if (type == WIRE_DONE || type == WIRE_REFUSED || type == WIRE_WHO
        || type == WIRE_WELCOME)
      type = WIRE_TASKS;
    wire_begin (&s.e.out, type, 1);
    wire_bytes (&s.e.out, bytes, length);
    end_send (&s.e, (uint32_t)gym_rng_below (&rng, 4));
  }
  send_tasks (&s, 40, 3);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_RESULTS));
  check_results (&s, 40, 3);
  end_study (&s);
  scene_close (&s);
}

static void
test_refused (void)
{
  struct scene s;
  scene_open (&s, 30);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_HELLO));
  end_send_text (&s.e, WIRE_REFUSED, 1, "your shoes are muddy");
  pthread_join (s.thread, NULL);
  CU_ASSERT_EQUAL (s.code, GYM_EMISMATCH);
  CU_ASSERT (help_says (&s.err, "muddy"));
  scene_close (&s);
}

/* An env that opens differently here than there is not worked with. */
static void
test_other_env (void)
{
  struct scene s;
  scene_open (&s, 30);
  CU_ASSERT_TRUE_FATAL (expect (&s, WIRE_HELLO));
  welcome (&s, 1, "{\"id\": \"faulty-v1\", \"options\": {}}");
  pthread_join (s.thread, NULL);
  CU_ASSERT_EQUAL (s.code, GYM_EMISMATCH);
  CU_ASSERT (help_says (&s.err, "not the study's"));
  scene_close (&s);
}

static void
test_nobody (void)
{
  gym_error err = { 0 };
  struct scene s = { 0 };
  gym_registry *r = help_registry ();
  struct gym_worker worker = { .struct_size = sizeof worker,
                               .endpoint = "ipc:///tmp/gym-nobody-is-here",
                               .wait = .3,
                               .log = end_log_line,
                               .log_context = &s.log };
  CU_ASSERT_EQUAL (gym_worker_run (r, &worker, NULL, &err), GYM_OK);
  CU_ASSERT_PTR_NOT_NULL (strstr (s.log.text, "nothing to do"));
  worker.endpoint = "nonsense";
  CU_ASSERT_EQUAL (gym_worker_run (r, &worker, NULL, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "tcp://HOST:PORT"));
  gym_registry_destroy (&r);
}

static void
test_cancel (void)
{
  struct scene s;
  scene_open (&s, 30);
  bring_to_work (&s);
  atomic_store (&s.cancel, true);
  CU_ASSERT_TRUE (expect (&s, WIRE_BYE));
  pthread_join (s.thread, NULL);
  CU_ASSERT_EQUAL (s.code, GYM_ECANCELLED);
  scene_close (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "work", test_work },
                                           { "again", test_again },
                                           { "silence", test_silence },
                                           { "noise", test_noise },
                                           { "refused", test_refused },
                                           { "other env", test_other_env },
                                           { "nobody", test_nobody },
                                           { "cancel", test_cancel },
                                           { 0 } };
  return tap_run ("worker", tests);
}
