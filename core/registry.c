/* The table of known classes: a sorted array per role, filled by files or by hand. */
#include "core/digest.h"
#include "core/memory.h"
#include "core/registry.h"
#include "core/unsealed.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct slot {
  struct gym_entry entry;
  size_t bare; /* length of the id without its version */
  unsigned version;
  bool file; /* origin is a file that can be digested */
};

struct list {
  struct slot **items; /* pointers: entries handed out never move */
  size_t n, room;
};

struct owned {
  void *object;
  void (*release) (void *object);
};

struct gym_registry {
  struct list roles[3];
  struct owned *owned;
  size_t n_owned, room_owned;
  char **texts; /* owned strings: origins and problems */
  size_t n_texts, room_texts;
  const char **problems;
  size_t n_problems, room_problems;
  struct gym_unsealed *unsealed;
};

gym_registry *
gym_registry_new (gym_error *err)
{
  gym_registry *r = calloc (1, sizeof *r);
  if (r && !(r->unsealed = gym_unsealed_new ())) {
    free (r);
    r = NULL;
  }
  if (!r)
    gym_fail (err, GYM_ENOMEM, "out of memory for the registry");
  return r;
}

struct gym_unsealed *
gym_registry_unsealed (const gym_registry *r)
{
  return r->unsealed;
}

void
gym_registry_destroy (gym_registry **registry)
{
  gym_registry *r = *registry;
  if (!r)
    return;
  for (size_t k = 0; k < 3; k++) {
    for (size_t i = 0; i < r->roles[k].n; i++)
      free (r->roles[k].items[i]);
    free (r->roles[k].items);
  }
  while (r->n_owned-- > 0)
    r->owned[r->n_owned].release (r->owned[r->n_owned].object);
  free (r->owned);
  for (size_t i = 0; i < r->n_texts; i++)
    free (r->texts[i]);
  free (r->texts);
  free (r->problems);
  gym_unsealed_destroy (&r->unsealed);
  free (r);
  *registry = NULL;
}

static const char *
keep (gym_registry *r, const char *text)
{
  if (gym_grow (&r->texts, r->n_texts, &r->room_texts, sizeof *r->texts) < 0)
    return NULL;
  char *copy = strdup (text);
  if (copy)
    r->texts[r->n_texts++] = copy;
  return copy;
}

/* Order of entries: by bare name, then version. */
static int
order (const struct slot *a, const struct slot *b)
{
  size_t least = a->bare < b->bare ? a->bare : b->bare;
  int c = memcmp (a->entry.id, b->entry.id, least);
  if (c != 0)
    return c;
  if (a->bare != b->bare)
    return a->bare < b->bare ? -1 : 1;
  return a->version < b->version ? -1 : a->version > b->version;
}

static int
insert (struct list *list, const struct slot *slot, gym_error *err)
{
  size_t at = 0;
  while (at < list->n && order (list->items[at], slot) < 0)
    at++;
  if (at < list->n && order (list->items[at], slot) == 0)
    return gym_fail (err, GYM_ESTATE, "%s: id \"%s\" is already taken by %s",
                     slot->entry.origin, slot->entry.id, list->items[at]->entry.origin);
  struct slot *copy = malloc (sizeof *copy);
  if (!copy
      || gym_grow (&list->items, list->n, &list->room, sizeof (struct slot *)) < 0) {
    free (copy);
    return gym_fail (err, GYM_ENOMEM, "out of memory for the registry");
  }
  *copy = *slot;
  memmove (list->items + at + 1, list->items + at, (list->n - at) * sizeof *list->items);
  list->items[at] = copy;
  list->n++;
  return GYM_OK;
}

/* Ids are checked again here since classes made at run time come this way too. */
static int
add_entry (gym_registry *r, struct slot *slot, enum gym_role role, const char *id,
           gym_error *err)
{
  slot->entry.role = role;
  slot->entry.id = id;
  int rc = gym_id_split (id, &slot->bare, &slot->version, err);
  return rc < 0 ? rc : insert (&r->roles[role - 1], slot, err);
}

/* Adds the classes one by one: an id that is taken refuses that class alone. */
static int
add_classes (gym_registry *r, const struct gym_plugin *p, const char *origin, bool file,
             gym_error *err)
{
  const char *kept = keep (r, origin);
  if (!kept)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the registry");
  int worst = GYM_OK, rc;
  struct slot base = { .file = file };
  base.entry.origin = kept;
  base.entry.plugin = p;
  for (size_t i = 0; p->envs && p->envs[i]; i++) {
    struct slot s = base;
    s.entry.env = p->envs[i];
    if ((rc = add_entry (r, &s, GYM_ROLE_ENV, s.entry.env->id, err)) < 0)
      worst = rc;
  }
  for (size_t i = 0; p->agents && p->agents[i]; i++) {
    struct slot s = base;
    s.entry.agent = p->agents[i];
    if ((rc = add_entry (r, &s, GYM_ROLE_AGENT, s.entry.agent->id, err)) < 0)
      worst = rc;
  }
  for (size_t i = 0; p->proxies && p->proxies[i]; i++) {
    struct slot s = base;
    s.entry.proxy = p->proxies[i];
    if ((rc = add_entry (r, &s, GYM_ROLE_PROXY, s.entry.proxy->id, err)) < 0)
      worst = rc;
  }
  return worst;
}

int
gym_registry_load (gym_registry *r, const char *path, gym_error *err)
{
  const struct gym_plugin *p = gym_plugin_load (path, err);
  return p ? add_classes (r, p, path, true, err) : GYM_EPLUGIN;
}

int
gym_registry_add (gym_registry *r, const struct gym_plugin *plugin, const char *origin,
                  gym_error *err)
{
  struct stat st;
  int rc = gym_plugin_check (plugin, origin, err);
  bool file = stat (origin, &st) == 0 && S_ISREG (st.st_mode); /* a script's classes */
  return rc < 0 ? rc : add_classes (r, plugin, origin, file, err);
}

static int
note_problem (gym_registry *r, const char *text)
{
  const char *kept = keep (r, text);
  if (!kept
      || gym_grow (&r->problems, r->n_problems, &r->room_problems, sizeof *r->problems)
             < 0)
    return GYM_ENOMEM;
  r->problems[r->n_problems++] = kept;
  return GYM_OK;
}

/* Libtool leaves .la and .lai files beside the objects. */
static int
is_object (const struct dirent *entry)
{
  size_t n = strlen (entry->d_name);
  return n > 3 && strcmp (entry->d_name + n - 3, ".so") == 0;
}

/* Loads a folder's plugins in order of their names. A folder that does not exist is an
 * error only when the user named it. */
static int
scan_folder (gym_registry *r, const char *folder, bool named, gym_error *err)
{
  struct dirent **files;
  int n = scandir (folder, &files, is_object, alphasort);
  if (n < 0)
    return !named ? GYM_OK
                  : gym_fail (err, GYM_ENOTFOUND,
                              "GYM_PLUGIN_PATH: \"%s\" is not a folder that can be read",
                              folder);
  int rc = GYM_OK;
  for (int i = 0; i < n; i++) {
    char path[4096];
    gym_error why = { 0 };
    snprintf (path, sizeof path, "%s/%s", folder, files[i]->d_name);
    int loaded = rc == GYM_OK ? gym_registry_load (r, path, &why) : GYM_OK;
    if (loaded < 0
        && loaded != GYM_ESTATE) /* shadowed by an earlier folder is no fault */
      rc = note_problem (r, why.text);
    free (files[i]);
  }
  free (files);
  return rc < 0 ? gym_fail (err, rc, "out of memory for the registry") : GYM_OK;
}

/* Folders that the user names come first, so that a new build of a plugin can be tried
 * beside an installed one. */
static int
scan_path (gym_registry *r, const char *path, gym_error *err)
{
  char *copy = strdup (path), *rest = NULL;
  int rc = copy ? GYM_OK : gym_fail (err, GYM_ENOMEM, "out of memory for the registry");
  for (char *f = copy ? strtok_r (copy, ":", &rest) : NULL; f && rc == GYM_OK;
       f = strtok_r (NULL, ":", &rest))
    rc = scan_folder (r, f, true, err);
  free (copy);
  return rc;
}

size_t
gym_build_tree (char path[GYM_BUILD_TREE])
{
  static const char end[] = "/core/.libs/";
  Dl_info info;
  if (!dladdr ((void *)(uintptr_t)gym_registry_new, &info) || !info.dli_fname
      || !realpath (info.dli_fname, path))
    return 0;
  char *slash = strrchr (path, '/');
  size_t n = slash ? (size_t)(slash + 1 - path) : 0;
  if (n < sizeof end || strncmp (path + n - (sizeof end - 1), end, sizeof end - 1) != 0)
    return 0;
  n -= sizeof end - 2;
  path[n] = '\0';
  return n;
}

/* In a build tree: the folders where libtool leaves plugins. */
static int
scan_build_tree (gym_registry *r, bool *found, gym_error *err)
{
  static const char *const rooms[] = { "envs/.libs", "plugins/.libs" };
  char path[GYM_BUILD_TREE];
  size_t n = gym_build_tree (path);
  *found = n > 0;
  if (n == 0)
    return GYM_OK;
  for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
    snprintf (path + n, sizeof path - n, "%s", rooms[i]);
    int rc = scan_folder (r, path, false, err);
    if (rc < 0)
      return rc;
  }
  return GYM_OK;
}

int
gym_registry_scan (gym_registry *r, gym_error *err)
{
  const char *path = getenv ("GYM_PLUGIN_PATH");
  bool built = false;
  int rc = path && *path ? scan_path (r, path, err) : GYM_OK;
  if (rc == GYM_OK)
    rc = scan_build_tree (r, &built, err);
  /* A library that runs from its build tree must not pick up older installed plugins. */
  if (rc == GYM_OK && !built)
    rc = scan_folder (r, PLUGINDIR, false, err);
  return rc;
}

int
gym_registry_own (gym_registry *r, void *object, void (*release) (void *object),
                  gym_error *err)
{
  if (gym_grow (&r->owned, r->n_owned, &r->room_owned, sizeof *r->owned) < 0)
    return gym_fail (err, GYM_ENOMEM, "out of memory for the registry");
  r->owned[r->n_owned++] = (struct owned){ .object = object, .release = release };
  return GYM_OK;
}

int
gym_registry_refuse (gym_registry *r, const char *path, const char *reason,
                     gym_error *err)
{
  char text[GYM_ERROR_TEXT];
  snprintf (text, sizeof text, "%s: %s", path, reason);
  int rc = note_problem (r, text);
  return rc < 0 ? gym_fail (err, rc, "out of memory for the registry") : GYM_OK;
}

size_t
gym_registry_problem_count (const gym_registry *r)
{
  return r->n_problems;
}

const char *
gym_registry_problem (const gym_registry *r, size_t i)
{
  return i < r->n_problems ? r->problems[i] : NULL;
}

size_t
gym_registry_count (const gym_registry *r, enum gym_role role)
{
  return r->roles[role - 1].n;
}

const struct gym_entry *
gym_registry_entry (const gym_registry *r, enum gym_role role, size_t i)
{
  const struct list *list = &r->roles[role - 1];
  return i < list->n ? &list->items[i]->entry : NULL;
}

/* The nearest of the ids, or of the bare names when `id` has no version. */
static const char *
nearest_id (const struct list *list, const char *id)
{
  enum { most = 256 };
  const char *ids[most] = { NULL };
  char bare[most][48];
  unsigned n = 0;
  bool versioned = strstr (id, "-v") != NULL;
  for (size_t i = 0; i < list->n && n < most; i++) {
    const struct slot *s = list->items[i];
    snprintf (bare[n], sizeof bare[n], "%.*s", (int)s->bare, s->entry.id);
    ids[n] = versioned ? s->entry.id : bare[n];
    n++;
  }
  const char *near = gym_nearest (id, ids, n);
  for (unsigned i = 0; near && i < n; i++)
    if (ids[i] == near)
      return list->items[i]->entry.id;
  return NULL;
}

/* The message for an id nobody has: what exists, the nearest, what was refused. */
static void
complain (const gym_registry *r, enum gym_role role, const char *id, gym_error *err)
{
  static const char *const names[] = { "env", "agent", "proxy model" };
  const struct list *list = &r->roles[role - 1];
  char known[512] = "none";
  size_t used = 0;
  for (size_t i = 0; i < list->n && used < sizeof known; i++)
    used += (size_t)snprintf (known + used, sizeof known - used, "%s%s", i ? ", " : "",
                              list->items[i]->entry.id);
  const char *near = nearest_id (list, id);
  gym_fail (err, GYM_ENOTFOUND, "unknown %s \"%s\"; valid ones are: %s%s%s%s",
            names[role - 1], id, known, near ? "; did you mean " : "", near ? near : "",
            near ? "?" : "");
  size_t at = err ? strlen (err->text) : 0;
  if (err && r->n_problems > 0)
    snprintf (err->text + at, sizeof err->text - at, " (refused: %s%s)", r->problems[0],
              r->n_problems > 1 ? ", and more" : "");
}

/* A full id wins over an alias; the newest version is the one of the largest number. */
const struct gym_entry *
gym_registry_find (const gym_registry *r, enum gym_role role, const char *id,
                   gym_error *err)
{
  const struct list *list = &r->roles[role - 1];
  size_t n = strlen (id);
  const struct slot *newest = NULL;
  for (size_t i = 0; i < list->n; i++) {
    const struct slot *s = list->items[i];
    if (strcmp (s->entry.id, id) == 0)
      return &s->entry;
    if (s->bare == n && memcmp (s->entry.id, id, n) == 0
        && (!newest || s->version > newest->version))
      newest = s;
  }
  if (!newest)
    complain (r, role, id, err);
  return newest ? &newest->entry : NULL;
}

int
gym_entry_digest (const struct gym_entry *entry, char digest[65], gym_error *err)
{
  const struct slot *s = (const struct slot *)entry; /* its first member */
  if (s->file)
    return gym_digest_file (entry->origin, digest, err);
  char text[512];
  int n = snprintf (text, sizeof text, "%s %s %s", entry->id, entry->plugin->version,
                    gym_version ());
  gym_digest_bytes (text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1, digest);
  return GYM_OK;
}

/* A class says how large it is: what lies behind its end is not there. */
struct gym_place
gym_entry_place (const struct gym_entry *entry)
{
  struct gym_place place = { 0 };
  if (entry->env && entry->env->struct_size >= sizeof *entry->env)
    place = entry->env->place;
  else if (entry->agent && entry->agent->struct_size >= sizeof *entry->agent)
    place = entry->agent->place;
  else if (entry->proxy
           && entry->proxy->struct_size >= offsetof (struct gym_proxy_class, pretrain))
    place = entry->proxy->place;
  return (struct gym_place){ .space = place.space ? place.space : "",
                             .strategy = place.strategy ? place.strategy : "",
                             .acceleration = place.acceleration ? place.acceleration : "",
                             .cost = place.cost ? place.cost : "" };
}
