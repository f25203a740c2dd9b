#!/usr/bin/env python3
"""Expected values of the tests of judging and of correlation scores, from scikit-learn
and NumPy.

    values.py          prints tests/sims/nn/values.h
    values.py FILE     compares with it: exit code 0 when every number agrees
"""
import re
import sys

import numpy as np
from sklearn.metrics import accuracy_score, log_loss

N, CLASSES, ROWS, COLUMNS, BINS = 300, 7, 12, 40, 15


def judged(sharpness):
    """Logits and labels that the test makes from the same formula."""
    i, c = np.arange(N)[:, None], np.arange(CLASSES)[None, :]
    logits = np.float32(sharpness * np.sin(1.7 * i + 2.3 * c + 0.1 * c * i)).astype(float)
    k = np.arange(N)
    labels = np.where(k % 3 == 0, k * k % CLASSES, logits.argmax(axis=1))
    return logits, labels


def calibration_error(p, labels):
    top, hit = p.max(axis=1), p.argmax(axis=1) == labels
    bins = np.digitize(top, np.linspace(0, 1, BINS + 1), right=True)
    return sum(abs(hit[bins == b].mean() - top[bins == b].mean()) * (bins == b).mean()
               for b in np.unique(bins))


def assessment(sharpness):
    logits, labels = judged(sharpness)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    square = ((p - np.eye(CLASSES)[labels]) ** 2).sum(axis=1).mean()
    return [accuracy_score(labels, p.argmax(axis=1)),
            log_loss(labels, p, labels=np.arange(CLASSES)), square,
            calibration_error(p, labels)]


def correlation_score(mixing):
    i, k = np.arange(ROWS)[:, None], np.arange(COLUMNS)[None, :]
    rows = np.float32(np.sin(0.9 * (i + 1) * k + i) + mixing * np.cos(0.3 * k)).astype(float)
    v = np.linalg.eigvalsh(np.corrcoef(rows)) + 1e-5
    return [-np.sum(np.log(v) + 1 / v)]


values = {}
for name, sharpness in ("flat", 0.3), ("middle", 2), ("sharp", 12):
    values[name] = assessment(sharpness)
for name, mixing in ("apart", 0), ("mixed", 1), ("alike", 30):
    values[name] = correlation_score(mixing)

if len(sys.argv) > 1:
    text = open(sys.argv[1], encoding="utf-8").read()
    wrong = 0
    for name, numbers in values.items():
        found = re.search(rf"\b{name}\[\] = \{{(.*?)\}};", text, re.S)
        have = [float(x) for x in found[1].split(",")] if found else []
        if len(have) != len(numbers) or not np.allclose(have, numbers, 1e-9, 1e-12):
            print(f"{name}: {have} instead of {numbers}")
            wrong = 1
    sys.exit(wrong)
print("/* Made by values.py: accuracy, loss, Brier, ECE; then correlation scores. */")
for name, numbers in values.items():
    print(f"static const double {name}[] = {{ {', '.join(f'{x:.12g}' for x in numbers)} }};")
