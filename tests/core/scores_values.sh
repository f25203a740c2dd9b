#!/bin/sh
# The expected values of scores and transforms are what scikit-learn and SciPy give today.
here=${GYM_SOURCE_TOP:-.}/tests/core
echo "1..1"
python=${GYM_PYTHON:-/usr/bin/python3}
if ! "$python" -c 'import scipy.stats, numpy, sklearn.metrics' 2>/dev/null; then
  echo "ok 1 # SKIP no scikit-learn (Debian: python3-sklearn)"
  exit 0
fi
if found=$("$python" "$here/scores_values.py" "$here/scores_values.h" 2>&1); then
  echo "ok 1 - expected values as scikit-learn and SciPy compute them"
else
  echo "not ok 1 - expected values as scikit-learn and SciPy compute them"
  printf '%s\n' "$found" | sed 's/^/# /'
  exit 1
fi
