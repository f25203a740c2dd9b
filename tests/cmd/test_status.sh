#!/bin/sh
# gym status: of a store, and of a running study.
. "${0%/*}/tap.sh"

store=$work/a.db
"$gym" search --env toy --agent random --objective energy --budget 30 --seeds 1..2 --store "$store" --quiet >/dev/null
run status "$store"
is "of a store" "$code$err" 0
has "the study" "$out" '^study 1: toy-v1, objective energy, budget 30 a run, finished; [0-9]+ trials'
has "and its runs" "$out" '^  random +seed 2 +finished +30 spent'
run status "$store" --json
printf '%s' "$out" | python3 -c 'import json, sys; d = json.load(sys.stdin); assert len(d["runs"]) == 2'
report $? "as JSON" </dev/null
run status "$work/nowhere.db"
is "no store" "$code" 3

endpoint=ipc://$work/socket
"$gym" search --env slow -o ms=20 --agent random --objective value --budget 300 --workers "$endpoint" --quiet >/dev/null 2>&1 &
study=$!
"$gym" worker "$endpoint" --quiet &
for i in $(seq 50); do
  run status "$endpoint"
  echo "$out" | grep -q busy && break
  sleep 0.1
done
is "of a study" "$code" 0
has "its env and objective" "$out" '^slow-v1, objective value'
has "its worker" "$out" '^  [^ ]+:[0-9]+ +busy'
run status "$endpoint" --json
printf '%s' "$out" | python3 -c 'import json, sys; d = json.load(sys.stdin); assert d["workers"][0]["trials"] >= 0 and d["study"]["runs"] == 1'
report $? "as JSON" </dev/null
kill -9 $study
run status "$endpoint" --wait 0.2
is "nobody there" "$code" 3
has "is said" "$err" 'no study answers'
kill %2 2>/dev/null
finish
