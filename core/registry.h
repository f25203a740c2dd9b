/* core/registry.h - loading of plugin files, apart from keeping what they hold. */
#ifndef CORE_REGISTRY_H
#define CORE_REGISTRY_H

#include <gym/registry.h>

/* Opens a plugin file (RTLD_NOW | RTLD_LOCAL, never closed) and checks its header: NULL
 * with GYM_EPLUGIN and the reason otherwise. Nothing of it has run. */
const struct gym_plugin *gym_plugin_load (const char *path, gym_error *err);

/* Checks every class of a plugin for missing methods and malformed ids. */
int gym_plugin_check (const struct gym_plugin *plugin, const char *origin,
                      gym_error *err);

/* Splits "dram-v12" into the length of the bare name and the version; GYM_EINVAL when it
 * has none. */
int gym_id_split (const char *id, size_t *bare, unsigned *version, gym_error *err);

/* The top of the build tree that the library runs from (its own folder is
 * TOP/core/.libs), with a slash at its end; returns its length, 0 for an installed
 * library. */
enum { GYM_BUILD_TREE = 4096 };
size_t gym_build_tree (char path[GYM_BUILD_TREE]);

#endif
