-- lottery_dram.lua - does the choice of agent matter more than that of its settings?
--
--   gym run examples/lottery_dram.lua [evaluations] [settings] [seed set] [requests] [store]
--
-- The hyperparameter lottery (Krishnan et al., "ArchGym", ISCA 2023): with the best of many
-- settings each agent is about as good as any other, and the spread over the settings of
-- one agent is larger than the spread between agents. Five agents with 12 settings drawn
-- from their own options each search three workloads of the memory controller with three
-- seeds; seed set 1, 2 or 3 chooses the seeds and the settings. The script prints what
-- came out, whichever way that is.
local gym = require "gym"

local budget = tonumber(arg and arg[1]) or 1000
local settings = tonumber(arg and arg[2]) or 12
local set = tonumber(arg and arg[3]) or 1
local requests = tonumber(arg and arg[4]) or 2000
local store = arg and arg[5]

local agents = { "ga", "regevo", "sa", "aco", "hill" }
local traces = { "matmul", "bfs", "gzip" }
local folder = (arg and arg[0] or ""):match("^(.*/)") or "./"

local files, seeds = {}, {}
for i, trace in ipairs(traces) do files[i] = folder .. "traces/" .. trace .. ".trc" end
for i = 1, 3 do seeds[i] = 3 * (set - 1) + i end

local studies = gym.study {
  envs = gym.workloads("dram", { trace = files }, { requests = requests }),
  objective = { product = { energy = 1, response_mean = 1 } },
  budget = budget, seeds = seeds, store = store,
}
for _, agent in ipairs(agents) do
  studies:lottery(agent, math.tointeger(settings), { seed = set })
end
local done, why = studies:run()
if not done then
  io.stderr:write("stopped (", why, "); start it again to go on\n")
  os.exit(1)
end

-- The score of a setting: median over seeds of its best, in % above the best of all runs.
local function excess(study)
  local best, list, by = study:best().goals[1], {}, {}
  for _, run in ipairs(study:runs()) do
    local key = run.agent
    if not list[key] then
      list[key] = {}
      by[run.id] = by[run.id] or {}
      table.insert(by[run.id], list[key])
    end
    table.insert(list[key], run.best and run.best.feasible and run.best.goals[1] or math.huge)
  end
  for _, all in pairs(by) do
    for i, values in ipairs(all) do all[i] = 100 * (gym.quantile(values, .5) / best - 1) end
  end
  return by
end

local held, close = 0, 0
for i, study in ipairs(studies.studies) do
  local by = excess(study)
  local ids, spreads, bests = {}, {}, {}
  for id in pairs(by) do ids[#ids + 1] = id end
  table.sort(ids)
  print(("== %s: best of a run in %% above the best found; %d evaluations, %d settings, "
         .. "seeds %d to %d =="):format(studies.names[i], budget, settings, seeds[1],
                                      seeds[3]))
  print(("%-12s %8s  %8s  %-18s %8s"):format("agent", "best", "median", "[95 % interval]",
                                             "worst"))
  for _, id in ipairs(ids) do
    local low, high, median = gym.stats.bootstrap(by[id], { seed = set })
    local least, most = gym.quantile(by[id], 0), gym.quantile(by[id], 1)
    bests[#bests + 1], spreads[#spreads + 1] = least, most - least
    print(("%-12s %8.2f  %8.2f  %-18s %8.2f"):format(id, least, median,
          ("[%.2f, %.2f]"):format(low, high), most))
  end
  local within = gym.quantile(spreads, .5)
  local between = gym.quantile(bests, 1) - gym.quantile(bests, 0)
  held = held + (within >= between and 1 or 0)
  close = close + (between <= 5 and 1 or 0)
  print(("spread over an agent's settings: %.2f (median of agents), %.2f at most; "
         .. "between the agents' best settings: %.2f\n"):format(within,
         gym.quantile(spreads, 1), between))
end
print(("verdict: the spread within agents is at least that between their best settings on "
       .. "%d of %d workloads;"):format(held, #traces))
print(("         the best settings are within 5 %% of each other on %d of %d"):format(close,
                                                                                 #traces))
