/* Keys in files, the allow-list, ZAP: see core/keys.h. */
#include "core/keys.h"
#include "core/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

enum { PATH = 1024 };

/* ---- files ---- */

static int
write_key (const char *path, const struct gym_pair *pair, bool secret, gym_error *err)
{
  char text[160];
  int n = snprintf (text, sizeof text, "public %s\n", pair->public_key);
  if (secret)
    n += snprintf (text + n, sizeof text - (size_t)n, "secret %s\n", pair->secret_key);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
  if (fd < 0)
    return gym_fail (err, errno == EEXIST ? GYM_ESTATE : GYM_EIO,
                     errno == EEXIST ? "\"%s\" exists already: delete it first, or give "
                                       "the new key another name"
                                     : "cannot make \"%s\"%s%s",
                     path, errno == EEXIST ? "" : ": ",
                     errno == EEXIST ? "" : strerror (errno));
  bool good = write (fd, text, (size_t)n) == n;
  good = close (fd) == 0 && good;
  return good
             ? GYM_OK
             : gym_fail (err, GYM_EIO, "cannot write \"%s\": %s", path, strerror (errno));
}

/* "NAME KEY" on a line of its own, or an error that says what was expected. */
static int
read_line (FILE *file, const char *path, const char *name, char key[41], gym_error *err)
{
  char line[128];
  unsigned char raw[32];
  size_t n = strlen (name);
  if (fgets (line, sizeof line, file)) {
    line[strcspn (line, "\r\n")] = '\0';
    if (strncmp (line, name, n) == 0 && line[n] == ' ' && strlen (line + n + 1) == 40
        && zmq_z85_decode (raw, line + n + 1)) {
      memcpy (key, line + n + 1, 41);
      return GYM_OK;
    }
  }
  return gym_fail (err, GYM_EINVAL,
                   "\"%s\": expected a line \"%s KEY\" with a key of 40 characters as "
                   "gym keys writes them",
                   path, name);
}

/* As ssh does: a secret that others can read is none. */
static int
check_mode (FILE *file, const char *path, gym_error *err)
{
  struct stat info;
  if (fstat (fileno (file), &info) == 0 && (info.st_mode & 077) == 0)
    return GYM_OK;
  return gym_fail (err, GYM_EINVAL,
                   "\"%s\" holds a secret key and others can read it: chmod 600 %s", path,
                   path);
}

static int
read_key (const char *path, struct gym_pair *pair, bool secret, gym_error *err)
{
  FILE *file = fopen (path, "re");
  if (!file)
    return gym_fail (err, errno == ENOENT ? GYM_ENOTFOUND : GYM_EIO,
                     "cannot read \"%s\": %s (gym keys new DIR makes keys)", path,
                     strerror (errno));
  int rc = secret ? check_mode (file, path, err) : GYM_OK;
  if (rc == GYM_OK)
    rc = read_line (file, path, "public", pair->public_key, err);
  if (rc == GYM_OK && secret)
    rc = read_line (file, path, "secret", pair->secret_key, err);
  fclose (file);
  return rc;
}

static int
make_folder (const char *path, gym_error *err)
{
  if (mkdir (path, 0700) == 0 || errno == EEXIST)
    return GYM_OK;
  return gym_fail (err, GYM_EIO, "cannot make folder \"%s\": %s", path, strerror (errno));
}

static int
make_pair (struct gym_pair *pair, gym_error *err)
{
  if (zmq_curve_keypair (pair->public_key, pair->secret_key) == 0)
    return GYM_OK;
  return gym_fail (err, GYM_EFAILED, "no keys: this libzmq was built without CURVE");
}

/* The server's pair is made once: workers that know it are to go on knowing it. Its
 * public half can be had from it again. */
static int
new_server (const char *dir, gym_error *err)
{
  struct gym_pair pair;
  char path[PATH], public_path[PATH];
  snprintf (path, sizeof path, "%s/server.key", dir);
  snprintf (public_path, sizeof public_path, "%s/server.pub", dir);
  bool is_there = access (path, F_OK) == 0;
  if (is_there && access (public_path, F_OK) == 0)
    return GYM_OK;
  int rc = is_there ? read_key (path, &pair, true, err) : make_pair (&pair, err);
  if (rc == GYM_OK && !is_there)
    rc = write_key (path, &pair, true, err);
  return rc == GYM_OK ? write_key (public_path, &pair, false, err) : rc;
}

/* Both halves or none: a key that no study allows would only puzzle. */
static int
new_worker (const char *dir, const char *name, gym_error *err)
{
  struct gym_pair pair;
  char path[PATH], public_path[PATH];
  snprintf (path, sizeof path, "%s/%s.key", dir, name);
  snprintf (public_path, sizeof public_path, "%s/allowed/%s.pub", dir, name);
  int rc = make_pair (&pair, err);
  if (rc == GYM_OK)
    rc = write_key (path, &pair, true, err);
  if (rc < 0)
    return rc;
  rc = write_key (public_path, &pair, false, err);
  if (rc < 0)
    unlink (path);
  return rc;
}

int
gym_keys_new (const char *dir, const char *name, gym_error *err)
{
  char allowed[PATH];
  if (!name[0] || strpbrk (name, "/ \n") || name[0] == '.'
      || strcmp (name, "server") == 0)
    return gym_fail (err, GYM_EINVAL,
                     "\"%s\" cannot name a worker's key: letters, digits, - and _, and "
                     "not \"server\"",
                     name);
  if (strlen (dir) + strlen (name) + 32 > PATH)
    return gym_fail (err, GYM_EINVAL, "the path \"%s\" is too long", dir);
  snprintf (allowed, sizeof allowed, "%s/allowed", dir);
  int rc = make_folder (dir, err);
  if (rc == GYM_OK)
    rc = make_folder (allowed, err);
  if (rc == GYM_OK)
    rc = new_server (dir, err);
  return rc == GYM_OK ? new_worker (dir, name, err) : rc;
}

/* worker.key, or the only key there that is not the server's. */
static int
find_worker_key (const char *dir, char path[PATH], gym_error *err)
{
  unsigned found = 0;
  char only[256] = "";
  snprintf (path, PATH, "%s/worker.key", dir);
  if (access (path, F_OK) == 0)
    return GYM_OK;
  DIR *folder = opendir (dir);
  for (struct dirent *e; folder && (e = readdir (folder));) {
    const char *dot = strrchr (e->d_name, '.');
    if (!dot || strcmp (dot, ".key") != 0 || strcmp (e->d_name, "server.key") == 0)
      continue;
    snprintf (only, sizeof only, "%s", e->d_name);
    found++;
  }
  if (folder)
    closedir (folder);
  if (found != 1)
    return gym_fail (
        err, found ? GYM_EINVAL : GYM_ENOTFOUND,
        found ? "folder \"%s\" has several keys and none is worker.key: which "
                "one is this worker's?"
              : "folder \"%s\" has no key for a worker: gym keys new makes one",
        dir);
  snprintf (path, PATH, "%s/%s", dir, only);
  return GYM_OK;
}

int
gym_keys_worker (const char *dir, char server[41], struct gym_pair *pair, gym_error *err)
{
  char path[PATH];
  struct gym_pair theirs;
  int rc = find_worker_key (dir, path, err);
  if (rc == GYM_OK)
    rc = read_key (path, pair, true, err);
  snprintf (path, sizeof path, "%s/server.pub", dir);
  if (rc == GYM_OK)
    rc = read_key (path, &theirs, false, err);
  if (rc == GYM_OK)
    memcpy (server, theirs.public_key, 41);
  return rc;
}

int
gym_keys_apply (void *socket, const char *server, const struct gym_pair *pair,
                gym_error *err)
{
  if (zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, server, 41) == 0
      && zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, pair->public_key, 41) == 0
      && zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, pair->secret_key, 41) == 0)
    return GYM_OK;
  return gym_fail (err, GYM_EFAILED, "CURVE keys refused: %s", zmq_strerror (errno));
}

/* Hosts that mean this machine alone. */
int
gym_keys_check_bind (const char *bind, const char *keys, gym_error *err)
{
  static const char *const local[] = { "tcp://127.", "tcp://[::1]:", "ipc://",
                                       "inproc://" };
  for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
    if (strncmp (bind, local[i], strlen (local[i])) == 0)
      return GYM_OK;
  if (strncmp (bind, "tcp://localhost:", 16) == 0)
    return gym_fail (err, GYM_EINVAL,
                     "%s: a study listens at an address, not a name: expected "
                     "tcp://127.0.0.1:%s",
                     bind, bind + 16);
  if (strncmp (bind, "tcp://", 6) != 0)
    return gym_fail (err, GYM_EINVAL,
                     "\"%s\" is no endpoint: expected tcp://HOST:PORT, tcp://*:PORT or "
                     "ipc://FILE",
                     bind);
  if (keys)
    return GYM_OK;
  return gym_fail (err, GYM_EINVAL,
                   "%s can be reached from other machines: make keys (gym keys new DIR) "
                   "and give --keys DIR, or listen at tcp://127.0.0.1:PORT",
                   bind);
}

/* ---- the allow-list ---- */

struct gym_guard {
  void *zap;
  char dir[PATH];
  struct gym_pair own;
  unsigned char (*allowed)[32];
  size_t n, room;
  bool has_child;
  unsigned char child[32]; /* key of the study's own children */
  time_t read_at;
  uint64_t refused;
};

static int
add_allowed (struct gym_guard *g, const char *path, gym_error *err)
{
  struct gym_pair pair;
  int rc = read_key (path, &pair, false, err);
  if (rc == GYM_OK && gym_grow (&g->allowed, g->n, &g->room, sizeof *g->allowed) < 0)
    rc = gym_fail (err, GYM_ENOMEM, "out of memory for the allowed keys");
  if (rc == GYM_OK)
    zmq_z85_decode (g->allowed[g->n++], pair.public_key);
  return rc;
}

/* All that can be read, and the first error. A study does not begin with a bad file,
 * which may be the one that somebody relies on; while it runs, a bad file (perhaps one
 * that is being written) lets nobody in and keeps nobody out. */
static int
read_allowed (struct gym_guard *g, gym_error *err)
{
  char path[PATH];
  snprintf (path, sizeof path, "%.700s/allowed", g->dir);
  DIR *folder = opendir (path);
  int rc = GYM_OK;
  g->n = 0;
  g->read_at = time (NULL);
  for (struct dirent *e; folder && (e = readdir (folder));) {
    const char *dot = strrchr (e->d_name, '.');
    if (!dot || strcmp (dot, ".pub") != 0
        || snprintf (path, sizeof path, "%s/allowed/%s", g->dir, e->d_name) >= PATH)
      continue;
    int one = add_allowed (g, path, rc == GYM_OK ? err : NULL);
    rc = rc == GYM_OK ? one : rc;
  }
  if (folder)
    closedir (folder);
  if (rc == GYM_OK && g->n == 0)
    rc = gym_fail (err, GYM_EINVAL,
                   "folder \"%s/allowed\" has no key: without one, CURVE would let in "
                   "whoever knows server.pub (gym keys new %s makes one)",
                   g->dir, g->dir);
  return rc;
}

static bool
is_listed (const struct gym_guard *g, const unsigned char *key)
{
  for (size_t i = 0; i < g->n; i++)
    if (memcmp (g->allowed[i], key, 32) == 0)
      return true;
  return g->has_child && memcmp (g->child, key, 32) == 0;
}

/* The list is read again for every newcomer, so that workers may be allowed, and
 * disallowed, while a study runs; once a second at most. */
static bool
is_allowed (struct gym_guard *g, const unsigned char *key)
{
  if (time (NULL) != g->read_at)
    read_allowed (g, NULL);
  return is_listed (g, key);
}

struct gym_guard *
gym_guard_new (void *context, void *socket, const char *dir, gym_error *err)
{
  char path[PATH];
  int on = 1;
  struct gym_guard *g = calloc (1, sizeof *g);
  if (!g) {
    gym_fail (err, GYM_ENOMEM, "out of memory for the keys");
    return NULL;
  }
  int rc = GYM_OK;
  if (strlen (dir) > 700)
    rc = gym_fail (err, GYM_EINVAL, "the path \"%s\" is too long", dir);
  snprintf (g->dir, sizeof g->dir, "%.700s", dir);
  snprintf (path, sizeof path, "%.700s/server.key", dir);
  if (rc == GYM_OK)
    rc = read_key (path, &g->own, true, err);
  if (rc == GYM_OK)
    rc = read_allowed (g, err);
  g->zap = rc == GYM_OK ? zmq_socket (context, ZMQ_REP) : NULL;
  if (rc == GYM_OK
      && (!g->zap || zmq_bind (g->zap, "inproc://zeromq.zap.01") != 0
          || zmq_setsockopt (socket, ZMQ_CURVE_SERVER, &on, sizeof on) != 0
          || zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, g->own.secret_key, 41) != 0
          || zmq_setsockopt (socket, ZMQ_ZAP_DOMAIN, "gym", 3) != 0))
    rc = gym_fail (err, GYM_EFAILED, "no secure socket: %s", zmq_strerror (errno));
  if (rc < 0)
    gym_guard_destroy (&g);
  return g;
}

void
gym_guard_destroy (struct gym_guard **guard)
{
  struct gym_guard *g = *guard;
  if (!g)
    return;
  if (g->zap)
    zmq_close (g->zap);
  free (g->allowed);
  free (g);
  *guard = NULL;
}

void *
gym_guard_socket (const struct gym_guard *g)
{
  return g->zap;
}

uint64_t
gym_guard_refused (const struct gym_guard *g)
{
  return g->refused;
}

const char *
gym_guard_public (const struct gym_guard *g)
{
  return g->own.public_key;
}

void
gym_guard_admit (struct gym_guard *g, struct gym_pair *pair)
{
  make_pair (pair, NULL);
  zmq_z85_decode (g->child, pair->public_key);
  g->has_child = true;
}

/* A request has seven parts: version, request id, domain, address, identity, mechanism,
 * and for CURVE the key, without which nobody is let in. Longer ones are cut: only ZeroMQ
 * itself can send them. */
static bool
read_request (struct gym_guard *g, char id[64], size_t *id_length, bool *good)
{
  char part[64];
  int more = 1;
  size_t size = sizeof more;
  bool curve = false;
  *good = false;
  for (unsigned i = 0; more; i++) {
    int n = zmq_recv (g->zap, part, sizeof part, ZMQ_DONTWAIT);
    if (n < 0)
      return false;
    if (i == 1 && (size_t)n <= sizeof part) {
      *id_length = (size_t)n;
      memcpy (id, part, (size_t)n);
    } else if (i == 5)
      curve = n == 5 && memcmp (part, "CURVE", 5) == 0;
    else if (i == 6)
      *good = curve && n == 32 && is_allowed (g, (const unsigned char *)part);
    zmq_getsockopt (g->zap, ZMQ_RCVMORE, &more, &size);
  }
  return true;
}

void
gym_guard_tend (struct gym_guard *g)
{
  char id[64];
  size_t id_length = 0;
  bool good;
  while (read_request (g, id, &id_length, &good)) {
    g->refused += !good;
    zmq_send (g->zap, "1.0", 3, ZMQ_SNDMORE);
    zmq_send (g->zap, id, id_length, ZMQ_SNDMORE);
    zmq_send (g->zap, good ? "200" : "400", 3, ZMQ_SNDMORE);
    zmq_send (g->zap, good ? "OK" : "not allowed", good ? 2 : 11, ZMQ_SNDMORE);
    zmq_send (g->zap, "", 0, ZMQ_SNDMORE);
    zmq_send (g->zap, "", 0, 0);
  }
}
