-- gym.comparison{...}: the same agents on several envs (workloads), a study each.
local gym, core = ...

local Comparison = {}
Comparison.__index = Comparison
Comparison.__name = "gym.comparison"

-- gym.comparison{
--   envs = { {"name", env}, ... },              shown in this order
--   agents = { {"random"}, {"ga", {population = 32}, "label"}, {class}, ... },
--   everything else as for gym.study (objective, budget, seeds, store, ...) }
function gym.comparison(t)
  if type(t) ~= "table" then
    core.fail("gym.comparison{...}: a table was expected, not %s", core.show(t))
  end
  local rest, self = {}, { names = {}, studies = {} }
  for key, value in pairs(t) do
    if key ~= "envs" and key ~= "agents" then rest[key] = value end
  end
  core.check("gym.comparison", { envs = t.envs, agents = t.agents },
             { envs = "table!", agents = "table!" })
  for i, entry in ipairs(t.envs) do
    if type(entry) ~= "table" or type(entry[1]) ~= "string"
       or core.kind(entry[2]) ~= "gym.env" then
      core.fail('gym.comparison: envs: entry %d is not of the form {"name", env}', i)
    end
    rest.env = entry[2]
    self.names[i], self.studies[i] = entry[1], gym.study(rest)
    for j, agent in ipairs(t.agents) do
      if type(agent) ~= "table" or agent[1] == nil then
        core.fail("gym.comparison: agents: entry %d is not {id, options, label}", j)
      end
      self.studies[i]:add(agent[1], agent[2], agent[3])
    end
  end
  return setmetatable(self, Comparison)
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
