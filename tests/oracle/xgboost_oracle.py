"""Predictions of XGBoost's own Python package, for test_xgboost.c.

    xgboost_oracle.py > xgboost_values.txt      (Debian: python3-xgboost)

The data are made by formulas that the test repeats (see forest_oracle.py). The first line is the version; then come
three lines per case: "task weights options", the mean gains (importance) of the columns, the predictions of the first
SHOWN rows: values, or the probabilities of each class. Numbers are floats in decimal.
"""
import numpy as np
import xgboost

from forest_oracle import make

SHOWN = 40
SETTINGS = [
    "",
    "tree_method=hist",
    "tree_method=hist,n_estimators=30,learning_rate=0.1,max_depth=4,min_child_weight=5,gamma=0.2",
    "n_estimators=50,max_depth=3,alpha=0.5,lambda=3",
    "n_estimators=20,subsample=0.6,colsample=0.5,max_depth=8,min_child_weight=0",
    "tree_method=approx,n_estimators=10",
    "start=mean,n_estimators=20,learning_rate=0.05",
]
NAMES = {"colsample": "colsample_bytree"}
OBJECTIVES = {"values": "reg:squarederror", "two": "binary:logistic", "four": "multi:softprob"}


def fit(name, text, x, y, weight):
    given = dict(entry.split("=") for entry in text.split(",") if entry)
    rounds = int(given.pop("n_estimators", 100))
    parameters = {"nthread": 1, "objective": OBJECTIVES[name], "seed": 7, "seed_per_iteration": True,
                  "tree_method": "exact", "verbosity": 0}
    parameters.update({NAMES.get(key, key): value for key, value in given.items()})
    start = parameters.pop("start", "half")
    if name == "values" and start == "mean":
        parameters["base_score"] = float(np.float32(np.average(y, weights=weight)))
    if name == "four":
        parameters["num_class"] = 4
    return xgboost.train(parameters, xgboost.DMatrix(x, y, weight=weight), rounds)


def show(numbers):
    print(" ".join("%.9g" % number for number in np.ravel(numbers)))


print(xgboost.__version__)
for name in OBJECTIVES:
    x, y = make(name)
    for weighted in (False, True):
        weight = 0.5 + np.arange(len(y)) % 3 if weighted else None
        for text in SETTINGS if not weighted else SETTINGS[:1]:
            booster = fit(name, text, x, y, weight)
            gains = booster.get_score(importance_type="gain")
            gains = np.array([gains.get("f%d" % j, 0) for j in range(x.shape[1])])
            print(name, int(weighted), text or "-")
            show(gains / gains.sum())
            show(booster.predict(xgboost.DMatrix(x[:SHOWN])))
