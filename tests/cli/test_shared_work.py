#!/usr/bin/python3
"""Grids whose settings follow from one fit: the scores are those of separate fits, which few of the trials make."""

import json
import os
import random
import sqlite3
import tempfile

from hone_test import hone

FOLDS = 3


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def table(name, n=90):
    draw = random.Random(5)
    lines = ["a,b,c,d,kind"]
    for _ in range(n):
        row = [draw.gauss(0, 1) for _ in range(4)]
        kind = "yes" if row[0] * row[1] + row[2] + draw.gauss(0, 0.5) > 0 else "no"
        lines.append(",".join(f"{value:.4f}" for value in row) + "," + kind)
    write(name, "\n".join(lines) + "\n")


def study(name, *, goal="maximize accuracy", search="", model=None):
    grid = model or ("{type: random_forest, n_estimators: {choice: [5, 10, 15]}, max_depth: {ordinal: [2, 4, null]}, "
                     "min_samples_split: {choice: [2, 5, 10]}, min_samples_leaf: {choice: [1, 4]}, oob_score: true}")
    write(name + ".yaml", f"study: {name}\nstorage: sqlite:///{name}.db\ngoal: [{goal}]\n"
          f"search: {{sampler: grid, seed: 3, workers: 2{search}}}\ndata: {{train: table.csv, target: kind}}\n"
          f"model: {grid}\ncv: {FOLDS}\nmetrics: [accuracy, log_loss]\n")


def tune(name, *arguments):
    result = hone("tune", name + ".yaml", *arguments)
    assert result.returncode == 0, (result.stdout, result.stderr)
    return result.stdout


def trials(name):
    """What each trial left: parameters (as text) -> attributes."""
    found = {}
    with sqlite3.connect(name + ".db") as base:
        for (trial,) in base.execute("SELECT trial_id FROM trials WHERE state = 'COMPLETE'").fetchall():
            params = base.execute("SELECT param_name, param_value FROM trial_params WHERE trial_id = ?", (trial,))
            notes = base.execute("SELECT key, value_json FROM trial_user_attributes WHERE trial_id = ?", (trial,))
            key = tuple(sorted(params.fetchall()))
            assert key not in found
            found[key] = {key: json.loads(value) for key, value in notes}
    return found


def same_scores(one, other):
    assert one.keys() == other.keys(), (len(one), len(other))
    for params, notes in one.items():
        for key in ("accuracy_folds", "log_loss_folds", "oob_score_folds"):
            assert notes.get(key) == other[params].get(key), (params, key, notes, other[params])


def fits(found):
    return sum(notes.get("derived_folds", 0) < FOLDS for notes in found.values())


def together():
    """54 settings take 2 fits a fold; when the goals compare fit times, each setting is fitted by itself."""
    study("together")
    shown = tune("together")
    assert "grid   1 worker of 2 threads" in shown and "54 in" in shown and "out of bag 0." in shown, shown
    study("apart", goal="maximize accuracy, minimize fit_seconds")
    assert "grid   2 workers\n" in tune("apart")
    one, other = trials("together"), trials("apart")
    same_scores(one, other)
    assert len(one) == 54 and fits(one) == 2 and fits(other) == 54, (fits(one), fits(other))
    assert all(0 < notes["oob_score"] <= 1 and len(notes["oob_score_folds"]) == FOLDS for notes in one.values())
    result = json.loads(tune("together", "--json").splitlines()[-1])
    assert 0 < result["oob_score"] <= 1, result


def piece_by_piece():
    """What a limited run will not visit is not fitted ahead; later runs end at the same scores."""
    study("pieces")
    tune("pieces", "--trials", 1)
    assert fits(trials("pieces")) == 1
    for number in (2, 9, 54):
        tune("pieces", "--trials", number)
        assert len(trials("pieces")) == number
    same_scores(trials("pieces"), trials("together"))


def limited_trials_fit_for_themselves_only():
    study("limited", search=", trial_timeout: 1h")
    assert "grid   2 workers\n" in tune("limited")
    same_scores(trials("limited"), trials("together"))


def boosting():
    model = ("{type: gradient_boosting, n_estimators: {choice: [3, 6, 12]}, learning_rate: {choice: [0.1, 0.3]}, "
             "n_iter_no_change: {choice: [null, 2]}, subsample: 0.7}")
    study("boosting", model=model)
    study("boosting-apart", goal="maximize accuracy, minimize fit_seconds", model=model)
    tune("boosting"), tune("boosting-apart")
    one, other = trials("boosting"), trials("boosting-apart")
    same_scores(one, other)
    assert len(one) == 12 and fits(one) == 4 and fits(other) == 12, (fits(one), fits(other))


def searched_preprocessing():
    """Models of rows scaled otherwise do not follow from one another."""
    model = "{type: decision_tree, max_depth: {choice: [2, 3, 4]}}\npreprocess: {scale: {choice: [none, standard]}, impute: mean}"
    study("scaled", model=model)
    tune("scaled")
    found = trials("scaled")
    assert len(found) == 6 and fits(found) == 2, found


def nothing_to_share():
    study("leaves", model="{type: random_forest, n_estimators: 5, min_samples_leaf: {choice: [1, 2, 3]}}")
    assert "grid   2 workers\n" in tune("leaves") and fits(trials("leaves")) == 3


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        table("table.csv")
        together()
        piece_by_piece()
        limited_trials_fit_for_themselves_only()
        boosting()
        searched_preprocessing()
        nothing_to_share()


if __name__ == "__main__":
    main()
