#!/bin/sh
# gym status: of a study at work, asked at its endpoint, and of a store.
. "${0%/*}/tap.sh"

# value EXPRESSION: of the JSON in $out, which is d.
if command -v python3 >/dev/null 2>&1; then
  value () {
    printf '%s\n' "$out" | python3 -c "import json, sys; d = json.load(sys.stdin); print($1)" 2>&1
  }
else
  value () { echo "no python3"; }
fi
holds () { # NAME EXPRESSION
  if command -v python3 >/dev/null 2>&1; then
    is "$1" "$(value "$2")" True
  else
    skip "$1" "no python3"
  fi
}

# ---- a store ----
"$gym" search --env toy --agent random --agent ga --objective 'energy;delay<=400' --budget 40 \
  --seeds 1..2 --store "$work/a.db" --quiet >/dev/null
run status "$work/a.db"
is "a store" "$code$err" 0
has "its study" "$out" '^study 1: toy-v1, objective energy ?; ?delay<=400, budget 40 a run, finished; 160 trials, last '
is "its runs" "$(echo "$out" | grep -cE '^  (random|ga) +seed [12] +finished +40 spent +40 trials$')" 4
run status "$work/a.db" --json
is "as JSON" "$code$err" 0
holds "one study" "len(d['studies']) == 1 and d['studies'][0]['env'] == 'toy-v1'"
holds "its trials are a number" "d['studies'][0]['trials'] == 160"
holds "four runs" "sorted((r['agent'], r['seed'], r['state']) for r in d['runs']) == [(a, s, 'finished') for a in ('ga', 'random') for s in (1, 2)]"
"$gym" search --env trivial --agent random --objective total --budget 10 --store "$work/a.db" \
  --quiet >/dev/null
run status "$work/a.db" --json
holds "a second study" "[s['study'] for s in d['studies']] == [1, 2] and len(d['runs']) == 5"
run status "$work/none.db"
is "no store" "$code" 3
[ ! -e "$work/none.db" ]
report $? "is made" </dev/null
echo "a text" >"$work/text.db"
run status "$work/text.db"
[ "$code" -ne 0 ]
report $? "a file that is no store" </dev/null
has "is named" "$err" '^gym: .*text\.db'

# ---- a study at work ----
end=ipc://$work/s
env --default-signal=INT "$gym" search --env faulty -o fault=sleep -o share=1 -o seconds=0.05 \
  --agent random --objective height --budget 600 --seeds 1..2 --in-flight 8 --workers "$end" \
  --store "$work/b.db" >"$work/search" 2>&1 &
search=$!
until_file "$work/s"
run status "$end" --wait 30
is "before anybody works" "$code$err" 0
has "the study" "$out" "^faulty-v1, objective height, store $work/b\.db$"
has "its progress" "$out" '^0 of 2 runs have ended, 0 % of the budget is spent$'
has "nobody" "$out" '^0 workers$'
run status "$end" --wait 30 --json
holds "as JSON" "d['workers'] == [] and d['results'] == 0 and d['study']['env'] == 'faulty-v1'"
holds "trials wait" "d['waiting'] > 0 and d['leased'] == 0"
"$gym" worker "$end" -n 2 --quiet &
worker=$!
for i in $(seq 300); do
  run status "$end" --wait 30 --json
  case $out in *'"state": "busy"'*) break ;; esac
  sleep 0.1
done
sleep 1
run status "$end" --wait 30
has "with workers" "$out" '^2 workers:$'
is "a line each" "$(echo "$out" | grep -cE '^  [^ ]+:[0-9]+ +(busy|idle) +[0-9]+ +[1-9][0-9]* +[0-9.]+ +[0-9]+% +[0-9.]+ s$')" 2
has "nothing is lost" "$out" '^workers lost 0, trials tried again 0, given up 0, duplicates 0 '
run status "$end" --wait 30 --json
holds "each has its rate" "all(w['rate'] > 0 and w['trials'] > 0 and 0 < w['busy'] < 1.5 for w in d['workers'])"
holds "names are host:pid" "all(w['name'].rsplit(':', 1)[1].isdigit() for w in d['workers'])"
holds "the sum is right" "sum(w['trials'] for w in d['workers']) == d['results']"
holds "the budget is being spent" "0 < d['study']['spent'] < d['study']['budget'] == 1200"
holds "all is well" "not any(d[k] for k in ('retries', 'lost_workers', 'given_up', 'refused', 'dropped_frames', 'duplicates', 'disagreements'))"
run status "$work/b.db"
has "the store can be read meanwhile" "$out" '^study 1: faulty-v1, .* (pending|running); [1-9]'
kill -INT $search
ends $search
is "the study is interrupted" "$code" 130
kill $worker 2>/dev/null
ends $worker 2>/dev/null
run status "$work/b.db" --json
holds "and its store says so" "d['studies'][0]['state'] != 'finished'"

# ---- with keys ----
"$gym" keys new "$work/k" >/dev/null
"$gym" keys new "$work/stranger" >/dev/null
cp "$work/k/server.pub" "$work/stranger/server.pub"
env --default-signal=INT "$gym" search --env toy --agent random --objective energy --budget 50 \
  --workers "$end" --keys "$work/k" >/dev/null 2>&1 &
search=$!
until_file "$work/s"
run status "$end" --keys "$work/k" --wait 30 --json
is "with a key that is allowed" "$code$err" 0
holds "nobody was refused yet" "d['refused'] == 0"
run status "$end" --wait 1
is "without a key there is no answer" "$code" 3
run status "$end" --keys "$work/stranger" --wait 1
is "nor with a stranger's" "$code" 3
run status "$end" --keys "$work/k" --wait 30 --json
holds "which was counted" "d['refused'] >= 2"
kill -INT $search
ends $search

# ---- mistakes ----
run status "ipc://$work/nobody" --wait 0.3
is "nobody there" "$code" 3
has "says where and how long" "$err" "^gym: no study answers .*0\.3 s"
run status "ipc://$work/nobody" --wait 0
is "no time" "$code" 3
run status 'tcp://:::' --wait 1
is "no endpoint" "$code" 3
run status "$end" --keys "$work/nokeys"
is "no keys" "$code" 3
has "named" "$err" "^gym: .*$work/nokeys"
run status "$end" --wait long
is "no number" "$code" 2
run status
is "no place" "$code" 2
run status a b
is "two places" "$code" 2
finish
