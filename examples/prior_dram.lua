-- prior_dram.lua - does what was learnt on other traces shorten the search on a new one?
--
--   gym run examples/prior_dram.lua [agent] [budget] [seeds] [requests] [folder]
--                                   [bank budget] [all or seen] [trace,trace,...]
--
-- Each trace in turn is the new one, and the bank holds searches of all others. The agent
-- searches it without a prior, with one from the bank's most similar traces, and with one
-- from the least similar alone; what counts is the number of evaluations until a design
-- is within 1 % of the optimum (energy times response time). `all`: of the optimum of all
-- 442,368 designs, which takes a minute or so a trace and is kept in the folder; `seen`:
-- of the best that any of these searches saw. The designs that traces are compared by are
-- the first of each search, and count. The script prints what came out, whichever way.
local gym = require "gym"

local agent = arg and arg[1] or "ga"
local budget = math.tointeger(tonumber(arg and arg[2]) or 1000)
local seeds = math.tointeger(tonumber(arg and arg[3]) or 50)
local requests = math.tointeger(tonumber(arg and arg[4]) or 1000)
local folder = arg and arg[5] or "."
local deposit = math.tointeger(tonumber(arg and arg[6]) or 1000)
local exhaustive = (arg and arg[7] or "all") == "all"
local traces = {}
local all = "bfs,chase,gzip,lua-sort,matmul,spmv,sqlite,stencil,stream,update"
for name in (arg and arg[8] or all):gmatch("[^,]+") do traces[#traces + 1] = name end

local objective = { product = { energy = 1, response_mean = 1 } }
local files = (arg and arg[0] or ""):match("^(.*/)") or "./"

local function open(trace)
  return gym.env("dram", { trace = files .. "traces/" .. trace .. ".trc", setup = "archgym",
                           requests = requests })
end

-- ---- The optimum ------------------------------------------------------------------------

-- What has no effect is not varied: the space is flat on purpose (gym info dram).
local function idle(design, name)
  return design.RefreshPolicy == "NoRefresh"
         and (name == "RefreshMaxPostponed" or name == "RefreshMaxPulledin")
         or design.Arbiter == "Simple" and name == "MaxActiveTransactions"
end

local function each_design(space, call)
  local params, design = space.params, {}
  local function fill(i)
    local p = params[i]
    if not p then return call(design) end
    for _, level in ipairs(p.levels) do
      design[p.name] = level
      fill(i + 1)
      if idle(design, p.name) then break end
    end
  end
  fill(1)
end

local function least_of_all(env)
  local score, batch, best, n = gym.objective(objective, env), {}, math.huge, 0
  local function evaluate()
    for _, result in ipairs(env:evaluate(batch)) do
      best = math.min(best, score:evaluate(result.metrics).objectives[1])
    end
    n, batch = n + #batch, {}
  end
  each_design(env.space, function(design)
    local copy = {}
    for name, level in pairs(design) do copy[name] = level end
    batch[#batch + 1] = copy
    if #batch == 4096 then evaluate() end
  end)
  if #batch > 0 then evaluate() end
  return best, n
end

-- Kept by what it depends on: the identity of the env holds the trace's digest.
local function optimum(env)
  local path, known = folder .. "/optima.json", {}
  local file = io.open(path)
  if file then
    known = gym.json.decode(file:read("a"))
    file:close()
  end
  if not known[env.identity] then
    local best, n = least_of_all(env)
    known[env.identity] = { best = best, designs = n }
    file = assert(io.open(path, "w"))
    file:write(gym.json.encode(known, { indent = 1 }), "\n")
    file:close()
  end
  return known[env.identity].best
end

-- ---- Searches ---------------------------------------------------------------------------

local function finish(study)
  local done, why = study:run()
  if done then return study end
  io.stderr:write("stopped (", why, "); start it again to go on\n")
  os.exit(1)
end

-- The bank: three agents, so that what is good is seen from several sides.
local bank = folder .. "/bank.db"
for _, trace in ipairs(traces) do
  local study = gym.study { env = open(trace), objective = objective, budget = deposit,
                            seeds = "101..103", store = bank }
  finish(study:add("random"):add("ga"):add("regevo"))
end

local function search(env, prior)
  local study = gym.study { env = env, objective = objective, budget = budget,
                            seeds = "1.." .. seeds, store = folder .. "/search.db" }
  return finish(study:add(agent, {}, { prior = prior }))
end

local function extremes(prior)
  local most, least
  for _, task in ipairs(prior.bank) do
    if not most or task.by_rank > most.by_rank then most = task end
    if not least or task.by_rank < least.by_rank then least = task end
  end
  return most, least
end

local function learn(env, only)
  return gym.prior { env = env, objective = objective, stores = bank, only = only,
                     store = folder .. "/anchors.db" }
end

-- All that is known of a trace: three studies. The least similar trace alone is a bank of
-- its own, as if no other had been studied.
local function transfer(trace)
  local env = open(trace)
  local prior = learn(env)
  local most, least = extremes(prior)
  return { trace = trace, env = env, most = most, least = least,
           studies = { search(env), search(env, prior),
                       search(env, learn(env, { least.workload })) } }
end

local function seen(t)
  local best = math.huge
  for _, study in ipairs(t.studies) do best = math.min(best, study:best().goals[1]) end
  return best
end

-- Evaluations to the target of each seed; those that never came there spent the budget.
local function hits(study, target)
  local list, missed = {}, 0
  for k = 1, seeds do
    local curve = study:curve(k)
    list[k] = budget
    for i = #curve, 1, -1 do
      if curve[i] <= target then list[k] = i end
    end
    if not (curve[#curve] <= target) then missed = missed + 1 end
  end
  return list, missed
end

-- ---- What came out ----------------------------------------------------------------------

local function cell(list, missed)
  local low, high, median = gym.stats.bootstrap(list, { seed = 1 })
  return ("%s%g [%.3g, %.3g]"):format(2 * missed >= #list and ">=" or "", median, low, high),
         median
end

-- A column of logarithms: a halving is the same step wherever it starts.
local function logs(list, factor)
  local out = {}
  for i, n in ipairs(list) do out[i] = math.log(n * (factor or 1)) end
  return out
end

print(("== %s: evaluations to within 1 %% of the %s, %d seeds, median [95 %%] =="):format(
  agent, exhaustive and "optimum of all 442,368 designs" or "best seen", seeds))
print(("%-9s %-20s %-20s %5s  %-20s %5s  %s"):format("trace", "no prior", "prior", "ratio",
      "least similar", "ratio", "similarity, most and least"))
local halved, costly, with, without = 0, {}, {}, {}
for _, trace in ipairs(traces) do
  local t = transfer(trace)
  local target = 1.01 * (exhaustive and optimum(t.env) or seen(t))
  local lists, texts, medians = {}, {}, {}
  for i, study in ipairs(t.studies) do
    local list, missed = hits(study, target)
    lists[i], texts[i], medians[i] = list, cell(list, missed)
  end
  local saved, other = medians[2] / medians[1], medians[3] / medians[1]
  print(("%-9s %-20s %-20s %5.2f  %-20s %5.2f  %s %.2f, %s %.2f"):format(trace, texts[1],
        texts[2], saved, texts[3], other, t.most.workload:match("^[^.]*"), t.most.by_rank,
        t.least.workload:match("^[^.]*"), t.least.by_rank))
  halved = halved + (saved <= .5 and 1 or 0)
  if other > 1.5 then
    local test = gym.stats.signed_rank(logs(lists[1], 1.5), logs(lists[3]))
    costly[#costly + 1] = ("%s (%.2f, p = %.2g)"):format(trace, other, test.p)
  end
  for k, x in ipairs(logs(lists[2])) do
    with[#with + 1], without[#without + 1] = x, math.log(lists[3][k])
  end
end
local test = gym.stats.signed_rank(with, without)
print(("verdict: with the prior half the evaluations or fewer on %d of %d traces;"):format(
  halved, #traces))
print(("         most similar against least similar: %.2f times the evaluations, p = %.2g "
       .. "(signed ranks, %d pairs);"):format(math.exp(gym.mean(with) - gym.mean(without)),
                                              test.p, #with))
print(("         the least similar costs more than 1.5 times no prior on %d of %d%s"):format(
  #costly, #traces, #costly > 0 and ": " .. table.concat(costly, ", ") or ""))
