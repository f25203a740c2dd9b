-- gym.json: encode, decode, null. A table whose keys are 1..n is an array, any other an
-- object; an empty one is an object unless it came from decode or gym.json.array.
local gym, core = ...

local null, array = core.json_null, core.json_array
local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
                  ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
  if not utf8.len(text) then core.fail("gym.json.encode: a text is not UTF-8") end
  return '"' .. text:gsub('[%c"\\\127]', function(c)
    return escapes[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function is_array(t)
  if getmetatable(t) == array then return true end
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n > 0 and n == #t
end

local write

local function write_array(out, t, indent, depth)
  local comma = indent and ",\n" .. (" "):rep(indent * depth) or ","
  out[#out + 1] = indent and "[\n" .. (" "):rep(indent * depth) or "["
  for i = 1, #t do
    if i > 1 then out[#out + 1] = comma end
    write(out, t[i], indent, depth)
  end
  out[#out + 1] = indent and "\n" .. (" "):rep(indent * (depth - 1)) .. "]" or "]"
end

local function write_object(out, t, indent, depth)
  local pad = indent and "\n" .. (" "):rep(indent * depth) or ""
  local first = true
  out[#out + 1] = "{"
  for _, key in ipairs(core.sorted(t)) do
    if type(key) ~= "string" then
      core.fail("gym.json.encode: a key is %s; objects have texts, arrays 1 to n",
                core.show(key))
    end
    out[#out + 1] = (first and "" or ",") .. pad .. quote(key) .. (indent and ": " or ":")
    write(out, t[key], indent, depth)
    first = false
  end
  out[#out + 1] = indent and "\n" .. (" "):rep(indent * (depth - 1)) .. "}" or "}"
end

function write(out, value, indent, depth)
  local kind = type(value)
  if value == null then
    out[#out + 1] = "null"
  elseif kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  elseif kind == "number" then
    if value ~= value or value == math.huge or value == -math.huge then
      core.fail("gym.json.encode: JSON has no %s", tostring(value))
    end
    local text = core.number(value)
    -- A whole float stays one: 1 and 1.0 differ in Lua.
    if math.type(value) == "float" and not text:find("[%.e]") then text = text .. ".0" end
    out[#out + 1] = text
  elseif kind ~= "table" then
    core.fail("gym.json.encode: %s has no form in JSON", core.show(value))
  elseif depth > 200 then
    core.fail("gym.json.encode: more than 200 deep (a table in itself?)")
  elseif next(value) == nil then
    out[#out + 1] = is_array(value) and "[]" or "{}"
  elseif is_array(value) then
    write_array(out, value, indent, depth + 1)
  else
    write_object(out, value, indent, depth + 1)
  end
end

gym.json = { null = null, decode = core.json_decode }

-- gym.json.encode(value, {indent = 2}): keys in order, so that equal values give equal
-- texts.
function gym.json.encode(value, options)
  core.check("gym.json.encode", options or {}, { indent = "number" })
  local out = {}
  write(out, value, options and options.indent, 0)
  return table.concat(out)
end

-- Marks a table as an array, for empty ones.
function gym.json.array(t)
  return setmetatable(t or {}, array)
end
