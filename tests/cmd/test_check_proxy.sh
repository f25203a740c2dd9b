#!/bin/sh
# The checks of proxy models: honest ones pass, and each lie is found by the check made
# for it.
. "${0%/*}/tap.sh"

run check forger
is "an honest model keeps to the contract" "$code$(echo "$out" | grep -v '^ok\|^1\.\.')" 0

lie () { # LIE CHECK
  run check forger -o lie=$1
  has "$1: $2" "$out" "^not ok [0-9]+ - $2: "
}
lie ignorant 'new rows are predicted better than by the mean'
lie batch "no row's prediction depends on others"
lie restless 'same seed and rows, same model'
lie keepsake 'same seed and rows, same model'
lie file 'a saved model predicts the same bits'
lie rows 'a single row is enough'
lie offset 'constant targets are predicted'
lie squares 'targets of any size are borne'
lie deaf 'learning stops on request'
lie touchy 'settings drawn at random work'
has "with the settings" "$out" 'forger-v1.*"speed": [6-9].*too fast'
is "and by no other" "$(echo "$out" | grep -c '^not ok')" 1
lie print 'nothing is printed'
lie leak 'opening and closing 50 times leaves no file open'
lie spread 'spaces of all kinds are learnt'
run check forger -o lies=none
is "a wrong option fails" "$code" 1

# Every model that is built keeps to it.
scale=${GYM_TEST_TIMEOUT_SCALE:-1}
GYM_PLUGIN_PATH=$build/plugins/.libs
for id in $("$gym" list proxies | awk '{ print $1 }'); do
  run check "$id" --timeout $((300 * ${scale%.*}))
  is "$id keeps to the contract" "$code$(echo "$out" | grep '^not ok')" 0
done
finish
