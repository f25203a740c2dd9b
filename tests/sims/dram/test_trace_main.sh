#!/bin/sh
# gym trace: what it prints, what it writes, what it refuses.
. "${0%/*}/../../cmd/tap.sh"

cat >"$work/t.stl" <<END
10: read 0x1000
12: write 0x1040
900: read 0x9000
END

run trace "$work/t.stl"
is "statistics end with 0 and no errors" "$code$err" 0
has "it says the form" "$out" 't\.stl, form stl, addresses 0x1000 to 0x9000$'
has "reads and their share" "$out" '^  reads  +2   66\.7 %$'
has "the time from first to last" "$out" '^  from first to last  +890  cycles$'
has "a histogram of gaps" "$out" '^  512 to 1023  +1   50\.0 %$'

run trace "$work/t.stl" --format json
printf '%s\n' "$out" >"$work/t.json"
has "JSON names the reads" "$out" '^  "reads": 2,$'
has "JSON has the gaps" "$out" '\{ "from": 512, "requests": 1 \}'
cat >"$work/json.lua" <<END
local json = require ("gym").json
local f = io.open (arg[1])
local t = json.decode (f:read ("a"))
print (t.requests, t.gaps[2].from, t.lowest_address)
END
run run "$work/json.lua" "$work/t.json"
has "JSON can be read" "$out$err" '^3(\.0)?	512(\.0)?	0x1000$'

for form in dramsim3 binary stl; do
  run trace "$work/t.stl" -o "$work/t.$form" --form $form
  is "to $form" "$code$out$err" 0
  run trace "$work/t.$form" -o "$work/back.stl" --form stl
  run trace "$work/t.stl" -o "$work/same.stl" --form stl
  is "and back from $form" "$(cat "$work/back.stl")" "$(cat "$work/same.stl")"
done
run trace "$work/t.binary" -n 2
has "a share of it" "$out" '^  all  +2$'
run trace "$work/t.stl" -o "$work/t.ld" --form untimed
is "untimed" "$(cat "$work/t.ld")" "LD 0x1000
ST 0x1040
LD 0x9000"

# A byte changed in the middle, and the end cut off.
size=$(wc -c <"$work/t.binary")
{ head -c 41 "$work/t.binary"; printf X; tail -c +43 "$work/t.binary"; } >"$work/bad"
run trace "$work/bad"
is "damage is bad input" "$code" 3
has "and named" "$err" '^gym trace: .*bad: from request 1 on: the checksum of a block is wrong'
head -c $((size - 1)) "$work/t.binary" >"$work/short"
run trace "$work/short"
is "so is a cut file" "$code" 3
has "and named, too" "$err" 'short: it ends after request 0, expected 3 of them$'

run trace "$work/t.stl" --part DDR5-4800 --mapping rb^rgc --ranks 2
has "another part" "$out" '^rows of DDR5-4800, mapping rb\^rgc, 1 channel of 2 ranks'
run trace "$work/t.stl" --part "$top/sims/dram/parts/HBM2.part"
has "a part file" "$out" '^rows of HBM2, '
run trace "$work/t.stl" --part DDR9
is "no such part" "$code" 3
run trace "$work/none"
is "no such file" "$code" 3
run trace "$work/t.stl" --mapping rbx
is "no such mapping" "$code" 3
run trace
is "a trace is needed" "$code" 2
run trace "$work/t.stl" "$work/t.stl"
is "one trace at a time" "$code" 2
run trace "$work/t.stl" --form binary
is "a form without output" "$code" 2
run trace "$work/t.stl" --ranks two
is "a bad number" "$code" 2
has "is named" "$err" '^gym trace: option --ranks: "two" is not understood'
run trace "$work/t.stl" --output /no/such/folder/x --form stl
is "what cannot be written is a failure" "$code" 1
run trace --help
has "help" "$out" '^Usage: gym trace FILE'
is "help is no error" "$code$err" 0
page=$out
run help trace
is "help trace is the same page" "$out" "$page"
finish
