#!/bin/sh
# gym plot.
. "${0%/*}/tap.sh"
. "${0%/*}/figures.sh"

run plot "$work/one.db" --figure curves -o "$work/a.png"
is "PNG" "$code$err$(head -c 4 "$work/a.png" | tail -c 3)" 0PNG
run plot "$work/one.db" --figure curves -o "$work/a.pdf"
is "PDF" "$code$err$(head -c 4 "$work/a.pdf")" 0%PDF
run plot "$work/one.db" --figure curves -o "$work/a.svg" --study 1
has "a study by its number" "$(cat "$work/a.svg")" '>energy \[nJ\]<'
run plot "$work/one.db" --figure curves -o "$work/a.svg"
has "the newest without one" "$(cat "$work/a.svg")" '>delay \[ns\]<'
run plot "$work/one.db" --figure curvs -o "$work/b.svg"
is "another figure is a usage error" "$code" 2
has "with the nearest" "$err" 'did you mean curves'
run plot "$work/one.db" --figure curves -o "$work/b.jpg"
is "so is another format" "$code" 2
run plot "$work/one.db" -o "$work/b.svg"
is "and no figure" "$code" 2
run plot "$work/nowhere.db" --figure curves -o "$work/b.svg"
is "no store is bad input" "$code" 3
run plot "$work/one.db" --figure curves -o "$work/no/b.svg"
is "a file that cannot be written is a failure" "$code" 1
is "and nothing is left behind" "$(ls "$work" | grep -c '^b')" 0
finish
