-- The same agents on several envs (workloads) and objectives: gym.study{envs = ...,
-- objectives = ...}, a study each, run and shown together.
local gym, core = ...

local Comparison = {}
Comparison.__index = Comparison
Comparison.__name = "gym.comparison"

local function name_of(i, entry)
  if core.kind(entry) == "gym.env" then return entry.id, entry end
  if type(entry) == "table" and type(entry[1]) == "string" then
    if core.kind(entry[2]) == "gym.env" then return entry[1], entry[2] end
    if entry[2] == nil or (type(entry[2]) == "table" and not entry[2].id) then
      return entry[3] or entry[1], gym.env(entry[1], entry[2])
    end
  end
  core.fail('gym.study: envs: entry %d is none of {"name", env}, an env, and {"id", '
            .. '{option = value}, "name"}', i)
end

-- A study for every env and objective, in that order, named so that no two are alike.
local function make_studies(self, rest, envs, objectives)
  local seen = {}
  for i, entry in ipairs(envs) do
    local name, env = name_of(i, entry)
    seen[name] = (seen[name] or 0) + 1
    if seen[name] > 1 then name = ("%s (%d)"):format(name, seen[name]) end
    for _, objective in ipairs(objectives) do
      rest.env, rest.objective = env, objective
      local many = #objectives > 1
      table.insert(self.names, many and name .. ": " .. core.objective_text(objective)
                               or name)
      table.insert(self.studies, gym.study(rest))
    end
  end
  if #self.studies == 0 then
    core.fail("gym.study: envs and objectives name nothing to study")
  end
end

-- gym.comparison{
--   envs = { {"name", env}, env, {"id", {option = value}, "name"}, ... },
--   objectives = { "energy", { minimize = "latency_mean" }, ... }, or objective = ...,
--   agents = { {"random"}, {"ga", {population = 32}, "label"}, {class}, ... }, or added
--                                         later with add, sweep and lottery,
--   everything else as for gym.study (budget, seeds, store, ...) }
function gym.comparison(t)
  if type(t) ~= "table" then
    core.fail("gym.comparison{...}: a table was expected, not %s", core.show(t))
  end
  local rest, self = {}, setmetatable({ names = {}, studies = {} }, Comparison)
  for key, value in pairs(t) do
    if key ~= "envs" and key ~= "agents" and key ~= "objectives" then rest[key] = value end
  end
  core.check("gym.comparison", { envs = t.envs, agents = t.agents, env = t.env,
                                 objectives = t.objectives },
             { envs = "table", agents = "table!", env = "gym.env", objectives = "table" })
  if not t.envs and not t.env then
    core.fail('gym.comparison: "envs" is missing (table)')
  end
  if t.envs and t.env then core.fail("gym.study: give env or envs, not both") end
  if t.objectives and t.objective then
    core.fail("gym.study: give objective or objectives, not both")
  end
  if not t.objectives and not t.objective then
    core.fail('gym.study: "objective" is missing (string|table)')
  end
  make_studies(self, rest, t.envs or { t.env }, t.objectives or { t.objective })
  for j, agent in ipairs(t.agents or {}) do
    if type(agent) ~= "table" or agent[1] == nil then
      core.fail("gym.comparison: agents: entry %d is not {id, options, label}", j)
    end
    self:add(agent[1], agent[2], agent[3])
  end
  return self
end

-- Adding agents to all studies.
for _, method in ipairs { "add", "sweep", "lottery" } do
  Comparison[method] = function(self, ...)
    for _, study in ipairs(self.studies) do study[method](study, ...) end
    return self
  end
end

-- Runs one study after the other; false and a reason as study:run.
function Comparison:run()
  for _, study in ipairs(self.studies) do
    local done, why = study:run()
    if not done then return done, why end
  end
  return true
end

-- A list of {name, results}.
function Comparison:results(options)
  local list = {}
  for i, study in ipairs(self.studies) do
    list[i] = { name = self.names[i], results = study:results(options) }
  end
  return list
end

function Comparison:table(options)
  local parts = {}
  for i, study in ipairs(self.studies) do
    parts[i] = ("== %s ==\n%s"):format(self.names[i], study:table(options))
  end
  return table.concat(parts, "\n")
end
