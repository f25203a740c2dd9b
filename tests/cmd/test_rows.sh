#!/bin/sh
# Rows as CSV and as JSON: quoting, absence, numbers that read back.
. "${0%/*}/tap.sh"

printf 'rows,text\n2,"two\nlines"\n3,tab\there \\ "\n' | sed '$s/ "$//' >"$work/d.csv"
"$gym" eval toy --designs "$work/d.csv" --format json >"$work/out" 2>/dev/null
out=$(cat "$work/out")
has "JSON: line breaks" "$out" '"text": "two\\u000alines"'
has "JSON: tabs and backslashes" "$out" '"text": "tab\\u0009here \\\\"'
"$gym" eval toy --designs "$work/d.csv" >"$work/out" 2>/dev/null
has "CSV: line breaks are quoted" "$(cat "$work/out")" ',ok,"two$'

run eval toy --random 200 --format json
printf '%s\n' "$out" >"$work/array.json"
cat >"$work/parse.lua" <<'END'
-- A JSON array of flat objects, checked by a grammar of its own.
local text, rows = io.read ("a"), 0
text = text:gsub ("^%[", ""):gsub ("%]%s*$", "")
for object in text:gmatch ("{(.-)}") do
  rows = rows + 1
  for key, value in object:gmatch ('"([^"]*)": ([^,]*)') do
    assert (value:match ('^"[^"]*"$') or tonumber (value), key .. " = " .. value)
  end
end
print (rows)
END
is "JSON: every row is an object" "$("$gym" run "$work/parse.lua" <"$work/array.json")" 200
hasnt "JSON: nothing is NaN" "$out" 'nan|inf,|null|: ,|: \}'

# Numbers are the shortest that read back: evaluating them again gives the same metrics.
run eval toy --random 200 --seed 3
printf '%s\n' "$out" >"$work/one.csv"
"$gym" eval toy --designs "$work/one.csv" 2>/dev/null | cut -d , -f 1-13 >"$work/two.csv"
cmp -s "$work/one.csv" "$work/two.csv"
report $? "CSV: numbers read back to the same bits" </dev/null
finish
