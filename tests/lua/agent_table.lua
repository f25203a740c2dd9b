-- The table of agents on functions, with small instances written here: figures that can
-- be worked out, which agents take part, caps, and what it says about bad arguments.
local tap = require "tap"
local gym = require "gym"

local build = os.getenv("GYM_BUILD_TOP") or "."
local source = os.getenv("GYM_SOURCE_TOP") or "."
local folder = tap.folder()

local function instance(name, data)
  tap.write(("%s/%s.json"):format(folder, name), gym.json.encode(data))
end

-- Runs the script on the folder; its output and exit code, and what it wrote to stderr.
local function run(words)
  local p = io.popen(("env -u LD_PRELOAD '%s/gym' run '%s/examples/agent_table.lua' %s 2>'%s/stderr'"):format(
    build, source, words, folder))
  local out = p:read("a")
  local _, _, status = p:close()
  return out, status, tap.read(folder .. "/stderr")
end

-- The csv as rows[function][agent][evaluations] = {seeds, median, q25, q75}.
local function csv(words)
  local out, status, err = run(("--functions '%s' --format csv %s"):format(folder, words))
  tap.equal(status, 0, err)
  local rows, n = {}, 0
  for line in out:gmatch("[^\n]+") do
    if n == 0 then
      tap.equal(line, "function,agent,evaluations,seeds,median,q25,q75")
    else
      local f, agent, at, seeds, median, q25, q75 = line:match(
        "^([^,]+),([^,]+),(%d+),(%d+),([^,]+),([^,]+),([^,]+)$")
      rows[f] = rows[f] or {}
      rows[f][agent] = rows[f][agent] or {}
      rows[f][agent][tonumber(at)] = { seeds = tonumber(seeds), median = tonumber(median),
                                       q25 = tonumber(q25), q75 = tonumber(q75) }
    end
    n = n + 1
  end
  tap.equal(err, "")
  return rows
end

local rng = gym.rng(7)
local params = {}
for i = 1, 3 do params[i] = { name = "p" .. i, type = i < 3 and "int" or "cat", n = 4 } end
local values, least = {}, math.huge
for k = 1, 64 do
  values[k] = k % 5 == 0 and 99 or rng:real(1, 9)
  least = math.min(least, values[k])
end
instance("small", { kind = "table", params = params, table = values, penalty = 99 })
instance("three", { kind = "motable", params = { { name = "i", type = "int", n = 3 } },
                    tables = { { 0, 0.5, 1 }, { 1, 0.5, 0.9 } } })

tap.test("a whole space: its minimum, and the whole front", function()
  local rows = csv "--agents random,ga --seeds 3 --budget 100 --at 1,10,100"
  for _, agent in ipairs { "random", "ga" } do
    local at = rows.small[agent]
    tap.near(at[100].median, least, 1e-8)
    tap.near(at[100].q75, least, 1e-8)
    tap.ok(at[1].median >= at[10].median and at[10].median >= at[100].median)
    tap.ok(at[1].q25 <= at[1].median and at[1].median <= at[1].q75)
    tap.equal(at[1].seeds, 3)
  end
  tap.equal(rows.three.ga, nil) -- one goal only
  tap.near(rows.three.random[100].median, 0)
end)

-- Volumes below (1.1, 1.1): the front {0,1}, {0.5,0.5} has 0.41, its points 0.11 and 0.36
-- and the third design 0.02.
tap.test("hypervolume by hand", function()
  local s = csv("--agents random --seeds 8 --budget 1 --at 1").three.random[1]
  tap.ok(s.q25 >= 1 - 0.36 / 0.41 - 1e-9 and s.q75 <= 1 - 0.02 / 0.41 + 1e-9)
  tap.ok(s.q25 < s.q75)
  local single = csv("--agents random --seeds 1 --budget 1 --at 1").three.random[1].median
  local known = false
  for _, share in ipairs { 0.11, 0.36, 0.02 } do
    known = known or math.abs(single - (1 - share / 0.41)) < 1e-9
  end
  tap.ok(known, "a volume that no design has: " .. single)
end)

-- The median of one seed is the best of that run: a study by hand gives the same.
tap.test("as a study would", function()
  local row = csv("--agents ga:population=4 --seeds 1 --budget 20 --at 20").small
  local study = gym.study { env = gym.env("function", { file = folder .. "/small.json" }),
                            objective = { minimize = "value" }, budget = 20, seeds = 1,
                            in_flight = 1, progress = false }
  study:add("ga", { population = 4 }):run()
  tap.near(row["ga:population=4"][20].median, study:best().goals[1], 1e-8)
end)

tap.test("places and caps", function()
  local rows = csv "--agents random,ga --seeds 2 --budget 300 --cap ga=150"
  tap.ok(rows.small.random[200] and not rows.small.random[500])
  tap.ok(rows.small.ga[100] and not rows.small.ga[200])
end)

-- Annealing within 20 evaluations is another run than the first 20 of 60.
tap.test("agents that plan for their budget", function()
  local planned = csv "--agents sa --seeds 4 --budget 60 --at 20,60"
  local alone = csv "--agents sa --seeds 4 --budget 20 --at 20"
  local cut = csv "--agents sa --seeds 4 --budget 60 --at 20,60 --per-budget none"
  tap.same(planned.small.sa[20], alone.small.sa[20])
  tap.same(planned.small.sa[60], cut.small.sa[60])
  local hill = csv "--agents hill --seeds 4 --budget 60 --at 20,60"
  alone = csv "--agents hill --seeds 4 --budget 20 --at 20"
  tap.same(hill.small.hill[20], alone.small.hill[20])
end)

tap.test("nothing feasible", function()
  os.rename(folder .. "/three.json", folder .. "/three.kept")
  instance("small", { kind = "table", params = { { name = "i", type = "int", n = 3 } },
                      table = { 5, 5, 5 }, penalty = 5 })
  local row = csv("--agents random --seeds 2 --budget 3 --at 3").small.random[3]
  tap.equal(row.median, nil) -- "inf" is no number of Lua
end)

tap.test("for people", function()
  local out, status = run("--functions '" .. folder .. "' --seeds 2 --budget 100 --agents ga")
  tap.equal(status, 0)
  tap.match(out, "after 100 evaluations")
  tap.match(out, "ga +inf")
end)

-- What others reach is written so that each verdict can be foreseen; a name in quotation
-- marks has a comma, and at 1,000 evaluations both spaces have long been seen whole.
tap.test("goals against anchors", function()
  os.rename(folder .. "/three.kept", folder .. "/three.json")
  instance("small", { kind = "table", params = params, table = values, penalty = 99 })
  local head = "function,program,seeds,evaluations,median,q25,q75\n"
  local function verdict(anchors, words, goal)
    tap.write(folder .. "/anchors.csv", head .. anchors)
    local out, status, err = run(("--functions '%s' --anchors '%s/anchors.csv' --seeds 2 %s")
                                 :format(folder, folder, words))
    tap.equal(status, 0, err)
    for line in out:gmatch("[^\n]+") do
      if line:find(goal, 1, true) then return line end
    end
  end
  local easy = ('small,"hill climber, restarts",20,1000,%.3f,1,1\n'):format(least + 1)
  local hard = ('small,"hill climber, restarts",20,1000,%.3f,1,1\n'):format(least - 1)
  tap.match(verdict(easy, "--agents hill", "hill at 1000"), "^met .*: 1 of 1$")
  tap.match(verdict(hard, "--agents hill", "hill at 1000"),
            "^unmet .*: 0 of 1 %(small .*not at most")
  tap.match(verdict(easy, "--agents random", "hill at 1000"), "^not measured")
  tap.match(verdict(easy, "--agents hill --budget 200", "hill at 1000"), "^not measured")
  tap.match(verdict("other,TPE,20,100,1,1,1\n", "--agents tpe", "tpe at 100"),
            "^not measured")
  tap.match(verdict(easy, "--agents nsga2", "nsga2 at 500"), "^met")
  tap.match(verdict(easy, "--agents ppo,random", "ppo at 2000"), "^unmet") -- the same
  tap.write(folder .. "/anchors.csv", "function,median\n")
  local _, status, err = run(("--functions '%s' --anchors '%s/anchors.csv'"):format(
    folder, folder))
  tap.equal(status, 2)
  tap.match(err, '%-%-anchors: .*anchors.csv: there is no column "program"')
end)

tap.test("bad arguments", function()
  for words, wanted in pairs {
    ["--functons x"] = "functons", [""] = "%-%-functions DIR is missing",
    ["--functions " .. folder .. " --agents gaa"] = "gaa",
    ["--functions " .. folder .. " --seeds 0"] = "positive integer",
    ["--functions " .. folder .. "/none"] = "no %.json file",
    ["--functions " .. folder .. " --format xml"] = "xml",
    ["--functions " .. folder .. " --cap bo"] = "agent=evaluations",
  } do
    local out, status, err = run(words)
    tap.equal(status, 2, words)
    tap.equal(out, "")
    tap.match(err, "agent_table: .*" .. wanted)
  end
end)

tap.done()
