-- Models of a memory controller, learnt from the logs of searches: how good they are, how
-- fast, and what a search on them is worth.
--
--   gym run examples/proxy_dram.lua [designs [trace]]
--
-- 1. logs: four agents, 2,000 designs in all (or as many as are asked for)
-- 2. models of total_time, power and energy, by folds; the learning curve of the best
-- 3. a search on the model, its best designs measured
-- 4. as many real evaluations twice: by an agent alone, and assisted by models
local gym = require "gym"

local designs = math.tointeger(tonumber(arg[1])) or 2000
local here = arg[0]:match("^(.*)/[^/]*$") or "."
local trace = arg[2] or here .. "/traces/lua-sort.trc"
local folder = os.tmpname()
os.remove(folder)
os.execute("mkdir '" .. folder .. "'")

local env = gym.env("dram", { trace = trace, setup = "archgym" })
local metrics = { "total_time", "power", "energy" }
local models = { "ridge", "forest", "gbdt" }
local store = folder .. "/runs.db"

print(("1. %d designs from four agents"):format(designs))
local study = gym.study { env = env, objective = "energy", budget = designs / 4,
                          store = store, progress = false }
for _, agent in ipairs { "random", "ga", "aco", "sa" } do study:add(agent) end
study:run()

print("\n2. relative RMSE by 5 folds, %")
print(("%-8s %12s %12s %12s %10s"):format("model", metrics[1], metrics[2], metrics[3],
                                         "tau energy"))
local best, least
for _, model in ipairs(models) do
  local s = gym.proxy_eval { store, model = model, metrics = metrics, folds = 5 }
  local e = 100 * s.energy.relative_rmse
  print(("%-8s %12.4g %12.4g %12.4g %10.4f"):format(model,
    100 * s.total_time.relative_rmse, 100 * s.power.relative_rmse, e,
    s.energy.kendall or 0 / 0))
  if not least or e < least then best, least = model, e end
end

local sizes = {}
for n = designs // 16, designs // 2, designs // 16 do
  if n == designs // 16 or n == 2 * sizes[#sizes] then sizes[#sizes + 1] = n end
end
print(("\nlearning curve of %s, relative RMSE in %%"):format(best))
for _, point in ipairs(gym.proxy_eval { store, model = best, metrics = metrics,
                                        curve = sizes }) do
  print(("%8d %12.4g %12.4g %12.4g"):format(point.designs,
    100 * point.scores.total_time.relative_rmse, 100 * point.scores.power.relative_rmse,
    100 * point.scores.energy.relative_rmse))
end

local proxy = gym.proxy { store, model = best, metrics = metrics }
local path = folder .. "/dram.proxy"
proxy:save(path)
local speed = proxy:speed(env)
print(("\na prediction takes %.3g us, %.3g us in a batch; an evaluation %.4g us"):format(
  1e6 * speed.single, 1e6 * speed.batched, 1e6 * speed.evaluation))

print("\n3. a search on the model")
local search = gym.study { env = gym.env("proxy", { model = path }), objective = "energy",
                           budget = 5000, store = folder .. "/found.db", progress = false }
search:add("ga"):run()
io.write(search:verify { n = 10, env = env, progress = false }.text)

print("\n4. real evaluations to come within 0.1 % of the best known energy, of 200; five seeds")
local plain = gym.study { env = env, objective = "energy", budget = 200, seeds = "1..5",
                          progress = false }
plain:add("ga"):run()
local assisted, known = {}, math.huge
for seed = 1, 5 do
  local rounds = ("%s/rounds-%d"):format(folder, seed)
  os.execute("mkdir '" .. rounds .. "'")
  assisted[seed] = gym.assisted { env = env, objective = "energy", budget = 200,
                                  seed = seed, folder = rounds, model = best,
                                  metrics = "energy" }
  known = math.min(known, assisted[seed].best.goal, plain:runs()[seed].best.goals[1])
end
for seed = 1, 5 do
  local function hit(curve)
    for i, value in ipairs(curve) do
      if value <= known * 1.001 then return i end
    end
    return "never"
  end
  print(("  seed %d: ga alone %s (%.6g nJ in the end), assisted %s (%.6g nJ)"):format(seed,
    hit(plain:curve(seed)), plain:runs()[seed].best.goals[1], hit(assisted[seed].curve),
    assisted[seed].best.goal))
end
os.execute("rm -r '" .. folder .. "'")
