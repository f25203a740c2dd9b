#!/bin/sh
# Figures of runs show every agent.
. "${0%/*}/tap.sh"
. "${0%/*}/figures.sh"

for f in curves ecdf profile; do
  draws one $f
  for agent in random ga hill; do
    has "$f: $agent" "$svg" ">$agent<"
  done
done
draws one ranks
has "ranks: the critical difference" "$svg" 'critical difference [0-9.]+'
sum=$(echo "$svg" | sed -n 's/.*>\(random\|ga\|hill\)  \([0-9.]*\)<.*/\2/p' |
  awk '{ s += $1 } END { printf "%.1f", s }')
is "ranks: they sum to 1 + 2 + 3" "$sum" 6.0
draws many lottery
has "lottery: how many settings" "$svg" 'ga-v1 \(3\)'
draws many curves
run plot "$work/one.db" --figure lottery -o "$work/x.svg"
is "a figure without anything to show is bad input" "$code" 3
has "and says what it would show" "$err" 'setting of an agent'
finish
