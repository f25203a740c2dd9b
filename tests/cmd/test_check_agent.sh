#!/bin/sh
# The checks of agents: honest ones pass, and each lie is found by the check made for it.
. "${0%/*}/tap.sh"

run check careless
is "an honest agent keeps to the contract" "$code$(echo "$out" | grep -v '^ok\|^1\.\.')" 0

lie () { # AGENT LIE CHECK
  run check $1 -o lie=$2
  has "$1 $2: $3" "$out" "^not ok [0-9]+ - $3: "
}
lie careless unseeded 'another seed, other designs'
lie careless restless 'same seed, same designs'
lie careless print 'nothing is printed'
lie careless leak 'opening and closing 100 times leaves no file open'
lie careless infinity 'spaces of all kinds are searched'
lie careless fragile 'infeasible and failed results are borne'
lie careless hopeless 'nothing but failures is borne'
lie careless touchy 'settings drawn at random work'
lie careless deaf 'first designs go by a prior'
lie forgetful none 'no design twice in a finite space'
run check careless -o lie=touchy
is "and by no other" "$(echo "$out" | grep -c '^not ok')" 1
run check careless -o lies=none
is "a wrong option fails every search" "$code" 1

# Every agent that is built keeps to it. Learners take their time in a sanitized build.
scale=${GYM_TEST_TIMEOUT_SCALE:-1}
for id in $("$gym" list agents | awk '{ print $1 }'); do
  case $id in
    careless-v1 | forgetful-v1) continue ;;
  esac
  run check "$id" --timeout $((300 * ${scale%.*}))
  is "$id keeps to the contract" "$code$(echo "$out" | grep '^not ok')" 0
done
finish
