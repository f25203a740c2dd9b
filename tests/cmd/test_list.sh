#!/bin/sh
# gym list.
. "${0%/*}/tap.sh"

run list
is "it works" "$code" 0
has "environments have a title" "$out" '^Environments:$'
has "agents have a title" "$out" '^Agents:$'
has "proxy models have a title" "$out" '^Proxy models:$'
has "an id and its summary" "$out" '^  toy-v1 +A made-up network on chip, for tests$'
run list envs
has "envs alone" "$out" '^toy-v1 +A made-up'
hasnt "without titles" "$out" ':$'
hasnt "and without agents" "$out" '^careless-v1'
run list agents
has "agents alone" "$out" '^careless-v1 '
hasnt "and without envs" "$out" '^toy-v1'
run list proxies
has "proxy models alone" "$out" '^forger-v1 '
hasnt "and without agents" "$out" '^careless-v1'
run list evns
is "another word is a usage error" "$code" 2
has "with the nearest" "$err" '^gym: unknown word "evns"; .*did you mean envs\?$'

run list envs --matrix
has "the matrix: its axes" "$out" '^ +search space +search strategy +acceleration +cost estimation'
has "the matrix: a place on them" "$out" '^toy-v1 +a network on chip +- +- +formula'
has "the matrix: none" "$out" '^trivial-v1 +- +- +- +- *$'
hasnt "the matrix: of one role" "$out" '^careless'
GYM_PLUGIN_PATH=$build/envs/.libs:$build/plugins/.libs
run list --matrix
for id in dram function; do
  has "$id has a space and a cost" "$out" "^$id-v[0-9]+ +[a-z][^-]* +- .* [a-z]"
done
for id in aco bo cmaes ga gomea hill hyperband marl nsga2 random sac tpe; do
  has "$id has a strategy" "$out" "^$id-v[0-9]+ +- +[A-Za-z]"
done
for id in forest gbdt; do
  has "$id has an acceleration and a cost" "$out" "^$id-v[0-9]+ +- +- +proxy model: .* learnt model"
done
# Plugins to come: named, so that nobody forgets them.
echo "$out" | awk '$2 == "-" && $3 == "-" && $4 == "-" { print "# " $1 " declares no place" }'
GYM_PLUGIN_PATH=$build/tests/envs/.libs

mkdir "$work/bad"
echo nonsense >"$work/bad/broken.so"
GYM_PLUGIN_PATH=$GYM_PLUGIN_PATH:$work/bad
run list
is "a broken plugin does not spoil the others" "$code" 0
has "it is named" "$err" '^gym: note: refused .*/broken\.so'
GYM_PLUGIN_PATH=$work/nowhere
run list
is "a folder that does not exist is bad input" "$code" 3
has "it is named" "$err" '^gym: GYM_PLUGIN_PATH: .*nowhere'
finish
