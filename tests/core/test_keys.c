/* Keys in files, and who gets in: ZeroMQ peers of every kind knock at a guarded socket.
 */
#include "core/keys.h"
#include "tests/core/help.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <zmq.h>

/* ---- files ---- */

static const char *
join (char path[512], const char *dir, const char *file)
{
  snprintf (path, 512, "%s/%s", dir, file);
  return path;
}

static unsigned
mode_of (const char *dir, const char *file)
{
  struct stat info;
  char path[512];
  return stat (join (path, dir, file), &info) == 0 ? info.st_mode & 0777 : 0;
}

static bool
exists (const char *dir, const char *file)
{
  char path[512];
  return access (join (path, dir, file), F_OK) == 0;
}

static void
put (const char *dir, const char *file, const char *text)
{
  char path[512];
  FILE *out = fopen (join (path, dir, file), "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL (out);
  fputs (text, out);
  fclose (out);
  chmod (path, 0600);
}

static void
get (const char *dir, const char *file, char text[512])
{
  char path[512];
  FILE *in = fopen (join (path, dir, file), "r");
  size_t n = in ? fread (text, 1, 511, in) : 0;
  text[n] = '\0';
  if (in)
    fclose (in);
}

static void
test_new (void)
{
  char dir[256], text[512], server[41], again[41];
  struct gym_pair pair, other;
  gym_error err = { 0 };
  umask (0);
  help_scratch (dir, "keys");
  CU_ASSERT_EQUAL (gym_keys_new (dir, "worker", &err), GYM_OK);
  CU_ASSERT_EQUAL (mode_of (dir, ""), 0700);
  CU_ASSERT_EQUAL (mode_of (dir, "allowed"), 0700);
  CU_ASSERT_EQUAL (mode_of (dir, "server.key"), 0600);
  CU_ASSERT_EQUAL (mode_of (dir, "worker.key"), 0600);
  CU_ASSERT_EQUAL (mode_of (dir, "server.pub"), 0644);
  get (dir, "worker.key", text);
  CU_ASSERT_EQUAL (strlen (text), 2 * (7 + 40 + 1));
  get (dir, "allowed/worker.pub", text);
  CU_ASSERT_EQUAL (strlen (text), 7 + 40 + 1);
  CU_ASSERT_PTR_NULL (strstr (text, "secret"));
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_OK);
  CU_ASSERT (strncmp (text + 7, pair.public_key, 40) == 0);
  CU_ASSERT (strcmp (server, pair.public_key) != 0);
  /* A second worker keeps the study's keys and the first one's. */
  CU_ASSERT_EQUAL (gym_keys_new (dir, "b-2_x", &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_keys_worker (dir, again, &other, &err), GYM_OK);
  CU_ASSERT (strcmp (server, again) == 0);
  CU_ASSERT (strcmp (pair.secret_key, other.secret_key) == 0);
  CU_ASSERT_EQUAL (gym_keys_new (dir, "worker", &err), GYM_ESTATE);
  CU_ASSERT (help_says (&err, "worker.key"));
  help_remove (dir);
}

static void
test_bad_names (void)
{
  static const char *const names[] = { "",    "..",   ".",  "a/b", "/a",    "../a",
                                       "a b", "a\nb", ".a", "/",   "server" };
  char dir[256], place[400];
  gym_error err = { 0 };
  help_scratch (dir, "keys");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    CU_ASSERT_EQUAL (gym_keys_new (dir, names[i], &err), GYM_EINVAL);
    CU_ASSERT (help_says (&err, "cannot name a worker's key"));
  }
  CU_ASSERT_FALSE (exists (dir, ""));
  char *long_dir = calloc (1, 3000);
  CU_ASSERT_PTR_NOT_NULL_FATAL (long_dir);
  memset (long_dir, 'x', 2999);
  CU_ASSERT_EQUAL (gym_keys_new (long_dir, "a", &err), GYM_EINVAL);
  CU_ASSERT_EQUAL (gym_keys_new (dir, long_dir, &err), GYM_EINVAL);
  free (long_dir);
  snprintf (place, sizeof place, "%s/not/there", dir);
  CU_ASSERT_EQUAL (gym_keys_new (place, "a", &err), GYM_EIO);
  CU_ASSERT (help_says (&err, place));
  help_remove (dir);
}

/* Half of what was made before is there: it is completed, or nothing is changed. */
static void
test_halves (void)
{
  char dir[256], path[512], before[512], after[512], server[41];
  struct gym_pair pair;
  gym_error err = { 0 };
  help_scratch (dir, "keys");
  CU_ASSERT_EQUAL (gym_keys_new (dir, "worker", &err), GYM_OK);
  get (dir, "server.pub", before);
  unlink (join (path, dir, "server.pub"));
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "server.pub"));
  CU_ASSERT_EQUAL (gym_keys_new (dir, "second", &err), GYM_OK);
  get (dir, "server.pub", after);
  CU_ASSERT_STRING_EQUAL (before, after);
  /* The key went to its worker; its name is still taken. */
  unlink (join (path, dir, "second.key"));
  CU_ASSERT_EQUAL (gym_keys_new (dir, "second", &err), GYM_ESTATE);
  CU_ASSERT (help_says (&err, "allowed/second.pub"));
  CU_ASSERT_FALSE (exists (dir, "second.key"));
  help_remove (dir);
}

/* worker.key before others; else the only one. */
static void
test_which_key (void)
{
  char dir[256], path[512], path2[512], server[41];
  struct gym_pair pair;
  gym_error err = { 0 };
  help_scratch (dir, "keys");
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_ENOTFOUND);
  CU_ASSERT_EQUAL (gym_keys_new (dir, "a", &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_keys_new (dir, "b", &err), GYM_OK);
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "several keys"));
  rename (join (path, dir, "b.key"), join (path2, dir, "worker.key"));
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_OK);
  unlink (path2);
  unlink (join (path, dir, "a.key"));
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_ENOTFOUND);
  CU_ASSERT (help_says (&err, "no key for a worker"));
  help_remove (dir);
}

/* A secret that others can read; files that are empty, cut, garbled or too long. */
static void
test_bad_files (void)
{
  char dir[256], path[512], good[512], text[512], server[41];
  struct gym_pair pair;
  gym_error err = { 0 };
  help_scratch (dir, "keys");
  CU_ASSERT_EQUAL (gym_keys_new (dir, "worker", &err), GYM_OK);
  get (dir, "worker.key", good);
  join (path, dir, "worker.key");
  for (unsigned mode = 0604; mode <= 0777; mode++) {
    if ((mode & 077) == 0 || (mode & 0600) != 0600)
      continue;
    chmod (path, mode);
    CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_EINVAL);
  }
  CU_ASSERT (help_says (&err, "chmod 600"));
  for (size_t n = 0; n < strlen (good); n++) {
    memcpy (text, good, n);
    text[n] = '\0';
    put (dir, "worker.key", text);
    int rc = gym_keys_worker (dir, server, &pair, &err);
    CU_ASSERT_EQUAL (rc, n == strlen (good) - 1 ? GYM_OK : GYM_EINVAL);
  }
  static const char *const changes[] = { "\"", "\t", "\x80", "\\", "," };
  for (size_t i = 0; i < 5; i++) {
    memcpy (text, good, sizeof text);
    text[20] = *changes[i];
    put (dir, "worker.key", text);
    CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_EINVAL);
    CU_ASSERT (help_says (&err, "expected a line"));
  }
  memset (text, '0', sizeof text);
  text[511] = '\0';
  memcpy (text, "public ", 7);
  put (dir, "worker.key", text);
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_EINVAL);
  put (dir, "worker.key", good);
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_OK);
  put (dir, "server.pub", "");
  CU_ASSERT_EQUAL (gym_keys_worker (dir, server, &pair, &err), GYM_EINVAL);
  CU_ASSERT (help_says (&err, "server.pub"));
  help_remove (dir);
}

/* ---- where a study may listen ---- */

static void
test_bind (void)
{
  static const char *const local[] = { "tcp://127.0.0.1:5555", "tcp://127.0.0.1:*",
                                       "tcp://127.1.2.3:0",    "tcp://[::1]:5555",
                                       "ipc:///tmp/x",         "ipc://x" };
  static const char *const open[] = { "tcp://*:5555",
                                      "tcp://0.0.0.0:5555",
                                      "tcp://[::]:5555",
                                      "tcp://10.0.0.1:5555",
                                      "tcp://eth0:5555",
                                      "tcp://128.0.0.1:127",
                                      "tcp://localhost.x:5555",
                                      "tcp://1.127.0.0:5",
                                      "tcp://[::ffff:1.2.3.4]:5",
                                      "tcp://" };
  static const char *const neither[] = { "",
                                         "tcp://localhost:5555",
                                         "127.0.0.1:5555",
                                         "TCP://127.0.0.1:5",
                                         " tcp://*:5",
                                         "pgm://*:5555",
                                         "http://x",
                                         "tcp:/*:5",
                                         "udp://*:5",
                                         "ws://*:5" };
  gym_error err = { 0 };
  for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
    CU_ASSERT_EQUAL (gym_keys_check_bind (local[i], NULL, &err), GYM_OK);
    CU_ASSERT_EQUAL (gym_keys_check_bind (local[i], "dir", &err), GYM_OK);
  }
  for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
    CU_ASSERT_EQUAL (gym_keys_check_bind (open[i], NULL, &err), GYM_EINVAL);
    CU_ASSERT (help_says (&err, "gym keys new"));
    CU_ASSERT_EQUAL (gym_keys_check_bind (open[i], "dir", &err), GYM_OK);
  }
  for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++) {
    CU_ASSERT_EQUAL (gym_keys_check_bind (neither[i], NULL, &err), GYM_EINVAL);
    CU_ASSERT_EQUAL (gym_keys_check_bind (neither[i], "dir", &err), GYM_EINVAL);
    CU_ASSERT (help_says (&err, "expected tcp://"));
  }
}

/* ---- who gets in ---- */

struct gate {
  char dir[256], endpoint[256];
  void *context, *socket, *monitor;
  struct gym_guard *guard;
  unsigned broken; /* handshakes that failed before a key was looked at */
};

static void
open_gate (struct gate *g)
{
  gym_error err = { 0 };
  size_t size = sizeof g->endpoint;
  const int none = 0;
  *g = (struct gate){ 0 };
  help_scratch (g->dir, "keys");
  CU_ASSERT_EQUAL_FATAL (gym_keys_new (g->dir, "worker", &err), GYM_OK);
  g->context = zmq_ctx_new ();
  g->socket = zmq_socket (g->context, ZMQ_ROUTER);
  zmq_setsockopt (g->socket, ZMQ_LINGER, &none, sizeof none);
  g->guard = gym_guard_new (g->context, g->socket, g->dir, &err);
  if (!g->guard)
    tap_note ("%s", err.text);
  CU_ASSERT_PTR_NOT_NULL_FATAL (g->guard);
  zmq_socket_monitor (g->socket, "inproc://watch", ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
  g->monitor = zmq_socket (g->context, ZMQ_PAIR);
  zmq_connect (g->monitor, "inproc://watch");
  CU_ASSERT_EQUAL_FATAL (zmq_bind (g->socket, "tcp://127.0.0.1:*"), 0);
  zmq_getsockopt (g->socket, ZMQ_LAST_ENDPOINT, g->endpoint, &size);
}

static void
close_gate (struct gate *g)
{
  gym_guard_destroy (&g->guard);
  CU_ASSERT_PTR_NULL (g->guard);
  gym_guard_destroy (&g->guard);
  zmq_close (g->monitor);
  zmq_close (g->socket);
  zmq_ctx_term (g->context);
  help_remove (g->dir);
}

static void *
knock (const struct gate *g, const char *server, const struct gym_pair *pair)
{
  const int none = 0;
  void *client = zmq_socket (g->context, ZMQ_DEALER);
  zmq_setsockopt (client, ZMQ_LINGER, &none, sizeof none);
  if (server)
    CU_ASSERT_EQUAL (gym_keys_apply (client, server, pair, NULL), GYM_OK);
  CU_ASSERT_EQUAL (zmq_connect (client, g->endpoint), 0);
  zmq_send (client, "hello", 5, ZMQ_DONTWAIT);
  return client;
}

/* Looks after the gate for a moment; true when a message came through. */
static bool
tend (struct gate *g)
{
  char bytes[256];
  zmq_pollitem_t items[] = { { .socket = g->socket, .events = ZMQ_POLLIN },
                             { .socket = gym_guard_socket (g->guard),
                               .events = ZMQ_POLLIN },
                             { .socket = g->monitor, .events = ZMQ_POLLIN } };
  zmq_poll (items, 3, 20);
  gym_guard_tend (g->guard);
  while (zmq_recv (g->monitor, bytes, sizeof bytes, ZMQ_DONTWAIT) >= 0) {
    zmq_recv (g->monitor, bytes, sizeof bytes, 0);
    g->broken++;
  }
  if (zmq_recv (g->socket, bytes, sizeof bytes, ZMQ_DONTWAIT) < 0)
    return false;
  return zmq_recv (g->socket, bytes, sizeof bytes, 0) == 5;
}

static bool
gets_in (struct gate *g, void *client)
{
  bool in = false;
  for (int i = 0; i < 1000 && !in; i++)
    in = tend (g);
  zmq_close (client);
  return in;
}

/* Until the guard has refused `n` in all, or as many handshakes have broken. */
static bool
is_refused (struct gate *g, void *client, uint64_t n, unsigned broken)
{
  bool in = false;
  for (int i = 0;
       i < 1000 && !in && (gym_guard_refused (g->guard) < n || g->broken < broken); i++)
    in = tend (g);
  zmq_close (client);
  return !in && gym_guard_refused (g->guard) >= n && g->broken >= broken;
}

static void
make_pair (struct gym_pair *pair)
{
  CU_ASSERT_EQUAL (zmq_curve_keypair (pair->public_key, pair->secret_key), 0);
}

static void
test_gate (void)
{
  struct gate g;
  struct gym_pair pair, stranger, mixed;
  char server[41];
  open_gate (&g);
  CU_ASSERT_EQUAL (gym_keys_worker (g.dir, server, &pair, NULL), GYM_OK);
  CU_ASSERT_STRING_EQUAL (server, gym_guard_public (g.guard));
  CU_ASSERT (gets_in (&g, knock (&g, server, &pair)));
  CU_ASSERT_EQUAL (gym_guard_refused (g.guard), 0);
  /* Not listed. */
  make_pair (&stranger);
  CU_ASSERT (is_refused (&g, knock (&g, server, &stranger), 1, 0));
  /* A listed key without its secret; another server's key; no keys at all: these break
   * before anybody is asked. */
  uint64_t refused = gym_guard_refused (g.guard);
  mixed = stranger;
  memcpy (mixed.public_key, pair.public_key, 41);
  CU_ASSERT (is_refused (&g, knock (&g, server, &mixed), refused, g.broken + 1));
  CU_ASSERT (
      is_refused (&g, knock (&g, stranger.public_key, &pair), refused, g.broken + 1));
  CU_ASSERT (is_refused (&g, knock (&g, NULL, NULL), refused, g.broken + 1));
  CU_ASSERT (gets_in (&g, knock (&g, server, &pair)));
  close_gate (&g);
}

/* The study's own children have a key that is in no file. */
static void
test_admit (void)
{
  struct gate g;
  struct gym_pair child;
  char server[41];
  open_gate (&g);
  snprintf (server, sizeof server, "%s", gym_guard_public (g.guard));
  gym_guard_admit (g.guard, &child);
  CU_ASSERT (gets_in (&g, knock (&g, server, &child)));
  CU_ASSERT_EQUAL (gym_guard_refused (g.guard), 0);
  close_gate (&g);
}

/* The list is read again once a second at most. */
static void
next_second (void)
{
  for (time_t now = time (NULL); time (NULL) == now;) {
    const struct timespec t = { .tv_nsec = 10000000 };
    nanosleep (&t, NULL);
  }
}

/* Workers come and go while a study runs; a file that makes no sense lets nobody in, and
 * takes nobody else's permission. */
static void
test_changes (void)
{
  struct gate g;
  struct gym_pair pair, second;
  char server[41], path[512], text[128];
  open_gate (&g);
  CU_ASSERT_EQUAL (gym_keys_worker (g.dir, server, &pair, NULL), GYM_OK);
  make_pair (&second);
  CU_ASSERT (is_refused (&g, knock (&g, server, &second), 1, 0));
  snprintf (text, sizeof text, "public %s\n", second.public_key);
  put (g.dir, "allowed/second.pub", text);
  put (g.dir, "allowed/not-a-key.txt", "no key");
  next_second ();
  CU_ASSERT (gets_in (&g, knock (&g, server, &second)));
  char name[64];
  for (int i = 0; i < 8; i++) { /* before and after the others, in any order */
    snprintf (name, sizeof name, "allowed/%c-bad-%d.pub", 'a' + 3 * i, i);
    put (g.dir, name, i % 2 ? "" : "public nonsense\n");
  }
  next_second ();
  CU_ASSERT (gets_in (&g, knock (&g, server, &pair)));
  CU_ASSERT (gets_in (&g, knock (&g, server, &second)));
  unlink (join (path, g.dir, "allowed/second.pub"));
  next_second ();
  uint64_t refused = gym_guard_refused (g.guard);
  CU_ASSERT (is_refused (&g, knock (&g, server, &second), refused + 1, 0));
  CU_ASSERT (gets_in (&g, knock (&g, server, &pair)));
  unlink (join (path, g.dir, "allowed/worker.pub"));
  next_second ();
  refused = gym_guard_refused (g.guard);
  CU_ASSERT (is_refused (&g, knock (&g, server, &pair), refused + 1, 0));
  close_gate (&g);
}

/* The question as ZeroMQ asks it, and as it should never be asked. */
static void
ask (struct gate *g, const char *mechanism, const unsigned char *key, size_t n,
     char answer[4])
{
  char rest[256];
  int more = 1;
  size_t size = sizeof more;
  void *zap = zmq_socket (g->context, ZMQ_REQ);
  zmq_connect (zap, "inproc://zeromq.zap.01");
  static const char *const parts[] = { "1.0", "77", "gym", "127.0.0.1", "" };
  for (int i = 0; i < 5; i++)
    zmq_send (zap, parts[i], strlen (parts[i]), ZMQ_SNDMORE);
  zmq_send (zap, mechanism, strlen (mechanism), key ? ZMQ_SNDMORE : 0);
  if (key)
    zmq_send (zap, key, n, 0);
  gym_guard_tend (g->guard);
  memset (answer, 0, 4);
  for (int i = 0; more; i++) {
    int got = zmq_recv (zap, rest, sizeof rest, 0);
    if (i == 1)
      CU_ASSERT (got == 2 && memcmp (rest, "77", 2) == 0);
    if (i == 2 && got == 3)
      memcpy (answer, rest, 3);
    zmq_getsockopt (zap, ZMQ_RCVMORE, &more, &size);
  }
  zmq_close (zap);
}

static void
test_questions (void)
{
  struct gate g;
  struct gym_pair pair;
  char server[41], answer[4];
  unsigned char key[64] = { 0 };
  open_gate (&g);
  CU_ASSERT_EQUAL (gym_keys_worker (g.dir, server, &pair, NULL), GYM_OK);
  zmq_z85_decode (key, pair.public_key);
  ask (&g, "CURVE", key, 32, answer);
  CU_ASSERT_STRING_EQUAL (answer, "200");
  CU_ASSERT_EQUAL (gym_guard_refused (g.guard), 0);
  ask (&g, "PLAIN", key, 32, answer);
  CU_ASSERT_STRING_EQUAL (answer, "400");
  ask (&g, "NULL", NULL, 0, answer);
  CU_ASSERT_STRING_EQUAL (answer, "400");
  ask (&g, "CURVE", NULL, 0, answer);
  CU_ASSERT_STRING_EQUAL (answer, "400");
  ask (&g, "CURVE", key, 31, answer);
  CU_ASSERT_STRING_EQUAL (answer, "400");
  ask (&g, "CURVE", key, 33, answer);
  CU_ASSERT_STRING_EQUAL (answer, "400");
  key[31] ^= 1;
  ask (&g, "CURVE", key, 32, answer);
  CU_ASSERT_STRING_EQUAL (answer, "400");
  CU_ASSERT_EQUAL (gym_guard_refused (g.guard), 6);
  close_gate (&g);
}

/* A guard that cannot guard is none. */
static void
test_no_guard (void)
{
  char dir[256], path[512];
  gym_error err = { 0 };
  void *context = zmq_ctx_new (), *socket = zmq_socket (context, ZMQ_ROUTER);
  help_scratch (dir, "keys");
  CU_ASSERT_PTR_NULL (gym_guard_new (context, socket, dir, &err));
  CU_ASSERT_EQUAL (err.code, GYM_ENOTFOUND);
  CU_ASSERT_EQUAL (gym_keys_new (dir, "worker", &err), GYM_OK);
  put (dir, "allowed/bad.pub", "public x\n");
  CU_ASSERT_PTR_NULL (gym_guard_new (context, socket, dir, &err));
  CU_ASSERT (help_says (&err, "bad.pub"));
  unlink (join (path, dir, "allowed/bad.pub"));
  unlink (join (path, dir, "allowed/worker.pub"));
  CU_ASSERT_PTR_NULL (gym_guard_new (context, socket, dir, &err));
  CU_ASSERT (help_says (&err, "has no key"));
  rmdir (join (path, dir, "allowed"));
  CU_ASSERT_PTR_NULL (gym_guard_new (context, socket, dir, &err));
  CU_ASSERT_EQUAL (gym_keys_new (dir, "again", &err), GYM_OK);
  chmod (join (path, dir, "server.key"), 0640);
  CU_ASSERT_PTR_NULL (gym_guard_new (context, socket, dir, &err));
  CU_ASSERT (help_says (&err, "chmod 600"));
  for (size_t n = 690; n < 740; n++) { /* a long path is used whole or refused */
    char *text = malloc (n + 1);
    memset (text, 'x', n);
    text[n] = '\0';
    CU_ASSERT_PTR_NULL (gym_guard_new (context, socket, text, &err));
    CU_ASSERT (n <= 700 || help_says (&err, "too long"));
    free (text);
  }
  chmod (join (path, dir, "server.key"), 0600);
  struct gym_guard *guard = gym_guard_new (context, socket, dir, &err);
  CU_ASSERT_PTR_NOT_NULL (guard);
  void *other = zmq_socket (context, ZMQ_ROUTER);
  CU_ASSERT_PTR_NULL (gym_guard_new (context, other, dir, &err)); /* one a context */
  gym_guard_destroy (&guard);
  zmq_close (other);
  zmq_close (socket);
  zmq_ctx_term (context);
  help_remove (dir);
}

int
main (void)
{
  static const struct tap_test tests[] = { { "new", test_new },
                                           { "bad names", test_bad_names },
                                           { "halves", test_halves },
                                           { "which key", test_which_key },
                                           { "bad files", test_bad_files },
                                           { "bind", test_bind },
                                           { "gate", test_gate },
                                           { "admit", test_admit },
                                           { "changes", test_changes },
                                           { "questions", test_questions },
                                           { "no guard", test_no_guard },
                                           { 0 } };
  if (!zmq_has ("curve"))
    tap_note ("this libzmq has no CURVE");
  return tap_run ("keys", tests);
}
