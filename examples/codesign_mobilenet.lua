-- codesign_mobilenet.lua - which accelerator for MobileNetV2, and which agent finds it?
--
--   gym run examples/codesign_mobilenet.lua [evaluations a run] [store file]
--
-- Five agents look for accelerators of at most 3 mm2 that are fast and frugal at once: two
-- goals and a budget of area over the 2.15e18 designs of the env `accel`, where every
-- layer is mapped by the simulator's own mapper. Shown are the agents' fronts, as sizes
-- and as shares of the volume that all runs dominate together, and then the joint front.
local gym = require "gym"

local budget = tonumber(arg and arg[1]) or 150
local store = arg and arg[2] or "codesign.db"

-- A small budget of the mapper: a design then takes about 10 ms. What is found is worth a
-- second look with more, which `gym eval -o mapper_budget=20000` does.
local study = gym.study {
  env = gym.env("accel", { workload = "mobilenet_v2", mapper_budget = 400 }),
  objective = { minimize = { "latency", "energy" }, at_most = { area = "3mm2" } },
  budget = budget,
  seeds = { 1, 2, 3 },
  store = store,
}
study:add("random")
study:add("sobol")
study:add("nsga2", { population = 24 })
study:add("age-moea", { population = 24 })
study:add("bo")

local done, why = study:run()
if not done then
  io.stderr:write("stopped (", why, "); start it again to go on\n")
  os.exit(1)
end
print(study:table())

print("latency ms  energy mJ  area mm2  elements  global buffer  found by")
local front = study:front()
table.sort(front, function(a, b) return a.metrics.latency < b.metrics.latency end)
for _, point in ipairs(front) do
  local m, d = point.metrics, point.design
  print(("%10.2f %10.2f %9.2f %9d %10d KiB  %s"):format(
    m.latency / 1000, m.energy / 1000, m.area, d.NUM_PEs,
    tonumber(d.SHARED_GLB_memory_depth) * 8 // 1024, point.agent))
end
