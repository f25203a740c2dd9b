-- study:results() as tables and study:table() as text: best objective with median and
-- quartiles over seeds, evaluations to a target, what went wrong, and the mean of random
-- designs beside every score.
local gym, core = ...

local Study = core.methods("gym.study")

-- ---- targets ------------------------------------------------------------------------

-- A target is a number or quantity in the terms of goal 1, or { within = share }: that
-- near to the best any run found.
function core.check_target(study, target)
  if target == nil or type(target) == "number" then return end
  if type(target) == "string" then
    gym.quantity(target, study:describe().goals[1].unit)
    return
  end
  core.check("target", target, { within = "number!" })
  if not (target.within >= 0) then
    core.fail("target: within: a share such as 0.01 was expected, not %s",
              core.show(target.within))
  end
end

-- The value to reach, and how to put it. A goal of the form target(metric, value) has a
-- target of its own: to come within 1 % of the value (or up to the goal's cap).
local function find_target(study, info, target)
  local goal = info.goals[1]
  if type(target) == "number" then return target, "" end
  if type(target) == "string" then return gym.quantity(target, goal.unit), "" end
  if type(target) == "table" then
    local best = study:best()
    if not best or not best.feasible then return nil end
    local slack = target.within * math.abs(best.goals[1])
    return goal.sense == "maximise" and best.goals[1] - slack or best.goals[1] + slack,
           (" (within %g %% of the best found)"):format(100 * target.within)
  end
  local cap = goal.text:match("^target%([^,]+,[^,]+,([^,]+)%)$")
  if goal.text:find("^target%(") then
    return math.min(100, cap and tonumber(cap:match("[%d.e+-]+")) or 100),
           " (within 1 % of the goal's target)"
  end
end

-- ---- numbers ------------------------------------------------------------------------

local function spread(values)
  if #values == 0 then return nil end
  return { median = gym.quantile(values, .5), q1 = gym.quantile(values, .25),
           q3 = gym.quantile(values, .75), least = gym.quantile(values, 0),
           most = gym.quantile(values, 1) }
end

-- Median where a failure counts as never: nil when half of the runs failed.
local function median_hit(hits, n)
  local sorted = { table.unpack(hits) }
  table.sort(sorted)
  local low, high = sorted[(n + 1) // 2], sorted[n // 2 + 1]
  return low and high and (low + high) / 2
end

-- Mean of random designs: of agent `random`, when it takes part, else of as many designs
-- as gym.study{baseline = n} asked for.
local function find_baseline(study, info, runs)
  local means, n = {}, 0
  for _, run in ipairs(runs) do
    if run.id:find("^random%-v%d+$") and run.mean then
      means[#means + 1] = run.mean
      n = n + run.evaluated
    end
  end
  if #means > 0 then return { mean = gym.mean(means), designs = n } end
  local data = core.data(study)
  if not data.baseline then return nil end
  if not data.drawn then
    local objective = gym.objective(info.objective, data.env)
    local rng, goals = gym.rng(0), {}
    for _ = 1, data.baseline do
      local outcome = data.env:evaluate(data.env.space:sample(rng), { repair = true })
      local score = outcome.status == "ok" and objective:evaluate(outcome.metrics)
      if score and score.violation == 0 then goals[#goals + 1] = score.goals[1] end
    end
    data.drawn = { mean = gym.mean(goals), designs = data.baseline }
  end
  return data.drawn
end

-- ---- results ------------------------------------------------------------------------

local function summarise(study, label, runs, target)
  local a = { agent = label, id = runs[1].id, runs = #runs, states = {}, hits = {},
              trials = 0, evaluated = 0, cached = 0, repeats = 0, failures = 0,
              infeasible = 0, solved = 0, tainted = 0 }
  local best, hits, lengths = {}, {}, {}
  for _, run in ipairs(runs) do
    for _, key in ipairs { "trials", "evaluated", "cached", "repeats", "failures",
                           "infeasible" } do
      a[key] = a[key] + run[key]
    end
    a.states[run.state] = (a.states[run.state] or 0) + 1
    a.tainted = a.tainted + (run.tainted and 1 or 0)
    if run.best and run.best.feasible then best[#best + 1] = run.best.goals[1] end
    local hit = target and study:hit(run.run, target)
    if hit then a.hits[#a.hits + 1] = hit end
    hits[#hits + 1], lengths[#lengths + 1] = hit or 0, run.evaluated
  end
  a.solved = #best
  a.best = spread(best)
  if target then
    a.hit_median = median_hit(a.hits, #runs)
    a.expected = gym.running_time(hits, lengths)
  end
  return a
end

-- For several goals: size of each front, and its volume as a share of that of all runs
-- together, below a reference a tenth of the range beyond the worst of the joint front.
local function add_fronts(study, info, agents)
  local all = study:front()
  local reference
  if #all > 0 and #info.goals <= 16 then
    reference = {}
    for j, goal in ipairs(info.goals) do
      local values = {}
      for i, point in ipairs(all) do values[i] = point.goals[j] end
      local s = spread(values)
      local margin = math.max(0.1 * (s.most - s.least), 1e-9 * math.abs(s.most))
      reference[j] = goal.sense == "maximise" and s.least - margin or s.most + margin
    end
  end
  local whole = reference and study:hypervolume(nil, reference)
  for _, a in ipairs(agents) do
    local sizes, volumes = {}, {}
    for _, run in ipairs(a.list) do
      sizes[#sizes + 1] = #study:front(run.run)
      if whole and whole > 0 then
        volumes[#volumes + 1] = study:hypervolume(run.run, reference) / whole
      end
    end
    a.front, a.volume = spread(sizes), spread(volumes)
  end
end

-- study:results{target = ...}: { env, options, given, objective, budget, goals, seeds,
-- target, baseline = {mean, designs}, agents = {{agent, id, runs, states, solved,
-- best = {median, q1, q3, least, most}, hits, hit_median, expected, evaluated, failures,
-- infeasible, cached, repeats, trials}, ...} }; for several goals front and volume too.
function Study:results(options)
  options = options or {}
  core.check("study:results", options, { target = "number|string|table" })
  local data = core.data(self)
  local info, runs = self:describe(), self:runs()
  local wanted = options.target or data.target
  core.check_target(self, wanted)
  info.target, info.target_note = find_target(self, info, wanted)
  info.baseline = find_baseline(self, info, runs)
  info.agents, info.seeds = {}, {}
  local lists, order, seen = {}, {}, {}
  for _, run in ipairs(runs) do
    if not lists[run.agent] then
      lists[run.agent] = {}
      order[#order + 1] = run.agent
    end
    table.insert(lists[run.agent], run)
    if not seen[run.seed] then
      seen[run.seed] = true
      table.insert(info.seeds, run.seed)
    end
  end
  for i, label in ipairs(order) do
    info.agents[i] = summarise(self, label, lists[label], info.target)
    info.agents[i].list = lists[label]
  end
  if #info.goals > 1 then add_fronts(self, info, info.agents) end
  return info
end

-- ---- the table ----------------------------------------------------------------------

local function number(x)
  if x == nil then return "-" end
  if x == math.huge then return "never" end
  local size = math.abs(x)
  if x == math.floor(x) and size < 1e15 then return ("%d"):format(x) end
  return (size >= 1e5 and size < 1e15) and ("%.0f"):format(x) or ("%.5g"):format(x)
end

-- Change against the mean of random designs; 0 has no relative change.
local function change(value, baseline)
  local mean = baseline and baseline.mean
  if not value or not mean or mean == 0 then return "-" end
  return ("%+.1f %%"):format(100 * (value - mean) / math.abs(mean))
end

local function states(a)
  local parts = {}
  for _, state in ipairs(core.sorted(a.states)) do
    parts[#parts + 1] = a.states[state] .. " " .. state
  end
  if a.tainted > 0 then parts[#parts + 1] = a.tainted .. " tainted" end
  return table.concat(parts, ", ")
end

local function quartiles(s)
  return s and ("[%s, %s]"):format(number(s.q1), number(s.q3)) or "-"
end

-- Columns: a heading of two lines, what an agent shows in it, whether it is wanted.
local function columns(r)
  local goal = r.goals[1]
  local unit = (goal.unit and goal.unit ~= "" and goal.unit ~= "1")
               and " [" .. goal.unit .. "]" or ""
  local many = #r.goals > 1
  return {
    { "agent", "", function(a) return a.agent end, left = true },
    { "best" .. (many and " " .. goal.text or "") .. unit, "median",
      function(a) return a.best and number(a.best.median) or "-" end },
    { "", "quartiles", function(a) return quartiles(a.best) end },
    { "against", "random mean",
      function(a) return change(a.best and a.best.median, r.baseline) end,
      hidden = not r.baseline },
    { "evaluations", "to target", hidden = not r.target,
      function(a)
        return ("%s (%d/%d)"):format(number(a.hit_median), #a.hits, a.runs)
      end },
    { "front", "points", function(a) return a.front and number(a.front.median) or "-" end,
      hidden = not many },
    { "front", "volume",
      function(a)
        return a.volume and ("%.1f %%"):format(100 * a.volume.median) or "-"
      end, hidden = not many },
    { "evalu-", "ations", function(a) return number(a.evaluated) end },
    { "", "failed", function(a) return number(a.failures) end },
    { "infea-", "sible", function(a) return number(a.infeasible) end },
    { "from", "cache", function(a) return number(a.cached) end },
    { "runs", "", function(a) return states(a) end, left = true },
  }
end

local function lay_out(columns_, agents)
  local lines, shown = {}, {}
  for _, c in ipairs(columns_) do
    if not c.hidden then shown[#shown + 1] = c end
  end
  local rows = { {}, {} }
  for i, c in ipairs(shown) do rows[1][i], rows[2][i] = c[1], c[2] end
  for _, a in ipairs(agents) do
    local row = {}
    for i, c in ipairs(shown) do row[i] = c[3](a) end
    rows[#rows + 1] = row
  end
  local widths = {}
  for i = 1, #shown do
    widths[i] = 0
    for r, row in ipairs(rows) do
      -- The first line of a heading may reach over the column to its right.
      local spans = r == 1 and i < #shown and rows[1][i + 1] == ""
      if not spans then widths[i] = math.max(widths[i], utf8.len(row[i]) or #row[i]) end
    end
  end
  -- Where it is still too long the column it reaches over makes room.
  for i = 1, #shown - 1 do
    if rows[1][i + 1] == "" then
      widths[i + 1] = math.max(widths[i + 1], #rows[1][i] - widths[i] - 2)
    end
  end
  for r, row in ipairs(rows) do
    local cells = {}
    local i = 1
    while i <= #shown do
      local width = widths[i]
      local spans = r == 1 and row[i] ~= "" and i < #shown and row[i + 1] == ""
      if spans then width = width + 2 + widths[i + 1] end
      local pad = (" "):rep(width - (utf8.len(row[i]) or #row[i]))
      cells[#cells + 1] = shown[i].left and row[i] .. pad or pad .. row[i]
      i = i + (spans and 2 or 1)
    end
    lines[#lines + 1] = table.concat(cells, "  "):gsub(" +$", "")
  end
  table.insert(lines, 3, ("-"):rep(math.max(#lines[1], #lines[2])))
  return table.concat(lines, "\n")
end

local function heading(r)
  local options = {}
  for _, key in ipairs(core.sorted(r.given)) do
    local value = r.options[key]
    if type(value) == "table" then value = value.name end -- a file: its base name
    options[#options + 1] = key .. "=" .. tostring(value)
  end
  local unit = r.goals[1].unit or ""
  unit = (unit == "" or unit == "1") and "" or " " .. unit
  local lines = {
    r.env .. (#options > 0 and "  " .. table.concat(options, " ") or ""),
    ("objective: %s"):format(r.objective),
    ("%s evaluations a run, %d seed%s"):format(number(r.budget), #r.seeds,
                                              #r.seeds == 1 and "" or "s"),
  }
  if r.target then
    lines[#lines + 1] = ("target: %s%s%s"):format(number(r.target), unit, r.target_note)
  end
  if r.baseline then
    lines[#lines + 1] = ("mean of %s random designs: %s%s"):format(
      number(r.baseline.designs), number(r.baseline.mean), unit)
  end
  if #r.seeds < 5 then
    lines[#lines + 1] = "note: with fewer than 5 seeds differences may well be luck"
  end
  return table.concat(lines, "\n")
end

-- study:table{target = ...}: the results as text for people.
function Study:table(options)
  local r = self:results(options)
  return heading(r) .. "\n\n" .. lay_out(columns(r), r.agents) .. "\n"
end
