# The Lua module: once as gym.so for a stock lua5.4, once inside the gym command.
noinst_LTLIBRARIES += lua/libgymlua.la
lua_libgymlua_la_SOURCES = lua/gymlua.h lua/binding.h lua/module.c lua/plugins.h \
  lua/plugins.c lua/handle.c lua/errors.c lua/rng.c lua/design.c lua/metrics.c \
  lua/settings.c lua/json.c lua/info.c lua/env.c lua/objective.c lua/agent.c lua/study.h \
  lua/study.c lua/progress.c lua/results.c lua/stats.c lua/store.c lua/dataset.c \
  lua/proxy.c lua/params.c lua/class.h lua/prior.h lua/prior.c lua/class.c \
  lua/class_env.c lua/class_agent.c
nodist_lua_libgymlua_la_SOURCES = lua/parts.c
lua_libgymlua_la_CPPFLAGS = $(AM_CPPFLAGS) $(LUA_CFLAGS) $(JANSSON_CFLAGS)
lua_libgymlua_la_LIBADD = $(JANSSON_LIBS)

# The parts written in Lua, in the order they are loaded in.
lua_parts = $(top_srcdir)/lua/gym/util.lua $(top_srcdir)/lua/gym/json.lua \
  $(top_srcdir)/lua/gym/objective.lua $(top_srcdir)/lua/gym/prior.lua $(top_srcdir)/lua/gym/study.lua \
  $(top_srcdir)/lua/gym/results.lua $(top_srcdir)/lua/gym/sweep.lua \
  $(top_srcdir)/lua/gym/comparison.lua \
  $(top_srcdir)/lua/gym/store.lua $(top_srcdir)/lua/gym/verify.lua \
  $(top_srcdir)/lua/gym/assisted.lua
lua/parts.c: $(lua_parts) $(top_srcdir)/lua/embed.sh
	$(AM_V_GEN)$(MKDIR_P) lua && sh $(top_srcdir)/lua/embed.sh $(lua_parts) >$@.new && \
	  mv $@.new $@
BUILT_SOURCES += lua/parts.c
CLEANFILES += lua/parts.c
EXTRA_DIST += lua/README.md lua/embed.sh lua/gym/util.lua lua/gym/json.lua \
  lua/gym/objective.lua lua/gym/study.lua lua/gym/results.lua lua/gym/sweep.lua \
  lua/gym/comparison.lua lua/gym/store.lua lua/gym/verify.lua lua/gym/assisted.lua \
  lua/gym/prior.lua

luaexec_LTLIBRARIES += lua/gym.la
lua_gym_la_SOURCES =
lua_gym_la_LIBADD = lua/libgymlua.la core/libgym.la
lua_gym_la_LDFLAGS = -module -avoid-version -shared -export-symbols-regex '^luaopen_gym$$'
