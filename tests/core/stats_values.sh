#!/bin/sh
# The expected values of the statistics tests are what SciPy gives today.
. "${GYM_SOURCE_TOP:-.}/tests/values.sh"
values_check "scipy.stats, numpy" SciPy python3-scipy tests/core/stats_values
