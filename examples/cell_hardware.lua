-- cell_hardware.lua - does another accelerator want other cells?
--
--   gym run examples/cell_hardware.lua [evaluations] [store] [name=value ...]
--
-- Searches the env `cell` for accuracy and latency at once, on a small systolic array and on
-- Eyeriss. The same cell trains to the same accuracy on both; what differs is which are
-- worth their time. Each front is then priced on the other accelerator as well: a cell that
-- is on its own front and not on the other's shows that the fronts differ.
local gym = require "gym"

local budget = tonumber(arg and arg[1]) or 100
local store = arg and arg[2]
local options = { merge = true }
for i = 3, arg and #arg or 0 do
  local name, value = arg[i]:match("^([%w_]+)=(.*)$")
  if not name then error(("%q: an option of the env is name=value"):format(arg[i]), 0) end
  options[name] = value
end

local names = { "edge", "eyeriss" }
local envs, fronts = {}, {}
for _, name in ipairs(names) do
  local own = { accelerator = name }
  for key, value in pairs(options) do own[key] = value end
  envs[name] = gym.env("cell", own)
  local study = gym.study {
    env = envs[name], objective = { maximize = "accuracy", minimize = "latency" },
    budget = budget, seeds = { 1, 2 }, store = store,
  }
  study:add("random")
  study:add("nsga2", { population = 20 })
  local done, why = study:run()
  if not done then
    io.stderr:write("stopped (", why, "); start it again to go on\n")
    os.exit(1)
  end
  fronts[name] = study:front()
  table.sort(fronts[name], function(a, b) return a.metrics.latency < b.metrics.latency end)
end

local edges = { "edge_0_1", "edge_0_2", "edge_1_2", "edge_0_3", "edge_1_3", "edge_2_3" }
local function words(design)
  local list = {}
  for i, edge in ipairs(edges) do list[i] = design[edge] end
  return table.concat(list, " ")
end

-- The points of both fronts, with their latency on one accelerator.
local function priced(name)
  local list, seen = {}, {}
  for _, from in ipairs(names) do
    for _, point in ipairs(fronts[from]) do
      if not seen[words(point.design)] then
        seen[words(point.design)] = true
        local score = envs[name]:evaluate(point.design, { fidelity = "score" })
        list[#list + 1] = { words = words(point.design), accuracy = point.metrics.accuracy,
                            latency = score.metrics.latency }
      end
    end
  end
  return list
end

-- Of these, those that no other dominates.
local function best(list)
  local result, n = {}, 0
  for _, a in ipairs(list) do
    local beaten = false
    for _, b in ipairs(list) do
      beaten = beaten or (b.accuracy >= a.accuracy and b.latency <= a.latency
                          and (b.accuracy > a.accuracy or b.latency < a.latency))
    end
    if not beaten then result[a.words], n = true, n + 1 end
  end
  return result, n
end

for _, name in ipairs(names) do
  print(("== %s: accuracy against latency =="):format(name))
  for _, point in ipairs(fronts[name]) do
    local m = point.metrics
    print(("%8.4f %9.1f us %8.2f uJ %7d params  %s"):format(m.accuracy, m.latency, m.energy,
                                                           m.params, words(point.design)))
  end
end
local here, n_here = best(priced(names[1]))
local there, n_there = best(priced(names[2]))
local both = 0
for cell in pairs(here) do if there[cell] then both = both + 1 end end
print(("verdict: of all cells on either front %d are best on %s and %d on %s, %d on both: "
       .. "the fronts are %s"):format(n_here, names[1], n_there, names[2], both,
      both == n_here and both == n_there and "the same" or "not the same"))
