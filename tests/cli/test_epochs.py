#!/usr/bin/python3
"""Networks tuned epoch by epoch: reports, pruning between epochs, tables of epochs."""

import csv
import json
import os
import random
import shutil
import tempfile

from hone_test import hone

STUDY = """\
study: nets
goal: {goal}
data: {{train: moons.csv, target: side}}
cv: {cv}
model:
  type: sequential
  layers: [{{dense: {{units: 8, activation: relu}}}}, output]
  learning_rate: 0.1
  weight_decay: {{choice: [{decays}]}}
  optimizer: sgd
  batch_size: 16
  epochs: {epochs}
search: {{sampler: {sampler}, seed: 1, workers: 1, refit: none, trials: {trials}, pruner: {pruner}}}
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def run(*arguments, code=0):
    result = hone(*arguments)
    assert result.returncode == code, (arguments, result.returncode, result.stdout, result.stderr)
    return result


def write_data(n=300):
    """Two classes apart by a line, with noise."""
    draw = random.Random(3)
    with open("moons.csv", "w", encoding="utf-8") as file:
        file.write("a,b,c,side\n")
        for _ in range(n):
            x = [draw.gauss(0, 1) for _ in range(3)]
            side = "left" if x[0] + x[1] * x[2] + draw.gauss(0, 0.3) > 0 else "right"
            file.write(",".join(f"{value:.6f}" for value in x) + f",{side}\n")


def fresh(**values):
    for name in os.listdir("."):
        if name.startswith("hone.db"):
            os.remove(name)
    shutil.rmtree("hone.runs", ignore_errors=True)
    options = {"goal": "minimize log_loss", "cv": "{kind: holdout}", "epochs": 6, "sampler": "grid", "trials": 4,
               "decays": "0", "pruner": "none"}
    write("study.yaml", STUDY.format(**{**options, **values}))


def trials():
    return json.loads(run("trials", "nets", "--json").stdout)


def epochs_of(trial, name="epochs.csv"):
    with open(f"hone.runs/nets/trial-{trial}/{name}", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def reports_and_pruning():
    """With one split each epoch is a step, which median judges; what it stops keeps its epochs."""
    fresh(decays="0, 0.001, 6, 7", sampler="{grid: {shuffle: false}}", pruner="{median: {n_startup: 2}}")
    run("tune", "study.yaml")
    found = trials()
    assert [trial["state"] for trial in found] == ["complete", "complete", "pruned", "pruned"], found
    for trial in found[:2]:
        assert [step for step, _ in trial["reports"]] == [1, 2, 3, 4, 5, 6], trial
        assert trial["values"][0] == trial["reports"][-1][1], trial
        table = epochs_of(trial["trial"])
        assert [int(row["epoch"]) for row in table] == [1, 2, 3, 4, 5, 6], table
        assert [float(row["log_loss"]) for row in table] == [value for _, value in trial["reports"]], table
        assert float(table[-1]["loss"]) < float(table[0]["loss"])
        assert all(float(row["learning_rate"]) == 0.1 for row in table)
        assert all(row["watched_loss"] == "" and float(row["seconds"]) >= 0 for row in table)
    for trial in found[2:]:
        assert 1 <= len(trial["reports"]) < 6, trial


def folds_stay_the_steps():
    fresh(cv="3")
    run("tune", "study.yaml")
    (trial,) = trials()
    assert [step for step, _ in trial["reports"]] == [1, 2, 3], trial
    for fold in range(3):
        table = epochs_of(0, f"epochs-{fold}.csv")
        assert len(table) == 6 and float(table[-1]["log_loss"]) > 0, table


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_data()
        reports_and_pruning()
        folds_stay_the_steps()
        os.chdir("/")


if __name__ == "__main__":
    main()
