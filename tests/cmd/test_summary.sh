#!/bin/sh
# The table at the end of a search against the trials in its store.
. "${0%/*}/tap.sh"

run search --env toy --agent random --objective energy --budget 40 --seeds 1..5 --store "$work/a.db"
table=$out
"$gym" export "$work/a.db" --format csv >"$work/a.csv"
cat >"$work/median.lua" <<'END'
-- Median over seeds of the best energy of the ok trials.
local names, best = {}, {}
for line in io.lines (arg[1]) do
  local fields = {}
  for field in (line .. ","):gmatch ("([^,]*),") do
    fields[#fields + 1] = field
  end
  if not names.energy then
    for i, name in ipairs (fields) do
      names[name] = i
    end
  elseif fields[names.status] == "ok" then
    local seed, energy = fields[names.seed], tonumber (fields[names.energy])
    best[seed] = math.min (best[seed] or math.huge, energy)
  end
end
local list = {}
for _, value in pairs (best) do
  list[#list + 1] = value
end
table.sort (list)
print (("%.6g %.6g %.6g"):format (list[3], list[2], list[4]))
END
is "median and quartiles" "$(echo "$table" | awk '$1 == "random" { print $3, $4, $5 }')" \
  "$("$gym" run "$work/median.lua" "$work/a.csv")"
has "columns have titles" "$table" '^agent +runs +median +quartile 1 +quartile 3 +evaluations +cached +failures +infeasible +state$'
has "the objective is named" "$table" "^objective: .*energy"
has "with unit and direction" "$table" "^best .* of each run in nJ, less is better:"

run search --env faulty --agent random --agent forgetful --objective height --budget 700 --seeds 1..2
has "results of other runs are counted as cached" "$out" '^forgetful +2 .* [1-9][0-9]* +0 +0 '
# 2,000 designs: one agent asks them again and again, the other stops.
run search --env faulty --agent forgetful --agent random --objective height --budget 3000
has "a run that only repeats" "$out" '^forgetful +1 .* stalled$'
has "a run that is through" "$out" '^random +1 .* 2000 .* exhausted$'
finish
