# For scripts that source it: are the expected values of a test what Python's libraries
# give today? Called as: values_check MODULES LIBRARY PACKAGE FOLDER/NAME, where NAME.py
# recomputes what NAME.h holds.
values_check () {
  at=${GYM_SOURCE_TOP:-.}/$4
  python=${GYM_PYTHON:-python3}
  echo "1..1"
  if ! "$python" -c "import $1" 2>/dev/null; then
    echo "ok 1 # SKIP no $2 (Debian: $3)"
  elif found=$("$python" "$at.py" "$at.h" 2>&1); then
    echo "ok 1 - expected values as $2 computes them"
  else
    echo "not ok 1 - expected values as $2 computes them"
    printf '%s\n' "$found" | sed 's/^/# /'
    exit 1
  fi
}
