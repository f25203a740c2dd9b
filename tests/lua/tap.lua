-- tap.lua - tests written in Lua that report as TAP.
--
--   local tap = require "tap"
--   tap.test("name", function() tap.equal(1 + 1, 2) end)
--   tap.done()
--
-- A test ends at its first failing check. TAP_ONLY selects tests by a part of their name.
local tap = { count = 0, failed = 0 }

local function show(value)
  if type(value) == "string" then return ("%q"):format(value) end
  return tostring(value)
end

function tap.note(form, ...)
  for line in form:format(...):gmatch("[^\n]+") do print("# " .. line) end
end

function tap.test(name, body)
  local only = os.getenv("TAP_ONLY")
  if only and not name:find(only, 1, true) then return end
  tap.count = tap.count + 1
  tap.skipped = nil
  local good, why = xpcall(body, debug.traceback)
  if not good then
    tap.failed = tap.failed + 1
    print(("not ok %d - %s"):format(tap.count, name))
    tap.note("%s", why)
  else
    print(("ok %d - %s%s"):format(tap.count, name,
                                 tap.skipped and " # SKIP " .. tap.skipped or ""))
  end
  io.stdout:flush()
end

-- Marks the running test as skipped; the test then returns by itself.
function tap.skip(reason)
  tap.skipped = reason
end

function tap.ok(value, what)
  if not value then error(what or "a true value was expected", 2) end
end

function tap.equal(value, expected, what)
  if value ~= expected then
    error(("%s%s where %s was expected"):format(what and what .. ": " or "", show(value),
                                                show(expected)), 2)
  end
end

-- Two values alike in depth.
function tap.same(value, expected, path)
  path = path or "value"
  if type(value) ~= "table" or type(expected) ~= "table" then
    if value ~= expected then
      error(("%s: %s where %s was expected"):format(path, show(value), show(expected)), 2)
    end
    return
  end
  for key, part in pairs(expected) do
    tap.same(value[key], part, path .. "." .. tostring(key))
  end
  for key in pairs(value) do
    if expected[key] == nil then
      error(("%s.%s was not expected"):format(path, tostring(key)), 2)
    end
  end
end

function tap.near(value, expected, tolerance)
  if type(value) ~= "number" or math.abs(value - expected) > (tolerance or 1e-12) then
    error(("%s where %s was expected"):format(show(value), show(expected)), 2)
  end
end

function tap.match(text, pattern)
  if type(text) ~= "string" or not text:find(pattern) then
    error(("%s does not match %s"):format(show(text), show(pattern)), 2)
  end
end

-- The body must raise; every further argument is a pattern its message must match.
-- Returns the message.
function tap.raises(body, ...)
  local good, why = pcall(body)
  if good then error("an error was expected", 2) end
  for _, pattern in ipairs { ... } do
    if not tostring(why):find(pattern) then
      error(("error %s does not match %s"):format(show(why), show(pattern)), 2)
    end
  end
  return why
end

-- The present line, for checks of messages that name it.
function tap.line()
  return debug.getinfo(2, "l").currentline
end

-- A new folder that is removed at the end.
function tap.folder()
  local p = io.popen("mktemp -d")
  local path = p:read("l")
  p:close()
  tap.folders = tap.folders or {}
  table.insert(tap.folders, path)
  return path
end

function tap.write(path, text)
  local f = assert(io.open(path, "w"))
  f:write(text)
  f:close()
end

function tap.read(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read("a")
  f:close()
  return text
end

function tap.done()
  for _, path in ipairs(tap.folders or {}) do os.execute(("rm -rf '%s'"):format(path)) end
  print("1.." .. tap.count)
  os.exit(tap.failed == 0 and 0 or 1, true)
end

return tap
