#!/bin/sh
# The fuzz targets of the DRAM simulator under libFuzzer, a minute each, where clang has
# it. Part of the long tests; test_fuzz_*.c run the same targets without it.
top=${GYM_SOURCE_TOP:-.}
seconds=60
count=0
failed=0

skip_all () {
  echo "ok 1 # SKIP $1"
  echo "1..1"
  exit 0
}

fuzz () { # NAME CORPUS SOURCES...
  name=$1 corpus=$2
  shift 2
  count=$((count + 1))
  if (cd "$top" && clang -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=undefined -I. -Icore "tests/sims/dram/fuzz_$name.c" "$@" \
        -lz -o "$work/$name") >"$work/log" 2>&1 &&
     "$work/$name" -seed=1 -max_total_time=$seconds -verbosity=0 \
       -artifact_prefix="$work/" "$corpus" >>"$work/log" 2>&1; then
    echo "ok $count - $name: $seconds s"
  else
    echo "not ok $count - $name"
    tail -n 40 "$work/log" | sed 's/^/# /'
    failed=1
  fi
}

[ -n "${GYM_LONG:-}" ] || skip_all "a long test (make check-long)"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
echo 'int LLVMFuzzerTestOneInput (const char *d, unsigned long n) { return d && !n && 0; }' \
  >"$work/probe.c"
clang -fsanitize=fuzzer "$work/probe.c" -o "$work/probe" 2>/dev/null ||
  skip_all "no clang with libFuzzer"

mkdir "$work/parts" "$work/traces"
cp "$top"/sims/dram/parts/*.part "$work/parts"
for file in "$top"/examples/traces/*.trc; do
  head -n 40 "$file" >"$work/traces/$(basename "$file")"
done
fuzz part "$work/parts" sims/dram/partfile.c sims/dram/part.c sims/dram/error.c
fuzz trace "$work/traces" sims/dram/trace.c sims/dram/tracebin.c sims/dram/error.c
echo "1..$count"
exit $failed
