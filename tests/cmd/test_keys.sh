#!/bin/sh
# gym keys: making them, naming those that are allowed.
. "${0%/*}/tap.sh"

umask 022
run keys new "$work/k"
is "it works" "$code$err" 0
has "says which file goes where" "$out" "^A worker needs $work/k/server\.pub and its own \.key file\.$"
is "secrets are for their owner alone" \
  "$(stat -c %a "$work/k" "$work/k/server.key" "$work/k/worker.key" | tr '\n' ' ')" "700 600 600 "
is "what is there" "$(cd "$work/k" && find . -type f | sort | tr '\n' ' ')" \
  "./allowed/worker.pub ./server.key ./server.pub ./worker.key "
server=$(cat "$work/k/server.pub")
run keys list "$work/k"
is "list" "$out$err" worker

run keys new "$work/k" --name node-2
is "another worker" "$code$err" 0
run keys new "$work/k" --name a_first
is "and one more" "$code$err" 0
run keys list "$work/k"
is "in order of name" "$(echo "$out" | tr '\n' ' ')" "a_first node-2 worker "
is "the study's keys stay" "$(cat "$work/k/server.pub")" "$server"
rm "$work/k/allowed/node-2.pub"
echo "no key" >"$work/k/allowed/README"
run keys list "$work/k"
is "who was taken off is off" "$(echo "$out" | tr '\n' ' ')" "a_first worker "

run keys new "$work/k"
is "a name that is taken" "$code" 1
has "is named" "$err" '^gym: .*worker\.key" exists already'
mv "$work/k/a_first.key" "$work/elsewhere"
run keys new "$work/k" --name a_first
is "also when its key has left" "$code" 1
is "and nothing is left behind" "$(ls "$work/k" | tr '\n' ' ')" \
  "allowed node-2.key server.key server.pub worker.key "
rm "$work/k/server.pub"
run keys new "$work/k" --name third
is "a lost public key is made again" "$(cat "$work/k/server.pub")" "$server"

for name in '' . .. ../x a/b 'a b' server .hidden; do
  run keys new "$work/other" --name "$name"
  is "no name for a key: \"$name\"" "$code" 3
  has "says so" "$err" '^gym: .*cannot name a worker'
done
[ ! -e "$work/other" ]
report $? "and no folder is made" </dev/null
run keys new "$work/not/there"
is "a folder in a folder that is not there" "$code" 1
has "is named" "$err" "^gym: .*$work/not/there"
run keys list "$work/not"
is "nor can it be listed" "$code" 3
run keys new "$work/k/worker.key"
[ "$code" -ne 0 ]
report $? "a file is no folder" </dev/null

run keys
is "no word is a usage error" "$code" 2
run keys new
is "nor is one" "$code" 2
run keys newe "$work/k"
is "an unknown word" "$code" 2
has "with the nearest" "$err" '^gym: unknown word "newe".*did you mean new'
run keys list "$work/k" "$work/k"
is "a word too many" "$code" 2
run help keys
has "help" "$out" 'allowed/NAME\.pub'
finish
