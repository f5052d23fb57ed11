#!/usr/bin/python3
"""Thresholds of labels: `hone fit --decision`, `decision:` in study files, --threshold, and what is refused."""

import json
import os
import random
import tempfile

from hone_test import run


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def rare(name, n, seed):
    """Two classes, `yes` of every seventh row."""
    draw = random.Random(seed)
    lines = ["a,b,answer"]
    for _ in range(n):
        yes = draw.random() < 0.15
        lines.append(f"{draw.gauss(yes, 1):.4f},{draw.gauss(0.8 * yes, 1):.4f},{'yes' if yes else 'no'}")
    write(name, "\n".join(lines) + "\n")


def said_yes(*arguments):
    return run("predict", *arguments).stdout.split("\n").count("yes")


def fit_and_use():
    fit = ("fit", "train.csv", "-m", "logistic", "--metric", "f1", "--trials", 4, "--seed", 1)
    shown = run(*fit, "--decision", "f1", "--held-out", 0.2, "-o", "decided.hone").stdout
    assert "threshold 0." in shown and ": f1 0." in shown and " at 0.5), of rows that were not learned from" in shown, shown
    result = json.loads(run(*fit, "--decision", "f1", "--held-out", 0.2, "--json").stdout.splitlines()[-1])
    chosen = result["decision"]
    assert chosen["metric"] == "f1" and 0 < chosen["threshold"] < 0.5 and chosen["value"] > chosen["usual"], chosen
    plain = json.loads(run(*fit, "--study", "plain", "-o", "plain.hone", "--json").stdout.splitlines()[-1])
    assert "decision" not in plain and result["best"]["values"][0] > plain["best"]["values"][0]

    probabilities = [float(line.split(",")[2]) for line in
                     run("predict", "decided.hone", "test.csv", "--proba").stdout.splitlines()[1:]]
    assert said_yes("decided.hone", "test.csv") == sum(p >= chosen["threshold"] for p in probabilities)
    assert said_yes("decided.hone", "test.csv", "--threshold", 0.5) == sum(p >= 0.5 for p in probabilities)
    assert said_yes("plain.hone", "test.csv", "--threshold", 0) == 200
    scores = [json.loads(run("evaluate", "decided.hone", "test.csv", "--metric", "f1,roc_auc", "--json", *more).stdout)["scores"]
              for more in ((), ("--threshold", 0.5))]
    assert scores[0]["f1"] > scores[1]["f1"] and scores[0]["roc_auc"] == scores[1]["roc_auc"]


def study_file():
    head = "storage: 'memory:'\nsearch: {trials: 2, seed: 1}\nmodel: {type: logistic, C: {float: [0.1, 1]}}\n"
    write("costs.yaml", head + "data: {train: train.csv, test: test.csv}\ncv: 3\n"
          "decision: {false_positive: 1, false_negative: 8, folds: 3}\n")
    shown = run("tune", "costs.yaml").stdout
    assert ": mean cost 0." in shown, shown
    wrong = {
        "decision: f1\n": "wrong.yaml:5:11: decision must be a map such as {metric: f1}",
        "decision: {metrics: f1}\n": "unknown key 'metrics' (did you mean 'metric'?)",
        "decision: {metric: log_loss}\n": "wrong.yaml:5:20: decision: metric log_loss does not depend on a threshold",
        "decision: {metric: f1, folds: 1}\n": "decision: folds must be a whole number of at least 2",
        "decision: {false_positive: 0}\n": "decision: one of the costs must be above 0",
        "decision: {false_negative: .inf}\n": "decision: false_negative must be a finite number, 0 or more",
        "decision: {metric: f1, false_negative: 1}\n": "decision: takes either metric, or false_positive and false_negative",
        "decision: {}\n": "decision: takes either metric, or false_positive and false_negative",
    }
    for text, message in wrong.items():
        write("wrong.yaml", head + "data: {train: train.csv}\n" + text)
        shown = run("tune", "wrong.yaml", code=2).stderr
        assert message in shown, (text, shown)


def refuses():
    for value, message in (("2", "a probability, from 0 to 1"), ("nan", "a probability, from 0 to 1"), ("half", "'half' is no number")):
        assert message in run("predict", "decided.hone", "test.csv", "--threshold", value, code=2).stderr
    write("values.csv", "x,y\n" + "".join(f"{i},{i * 0.37}\n" for i in range(40)))
    run("fit", "values.csv", "-m", "ridge", "--trials", 1, "-o", "values.hone")
    shown = run("evaluate", "values.hone", "values.csv", "--threshold", 0.3, code=2).stderr
    assert "threshold: needs the probabilities of two classes" in shown, shown
    shown = run("fit", "values.csv", "-m", "ridge", "--trials", 1, "--study", "d", "--decision", "f1", code=2).stderr
    assert "decision: is for two classes; the target y has numbers" in shown, shown


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        rare("train.csv", 500, 1)
        rare("test.csv", 200, 2)
        fit_and_use()
        study_file()
        refuses()


if __name__ == "__main__":
    main()
