/* lua/plugins.h - plugin files written in Lua. */
#ifndef GYM_LUA_PLUGINS_H
#define GYM_LUA_PLUGINS_H

#include "lua/binding.h"

/* Whether a folder of GYM_PLUGIN_PATH holds a NAME.lua. Does not raise. */
bool bind_any_plugins (void);

/* Runs every NAME.lua of the folders of GYM_PLUGIN_PATH, in order of their names; each is
 * to return a class, which its definition has registered. One that does not, or that
 * raises, is listed among the registry's problems. Such a file has globals of its own,
 * its print writes to stderr, and it may use nothing of gym that needs the registry. */
void bind_load_plugins (lua_State *L);

#endif
