#!/bin/sh
# gym eval.
. "${0%/*}/tap.sh"

header=topology,ports,rows,lanes,clock,threshold,routing,window,delay,energy,throughput,utilisation,status
run eval toy --design topology=crossbar,ports=4,rows=3,lanes=8,clock=1,threshold=1
is "it works" "$code$err" 0
is "columns: parameters, metrics, status" "$(echo "$out" | head -n 1)" "$header"
has "a row a design" "$out" '^crossbar,4,3,8,1,1,,,[0-9.]+,[0-9.]+,[0-9.]+,[0-9.]+,ok$'
is "and no more" "$(echo "$out" | wc -l | tr -d ' ')" 2

run eval toy --design rows=3 --design rows=4
is "several designs" "$(echo "$out" | cut -d , -f 3 | tr '\n' ' ')" "rows 3 4 "
is "one note about defaults" "$(printf '%s\n' "$err" | grep -c 'default')" 1
is "and nothing else" "$(printf '%s\n' "$err" | grep -c .)" 1

run eval toy --random 30 --seed 7
random=$out
is "random designs" "$(echo "$out" | wc -l | tr -d ' ')" 31
has "some with inactive parameters" "$out" '^crossbar,.*,,,'
has "some infeasible, without metrics" "$out" ',,,,,infeasible$'
has "which is noted" "$err" '^gym: note: [0-9]+ of 30 designs are not ok$'
is "and no failure" "$code" 0
run eval toy --random 30 --seed 7
is "the same seed, the same rows" "$out" "$random"
run eval toy --random 30 --seed 8
[ "$out" != "$random" ]
report $? "another seed, other rows" </dev/null

# What eval prints can be read again.
printf '%s\n' "$random" >"$work/random.csv"
run eval toy --designs "$work/random.csv"
is "its output is a designs file" "$(echo "$out" | cut -d , -f 1-13)" "$random"
is "metrics and status come back with a prefix" "$(echo "$out" | head -n 1)" \
  "$header,in_delay,in_energy,in_throughput,in_utilisation,in_status"
printf '%s\n' "$out" >"$work/again.csv"
run eval toy --designs "$work/again.csv"
has "and once more with two" "$out" ',in_in_delay,.*,in_delay,|,in_delay,.*,in_in_delay,'

run eval toy --random 2 --fidelity coarse
has "a lower fidelity yields less" "$out" ',[0-9.]+,[0-9.]+,,,ok$'
run eval toy --random 2 --fidelity coarce
has "an unknown fidelity, with the nearest" "$err" '^gym: .*"coarce".*coarse'

# What lies behind a design.
printf '0: read 0x0\n4: write 0x40\n8: read 0x2000\n' >"$work/three.stl"
run eval dram -o trace="$work/three.stl" --random 2 --detail
is "details" "$code$err" 0
is "a header" "$(echo "$out" | head -n 1)" \
  "design,part,activates,precharges,reads,writes,row_hits"
is "the banks of each design" "$(echo "$out" | cut -d , -f 1 | sort | uniq -c | tr -s ' \n' ' ')" \
  " 16 1 16 2 1 design "
is "all requests" "$(echo "$out" | awk -F , '{ n += $5 + $6 } END { print n }')" 6
run eval dram -o trace="$work/three.stl" --random 1 --per-layer --format json
has "as JSON" "$out" '^{"design": 1, "part": "rank0.group0.bank0", "activates": [12], '
run eval mapping -o workload=mlp --design l1_tile_C=784,l1_tile_K=300 --design l1_tile_K=1 --detail
is "a design that breaks a rule" "$code" 0
has "is told by its number" "$err" '^gym: note: design 1: the design breaks a rule of the env$'
is "and does not end the rest" "$(echo "$out" | cut -d , -f 1 | sort -u | tr '\n' ' ')" "2 design "
run eval toy --random 2 --detail
is "an env without" "$code" 2
has "is told" "$err" '^gym: option --detail: env toy-v1 has no details to show$'

run eval noisy --random 3
a=$(echo "$out" | cut -d , -f 1-4)
run eval noisy --random 3
is "noise depends on the evaluation seed alone" "$(echo "$out" | cut -d , -f 1-4)" "$a"
run eval noisy --random 3 --eval-seed 5
[ "$(echo "$out" | cut -d , -f 1-4)" != "$a" ]
report $? "another evaluation seed, other noise" </dev/null
run eval noisy --random 30 --eval-seed 5
printf '%s\n' "$out" | cut -d , -f 1-4 >"$work/forth.csv"
{ head -n 1 "$work/forth.csv"; tail -n 30 "$work/forth.csv" | sort -r; } | cut -d , -f 1-3 >"$work/back.csv"
run eval noisy --designs "$work/back.csv" --eval-seed 5
is "and on the design, not on its place" "$(printf '%s\n' "$out" | cut -d , -f 1-4 | sort)" \
  "$(sort "$work/forth.csv")"

run eval faulty -o fault=mixed -o share=1 --random 40
has "failures have a status" "$out" ',,,failed$'
has "with the reason on standard error" "$err" '^gym: note: design [0-9]+ is failed: '
is "of the first few" "$(printf '%s\n' "$err" | grep -c ' is ')" 5

run eval toy --format json --random 3 --seed 7
has "JSON: levels are strings, numbers numbers" "$out" '^\{"topology": "[a-z]+", "ports": "[0-9]+", "rows": [0-9]+, '
is "JSON: an array" "$(echo "$out" | sed -n '1p;$p' | tr -d '\n')" "[]"

run eval toy
is "no designs is a usage error" "$code" 2
run eval toy --random 3 --design rows=3
is "two kinds as well" "$code" 2
run eval toy --random 0
is "and no random ones" "$code" 2
run eval toy --random 3 --where a=b
has "--where needs a file" "$err" '^gym: .*--designs'
run eval toy --design rows=3 --seed 3
has "--seed needs --random" "$err" '^gym: .*--random'
for bad in rows=nan rows=inf rows=17 rows=1.5 rows=1e999 topology=Mesh window=3 colum=1 rows rows=; do
  run eval toy --design $bad
  is "$bad is bad input" "$code$out" 3
  has "$bad: says what is wrong" "$err" "^gym: .*${bad%%=*}"
done
run eval toy -o limit --random 1
is "an option without a value" "$code" 3
run eval yot --random 1
has "an unknown env" "$err" '^gym: unknown env "yot"'
run eval careless --random 1
is "an agent is no env" "$code" 3

if [ -c /dev/full ]; then
  "$gym" eval trivial --random 1000 >/dev/full 2>"$work/err"
  is "a full disk is a failure" "$?" 1
else
  skip "a full disk" "no /dev/full"
fi
finish
