-- The examples a new user starts with: they run, and print what they promise.
local tap = require "tap"

local build = os.getenv("GYM_BUILD_TOP") or "."
local source = os.getenv("GYM_SOURCE_TOP") or "."
local folder = tap.folder()

local function example(words)
  local p = io.popen(("env -u LD_PRELOAD '%s/gym' run '%s/examples/'%s 2>'%s/stderr'"):format(build, source,
                                                                          words, folder))
  local out = p:read("a")
  local _, _, status = p:close()
  tap.equal(status, 0, tap.read(folder .. "/stderr"))
  return out
end

tap.test("an environment in Lua", function()
  local out = example "env_in_lua.lua"
  tap.match(out, "64 x 64 tiles:.*energy")
  tap.match(out, "too large:\ttiles need %d+ bytes")
  tap.match(out, "tiling%-v1.*random.*ga population=16.*best:")
end)

tap.test("an agent in Lua", function()
  local out = example "agent_in_lua.lua"
  tap.match(out, "random .*annealing .*annealing, colder")
end)

tap.test("the comparison on recorded traces, small, and again", function()
  local out = example("compare_dram.lua 10 '" .. folder .. "/runs.db'")
  tap.match(out, "== lua%-sort ==.*random.*ga.*climber.*== matmul ==.*climber")
  tap.match(out, "best for lua%-sort, found by")
  tap.equal(example("compare_dram.lua 10 '" .. folder .. "/runs.db'"), out)
  local gym = require "gym"
  tap.equal(#gym.store(folder .. "/runs.db"):studies(), 2)
  tap.equal(#gym.store(folder .. "/runs.db"):runs(), 30)
end)

tap.test("a table of operators adds up to networks", function()
  local out = example("operator_table.lua NUM_PEs=84 '" .. folder .. "/operators.csv'")
  local _, lines = tap.read(folder .. "/operators.csv"):gsub("\n", "")
  tap.equal(lines, 1 + 6 * 3 * 2)
  local off = tonumber(out:match("at most (%S+) %% off"))
  tap.ok(off and off < 1e-9, out)
end)

tap.test("an accelerator for MobileNetV2, small", function()
  local out = example("codesign_mobilenet.lua 3 '" .. folder .. "/codesign.db'")
  tap.match(out, "accel%-v1.*mobilenet_v2.*area<=3.*random.*sobol.*nsga2.*age%-moea.*bo")
  tap.match(out, "latency ms  energy mJ  area mm2")
end)

tap.test("learners on memory controllers, small", function()
  local out = example("marl_dram.lua --traces bfs --budget 12 --seeds 2 --random 40")
  tap.match(out, "bfs +power +[%d.]+ %% +[%d.]+ +random +[%d.]+ .*bfs +time .*bfs +both ")
  tap.match(out, "marl +[%d.]+ +%w+ %(%d/2%)")
  tap.match(out, "best ratio +power %d, time %d, both %d: 1 or more for %d targets of 3")
end)

tap.done()
