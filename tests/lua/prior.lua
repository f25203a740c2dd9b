-- gym.prior: what it is made of, what studies do with it, wrong arguments.
local tap = require "tap"
local gym = require "gym"

local folder = tap.folder()
local bank = folder .. "/bank.db"
for _, options in ipairs { { scale = 2 }, { scale = 5, limit = 64 }, { surface = "rugged" } } do
  local s = gym.study { env = gym.env("toy", options), objective = "energy", budget = 80,
                        seeds = "1..2", store = bank }
  s:add("random"):add("ga"):run()
end
local env = gym.env "toy"

local function learn(more)
  local t = { env = env, objective = "energy", stores = bank }
  t.contrast = 8
  for key, value in pairs(more or {}) do t[key] = value end
  return gym.prior(t)
end

tap.test("a prior of the most similar workloads", function()
  local p = learn()
  tap.equal(#p.tasks, 3)
  tap.equal(#p.bank, 3)
  tap.equal(p.evaluations, #p.first)
  tap.ok(#p.first >= 9 and #p.first <= 11)
  tap.ok(p.task_evaluations > 20 and p.task_evaluations <= 30)
  tap.equal(p.tasks[1].workload, "(the workload at hand)")
  tap.near(p.tasks[2].similarity, 1, 1e-12)
  for i, t in ipairs(p.tasks) do
    tap.ok(i == 1 or t.similarity <= p.tasks[i - 1].similarity)
    tap.ok(t.designs >= (i == 1 and 2 or 20))
  end
  local sums = 0
  for name, values in pairs(p.weights) do
    local sum = 0
    for _, weight in pairs(values) do
      tap.ok(weight > 0)
      sum = sum + weight
    end
    tap.near(sum, 1, 1e-9)
    sums = sums + 1
  end
  tap.equal(sums, 6) -- of eight parameters two are real
  tap.match(tostring(p), "^task +similarity .*\nanchors evaluated: %d+ here, %d+ on the tasks\n")
  tap.equal(p:describe(), tostring(p))
end)

tap.test("others of the same bank", function()
  local p = learn()
  local one = p:with { tasks = 1 }
  tap.equal(#one.tasks, 1)
  tap.equal(one.tasks[1].workload, p.tasks[1].workload)
  local last = p.tasks[3].workload
  local only = p:with { only = { last }, uniform = 1 }
  tap.equal(only.tasks[2].workload, last)
  tap.equal(only.tasks[3], nil)
  tap.equal(#only.first, #p.first) -- they were paid for
  tap.near(only.weights.topology.mesh, 1 / 3, 1e-12)
  p:close()
  tap.equal(#only.bank, 3) -- holds the bank
  tap.equal(tostring(p), "gym.prior: closed")
  collectgarbage()
  tap.equal(only:with { tasks = 2 }.tasks[2] ~= nil, true)
end)

tap.test("a study with and without", function()
  local p = learn { store = folder .. "/anchors.db" }
  tap.equal(learn { store = folder .. "/anchors.db" }.evaluations, 0)
  local function run()
    local s = gym.study { env = env, objective = "energy", budget = 40, seeds = "1..3",
                          store = folder .. "/runs.db" }
    s:add("ga"):add("ga", {}, { prior = p }):add("ga", {}, { prior = p, label = "mine" })
    s:run()
    return s
  end
  local s = run()
  local runs = s:runs()
  tap.equal(#runs, 9)
  tap.equal(runs[4].agent, "ga +prior")
  tap.equal(runs[7].agent, "mine")
  tap.equal(tostring(run():table()), tostring(s:table()))
end)

tap.test("by hand, and agents in Lua", function()
  local p = gym.prior { env = env, weights = { ports = { [1] = .97, [2] = .01, [4] = .01,
                                                         [8] = .01 } } }
  tap.equal(#p.tasks, 0)
  tap.equal(#p.bank, 0)
  tap.equal(p.evaluations, 0)
  tap.equal(p.weights.ports["1"], .97)
  tap.equal(p.weights.topology, nil)
  tap.equal(#p.first, 0)
  local seen, all = 0, 0
  local class = gym.agent_class {
    id = "leaning-v1", doc = "Draws.", source = "This test.", prior = true,
    ask = function(self, k) return { self.problem.space:sample(self.rng) } end,
    tell = function(self, results)
      for _, r in ipairs(results) do
        all = all + 1
        if r.design.ports == "1" then seen = seen + 1 end
      end
    end }
  local s = gym.study { env = env, objective = "energy", budget = 200 }
  s:add(class, {}, { prior = p }):run()
  tap.equal(all, 200)
  tap.ok(seen > 180)
  tap.equal(gym.info("leaning-v1", "agent").prior, true)
  tap.raises(function() p:with { tasks = 1 } end, 'by hand: it has no bank')
end)

tap.test("designs to begin with", function()
  local p = learn()
  local mine = gym.prior { env = env, weights = {}, first = { p.first[2], p.first[1] } }
  tap.equal(mine.weights["@first"], nil)
  local s = gym.study { env = env, objective = "energy", budget = 12, seeds = "1..2",
                        store = folder .. "/first.db" }
  s:add("ga", {}, { prior = mine }):add("random", {}, { prior = mine }):run()
  local store, n = gym.store(folder .. "/first.db"), 0
  for _, run in ipairs(store:runs(1)) do
    for t in store:trials(1, run.run) do
      local wanted = mine.first[t.number + 1]
      for name, value in pairs(wanted or {}) do
        tap.equal(tostring(t[name]), tostring(value))
        n = n + 1
      end
    end
  end
  tap.ok(n >= 4 * 2 * 6)
  tap.raises(function() gym.prior { env = env, weights = {}, first = { {} } } end,
             'prior: @first: design 1: parameter "')
end)

tap.test("wrong arguments", function()
  for pattern, body in pairs {
    ['gym.prior: "objective" is missing'] = function() gym.prior { stores = bank, env = env } end,
    ['gym.prior: unknown key "store_"'] = function() learn { store_ = "x" } end,
    ['gym.prior: unknown similarity "ranks"; .*did you mean "rank"?'] = function()
      learn { similarity = "ranks" }
    end,
    ["gym.prior: tasks: %-1 is not in 0 to 1000000"] = function() learn { tasks = -1 } end,
    ["gym.prior: stores: a list of texts was expected, not of 7"] = function()
      learn { stores = { 7 } }
    end,
    ['unknown workload "x"'] = function() learn { only = { "x" } } end,
    ["prior: share 2: 0 to 1 is possible"] = function() learn { share = 2 } end,
    ["the weight of ring is missing"] = function()
      gym.prior { env = env, weights = { topology = { mesh = 1 } } }
    end,
    ["weights: topology: a table of values and weights was expected, not 3"] = function()
      gym.prior { env = env, weights = { topology = 3 } }
    end,
    ["study:add: prior: gym.prior was expected, not 3"] = function()
      gym.study { env = env, objective = "energy" }:add("ga", {}, { prior = 3 })
    end,
    ['prior:with: unknown key "anchors"'] = function() learn():with { anchors = 3 } end,
    ["agent plain%-v1 does not use a prior"] = function()
      local plain = gym.agent_class { id = "plain-v1", doc = "Asks nothing.", source = "This.",
                                      ask = function() end, tell = function() end }
      gym.study { env = env, objective = "energy" }:add(plain, {}, { prior = learn() })
    end,
  } do
    tap.raises(body, pattern)
  end
end)

tap.done()
