-- Is a search that trains models as it goes worth it? gym.assisted against an agent alone,
-- at equal numbers of real evaluations, on spaces where there is something to be learnt and
-- on one (dram) where much of it is flat.
--
--   gym run examples/assisted_search.lua [seeds [evaluations [problem ...]]]
--
-- Prints medians over seeds (and quartiles) of the best value after a quarter, half and all
-- of the evaluations, and how often each was ahead in the end, seed by seed.
--
-- As measured (20 seeds, 200 evaluations, medians after 100 and after 200):
--   problem      ga alone               assisted               assisted ahead, behind
--   dram         5.5891e11  5.5891e11   5.5895e11  5.5895e11    2   8
--   dram-full    1.6573e11  1.6469e11   1.6500e11  1.6469e11   12   6
--   systolic     1.975e7    1.730e7     1.792e7    1.660e7     14   6
--   accel        3.467e8    3.103e8     2.899e8    2.775e8     18   2
-- On dram the good designs are within 0.01 % of each other, far less than a model of it errs:
-- there it is no help. Rounds of 20 designs that were all the best of the model's mean, as
-- gym.assisted once had them, were behind ga on systolic too: small rounds, designs that
-- the model can tell apart, a share of random ones, starts from the best that was measured
-- and an early first model made the difference.
local gym = require "gym"

local seeds = math.tointeger(tonumber(arg[1])) or 20
local budget = math.tointeger(tonumber(arg[2])) or 200
local here = arg[0]:match("^(.*)/[^/]*$") or "."
local trace = here .. "/traces/lua-sort.trc"
local edp = "product(energy^1,total_time^1)"

local problems = {
  { "dram", edp, function() return gym.env("dram", { trace = trace, setup = "archgym" }) end },
  { "dram-full", edp, function() return gym.env("dram-full", { trace = trace }) end },
  { "systolic", "product(energy^1,latency^1)",
    function() return gym.env("systolic", { workload = "mobilenet_v2" }) end },
  { "accel", "edp", function() return gym.env("accel", { workload = "alexnet" }) end },
}
local wanted = {}
for i = 3, #arg do wanted[arg[i]] = true end

local folder = os.tmpname()
os.remove(folder)

local function alone(env, objective)
  local study = gym.study { env = env, objective = objective, budget = budget,
                            seeds = "1.." .. seeds, progress = false }
  study:add("ga"):run()
  local curves = {}
  for i = 1, seeds do curves[i] = study:curve(i) end
  return curves
end

local function assisted(env, objective)
  local curves = {}
  for seed = 1, seeds do
    os.execute("mkdir '" .. folder .. "'")
    curves[seed] = gym.assisted { env = env, objective = objective, budget = budget,
                                  seed = seed, folder = folder, progress = false }.curve
    os.execute("rm -r '" .. folder .. "'")
  end
  return curves
end

local function at(curves, n)
  local list = {}
  for i, curve in ipairs(curves) do list[i] = curve[math.min(n, #curve)] end
  return list
end

local function show(name, curves)
  io.write(("  %-9s"):format(name))
  for _, n in ipairs { budget // 4, budget // 2, budget } do
    local list = at(curves, n)
    io.write(("  @%d %.5g (%.5g, %.5g)"):format(n, gym.quantile(list, 0.5),
      gym.quantile(list, 0.25), gym.quantile(list, 0.75)))
  end
  io.write("\n")
end

for _, p in ipairs(problems) do
  local name, objective, open = table.unpack(p)
  if not next(wanted) or wanted[name] then
    local env = open()
    print(("%s: %s, %d seeds"):format(name, objective, seeds))
    local a, b = alone(env, objective), assisted(env, objective)
    show("ga alone", a)
    show("assisted", b)
    local ahead, behind, x, y = 0, 0, at(a, budget), at(b, budget)
    for i = 1, seeds do
      ahead = ahead + (y[i] < x[i] and 1 or 0)
      behind = behind + (x[i] < y[i] and 1 or 0)
    end
    print(("  in the end assisted is ahead in %d, behind in %d, equal in %d"):format(ahead,
      behind, seeds - ahead - behind))
    io.flush()
  end
end
