#!/bin/sh
# gym keys: making them, naming them, mistakes.
. "${0%/*}/tap.sh"

dir=$work/keys
run keys new "$dir"
is "new" "$code$err" 0
has "says which file lets in whom" "$out" 'worker.key is a worker.s key, and .*/allowed/worker.pub lets it in'
is "the folder is its owner's alone" "$(stat -c %a "$dir")" 700
is "and so are secrets" "$(stat -c %a "$dir/server.key" "$dir/worker.key" | tr '\n' ' ')" "600 600 "
hasnt "public files hold no secret" "$(cat "$dir/server.pub" "$dir/allowed/worker.pub")" secret
before=$(cat "$dir/server.key")
run keys new "$dir" --name second
is "another worker" "$code" 0
is "does not change the study's key" "$(cat "$dir/server.key")" "$before"
run keys list "$dir"
is "list" "$out" "second
worker"
run keys new "$dir"
is "a name twice" "$code" 1
has "is an error that says what to do" "$err" 'exists already.*another name'
run keys new "$dir" --name a/b
is "a name with a slash" "$code" 3
run keys nw "$dir"
is "an unknown word" "$code" 2
has "and the nearest" "$err" 'did you mean new'
run keys list "$work/nowhere"
is "no folder" "$code" 3
finish
