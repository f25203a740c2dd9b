# tap.sh - what the tests of the command share; sourced by each of them.
#
#   run ARGS...            gym ARGS, into $out, $err (texts) and $code
#   is NAME SEEN EXPECTED  equal texts
#   has NAME TEXT PATTERN  a line of TEXT matches the extended regular expression
#   hasnt NAME TEXT PATTERN
#   skip NAME WHY
#   ends PID, until_file FILE   waiting, with an end
#   finish                 the plan and the exit code; the last line of every test
# $work is a folder of the test's own; the plugins of tests/envs are the only ones on
# GYM_PLUGIN_PATH.
set -u
top=${GYM_SOURCE_TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${GYM_BUILD_TOP:-$top}
gym=$build/core/cmd/gym
GYM_PLUGIN_PATH=$build/tests/envs/.libs
export GYM_PLUGIN_PATH
LC_ALL=C.UTF-8
export LC_ALL
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
count=0
failed=0

report () { # STATUS NAME, diagnostics on standard input
  count=$((count + 1))
  if [ "$1" = 0 ]; then
    echo "ok $count - $2"
    cat >/dev/null
  else
    echo "not ok $count - $2"
    failed=1
    sed 's/^/# /' | head -n 40
  fi
}

run () {
  "$gym" "$@" >"$work/out" 2>"$work/err" </dev/null
  code=$?
  out=$(cat "$work/out")
  err=$(cat "$work/err")
}

is () {
  [ "$2" = "$3" ]
  report $? "$1" <<END
seen:     $2
expected: $3
END
}

has () {
  printf '%s\n' "$2" | grep -qE -e "$3"
  report $? "$1" <<END
expected a line like: $3
in: $2
END
}

hasnt () {
  ! printf '%s\n' "$2" | grep -qE -e "$3"
  report $? "$1" <<END
expected no line like: $3
in: $2
END
}

skip () {
  count=$((count + 1))
  echo "ok $count # SKIP $1: $2"
}

# ends PID: waits at most 30 s for the end of a process; its exit code into $code, "none"
# when it had to be killed. until_file FILE waits as long for a file.
ends () {
  for i in $(seq 300); do
    kill -0 "$1" 2>/dev/null || { wait "$1"; code=$?; return; }
    sleep 0.1
  done
  kill -KILL "$1"
  wait "$1" 2>/dev/null
  code=none
}

until_file () {
  for i in $(seq 300); do
    [ ! -e "$1" ] || return 0
    sleep 0.1
  done
}

finish () {
  echo "1..$count"
  exit $failed
}
