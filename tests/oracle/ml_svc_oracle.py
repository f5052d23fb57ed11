#!/usr/bin/python3
"""Writes the fold scores of scikit-learn's SVC over the benchmark's grid and the data they were found on.

    /usr/bin/python3 tests/oracle/ml_svc_oracle.py tests/oracle

makes ml_svc_data.csv.gz (make_classification, 1000 x 20, random_state 42) and ml_svc_scores.csv.
"""

import gzip
import pathlib
import sys

import numpy
import sklearn
from sklearn.datasets import make_classification
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.svm import SVC, SVR

folder = pathlib.Path(sys.argv[1])
x, y = make_classification(n_samples=1000, n_features=20, random_state=42)
lines = [",".join([f"x{j}" for j in range(20)] + ["target"])]
lines += [",".join([repr(float(v)) for v in row] + [str(label)]) for row, label in zip(x, y)]
with open(folder / "ml_svc_data.csv.gz", "wb") as file:
    file.write(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))

with open(folder / "ml_svc_scores.csv", "w") as file:
    file.write(f"# scikit-learn {sklearn.__version__}; made by ml_svc_oracle.py\n")
    file.write("model,C,kernel,fold0,fold1,fold2,fold3,fold4\n")
    for c in (0.1, 1, 10):
        for kernel in ("rbf", "linear", "poly", "sigmoid"):
            scores = cross_val_score(SVC(C=c, kernel=kernel), x, y, cv=StratifiedKFold(5))
            file.write(f"svc,{c},{kernel}," + ",".join(repr(float(v)) for v in scores) + "\n")
    target = x[:, 0] * 2 + numpy.sin(x[:, 1]) + 0.1 * x[:, 2]
    for c in (0.1, 1, 10):
        scores = cross_val_score(SVR(C=c), x[:, 3:], target, cv=KFold(5), scoring="r2")
        file.write(f"svr,{c},rbf," + ",".join(repr(float(v)) for v in scores) + "\n")
