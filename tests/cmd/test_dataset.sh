#!/bin/sh
# gym dataset.
. "${0%/*}/tap.sh"

"$gym" search --env noisy --agent random --objective loss --budget 30 --seeds 1..2 \
  --store "$work/a.db" >/dev/null 2>&1
"$gym" search --env noisy --agent random --agent ga --objective loss --budget 30 \
  --seeds 2..3 --store "$work/b.db" >/dev/null 2>&1
"$gym" search --env toy --agent random --objective energy --budget 20 \
  --store "$work/toy.db" >/dev/null 2>&1

run dataset "$work/a.db" "$work/b.db" -o "$work/x.csv"
is "it works" "$code$out" 0
has "and says what it did" "$err" '^gym: note: [0-9]+ rows of 180 trials; [0-9]+ repeats and [0-9]+ duplicates are left out$'
rows=$(printf '%s\n' "$err" | sed 's/.*note: \([0-9]*\) rows.*/\1/')
is "a line a row" "$(($(wc -l <"$work/x.csv") - 1))" "$rows"
[ "$rows" -lt 180 ] && [ -s "$work/x.csv.meta.json" ] && [ ! -e "$work/x.csv.part" ]
report $? "the second seed counts once; the metadata lie beside" </dev/null
run dataset "$work/a.db" "$work/b.db" --format csv
is "standard output has the same" "$out" "$(cat "$work/x.csv")"
run dataset "$work/a.db" "$work/b.db" -o - --format csv --duplicates
is "duplicates on request" "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 181
run dataset "$work/a.db" --format jsonl --encode ordinal --status ok
has "JSON lines" "$out" '^\{.*"status":"ok".*\}$'

run dataset "$work/a.db" "$work/b.db" --describe
is "--describe" "$code$err" 0
has "rows and trials" "$out" "^noisy-v1: $rows rows of 180 trials"
has "agents' shares" "$out" '^ga  .* 60 '
has "levels" "$out" '^parameter +seen +% of rows with each level'
has "spread of metrics" "$out" '^metric +least +quartile 1 +median +quartile 3 +most'
is "80 columns" "$(printf '%s\n' "$out" | awk 'length > 80' | wc -l | tr -d ' ')" 0

for end in jsonl parquet npz; do
  run dataset "$work/a.db" "$work/b.db" -o "$work/x.$end"
  is "writes .$end" "$code$out" 0
done
run dataset "$work/a.db" "$work/b.db" --encode onehot -o "$work/hot.npz"
is "one-hot" "$code" 0
run dataset "$work/a.db" "$work/b.db" --episodes -o "$work/e.npz"
is "episodes" "$code" 0
has "and how many" "$err" '^gym: note: 6 episodes of 180 trials$'
run dataset "$work/toy.db" --episodes --objective delay -o "$work/e.jsonl"
has "with another objective" "$(cat "$work/e.jsonl")" '"objective":"delay".*"is_first":true'

run dataset "$work/a.db" "$work/toy.db" --describe
is "one env at a time" "$code" 3
has "which there are" "$err" '^gym: there are several envs \(.*toy-v1.*\): choose one$'
run dataset "$work/a.db" "$work/toy.db" --env toy --describe
is "by name" "$code" 0
run dataset "$work/a.db"
is "somewhere to write to" "$code" 2
has "is asked for" "$err" '^gym: where to\? give -o FILE \(\.csv, \.jsonl, \.npz or \.parquet\)'
run dataset "$work/a.db" -o "$work/x.xlsx"
has "a format there is" "$err" 'x.xlsx: the end of its name says no format: .csv, .jsonl, .npz or .parquet$'
run dataset "$work/a.db" -o -
has "and one for standard output" "$err" 'which format\?'
for to in "-o - --format csv" "--format jsonl"; do
  run dataset "$work/a.db" --describe $to
  is "a description and rows do not mix: $to" "$code:$out" 2:
  has "and what would be right is said" "$err" 'both go to standard output: give -o FILE, or'
done
run dataset "$work/a.db" --format npz
has "but npz" "$err" 'npz is written in several places at a time: name a file'
run dataset "$work/a.db" -o "$work/x.npz" --encode decoded
has "npz holds numbers" "$err" 'npz keeps designs as numbers: encode them ordinal or onehot'
run dataset "$work/a.db" --encode levels -o "$work/x.csv"
has "encodings are named" "$err" 'valid ones are: decoded, ordinal, onehot'
run dataset "$work/a.db" --status fine --describe
has "statuses too" "$err" 'unknown status "fine"; valid ones are: ok, infeasible'
run dataset "$work/a.db" --where trace=x --describe
is "an option the env has not" "$code" 3
run dataset "$work/a.db" --episodes
has "episodes need a file" "$err" '^gym: --episodes needs -o FILE.jsonl or -o FILE.npz'
run dataset "$work/a.db" --objective loss --describe
has "objectives need episodes" "$err" 'give --episodes'
run dataset "$work/a.db" -o "$work/a.db" --format csv
is "not over a store" "$code" 3
run dataset "$work/none.db" --describe
is "no such store" "$code" 3
run dataset "$work/a.db" "$work/a.db" --describe
has "nor one twice" "$err" 'is given twice'
run dataset
is "at least one" "$code" 2

python=${GYM_PYTHON:-python3}
cp "$work/toy.db" "$work/begun.db"
if "$python" - "$work/begun.db" <<'END' >"$work/found" 2>&1
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("CREATE TEMP TABLE one AS SELECT * FROM runs LIMIT 1")
    db.execute("UPDATE one SET id = id + 1, seed = seed + 1, trials = 0")
    db.execute("INSERT INTO runs SELECT * FROM one")
END
then
  run dataset "$work/begun.db" --episodes -o "$work/begun.npz"
  has "a run without a trial is no episode" "$err" '^gym: note: 1 episodes of 20 trials$'
else
  skip "a run without a trial is no episode" "no $python with sqlite3"
fi

# Other programs' eyes.
for reader in pandas numpy pyarrow duckdb; do
  "$python" "${0%/*}/dataset_read.py" $reader "$work" >"$work/found" 2>&1
  case $? in
    0) ;;
    77 | 127) skip "$reader reads them" "no $reader for $python"; continue ;;
    *) report 1 "$reader reads them" <"$work/found"; continue ;;
  esac
  while read -r result; do
    case $result in
      "ok - "*) report 0 "${result#ok - }" </dev/null ;;
      "not ok - "*) report 1 "${result#not ok - }" <"$work/found" ;;
    esac
  done <"$work/found"
done
finish
