/* gym/registry.h - the plugins this process knows.
 *
 * A registry is filled once and then only read. Plugins are looked for, in this order:
 * every folder of GYM_PLUGIN_PATH (colon separated), the build tree's folder when the
 * library runs from there, and the installed plugin folder. The first to define an id
 * wins. A file that cannot be used is not fatal: it is listed among the registry's
 * problems, and named when somebody asks for an id that is missing.
 *
 * Ids carry a version, "dram-v1". The bare name "dram" is an alias of the newest. Loaded
 * objects are never closed. */
#ifndef GYM_REGISTRY_H
#define GYM_REGISTRY_H

#include <gym/options.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Owned by its maker; filling it is for one thread, looking things up for any. Destroy it
 * after every env and agent that was opened from it. */
typedef struct gym_registry gym_registry;

/* An empty registry. */
GYM_API gym_registry *gym_registry_new (gym_error *err);
GYM_API void gym_registry_destroy (gym_registry **registry);

/* Loads every plugin (*.so) of the standard places above. Fails only for lack of memory
 * or when GYM_PLUGIN_PATH names a folder that does not exist. */
GYM_API int gym_registry_scan (gym_registry *registry, gym_error *err);

/* Loads one file. GYM_EPLUGIN says which file and why: not a shared object, cut short,
 * an unresolved symbol, no gym_plugin_entry, another ABI (with both versions), a class
 * with a missing method. GYM_ESTATE: an id is taken (its other classes are added). */
GYM_API int gym_registry_load (gym_registry *registry, const char *path, gym_error *err);

/* Adds classes that live in this process (tests, bindings, static linking). `plugin` and
 * all it points to must outlive the registry. `origin` is shown as its place. */
GYM_API int gym_registry_add (gym_registry *registry, const struct gym_plugin *plugin,
                              const char *origin, gym_error *err);

/* Hands `object` to the registry, which calls `release (object)` when it is destroyed,
 * after every class is forgotten and in reverse order: for classes made at run time,
 * whose memory must live as long as the registry. On failure it is still the caller's. */
GYM_API int gym_registry_own (gym_registry *registry, void *object,
                              void (*release) (void *object), gym_error *err);

/* Lists a file among those refused, for loaders of other kinds of plugin (a binding's
 * script files); the text is copied. */
GYM_API int gym_registry_refuse (gym_registry *registry, const char *path,
                                 const char *reason, gym_error *err);

/* Files that were refused: number, and text i ("path: reason"). */
GYM_API size_t gym_registry_problem_count (const gym_registry *registry);
GYM_API const char *gym_registry_problem (const gym_registry *registry, size_t i);

enum gym_role { GYM_ROLE_ENV = 1, GYM_ROLE_AGENT = 2, GYM_ROLE_PROXY = 3 };

/* One entry: exactly one of the class pointers is set. Borrowed from the registry. */
struct gym_entry {
  enum gym_role role;
  const char *id;
  const char *origin; /* the file, or what gym_registry_add was told */
  const struct gym_plugin *plugin;
  const struct gym_env_class *env;
  const struct gym_agent_class *agent;
  const struct gym_proxy_class *proxy;
};

/* All entries of a role in order of id. */
GYM_API size_t gym_registry_count (const gym_registry *registry, enum gym_role role);
GYM_API const struct gym_entry *gym_registry_entry (const gym_registry *registry,
                                                    enum gym_role role, size_t i);

/* The entry of an id or of a bare name. NULL with GYM_ENOTFOUND: the error lists what
 * exists, the nearest match and the files that were refused. */
GYM_API const struct gym_entry *gym_registry_find (const gym_registry *registry,
                                                   enum gym_role role, const char *id,
                                                   gym_error *err);

/* Where the entry stands on the four axes (gym/plugin.h); axes that its class leaves out,
 * or is too old to know, are "". Borrowed. */
GYM_API struct gym_place gym_entry_place (const struct gym_entry *entry);

/* SHA-256 of the file an entry came from, in hexadecimal into digest[65]; of the id and
 * the library's version for classes added in the process. */
GYM_API int gym_entry_digest (const struct gym_entry *entry, char digest[65],
                              gym_error *err);

#ifdef __cplusplus
}
#endif
#endif
