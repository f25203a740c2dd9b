#!/bin/sh
# make check-long works and asks for long tests: nobody runs it every day, so a slip in its
# quoting would go unnoticed.
set -u
cd "${GYM_BUILD_TOP:-.}" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL GYM_LONG
out=$(make check-long TESTS=tests/house/is_long.sh TEST_SUITE_LOG=tests/house/long-suite.log 2>&1)
code=$?
rm -f tests/house/long-suite.log
if [ "$code" -eq 0 ] && printf '%s\n' "$out" | grep -q '^PASS: .*long tests are asked for'; then
  echo "ok 1 - make check-long runs long tests"
else
  echo "not ok 1 - make check-long runs long tests"
  printf '%s\n' "$out" | tail -n 20 | sed 's/^/# /'
  code=1
fi
echo "1..1"
exit "$code"
