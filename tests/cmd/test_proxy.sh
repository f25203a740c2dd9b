#!/bin/sh
# gym proxy: training, scores and descriptions of models.
. "${0%/*}/tap.sh"

search () { "$gym" search "$@" --quiet >/dev/null 2>&1; }
search --env toy --agent random --agent ga --objective energy --budget 150 \
  --store "$work/a.db"
search --env toy --agent random --objective energy --budget 60 --seeds 9 \
  --store "$work/b.db"
search --env toy -o scale=2 --agent random --objective energy --budget 30 \
  --store "$work/c.db"

run proxy train "$work/a.db" --env toy --metric energy,throughput --model forest \
  -o "$work/toy.proxy"
is "train works" "$code$out" 0
has "and says what it learnt" "$err" '^gym: note: forest-v1 learnt 2 targets from [0-9]+ rows of [0-9]+ designs; written to .*toy.proxy$'
run proxy train "$work/a.db" --env toy --metric energy,throughput --model forest \
  -o "$work/again.proxy"
cmp -s "$work/toy.proxy" "$work/again.proxy"
report $? "the same rows, the same file" </dev/null

run proxy info "$work/toy.proxy"
is "info works" "$code$err" 0
has "the model" "$out" '^Model: +\{"id": "forest-v1", "options": '
has "the env" "$out" '^Env: +\{"id": "toy-v1", "options": \{.*"scale": 1'
has "the fidelity" "$out" '^Fidelity: +full$'
has "the stores" "$out" '^Stores: +\[\{"path": ".*a.db", "study": 1\}\]$'
has "the targets" "$out" '^  energy \[.*\], learnt as (it is|its logarithm)$'

run proxy eval "$work/toy.proxy" "$work/b.db"
is "eval of a model works" "$code$err" 0
has "a title" "$out" '^forest-v1, held out: [0-9]+ rows of [0-9]+ designs$'
has "a line a target" "$out" '^throughput \[.*\] +[0-9.e+-]+ '
has "and the times" "$out" '^an evaluation .* us: .* and .* times as long\.$'
is "80 columns" "$(printf '%s\n' "$out" | awk 'length > 80' | wc -l | tr -d ' ')" 0
run proxy eval "$work/toy.proxy" "$work/a.db"
has "rows that were learnt are no test" "$err" 'trained on rows of .*a.db: scores on them flatter it$'
run proxy eval "$work/toy.proxy" "$work/c.db"
is "nor are those of another env" "$code" 3
has "which is said" "$err" 'no ok trial is of the env the model stands for$'

run proxy eval "$work/toy.proxy" "$work/b.db" --json
is "JSON" "$code$err" 0
has "has all scores" "$out" '"kendall": '
has "also of the spread" "$out" '"coverage95": '
has "and the speed" "$out" '"speedup_batched": '
run proxy eval --env toy --metric energy --model ridge --folds 4 "$work/a.db" "$work/b.db"
is "folds" "$code$err" 0
has "are named" "$out" '^ridge-v1, 4 folds by design: [0-9]+ rows of [0-9]+ designs$'
first=$(printf '%s\n' "$out" | sed -n '/^energy/p')
run proxy eval --env toy --metric energy --model ridge --folds 4 "$work/a.db" "$work/b.db"
is "and seeded" "$(printf '%s\n' "$out" | sed -n '/^energy/p')" "$first"
run proxy eval --metric energy --model gbdt --curve 20,40,80 "$work/a.db"
is "learning curves" "$code$err" 0
is "have a line a size" "$(printf '%s\n' "$out" | grep -cE '^(20|40|80) ')" 3
run proxy eval --metric energy --model ridge --diversity --draws 3 "$work/a.db"
is "draws" "$code$err" 0
has "are counted for each agent" "$out" '^random .* in [0-3] of 3$'
run proxy eval --metric energy --model ridge --diversity --draws 2 --json "$work/a.db"
has "in JSON too" "$out" '"mixed": \['

# Metrics that cost nothing come first: those of all designs, at any fidelity.
search --env toy --agent random --objective energy --budget 2 --fidelity coarse --seeds 4 \
  --store "$work/d.db"
teach () {
  to=$1
  shift
  run proxy train "$work/a.db" "$work/d.db" --metric energy --model mlp -m epochs=2 \
    -m members=1 -m width=8 -o "$work/$to.proxy" "$@"
}
teach plain
is "an mlp" "$code$out" 0
rows=${err%;*}
teach taught --pretrain delay
is "can be pretrained" "$code$out" 0
is "on the rows it has without" "${err%;*}" "$rows"
cmp -s "$work/plain.proxy" "$work/taught.proxy"
is "to another end" "$?" 1
teach again --pretrain delay
cmp -s "$work/taught.proxy" "$work/again.proxy"
report $? "always the same" </dev/null
run proxy info "$work/taught.proxy"
has "info tells" "$out" '^Pretrained on: \["delay"\]$'
run proxy info "$work/plain.proxy"
is "but of a plain one nothing" "$(printf '%s\n' "$out" | grep -c Pretrained)" 0
teach taught --pretrain delay,throughput --pretrain utilisation
run proxy info "$work/taught.proxy"
has "several hints" "$out" '^Pretrained on: \["delay", "throughput", "utilisation"\]$'
teach x --pretrain delya
has "that there are" "$err" '"delya"'
teach x --pretrain energy
has "and are no targets" "$err" 'metric "energy" is to be learnt: pretraining on it would'
run proxy train "$work/a.db" --metric energy --model ridge --pretrain delay \
  -o "$work/x.proxy"
has "not every model can" "$err" 'proxy ridge-v1 cannot be pretrained$'
run proxy eval "$work/a.db" "$work/d.db" --metric energy --model mlp -m epochs=2 \
  -m members=1 --folds 2 --pretrain delay
is "folds are pretrained too" "$code$err" 0

run proxy
is "an action is needed" "$code" 2
run proxy trian "$work/a.db"
has "one there is" "$err" 'unknown action "trian"; valid ones are: train, eval, info; did you mean "?train'
run proxy train "$work/a.db"
has "a file to write to" "$err" '^gym: gym proxy train: where to\? give -o FILE.proxy$'
run proxy train -o "$work/x.proxy"
has "a store" "$err" '^gym: gym proxy train: a store is missing$'
run proxy train "$work/a.db" "$work/c.db" -o "$work/x.proxy"
has "of one env" "$err" 'of several envs, and a model is of one: scale is 1 in one and 2 in another'
run proxy train "$work/a.db" "$work/c.db" --where scale=2 -o "$work/x.proxy"
is "which may be chosen" "$code" 0
run proxy train "$work/a.db" --model forst -o "$work/x.proxy"
has "a model there is" "$err" 'forst'
run proxy train "$work/a.db" -m treees=3 --model forest -o "$work/x.proxy"
has "with options it has" "$err" 'treees.*trees'
run proxy train "$work/a.db" --transform sqrt -o "$work/x.proxy"
has "a transform there is" "$err" 'none, log, boxcox, auto'
run proxy train "$work/a.db" --folds 3 -o "$work/x.proxy"
has "no option of another action" "$err" '^gym: gym proxy train has no option --folds$'
run proxy eval "$work/toy.proxy" "$work/b.db" --metric energy
has "what a model predicts is settled" "$err" 'gym proxy eval MODEL has no option --metric'
run proxy eval "$work/toy.proxy"
has "rows to score on" "$err" 'stores with rows to score it on are missing'
run proxy eval --model ridge --curve 1,x "$work/a.db"
has "sizes are numbers" "$err" '"1,x" is not a list of numbers'
run proxy eval --model ridge --curve 9 --diversity "$work/a.db"
has "one way at a time" "$err" 'give one of --folds, --curve and --diversity'
run proxy eval --model ridge --draws 3 "$work/a.db"
has "no option without its use" "$err" '^gym: option --draws goes with --diversity$'
run proxy eval "$work/a.db" "$work/b.db"
has "a model is no store" "$err" 'is not a model file'
run proxy info "$work/none.proxy"
is "nor nothing" "$code" 3
finish
