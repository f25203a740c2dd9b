-- Prints a table of statistics for the trace files named on the command line, which have
-- to be of the form 0xADDR READ|WRITE CYCLE.
-- A request is sequential when it is to the line behind one of the last eight requests:
-- a kernel that walks over several arrays in step counts as sequential, too.
local line_bytes, window = 64, 8

local function measure(path)
  local reads, count, sequential, first, last = 0, 0, 0, nil, 0
  local seen, footprint, recent = {}, 0, {}
  for text in io.lines(path) do
    local address, word, cycle = text:match("^0x(%x+) (%u+) (%d+)$")
    local line = tonumber(address, 16) // line_bytes
    count = count + 1
    if word == "READ" then reads = reads + 1 end
    if not seen[line] then seen[line], footprint = true, footprint + 1 end
    for i = 0, window - 1 do
      if recent[i] == line - 1 then sequential = sequential + 1 break end
    end
    recent[count % window] = line
    last = tonumber(cycle)
    first = first or last
  end
  return { count, 100 * reads / count, footprint * line_bytes / 1024,
    100 * sequential / count, (last - first) / (count - 1) }
end

print("| trace | requests | reads, % | footprint, KiB | sequential, % | mean gap, cycles |")
print("|---|---:|---:|---:|---:|---:|")
for _, path in ipairs(arg) do
  print(("| %s | %d | %.1f | %.0f | %.1f | %.1f |"):format(path:match("[^/]+$"),
    table.unpack(measure(path))))
end
