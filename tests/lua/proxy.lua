-- gym.proxy, gym.proxy_eval, gym.verify, gym.assisted: tables against what the library
-- and the env say, repeats, wrong arguments.
local tap = require "tap"
local gym = require "gym"

local folder = tap.folder()
local store = folder .. "/toy.db"

do
  local s = gym.study { env = gym.env("toy"), objective = "energy", budget = 120,
                        seeds = "1..2", store = store }
  s:add("random"):add("ga", { population = 8 }):run()
end

local function train(more)
  local t = { store, metrics = { "energy", "throughput" }, model = "forest" }
  for key, value in pairs(more or {}) do t[key] = value end
  return gym.proxy(t)
end

tap.test("a model and its file", function()
  local p = train()
  local path = folder .. "/toy.proxy"
  tap.equal(p.id, "forest-v1")
  tap.equal(#p.targets, 2)
  tap.equal(p.targets[2].name, "throughput")
  tap.equal(p:origin().fidelity, "full")
  tap.equal(p:origin().stores[1].path, store)
  tap.ok(p:origin().rules)
  p:save(path)
  local q = gym.proxy(path)
  local list = {}
  for i = 1, 20 do list[i] = p.space:sample(i) end
  local all = p:predict(list)
  tap.equal(#all, 20)
  for i, design in ipairs(list) do
    local one = q:predict(design)
    tap.equal(one.metrics.energy, all[i].metrics.energy)
    tap.equal(one.spread.throughput, all[i].spread.throughput)
    tap.ok(one.spread.energy >= 0)
  end
end)

tap.test("an env of it", function()
  local path = folder .. "/env.proxy"
  local p = train():save(path)
  local env = gym.env("proxy", { model = path })
  local design = env:repair(env.space:sample(3))
  local said, seen = p:predict(design), env:evaluate(design)
  tap.equal(seen.status, "ok")
  tap.equal(seen.metrics.energy, said.metrics.energy)
  tap.equal(seen.metrics.energy_spread, said.spread.energy)
  local real = gym.env("proxy", { model = path, real = true })
  local a = real:evaluate(design, { fidelity = "real" })
  tap.equal(a.metrics.energy, gym.env("toy"):evaluate(design).metrics.energy)
  tap.equal(a.metrics.energy_spread, nil)
end)

tap.test("scores", function()
  local p = train()
  local scores = p:eval { store }
  local rows, squares, sum = 0, 0, 0
  for row in gym.dataset { store, status = "ok" }:rows() do
    local e = p:predict(row.design).metrics.energy - row.metrics.energy
    rows, squares, sum = rows + 1, squares + e * e, sum + row.metrics.energy
  end
  tap.equal(scores.energy.rows, rows)
  tap.ok(math.abs(scores.energy.rmse / math.sqrt(squares / rows) - 1) < 1e-9)
  tap.ok(math.abs(scores.energy.relative_rmse * sum / rows / scores.energy.rmse - 1) < 1e-9)
  local folds = gym.proxy_eval { store, metrics = "energy", model = "ridge", folds = 3 }
  local again = gym.proxy_eval { store, metrics = "energy", model = "ridge", folds = 3 }
  tap.equal(folds.energy.rmse, again.energy.rmse)
  tap.equal(folds.energy.rows, rows)
  local curve = gym.proxy_eval { store, metrics = "energy", model = "ridge",
                                 curve = { 10, 40 } }
  tap.equal(curve[2].designs, 40)
  tap.ok(curve[1].scores.energy.rmse > 0)
  local draws = gym.proxy_eval { store, metrics = "energy", model = "ridge", draws = 2 }
  tap.equal(draws[1].agent, "random")
  tap.equal(draws[1].lone.energy.rows, draws[1].mixed.energy.rows)
  local speed = p:speed(gym.env("toy"))
  tap.ok(speed.single > 0 and speed.batched > 0 and speed.evaluation > 0)
  tap.equal(p:speed().evaluation, nil)
end)

tap.test("pretraining", function()
  local mlp = { model = "mlp", options = { epochs = 2, members = 1, width = 8 } }
  local function taught(hints)
    return train { model = mlp.model, options = mlp.options, pretrain = hints }
  end
  local plain, one, list = taught(), taught("delay"), taught { "delay" }
  local design = plain.space:sample(1)
  local function guess(p) return p:predict(design).metrics.energy end
  tap.equal(guess(one), guess(list))
  tap.ok(guess(one) ~= guess(plain))
  tap.equal(guess(taught()), guess(plain))
  tap.equal(#plain:origin().hints, 0)
  local two = taught { "utilisation", "delay" }
  tap.equal(table.concat(two:origin().hints, " "), "utilisation delay")
  local function folds(hints)
    return gym.proxy_eval { store, metrics = "energy", model = mlp.model, folds = 2,
                            options = mlp.options, pretrain = hints }.energy.rmse
  end
  tap.equal(folds("delay"), folds { "delay" })
  tap.ok(folds("delay") ~= folds())
  local cheap = folder .. "/cheap.db"
  for _, fidelity in ipairs { "full", "medium" } do
    gym.study { env = gym.env("toy"), objective = "energy", budget = 9, store = cheap,
                fidelity = fidelity }:add("random"):run()
  end
  local near = gym.proxy { cheap, metrics = "energy", model = mlp.model,
                           options = mlp.options, pretrain = "energy@medium" }
  tap.equal(near:origin().hints[1], "energy@medium")
  tap.equal(near:origin().fidelity, "full")
  tap.raises(function() taught(3) end, "pretrain: names were expected, not 3")
  tap.raises(function() taught { 3 } end, "texts were expected, not 3")
  tap.raises(function() taught("delya") end, '"delya"')
  tap.raises(function() taught("energy") end, '"energy" is to be learnt')
  tap.raises(function() train { pretrain = "delay" } end, "cannot be pretrained")
  tap.raises(function() plain:eval { store, pretrain = "delay" } end, '"pretrain"')
end)

local function search(name, more)
  local path = folder .. "/v.proxy"
  train():save(path)
  local t = { env = gym.env("proxy", { model = path }), objective = "energy",
              budget = 150, store = folder .. "/" .. name }
  for key, value in pairs(more or {}) do t[key] = value end
  local s = gym.study(t)
  s:add("ga"):run()
  return s
end

tap.test("what was found is measured", function()
  local s = search("v.db")
  local v = s:verify(5)
  local toy = gym.env("toy")
  tap.equal(#v.designs, 5)
  local best = math.huge
  for row in gym.dataset { store, status = "ok" }:rows() do
    best = math.min(best, row.metrics.energy)
  end
  local least, sum = math.huge, 0
  for _, d in ipairs(v.designs) do
    tap.equal(d.measured.energy, toy:evaluate(d.design).metrics.energy)
    least = math.min(least, d.measured.energy)
    sum = sum + (d.measured.energy - d.predicted.energy) / d.measured.energy
  end
  tap.equal(v.best.goal, least)
  tap.equal(v.known.goal, best)
  tap.equal(v.regret, least - best)
  tap.ok(math.abs(v.optimism.energy - sum / 5) < 1e-12)
  -- Cheap trials of the env are no better ones.
  local coarse = gym.study { env = toy, objective = "energy", fidelity = "coarse",
                             budget = 20, store = folder .. "/coarse.db" }
  coarse:add("ga"):run()
  local cheapest = math.huge
  for row in gym.dataset { folder .. "/coarse.db", status = "ok" }:rows() do
    cheapest = math.min(cheapest, row.metrics.energy)
  end
  tap.ok(cheapest < best)
  local both = s:verify { n = 5, known = { store, folder .. "/coarse.db" } }
  tap.equal(both.known.goal, best)
  tap.equal(both.known_trials, v.known_trials)
  -- Stored, once, and the same when it is asked for again, or by the study itself.
  local again = search("v.db", { verify = 5 }):verified()
  tap.equal(again.text, v.text)
  local n = 0
  for _, run in ipairs(gym.store(folder .. "/v.db"):runs(0)) do
    if run.agent_id == "listed-v1" then n = n + run.trials end
  end
  tap.equal(n, 5)
end)

tap.test("rounds of training and measuring", function()
  local function go(name, budget)
    os.execute("mkdir -p '" .. folder .. "/" .. name .. "'")
    return gym.assisted { env = gym.env("toy"), objective = "energy", budget = budget,
                          first = 20, batch = 8, search = 150, model = "ridge",
                          metrics = "energy", folder = folder .. "/" .. name }
  end
  local a = go("one", 45)
  tap.equal(a.evaluated, 45)
  tap.equal(#a.curve, 45)
  tap.equal(#a.models, a.rounds)
  tap.equal(a.best.goal, gym.env("toy"):evaluate(a.best.design).metrics.energy)
  for i = 21, 45 do tap.ok(a.curve[i] <= a.curve[i - 1]) end
  -- Cut short and gone on with, it is the same; and again, nothing is evaluated.
  go("two", 30)
  local b = go("two", 45)
  local c = go("one", 45)
  tap.equal(c.best.goal, a.best.goal)
  tap.equal(b.best.goal <= b.curve[20], true)
  tap.equal(gym.json.encode(c.curve), gym.json.encode(a.curve))
  local trials, distinct = 0, {}
  for _, path in ipairs(a.stores) do
    for row in gym.dataset(path):rows() do
      trials = trials + 1
      distinct[gym.env("toy").space:format(row.design)] = true
    end
  end
  local n = 0
  for _ in pairs(distinct) do n = n + 1 end
  tap.equal(trials, 45)
  tap.equal(n, 45)
end)

-- What gym.assisted is told to write to stderr, and its result.
local function assisted(name, more)
  local t = { budget = 40, first = 10, batch = 6, search = 100, model = "ridge",
              folder = folder .. "/" .. name, progress = true }
  os.execute("mkdir " .. t.folder)
  for key, value in pairs(more) do t[key] = value end
  local stderr, said = io.stderr, {}
  io.stderr = { write = function(_, text) said[#said + 1] = text end }
  local good, result = pcall(gym.assisted, t)
  io.stderr = stderr
  if not good then error(result, 0) end
  return result, table.concat(said)
end

-- Few designs, or many that are all alike.
local function small(id, levels, value)
  return gym.env(gym.environment {
    id = id, space = { { name = "a", levels = levels }, { name = "b", levels = levels } },
    metrics = { { name = "loss", sense = "minimise" }, { name = "size" } },
    evaluate = function(_, d) return { loss = value(d.a + 0, d.b + 0), size = d.a + 0 } end,
  })
end

tap.test("rounds that find nothing new go on, and say so", function()
  local levels = {}
  for i = 1, 20 do levels[i] = tostring(i) end
  local r, said = assisted("flat", { env = small("flat-v1", levels, function() return 3 end),
                                     objective = "loss", random = 0 })
  tap.equal(r.evaluated, 40)
  tap.equal(r.ended, "budget")
  -- All designs are one to the model: it has one say a round.
  tap.equal(r.random, 40 - r.rounds)
  tap.match(said, "round 1: the model tells only 1 new designs apart: random ones make up for 5")
  local few = { "1", "2", "3", "4", "5" }
  r = assisted("few", { env = small("few-v1", few, function(a, b) return (a - 4) ^ 2 + b end),
                        objective = "loss" })
  tap.equal(r.evaluated, 25)
  tap.equal(r.ended, "designs")
  tap.equal(r.best.goal, 1)
end)

tap.test("what the model is taught, and how much is left to chance", function()
  local env = gym.env("toy")
  local r = assisted("taught", { env = env, objective = "energy", model = "mlp", budget = 20,
                                 pretrain = "delay", options = { epochs = 5, members = 1 } })
  tap.equal(gym.proxy(r.models[1]):origin().hints[1], "delay")
  tap.equal(#gym.proxy(r.models[1]).targets, 1) -- the objective's
  r = assisted("bound", { env = env, objective = "energy; delay<=9", random = 0 })
  tap.equal(#gym.proxy(r.models[1]).targets, 2)
  tap.equal(r.random, 10)
  r = assisted("chance", { env = env, objective = "energy", random = 1, agent = "random" })
  tap.equal(r.random, 40)
  -- A bound of its own for every design asks for others than the mean does; what there is
  -- to pick from is here the same for both.
  local function asked(explore)
    local r = assisted("explore" .. explore, {
      env = env, objective = "energy", explore = explore, random = 0, model = "forest",
      agent = "random", search = 1, budget = 16 })
    local list = {}
    for row in gym.dataset(r.stores[2]):rows() do
      list[#list + 1] = env.space:format(row.design)
    end
    return table.concat(list, "; ")
  end
  tap.ok(asked(0) ~= asked(8))
end)

tap.test("wrong arguments", function()
  local line = tap.line() + 1
  tap.raises(function() gym.proxy { folder .. "/none.db" } end, "proxy.lua:" .. line)
  tap.raises(function() gym.proxy(3) end, "a table was expected, not 3")
  tap.raises(function() gym.proxy { store, modle = "x" } end, '"modle"', "model")
  tap.raises(function() gym.proxy { store, model = "forst" } end, "forst")
  tap.raises(function() gym.proxy { store, transform = "sqrt" } end, '"sqrt"')
  tap.raises(function() gym.proxy { store, metrics = 3 } end, "names were expected, not 3")
  tap.raises(function() gym.proxy { store, metrics = "enrgy" } end, "enrgy")
  tap.raises(function() gym.proxy(folder .. "/none.proxy") end, "none.proxy")
  tap.raises(function() gym.proxy_eval { store, curve = 3 } end, "a list of numbers")
  tap.raises(function() gym.proxy_eval { store, curve = { 0 } } end, "curve's size of 0")
  tap.raises(function() gym.proxy_eval { store, folds = 1 } end, "two folds at least")
  local one = "give one of folds, curve and draws"
  tap.raises(function() gym.proxy_eval { store, folds = 5, curve = { 9 } } end, one)
  tap.raises(function() gym.proxy_eval { store, folds = 5, draws = 1 } end, one)
  tap.raises(function() gym.proxy_eval { store, curve = { 9 }, draws = 1 } end, one)
  tap.raises(function() gym.proxy_eval { store, designs = 9 } end, "designs goes with draws")
  local p = train()
  tap.raises(function() p:predict(3) end, "a design, or a list of designs")
  tap.raises(function() p:save() end, "a path was expected")
  tap.raises(function() p:eval { store, model = "x" } end, '"model"')
  p:close()
  tap.raises(function() p:predict {} end, "closed")
  local s = gym.study { env = gym.env("toy"), objective = "energy" }
  tap.raises(function() s:verify(3) end, "needs a store")
  tap.raises(function() gym.verify { store = store, n = 0, env = gym.env("toy"),
                                     objective = "energy" } end, "a number of designs")
  tap.raises(function() gym.assisted { env = gym.env("toy"), budget = 9, folder = folder,
                                       objective = "energy,delay" } end, "one goal")
end)

tap.done()
