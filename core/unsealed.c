/* core/unsealed.c - which sealed metrics this process has read: see core/unsealed.h. */
#include "core/unsealed.h"
#include "core/memory.h"
#include "core/store.h"

#include <pthread.h>
#include <unistd.h>

/* A store that a study of this process on the env wrote to. */
struct watched {
  char *path;
  bool busy; /* its study is running */
  bool told; /* has a read that is newer than all its trials */
};

struct entry {
  char *identity;
  uint64_t reads;
  struct watched *stores;
  size_t n, room;
};

struct gym_unsealed {
  pthread_mutex_t lock;
  struct entry *entries;
  size_t n, room;
};

struct gym_unsealed *
gym_unsealed_new (void)
{
  struct gym_unsealed *list = calloc (1, sizeof *list);
  if (list && pthread_mutex_init (&list->lock, NULL) != 0) {
    free (list);
    list = NULL;
  }
  return list;
}

void
gym_unsealed_destroy (struct gym_unsealed **handle)
{
  struct gym_unsealed *list = *handle;
  if (!list)
    return;
  for (size_t i = 0; i < list->n; i++) {
    for (size_t k = 0; k < list->entries[i].n; k++)
      free (list->entries[i].stores[k].path);
    free (list->entries[i].stores);
    free (list->entries[i].identity);
  }
  free (list->entries);
  pthread_mutex_destroy (&list->lock);
  free (list);
  *handle = NULL;
}

static struct entry *
find (struct gym_unsealed *list, const char *identity)
{
  for (size_t i = 0; i < list->n; i++)
    if (strcmp (list->entries[i].identity, identity) == 0)
      return &list->entries[i];
  return NULL;
}

/* Entries are few, and never taken out: what was read stays read. */
static struct entry *
find_or_add (struct gym_unsealed *list, const char *identity, gym_error *err)
{
  struct entry *e = find (list, identity);
  if (e)
    return e;
  char *copy = strdup (identity);
  if (!copy || gym_grow (&list->entries, list->n, &list->room, sizeof *e) < 0) {
    free (copy);
    return gym_fail (err, GYM_ENOMEM, "out of memory for the sealed metrics"), NULL;
  }
  e = &list->entries[list->n++];
  *e = (struct entry){ .identity = copy };
  return e;
}

/* A store that is gone holds no run to taint, and is not to come back empty.
 *
 * In the store before anything is evaluated, and safe from a power cut: a read that the
 * store does not know of is what there must never be. */
static int
put_down (const char *path, const char *identity, gym_error *err)
{
  if (access (path, F_OK) != 0)
    return GYM_OK;
  gym_writer *writer = gym_writer_open (path, GYM_DURABLE_POWER, err);
  if (!writer)
    return err && err->code ? err->code : GYM_EIO;
  int64_t read = gym_writer_unseal (writer, identity, 0, "script", true, err);
  int closed = gym_writer_close (&writer, read < 0 ? NULL : err);
  return read < 0 ? (int)read : closed;
}

/* The list is locked for as long as it takes, so that no study can begin in between. */
int
gym_unsealed_read (struct gym_unsealed *list, const char *identity, const char *known,
                   gym_error *err)
{
  gym_error own = { 0 };
  err = err ? err : &own;
  pthread_mutex_lock (&list->lock);
  struct entry *e = find_or_add (list, identity, err);
  int code = e ? GYM_OK : GYM_ENOMEM;
  for (size_t k = 0; code == GYM_OK && k < e->n; k++) {
    struct watched *w = &e->stores[k];
    if (w->busy || w->told)
      continue;
    if (!known || strcmp (known, w->path) != 0)
      code = put_down (w->path, identity, err);
    w->told = code == GYM_OK;
  }
  if (code == GYM_OK)
    e->reads++;
  pthread_mutex_unlock (&list->lock);
  return code;
}

uint64_t
gym_unsealed_count (struct gym_unsealed *list, const char *identity)
{
  pthread_mutex_lock (&list->lock);
  const struct entry *e = find (list, identity);
  uint64_t reads = e ? e->reads : 0;
  pthread_mutex_unlock (&list->lock);
  return reads;
}

static struct watched *
find_store (struct entry *e, const char *path)
{
  for (size_t k = 0; e && k < e->n; k++)
    if (strcmp (e->stores[k].path, path) == 0)
      return &e->stores[k];
  return NULL;
}

/* A study that begins may add trials: what its store knew is no longer the last word. */
int
gym_unsealed_watch (struct gym_unsealed *list, const char *identity, const char *path,
                    gym_error *err)
{
  pthread_mutex_lock (&list->lock);
  struct entry *e = find_or_add (list, identity, err);
  struct watched *w = find_store (e, path);
  int code = e ? GYM_OK : GYM_ENOMEM;
  if (e && !w) {
    char *copy = strdup (path);
    if (copy && gym_grow (&e->stores, e->n, &e->room, sizeof *w) == GYM_OK) {
      w = &e->stores[e->n++];
      *w = (struct watched){ .path = copy };
    } else {
      free (copy);
      code = gym_fail (err, GYM_ENOMEM, "out of memory for the sealed metrics");
    }
  }
  if (w)
    *w = (struct watched){ .path = w->path, .busy = true };
  pthread_mutex_unlock (&list->lock);
  return code;
}

void
gym_unsealed_rest (struct gym_unsealed *list, const char *identity, const char *path)
{
  pthread_mutex_lock (&list->lock);
  struct watched *w = find_store (find (list, identity), path);
  if (w)
    w->busy = false;
  pthread_mutex_unlock (&list->lock);
}
