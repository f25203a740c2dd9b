#!/bin/sh
# Options of gym search that say where trials are evaluated.
. "${0%/*}/tap.sh"

search="search --env toy --agent random --objective energy --budget 40 --seeds 1..2 --in-flight 4 --quiet"
dump () { # NAME OPTIONS...: the canonical content of a search with these
  name=$1
  shift
  run $search --store "$work/$name.db" "$@"
  is "search $*" "$code$err" 0
  "$gym" export "$work/$name.db" --format csv --canonical >"$work/$name.csv"
  cmp "$work/$name.csv" "$work/none.csv" >"$work/difference" 2>&1
  report $? "gives the same trials" <"$work/difference"
}
dump none --isolate none
dump child
dump strict --isolate strict --timeout 20s --memory 1GiB
dump jobs --jobs 3 --batch 2
dump endless --timeout 0 --memory 0

run search --env faulty -o fault=crash -o at=3 --agent sobol --objective height --budget 2000
is "a crash does not end a search" "$code" 0
has "and is told" "$err" '2 trials failed; the first: .*crashed: signal'
run search --env faulty -o fault=hang -o at=3 -o seconds=100 --agent sobol --objective height \
  --budget 2000 --timeout 0.2
is "nor does a trial that hangs" "$code" 0
has "which is told as well" "$err" 'timeout: not done within 0.2 s'

# What an env says is heard from wherever it is evaluated.
for place in "--isolate none" "" "--isolate strict" "--jobs 1" "--jobs 3" "--jobs 2 --isolate none"; do
  run search --env faulty -o fault=say -o share=1 --agent sobol --objective height --budget 100 $place
  is "an env that talks ${place:-in a child}" "$code" 0
  is "is heard" "$(printf '%s\n' "$err" | grep -c '^gym: note: at point [0-9]*$')" 100
done

while read -r want options; do
  run $search $options
  is "$options" "$code" "$want"
done <<END
2 --timeout soon
2 --memory 3X
2 --isolate strickt
2 --jobs 0
2 --keys $work
2 --lease -1
3 --workers tcp://*:5555
3 --workers nonsense
3 --workers tcp://127.0.0.1:5555 --keys $work/nowhere
END
finish
