/* Tasks out, results in: see core/broker.h. */
#include "core/text.h"
#include "core/broker_inside.h"
#include "core/evaluator.h"
#include "core/fingerprint.h"
#include "core/memory.h"

#include <errno.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <xxhash.h>
#include <zmq.h>

/* A message holds about this much work, and the socket is drained this far in a row. */
static const double message_seconds = .005;
enum { DRAIN = 256, TEND_NS = 100000000, POLL_MS = 100, BATCH_MOST = EVALUATOR_MOST };

void
broker_log (const struct broker *b, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  gym_log_line (b->plan.log, b->plan.log_context, format, args);
  va_end (args);
}

/* Never waits: a peer that does not read must not hold up the others. */
int
broker_send (struct broker *b, const unsigned char *id, size_t n, uint32_t count)
{
  int rc = wire_seal (&b->out, count, NULL);
  if (rc < 0)
    return rc;
  if (zmq_send (b->socket, id, n, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
    return errno == EHOSTUNREACH ? GYM_ENOTFOUND : GYM_EBUSY;
  return zmq_send (b->socket, b->out.bytes, b->out.length, ZMQ_DONTWAIT) < 0 ? GYM_EBUSY
                                                                             : GYM_OK;
}

/* ---- results ---- */

/* A list, not an array: tasks are the study's and stay where they are until it asks for
 * them. */
static void
finish (struct broker *b, struct gym_task *task, uint32_t status, const double *metrics,
        const char *note)
{
  task->status = status;
  for (uint32_t j = 0; j < b->m; j++)
    task->metrics[j] = metrics ? metrics[j] : NAN;
  snprintf (task->note, sizeof task->note, "%s", note);
  task->next = NULL;
  *b->done_end = task;
  b->done_end = &task->next;
}

/* Every task that waits for the key. */
static void
deliver (struct broker *b, struct entry *e, uint32_t status, const double *metrics,
         const char *note, const struct gym_receipt *receipt)
{
  for (struct gym_task *t = e->tasks, *after; t; t = after) {
    after = t->next;
    t->receipt = *receipt;
    t->attempts = e->attempts;
    finish (b, t, status, metrics, note);
  }
  tasks_remove (&b->tasks, e);
}

/* One place a key, whatever was there: a table of fixed size that needs no searching. */
static struct kept *
place_of (struct broker *b, uint64_t key)
{
  return &b->kept[key % BROKER_KEPT];
}

static void
empty (struct kept *k)
{
  free (k->metrics);
  free (k->note);
  *k = (struct kept){ 0 };
}

/* The bits of a result, for comparing it with another of the same key. Times and the like
 * differ every time. */
static uint64_t
digest_of (const struct broker *b, uint32_t status, const double *metrics)
{
  const struct gym_metrics *m = gym_env_metrics (b->plan.env);
  uint64_t digest = status + 1;
  for (uint32_t i = 0; i < b->m; i++)
    if (!(m->items[i].flags & GYM_METRIC_MEASURED))
      digest = XXH3_64bits_withSeed (&metrics[i], sizeof metrics[i], digest);
  return digest;
}

/* A worker that was given up and comes back, or sends again what it had no answer to. */
static void
take_duplicate (struct broker *b, const struct kept *k, struct peer *from,
                uint64_t digest)
{
  b->count.duplicates++;
  if (k->committed)
    broker_ack (b, from, k->key);
  if (k->digest == digest || b->plan.workers.mixed)
    return;
  b->count.disagreements++;
  broker_log (
      b,
      "worker %s: the second result of a trial differs from the first: the env is "
      "not deterministic, or a machine is not to be trusted",
      from->name);
}

/* Kept until the study, which is being replayed, asks for it. */
static void
keep (struct broker *b, struct kept *k, uint32_t status, const double *metrics,
      const char *note)
{
  k->metrics = malloc ((b->m + 1) * sizeof (double));
  k->note = strdup (note);
  if (!k->metrics || !k->note) {
    empty (k);
    return;
  }
  memcpy (k->metrics, metrics, b->m * sizeof (double));
  k->status = status;
}

static void
take_result (struct broker *b, struct peer *from, uint64_t key, uint32_t status,
             const double *metrics, const char *note)
{
  struct entry *e = tasks_find (&b->tasks, key);
  struct kept *k = place_of (b, key);
  uint64_t digest = digest_of (b, status, metrics);
  if (from->leased > 0 && --from->leased == 0)
    from->exclusive = false;
  from->done++;
  b->count.results++;
  bool wanted = e && e->tasks;
  if (!wanted && k->key == key) {
    take_duplicate (b, k, from, digest);
    return;
  }
  empty (k);
  *k = (struct kept){
    .key = key,
    .digest = digest,
    .receipt = { .key = key, .worker = (uint32_t)(from - b->peers), .life = from->life }
  };
  if (wanted)
    deliver (b, e, status, metrics, note, &k->receipt);
  else
    keep (b, k, status, metrics, note);
}

/* How long trials take, smoothed over some tens of messages. */
static void
learn_pace (struct broker *b, struct peer *from, uint64_t ns, uint32_t count)
{
  double seconds = (double)ns * 1e-9, each = seconds / count;
  from->busy += seconds;
  b->seconds_per_trial =
      b->seconds_per_trial > 0 ? .9 * b->seconds_per_trial + .1 * each : each;
}

/* Records are taken as they are read; a frame that turns out short loses only its rest.
 * A bad status or length can only come from a program that is not ours. */
static void
take_results (struct broker *b, struct peer *from, struct wire_in *in)
{
  uint64_t ns = wire_get_u64 (in);
  double *metrics = malloc ((b->m + 1) * sizeof *metrics);
  char note[GYM_NOTE];
  if (metrics && in->count > 0 && in->count <= BATCH_MOST && ns < UINT64_MAX / 2)
    learn_pace (b, from, ns, in->count);
  for (uint32_t i = 0; metrics && i < in->count && !in->bad; i++) {
    uint64_t key = wire_get_u64 (in);
    uint32_t status = wire_get_u32 (in), length = wire_get_u32 (in);
    wire_get_f64s (in, metrics, b->m);
    const char *text = wire_get_bytes (in, length);
    if (in->bad || status > GYM_TRIAL_OOM || length >= GYM_NOTE) {
      in->bad = true;
      break;
    }
    memcpy (note, text, length);
    note[length] = '\0';
    take_result (b, from, key, status, metrics, note);
  }
  free (metrics);
  if (!in->bad)
    return;
  b->count.dropped++; /* what it did not say in full is somebody else's to do */
  peers_drop (b, from, true);
}

/* ---- acknowledgements ---- */

enum { ACKS_MOST = 1024 };

/* The peer's own frame is lent to broker_send, which sends the one in b->out. */
static void
flush_acks (struct broker *b, struct peer *peer)
{
  if (peer->n_acks == 0)
    return;
  struct wire_out out = b->out;
  b->out = peer->acks;
  broker_send (b, peer->id, peer->id_length, peer->n_acks);
  peer->acks = b->out;
  b->out = out;
  peer->n_acks = 0;
}

void
broker_ack (struct broker *b, struct peer *peer, uint64_t key)
{
  if (peer->n_acks == 0)
    wire_begin (&peer->acks, WIRE_ACK, b->session);
  wire_u64 (&peer->acks, key);
  if (++peer->n_acks >= ACKS_MOST)
    flush_acks (b, peer);
}

static void
acknowledge (struct gym_dispatch *base, const struct gym_receipt *receipts, size_t n)
{
  struct broker *b = (struct broker *)base;
  for (size_t i = 0; i < n; i++) {
    const struct gym_receipt *r = &receipts[i];
    if (r->life == 0 || r->worker >= b->n_peers)
      continue;
    struct peer *peer = &b->peers[r->worker];
    struct kept *k = place_of (b, r->key);
    k->committed = k->committed || k->key == r->key;
    if (peer->state != PEER_FREE && peer->life == r->life)
      broker_ack (b, peer, r->key);
  }
}

/* ---- tasks ---- */

/* The first failure of the study's own is kept until the study asks again. */
static void
fail (struct broker *b, int code, const char *text)
{
  if (b->failure == GYM_OK)
    b->failure = gym_fail (&b->failure_error, code, "%s", text);
}

/* What took so many workers down with it is a result too. */
static void
give_up (struct broker *b, struct entry *e)
{
  char note[GYM_NOTE];
  snprintf (note, sizeof note, "lost with its worker %u time%s", e->attempts,
            e->attempts == 1 ? "" : "s");
  b->count.given_up++;
  deliver (b, e, GYM_TRIAL_FAILED, NULL, note, &(struct gym_receipt){ 0 });
}

void
broker_requeue (struct broker *b, struct entry *e, bool at_fault)
{
  gym_error err = { 0 };
  e->peer = NOBODY;
  if (!e->tasks)
    return;
  if (at_fault) {
    e->attempts++;
    b->count.retries++;
    for (struct gym_task *t = e->tasks; t && b->base.lost; t = t->next) {
      t->attempts = e->attempts;
      int rc = b->base.lost (b->base.lost_context, t, &err);
      if (rc < 0)
        fail (b, rc, err.text);
    }
  }
  if (e->attempts >= b->plan.max_attempts)
    give_up (b, e);
  else if (tasks_push (&b->tasks, e, true) < 0)
    fail (b, GYM_ENOMEM, "out of memory for the trials of a lost worker");
}

/* Trials that take about as long as a message should hold work. */
static size_t
paced (const struct broker *b)
{
  double n = b->seconds_per_trial > 0 ? message_seconds / b->seconds_per_trial : 1;
  return n < 1 ? 1 : n > BATCH_MOST ? BATCH_MOST : (size_t)n;
}

/* As many as take a few milliseconds, so that messages cost little beside the work, and
 * no more: what a worker holds is what is lost with it. Answers must fit a frame as well.
 */
static size_t
batch_size (const struct broker *b)
{
  size_t fits = (WIRE_MOST - WIRE_HEAD) / (24 + 8 * ((size_t)b->p + b->m + 1) + GYM_NOTE);
  size_t most = b->plan.workers.max_batch ? b->plan.workers.max_batch : BATCH_MOST;
  size_t wanted = paced (b);
  most = most < fits ? most : fits;
  return wanted < most ? wanted : most;
}

/* So much in work and as much behind it, in however many messages: a worker never waits
 * for the next. */
static size_t
window (const struct broker *b)
{
  return 2 * paced (b);
}

/* Someone with nothing to do; else, unless it is to be `alone`, the one with least. */
static struct peer *
choose (struct broker *b, bool alone)
{
  struct peer *best = NULL;
  size_t most = window (b);
  for (size_t i = 0; i < b->n_peers; i++) {
    size_t at = b->turn + i < b->n_peers ? b->turn + i : b->turn + i - b->n_peers;
    struct peer *peer = &b->peers[at];
    if (peer->state != PEER_READY || peer->exclusive || peer->leased >= most
        || (alone && peer->leased > 0) || (best && peer->leased >= best->leased))
      continue;
    best = peer;
    if (peer->leased == 0) {
      b->turn = (uint32_t)((at + 1) % b->n_peers);
      break;
    }
  }
  return best;
}

/* All tasks of a key are alike: the first speaks for them. */
static void
put_task (struct broker *b, const struct entry *e)
{
  const struct gym_task *t = e->tasks;
  wire_u64 (&b->out, e->key);
  wire_u64 (&b->out, t->seed);
  wire_u32 (&b->out, t->fidelity);
  wire_u32 (&b->out, e->attempts);
  wire_f64s (&b->out, t->design, b->p);
}

/* Sends up to n tasks from the head of the queue; false when nothing more can be sent
 * now. */
static bool
send_tasks (struct broker *b, struct peer *to, size_t n)
{
  struct entry *sent[BATCH_MOST];
  uint32_t count = 0;
  uint32_t who = (uint32_t)(to - b->peers);
  wire_begin (&b->out, WIRE_TASKS, b->session);
  while (count < n && b->tasks.queued > 0) {
    struct entry *e = tasks_pop (&b->tasks);
    if (!e->tasks) {
      tasks_remove (&b->tasks, e);
      continue;
    }
    if (e->attempts > 0 && count > 0) {
      tasks_push (&b->tasks, e, true);
      break;
    }
    put_task (b, e);
    e->peer = who;
    sent[count++] = e;
    if (e->attempts > 0) {
      to->exclusive = true;
      break;
    }
  }
  int rc = count > 0 ? broker_send (b, to->id, to->id_length, count) : GYM_OK;
  if (rc == GYM_OK) {
    to->leased += count;
    return true;
  }
  to->exclusive = false;
  while (count > 0)
    broker_requeue (b, sent[--count], false);
  if (rc == GYM_ENOTFOUND)
    peers_break (b, to);
  return rc == GYM_ENOTFOUND;
}

static void
distribute (struct broker *b)
{
  while (b->tasks.queued > 0 && b->ready > 0) {
    const struct entry *first = &b->tasks.entries[b->tasks.queue[b->tasks.head]];
    struct peer *to = choose (b, first->attempts > 0);
    if (!to)
      return;
    size_t share = (b->tasks.queued + b->ready - 1) / b->ready, n = batch_size (b);
    size_t left = window (b) - to->leased;
    n = n < share ? n : share;
    n = n < left ? n : left;
    if (!send_tasks (b, to, n ? n : 1))
      return;
  }
}

/* For the study, which takes further runs up while workers could hold more. */
static size_t
idle (struct gym_dispatch *base)
{
  const struct broker *b = (const struct broker *)base;
  size_t ready = b->ready ? b->ready : b->plan.jobs ? b->plan.jobs : 1;
  size_t most = ready * window (b), busy = b->tasks.used;
  return busy < most ? most - busy : 0;
}

/* A result that came before its task was asked for, from a worker that outlived the
 * study's last life, is used here. */
static int
submit (struct gym_dispatch *base, struct gym_task *const *tasks, size_t n,
        gym_error *err)
{
  struct broker *b = (struct broker *)base;
  for (size_t i = 0; i < n; i++) {
    struct gym_task *t = tasks[i];
    uint64_t key = wire_key (t->hash, t->fidelity, t->seed);
    struct kept *k = place_of (b, key);
    if (k->key == key && k->metrics) {
      t->receipt = k->receipt;
      finish (b, t, k->status, k->metrics, k->note);
      free (k->metrics);
      k->metrics = NULL;
      continue;
    }
    bool fresh;
    struct entry *e = tasks_add (&b->tasks, key, &fresh);
    if (!e)
      return gym_fail (err, GYM_ENOMEM, "out of memory for the trials in flight");
    t->next = e->tasks;
    e->tasks = t;
    e->attempts = t->attempts > e->attempts ? t->attempts : e->attempts;
    if (fresh && tasks_push (&b->tasks, e, false) < 0)
      return gym_fail (err, GYM_ENOMEM, "out of memory for the trials in flight");
  }
  return GYM_OK;
}

/* ---- the socket ---- */

static void
refuse_version (struct broker *b, const unsigned char *id, size_t n, const char *why)
{
  wire_begin (&b->out, WIRE_REFUSED, b->session);
  wire_bytes (&b->out, why, strlen (why));
  broker_send (b, id, n, 0);
  b->count.refused++;
}

/* Whoever may connect may look: with keys, those on the list; else this machine. */
static void
answer_state (struct broker *b, const unsigned char *id, size_t n)
{
  char *text = broker_state (b);
  wire_begin (&b->out, WIRE_STATE, b->session);
  if (text)
    wire_bytes (&b->out, text, strlen (text));
  broker_send (b, id, n, 0);
  free (text);
}

static void
answer (struct broker *b, const unsigned char *id, size_t n, enum wire_type type)
{
  wire_begin (&b->out, type, b->session);
  broker_send (b, id, n, 0);
}

/* A worker says so again after every welcome. */
static void
become_ready (struct broker *b, struct peer *peer)
{
  if (peer->state == PEER_READY)
    return;
  peer->state = PEER_READY;
  b->ready++;
}

/* Text of another process may end up in a terminal: it stays a line. */
static void
take_line (const struct broker *b, const struct wire_in *in)
{
  char line[1024];
  size_t n = wire_left (in) < sizeof line ? wire_left (in) : sizeof line - 1;
  for (size_t i = 0; i < n; i++)
    line[i] = (char)in->bytes[in->at + i];
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
      line[i] = ' ';
  broker_log (b, "%.*s", (int)n, line);
}

/* A frame from a worker that was welcomed. */
static void
handle_peer (struct broker *b, struct peer *peer, struct wire_in *in)
{
  peer->heard = gym_clock ();
  /* Said before this study's welcome was read: it may be about another study. */
  if (in->session != b->session && in->type != WIRE_BEAT && in->type != WIRE_BYE)
    return;
  switch (in->type) {
  case WIRE_READY:
    become_ready (b, peer);
    break;
  case WIRE_RESULTS:
    take_results (b, peer, in);
    break;
  case WIRE_LINE:
    take_line (b, in);
    break;
  case WIRE_FETCH:
    peers_fetch (b, peer, in);
    break;
  case WIRE_BEAT:
    break; /* it was heard of: that is all */
  case WIRE_BYE:
    peers_drop (b, peer, false);
    break;
  default:
    b->count.dropped++;
  }
}

/* Strangers can say HELLO and ask for the state; everything else is for those who were
 * welcomed, and whoever is not is asked to introduce itself (again). */
static void
handle (struct broker *b, const unsigned char *id, size_t n, const void *bytes,
        size_t length)
{
  struct wire_in in;
  gym_error err = { 0 };
  int rc = wire_open (&in, bytes, length, &err);
  if (rc == GYM_EMISMATCH) {
    refuse_version (b, id, n, err.text);
    return;
  }
  if (rc < 0) {
    b->count.dropped++;
    return;
  }
  struct peer *peer = peers_find (b, id, n);
  if (in.type == WIRE_HELLO)
    peers_hello (b, id, n, &in);
  else if (in.type == WIRE_STATUS)
    answer_state (b, id, n);
  else if (peer)
    handle_peer (b, peer, &in);
  else if (in.type != WIRE_BYE)
    answer (b, id, n, WIRE_WHO);
}

/* One message of two parts; whatever has more or fewer is read to its end and dropped.
 * False when there is none. */
static bool
receive_one (struct broker *b)
{
  zmq_msg_t id, body, rest;
  zmq_msg_init (&id);
  if (zmq_msg_recv (&id, b->socket, ZMQ_DONTWAIT) < 0) {
    zmq_msg_close (&id);
    return false;
  }
  zmq_msg_init (&body);
  bool good = zmq_msg_more (&id) && zmq_msg_recv (&body, b->socket, ZMQ_DONTWAIT) >= 0;
  for (bool more = good && zmq_msg_more (&body); more;) {
    good = false;
    zmq_msg_init (&rest);
    more = zmq_msg_recv (&rest, b->socket, ZMQ_DONTWAIT) >= 0 && zmq_msg_more (&rest);
    zmq_msg_close (&rest);
  }
  if (good && zmq_msg_size (&id) <= PEER_ID)
    handle (b, zmq_msg_data (&id), zmq_msg_size (&id), zmq_msg_data (&body),
            zmq_msg_size (&body));
  else
    b->count.dropped++;
  zmq_msg_close (&body);
  zmq_msg_close (&id);
  return true;
}

/* Handshakes that failed: peers without keys where keys are needed, and noise. */
static void
watch_handshakes (struct broker *b)
{
  unsigned char event[16], where[256];
  while (b->monitor && zmq_recv (b->monitor, event, sizeof event, ZMQ_DONTWAIT) >= 0) {
    b->count.refused++;
    zmq_recv (b->monitor, where, sizeof where, ZMQ_DONTWAIT);
  }
}

/* Of one of its own the study knows at once that it has died. */
static void
tend_jobs (struct broker *b)
{
  gym_error err = { 0 };
  pid_t dead;
  uint64_t done = b->count.results + b->count.given_up;
  if (done != b->done_by_jobs)
    gym_jobs_worked (b->jobs);
  b->done_by_jobs = done;
  if (gym_jobs_tend (b->jobs, &err) < 0)
    fail (b, GYM_EFAILED, err.text);
  while ((dead = gym_jobs_dead (b->jobs)) > 0)
    peers_bury (b, dead);
}

/* Everything that is due, without waiting: questions of keys, frames, leases, tasks. */
static void
tend (struct broker *b)
{
  int64_t now = gym_clock ();
  if (b->guard)
    gym_guard_tend (b->guard);
  int taken = 0;
  while (taken < DRAIN && receive_one (b))
    taken++;
  if (now - b->tended >= TEND_NS) {
    b->tended = now;
    watch_handshakes (b);
    if (b->jobs)
      tend_jobs (b);
    if (taken < DRAIN) /* who is silent shows only when everything was read */
      peers_tend (b, now);
  }
  distribute (b);
  for (size_t i = 0; i < b->n_peers; i++)
    if (b->peers[i].n_acks)
      flush_acks (b, &b->peers[i]);
}

int
gym_broker_tend (struct gym_dispatch *base, gym_error *err)
{
  struct broker *b = (struct broker *)base;
  tend (b);
  return b->failure < 0 ? gym_fail (err, b->failure, "%s", b->failure_error.text)
                        : GYM_OK;
}

/* In order of arrival; the study puts them in the order it wants. */
static size_t
take_done (struct broker *b, struct gym_task **done, size_t room)
{
  size_t n = 0;
  while (n < room && b->done_head) {
    done[n] = b->done_head;
    b->done_head = done[n++]->next;
  }
  if (!b->done_head)
    b->done_end = &b->done_head;
  return n;
}

/* The clock starts when somebody could first be there: a study that nobody works for says
 * so once in a while rather than never. */
static void
say_who_is_missing (struct broker *b, int64_t *said)
{
  int64_t now = gym_clock ();
  if (b->ready > 0 || now - *said < 10 * (int64_t)GYM_SECOND)
    return;
  *said = now;
  if (b->endpoint[0])
    broker_log (b, "waiting for workers at %s: gym worker %s%s", b->endpoint, b->endpoint,
                b->guard ? " --keys DIR" : "");
}

static int
wait_for_results (struct gym_dispatch *base, struct gym_task **done, size_t room,
                  gym_error *err)
{
  struct broker *b = (struct broker *)base;
  int64_t said = gym_clock () - 8 * (int64_t)GYM_SECOND;
  for (;;) {
    int rc = gym_broker_tend (base, err);
    if (rc < 0)
      return rc;
    size_t n = take_done (b, done, room);
    if (n > 0 || b->tasks.used == 0)
      return (int)n;
    if (b->plan.cancel && atomic_load (b->plan.cancel))
      return gym_fail (err, GYM_ECANCELLED, "stopped on request");
    say_who_is_missing (b, &said);
    zmq_pollitem_t items[] = { { .socket = b->socket, .events = ZMQ_POLLIN },
                               { .socket = b->guard ? gym_guard_socket (b->guard) : NULL,
                                 .events = ZMQ_POLLIN } };
    zmq_poll (items, b->guard ? 2 : 1, POLL_MS);
  }
}

/* ---- beginning and end ---- */

/* Workers that come when the work is over, or are just looking for the study again, hear
 * so too: whatever they send is answered by DONE for as long as they pause between tries.
 */
static void
see_off (struct broker *b)
{
  int64_t until = gym_clock () + INT64_C (700000000);
  while (gym_clock () < until) {
    unsigned char id[PEER_ID];
    if (b->guard)
      gym_guard_tend (b->guard);
    int n = zmq_recv (b->socket, id, sizeof id, ZMQ_DONTWAIT);
    if (n < 0) {
      zmq_pollitem_t item = { .socket = b->socket, .events = ZMQ_POLLIN };
      zmq_poll (&item, 1, 20);
      continue;
    }
    for (int more = 1; more;) {
      size_t size = sizeof more;
      zmq_getsockopt (b->socket, ZMQ_RCVMORE, &more, &size);
      if (more && zmq_recv (b->socket, NULL, 0, ZMQ_DONTWAIT) < 0)
        break;
    }
    if ((size_t)n <= sizeof id)
      answer (b, id, (size_t)n, WIRE_DONE);
  }
}

static void
destroy (struct gym_dispatch *base)
{
  struct broker *b = (struct broker *)base;
  for (size_t i = 0; i < b->n_peers; i++) {
    if (b->peers[i].state != PEER_FREE) {
      flush_acks (b, &b->peers[i]);
      answer (b, b->peers[i].id, b->peers[i].id_length, WIRE_DONE);
    }
    wire_free (&b->peers[i].acks);
  }
  if (b->endpoint[0] && !(b->plan.cancel && atomic_load (b->plan.cancel)))
    see_off (b);
  if (b->monitor)
    zmq_close (b->monitor);
  if (b->socket)
    zmq_close (b->socket);
  gym_guard_destroy (&b->guard); /* the door is closed before its guard leaves */
  gym_jobs_destroy (&b->jobs);
  if (b->context)
    zmq_ctx_term (b->context);
  for (size_t i = 0; i < b->n_files; i++) {
    free (b->files[i].path);
    free (b->files[i].option);
    free (b->files[i].name);
  }
  for (size_t i = 0; b->kept && i < BROKER_KEPT; i++)
    empty (&b->kept[i]);
  tasks_free (&b->tasks);
  wire_free (&b->out);
  free (b->kept);
  free (b->files);
  free (b->peers);
  free (b->tags);
  free (b->fingerprint);
  free (b);
}

/* Thousands of workers are thousands of descriptors. */
static void
allow_connections (void)
{
  struct rlimit files;
  if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
    setrlimit (RLIMIT_NOFILE, &files);
  }
}

/* Finite everywhere: strangers can make the study neither wait nor grow. */
static int
make_socket (struct broker *b)
{
  static const struct {
    int option, value;
  } settings[] = { { ZMQ_ROUTER_MANDATORY, 1 }, { ZMQ_SNDHWM, 256 },
                   { ZMQ_RCVHWM, 64 },          { ZMQ_HANDSHAKE_IVL, 3000 },
                   { ZMQ_LINGER, 1000 },        { ZMQ_BACKLOG, 256 },
                   { ZMQ_TCP_KEEPALIVE, 1 },    { ZMQ_IPV6, 1 } };
  int64_t most = WIRE_MOST;
  b->context = zmq_ctx_new ();
  b->socket = b->context ? zmq_socket (b->context, ZMQ_ROUTER) : NULL;
  if (!b->socket)
    return GYM_EFAILED;
  for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
    if (zmq_setsockopt (b->socket, settings[i].option, &settings[i].value, sizeof (int)))
      return GYM_EFAILED;
  return zmq_setsockopt (b->socket, ZMQ_MAXMSGSIZE, &most, sizeof most) ? GYM_EFAILED
                                                                        : GYM_OK;
}

/* A handshake that fails reaches no handler of ours: ZeroMQ reports it on this socket.
 * Keys that are not allowed are counted where they are looked at. */
static int
watch (struct broker *b)
{
  const int events =
      ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL;
  if (zmq_socket_monitor (b->socket, "inproc://handshakes", events) != 0)
    return GYM_EFAILED;
  b->monitor = zmq_socket (b->context, ZMQ_PAIR);
  return b->monitor && zmq_connect (b->monitor, "inproc://handshakes") == 0 ? GYM_OK
                                                                            : GYM_EFAILED;
}

/* What was bound may be more exact than what was asked for: a free port has a number. */
static int
bind_endpoint (struct broker *b, gym_error *err)
{
  const char *to = b->plan.workers.bind;
  size_t size = sizeof b->endpoint;
  if (!to)
    return GYM_OK;
  if (zmq_bind (b->socket, to) != 0)
    return gym_fail (err, errno == EADDRINUSE ? GYM_EBUSY : GYM_EINVAL,
                     "cannot listen at %s: %s%s", to, zmq_strerror (errno),
                     errno == EADDRINUSE ? ": another study or program does" : "");
  if (zmq_getsockopt (b->socket, ZMQ_LAST_ENDPOINT, b->endpoint, &size) != 0)
    snprintf (b->endpoint, sizeof b->endpoint, "%s", to);
  return GYM_OK;
}

/* Keys before the first bind: a socket must never be open to everybody for a moment. */
static int
open_up (struct broker *b, gym_error *err)
{
  const struct gym_workers *w = &b->plan.workers;
  struct gym_pair job_pair, *pair = NULL;
  allow_connections ();
  if (w->bind && gym_keys_check_bind (w->bind, w->keys, err) < 0)
    return GYM_EINVAL;
  if (make_socket (b) < 0)
    return gym_fail (err, GYM_EFAILED, "no socket for workers: %s", zmq_strerror (errno));
  if (w->keys) {
    b->guard = gym_guard_new (b->context, b->socket, w->keys, err);
    if (!b->guard)
      return err && err->code ? err->code : GYM_EINVAL;
    if (b->plan.jobs) {
      pair = &job_pair;
      gym_guard_admit (b->guard, pair);
    }
  }
  if (watch (b) < 0)
    return gym_fail (err, GYM_EFAILED, "no monitor: %s", zmq_strerror (errno));
  int rc = bind_endpoint (b, err);
  if (rc == GYM_OK && b->plan.jobs) {
    b->jobs = gym_jobs_new (b->plan.env, &b->plan.limits, b->plan.jobs, pair,
                            b->guard ? gym_guard_public (b->guard) : NULL, err);
    rc = b->jobs ? GYM_OK : GYM_EFAILED;
    if (rc == GYM_OK && zmq_bind (b->socket, gym_jobs_endpoint (b->jobs)) != 0)
      rc = gym_fail (err, GYM_EIO, "cannot listen at %s: %s", gym_jobs_endpoint (b->jobs),
                     zmq_strerror (errno));
  }
  return rc;
}

/* A trial that does not fit a frame could never be handed out. */
static int
check_sizes (const struct broker *b, gym_error *err)
{
  size_t task = 24 + 8 * (size_t)b->p, result = 24 + 8 * (size_t)b->m + GYM_NOTE;
  if ((task > result ? task : result) + WIRE_HEAD <= WIRE_MOST)
    return GYM_OK;
  return gym_fail (
      err, GYM_EINVAL,
      "env %s has %u parameters and %u metrics, more than fit a message to a "
      "worker (%d bytes): evaluate it in one process, without jobs or workers",
      gym_env_entry (b->plan.env)->id, b->p, b->m, WIRE_MOST);
}

struct gym_dispatch *
gym_broker_new (const struct gym_broker_plan *plan, gym_error *err)
{
  struct broker *b = calloc (1, sizeof *b);
  if (!b) {
    gym_fail (err, GYM_ENOMEM, "out of memory for the dispatcher");
    return NULL;
  }
  *b = (struct broker){ .base = { .submit = submit,
                                  .wait = wait_for_results,
                                  .idle = idle,
                                  .acknowledge = acknowledge,
                                  .destroy = destroy },
                        .plan = *plan,
                        .p = gym_space_size (gym_env_space (plan->env)),
                        .m = gym_env_metrics (plan->env)->n,
                        .began = gym_clock () };
  if (b->plan.workers.lease <= 0)
    b->plan.workers.lease = 15;
  randombytes_buf (&b->session, sizeof b->session);
  b->done_end = &b->done_head;
  b->kept = calloc (BROKER_KEPT, sizeof *b->kept);
  b->fingerprint = gym_fingerprint (gym_env_entry (plan->env), err);
  int rc = b->fingerprint ? GYM_OK : GYM_ENOMEM;
  if (rc == GYM_OK && (!b->kept || tasks_init (&b->tasks) < 0))
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for the dispatcher");
  if (rc == GYM_OK)
    rc = check_sizes (b, err);
  if (rc == GYM_OK)
    rc = peers_read_files (b, err);
  if (rc == GYM_OK)
    rc = open_up (b, err);
  if (rc < 0) {
    destroy (&b->base);
    return NULL;
  }
  return &b->base;
}

const char *
gym_broker_endpoint (const struct gym_dispatch *base)
{
  return ((const struct broker *)base)->endpoint;
}

uint32_t
gym_broker_ready (const struct gym_dispatch *base)
{
  return ((const struct broker *)base)->ready;
}

size_t
gym_broker_done (const struct gym_dispatch *base)
{
  size_t n = 0;
  for (const struct gym_task *t = ((const struct broker *)base)->done_head; t;
       t = t->next)
    n++;
  return n;
}
