#!/bin/sh
# gym export.
. "${0%/*}/tap.sh"

"$gym" search --env noisy --agent random --objective loss --budget 30 --seeds 1..2 \
  --store "$work/a.db" >/dev/null 2>&1
run export "$work/a.db" --format csv
is "it works" "$code$err" 0
is "CSV: a header and a line a trial" "$(echo "$out" | wc -l | tr -d ' ')" 61
has "CSV: with the measured metric" "$out" '^study,.*,elapsed'
run export "$work/a.db" --format csv --canonical
hasnt "canonical: without it" "$out" 'elapsed|host|time'
canonical=$out
run export "$work/a.db" --format jsonl
is "JSON lines: a line a trial" "$(echo "$out" | wc -l | tr -d ' ')" 60
has "JSON lines: objects" "$out" '^\{.*"agent": ?"random.*\}$'

"$gym" search --env noisy --agent random --objective loss --budget 30 --seeds 1..2 \
  --store "$work/b.db" >/dev/null 2>&1
run export "$work/b.db" --format csv --canonical
is "canonical: equal studies are equal" "$out" "$canonical"

run export "$work/a.db" --format csv --canonical -o "$work/out.csv"
is "-o prints nothing" "$code$out" 0
is "and writes the same" "$(cat "$work/out.csv")" "$canonical"
[ ! -e "$work/out.csv.part" ]
report $? "and nothing else" </dev/null
run export "$work/a.db" --format csv -o "$work/a.db"
is "not over the store" "$code" 3
run best "$work/a.db" -n 1
is "which is whole" "$code" 0
run export "$work/a.db" --format csv -o "$work/nowhere/out.csv"
is "not where it cannot be" "$code" 1
run export "$work/a.db"
is "the format must be given" "$code" 2
run export "$work/a.db" --format json
has "one of the two" "$err" '^gym: unknown format "json"; valid ones are: csv, jsonl; did you mean jsonl\?$'
run export "$work/nowhere.db" --format csv
is "no store is bad input" "$code" 3
if [ -c /dev/full ]; then
  "$gym" export "$work/a.db" --format csv >/dev/full 2>"$work/err"
  is "a full disk is a failure" "$?" 1
  run export "$work/a.db" --format csv -o /dev/full
  is "as a file too" "$code" 1
  [ -c /dev/full ]
  report $? "which stays what it was" </dev/null
else
  skip "a full disk" "no /dev/full"
fi
finish
