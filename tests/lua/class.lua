-- Environments and agents written in Lua.
local tap = require "tap"
local gym = require "gym"

local bowl_line = tap.line() + 1
local bowl = gym.environment {
  id = "bowl-v1",
  doc = "A bowl with a hole in it. For tests.",
  source = "made up",
  options = {
    { name = "centre", default = 2.5, low = -10, high = 10, doc = "Where it is lowest." },
    { name = "steps", default = 3, low = 1, high = 9 },
    { name = "shape", choices = { "round", "flat" }, default = "round" },
    { name = "strict", default = false },
    { name = "label", type = "text" },
  },
  space = {
    { name = "x", low = -10, high = 10, default = 1, unit = "m", doc = "Sideways." },
    { name = "y", low = 0.5, high = 50.0, log = true, default = 1 },
    { name = "mode", levels = { "plain", "steep" }, default = "plain" },
    { name = "power", kind = "ordinal", levels = { 1, 2, 4 }, default = 2,
      parent = "mode", when = "steep", group = "steepness" },
    { name = "grid", low = 0, high = 20, step = 5 },
  },
  metrics = {
    { name = "height", unit = "m", sense = "minimise", doc = "Above the ground." },
    { name = "slope", sense = "maximize" },
    "shade",
  },
  fidelities = {
    { name = "rough", cost = 0.25, metrics = { "height" } }, { name = "full" },
  },
  evaluate = function(self, d, ctx)
    if d.x == 7 then return nil, "infeasible", "seven is a hole" end
    if d.x == 8 then error("eight is broken") end
    if d.x == 9 then return { height = 1, slope = 0 } end
    if d.x == -7 then return { height = 0 / 0, slope = 1, shade = 1 } end
    if d.x == -8 then return nil, "just because" end
    if d.x == -9 then return { height = 1, slope = 1, shade = 1, shadow = 1 } end
    if d.x == -10 then return "high" end
    local k = d.mode == "steep" and tonumber(d.power) or 1
    local height = k * (d.x - self.options.centre) ^ 2 + math.abs(d.y - 1) + d.grid
    if ctx.fidelity == "rough" then return { height = height + 0.5 } end
    return { height = height, slope = k, shade = self:shade(d) }
  end,
  shade = function(_, d) return d.x > 0 and 1 or 0 end, -- a method of its own
}

tap.test("a Lua env is described like any other", function()
  local info = gym.info("bowl")
  tap.equal(info.id, "bowl-v1")
  tap.equal(info.summary, "A bowl with a hole in it")
  tap.equal(info.source, "made up")
  tap.match(info.origin, "class.lua:" .. bowl_line)
  tap.equal(#info.params, 5)
  tap.equal(info.params[1].kind, "integer")
  tap.equal(info.params[2].kind, "real")
  tap.equal(info.params[3].kind, "categorical")
  tap.same(info.params[4].when, { "steep" })
  tap.equal(info.params[4].default, "2")
  tap.equal(info.params[5].step, 5)
  tap.same({ info.metrics[1].sense, info.metrics[2].sense, info.metrics[3].sense },
           { "minimise", "maximise", "neutral" })
  tap.equal(info.fidelities[1].cost, 0.25)
  tap.equal(info.options[1].type, "real")
  tap.equal(info.options[2].type, "int")
  tap.equal(info.options[3].type, "enum")
  tap.equal(info.options[4].type, "bool")
  tap.equal(info.options[5].type, "text")
end)

tap.test("it is evaluated, by id or by its table", function()
  local env = gym.env(bowl, { centre = 2 })
  local o = env:evaluate { x = 4, mode = "steep", power = 4 }
  tap.equal(o.status, "ok")
  tap.same(o.metrics, { height = 16.0, slope = 4.0, shade = 1.0 })
  tap.same(gym.env("bowl-v1", { centre = 2 }):evaluate(o.design), o)
  tap.equal(env:evaluate({ x = 4 }, { fidelity = "rough" }).metrics.height, 4.5)
  tap.equal(env:evaluate({ x = 4 }, { fidelity = "rough" }).metrics.slope, nil)
end)

tap.test("what goes wrong fails the trial and says why", function()
  local env = gym.env(bowl)
  local function note(x) local o = env:evaluate { x = x } return o.status, o.note end
  local status, why = note(7)
  tap.equal(status, "infeasible")
  tap.equal(why, "seven is a hole")
  status, why = note(8)
  tap.equal(status, "failed")
  tap.match(why, "class.lua:%d+: eight is broken")
  status, why = note(9)
  tap.equal(status, "failed")
  tap.match(why, 'class.lua:' .. bowl_line .. ': .*no metric "shade"')
  status, why = note(-7)
  tap.equal(status, "failed")
  tap.match(why, "height is not a number")
  status, why = note(-8)
  tap.equal(status, "failed")
  tap.equal(why, "just because")
  status, why = note(-9)
  tap.equal(status, "failed")
  tap.match(why, 'unknown key "shadow".*"shade"')
  status, why = note(-10)
  tap.match(why, '"high" instead of a table')
end)

tap.test("space, metrics and methods may depend on the options", function()
  local closed = 0
  local sized = gym.environment {
    id = "sized-v1", doc = "Sized.",
    options = { { name = "n", default = 2, low = 1, high = 8 } },
    open = function(self) self.opened = self.options.n * 10 end,
    close = function() closed = closed + 1 end,
    space = function(self)
      local list = {}
      for i = 1, self.options.n do list[i] = { name = "p" .. i, low = 0, high = i } end
      return list
    end,
    metrics = function(self) return { "sum" .. self.options.n } end,
    evaluate = function(self, d)
      local sum = self.opened
      for i = 1, self.options.n do sum = sum + d["p" .. i] end
      return { ["sum" .. self.options.n] = sum }
    end,
  }
  local env = gym.env(sized, { n = 3 })
  tap.equal(env.space:cardinality(), 24)
  tap.equal(env:evaluate({ p2 = 2 }).metrics.sum3, 32.0)
  env:close()
  tap.equal(closed, 1)
end)

tap.test("rules of validity and repair", function()
  local ruled = gym.environment {
    id = "ruled-v1", doc = "Ruled.", metrics = { "sum" },
    space = { { name = "a", low = 0, high = 9 }, { name = "b", low = 0, high = 9 } },
    valid = function(_, d) return d.a + d.b <= 9 end,
    repair = function(_, d) d.b = 9 - d.a return d end,
    evaluate = function(_, d) return { sum = d.a + d.b } end,
  }
  local env = gym.env(ruled)
  tap.equal(env:evaluate({ a = 5, b = 5 }).status, "infeasible")
  local d, valid = env:repair { a = 5, b = 9 }
  tap.same(d, { a = 5, b = 4 })
  tap.ok(valid)
  local study = gym.study { env = env, objective = "max(sum)", budget = 40 }
  study:add("random"):run()
  tap.equal(study:best().goals[1], 9.0)
  tap.equal(study:runs()[1].infeasible, 0)
end)

tap.test("evaluations depend on their seed alone", function()
  local noisy = gym.environment {
    id = "dice-v1", doc = "Dice.", noisy = true, metrics = { "a", "b" },
    space = { { name = "x", low = 0, high = 9 } },
    evaluate = function(_, _, ctx) return { a = ctx.rng:real(), b = math.random() } end,
  }
  local env = gym.env(noisy)
  local seal = gym.env(gym.environment {
    id = "seal-v1", space = { { name = "x", low = 0, high = 1 } },
    metrics = { "asked", { name = "secret", sealed = true } },
    evaluate = function(_, _, ctx)
      return { asked = ctx.sealed and 1 or 0, secret = ctx.sealed and 5 or nil }
    end })
  local shut, open = seal:evaluate {}, seal:evaluate({}, { sealed = true })
  tap.equal(shut.status, "ok")
  tap.equal(shut.metrics.asked, 0.0)
  tap.equal(shut.metrics.secret, nil)
  tap.equal(open.metrics.asked, 1.0)
  tap.equal(open.metrics.secret, 5.0)
  local one = env:evaluate({}, { seed = 5 })
  math.random()
  env:evaluate({}, { seed = 6 })
  tap.same(env:evaluate({}, { seed = 5 }), one)
  tap.ok(env:evaluate({}, { seed = 6 }).metrics.b ~= one.metrics.b)
  tap.ok(env:evaluate({}, { seed = 6 }).metrics.a ~= one.metrics.a)
end)

local climber = gym.agent_class {
  id = "climber-v1",
  doc = "Goes to a random neighbour and stays when it is no worse.",
  options = { { name = "restart", default = 0.05, low = 0, high = 1 } },
  open = function(self, problem, rng)
    assert(problem.space.size >= 1 and rng == self.rng)
    self.space = problem.space
  end,
  ask = function(self)
    if not self.now or self.rng:real() < self.options.restart then
      self.now = nil
      return self.space:sample(self.rng)
    end
    return self.rng:pick(self.space:neighbours(self.now.design))
  end,
  tell = function(self, results)
    for _, r in ipairs(results) do
      if not self.now or not gym.better(self.now, r) then self.now = r end
    end
  end,
}

tap.test("a Lua agent and a Lua env, and C ones, in one study", function()
  local env = gym.env(bowl)
  local study = gym.study { env = env, objective = "min(height)", budget = 150,
                            seeds = "1..3" }
  study:add(climber):add("ga"):add("climber", { restart = 0.5 }, "restless"):run()
  local runs = study:runs()
  tap.equal(#runs, 9)
  for _, run in ipairs(runs) do
    tap.equal(run.state, "finished")
    tap.ok(run.best.goals[1] < 5, run.agent .. " " .. run.best.goals[1])
  end
  local other = gym.study { env = gym.env("toy"), objective = "energy", budget = 50 }
  other:add(climber):run()
  tap.equal(other:runs()[1].state, "finished")
end)

tap.test("agents get their budget, fidelities and results in order", function()
  local heard = {}
  local batch = gym.agent_class {
    id = "batch-v1", doc = "Batch.", in_flight = 4, max_objectives = 0,
    open = function(self, problem)
      heard.problem = problem
      self.n = 0
    end,
    ask = function(self, k)
      local list, fidelities = {}, {}
      for i = 1, math.min(k, 12 - self.n) do
        list[i] = { x = self.n % 6, y = 1 + self.n }
        fidelities[i] = self.n % 2 == 0 and "rough" or "full"
        self.n = self.n + 1
      end
      return list, fidelities
    end,
    tell = function(_, results)
      for _, r in ipairs(results) do heard[#heard + 1] = r end
    end,
  }
  local study = gym.study { env = gym.env(bowl), budget = 100, in_flight = 4,
                            objective = "height; height<=10" }
  study:add(batch):run()
  tap.equal(heard.problem.budget, 100.0)
  tap.equal(heard.problem.objectives, 1)
  tap.equal(heard.problem.constraints, 1)
  tap.equal(heard.problem.in_flight, 4)
  tap.equal(heard.problem.fidelities[1].name, "rough")
  tap.equal(heard.problem.metrics[1].name, "height")
  tap.equal(#heard, 12)
  tap.equal(study:runs()[1].state, "exhausted")
  for i, r in ipairs(heard) do
    tap.equal(r.design.y, 1.0 + (i - 1))
    tap.equal(r.fidelity, i % 2 == 1 and "rough" or "full")
    tap.equal(r.status, "ok")
    tap.near(r.violation, math.max(0, r.objective / 10 - 1))
    tap.equal(r.objectives[1], r.metrics.height)
  end
  tap.raises(function() return heard.problem.space.size end, "closed") -- lent, not given
end)

tap.test("numbers an agent asks are moved to valid ones, names must exist", function()
  local asked = {}
  local wild = gym.agent_class {
    id = "wild-v1", doc = "Wild.",
    options = { { name = "level", default = "plain" } },
    ask = function(self)
      return { x = 99, y = 1.5, grid = 7, mode = self.options.level, power = "4" }
    end,
    tell = function(_, results) asked[#asked + 1] = results[1].design end,
  }
  local env = gym.env(bowl)
  gym.study { env = env, objective = "height", budget = 1 }:add(wild):run()
  tap.same(asked[1], { x = 10, y = 1.5, grid = 5, mode = "plain" })
  local line = tap.line() + 3
  tap.raises(function()
    local s = gym.study { env = env, objective = "height", budget = 1 }
    s:add(wild, { level = "stepe" }):run()
  end, "class.lua:" .. line, "wild%-v1", "stepe", "steep")
end)

tap.test("an error inside ask or tell stops the study and names the line", function()
  local where
  local function class(id, broken)
    local line = tap.line()
    where = line
    return gym.agent_class {
      id = id, doc = "Broken.",
      ask = function() if broken == "ask" then error("no idea") end return { x = 1 } end,
      tell = function() if broken == "tell" then local t = nil; t.x = 1 end end,
    }
  end
  local env = gym.env(bowl)
  local ask, tell = class("bad-ask-v1", "ask"), class("bad-tell-v1", "tell")
  local study = gym.study { env = env, objective = "height", budget = 5 }:add(ask)
  local line = tap.line() + 1
  tap.raises(function() study:run() end, "class.lua:" .. line .. ": ", "bad%-ask%-v1",
             "class.lua:" .. where + 4 .. ": no idea")
  study = gym.study { env = env, objective = "height", budget = 5 }:add(tell)
  tap.raises(function() study:run() end, "bad%-tell%-v1", "class.lua:" .. where + 5,
             "local 't'")
  local open = gym.agent_class { id = "bad-open-v1", doc = "Broken.",
    open = function() error("cannot open") end,
    ask = function() end, tell = function() end }
  tap.raises(function()
    gym.study { env = env, objective = "height", budget = 5 }:add(open):run()
  end, "bad%-open%-v1", "cannot open")
  local greedy = gym.agent_class { id = "greedy-v1", doc = "Broken.",
    ask = function() return { { x = 1 }, { x = 2 }, { x = 3 } } end,
    tell = function() end }
  tap.raises(function()
    gym.study { env = env, objective = "height", budget = 5 }:add(greedy):run()
  end, "greedy%-v1", "3 designs where at most 1")
end)

tap.test("asks are the same whatever others draw from math.random", function()
  local dicey = gym.agent_class {
    id = "dicey-v1", doc = "Dicey.",
    ask = function() return { x = math.random(-6, 6), y = 1 + 40 * math.random() } end,
    tell = function() math.random() end,
  }
  local function asked()
    local list = {}
    local study = gym.study { env = gym.env(bowl), objective = "height", budget = 20,
      on_trial = function(t) list[#list + 1] = t.design.y math.random() end }
    study:add(dicey):run()
    return table.concat(list, " ")
  end
  local first = asked()
  math.randomseed(99)
  tap.equal(asked(), first)
end)

tap.test("a store is resumed with a Lua env, a Lua agent and a C agent", function()
  local folder = tap.folder()
  local function study(store, on_trial)
    local s = gym.study { env = gym.env(bowl), objective = "min(height)", budget = 60,
                          seeds = { 1, 2 }, store = store, on_trial = on_trial }
    return s:add(climber):add("ga", { population = 8 })
  end
  local whole, parts = folder .. "/whole.db", folder .. "/parts.db"
  tap.equal(study(whole):run(), true)
  for _ = 1, 4 do -- stopped after 35 new trials each time, and made anew
    local n = 0
    local done = study(parts, function(t)
      n = n + (t.replayed and 0 or 1)
      return n < 35
    end):run()
    tap.equal(done, false)
  end
  local replayed = 0
  local last = study(parts, function(t) replayed = replayed + (t.replayed and 1 or 0) end)
  tap.equal(last:run(), true)
  tap.ok(replayed > 100)
  tap.equal(gym.store(parts):export { canonical = true },
            gym.store(whole):export { canonical = true })
end)

tap.test("wrong classes", function()
  local line = tap.line() + 1
  tap.raises(function() gym.environment { id = "x-v1" } end, "class.lua:" .. line,
             "evaluate", "a function was expected")
  local function env(t)
    t.evaluate = t.evaluate or function() end
    t.metrics = t.metrics or { "m" }
    t.space = t.space or { { name = "x", low = 0, high = 1 } }
    return gym.environment(t)
  end
  tap.raises(function() env {} end, '"id" is missing')
  tap.raises(function() env { id = "x" } end, '"x" is not of the form')
  tap.raises(function() env { id = "bowl-v1" } end, "already taken",
             "class.lua:" .. bowl_line)
  tap.raises(function() env { id = "x-v1", fidelties = {} } end,
             'unknown key "fidelties"', '"fidelities"')
  tap.raises(function() gym.environment { id = "x-v1", evalute = print } end, "evaluate",
             '"evalute"')
  tap.raises(function() env { id = "x-v1", space = 3 } end, "space: a list")
  tap.raises(function() env { id = "x-v1", space = { { nme = "x" } } } end, 'parameter 1',
             '"nme"', '"name"')
  tap.raises(function() env { id = "x-v1", space = { { name = "x" } } } end, "low")
  tap.raises(function()
    env { id = "x-v1", space = { { name = "x", low = 2, high = 1 } } }
  end, "x")
  tap.raises(function()
    env { id = "x-v1", space = { { name = "x", levels = { "a", "b" }, default = "c" } } }
  end, 'unknown level "c"')
  tap.raises(function()
    env { id = "x-v1", space = { { name = "x", low = 0, high = 1, kind = "ral" } } }
  end, '"ral"', '"real"')
  tap.raises(function()
    env { id = "x-v1",
          space = { { name = "x", low = 0, high = 1, parent = "q", when = 1 } } }
  end, "q")
  tap.raises(function()
    env { id = "x-v1", metrics = { { name = "m", sense = "up" } } }
  end, '"up"')
  tap.raises(function() env { id = "x-v1", options = { { name = "o", type = "reel",
                                                         default = 1 } } } end, '"real"')
  tap.raises(function()
    env { id = "x-v1", options = { { name = "o", type = "int" } } }
  end, '"default"')
  tap.raises(function() env { id = "x-v1", fidelities = { { name = "f",
                                                            metrics = { "n" } } } } end,
             'unknown metric "n"')
  tap.raises(function() env { id = "x-v1", repair = print } end, "valid")
  tap.raises(function() gym.agent_class { id = "x-v1", ask = print } end, "tell")
  tap.raises(function() gym.agent_class(3) end, "a table was expected, not 3")
  tap.raises(function()
    gym.agent_class { id = "x-v1", ask = print, tell = print, in_flight = 0 }
  end, "in_flight")
  tap.raises(function() gym.env(bowl, { center = 1 }) end, "center", "centre")
end)

tap.test("calls into the gym from within a callback", function()
  local inner = gym.env(bowl)
  local wrapper = gym.environment {
    id = "wrapper-v1", doc = "An env around another.", metrics = { "height" },
    space = { { name = "x", low = -5, high = 5 } },
    evaluate = function(_, d)
      local best = math.huge
      local study = gym.study { env = inner, objective = "height", budget = 5 }
      study:add("random"):run()
      best = study:best().goals[1]
      return { height = inner:evaluate({ x = d.x }).metrics.height + best }
    end,
  }
  local study = gym.study { env = gym.env(wrapper), objective = "min(height)",
                            budget = 8 }
  tap.equal(coroutine.wrap(function() return study:add(climber):run() end)(), true)
  tap.equal(study:runs()[1].failures, 0)
end)

tap.test("axes of a class", function()
  local c = gym.agent_class { id = "placed-v1", doc = "x", ask = function() end,
                              tell = function() end, axes = { strategy = "none at all" } }
  tap.same(gym.info(c.id).axes, { strategy = "none at all" })
  tap.equal(gym.info("toy").axes.cost, "formula")
  tap.raises(function()
    gym.agent_class { id = "mislaid-v1", doc = "x", ask = function() end,
                      tell = function() end, axes = { stratgy = "x" } }
  end, "class.lua:%d+", 'did you mean "strategy"')
end)

tap.done()
