#!/bin/sh
# gym table.
. "${0%/*}/tap.sh"
GYM_PLUGIN_PATH=$build/tests/envs/.libs:$build/plugins/.libs

"$gym" search --env toy --agent random --agent ga --label g --agent ga -a population=4 \
  --objective 'energy; delay<=400' --budget 50 --seeds 1..3 --store "$work/a.db" \
  --quiet --isolate none >"$work/search" 2>&1
run table "$work/a.db"
is "it works" "$code$err" 0
has "the study" "$out" '^study 1: toy-v1$'
has "the baseline" "$out" '^mean random design: [0-9.]+ nJ$'
has "the target, and how hard it is" "$out" '^target: [0-9.]+ nJ \(within 1 % of the best found\), reached by [0-9.e-]+ % of random designs$'
is "the medians are those of the search" \
  "$(echo "$out" | awk '$1 == "g" || $1 == "random" { print $1, $3, $4, $5 }')" \
  "$(awk '$1 == "g" || $1 == "random" { print $1, $3, $4, $5 }' "$work/search")"
has "settings of one agent" "$out" '^ga-v1 +2 '
has "their spread" "$out" '^spread over an agent.s settings: '
run table "$work/a.db" --sort
medians=$(echo "$out" | awk '/ finished$/ { print $(NF - 10) }')
is "--sort" "$medians" "$(echo "$medians" | sort -g)"
run table "$work/a.db" --target 1e9
is "a target that all reach" "$(echo "$out" | grep -c '  100 %  ')" 3
run table "$work/a.db" --target 1e-9
is "a target that none reaches" "$(echo "$out" | grep -c 'never')" 3
"$gym" search --env toy -o limit=50 --agent random --objective energy --budget 5 \
  --store "$work/a.db" --quiet >/dev/null 2>&1
run table "$work/a.db"
has "studies are told apart" "$out" '^study 2: toy-v1 limit=50$'
run table "$work/a.db" --study 1
hasnt "--study" "$out" '^study 2'
run table "$work/nowhere.db"
is "no file is bad input" "$code" 3

"$gym" search --env trivial --agent forgetful --objective 'total,distance' --budget 60 \
  --seeds 1,2 --store "$work/front.db" --quiet >/dev/null 2>&1
run table "$work/front.db"
has "several goals by the volume of fronts" "$out" 'share of the volume of all fronts'
"$gym" search --env faulty -o fault=fail -o share=1 --agent random --objective height \
  --budget 9 --seeds 1,2 --store "$work/bad.db" --quiet >/dev/null 2>&1
run table "$work/bad.db"
is "nothing but failures" "$code$(echo "$out" | awk '/^random/ { print $3, $(NF - 2) }')" "0- 18"
finish
