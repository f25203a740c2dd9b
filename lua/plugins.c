/* Finding and running plugin files written in Lua. */
#include "lua/plugins.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool
is_script (const char *name)
{
  size_t n = strlen (name);
  return n > 4 && name[0] != '.' && strcmp (name + n - 4, ".lua") == 0;
}

static int
select_script (const struct dirent *entry)
{
  return is_script (entry->d_name);
}

/* The next folder of a colon-separated list into `folder`; false at the end. */
static bool
next_folder (const char **list, char *folder, size_t size)
{
  while (**list == ':')
    ++*list;
  size_t n = strcspn (*list, ":");
  if (n == 0)
    return false;
  snprintf (folder, size, "%.*s", (int)n, *list);
  *list += n;
  return true;
}

/* A process without Lua plugins need not pay for a Lua state. */
bool
bind_any_plugins (void)
{
  const char *list = getenv ("GYM_PLUGIN_PATH");
  char folder[4096];
  bool any = false;
  while (list && !any && next_folder (&list, folder, sizeof folder)) {
    DIR *dir = opendir (folder);
    const struct dirent *entry;
    while (dir && !any && (entry = readdir (dir)))
      any = is_script (entry->d_name);
    if (dir)
      closedir (dir);
  }
  return any;
}

/* print of plugin files: stdout belongs to whoever uses them. */
static int
print_aside (lua_State *L)
{
  int n = lua_gettop (L);
  for (int i = 1; i <= n; i++) {
    const char *text = luaL_tolstring (L, i, NULL);
    fprintf (stderr, "%s%s", i > 1 ? "\t" : "", text);
    lua_pop (L, 1);
  }
  fputc ('\n', stderr);
  return 0;
}

/* Whether the file is a script that runs now, further up the stack: a user's script that
 * lies in a folder of GYM_PLUGIN_PATH itself. */
static bool
is_running (lua_State *L, const char *path)
{
  struct stat ours, theirs;
  lua_Debug ar;
  if (stat (path, &ours) != 0)
    return false;
  lua_State *threads[2] = { L, bind_state (L)->main };
  for (int t = 0; t < 2; t++)
    for (int level = 0; lua_getstack (threads[t], level, &ar); level++) {
      lua_getinfo (threads[t], "S", &ar);
      if (ar.source[0] == '@' && stat (ar.source + 1, &theirs) == 0
          && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
        return true;
    }
  return false;
}

/* Runs the file at 1; raises what is wrong with it. */
static int
load_body (lua_State *L)
{
  const char *path = lua_tostring (L, 1);
  if (luaL_loadfilex (L, path, "t") != LUA_OK)
    return lua_error (L);
  lua_createtable (L, 0, 4); /* its globals */
  lua_pushcfunction (L, print_aside);
  lua_setfield (L, -2, "print");
  lua_createtable (L, 0, 1);
  lua_pushglobaltable (L);
  lua_setfield (L, -2, "__index");
  lua_setmetatable (L, -2);
  lua_setupvalue (L, -2, 1);
  lua_call (L, 0, 1);
  lua_getfield (L, LUA_REGISTRYINDEX, "gym.classes");
  lua_pushvalue (L, 2);
  if (lua_isnil (L, 2) || lua_rawget (L, -2) == LUA_TNIL)
    return luaL_error (L, "returned %s, not gym.environment{...} or gym.agent_class{...}",
                       bind_show (L, 2));
  return 0;
}

/* One that is broken must not keep the others from being found. */
static void
load_plugin (lua_State *L, const char *path)
{
  struct binding *b = bind_state (L);
  gym_error err = { 0 };
  if (is_running (L, path))
    return;
  b->loading = path;
  lua_pushcfunction (L, load_body);
  lua_pushstring (L, path);
  int rc = lua_pcall (L, 1, 0, 0);
  b->loading = NULL;
  if (rc == LUA_OK)
    return;
  const char *why = lua_tostring (L, -1);
  if (gym_registry_refuse (b->registry, path, why ? why : "raised an error", &err) < 0)
    bind_raise_error (L, &err);
  lua_pop (L, 1);
}

/* Pushes the paths of a folder's scripts, in order. */
static int
push_scripts (lua_State *L, const char *folder)
{
  struct dirent **files = NULL;
  int n = scandir (folder, &files, select_script, alphasort);
  lua_newtable (L);
  for (int i = 0; i < n; i++) {
    lua_pushfstring (L, "%s/%s", folder, files[i]->d_name);
    lua_rawseti (L, -2, i + 1);
    free (files[i]);
  }
  free (files);
  return n;
}

void
bind_load_plugins (lua_State *L)
{
  const char *list = getenv ("GYM_PLUGIN_PATH");
  char folder[4096];
  while (list && next_folder (&list, folder, sizeof folder)) {
    int n = push_scripts (L, folder);
    for (int i = 1; i <= n; i++) {
      lua_rawgeti (L, -1, i);
      load_plugin (L, lua_tostring (L, -1));
      lua_pop (L, 1);
    }
    lua_pop (L, 1);
  }
}
