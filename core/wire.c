/* Frames: see core/wire.h. Byte by byte, so that neither alignment nor the order of bytes
 * of a machine shows; compilers make single moves of it. */
#include "core/wire.h"
#include "core/memory.h"

#include <xxhash.h>

static const uint32_t magic = 0x4D594741;

static void
put (unsigned char *to, uint64_t value, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t
get (const unsigned char *from, unsigned n)
{
  uint64_t value = 0;
  for (unsigned i = 0; i < n; i++)
    value |= (uint64_t)from[i] << (8 * i);
  return value;
}

/* The checksum covers the head before it and the body behind it. */
static uint64_t
checksum (const unsigned char *bytes, size_t length)
{
  uint64_t head = XXH3_64bits (bytes, 24);
  return XXH3_64bits_withSeed (bytes + WIRE_HEAD, length - WIRE_HEAD, head);
}

/* ---- writing ---- */

/* Room for n more bytes. Too much once is too much for good: half a frame is never sent.
 */
static unsigned char *
extend (struct wire_out *out, size_t n)
{
  size_t room = out->room ? out->room : 256;
  if (out->failed || n > WIRE_MOST - out->length) {
    out->failed = true;
    return NULL;
  }
  while (room < out->length + n)
    room *= 2;
  if (room != out->room && gym_resize (&out->bytes, room, 1) < 0) {
    out->failed = true;
    return NULL;
  }
  out->room = room;
  out->length += n;
  return out->bytes + out->length - n;
}

void
wire_begin (struct wire_out *out, enum wire_type type, uint64_t session)
{
  out->length = 0;
  out->failed = false;
  unsigned char *head = extend (out, WIRE_HEAD);
  if (!head)
    return;
  put (head, magic, 4);
  put (head + 4, WIRE_VERSION, 2);
  put (head + 6, type, 2);
  put (head + 8, session, 8);
}

void
wire_u32 (struct wire_out *out, uint32_t value)
{
  unsigned char *to = extend (out, 4);
  if (to)
    put (to, value, 4);
}

void
wire_u64 (struct wire_out *out, uint64_t value)
{
  unsigned char *to = extend (out, 8);
  if (to)
    put (to, value, 8);
}

void
wire_f64s (struct wire_out *out, const double *values, size_t n)
{
  unsigned char *to = extend (out, 8 * n);
  for (size_t i = 0; to && i < n; i++) {
    uint64_t bits;
    memcpy (&bits, values + i, 8);
    put (to + 8 * i, bits, 8);
  }
}

void
wire_bytes (struct wire_out *out, const void *bytes, size_t n)
{
  unsigned char *to = extend (out, n);
  if (to && n)
    memcpy (to, bytes, n);
}

/* The head is completed last, when length and count are known. */
int
wire_seal (struct wire_out *out, uint32_t count, gym_error *err)
{
  if (out->failed)
    return gym_fail (err, GYM_ENOMEM,
                     "a message to or from a worker is too long: %zu "
                     "bytes; at most %d",
                     out->length, WIRE_MOST);
  put (out->bytes + 16, out->length - WIRE_HEAD, 4);
  put (out->bytes + 20, count, 4);
  put (out->bytes + 24, checksum (out->bytes, out->length), 8);
  return GYM_OK;
}

void
wire_free (struct wire_out *out)
{
  free (out->bytes);
  *out = (struct wire_out){ 0 };
}

/* ---- reading ---- */

/* Cheap tests first: most of what is not ours fails at the magic number. The version is
 * looked at before the checksum, whose rule another version may have changed. */
int
wire_open (struct wire_in *in, const void *data, size_t n, gym_error *err)
{
  const unsigned char *bytes = data;
  *in = (struct wire_in){ .bytes = bytes, .length = n, .at = WIRE_HEAD };
  if (n < WIRE_HEAD || n > WIRE_MOST || get (bytes, 4) != magic)
    return gym_fail (err, GYM_EINVAL, "not a frame of archgym (%zu bytes)", n);
  unsigned version = (unsigned)get (bytes + 4, 2), type = (unsigned)get (bytes + 6, 2);
  in->type = type;
  in->session = get (bytes + 8, 8);
  if (version != WIRE_VERSION)
    return gym_fail (err, GYM_EMISMATCH,
                     "the peer speaks version %u of the protocol, this one version %d",
                     version, WIRE_VERSION);
  if (get (bytes + 16, 4) != n - WIRE_HEAD || get (bytes + 24, 8) != checksum (bytes, n))
    return gym_fail (err, GYM_EINVAL, "a frame was damaged on its way (%zu bytes)", n);
  if (type < WIRE_HELLO || type >= WIRE_TYPES)
    return gym_fail (err, GYM_EINVAL, "a frame of unknown type %u", type);
  in->count = (uint32_t)get (bytes + 20, 4);
  return GYM_OK;
}

size_t
wire_left (const struct wire_in *in)
{
  return in->length - in->at;
}

const void *
wire_get_bytes (struct wire_in *in, size_t n)
{
  if (in->bad || n > wire_left (in)) {
    in->bad = true;
    return NULL;
  }
  in->at += n;
  return in->bytes + in->at - n;
}

uint32_t
wire_get_u32 (struct wire_in *in)
{
  const unsigned char *from = wire_get_bytes (in, 4);
  return from ? (uint32_t)get (from, 4) : 0;
}

uint64_t
wire_get_u64 (struct wire_in *in)
{
  const unsigned char *from = wire_get_bytes (in, 8);
  return from ? get (from, 8) : 0;
}

void
wire_get_f64s (struct wire_in *in, double *values, size_t n)
{
  const unsigned char *from = wire_get_bytes (in, 8 * n);
  for (size_t i = 0; i < n; i++) {
    uint64_t bits = from ? get (from + 8 * i, 8) : 0;
    memcpy (values + i, &bits, 8);
  }
}

/* ---- what frames are about ---- */

/* Through bytes, so that both ends agree whatever machines they are. */
uint64_t
wire_key (uint64_t design_hash, uint32_t fidelity, uint64_t seed)
{
  unsigned char bytes[20];
  put (bytes, design_hash, 8);
  put (bytes + 8, seed, 8);
  put (bytes + 16, fidelity, 4);
  return XXH3_64bits (bytes, sizeof bytes);
}

const char *
wire_name (unsigned type)
{
  static const char *const names[] = { "?",     "hello", "welcome", "refused", "who",
                                       "ready", "fetch", "file",    "tasks",   "results",
                                       "ack",   "beat",  "bye",     "done",    "status",
                                       "state", "line" };
  return names[type < WIRE_TYPES ? type : 0];
}
