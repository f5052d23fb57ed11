#!/usr/bin/python3
"""`hone plot` of studies that Optuna wrote, and of studies in PostgreSQL: the same plots."""

import json
import math
import os
import subprocess
import tempfile

import plot_studies
import postgres
from hone_test import peers_python, run

WRITE = """
import json, optuna, random
optuna.logging.set_verbosity(optuna.logging.ERROR)

def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1, log=True)
    layers = trial.suggest_int("layers", 1, 3)
    kind = trial.suggest_categorical("kind", ["b", "a", None])
    for step in range(3):
        trial.report(lr + layers + 1 / (step + 1), step)
        if trial.number % 5 == 4:
            raise optuna.TrialPruned()
    if trial.number % 7 == 6:
        raise ValueError("no")
    trial.set_user_attr("seen", layers * 2)
    return lr + layers

study = optuna.create_study(storage="sqlite:///optuna.db", study_name="theirs", sampler=optuna.samplers.RandomSampler(seed=1))
study.optimize(objective, n_trials=25, catch=ValueError)
print(json.dumps([[t.number, t.state.name, t.value, t.params, t.intermediate_values] for t in study.trials]))
"""


def page(storage, *arguments):
    return json.loads(run("plot", *arguments, "--json", "-s", storage).stdout)["figures"]


def check_optuna():
    written = subprocess.run([peers_python(), "-c", WRITE], capture_output=True, text=True, check=True)
    trials = json.loads(written.stdout)
    storage = "sqlite:///optuna.db"
    best = min((t for t in trials if t[1] == "COMPLETE"), key=lambda t: t[2])
    figure = page(storage, "history")[0]
    so_far, points = figure["series"]
    assert so_far["y"][-1] == best[2] and points["marks"][best[0]] == "best"
    for number, state, value, _, reports in trials:
        wanted = value if value is not None else list(reports.values())[-1] if state == "PRUNED" else None
        assert points["y"][number] == wanted, number
    lr, layers, kind = (f for f in page(storage, "slice"))
    assert lr["x"]["log"] and "log" not in layers["x"] and layers["x"]["whole"]
    assert kind["x"]["categories"] == ["b", "a", "null"]
    for number, _, _, params, _ in trials:
        assert math.isclose(lr["series"][0]["x"][number], params["lr"], rel_tol=1e-15)
        assert kind["series"][0]["x"][number] == ["b", "a", None].index(params["kind"])
    lines = page(storage, "intermediate")[0]["series"]
    assert len(lines) == len(trials) and sum(len(s["x"]) for s in lines) == sum(len(t[4]) for t in trials)
    seen = page(storage, "scatter", "--x", "seen", "--y", "layers")[0]["series"][0]
    assert all(x is None or x == 2 * y for x, y in zip(seen["x"], seen["y"], strict=True))
    assert len(page(storage, "timeline")[0]["series"]) == 3


def check_postgres():
    plot_studies.usual()
    with postgres.Server() as server:
        url = server.database()
        plot_studies.usual(storage=url)
        for kind in ("history", "slice", "intermediate", "parallel", "rank", "edf", "timeline"):
            assert page(url, kind, "usual") == page("sqlite:///plots.db", kind, "usual"), kind


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        check_optuna()
        check_postgres()


main()
