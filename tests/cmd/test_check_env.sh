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
  has "$1 ${2:-}: $3" "$out" "^not ok [0-9]+ - $3: .*seen |^not ok [0-9]+ - $3: .*expected "
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
lie liar cost 'fidelity costs rise'
lie mute '' 'texts and options are documented'
run check needy
has "an option that is missing" "$out" '^not ok 1 - opens: .*factor'
finish
