#!/bin/sh
# The project speaks of itself alone: no paths of a machine.
set -u
cd "${GYM_SOURCE_TOP:-.}" || exit 1
if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  echo "ok 1 # SKIP not a git checkout"
  echo "1..1"
  exit 0
fi
found=$(git grep -nE '/(home|root)/[a-z]' -- . | head -n 10)
if [ -z "$found" ]; then
  echo "ok 1 - no paths of a machine"
else
  echo "not ok 1 - no paths of a machine"
  printf '%s\n' "$found" | sed 's/^/# /'
fi
echo "1..1"
[ -z "$found" ]
