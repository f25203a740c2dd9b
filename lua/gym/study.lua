-- gym.study{...} and what a study does; the loop itself is libgym's.
local gym, core = ...

local Study = core.methods("gym.study")

-- gym.study{
--   env = gym.env(...),         what to search
--   objective = text or table,  see gym/objective.lua
--   budget = 100,               evaluations per run
--   seeds = {1, 2, 3},          or "1..5", or one integer
--   store = "runs.db",          keep every trial; the same study run again continues
--   seed = 0, evaluation_seed = 0, in_flight = q, fidelity = name, reject = false,
--   durability = "process" or "power", max_attempts = 3,
--   jobs = N,                   evaluate in N processes of this machine
--   isolate = "limits", "strict" or "none", timeout = seconds, memory = bytes,
--                               what a trial may take, in a process of its own
--   workers = { bind = "tcp://127.0.0.1:5555", keys = folder, lease = seconds,
--               batch = trials a message, mixed = false },   let workers join
--   async = false,              tell results as they come
--   progress = true, false or function(progress),
--   on_trial = function(trial) ... end,   return false to stop
--   target = number, quantity or { within = share },  for evaluations to a target
--   baseline = number of random designs to compare with }
function gym.study(t)
  core.check("gym.study", t, {
    env = "gym.env!", objective = "string|table!", budget = "number",
    seeds = "table|string|number", store = "string", seed = "number",
    evaluation_seed = "number", in_flight = "number", fidelity = "string",
    reject = "boolean", durability = "string", max_attempts = "number",
    progress = "boolean|function", on_trial = "function",
    target = "number|string|table", baseline = "number",
    jobs = "number", isolate = "string", timeout = "number", memory = "number",
    workers = "table", async = "boolean",
  })
  if t.workers then
    core.check("gym.study: workers", t.workers, {
      bind = "string!", keys = "string", lease = "number", batch = "number",
      mixed = "boolean",
    })
  end
  local data = { env = t.env, progress = t.progress == nil or t.progress,
                 on_trial = t.on_trial, target = t.target, baseline = t.baseline }
  local study = core.study(t.env, core.objective_text(t.objective), {
    budget = t.budget, seeds = t.seeds, store = t.store, seed = t.seed,
    evaluation_seed = t.evaluation_seed, in_flight = t.in_flight, fidelity = t.fidelity,
    reject = t.reject, durability = t.durability, max_attempts = t.max_attempts,
    jobs = t.jobs, isolate = t.isolate, timeout = t.timeout, memory = t.memory,
    workers = t.workers, async = t.async,
  }, data)
  core.check_target(study, t.target) -- a wrong one is better known before the study
  return study
end

-- study:add(agent, options, label): agent is an id or a class written in Lua. Returns the
-- study.
function Study:add(agent, options, label)
  core.add(self, agent, options, label)
  return self
end

-- study:run(): true when everything is done; false and a reason when a callback or an
-- interrupt stopped it. The same call again goes on.
function Study:run()
  local data = core.data(self)
  return core.run(self, data.on_trial, data.progress)
end
