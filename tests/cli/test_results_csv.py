#!/usr/bin/python3
"""`hone trials --csv` and `hone study export --csv` hold all that cross-validation measured, as the JSON does."""

import csv
import io
import json
import os
import random
import statistics
import tempfile

from hone_test import hone

STUDY = """storage: sqlite:///s.db
search: {sampler: grid, trials: 6, seed: 1}
data: {train: d.csv}
model: {type: knn, n_neighbors: {ordinal: [1, 3, 5]}, weights: {choice: [uniform, distance]}}
cv: {folds: 4, train_scores: true}
metrics: [accuracy, log_loss, f1_macro]
"""


def run(*arguments):
    result = hone(*arguments)
    assert result.returncode == 0, (arguments, result.stderr)
    return result.stdout


def table(*arguments):
    text = run(*arguments)
    reader = csv.reader(io.StringIO(text))
    names = next(reader)
    assert len(names) == len(set(names))
    return names, [dict(zip(names, row, strict=True)) for row in reader]


def min_ranks(values, maximize):
    """As scipy.stats.rankdata(method="min"): 1 + how many are better."""
    return [1 + sum(other > value if maximize else other < value for other in values) for value in values]


def columns():
    def measure(name, *more):
        return [name, *(f"{name}_{part}" for part in more), *(f"{name}_fold{i}" for i in range(4))]

    names, _ = table("trials", "-s", "s.db", "--csv")
    assert names == [
        "number", "state", "rank", "accuracy", "n_neighbors", "weights", *measure("accuracy", "std")[1:],
        *measure("f1_macro", "std", "rank"), *measure("fit_seconds", "mean", "std"), *measure("log_loss", "std", "rank"),
        *measure("score_seconds", "mean", "std"), *measure("train_accuracy", "std"), *measure("train_f1_macro", "std"),
        *measure("train_log_loss", "std"), "start", "complete", "duration", "steps", "runs", "rung", "message"], names
    assert names == table("trials", "-s", "s.db", "--csv", "--state", "failed")[0]  # whatever is left of the trials


def values():
    """Exactly those of the JSON; ranks of ties are the smallest."""
    _, rows = table("trials", "-s", "s.db", "--csv")
    trials = json.loads(run("trials", "-s", "s.db", "--json"))
    assert len(rows) == len(trials) == 6
    for row, trial in zip(rows, trials):
        attributes = trial["attrs"]
        assert int(row["number"]) == trial["trial"] and row["state"] == trial["state"] == "complete"
        assert float(row["accuracy"]) == trial["values"][0] and float(row["duration"]) == trial["duration"]
        assert {name: row[name] for name in trial["params"]} == {name: str(value) for name, value in trial["params"].items()}
        assert (row["start"], row["complete"], row["message"]) == (trial["start"], trial["complete"], "")
        for key, value in attributes.items():
            if key.endswith("_folds"):
                name = key.removesuffix("_folds")
                assert [float(row[f"{name}_fold{i}"]) for i in range(4)] == value
                assert abs(float(row[name + "_std"]) - statistics.pstdev(value)) < 1e-12
                if name.endswith("_seconds"):
                    assert abs(float(row[name + "_mean"]) - statistics.mean(value)) < 1e-12
            else:
                assert float(row[key]) == value, key
    for name, column, maximize in (("accuracy", "rank", True), ("log_loss", "log_loss_rank", False), ("f1_macro", "f1_macro_rank", True)):
        found = [float(row[name]) for row in rows]
        assert [int(row[column]) for row in rows] == min_ranks(found, maximize), name
    one = [float(row["accuracy"]) for row in rows if row["n_neighbors"] == "1"]
    assert one[0] == one[1]  # a tie there is: one neighbour weighs the same however it is weighted


def exports():
    """Filters change neither ranks nor columns; the export is the whole."""
    _, rows = table("trials", "-s", "s.db", "--csv")
    assert table("study", "export", "--csv", "-s", "s.db")[1] == rows
    best = table("trials", "-s", "s.db", "--csv", "--sort", "value", "--limit", 2)[1]
    assert [int(row["rank"]) for row in best] in ([1, 1], [1, 2]) and all(row in rows for row in best)
    assert table("best", "-s", "s.db", "-n", "2", "--csv")[1] == best
    shown = run("trials", "-s", "s.db")
    assert "f1_macro" in shown and "train_" not in shown, shown


def other_studies():
    """Failed and pruned trials have no rank; attributes of the user's are columns; several goals have a rank each."""
    run("study", "create", "two", "-s", "t.db", "-g", "minimize loss, maximize gain", "-p", "x: {float: [0, 9]}")
    for x, loss, gain in ((1, 3, 5), (2, 2, 5), (3, 2, 9)):
        run("try", f"x={x}", "-s", "t.db", "--value", loss, "--value", gain)
    requests = [{"op": "ask", "study": "two"}]
    result = hone("serve", "--stdio", "-s", "t.db", input="\n".join(map(json.dumps, requests)) + "\n")
    trial = json.loads(result.stdout.splitlines()[0])
    attrs = {"note": 'say "hi", twice', "list": [1, "a"], "loss": 7, "flag": True, "none": None}
    told = {"op": "tell", "study": "two", "trial": trial["trial"], "lease": trial["lease"], "state": "failed", "message": "a, b", "attrs": attrs}
    assert '"ok":true' in hone("serve", "--stdio", "-s", "t.db", input=json.dumps(told) + "\n").stdout
    names, rows = table("trials", "-s", "t.db", "--csv")
    assert names == ["number", "state", "loss_rank", "gain_rank", "loss", "gain", "x", "flag", "list", "attr_loss", "none", "note",
                     "start", "complete", "duration", "steps", "runs", "rung", "message"], names
    assert [(row["loss_rank"], row["gain_rank"]) for row in rows] == [("3", "2"), ("1", "2"), ("1", "1"), ("", "")]
    last = rows[3]
    assert (last["note"], last["list"], last["attr_loss"], last["flag"], last["none"]) == ('say "hi", twice', '[1,"a"]', "7", "true", "")
    assert last["message"] == "a, b" and last["loss"] == "" and rows[0]["note"] == ""


def main():
    draw = random.Random(3)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("d.csv", "w", encoding="utf-8") as file:
            file.write("a,b,target\n" + "".join(f"{draw.gauss(i % 2, 1):.3f},{draw.gauss(0, 1):.3f},{'yn'[i % 2]}\n" for i in range(80)))
        with open("s.yaml", "w", encoding="utf-8") as file:
            file.write(STUDY)
        run("tune", "s.yaml", "-q")
        for test in (columns, values, exports, other_studies):
            test()
            print(f"ok {test.__name__}")
        os.chdir("/")


main()
