#!/bin/sh
# The example plugin, built as its author would, against the headers alone, passes the
# conformance check and can be searched.
set -u
top=${GYM_SOURCE_TOP:-.}
build=${GYM_BUILD_TOP:-.}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
gym=$build/core/cmd/gym
n=0
bad=0

# check NAME COMMAND...: passes when the command succeeds; shows its output when not.
check () {
  name=$1
  shift
  n=$((n + 1))
  if "$@" >"$scratch/out" 2>&1; then
    echo "ok $n - $name"
  else
    echo "not ok $n - $name"
    sed 's/^/# /' "$scratch/out" | tail -n 20
    bad=1
  fi
}

check "builds with nothing but the headers" ${CC:-cc} -std=c11 -Wall -Wextra -Werror \
  -I"$top/core" -shared -fPIC -o "$scratch/cache.so" "$top/examples/plugin/cache.c" -lm
GYM_PLUGIN_PATH=$scratch
export GYM_PLUGIN_PATH
check "is found by its bare name" "$gym" info cache
check "passes gym check" "$gym" check cache
check "evaluates a design" "$gym" eval cache --design capacity=64,prefetch=next_line,degree=2
check "can be searched" "$gym" search --env cache --agent random --objective mean_time \
  --budget 20 --seeds 1,2 --store "$scratch/runs.db" --quiet
echo "1..$n"
exit $bad
