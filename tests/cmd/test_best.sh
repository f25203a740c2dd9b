#!/bin/sh
# gym best.
. "${0%/*}/tap.sh"

"$gym" search --env toy --agent random --agent ga --objective 'energy;delay<=400' --budget 100 \
  --seeds 1..2 --store "$work/a.db" >"$work/table" 2>/dev/null
run best "$work/a.db"
is "it works" "$code$err" 0
has "a line a column, a column a trial" "$out" '^energy +nJ +[0-9.e-]+  '
value=$(sed -n 's/^best: energy = \([^ ]*\) nJ.*/\1/p' "$work/table")
run best "$work/a.db" -n 1
is "the first is the best of the search" "$(echo "$out" | awk '$1 == "energy" { print $3 }')" "$value"
run best "$work/a.db" -n 5 --format csv
is "-n" "$(echo "$out" | wc -l | tr -d ' ')" 6
has "CSV: a header" "$out" '^study,run,agent,seed,number,status,fidelity,topology,'
energies=$(echo "$out" | awk -F , 'NR > 1 { print $17 }')
is "CSV: best first" "$(echo "$energies" | sort -g)" "$energies"
run best "$work/a.db" -n 2 --format json
has "JSON: an object a trial" "$out" '^\{"study": 1, "run": [0-9]+, "agent": "(ga|random)", '
run best "$work/a.db" --format yaml
is "another format is a usage error" "$code" 2
run best "$work/a.db" --study 7
is "another study is bad input" "$code" 3
run best "$work/a.db" -n 0
is "none is a usage error" "$code" 2
run best "$work/nowhere.db"
is "no file is bad input" "$code" 3
[ ! -e "$work/nowhere.db" ]
report $? "and none is made" </dev/null
echo text >"$work/text.db"
run best "$work/text.db"
is "nor is a file that is no store" "$code" 3

"$gym" search --env trivial --agent forgetful --objective 'total,distance' --budget 100 \
  --store "$work/front.db" >/dev/null 2>&1
run best "$work/front.db" --format csv -n 50
cat >"$work/front.lua" <<'END'
-- No row may dominate another: columns 20 and 22 are total and distance.
local points = {}
for line in io.lines () do
  local fields = {}
  for field in (line .. ","):gmatch ("([^,]*),") do
    fields[#fields + 1] = field
  end
  local a, b = tonumber (fields[20]), tonumber (fields[22])
  points[#points + 1] = a and { a, b } or nil
end
assert (#points > 1, "a front of one")
for i, p in ipairs (points) do
  for j, q in ipairs (points) do
    assert (i == j or not (p[1] <= q[1] and p[2] <= q[2]), "a dominated row")
  end
end
print "fine"
END
is "several goals: none dominates another" "$(printf '%s\n' "$out" | "$gym" run "$work/front.lua")" fine
finish
