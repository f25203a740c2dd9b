#!/bin/sh
# gym info.
. "${0%/*}/tap.sh"

run info toy
is "it works" "$code$err" 0
has "id and summary" "$out" '^toy-v1: A made-up network on chip'
has "source" "$out" '^Source:  *made up'
has "plugin" "$out" '^Plugin:  *toy 0\.1\.0 \(MIT\)$'
has "options with default and doc" "$out" '^  limit  *int  *4 \.\. 1024 .*512 .*Largest rows times lanes\.$'
has "parameters with bounds and unit" "$out" '^  clock  *real  *0\.5 \.\. 2 GHz .*Clock frequency\.'
has "conditional parameters" "$out" '^  window .*routing = adaptive'
has "metrics with unit and sense" "$out" '^  throughput  *GB/s  more  '
has "fidelities with cost and yield" "$out" '^  coarse  cost 0\.0625  .* Yields delay, energy\.$'
is "the version may be given" "$("$gym" info toy-v1)" "$out"

run info trivial
has "the number of designs" "$out" '^Parameters, 68719476736 designs:$'
run info noisy
has "noise" "$out" '^Noisy:  *yes'
has "measured metrics" "$out" 'elapsed .*\(measured\)$'
has "sealed metrics" "$out" 'held_out .*\(sealed\)$'

run info needy
is "a required option does not stop it" "$code" 0
has "options are shown" "$out" '^  factor  .*required'
has "and how to see the rest" "$out" '^  gym info needy-v1 -o factor=\.\.\.$'
hasnt "which is not shown" "$out" '^Metrics:'
run info needy -o factor=3
has "once given, everything is" "$out" '^  height  *m  '
run info toy -o limit=1
is "an option out of range is bad input" "$code" 3
has "with the range" "$err" '^gym: .*limit.*4.*1024'

run info careless
has "agents: objectives" "$out" '^Objectives:  *at most 1$'
has "agents: options" "$out" '^  speed  *int  *1 \.\. 9'
run info careless -o speed=2
is "agents take no -o" "$code" 2
run info forger
has "proxy models: id and summary" "$out" '^forger-v1: Breaks the contract'
has "proxy models: whether they can be saved" "$out" '^Saved:  *yes$'
has "proxy models: options" "$out" '^  speed  *int  *1 \.\. 9'
run info forger -o speed=2
is "proxy models take no -o" "$code$err" "2gym: forger-v1 is a proxy model: -o only makes sense for an env"
run info tyo
is "an unknown id is bad input" "$code" 3
has "with the nearest, without its version" "$err" 'unknown env, agent or proxy "tyo"; .*toy-v1.*did you mean toy\?'
run info
is "a missing id is a usage error" "$code" 2
has "and says what is missing" "$err" '^gym: ID is missing; see gym info --help$'
finish
