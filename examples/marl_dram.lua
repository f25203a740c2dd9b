-- marl_dram.lua - do several learners find the better memory controller?
--
--   gym run examples/marl_dram.lua [--archgym DIR] [--traces matmul,bfs]
--       [--agents random,ppo,sac,marl] [--budget 2000] [--seeds 5] [--random 20000]
--       [--setup archgym]
--
-- The question of Krishnan et al., "Multi-agent reinforcement learning for microprocessor
-- design space exploration" (2022), asked again of the env `dram`: a learner for each
-- parameter (marl) against single-agent reinforcement learning (ppo, sac), which here can
-- reach every level of every parameter, on targets of ArchGym's: power 1 W, total_time
-- 0.1 ms, and the product of both ratios T / |T - x|. DIR holds ArchGym's traces
-- cloud-1.stl, random.stl and stream.stl; recorded ones lie beside this script.
--
-- A run hits where it comes within 1 % of the target, that is at a ratio of 100 (of 100
-- for each factor of the product). `hit rate` says how often random designs do; where
-- that is more than once in a hundred, the hit moves to where their best 0.1 % begin. An
-- agent's figures are medians over the seeds: the best ratio, the evaluations to a hit.
-- Many designs share a ratio, and on some traces random ones soon find the best there is:
-- there agents tie. With five traces it takes about an hour.
local gym = require "gym"

-- ---- arguments ------------------------------------------------------------------------

local given = { archgym = "", traces = "matmul,bfs", agents = "random,ppo,sac,marl",
                budget = "2000", seeds = "5", random = "20000", setup = "archgym" }
for i = 1, #arg, 2 do
  if arg[i] == "--help" then -- what stands above
    for line in io.lines(arg[0]) do
      if not line:find("^%-%-") then break end
      print((line:gsub("^%-%- ?", "")))
    end
    os.exit(0)
  end
  local name = arg[i]:match("^%-%-(%a+)$")
  if not name or not given[name] or not arg[i + 1] then
    io.stderr:write("marl_dram: unknown argument or no value: ", arg[i], "\n")
    os.exit(2)
  end
  given[name] = arg[i + 1]
end
local budget, seeds = math.tointeger(given.budget), math.tointeger(given.seeds)
local n_random = math.tointeger(given.random)

local folder = (arg[0] or ""):match("^(.*/)") or "./"
local workloads = {}
if given.archgym ~= "" then
  for _, name in ipairs { "cloud-1", "random", "stream" } do
    workloads[#workloads + 1] = { name .. ".stl", given.archgym .. "/" .. name .. ".stl" }
  end
end
for name in given.traces:gmatch("[^,]+") do
  workloads[#workloads + 1] = { name, folder .. "traces/" .. name .. ".trc" }
end

-- Agents are ids, each with options if so wished: "ppo:order=autoregressive:batch=16".
local agents, settings = {}, {}
for word in given.agents:gmatch("[^,]+") do
  local options = {}
  for name, value in word:gmatch(":([%w_]+)=([^:]+)") do options[name] = value end
  agents[#agents + 1], settings[word] = word, options
end

local targets = {
  { "power", "target(power, 1W)", 100 },
  { "time", "target(total_time, 0.1ms)", 100 },
  { "both", "product(target(power, 1W), target(total_time, 0.1ms))", 1e4 },
}

-- ---- random designs -------------------------------------------------------------------

-- Outcomes of n designs, the same for all targets.
local function draw(env, n)
  local rng, designs = gym.rng(2022), {}
  for i = 1, n do designs[i] = env.space:sample(rng) end
  return env:evaluate(designs)
end

-- The value that counts as a hit, and the share of random designs that reach the first
-- proposal for it.
local function hit_value(env, target, outcomes)
  local objective, ratios, hits = gym.objective(target[2], env), {}, 0
  for i, o in ipairs(outcomes) do
    ratios[i] = o.status == "ok" and objective:evaluate(o.metrics).goals[1] or 0
    hits = hits + (ratios[i] >= target[3] and 1 or 0)
  end
  local rate = hits / #ratios
  return rate > 0.01 and gym.quantile(ratios, 0.999) or target[3], rate
end

-- ---- runs -----------------------------------------------------------------------------

local function median(list)
  table.sort(list)
  return gym.quantile(list, 0.5)
end

-- Median evaluations to a hit (never: beyond the budget) and median best ratio, by agent.
local function compare(env, target, value)
  local study = gym.study { env = env, objective = target[2], budget = budget,
                            seeds = "1.." .. seeds, progress = false }
  for _, label in ipairs(agents) do
    study:add(label:match("^[^:]+"), settings[label], label)
  end
  assert(study:run())
  local found = {}
  for _, id in ipairs(agents) do found[id] = { hits = {}, bests = {}, reached = 0 } end
  for _, run in ipairs(study:runs()) do
    local f = found[run.agent]
    local hit = study:hit(run.run, value)
    f.reached = f.reached + (hit and 1 or 0)
    f.hits[#f.hits + 1] = hit or budget + 1
    f.bests[#f.bests + 1] = run.best.goals[1]
  end
  for _, f in pairs(found) do f.hit, f.best = median(f.hits), median(f.bests) end
  return found
end

-- At least as good, in two ways: by the median of the best ratios, and by the median of
-- the evaluations until a hit. Where nobody can come nearer to the target than all do,
-- they tie in both.
local better = {
  { "best ratio", function(a, b) return a.best >= b.best end },
  { "evaluations to hit", function(a, b)
    return a.hit < b.hit or (a.hit == b.hit and a.best >= b.best)
  end },
}

-- won[way][target]: traces on which marl is at least as good as every rival.
local won = { {}, {} }
local function score(target, found)
  for way, rule in ipairs(better) do
    local good = found.marl ~= nil
    for _, rival in ipairs { "ppo", "sac" } do
      good = good and (not found[rival] or rule[2](found.marl, found[rival]))
    end
    won[way][target] = (won[way][target] or 0) + (good and 1 or 0)
  end
end

local function show_hit(f)
  local hit = f.hit > budget and "never" or ("%.0f"):format(f.hit)
  return ("%s (%d/%d)"):format(hit, f.reached, seeds)
end

print(("%d evaluations, %d seeds, setup %s; hit rates of %d random designs\n"):format(
  budget, seeds, given.setup, n_random))
print(("%-12s %-6s %9s %9s  %-10s %12s %16s"):format("trace", "target", "hit rate",
  "hit at", "agent", "best ratio", "evals to hit"))
for _, w in ipairs(workloads) do
  local env = gym.env("dram", { trace = w[2], setup = given.setup })
  local outcomes = draw(env, n_random)
  for _, target in ipairs(targets) do
    local value, rate = hit_value(env, target, outcomes)
    local found = compare(env, target, value)
    for i, id in ipairs(agents) do
      local f = found[id]
      local head = i > 1 and "" or ("%-12s %-6s %7.2g %% %9.4g"):format(w[1], target[1],
        100 * rate, value)
      print(("%-39s  %-10s %12.6g %16s"):format(head, id, f.best, show_hit(f)))
    end
    io.stdout:flush()
    score(target[1], found)
  end
end

-- The question was four traces of five, for two targets of three.
if settings.marl then
  print("\ntraces on which marl is at least as good as ppo and sac, of " .. #workloads)
  local enough = math.ceil(0.8 * #workloads)
  for way, rule in ipairs(better) do
    local words, met = {}, 0
    for _, target in ipairs(targets) do
      words[#words + 1] = ("%s %d"):format(target[1], won[way][target[1]])
      met = met + (won[way][target[1]] >= enough and 1 or 0)
    end
    print(("  by %-19s %s: %d or more for %d targets of 3, %s"):format(
      rule[1], table.concat(words, ", "), enough, met, met >= 2 and "yes" or "no"))
  end
end
