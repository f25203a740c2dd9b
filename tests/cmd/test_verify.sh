#!/bin/sh
# gym search --verify: what a search on a model found, measured.
. "${0%/*}/tap.sh"
GYM_PLUGIN_PATH=$GYM_PLUGIN_PATH:$build/envs/.libs:$build/plugins/.libs

"$gym" search --env toy --agent random --objective energy --budget 150 \
  --store "$work/a.db" --quiet >/dev/null 2>&1
"$gym" proxy train "$work/a.db" --model forest -o "$work/toy.proxy" 2>/dev/null

set -- search --env proxy -o "model=$work/toy.proxy" --agent ga --objective energy \
  --budget 200 --store "$work/v.db" --quiet
run "$@" --verify 4
is "it works" "$code$err" 0
has "all were measured" "$out" '^4 designs measured: energy'
is "a line each" "$(printf '%s\n' "$out" | grep -cE '^ +[1-4]  +[0-9.e+]+  +[0-9.e+]+')" 4
has "optimism" "$out" '^optimism \(measured against predicted, \+ is worse\): .*energy [+-]'
has "regret" "$out" '^best known of [0-9]+ trials: [0-9.e+-]+; regret '
first=$(printf '%s\n' "$out" | sed -n '/^4 designs/,$p')
run "$@" --verify 4
is "again from the store" "$(printf '%s\n' "$out" | sed -n '/^4 designs/,$p')" "$first"
run export "$work/v.db" --format csv
is "the trials are stored once" "$(printf '%s\n' "$out" | grep -c verified)" 4

# What was measured is what the env says.
run best "$work/v.db" --study 2
is "stored as a study" "$code" 0
first_of () { printf '%s\n' "$out" | sed -n 's/^ *1  *[^ ]*  *\([^ ]*\).*/\1/p' | tail -1; }
run "$@" --verify 2
once=$(first_of)
run "$@" --verify 2 --verify-on toy --verify-option scale=2
is "on another env" "$code" 0
echo "$once $(first_of)" | awk '{ exit !($1 > 0 && $2 / $1 > 1.9999 && $2 / $1 < 2.0001) }'
report $? "whose measurements are another's" </dev/null
run search --env toy --agent random --objective energy --budget 20 --store "$work/w.db" \
  --quiet --verify 2 --verify-on toy
is "of any search" "$code$err" 0
run search --env toy --agent random --objective energy --budget 20 --store "$work/w.db" \
  --quiet --verify 2
is "if it is said with what" "$code" 3
has "as no model says it" "$err" 'env: what is to measure the designs is missing'
run search --env toy --agent random --objective energy --verify 2
has "a store is needed" "$err" '^gym: option --verify needs --store, where the trials are$'
run search --env toy --agent random --objective energy --store "$work/w.db" --verify-on toy
has "and a number" "$err" '^gym: verify how many\? give --verify N$'
finish
