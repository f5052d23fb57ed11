#!/usr/bin/python3
"""Writes split_values.txt: scikit-learn's test rows of every split that draws nothing.

A case is `KIND N FOLDS`, then lines `y`, `group` (when the kind needs them), then one line `test I ...` per
split, with `train I ...` when the rest is not what trains.
"""
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import model_selection as s


def splitter(kind, folds, group):
    return {
        "kfold": lambda: s.KFold(folds),
        "stratified": lambda: s.StratifiedKFold(folds),
        "group": lambda: s.GroupKFold(folds),
        "stratified_group": lambda: s.StratifiedGroupKFold(folds),
        "leave_one_out": s.LeaveOneOut,
        "leave_one_group": s.LeaveOneGroupOut,
        "time_series": lambda: s.TimeSeriesSplit(folds),
        "predefined": lambda: s.PredefinedSplit(group),
    }[kind]()


def numbers(values):
    return " ".join(str(int(v)) for v in values)


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(3)
    lines = [f"# Written by split_oracle.py: scikit-learn {sklearn.__version__}, NumPy {np.__version__}."]
    kinds = ["kfold", "stratified", "group", "stratified_group", "leave_one_out", "leave_one_group", "time_series",
             "predefined"]
    for kind in kinds:
        for n, folds in ((13, 3), (40, 4), (57, 5), (90, 7)):
            y = np.concatenate([[0, 1, 2] * folds, rng.integers(0, 3, n)])[:n]
            # No more than 16 groups: NumPy then sorts them by insertion, so that ties keep their order.
            group = rng.integers(0, 14, n) * 3
            if kind == "predefined":
                group = rng.integers(-1, folds, n) * np.where(rng.random(n) < 0.2, -1, 1)
                group = np.where(group < -1, -1, group)
            lines.append(f"{kind} {n} {folds}")
            lines.append("y " + numbers(y))
            lines.append("group " + numbers(group))
            for train, test in splitter(kind, folds, group).split(np.zeros((n, 1)), y, group):
                lines.append("train " + numbers(train))
                lines.append("test " + numbers(test))
    pathlib.Path(__file__).with_name("split_values.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} lines")


if __name__ == "__main__":
    main()
