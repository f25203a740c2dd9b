#!/bin/sh
# Figures of designs name every parameter.
. "${0%/*}/tap.sh"
. "${0%/*}/figures.sh"

draws two front
has "front: hovering shows the design" "$svg" '<g class="point"><title>agent=[a-z0-9]+; seed=[0-9]+; number=[0-9]+; topology=[a-z]+'
has "front: with its goals" "$svg" 'goal_1=[0-9.e-]+; goal_2='
points=$(echo "$svg" | grep -c 'class="point"')
is "front: every design of the joint front" "$points" \
  "$(($("$gym" best "$work/two.db" -n 400 --format csv | wc -l) - 1))"
for f in importance interactions parallel; do
  draws one $f
  for p in topology rows lanes clock; do
    has "$f: $p" "$svg" ">$p( .never.)?<"
  done
done
finish
