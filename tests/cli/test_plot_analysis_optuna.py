#!/usr/bin/python3
"""Plots of analyses of studies that Optuna wrote: conditional parameters without a declared space, failed and pruned trials, goals."""
import csv
import io
import os
import subprocess
import tempfile

import hone_test
from hone_test import run

WRITE = """
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)

def one(trial):
    kind = trial.suggest_categorical("kind", ["adam", "sgd"])
    x = trial.suggest_float("x", 0, 1)
    slow = 1 - trial.suggest_float("momentum", 0, 1) if kind == "sgd" else trial.suggest_float("beta", 0, 1) + 2
    trial.set_user_attr("size", 100 * x)
    trial.report(slow, 1)
    if trial.number % 8 == 3:
        raise optuna.TrialPruned
    assert trial.number % 8 != 5
    return slow + x

def two(trial):
    x = trial.suggest_float("x", 0, 1)
    return x, 1 - x + trial.suggest_float("y", 0, 1) / 3

for name, objective, directions in (("one", one, ["minimize"]), ("two", two, ["minimize", "minimize"])):
    study = optuna.create_study(study_name=name, storage="sqlite:///o.db", directions=directions,
                                sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(objective, n_trials=48, catch=(AssertionError,))
print(len(study.best_trials))
"""


def table(*arguments):
    return list(csv.DictReader(io.StringIO(run("plot", *arguments, "-s", "sqlite:///o.db", "--csv").stdout)))


def main():
    python = hone_test.peers_python()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        wrote = subprocess.run([python, "-c", WRITE], capture_output=True, text=True, check=True)
        bars = table("importance", "one")
        assert {bar["y"] for bar in bars} == {"kind", "x", "momentum", "beta"}, bars
        assert bars[0]["y"] == "kind", bars
        steps = {row["y"] for row in table("ablation", "one", "--from", "worst")}
        assert any(step.startswith("kind: adam → sgd") and "− beta" in step and "+ momentum" in step for step in steps), steps
        assert len(table("partial-dependence", "one", "-p", "momentum")) == 50
        assert {row["shade"] for row in table("correlation", "one") if row["x"] == "size" and row["y"] == "x"} == {"1"}
        front = [row for row in table("pareto", "two") if row["series"] == "front"]
        assert len(front) == int(wrote.stdout), (len(front), wrote.stdout)
        volumes = [float(row["y"]) for row in table("hypervolume", "two", "--reference", "1,2")]
        assert len(volumes) == 48 and volumes == sorted(volumes) and volumes[-1] > 0.5, volumes


main()
