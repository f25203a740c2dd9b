-- gym.dataset: rows against the store's own, files, wrong arguments.
local tap = require "tap"
local gym = require "gym"

local folder = tap.folder()

local function run(name, seeds, study_seed)
  local path = folder .. "/" .. name
  local s = gym.study { env = gym.env("toy"), objective = "energy; delay<=1s", budget = 40,
                        seeds = seeds, seed = study_seed, store = path }
  s:add("random"):add("ga", { population = 8 }, "genes"):run()
  return path
end

local a, b = run("a.db", "1..2"), run("b.db", "2..3")

-- What makes two trials the same, as a text.
local function key(space, design, fidelity)
  return space:format(design) .. " " .. fidelity
end

tap.test("rows are the store's trials without duplicates", function()
  local space = gym.env("toy").space
  local seen, order = {}, {}
  for _, path in ipairs { a, b } do
    for t in gym.store(path):trials() do
      local design = {}
      for _, p in ipairs(space.params) do design[p.name] = t[p.name] end
      local k = key(space, design, t.fidelity)
      if not seen[k] then
        seen[k] = t
        order[#order + 1] = k
      end
    end
  end
  local set, n = gym.dataset { a, b }, 0
  for row in set:rows() do
    n = n + 1
    local k = key(set.space, row.design, row.fidelity)
    tap.equal(k, order[n])
    local t = seen[k]
    tap.equal(row.metrics.energy, t.energy)
    tap.equal(row.metrics.delay, t.delay)
    tap.equal(row.status, t.status)
    tap.equal(row.seed, tostring(t.seed))
    tap.equal(row.number, t.number)
    tap.equal(row.agent, t.agent)
    tap.ok(row.store == a or row.store == b)
  end
  tap.equal(n, #order)
  tap.equal(set.counts.rows, n)
  tap.equal(set.counts.trials, 320)
  tap.equal(n + set.counts.repeats + set.counts.duplicates, 320)
  tap.equal(set.id, "toy-v1")
  tap.equal(#set.agents, 2)
  tap.equal(set.agents[2].options.population, 8)
  tap.equal(set.envs[1].trials, 320)
end)

tap.test("choices", function()
  local all = gym.dataset { a, b, duplicates = true }
  tap.equal(all.counts.rows, 320)
  tap.equal(gym.dataset(a).counts.trials, 160)
  local ok = gym.dataset { a, status = { "ok" }, env = "toy", study = 1 }
  tap.equal(ok.counts.rows, ok.counts.statuses.ok)
  tap.equal(gym.dataset { a, status = "oom" }.counts.rows, 0)
end)

tap.test("files", function()
  local set = gym.dataset { a, b }
  set:write(folder .. "/x.csv")
  local n = -1
  for _ in io.lines(folder .. "/x.csv") do n = n + 1 end
  tap.equal(n, set.counts.rows)
  set:write(folder .. "/x.jsonl", { encode = "ordinal" })
  local rows = set:rows()
  for line in io.lines(folder .. "/x.jsonl") do
    local t, row = gym.json.decode(line), rows()
    tap.equal(t.energy, row.metrics.energy)
    tap.ok(math.type(t.topology) == "integer")
  end
  tap.equal(rows(), nil)
  set:write(folder .. "/plain", { format = "npz", encode = "onehot" })
  set:episodes(folder .. "/e.jsonl", { objective = "delay" })
  n = 0
  for line in io.lines(folder .. "/e.jsonl") do
    local e = gym.json.decode(line)
    n = n + #e.steps
    tap.ok(e.steps[1].is_first and e.steps[#e.steps].is_last)
  end
  tap.equal(n, 320 + 8)
  tap.match(set:describe(), "toy%-v1: %d+ rows of 320 trials")
  tap.equal(set:metadata().counts.rows, set.counts.rows)
  tap.equal(set:metadata().envs[1].identity.id, "toy-v1")
end)

tap.test("one walk at a time", function()
  local set = gym.dataset { a }
  local rows = set:rows()
  tap.ok(rows())
  set:describe()
  tap.raises(function() rows() end, "another walk")
  local first, second = set:rows(), set:rows()
  tap.ok(second())
  tap.raises(function() first() end, "another walk")
  local space = set.space
  set:close()
  tap.raises(function() second() end, "closed")
  tap.ok(space.size > 0) -- keeps what it borrows
end)

tap.test("wrong arguments", function()
  local line = tap.line() + 1
  tap.raises(function() gym.dataset { folder .. "/none.db" } end, "dataset.lua:" .. line,
             "none.db")
  tap.raises(function() gym.dataset(3) end, "a path or a table was expected, not 3")
  tap.raises(function() gym.dataset { 3 } end, "paths of stores were expected, not 3")
  tap.raises(function() gym.dataset {} end, "needs a store")
  tap.raises(function() gym.dataset { a, evn = "toy" } end, '"evn"', "env")
  tap.raises(function() gym.dataset { a, env = "toi" } end, '"toi"')
  tap.raises(function() gym.dataset { a, status = "okay" } end, '"okay"', "ok")
  tap.raises(function() gym.dataset { a, status = { 1 } } end, "a status was expected")
  tap.raises(function() gym.dataset { a, where = { x = 1 } } end, '"x"')
  tap.raises(function() gym.dataset { a, a } end, "given twice")
  local set = gym.dataset(a)
  tap.raises(function() set:write() end, "a path was expected, not")
  tap.raises(function() set:write(folder .. "/x.xlsx") end, "x.xlsx", "%.parquet")
  tap.raises(function() set:write(folder .. "/x", { format = "cvs" }) end, '"cvs"', '"csv"')
  tap.raises(function() set:write(folder .. "/x", { encod = "onehot" }) end, '"encod"')
  tap.raises(function() set:write("/no/such/x.csv") end, "/no/such/x.csv")
  tap.raises(function() set:episodes(folder .. "/e.jsonl", { objective = "x" }) end, '"x"')
end)

tap.done()
