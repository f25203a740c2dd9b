#include "core/digest.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

static void
to_hex (const unsigned char hash[crypto_hash_sha256_BYTES], char hex[65])
{
  sodium_bin2hex (hex, 65, hash, crypto_hash_sha256_BYTES);
}

int
gym_digest_file (const char *path, char hex[65], gym_error *err)
{
  FILE *f = fopen (path, "rb");
  if (!f)
    return gym_fail (err, errno == ENOENT ? GYM_ENOTFOUND : GYM_EIO,
                     "cannot read \"%s\": %s", path, strerror (errno));
  crypto_hash_sha256_state state;
  unsigned char buffer[65536], hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_init (&state);
  size_t n;
  while ((n = fread (buffer, 1, sizeof buffer, f)) > 0)
    crypto_hash_sha256_update (&state, buffer, n);
  int broken = ferror (f), number = errno;
  fclose (f);
  if (broken)
    return gym_fail (err, GYM_EIO, "cannot read \"%s\": %s", path, strerror (number));
  crypto_hash_sha256_final (&state, hash);
  to_hex (hash, hex);
  return GYM_OK;
}

void
gym_digest_bytes (const void *bytes, size_t n, char hex[65])
{
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256 (hash, bytes, n);
  to_hex (hash, hex);
}
