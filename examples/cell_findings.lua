-- cell_findings.lua - what a table of trained cells says about searching for them.
--
--   gym run examples/cell_findings.lua [store] [metric] [evaluations] [search store]
--
-- Reads what cell_table.lua stored and prints, with intervals, whichever way it comes out:
--   1 how strong random cells are (Li and Talwalkar, UAI 2019; Yang et al., ICLR 2020), and
--     how much better than the mean cell every agent gets in so many evaluations (0: none);
--   2 the noise floor: how far two trainings of one cell agree;
--   3 shared against stand-alone weights (Yu et al., ICLR 2020), with and without cells that
--     are disconnected;
--   4 short against full training, overall and in the top tenth;
--   5 zero-cost scores beside the parameter count (Abdelfattah et al., ICLR 2021; White et
--     al., 2022), on all and on connected cells;
--   6 a model of 50 labelled cells, and the same one pretrained on what is known of all
--     cells for nothing (Dai et al., "FBNetV3", CVPR 2021), each on a fifth set aside.
-- `metric` is accuracy, or nll, which has no ties. Numbers are Spearman's rank correlations
-- with bootstrap intervals of 95 %; comparisons are with the mean of both full trainings.
local gym = require "gym"

local path = arg and arg[1] or "cells.db"
local metric = arg and arg[2] or "accuracy"
local budget = tonumber(arg and arg[3]) or 60
local search_store = arg and arg[4]
local sign = metric == "accuracy" and 1 or -1
local resamples = 1000

-- ---- The table ---------------------------------------------------------------------------

local edges = { "edge_0_1", "edge_0_2", "edge_1_2", "edge_0_3", "edge_1_3", "edge_2_3" }
local cells, by, identity = {}, {}, nil
local store = gym.store(path)
for _, study in ipairs(store:studies()) do
  if study.env == "cell-v1" then
    local seed = gym.json.decode(study.identity).evaluation_seed
    identity = identity or study.env_identity
    if study.env_identity ~= identity then
      error(path .. ": studies of more than one setting of the env; give each its store", 0)
    end
    for t in store:trials(study.study) do
      local words = {}
      for i, edge in ipairs(edges) do words[i] = t[edge] end
      local name = table.concat(words, " ")
      if t.status == "ok" then
        if not by[name] then
          by[name] = { connected = t.connected == 1 }
          cells[#cells + 1] = by[name]
        end
        by[name][t.fidelity .. (t.fidelity == "full" and seed or "")] = t
      end
    end
  end
end

-- Only cells of which everything is known.
local known = {}
for _, c in ipairs(cells) do
  if c.full1 and c.full2 and c.short and c.shared and c.score then known[#known + 1] = c end
end
cells = known
if #cells < 10 then error(path .. ": fewer than 10 cells with all that is needed", 0) end

-- ---- Rank correlation --------------------------------------------------------------------

-- Ties share the mean of their ranks.
local function ranks(values)
  local order, rank = {}, {}
  for i = 1, #values do order[i] = i end
  table.sort(order, function(a, b)
    if values[a] ~= values[b] then return values[a] < values[b] end
    return a < b
  end)
  local i = 1
  while i <= #order do
    local j = i
    while j < #order and values[order[j + 1]] == values[order[i]] do j = j + 1 end
    for k = i, j do rank[order[k]] = (i + j) / 2 end
    i = j + 1
  end
  return rank
end

local function spearman(a, b)
  local x, y = ranks(a), ranks(b)
  local middle, xy, xx, yy = (#a + 1) / 2, 0, 0, 0
  for i = 1, #a do
    local u, v = x[i] - middle, y[i] - middle
    xy, xx, yy = xy + u * v, xx + u * u, yy + v * v
  end
  return xx > 0 and yy > 0 and xy / math.sqrt(xx * yy) or 0
end

-- Value and percentile interval over resampled cells.
local function correlate(a, b)
  local rng, values = gym.rng(1), {}
  for r = 1, resamples do
    local x, y = {}, {}
    for i = 1, #a do
      local k = rng:int(1, #a)
      x[i], y[i] = a[k], b[k]
    end
    values[r] = spearman(x, y)
  end
  return spearman(a, b), gym.quantile(values, .025), gym.quantile(values, .975)
end

local function pick(list, value)
  local result = {}
  for i, c in ipairs(list) do result[i] = value(c) end
  return result
end

local function line(name, list, value, other)
  local rho, low, high = correlate(pick(list, value), pick(list, other))
  print(("  %-34s %6d cells  %6.3f  [%.3f, %.3f]"):format(name, #list, rho, low, high))
  return rho
end

local function truth(c) return sign * (c.full1[metric] + c.full2[metric]) / 2 end
local function of(fidelity, name, direction)
  return function(c) return (direction or sign) * c[fidelity][name or metric] end
end

local connected = {}
for _, c in ipairs(cells) do if c.connected then connected[#connected + 1] = c end end
local sorted = { table.unpack(cells) }
table.sort(sorted, function(a, b) return truth(a) > truth(b) end)
local top = { table.unpack(sorted, 1, math.max(10, #sorted // 10)) }

-- ---- Findings ----------------------------------------------------------------------------

print(("%d cells, %d of them connected; %s"):format(#cells, #connected, metric))
local accuracies = pick(cells, function(c) return (c.full1.accuracy + c.full2.accuracy) / 2 end)
local mean, best = gym.mean(accuracies), gym.quantile(accuracies, 1)

-- The best of n cells drawn at random, on average over all ways to draw them.
local function best_of(n)
  local values, rng = {}, gym.rng(1)
  for r = 1, resamples do
    local most = -math.huge
    for _ = 1, n do most = math.max(most, accuracies[rng:int(1, #accuracies)]) end
    values[r] = most
  end
  return gym.mean(values)
end

print "1 random cells"
print(("  accuracy: mean %.4f, median %.4f, best %.4f"):format(mean,
      gym.quantile(accuracies, .5), best))
for _, n in ipairs { 1, 10, 100 } do
  local value = best_of(n)
  print(("  best of %-3d  %.4f, %+.2f %% on the mean cell"):format(n, value,
        100 * (value / mean - 1)))
end

-- Every agent's relative improvement, (best - mean) / mean.
local function search()
  local env = gym.json.decode(identity)
  local options = {}
  for name, value in pairs(env.options) do
    if value ~= gym.json.null then options[name] = value end
  end
  local study = gym.study { env = gym.env(env.id, options), seeds = { 1, 2, 3 },
                            objective = { maximize = "accuracy" }, budget = budget,
                            store = search_store }
  for _, agent in ipairs { "random", "regevo", "ga", "hill", "bo" } do study:add(agent) end
  local done, why = study:run()
  if not done then error("stopped (" .. why .. "); start it again to go on", 0) end
  print(("  searches of %d trainings, 3 seeds:"):format(budget))
  for _, agent in ipairs { "random", "regevo", "ga", "hill", "bo" } do
    local values = {}
    for _, run in ipairs(study:runs()) do
      if run.agent:match("^(.-)%-v%d") == agent or run.agent == agent then
        values[#values + 1] = run.best.metrics.accuracy
      end
    end
    print(("  %-10s best %.4f, relative improvement %+.2f %%"):format(agent,
          gym.mean(values), 100 * (gym.mean(values) / mean - 1)))
  end
end
if budget > 0 then search() end

-- Not within the top tenth: chosen by the mean of both trainings, its cells are those where
-- either was lucky, and the two would seem to contradict each other.
print "2 noise floor"
local floor = line("two trainings", cells, of("full1"), of("full2"))
line("two trainings, connected", connected, of("full1"), of("full2"))

print "3 shared weights"
local shared = line("shared, all", cells, of("shared"), truth)
local shared_connected = line("shared, connected", connected, of("shared"), truth)

print "4 short training"
local short = line("short, all", cells, of("short"), truth)
local short_top = line("short, top tenth", top, of("short"), truth)

print "5 zero-cost scores"
local scores = { "params", "macs", "grad_norm", "snip", "synflow", "jacob_cov", "grad_sign" }
local result = {}
for _, set in ipairs { { "all", cells }, { "connected", connected } } do
  for _, name in ipairs(scores) do
    local rho = line(name .. ", " .. set[1], set[2], of("score", name, 1), truth)
    if set[1] == "connected" then result[name] = rho end
  end
end

-- Each draw sets other cells aside and labels others; there are 5, or a glimpse of few cells.
local few = math.min(50, #cells // 2)
print(("6 a model of %d labelled cells"):format(few))
local draws, ahead, without, with = 5, 0, 0, 0
for seed = 1, draws do
  local function ranks_by(hints)
    return gym.proxy_eval { path, env = "cell", fidelity = "full", model = "mlp",
                            metrics = metric, curve = { few }, pretrain = hints,
                            transform = "auto", seed = seed }[1].scores[metric].spearman or 0
  end
  local plain, taught = ranks_by(nil), ranks_by(scores)
  print(("  draw %d                      %.3f   pretrained %.3f"):format(seed, plain, taught))
  without, with = without + plain / draws, with + taught / draws
  if taught > plain then ahead = ahead + 1 end
end

local better = {}
for _, name in ipairs(scores) do
  if name ~= "params" and result[name] > result.params then better[#better + 1] = name end
end
print(("verdict: noise floor %.2f (published: about 0.9);"):format(floor))
print(("         shared weights %.2f, connected %.2f (at least 0.55: %s);"):format(shared,
      shared_connected, shared >= .55 and "yes" or "no"))
print(("         short training %.2f, in the top tenth %.2f;"):format(short, short_top))
print(("         better than the parameter count on connected cells: %s;"):format(
      #better > 0 and table.concat(better, ", ") or "none"))
print(("         a model of %d cells %.2f, pretrained %.2f: better in %d of %d draws"):format(
      few, without, with, ahead, draws))
