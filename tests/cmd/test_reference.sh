#!/bin/sh
# The comparison with another simulator, as one command: it must work as it stands.
. "${0%/*}/tap.sh"
reference=${GYM_REFERENCE:-$top/../shared/reference}
designs=$reference/dram/dramsys/random_designs.csv
trace=$(ls "$reference"/dram/archgym_traces/random* "$reference"/dram/*/random.stl 2>/dev/null | head -n 1)
if [ ! -f "$designs" ] || [ ! -f "$trace" ]; then
  skip "reference designs" "no reference data at $reference"
  finish
fi
if ! "$gym" info dram >/dev/null 2>&1; then
  skip "reference designs" "no env dram"
  finish
fi
run eval dram -o setup=archgym -o trace="$trace" --designs "$designs" --where trace=random.stl
is "it works" "$code" 0
is "a row a selected design" "$(echo "$out" | wc -l | tr -d ' ')" \
  "$(($(grep -c ',random\.stl,' "$designs") + 1))"
has "our time and power" "$out" '^PagePolicy,.*[,]total_time,.*status,'
has "beside the reference columns" "$out" ',status,design,trace,energy_pJ,avg_power_mW,total_time_ns$'
hasnt "every design is ok" "$out" ',(failed|infeasible),'
is "no parameter takes a default" "$(printf '%s\n' "$err" | grep -c 'default')" 0
finish
