"""Writes halving_values.txt: what scikit-learn's successive halving gives to how many candidates.

A line each: min_resource (0 = exhaust), smallest, max_resource, candidates, factor, aggressive, then resource
and candidates of each iteration. Run with Debian's scikit-learn 1.2.1.
"""
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV


class Guess(BaseEstimator):
    """A model whose score is its parameter."""

    def __init__(self, a=0, n=1):
        self.a, self.n = a, n

    def fit(self, x, y):
        return self

    def score(self, x, y):
        return self.a


def run(candidates, least, most, factor, aggressive, resource, random):
    x, y = np.zeros((400, 1)), np.zeros(400)
    common = dict(factor=factor, aggressive_elimination=aggressive, resource=resource, max_resources=most, cv=2,
                  refit=False, random_state=0, min_resources=least)
    if random:
        search = HalvingRandomSearchCV(Guess(), {"a": list(range(10_000))}, n_candidates=candidates, **common)
    else:
        search = HalvingGridSearchCV(Guess(), {"a": list(range(candidates))}, **common)
    search.fit(x, y)
    pairs = " ".join(f"{r} {n}" for r, n in zip(search.n_resources_, search.n_candidates_))
    smallest = 4 if resource == "n_samples" else 1
    first = 0 if least == "exhaust" else search.min_resources_
    return f"{first} {smallest} {most} {search.n_candidates_[0]} {factor} {int(aggressive)} {pairs}"


def main():
    warnings.simplefilter("ignore")
    lines = [f"# scikit-learn {sklearn.__version__}, tests/oracle/halving_oracle.py"]
    for aggressive in False, True:
        for candidates in 1, 2, 3, 6, 26, 27, 28, 60, 100:
            for least, most, factor in ((20, 400, 3), ("exhaust", 400, 3), ("exhaust", 40, 2), (20, 40, 3),
                                        (10, 400, 2), ("exhaust", 81, 4), (40, 40, 3), ("exhaust", 30, 5)):
                lines.append(run(candidates, least, most, factor, aggressive, "n_samples", False))
        lines.append(run("exhaust", 20, 400, 3, aggressive, "n_samples", True))
        lines.append(run("exhaust", 7, 100, 2, aggressive, "n", True))
        lines.append(run(50, "exhaust", 300, 3, aggressive, "n", True))
        lines.append(run(12, 10, 300, 3, aggressive, "n", False))
    pathlib.Path(__file__).with_name("halving_values.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
