/* core/digest.h - SHA-256 of contents, for identities (libsodium). */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <gym/error.h>
#include <stddef.h>

/* Hexadecimal digest of a file's content into hex[65]. GYM_ENOTFOUND or GYM_EIO name the
 * file. */
int gym_digest_file (const char *path, char hex[65], gym_error *err);

/* The same of n bytes in memory. */
void gym_digest_bytes (const void *bytes, size_t n, char hex[65]);

#endif
