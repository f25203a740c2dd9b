-- env_in_lua.lua - an environment of one's own: what to design, and how good it is.
--
--   gym run examples/env_in_lua.lua
--
-- A matrix product C = A * B on an accelerator with a small on-chip buffer: how large
-- should the tiles be, and which matrix should stay in the buffer? The model is the usual
-- back-of-an-envelope count of bytes that cross the border of the chip.
local gym = require "gym"

-- Energy of moving a byte, in pJ: off the chip, and from a buffer on it (M. Horowitz,
-- "Computing's Energy Problem", ISSCC 2014: 1.3 nJ and about 20 pJ for 64 bits).
local off_chip, on_chip = 160, 2.5

local sizes = { 8, 16, 32, 64, 128, 256 }

-- `gym.environment` checks all this, and from then on "tiling" is an env like any other.
-- To use it from the command line (gym info, gym eval, gym search), put it in a file of
-- its own that ends with `return tiling`, in a folder of GYM_PLUGIN_PATH.
local tiling = gym.environment {
  id = "tiling-v1", -- a name and a version: change the version when results change
  doc = "Tiles of a matrix product, 16-bit numbers, one level of buffer.",

  -- What a user may set when the env is opened. The type follows from the default.
  options = {
    { name = "size", default = 512, low = 1, high = 65536, doc = "Of the matrices." },
    { name = "buffer", default = 128, low = 1, high = 65536, unit = "KiB",
      doc = "Size of the buffer." },
  },

  -- A design has a value for each of these. With levels: categorical, or ordinal when
  -- they have an order; with low and high: integer or real. `parent` and `when` make one
  -- that takes part only under others.
  space = {
    { name = "TileM", kind = "ordinal", levels = sizes, default = 32, doc = "Rows." },
    { name = "TileN", kind = "ordinal", levels = sizes, default = 32, doc = "Columns." },
    { name = "TileK", kind = "ordinal", levels = sizes, default = 32, doc = "Depth." },
    { name = "Stationary", levels = { "A", "B", "C" }, default = "C",
      doc = "The matrix whose tile stays in the buffer longest." },
    { name = "Buffers", levels = { "single", "double" },
      doc = "Double buffers hide the time of transfers and need twice the room." },
  },

  -- What is measured, with units; `sense` is the direction most people want.
  metrics = {
    { name = "traffic", unit = "B", sense = "minimise", doc = "On and off the chip." },
    { name = "energy", unit = "nJ", sense = "minimise", doc = "Of moving data." },
    { name = "time", unit = "us", sense = "minimise",
      doc = "At 1 GHz, 1,024 products a cycle and 32 bytes a cycle." },
  },

  -- One design: a table of metrics, or nil, a status and the reason. An error fails this
  -- one trial, with the message as its note. ctx.rng is there for what is random.
  evaluate = function(self, design, ctx)
    local n, word = self.options.size, 2
    -- Levels are texts, as they are in files; tonumber makes numbers of them.
    local m, k = tonumber(design.TileM), tonumber(design.TileK)
    local p = tonumber(design.TileN)
    local copies = design.Buffers == "double" and 2 or 1
    local room = copies * word * (m * k + k * p + m * p)
    if room > 1024 * self.options.buffer then
      return nil, "infeasible", ("tiles need %d bytes"):format(room)
    end
    -- How often each matrix is read: once for each tile of the loop it does not have; C
    -- is written and read again for every slice of the depth unless it stays.
    local a = design.Stationary == "A" and 1 or math.ceil(n / p)
    local b = design.Stationary == "B" and 1 or math.ceil(n / m)
    local c = design.Stationary == "C" and 1 or 2 * math.ceil(n / k) - 1
    local traffic = word * n * n * (a + b + c)
    local compute, transfer = n ^ 3 / 1024, traffic / 32
    local cycles = copies == 2 and math.max(compute, transfer) or compute + transfer
    return {
      traffic = traffic,
      energy = (traffic * off_chip + 3 * word * n ^ 3 / 16 * on_chip) / 1000,
      time = cycles / 1000,
    }
  end,
}

local env = gym.env(tiling, { buffer = 96 })

-- By hand.
local outcome = env:evaluate { TileM = 64, TileN = 64, Stationary = "C" }
print("64 x 64 tiles:", gym.json.encode(outcome.metrics))
print("too large:", env:evaluate({ TileM = 256, TileN = 256 }).note)

-- Or searched.
local study = gym.study {
  env = env,
  objective = { minimize = "energy", at_most = { time = "0.2ms" } },
  budget = 100,
  seeds = "1..5",
  target = { within = 0.01 },
}
study:add("random")
study:add("ga", { population = 16 })
study:run()
print()
print(study:table())
print("best:", env.space:format(study:best().design))
