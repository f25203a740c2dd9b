/* What a running study tells whoever asks. */
#include "core/broker.h"
#include "tests/core/wire_help.h"

#include <pthread.h>

static json_t *
describe (void *context)
{
  return json_pack ("{s:s}", "store", (const char *)context);
}

static double
number (const json_t *j, const char *key)
{
  const json_t *value = json_object_get (j, key);
  if (!json_is_number (value))
    tap_note ("no number \"%s\"", key);
  CU_ASSERT_TRUE (json_is_number (value));
  return json_number_value (value);
}

/* The one who asks waits for its answer, so it has a thread of its own. */
struct question {
  const char *endpoint;
  char *answer;
};

static void *
ask (void *context)
{
  struct question *q = context;
  q->answer = gym_workers_state (q->endpoint, NULL, 20, NULL);
  return NULL;
}

static void
test_state (void)
{
  gym_error err = { 0 };
  char path[256], endpoint[300], store[] = "runs.db";
  gym_registry *registry = help_registry ();
  gym_env *env = help_env (registry, "faulty", NULL);
  help_scratch (path, "socket");
  snprintf (endpoint, sizeof endpoint, "ipc://%s", path);
  struct gym_broker_plan plan = { .env = env,
                                  .workers = { .bind = endpoint },
                                  .max_attempts = 3,
                                  .describe = describe,
                                  .describe_context = store };
  struct gym_dispatch *d = gym_broker_new (&plan, &err);
  CU_ASSERT_PTR_NOT_NULL_FATAL (d);
  struct end e;
  CU_ASSERT_EQUAL (end_open (&e, ZMQ_DEALER, endpoint), 0);
  end_hello (&e, gym_env_entry (env), "0123456789abcdef0123456789abcdef", NULL);
  CU_ASSERT_TRUE_FATAL (end_expect (&e, d, WIRE_WELCOME));
  wire_begin (&e.out, WIRE_READY, e.session);
  end_send (&e, 0);
  zmq_send (e.socket, "noise", 5, 0);
  while (gym_broker_ready (d) == 0)
    gym_broker_tend (d, NULL);
  struct question q = { .endpoint = endpoint };
  pthread_t thread;
  CU_ASSERT_EQUAL_FATAL (pthread_create (&thread, NULL, ask, &q), 0);
  void *nothing;
  for (int i = 0; i < 10000 && pthread_tryjoin_np (thread, &nothing) != 0; i++) {
    gym_broker_tend (d, NULL);
    usleep (1000);
  }
  json_t *j = q.answer ? json_loads (q.answer, 0, NULL) : NULL;
  CU_ASSERT_PTR_NOT_NULL_FATAL (j);
  static const char *const counts[] = { "seconds",      "rate",         "results",
                                        "waiting",      "leased",       "retries",
                                        "lost_workers", "given_up",     "refused",
                                        "duplicates",   "disagreements" };
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    CU_ASSERT (number (j, counts[i]) >= 0);
  CU_ASSERT (number (j, "dropped_frames") == 1);
  CU_ASSERT_STRING_EQUAL (
      json_string_value (json_object_get (json_object_get (j, "study"), "store")), store);
  const json_t *worker = json_array_get (json_object_get (j, "workers"), 0);
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (worker, "name")), "test:1");
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (worker, "state")), "idle");
  CU_ASSERT (number (worker, "leased") == 0 && number (worker, "silent") >= 0);
  json_decref (j);
  gym_free (q.answer);
  /* Nobody there: an error that says so, not a wait. */
  CU_ASSERT_PTR_NULL (gym_workers_state ("ipc:///nowhere/at/all", NULL, .1, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  end_close (&e);
  d->destroy (d);
  gym_env_destroy (&env);
  gym_registry_destroy (&registry);
  help_remove (path);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "state", test_state }, { 0 } };
  return tap_run ("broker_state", tests);
}
