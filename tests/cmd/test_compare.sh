#!/bin/sh
# gym compare.
. "${0%/*}/tap.sh"
GYM_PLUGIN_PATH=$build/tests/envs/.libs:$build/plugins/.libs
search () {
  "$gym" search --env toy --isolate none --quiet --store "$work/a.db" "$@" >/dev/null 2>&1
}

search --agent random --agent ga --agent hill --objective energy --budget 150 --seeds 1..10
run compare "$work/a.db" ga random
is "it works" "$code$err" 0
has "a verdict in a sentence" "$out" '^=> ga is better than random at 150 evaluations \(p = [0-9.e-]+; effect size A = [01]\.[0-9]+, large\)$'
has "against the mean random design" "$out" 'better than the mean random design by +[0-9.]+ %'
has "how many random designs are as good" "$out" 'random designs that are as good +[0-9.e-]+ %'
has "running times" "$out" 'expected evaluations, with restarts +[0-9]+ '
has "the test" "$out" 'Wilcoxon signed-rank test of 10 pairs'
has "an interval" "$out" '95 % interval \['
hasnt "seeds are enough" "$out" 'TOO FEW'
p=$(echo "$out" | sed -n 's/.*: p = \(.*\)/\1/p')
run compare "$work/a.db" random ga
has "the other way round it is the same verdict" "$out" '^=> ga is better than random'
is "and the same p" "$(echo "$out" | sed -n 's/.*: p = \(.*\)/\1/p')" "$p"
run compare "$work/a.db"
is "all pairs" "$(echo "$out" | grep -c '^=> ')" 3
has "corrected" "$out" 'Holm-corrected'
has "and ranks" "$out" '^Friedman.s test over 10 seeds'
is "a rank an agent" "$(echo "$out" | grep -cE '^ +[0-9.]+  (random|ga|hill)$')" 3

search --agent random --agent ga --objective delay --budget 30 --seeds 1..3
run compare "$work/a.db" ga random --study 2
has "too few seeds are said loudly" "$out" '^!! TOO FEW SEEDS: with 3 pairs the smallest p there can be is 0.25'
has "no difference is no victory" "$out" '^=> no significant difference between ga and random'
has "how many would do" "$(echo $out)" 'least 6 seeds'
run compare "$work/a.db" ga random
is "all studies with one correction" "$(echo "$out" | grep -c 'Holm-corrected')" 2

run compare "$work/a.db" ga rnadom --study 1
is "an unknown agent is bad input" "$code" 3
has "with the nearest" "$err" 'did you mean random'
run compare "$work/a.db" ga
is "one agent is a usage error" "$code" 2
run compare "$work/a.db" ga ga
is "an agent and itself are bad input" "$code" 3
run compare "$work/a.db" --study 9
is "another study is bad input" "$code" 3
run compare "$work/a.db" ga random --study 1 --target 1s
is "a target of another unit is bad input" "$code" 3
run compare "$work/a.db" ga random --study 1 --target 1uJ
has "a target with a unit" "$out" 'runs that reach 1000 nJ +100 %'

"$gym" search --env toy --agent random --agent nsga2 --objective energy,delay --budget 60 \
  --seeds 1..6 --store "$work/m.db" --quiet --isolate none >/dev/null 2>&1
run compare "$work/m.db" nsga2 random
has "several goals by the volume of fronts" "$out" 'share of the joint front, median, %'
"$gym" search --env toy --agent ga -a population=4 --agent ga -a population=8 \
  --objective energy --budget 20 --seeds 1..6 --store "$work/s.db" --quiet >/dev/null 2>&1
run compare "$work/s.db" ga random
is "an id with several settings is bad input" "$code" 3
has "they are listed" "$err" '"ga population=4", "ga population=8"'
run compare "$work/s.db" 'ga population=4' 'ga population=8'
is "labels tell them apart" "$code" 0
finish
