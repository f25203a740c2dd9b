#!/bin/sh
# gym check as a whole: its report and its exit code, whatever the plugin does.
. "${0%/*}/tap.sh"

run check trivial
is "it works" "$code" 0
has "a line a check" "$out" '^ok 1 - opens$'
is "a plan" "$(echo "$out" | tail -n 1)" "1..$(echo "$out" | grep -cE '^(not )?ok ')"
run check trivial -o size=3
is "not ok is a failure" "$code" 1
has "with what was seen" "$out" '^not ok 1 - opens: .*size'
run check faulty -o fault=crash -o share=0.5
is "a crash is a failure" "$code" 1
has "that is reported" "$out" '^not ok - .*seen the process die \(Aborted\), expected'
run check faulty -o fault=sleep -o share=1 -o seconds=1000 --timeout 1
is "a hang is a failure" "$code" 1
has "that is reported" "$out" '^not ok - .*seen the process hang'
run check liar -o lie=print
hasnt "what a plugin prints does not garble the report" "$out" '^Hello'
run check nosuch
is "an unknown id is bad input" "$code$out" 3
run check trivial --designs none
is "a wrong number is a usage error" "$code" 2
if [ -c /dev/full ]; then
  "$gym" check trivial >/dev/full 2>/dev/null
  is "a lost report is a failure" "$?" 1
else
  skip "a lost report" "no /dev/full"
fi
finish
