-- gym.prior{...}: where agents begin, learnt from studies of other workloads.
local gym, core = ...

local Prior = core.methods("gym.prior")

local learning = { similarity = "string", tasks = "number", least = "number",
                   share = "number", uniform = "number", only = "table" }

-- The weights go to the library as JSON, which has texts for keys: levels that look like
-- numbers may be given as numbers.
local function by_hand(t)
  core.check("gym.prior", t, { env = "gym.env!", weights = "table!", first = "table" })
  local weights = {}
  for name, values in pairs(t.weights) do
    if type(values) ~= "table" then
      core.fail("gym.prior: weights: %s: a table of values and weights was expected, not %s",
                tostring(name), core.show(values))
    end
    weights[name] = {}
    for value, weight in pairs(values) do weights[name][tostring(value)] = weight end
  end
  weights["@first"] = t.first and #t.first > 0 and t.first or nil
  return core.prior_weights(t.env, gym.json.encode(weights))
end

-- gym.prior{
--   env = gym.env(...),         the workload at hand
--   objective = text or table,  with one goal: what is good
--   stores = {"a.db", ...},     where other workloads were studied, or one path
--   store = "runs.db",          where anchors are kept that had to be evaluated
--   anchors = 8,                best designs that workloads are compared by, at most
--   contrast = 0, seed = 0,     random designs behind them
--   folder = path, where = { trace = path },   where files of the tasks lie now
--   similarity = "rank", "metrics" or "both",
--   tasks = 3,                  of the most similar ones, how many
--   share = 0.01, least = 20,   of a task's designs that are its best
--   uniform = 0.2,              weight of knowing nothing
--   only = { "bfs.trc", ... } } workloads that the bank is made of
-- gym.prior{ env = env, weights = { Scheduler = { Fifo = .8, ... }, ... },
--            first = { design, ... } } by hand: designs to begin with
function gym.prior(t)
  if type(t) == "table" and t.weights ~= nil then return by_hand(t) end
  local spec = { env = "gym.env!", objective = "string|table!", stores = "string|table!",
                 store = "string", anchors = "number", contrast = "number", seed = "number", folder = "string",
                 where = "table" }
  for key, kind in pairs(learning) do spec[key] = kind end
  core.check("gym.prior", t, spec)
  local stores = type(t.stores) == "string" and { t.stores } or t.stores
  return core.prior(t.env, stores, core.objective_text(t.objective), t)
end

-- prior:with{...}: another prior from the same bank and its anchors, with similarity, tasks, least, share,
-- uniform or only changed; what is not given is the default. Evaluates nothing.
function Prior:with(t)
  core.check("prior:with", t, learning)
  return core.prior_with(self, t)
end
