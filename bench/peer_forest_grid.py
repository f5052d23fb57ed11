"""Searches over random forests, `hone tune` (the whole command, from its start to its last line) beside scikit-learn's search.

    peer_forest_grid.py --program build/release/hone                  all of them, three rounds, each with its ratio
    peer_forest_grid.py --program build/release/hone --searches grid,iris --rounds 1

    grid     n_estimators {100, 200, 300} x max_depth {5, 10, none} x min_samples_split {2, 5, 10}, 1 000 x 20 rows
    iris     n_estimators {50, 100, 200} x max_depth {none, 10, 20} x min_samples_split {2, 5, 10} x min_samples_leaf {1, 2, 4}
    random   100 random settings, a share of the columns and the size of leaves among them: little follows from one fit

Five stratified folds, every core, no last fit on all rows. Both sides are timed in turn, in the same minute; the clock's
ratio is printed with that of the processor, which other work on the machine does not change much. It is an error when a
setting or a fold is missing in hone's study, and when a grid's best score is more than 0.01 from scikit-learn's.
"""
import argparse
import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import tempfile
import time
import warnings

import sklearn
from scipy.stats import randint, uniform
from sklearn.datasets import load_iris, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

FOLDS = 5


def thousand():
    return make_classification(n_samples=1000, n_features=20, n_classes=2, random_state=42)


def iris():
    return load_iris(return_X_y=True)


def grid_search(space):
    return GridSearchCV(RandomForestClassifier(random_state=42), space, cv=FOLDS, n_jobs=-1, refit=False)


def random_search(space):
    return RandomizedSearchCV(RandomForestClassifier(random_state=42), space, n_iter=100, random_state=42, cv=FOLDS,
                              n_jobs=-1, refit=False)


# name: rows, scikit-learn's search, its space, hone's search, hone's space, number of settings
SEARCHES = {
    "grid": (thousand, grid_search,
             {"n_estimators": [100, 200, 300], "max_depth": [5, 10, None], "min_samples_split": [2, 5, 10]},
             "{sampler: grid}",
             "n_estimators: {choice: [100, 200, 300]}, max_depth: {ordinal: [5, 10, null]}, "
             "min_samples_split: {choice: [2, 5, 10]}", 27),
    "iris": (iris, grid_search,
             {"n_estimators": [50, 100, 200], "max_depth": [None, 10, 20], "min_samples_split": [2, 5, 10],
              "min_samples_leaf": [1, 2, 4]},
             "{sampler: grid}",
             "n_estimators: {choice: [50, 100, 200]}, max_depth: {ordinal: [10, 20, null]}, "
             "min_samples_split: {choice: [2, 5, 10]}, min_samples_leaf: {choice: [1, 2, 4]}", 81),
    "random": (thousand, random_search,
               {"n_estimators": randint(50, 201), "max_depth": randint(3, 21), "min_samples_split": randint(2, 21),
                "min_samples_leaf": randint(1, 11), "max_features": uniform(0.1, 0.9)},
               "{sampler: random, trials: 100, seed: 42}",
               "n_estimators: {int: [50, 200]}, max_depth: {int: [3, 20]}, min_samples_split: {int: [2, 20]}, "
               "min_samples_leaf: {int: [1, 10]}, max_features: {float: [0.1, 1]}", 100),
}


def descendants(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="ascii").split():
            yield child
            yield from descendants(child)


def processor_seconds():
    """Of this process, those it has waited for, and those that run under it."""
    ticks = sum(os.times()[:4])
    for pid in descendants(os.getpid()):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return ticks


def timed(work):
    began, worked = time.perf_counter(), processor_seconds()
    result = work()
    return result, time.perf_counter() - began, processor_seconds() - worked


def write_study(folder, x, y, search, space):
    with open(folder / "rows.csv", "w", encoding="ascii") as file:
        print(*(f"x{i}" for i in range(x.shape[1])), "target", sep=",", file=file)
        for row, target in zip(x.tolist(), y.tolist()):
            print(*map(repr, row), target, sep=",", file=file)
    (folder / "study.yaml").write_text(
        f"study: forests\nstorage: sqlite:///study.db\ngoal: maximize accuracy\nsearch: {search}\n"
        f"data: {{train: rows.csv, target: target}}\nmodel: {{type: random_forest, {space}}}\n"
        f"cv: {{folds: {FOLDS}, shuffle: false}}\npreprocess: {{scale: none}}\n", encoding="ascii")


def best_of(folder, n_settings):
    """The best score of the study, in which every fold of every setting must be scored."""
    with sqlite3.connect(folder / "study.db") as base:
        notes = base.execute("SELECT value_json FROM trial_user_attributes WHERE key = 'accuracy_folds'").fetchall()
    folds = [json.loads(text) for text, in notes]
    if len(folds) != n_settings or any(len(scores) != FOLDS for scores in folds):
        raise SystemExit(f"{len(folds)} of {n_settings} settings have all their {FOLDS} folds' scores")
    return max(map(statistics.mean, folds))


def compare(name, program):
    rows, make_peer, peer_space, search, space, n_settings = SEARCHES[name]
    x, y = rows()
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = pathlib.Path(name_of_folder)
        write_study(folder, x, y, search, space)
        _, seconds, processor = timed(lambda: subprocess.run([program, "tune", "study.yaml"], cwd=folder, check=True,
                                                             stdout=subprocess.DEVNULL))
        best = best_of(folder, n_settings)
    peer, peer_seconds, peer_processor = timed(lambda: make_peer(peer_space).fit(x, y))
    if name != "random" and abs(best - peer.best_score_) > 0.01:
        raise SystemExit(f"{name}: the best score is {best:.4f}, scikit-learn's {peer.best_score_:.4f}")
    return {"search": name, "seconds": round(seconds, 3), "peer_seconds": round(peer_seconds, 3),
            "times": round(peer_seconds / seconds, 1), "processor_seconds": round(processor, 3),
            "peer_processor_seconds": round(peer_processor, 3), "processor_times": round(peer_processor / processor, 1),
            "best": round(best, 4), "peer_best": round(float(peer.best_score_), 4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=lambda path: os.path.abspath(path), required=True)
    parser.add_argument("--searches", default=",".join(SEARCHES))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    print(json.dumps({"peer": "scikit-learn", "version": sklearn.__version__, "cores": os.cpu_count()}))
    for name in arguments.searches.split(","):
        rounds = []
        for _ in range(arguments.rounds):
            rounds.append(compare(name, arguments.program))
            print(json.dumps(rounds[-1]), flush=True)
        print(json.dumps({"search": name, "median_times": statistics.median(r["times"] for r in rounds),
                          "median_processor_times": statistics.median(r["processor_times"] for r in rounds)}), flush=True)


if __name__ == "__main__":
    main()
