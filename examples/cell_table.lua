-- cell_table.lua - a table of trained cells, for cell_findings.lua and for tests.
--
--   gym run examples/cell_table.lua [cells] [store] [name=value ...]
--
-- Draws that many cells of the env `cell` (1,000) at random and stores, each as a study of
-- the same cells: two full trainings that differ by the seed, a short training, the
-- judgement with shared weights, and the scores of the untrained networks. Options of the
-- env may follow, such as data=fashion-mnist. Start it again to go on where it stopped.
local gym = require "gym"

local cells = math.tointeger(tonumber(arg and arg[1] or 1000))
if not cells or cells < 1 then
  error(("%q: first the number of cells is given, 1 or more, then the store"):format(arg[1]),
        0)
end
local store = arg and arg[2] or "cells.db"
local options = {}
for i = 3, arg and #arg or 0 do
  local name, value = arg[i]:match("^([%w_]+)=(.*)$")
  if not name then error(("%q: an option of the env is name=value"):format(arg[i]), 0) end
  options[name] = value
end

local env = gym.env("cell", options)
local cost = {}
for _, f in ipairs(env.fidelities) do cost[f.name] = f.cost end

-- A budget counts trainings at the highest fidelity; half a trial less ends it on time.
local function fill(fidelity, seed, objective)
  local study = gym.study {
    env = env, objective = objective, budget = (cells - .5) * cost[fidelity], seeds = { 1 },
    fidelity = fidelity, evaluation_seed = seed, store = store,
  }
  study:add("random")
  local done, why = study:run()
  if not done then
    io.stderr:write("stopped (", why, "); start it again to go on\n")
    os.exit(1)
  end
  local run = study:runs()[1]
  print(("%-7s seed %d: %d cells"):format(fidelity, seed, run.trials))
end

fill("score", 1, "params")
fill("shared", 1, { maximize = "accuracy" })
fill("short", 1, { maximize = "accuracy" })
fill("full", 1, { maximize = "accuracy" })
fill("full", 2, { maximize = "accuracy" })

local seconds, n = 0, 0
for _, study in ipairs(gym.store(store):studies()) do
  for t in gym.store(store):trials(study.study) do
    if t.fidelity == "full" and t.train_seconds then
      seconds, n = seconds + t.train_seconds, n + 1
    end
  end
end
print(("%d full trainings, %.3f CPU-seconds each"):format(n, seconds / n))
