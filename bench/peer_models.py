"""One fit and one prediction of each model, hone and scikit-learn in turn, on the same encoded columns.

    peer_models.py --hone build/release/bench/bench_models                 every case, one thread
    peer_models.py --hone ... --jobs 2 --rounds 3 forest                   cases whose name has "forest"

Data sets are those of $HONE_DATA_DIR/tabular (else ../shared/data beside the project): text columns become one 0/1
column per value, other columns stay (or are standardised where a case says so), before either side sees them. One row
per case: the median over the rounds of the ratio scikit-learn / hone, of processor time with one thread and of
the clock with more, for the fit and for the prediction; seconds; the scores on the test rows.
"""
import argparse
import csv
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read when numpy is loaded
    os.environ[variable] = sys.argv[sys.argv.index("--jobs") + 1] if "--jobs" in sys.argv else "1"

import numpy as np
import sklearn
from sklearn.ensemble import (ExtraTreesClassifier, GradientBoostingClassifier, GradientBoostingRegressor,
                              RandomForestClassifier, RandomForestRegressor)
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import DecisionTreeClassifier

# name: data, hone's model, scikit-learn's. A data set's name ends in * where its columns are standardised.
CASES = {
    "forest": ("adult", "random_forest:n_estimators=200", RandomForestClassifier(200, random_state=0)),
    "forest-extra": ("adult", "extra_trees:n_estimators=100", ExtraTreesClassifier(100, random_state=0)),
    "forest-letter": ("letter", "random_forest:n_estimators=100", RandomForestClassifier(100, random_state=0)),
    "forest-values": ("california", "random_forest:n_estimators=50", RandomForestRegressor(50, random_state=0)),
    "tree": ("adult", "decision_tree", DecisionTreeClassifier(random_state=0)),
    "boosting": ("adult", "gradient_boosting", GradientBoostingClassifier(random_state=0)),
    "boosting-values": ("california", "gradient_boosting", GradientBoostingRegressor(random_state=0)),
    "logistic": ("adult*", "logistic:max_iter=1000", LogisticRegression(max_iter=1000)),
    "logistic-classes": ("optdigits*", "logistic:max_iter=1000", LogisticRegression(max_iter=1000)),
    "logistic-letter": ("letter*", "logistic:max_iter=1000", LogisticRegression(max_iter=1000)),
    "ridge": ("california*", "ridge", Ridge()),
    "ridge-diamonds": ("diamonds*", "ridge", Ridge()),
    "lasso": ("california*", "lasso:alpha=1", Lasso()),
    "lasso-diamonds": ("diamonds*", "lasso:alpha=10", Lasso(10)),
    "elastic-net": ("california*", "elastic_net:alpha=0.1", ElasticNet(0.1)),
    "elastic-net-diamonds": ("diamonds*", "elastic_net:alpha=0.1", ElasticNet(0.1)),
    "knn-adult": ("adult*", "knn", KNeighborsClassifier()),
    "knn-letter": ("letter", "knn", KNeighborsClassifier()),
    "knn-optdigits": ("optdigits", "knn", KNeighborsClassifier()),
    "knn-values": ("california*", "knn", KNeighborsRegressor()),
    "bayes": ("adult*", "naive_bayes", GaussianNB()),
    "bayes-letter": ("letter", "naive_bayes", GaussianNB()),
}

FILES = {"letter": ("pmlb_letter.tsv.gz", "target"), "optdigits": ("pmlb_optdigits.tsv.gz", "target"),
         "california": ("california_housing.csv.gz", "median_house_value"), "diamonds": ("diamonds.csv.gz", "price")}
CLASSES = {"adult", "letter", "optdigits"}


# --- data ---

def folder():
    beside = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"
    return pathlib.Path(os.environ.get("HONE_DATA_DIR", beside)) / "tabular"


def read(name, delimiter=","):
    with gzip.open(folder() / name, "rt", encoding="utf-8") as file:
        return [[cell.strip() for cell in row] for row in csv.reader(file, delimiter=delimiter)]


def is_number(text):
    try:
        return text == "" or float(text) is not None
    except ValueError:
        return False


def encode(rows):
    """(n, d) of the cells: a column of numbers as it is (missing: the mean), of text as indicators."""
    columns = []
    for cells in zip(*rows):
        if all(map(is_number, cells)):
            values = np.array([float(cell or "nan") for cell in cells])
            columns.append(np.where(np.isnan(values), np.nanmean(values), values))
        else:
            columns += [np.array([float(cell == value) for cell in cells]) for value in sorted(set(cells))]
    return np.column_stack(columns)


def load(name):
    """x and y of the training rows and of the test rows."""
    if name == "adult":
        train, test = ([row for row in read(f"adult-{part}.csv.gz") if len(row) == 15] for part in ("train", "test"))
        x, n_train = encode([row[:-1] for row in train + test]), len(train)
        y = np.array([int(">50K" in row[-1]) for row in train + test])
        return x[:n_train], y[:n_train], x[n_train:], y[n_train:]
    file, target = FILES[name]
    head, *rows = read(file, "\t" if ".tsv" in file else ",")
    at = head.index(target)
    x, y = encode([row[:at] + row[at + 1:] for row in rows]), np.array([float(row[at]) for row in rows])
    order = np.random.default_rng(0).permutation(len(y))
    test, train = order[:len(y) // 5], order[len(y) // 5:]
    return x[train], y[train], x[test], y[test]


def standardise(x, *others):
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1
    return [(values - mean) / scale for values in (x, *others)]


def write(path, x, y, classes):
    with open(path, "w", encoding="ascii") as file:
        print(*(f"x{i}" for i in range(x.shape[1])), "target", sep=",", file=file)
        for row, target in zip(x.tolist(), y.tolist()):
            print(*map(repr, row), f"class{target:g}" if classes else repr(target), sep=",", file=file)


class Data:
    """The sets already encoded, in memory and as files of the scratch folder."""

    def __init__(self, scratch):
        self.scratch, self.sets = pathlib.Path(scratch), {}

    def get(self, name):
        if name not in self.sets:
            bare = name.rstrip("*")
            x, y, x_test, y_test = load(bare)
            if name != bare:
                x, x_test = standardise(x, x_test)
            paths = [self.scratch / f"{bare}{len(self.sets)}-{part}.csv" for part in ("train", "test")]
            for path, part in zip(paths, ((x, y), (x_test, y_test))):
                write(path, *part, bare in CLASSES)
            self.sets[name] = (x, y, x_test, y_test, *map(str, paths))
        return self.sets[name]


# --- one round ---

WARM_SECONDS = 0.3  # what takes less is done again and the last time counts, as in models.c


def timed(call):
    first = time.perf_counter()
    while True:
        began, worked = time.perf_counter(), time.process_time()
        call()
        clock, processor = time.perf_counter() - began, time.process_time() - worked
        if time.perf_counter() - first >= WARM_SECONDS:
            return clock, processor


def run_peer(model, x, y, x_test, y_test, jobs):
    if "n_jobs" in model.get_params():
        model.set_params(n_jobs=jobs)
    fit, fit_processor = timed(lambda: model.fit(x, y))
    predict, predict_processor = timed(lambda: model.predict(x_test))
    return {"fit": fit, "fit_processor": fit_processor, "predict": predict, "predict_processor": predict_processor,
            "score": model.score(x_test, y_test)}


def run_hone(program, model, metric, train, test, jobs):
    command = [program, model, metric, train, test, str(jobs)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compare(name, data, arguments):
    source, ours, theirs = CASES[name]
    x, y, x_test, y_test, train, test = data.get(source)
    metric = "accuracy" if source.rstrip("*") in CLASSES else "r2"
    rounds = [(run_hone(arguments.hone, ours, metric, train, test, arguments.jobs),
               run_peer(theirs, x, y, x_test, y_test, arguments.jobs)) for _ in range(arguments.rounds)]
    unit = "_processor" if arguments.jobs == 1 else ""
    result = {"case": name, "rows": len(y), "columns": x.shape[1]}
    for step in ("fit", "predict"):
        ratios = sorted(peer[step + unit] / hone[step + unit] for hone, peer in rounds)
        result[step] = {"ratio": statistics.median(ratios), "least": ratios[0], "most": ratios[-1],
                        "hone": statistics.median(hone[step + unit] for hone, _ in rounds),
                        "peer": statistics.median(peer[step + unit] for _, peer in rounds)}
    result["score"] = [rounds[0][0]["score"], rounds[0][1]["score"]]
    return result


def print_result(result):
    steps = "  ".join(f"{result[step]['ratio']:6.2f} ({result[step]['least']:.2f} - {result[step]['most']:.2f}) "
                      f"{1000 * result[step]['hone']:8.1f} {1000 * result[step]['peer']:8.1f}"
                      for step in ("fit", "predict"))
    scores = " ".join(f"{score:.4f}" for score in result["score"])
    print(f"{result['case']:21} {result['rows']:6} x {result['columns']:<4} {steps}  {scores}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hone", required=True, metavar="PROGRAM", help="bench_models")
    parser.add_argument("--jobs", type=int, default=1, help="threads of either side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON object a case instead of the table")
    parser.add_argument("cases", nargs="*", help="parts of names; all without any: " + ", ".join(CASES))
    arguments = parser.parse_args()
    chosen = [name for name in CASES if not arguments.cases or any(part in name for part in arguments.cases)]
    if not folder().is_dir():
        sys.exit(f"peer_models.py: no data in {folder()}; set HONE_DATA_DIR")
    warnings.simplefilter("ignore")
    if not arguments.json:
        print(f"scikit-learn {sklearn.__version__} / hone, {arguments.jobs} thread(s), {arguments.rounds} rounds; "
              "ratio (least - most), milliseconds of hone and of scikit-learn; fit, then predict; scores")
    with tempfile.TemporaryDirectory() as scratch:
        data = Data(scratch)
        for name in chosen:
            result = compare(name, data, arguments)
            print(json.dumps(result), flush=True) if arguments.json else print_result(result)


if __name__ == "__main__":
    main()
