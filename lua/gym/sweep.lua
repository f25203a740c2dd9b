-- Many settings of one agent: grids, the hyperparameter lottery, and agents that search
-- another agent's options. An agent's option table is a space: nothing here knows an
-- option by name.
local gym, core = ...

local Study = core.methods("gym.study")

-- What `gym.info` tells of an agent given as id or class.
local function describe(what, agent)
  if type(agent) == "string" then return gym.info(agent, "agent") end
  if type(agent) == "table" and agent.id then return gym.info(agent.id, "agent") end
  core.fail("%s: an agent's id or class was expected, not %s", what, core.show(agent))
end

local function bare(id)
  return (id:gsub("%-v%d+$", ""))
end

local function copy(t)
  local new = {}
  for key, value in pairs(t or {}) do new[key] = value end
  return new
end

-- All combinations of {key = value or list of values}, the last key the fastest.
local function combinations(what, grid)
  local list = { {} }
  for _, key in ipairs(core.sorted(grid)) do
    local values = type(grid[key]) == "table" and grid[key] or { grid[key] }
    if type(key) ~= "string" or #values == 0 then
      core.fail("%s: a table {option = {value, ...}} was expected; %s has no value", what,
                core.show(key))
    end
    local longer = {}
    for _, settings in ipairs(list) do
      for _, value in ipairs(values) do
        local new = copy(settings)
        new[key] = value
        longer[#longer + 1] = new
      end
    end
    list = longer
  end
  return list
end

-- study:sweep(agent, {population = {8, 16, 32}, mutation = {.01, .05}, near = .5}): an
-- agent for every combination. Returns the study.
function Study:sweep(agent, grid)
  if type(grid) ~= "table" then
    core.fail("study:sweep(agent, grid): a table {option = {value, ...}} was expected, "
              .. "not %s", core.show(grid))
  end
  describe("study:sweep", agent)
  for _, settings in ipairs(combinations("study:sweep", grid)) do
    self:add(agent, settings)
  end
  return self
end

-- The part of an agent's option space that is free: all of it, or the options in `vary`,
-- without those that are fixed. Returns the names and the space.
local function free_options(what, info, fixed, vary)
  local names, known, wanted = {}, {}, nil
  for _, p in ipairs(info.space.params) do known[#known + 1] = p.name end
  for _, name in ipairs(vary or {}) do
    local found = false
    for _, k in ipairs(known) do found = found or k == name end
    if not found then
      local near = core.nearest(tostring(name), known)
      core.fail('%s: vary: agent %s has no option %s to search; there are: %s%s', what,
                info.id, core.show(name), table.concat(known, ", "),
                near and ('; did you mean "%s"?'):format(near) or "")
    end
    wanted = wanted or {}
    wanted[name] = true
  end
  for _, name in ipairs(known) do
    if fixed[name] == nil and (not wanted or wanted[name]) then
      names[#names + 1] = name
    end
  end
  if #names == 0 then
    core.fail("%s: agent %s has no option left to vary", what, info.id)
  end
  return names, info.space
end

local function pick(design, names, fixed)
  local settings = copy(fixed)
  for _, name in ipairs(names) do settings[name] = design[name] end
  return settings
end

local function key_of(settings)
  local parts = {}
  for _, name in ipairs(core.sorted(settings)) do
    parts[#parts + 1] = name .. "=" .. tostring(settings[name])
  end
  return table.concat(parts, ",")
end

-- study:lottery(agent, n, {seed = 0, fixed = {option = value}, vary = {"option", ...}}):
-- n distinct settings drawn uniformly from the agent's own option space by the sampler
-- that draws random designs; labels "ga #1" to "ga #n". Returns the study.
function Study:lottery(agent, n, options)
  options = options or {}
  local what = "study:lottery"
  core.check(what, options, { seed = "number", fixed = "table", vary = "table" })
  if math.type(n) ~= "integer" or n < 1 then
    core.fail("study:lottery(agent, n): a number of settings was expected, not %s",
              core.show(n))
  end
  local info, fixed = describe(what, agent), options.fixed or {}
  local names, space = free_options(what, info, fixed, options.vary)
  local rng, seen, tries = gym.rng(options.seed or 0), {}, 0
  local k = 0
  while k < n do
    local settings = pick(space:sample(rng), names, fixed)
    local key = key_of(settings)
    tries = seen[key] and tries + 1 or 0
    if tries > 1000 then
      core.fail("study:lottery: agent %s has no more than %d different settings of %s",
                info.id, k, table.concat(names, ", "))
    end
    if not seen[key] then
      seen[key] = true
      k = k + 1
      self:add(agent, settings, ("%s #%d"):format(bare(info.id), k))
    end
  end
  return self
end

-- study:bands(): the hyperparameter lottery's bands. The score of a setting is the median
-- over seeds of its best goal; for each agent id { id, settings, failed, best, q1,
-- median, q3, worst }, and of all { widest, typical, between }: spreads within agents over
-- their settings, and between the agents' best settings.
function Study:bands()
  local info = self:describe()
  local sign = info.goals[1].sense == "maximise" and -1 or 1
  local ids, index, scores, agents, best = {}, {}, {}, {}, {}
  for _, run in ipairs(self:runs()) do
    if not index[run.id] then
      ids[#ids + 1] = run.id
      index[run.id] = #ids
    end
    if not best[run.agent] then
      best[run.agent] = {}
      scores[#scores + 1], agents[#agents + 1] = run.agent, index[run.id]
    end
    local feasible = run.best and run.best.feasible
    table.insert(best[run.agent], feasible and sign * run.best.goals[1] or math.huge)
  end
  for i, label in ipairs(scores) do scores[i] = gym.quantile(best[label], .5) end
  local result = gym.stats.lottery(scores, agents)
  for i, band in ipairs(result.agents) do
    band.id = ids[i]
    for _, key in ipairs { "best", "q1", "median", "q3", "worst" } do
      band[key] = band[key] and sign * band[key]
    end
  end
  return result
end

-- ---- agents that search agents ------------------------------------------------------

local tuned = 0 -- how many envs of this kind the script has made

-- An env whose designs are settings of an agent, and whose metric is what the agent comes
-- to with them: the median over seeds of its best goal.
local function tuning_env(t, info, names, fixed, goal, identity)
  local free, params = {}, {}
  for _, name in ipairs(names) do free[name] = true end
  for _, p in ipairs(info.space.params) do
    if free[p.name] then params[#params + 1] = p end
  end
  tuned = tuned + 1
  return gym.environment {
    id = ("tune_%s_%d-v1"):format(bare(info.id), tuned),
    doc = "Options of agent " .. info.id .. ", judged by what it finds with them.",
    options = { { name = "study", default = identity, doc = "What is searched, and how." } },
    space = params,
    metrics = { { name = "score", unit = goal.unit ~= "" and goal.unit or nil,
                  sense = goal.sense, doc = "Median over seeds of the best " .. goal.text } },
    evaluate = function(_, design)
      local study = gym.study { env = t.env, objective = t.objective, budget = t.budget,
                                seeds = t.seeds, progress = false }
      local best = {}
      study:add(t.agent, pick(design, names, fixed), "tuned"):run()
      for _, run in ipairs(study:runs()) do
        local feasible = run.best and run.best.feasible
        local worst = goal.sense == "maximise" and -math.huge or math.huge
        best[#best + 1] = feasible and run.best.goals[1] or worst
      end
      local score = gym.quantile(best, .5)
      if score == math.huge or score == -math.huge then
        return nil, "failed", "half of the runs found nothing feasible"
      end
      return { score = score }
    end,
  }
end

-- gym.tune{
--   agent = "ga",              whose options to search
--   by = "random",             the agent that searches them, or {id, options}
--   settings = 30,             how many settings to try
--   env = ..., objective = ..., budget = 100, seeds = ...   what it is tuned for
--   fixed = {option = value}, vary = {"option", ...},
--   seed = 1, store = "tune.db", progress = ... }
-- Returns { options, score, unit, sense, study }: the best settings, in a form that
-- study:add takes, and the study over settings.
function gym.tune(t)
  local what = "gym.tune"
  core.check(what, t, {
    agent = "string|table!", by = "string|table", settings = "number", env = "gym.env!",
    objective = "string|table!", budget = "number", seeds = "table|string|number",
    fixed = "table", vary = "table", seed = "number", store = "string",
    progress = "boolean|function",
  })
  local info, fixed = describe(what, t.agent), t.fixed or {}
  local names = free_options(what, info, fixed, t.vary)
  -- A trial study tells units and directions, and that agent and options will do.
  local inner = gym.study { env = t.env, objective = t.objective, budget = t.budget,
                            seeds = t.seeds, progress = false }
  inner:add(t.agent, fixed)
  local goal = inner:describe().goals[1]
  local identity = ("%s %s seeds %s"):format(info.id, inner:identity(),
    type(t.seeds) == "table" and table.concat(t.seeds, ",") or tostring(t.seeds or 1))
  local by = type(t.by) == "table" and not t.by.id and t.by or { t.by or "random" }
  local study = gym.study {
    env = gym.env(tuning_env(t, info, names, fixed, goal, identity)), objective = "score",
    budget = t.settings or 30, seeds = t.seed or 1, store = t.store,
    progress = t.progress,
  }
  study:add(by[1], by[2]):run()
  local best = study:best()
  return { study = study, unit = goal.unit, sense = goal.sense,
           options = best and pick(best.design, names, fixed),
           score = best and best.goals[1] }
end

-- ---- workloads ----------------------------------------------------------------------

-- gym.workloads("dram", {trace = {"a.trc", "b.trc"}}, {option = value}): an env for every
-- combination of option values, as gym.study{envs = ...} takes them, named by the values
-- (of files the last part without its ending).
function gym.workloads(id, grid, options)
  if type(grid) ~= "table" then
    core.fail("gym.workloads(env, {option = {value, ...}}): a table was expected, not %s",
              core.show(grid))
  end
  local list = {}
  for _, settings in ipairs(combinations("gym.workloads", grid)) do
    local words = {}
    for _, key in ipairs(core.sorted(settings)) do
      local word = tostring(settings[key]):match("([^/]+)$") or ""
      words[#words + 1] = word:gsub("%.[%a]+$", "")
    end
    for key, value in pairs(options or {}) do
      if settings[key] == nil then settings[key] = value end
    end
    list[#list + 1] = { table.concat(words, ", "), gym.env(id, settings) }
  end
  return list
end
