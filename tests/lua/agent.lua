local tap = require "tap"
local gym = require "gym"

tap.test("ask and tell by hand", function()
  local env = gym.env("toy")
  local agent = gym.agent("ga", { env = env, objective = { minimize = "energy" },
                                  options = { population = 8 }, seed = 3, budget = 100 })
  tap.equal(agent.id, "ga-v1")
  tap.match(agent.identity, '"population": ?8')
  local first, best = nil, math.huge
  for _ = 1, 20 do
    local asks = agent:ask(4)
    tap.ok(#asks >= 1 and #asks <= 4)
    tap.equal(agent.outstanding, #asks)
    for _, ask in ipairs(asks) do
      tap.equal(ask.fidelity, "full")
      local outcome = env:evaluate(ask.design, { fidelity = ask.fidelity, repair = true })
      ask.status, ask.metrics = outcome.status, outcome.metrics
      local energy = outcome.metrics.energy or math.huge
      first, best = first or energy, math.min(best, energy)
    end
    agent:tell(asks)
    tap.equal(agent.outstanding, 0)
  end
  tap.ok(best < first)
end)

tap.test("results said outright, one at a time", function()
  local env = gym.env("toy")
  local agent = gym.agent("random", { env = env, objective = "energy; delay<=10" })
  local ask = agent:ask()[1]
  agent:tell { ticket = ask.ticket, objective = 3, violations = { 0 } }
  ask = agent:ask(1)[1]
  agent:tell { { ticket = ask.ticket, objectives = { 3 }, violations = { 0.5 } } }
  ask = agent:ask(1)[1]
  agent:tell { ticket = ask.ticket, status = "failed" }
  tap.raises(function() agent:tell { ticket = ask.ticket, status = "failed" } end,
             "not outstanding")
end)

tap.test("the same seed asks the same", function()
  local env = gym.env("toy")
  local function asked(seed)
    local agent = gym.agent("random", { env = env, objective = "energy", seed = seed })
    local list = {}
    for i, ask in ipairs(agent:ask(10)) do list[i] = env.space:hash(ask.design) end
    return table.concat(list, " ")
  end
  tap.equal(asked(1), asked(1))
  tap.ok(asked(1) ~= asked(2))
end)

tap.test("an agent keeps its env alive", function()
  local env = gym.env("toy")
  local agent = gym.agent("random", { env = env, objective = "energy" })
  env:close()
  env = nil
  collectgarbage()
  local ask = agent:ask(1)[1]
  agent:tell { ticket = ask.ticket, objective = 1 }
  agent:close()
  agent:close()
  tap.raises(function() agent:ask(1) end, "closed")
end)

tap.test("wrong arguments", function()
  local env = gym.env("toy")
  local line = tap.line() + 1
  tap.raises(function() gym.agent("gaa", { env = env, objective = "energy" }) end,
             "agent.lua:" .. line, "gaa", "ga%-v1")
  tap.raises(function() gym.agent("ga", { objective = "energy" }) end, '"env" is missing')
  tap.raises(function() gym.agent("ga", { env = env, objective = "energy", sed = 1 }) end,
             'unknown key "sed"', '"seed"')
  tap.raises(function() gym.agent("ga", { env = 3, objective = "energy" }) end,
             "env: gym.env was expected, not 3")
  tap.raises(function()
    gym.agent("ga", { env = env, objective = "energy", options = { populaton = 3 } })
  end, "populaton", "population")
  tap.raises(function()
    gym.agent("ga", { env = env, objective = "energy", budget = -1 })
  end, "budget")
  local agent = gym.agent("random", { env = env, objective = "energy" })
  tap.raises(function() agent:ask(0) end, "1 to 1000000")
  tap.raises(function() agent:ask("x") end, '"x"')
  tap.raises(function() agent:tell(3) end, "a list was expected")
  tap.raises(function() agent:tell { { status = "ok" } } end, "no ticket")
  local ask = agent:ask(1)[1]
  tap.raises(function() agent:tell { ticket = ask.ticket } end, "result 1")
  tap.raises(function() agent:tell { ticket = ask.ticket, status = "good" } end, "good")
  tap.raises(function() agent:tell { ticket = ask.ticket, tatus = "ok" } end, "tatus",
             "status")
end)

tap.done()
