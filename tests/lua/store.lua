local tap = require "tap"
local gym = require "gym"

local folder = tap.folder()
local path = folder .. "/runs.db"

local function study(t)
  t = t or {}
  local s = gym.study { env = t.env or gym.env("toy"), objective = "energy; delay<=1s",
                        budget = 40, seeds = "1..2", store = t.store or path,
                        on_trial = t.on_trial }
  return s:add("random"):add("ga", { population = 8 })
end

local first = study()
first:run()

tap.test("studies, runs, trials", function()
  local store = gym.store(path)
  local studies = store:studies()
  tap.equal(#studies, 1)
  tap.match(studies[1].objective, "energy")
  local runs = store:runs(studies[1].study)
  tap.equal(#runs, 4)
  local n, best = 0, math.huge
  for row in store:trials() do
    n = n + 1
    tap.ok(row.topology and row.rows)
    if row.status == "ok" then best = math.min(best, row.energy) end
  end
  tap.equal(n, 160)
  tap.equal(best, first:best().goals[1])
  n = 0
  for _ in store:trials(studies[1].study, runs[1].run) do n = n + 1 end
  tap.equal(n, 40)
end)

tap.test("best", function()
  local store = gym.store(path)
  local rows = store:best(5)
  tap.equal(#rows, 5)
  tap.equal(rows[1].energy, first:best().goals[1])
  for i = 2, 5 do tap.ok(rows[i].energy >= rows[i - 1].energy) end
end)

tap.test("exports to a text, a function and a file", function()
  local store = gym.store(path)
  local csv = store:export { format = "csv" }
  tap.match(csv, "energy")
  local parts = {}
  store:export { format = "csv", to = function(text) parts[#parts + 1] = text end }
  tap.equal(table.concat(parts), csv)
  local file = folder .. "/x.jsonl"
  store:export { format = "jsonl", canonical = true, to = file }
  local n = 0
  for line in io.lines(file) do
    local row = gym.json.decode(line)
    tap.ok(type(row) == "table")
    n = n + 1
  end
  tap.ok(n >= 160)
  local thrown = {}
  local good, why = pcall(store.export, store, { to = function() error(thrown) end })
  tap.ok(not good and why == thrown)
end)

tap.test("a finished study is read back", function()
  local replayed = 0
  local again = study { on_trial = function(t)
    replayed = replayed + (t.replayed and 1 or 0)
  end }
  again:run()
  tap.equal(replayed, 160)
  tap.same(again:best(), first:best())
  tap.equal(again:table(), first:table())
  tap.equal(#gym.store(path):studies(), 1)
end)

tap.test("a stopped study goes on to the same end", function()
  local other = folder .. "/other.db"
  for _ = 1, 3 do
    local n = 0
    study { store = other, on_trial = function(t)
      n = n + (t.replayed and 0 or 1)
      return n < 50
    end }:run()
  end
  tap.equal(study { store = other }:run(), true)
  tap.equal(gym.store(other):export { canonical = true },
            gym.store(path):export { canonical = true })
end)

tap.test("loops that end early close their rows", function()
  local store = gym.store(path)
  for _ = 1, 50 do
    for row in store:trials() do if row.number >= 1 then break end end
  end
  local iterator = store:trials()
  tap.ok(iterator())
  store:close()
  tap.ok(iterator()) -- keeps what it borrows
  tap.raises(function() store:studies() end, "closed")
end)

tap.test("wrong arguments", function()
  local line = tap.line() + 1
  tap.raises(function() gym.store(folder .. "/none.db") end, "store.lua:" .. line,
             "none.db")
  tap.write(folder .. "/text.db", ("not a database "):rep(100))
  tap.raises(function() gym.store(folder .. "/text.db") end, "text.db")
  tap.raises(function() gym.store(3) end, "a path was expected, not 3")
  local store = gym.store(path)
  tap.raises(function() store:export { fromat = "csv" } end, '"format"')
  tap.raises(function() store:export { format = "cvs" } end, '"cvs"', '"csv"')
  tap.raises(function() store:export { to = "/no/such/folder/x" } end,
             "/no/such/folder/x")
  tap.raises(function() store:runs("x") end, '"x"')
  tap.raises(function() store:trials(99) end, "99")
  tap.raises(function() store:best(-1) end, "%-1")
end)

tap.done()
