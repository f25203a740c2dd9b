/* core/keys.h - who may work: CurveZMQ keys in files, and the allow-list.
 *
 *   DIR/server.key   pair of the study       (0600)
 *   DIR/server.pub   its public half: what a worker must know
 *   DIR/NAME.key     pair of a worker        (0600)
 *   DIR/allowed/NAME.pub   public keys of the workers a study serves
 *
 * A key is 40 characters of Z85 (ZeroMQ RFC 32). A .key file has two lines, "public KEY"
 * and "secret KEY"; a .pub file has the first. */
#ifndef CORE_KEYS_H
#define CORE_KEYS_H

#include <gym/workers.h>

struct gym_pair {
  char public_key[41], secret_key[41];
};

/* What a worker needs from the folder: the study's public key and a pair of its own.
 * Secret files that others can read are refused. */
int gym_keys_worker (const char *dir, char server[41], struct gym_pair *pair,
                     gym_error *err);

/* Makes `socket` (a client's) speak CURVE with these. */
int gym_keys_apply (void *socket, const char *server, const struct gym_pair *pair,
                    gym_error *err);

/* GYM_EINVAL when `bind` can be reached from other machines and `keys` is NULL. */
int gym_keys_check_bind (const char *bind, const char *keys, gym_error *err);

/* The study's side: makes its socket a CURVE server and answers ZeroMQ's question whether
 * a key may come in (ZAP, RFC 27), in the study's own thread. One a context. */
struct gym_guard;
struct gym_guard *gym_guard_new (void *context, void *socket, const char *dir,
                                 gym_error *err);
void gym_guard_destroy (struct gym_guard **guard);

/* The socket to poll for questions; answering them; how many were refused. */
void *gym_guard_socket (const struct gym_guard *guard);
void gym_guard_tend (struct gym_guard *guard);
uint64_t gym_guard_refused (const struct gym_guard *guard);

/* The study's public key; and a pair made for its own children, which may come in. */
const char *gym_guard_public (const struct gym_guard *guard);
void gym_guard_admit (struct gym_guard *guard, struct gym_pair *pair);

#endif
