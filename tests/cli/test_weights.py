#!/usr/bin/python3
"""Weights of rows: `hone fit --weights`, study files, what evaluate and predict do with them, and what is refused."""

import json
import os
import random
import tempfile

from hone_test import run


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def rows(name, n, seed, weighted=True):
    """Two overlapping classes; rows of the class `no` count three times as much."""
    draw = random.Random(seed)
    lines = ["size,exposure,bought" if weighted else "size,bought"]
    for _ in range(n):
        bought = draw.random() < 0.5
        exposure = f"{(1 if bought else 3) * draw.uniform(0.5, 1.5):.3f},"
        lines.append(f"{draw.gauss(bought, 0.8):.4f},{exposure if weighted else ''}{'yes' if bought else 'no'}")
    write(name, "\n".join(lines) + "\n")


def accuracy_by_hand(predicted, name):
    """Shares of the weight and of the rows that are right."""
    with open(name, encoding="utf-8") as file:
        table = [line.rstrip("\n").split(",") for line in file][1:]
    right = [said == row[2] for said, row in zip(predicted.splitlines()[1:], table)]
    weights = [float(row[1]) for row in table]
    return sum(w for w, r in zip(weights, right) if r) / sum(weights), sum(right) / len(right)


def fits_and_scores():
    fit = ("fit", "train.csv", "-y", "bought", "-m", "logistic", "--trials", 3, "--seed", 1)
    shown = run(*fit, "--weights", "exposure", "--held-out", 0.2, "-o", "weighted.hone")
    assert "200 rows, 1 columns, 2 classes of bought, weighted by exposure" in shown.stdout, shown.stdout
    assert "held out" in shown.stdout
    predicted = run("predict", "weighted.hone", "test.csv").stdout
    assert predicted == run("predict", "weighted.hone", "plain.csv").stdout, "predicting does not need the column"
    by_weight, by_row = accuracy_by_hand(predicted, "test.csv")
    assert abs(by_weight - by_row) > 0.01
    result = json.loads(run("evaluate", "weighted.hone", "test.csv", "--report", "--json").stdout)
    assert abs(result["scores"]["accuracy"] - by_weight) < 1e-12 and result["weights"] == "exposure"
    assert abs(sum(map(sum, result["report"]["confusion"])) - 100 * 2) < 20, "the matrix holds weights"
    text = run("evaluate", "weighted.hone", "test.csv", "--report").stdout
    assert "weighted by exposure" in text and "exposure by class (down)" in text, text
    plain = json.loads(run("evaluate", "weighted.hone", "plain.csv", "--json").stdout)
    assert abs(plain["scores"]["accuracy"] - by_row) < 1e-12 and "weights" not in plain
    run(*fit, "--study", "without", "-o", "without.hone", "--test", "test.csv")
    assert predicted.count("no") > run("predict", "without.hone", "test.csv").stdout.count("no"), "weights move the border"


def study_file():
    write("study.yaml", "storage: 'memory:'\nsearch: {trials: 2, seed: 1}\nmodel: {type: ridge, alpha: {float: [0.1, 1]}}\n"
          "data: {train: train.csv, target: size, weights: exposure}\n")
    assert "weighted by exposure" in run("tune", "study.yaml").stdout


def refuses():
    shown = run("fit", "train.csv", "-y", "bought", "-m", "knn", "--weights", "exposure", code=2).stderr
    assert "model knn takes no weights of rows (column exposure); those that do: svm, logistic" in shown, shown
    shown = run("fit", "train.csv", "-y", "bought", "--weights", "exposre", code=3).stderr
    assert 'weight: there is no column "exposre" (did you mean "exposure"?)' in shown, shown
    write("wrong.yaml", "model: ridge\ndata: {train: train.csv, weights: [exposure]}\n")
    shown = run("tune", "wrong.yaml", code=2).stderr
    assert "wrong.yaml:2:" in shown and "data: weights must be a column's name or position" in shown, shown
    write("folds.csv", "x,w,y\n" + "".join(f"{i},{int(i >= 10)},{i / 7}\n" for i in range(20)))
    write("folds.yaml", "storage: 'memory:'\nsearch: {trials: 1}\nmodel: {type: ridge, alpha: {float: [0.1, 1]}}\n"
          "data: {train: folds.csv, target: y, task: regression, weights: w}\ncv: {folds: 2, shuffle: false}\n")
    shown = run("tune", "folds.yaml", code=1)
    assert "fold 0: the weights of its 10 test rows are all 0" in shown.stdout + shown.stderr, shown


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        rows("train.csv", 200, 1)
        rows("test.csv", 100, 2)
        rows("plain.csv", 100, 2, weighted=False)
        fits_and_scores()
        study_file()
        refuses()


if __name__ == "__main__":
    main()
