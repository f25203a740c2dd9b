#!/bin/sh
# Commands that are programs of their own: found in the build tree, never on PATH.
. "${0%/*}/tap.sh"

run --help
has "the overview lists them" "$out" '^Programs.*: cache-filter, record-trace, trace$'
run cache-filter --help
has "a program runs" "$out" '^Usage: gym cache-filter'
is "its exit code is the command's" "$code" 0
run cache-filter --nosuch
is "an error as well" "$code" 2
has "and it calls itself what the user wrote" "$err" '^gym.cache-filter: '
run trase
is "an unknown command" "$code" 2
has "may mean a program" "$err" 'did you mean trace\?$'

mkdir "$work/bin"
printf '#!/bin/sh\necho no\n' >"$work/bin/gym-elsewhere"
chmod +x "$work/bin/gym-elsewhere"
PATH=$work/bin:$PATH run elsewhere
is "PATH is not searched" "$code$out" 2
run ../dram/gym-trace
is "a path is no name" "$code" 2
finish
