local tap = require "tap"
local gym = require "gym"

local env = gym.env("toy")

local function text(t) return gym.objective(t, env).text end

tap.test("the table has the forms of the text", function()
  for _, pair in ipairs {
    { { minimize = "energy" }, "min(energy)" },
    { { minimise = { "energy", "delay" } }, "min(energy), min(delay)" },
    { { maximize = "throughput" }, "max(throughput)" },
    { { minimize = "delay", maximise = "throughput" }, "min(delay), max(throughput)" },
    { { target = { energy = "1uJ" } }, "target(energy, 1uJ)" },
    { { target = { energy = "1uJ", delay = 5, cap = 100 } },
      "target(delay, 5, 100), target(energy, 1uJ, 100)" },
    { { product = { energy = 2, delay = 1 } }, "product(delay^1, energy^2)" },
    { { product = { target = { energy = 5, delay = 3 } } },
      "product(target(delay,3), target(energy,5))" },
    { { budgets = { energy = "1uJ", delay = 7 } }, "budgets(delay<=7, energy<=1uJ)" },
    { { log = "energy" }, "log(energy)" },
    { { cap = { energy = 100 } }, "cap(energy, 100)" },
    { { "log(energy)" }, "log(energy)" },
    { { "energy", "delay" }, "energy, delay" },
    { { minimize = "energy", at_most = { delay = "3us", utilisation = 0.5 },
        at_least = { throughput = 2 } },
      "min(energy); delay<=3us; utilisation<=0.5; throughput>=2" },
  } do
    tap.equal(text(pair[1]), text(pair[2]))
  end
end)

tap.test("the text is always the same", function()
  local t = { target = { energy = 5, delay = 3, throughput = 2 },
              at_most = { delay = 1, energy = 2, utilisation = 3 } }
  for _ = 1, 20 do
    local copy = { at_most = {}, target = {} }
    for k, v in pairs(t.at_most) do copy.at_most[k] = v end
    for k, v in pairs(t.target) do copy.target[k] = v end
    tap.equal(text(copy), text(t))
  end
end)

tap.test("evaluate", function()
  local o = gym.objective("max(throughput), energy; delay<=100", env)
  local r = o:evaluate { throughput = 5, energy = 2, delay = 150, utilisation = 0 }
  tap.same(r.goals, { 5.0, 2.0 })
  tap.same(r.objectives, { -5.0, 2.0 })
  tap.near(r.violations[1], 0.5)
  tap.near(r.violation, 0.5)
  tap.equal(o.goals[1].sense, "maximise")
  tap.equal(o.goals[1].unit, "GB/s")
  tap.equal(#o.constraints, 1)
  tap.equal(o:inner(5, 1), -5)
  tap.raises(function() o:evaluate { energy = 1 } end, "delay")
  tap.raises(function() o:evaluate { enrgy = 1 } end, 'unknown key "enrgy"', '"energy"')
  tap.raises(function() o:evaluate { energy = "x" } end, "a number was expected")
end)

tap.test("better follows the order of everything", function()
  local good = { status = "ok", objectives = { 1 }, violations = { 0 } }
  local worse = { status = "ok", objectives = { 2 }, violations = { 0 } }
  local violating = { status = "ok", objectives = { 0 }, violations = { 0.1 } }
  local failed = { status = "failed" }
  tap.ok(gym.better(good, worse))
  tap.ok(not gym.better(worse, good))
  tap.ok(not gym.better(good, good))
  tap.ok(gym.better(worse, violating))
  tap.ok(gym.better(violating, failed))
  tap.ok(gym.better({ objective = 1 }, { objective = 2 }))
  tap.raises(function() gym.better({ status = "fine" }, good) end, "fine")
  tap.raises(function() gym.better(1, 2) end, "results were expected")
  tap.raises(function() gym.better(good, { objectives = { 1, 2 } }) end, "different")
end)

tap.test("quantities", function()
  tap.near(gym.quantity("0.1ms", "ns"), 100000)
  tap.near(gym.quantity("1W", "mW"), 1000)
  tap.equal(gym.quantity(5, "ns"), 5)
  tap.raises(function() gym.quantity("1W", "ns") end, "objective.lua:%d+", "W")
end)

tap.test("wrong objectives", function()
  local line = tap.line() + 1
  tap.raises(function() text { minimise = "enrgy" } end, "objective.lua:" .. 6, "enrgy",
             "energy")
  tap.raises(function() gym.objective({ minimise = "enrgy" }, env) end,
             "objective.lua:" .. line + 2, "energy")
  tap.raises(function() text { minimze = "energy" } end, 'unknown key "minimze"',
             'minimize')
  tap.raises(function() text {} end, "no goal")
  tap.raises(function() text(3) end, "a text or a table")
  tap.raises(function() text { minimize = 3 } end, "minimize", "3")
  tap.raises(function() text { target = "energy" } end, "target", "a table")
  tap.raises(function() text { target = { energy = true } } end, "energy", "true")
  tap.raises(function() text { minimize = "energy", at_most = { delay = "3W" } } end, "W")
  tap.raises(function() gym.objective("energy") end, "an env was expected, not nothing")
end)

tap.done()
