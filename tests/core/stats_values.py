#!/usr/bin/env python3
"""Expected values of the statistics tests, from SciPy and plain NumPy.

    stats_values.py          prints tests/core/stats_values.h
    stats_values.py FILE     compares with it: exit code 0 when every number agrees

R gives the same for the tests of ranks: wilcox.test (a, b, paired = TRUE),
friedman.test, kruskal.test, p.adjust (p, "holm"), qtukey (0.95, k, Inf).
"""
import re
import sys

import numpy as np
from scipy import stats

values = {}


def put(name, numbers):
    values[name] = [float(x) for x in np.ravel(numbers)]


def compare_tests():
    a = [125, 115, 130, 140, 140.5, 115.5, 140.2, 125.3, 141, 135]
    b = [110, 122, 125, 120, 140, 124, 123, 137, 135.5, 145]
    tied = [3, 5, 5, 8, 9, 9, 12, 4, 7, 7, 6, 5]
    other = [4, 5, 7, 6, 9, 12, 15, 3, 9, 8, 8, 7]
    rng = np.random.default_rng(7)
    long_a, long_b = rng.normal(0, 1, 70), rng.normal(0.4, 1, 70)
    for name, x in [("pair_a", a), ("pair_b", b), ("tied", tied), ("other", other),
                    ("long_a", long_a), ("long_b", long_b)]:
        put(name, x)
    for name, x, y, method in [("signed_exact", a, b, "exact"),
                               ("signed_tied", tied, other, "approx"),
                               ("signed_long", long_a, long_b, "approx")]:
        r = stats.wilcoxon(x, y, alternative="two-sided", method=method,
                           correction=method == "approx", zero_method="wilcox")
        up = stats.wilcoxon(x, y, alternative="greater", method=method)
        put(name, [up.statistic, r.pvalue])
    for name, x, y, method in [("sum_exact", long_a[:12], long_b[:9], "exact"),
                               ("sum_tied", tied, other, "asymptotic"),
                               ("sum_long", long_a, long_b[:60], "asymptotic")]:
        r = stats.mannwhitneyu(x, y, alternative="two-sided", method=method)
        put(name, [r.statistic, r.pvalue])
    put("effect", [1 - stats.mannwhitneyu(tied, other[:9]).statistic / (12 * 9)])
    p = [0.01, 0.04, 0.03, 0.005, 0.04, 0.6]
    order, most, holm = np.argsort(p), 0, [0] * 6
    for i, k in enumerate(order):
        most = max(most, min(1, p[k] * (6 - i)))
        holm[k] = most
    put("holm_p", p)
    put("holm", holm)
    blocks = [[70, 61, 82, 74], [77, 75, 88, 76], [76, 67, 90, 80], [80, 63, 96, 76],
              [84, 66, 92, 84], [78, 68, 98, 86]]
    r = stats.friedmanchisquare(*np.array(blocks).T)
    put("blocks", blocks)
    put("friedman", [r.statistic, r.pvalue])
    put("friedman_ranks", np.mean([stats.rankdata(x) for x in blocks], axis=0))
    groups = [[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]]
    r = stats.kruskal(*groups)
    put("groups", np.concatenate(groups))
    put("kruskal", [r.statistic, r.pvalue])


def distributions():
    x = [-30, -8, -3, -1, -0.1, 0, 0.5, 2, 6]
    put("normal_x", x)
    put("normal", stats.norm.cdf(x))
    p = [1e-300, 1e-12, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999999]
    put("quantile_p", p)
    put("quantile", stats.norm.ppf(p))
    chi = [(0.1, 1), (3.84, 1), (30, 1), (1, 5), (11, 5), (200, 5), (90, 100), (150, 100)]
    put("chi_x", [c[0] for c in chi])
    put("chi_degrees", [c[1] for c in chi])
    put("chi", [stats.chi2.sf(*c) for c in chi])
    k = [2, 3, 5, 10, 20, 60]
    put("range_k", k)
    put("range_95", [stats.studentized_range.ppf(0.95, n, np.inf) for n in k])
    put("range_90", [stats.studentized_range.ppf(0.90, n, np.inf) for n in k])
    put("range_at_3", [stats.studentized_range.cdf(3, n, np.inf) for n in k])


def bootstrap():
    """Any generator will do: the interval of 200,000 resamples hardly depends on it."""
    x = [1.2, 2.3, 2.9, 3.1, 4.8, 5.5, 7.1, 9.9, 14.2, 21.0, 33.3, 2.2]
    put("boot", x)
    for method in "percentile", "BCa":
        r = stats.bootstrap((x,), np.mean, method=method, n_resamples=200000,
                            confidence_level=0.9, random_state=1)
        put("boot_" + method.lower(), r.confidence_interval)


def curves():
    rng = np.random.default_rng(3)
    runs = np.minimum.accumulate(np.exp(rng.normal(0, 1, (7, 40))), axis=1)
    put("curve_runs", runs)
    put("curve_bands", np.quantile(runs, [0.5, 0.25, 0.75], axis=0))


def fronts():
    points = [[0.1, 0.9, 0.4], [0.3, 0.5, 0.5], [0.8, 0.1, 0.3], [0.5, 0.4, 0.9]]
    target = [[0, 0.8, 0.3], [0.2, 0.5, 0.4], [0.4, 0.2, 0.2], [0.7, 0, 0.6], [0.3, 0.6, 0.9]]
    worse = np.array(points)[None, :, :] - np.array(target)[:, None, :]
    put("front_points", points)
    put("front_target", target)
    put("front_igd", [np.sqrt((np.maximum(worse, 0) ** 2).sum(2)).min(1).mean()])
    put("front_epsilon", [worse.max(2).min(1).max()])


def densities(counts, ordered):
    counts = np.asarray(counts, float)
    n, cells = counts.sum(), np.arange(len(counts))
    smooth = counts.copy()
    if ordered:
        mean = (cells * counts).sum() / n
        spread = np.sqrt((cells ** 2 * counts).sum() / n - mean ** 2)
        q1, q3 = (np.searchsorted(np.cumsum(counts), n * q) for q in (0.25, 0.75))
        if q3 > q1:
            spread = min(spread, (q3 - q1) / 1.34)
        kernel = stats.norm.pdf(cells[:, None], cells[None, :],
                                max(1.059 * spread * n ** -0.2, 0.25))
        smooth = (kernel / kernel.sum(0)) @ counts
    return (smooth + 1 / len(counts)) / (n + 1)


def importance():
    """Three factors: 5 categories, 12 ordered cells, one that does nothing."""
    rng = np.random.default_rng(5)
    n, cells, ordered = 400, [5, 12, 4], [False, True, False]
    x = np.stack([rng.integers(0, c, n) for c in cells])
    y = np.array([0, 3, 1, 2, 5])[x[0]] + 0.3 * (x[1] - 4) ** 2 * (1 + (x[0] == 1))
    y = y + rng.normal(0, 1, n)
    put("cells", x)
    put("cell_values", y)
    best = y <= np.sort(y)[int(np.ceil(0.1 * n)) - 1]
    within = y <= np.sort(y)[int(np.ceil(0.6 * n)) - 1]
    for name, base in ("ped_all", y <= np.inf), ("ped_within", within):
        scores = []
        for k in range(3):
            top, all_ = (densities(np.bincount(x[k][s], minlength=cells[k]), ordered[k])
                         for s in (best, base))
            scores.append((all_ * (top / all_ - 1) ** 2).sum())
        put(name, np.array(scores) / sum(scores))
    total, shares, p = ((y - y.mean()) ** 2).sum(), [], []
    for k in range(3):
        groups = [y[x[k] == c] for c in range(cells[k])]
        inside = sum(((g - g.mean()) ** 2).sum() for g in groups)
        noise = inside / (n - cells[k])
        shares.append(max(total - inside - (cells[k] - 1) * noise, 0) / total)
        p.append(stats.kruskal(*groups).pvalue)
    put("main_share", shares)
    put("main_p", p)
    found = []
    for i, k in (0, 1), (0, 2), (1, 2):
        one, two = np.eye(cells[i])[x[i]], np.eye(cells[k])[x[k]]
        both = np.eye(cells[i] * cells[k])[x[i] * cells[k] + x[k]]
        def left(columns):
            fit = columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
            return ((y - fit) ** 2).sum(), np.linalg.matrix_rank(columns)
        (inside, used), (additive, rank) = left(both), left(np.hstack([one, two]))
        noise, degrees = inside / (n - used), used - rank
        found += [max(additive - inside - degrees * noise, 0) / total,
                  stats.f.sf((additive - inside) / degrees / noise, degrees, n - used)]
    put("pairs", found)
    f = [(0.5, 1, 3), (4, 2, 10), (2.5, 40, 300), (30, 5, 5), (1, 200, 1e6)]
    put("f_arguments", f)
    put("f_tail", [stats.f.sf(*a) for a in f])


def write():
    print("/* Made by tests/core/stats_values.py (SciPy and NumPy). Do not edit. */")
    print("#ifndef TESTS_STATS_VALUES_H\n#define TESTS_STATS_VALUES_H\n")
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
        tolerance = 0.02 if name.startswith("boot_") else 1e-9
        if len(have) != len(numbers) or not np.allclose(have, numbers, tolerance, 1e-300):
            print(f"{name}: {have[:4]}, not {numbers[:4]}")
            bad = 1
    return bad or set(found) != set(values)


compare_tests()
distributions()
bootstrap()
curves()
fronts()
importance()
if len(sys.argv) > 1:
    sys.exit(check(sys.argv[1]))
write()
