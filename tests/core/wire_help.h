/* tests/core/wire_help.h - ends of core/wire.h that a test plays itself. */
#ifndef TESTS_CORE_WIRE_HELP_H
#define TESTS_CORE_WIRE_HELP_H

#include "core/broker.h"
#include "core/fingerprint.h"
#include "core/wire.h"
#include "tests/core/help.h"

#include <jansson.h>
#include <zmq.h>

#pragma GCC diagnostic ignored "-Wunused-function"

/* Lines of a log, one behind the other. */
struct end_log {
  char text[4000];
};

static void
end_log_line (void *context, const char *line)
{
  struct end_log *log = context;
  size_t used = strlen (log->text);
  snprintf (log->text + used, sizeof log->text - used, "%s\n", line);
}

/* One end: a socket and the last frame that came, which `in` reads. */
struct end {
  void *context, *socket;
  unsigned char id[64]; /* of the peer that sent the last frame, for a ROUTER */
  int id_length;
  uint64_t session; /* of the last WELCOME */
  zmq_msg_t message;
  struct wire_in in;
  struct wire_out out;
};

static int
end_open (struct end *e, int type, const char *endpoint)
{
  const int none = 0;
  *e = (struct end){ .context = zmq_ctx_new () };
  e->socket = zmq_socket (e->context, type);
  zmq_setsockopt (e->socket, ZMQ_LINGER, &none, sizeof none);
  zmq_msg_init (&e->message);
  return type == ZMQ_ROUTER ? zmq_bind (e->socket, endpoint)
                            : zmq_connect (e->socket, endpoint);
}

static void
end_close (struct end *e)
{
  wire_free (&e->out);
  zmq_msg_close (&e->message);
  zmq_close (e->socket);
  zmq_ctx_term (e->context);
}

/* Sends the frame that was begun in e->out; a ROUTER answers whoever sent last. */
static void
end_send (struct end *e, uint32_t count)
{
  CU_ASSERT_EQUAL_FATAL (wire_seal (&e->out, count, NULL), GYM_OK);
  if (e->id_length)
    zmq_send (e->socket, e->id, (size_t)e->id_length, ZMQ_SNDMORE);
  zmq_send (e->socket, e->out.bytes, e->out.length, 0);
}

static void
end_send_text (struct end *e, enum wire_type type, uint64_t session, const char *text)
{
  wire_begin (&e->out, type, session);
  wire_bytes (&e->out, text, strlen (text));
  end_send (e, 0);
}

/* Waits up to `milliseconds` for a frame; its type, or 0. `router`: an id comes first. */
static unsigned
end_receive (struct end *e, bool router, int milliseconds)
{
  zmq_pollitem_t item = { .socket = e->socket, .events = ZMQ_POLLIN };
  if (zmq_poll (&item, 1, milliseconds) <= 0)
    return 0;
  if (router)
    e->id_length = zmq_recv (e->socket, e->id, sizeof e->id, 0);
  zmq_msg_close (&e->message);
  zmq_msg_init (&e->message);
  zmq_msg_recv (&e->message, e->socket, 0);
  gym_error err = { 0 };
  int rc =
      wire_open (&e->in, zmq_msg_data (&e->message), zmq_msg_size (&e->message), &err);
  if (rc < 0)
    tap_note ("%s", err.text);
  if (rc == GYM_OK && e->in.type == WIRE_WELCOME)
    e->session = e->in.session;
  return rc < 0 ? 0 : e->in.type;
}

/* Lets a broker work until this end has a frame of the type; others are noted. */
static bool
end_expect (struct end *e, struct gym_dispatch *broker, enum wire_type type)
{
  for (int i = 0; i < 2000; i++) {
    CU_ASSERT_EQUAL (gym_broker_tend (broker, NULL), GYM_OK);
    unsigned got = end_receive (e, false, 5);
    if (got == type)
      return true;
    if (got && got != WIRE_BEAT)
      tap_note ("%s instead of %s", wire_name (got), wire_name (type));
  }
  tap_note ("no %s came", wire_name (type));
  return false;
}

/* What a worker says of itself. `fingerprint` NULL: the right one for `entry`. */
static void
end_hello (struct end *e, const struct gym_entry *entry, const char *uuid,
           const char *fingerprint)
{
  char *own = gym_fingerprint (entry, NULL);
  json_t *j = json_pack ("{s:s, s:s, s:{s:s}}", "uuid", uuid, "name", "test:1", "envs",
                         entry->id, fingerprint ? fingerprint : own);
  char *text = json_dumps (j, JSON_COMPACT);
  end_send_text (e, WIRE_HELLO, 0, text);
  free (text);
  free (own);
  json_decref (j);
}

#endif
