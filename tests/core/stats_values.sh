#!/bin/sh
# The expected values of the statistics tests are what SciPy gives today.
here=${GYM_SOURCE_TOP:-.}/tests/core
echo "1..1"
python=${GYM_PYTHON:-python3}
if ! "$python" -c 'import scipy.stats, numpy' 2>/dev/null; then
  echo "ok 1 # SKIP no SciPy (Debian: python3-scipy)"
  exit 0
fi
if found=$("$python" "$here/stats_values.py" "$here/stats_values.h" 2>&1); then
  echo "ok 1 - expected values as SciPy computes them"
else
  echo "not ok 1 - expected values as SciPy computes them"
  printf '%s\n' "$found" | sed 's/^/# /'
  exit 1
fi
