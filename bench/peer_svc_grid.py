"""scikit-learn's grid search of an SVC: C in {0.1, 1, 10} x kernel in {rbf, linear}, 5 folds, 1 000 x 20 rows.

    peer_svc_grid.py --jobs 1,2 --repeats 3              one JSON object per number of jobs: the fastest search
    peer_svc_grid.py --dump FOLDER                       also what another program needs to do the same:
        svc_grid.csv    the rows with a header; the last column, target, is the class
        svc_grid.json   the fold (0 .. 4) in which each row is tested, and per setting the five fold scores

The folds are those of StratifiedKFold(5) without shuffling, which cv=5 means.
"""
import argparse
import json
import pathlib
import time

import sklearn
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.svm import SVC

N_FOLDS = 5
GRID = {"C": [0.1, 1, 10], "kernel": ["rbf", "linear"]}


def search(x, y, n_jobs):
    """The grid search, its seconds and this process' processor seconds, without a last fit on all rows."""
    grid = GridSearchCV(SVC(), GRID, cv=N_FOLDS, n_jobs=n_jobs, refit=False)
    began, worked = time.perf_counter(), time.process_time()
    grid.fit(x, y)
    return grid, time.perf_counter() - began, time.process_time() - worked


def fold_of_rows(x, y):
    folds = [0] * len(y)
    for fold, (_, test) in enumerate(StratifiedKFold(N_FOLDS).split(x, y)):
        for row in test:
            folds[row] = fold
    return folds


def fold_scores(grid):
    results = grid.cv_results_
    return [{"params": params, "scores": [float(results[f"split{fold}_test_score"][i]) for fold in range(N_FOLDS)]}
            for i, params in enumerate(results["params"])]


def dump(folder, x, y, grid):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "svc_grid.csv", "w", encoding="ascii") as file:
        print(*(f"x{i}" for i in range(x.shape[1])), "target", sep=",", file=file)
        for row, target in zip(x.tolist(), y.tolist()):
            print(*map(repr, row), target, sep=",", file=file)
    facts = {"made_with": f"scikit-learn {sklearn.__version__}", "folds": fold_of_rows(x, y),
             "best_params": grid.best_params_, "best_score": float(grid.best_score_), "settings": fold_scores(grid)}
    (folder / "svc_grid.json").write_text(json.dumps(facts) + "\n", encoding="ascii")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--repeats", type=int, default=3, help="the fastest counts: the first may start workers")
    parser.add_argument("--dump", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    x, y = make_classification(n_samples=1000, n_features=20, n_classes=2, random_state=42)
    for n_jobs in map(int, arguments.jobs.split(",")):
        searches = [search(x, y, n_jobs) for _ in range(arguments.repeats)]
        grid, seconds, processor = min(searches, key=lambda search: search[1])
        print(json.dumps({"peer": "scikit-learn", "version": sklearn.__version__, "jobs": n_jobs,
                          "seconds": round(seconds, 4), "processor_seconds": round(processor, 4),
                          "best_params": grid.best_params_,
                          "best_score": float(grid.best_score_)}), flush=True)
    if arguments.dump:
        dump(arguments.dump, x, y, grid)


if __name__ == "__main__":
    main()
