/* gym run: a Lua script with the module `gym` at hand. */
#include "core/cmd/common.h"

#include "lua/gymlua.h"

#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <string.h>

/* What the signal handler can reach. */
static lua_State *volatile interruptible;

static void
raise_interrupt (lua_State *L, lua_Debug *at)
{
  (void)at;
  lua_sethook (L, NULL, 0, 0);
  luaL_error (L, "interrupted!");
}

/* As in the stand-alone interpreter: setting a hook is the one thing that is safe here;
 * it raises the error at the next instruction. A running study looks for the hook and
 * stops with a resumable store. The second Ctrl-C ends the process. */
static void
on_interrupt (int number)
{
  signal (number, SIG_DFL);
  if (interruptible)
    lua_sethook (interruptible, raise_interrupt,
                 LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

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

/* Leaves the script and its arguments. Runs in protected mode: memory may run out. */
static int
prepare (lua_State *L)
{
  const struct cli *cli = lua_touserdata (L, 1);
  const char *path = cli_plain (cli, 0);
  int script = 0;
  while (cli->argv[script] != path)
    script++;
  open_libraries (L);
  if (luaL_loadfile (L, strcmp (path, "-") == 0 ? NULL : path) != LUA_OK)
    return lua_error (L);
  set_arguments (L, cli, script);
  return cli->argc - script;
}

/* Written here and not by main: a traceback may be longer than an error text. */
static void
report (lua_State *L)
{
  const char *text = lua_tostring (L, -1);
  fflush (stdout);
  fprintf (stderr, "gym: %s\n", text ? text : "error without a text");
}

/* Calls the script below its arguments, which are all that is on the stack but for the
 * traceback function. */
static int
call_script (lua_State *L)
{
  interruptible = L;
  signal (SIGINT, on_interrupt);
  int status = lua_pcall (L, lua_gettop (L) - 2, 0, 1);
  bool interrupted = signal (SIGINT, SIG_DFL) == SIG_DFL;
  interruptible = NULL;
  if (status == LUA_OK)
    return CLI_OK;
  report (L);
  return interrupted ? CLI_INTERRUPTED : CLI_FAILED;
}

static int
run (const struct cli *cli, gym_error *err)
{
  lua_State *L = luaL_newstate ();
  if (!L)
    return gym_fail (err, GYM_ENOMEM, "out of memory for Lua");
  lua_pushcfunction (L, add_traceback);
  lua_pushcfunction (L, prepare);
  lua_pushlightuserdata (L, (void *)(uintptr_t)cli);
  int code = CLI_INPUT;
  if (lua_pcall (L, 1, LUA_MULTRET, 0) == LUA_OK)
    code = call_script (L);
  else
    report (L);
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
         "the script with a traceback and exit code 1, Ctrl-C with 130, os.exit(n) with "
         "n; a "
         "script that cannot be read is bad input, 3.",
  .least = 1,
  .most = 1,
  .script = true,
  .run = run,
};
