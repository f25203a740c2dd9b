-- Lifetimes under every mode of the collector, and many opens and closes.
local tap = require "tap"
local gym = require "gym"

local noisy = gym.environment {
  id = "chaff-v1", doc = "Makes a lot of garbage.", metrics = { "height" },
  space = { { name = "x", low = 0, high = 1000 },
            { name = "mode", levels = { "a", "b" } } },
  open = function(self) self.kept = {} end,
  evaluate = function(self, d, ctx)
    for i = 1, 5 do self.kept[i] = { d, tostring(ctx.rng:real()) } end
    if d.x % 11 == 0 then error { "no text" } end
    return { height = d.x }
  end,
}
local walker = gym.agent_class {
  id = "walker-v1", doc = "Random.",
  ask = function(self) return self.problem.space:sample(self.rng) end,
  tell = function(self, results) self.last = results end,
}

local function work()
  local env = gym.env(noisy)
  local s = gym.study { env = env, objective = "min(height)", budget = 30,
                        on_trial = function(t) return t.number >= 0 end }
  s:add(walker):add("ga", { population = 8 })
  env = nil
  s:run()
  s:table()
  s:front()
  gym.json.decode(gym.json.encode(s:results().agents[1].best))
  local agent = gym.agent(walker, { env = gym.env(noisy), objective = "min(height)" })
  local ask = agent:ask(1)[1]
  agent:tell { ticket = ask.ticket, objective = 1 }
  local o = gym.objective("min(height)", gym.env(noisy))
  o:evaluate { height = 3 }
end

for _, mode in ipairs {
  { "incremental", 100, 1000, 2 }, { "incremental", 1, 1, 1 }, { "generational", 5, 5 },
} do
  tap.test(table.concat(mode, " "), function()
    collectgarbage(table.unpack(mode))
    for _ = 1, 20 do work() end
    collectgarbage("incremental", 200, 100, 13)
  end)
end

tap.test("a full collection at every callback", function()
  local env = gym.env(noisy)
  local s = gym.study { env = env, objective = "min(height)", budget = 20,
                        on_trial = function() collectgarbage() end }
  s:add(walker)
  env = nil
  s:run()
end)

tap.test("1,000 opens and closes of everything", function()
  collectgarbage()
  collectgarbage()
  local before
  for i = 1, 1000 do
    local env = gym.env(i % 2 == 0 and "toy" or noisy)
    local space = env.space
    local metric = i % 2 == 0 and "energy" or "min(height)"
    local id = i % 3 == 0 and "ga" or walker
    local agent = gym.agent(id, { env = env, objective = metric })
    local study = gym.study { env = env, objective = metric }
    space:sample(i)
    if i % 4 == 0 then
      env:close()
      study:close()
      agent:close()
      space:close()
    end
    if i == 100 then
      collectgarbage()
      collectgarbage()
      before = collectgarbage("count")
    end
  end
  collectgarbage()
  collectgarbage()
  tap.ok(collectgarbage("count") < before + 200, "Lua's memory grows")
end)

tap.test("closed handles in any order", function()
  for i = 1, 200 do
    local env = gym.env("toy")
    local list = { env, gym.study { env = env, objective = "energy" },
                   gym.agent("random", { env = env, objective = "energy" }), env.space,
                   gym.objective("energy", env) }
    gym.rng(i):shuffle(list)
    for _, handle in ipairs(list) do handle:close() end
  end
end)

tap.done()
