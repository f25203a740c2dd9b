#!/bin/sh
# What all figures share: gnuplot's work as part of a page.
. "${0%/*}/tap.sh"
. "${0%/*}/figures.sh"

draws one curves
has "it is SVG" "$svg" '^<svg'
hasnt "in the page's own ink" "$svg" 'black|rgb\( *1, *2, *3\)'
has "which is there" "$svg" 'currentColor'
hasnt "without a script" "$svg" '<script|onmouse|onload'
hasnt "without ids that another figure has too" "$svg" 'id="gnuplot'
hasnt "without links" "$svg" 'href=.http'
draws many curves
hasnt "labels are text, whatever they hold" "$svg" '<b>'
has "and still to be read" "$svg" 'a  b   c   d   e'
err=$(PATH=/nowhere "$gym" plot "$work/one.db" --figure curves -o "$work/x.svg" 2>&1)
code=$?
is "no gnuplot is bad input" "$code" 3
has "and said with what to do" "$err" 'gnuplot-nox'
finish
