#!/usr/bin/env python3
"""Expected values of the tests of scores and transforms, from scikit-learn and SciPy.

    scores_values.py          prints tests/core/scores_values.h
    scores_values.py FILE     compares with it: exit code 0 when every number agrees
"""
import re
import sys

import numpy as np
from scipy import stats
from sklearn import metrics

values = {}


def put(name, numbers):
    values[name] = [float(x) for x in np.ravel(numbers)]


def scores(name, actual, predicted, spread):
    mse = metrics.mean_squared_error(actual, predicted)
    error = np.abs(predicted - actual)
    put(name + "_actual", actual)
    put(name + "_predicted", predicted)
    put(name + "_spread", spread)
    put(name, [
        np.sqrt(mse), np.sqrt(mse) / abs(np.mean(actual)),
        metrics.mean_absolute_percentage_error(actual, predicted),
        metrics.r2_score(actual, predicted),
        stats.spearmanr(actual, predicted).correlation,
        stats.kendalltau(actual, predicted).correlation,
        *[np.mean(error <= stats.norm.ppf(0.5 + level / 2) * spread)
          for level in (0.5, 0.8, 0.95)],
        -np.mean(stats.norm.logpdf(actual, predicted, spread)), np.mean(spread)])


def all_scores():
    rng = np.random.default_rng(11)
    n = 350
    truth = rng.lognormal(1, 0.6, n)
    scores("plain", truth, truth + rng.normal(0, 0.3, n), rng.uniform(0.1, 0.6, n))
    levels = rng.integers(1, 8, n).astype(float)
    scores("tied", levels, np.round(levels + rng.normal(0, 1.5, n)) - 20,
           rng.uniform(5, 40, n))
    large = 1e9 + rng.normal(0, 1, n)
    scores("large", large, large + rng.normal(0, 0.2, n), np.full(n, 0.2))
    scores("three", np.array([-1.0, 2.0, 4.0]), np.array([-2.0, 2.5, 2.5]), np.ones(3))


def recall(actual, predicted, k, largest):
    """The definition, by drawing none: every order of equal predictions counts alike."""
    sign = -1 if largest else 1
    a, p = sign * np.asarray(actual), sign * np.asarray(predicted)
    border, truth = np.sort(p)[k - 1], np.sort(a)[k - 1]
    hits = a <= truth
    inside, tied = p < border, p == border
    return (hits[inside].sum() + (k - inside.sum()) * hits[tied].mean()) / k


def recalls():
    for name in "plain", "tied":
        a, p = values[name + "_actual"], values[name + "_predicted"]
        put(name + "_recall", [recall(a, p, k, big)
                               for k in (1, 4, 35, 200) for big in (False, True)])


def transforms():
    rng = np.random.default_rng(12)
    for name, x in ("skewed", rng.lognormal(3, 0.8, 200)), ("even", rng.uniform(5, 9, 200)):
        put(name, x)
        _, power = stats.boxcox(x)
        put(name + "_power", [power])
        put(name + "_likelihood",
            [stats.boxcox_llf(p, x) for p in (-1.5, 0, 0.5, 1, 2)])


def write():
    print("/* Made by tests/core/scores_values.py (scikit-learn, SciPy). Do not edit. */")
    print("#ifndef TESTS_SCORES_VALUES_H\n#define TESTS_SCORES_VALUES_H\n")
    for name, numbers in values.items():
        print(f"static const double {name}[] = {{")
        for i in range(0, len(numbers), 4):
            print("  " + ", ".join(repr(x) for x in numbers[i:i + 4]) + ",")
        print("};")
    print("\n#endif")


def check(path):
    text, bad = open(path).read(), 0
    found = dict(re.findall(r"double (\w+)\[\] = \{([^}]*)\}", text))
    for name, numbers in values.items():
        have = [float(x) for x in found.get(name, "").split(",") if x.strip()]
        # SciPy looks for the best power only so closely.
        tolerance = 1e-6 if name.endswith("_power") else 1e-9
        if len(have) != len(numbers) or not np.allclose(have, numbers, tolerance, 1e-300):
            print(f"{name}: {have[:4]}, not {numbers[:4]}")
            bad = 1
    return bad or set(found) != set(values)


all_scores()
recalls()
transforms()
if len(sys.argv) > 1:
    sys.exit(check(sys.argv[1]))
write()
