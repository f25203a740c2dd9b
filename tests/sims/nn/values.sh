#!/bin/sh
# The expected values of the tests of judging are what scikit-learn and NumPy give today.
. "${GYM_SOURCE_TOP:-.}/tests/values.sh"
values_check "sklearn.metrics, numpy" scikit-learn python3-sklearn tests/sims/nn/values
