-- operator_table.lua - what every operator of a network search costs on an accelerator.
--
--   gym run examples/operator_table.lua [design] [CSV file]
--
-- The operators are the inverted bottlenecks of a MobileNet-like search: kernels of 3, 5
-- and 7, expansions of 3 and 6, at the seven stages of MobileNetV2. Each is a file of
-- three layers for the env `accel`, mapped and counted on one design ("NUM_PEs=168,..." as
-- for `gym eval`; what is not named takes its default). The table, latency in us and
-- energy in uJ, is what a search over networks adds up; how far such sums are from whole
-- networks is measured at the end.
local gym = require "gym"

local text, path = arg and arg[1] or "", arg and arg[2]

-- {side of the input, channels in, channels out, stride}
local stages = { { 112, 16, 24, 2 }, { 56, 24, 32, 2 }, { 28, 32, 64, 2 }, { 14, 64, 96, 1 },
                 { 14, 96, 160, 2 }, { 7, 160, 320, 1 } }

local function layers(stage, kernel, expansion)
  local side, from, to, stride = table.unpack(stages[stage])
  local wide = from * expansion
  return ([[
conv expand%d in %d channels %d maps %d filter 1
depthwise dw%d in %d channels %d filter %d stride %d pad %d
conv project%d in %d channels %d maps %d filter 1
]]):format(stage, side, from, wide, stage, side, wide, kernel, stride, kernel // 2, stage,
           side // stride, wide, to)
end

-- Cost of layers given as text: {latency, energy}.
local function cost(lines)
  local name = os.tmpname()
  local file <close> = assert(io.open(name, "w"))
  file:write(lines)
  file:flush()
  local env = gym.env("accel", { workload = name, mapper_budget = 500 })
  local outcome = env:evaluate(env.space:parse(text))
  os.remove(name)
  assert(outcome.status == "ok", outcome.note)
  return outcome.metrics
end

local rows, kinds = {}, {}
local out = path and assert(io.open(path, "w")) or io.stdout
out:write("stage,kernel,expansion,latency,energy\n")
for stage = 1, #stages do
  for _, kernel in ipairs { 3, 5, 7 } do
    for _, expansion in ipairs { 3, 6 } do
      local m = cost(layers(stage, kernel, expansion))
      rows[stage .. "," .. kernel .. "," .. expansion] = m
      out:write(("%d,%d,%d,%.6g,%.6g\n"):format(stage, kernel, expansion, m.latency,
                                               m.energy))
    end
  end
end
if path then out:close() end

-- Whole networks, an operator a stage, beside the sums of their rows.
local rng, worst = gym.rng(1), 0
for _ = 1, 5 do
  local lines, latency, energy = "", 0, 0
  for stage = 1, #stages do
    local kernel, expansion = 3 + 2 * rng:int(0, 2), 3 * rng:int(1, 2)
    local row = rows[stage .. "," .. kernel .. "," .. expansion]
    lines = lines .. layers(stage, kernel, expansion)
    latency, energy = latency + row.latency, energy + row.energy
  end
  local whole = cost(lines)
  worst = math.max(worst, math.abs(latency / whole.latency - 1),
                   math.abs(energy / whole.energy - 1))
end
print(("five networks, sums of rows beside wholes: at most %.2g %% off"):format(100 * worst))
