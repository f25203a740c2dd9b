-- The table form of objectives becomes the text form of gym/objective.h, which the one C
-- parser judges. Order: goals in text first, then by kind as below; names in order.
--
--   { minimize = "energy" }                     min(energy); a list: several goals
--   { maximize = {"bandwidth"} }                max(bandwidth)
--   { target = { power = "1W", cap = 100 } }    target(power,1W,100); each name a goal
--   { product = { power = 2, total_time = 1 } } product(power^2,total_time^1)
--   { product = { target = { power = "1W", total_time = "0.1ms" } } }
--                                               product(target(power,1W),...): one goal
--   { budgets = { power = "1W" } }              budgets(power<=1W)
--   { log = "energy" }  { cap = { energy = 100 } }   log(energy)  cap(energy,100)
--   { "log(energy)" }                           a goal in its text form
--   at_most = { latency_p99 = 400 }, at_least = { bandwidth = "2GB/s" }
local gym, core = ...

local keys = { "minimize", "minimise", "maximize", "maximise", "target", "product",
               "budgets", "log", "cap", "at_most", "at_least" }

local function quantity(what, value)
  if type(value) == "number" then return core.number(value) end
  if type(value) ~= "string" then
    core.fail('objective: %s: a number or a text such as "1W" was expected, not %s',
              what, core.show(value))
  end
  return value
end

local function table_of(what, value)
  if type(value) ~= "table" then
    core.fail("objective: %s: a table {metric = value} was expected, not %s", what,
              core.show(value))
  end
  for key in pairs(value) do
    if type(key) ~= "string" then
      core.fail("objective: %s: %s is no metric", what, core.show(key))
    end
  end
  return value
end

local function targets(value)
  local list = {}
  local t = table_of("target", value)
  local cap = t.cap and "," .. quantity("target: cap", t.cap) or ""
  for _, name in ipairs(core.sorted(t)) do
    if name ~= "cap" then
      list[#list + 1] = ("target(%s,%s%s)"):format(name, quantity(name, t[name]), cap)
    end
  end
  return list
end

local function product(value)
  local factors = {}
  local t = table_of("product", value)
  for _, name in ipairs(core.sorted(t)) do
    if name == "target" and type(t[name]) == "table" then
      for _, target in ipairs(targets(t[name])) do factors[#factors + 1] = target end
    else
      factors[#factors + 1] = ("%s^%s"):format(name, quantity(name, t[name]))
    end
  end
  return { ("product(%s)"):format(table.concat(factors, ",")) }
end

-- "min" of a name or of each name in a list.
local function each(form)
  return function(value, key)
    local list = {}
    for _, name in ipairs(type(value) == "table" and value or { value }) do
      if type(name) ~= "string" then
        core.fail("objective: %s: a metric's name was expected, not %s", key,
                  core.show(name))
      end
      list[#list + 1] = ("%s(%s)"):format(form, name)
    end
    if #list == 0 then core.fail("objective: %s names no metric", key) end
    return list
  end
end

local function bounds(value, key, sign)
  local list = {}
  local t = table_of(key, value)
  for _, name in ipairs(core.sorted(t)) do
    list[#list + 1] = name .. sign .. quantity(name, t[name])
  end
  return list
end

local goals = {
  minimize = each("min"), minimise = each("min"),
  maximize = each("max"), maximise = each("max"),
  log = each("log"),
  target = targets,
  product = product,
  budgets = function(value, key)
    return { ("budgets(%s)"):format(table.concat(bounds(value, key, "<="), ",")) }
  end,
  cap = function(value, key)
    local list = {}
    local t = table_of(key, value)
    for _, name in ipairs(core.sorted(t)) do
      list[#list + 1] = ("cap(%s,%s)"):format(name, quantity(name, t[name]))
    end
    return list
  end,
}

local function check(t)
  for _, key in ipairs(core.sorted(t)) do
    local known = math.type(key) == "integer"
    for _, name in ipairs(keys) do known = known or name == key end
    if not known then
      local near = core.nearest(tostring(key), keys)
      core.fail('objective: unknown key "%s"; valid ones are: %s%s', tostring(key),
                table.concat(keys, ", "),
                near and ('; did you mean "%s"?'):format(near) or "")
    end
  end
end

-- The text of an objective given as text or table.
function core.objective_text(objective)
  if type(objective) == "string" then return objective end
  if type(objective) ~= "table" then
    core.fail("objective: a text or a table was expected, not %s", core.show(objective))
  end
  check(objective)
  local parts = {}
  for i, goal in ipairs(objective) do
    if type(goal) ~= "string" then
      core.fail("objective: goal %d: a text was expected, not %s", i, core.show(goal))
    end
    parts[#parts + 1] = goal
  end
  for _, key in ipairs(keys) do
    if goals[key] and objective[key] ~= nil then
      for _, goal in ipairs(goals[key](objective[key], key)) do
        parts[#parts + 1] = goal
      end
    end
  end
  if #parts == 0 then
    core.fail("objective: no goal was given, such as { minimize = \"...\" }")
  end
  local text = table.concat(parts, ", ")
  for _, side in ipairs { { "at_most", "<=" }, { "at_least", ">=" } } do
    if objective[side[1]] ~= nil then
      for _, bound in ipairs(bounds(objective[side[1]], side[1], side[2])) do
        text = text .. "; " .. bound
      end
    end
  end
  return text
end

-- gym.objective(objective, env): a handle with text, goals, constraints and evaluate.
function gym.objective(objective, env)
  if core.kind(env) ~= "gym.env" then
    core.fail("gym.objective(objective, env): an env was expected, not %s",
              core.show(env))
  end
  return core.objective(core.objective_text(objective), env)
end

-- gym.agent(id, {env, objective, options, seed, budget, in_flight, fidelity})
function gym.agent(id, t)
  core.check("gym.agent", t, {
    env = "gym.env!", objective = "string|table!", options = "table", seed = "number",
    budget = "number", in_flight = "number", fidelity = "string",
  })
  return core.agent(id, t.env, core.objective_text(t.objective), t.options, {
    seed = t.seed, budget = t.budget, in_flight = t.in_flight, fidelity = t.fidelity,
  })
end
