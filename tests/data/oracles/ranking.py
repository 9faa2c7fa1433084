#!/usr/bin/env python3
"""Makes ranking.json: scikit-learn's ROC AUC and average precision, and scipy's exact binomial test,
for tests/train/ranking_test.cpp.

    python3 tests/data/oracles/ranking.py >tests/data/oracles/ranking.json
"""
import json

import numpy
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, roc_auc_score


def case(name, scores, is_of_class):
    scores = numpy.asarray(scores, "float32")
    is_of_class = numpy.asarray(is_of_class)
    both = 0 < is_of_class.sum() < len(is_of_class)
    return {
        "name": name,
        "scores": [float(x) for x in scores],
        "is_of_class": [int(x) for x in is_of_class],
        "roc_auc": roc_auc_score(is_of_class, scores) if both else None,
        "average_precision":
            average_precision_score(is_of_class, scores) if is_of_class.sum() else None,
    }


def main():
    random = numpy.random.default_rng(1)
    cases = []
    for n in (2, 5, 40, 300):
        labels = random.integers(0, 2, n)
        labels[:2] = [0, 1]
        cases.append(case(f"random {n}", random.random(n), labels))
        cases.append(case(f"ties {n}", random.integers(0, 4, n) / 4, labels))
        cases.append(case(f"informed {n}", labels + random.normal(0, 0.7, n), labels))
    cases.append(case("rare", random.random(200), [1] + [0] * 199))
    cases.append(case("all equal", [0.5] * 10, [1, 0, 0, 1, 0, 0, 0, 1, 0, 0]))
    cases.append(case("perfect", [0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0]))
    cases.append(case("inverted", [0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1]))
    cases.append(case("class absent", [0.3, 0.6, 0.9], [0, 0, 0]))
    cases.append(case("nothing else", [0.3, 0.6, 0.9], [1, 1, 1]))
    cases.append(case("one text", [0.3], [1]))
    pairs = [(0, 0), (1, 0), (5, 5), (3, 9), (10, 1), (181, 61), (700, 1000), (12000, 12500)]
    tests = [{"first": a, "second": b, "p": binomtest(a, a + b).pvalue if a + b else 1.0}
             for a, b in pairs]
    print(json.dumps({"rankings": cases, "mcnemar": tests}))


main()
