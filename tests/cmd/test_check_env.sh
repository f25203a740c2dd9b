#!/bin/sh
# The checks of envs: honest ones pass, and each lie is found by the check made for it.
. "${0%/*}/tap.sh"

for env in toy 'toy -o surface=rugged' 'toy -o repair=false -o limit=900' noisy trivial faulty \
  'needy -o factor=2' liar; do
  run check $env
  is "$env keeps to the contract" "$code$(echo "$out" | grep -v '^ok\|^1\.\.')" 0
done

lie () { # ENV LIE CHECK
  run check $1 ${2:+-o lie=$2}
  has "$1${2:+ $2}: $3" "$out" "^not ok [0-9]+ - $3: .*seen |^not ok [0-9]+ - $3: .*expected "
}
lie liar state 'same design and seed, same bits'
lie liar batch 'a batch equals single designs'
lie liar order 'the order of a batch does not matter'
lie liar instance 'a second instance gives the same bits'
lie liar seed 'the seed matters exactly when it is declared'
lie calm '' 'the seed matters exactly when it is declared'
lie liar print 'nothing is printed'
lie liar leak 'opening and closing 100 times leaves no file open'
lie liar nan 'random designs evaluate to finite metrics'
lie liar default 'the default design is ok'
lie liar refuse 'random designs evaluate to finite metrics'
lie liar inactive 'inactive parameters are honoured'
lie liar repair 'repair settles'
lie liar unit 'metrics have a doc and a unit'
lie liar sentence 'parameters are documented'
lie liar sealed 'sealed metrics leave the others alone'
lie liar cost 'fidelity costs rise'
lie mute '' 'texts and options are documented'
run check needy
has "an option that is missing" "$out" '^not ok 1 - opens: .*factor'

# Every env that is built keeps to it, under the options it needs.
echo '{"kind": "trap", "block": 2, "perm": [0, 1, 2, 3], "target": [1, 0, 2, 1], "params":
  [{"name": "a", "type": "cat", "n": 3}, {"name": "b", "type": "cat", "n": 3},
   {"name": "c", "type": "cat", "n": 3}, {"name": "d", "type": "cat", "n": 3}]}' >"$work/trap.json"
"$gym" search --env toy --agent random --objective energy --budget 80 \
  --store "$work/toy.db" --quiet >/dev/null 2>&1
"$gym" proxy train "$work/toy.db" --model forest -o "$work/toy.proxy" 2>/dev/null
sed "s|TOP|$top|g; s|HERE|$work|g; s/  */ /" "$top/tests/cmd/check.options" >"$work/options"
for id in $("$gym" list envs | awk '!/, for tests$/ && !/for tests and benchmarks$/ { print $1 }'); do
  grep -q "^$id " "$work/options" || echo "$id" >>"$work/options"
  grep "^$id\( \|$\)" "$work/options" | while read -r line; do
    "$gym" check $line >"$work/report" 2>/dev/null
    echo "$?" "$(grep '^not ok' "$work/report" | tr '\n' ';')" >>"$work/ends"
    echo "$line" >>"$work/done"
  done
done
number=0
while read -r end; do
  number=$((number + 1))
  is "$(sed -n "${number}p" "$work/done" | sed "s|$top/||; s|$work/||") keeps to the contract" "${end% }" 0
done <"$work/ends"
finish
