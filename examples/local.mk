# Scripts a user runs, and what they run on.
EXTRA_DIST += examples/marl_dram.lua examples/agent_table.lua examples/compare_dram.lua examples/env_in_lua.lua examples/agent_in_lua.lua examples/codesign_mobilenet.lua
EXTRA_DIST += examples/marl_dram.lua examples/agent_table.lua examples/agent_goals.lua examples/compare_dram.lua examples/env_in_lua.lua examples/agent_in_lua.lua
EXTRA_DIST += examples/marl_dram.lua examples/agent_table.lua examples/compare_dram.lua examples/env_in_lua.lua examples/agent_in_lua.lua examples/codesign_mobilenet.lua examples/operator_table.lua
EXTRA_DIST += examples/lottery_dram.lua examples/sample_efficiency.lua examples/marl_dram.lua examples/agent_table.lua examples/compare_dram.lua examples/env_in_lua.lua examples/agent_in_lua.lua

EXTRA_DIST += examples/proxy_dram.lua examples/assisted_search.lua examples/cell_table.lua examples/cell_findings.lua examples/cell_hardware.lua
EXTRA_DIST += examples/prior_dram.lua examples/cell_table.lua examples/cell_findings.lua examples/cell_hardware.lua
include examples/traces/local.mk
EXTRA_DIST += examples/plugin/cache.c examples/plugin/Makefile
EXTRA_DIST += examples/workloads/tiny.txt
