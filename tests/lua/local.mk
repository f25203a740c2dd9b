# Tests of the Lua module: tests/lua/run starts a stock lua5.4 with the built gym.so.
EXTRA_DIST += tests/lua/run tests/lua/tap.lua
