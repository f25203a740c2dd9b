#!/bin/sh
# gym worker: joining, leaving, being of no use.
. "${0%/*}/tap.sh"

endpoint=ipc://$work/socket
search="search --env toy --agent random --agent ga --objective energy --budget 60 --seeds 1..2 --in-flight 6 --quiet"
"$gym" $search --store "$work/here.db" >/dev/null
"$gym" worker "$endpoint" -n 3 --wait 8 >"$work/workers" 2>&1 &
workers=$!
run $search --store "$work/there.db" --workers "$endpoint"
is "a search by three workers that were first" "$code$err" 0
ends $workers
is "who end with it" "$code" 0

for name in here there; do
  "$gym" export "$work/$name.db" --format csv --canonical >"$work/$name.csv"
done
cmp "$work/here.csv" "$work/there.csv" >"$work/difference" 2>&1
report $? "the trials are the same" <"$work/difference"

run worker "$endpoint" --wait 0.3
is "no study: nothing to do" "$code" 0
has "is said" "$err" 'nothing to do'
"$gym" worker "$endpoint" --quiet &
pid=$!
sleep 0.3
kill -TERM $pid
ends $pid
is "stopped by a signal" "$code" 130

"$gym" $search --workers "$endpoint" >/dev/null 2>"$work/err" &
study=$!
GYM_PLUGIN_PATH=$work run worker "$endpoint" --wait 5
is "a worker without the env" "$code" 1
has "is refused with the reason" "$err" 'has no env toy-v1: install its plugin'
kill -9 $study

run worker nonsense
is "no endpoint" "$code" 3
run worker
is "none at all" "$code" 2
run worker "$endpoint" --keys "$work/nowhere"
is "no keys" "$code" 3
run worker "$endpoint" --isolate a-bit
is "an unknown isolation" "$code" 2
finish
