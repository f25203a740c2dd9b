#!/bin/sh
# gym search --prior: agents that begin where other workloads were good.
. "${0%/*}/tap.sh"

for scale in 2 3; do
  "$gym" search --env toy -o scale=$scale --agent random --agent ga --objective energy \
    --budget 60 --seeds 1..2 --store "$work/bank.db" >/dev/null 2>&1
done
"$gym" search --env toy -o surface=rugged --agent random --objective energy --budget 60 \
  --store "$work/more.db" >/dev/null 2>&1

run search --env toy --agent ga --agent ga --prior "$work/bank.db" --objective energy \
  --budget 30 --seeds 1..2 --store "$work/runs.db"
is "it works" "$code" 0
has "with a run for each" "$out" '^ga \+prior +2 '
has "and tells what it begins from" "$err" '^task +similarity +weight +best designs$'
has "what it cost" "$err" '^anchors evaluated: [12] here, [0-2] on the tasks$'
has "and where it leans" "$err" '^topology +[a-z]+ 0\.[0-9]+, '
first=$out

run search --env toy --agent ga --agent ga --prior "$work/bank.db" --objective energy \
  --budget 30 --seeds 1..2 --store "$work/runs.db"
is "again it finds everything done" "$code$out" "0$first"
has "and pays nothing" "$err" '^anchors evaluated: 0 here, 0 on the tasks$'

run search --env toy --agent ga --prior "$work/bank.db" --prior "$work/more.db" --quiet \
  --objective energy --budget 10
is "several stores are one bank; quiet is quiet" "$code$err" 0

run search --env toy --agent ga --prior "$work/bank.db" --agent random \
  --prior "$work/bank.db" --objective energy --budget 10
is "one prior for agents of the same bank" "$(printf '%s\n' "$err" | grep -c 'best designs')" 1

run search --env toy --prior "$work/bank.db" --agent ga --objective energy --budget 10
is "before any agent" "$code $err" \
  "2 gym: option --prior belongs to the --agent before it; there is none"
run search --env toy --agent ga --prior "$work/none.db" --objective energy --budget 10
has "no such store" "$code $err" '^3 gym: .*none\.db'
run search --env toy --agent ga --prior "$work/bank.db" --objective energy,delay --budget 10
has "two goals" "$code $err" '^3 gym: (agent ga-v1|prior: "energy, delay" has 2 goals)'
run search --env toy --agent nsga2 --prior "$work/bank.db" --objective energy,delay --budget 10
has "two goals and an agent that can" "$err" 'prior: "energy, delay" has 2 goals: one is needed'
run search --env toy -o scale=2 --agent ga --prior "$work/more.db" --objective energy --budget 10
is "another bank" "$code" 0
run search --env noisy --agent ga --prior "$work/bank.db" --objective loss --budget 10
has "a bank of another env" "$code $err" '^3 gym: .*noisy-v1'

finish
