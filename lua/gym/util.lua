-- What the other parts share: checks of option tables, with errors that carry the line of
-- the script that is to blame.
local gym, core = ...

-- Raises a message with the script's file and line.
function core.fail(form, ...)
  core.raise(form:format(...))
end

-- A value for messages.
function core.show(value)
  if type(value) == "string" then return '"' .. value .. '"' end
  if value == nil then return "nothing" end
  if type(value) == "number" or type(value) == "boolean" then return tostring(value) end
  return "a " .. (core.kind(value) or type(value))
end

-- The keys of a table in order, so that nothing depends on how Lua hashes them.
function core.sorted(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- Checks a table of options against {key = "type" or "type|type"}, where a type is one of
-- Lua's or a class of handles; "any" takes everything, a final "!" means required.
function core.check(what, t, spec)
  if type(t) ~= "table" then
    core.fail("%s{...}: a table was expected, not %s", what, core.show(t))
  end
  for _, key in ipairs(core.sorted(t)) do
    if not spec[key] then
      local names = core.sorted(spec)
      local near = core.nearest(tostring(key), names)
      core.fail('%s: unknown key "%s"; valid ones are: %s%s', what, tostring(key),
                table.concat(names, ", "),
                near and ('; did you mean "%s"?'):format(near) or "")
    end
  end
  for _, key in ipairs(core.sorted(spec)) do
    local types, required = spec[key]:gsub("!$", "")
    local value, good = t[key], false
    for kind in types:gmatch("[^|]+") do
      good = good or kind == "any" or kind == type(value) or kind == core.kind(value)
    end
    if value == nil then
      if required > 0 then core.fail('%s: "%s" is missing (%s)', what, key, types) end
    elseif not good then
      core.fail("%s: %s: %s was expected, not %s", what, key, types:gsub("|", " or "),
                core.show(value))
    end
  end
end
