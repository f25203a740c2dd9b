-- agent_table.lua - how good is each search agent, on functions that are understood?
--
--   gym run examples/agent_table.lua --functions DIR [--agents a,b] [--seeds 20]
--       [--budget 1000] [--at 100,200,500,1000,10000] [--cap bo=200,rfbo=500]
--       [--per-budget sa] [--in-flight 1] [--format text or csv] [--anchors FILE]
--
-- DIR holds instances for the env `function`, a .json file each. Every agent searches
-- each of them once per seed; the table shows the median over seeds of the best value so
-- far, with quartiles, after so many evaluations. With two goals it is the share of the
-- front's hypervolume that is missing, 1 - HV/HV_front. Agents are ids, each with options
-- if so wished: "ga:population=32:near=0". A cap is a smaller budget for a slow agent.
-- An agent that plans for its budget, as annealing does, is run once per number of
-- evaluations (--per-budget, a list of ids).
--
-- With anchors, what other programs reach on these functions, each agent goes as far as
-- its goals ask for, and the end says which goals are met: see agent_goals.lua. All
-- agents take a quarter of an hour; --agents and --budget leave goals out.
local gym = require "gym"

local folder = (arg[0] or ""):match("^(.*/)") or "./"
local goals = dofile(folder .. "agent_goals.lua")

-- ---- arguments ------------------------------------------------------------------------

local function fail(form, ...)
  io.stderr:write("agent_table: ", form:format(...), "\n")
  os.exit(2)
end

-- What stands above is the help.
local function help()
  for line in io.lines(arg[0]) do
    if not line:find("^%-%-") then break end
    print((line:gsub("^%-%- ?", "")))
  end
  os.exit(0)
end

local given = { seeds = "20", cap = "", format = "text", ["in-flight"] = "1",
                ["per-budget"] = "sa" }
do
  local known = { functions = true, agents = true, anchors = true, budget = true,
                  at = true }
  for name in pairs(given) do known[name] = true end
  local i = 1
  while arg[i] do
    local word = arg[i]
    if word == "--help" then help() end
    local name, value = word:match("^%-%-([%a-]+)=(.*)$")
    if not name then
      name, value = word:match("^%-%-([%a-]+)$"), arg[i + 1]
      i = i + 1
    end
    if not name or not known[name] then fail('unknown argument "%s"', word) end
    if not value then fail("--%s: a value was expected", name) end
    given[name] = value
    i = i + 1
  end
  if not given.functions then fail("--functions DIR is missing") end
  given.budget = given.budget or given.anchors and "10000" or "1000"
  given.at = given.at or given.anchors and goals.places or "100,200,500,1000,10000"
  if given.format ~= "text" and given.format ~= "csv" then
    fail("--format: text or csv was expected, not %s", given.format)
  end
end

local function whole(name, text)
  local n = math.tointeger(tonumber(text))
  if not n or n < 1 then
    fail("--%s: a positive integer was expected, not %s", name, text)
  end
  return n
end

local n_seeds, budget = whole("seeds", given.seeds), whole("budget", given.budget)
local in_flight = whole("in-flight", given["in-flight"])

-- Places to look at: those within the budget, and the budget itself where none is.
local places = {}
for text in given.at:gmatch("[^,]+") do
  local n = whole("at", text)
  if n <= budget then places[#places + 1] = n end
end
table.sort(places)
if #places == 0 then places[1] = budget end

local anchors
if given.anchors then
  local good, found = pcall(goals.read, given.anchors)
  if not good then fail("--anchors: %s", found) end
  anchors = found
end

local caps = {}
for part in given.cap:gmatch("[^,]+") do
  local id, n = part:match("^([^=]+)=(.+)$")
  if not id then fail('--cap: "agent=evaluations" was expected, not "%s"', part) end
  caps[id] = whole("cap", n)
end

local planners = {}
for id in given["per-budget"]:gmatch("[^,]+") do planners[id] = true end

-- ---- agents and functions -------------------------------------------------------------

-- {label, id, options, cap, goals it can do (0: any number)}
local function read_agent(text)
  local id, rest = text:match("^([^:]+)(.*)$")
  local agent = { label = text, id = id, options = {} }
  for key, value in (rest or ""):gmatch(":([^=:]+)=([^:]*)") do
    agent.options[key] = value
  end
  local good, info = pcall(gym.info, id, "agent")
  if not good then fail("%s", info) end
  agent.cap = math.min(budget, caps[text] or caps[id]
                               or anchors and goals.need(id) or budget)
  agent.goals = info.max_objectives
  return agent
end

local agents = {}
if given.agents then
  for text in given.agents:gmatch("[^,]+") do agents[#agents + 1] = read_agent(text) end
else
  for _, entry in ipairs(gym.agents()) do
    agents[#agents + 1] = read_agent((entry.id:gsub("%-v%d+$", "")))
  end
end
if #agents == 0 then fail("there are no agents") end

local function read_function(path)
  local file = assert(io.open(path))
  local text = file:read("a")
  file:close()
  local good, data = pcall(gym.json.decode, text)
  if not good then fail("%s: %s", path, data) end
  local f = { path = path, name = path:match("([^/]+)%.json$"), data = data }
  f.env = gym.env("function", { file = path })
  f.goals = #f.env.metrics
  return f
end

local functions = {}
do
  local quoted = "'" .. given.functions:gsub("'", "'\\''") .. "'"
  local listing = assert(io.popen("ls -1 " .. quoted .. " 2>/dev/null"))
  for name in listing:lines() do
    if name:find("%.json$") then
      functions[#functions + 1] = read_function(given.functions .. "/" .. name)
    end
  end
  listing:close()
  if #functions == 0 then fail("%s: there is no .json file", given.functions) end
end

-- ---- two goals ------------------------------------------------------------------------

local reference = { 1.1, 1.1 }

-- Keeps a list of points in order of the first goal, none dominated by another.
local function add_point(front, a, b)
  for _, p in ipairs(front) do
    if p[1] <= a and p[2] <= b then return end
  end
  for i = #front, 1, -1 do
    if a <= front[i][1] and b <= front[i][2] then table.remove(front, i) end
  end
  local i = 1
  while front[i] and front[i][1] < a do i = i + 1 end
  table.insert(front, i, { a, b })
end

-- What lies between a front and the reference: a staircase of rectangles.
local function volume(front)
  local sum, top = 0, reference[2]
  for _, p in ipairs(front) do
    if p[1] < reference[1] and p[2] < top then
      sum = sum + (reference[1] - p[1]) * (top - p[2])
      top = p[2]
    end
  end
  return sum
end

-- The volume of the true front, from the tables themselves: a sweep in order of the first
-- goal keeps what is better in the second than all before.
local function true_volume(f)
  local points, front, least = {}, {}, math.huge
  local one, two, penalty = f.data.tables[1], f.data.tables[2], f.data.penalty
  for k = 1, #one do
    if one[k] ~= penalty and two[k] ~= penalty then
      points[#points + 1] = { one[k], two[k] }
    end
  end
  table.sort(points, function(p, q)
    return p[1] < q[1] or (p[1] == q[1] and p[2] < q[2])
  end)
  for _, p in ipairs(points) do
    if p[2] < least then
      front[#front + 1], least = p, p[2]
    end
  end
  return volume(front)
end

-- ---- progress -------------------------------------------------------------------------

-- A line on stderr now and then; nothing when all is over within two seconds.
local started, spoken = os.time(), os.time() - 3
local function tell_progress(share, form, ...)
  local now = os.time()
  if now - started < 2 or now - spoken < 5 then return end
  io.stderr:write(("[%3.0f %%, %d s] %s\n"):format(100 * share, now - started,
                                                   form:format(...)))
  spoken = now
end

-- ---- the search -----------------------------------------------------------------------

-- What each run of so many evaluations reached at each of these places:
-- values[place][run].
local function search(f, agent, evaluations, places, share, width)
  local study
  local values, fronts, counts = {}, {}, {}
  for i in ipairs(places) do values[i] = {} end
  local function on_trial(t)
    if t.repeated then return end
    counts[t.run] = (counts[t.run] or 0) + 1
    fronts[t.run] = fronts[t.run] or {}
    if t.status == "ok" then add_point(fronts[t.run], t.goals[1], t.goals[2]) end
    for i, n in ipairs(places) do
      if counts[t.run] == n then
        values[i][t.run] = 1 - volume(fronts[t.run]) / f.volume
      end
    end
  end
  study = gym.study {
    env = f.env, budget = evaluations, seeds = "1.." .. n_seeds, in_flight = in_flight,
    objective = f.goals == 2 and { minimize = { "value1", "value2" } }
                or { minimize = "value" },
    on_trial = f.goals == 2 and on_trial or nil,
    progress = function(p)
      tell_progress(share + width * p.spent / p.budget, "%s: %s, run %d of %d", f.name,
                    agent.label, p.run, p.runs)
    end,
  }
  study:add(agent.id, agent.options)
  local done, why = study:run()
  if not done then fail("stopped: %s", why) end
  for run = 1, n_seeds do
    local curve = f.goals == 1 and study:curve(run)
    for i, n in ipairs(places) do
      -- A run that has seen the whole space keeps what it found.
      if f.goals == 1 then
        local best = curve[math.min(n, #curve)]
        values[i][run] = (best and best == best) and best or math.huge
      else
        values[i][run] = values[i][run] or 1 - volume(fronts[run] or {}) / f.volume
      end
    end
  end
  return values
end

-- The same for an agent as a whole: one search, or one for each place.
local function search_all(f, agent, share, width)
  local wanted, values = {}, {}
  for _, n in ipairs(places) do
    if n <= agent.cap then wanted[#wanted + 1] = n end
  end
  if not planners[agent.id] then
    return search(f, agent, agent.cap, places, share, width)
  end
  for i, n in ipairs(wanted) do
    values[i] = search(f, agent, n, { n }, share + width * (i - 1) / #wanted,
                       width / #wanted)[1]
  end
  return values
end

-- Linear between neighbours (type 7 of Hyndman and Fan), where a run without a feasible
-- design counts as infinite.
local function quantile(sorted, p)
  local at = 1 + (#sorted - 1) * p
  local low, high = sorted[math.floor(at)], sorted[math.ceil(at)]
  if low == high then return low end
  return low + (at - math.floor(at)) * (high - low)
end

local function summarise(list)
  table.sort(list)
  return { median = quantile(list, 0.5), q25 = quantile(list, 0.25),
           q75 = quantile(list, 0.75) }
end

-- results[function name][agent label][place]
local results = {}
local total, done = #functions * #agents, 0
for _, f in ipairs(functions) do
  results[f.name] = {}
  f.volume = f.goals == 2 and true_volume(f)
  f.data = nil
  for _, agent in ipairs(agents) do
    if agent.goals == 0 or agent.goals >= f.goals then
      local good, values = pcall(search_all, f, agent, done / total, 1 / total)
      if not good then
        if tostring(values):find("interrupted!") then error(values, 0) end
        fail("%s: %s: %s", f.name, agent.label, values)
      end
      local row = {}
      for i, n in ipairs(places) do
        if n <= agent.cap then row[n] = summarise(values[i]) end
      end
      results[f.name][agent.label] = row
    end
    done = done + 1
    tell_progress(done / total, "%s: %s done", f.name, agent.label)
  end
end

-- ---- output ---------------------------------------------------------------------------

local function csv_field(text)
  return text:find('[,"\n]') and '"' .. text:gsub('"', '""') .. '"' or text
end

local function print_csv()
  print("function,agent,evaluations,seeds,median,q25,q75")
  for _, f in ipairs(functions) do
    for _, agent in ipairs(agents) do
      local row = results[f.name][agent.label]
      for _, n in ipairs(row and places or {}) do
        local s = row[n]
        if s then
          print(("%s,%s,%d,%d,%.10g,%.10g,%.10g"):format(csv_field(f.name),
            csv_field(agent.label), n, n_seeds, s.median, s.q25, s.q75))
        end
      end
    end
  end
end

-- Columns of texts, the first to the left.
local function print_columns(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, #cell) end
  end
  for _, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      local pad = (" "):rep(widths[i] - #cell)
      cells[i] = i == 1 and cell .. pad or pad .. cell
    end
    print((table.concat(cells, "  "):gsub(" +$", "")))
  end
end

local function print_text()
  print(("median of %d seeds [quartiles] of the best value found"):format(n_seeds))
  for _, n in ipairs(places) do
    local rows = { { "" } }
    for i, f in ipairs(functions) do
      rows[1][i + 1] = f.name .. (f.goals == 2 and " (1-HV)" or "")
    end
    for _, agent in ipairs(agents) do
      local row = { agent.label }
      for i, f in ipairs(functions) do
        local s = (results[f.name][agent.label] or {})[n]
        row[i + 1] = s and ("%.4g [%.4g %.4g]"):format(s.median, s.q25, s.q75) or "-"
      end
      local told = false
      for i = 2, #row do told = told or row[i] ~= "-" end
      rows[#rows + 1] = told and row or nil
    end
    print(("\nafter %d evaluations"):format(n))
    print_columns(rows)
  end
end

local function print_verdicts()
  local names, pairs_of_goals = {}, {}
  for _, f in ipairs(functions) do
    table.insert(f.goals == 1 and names or pairs_of_goals, f.name)
  end
  print("\ngoals against " .. given.anchors)
  for _, v in ipairs(goals.verdicts(results, anchors, names, pairs_of_goals)) do
    print((("%-12s %s%s"):format(v[2], v[1], v[3] ~= "" and ": " .. v[3] or "")))
  end
end

if given.format == "csv" then print_csv() else print_text() end
if anchors and given.format ~= "csv" then print_verdicts() end
