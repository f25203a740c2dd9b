-- The examples a new user starts with: they run, and print what they promise.
local tap = require "tap"

local build = os.getenv("GYM_BUILD_TOP") or "."
local source = os.getenv("GYM_SOURCE_TOP") or "."
local folder = tap.folder()

local function example(words)
  local p = io.popen(("env -u LD_PRELOAD '%s/gym' run '%s/examples/'%s 2>'%s/stderr'"):format(build, source,
                                                                          words, folder))
  local out = p:read("a")
  local _, _, status = p:close()
  tap.equal(status, 0, tap.read(folder .. "/stderr"))
  return out
end

tap.test("an environment in Lua", function()
  local out = example "env_in_lua.lua"
  tap.match(out, "64 x 64 tiles:.*energy")
  tap.match(out, "too large:\ttiles need %d+ bytes")
  tap.match(out, "tiling%-v1.*random.*ga population=16.*best:")
end)

tap.test("an agent in Lua", function()
  local out = example "agent_in_lua.lua"
  tap.match(out, "random .*annealing .*annealing, colder")
end)

tap.test("the comparison on recorded traces, small, and again", function()
  local out = example("compare_dram.lua 10 '" .. folder .. "/runs.db'")
  tap.match(out, "== lua%-sort ==.*random.*ga.*climber.*== matmul ==.*climber")
  tap.match(out, "best for lua%-sort, found by")
  tap.equal(example("compare_dram.lua 10 '" .. folder .. "/runs.db'"), out)
  local gym = require "gym"
  tap.equal(#gym.store(folder .. "/runs.db"):studies(), 2)
  tap.equal(#gym.store(folder .. "/runs.db"):runs(), 30)
end)

tap.test("models of the memory controller, small", function()
  local out = example "proxy_dram.lua 160"
  tap.match(out, "1%. 160 designs.*gbdt +[%d.e-]+ .*learning curve of %l+")
  tap.match(out, "10 designs measured: energy.*best known of %d+ trials: %d+; regret")
  tap.match(out, "seed 5: ga alone %S+ %(%d+ nJ in the end%), assisted %S+ %(%d+ nJ%)")
end)

tap.test("searches with models, small", function()
  local out = example "assisted_search.lua 2 24 systolic"
  tap.match(out, "^systolic: .*2 seeds\n  ga alone  +@6 .*@12 .*@24 .*\n  assisted +@6 ")
  local ahead, behind, equal = out:match("ahead in (%d), behind in (%d), equal in (%d)")
  tap.equal(ahead + behind + equal, 2)
end)

tap.test("a table of operators adds up to networks", function()
  local out = example("operator_table.lua NUM_PEs=84 '" .. folder .. "/operators.csv'")
  local _, lines = tap.read(folder .. "/operators.csv"):gsub("\n", "")
  tap.equal(lines, 1 + 6 * 3 * 2)
  local off = tonumber(out:match("at most (%S+) %% off"))
  tap.ok(off and off < 1e-9, out)
end)

tap.test("an accelerator for MobileNetV2, small", function()
  local out = example("codesign_mobilenet.lua 3 '" .. folder .. "/codesign.db'")
  tap.match(out, "accel%-v1.*mobilenet_v2.*area<=3.*random.*sobol.*nsga2.*age%-moea.*bo")
  tap.match(out, "latency ms  energy mJ  area mm2")
end)

tap.test("learners on memory controllers, small", function()
  local out = example("marl_dram.lua --traces bfs --budget 12 --seeds 2 --random 40")
  tap.match(out, "bfs +power +[%d.]+ %% +[%d.]+ +random +[%d.]+ .*bfs +time .*bfs +both ")
  tap.match(out, "marl +[%d.]+ +%w+ %(%d/2%)")
  tap.match(out, "best ratio +power %d, time %d, both %d: 1 or more for %d targets of 3")
end)

-- The printed numbers, worked out anew from the trials in the store: the best of each run,
-- the median over seeds of each setting, in % above the best of all.
local function excess_in_store(path)
  local gym = require "gym"
  local store, result = gym.store(path), {}
  for _, study in ipairs(store:studies()) do
    local best, ids, least = {}, {}, math.huge
    for _, run in ipairs(store:runs(study.study)) do
      for t in store:trials(study.study, run.run) do
        if t.status == "ok" then
          local known = best[run.agent] and best[run.agent][run.seed] or math.huge
          best[run.agent] = best[run.agent] or {}
          best[run.agent][run.seed] = math.min(known, t.goal)
          ids[run.agent] = run.agent_id
          least = math.min(least, t.goal)
        end
      end
    end
    local by = {}
    for label, seeds in pairs(best) do
      local values = {}
      for _, value in pairs(seeds) do values[#values + 1] = value end
      by[ids[label]] = by[ids[label]] or {}
      table.insert(by[ids[label]], 100 * (gym.quantile(values, .5) / least - 1))
    end
    result[#result + 1] = by
  end
  return result
end

-- Runs the lottery and checks each line of its tables; the verdict is what it is.
local function check_lottery(budget, settings, set)
  local gym = require "gym"
  local path = ("%s/lottery-%d-%d.db"):format(folder, budget, set)
  local out = example(("lottery_dram.lua %d %d %d 500 '%s'"):format(budget, settings, set,
                                                                    path))
  local study, by, lines, intervals = 0, excess_in_store(path), 0, 0
  local spreads, bests
  for line in out:gmatch("[^\n]+") do
    local id, best, median, low, high, worst =
      line:match("^(%S+%-v%d+) +([%d.]+) +([%d.]+) +%[([%d.]+), ([%d.]+)%] +([%d.]+)$")
    local within, most, between = line:match(
      "settings: ([%d.]+) %(median of agents%), ([%d.]+) at most; .*: ([%d.]+)$")
    if line:find("^== ") then study, spreads, bests = study + 1, {}, {} end
    if id then
      local values = by[study][id]
      tap.equal(#values, settings)
      tap.near(tonumber(best), gym.quantile(values, 0), 0.0051)
      tap.near(tonumber(median), gym.quantile(values, .5), 0.0051)
      tap.near(tonumber(worst), gym.quantile(values, 1), 0.0051)
      local l, h = gym.stats.bootstrap(values, { seed = set, resamples = 10000 })
      tap.near(tonumber(low), l, 0.0051)
      tap.near(tonumber(high), h, 0.0051)
      spreads[#spreads + 1] = gym.quantile(values, 1) - gym.quantile(values, 0)
      bests[#bests + 1] = gym.quantile(values, 0)
      lines = lines + 1
    elseif within then
      tap.near(tonumber(within), gym.quantile(spreads, .5), 0.0051)
      tap.near(tonumber(most), gym.quantile(spreads, 1), 0.0051)
      tap.near(tonumber(between), gym.quantile(bests, 1) - gym.quantile(bests, 0), 0.0051)
      intervals = intervals + 1
    end
  end
  tap.equal(lines, 15)
  tap.equal(intervals, 3)
  tap.note("seed set %d: %s", set, out:match("verdict: (.*)$"))
end

tap.test("the lottery, small", function()
  check_lottery(15, 3, 1)
end)

tap.test("the lottery, on three seed sets", function()
  if not os.getenv("GYM_LONG") then
    tap.skip("long; runs with GYM_LONG=1")
    return
  end
  for set = 1, 3 do check_lottery(1000, 12, set) end
end)

local function check_efficiency(budget, seeds, set)
  local gym = require "gym"
  local path = ("%s/efficiency-%d-%d.db"):format(folder, budget, set)
  local out = example(("sample_efficiency.lua %d %d %d 500 '%s'"):format(budget, seeds, set,
                                                                         path))
  local by, study, lines = excess_in_store(path), 0, 0
  for line in out:gmatch("[^\n]+") do
    if line:find("^== ") then study = study + 1 end
    local id, final, mean, low, high = line:match(
      "^(%a+) .* ([%d.]+)   +(%d+) %[(%d+), (%d+)%], %d+ of %d+ runs$")
    if id then
      tap.near(tonumber(final), by[study][id .. "-v1"][1], 0.0051)
      tap.ok(tonumber(low) <= tonumber(mean) and tonumber(mean) <= tonumber(high))
      lines = lines + 1
    end
  end
  tap.equal(lines, 10)
  tap.note("seed set %d: %s", set, out:match("verdict: (.*)$"))
end

tap.test("sample efficiency, small", function()
  check_efficiency(40, 3, 1)
end)

tap.test("sample efficiency, on three seed sets", function()
  if not os.getenv("GYM_LONG") then
    tap.skip("long; runs with GYM_LONG=1")
    return
  end
  for set = 1, 3 do check_efficiency(1000, 10, set) end
end)

-- ---- Priors across traces -------------------------------------------------------------

-- Goals of distinct evaluations, run by run, of each trace of a store.
local function goals_in_store(path)
  local gym = require "gym"
  local store, by = gym.store(path), {}
  for _, study in ipairs(store:studies()) do
    local trace = study.identity:match('"name": "([^."]+)%.trc"')
    by[trace] = by[trace] or {}
    for _, run in ipairs(store:runs(study.study)) do
      local goals = {}
      for t in store:trials(study.study, run.run) do
        if not t.origin then goals[#goals + 1] = t.goal end
      end
      table.insert(by[trace], goals)
    end
  end
  return by
end

local function hits_of(runs, first, seeds, target, budget)
  local list = {}
  for k = 1, seeds do
    list[k] = budget
    for i = #runs[first + k], 1, -1 do
      if runs[first + k][i] <= target then list[k] = i end
    end
  end
  return list
end

-- Runs the example and works every line out anew from what is in its stores.
local function check_priors(budget, seeds, requests, deposit, how, traces)
  local gym = require "gym"
  local place = ("%s/priors-%d"):format(folder, budget)
  os.execute("mkdir -p '" .. place .. "'")
  local words = ("prior_dram.lua ga %d %d %d '%s' %d %s %s"):format(budget, seeds, requests,
                                                               place, deposit, how, traces)
  local out = example(words)
  tap.equal(example(words), out) -- again: everything is known
  local by, bank = goals_in_store(place .. "/search.db"), goals_in_store(place .. "/bank.db")
  local known = how == "all" and gym.json.decode(tap.read(place .. "/optima.json"))
  local lines, halved, dear, with, without = 0, 0, 0, {}, {}
  for line in out:gmatch("[^\n]+") do
    local trace, none, prior, saved, least, other = line:match(
      "^(%S+) +>?=?([%d.]+) %[[^%]]+%] +>?=?([%d.]+) %[[^%]]+%] +([%d.]+) +>?=?([%d.]+) "
      .. "%[[^%]]+%] +([%d.]+)  ")
    if trace then
      local best = math.huge
      tap.equal(#by[trace], 3 * seeds)
      for _, goals in ipairs(by[trace]) do best = math.min(best, table.unpack(goals)) end
      if known then
        for identity, entry in pairs(known) do
          if identity:find('"' .. trace .. ".trc", 1, true) then
            tap.equal(entry.designs, 166464)
            tap.ok(entry.best <= best)
            for _, goals in ipairs(bank[trace]) do
              tap.ok(entry.best <= math.min(table.unpack(goals)))
            end
            best = entry.best
          end
        end
      end
      local hits, medians = {}, {}
      for i = 1, 3 do
        hits[i] = hits_of(by[trace], (i - 1) * seeds, seeds, 1.01 * best, budget)
        medians[i] = gym.quantile(hits[i], .5)
      end
      for i, printed in ipairs { none, prior, least } do
        tap.near(tonumber(printed), medians[i], 1e-9)
      end
      tap.near(tonumber(saved), medians[2] / medians[1], .0051)
      tap.near(tonumber(other), medians[3] / medians[1], .0051)
      halved = halved + (2 * medians[2] <= medians[1] and 1 or 0)
      dear = dear + (medians[3] > 1.5 * medians[1] and 1 or 0)
      for k = 1, seeds do
        with[#with + 1], without[#without + 1] = math.log(hits[2][k]), math.log(hits[3][k])
      end
      lines = lines + 1
    end
  end
  local _, commas = traces:gsub(",", "")
  tap.equal(lines, commas + 1)
  tap.match(out, ("fewer on %d of %d traces;"):format(halved, lines))
  tap.match(out, ("1.5 times no prior on %d of %d"):format(dear, lines))
  local times, p = out:match("least similar: ([%d.]+) times the evaluations, p = (%S+)")
  tap.near(tonumber(times), math.exp(gym.mean(with) - gym.mean(without)), .0051)
  tap.near(tonumber(p) / gym.stats.signed_rank(with, without).p, 1, .06)
  tap.note("%s", out:match("verdict: (.*)$"))
  return halved, lines
end

tap.test("priors across traces, small", function()
  check_priors(60, 4, 200, 40, "seen", "bfs,chase,lua-sort,stream")
end)

-- Designs that are taken for the same in the exhaustive pass give the same bits.
tap.test("what has no effect in the exhaustive pass", function()
  local gym = require "gym"
  local env = gym.env("dram", { trace = source .. "/examples/traces/gzip.trc",
                                setup = "archgym", requests = 300 })
  local rng = gym.rng(5)
  for _ = 1, 150 do
    local a, b = env.space:sample(rng), {}
    if rng:int(0, 1) == 0 then a.RefreshPolicy = "NoRefresh" else a.Arbiter = "Simple" end
    for name, level in pairs(a) do b[name] = level end
    if a.RefreshPolicy == "NoRefresh" then b.RefreshMaxPostponed, b.RefreshMaxPulledin = 1, 1 end
    if a.Arbiter == "Simple" then b.MaxActiveTransactions = 1 end
    local x, y = env:evaluate(a).metrics, env:evaluate(b).metrics
    for name, value in pairs(x) do tap.equal(y[name], value, name) end
  end
end)

tap.test("priors across traces", function()
  if not os.getenv("GYM_LONG") then
    tap.skip("long; runs with GYM_LONG=1")
    return
  end
  local halved, all = check_priors(1000, 50, 1000, 1000, "all",
    "bfs,chase,gzip,lua-sort,matmul,spmv,sqlite,stencil,stream,update")
  tap.ok(2 * halved > all)
end)

-- ---- Cells that are trained -----------------------------------------------------------

-- What a table of cells costs here is a few seconds.
local quick = "train=96 validation=60 epochs=4 supernet_epochs=4 channels=4"

-- Rank correlation once more, by another formula: ranks by counting, then Pearson's.
local function spearman(a, b)
  local function ranks(v)
    local r = {}
    for i = 1, #v do
      r[i] = .5
      for j = 1, #v do r[i] = r[i] + (v[j] < v[i] and 1 or v[j] == v[i] and .5 or 0) end
    end
    return r
  end
  local x, y, n = ranks(a), ranks(b), #a
  local sx, sy, sxx, syy, sxy = 0, 0, 0, 0, 0
  for i = 1, n do
    sx, sy, sxy = sx + x[i], sy + y[i], sxy + x[i] * y[i]
    sxx, syy = sxx + x[i] ^ 2, syy + y[i] ^ 2
  end
  local d = (n * sxx - sx ^ 2) * (n * syy - sy ^ 2)
  return d > 0 and (n * sxy - sx * sy) / math.sqrt(d) or 0
end

-- The cells of a store: by design, then by fidelity and seed.
local function table_of_cells(path)
  local gym, cells, list = require "gym", {}, {}
  local store = gym.store(path)
  for _, study in ipairs(store:studies()) do
    local seed = study.identity:match('"evaluation_seed": (%d+)')
    for t in store:trials(study.study) do
      local key = ("%s%s%s%s%s%s"):format(t.edge_0_1, t.edge_0_2, t.edge_1_2, t.edge_0_3,
                                          t.edge_1_3, t.edge_2_3)
      if not cells[key] then
        cells[key] = {}
        list[#list + 1] = cells[key]
      end
      cells[key][t.fidelity .. seed] = t
    end
  end
  return list
end

local function check_findings(out, path, metric)
  local sign, lines = metric == "nll" and -1 or 1, 0
  local all, connected, top = table_of_cells(path), {}, {}
  local function truth(c) return sign * (c.full1[metric] + c.full2[metric]) / 2 end
  for i, c in ipairs(all) do
    if c.score1.connected == 1 then connected[#connected + 1] = c end
    top[i] = c
  end
  local values = {
    ["two trainings"] = function(c) return sign * c.full1[metric] end,
    shared = function(c) return sign * c.shared1[metric] end,
    short = function(c) return sign * c.short1[metric] end,
  }
  for _, name in ipairs { "params", "macs", "grad_norm", "snip", "synflow", "jacob_cov",
                          "grad_sign" } do
    values[name] = function(c) return c.score1[name] end
  end
  for what, n, rho, low, high in out:gmatch("\n  (%l[^\n]-) +(%d+) cells +(%S+) +"
                                            .. "%[([^,]+), ([^%]]+)%]") do
    local name, set = what:match("^([^,]+),? ?(.*)$")
    if set ~= "top tenth" then
      local list, a, b = set == "connected" and connected or all, {}, {}
      for i, c in ipairs(list) do
        a[i] = values[name](c)
        b[i] = name == "two trainings" and sign * c.full2[metric] or truth(c)
      end
      tap.equal(tonumber(n), #list, what)
      tap.near(tonumber(rho), spearman(a, b), 0.00051)
    end
    tap.ok(tonumber(low) <= tonumber(high), what)
    lines = lines + 1
  end
  tap.equal(lines, 2 + 2 + 2 + 14)
  local _, draws = out:gsub("\n  draw %d +[%d.-]+ +pretrained [%d.-]+", "")
  tap.equal(draws, 5)
  tap.note("%s: %s", metric, out:match("verdict: (.*)$"))
end

local function check_table(cells, options, budget)
  local path = ("%s/cells-%d.db"):format(folder, cells)
  local words = ("cell_table.lua %d '%s' %s"):format(cells, path, options)
  local out = example(words)
  tap.match(out, ("full    seed 2: %d cells"):format(cells))
  tap.equal(example(words), out)
  tap.equal(#table_of_cells(path), cells)
  for _, metric in ipairs { "accuracy", "nll" } do
    check_findings(example(("cell_findings.lua '%s' %s %d"):format(path, metric, budget)),
                   path, metric)
  end
end

tap.test("a table of cells and its findings, small", function()
  check_table(14, quick, 0)
end)

tap.test("a table of cells and its findings", function()
  if not os.getenv("GYM_LONG") then
    tap.skip("long; runs with GYM_LONG=1")
    return
  end
  check_table(1000, "", 60)
end)

tap.test("cells for two accelerators, small", function()
  local out = example("cell_hardware.lua 12 '" .. folder .. "/hardware.db' " .. quick)
  tap.match(out, "== edge: .*== eyeriss: .*verdict: of all cells .* the fronts are ")
end)

tap.done()
