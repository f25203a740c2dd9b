-- gym.study{...} and what a study does; the loop itself is libgym's.
local gym, core = ...

local Study = core.methods("gym.study")

-- The best trials of an earlier study as designs of this env, with what the objective of
-- this study makes of their metrics. Parameters are matched by name: trials of a study
-- on another space cannot be of use, which is an error that names the parameter.
local function set_warm(study, t)
  local warm = type(t.warm) == "string" and { store = t.warm } or t.warm
  core.check("gym.study: warm", warm, { store = "string!", study = "number",
                                        limit = "number" })
  local objective = gym.objective(t.objective, t.env)
  local designs, objectives, violations = {}, {}, {}
  for _, row in ipairs(gym.store(warm.store):best(warm.limit or 100, warm.study)) do
    local design, metrics = {}, {}
    for _, p in ipairs(t.env.space.params) do design[p.name] = row[p.name] end
    for _, m in ipairs(t.env.metrics) do metrics[m.name] = row[m.name] end
    if next(design) == nil then
      core.fail("gym.study: warm: the trials of %s have none of the parameters of %s",
                warm.store, t.env.id)
    end
    local score = objective:evaluate(metrics)
    if score then
      designs[#designs + 1] = design
      for _, x in ipairs(score.objectives) do objectives[#objectives + 1] = x end
      for _, x in ipairs(score.violations) do violations[#violations + 1] = x end
    end
  end
  core.warm(study, designs, objectives, violations)
end

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
--   seconds = 3600,             time a call of study:run may take; it then stops after the
--                               trials at hand, and the next call goes on
--   warm = "old.db" or { store = "old.db", study = id, limit = 100 },
--                               best trials of an earlier study, for agents that use them
--   envs = { ... }, objectives = { ... }   instead of env and objective: several studies
--                               with the same agents, see gym/comparison.lua
--   progress = true, false or function(progress),
--   on_trial = function(trial) ... end,   return false to stop
--   target = number, quantity or { within = share },  for evaluations to a target
--   baseline = number of random designs to compare with,
--   verify = number of best designs to measure in the end, or what study:verify takes }
function gym.study(t)
  if type(t) == "table" and (t.envs ~= nil or t.objectives ~= nil) then
    local with = { agents = {} } -- they may be added later
    for key, value in pairs(t) do with[key] = value end
    return gym.comparison(with)
  end
  core.check("gym.study", t, {
    env = "gym.env!", objective = "string|table!", budget = "number",
    seeds = "table|string|number", store = "string", seed = "number",
    evaluation_seed = "number", in_flight = "number", fidelity = "string",
    reject = "boolean", durability = "string", max_attempts = "number",
    progress = "boolean|function", on_trial = "function",
    target = "number|string|table", baseline = "number",
    jobs = "number", isolate = "string", timeout = "number", memory = "number",
    workers = "table", async = "boolean", seconds = "number", warm = "string|table",
    verify = "number|table",
  })
  if t.seconds and not (t.seconds > 0) then
    core.fail("gym.study: seconds: a time above 0 was expected, not %s",
              core.show(t.seconds))
  end
  if t.workers then
    core.check("gym.study: workers", t.workers, {
      bind = "string!", keys = "string", lease = "number", batch = "number",
      mixed = "boolean",
    })
  end
  local data = { env = t.env, progress = t.progress == nil or t.progress,
                 on_trial = t.on_trial, target = t.target, baseline = t.baseline,
                 store = t.store, objective = core.objective_text(t.objective),
                 verify = t.verify }
  local study = core.study(t.env, core.objective_text(t.objective), {
    budget = t.budget, seeds = t.seeds, store = t.store, seed = t.seed,
    evaluation_seed = t.evaluation_seed, in_flight = t.in_flight, fidelity = t.fidelity,
    reject = t.reject, durability = t.durability, max_attempts = t.max_attempts,
    jobs = t.jobs, isolate = t.isolate, timeout = t.timeout, memory = t.memory,
    workers = t.workers, async = t.async, seconds = t.seconds,
  }, data)
  if t.warm then set_warm(study, t) end
  core.check_target(study, t.target) -- a wrong one is better known before the study
  return study
end

-- study:add(agent, options, label): agent is an id or a class written in Lua. Instead of
-- the label { label = text, prior = gym.prior{...} }. Returns the study.
function Study:add(agent, options, label)
  local prior
  if type(label) == "table" then
    core.check("study:add", label, { label = "string", prior = "gym.prior" })
    label, prior = label.label, label.prior
  end
  core.add(self, agent, options, label, prior)
  return self
end

-- study:run(): true when everything is done; false and a reason when a callback or an
-- interrupt stopped it. The same call again goes on. With `verify` the best designs are
-- measured in the end: study:verified() has the result.
function Study:run()
  local data = core.data(self)
  local done, why = core.run(self, data.on_trial, data.progress)
  if done and data.verify then self:verify(data.verify) end
  return done, why
end

-- study:verified(): what the last study:verify found (lua/gym/verify.lua), or nil.
function Study:verified()
  return core.data(self).verified
end
