/* The workers of a broker: who they are, what they need, when they are gone. */
#include "core/broker_inside.h"
#include "core/digest.h"
#include "core/host.h"
#include "core/memory.h"
#include "core/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK = 1 << 18 };

/* Routing ids that ZeroMQ makes differ in their last bytes. */
static uint32_t
tag_of (const unsigned char *id, size_t n)
{
  uint32_t tag = 0;
  memcpy (&tag, id + (n > 4 ? n - 4 : 0), n < 4 ? n : 4);
  return tag;
}

struct peer *
peers_find (const struct broker *b, const unsigned char *id, size_t n)
{
  uint32_t tag = tag_of (id, n);
  for (size_t i = 0; i < b->n_peers; i++) {
    struct peer *peer = &b->peers[i];
    if (b->tags[i] == tag && peer->state != PEER_FREE && peer->id_length == n
        && memcmp (peer->id, id, n) == 0)
      return peer;
  }
  return NULL;
}

/* Places are used again; the array moves only here. */
static struct peer *
add_peer (struct broker *b, const unsigned char *id, size_t n)
{
  size_t at = 0, room = b->peer_room;
  while (at < b->n_peers && b->peers[at].state != PEER_FREE)
    at++;
  if (at == b->n_peers) {
    if (gym_grow (&b->peers, at, &room, sizeof *b->peers) < 0
        || (room != b->peer_room && gym_resize (&b->tags, room, sizeof *b->tags) < 0))
      return NULL;
    b->peer_room = room;
    b->n_peers++;
    b->peers[at] = (struct peer){ 0 };
  }
  struct peer *peer = &b->peers[at];
  *peer = (struct peer){ .state = PEER_WELCOMED,
                         .life = peer->life + 1,
                         .id_length = (uint32_t)n,
                         .acks = peer->acks,
                         .joined = gym_clock (),
                         .heard = gym_clock () };
  memcpy (peer->id, id, n);
  b->tags[at] = tag_of (id, n);
  return peer;
}

/* Every entry is looked at: losses are rare, and a list for each peer would have to be
 * kept up for every trial. */
void
peers_drop (struct broker *b, struct peer *peer, bool at_fault)
{
  uint32_t who = (uint32_t)(peer - b->peers);
  if (peer->state == PEER_READY)
    b->ready--;
  peer->state = PEER_FREE;
  peer->n_acks = 0;
  if (at_fault) {
    b->count.lost++;
    broker_log (b, "worker %s is gone; %u trial%s of its go to others", peer->name,
                peer->leased, peer->leased == 1 ? "" : "s");
  }
  for (size_t i = 0; i < b->tasks.n; i++)
    if (b->tasks.entries[i].tasks && b->tasks.entries[i].peer == who)
      broker_requeue (b, &b->tasks.entries[i], at_fault);
}

/* Its tasks stay with it for a while: a line that was interrupted costs them no attempt.
 */
void
peers_break (struct broker *b, struct peer *peer)
{
  if (peer->state == PEER_READY)
    b->ready--;
  peer->state = PEER_WELCOMED;
  peer->broken = gym_clock ();
}

/* Found by the name that it gave itself. */
void
peers_bury (struct broker *b, pid_t pid)
{
  char name[PEER_NAME];
  gym_worker_name (pid, name, sizeof name);
  for (size_t i = 0; i < b->n_peers; i++)
    if (b->peers[i].state != PEER_FREE && strcmp (b->peers[i].name, name) == 0)
      peers_drop (b, &b->peers[i], true);
}

/* Signs of life for a peer: those at work every second, since sending finds a broken
 * connection long before the lease is over; the others as often as the lease asks for. */
static bool
is_due (const struct broker *b, const struct peer *peer, int64_t now)
{
  double every = b->plan.workers.lease / 4;
  if (peer->leased > 0 && every > 1)
    every = 1;
  return (double)(now - peer->beaten) >= every * 1e9;
}

void
peers_tend (struct broker *b, int64_t now)
{
  int64_t lease = (int64_t)(b->plan.workers.lease * 1e9);
  for (size_t i = 0; i < b->n_peers; i++) {
    struct peer *peer = &b->peers[i];
    if (peer->state == PEER_FREE)
      continue;
    if (now - peer->heard > lease || (peer->broken && now - peer->broken > lease / 3)) {
      peers_drop (b, peer, true);
      continue;
    }
    if (peer->broken || !is_due (b, peer, now))
      continue;
    peer->beaten = now;
    wire_begin (&b->out, WIRE_BEAT, b->session);
    if (broker_send (b, peer->id, peer->id_length, 0) == GYM_ENOTFOUND)
      peers_break (b, peer);
  }
}

/* ---- HELLO ---- */

/* The reason goes both ways: to the worker, whose user can act on it, and to the log. */
static void
refuse (struct broker *b, const unsigned char *id, size_t n, const char *why)
{
  wire_begin (&b->out, WIRE_REFUSED, b->session);
  wire_bytes (&b->out, why, strlen (why));
  broker_send (b, id, n, 0);
  b->count.refused++;
  broker_log (b, "a worker was refused: %s", why);
}

/* Why a worker cannot serve this study; "" when it can. */
static void
judge (const struct broker *b, json_t *hello, char *why, size_t size)
{
  const char *env = gym_env_entry (b->plan.env)->id;
  const char *name = json_string_value (json_object_get (hello, "name"));
  const char *theirs =
      json_string_value (json_object_get (json_object_get (hello, "envs"), env));
  why[0] = '\0';
  if (!theirs)
    snprintf (why, size,
              "%.*s has no env %s: install its plugin there, or name its "
              "folder in GYM_PLUGIN_PATH",
              PEER_NAME, name, env);
  else if (strcmp (theirs, b->fingerprint) != 0 && !b->plan.workers.mixed)
    snprintf (why, size,
              "%.*s has another numeric fingerprint, so its results may differ in bits "
              "(--mixed takes it all the same): here %s, there %.400s",
              PEER_NAME, name, b->fingerprint, theirs);
}

/* As the user wrote them, in their order: the worker opens the env as it was opened here.
 */
static json_t *
settings_json (const struct broker *b)
{
  const gym_settings *settings = gym_env_settings (b->plan.env);
  json_t *list = json_array ();
  for (size_t i = 0; i < gym_settings_count (settings); i++)
    json_array_append_new (list, json_pack ("[s, s]", gym_settings_key (settings, i),
                                            gym_settings_value (settings, i)));
  return list;
}

static json_t *
files_json (const struct broker *b)
{
  json_t *list = json_array ();
  for (size_t i = 0; i < b->n_files; i++) {
    const struct broker_file *f = &b->files[i];
    json_array_append_new (list, json_pack ("{s:s, s:s, s:s, s:I}", "option", f->option,
                                            "name", f->name, "sha256", f->sha256, "size",
                                            (json_int_t)f->size));
  }
  return list;
}

/* The identity goes along: the worker compares it with that of the env it has opened, so
 * a difference that nothing else shows (another default, another built-in file) does. */
static void
welcome (struct broker *b, const struct peer *peer)
{
  const struct gym_limits *l = &b->plan.limits;
  json_t *j = json_pack (
      "{s:s, s:s, s:o, s:o, s:i, s:i, s:f, s:{s:s, s:f, s:f, s:I, s:I}}", "env",
      gym_env_entry (b->plan.env)->id, "identity", gym_env_identity (b->plan.env),
      "settings", settings_json (b), "files", files_json (b), "params", (int)b->p,
      "metrics", (int)b->m, "lease", b->plan.workers.lease, "limits", "isolation",
      gym_isolation_name (l->isolation), "seconds", l->seconds, "cpu_seconds",
      l->cpu_seconds, "memory", (json_int_t)l->memory, "file_size",
      (json_int_t)l->file_size);
  char *text = j ? json_dumps (j, JSON_COMPACT) : NULL;
  json_decref (j);
  if (!text)
    return;
  wire_begin (&b->out, WIRE_WELCOME, b->session);
  wire_bytes (&b->out, text, strlen (text));
  broker_send (b, peer->id, peer->id_length, 0);
  free (text);
}

/* A worker that comes back under another routing id is the one that was here. */
static void
drop_namesake (struct broker *b, const char *uuid, const struct peer *itself)
{
  for (size_t i = 0; i < b->n_peers; i++)
    if (b->peers[i].state != PEER_FREE && &b->peers[i] != itself
        && strcmp (b->peers[i].uuid, uuid) == 0)
      peers_drop (b, &b->peers[i], false);
}

/* A peer that says HELLO twice on one connection keeps its place. */
void
peers_hello (struct broker *b, const unsigned char *id, size_t n, struct wire_in *in)
{
  size_t length = wire_left (in);
  char why[1024];
  json_t *hello = json_loadb ((const char *)wire_get_bytes (in, length), length, 0, NULL);
  const char *uuid = json_string_value (json_object_get (hello, "uuid"));
  const char *name = json_string_value (json_object_get (hello, "name"));
  if (!uuid || strlen (uuid) != 32 || !name) {
    b->count.dropped++;
    json_decref (hello);
    return;
  }
  judge (b, hello, why, sizeof why);
  if (why[0])
    refuse (b, id, n, why);
  else {
    struct peer *peer = peers_find (b, id, n);
    drop_namesake (b, uuid, peer);
    if (!peer && (peer = add_peer (b, id, n)))
      b->count.joined++;
    if (peer) {
      snprintf (peer->uuid, sizeof peer->uuid, "%s", uuid);
      snprintf (peer->name, sizeof peer->name, "%s", name);
      welcome (b, peer);
    }
  }
  json_decref (hello);
}

/* ---- files ---- */

static int
add_file (struct broker *b, const struct gym_option *option, const char *path,
          gym_error *err)
{
  struct stat info;
  const char *slash = strrchr (path, '/');
  if (gym_resize (&b->files, b->n_files + 1, sizeof *b->files) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the files of workers");
  struct broker_file *f = &b->files[b->n_files++];
  *f = (struct broker_file){ .path = strdup (path),
                             .option = strdup (option->name),
                             .name = strdup (slash ? slash + 1 : path) };
  if (!f->path || !f->option || !f->name)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the files of workers");
  int rc = gym_digest_file (path, f->sha256, err);
  if (rc == GYM_OK && stat (path, &info) == 0)
    f->size = (uint64_t)info.st_size;
  return rc;
}

/* Those the user named; a default is a file of the package, which a worker has itself. */
int
peers_read_files (struct broker *b, gym_error *err)
{
  const struct gym_options *o = &gym_env_entry (b->plan.env)->env->options;
  int rc = GYM_OK;
  for (uint32_t i = 0; i < o->n && rc == GYM_OK; i++) {
    struct gym_option option = gym_option_at (o, i);
    const char *path =
        option.type == GYM_OPTION_FILE
            ? gym_settings_get (gym_env_settings (b->plan.env), option.name)
            : NULL;
    if (path && !gym_option_is_choice (&option, path))
      rc = add_file (b, &option, path, err);
  }
  return rc;
}

/* Read anew for every chunk: no file stays open for a worker that may never ask again. */
static void
send_chunk (struct broker *b, const struct peer *peer, const struct broker_file *f,
            uint64_t offset)
{
  unsigned char *bytes = malloc (CHUNK);
  FILE *file = bytes ? fopen (f->path, "rb") : NULL;
  if (file && fseeko (file, (off_t)offset, SEEK_SET) == 0) {
    size_t n = fread (bytes, 1, CHUNK, file);
    wire_begin (&b->out, WIRE_FILE, b->session);
    wire_u64 (&b->out, offset);
    wire_u64 (&b->out, f->size);
    wire_bytes (&b->out, f->sha256, 64);
    wire_bytes (&b->out, bytes, n);
    broker_send (b, peer->id, peer->id_length, 0);
  }
  if (file)
    fclose (file);
  free (bytes);
}

/* Only the files of this study: a digest is not a path. */
void
peers_fetch (struct broker *b, struct peer *peer, struct wire_in *in)
{
  uint64_t offset = wire_get_u64 (in);
  const char *digest = wire_get_bytes (in, 64);
  for (size_t i = 0; digest && i < b->n_files; i++)
    if (memcmp (b->files[i].sha256, digest, 64) == 0 && offset <= b->files[i].size) {
      send_chunk (b, peer, &b->files[i], offset);
      return;
    }
  b->count.dropped++;
}
