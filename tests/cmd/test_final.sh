#!/bin/sh
# gym final, and what it taints.
. "${0%/*}/tap.sh"
GYM_PLUGIN_PATH=$build/tests/envs/.libs:$build/plugins/.libs
db=$work/runs.db

search () { # SEEDS
  "$gym" search --env noisy --agent random --agent ga --objective loss --budget 20 \
    --seeds "$1" --store "$db" --quiet 2>&1
}

search 1..3 >/dev/null
run eval noisy --random 3 --format json
hasnt "eval leaves the seal alone" "$out" held_out
run eval noisy --random 3 --format json --sealed
has "--sealed breaks it" "$out" '"held_out": 0\.'
has "and says that nobody is told" "$err" 'no store tells'
run eval noisy --random 3 --store "$db"
is "a store to tell of nothing is a usage error" "$code" 2
run table "$db"
hasnt "no taint before" "$out" 'taint|TAINT'
before=$("$gym" export "$db" --format jsonl --canonical)
run final "$db"
is "it works" "$code$err" 0
has "the objective chose" "$out" '^objective: loss, by which'
has "a line a run" "$out" '^random +1 +1 +[0-9]+ +ok +[-0-9.]+ +[0-9.]+ +[-0-9.e]+ +clean$'
has "mean and deviation over seeds" "$out" '^ga +3 +[-0-9.e]+ \([0-9.e-]+\) .* 0$'
is "trials are what they were" "$("$gym" export "$db" --format jsonl --canonical)" "$before"
is "and have no sealed value" \
  "$("$gym" export "$db" --format jsonl | grep -c held_out)" 0
run final "$db" --top 2 --format csv
is "CSV: a row a design, and a header" "$(echo "$out" | wc -l | tr -d ' ')" 13
has "CSV: its columns" "$out" '^report,study,run,place,trial,agent,seed,status,fidelity,rate,'
hasnt "CSV: nothing is tainted" "$out" ',1,1,$'
run final "$db" --format json --env noisy
has "JSON: an object a design" "$out" '^\{"report": 3, "study": 1, .*"held_out": .*"equal": 1, "tainted": 0\}'
search 1..3 >"$work/again"
hasnt "the same search adds nothing and stays clean" "$(cat "$work/again")" tainted
search 1..4 >"$work/more"
has "a seed more is tainted: search" "$(cat "$work/more")" 'finished, tainted 1$'
has "and what that means" "$(cat "$work/more")" \
  '^!! TAINTED: 2 of 8 runs went on after sealed metrics of this env had been read\.$'
run table "$db"
has "table" "$out" '^!! TAINTED: 2 of 8 runs '
has "table, by agent" "$out" '^ga .* finished, tainted 1$'
run compare "$db"
has "compare" "$out" '^!! TAINTED: 2 of 8 runs'
run compare "$db" ga random
has "compare, two of them" "$out" '^!! TAINTED: 2 of 8 runs'
run status "$db"
has "status" "$out" '^ +ga +seed 4 .* trials, tainted$'
has "status of the others" "$out" '^ +ga +seed 3 .* trials$'
run watch "$db" --once
has "watch" "$out" '^!! TAINTED: 2 of 8 runs'
run show "$db" --trial 1 --agent ga --seed 4
has "show" "$out" '^tainted +1$'
run show "$db" --trial 1 --agent ga --seed 3
has "show of another run" "$out" '^tainted +0$'
run best "$db" -n 80 --format csv
has "best" "$out" ',ga,4,.*,1$'
hasnt "best of the others" "$out" ',(ga|random),[123],.*,1$'
is "export" "$("$gym" export "$db" --format jsonl | grep -c '"tainted":1')" 40
run final "$db"
has "the next report" "$err" 'TAINTED: 2 of 8 designs'
has "the next report, by run" "$out" '^ga +4 .* tainted$'
cat >"$work/runs.lua" <<'END2'
local gym = require "gym"
for _, run in ipairs (gym.store (arg[1]):runs ()) do io.write (run.tainted) end
END2
run run "$work/runs.lua" "$db"
is "Lua: runs of a store" "$out" 00000011
if command -v gnuplot >/dev/null; then
  run report "$db" -o "$work/page.html"
  has "report" "$(cat "$work/page.html")" 'TAINTED: 2 of 8 .* random seed 4, ga seed 4'
else
  skip "report" "no gnuplot"
fi

db=$work/other.db
search 1 >/dev/null
run eval noisy --random 1 --sealed --store "$db"
is "eval tells a store" "$code$err" 0
search 1,2 >"$work/more"
has "which knows" "$(cat "$work/more")" 'finished 2, tainted 1$|finished, tainted 1$'
run eval noisy -o noise=0.5 --random 1 --sealed --store "$work/none.db"
is "a store that is not there" "$code" 3
[ ! -e "$work/none.db" ]
report $? "is not made" </dev/null

db=$work/script.db
cat >"$work/script.lua" <<'END2'
local gym = require "gym"
local env = gym.env ("noisy")
local study = gym.study { env = env, objective = "loss", budget = 10, seeds = 1,
                          store = arg[1], progress = false }
study:add ("random"):run ()
assert (study:runs ()[1].tainted == false)
assert (env:evaluate ({}, { sealed = true }).metrics.held_out)
local after = gym.study { env = gym.env ("noisy"), objective = "loss", budget = 5,
                          seeds = 9, progress = false }
after:add ("random"):run ()
assert (after:runs ()[1].tainted == true)
print (after:table ())
END2
run run "$work/script.lua" "$db"
is "a script that reads" "$code$err" 0
has "its own table says so" "$out" '1 finished, 1 tainted$'
is "its store knows, and what was over is clean" \
  "$("$gym" export "$db" --format jsonl | grep -c '"tainted":0')" 10
"$gym" search --env noisy --agent random --objective loss --budget 10 --seeds 1,2 \
  --store "$db" >/dev/null 2>&1
is "what another process adds is not" \
  "$("$gym" export "$db" --format jsonl | grep -c '"tainted":1')" 10

cat >"$work/rough.lua" <<'END2'
return require "gym".environment { id = "rough-v1", doc = "Two fidelities.",
  space = { { name = "x", low = 0, high = 1 } },
  metrics = { { name = "b", sense = "minimise" }, { name = "slow" },
              { name = "test", sealed = true }, "a" },
  fidelities = { { name = "low", cost = 0.1, metrics = { "a", "b" } }, { name = "full" } },
  evaluate = function (self, design, ctx)
    local full = ctx.fidelity == "full" or nil
    return { a = design.x, b = -design.x, slow = full and 1, test = full and 0.5 }
  end }
END2
GYM_PLUGIN_PATH=$GYM_PLUGIN_PATH:$work
for fidelity in low full; do
  "$gym" search --env rough --agent random --objective b --budget 3 --seeds 1 \
    --fidelity $fidelity --store "$work/$fidelity.db" >/dev/null 2>&1
done
run final "$work/low.db"
has "what a fidelity does not yield has no column, but the seal" "$out" \
  '^agent +seed +place +trial +status +b +sealed test +a +run$'
has "which is empty" "$out" '^random +1 .* ok +-[0-9.]+ +- +[0-9.]+ +clean$'
has "the same over seeds" "$out" '^random +1 +-[0-9.]+ \(-\) +- +[0-9.]+ \(-\) +0$'
run final "$work/low.db" --format csv
has "rows have all columns" "$out" ',x,b,slow,test,a,goal,'
run final "$work/full.db"
has "sealed metrics stand behind the goals" "$out" \
  '^agent +seed +place +trial +status +b +sealed test +slow +a +run$'

echo 2 >"$work/factor"
"$gym" search --env toy -o weights="$work/factor" --agent random --agent ga \
  -a population=4 --agent ga --objective energy --budget 20 --seeds 1,2 \
  --store "$work/toy.db" >/dev/null 2>&1
run final "$work/toy.db"
is "files are found beside the store" "$code$err" 0
has "no seal" "$out" 'no sealed metric'
run final "$work/toy.db" --best-settings --format csv
is "the best setting of each agent" "$(echo "$out" | wc -l | tr -d ' ')" 5
mkdir "$work/moved"
mv "$work/factor" "$work/moved/f"
run final "$work/toy.db"
is "a file that has gone is bad input" "$code" 3
has "and how to say where it is" "$err" 'factor .*weights=PATH'
mv "$work/moved/f" "$work/moved/factor"
run final "$work/toy.db" -o weights="$work/moved/factor"
is "where it lies now" "$code$err" 0
echo 3 >"$work/moved/factor"
run final "$work/toy.db" -o weights="$work/moved/factor"
has "another content is refused" "$err" 'content of .* is not what the study used'
run final "$work/toy.db" --env noisy
is "no study on that env is bad input" "$code" 3
run final "$work/toy.db" --top 0
is "none is a usage error" "$code" 2
run final "$work/nowhere.db"
is "no file is bad input" "$code" 3
run final
is "no word is a usage error" "$code" 2
finish
