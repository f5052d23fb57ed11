#!/usr/bin/python3
"""Writes explain_values.txt: scikit-learn's permutation importance, partial dependence, learning and validation curves.

A line is `NAME numbers`. The shuffles are those that permutation_importance draws, so that its values are compared, not
their distribution.
"""
import pathlib

import numpy as np
import sklearn
from sklearn import inspection
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, StratifiedKFold, learning_curve, validation_curve
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

REPEATS = 3


def shuffles(n):
    """What sklearn.inspection.permutation_importance(random_state=0) makes of every column: each shuffle is applied to
    the column as the one before left it."""
    seed = np.random.RandomState(0).randint(np.iinfo(np.int32).max + 1)
    random, order, orders = np.random.RandomState(seed), np.arange(n), [np.arange(n)]
    for _ in range(REPEATS):
        random.shuffle(order)
        orders.append(orders[-1][order])
    return orders[1:]


def main():
    rng = np.random.default_rng(11)
    n = 120
    x = np.column_stack([rng.normal(size=n), rng.integers(0, 5, n), rng.integers(1, 4, n) * 0.5, rng.normal(size=n)])
    number = x[:, 0] * 2 + np.sin(x[:, 1]) + x[:, 2] + 0.3 * rng.normal(size=n)
    label = np.digitize(number, np.quantile(number, [0.4, 0.7])).astype(float)
    lines = [f"# Written by explain_oracle.py: scikit-learn {sklearn.__version__}, NumPy {np.__version__}."]

    def line(name, values):
        lines.append(name + " " + " ".join(repr(float(v)) for v in np.ravel(values)))

    line("x", x)
    line("number", number)
    line("label", label)
    line("orders", shuffles(n))
    ridge, knn = Ridge(alpha=1.0).fit(x, number), KNeighborsClassifier(5).fit(x, label)
    for name, model, y, scoring in (("ridge_r2", ridge, number, "r2"), ("ridge_mse", ridge, number, "neg_mean_squared_error"),
                                    ("knn_accuracy", knn, label, "accuracy")):
        line("losses_" + name, inspection.permutation_importance(
            model, x, y, scoring=scoring, n_repeats=REPEATS, random_state=0).importances)
    for name, model in (("ridge", ridge), ("knn", knn)):
        for columns in ([1], [1, 2]):
            found = inspection.partial_dependence(model, x, columns, method="brute", kind="both", grid_resolution=20)
            outputs = 1 if name == "ridge" else 3
            key = f"{name}_{len(columns)}"
            line("grid_" + key, np.concatenate(found["values"]))
            # (outputs, points...) -> (points, outputs); (outputs, rows, points...) -> (rows, points, outputs)
            line("average_" + key, found["average"].reshape(outputs, -1).T)
            line("individual_" + key, found["individual"].reshape(outputs, n, -1).transpose(1, 2, 0))
    cases = (("ridge", Ridge(), number, KFold(5), "r2", "alpha", [0.01, 1, 100]),
             ("knn", KNeighborsClassifier(), label, StratifiedKFold(5), "accuracy", "n_neighbors", [1, 5, 20]),
             ("svm", SVC(), label, StratifiedKFold(5), "accuracy", "C", [0.1, 1, 10]))
    for name, model, y, folds, scoring, option, values in cases:
        sizes, train, test = learning_curve(model, x, y, cv=folds, scoring=scoring, train_sizes=np.array([0.2, 0.5, 1]))
        line("sizes_" + name, sizes)
        line("learning_train_" + name, train)
        line("learning_test_" + name, test)
        train, test = validation_curve(model, x, y, param_name=option, param_range=values, cv=folds, scoring=scoring)
        line("validation_train_" + name, train)
        line("validation_test_" + name, test)
    pathlib.Path(__file__).with_name("explain_values.txt").write_text("\n".join(lines) + "\n")


main()
