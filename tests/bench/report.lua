-- Reads the lines of the bench programs (name, measured, asked, unit, ok; tab separated),
-- prints them as a table and writes bench.json.
local from, to = arg[1], arg[2]
local rows, width = {}, 4
for line in io.lines (from) do
  local name, measured, asked, unit, ok
    = line:match ("^([^\t]+)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(%a+)$")
  if not name then
    io.stderr:write (from, ": not a line of figures: ", line, "\n")
    os.exit (1)
  end
  rows[#rows + 1] = { name, measured, asked, unit, ok }
  width = math.max (width, #name)
end

local shape = "%-" .. width .. "s  %12s  %14s  %-16s %s"
print (shape:format ("name", "measured", "asked", "unit", "ok"))
for _, r in ipairs (rows) do
  print (shape:format (table.unpack (r)))
end

local function quote (s)
  return '"' .. s:gsub ('[%c"\\]', function (c)
    return ("\\u%04x"):format (c:byte ())
  end) .. '"'
end

-- "measured" is a number; "asked" is one too, with its direction as text beside it.
local out = {}
for _, r in ipairs (rows) do
  local sign, bound = r[3]:match ("^([<>]?=?)%s*(.+)$")
  out[#out + 1] = ('  {"name": %s, "measured": %s, "asked": %s, "direction": %s, '
                   .. '"unit": %s, "ok": %s}'):format (
    quote (r[1]), tonumber (r[2]) and r[2] or "null",
    tonumber (bound) and bound or "null", quote (sign or ""), quote (r[4]),
    r[5] == "yes" and "true" or "false")
end
local f = assert (io.open (to, "w"))
f:write ("[\n", table.concat (out, ",\n"), "\n]\n")
f:close ()
