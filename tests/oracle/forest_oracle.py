"""Cross-validated scores of scikit-learn's trees, forests and boosting, for test_forest_scores.c.

    forest_oracle.py > forest_scores.csv

The data are made by formulas that the test repeats (64-bit linear congruential generator, see values()), so that
both learn from the same rows. One line per data set and model: data, model, mean of the five fold scores over SEEDS
seeds, and the standard deviation of a single fold's score. Folds are those of StratifiedKFold(5) and KFold(5) without
shuffling; the score is accuracy or R2.
"""
import math

import numpy as np
import sklearn
from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor, GradientBoostingClassifier,
                              GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor)
from sklearn.model_selection import cross_val_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ROWS, COLUMNS, SEEDS = 300, 6, 5
MODELS = {
    "decision_tree": (DecisionTreeClassifier, DecisionTreeRegressor, {"max_depth": 6}),
    "random_forest": (RandomForestClassifier, RandomForestRegressor, {"n_estimators": 50}),
    "extra_trees": (ExtraTreesClassifier, ExtraTreesRegressor, {"n_estimators": 50, "min_samples_leaf": 2}),
    "gradient_boosting": (GradientBoostingClassifier, GradientBoostingRegressor, {"n_estimators": 40}),
}


def values(count):
    """Numbers in [0, 1): Knuth's MMIX generator, its upper 32 bits."""
    state, out = 1, []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out.append((state >> 32) / 2**32)
    return out


def make(name):
    """Rows with a smooth dependence on three columns, noise, and a column of few values."""
    u = np.array(values(ROWS * (COLUMNS + 1))).reshape(ROWS, COLUMNS + 1)
    x = u[:, :COLUMNS].copy()
    x[:, 3] = np.floor(4 * x[:, 3])
    value = np.array([math.sin(6 * a) + b * c + 0.4 * d + 0.8 * e for a, b, c, d, e in
                      zip(x[:, 0], x[:, 1], x[:, 2], x[:, 3], u[:, COLUMNS])])
    if name == "values":
        return x, value
    cuts = [1.4] if name == "two" else [0.7, 1.4, 2.1]
    return x, np.searchsorted(cuts, value, side="right")


def main():
    print(f"# scikit-learn {sklearn.__version__}: data, model, mean score, deviation of a fold")
    for data in ("two", "four", "values"):
        x, y = make(data)
        for name, (classifier, regressor, options) in MODELS.items():
            kind = regressor if data == "values" else classifier
            folds = [cross_val_score(kind(random_state=seed, **options), x, y, cv=5) for seed in range(SEEDS)]
            print(data, name, repr(float(np.mean(folds))), repr(float(np.mean(np.std(folds, axis=1)))), sep=",")


if __name__ == "__main__":
    main()
