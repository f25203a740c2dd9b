-- Measuring what a search on a model found: gym.verify, and `verify = n` of gym.study.
local gym, core = ...

local Study = core.methods("gym.study")

-- An agent that asks designs it was given, so that what is measured is stored, counted and
-- resumed like any trials. Made when first needed.
local listed
local function listed_class()
  listed = listed or gym.agent_class {
    id = "listed-v1",
    doc = "Asks the designs it was given, one after the other.",
    options = { { name = "designs", default = "", doc = "Designs, separated by ;." } },
    in_flight = 64,
    open = function(self, problem)
      self.queue, self.at = {}, 0
      for text in self.options.designs:gmatch("[^;]+") do
        self.queue[#self.queue + 1] = problem.space:parse(text)
      end
    end,
    ask = function(self, k)
      local list = {}
      while #list < k and self.at < #self.queue do
        self.at = self.at + 1
        list[#list + 1] = self.queue[self.at]
      end
      return #list > 0 and list or nil
    end,
    tell = function() end,
  }
  return listed
end

-- Runs the designs on an env; returns a list of trials in their order.
function core.measure(env, objective, designs, t)
  local texts, trials = {}, {}
  for i, design in ipairs(designs) do texts[i] = env.space:format(design) end
  if #texts == 0 then return trials end
  local study = gym.study {
    env = env, objective = objective, budget = #texts, seeds = t.seed or 1,
    store = t.store, evaluation_seed = t.evaluation_seed, jobs = t.jobs,
    progress = t.progress == nil or t.progress,
    on_trial = function(trial)
      trials[#trials + 1] = { status = trial.status, design = trial.design,
                              metrics = trial.metrics, goals = trial.goals,
                              violations = trial.violations,
                              objectives = trial.objectives, note = trial.note }
    end,
  }
  study:add(listed_class(), { designs = table.concat(texts, ";") }, t.label or "verified")
  local done, why = study:run()
  if not done then core.fail("gym.verify: stopped: %s", why) end
  return trials, study
end

-- Whether a row of the data set is one of this env, as dear as what is measured: cheaper
-- fidelities are other numbers.
local function of_env(set, env)
  local ours, dearest = {}, env.fidelities[#env.fidelities].name
  for i, e in ipairs(set.envs) do ours[i] = e.identity == env.identity end
  return function(row) return ours[row.env] and row.fidelity == dearest end
end

-- Where the trials are of a study that is kept and over, its log is not told again.
local function from_store(env, objective, designs, store)
  local found = {}
  local set = gym.dataset { store, env = env.id }
  local ours = of_env(set, env)
  for row in set:rows() do
    if ours(row) then found[env.space:format(row.design)] = row end
  end
  local trials, score = {}, gym.objective(objective, env)
  for i, design in ipairs(designs) do
    local row = found[env.space:format(design)]
    local s = row and row.status == "ok" and score:evaluate(row.metrics)
    trials[i] = { status = row and row.status or "failed", design = design,
                  metrics = row and row.metrics or {}, goals = s and s.goals,
                  violations = s and s.violations, objectives = s and s.objectives }
  end
  return trials
end

-- The same whether the study runs now or ran before.
function core.measure_kept(env, objective, designs, t)
  local trials = core.measure(env, objective, designs, t)
  if #trials == #designs then return trials end
  return from_store(env, objective, designs, t.store)
end

local function feasible(violations)
  for _, v in ipairs(violations or {}) do
    if v > 0 then return false end
  end
  return true
end

-- The best value of the one goal among trials of this env that stores hold: {goal, inner}.
local function best_known(env, objective, stores)
  local score, best, rows = gym.objective(objective, env), nil, 0
  for _, path in ipairs(stores) do
    local set = gym.dataset { path, env = env.id, status = "ok" }
    local ours = of_env(set, env)
    for row in set:rows() do
      local s = ours(row) and score:evaluate(row.metrics)
      if s then
        rows = rows + 1
        if feasible(s.violations) and (not best or s.objectives[1] < best.inner) then
          best = { goal = s.goals[1], inner = s.objectives[1] }
        end
      end
    end
  end
  return best, rows
end

-- Designs of the best rows of a stored study, and what was predicted for them.
local function best_rows(store, study, n, space)
  local designs, rows = {}, {}
  for i, row in ipairs(gym.store(store):best(n, study)) do
    local design = {}
    for _, p in ipairs(space.params) do design[p.name] = row[p.name] end
    designs[i], rows[i] = design, row
  end
  return designs, rows
end

-- The newest study of a store that is no verification itself, or that of an identity.
local function find_study(store, identity)
  local s, verified, found = gym.store(store), {}, nil
  for _, run in ipairs(s:runs(0)) do
    if run.agent_id == "listed-v1" then verified[run.study] = true end
  end
  for _, study in ipairs(s:studies()) do
    local fits = not identity or study.identity == identity
    if fits and not verified[study.study] and (not found or study.study > found) then
      found = study.study
    end
  end
  if not found then core.fail("gym.verify: %s holds no search to verify", store) end
  return found
end

local function readable(path)
  local f = io.open(path, "rb")
  return f and f:close()
end

local function relative(change, scale)
  return scale ~= 0 and change / math.abs(scale) or nil
end

-- How far predictions were too good: per metric the mean of (measured - predicted) in its
-- bad direction over the size of what was measured, and for the goal.
local function optimism(result, metrics)
  local by_metric = {}
  for _, m in ipairs(metrics) do
    local sign = m.sense == "maximise" and -1 or 1
    local list = {}
    for _, d in ipairs(result.designs) do
      local p, x = d.predicted[m.name], d.measured and d.measured[m.name]
      if p and x then list[#list + 1] = relative(sign * (x - p), x) end
    end
    if #list > 0 then by_metric[m.name] = gym.mean(list) end
  end
  result.optimism = by_metric
end

-- Regret: how much worse the best design that was measured is than the best that is known
-- of the env (below 0: better than anything known before).
local function regret(result)
  local best
  for _, d in ipairs(result.designs) do
    if d.feasible and d.inner and (not best or d.inner < best.inner) then best = d end
  end
  result.best = best
  if best and result.known then
    result.regret = best.inner - result.known.inner
    result.relative_regret = relative(result.regret, result.known.inner)
  end
end

-- gym.verify{
--   store = "runs.db",          where the search on the model is kept
--   study = id,                 which one (the newest that is no verification)
--   n = 10,                     how many of its best designs to measure
--   env = gym.env(...),         what to measure with
--   objective = text or table,  that of the search
--   known = {"real.db", ...},   stores with trials of the env, for the regret
--   into = "runs.db",           the store for the new trials (that of the search)
--   jobs, evaluation_seed, progress }
-- Returns { designs = {{design, predicted, measured, status, goal, predicted_goal,
-- feasible}, ...}, best, known, regret, relative_regret, optimism = {metric = share} };
-- its `text` is a table for people.
function gym.verify(t)
  core.check("gym.verify", t, {
    store = "string!", study = "number", n = "number!", env = "gym.env!",
    objective = "string|table!", known = "table", into = "string", jobs = "number",
    evaluation_seed = "number", progress = "boolean|function",
  })
  if math.type(t.n) ~= "integer" or t.n < 1 then
    core.fail("gym.verify: n: a number of designs was expected, not %s", core.show(t.n))
  end
  local objective = core.objective_text(t.objective)
  local score = gym.objective(objective, t.env)
  local designs, rows = best_rows(t.store, t.study or find_study(t.store), t.n,
                                  t.env.space)
  local result = { designs = {}, objective = objective }
  local known, count = best_known(t.env, objective, t.known or {})
  result.known, result.known_trials = known, count
  local trials = core.measure_kept(t.env, objective, designs, {
    store = t.into or t.store, jobs = t.jobs, progress = t.progress,
    evaluation_seed = t.evaluation_seed })
  for i, trial in ipairs(trials) do
    local row = rows[i]
    local predicted = {}
    for _, m in ipairs(t.env.metrics) do predicted[m.name] = row[m.name] end
    result.designs[i] = {
      design = trial.design, status = trial.status, predicted = predicted,
      measured = trial.status == "ok" and trial.metrics or nil, note = trial.note,
      predicted_goal = row.goal or row.goal_1, goal = trial.goals and trial.goals[1],
      inner = trial.objectives and trial.objectives[1],
      feasible = trial.status == "ok" and feasible(trial.violations),
    }
  end
  result.goal = score.goals[1]
  optimism(result, t.env.metrics)
  if #score.goals == 1 then regret(result) end
  result.text = core.verify_text(result)
  return result
end

local function percent(x)
  return x and ("%+.3g %%"):format(100 * x) or "-"
end

local function number(x)
  return x and ("%.6g"):format(x) or "-"
end

-- A verification for people.
function core.verify_text(r)
  local unit = r.goal.unit and r.goal.unit ~= "" and r.goal.unit ~= "1"
               and " [" .. r.goal.unit .. "]" or ""
  local lines = { ("%d designs measured: %s%s"):format(#r.designs, r.goal.text, unit),
                  ("%5s  %14s  %14s  %s"):format("place", "predicted", "measured", "") }
  for i, d in ipairs(r.designs) do
    lines[#lines + 1] = ("%5d  %14s  %14s  %s"):format(i, number(d.predicted_goal),
      number(d.goal), d.status ~= "ok" and d.status
                      or not d.feasible and "a constraint is not met" or "")
  end
  local parts = {}
  for _, name in ipairs(core.sorted(r.optimism)) do
    parts[#parts + 1] = name .. " " .. percent(r.optimism[name])
  end
  lines[#lines + 1] = "optimism (measured against predicted, + is worse): "
                      .. (#parts > 0 and table.concat(parts, ", ") or "-")
  if r.best then
    lines[#lines + 1] = "best measured: " .. number(r.best.goal)
  end
  if r.regret then
    lines[#lines + 1] = ("best known of %d trials: %s; regret %s (%s)"):format(
      r.known_trials, number(r.known.goal), number(r.regret), percent(r.relative_regret))
  end
  return table.concat(lines, "\n") .. "\n"
end

-- Stores that a model was trained on and that are still there.
function core.proxy_stores(origin)
  local list, seen = {}, {}
  for _, s in ipairs(origin.stores) do
    if not seen[s.path] and readable(s.path) then list[#list + 1] = s.path end
    seen[s.path] = true
  end
  return list
end

-- `files` says where files of the model's env lie, {option = path}.
-- Of a search on env `proxy`, what measures and what is known follow from its model.
local function fill_from_model(with, id, model, files)
  local bare = id:match("^(.-)%-v%d+$") or id
  if bare == "proxy" and model and not (with.env and with.known) then
    local origin = gym.proxy(model):origin()
    with.env = with.env or core.reopen(origin.env, files)
    with.known = with.known or core.proxy_stores(origin)
  elseif not with.env then
    core.fail("verify: env: what is to measure the designs is missing")
  end
end

-- For gym search --verify: {store, n, objective, env = id and options = {...} of the
-- search, on = id or nil, files = {option = value}}. Returns the text.
function gym.verify_search(t)
  local with = { store = t.store, n = t.n, objective = t.objective, progress = false }
  if t.on then with.env = gym.env(t.on, t.files) end
  fill_from_model(with, t.env, t.options.model, not t.on and t.files or nil)
  return gym.verify(with).text
end

-- study:verify{ n = 10, env = ..., known = {...}, ... }: gym.verify of this study, which
-- needs a store. Of a search on env `proxy` env and known follow from its model.
function Study:verify(t)
  t = type(t) == "number" and { n = t } or t
  local data = core.data(self)
  core.check("study:verify", t, {
    n = "number!", env = "gym.env", known = "table", into = "string", jobs = "number",
    evaluation_seed = "number", progress = "boolean|function", files = "table",
  })
  if not data.store then
    core.fail("study:verify: the study needs a store, where trials are kept")
  end
  local with = { store = data.store, objective = data.objective,
                 study = find_study(data.store, self:identity()) }
  for key, value in pairs(t) do with[key] = value end
  with.files = nil
  fill_from_model(with, data.env.id, core.setting(data.env, "model"), t.files)
  data.verified = gym.verify(with)
  return data.verified
end
