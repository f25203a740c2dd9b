-- gym.assisted: a search on a model that is trained anew in every round on all that was
-- really evaluated so far. (An env cannot do that: its results may not depend on what was
-- evaluated before.)
local gym, core = ...

local function better(a, b)
  if a.violation ~= b.violation then return a.violation < b.violation end
  if a.inner ~= b.inner then return a.inner < b.inner end
  return a.number < b.number
end

-- What a model predicts for designs that were not measured yet, by env `proxy` with the
-- spreads of `pessimism` added: a pool to pick from.
local function new_pool(t, proxy, path, measured)
  local pessimism = -(t.explore or 0.3)
  local env = gym.env("proxy", { model = path, pessimism = pessimism, files = t.files })
  local pool = { env = env, score = gym.objective(t.objective, env), seen = {},
                 pessimism = pessimism, metrics = {}, left = t.search or 2000 }
  for _, m in ipairs(proxy.targets) do
    local worse = m.sense == "minimise" and 1 or m.sense == "maximise" and -1 or 0
    pool.metrics[#pool.metrics + 1] = { name = m.name, worse = worse,
                                        spread = m.name .. "_spread" }
  end
  function pool.add(design, metrics)
    local key = env.space:format(design)
    if pool.seen[key] or measured[key] then return end
    local entry, parts = { design = design, metrics = metrics }, {}
    for i, m in ipairs(pool.metrics) do
      parts[2 * i - 1], parts[2 * i] = metrics[m.name], metrics[m.spread]
    end
    entry.predicted = table.concat(parts, " ")
    pool.seen[key] = true
    pool[#pool + 1] = entry
  end
  return pool
end

-- An agent's search, which knows nothing of what was measured.
local function search(t, pool, seed)
  local study = gym.study {
    env = pool.env, objective = t.objective, budget = pool.left, seeds = seed,
    progress = false,
    on_trial = function(trial)
      if trial.status == "ok" then pool.add(trial.design, trial.metrics) end
    end,
  }
  study:add(t.agent or "ga", t.agent_options):run()
end

-- The best neighbour of a design in the model's eyes, where it is better than `value`.
local function best_neighbour(pool, design, value)
  local list, to = {}, nil
  for _, near in ipairs(pool.env.space:neighbours(design)) do
    local repaired, valid = pool.env:repair(near)
    if valid then list[#list + 1] = repaired end
  end
  pool.left = pool.left - #list
  for _, r in ipairs(pool.env:evaluate(list)) do
    local s = r.status == "ok" and pool.score:evaluate(r.metrics)
    if s then
      pool.add(r.design, r.metrics)
      local here = { violation = s.violation, inner = s.objectives[1], number = 0 }
      if not value or better(here, value) then to, value = r.design, here end
    end
  end
  return to, value
end

-- Uphill on the model from the best that was measured, as SMAC does: a large space has
-- better designs near those than a search finds from scratch.
local starts = 5
local function climb(pool, trials)
  local values, n = {}, 0
  for _, trial in ipairs(trials) do
    if n == starts or pool.left <= 0 then break end
    if not values[trial.inner] then -- equal ones are likely the same design in effect
      values[trial.inner], n = true, n + 1
      local at, value = trial.design, nil
      while at and pool.left > 0 do at, value = best_neighbour(pool, at, value) end
    end
  end
end

-- The best of the pool when every prediction is `spreads` of its spread better than it is;
-- none that the model cannot tell from one of `picked`.
local function pick(pool, spreads, picked)
  local best, value
  for number, entry in ipairs(pool) do
    if not picked[entry.predicted] then
      local metrics = {}
      for _, m in ipairs(pool.metrics) do
        local shift = (pool.pessimism + spreads) * m.worse
        metrics[m.name] = entry.metrics[m.name] - shift * entry.metrics[m.spread]
      end
      local s = pool.score:evaluate(metrics)
      local here = { violation = s.violation, inner = s.objectives[1], number = number }
      if not best or better(here, value) then best, value = entry, here end
    end
  end
  return best
end

-- Random designs, none of which `taken` has; fewer where few are left.
local function draw(t, rng, n, taken)
  local list = {}
  for _ = 1, 100 * n do
    if #list == n then break end
    local design, valid = t.env:repair(t.env.space:sample(rng))
    local key = t.env.space:format(design)
    if valid and not taken[key] then
      taken[key] = true
      list[#list + 1] = design
    end
  end
  return list
end

-- What to measure next, n designs at most, and how many of them the model had no say in.
-- Each is the best by a confidence bound of its own, since one bound for all would ask for
-- neighbours of one design (Hutter, Hoos and Leyton-Brown, "Parallel algorithm
-- configuration", LION 2012), or drawn at random, since a model is blind where it is sure
-- and wrong.
local function propose(t, proxy, path, result, n)
  local round = result.rounds + 1
  local rng = gym.rng(gym.rng((t.seed or 1) + round):int(0, math.maxinteger))
  local pool = new_pool(t, proxy, path, result.measured)
  search(t, pool, (t.seed or 1) + round)
  pool.left = t.search or 2000
  table.sort(result.trials, better)
  climb(pool, result.trials)
  local designs, picked, random = {}, {}, 0
  for _ = 1, n do
    local spreads = (t.explore or 0.3) * -math.log(1 - rng:real())
    local by_chance = rng:real() < (t.random or 0.2)
    local entry = not by_chance and pick(pool, spreads, picked)
    if entry then
      picked[entry.predicted] = true
      designs[#designs + 1] = entry.design
    end
    random = random + (by_chance and 1 or 0)
  end
  local taken = setmetatable({}, { __index = result.measured })
  for _, design in ipairs(designs) do taken[t.env.space:format(design)] = true end
  local missing = n - #designs
  if missing > random and t.progress ~= false then
    io.stderr:write(("gym: gym.assisted: round %d: the model tells only %d new designs "
                     .. "apart: random ones make up for %d\n"):format(round, #designs,
                     missing - random))
  end
  local list = draw(t, rng, missing, taken)
  table.move(list, 1, #list, #designs + 1, designs)
  return designs, #list
end

-- Adds the trials of a round to the result, in the order they were made.
local function take(result, score, trials, space)
  for _, trial in ipairs(trials) do
    local key = space:format(trial.design)
    result.measured[key] = true
    result.evaluated = result.evaluated + 1
    local s = trial.status == "ok" and score:evaluate(trial.metrics)
    if s then
      local entry = { design = trial.design, metrics = trial.metrics, goal = s.goals[1],
                      inner = s.objectives[1], violation = s.violation,
                      round = result.rounds, number = result.evaluated }
      result.trials[#result.trials + 1] = entry
      if not result.best or better(entry, result.best) then result.best = entry end
    end
    local best = result.best
    result.curve[result.evaluated] = best and best.violation == 0 and best.goal or 0/0
  end
end

-- The metrics that an objective reads, by the words of its text; one more does no harm.
local function metrics_of(env, text)
  local words, names = {}, {}
  for word in text:gmatch("[%a_][%w_]*") do words[word] = true end
  for _, m in ipairs(env.metrics) do
    if words[m.name] then names[#names + 1] = m.name end
  end
  return names
end

-- Trains on all that was measured; the model and its file.
local function train(t, result, metrics)
  local rows = { table.unpack(result.stores) }
  rows.model, rows.options, rows.transform = t.model, t.options, t.transform or "auto"
  rows.metrics, rows.pretrain, rows.seed = t.metrics or metrics, t.pretrain, t.seed
  local path = ("%s/round-%02d.proxy"):format(t.folder, result.rounds + 1)
  local proxy = gym.proxy(rows)
  proxy:save(path)
  result.models[#result.models + 1] = path
  return proxy, path
end

-- gym.assisted{
--   env = gym.env(...), objective = text or table with one goal,
--   budget = 200,               real evaluations in all
--   first = 20,                 of which random ones, before there is a model
--   batch = 5,                  measured in each round
--   random = 0.2,               share of them that is drawn at random
--   explore = 0.3,              spreads by which a prediction is taken to be better than it
--                               is, on average; 0: as it is, below 0: worse
--   agent = "ga", agent_options = {...}, search = 2000,   what searches the model, and
--                               how many predictions it may ask for in a round; as many
--                               again go to climbs from the best that was measured
--   model = "gbdt", options = {...}, transform = "auto",
--   metrics = {...},            to learn (those of the objective)
--   pretrain = {...},           of gym.proxy
--   folder = "assisted",        where real-00.db, real-01.db, ... and the models go; the
--                               same call goes on from what is there
--   files = folder,             with the files of the env, where its rules need them
--   seed = 1, jobs = n, progress = ... , on_round = function(result, round) ... end }
-- It ends when the budget is spent or no new design is found, which `ended` says. Returns
-- { best = {design, metrics, goal, round}, curve = {best goal after each real evaluation},
-- evaluated, random = how many of them were drawn at random, rounds, ended = "budget" or
-- "designs", stores = {...}, models = {...} }.
function gym.assisted(t)
  core.check("gym.assisted", t, {
    env = "gym.env!", objective = "string|table!", budget = "number!", first = "number",
    batch = "number", random = "number", explore = "number", agent = "string|table",
    agent_options = "table", search = "number", model = "string", options = "table",
    transform = "string", metrics = "table|string", pretrain = "table|string",
    folder = "string!", files = "string", seed = "number", jobs = "number",
    progress = "boolean|function", on_round = "function",
  })
  local text = core.objective_text(t.objective)
  local score = gym.objective(t.objective, t.env)
  if #score.goals ~= 1 then
    core.fail("gym.assisted: objective: one goal was expected, not %d", #score.goals)
  end
  local result = { measured = {}, trials = {}, curve = {}, evaluated = 0, rounds = 0,
                   stores = {}, models = {} }
  local metrics = metrics_of(t.env, text)
  local designs = draw(t, gym.rng(t.seed or 1), math.min(t.first or 20, t.budget), {})
  result.random = #designs
  while #designs > 0 do
    local round = result.rounds
    local store = ("%s/real-%02d.db"):format(t.folder, round)
    local trials = core.measure_kept(t.env, text, designs,
      { store = store, jobs = t.jobs, progress = t.progress or false,
        label = round == 0 and "first" or "round " .. round })
    result.stores[#result.stores + 1] = store
    take(result, score, trials, t.env.space)
    if t.on_round then t.on_round(result, round) end
    local left = t.budget - result.evaluated
    if left <= 0 then break end
    local proxy, path = train(t, result, metrics)
    local random
    designs, random = propose(t, proxy, path, result, math.min(t.batch or 5, left))
    result.rounds, result.random = round + 1, result.random + random
  end
  result.ended = result.evaluated < t.budget and "designs" or "budget"
  result.measured, result.trials = nil, nil
  return result
end
