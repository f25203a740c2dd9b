#!/bin/sh
# What commands share: settings, ids, notes.
. "${0%/*}/tap.sh"

run eval toy -o scale=2 -o scale=4 --design rows=2
twice=$(echo "$out" | sed -n 2p | cut -d , -f 10)
run eval toy -o scale=4 --design rows=2
is "the last value of a setting holds" "$twice" "$(echo "$out" | sed -n 2p | cut -d , -f 10)"
run eval toy -o nothing --design rows=2
has "a setting is key=value" "$err" '^gym: .*nothing'
run eval toy -o sacle=2 --design rows=2
is "an unknown setting is bad input" "$code$out" 3
has "with the nearest" "$err" '^gym: env toy-v1: .*"sacle".*scale'
run eval toy -o tag=a=b --design rows=2
is "values may hold =" "$code" 0
echo 2.5 >"$work/factor"
run eval toy -o weights="$work/factor" --design rows=2
is "files are read" "$code" 0
run eval toy -o weights="$work/nothing" --design rows=2
is "files that are not there are not" "$code" 3

run check toi
has "ids, with the nearest" "$err" 'unknown env, agent or proxy "toi"; valid ones are: .*toy-v1.*careless-v1.*did you mean toy\?$'
run check toy-v2
is "another version is another id" "$code" 3
run eval toy --random 1
hasnt "no note without reason" "$err" .
run eval toy --design rows=1
has "notes have a prefix" "$err" '^gym: note: '
finish
