/* lua/gymlua.h - what the gym command uses of the Lua binding. */
#ifndef GYM_LUA_GYMLUA_H
#define GYM_LUA_GYMLUA_H

#include <gym/gym.h>
#include <lua.h>

/* Opens module "gym" as `require` does: leaves its table on the stack and returns 1.
 * The module keeps a registry of its own in the state, filled (gym_registry_scan and the
 * Lua plugins below) the first time a script needs it, and freed with the state. The
 * command puts this function into package.preload; a stock lua5.4 finds it in gym.so.
 * A running study and the training of a model look at the main thread's debug hook: a
 * host that sets one in its signal handler, as lua5.4 itself does, stops them and then
 * gets its hook called. */
GYM_EXPORT int luaopen_gym (lua_State *L);

/* Registers every Lua plugin (NAME.lua returning gym.environment{...} or
 * gym.agent_class{...}) of the folders of GYM_PLUGIN_PATH. Call it after
 * gym_registry_scan. The Lua state they live in belongs to the registry. A file that
 * cannot be used is listed among the registry's problems; fails only for lack of
 * memory. Thread: the one that fills the registry; envs and agents made from these
 * classes belong to that same thread. */
int gym_lua_register (gym_registry *registry, gym_error *err);

#endif
