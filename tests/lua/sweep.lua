local tap = require "tap"
local gym = require "gym"

local function study(t)
  t = t or {}
  t.env = t.env or gym.env("toy")
  t.objective = t.objective or { minimize = "energy" }
  t.budget = t.budget or 40
  t.progress = false
  return gym.study(t)
end

local function labels(s)
  local list, seen = {}, {}
  for _, run in ipairs(s:runs()) do
    if not seen[run.agent] then list[#list + 1] = run.agent end
    seen[run.agent] = true
  end
  return list
end

tap.test("sweep: every combination of a grid", function()
  local s = study { seeds = "1..2" }
  s:sweep("ga", { population = { 4, 8 }, mutation = { .01, .2, .5 }, tournament = 2 })
  tap.same(labels(s), {
    "ga mutation=0.01 population=4 tournament=2",
    "ga mutation=0.01 population=8 tournament=2",
    "ga mutation=0.2 population=4 tournament=2",
    "ga mutation=0.2 population=8 tournament=2",
    "ga mutation=0.5 population=4 tournament=2",
    "ga mutation=0.5 population=8 tournament=2",
  })
  tap.equal(#s:runs(), 12)
  tap.equal(s:run(), true)
end)

tap.test("lottery: settings from the agent's own space", function()
  local s = study()
  s:add("random"):lottery("ga", 6, { seed = 3, fixed = { population = 6 } })
  local list = labels(s)
  tap.equal(#list, 7)
  tap.equal(list[2], "ga #1")
  tap.equal(list[7], "ga #6")
  local folder = tap.folder()
  local function options(seed)
    local path = folder .. "/" .. seed .. ".db"
    study { store = path, budget = 5 }:lottery("ga", 6, { seed = seed }):run()
    local found = {}
    for _, run in ipairs(gym.store(path):runs()) do found[#found + 1] = run.options end
    return found
  end
  local a, b = options(1), options(2)
  for i = 1, 6 do
    tap.ok(a[i] ~= b[i])
    for j = 1, i - 1 do tap.ok(a[i] ~= a[j]) end
  end
  os.remove(folder .. "/1.db")
  tap.same(options(1), a)
end)

tap.test("lottery: bands", function()
  local s = study { seeds = "1..3" }
  s:lottery("ga", 4):lottery("hill", 3):run()
  local bands = s:bands()
  tap.equal(#bands.agents, 2)
  tap.equal(bands.agents[1].id, gym.info("ga").id)
  tap.equal(bands.agents[1].settings, 4)
  tap.equal(bands.agents[2].settings, 3)
  for _, band in ipairs(bands.agents) do
    tap.ok(band.best <= band.q1 and band.q1 <= band.median and band.q3 <= band.worst)
  end
  tap.near(bands.between, math.abs(bands.agents[1].best - bands.agents[2].best))
  -- By hand: the median over seeds of each setting.
  local best = {}
  for _, run in ipairs(s:runs()) do
    if run.agent == "ga #2" then best[#best + 1] = run.best.goals[1] end
  end
  tap.ok(gym.quantile(best, .5) >= bands.agents[1].best)
end)

tap.test("bands of what is maximised are in the user's terms", function()
  local s = study { objective = { maximize = "energy" }, budget = 20 }
  s:lottery("ga", 3):run()
  local band = s:bands().agents[1]
  tap.ok(band.best >= band.median and band.median >= band.worst)
  tap.near(s:best().goals[1], band.best)
end)

tap.test("wrong sweeps and lotteries name the line", function()
  local s = study()
  tap.raises(function() s:sweep("ga", { populaton = { 4 } }) end, "sweep.lua:%d+",
             'did you mean "population"')
  tap.raises(function() s:sweep("ga", { population = {} }) end, "sweep.lua:%d+", "no value")
  tap.raises(function() s:sweep("ga") end, "sweep.lua:%d+", "a table")
  tap.raises(function() s:sweep(3, {}) end, "sweep.lua:%d+", "id or class")
  tap.raises(function() s:lottery("ga") end, "sweep.lua:%d+", "a number of settings")
  tap.raises(function() s:lottery("ga", 2, { vary = { "populatin" } }) end,
             "sweep.lua:%d+", 'did you mean "population"')
  tap.raises(function() s:lottery("ga", 2, { sed = 1 }) end, "sweep.lua:%d+", "unknown key")
  tap.raises(function() s:lottery("random", 2) end, "sweep.lua:%d+", "no option left")
  tap.raises(function() s:lottery("ga", 9, { vary = { "replacement" } }) end,
             "no more than 2 different settings")
end)

tap.test("tune: an agent searches another agent's options", function()
  local tuned = gym.tune {
    agent = "ga", by = { "ga", { population = 4 } }, settings = 12, seeds = "1..2",
    env = gym.env("toy"), objective = { minimize = "energy" }, budget = 25,
    fixed = { tournament = 2 }, vary = { "population", "mutation" }, progress = false,
  }
  tap.equal(tuned.options.tournament, 2)
  tap.ok(tuned.options.population and tuned.options.mutation)
  tap.equal(tuned.options.recombination, nil)
  tap.equal(tuned.sense, "minimise")
  local s = study { seeds = "1..2", budget = 25 }
  s:add("ga", tuned.options, "tuned"):run()
  local best = {}
  for _, run in ipairs(s:runs()) do best[#best + 1] = run.best.goals[1] end
  tap.near(gym.quantile(best, .5), tuned.score, 1e-9)
  for _, run in ipairs(tuned.study:runs()) do tap.equal(run.evaluated, 12) end
  tap.raises(function() gym.tune { agent = "ga" } end, "sweep.lua:%d+", "missing")
end)

tap.test("many envs and objectives in one study", function()
  local folder = tap.folder()
  local s = gym.study {
    envs = { { "near", gym.env("toy", { limit = 40 }) }, gym.env("toy"),
             { "toy", { limit = 50 }, "far" } },
    objectives = { "energy", { minimize = "delay" } },
    budget = 20, seeds = { 1, 2 }, store = folder .. "/a.db", progress = false,
  }
  s:add("random"):sweep("ga", { population = { 4, 8 } }):lottery("hill", 2)
  tap.equal(s:run(), true)
  tap.same(s.names, { "near: energy", "near: min(delay)", "toy-v1: energy",
                      "toy-v1: min(delay)", "far: energy", "far: min(delay)" })
  local results = s:results()
  tap.equal(#results, 6)
  tap.equal(#results[6].results.agents, 5)
  tap.equal(#gym.store(folder .. "/a.db"):studies(), 6)
  tap.match(s:table(), "== far: energy ==")
  tap.raises(function() gym.study { envs = { 3 }, objective = "energy" } end,
             "sweep.lua:%d+", "entry 1")
  tap.raises(function() gym.study { envs = {}, objective = "energy" } end, "nothing")
  tap.raises(function()
    gym.study { envs = { gym.env("toy") }, objectives = { "energy" }, objective = "delay" }
  end, "not both")
end)

tap.test("workloads are values of an env's options", function()
  local list = gym.workloads("toy", { limit = { 30, 40 } }, { repair = true })
  tap.equal(#list, 2)
  tap.equal(list[1][1], "30")
  tap.equal(list[2][2].options.limit, 40)
  tap.raises(function() gym.workloads("toy", { limt = { 3 } }) end, 'did you mean "limit"')
end)

tap.test("a limit in seconds stops, and the next run goes on", function()
  local slow = gym.environment {
    id = "slow_clock-v1", doc = "Takes its time.",
    space = { { name = "x", kind = "integer", low = 0, high = 1000, doc = "x" } },
    metrics = { { name = "y", sense = "minimise", doc = "y" } },
    evaluate = function(_, design)
      local stop = os.clock() + .01
      while os.clock() < stop do end
      return { y = design.x }
    end,
  }
  local s = study { env = gym.env(slow), objective = "y", budget = 200, seconds = 0.4 }
  s:add("random")
  local done, why = s:run()
  tap.equal(done, false)
  tap.match(why, "limit of 0.4 s")
  local n = s:runs()[1].evaluated
  tap.ok(n > 0 and n < 200)
  tap.raises(function() study { seconds = 0 } end, "sweep.lua:%d+", "above 0")
end)

tap.test("warm starts from an earlier store", function()
  local folder = tap.folder()
  local path = folder .. "/old.db"
  local old = study { store = path, budget = 50 }
  old:add("random"):run()
  local heard
  local class = gym.agent_class {
    id = "warm-v1", doc = "Asks what was best, and then at random.", warm_start = true,
    open = function(self, problem)
      heard, self.space = { table.unpack(problem.warm) }, problem.space
      self.warm = problem.warm
    end,
    ask = function(self)
      local first = self.warm and table.remove(self.warm, 1)
      return first and first.design or self.space:sample(self.rng)
    end,
    tell = function() end,
  }
  local s = study { warm = { store = path, limit = 7 }, budget = 10 }
  s:add(class):add("random"):run()
  tap.equal(#heard, 7)
  tap.near(s:curve(1)[1], old:best().goals[1])
  tap.near(heard[1].objectives[1], old:best().goals[1])
  for i = 2, 7 do tap.ok(heard[i].objectives[1] >= heard[i - 1].objectives[1]) end
  tap.ok(s:identity() ~= study { budget = 10 }:identity())
  local cold = study { warm = path }
  cold:add("random")
  tap.raises(function() cold:run() end, "no agent that uses them")
  tap.raises(function() study { warm = folder .. "/none.db" } end, "sweep.lua:%d+",
             "no such file")
  tap.raises(function() study { warm = path, env = gym.env("trivial"), objective = "total" }
  end, "none of the parameters")
end)

tap.test("statistics for scripts", function()
  local a, b = { 1, 2, 3, 4, 5 }, { 2, 4, 6, 8, 10 }
  local t = gym.stats.signed_rank(a, b)
  tap.equal(t.p, 0.0625)
  tap.equal(t.smallest, 0.0625)
  tap.equal(t.exact, true)
  tap.near(gym.stats.rank_sum(a, { 6, 7, 8, 9, 10 }).p, 2 / 252)
  tap.same(gym.stats.holm { 0.01, 0.03 }, { 0.02, 0.03 })
  tap.equal(gym.stats.effect(a, { 9, 9 }), 1.0)
  local low, high, middle = gym.stats.bootstrap(b, { resamples = 2000 })
  tap.ok(low <= middle and middle <= high and middle == 6)
  tap.raises(function() gym.stats.signed_rank(a, { 1 }) end, "sweep.lua:%d+", "length")
  tap.raises(function() gym.stats.bootstrap({}, {}) end, "needs a value")
end)

tap.done()
