local tap = require "tap"
local gym = require "gym"

tap.test("what there is", function()
  local seen = {}
  for _, e in ipairs(gym.envs()) do
    seen[e.id] = e
    tap.equal(e.role, "env")
  end
  tap.ok(seen["toy-v1"])
  tap.match(seen["toy-v1"].origin, "toy.so$")
  seen = {}
  for _, a in ipairs(gym.agents()) do seen[a.id] = a end
  tap.ok(seen["random-v1"] and seen["ga-v1"])
  tap.match(gym.version, "^%d+%.%d+")
end)

tap.test("info of an env, an agent and a proxy", function()
  local info = gym.info("toy")
  tap.equal(info.id, "toy-v1")
  tap.equal(#info.params, 8)
  tap.equal(info.metrics[1].name, "delay")
  tap.equal(info.metrics[1].unit, "ns")
  tap.equal(info.metrics[1].sense, "minimise")
  tap.equal(#info.fidelities, 3)
  tap.equal(info.fidelities[1].cost, 1 / 16)
  tap.equal(info.noisy, false)
  local option
  for _, o in ipairs(info.options) do option = o.name == "limit" and o or option end
  tap.equal(option.type, "int")
  tap.equal(option.default, "512")
  tap.equal(option.high, 1024)
  tap.equal(gym.info("noisy").noisy, true)
  tap.match(gym.info("needy").note, "factor")
  local ga = gym.info("ga", "agent")
  tap.ok(ga.distinct and ga.replayable and not ga.warm_start)
  tap.equal(ga.role, "agent")
  tap.ok(ga.space:cardinality() > 1)
  local proxies = {}
  for _, p in ipairs(gym.proxies()) do proxies[p.id] = p end
  tap.equal(proxies["forest-v1"].role, "proxy")
  local forest = gym.info("forest")
  tap.equal(forest.role, "proxy")
  tap.ok(forest.saved and forest.space:cardinality() > 1)
  tap.equal(forest.options[1].name, "trees")
  tap.equal(gym.info("forest", "proxy").id, forest.id)
  tap.raises(function() gym.info("forest", "agent") end, "unknown agent")
  tap.raises(function() gym.info("forst") end, "unknown env, agent or proxy", "forest")
  tap.raises(function() gym.info("toi") end, "env.lua:%d+", "toi", "toy%-v1")
  tap.raises(function() gym.info("toy", "agent") end, "unknown agent")
  tap.raises(function() gym.info("toy", "thing") end, "unknown role")
end)

tap.test("evaluate one design and many", function()
  local env = gym.env("toy", { scale = 2 })
  local one = env:evaluate { topology = "ring", rows = 3 }
  tap.equal(one.status, "ok")
  tap.equal(one.design.topology, "ring")
  tap.ok(one.metrics.energy > 0)
  tap.equal(one.note, nil)
  local designs = {}
  for i = 1, 20 do designs[i] = env.space:sample(i) end
  for i, outcome in ipairs(env:evaluate(designs)) do
    tap.same(outcome, env:evaluate(designs[i]))
  end
  tap.same(env:evaluate(), env:evaluate {})
  tap.same(env:evaluate({}).design, env.space:default())
  local plain = gym.env("toy"):evaluate { topology = "ring", rows = 3 }
  tap.near(one.metrics.energy, 2 * plain.metrics.energy, 1e-9 * one.metrics.energy)
end)

tap.test("fidelity, seed, repair, sealed", function()
  local env = gym.env("toy")
  local coarse = env:evaluate({}, { fidelity = "coarse" })
  tap.ok(coarse.metrics.delay and not coarse.metrics.throughput)
  tap.raises(function() env:evaluate({}, { fidelity = "corse" }) end, "corse", "coarse")
  tap.raises(function() env:evaluate({}, { fidelity = 1 }) end, "a name")
  local noisy = gym.env("noisy")
  local a, b = noisy:evaluate({}, { seed = 1 }), noisy:evaluate({}, { seed = 1 })
  tap.equal(a.metrics.loss, b.metrics.loss)
  tap.ok(a.metrics.loss ~= noisy:evaluate({}, { seed = 2 }).metrics.loss)
  tap.equal(a.metrics.held_out, nil)
  tap.ok(noisy:evaluate({}, { sealed = true }).metrics.held_out)
  local big = { rows = 16, lanes = 64 }
  tap.equal(env:evaluate(big).status, "infeasible")
  tap.equal(env:evaluate(big, { repair = true }).status, "ok")
  local repaired, valid = env:repair(big)
  tap.ok(valid and repaired.rows * repaired.lanes <= 512)
  local _, never = gym.env("toy", { ["repair"] = false }):repair(big)
  tap.equal(never, false)
end)

tap.test("failures are outcomes with a note", function()
  local env = gym.env("faulty", { fault = "fail", at = "3" })
  tap.equal(env:evaluate({ point = 2 }).status, "ok")
  local bad = env:evaluate { point = 3 }
  tap.equal(bad.status, "failed")
  tap.same(bad.metrics, {})
  tap.ok(#bad.note > 0)
end)

tap.test("identity and options in force", function()
  local env = gym.env("toy", { limit = 100 })
  tap.equal(env.id, "toy-v1")
  tap.equal(env.options.limit, 100)
  tap.equal(env.options.surface, "smooth")
  tap.match(env.identity, '"limit": ?100')
  tap.equal(#env.metrics, 4)
  tap.equal(env.fidelities[3].name, "full")
end)

tap.test("wrong arguments", function()
  local line = tap.line() + 1
  tap.raises(function() gym.env("toi") end, "env.lua:" .. line, "toi", "toy")
  tap.raises(function() gym.env("toy", { limitt = 1 }) end, "limitt", "limit")
  tap.raises(function() gym.env("toy", { limit = 1 }) end, "limit", "4", "1024")
  tap.raises(function() gym.env("toy", { limit = {} }) end, "limit", "a table")
  tap.raises(function() gym.env("toy", { 1 }) end, "name")
  tap.raises(function() gym.env("toy", 3) end, "options are a table, not 3")
  tap.raises(function() gym.env(3) end, "id", "3")
  tap.raises(function() gym.env("toy", { weights = "/no/such/file" }) end, "weights",
             "/no/such/file")
  tap.raises(function() gym.env("needy") end, "factor")
  local env = gym.env("toy")
  tap.raises(function() env:evaluate({}, { sed = 1 }) end, 'unknown key "sed"', '"seed"')
  tap.raises(function() env:evaluate({}, { seed = 1.5 }) end, "seed", "an integer")
  tap.raises(function() env:evaluate(3) end, "a design is a table")
  tap.raises(function() env:evaluate { { rows = 1 }, { rows = 99 } } end, "rows")
  tap.raises(function() env.evaluate({}) end, "colon")
  tap.raises(function() env:evalute {} end, 'no field "evalute"', '"evaluate"')
end)

tap.test("closing", function()
  local env = gym.env("toy")
  local space = env.space
  env:close()
  env:close()
  tap.match(tostring(env), "closed")
  tap.raises(function() env:evaluate {} end, "closed")
  tap.raises(function() return env.space end, "closed")
  tap.equal(space.size, 8) -- is not the env's
  local closed
  do
    local scoped <close> = gym.env("toy")
    closed = scoped
  end
  tap.match(tostring(closed), "closed")
end)

tap.done()
