-- gym.assisted: a search on a model that is trained anew in every round on all that was
-- really evaluated so far. (An env cannot do that: its results may not depend on what was
-- evaluated before.)
local gym, core = ...

-- What the model thinks best among designs that were not measured yet: an agent searches
-- the model, and of all it tried the best are taken.
local function propose(t, model, measured, round)
  local options = { model = model, pessimism = t.pessimism or 0, files = t.files }
  local env = gym.env("proxy", options)
  local seen, list = {}, {}
  local study = gym.study {
    env = env, objective = t.objective, budget = t.search or 2000,
    seeds = (t.seed or 1) + round, progress = false,
    on_trial = function(trial)
      local key = trial.status == "ok" and env.space:format(trial.design)
      if key and not seen[key] and not measured[key] then
        local violation = 0
        for _, v in ipairs(trial.violations) do violation = violation + v end
        seen[key] = true
        list[#list + 1] = { design = trial.design, violation = violation,
                            inner = trial.objectives[1], number = #list }
      end
    end,
  }
  study:add(t.agent or "ga", t.agent_options):run()
  table.sort(list, function(a, b)
    if a.violation ~= b.violation then return a.violation < b.violation end
    if a.inner ~= b.inner then return a.inner < b.inner end
    return a.number < b.number
  end)
  local designs = {}
  for i = 1, math.min(t.batch or 20, #list) do designs[i] = list[i].design end
  return designs
end

local function better(a, b)
  if not b then return true end
  if a.violation ~= b.violation then return a.violation < b.violation end
  return a.inner < b.inner
end

-- Adds the trials of a round to the result, in the order they were made.
local function take(result, score, trials, space, round)
  for _, trial in ipairs(trials) do
    local key = space:format(trial.design)
    result.measured[key] = true
    result.evaluated = result.evaluated + 1
    local s = trial.status == "ok" and score:evaluate(trial.metrics)
    if s then
      local entry = { design = trial.design, metrics = trial.metrics, goal = s.goals[1],
                      inner = s.objectives[1], violation = s.violation, round = round }
      if better(entry, result.best) then result.best = entry end
    end
    local best = result.best
    result.curve[result.evaluated] = best and best.violation == 0 and best.goal or 0/0
  end
end

-- Random designs without a repeat, drawn here so that a repeat of the draw gives the same.
local function first_designs(t)
  local rng, seen, list = gym.rng(t.seed or 1), {}, {}
  local n = math.min(t.first or 50, t.budget)
  for _ = 1, 100 * n do
    local design, valid = t.env:repair(t.env.space:sample(rng))
    local key = t.env.space:format(design)
    if valid and not seen[key] and #list < n then
      seen[key] = true
      list[#list + 1] = design
    end
  end
  return list
end

-- gym.assisted{
--   env = gym.env(...), objective = text or table with one goal,
--   budget = 200,               real evaluations in all
--   first = 50,                 of which random ones, before there is a model
--   batch = 20,                 measured in each round
--   agent = "ga", agent_options = {...}, search = 2000,   what searches the model, and
--                               how many predictions it may ask for in a round
--   model = "gbdt", options = {...}, transform = "auto", metrics = {...},
--   pessimism = 0,              of env `proxy`
--   folder = "assisted",        where real-00.db, real-01.db, ... and the models go; the
--                               same call goes on from what is there
--   files = folder,             with the files of the env, where its rules need them
--   seed = 1, jobs = n, progress = ... , on_round = function(result, round) ... end }
-- Returns { best = {design, metrics, goal, round}, curve = {best goal after each real
-- evaluation}, evaluated, rounds, stores = {...}, models = {...} }.
function gym.assisted(t)
  core.check("gym.assisted", t, {
    env = "gym.env!", objective = "string|table!", budget = "number!", first = "number",
    batch = "number", agent = "string|table", agent_options = "table",
    search = "number", model = "string", options = "table", transform = "string",
    metrics = "table|string", pessimism = "number", folder = "string!", files = "string",
    seed = "number", jobs = "number", progress = "boolean|function",
    on_round = "function",
  })
  local score = gym.objective(t.objective, t.env)
  if #score.goals ~= 1 then
    core.fail("gym.assisted: objective: one goal was expected, not %d", #score.goals)
  end
  local result = { measured = {}, curve = {}, evaluated = 0, rounds = 0, stores = {},
                   models = {} }
  local designs = first_designs(t)
  while #designs > 0 do
    local round = result.rounds
    local store = ("%s/real-%02d.db"):format(t.folder, round)
    local trials = core.measure_kept(t.env, core.objective_text(t.objective), designs,
      { store = store, jobs = t.jobs, progress = t.progress or false,
        label = round == 0 and "first" or "round " .. round })
    result.stores[#result.stores + 1] = store
    take(result, score, trials, t.env.space, round)
    if t.on_round then t.on_round(result, round) end
    if result.evaluated >= t.budget then break end
    local rows = { table.unpack(result.stores) }
    rows.model, rows.options, rows.transform = t.model, t.options, t.transform
    rows.metrics, rows.seed = t.metrics, t.seed
    local path = ("%s/round-%02d.proxy"):format(t.folder, round + 1)
    gym.proxy(rows):save(path)
    result.models[#result.models + 1] = path
    designs = propose(t, path, result.measured, round + 1)
    for i = #designs, t.budget - result.evaluated + 1, -1 do designs[i] = nil end
    result.rounds = round + 1
  end
  result.measured = nil
  return result
end
