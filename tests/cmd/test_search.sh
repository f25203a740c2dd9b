#!/bin/sh
# gym search: comparing agents, stores, going on after any end.
. "${0%/*}/tap.sh"

search="search --env toy --agent random --agent ga --objective energy;delay<=400"
run $search --budget 60 --seeds 1..3
is "it works" "$code$err" 0
has "a line an agent" "$out" '^random +3 .* 180 .* finished$'
has "for each" "$out" '^ga +3 .* 180 .* finished$'
has "and the best design" "$out" '^best: energy = .* nJ \(.*, seed [123], trial [0-9]+\)$'
first=$out
run $search --budget 60 --seeds 1..3
is "again: the same" "$out" "$first"
run $search --budget 60 --seeds 1..3 --seed 9
[ "$out" != "$first" ]
report $? "another study seed: another search" </dev/null

run search --env toy --agent ga -a population=8 --label small --agent ga -a population=40 \
  --label large --objective energy --budget 50 --seeds 1,2
has "options and labels belong to the agent before them" "$out" '^small +2 '
has "each to its own" "$out" '^large +2 '
[ "$(echo "$out" | sed -n 's/^small//p')" != "$(echo "$out" | sed -n 's/^large//p')" ]
report $? "and matter" </dev/null

run $search --budget 60 --seeds 1..3 --store "$work/a.db"
is "a store changes nothing" "$out" "$first"
"$gym" export "$work/a.db" --format csv --canonical >"$work/a.csv"
run $search --budget 60 --seeds 1..3 --store "$work/a.db"
is "a finished study is shown again" "$out" "$first"
"$gym" export "$work/a.db" --format csv --canonical | cmp -s - "$work/a.csv"
report $? "and not run again" </dev/null

# Interrupted by SIGINT, then by SIGKILL, it ends like the undisturbed one.
slow="search --env faulty -o fault=sleep -o share=1 -o seconds=0.008 --agent random --agent ga --objective height --budget 150 --seeds 1..2 --in-flight 4"
"$gym" $slow --store "$work/whole.db" >"$work/whole" 2>/dev/null
# The write-ahead log is there while a process writes, and left behind by SIGKILL alone.
for signal in INT TERM INT KILL; do
  env --default-signal=INT "$gym" $slow --store "$work/parts.db" >"$work/out" 2>"$work/err" &
  pid=$!
  until_file "$work/parts.db-wal"
  sleep 0.2
  kill -$signal $pid
  ends $pid 2>/dev/null
  case $signal in
    INT) is "SIGINT ends with 130" "$code" 130
         has "and says how to go on" "$(cat "$work/err")" \
           '^gym: interrupted; the same command continues: .* --in-flight 4 --store ' ;;
    TERM) is "SIGTERM ends with 130 too" "$code" 130 ;;
    KILL) is "SIGKILL ends at once" "$code" 137 ;;
  esac
done
run $slow --store "$work/parts.db"
is "the same command goes on" "$code" 0
is "to the table of an undisturbed search" "$out" "$(cat "$work/whole")"
is "and its trials" "$("$gym" export "$work/parts.db" --format csv --canonical | cksum)" \
  "$("$gym" export "$work/whole.db" --format csv --canonical | cksum)"

# The second SIGINT does not wait for a trial that takes for ever.
env --default-signal=INT "$gym" search --env faulty -o fault=hang -o share=0.1 -o seconds=1000 \
  --agent random --objective height --budget 100 --store "$work/slow.db" >/dev/null 2>"$work/err" &
pid=$!
until_file "$work/slow.db-wal"
sleep 0.2
kill -INT $pid
sleep 0.3
kill -INT $pid
ends $pid
is "a second SIGINT ends at once" "$code" 130
run export "$work/slow.db" --format csv
is "and leaves the store whole" "$code" 0

# A store has one writer; readers are free.
env --default-signal=INT "$gym" search --env faulty -o fault=sleep -o share=1 -o seconds=0.1 \
  --agent random --objective height --budget 1000 --in-flight 1 --store "$work/busy.db" >/dev/null 2>&1 &
pid=$!
until_file "$work/busy.db-wal"
sleep 0.5
run search --env faulty --agent ga --objective height --budget 10 --store "$work/busy.db"
is "a store that another process writes to is busy" "$code" 4
has "and named" "$err" '^gym: .*busy\.db'
run export "$work/busy.db" --format csv
has "but can be read" "$out" ',random'
kill -INT $pid
ends $pid

run search --env faulty -o fault=mixed -o share=0.3 --agent random --objective height --budget 60
is "failing trials do not end a search" "$code" 0
has "but are noted" "$err" '^gym: note: [0-9]+ trials failed; the first: random seed 1 trial [0-9]+ failed'
has "and counted" "$out" '^random +1 .* 60 +0 +[1-9][0-9]* +[1-9][0-9]* +finished$'
run search --env faulty -o fault=mixed -o share=0.3 --agent random --objective height --budget 60 --quiet
is "--quiet" "$err" ""
run search --env faulty -o fault=fail -o share=1 --agent random --objective height --budget 20
has "no trial that is ok" "$out" '^no trial was ok$'

run search --env faulty --agent random --objective 'height; weight<=0.5' --budget 20
has "a broken constraint is told" "$out" '^best: .*, which breaks a constraint$'
run search --env trivial --agent forgetful --objective 'total,distance' --budget 40 --seeds 1..2
has "several goals: a front" "$out" ' front +state$'
has "and its first design" "$out" '^first of the best: .*total = .*, .*distance = '
run search --env noisy --agent random --objective loss --budget 20
a=$out
run search --env noisy --agent random --objective loss --budget 20 --eval-seed 3
[ "$out" != "$a" ]
report $? "the evaluation seed matters to noisy envs" </dev/null
best=$(echo "$out" | sed -n 's/^best: loss = \([^ ]*\) .*/\1/p')
design=$(echo "$out" | sed -n 's/^  \(rate=.*\)/\1/p')
is "eval has the same seed for it" \
  "$("$gym" eval noisy --eval-seed 3 --design "$design" | sed -n 2p | cut -d , -f 4 |
    awk '{ printf "%.6g", $1 }')" "$best"

run search --env toy --agent random
is "a missing objective is a usage error" "$code" 2
has "that is named" "$err" '^gym: option --objective is missing'
run search --env toy -a x=1 --agent random --objective energy
is "an option of no agent too" "$code" 2
run search --env toy --agent gaa --objective energy
has "an unknown agent" "$err" '^gym: unknown agent "gaa"'
run search --env toy --agent ga -a populaton=3 --objective energy
has "an unknown option of an agent" "$err" '^gym: .*"populaton".*population'
run search --env toy --agent ga --objective enrgy
has "an unknown metric" "$err" '^gym: .*enrgy.*energy'
run search --env toy --agent ga --objective energy --seeds 5..1
is "seeds that make no sense" "$code" 3
for budget in 0 -3 many inf nan; do
  run search --env toy --agent ga --objective energy --budget $budget
  is "a budget that makes no sense: $budget" "$code" 2
done
run search --env toy --agent ga --objective energy --in-flight 0
is "nothing in flight" "$code" 2
run search --env toy --agent careless --objective energy,delay
is "more goals than an agent takes" "$code" 3
run search --env toy --agent ga --objective energy --budget 10 --store "$work/nowhere/a.db"
has "a store that cannot be made" "$err" '^gym: .*nowhere'
[ "$code" -ne 0 ]
report $? "fails" </dev/null
echo "no store at all, but a text" >"$work/text.db"
run search --env toy --agent ga --objective energy --budget 10 --store "$work/text.db"
[ "$code" -ne 0 ]
report $? "a file that is no store is refused" </dev/null
is "and left alone" "$(cat "$work/text.db")" "no store at all, but a text"
finish
