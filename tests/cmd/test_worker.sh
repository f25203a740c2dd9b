#!/bin/sh
# gym worker: joining, leaving, being refused, and the same trials with all of it.
. "${0%/*}/tap.sh"

end=ipc://$work/s
dump () {
  "$gym" export "$1" --format csv --canonical | cksum
}
slow="search --env faulty -o fault=sleep -o share=1 -o seconds=0.01 --agent random --agent ga --objective height --budget 100 --seeds 1..2 --in-flight 8"
"$gym" $slow --isolate none --store "$work/whole.db" >"$work/whole" 2>/dev/null

# ---- before the study, three at once ----
"$gym" worker "$end" -n 3 >"$work/wout" 2>"$work/werr" &
worker=$!
run $slow --workers "$end" --store "$work/a.db"
is "a study with three workers" "$code" 0
# How many results one run has from another depends on which was first: not the trials.
uncounted () { sed -E 's/ [0-9]+( +[0-9]+ +[0-9]+  finished)$/ -\1/; s/ +/ /g'; }
is "has the table of one without" "$(echo "$out" | uncounted)" "$(uncounted <"$work/whole")"
is "and its trials" "$(dump "$work/a.db")" "$(dump "$work/whole.db")"
ends $worker
is "then they end by themselves" "$code" 0
is "on standard output nothing" "$(cat "$work/wout")" ""
is "three of them joined" "$(grep -cE '^gym worker [0-9]+: at work on .*faulty-v1' "$work/werr")" 3
is "and say that it is over" \
  "$(grep -cE '^gym worker [0-9]+: the study at .* is over; [0-9]+ trials were evaluated here$' "$work/werr")" 3
distinct=$("$gym" export "$work/a.db" --format csv | awk -F, '
  /^#/ { next }
  !p { for (i = 1; i <= NF; i++) { if ($i == "point") p = i; if ($i == "side") q = i } next }
  !($p "," $q in seen) { seen[$p "," $q]; n++ }
  END { print n }')
is "each design was evaluated once" \
  "$(sed -nE 's/.* over; ([0-9]+) trials.*/\1/p' "$work/werr" | awk '{ n += $1 } END { print n }')" "$distinct"

# The end reaches all of them, every time.
codes=
for i in 1 2 3 4 5 6 7 8; do
  "$gym" worker "$end" -n 3 --quiet --wait 600 &
  worker=$!
  "$gym" search --env faulty -o fault=sleep -o share=1 -o seconds=0.005 --agent random \
    --objective height --budget 60 --in-flight 12 --workers "$end" --quiet >/dev/null
  codes=$codes$?
  ends $worker
  codes=$codes$code
done
is "eight times" "$codes" 0000000000000000

# ---- coming and going ----
env --default-signal=INT "$gym" $slow --workers "$end" --store "$work/b.db" >"$work/out2" 2>"$work/err2" &
search=$!
for how in TERM KILL; do
  until_file "$work/s"
  "$gym" worker "$end" -n 3 --quiet >/dev/null 2>"$work/werr" &
  worker=$!
  for i in $(seq 300); do
    "$gym" status "$end" --wait 30 --json >"$work/state"
    [ "$(grep -c '"state": "busy"' "$work/state")" -lt 3 ] || break
    sleep 0.05
  done
  is "three of them are at work" "$(grep -c '"state": "busy"' "$work/state")" 3
  kill -$how $worker
  ends $worker 2>/dev/null
  case $how in
    KILL) is "SIGKILL" "$code" 137 ;;
    TERM) is "SIG$how stops all three" "$code" 130
          "$gym" status "$end" --wait 30 --json >"$work/state"
          has "which say goodbye" "$(cat "$work/state")" '"workers": \[\]'
          has "and are not lost" "$(cat "$work/state")" '"lost_workers": 0'
          is "saying why they stop" "$(grep -c '^gym: stopped on request' "$work/werr")" 3 ;;
  esac
done
run worker "$end" --quiet
is "one that stays to the end" "$code$err" 0
ends $search
is "the study ends well" "$code" 0
is "with the trials of an undisturbed one" "$(dump "$work/b.db")" "$(dump "$work/whole.db")"

# ---- what it needs ----
mkdir "$work/empty"
"$gym" $slow --workers "$end" >/dev/null 2>"$work/err2" &
search=$!
until_file "$work/s"
GYM_PLUGIN_PATH=$work/empty
run worker "$end" --quiet
GYM_PLUGIN_PATH=$build/tests/envs/.libs
is "without the env's plugin it is refused" "$code" 1
has "and told why" "$err" '^gym: the study at .* refuses this worker: .*faulty-v1.*GYM_PLUGIN_PATH'
has "as is the study's user" "$(cat "$work/err2")" 'refused: .*faulty-v1'
run worker "$end" --quiet --isolate strict
is "more isolation is welcome" "$code$err" 0
ends $search
is "and the study ends" "$code" 0

# Files come from the study, into a cache that is not there yet.
echo 1.75 >"$work/weights"
files="search --env toy -o weights=$work/weights --agent random --objective energy,delay --budget 40"
"$gym" $files --store "$work/c.db" --quiet >/dev/null
"$gym" $files --workers "$end" --store "$work/d.db" --quiet >/dev/null 2>"$work/err2" &
search=$!
until_file "$work/s"
mv "$work/weights" "$work/gone"
cp "$work/gone" "$work/weights"
GYM_CACHE_DIR=$work/cache/of/its/own
export GYM_CACHE_DIR
run worker "$end"
unset GYM_CACHE_DIR
is "a worker fetches what the env reads" "$code" 0
ends $search
is "the study ends" "$code" 0
is "with the same trials" "$(dump "$work/d.db")" "$(dump "$work/c.db")"
is "it lies in the cache" "$(find "$work/cache" -type f -name weights -exec cat {} +)" 1.75

# What a plugin brings along has a name, and is no file to fetch.
"$gym" search --env systolic -o workload=mlp --agent random --objective edp --budget 20 \
  --workers "$end" --store "$work/n.db" --quiet >/dev/null 2>"$work/err3" &
search=$!
until_file "$work/s"
run worker "$end"
is "a network of the package's" "$code" 0
ends $search
is "needs no file" "$code$(cat "$work/err3")" 0
run search --env systolic -o workload=mlp --agent random --objective edp --budget 20 \
  --isolate none --store "$work/o.db"
is "and gives the same trials" "$(dump "$work/n.db")" "$(dump "$work/o.db")"

# ---- keys ----
"$gym" keys new "$work/k" >/dev/null
"$gym" keys new "$work/stranger" >/dev/null
cp "$work/k/server.pub" "$work/stranger/server.pub"
"$gym" search --env toy --agent random --objective energy --budget 50 --workers "$end" \
  --keys "$work/k" >/dev/null 2>&1 &
search=$!
until_file "$work/s"
run worker "$end" --wait 1
is "without a key nobody answers" "$code" 0
has "which it says" "$err" 'no study answers at .*: nothing to do$'
run worker "$end" --wait 1 --keys "$work/stranger" --quiet
is "nor with a stranger's key" "$code$err" 0
mkdir -m 700 "$work/own"
cp "$work/k/server.pub" "$work/k/worker.key" "$work/own"
run worker "$end" --keys "$work/own" --quiet
is "with its own" "$code$err" 0
ends $search
is "the study is done" "$code" 0
chmod 644 "$work/own/worker.key"
run worker "$end" --keys "$work/own" --wait 1
is "a secret that all can read is none" "$code" 3
has "and how to mend it" "$err" '^gym: .*chmod 600'

# ---- no space ----
full="search --env toy --agent random --objective energy --budget 2000 --seeds 1..5"
"$gym" $full --store "$work/roomy.db" >/dev/null 2>&1
for jobs in 1 3; do
  rm -f "$work"/full.db*
  out=$( (ulimit -f 1000; "$gym" $full --store "$work/full.db" --jobs $jobs 2>&1) )
  is "no space with $jobs jobs ends the study" $? 1
  has "which says what to do" "$out" 'no space left to write; the trials committed before are intact'
  run export "$work/full.db" --format csv --canonical
  [ "$(printf '%s\n' "$out" | wc -l)" -gt 100 ]
  report $? "trials are kept" </dev/null
  run $full --store "$work/full.db" --jobs $jobs
  is "with space it goes on" "$code" 0
  is "to the same end" "$(dump "$work/full.db")" "$(dump "$work/roomy.db")"
done

# ---- mistakes ----
run worker "ipc://$work/nobody" --wait 0.5
is "no study is no failure" "$code" 0
has "but is told" "$err" "^gym worker [0-9]+: no study answers at ipc://$work/nobody: nothing to do$"
run worker "ipc://$work/nobody" --wait 0.5 -n 3 --quiet
is "nor for three" "$code$err" 0
for bad in here tcp://nowhere: udp://h:1 ''; do
  run worker "$bad" --wait 1
  is "no endpoint: \"$bad\"" "$code" 3
  has "is told" "$err" '^gym: cannot connect to ".*expected tcp://HOST:PORT'
done
run worker here -n 2 --wait 1
is "the worst exit code of two" "$code" 3
is "each says so once" "$(printf '%s\n' "$err" | grep -c '^gym: cannot connect')" 2
run worker "$end" --keys "$work/nokeys" --wait 1
is "no keys" "$code" 3
run worker
is "no place" "$code" 2
for n in 0 -2 4097 two; do
  run worker "$end" -n $n
  is "no number of workers: $n" "$code" 2
done
run worker "$end" --wait soon
is "no time" "$code" 2
run worker "$end" --isolate loosely
is "an unknown isolation" "$code" 2
finish
