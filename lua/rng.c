/* Random streams for scripts: rng:int, rng:real, rng:normal, rng:pick, rng:shuffle. */
#include "lua/binding.h"

/* A stream has no pointers: plain userdata without a finaliser. */
gym_rng *
bind_rng (lua_State *L, uint64_t key)
{
  gym_rng *rng = lua_newuserdatauv (L, sizeof *rng, 0);
  gym_rng_init (rng, key);
  luaL_setmetatable (L, RNG_CLASS);
  return rng;
}

gym_rng *
bind_check_rng (lua_State *L, int at)
{
  gym_rng *rng = luaL_testudata (L, at, RNG_CLASS);
  if (!rng)
    bind_raise (L, "a gym.rng was expected, not %s (methods are called with a colon)",
                bind_show (L, at));
  return rng;
}

void
bind_seed_random (lua_State *L, uint64_t key)
{
  lua_rawgeti (L, LUA_REGISTRYINDEX, bind_state (L)->randomseed);
  lua_pushinteger (L, (lua_Integer)key);
  lua_pushinteger (L, 0);
  lua_call (L, 2, 0);
}

static lua_Integer
integer_argument (lua_State *L, int at, const char *name)
{
  int whole = 0;
  lua_Integer value = lua_tointegerx (L, at, &whole);
  if (!whole || lua_type (L, at) != LUA_TNUMBER)
    bind_raise (L, "%s: an integer was expected, not %s", name, bind_show (L, at));
  return value;
}

static double
number_argument (lua_State *L, int at, const char *name, double fallback)
{
  if (lua_isnoneornil (L, at))
    return fallback;
  if (lua_type (L, at) != LUA_TNUMBER)
    bind_raise (L, "%s: a number was expected, not %s", name, bind_show (L, at));
  return lua_tonumber (L, at);
}

/* Unsigned arithmetic: high - low may be more than an integer holds. */
static int
rng_int (lua_State *L)
{
  gym_rng *rng = bind_check_rng (L, 1);
  lua_Integer low = integer_argument (L, 2, "rng:int(low, high)");
  lua_Integer high = integer_argument (L, 3, "rng:int(low, high)");
  if (low > high)
    return bind_raise (L, "rng:int(low, high): %lld is more than %lld", (long long)low,
                       (long long)high);
  uint64_t span = (uint64_t)high - (uint64_t)low;
  uint64_t drawn = span == UINT64_MAX ? gym_rng_u64 (rng) : gym_rng_below (rng, span + 1);
  lua_pushinteger (L, (lua_Integer)((uint64_t)low + drawn));
  return 1;
}

static int
rng_real (lua_State *L)
{
  gym_rng *rng = bind_check_rng (L, 1);
  double low = number_argument (L, 2, "rng:real(low, high)", 0);
  double high = number_argument (L, 3, "rng:real(low, high)", 1);
  lua_pushnumber (L, low + (high - low) * gym_rng_real (rng));
  return 1;
}

/* Two draws each, nothing kept back: the stream's position tells all. */
static int
rng_normal (lua_State *L)
{
  gym_rng *rng = bind_check_rng (L, 1);
  double mean = number_argument (L, 2, "rng:normal(mean, deviation)", 0);
  double deviation = number_argument (L, 3, "rng:normal(mean, deviation)", 1);
  lua_pushnumber (L, mean + deviation * gym_rng_normal (rng));
  return 1;
}

/* Length of the list at 2, at least `least`. */
static lua_Integer
list_length (lua_State *L, const char *name, lua_Integer least)
{
  if (!lua_istable (L, 2))
    bind_raise (L, "%s: a list was expected, not %s", name, bind_show (L, 2));
  lua_Integer n = luaL_len (L, 2);
  if (n < least)
    bind_raise (L, "%s: the list is empty", name);
  return n;
}

/* The list may have a length of its own (__len, __index). */
static int
rng_pick (lua_State *L)
{
  gym_rng *rng = bind_check_rng (L, 1);
  lua_Integer n = list_length (L, "rng:pick(list)", 1);
  lua_geti (L, 2, 1 + (lua_Integer)gym_rng_below (rng, (uint64_t)n));
  return 1;
}

/* In place; returns the list. */
static int
rng_shuffle (lua_State *L)
{
  gym_rng *rng = bind_check_rng (L, 1);
  for (lua_Integer i = list_length (L, "rng:shuffle(list)", 0); i > 1; i--) {
    lua_Integer j = 1 + (lua_Integer)gym_rng_below (rng, (uint64_t)i);
    lua_geti (L, 2, i);
    lua_geti (L, 2, j);
    lua_seti (L, 2, i);
    lua_seti (L, 2, j);
  }
  lua_settop (L, 2);
  return 1;
}

/* gym.rng(seed) */
static int
rng_new (lua_State *L)
{
  bind_rng (L, (uint64_t)integer_argument (L, 1, "gym.rng(seed)"));
  return 1;
}

void
bind_open_rng (lua_State *L)
{
  static const luaL_Reg methods[] = { { "int", rng_int },         { "real", rng_real },
                                      { "normal", rng_normal },   { "pick", rng_pick },
                                      { "shuffle", rng_shuffle }, { NULL, NULL } };
  luaL_newmetatable (L, RNG_CLASS);
  luaL_newlib (L, methods);
  lua_setfield (L, -2, "__index");
  lua_pop (L, 1);
  static const luaL_Reg module[] = { { "rng", rng_new }, { NULL, NULL } };
  bind_functions (L, module, NULL);
}
