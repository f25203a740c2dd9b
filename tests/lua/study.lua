local tap = require "tap"
local gym = require "gym"

local function study(t)
  t = t or {}
  t.env = t.env or gym.env("toy")
  t.objective = t.objective or { minimize = "energy" }
  t.budget = t.budget or 60
  return gym.study(t)
end

tap.test("runs, best, curve, hit", function()
  local s = study { seeds = { 1, 2, 5 } }
  s:add("random"):add("ga", { population = 8 }, "small ga")
  tap.equal(#s:runs(), 6)
  tap.equal(s:runs()[1].state, "pending")
  tap.equal(s:best(), nil)
  tap.equal(s:run(), true)
  local runs = s:runs()
  for i, run in ipairs(runs) do
    tap.equal(run.run, i)
    tap.equal(run.state, "finished")
    tap.equal(run.evaluated, 60)
    tap.equal(run.spent, 60.0)
    tap.equal(run.agent, i <= 3 and "random" or "small ga")
    tap.equal(run.id, i <= 3 and "random-v1" or "ga-v1")
    tap.equal(run.seed, ({ 1, 2, 5 })[(i - 1) % 3 + 1])
    local curve = s:curve(i)
    tap.equal(#curve, 60)
    for k = 2, 60 do tap.ok(not (curve[k] > curve[k - 1])) end
    tap.equal(curve[60], run.best.goals[1])
    local outcome = gym.env("toy"):evaluate(run.best.design)
    tap.equal(outcome.metrics.energy, run.best.goals[1])
    tap.equal(s:hit(i, curve[60] * 0.5), nil)
    local hit = s:hit(i, curve[30])
    tap.ok(hit <= 30 and curve[hit] == curve[30])
  end
  local best = s:best()
  for _, run in ipairs(runs) do tap.ok(best.goals[1] <= run.best.goals[1]) end
  tap.equal(s:best(2).run, 2)
  tap.match(s:identity(), "toy%-v1")
  tap.equal(s:run(), true) -- again: nothing left to do
end)

tap.test("callbacks see every trial", function()
  local seen, spent = 0, 0
  local s
  s = study { budget = 30, on_trial = function(t)
    seen = seen + 1
    tap.equal(t.run, 1)
    tap.equal(t.agent, "random")
    tap.equal(t.number, seen - 1)
    tap.equal(t.status, "ok")
    tap.equal(t.fidelity, "full")
    tap.equal(t.run_seed, 1)
    tap.equal(t.goals[1], t.metrics.energy)
    tap.equal(t.objectives[1], t.metrics.energy)
    tap.same(t.violations, {})
    tap.ok(t.design.rows and t.asked.rows)
    tap.equal(type(t.improved), "boolean")
    tap.ok(not t.replayed and not t.cached and not t.repeated)
    spent = t.spent
  end }
  s:add("random"):run()
  tap.equal(seen, 30)
  tap.equal(spent, 30.0)
end)

tap.test("errors in callbacks come out of run as they are", function()
  local thrown = {}
  local s = study { on_trial = function(t) if t.number == 3 then error(thrown) end end }
  s:add("random")
  local good, why = pcall(s.run, s)
  tap.ok(not good)
  tap.equal(why, thrown)
  s = study { on_trial = function(t) if t.number == 3 then local x = nil + 1 end end }
  s:add("random")
  tap.raises(function() s:run() end, "study.lua:" .. tap.line() - 2, "arithmetic")
  s = study { on_trial = function() coroutine.yield() end }
  s:add("random")
  tap.raises(coroutine.wrap(function() s:run() end), "yield")
end)

tap.test("false stops, and the next run goes on", function()
  local limit, n = 10, 0
  local s = study { on_trial = function() n = n + 1 return n < limit end }
  s:add("random")
  local done, why = s:run()
  tap.equal(done, false)
  tap.match(why, "stopped")
  tap.equal(n, 10)
  limit, n = math.huge, 0
  tap.equal(s:run(), true)
  tap.equal(s:runs()[1].evaluated, 60)
  s = study { on_trial = function() s:cancel() end }
  tap.equal(s:add("random"):run(), false)
end)

tap.test("closing and collecting while a study runs", function()
  local env = gym.env("toy")
  local s
  s = study { env = env, on_trial = function(t)
    if t.number == 5 then env:close() s:close() end
    collectgarbage()
  end }
  s:add("random")
  tap.equal(s:run(), true)
  tap.raises(function() s:runs() end, "closed")
  local again
  again = study { on_trial = function(t) if t.number == 0 then again:run() end end }
  again:add("random")
  tap.raises(function() again:run() end, "running already")
end)

tap.test("repeats, failures and cache hits are counted, states shown", function()
  local parrot = gym.agent_class {
    id = "parrot-v1", doc = "Says the same for ever.",
    ask = function() return { point = 4 } end, tell = function() end,
  }
  local env = gym.env("faulty", { fault = "fail", at = "4" })
  local s = study { env = env, objective = "height", budget = 20, seeds = "1..2" }
  s:add("random"):add(parrot):run()
  local runs = s:runs()
  tap.equal(runs[3].state, "stalled")
  tap.equal(runs[3].repeats, 1000)
  tap.equal(runs[3].failures, 1001)
  tap.equal(runs[4].cached, 1)
  tap.equal(runs[3].best, nil)
  local r = s:results()
  tap.same(r.agents[2].states, { stalled = 2 })
  tap.equal(r.agents[2].best, nil)
  tap.equal(r.agents[2].cached, 1)
  local text = s:table()
  tap.match(text, "2 stalled")
  tap.match(text, "2 finished")
end)

tap.test("results: median, quartiles, target, baseline", function()
  local s = study { seeds = "1..5", target = { within = 0.5 } }
  s:add("random"):add("ga"):run()
  local r = s:results()
  tap.equal(r.env, "toy-v1")
  tap.equal(r.budget, 60.0)
  tap.same(r.seeds, { 1, 2, 3, 4, 5 })
  local random, values, means = r.agents[1], {}, {}
  for i = 1, 5 do
    values[i] = s:runs()[i].best.goals[1]
    means[i] = s:runs()[i].mean
  end
  table.sort(values)
  tap.equal(random.best.median, values[3])
  tap.equal(random.best.q1, values[2])
  tap.equal(random.best.q3, values[4])
  tap.equal(random.best.least, values[1])
  tap.near(r.baseline.mean, gym.mean(means), 1e-9)
  tap.equal(r.baseline.designs, 300)
  tap.near(r.target, 1.5 * s:best().goals[1], 1e-12)
  local total, hits = 0, 0
  for i = 1, 5 do
    local hit = s:hit(i, r.target)
    total, hits = total + (hit or 60), hits + (hit and 1 or 0)
  end
  tap.equal(#random.hits, hits)
  if hits > 0 then tap.near(random.expected, total / hits, 1e-9) end
  local fixed = s:results { target = "1000J" } -- reached at once
  tap.equal(fixed.target, 1e12)
  tap.equal(fixed.agents[1].hit_median, 1.0)
  tap.equal(fixed.agents[1].expected, 1.0)
  local never = s:results { target = 0 }
  tap.equal(never.agents[1].hit_median, nil)
  tap.equal(never.agents[1].expected, math.huge)
end)

tap.test("the mean of random designs is that of their trials", function()
  local sum, n = 0, 0
  local s = study { budget = 40, on_trial = function(t)
    sum, n = sum + t.goals[1], n + 1
  end }
  s:add("random"):run()
  tap.near(s:results().baseline.mean, sum / n, 1e-9)
  local twice = gym.agent_class {
    id = "twice-v1", doc = "Asks everything twice, one thing thrice, and stops.",
    ask = function(self)
      self.n = (self.n or 0) + 1
      return self.n <= 9 and { rows = math.min(4, (self.n + 1) // 2) } or nil
    end,
    tell = function() end,
  }
  sum, n = 0, 0
  local again = study { budget = 40, on_trial = function(t)
    if not t.repeated then sum, n = sum + t.goals[1], n + 1 end
  end }
  again:add(twice):run()
  tap.equal(n, 4)
  tap.equal(again:runs()[1].repeats, 5)
  tap.near(again:runs()[1].mean, sum / n, 1e-9)
  local asked = study { budget = 10, baseline = 200 }
  asked:add("ga"):run()
  local b = asked:results().baseline
  tap.equal(b.designs, 200)
  tap.ok(b.mean > 0)
  tap.equal(study { budget = 10 }:add("ga"):results().baseline, nil)
end)

tap.test("the table", function()
  local s = study { seeds = "1..5", target = 50 }
  s:add("random"):add("ga", { population = 8 }):run()
  local text = s:table()
  for _, word in ipairs {
    "toy%-v1\n", "objective: .*energy", "60 evaluations a run", "5 seeds",
    "target: 50 nJ",
    "mean of 300 random designs", "quartiles", "%[nJ%]", "5 finished", "%(%d/5%)",
    "ga population=8", "%+?%-?%d+.%d %%", "from",
  } do
    tap.match(text, word)
  end
  tap.match(study { budget = 5 }:add("random"):table(), "1 pending")
  tap.match(study { budget = 5 }:add("random"):table(), "fewer than 5 seeds")
end)

tap.test("a target objective has a target of its own", function()
  local s = study { objective = { target = { energy = 50, cap = 20 } }, seeds = "1..2" }
  s:add("random"):run()
  local r = s:results()
  tap.equal(r.target, 20.0)
  tap.equal(r.goals[1].sense, "maximise")
  tap.match(s:table(), "within 1 %% of the goal's target")
end)

tap.test("fronts of several objectives", function()
  local scan = gym.agent_class {
    id = "scan-v1", doc = "Random, for any number of objectives.", max_objectives = 0,
    ask = function(self) return self.problem.space:sample(self.rng) end,
    tell = function() end,
  }
  local s = study { objective = "energy, max(throughput)", budget = 80, seeds = "1..3" }
  s:add(scan):run()
  local front = s:front()
  tap.ok(#front >= 2)
  for i, p in ipairs(front) do
    tap.equal(p.goals[1], p.metrics.energy)
    tap.equal(p.goals[2], p.metrics.throughput)
    tap.equal(p.objectives[2], -p.goals[2])
    tap.same(gym.env("toy"):evaluate(p.design).metrics, p.metrics)
    if i > 1 then
      tap.ok(p.goals[1] > front[i - 1].goals[1] and p.goals[2] > front[i - 1].goals[2])
    end
  end
  local one = s:front(2)
  for _, p in ipairs(one) do tap.equal(p.run, 2) end
  local reference = { 1e9, 0 }
  local whole = s:hypervolume(nil, reference)
  for i = 1, 3 do
    local part = s:hypervolume(i, reference)
    tap.ok(part > 0 and part <= whole)
  end
  local r = s:results()
  tap.ok(r.agents[1].front.median >= 1)
  tap.ok(r.agents[1].volume.median > 0 and r.agents[1].volume.median <= 1)
  tap.match(s:table(), "volume")
  tap.raises(function() s:hypervolume(1, { 1 }) end, "2 numbers")
  s:run() -- nothing left to do, nothing forgotten
  tap.same(s:front(), front)
  local limit, n = 30, 0
  local parts = study { objective = "energy, max(throughput)", budget = 80, seeds = "1..3",
                        on_trial = function() n = n + 1 return n % limit > 0 end }
  parts:add(scan)
  while not parts:run() do limit = 2 * limit end
  tap.same(parts:front(), front)
  tap.equal(parts:results().baseline, nil)
  local single = study {}:add("random")
  single:run()
  tap.equal(#single:front(), 1)
  tap.same(single:front()[1].design, single:best().design)
end)

tap.test("results do not depend on the order of tables", function()
  local function run()
    local s = study { objective = { minimize = "energy",
                                    at_most = { delay = 1e6, utilisation = 1 } },
                      seeds = "1..2", seed = 3, evaluation_seed = 4, in_flight = 2 }
    s:add("ga", { population = 8, mutation = 0.25, tournament = 3, crossover = 0.5 }):run()
    return s:best().goals[1], s:runs()[1].agent
  end
  tap.equal(run(), run())
  local _, label = run()
  tap.equal(label, "ga crossover=0.5 mutation=0.25 population=8 tournament=3")
end)

tap.test("progress goes to functions", function()
  local last
  local s = study { progress = function(p) last = p end }
  s:add("random"):run()
  tap.equal(last.finished, true)
  tap.equal(last.trials, 60)
  tap.equal(last.runs, 1)
  tap.equal(last.agent, "random")
  tap.equal(last.spent, last.budget)
  s = study { progress = function() error("no progress") end }
  s:add("random")
  tap.raises(function() s:run() end, "study.lua:%d+: no progress")
end)

tap.test("comparisons over several envs", function()
  local c = gym.comparison {
    envs = { { "small", gym.env("toy", { limit = 64 }) }, { "big", gym.env("toy") } },
    agents = { { "random" }, { "ga", { population = 8 }, "eight" } },
    objective = "energy", budget = 20, seeds = "1..2",
  }
  tap.equal(c:run(), true)
  local r = c:results()
  tap.equal(r[1].name, "small")
  tap.equal(r[2].results.agents[2].agent, "eight")
  local text = c:table { target = 100 }
  tap.match(text, "== small ==.*limit=64.*== big ==\ntoy%-v1\n")
  tap.raises(function() gym.comparison { envs = {}, agent = {} } end,
             'agents" is missing')
  tap.raises(function()
    gym.comparison { envs = { { gym.env("toy") } }, agents = {}, objective = "energy" }
  end, "entry 1")
  tap.raises(function()
    gym.comparison { envs = { { "a", gym.env("toy") } }, agents = { "ga" },
                     objective = "energy" }
  end, "agents: entry 1")
end)

tap.test("wrong arguments", function()
  local env = gym.env("toy")
  local line = tap.line() + 1
  tap.raises(function() gym.study { env = env, objective = "energy", budgt = 1 } end,
             "study.lua:" .. line, 'unknown key "budgt"', 'did you mean "budget"')
  tap.raises(function() gym.study { env = env } end, '"objective" is missing')
  tap.raises(function() gym.study { objective = "energy" } end, '"env" is missing')
  tap.raises(function() gym.study { env = "toy", objective = "energy" } end,
             'env: gym.env was expected, not "toy"')
  tap.raises(function() gym.study { env = env, objective = "enrgy" } end, "enrgy",
             "energy")
  tap.raises(function() study { budget = 0 } end, "budget")
  tap.raises(function() study { budget = "many" } end, "budget", '"many"')
  tap.raises(function() study { seeds = { 1, 1 } } end, "seed")
  tap.raises(function() study { seeds = { 1.5 } } end, "1.5")
  tap.raises(function() study { seeds = "1-5" } end, "1%-5")
  tap.raises(function() study { in_flight = -1 } end, "in_flight")
  tap.raises(function() study { fidelity = "ful" } end, "ful", "full")
  tap.raises(function() study { durability = "none" } end, '"none"', "power")
  tap.raises(function() study { target = { wthin = 1 } } end, '"within"')
  tap.raises(function() study { target = "1W" } end, "W")
  local s = study()
  tap.raises(function() s:run() end, "no agent")
  line = tap.line() + 1
  tap.raises(function() s:add("gaa") end, "study.lua:" .. line, "gaa", "ga%-v1")
  tap.raises(function() s:add("ga", { popluation = 1 }) end, "popluation", "population")
  tap.raises(function() s:add("ga", { population = "x" }) end, "population")
  tap.raises(function() s:add("ga", nil, 3) end, "label")
  s:add("ga")
  tap.raises(function() s:add("ga") end, "label")
  tap.raises(function() s:curve(2) end, "a run from 1 to 1")
  tap.raises(function() s:runs().x.y = 1 end)
  tap.raises(function() s:ad("ga") end, 'no field "ad"', '"add"')
  tap.raises(function() study { store = "/no/such/folder/x.db" }:add("ga"):run() end,
             "/no/such/folder")
end)

tap.test("elsewhere", function()
  local function dump(t)
    t.in_flight = 4
    t.seeds = "1..2"
    t.store = os.tmpname()
    os.remove(t.store)
    local s = study(t)
    s:add("random"):add("ga")
    tap.equal(s:run(), true)
    local parts = {}
    gym.store(t.store):export { format = "jsonl", canonical = true,
                                to = function(text) parts[#parts + 1] = text end }
    os.remove(t.store)
    return table.concat(parts)
  end
  local here = dump {}
  tap.equal(dump { isolate = "limits", timeout = 30, memory = 1 << 30 }, here)
  tap.equal(dump { isolate = "strict" }, here)
  tap.equal(dump { jobs = 3 }, here)
  tap.ok(dump { jobs = 2, async = true } ~= here)
  local mine = gym.environment {
    id = "parabola-v1", space = { { name = "x", low = 0, high = 100 } },
    metrics = { { name = "y", unit = "1", sense = "minimize" } },
    evaluate = function(_, d) return { y = (d.x - 30) ^ 2 } end }
  local s = study { env = gym.env(mine), objective = "y", jobs = 2, in_flight = 5 }
  s:add("random"):run()
  tap.equal(s:runs()[1].failures, 0)
  tap.raises(function()
    study { env = gym.env(mine), objective = "y",
            workers = { bind = "tcp://127.0.0.1:5555" } }
  end, "GYM_PLUGIN_PATH")
  tap.raises(function() study { workers = { bind = "tcp://*:5555" } } end, "keys")
  tap.raises(function() study { workers = { bnd = "x" } } end, "did you mean \"bind\"")
  tap.raises(function() study { isolate = "limit" } end, "limits")
  tap.raises(function() study { jobs = 5000 } end, "1024")
end)

tap.done()
