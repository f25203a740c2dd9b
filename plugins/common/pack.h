/* plugins/common/pack.h - numbers into bytes and back, for models that are saved.
 *
 * Errors stick: a writer or reader goes on and asks once, at the end. Bytes are the
 * machine's own, as in the host's model files. And what models say when they fail. */
#ifndef PLUGINS_COMMON_PACK_H
#define PLUGINS_COMMON_PACK_H

#include <gym/error.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What any model may fail by; other codes are returned without a text. */
static inline int
model_fail (int code, gym_error *err)
{
  if (code == GYM_ENOMEM)
    return gym_fail (err, code, "out of memory for the model");
  if (code == GYM_ECANCELLED)
    return gym_fail (err, code, "stopped on request");
  return code;
}

struct pack {
  int (*put) (void *sink, const void *bytes, size_t n);
  void *sink;
  int code; /* the first that was negative */
};

struct unpack {
  const char *at;
  size_t left;
  bool bad; /* read beyond the end */
};

static inline void
pack_bytes (struct pack *p, const void *bytes, size_t n)
{
  if (p->code == GYM_OK && n > 0)
    p->code = p->put (p->sink, bytes, n);
}

static inline void
pack_u64 (struct pack *p, uint64_t value)
{
  pack_bytes (p, &value, sizeof value);
}

static inline void
pack_real (struct pack *p, double value)
{
  pack_bytes (p, &value, sizeof value);
}

/* The bytes themselves, or NULL when there are not so many left. */
static inline const void *
unpack_bytes (struct unpack *u, size_t n)
{
  if (u->bad || n > u->left) {
    u->bad = true;
    return NULL;
  }
  const void *at = u->at;
  u->at += n;
  u->left -= n;
  return at;
}

static inline uint64_t
unpack_u64 (struct unpack *u)
{
  uint64_t value = 0;
  const void *at = unpack_bytes (u, sizeof value);
  if (at)
    memcpy (&value, at, sizeof value);
  return value;
}

/* A number that may not be more than `most`; 0 and bad otherwise. */
static inline uint64_t
unpack_count (struct unpack *u, uint64_t most)
{
  uint64_t n = unpack_u64 (u);
  u->bad = u->bad || n > most;
  return u->bad ? 0 : n;
}

static inline double
unpack_real (struct unpack *u)
{
  double value = 0;
  const void *at = unpack_bytes (u, sizeof value);
  if (at)
    memcpy (&value, at, sizeof value);
  return value;
}

/* n elements of `size` bytes as memory of the caller's, who frees it; NULL and bad when
 * there are not so many, NULL alone when memory ran out. Never NULL for n = 0 otherwise.
 */
static inline void *
unpack_array (struct unpack *u, size_t n, size_t size)
{
  u->bad = u->bad || n > u->left / size;
  if (u->bad)
    return NULL;
  void *copy = malloc (n * size + 1);
  if (copy && n > 0)
    memcpy (copy, unpack_bytes (u, n * size), n * size);
  return copy;
}

#endif
