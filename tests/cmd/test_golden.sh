#!/bin/sh
# The command's words, as users see them, against tests/golden/cmd. When a difference is
# meant, tests/golden/update writes the files anew.
. "${0%/*}/tap.sh"
cd "$work" || exit 99
grep -v '^#' "$top/tests/golden/cases" >cases
while read -r name arguments; do
  sh "$top/tests/golden/show" "$gym" $arguments >seen
  if diff -u "$top/tests/golden/cmd/$name.txt" seen >difference 2>&1; then
    report 0 "$name" </dev/null
  else
    report 1 "$name" <difference
  fi
done <cases
is "there is a case for every file" \
  "$(ls "$top/tests/golden/cmd" | sed 's/\.txt$//' | sort)" "$(cut -d ' ' -f 1 cases | sort)"
finish
