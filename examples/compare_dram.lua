-- compare_dram.lua - which search algorithm finds the better memory controller?
--
--   gym run examples/compare_dram.lua [evaluations a run] [store file]
--
-- Three agents search the 442,368 designs of the env `dram` on two recorded traces, five
-- seeds each: random search and a genetic algorithm, which are plugins, and a hill
-- climber that is written right here. Every trial is kept in runs.db; when the script is
-- started again it reads back what is there, and goes on from where it was stopped.
local gym = require "gym"

local budget = tonumber(arg and arg[1]) or 200
local store = arg and arg[2] or "runs.db"

-- The traces lie beside this script.
local folder = (arg and arg[0] or ""):match("^(.*/)") or "./"

-- An agent in Lua: `ask` proposes up to k designs, `tell` hears how they did. Results
-- carry design, status, objective (always to be minimised) and violations; gym.better
-- knows the order of them all (what is feasible comes first).
local climber = gym.agent_class {
  id = "climber-v1",
  summary = "hill climber: a random neighbour at a time, anew when it gets stuck",
  doc = "Tries the designs one move away from the best of this climb in random order, "
     .. "moves to each that is better, and starts again at a random design after "
     .. "`patience` neighbours that were not.",
  options = {
    { name = "patience", default = 24, low = 1, high = 1000,
      doc = "Neighbours without progress before it starts anew." },
  },
  open = function(self, problem)
    self.space = problem.space
  end,
  ask = function(self)
    if not self.here then return self.space:sample(self.rng) end
    if #self.untried == 0 then
      self.untried = self.rng:shuffle(self.space:neighbours(self.here.design))
    end
    return table.remove(self.untried)
  end,
  tell = function(self, results)
    for _, result in ipairs(results) do
      if not self.here or gym.better(result, self.here) then
        self.here, self.untried, self.idle = result, {}, 0
      else
        self.idle = self.idle + 1
        if self.idle >= self.options.patience then self.here = nil end
      end
    end
  end,
}

local function workload(name)
  return { name, gym.env("dram", { trace = folder .. "traces/" .. name .. ".trc" }) }
end

-- The energy-delay product: energy of the whole trace times the mean time a read takes to
-- be answered, counted from the moment the program asks.
local comparison = gym.comparison {
  envs = { workload "lua-sort", workload "matmul" },
  agents = { { "random" }, { "ga", { population = 16 } }, { climber } },
  objective = { product = { energy = 1, response_mean = 1 } },
  budget = budget,
  seeds = { 1, 2, 3, 4, 5 },
  store = store,
  target = { within = 0.01 },
}

local done, why = comparison:run()
if not done then
  io.stderr:write("stopped (", why, "); start it again to go on\n")
  os.exit(1)
end
print(comparison:table())

for i, study in ipairs(comparison.studies) do
  local best = study:best()
  print(("best for %s, found by %s: energy %.0f nJ, reads answered in %.1f ns"):format(
    comparison.names[i], best.agent, best.metrics.energy, best.metrics.response_mean))
  print("  " .. gym.json.encode(best.design):gsub('[{}"]', ""):gsub(",", ", "))
end
print("\nEvery trial is in " .. store .. ": try  gym best " .. store)
