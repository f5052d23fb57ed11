#!/usr/bin/python3
"""Writes nested_values.txt: scikit-learn's nested cross-validation of an SVC on examples/data/iris.csv, without shuffling: for each
outer fold its score, the best inner mean, and the C and gamma chosen. Read by tests/cli/test_nested.py."""

import csv
import os

import numpy
import sklearn
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, cross_validate
from sklearn.svm import SVC

HERE = os.path.dirname(os.path.abspath(__file__))
GRID = {"C": [0.05, 0.5, 50], "gamma": [0.01, 0.3, 3]}  # no fold has two best settings


def main():
    with open(os.path.join(HERE, "../../examples/data/iris.csv"), encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    x, y = numpy.array([[float(v) for v in row[:-1]] for row in rows]), numpy.array([row[-1] for row in rows])
    search = GridSearchCV(SVC(), GRID, cv=StratifiedKFold(5))
    outer = StratifiedKFold(5)
    scores = cross_val_score(search, x, y, cv=outer)
    fitted = cross_validate(search, x, y, cv=outer, return_estimator=True)["estimator"]
    with open(os.path.join(HERE, "nested_values.txt"), "w", encoding="utf-8") as file:
        file.write(f"# scikit-learn {sklearn.__version__}, nested_oracle.py: outer score, best inner mean, C, gamma\n")
        for score, one in zip(scores, fitted):
            best = one.best_params_
            file.write(f"{score!r} {one.best_score_!r} {best['C']} {best['gamma']}\n")


main()
