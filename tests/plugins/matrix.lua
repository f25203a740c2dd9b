-- Every agent on every env and on every kind of parameter and of outcome, for a few
-- trials: it runs to the end, the same seed gives the same trials and another one others,
-- and a study that is stopped and taken up again, or killed, equals one that was not.
--
-- Agents and envs are those that are found; what an env cannot do without is in
-- tests/cmd/check.options, where `gym check` looks too. GYM_LONG: more trials.
local tap = require "tap"
local gym = require "gym"

local long = os.getenv("GYM_LONG") ~= nil
local budget = long and 200 or 20
local source = os.getenv("GYM_SOURCE_TOP") or "."

-- ---- what is searched: rows of {name, env, goals, objective} ----------------------------

local kinds = {
  categorical = { { name = "a", levels = { "x", "y", "z", "w", "v" } },
                  { name = "b", levels = { "p", "q", "r", "s", "t" } } },
  ordinal = { { name = "a", kind = "ordinal", levels = { 1, 2, 4, 8, 16, 32 } },
              { name = "b", kind = "ordinal", levels = { "s", "m", "l", "xl", "xxl" } } },
  integer = { { name = "a", low = 8, high = 128, step = 8 },
              { name = "b", low = -1000, high = 1000 },
              { name = "c", low = 1, high = 65536, log = true } },
  real = { { name = "a", low = -1.5, high = 2.5 },
           { name = "b", low = 0.25, high = 9.5 } },
  log = { { name = "a", low = 1e-6, high = 1.0, log = true, default = 0.1 },
          { name = "b", low = 0.5, high = 1e5, log = true, default = 1.5 } },
  conditional = { { name = "a", levels = { "x", "y", "z" } },
                  { name = "b", low = 0, high = 9, parent = "a", when = "y" },
                  { name = "c", levels = { "u", "v" }, parent = "a",
                    when = { "y", "z" } },
                  { name = "d", low = 0.0, high = 1.5, parent = "c", when = "v" },
                  { name = "e", low = 0, high = 20, step = 2 } },
  tiny = { { name = "a", levels = { "x", "y" } }, { name = "b", low = 0, high = 1 },
           { name = "c", levels = { "only" } } },
}
kinds.mixed = { kinds.categorical[1], kinds.ordinal[2], kinds.integer[3],
                { name = "d", low = 0.5, high = 8.5 },
                { name = "e", low = 1e-3, high = 1.0, log = true, default = 0.5,
                  parent = "a", when = "y" } }

-- A number from a design, of its values and levels alone, in [0, 1).
local function scatter(design, salt)
  local sum = salt
  for _, name in ipairs { "a", "b", "c", "d", "e" } do
    local v = design[name]
    local part = tonumber(v) or (v and v:byte() + #v) or 7
    sum = (sum * 1.7 + math.abs(part) * 0.37 + 0.11) % 1000
  end
  return sum / 1000
end

-- What becomes of a design: its status, or metrics.
local outcomes = {
  plain = function() return nil end,
  infeasible = function(u) return u < 0.6 and "infeasible" end,
  failed = function(u) return u < 0.4 and (u < 0.1 and "infeasible" or "failed") end,
  hopeless = function() return "failed" end,
}

local function made_up(name, space, outcome, extra)
  local class = {
    id = name .. "-v1", doc = "For the matrix of tests.", source = "made up",
    space = space,
    metrics = { { name = "first", sense = "minimise" },
                { name = "second", sense = "minimise" },
                { name = "third", sense = "minimise" } },
    evaluate = function(_, d, ctx)
      local status = outcomes[outcome](scatter(d, 3))
      if status then return nil, status end
      local noise = extra and extra.noisy and ctx.rng:real() / 10 or 0
      return { first = scatter(d, 1) + noise, second = scatter(d, 2),
               third = scatter(d, 5) }
    end,
  }
  for key, value in pairs(extra or {}) do class[key] = value end
  return gym.environment(class)
end

-- Metrics a study can be after, in the direction they are meant.
local function goals_of(env, most)
  local goals = {}
  for _, m in ipairs(env.metrics) do
    if not m.measured and not m.sealed and #goals < most then
      local form = m.sense == "maximise" and "max(%s)" or "%s"
      goals[#goals + 1] = form:format(m.name)
    end
  end
  return goals
end

local rows = {}
local function add(name, env, n_goals)
  local goals = goals_of(env, n_goals)
  if #goals < n_goals then return end
  rows[#rows + 1] = {
    name = ("%s, %d goal%s"):format(name, n_goals, n_goals > 1 and "s" or ""),
    env = env, goals = n_goals, objective = table.concat(goals, ","),
  }
end

-- Envs that need options have lines "id -o name=value ..." in check.options.
local function options_by_id(folder)
  local found = {}
  for line in io.lines(source .. "/tests/cmd/check.options") do
    local id, words = line:match("^([%w-]+)%s+(%-o.*)$")
    if id then
      local options = {}
      for name, value in words:gmatch("%-o ([%w_]+)=(%S+)") do
        options[name] = value:gsub("^TOP", source):gsub("^HERE", folder)
      end
      found[id] = found[id] or {}
      table.insert(found[id], options)
    end
  end
  return found
end

-- Designs that break an env's rules are repaired in a study, several to the same one: an
-- agent may keep its promise of distinct designs and see one evaluated again.
local function has_rules(env)
  for seed = 1, 50 do
    local outcome = env:evaluate(env.space:sample(seed))
    if (outcome.note or ""):find("breaks a rule", 1, true) then return true end
  end
  return false
end

local function add_found(folder)
  tap.write(folder .. "/trap.json", gym.json.encode {
    kind = "trap", block = 2, perm = { 0, 1, 2, 3 }, target = { 1, 0, 2, 1 },
    params = { { name = "a", type = "cat", n = 3 }, { name = "b", type = "cat", n = 3 },
               { name = "c", type = "cat", n = 3 },
               { name = "d", type = "cat", n = 3 } } })
  gym.study { env = gym.env("toy"), objective = "energy", budget = 40, store = folder .. "/toy.db",
              progress = false }:add("random"):run()
  gym.proxy { folder .. "/toy.db", model = "ridge" }:save(folder .. "/toy.proxy")
  local options = options_by_id(folder)
  for _, entry in ipairs(gym.envs()) do
    local meant_for_tests = entry.summary:find(", for tests") ~= nil
    for k, given in ipairs(meant_for_tests and {} or options[entry.id] or { {} }) do
      local env = gym.env(entry.id, given)
      local more = { repeats = has_rules(env) }
      add(entry.id .. (k > 1 and " again" or ""), env, 1, more)
      if k == 1 then add(entry.id, env, 2, more) end
    end
  end
end

local function add_made_up()
  for name, space in pairs(kinds) do
    local class = made_up("kind-" .. name, space, "plain")
    add(name, gym.env(class), 1)
    if name == "mixed" or name == "conditional" then add(name, gym.env(class), 2) end
    if name == "mixed" then add(name, gym.env(class), 3) end
  end
  for _, outcome in ipairs { "infeasible", "failed", "hopeless" } do
    local class = made_up("outcome-" .. outcome, kinds.mixed, outcome)
    add(outcome, gym.env(class), 1)
    if outcome == "failed" then add(outcome, gym.env(class), 2) end
  end
  add("noisy", gym.env(made_up("noise", kinds.mixed, "plain", { noisy = true })), 1)
  add("fidelities", gym.env(made_up("levels", kinds.mixed, "failed", {
    fidelities = { { name = "rough", cost = 0.125 }, { name = "fine", cost = 0.5 },
                   { name = "full" } } })), 1)
  add("repair", gym.env(made_up("repair", kinds.integer, "plain", {
    valid = function(_, d) return d.a >= 64 end,
    repair = function(_, d) d.a = 64 return d end })), 1)
  for _, row in ipairs { rows[#rows - 2], rows[#rows] } do
    rows[#rows + 1] = { name = row.name .. ", constrained", env = row.env, goals = 1,
                        objective = "first; second<=0.3; third<=0.8" }
  end
  add("toy", gym.env("toy", { surface = "rugged" }), 1)
  add("toy", gym.env("toy", { surface = "rugged" }), 2)
  add("faulty", gym.env("faulty", { fault = "mixed", share = 0.5 }), 1)
end

local folder = tap.folder()
add_found(folder)
add_made_up()
table.sort(rows, function(a, b) return a.name < b.name end)

-- ---- one cell of the matrix -----------------------------------------------------------

local function study(row, agent, more)
  local t = { env = row.env, objective = row.objective, budget = budget, seeds = "1..2",
              progress = false }
  for key, value in pairs(more or {}) do t[key] = value end
  return gym.study(t):add(agent)
end

local function remove(path)
  for _, tail in ipairs { "", "-wal", "-shm", ".lock" } do os.remove(path .. tail) end
end

local function export(path)
  local store = gym.store(path)
  local text = store:export { canonical = true, format = "jsonl" }
  store:close()
  return text
end

-- Designs in the order they were tried, by run; nothing is tried twice by an agent that
-- has promised so, but for designs that repair made equal to others.
local function watch(row, distinct, designs)
  return function(t)
    local d = designs[t.run] or {}
    designs[t.run] = d
    local design = row.env.space:format(t.design)
    d[#d + 1] = design .. "@" .. t.fidelity
    tap.ok(not (distinct and t.repeated) or row.env.space:format(t.asked) ~= design,
           row.name .. ": a design is evaluated again")
  end
end

local function check_end(row, s)
  for _, run in ipairs(s:runs()) do
    local whole = row.env.space:cardinality()
    tap.equal(run.state, whole < budget and "exhausted" or "finished", row.name)
    tap.ok(run.evaluated == whole or run.spent > budget - 1,
           ("%s: %d trials that cost %g"):format(row.name, run.evaluated, run.spent))
  end
end

-- Stops in the middle of either run, and goes on each time.
local function interrupted(row, agent, path)
  local most = math.min(budget, row.env.space:cardinality())
  local stops, met = { most // 3, most // 2 }, 0
  repeat
    local s = study(row, agent, { store = path, on_trial = function(t)
      if t.replayed or t.run ~= met + 1 or t.number < stops[t.run] then return true end
      met = met + 1
      return false
    end })
    local n, done = met, s:run()
    s:close()
    tap.ok(done or met > n, row.name .. ": stopped by something else")
  until done
  return met
end

local cells = 0

local function check_cell(row, agent)
  cells = cells + 1
  local one, two = ("%s/%d.db"):format(folder, cells), ("%s/%db.db"):format(folder, cells)
  local designs, again = {}, {}
  local watched = watch(row, agent.distinct, designs)
  local s <close> = study(row, agent.id, { store = one, on_trial = watched })
  tap.equal(s:run(), true, row.name)
  check_end(row, s)
  tap.ok(interrupted(row, agent.id, two) > 0, row.name .. ": never stopped")
  tap.ok(export(one) == export(two), row.name .. ": stopped and resumed, other trials")
  remove(one)
  remove(two)
  if row.env.space:cardinality() > 100 then
    tap.ok(table.concat(designs[1]) ~= table.concat(designs[2]),
           row.name .. ": another seed, the same trials")
  end
  for k = 1, 2 do
    again[k] = {}
    study(row, agent.id, { in_flight = 5, seeds = 1,
                           on_trial = watch(row, false, again[k]) }):run()
  end
  tap.same(again[2], again[1], row.name .. ", 5 in flight, again")
end

-- ---- kill -9 --------------------------------------------------------------------------

-- A study by a process of its own, which kills itself in the middle of its second run,
-- when a part of that is committed and a part is not.
tap.write(folder .. "/killed.lua", [[
local gym = require "gym"
return function(path, agent, budget, kill)
  local s = gym.study { env = gym.env("toy", { surface = "rugged" }), store = path,
                        objective = "energy", budget = budget, seeds = "1..2",
                        progress = false, on_trial = function(t)
    if not kill or t.run ~= 2 then return end
    if t.number == budget // 4 then os.execute("sleep 0.1") end
    if t.number == budget // 2 then os.execute("kill -9 $PPID") end
  end }
  return s:add(agent):run()
end
]])
local toy_study = dofile(folder .. "/killed.lua")

local function check_killed(agent)
  local one, two = folder .. "/whole-" .. agent.id, folder .. "/killed-" .. agent.id
  local _, how, code = os.execute(
    ([[{ %s -e 'dofile("%s/killed.lua")("%s", "%s", %d, true)'; } 2>/dev/null]]):format(
      os.getenv("LUA") or "lua5.4", folder, two, agent.id, budget))
  tap.ok(how == "signal" and code == 9 or code == 137, "killed: it was not")
  local n = 0
  for _ in gym.store(two):trials() do n = n + 1 end
  tap.ok(n > budget, n .. " trials survive the kill")
  toy_study(one, agent.id, budget)
  toy_study(two, agent.id, budget)
  tap.ok(export(one) == export(two), "killed and resumed, other trials")
end

-- ---- all of it ------------------------------------------------------------------------

local agents = {}
for _, entry in ipairs(gym.agents()) do
  if not entry.summary:find(", for tests") then
    agents[#agents + 1] = gym.info(entry.id, "agent")
  end
end

for _, agent in ipairs(agents) do
  tap.test(agent.id .. " on " .. #rows .. " problems", function()
    for _, row in ipairs(rows) do
      if agent.max_objectives == 0 or row.goals <= agent.max_objectives then
        check_cell(row, agent)
      else
        tap.raises(function() study(row, agent.id):run() end,
                   ("handles %d objective"):format(agent.max_objectives))
      end
    end
    check_killed(agent)
  end)
end

tap.done()
