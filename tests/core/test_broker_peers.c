/* Who may join a study, what it gets, and what becomes of its trials when it goes. */
#include "core/broker.h"
#include "core/digest.h"
#include "tests/core/wire_help.h"

static const char uuid_a[] = "0123456789abcdef0123456789abcde0";

struct scene {
  gym_registry *registry;
  gym_env *env;
  struct gym_dispatch *d;
  char path[256], endpoint[300], file[300];
  struct end_log log;
};

/* A study on env toy, which reads a file of `size` bytes. */
static void
scene_open (struct scene *s, bool mixed, size_t size)
{
  gym_error err = { 0 };
  char option[400];
  const char *options[] = { option, "limit=100", NULL };
  *s = (struct scene){ 0 };
  s->registry = help_registry ();
  help_scratch (s->path, "socket");
  snprintf (s->endpoint, sizeof s->endpoint, "ipc://%s", s->path);
  snprintf (s->file, sizeof s->file, "%.*sw.txt", (int)(strlen (s->path) - 6), s->path);
  FILE *f = fopen (s->file, "w");
  for (size_t i = 0; i < size; i++)
    fputc (i == 0 ? '2' : i % 64 == 63 ? '\n' : ' ', f);
  fclose (f);
  snprintf (option, sizeof option, "weights=%s", s->file);
  s->env = help_env (s->registry, "toy", options);
  struct gym_broker_plan plan = {
    .env = s->env,
    .workers = { .bind = s->endpoint, .lease = 5, .mixed = mixed },
    .limits = { .isolation = GYM_ISOLATE_STRICT, .seconds = 7, .memory = 1 << 20 },
    .max_attempts = 3,
    .log = end_log_line,
    .log_context = &s->log
  };
  s->d = gym_broker_new (&plan, &err);
  if (!s->d)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (s->d);
}

static void
scene_close (struct scene *s)
{
  s->d->destroy (s->d);
  gym_env_destroy (&s->env);
  gym_registry_destroy (&s->registry);
  help_remove (s->path);
}

static const char *
body (struct end *e)
{
  static char text[WIRE_MOST];
  size_t n = wire_left (&e->in);
  memcpy (text, wire_get_bytes (&e->in, n), n);
  text[n] = '\0';
  return text;
}

/* The reason is a sentence the worker's user can act on, and stands in the log as well.
 */
static void
test_refusals (void)
{
  struct scene s;
  struct end e;
  scene_open (&s, false, 10);
  CU_ASSERT_EQUAL (end_open (&e, ZMQ_DEALER, s.endpoint), 0);
  gym_error err = { 0 };
  const struct gym_entry *other =
      gym_registry_find (s.registry, GYM_ROLE_ENV, "noisy", &err);
  end_hello (&e, other, uuid_a, NULL);
  CU_ASSERT_TRUE_FATAL (end_expect (&e, s.d, WIRE_REFUSED));
  CU_ASSERT_PTR_NOT_NULL (strstr (body (&e), "has no env toy-v1"));
  end_hello (&e, gym_env_entry (s.env), uuid_a, "{\"cpu\": \"abacus\"}");
  CU_ASSERT_TRUE_FATAL (end_expect (&e, s.d, WIRE_REFUSED));
  CU_ASSERT_PTR_NOT_NULL (strstr (body (&e), "abacus"));
  CU_ASSERT_PTR_NOT_NULL (strstr (s.log.text, "--mixed"));
  /* Not refused, since nothing was understood: dropped. */
  static const char *const texts[] = { "", "[]", "{\"uuid\": 3}", "{\"uuid\": \"short\"}",
                                       "{\"uuid\"" };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    end_send_text (&e, WIRE_HELLO, 0, texts[i]);
  /* What is not welcomed gets nothing: neither files nor tasks. */
  wire_begin (&e.out, WIRE_FETCH, e.session);
  wire_u64 (&e.out, 0);
  char digest[65];
  CU_ASSERT_EQUAL (gym_digest_file (s.file, digest, NULL), GYM_OK);
  wire_bytes (&e.out, digest, 64);
  end_send (&e, 0);
  CU_ASSERT_TRUE (end_expect (&e, s.d, WIRE_WHO));
  end_close (&e);
  scene_close (&s);
  scene_open (&s, true, 10);
  CU_ASSERT_EQUAL (end_open (&e, ZMQ_DEALER, s.endpoint), 0);
  end_hello (&e, gym_env_entry (s.env), uuid_a, "{\"cpu\": \"abacus\"}");
  CU_ASSERT_TRUE (end_expect (&e, s.d, WIRE_WELCOME));
  end_close (&e);
  scene_close (&s);
}

static void
test_welcome (void)
{
  struct scene s;
  struct end e;
  scene_open (&s, false, 10);
  CU_ASSERT_EQUAL (end_open (&e, ZMQ_DEALER, s.endpoint), 0);
  end_hello (&e, gym_env_entry (s.env), uuid_a, NULL);
  CU_ASSERT_TRUE_FATAL (end_expect (&e, s.d, WIRE_WELCOME));
  json_t *j = json_loads (body (&e), 0, NULL);
  CU_ASSERT_PTR_NOT_NULL_FATAL (j);
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (j, "env")), "toy-v1");
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (j, "identity")),
                          gym_env_identity (s.env));
  const json_t *limits = json_object_get (j, "limits");
  CU_ASSERT_STRING_EQUAL (json_string_value (json_object_get (limits, "isolation")),
                          "strict");
  CU_ASSERT (json_number_value (json_object_get (limits, "seconds")) == 7);
  CU_ASSERT_EQUAL (json_array_size (json_object_get (j, "files")), 1);
  CU_ASSERT_EQUAL (json_array_size (json_object_get (j, "settings")), 2);
  json_decref (j);
  end_close (&e);
  scene_close (&s);
}

/* In pieces, from any offset up to the end; other digests and offsets get no answer. */
static void
test_files (void)
{
  enum { SIZE = 700000 };
  struct scene s;
  struct end e;
  char digest[65], found[65], *whole = malloc (SIZE);
  scene_open (&s, false, SIZE);
  CU_ASSERT_EQUAL (end_open (&e, ZMQ_DEALER, s.endpoint), 0);
  end_hello (&e, gym_env_entry (s.env), uuid_a, NULL);
  CU_ASSERT_TRUE_FATAL (end_expect (&e, s.d, WIRE_WELCOME));
  CU_ASSERT_EQUAL (gym_digest_file (s.file, digest, NULL), GYM_OK);
  for (size_t at = 0; at < SIZE;) {
    wire_begin (&e.out, WIRE_FETCH, e.session);
    wire_u64 (&e.out, at);
    wire_bytes (&e.out, digest, 64);
    end_send (&e, 0);
    CU_ASSERT_TRUE_FATAL (end_expect (&e, s.d, WIRE_FILE));
    CU_ASSERT_EQUAL (wire_get_u64 (&e.in), at);
    CU_ASSERT_EQUAL (wire_get_u64 (&e.in), SIZE);
    CU_ASSERT_EQUAL (memcmp (wire_get_bytes (&e.in, 64), digest, 64), 0);
    size_t n = wire_left (&e.in);
    CU_ASSERT_FATAL (n > 0 && at + n <= SIZE);
    memcpy (whole + at, wire_get_bytes (&e.in, n), n);
    at += n;
  }
  gym_digest_bytes (whole, SIZE, found);
  CU_ASSERT_STRING_EQUAL (found, digest);
  wire_begin (&e.out, WIRE_FETCH, e.session);
  wire_u64 (&e.out, SIZE + 1);
  wire_bytes (&e.out, digest, 64);
  end_send (&e, 0);
  digest[0] = digest[0] == '0' ? '1' : '0';
  wire_begin (&e.out, WIRE_FETCH, e.session);
  wire_u64 (&e.out, 0);
  wire_bytes (&e.out, digest, 64);
  end_send (&e, 0);
  wire_begin (&e.out, WIRE_FETCH, e.session);
  end_send (&e, 0);
  for (int i = 0; i < 50; i++) {
    gym_broker_tend (s.d, NULL);
    CU_ASSERT_NOT_EQUAL (end_receive (&e, false, 2), WIRE_FILE);
  }
  free (whole);
  end_close (&e);
  scene_close (&s);
}

/* A worker that comes back on another connection is one worker, not two. */
static void
test_namesake (void)
{
  struct scene s;
  struct end e, again;
  scene_open (&s, false, 10);
  for (int i = 0; i < 2; i++) {
    struct end *which = i ? &again : &e;
    CU_ASSERT_EQUAL (end_open (which, ZMQ_DEALER, s.endpoint), 0);
    end_hello (which, gym_env_entry (s.env), uuid_a, NULL);
    CU_ASSERT_TRUE_FATAL (end_expect (which, s.d, WIRE_WELCOME));
    wire_begin (&which->out, WIRE_READY, which->session);
    end_send (which, 0);
    for (int k = 0; k < 20; k++) {
      gym_broker_tend (s.d, NULL);
      end_receive (which, false, 2);
    }
    CU_ASSERT_EQUAL (gym_broker_ready (s.d), 1);
  }
  wire_begin (&e.out, WIRE_BEAT, 0);
  end_send (&e, 0);
  CU_ASSERT_TRUE (end_expect (&e, s.d, WIRE_WHO));
  end_close (&e);
  end_close (&again);
  scene_close (&s);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "refusals", test_refusals },
                                           { "welcome", test_welcome },
                                           { "files", test_files },
                                           { "namesake", test_namesake },
                                           { 0 } };
  return tap_run ("broker_peers", tests);
}
