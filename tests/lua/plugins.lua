-- Plugin files written in Lua, for scripts and for the command.
local tap = require "tap"

local build = os.getenv("GYM_BUILD_TOP") or "."
local source = os.getenv("GYM_SOURCE_TOP") or "."
local folder = tap.folder()
local path = folder .. ":" .. os.getenv("GYM_PLUGIN_PATH")

-- Standard output, standard error and exit status of a command.
local function run(command)
  local errors = folder .. "/stderr"
  local p = io.popen(("GYM_PLUGIN_PATH='%s' %s 2>'%s'"):format(path, command, errors))
  local out = p:read("a")
  local _, _, status = p:close()
  return out, tap.read(errors), status
end

local function gym(words) return run(build .. "/gym " .. words) end

local function script(text)
  tap.write(folder .. "/script.txt", text)
  return run(("sh '%s/tests/lua/run' '%s/script.txt'"):format(source, folder))
end

tap.write(folder .. "/ramp.lua", [[
local gym = require "gym"
secret = "a global of its own"
print("loading ramp")
return gym.environment {
  id = "ramp-v1", doc = "A ramp.", source = "Made up.",
  options = { { name = "slope", default = 2, low = 1, high = 9, doc = "Steepness." } },
  space = { { name = "x", low = 0, high = 100, doc = "How far." },
            { name = "side", levels = { "l", "r" }, doc = "Of the road." } },
  metrics = { { name = "height", unit = "m", sense = "minimise", doc = "Above sea." } },
  evaluate = function(self, d, ctx)
    if d.x == 13 then error("unlucky") end
    return { height = self.options.slope * d.x + (secret and 0 or 1) }
  end,
}
]])
tap.write(folder .. "/chatty.lua", [[
return require "gym".environment {
  id = "chatty-v1", doc = "Chatty.", space = { { name = "x", low = 0, high = 9 } },
  metrics = { "m" }, evaluate = function(_, d) print("evaluating", d.x) return { m = 1 } end,
}
]])
tap.write(folder .. "/hop.lua", [[
local gym = require "gym"
return gym.agent_class {
  id = "hop-v1", doc = "Hops about.", source = "Made up.",
  options = { { name = "far", default = false, doc = "Unused." } },
  ask = function(self) return self.problem.space:sample(self.rng) end,
  tell = function(self, results) end,
}
]])
tap.write(folder .. "/syntax.lua", "this is no Lua")
tap.write(folder .. "/three.lua", "return 3")
tap.write(folder .. "/raises.lua", "error('not today')")
tap.write(folder .. "/user.lua", [[
local gym = require "gym"
return gym.env("ramp")
]])
tap.write(folder .. "/twice.lua", [[
return require "gym".agent_class { id = "hop-v1", doc = "Again.", ask = print, tell = print }
]])

tap.test("scripts find them by id", function()
  local out, err = script [[
    local gym = require "gym"
    assert(secret == nil)
    local env = gym.env("ramp", { slope = 3 })
    assert(secret == nil)
    gym.env("chatty"):evaluate { x = 7 }
    print(env:evaluate({ x = 4 }).metrics.height, env:evaluate({ x = 13 }).note)
    local s = gym.study { env = env, objective = "height", budget = 20 }
    s:add("hop"):add("random"):run()
    print(s:runs()[1].state, gym.info("ramp").origin)
    for _, problem in ipairs(gym.problems()) do print(problem) end
  ]]
  tap.match(out, "^12.0\t.*ramp.lua:11: unlucky\nfinished\t.*/ramp.lua\n")
  tap.match(out, "syntax.lua: .*syntax error")
  tap.match(out, "three.lua: returned 3, not gym.environment")
  tap.match(out, "raises.lua: .*not today")
  tap.match(out, "user.lua: .*can define classes and return one, not use them")
  tap.match(out, "twice.lua: .*hop%-v1.*already taken by .*hop.lua")
  tap.match(err, "loading ramp\n.*evaluating\t7\n")
end)

tap.test("an unknown id tells of refused files", function()
  local _, err, status = script [[ require "gym".env("rump") ]]
  tap.ok(status ~= 0)
  tap.match(err, "script.txt:1: .*rump.*ramp%-v1.*refused: .*%.lua")
end)

tap.test("a script in such a folder does not load itself", function()
  tap.write(folder .. "/main.lua", [[
    local gym = require "gym"
    print(gym.env("ramp").id, #gym.problems())
  ]])
  local out, err = run(("sh '%s/tests/lua/run' '%s/main.lua'"):format(source, folder))
  tap.match(out, "^ramp%-v1\t5\n$")
  tap.match(err, "loading ramp")
  os.remove(folder .. "/main.lua")
end)

tap.test("the command lists, explains and evaluates them", function()
  local out, err, status = gym "list envs"
  tap.equal(status, 0)
  tap.match(out, "ramp%-v1")
  tap.ok(not out:find("loading"), "stdout is the command's")
  tap.match(err, "loading ramp")
  tap.match(gym "list agents", "hop%-v1")
  tap.match(gym "info ramp", "slope.*side.*height")
  out = gym "eval ramp -o slope=3 --design x=4,side=r --format csv"
  tap.match(out, "x,side,height,status")
  tap.match(out, "4,r,12,ok")
  out, err = gym "eval ramp --design x=13 --format csv"
  tap.match(out .. err, "failed")
end)

tap.test("the command checks them", function()
  local out, err, status = gym "check ramp"
  tap.equal(status, 0, out .. err)
  out, err, status = gym "check hop"
  tap.equal(status, 0, out .. err)
end)

tap.test("the command searches with them, and resumes", function()
  local words = ("search --env ramp --agent hop --agent random --objective height " ..
                 "--budget 30 --seeds 1..2 --store '%s/s.db'"):format(folder)
  local out, err, status = gym(words)
  tap.equal(status, 0, out .. err)
  out, err, status = gym(words)
  tap.equal(status, 0, out .. err)
  out = gym(("export '%s/s.db' --format csv"):format(folder))
  local n = -1
  for _ in out:gmatch("[^\n]+") do n = n + 1 end
  tap.ok(n >= 120) -- repeats are rows of their own
  out, err, status = gym(("search --env ramp --agent hop -a far=true --objective height " ..
                          "--budget 5 --store '%s/t.db'"):format(folder))
  tap.equal(status, 0, out .. err)
end)

tap.test("scripts under the command see them as well", function()
  tap.write(folder .. "/again.txt", [[
    local gym = require "gym"
    print(gym.env("ramp"):evaluate({ x = 1 }).metrics.height, arg[1])
  ]])
  local out, err, status = gym(("run '%s/again.txt' word"):format(folder))
  tap.equal(status, 0, err)
  tap.match(out, "^2.0\tword\n")
end)

tap.done()
