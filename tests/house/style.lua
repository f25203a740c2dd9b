-- The house budget of the sources: lengths, comments, forbidden calls. Prints TAP.
local top = os.getenv ("GYM_SOURCE_TOP") or "."
local count, failed = 0, false

local function check (name, offenders)
  count = count + 1
  print ((#offenders == 0 and "ok " or "not ok ") .. count .. " - " .. name)
  failed = failed or #offenders > 0
  for i = 1, math.min (#offenders, 30) do
    print ("# " .. offenders[i])
  end
end

local function files (rooms, pattern)
  local list = {}
  for room in rooms:gmatch ("%S+") do
    local p = io.popen ("find '" .. top .. "/" .. room .. "' -name '" .. pattern .. "' 2>/dev/null | sort")
    for name in p:lines () do
      list[#list + 1] = name
    end
    p:close ()
  end
  return list
end

local function short (name)
  return name:sub (#top + 2)
end

local function read (name)
  local lines = {}
  for line in io.lines (name) do
    lines[#lines + 1] = line
  end
  return lines
end

-- Marks each line that lies in a comment, and strips comments and strings from the code.
local function split (lines)
  local comment, code, inside = {}, {}, false
  for i, line in ipairs (lines) do
    local rest, kept = line, ""
    comment[i] = inside
    while rest ~= "" do
      if inside then
        local _, stop = rest:find ("*/", 1, true)
        rest = stop and rest:sub (stop + 1) or ""
        inside = not stop
      else
        local start = rest:find ("/*", 1, true)
        kept = kept .. (start and rest:sub (1, start - 1) or rest)
        rest = start and rest:sub (start + 2) or ""
        inside = start ~= nil
        comment[i] = comment[i] or inside
      end
    end
    code[i] = kept:gsub ('"[^"]*"', '""')
  end
  return comment, code
end

local sources = files ("core sims envs plugins lua", "*.[ch]")
local libraries = {}
for _, f in ipairs (sources) do
  if not f:find ("/core/cmd/", 1, true) and not f:find ("_main.c", 1, true) then
    libraries[#libraries + 1] = f
  end
end

local wide, long, few, many, lengths, longest = {}, {}, {}, {}, {}, {}
for _, f in ipairs (sources) do
  local lines = read (f)
  local comment = split (lines)
  if #lines > 1000 then
    long[#long + 1] = short (f) .. ": " .. #lines .. " lines"
  end
  local commented, start = 0, nil
  for i, line in ipairs (lines) do
    commented = commented + (comment[i] and 1 or 0)
    if utf8.len (line) and utf8.len (line) > 90 then
      wide[#wide + 1] = ("%s:%d: %d columns"):format (short (f), i, utf8.len (line))
    end
    if line == "{" then
      start = i
    elseif line == "}" and start then
      local n = i - start - 1
      lengths[#lengths + 1] = n
      -- A longer one says why in the comment before it: "Long: ...".
      local reason = false
      for k = math.max (1, start - 12), start do
        reason = reason or (comment[k] and lines[k]:find ("Long:", 1, true) ~= nil)
      end
      if n > 60 and not reason then
        longest[#longest + 1] = ("%s:%d: %d lines"):format (short (f), start, n)
      end
      start = nil
    end
  end
  local share = commented / math.max (#lines, 1)
  if f:match ("%.c$") and #lines >= 60 then
    if share < 0.05 then
      few[#few + 1] = ("%s: %.0f %% comments"):format (short (f), 100 * share)
    elseif share > 0.25 then
      many[#many + 1] = ("%s: %.0f %% comments"):format (short (f), 100 * share)
    end
  end
end
table.sort (lengths)
local median = lengths[(#lengths + 1) // 2] or 0
print (("# %d sources, %d functions, median %d lines"):format (#sources, #lengths, median))
check ("functions have a median of at most 12 lines", median > 12 and { median } or {})
check ("no function over 60 lines without a reason (\"Long: ...\")", longest)
check ("no file over 1000 lines", long)
check ("no line over 90 columns", wide)
check ("sources hold at least 5 % comments", few)
check ("sources hold at most 25 % comments", many)

local thin = {}
for _, f in ipairs (files ("core/gym", "*.h")) do
  local lines = read (f)
  local comment = split (lines)
  local text, all = 0, 0
  for i, line in ipairs (lines) do
    if line:match ("%S") then
      all = all + 1
      text = text + (comment[i] and 1 or 0)
    end
  end
  -- rng.h is code by design, gym.h a list.
  if text / all < 0.45 and not f:match ("rng%.h$") then
    thin[#thin + 1] = ("%s: %.0f %% contract text"):format (short (f), 100 * text / all)
  end
end
check ("public headers are at least 45 % contract text", thin)

local banned = { "printf", "exit", "abort", "rand", "srand", "strcpy", "strcat", "sprintf",
                 "atoi", "atof", "setlocale", "puts", "putchar" }
local calls = {}
for _, f in ipairs (libraries) do
  local _, code = split (read (f))
  for i, line in ipairs (code) do
    for _, word in ipairs (banned) do
      local at = line:find ("%f[%w_]" .. word .. " ?%(")
      if at and not line:find ("format *%(%(?" .. word) and not line:find ("__attribute__") then
        calls[#calls + 1] = ("%s:%d: %s"):format (short (f), i, word)
      end
    end
  end
end
check ("libraries never print, exit or use unsafe calls", calls)

local positional = {}
for _, f in ipairs (sources) do
  local _, code = split (read (f))
  for i, line in ipairs (code) do
    if line:find ("^#%s*if") and not line:find ("ifndef [%w_]+_H$") and f:match ("%.c$") then
      positional[#positional + 1] = ("%s:%d: %s"):format (short (f), i, line)
    end
  end
end
check ("no forests of #if in sources", #positional > 12 and positional or {})
print ("1.." .. count)
os.exit (not failed)
