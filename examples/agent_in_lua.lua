-- agent_in_lua.lua - a search agent of one's own, next to those that come along.
--
--   gym run examples/agent_in_lua.lua
--
-- Simulated annealing (Kirkpatrick, Gelatt, Vecchi 1983): go to a neighbour when it is
-- better, and sometimes when it is worse, the less often the colder it gets.
local gym = require "gym"

-- The class. `gym.agent_class` checks it, and from then on "annealing" is an agent like
-- any other, also for gym.info. To use it from the command line, put it in a file of its
-- own that ends with `return annealing`, in a folder of GYM_PLUGIN_PATH.
local annealing = gym.agent_class {
  id = "annealing-v1", -- a name and a version: change the version when results change
  doc = "Simulated annealing with a geometric schedule.",
  source = "Kirkpatrick, Gelatt, Vecchi: Optimization by Simulated Annealing, 1983",

  -- What a user may set. The type follows from the default; `gym info` shows all of this.
  options = {
    { name = "hot", default = 0.3, low = 0.0001, high = 10.0, log = true,
      doc = "First temperature, relative to the objective's size." },
    { name = "cold", default = 0.001, low = 1e-6, high = 1.0, log = true,
      doc = "Last temperature." },
  },

  -- Once, at the start. `problem` tells space, budget, metrics and fidelities; `rng` is
  -- where chance comes from (math.random works too: it is seeded from the same seed, so
  -- that a run can be repeated and resumed). Both are there as self.problem, self.rng.
  open = function(self, problem, rng)
    self.space, self.budget, self.told = problem.space, problem.budget, 0
  end,

  -- Up to k designs: a list, or a single one. A design is a table {Parameter = value};
  -- parameters left out take their defaults.
  ask = function(self, k)
    if not self.here then return self.space:sample(self.rng) end
    return self.rng:pick(self.space:neighbours(self.here.design))
  end,

  -- How they did, in the order they were asked. `objective` is nil unless status is "ok".
  tell = function(self, results)
    for _, r in ipairs(results) do
      self.told = self.told + 1
      if not self.here or gym.better(r, self.here) then
        self.here = r
      elseif r.objective and self.here.objective then
        local share = math.min(1, self.told / self.budget)
        local heat = self.options.hot * (self.options.cold / self.options.hot) ^ share
        local loss = (r.objective - self.here.objective) / math.abs(self.here.objective)
        if self.rng:real() < math.exp(-loss / heat) then self.here = r end
      end
    end
  end,
}

-- 5,000 requests of the trace are enough to see something in a few seconds.
local folder = (arg and arg[0] or ""):match("^(.*/)") or "./"
local env = gym.env("dram", { trace = folder .. "traces/stream.trc", requests = 5000 })

local study = gym.study {
  env = env,
  objective = { minimize = "energy" },
  budget = 150,
  seeds = "1..5",
}
study:add("random")
study:add(annealing)
study:add(annealing, { hot = 0.02 }, "annealing, colder")
study:run()
print(study:table())
