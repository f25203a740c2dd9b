# Tests of the Lua module: tests/lua/run starts a stock lua5.4 with the built gym.so.
lua_tests = tests/lua/rng.lua tests/lua/json.lua tests/lua/design.lua tests/lua/env.lua \
  tests/lua/objective.lua tests/lua/agent.lua tests/lua/class.lua tests/lua/study.lua \
  tests/lua/store.lua tests/lua/dataset.lua tests/lua/proxy.lua tests/lua/gc.lua \
  tests/lua/plugins.lua tests/lua/progress.lua tests/lua/prior.lua \
  tests/lua/examples.lua tests/lua/agent_table.lua tests/lua/sweep.lua
test_scripts += $(lua_tests)
EXTRA_DIST += $(lua_tests) tests/lua/run tests/lua/tap.lua
