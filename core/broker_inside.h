/* core/broker_inside.h - what the parts of the broker share: broker.c moves tasks and
 * results, broker_peers.c knows the workers, broker_tasks.c keeps the tasks,
 * broker_state.c tells the state. */
#ifndef CORE_BROKER_INSIDE_H
#define CORE_BROKER_INSIDE_H

#include "core/broker.h"
#include "core/clock.h"
#include "core/jobs.h"
#include "core/keys.h"
#include "core/wire.h"

enum { PEER_NAME = 96, PEER_ID = 64, BROKER_KEPT = 65536 };

enum peer_state { PEER_FREE = 0, PEER_WELCOMED, PEER_READY };

struct peer {
  enum peer_state state;
  uint32_t life; /* rises when the place is used again, so that old receipts show */
  uint32_t id_length;
  unsigned char id[PEER_ID]; /* ZeroMQ's routing id */
  char uuid[33], name[PEER_NAME];
  int64_t joined, heard, beaten; /* ns: when it came, was heard of, was written to */
  int64_t broken;                /* since when its connection is; 0: it is not */
  uint32_t leased;               /* tasks it has now */
  bool exclusive; /* a suspected task is among them: nothing else until it is done */
  uint64_t done;
  double busy; /* seconds it spent on them */
  struct wire_out acks;
  uint32_t n_acks;
};

/* A key and the tasks that wait for it. */
struct entry {
  uint64_t key;
  struct gym_task *tasks;
  uint32_t peer; /* that has it, or NOBODY */
  uint32_t attempts;
  bool queued;   /* its index is in the queue: the entry stays until it is taken out */
  uint32_t next; /* in the free list */
};
enum { NOBODY = UINT32_MAX };

/* A result of the recent past, in the place its key falls on: what a second result of the
 * key is compared with, and, while nobody has asked for it yet (its study was killed and
 * is being replayed), the result itself. A newer key may take the place: then a duplicate
 * goes uncompared, or a trial is evaluated again. */
struct kept {
  uint64_t key, digest;
  double *metrics; /* m, until it is delivered; NULL then */
  uint32_t status;
  bool committed;
  char *note;
  struct gym_receipt receipt;
};

struct broker_tasks {
  struct entry *entries;
  size_t n, room;
  uint32_t free;   /* first of the free list, or NOBODY */
  size_t used;     /* entries that are at work or wait */
  uint32_t *table; /* of entries by key: index + 1, 0 free */
  size_t slots;
  uint32_t *queue; /* a ring */
  size_t head, queued, queue_room;
};

struct broker_file {
  char sha256[65];
  char *path, *option, *name;
  uint64_t size;
};

struct broker {
  struct gym_dispatch base;
  struct gym_broker_plan plan;
  uint32_t p, m;
  uint64_t session;
  void *context, *socket, *monitor;
  char endpoint[256];
  char *fingerprint;
  struct gym_guard *guard; /* CURVE, or NULL */
  struct gym_jobs *jobs;   /* or NULL */
  struct broker_file *files;
  size_t n_files;

  struct peer *peers;
  uint32_t *tags; /* 32 bits of each routing id, to find it by */
  size_t n_peers, peer_room;
  uint32_t ready, turn; /* how many take tasks; whose turn it is to be looked at first */

  struct broker_tasks tasks;
  struct gym_task *done_head, **done_end; /* list of tasks with results */
  struct kept *kept;                      /* BROKER_KEPT places */

  double seconds_per_trial; /* smoothed; 0: not known yet */
  int64_t began, tended;
  uint64_t done_by_jobs; /* results when the jobs were looked after last */
  struct wire_out out;
  int failure; /* of `lost` */
  gym_error failure_error;

  struct {
    uint64_t results, duplicates, disagreements, retries, lost, refused, dropped,
        given_up, joined;
  } count;
};

void broker_log (const struct broker *b, const char *format, ...) GYM_PRINTF (2, 3);

/* Sends the frame in b->out. GYM_ENOTFOUND: no such peer any more. */
int broker_send (struct broker *b, const unsigned char *id, size_t n, uint32_t count);

/* ---- broker_tasks.c ---- */

int tasks_init (struct broker_tasks *tasks);
void tasks_free (struct broker_tasks *tasks);

/* The entry of a key, NULL when there is none; a new one (or the one there is) with its
 * index in `*at`, NULL when memory ran out. */
struct entry *tasks_find (const struct broker_tasks *tasks, uint64_t key);
struct entry *tasks_add (struct broker_tasks *tasks, uint64_t key, bool *fresh);
/* One that is queued goes when it is popped. */
void tasks_remove (struct broker_tasks *tasks, struct entry *entry);

/* The queue of entries nobody has: to its end, to its head, from its head. */
int tasks_push (struct broker_tasks *tasks, struct entry *entry, bool first);
struct entry *tasks_pop (struct broker_tasks *tasks);

/* ---- broker_peers.c ---- */

struct peer *peers_find (const struct broker *b, const unsigned char *id, size_t n);

/* Answers HELLO: WELCOME or REFUSED. */
void peers_hello (struct broker *b, const unsigned char *id, size_t n,
                  struct wire_in *in);
void peers_fetch (struct broker *b, struct peer *peer, struct wire_in *in);

/* Takes a peer off; what it had goes back to the queue. `at_fault`: with an attempt. */
void peers_drop (struct broker *b, struct peer *peer, bool at_fault);

/* Its connection is broken: it gets no more, and may come back on another. */
void peers_break (struct broker *b, struct peer *peer);

/* Drops the peers that have been silent for too long and probes the others. */
void peers_tend (struct broker *b, int64_t now);

/* Drops the worker of this machine with that process number, which has died. */
void peers_bury (struct broker *b, pid_t pid);

/* Finds what a worker needs as files. */
int peers_read_files (struct broker *b, gym_error *err);

/* ---- broker.c ---- */

/* Acknowledges a result; frames go out with the next look at the socket. */
void broker_ack (struct broker *b, struct peer *peer, uint64_t key);

/* Puts the tasks of an entry back, or gives them up. */
void broker_requeue (struct broker *b, struct entry *entry, bool at_fault);

/* ---- broker_state.c ---- */

/* JSON text of the state; the caller frees it. NULL: out of memory. */
char *broker_state (struct broker *b);

#endif
