-- agent_goals.lua - what the agents are to reach, for agent_table.lua --anchors FILE.
--
-- FILE is a table of what other programs reach on the same functions: columns function,
-- program, seeds, evaluations, median and more, under a line that names them. A goal is
-- met when the medians say so: `verdicts` tells, with the functions that fall short.
local goals = {}

-- How far each agent has to go; others as far as `best of ours` looks.
local needs = { hill = 1000, sa = 1000, ga = 1000, regevo = 1000, aco = 1000,
                nsga2 = 1000, marl = 2000, ppo = 2000, random = 2000, cmaes = 10000,
                gomea = 10000 }

function goals.need(id) return needs[id] or 200 end

-- The places to look at.
goals.places = "100,200,500,1000,2000,10000"

-- ---- anchors --------------------------------------------------------------------------

-- Cells of a line, of which some are in quotation marks.
local function split(line)
  local cells, at = {}, 1
  while at <= #line + 1 do
    local text, after = line:match('^"([^"]*)"()', at)
    if not text then text, after = line:match("^([^,]*)()", at) end
    cells[#cells + 1], at = text, after + 1
  end
  return cells
end

-- anchors[function][evaluations] = list of {program, median}
function goals.read(path)
  local file, why = io.open(path)
  if not file then error(why, 0) end
  local columns, anchors = nil, {}
  for line in file:lines() do
    local cells = split(line)
    if not columns then
      columns = {}
      for i, name in ipairs(cells) do columns[name] = i end
      for _, name in ipairs { "function", "program", "evaluations", "median" } do
        if not columns[name] then
          file:close()
          error(('%s: there is no column "%s"'):format(path, name), 0)
        end
      end
    else
      local f = cells[columns["function"]]
      local at = tonumber(cells[columns.evaluations])
      local median = tonumber(cells[columns.median])
      if f and at and median then
        anchors[f] = anchors[f] or {}
        anchors[f][at] = anchors[f][at] or {}
        table.insert(anchors[f][at],
                     { program = cells[columns.program], median = median })
      end
    end
  end
  file:close()
  return anchors
end

-- ---- comparisons ----------------------------------------------------------------------

-- What a program, named by a part of its name ("": any), reaches at best.
local function theirs(anchors, f, at, program)
  local best
  for _, row in ipairs((anchors[f] or {})[at] or {}) do
    if row.program:find(program, 1, true) then
      best = math.min(best or math.huge, row.median)
    end
  end
  return best
end

-- What an agent reaches, or the best of all (nil).
local function ours(results, f, at, id)
  if id then
    local row = (results[f] or {})[id]
    return row and row[at] and row[at].median
  end
  local best
  for _, row in pairs(results[f] or {}) do
    if row[at] then best = math.min(best or math.huge, row[at].median) end
  end
  return best
end

-- Compares on every function that both have: how many, how many are good, and a text of
-- those that are not. Anchors come rounded to six digits.
local function against(names, mine, other, strict)
  local n, good, short = 0, 0, {}
  for _, f in ipairs(names) do
    local a, b = mine(f), other(f)
    if a and b then
      local slack = 1e-5 * math.max(1, math.abs(b))
      n = n + 1
      if strict and a < b or not strict and a <= b + slack then
        good = good + 1
      else
        short[#short + 1] = ("%s %.4g, not %s %.4g"):format(f, a, strict and "below" or
                                                            "at most", b)
      end
    end
  end
  return n, good, table.concat(short, "; ")
end

-- ---- the goals ------------------------------------------------------------------------

-- results[function][agent][evaluations].median; names: functions with one goal, pairs:
-- with two. Returns a list of {text, "met", "unmet" or "not measured", detail}.
function goals.verdicts(results, anchors, names, pairs_of_goals)
  local list = {}
  local function say(text, measured, met, detail)
    list[#list + 1] = { text, not measured and "not measured" or met and "met" or "unmet",
                        measured and detail or "" }
  end
  -- `enough` of n: on how many functions.
  local function beat(text, id, at, program, enough, strict)
    local n, good, short = against(names,
      function(f) return ours(results, f, at, id) end,
      function(f) return theirs(anchors, f, at, program) end, strict)
    say(text, n > 0, good >= enough(n), ("%d of %d%s"):format(good, n, short ~= "" and
                                                              " (" .. short .. ")" or ""))
  end
  local function all(n) return n end
  local function but(k) return function(n) return math.max(1, n - k) end end

  for _, at in ipairs { 100, 200 } do
    beat(("best of ours at %d beats every program on all functions but one"):format(at),
         nil, at, "", but(1), true)
  end
  for _, id in ipairs { "bo", "rfbo", "tpe" } do
    for _, at in ipairs { 100, 200 } do
      beat(("%s at %d beats Optuna's TPE on all but two"):format(id, at), id, at, "TPE",
           but(2), true)
    end
  end
  for _, pair in ipairs { { "ga", "DEAP 1.3 GA" }, { "regevo", "regularised evolution" },
                          { "hill", "hill climber" }, { "sa", "simulated annealing" },
                          { "aco", "DEAP 1.3 GA" } } do
    beat(("%s at 1000 reaches %s"):format(pair[1], pair[2]), pair[1], 1000, pair[2], all)
  end
  beat("cmaes at 200 beats Optuna's CMA-ES", "cmaes", 200, "CMA-ES", all, true)

  local best = ours(results, "rastrot", 10000)
  say("some agent at 10000 is below 20 on rastrot", best, best and best < 20,
      best and ("%.4g"):format(best))
  local trap = ours(results, "trap30", 10000, "gomea")
  say("gomea at 10000 solves trap30 in most runs", trap, trap == 0,
      trap and ("median %.4g"):format(trap))
  for _, limit in ipairs { { 500, 0.09 }, { 1000, 0.03 } } do
    local n, good, short = against(pairs_of_goals,
      function(f) return ours(results, f, limit[1], "nsga2") end,
      function() return limit[2] end)
    say(("nsga2 at %d misses at most %g of the front"):format(limit[1], limit[2]), n > 0,
        good == n, short)
  end
  for _, id in ipairs { "marl", "ppo" } do
    local n, good, short = against(names,
      function(f) return ours(results, f, 2000, id) end,
      function(f) return ours(results, f, 2000, "random") end, true)
    say(("%s at 2000 beats random on all functions"):format(id), n > 0, good == n, short)
  end
  return list
end

return goals
