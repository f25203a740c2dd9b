/* gym.stats: tests, effect sizes, intervals and lottery bands over lists of numbers, of
 * which smaller ones are better. */
#include "lua/binding.h"

#include <math.h>
#include <string.h>

struct list {
  double *values;
  size_t n;
};

/* A list of numbers, infinities allowed; pushes its buffer. */
static struct list
list_at (lua_State *L, int at, const char *what)
{
  if (!lua_istable (L, at))
    bind_raise (L, "%s: a list of numbers was expected, not %s", what, bind_show (L, at));
  struct list list = { .n = (size_t)luaL_len (L, at) };
  list.values = bind_buffer (L, list.n, sizeof *list.values);
  bind_read_numbers (L, at, what, list.values, list.n);
  return list;
}

static void
set_number (lua_State *L, const char *key, double value)
{
  if (isnan (value))
    return;
  lua_pushnumber (L, value);
  lua_setfield (L, -2, key);
}

static int
push_test (lua_State *L, int code, const struct gym_test *test, const gym_error *err)
{
  if (code < 0)
    return bind_raise_error (L, err);
  lua_createtable (L, 0, 6);
  set_number (L, "statistic", test->statistic);
  set_number (L, "p", test->p);
  set_number (L, "smallest", test->smallest);
  lua_pushinteger (L, (lua_Integer)test->n);
  lua_setfield (L, -2, "n");
  lua_pushinteger (L, (lua_Integer)test->dropped);
  lua_setfield (L, -2, "dropped");
  lua_pushboolean (L, test->exact);
  lua_setfield (L, -2, "exact");
  return 1;
}

/* gym.stats.signed_rank (a, b): paired, {statistic, p, smallest, n, dropped, exact} */
static int
signed_rank (lua_State *L)
{
  static const char what[] = "gym.stats.signed_rank(a, b)";
  struct list a = list_at (L, 1, what), b = list_at (L, 2, what);
  struct gym_test test;
  gym_error err = { 0 };
  if (a.n != b.n)
    return bind_raise (L, "%s: pairs were expected; the lists differ in length", what);
  return push_test (L, gym_stats_signed_rank (a.values, b.values, a.n, &test, &err),
                    &test, &err);
}

/* gym.stats.rank_sum (a, b): two samples */
static int
rank_sum (lua_State *L)
{
  static const char what[] = "gym.stats.rank_sum(a, b)";
  struct list a = list_at (L, 1, what), b = list_at (L, 2, what);
  struct gym_test test;
  gym_error err = { 0 };
  return push_test (L, gym_stats_rank_sum (a.values, a.n, b.values, b.n, &test, &err),
                    &test, &err);
}

/* gym.stats.holm (list of p) */
static int
holm (lua_State *L)
{
  struct list p = list_at (L, 1, "gym.stats.holm(list)");
  gym_error err = { 0 };
  if (gym_stats_holm (p.values, p.n, p.values, &err) < 0)
    return bind_raise_error (L, &err);
  bind_push_numbers (L, p.values, p.n);
  return 1;
}

/* gym.stats.effect (a, b): Vargha and Delaney's A, the chance that one of `a` is better
 */
static int
effect (lua_State *L)
{
  static const char what[] = "gym.stats.effect(a, b)";
  struct list a = list_at (L, 1, what), b = list_at (L, 2, what);
  double value;
  gym_error err = { 0 };
  if (gym_stats_effect (a.values, a.n, b.values, b.n, &value, &err) < 0)
    return bind_raise_error (L, &err);
  if (isnan (value))
    return 0;
  lua_pushnumber (L, value);
  return 1;
}

/* gym.stats.bootstrap (list, {statistic = "median" or "mean", kind = "bca" or
 * "percentile", level = 0.95, resamples = 10000, seed = 0}): low, high, estimate */
static int
bootstrap (lua_State *L)
{
  static const char what[] = "gym.stats.bootstrap(list, options)";
  static const char *const keys[] = { "statistic", "kind",      "level",
                                      "seed",      "resamples", NULL };
  static const char *const kinds[] = { "percentile", "bca", NULL };
  static const char *const statistics[] = { "mean", "median", NULL };
  lua_settop (L, 2);
  if (lua_isnil (L, 2)) {
    lua_newtable (L);
    lua_replace (L, 2);
  }
  bind_check_keys (L, 2, what, keys);
  struct list list = list_at (L, 1, what);
  struct gym_interval interval;
  gym_error err = { 0 };
  int kind = bind_choice (L, bind_text (L, 2, "kind", what, "bca"),
                          "gym.stats.bootstrap: unknown kind", kinds);
  int median = bind_choice (L, bind_text (L, 2, "statistic", what, "median"),
                            "gym.stats.bootstrap: unknown statistic", statistics);
  lua_Integer n = bind_integer (L, 2, "resamples", what, 10000);
  if (gym_stats_bootstrap (
          list.values, list.n, median ? gym_stats_boot_median : gym_stats_boot_mean,
          (enum gym_bootstrap)kind, bind_number (L, 2, "level", what, 0.95),
          n > 0 ? (size_t)n : 0, (uint64_t)bind_integer (L, 2, "seed", what, 0),
          &interval, &err)
      < 0)
    return bind_raise_error (L, &err);
  lua_pushnumber (L, interval.low);
  lua_pushnumber (L, interval.high);
  lua_pushnumber (L, interval.estimate);
  return 3;
}

static void
push_band (lua_State *L, const struct gym_lottery_band *band)
{
  lua_createtable (L, 0, 8);
  lua_pushinteger (L, (lua_Integer)band->settings);
  lua_setfield (L, -2, "settings");
  lua_pushinteger (L, (lua_Integer)band->failed);
  lua_setfield (L, -2, "failed");
  set_number (L, "best", band->best);
  set_number (L, "q1", band->q1);
  set_number (L, "median", band->median);
  set_number (L, "q3", band->q3);
  set_number (L, "worst", band->worst);
}

/* gym.stats.lottery (scores, agents): agents[i] numbers, from 1 on, whose setting i is.
 * {agents = {{settings, failed, best, q1, median, q3, worst}, ...}, widest, typical,
 * between} */
static int
lottery (lua_State *L)
{
  static const char what[] = "gym.stats.lottery(scores, agents)";
  struct list scores = list_at (L, 1, what), of = list_at (L, 2, what);
  uint32_t *agents = bind_buffer (L, of.n, sizeof *agents), n = 0;
  struct gym_lottery all;
  gym_error err = { 0 };
  if (scores.n != of.n)
    return bind_raise (L, "%s: the lists differ in length", what);
  for (size_t i = 0; i < of.n; i++) {
    if (!(of.values[i] >= 1 && of.values[i] <= 1e6))
      return bind_raise (L, "%s: agent %d is not numbered from 1 on", what, (int)i + 1);
    agents[i] = (uint32_t)of.values[i] - 1;
    n = agents[i] + 1 > n ? agents[i] + 1 : n;
  }
  struct gym_lottery_band *bands = bind_buffer (L, n, sizeof *bands);
  if (gym_stats_lottery (scores.values, agents, of.n, n, bands, &all, &err) < 0)
    return bind_raise_error (L, &err);
  lua_createtable (L, 0, 4);
  set_number (L, "widest", all.widest);
  set_number (L, "typical", all.typical);
  set_number (L, "between", all.between);
  lua_createtable (L, (int)n, 0);
  for (uint32_t i = 0; i < n; i++) {
    push_band (L, &bands[i]);
    lua_rawseti (L, -2, (lua_Integer)i + 1);
  }
  lua_setfield (L, -2, "agents");
  return 1;
}

void
bind_open_stats (lua_State *L)
{
  static const luaL_Reg functions[] = { { "signed_rank", signed_rank },
                                        { "rank_sum", rank_sum },
                                        { "holm", holm },
                                        { "effect", effect },
                                        { "bootstrap", bootstrap },
                                        { "lottery", lottery },
                                        { NULL, NULL } };
  luaL_newlib (L, functions);
  lua_setfield (L, -2, "stats");
}
