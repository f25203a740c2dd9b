#!/bin/sh
# Figures of fronts show every agent, and end where the table says.
. "${0%/*}/tap.sh"
. "${0%/*}/figures.sh"

for f in volume distance epsilon; do
  draws two $f
  for agent in random nsga2; do
    has "$f: $agent" "$svg" ">$agent<"
  done
done
draws two volume
has "volume: in percent" "$svg" 'volume of the front \[% of that of all runs\]'
draws two distance
has "distance: in ranges" "$svg" 'IGD\+ \[ranges of all fronts\]'
run plot "$work/one.db" --figure epsilon -o "$work/x.svg"
is "one goal has no front" "$code" 3
finish
