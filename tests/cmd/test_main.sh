#!/bin/sh
# The command as a whole: help, version, exit codes, where errors go.
. "${0%/*}/tap.sh"

run --version
has "--version" "$out" '^gym [0-9]+\.[0-9]+\.[0-9]+$'
is "--version ends with 0" "$code" 0

run --help
has "--help lists the commands" "$out" '^  eval  '
has "--help lists the exit codes" "$out" '^  130  interrupted'
overview=$out
run help
is "help is the same page" "$out" "$overview"

for command in list info run eval search best export dataset check; do
  run $command --help
  has "$command --help" "$out" "^Usage: gym $command"
  has "$command --help names its options" "$out" '^  -h, --help '
  is "$command --help ends with 0 and no errors" "$code$err" 0
  page=$out
  run help $command
  is "help $command is the same page" "$out" "$page"
done

run
is "no command is a usage error" "$code" 2
has "and says so" "$err" '^gym: .*--help'
is "nothing on standard output" "$out" ""
run serach
is "an unknown command is a usage error" "$code" 2
has "with the nearest one" "$err" '^gym: unknown command "serach"; .*did you mean search\?$'
run --versio
has "an unknown option is called one" "$err" '^gym: unknown option "--versio"'
run eval toy --randm 3
is "an unknown option is a usage error" "$code" 2
has "with the nearest one" "$err" '^gym: unknown option "--randm"; .*did you mean --random\?$'
run eval toy --random 3 --fidelity nosuch
is "bad input has its own code" "$code" 3
is "every error is one line" "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1

# Libraries of plugins start no threads of their own, unless the user wants them to.
echo 'print(os.getenv("OPENBLAS_NUM_THREADS"))' >"$work/threads.lua"
unset OPENBLAS_NUM_THREADS
run run "$work/threads.lua"
is "one thread" "$out" 1
export OPENBLAS_NUM_THREADS=2
run run "$work/threads.lua"
is "unless there are to be more" "$out" 2
unset OPENBLAS_NUM_THREADS

if [ -c /dev/full ]; then
  "$gym" --help >/dev/full 2>"$work/err"
  is "output that is lost is a failure" "$?" 1
  has "and says why" "$(cat "$work/err")" '^gym: standard output: '
else
  skip "output that is lost" "no /dev/full"
fi
finish
