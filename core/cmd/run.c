/* gym run: a Lua script with the module `gym` at hand. */
#include "core/cmd/common.h"

#include "lua/gymlua.h"

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

/* Turns whatever was raised into a text with a traceback, as the stand-alone
 * interpreter does. */
static int
add_traceback (lua_State *L)
{
  const char *text = lua_tostring (L, 1);
  if (!text && luaL_callmeta (L, 1, "__tostring") && lua_type (L, -1) == LUA_TSTRING)
    text = lua_tostring (L, -1);
  if (!text)
    text = lua_pushfstring (L, "(error object is a %s value)", luaL_typename (L, 1));
  luaL_traceback (L, L, text, 1);
  return 1;
}

/* The global `arg`: the script at 0, its arguments after it, "gym" and "run" before. */
static void
set_arguments (lua_State *L, const struct cli *cli, int script)
{
  lua_createtable (L, cli->argc - script, script + 1);
  for (int i = 0; i < cli->argc; i++) {
    lua_pushstring (L, cli->argv[i]);
    lua_rawseti (L, -2, i - script);
  }
  lua_setglobal (L, "arg");
  luaL_checkstack (L, cli->argc, "too many arguments");
  for (int i = script + 1; i < cli->argc; i++)
    lua_pushstring (L, cli->argv[i]);
}

static void
open_libraries (lua_State *L)
{
  luaL_openlibs (L);
  luaL_getsubtable (L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction (L, luaopen_gym);
  lua_setfield (L, -2, "gym");
  lua_pop (L, 1);
}

/* Runs in protected mode: memory may run out anywhere. Leaves nothing. */
static int
prepare_and_call (lua_State *L)
{
  const struct cli *cli = lua_touserdata (L, 1);
  const char *path = cli_plain (cli, 0);
  int script = 0;
  while (cli->argv[script] != path)
    script++;
  open_libraries (L);
  int status = luaL_loadfile (L, strcmp (path, "-") == 0 ? NULL : path);
  if (status != LUA_OK)
    return lua_error (L);
  set_arguments (L, cli, script);
  lua_call (L, cli->argc - script - 1, 0);
  return 0;
}

static int
run (const struct cli *cli, gym_error *err)
{
  lua_State *L = luaL_newstate ();
  if (!L)
    return gym_fail (err, GYM_ENOMEM, "out of memory for Lua");
  lua_pushcfunction (L, add_traceback);
  lua_pushcfunction (L, prepare_and_call);
  lua_pushlightuserdata (L, (void *)(uintptr_t)cli);
  int status = lua_pcall (L, 1, 0, 1), code = CLI_OK;
  if (status != LUA_OK) {
    /* Written here: a traceback may be longer than an error text. */
    const char *text = lua_tostring (L, -1);
    fflush (stdout);
    fprintf (stderr, "gym: %s\n", text ? text : "error without a text");
    code = CLI_FAILED;
  }
  lua_close (L);
  return code;
}

const struct cli_command cmd_run = {
  .name = "run",
  .arguments = "SCRIPT [ARGUMENT ...]",
  .summary = "Run a Lua script",
  .doc = "Runs SCRIPT (- for standard input) in Lua 5.4 with the module `gym` ready for "
         "require. The table `arg` holds the arguments, as in the stand-alone "
         "interpreter; they are the script's own, whatever they look like. An error ends "
         "the script with a traceback and exit code 1; os.exit(n) ends it with n.",
  .least = 1,
  .most = 1,
  .script = true,
  .run = run,
};
