#!/bin/sh
# gym watch: a study seen from another process.
. "${0%/*}/tap.sh"
GYM_PLUGIN_PATH=$build/tests/envs/.libs:$build/plugins/.libs

"$gym" search --env toy --agent random --agent ga --objective energy --budget 20 \
  --seeds 1,2 --store "$work/a.db" --quiet >/dev/null 2>&1
run watch "$work/a.db"
is "it ends with the study" "$code$err" 0
has "how far it is" "$out" '^\[#+\] 100 %  4 of 4 runs ended, 80 trials'
has "the best so far" "$out" '^best so far: (ga|random), seed [12], trial [0-9]+: [0-9.e-]+ nJ$'
has "each agent" "$out" '^  ga +\[#+\] 100 %  2/2 runs$'
run watch "$work/a.db" --study 5
is "another study is bad input" "$code" 3
run watch "$work/nowhere.db"
is "no file is bad input" "$code" 3

# A study that is at work: slow sleeps through every trial.
"$gym" search --env slow --agent random --objective value --budget 100000 \
  --store "$work/b.db" --quiet >"$work/log" 2>&1 &
search=$!
until_file "$work/b.db"
for i in $(seq 100); do
  run watch "$work/b.db" --once
  [ "$code" = 0 ] && break
  sleep 0.1
done
is "a look at a running study" "$code" 0
has "it is running" "$out" 'running|pending'
kill -INT $search
ends $search
is "which was not disturbed" "$code" 130
finish
