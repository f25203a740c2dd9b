# figures.sh - stores for the tests of figures, made once a test; sourced after tap.sh.
GYM_PLUGIN_PATH=$build/tests/envs/.libs:$build/plugins/.libs
if ! command -v gnuplot >/dev/null 2>&1; then
  skip "figures" "no gnuplot (Debian: gnuplot-nox)"
  finish
fi

# one: a goal, three agents, two studies; two: two goals; many: an agent with settings.
search () {
  "$gym" search --env toy --isolate none --quiet "$@" >/dev/null 2>&1
}
search --agent random --agent ga --agent hill --objective 'energy' --budget 60 \
  --seeds 1..6 --store "$work/one.db"
search --agent random --agent ga --agent hill --objective 'delay; energy<=6' --budget 60 \
  --seeds 1..6 --store "$work/one.db"
search --agent random --agent nsga2 --objective 'energy,delay' --budget 80 --seeds 1..6 \
  --store "$work/two.db"
search --agent random --agent ga --label 'a <b> "c" {d} `e`' -a population=4 \
  --agent ga -a population=8 --agent ga -a population=30 \
  --objective energy --budget 40 --seeds 1..3 --store "$work/many.db"

# draws STORE FIGURE: the figure as SVG in $svg.
draws () {
  run plot "$work/$1.db" --figure "$2" -o "$work/figure.svg"
  svg=$(cat "$work/figure.svg" 2>/dev/null)
  is "$2 of store $1 is drawn" "$code$err" 0
  rm -f "$work/figure.svg"
}
