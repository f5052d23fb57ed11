#!/usr/bin/python3
"""Writes preprocess_values.txt: scikit-learn's imputers, scalers and selectors on a drawn table.

First `table N D`, then D lines of a column (nan: missing), `classes` and `values` (two targets), then cases:
`case TARGET {OPTIONS}` followed by one line for each column of the matrix, of all rows after fitting on the
first two thirds.
"""
import pathlib

import numpy as np
import sklearn
from sklearn import feature_selection as fs
from sklearn import impute, pipeline, preprocessing

N, D, TRAIN = 36, 6, 24


def table(rng):
    x = np.round(rng.normal(size=(N, D)) * [1, 10, 0.1, 3, 1, 1] + [0, 5, 0, -2, 0, 1], 2)
    x[:, 4] = rng.integers(0, 3, N)  # ties: a mode
    x[:, 5] = 7  # constant
    classes = rng.integers(0, 3, N)
    x[:, 1] += 8 * classes
    x[:, 2] += 0.05 * classes
    values = np.round(x[:, 3] * 2 + rng.normal(size=N), 2)
    x[rng.random((N, D)) < [0.1, 0.1, 0, 0.2, 0.1, 0]] = np.nan
    return x, classes, values


def main():
    rng = np.random.default_rng(11)
    x, classes, values = table(rng)
    lines = [f"# Written by preprocess_oracle.py: scikit-learn {sklearn.__version__}, NumPy {np.__version__}.",
             f"table {N} {D}"]
    row = lambda v: " ".join(repr(float(a)) for a in v)
    lines.extend(row(column) for column in x.T)
    lines.extend((row(classes), row(values)))
    scalers = {"none": "passthrough", "standard": preprocessing.StandardScaler(), "minmax": preprocessing.MinMaxScaler(),
               "robust": preprocessing.RobustScaler()}
    cases = [({"impute": i, "scale": s, "fill": 1.5}, []) for i in ("mean", "median", "most_frequent", "constant") for s in scalers]
    cases += [({"min_variance": 0.5}, [fs.VarianceThreshold(0.5)]), ({"min_variance": 1e-9}, [fs.VarianceThreshold(1e-9)])]
    for k in (1, 2, 3, 4):
        cases.append(({"select": k, "scale": "standard"}, [fs.SelectKBest(fs.f_classif, k=k)]))
        cases.append(({"select": k, "impute": "median"}, [fs.SelectKBest(fs.f_regression, k=k)]))
    for options, selectors in cases:
        strategy = options.get("impute", "mean")
        regression = any(s.__class__ is fs.SelectKBest and s.score_func is fs.f_regression for s in selectors)
        y = values if regression else classes
        steps = [impute.SimpleImputer(strategy=strategy, fill_value=options.get("fill") if strategy == "constant" else None),
                 scalers[options.get("scale", "none")], *selectors]
        with np.errstate(all="ignore"):
            fitted = pipeline.make_pipeline(*steps).fit(x[:TRAIN], y[:TRAIN])
        text = ", ".join(f"{key}: {value}" for key, value in options.items())
        lines.append(f"case {'values' if regression else 'classes'} {{{text}}}")
        lines.extend(row(column) for column in np.asarray(fitted.transform(x)).T)
    pathlib.Path(__file__).with_name("preprocess_values.txt").write_text("\n".join(lines) + "\n")
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
