/* core/wire.h - the frames between a study and its workers.
 *
 * One frame is one ZeroMQ message part; the study has a ROUTER, workers have DEALERs. All
 * numbers are little-endian. Every frame begins with 32 bytes:
 *
 *    0  u32  magic 0x4D594741 ("AGYM")
 *    4  u16  version of the protocol, 1
 *    6  u16  type, below
 *    8  u64  session: drawn at random by every life of a study; 0 in what a worker sends
 *            before it was welcomed
 *   16  u32  length of the body in bytes
 *   20  u32  count: how many records the body holds, where it holds records
 *   24  u64  XXH3 of bytes 0..23 and of the body
 *
 * and its body follows. A frame that is too short or too long, of another magic, or whose
 * checksum is wrong is dropped and counted; one of another version is answered by
 * REFUSED.
 *
 *   - type      from    body
 *   - HELLO     worker  JSON: who it is and what it can run (core/worker.c)
 *   - WELCOME   study   JSON: env, options, files, limits, times (core/broker_peers.c)
 *   - REFUSED   study   text: why, and what would be right
 *   - WHO       study   empty: a frame came from a peer that never said HELLO (again)
 *   - READY     worker  empty: the env is open, tasks are welcome
 *   - FETCH     worker  u64 offset, 64 bytes: SHA-256 of a file in hexadecimal
 *   - FILE      study   u64 offset, u64 size of the whole, 64 bytes SHA-256, content
 *   - TASKS     study   count x { u64 key, u64 seed, u32 fidelity, u32 attempts,
 *                        f64 design[p] }
 *   - RESULTS   worker  u64 ns spent, count x { u64 key, u32 status, u32 length of
 *                        note, f64 metrics[m], note }
 *   - LINE      worker  text: said by the env, for the study's log (jobs of its own)
 *   - ACK       study   count x { u64 key }: those results are in the store
 *   - BEAT      both    empty: I am alive; several times in a lease
 *   - BYE       worker  empty: I leave; what I hold goes to others. Also answers DONE
 *   - DONE      study   empty: the study is over
 *   - STATUS    anyone  empty, answered by STATE: JSON (core/broker_state.c)
 *
 * The key of a task is wire_key of its design, fidelity and evaluation seed. It is the
 * same in every life of a study, so a result finds its trial also after the study process
 * was killed and started again. */
#ifndef CORE_WIRE_H
#define CORE_WIRE_H

#include <gym/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_VERSION = 1, WIRE_HEAD = 32, WIRE_MOST = 1 << 20 };

enum wire_type {
  WIRE_HELLO = 1,
  WIRE_WELCOME,
  WIRE_REFUSED,
  WIRE_WHO,
  WIRE_READY,
  WIRE_FETCH,
  WIRE_FILE,
  WIRE_TASKS,
  WIRE_RESULTS,
  WIRE_ACK,
  WIRE_BEAT,
  WIRE_BYE,
  WIRE_DONE,
  WIRE_STATUS,
  WIRE_STATE,
  WIRE_LINE,
  WIRE_TYPES
};

/* A frame in the making: put what it holds, then seal it. Reused from frame to frame; one
 * that ran out of memory or grew beyond WIRE_MOST fails when it is sealed. */
struct wire_out {
  unsigned char *bytes;
  size_t length, room;
  bool failed;
};

void wire_begin (struct wire_out *out, enum wire_type type, uint64_t session);
void wire_u32 (struct wire_out *out, uint32_t value);
void wire_u64 (struct wire_out *out, uint64_t value);
void wire_f64s (struct wire_out *out, const double *values, size_t n);
void wire_bytes (struct wire_out *out, const void *bytes, size_t n);
int wire_seal (struct wire_out *out, uint32_t count, gym_error *err);
void wire_free (struct wire_out *out);

/* A frame that was received: what was read of it so far. A read past its end makes it
 * `bad` and yields zeros, so that a loop over records needs one check at its end. */
struct wire_in {
  const unsigned char *bytes;
  size_t length, at;
  enum wire_type type;
  uint64_t session;
  uint32_t count;
  bool bad;
};

/* Checks a frame's head and checksum. GYM_EINVAL: no frame of ours; GYM_EMISMATCH: of
 * another version of the protocol (the head's type and session are set). Borrows bytes.
 */
int wire_open (struct wire_in *in, const void *bytes, size_t n, gym_error *err);
uint32_t wire_get_u32 (struct wire_in *in);
uint64_t wire_get_u64 (struct wire_in *in);
void wire_get_f64s (struct wire_in *in, double *values, size_t n);

/* The next n bytes, or NULL. */
const void *wire_get_bytes (struct wire_in *in, size_t n);
size_t wire_left (const struct wire_in *in);

/* 64 bits that tell a trial from all others: gym_space_hash of its design, fidelity,
 * evaluation seed. */
uint64_t wire_key (uint64_t design_hash, uint32_t fidelity, uint64_t seed);

/* The name of a type for messages, "?" when there is none. Static. */
const char *wire_name (unsigned type);

#endif
