/* A worker: see core/worker.h and core/wire.h.
 *
 * One loop looks after the socket and the evaluating child; neither ever waits for the
 * other. What the study has not acknowledged is kept, and sent again to whoever takes the
 * study up. */
#include "core/text.h"
#include "core/worker.h"
#include "core/clock.h"
#include "core/evaluator.h"
#include "core/fingerprint.h"
#include "core/memory.h"
#include "core/wire.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

static const int64_t second = GYM_SECOND;

/* The trials of one message. */
struct batch {
  struct batch *next;
  uint32_t n;
  uint64_t *keys, *seeds;
  uint32_t *fidelities;
  double *designs;
};

struct worker {
  struct worker_plan plan;
  void *context, *socket;
  char uuid[33], name[96];
  uint64_t session;
  bool welcomed, ready, over;
  bool again;                   /* welcomed with work in hand */
  int64_t heard, beaten, asked; /* ns: last sign of life, of our own, last HELLO */
  int64_t met;                  /* ns: when somebody was last there to take a HELLO */
  int64_t pause;                /* until the next HELLO, rising */

  struct worker_scene scene;
  gym_env *env;
  bool own_env;
  gym_evaluator *evaluator;
  uint32_t p, m;
  struct batch *first, **end; /* to do; the first is at work when `busy` */
  bool busy;
  int64_t started;
  struct worker_results results;
  struct wire_out out;
  uint64_t trials;
};

static void
say (const struct worker *w, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  gym_log_line (w->plan.log, w->plan.log_context, format, args);
  va_end (args);
}

/* Never waits. What a full or broken connection does not take is sent again once the
 * study has asked who we are. */
static bool
send_out (struct worker *w, uint32_t count)
{
  return wire_seal (&w->out, count, NULL) == GYM_OK
         && zmq_send (w->socket, w->out.bytes, w->out.length, ZMQ_DONTWAIT) >= 0;
}

static void
send_empty (struct worker *w, enum wire_type type)
{
  wire_begin (&w->out, type, w->session);
  send_out (w, 0);
}

static void hello (struct worker *w);

/* ---- trials ---- */

static void
free_batch (struct batch *b)
{
  free (b->keys);
  free (b);
}

/* The child may still be at work on the first: whoever calls this ends it as well. */
static void
drop_batches (struct worker *w)
{
  while (w->first) {
    struct batch *b = w->first;
    w->first = b->next;
    free_batch (b);
  }
  w->end = &w->first;
  w->busy = false;
}

/* All arrays in one block, which begins with the keys. */
static struct batch *
new_batch (const struct worker *w, uint32_t n)
{
  struct batch *b = calloc (1, sizeof *b);
  uint64_t *block = b ? malloc (n * (20 + 8 * (size_t)w->p)) : NULL;
  if (!block) {
    free (b);
    return NULL;
  }
  *b = (struct batch){ .n = n, .keys = block, .seeds = block + n };
  b->designs = (double *)(void *)(b->seeds + n);
  b->fidelities = (uint32_t *)(void *)(b->designs + (size_t)n * w->p);
  return b;
}

/* Whether a key waits here already: a study that lost sight of this worker for a moment
 * may send again what it still has. Looked for only then. */
static bool
holds (const struct worker *w, uint64_t key)
{
  for (const struct batch *b = w->first; b; b = b->next)
    for (uint32_t i = 0; i < b->n; i++)
      if (b->keys[i] == key)
        return true;
  return false;
}

/* A frame that makes no sense is dropped: its trials are somebody's problem who sends
 * such frames. */
static void
take_tasks (struct worker *w, struct wire_in *in)
{
  if (!w->ready || in->count == 0 || in->count > EVALUATOR_MOST
      || wire_left (in) != in->count * (24 + 8 * (size_t)w->p))
    return;
  struct batch *b = new_batch (w, in->count);
  if (!b) { /* whoever leaves has its tasks taken back */
    send_empty (w, WIRE_BYE);
    hello (w);
    return;
  }
  uint32_t n = 0;
  for (uint32_t i = 0; i < in->count; i++) {
    b->keys[n] = wire_get_u64 (in);
    b->seeds[n] = wire_get_u64 (in);
    b->fidelities[n] = wire_get_u32 (in);
    wire_get_u32 (in);
    wire_get_f64s (in, b->designs + (size_t)n * w->p, w->p);
    n += !w->again || !holds (w, b->keys[n]);
  }
  b->n = n;
  if (n == 0) {
    free_batch (b);
    return;
  }
  *w->end = b;
  w->end = &b->next;
}

/* Rows are copied into the memory that is shared with the child. */
static int
begin_batch (struct worker *w, gym_error *err)
{
  const struct batch *b = w->first;
  const struct evaluator_rows *rows = gym_evaluator_rows (w->evaluator);
  memcpy (rows->designs, b->designs, (size_t)b->n * w->p * sizeof (double));
  memcpy (rows->fidelities, b->fidelities, b->n * sizeof *b->fidelities);
  memcpy (rows->seeds, b->seeds, b->n * sizeof *b->seeds);
  w->busy = true;
  w->started = gym_clock ();
  return gym_evaluator_start (w->evaluator, b->n, err);
}

static void
put_result (struct worker *w, uint64_t key, uint32_t status, const double *metrics,
            const char *note)
{
  size_t length = note ? strlen (note) : 0;
  wire_u64 (&w->out, key);
  wire_u32 (&w->out, status);
  wire_u32 (&w->out, (uint32_t)length);
  wire_f64s (&w->out, metrics, w->m);
  wire_bytes (&w->out, note, length);
}

/* Sent and kept: what is lost on the way is sent again when the study asks. */
static void
end_batch (struct worker *w)
{
  struct batch *b = w->first;
  const struct evaluator_rows *rows = gym_evaluator_rows (w->evaluator);
  wire_begin (&w->out, WIRE_RESULTS, w->session);
  wire_u64 (&w->out, (uint64_t)(gym_clock () - w->started));
  for (uint32_t i = 0; i < b->n; i++) {
    const double *metrics = rows->metrics + (size_t)i * w->m;
    const char *note = rows->notes + (size_t)i * GYM_NOTE;
    put_result (w, b->keys[i], rows->statuses[i], metrics, note);
    results_add (&w->results, b->keys[i], rows->statuses[i], metrics, note);
  }
  if (w->session) /* else the study asks for them when it knows who we are */
    send_out (w, b->n);
  w->trials += b->n;
  w->busy = false;
  w->first = b->next;
  if (!w->first) {
    w->end = &w->first;
    w->again = false;
  }
  free_batch (b);
}

/* To a study that may have lost them with an earlier life. */
static void
send_kept (struct worker *w)
{
  enum { AT_A_TIME = 256 };
  for (size_t i = 0; i < w->results.n;) {
    uint32_t count = 0;
    wire_begin (&w->out, WIRE_RESULTS, w->session);
    wire_u64 (&w->out, UINT64_MAX); /* took no time now */
    for (; i < w->results.n && count < AT_A_TIME; i++) {
      const struct worker_result *r = results_at (&w->results, i);
      if (r->acked)
        continue;
      put_result (w, r->key, r->status, results_metrics (&w->results, i), r->note);
      count++;
    }
    if (count > 0)
      send_out (w, count);
  }
}

/* ---- joining ---- */

/* The fingerprint of every env that can be opened here: what the study judges by. */
static json_t *
envs_json (const struct worker *w)
{
  json_t *envs = json_object ();
  const gym_registry *r = w->plan.registry;
  for (size_t i = 0; i < gym_registry_count (r, GYM_ROLE_ENV); i++) {
    const struct gym_entry *entry = gym_registry_entry (r, GYM_ROLE_ENV, i);
    if (w->plan.env && gym_env_entry (w->plan.env) != entry)
      continue;
    char *text = gym_fingerprint (entry, NULL);
    if (text)
      json_object_set_new (envs, entry->id, json_string (text));
    free (text);
  }
  return envs;
}

static void
hello (struct worker *w)
{
  json_t *j = json_pack ("{s:s, s:s, s:s, s:o}", "uuid", w->uuid, "name", w->name,
                         "version", gym_version (), "envs", envs_json (w));
  char *text = j ? json_dumps (j, JSON_COMPACT) : NULL;
  json_decref (j);
  if (!text)
    return;
  w->session = 0;
  wire_begin (&w->out, WIRE_HELLO, 0);
  wire_bytes (&w->out, text, strlen (text));
  /* Taken only by a connection, which a busy study keeps up too: it may answer late. */
  if (send_out (w, 0))
    w->met = gym_clock ();
  free (text);
  w->asked = gym_clock ();
  w->pause = w->pause < 2 * second ? w->pause * 3 / 2 : 2 * second;
}

/* Results of another study are of no use to this one. */
static void
leave_env (struct worker *w)
{
  drop_batches (w);
  gym_evaluator_destroy (&w->evaluator);
  if (w->own_env)
    gym_env_destroy (&w->env);
  else if (w->env)
    gym_env_set_log (w->env, NULL, NULL);
  w->env = NULL;
  w->own_env = false;
  results_clear (&w->results);
}

/* A study's own jobs have nobody else to tell than the study. */
static void
hand_on (void *context, const char *line)
{
  struct worker *w = context;
  if (!w->plan.env) {
    say (w, "%s", line);
    return;
  }
  wire_begin (&w->out, WIRE_LINE, w->session);
  wire_bytes (&w->out, line, strlen (line));
  send_out (w, 0);
}

/* The evaluating child is forked here, with the env open and before any trial. */
static int
enter_env (struct worker *w, gym_error *err)
{
  struct gym_limits limits = w->scene.limits;
  if (w->plan.isolation > limits.isolation)
    limits.isolation = w->plan.isolation;
  w->own_env = !w->plan.env;
  w->env = w->plan.env ? w->plan.env : scene_open (&w->scene, w->plan.registry, err);
  if (!w->env)
    return err && err->code ? err->code : GYM_EFAILED;
  w->p = gym_space_size (gym_env_space (w->env));
  w->m = w->results.m = gym_env_metrics (w->env)->n;
  gym_env_set_log (w->env, hand_on, w);
  w->evaluator = gym_evaluator_new (w->env, &limits, err);
  return w->evaluator ? GYM_OK : GYM_EFAILED;
}

/* Goes as far as it can get: files first, then the env, then work. */
static int
prepare (struct worker *w, gym_error *err)
{
  const char *digest;
  uint64_t offset;
  int rc = w->plan.env ? 0 : scene_missing (&w->scene, &digest, &offset, err);
  if (rc < 0)
    return rc;
  if (rc > 0) {
    wire_begin (&w->out, WIRE_FETCH, w->session);
    wire_u64 (&w->out, offset);
    wire_bytes (&w->out, digest, 64);
    send_out (w, 0);
    return GYM_OK;
  }
  if (!w->evaluator && (rc = enter_env (w, err)) < 0)
    return rc;
  send_kept (w);
  send_empty (w, WIRE_READY);
  if (!w->ready)
    say (w, "at work on %s", gym_env_identity (w->env));
  w->ready = true;
  return GYM_OK;
}

/* The study's new life, or another study at the same place: the env tells which. */
static int
take_welcome (struct worker *w, struct wire_in *in, gym_error *err)
{
  struct worker_scene scene = { 0 };
  size_t n = wire_left (in);
  int rc = scene_read (&scene, wire_get_bytes (in, n), n, err);
  if (rc < 0)
    return rc;
  if (w->evaluator && strcmp (scene_identity (&scene), gym_env_identity (w->env)) != 0) {
    leave_env (w);
    w->ready = false;
  }
  scene_free (&w->scene);
  w->scene = scene;
  w->session = in->session;
  w->welcomed = true;
  w->again = w->first != NULL;
  return prepare (w, err);
}

/* An answer that comes twice asks for nothing new: on a slow line every question that was
 * repeated would otherwise be answered, and asked, for ever. */
static int
take_chunk (struct worker *w, struct wire_in *in, gym_error *err)
{
  size_t file = w->scene.file;
  uint64_t offset = w->scene.offset;
  int rc = scene_chunk (&w->scene, in, err);
  bool moved = w->scene.file != file || w->scene.offset != offset;
  return rc == GYM_OK && moved ? prepare (w, err) : rc;
}

/* ---- the socket ---- */

static int
take_frame (struct worker *w, struct wire_in *in, gym_error *err)
{
  w->heard = gym_clock ();
  switch (in->type) {
  case WIRE_WELCOME:
    return take_welcome (w, in, err);
  case WIRE_REFUSED:
    return gym_fail (err, GYM_EMISMATCH, "the study at %s refuses this worker: %.*s",
                     w->plan.endpoint, (int)wire_left (in),
                     (const char *)in->bytes + in->at);
  case WIRE_WHO:
    hello (w);
    return GYM_OK;
  case WIRE_FILE:
    return w->welcomed && !w->ready ? take_chunk (w, in, err) : GYM_OK;
  case WIRE_TASKS:
    take_tasks (w, in);
    return GYM_OK;
  case WIRE_ACK:
    for (uint32_t i = 0; i < in->count && !in->bad; i++)
      results_ack (&w->results, wire_get_u64 (in));
    return GYM_OK;
  case WIRE_DONE:
    w->over = true;
    return GYM_OK;
  default:
    return GYM_OK; /* a beat */
  }
}

/* Frames that are damaged or foreign are dropped; of another version, they are the end.
 */
static int
receive (struct worker *w, gym_error *err)
{
  int rc = GYM_OK;
  zmq_msg_t message;
  zmq_msg_init (&message);
  while (rc == GYM_OK && !w->over
         && zmq_msg_recv (&message, w->socket, ZMQ_DONTWAIT) >= 0) {
    struct wire_in in;
    int code = wire_open (&in, zmq_msg_data (&message), zmq_msg_size (&message), err);
    if (code == GYM_OK)
      rc = take_frame (w, &in, err);
    else if (code == GYM_EMISMATCH)
      rc = code;
  }
  zmq_msg_close (&message);
  return rc;
}

/* ZMQ_IMMEDIATE: without a connection nothing is queued, so that a study that comes late
 * does not find an hour of greetings. */
static int
connect_socket (struct worker *w, gym_error *err)
{
  static const struct {
    int option, value;
  } settings[] = { { ZMQ_IMMEDIATE, 1 },
                   { ZMQ_LINGER, 200 },
                   { ZMQ_SNDHWM, 1024 },
                   { ZMQ_RCVHWM, 256 },
                   { ZMQ_RECONNECT_IVL, 20 },
                   { ZMQ_RECONNECT_IVL_MAX, 500 },
                   { ZMQ_HANDSHAKE_IVL, 10000 },
                   { ZMQ_TCP_KEEPALIVE, 1 },
                   { ZMQ_IPV6, 1 } };
  int64_t most = WIRE_MOST;
  if (w->socket)
    zmq_close (w->socket);
  w->socket = zmq_socket (w->context, ZMQ_DEALER);
  bool good = w->socket != NULL;
  for (size_t i = 0; good && i < sizeof settings / sizeof settings[0]; i++)
    good =
        zmq_setsockopt (w->socket, settings[i].option, &settings[i].value, sizeof (int))
        == 0;
  good = good && zmq_setsockopt (w->socket, ZMQ_MAXMSGSIZE, &most, sizeof most) == 0;
  if (good && w->plan.server
      && gym_keys_apply (w->socket, w->plan.server, w->plan.pair, err) < 0)
    return GYM_EFAILED;
  if (good && zmq_connect (w->socket, w->plan.endpoint) == 0)
    return GYM_OK;
  return gym_fail (err, GYM_EINVAL,
                   "cannot connect to \"%s\": %s (expected "
                   "tcp://HOST:PORT)",
                   w->plan.endpoint, zmq_strerror (errno));
}

/* Between two signs of life: a few may be lost before the lease is. Faster while the env
 * is being fetched, since an answer may be lost too. */
static int64_t
beat (const struct worker *w)
{
  return w->ready ? (int64_t)(w->scene.lease / 5 * 1e9) : second / 2;
}

/* Silence for the length of a lease: the study may be gone, or only the connection. */
static int
seek (struct worker *w, int64_t now, gym_error *err)
{
  double lease = w->welcomed ? w->scene.lease : 5;
  if (w->welcomed && (double)(now - w->heard) > lease * 1e9) {
    say (w, "the study at %s is silent: looking for it again", w->plan.endpoint);
    w->welcomed = false;
    w->pause = second / 10;
    if (connect_socket (w, err) < 0)
      return GYM_EFAILED;
  }
  if (!w->welcomed && now - w->asked >= w->pause)
    hello (w);
  if (w->welcomed && now - w->beaten >= beat (w)) {
    w->beaten = now;
    send_empty (w, WIRE_BEAT);
    if (!w->ready)
      return prepare (w, err); /* an answer may have been lost */
  }
  return GYM_OK;
}

/* Until there is something to do, at most until the next sign of life is due. */
static void
pause_worker (struct worker *w)
{
  int fd = w->busy ? gym_evaluator_fd (w->evaluator) : -1;
  int64_t due = w->welcomed ? w->beaten + beat (w) : w->asked + w->pause;
  int64_t left = (due - gym_clock ()) / 1000000 + 1;
  long wait = left < 0 ? 0 : left > 200 ? 200 : (long)left;
  int deadline = w->busy ? gym_evaluator_due (w->evaluator) : -1;
  if (deadline >= 0 && deadline < wait)
    wait = deadline;
  zmq_pollitem_t items[] = { { .socket = w->socket, .events = ZMQ_POLLIN },
                             { .fd = fd, .events = ZMQ_POLLIN } };
  zmq_poll (items, fd >= 0 ? 2 : 1, wait);
}

/* One look at everything that may have happened. */
static int
step (struct worker *w, gym_error *err)
{
  int64_t now = gym_clock ();
  int rc = receive (w, err);
  if (rc == GYM_OK && !w->over)
    rc = seek (w, now, err);
  if (rc == GYM_OK && w->busy) {
    rc = gym_evaluator_poll (w->evaluator, 0, err);
    if (rc > 0)
      end_batch (w);
    rc = rc > 0 ? GYM_OK : rc;
  }
  if (rc == GYM_OK && !w->busy && w->first)
    rc = begin_batch (w, err);
  return rc;
}

static int
work (struct worker *w, gym_error *err)
{
  for (;;) {
    int rc = step (w, err);
    if (rc < 0)
      return rc;
    if (w->over) {
      send_empty (w, WIRE_BYE);
      return GYM_OK;
    }
    if (w->plan.cancel && atomic_load (w->plan.cancel)) {
      send_empty (w, WIRE_BYE);
      return gym_fail (err, GYM_ECANCELLED, "stopped on request");
    }
    int64_t there = w->heard > w->met ? w->heard : w->met;
    if (!w->welcomed && (double)(gym_clock () - there) > w->plan.wait * 1e9) {
      say (w, "no study answers at %s: nothing to do", w->plan.endpoint);
      return GYM_OK;
    }
    pause_worker (w);
  }
}

void
gym_worker_name (pid_t pid, char *name, size_t size)
{
  char host[64] = "";
  gethostname (host, sizeof host - 1);
  snprintf (name, size, "%s:%d", host, (int)pid);
}

static void
name_worker (struct worker *w)
{
  unsigned char bytes[16];
  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2hex (w->uuid, sizeof w->uuid, bytes, sizeof bytes);
  gym_worker_name (getpid (), w->name, sizeof w->name);
}

int
worker_serve (const struct worker_plan *plan, uint64_t *trials, gym_error *err)
{
  gym_error own = { 0 };
  struct worker w = { .plan = *plan, .heard = gym_clock (), .pause = second / 50 };
  w.end = &w.first;
  name_worker (&w);
  w.context = zmq_ctx_new ();
  int rc = w.context ? connect_socket (&w, &own)
                     : gym_fail (&own, GYM_EFAILED, "no context for sockets");
  if (rc == GYM_OK)
    rc = work (&w, &own);
  if (w.over)
    say (&w, "the study at %s is over; %llu trials were evaluated here", plan->endpoint,
         (unsigned long long)w.trials);
  leave_env (&w);
  scene_free (&w.scene);
  wire_free (&w.out);
  if (w.socket)
    zmq_close (w.socket);
  if (w.context)
    zmq_ctx_term (w.context);
  if (trials)
    *trials = w.trials;
  return rc < 0 ? gym_fail (err, rc, "%s", own.text) : GYM_OK;
}

int
gym_worker_run (const gym_registry *registry, const struct gym_worker *worker,
                uint64_t *trials, gym_error *err)
{
  struct gym_pair pair;
  char server[41];
  struct worker_plan plan = { .registry = registry,
                              .endpoint = worker->endpoint,
                              .server = worker->keys ? server : NULL,
                              .pair = &pair,
                              .isolation = worker->isolation,
                              .wait = worker->wait > 0 ? worker->wait : 60,
                              .cancel = worker->cancel,
                              .log = worker->log,
                              .log_context = worker->log_context };
  int rc = worker->keys ? gym_keys_worker (worker->keys, server, &pair, err) : GYM_OK;
  return rc < 0 ? rc : worker_serve (&plan, trials, err);
}

/* ---- watching ---- */

/* One question, one answer. */
static char *
read_state (void *socket, double seconds, gym_error *err)
{
  char *text = NULL;
  zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
  zmq_msg_t message;
  struct wire_in in;
  if (zmq_poll (&item, 1, (long)(seconds * 1e3)) <= 0) {
    gym_fail (err, GYM_ENOTFOUND, "no study answers within %g s", seconds);
    return NULL;
  }
  zmq_msg_init (&message);
  if (zmq_msg_recv (&message, socket, 0) >= 0
      && wire_open (&in, zmq_msg_data (&message), zmq_msg_size (&message), err) == GYM_OK
      && in.type == WIRE_STATE) {
    text = strndup ((const char *)in.bytes + in.at, wire_left (&in));
    if (!text)
      gym_fail (err, GYM_ENOMEM, "out of memory for the state");
  } else
    gym_fail (err, GYM_EINVAL, "what answers there is no study");
  zmq_msg_close (&message);
  return text;
}

char *
gym_workers_state (const char *endpoint, const char *keys, double seconds, gym_error *err)
{
  struct gym_pair pair;
  char server[41], *text = NULL;
  struct worker w = {
    .plan = { .endpoint = endpoint, .server = keys ? server : NULL, .pair = &pair }
  };
  const int wait_for_connection = 0, wait = (int)(seconds * 1e3);
  if (keys && gym_keys_worker (keys, server, &pair, err) < 0)
    return NULL;
  w.context = zmq_ctx_new ();
  if (w.context && connect_socket (&w, err) == GYM_OK) {
    zmq_setsockopt (w.socket, ZMQ_IMMEDIATE, &wait_for_connection, sizeof (int));
    zmq_setsockopt (w.socket, ZMQ_SNDTIMEO, &wait, sizeof wait);
    wire_begin (&w.out, WIRE_STATUS, 0);
    if (wire_seal (&w.out, 0, err) == GYM_OK
        && zmq_send (w.socket, w.out.bytes, w.out.length, 0) > 0)
      text = read_state (w.socket, seconds, err);
    else
      gym_fail (err, GYM_ENOTFOUND, "no study answers at %s within %g s", endpoint,
                seconds);
  }
  wire_free (&w.out);
  if (w.socket) {
    const int none = 0;
    zmq_setsockopt (w.socket, ZMQ_LINGER, &none, sizeof none);
    zmq_close (w.socket);
  }
  if (w.context)
    zmq_ctx_term (w.context);
  return text;
}
