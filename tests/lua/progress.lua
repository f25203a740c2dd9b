-- What a study writes while it runs: nothing on stdout, nothing at all when it is short,
-- lines when stderr is no terminal.
local tap = require "tap"

local source = os.getenv("GYM_SOURCE_TOP") or "."
local folder = tap.folder()

local function script(text, redirect)
  tap.write(folder .. "/script.lua", text)
  local errors = folder .. "/stderr"
  local p = io.popen(("sh '%s/tests/lua/run' '%s/script.lua' 2>'%s' %s"):format(
    source, folder, errors, redirect or ""))
  local out = p:read("a")
  local _, how, status = p:close()
  return out, tap.read(errors), status, how
end

tap.test("a short study says nothing", function()
  local out, err, status = script [[
    local gym = require "gym"
    gym.study { env = gym.env("toy"), objective = "energy", budget = 50 }:add("random"):run()
  ]]
  tap.equal(status, 0)
  tap.equal(out .. err, "")
end)

-- 40 evaluations of 0.1 s each: twice the two seconds before anything is said.
local long = [[
  local gym = require "gym"
  local env = gym.env("faulty", { fault = "sleep", share = 1, seconds = 0.1 })
  local s = gym.study { env = env, objective = "height", budget = 40, progress = %s }
  s:add("random"):run()
]]

tap.test("a long one writes plain lines to stderr", function()
  local out, err, status = script(long:format("true"))
  tap.equal(status, 0, err)
  tap.equal(out, "")
  tap.match(err, "100 %%")
  tap.match(err, "random")
  tap.ok(not err:find("\27", 1, true) and not err:find("\r", 1, true))
end)

tap.test("unless it is told not to", function()
  local out, err = script(long:format("false"))
  tap.equal(out .. err, "")
end)

-- Runs a script, interrupts it a while after it is ready and returns what it wrote to
-- stderr. One that does not heed is killed, or the test would wait for it.
local function interrupt(text)
  local inner, written = folder .. "/inner.lua", folder .. "/inner"
  tap.write(inner, text)
  local p = io.popen(("sh '%s/tests/lua/run' '%s' '%s' 2>'%s' >'%s.out' & echo $!"):format(
    source, inner, folder, written, written))
  local id = p:read("l")
  p:close()
  local function wait(done)
    for _ = 1, 100 do
      if done() then return end
      os.execute("sleep 0.1")
    end
  end
  wait(function()
    local f = io.open(written)
    local ready = f and f:read("a"):find("ready")
    if f then f:close() end
    return ready
  end)
  os.execute("sleep 0.5; kill -INT " .. id)
  wait(function() return not os.execute("kill -0 " .. id .. " 2>/dev/null") end)
  os.execute("kill -9 " .. id .. " 2>/dev/null")
  return tap.read(written)
end

tap.test("an interrupt stops the study, and the script", function()
  local out = interrupt [[
    local gym = require "gym"
    local env = gym.env("faulty", { fault = "sleep", share = 1, seconds = 0.05 })
    local s = gym.study { env = env, objective = "height", budget = 900, progress = false,
                          store = arg[1] .. "/x.db" }
    s:add("random")
    io.stderr:write("ready\n")
    s:run()
    io.stderr:write("went on\n")
  ]]
  tap.match(out, "ready\n.*interrupted!")
  tap.ok(not out:find("went on"))
  local gym = require "gym"
  local n = 0
  for _ in gym.store(folder .. "/x.db"):trials() do n = n + 1 end
  tap.ok(n >= 1 and n < 900)
end)

-- A minute's training, alone and among the models that are to be scored; the script cannot
-- swallow the interrupt either.
for _, name in ipairs { "proxy", "proxy_eval" } do
  tap.test("an interrupt stops a training: " .. name, function()
    local out = interrupt(([[
      local gym = require "gym"
      local store = arg[1] .. "/%s.db"
      local s = gym.study { env = gym.env("toy"), objective = "energy", budget = 400,
                            progress = false, store = store }
      s:add("random"):run()
      io.stderr:write("ready\n")
      local good, why = pcall(%s, { store, metrics = "energy", model = "mlp",
        options = { members = 8, layers = 4, width = 256, epochs = 300 } })
      io.stderr:write("went on: ", tostring(good), " ", tostring(why), "\n")
    ]]):format(name, "gym." .. name))
    tap.match(out, "ready\n.*interrupted!")
    tap.ok(not out:find("went on"), out)
  end)
end

tap.done()
