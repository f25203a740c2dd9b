-- sample_efficiency.lua - do agents differ in what they find, or in how soon?
--
--   gym run examples/sample_efficiency.lua [evaluations] [seeds] [seed set] [requests] [store]
--
-- Given enough evaluations most agents end at about the same quality; what differs is how
-- many evaluations they take (ArchGym, ISCA 2023; see also Bergstra and Bengio, JMLR 2012,
-- for how good random search is). Five agents with their defaults search two workloads. For
-- budgets of a third, a tenth and so on of the whole: the median best in % above the best
-- found. Then the evaluations to come within 1 % of it, failed runs counting as the whole
-- budget, with bootstrap intervals. The script prints what came out, whichever way.
local gym = require "gym"

local budget = math.tointeger(tonumber(arg and arg[1]) or 1000)
local n = math.tointeger(tonumber(arg and arg[2]) or 10)
local set = math.tointeger(tonumber(arg and arg[3]) or 1)
local requests = tonumber(arg and arg[4]) or 2000
local store = arg and arg[5]

local folder = (arg and arg[0] or ""):match("^(.*/)") or "./"
local first = n * (set - 1) + 1

local studies = gym.study {
  envs = gym.workloads("dram", { trace = { folder .. "traces/matmul.trc",
                                           folder .. "traces/bfs.trc" } },
                       { requests = requests }),
  objective = { product = { energy = 1, response_mean = 1 } },
  budget = budget, seeds = first .. ".." .. first + n - 1, store = store,
}
for _, agent in ipairs { "random", "ga", "sa", "aco", "hill" } do studies:add(agent) end
local done, why = studies:run()
if not done then
  io.stderr:write("stopped (", why, "); start it again to go on\n")
  os.exit(1)
end

local budgets = {}
for _, share in ipairs { 30, 10, 3, 1 } do
  if budget // share > 0 then budgets[#budgets + 1] = budget // share end
end

-- Excess of an agent's runs over the best found after so many evaluations, in %.
local function excess(study, runs, best, evaluations)
  local values = {}
  for i, run in ipairs(runs) do
    local curve = study:curve(run)
    local value = curve[math.min(evaluations, #curve)]
    values[i] = value and value == value and 100 * (value / best - 1) or math.huge
  end
  return values
end

local differ, alike = 0, 0
for k, study in ipairs(studies.studies) do
  local best, agents, order = study:best().goals[1], {}, {}
  for _, run in ipairs(study:runs()) do
    if not agents[run.agent] then
      agents[run.agent] = {}
      order[#order + 1] = run.agent
    end
    table.insert(agents[run.agent], run.run)
  end
  print(("== %s: median best in %% above the best found, %d seeds from %d =="):format(
    studies.names[k], n, first))
  local heads = {}
  for i, b in ipairs(budgets) do heads[i] = ("%9d"):format(b) end
  print(("%-8s %s   evaluations to within 1 %% [95 %% interval]"):format("agent",
        table.concat(heads)))
  local means, finals = {}, {}
  for _, agent in ipairs(order) do
    local cells = {}
    for i, b in ipairs(budgets) do
      cells[i] = ("%9.2f"):format(gym.quantile(excess(study, agents[agent], best, b), .5))
    end
    finals[#finals + 1] = gym.quantile(excess(study, agents[agent], best, budget), .5)
    local hits, solved = {}, 0
    for i, run in ipairs(agents[agent]) do
      local hit = study:hit(run, best * 1.01)
      hits[i], solved = hit or budget, solved + (hit and 1 or 0)
    end
    local low, high, mean = gym.stats.bootstrap(hits, { statistic = "mean", seed = set })
    means[#means + 1] = mean
    print(("%-8s %s   %6.0f [%.0f, %.0f], %d of %d runs"):format(agent,
          table.concat(cells), mean, low, high, solved, n))
  end
  local ratio = gym.quantile(means, 1) / gym.quantile(means, 0)
  local spread = gym.quantile(finals, 1) - gym.quantile(finals, 0)
  differ = differ + (ratio >= 2 and 1 or 0)
  alike = alike + (spread <= 2 and 1 or 0)
  print(("slowest over fastest: %.1f times the evaluations; final medians within %.2f %%\n")
    :format(ratio, spread))
end
print(("verdict: the slowest agent takes at least twice the evaluations of the fastest on "
       .. "%d of %d workloads;"):format(differ, #studies.studies))
print(("         final medians are within 2 %% of each other on %d of %d"):format(alike,
                                                                            #studies.studies))
