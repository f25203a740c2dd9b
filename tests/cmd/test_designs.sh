#!/bin/sh
# Designs files: which columns are parameters, which are carried, which are refused.
. "${0%/*}/tap.sh"

file () { # LINE...
  printf '%s\n' "$@" >"$work/designs.csv"
}

file 'name,rows,lanes,note' 'one,2,8,"a, ""b"""' 'two,3,12,'
run eval toy --designs "$work/designs.csv"
is "it works" "$code" 0
is "one note about missing parameters" "$(printf '%s\n' "$err" | grep -c .)" 1
has "which names them" "$err" '^gym: note: .*designs\.csv has no column for topology, ports, clock, threshold, routing, window: '
has "parameters are read, whatever their order" "$out" '^mesh,2,2,8,1,0\.1,fixed,,'
has "other columns are carried behind the status" "$out" ',status,name,note$'
has "with their quotes" "$out" ',ok,one,"a, ""b"""$'
has "and when empty" "$out" ',ok,two,$'
run eval toy --designs "$work/designs.csv" --format json
has "JSON: carried texts" "$out" '"status": "ok", "name": "one", "note": "a, \\"b\\""\}'
hasnt "JSON: empty ones are absent" "$out" '"name": "two", "note"'

file 'rows,measured,id' '2,85957050.00,007' '3,-1e5,12345678901234567890'
run eval toy --designs "$work/designs.csv" --format json
has "JSON: numbers stay as they are written" "$out" '"measured": 85957050\.00, "id": "007"'
has "JSON: unless a reader would change them" "$out" '"measured": -1e5, "id": "12345678901234567890"'

run eval toy --designs - <"$work/designs.csv"
is "standard input" "$("$gym" eval toy --designs - <"$work/designs.csv" 2>/dev/null | wc -l | tr -d ' ')" 3

file 'rows,delay,status' '2,17,good'
run eval toy --designs "$work/designs.csv"
has "a clash gets a prefix" "$out" ',delay,energy,.*,status,in_delay,in_status$'

for column in row rowss topolgoy Rows deley energi through_put; do
  file "lanes,$column" '8,3'
  run eval toy --designs "$work/designs.csv"
  case $column in
    energi) name=energy ;; deley) name=delay ;; through_put) name=throughput ;;
    topolgoy) name=topology ;; *) name=rows ;;
  esac
  is "a slip is bad input: $column" "$code$out" 3
  has "which names both: $column" "$err" "^gym: .*designs\.csv: column \"$column\".*\"$name\""
done
file 'lanes,energy_pJ' '8,3'
run eval toy --designs "$work/designs.csv"
is "three edits are no slip" "$code" 0

file 'trace,kind,rows' 'a,x,2' 'b,x,3' 'a,y,4' 'a,x,5'
run eval toy --designs "$work/designs.csv" --where trace=a
is "--where selects" "$(echo "$out" | cut -d , -f 3 | tr '\n' ' ')" "rows 2 4 5 "
run eval toy --designs "$work/designs.csv" --where trace=a --where kind=x
is "several conditions hold together" "$(echo "$out" | cut -d , -f 3 | tr '\n' ' ')" "rows 2 5 "
run eval toy --designs "$work/designs.csv" --where rows=3
is "on parameters too" "$(echo "$out" | cut -d , -f 3 | tr '\n' ' ')" "rows 3 "
run eval toy --designs "$work/designs.csv" --where trcae=a
is "an unknown column is bad input" "$code" 3
has "with the nearest" "$err" 'unknown column "trcae"; .*did you mean trace\?'
run eval toy --designs "$work/designs.csv" --where kind=z
is "no row is bad input" "$code" 3
has "and says which condition" "$err" 'designs\.csv: no row has kind=z'
run eval toy --designs "$work/designs.csv" --where trace=b --where kind=y
has "even when each is met alone" "$err" 'designs\.csv: no row meets all'
run eval toy --designs "$work/designs.csv" --where trace
is "a condition without = is a usage error" "$code" 2

file 'topology,rows,window' 'crossbar,3,' 'mesh,3,5'
run eval toy --designs "$work/designs.csv"
is "an inactive parameter with a value is bad input" "$code$out" 3
has "with file and line" "$err" '^gym: .*designs\.csv:3: .*window'
file 'rows' '3' '' '4'
run eval toy --designs "$work/designs.csv"
has "an active one without a value too" "$err" '^gym: .*designs\.csv:3: .*rows'
for bad in 17 2.5 inf nan many 1e400; do
  file 'rows,x' '3,a' "$bad,b"
  run eval toy --designs "$work/designs.csv"
  is "a bad value prints nothing: $bad" "$code$out" 3
  has "with file and line: $bad" "$err" '^gym: .*designs\.csv:3: .*rows'
  run eval toy --designs "$work/designs.csv" --where x=a
  is "unless its row is not selected: $bad" "$code" 0
done
file 'topology' 'Mesh'
run eval toy --designs "$work/designs.csv"
has "levels, with the valid ones" "$err" 'designs\.csv:2: .*mesh'
file 'rows,x' '3'
run eval toy --designs "$work/designs.csv"
has "wrong arity" "$err" '^gym: .*designs\.csv:2: found 1 field; the header has 2$'
file 'rows'
run eval toy --designs "$work/designs.csv"
is "a header alone is bad input" "$code" 3
run eval toy --designs "$work/nowhere.csv"
is "no file is bad input" "$code" 3
has "and names it" "$err" '^gym: .*nowhere\.csv'
finish
