#!/bin/sh
# Scores of models: tables and JSON say the same.
. "${0%/*}/tap.sh"

"$gym" search --env toy --agent random --agent hill --objective energy --budget 80 \
  --store "$work/a.db" --quiet >/dev/null 2>&1
for way in "--folds 3" "--curve 10,30" "--diversity --draws 1"; do
  set -- proxy eval --metric energy,utilisation --model ridge $way "$work/a.db"
  run "$@"
  is "$way" "$code$err" 0
  is "fits 80 columns" "$(printf '%s\n' "$out" | awk 'length > 80' | wc -l | tr -d ' ')" 0
  table=$(printf '%s\n' "$out" | grep -oE '^(energy|10|30|random|hill) .*' | grep -oE ' [0-9.]+(e[+-][0-9]+)?' | head -1 | tr -d ' ')
  run "$@" --json
  # The first error of the table is one of the JSON's, in four digits.
  printf '%s\n' "$out" | grep -oE '"rmse": [0-9.e+-]+' | sed 's/.*: //' |
    awk -v want="$table" '{ if (sprintf("%.4g", $1) + 0 == want + 0) found = 1 } END { exit !found }'
  report $? "JSON has the table's numbers" </dev/null
  printf '%s\n' "$out" >"$work/x.json"
  "$gym" run - <<END >"$work/read" 2>&1
local f = io.open("$work/x.json")
local t = require "gym".json.decode(f:read "a")
assert(t.scores or t.curve or t.draws)
print "read"
END
  is "and is JSON" "$(cat "$work/read")" read
done
# Names, units and labels are cut between characters, whatever their length.
cat >"$work/long.lua" <<'END'
local gym = require "gym"
local function env(name, unit)
  return gym.env(gym.environment {
    id = name .. "-v1", space = { { name = "a", levels = { "1", "2", "3", "4", "5", "6" } },
                                  { name = "b", levels = { "1", "2", "3", "4", "5", "6" } } },
    metrics = { { name = name, unit = unit } },
    evaluate = function(_, d) return { [name] = 2 * d.a + d.b } end })
end
for i, name in ipairs { "t", "ti", ("x"):rep(40), ("x"):rep(41) } do
  local s = gym.study { env = env(name, ("µ"):rep(110)), objective = "min(" .. name .. ")",
                        budget = 20, store = ("%s/%d.db"):format(arg[1], i), progress = false }
  s:add("random", {}, ("ü"):rep(30)):add("random", {}, "x" .. ("ü"):rep(30)):run()
end
END
"$gym" run "$work/long.lua" "$work" >/dev/null 2>"$work/err" || cat "$work/err"
for i in 1 2 3 4; do
  for way in "--folds 2" "--curve 5" "--diversity --draws 1"; do
    run proxy eval --model ridge $way "$work/$i.db"
    is "whole characters: $i, $way" "$code:$(iconv -f UTF-8 -t UTF-8 "$work/out" 2>&1)" "0:$out"
  done
done
has "20 of them" "$out" '^ü{20} '
run proxy eval --metric energy --model ridge --folds 3 --json "$work/a.db"
has "units" "$out" '"unit": "'
has "likelihood" "$out" '"nll": (-?[0-9]|null)'
finish
