#!/bin/sh
# gym show.
. "${0%/*}/tap.sh"
GYM_PLUGIN_PATH=$build/tests/envs/.libs:$build/plugins/.libs

"$gym" search --env toy --agent random --agent ga --objective energy --budget 20 \
  --seeds 1,2 --store "$work/a.db" --quiet >/dev/null 2>&1
run show "$work/a.db" --trial 3 --agent ga --seed 2
is "it works" "$code$err" 0
has "its number" "$out" '^number +3$'
has "metrics with units" "$out" '^energy +[0-9.]+ nJ$'
energy=$(echo "$out" | awk '$1 == "energy" { print $2 }')
is "it is the trial of the store" "$energy" \
  "$("$gym" export "$work/a.db" --format jsonl | grep '"agent":"ga"' | grep '"seed":2' |
     grep '"number":3,' | sed 's/.*"energy":\([^,]*\).*/\1/')"
id=$(echo "$out" | awk '$1 == "run" { print $2 }')
run show "$work/a.db" --trial 3 --run "$id"
has "by its run" "$out" "^energy +$energy nJ"
run show "$work/a.db" --trial 3
is "which of four is not clear" "$code" 3
has "and how to say it" "$err" '4 runs .*--agent LABEL and --seed S'
run show "$work/a.db" --trial 99 --agent ga --seed 2
is "no such trial is bad input" "$code" 3
run show "$work/a.db" --trial 3 --agent nobody
is "no such agent is bad input" "$code" 3
run show "$work/a.db"
is "no trial is a usage error" "$code" 2
run show "$work/a.db" --trial x
is "a word for a number is one too" "$code" 2
"$gym" search --env faulty -o fault=fail -o share=1 --agent random --objective height \
  --budget 5 --store "$work/bad.db" --quiet >/dev/null 2>&1
run show "$work/bad.db" --trial 0
has "a failure has its reason" "$out" '^note +[a-z]'
finish
