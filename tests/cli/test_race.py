#!/usr/bin/python3
"""Racing the folds of a cross-validation: the same best with fewer fits, and where it is refused."""

import json
import os
import tempfile

from hone_test import hone

STUDY = """\
study: {name}
data: {{train: rows.csv, target: target}}
goal: {goal}
search: {{sampler: random, trials: 24, seed: 5, workers: 2, pruner: {pruner}}}
model:
  type: gradient_boosting
  n_estimators: 80
  learning_rate: {{float: [0.0001, 0.3], log: true}}
cv: {cv}
"""


def run(name, code=0, goal="minimize log_loss", cv="10", text=None, **values):
    with open("race.yaml", "w", encoding="utf-8") as file:
        file.write(text or STUDY.format(name=name, goal=goal, cv=cv, **values))
    result = hone("tune", "race.yaml", "--json")
    assert result.returncode == code, (result.stdout, result.stderr)
    return result


def trials(name):
    return json.loads(hone("trials", name, "--json").stdout)


def folds_of(trial):
    return trial["attrs"]["log_loss_folds"]


def raced():
    """A pruned setting keeps the folds it ran, which are those of the whole cross-validation."""
    run("whole", pruner="none")
    run("raced", pruner="race")
    whole, raced_trials = trials("whole"), trials("raced")
    pruned = [trial for trial in raced_trials if trial["state"] == "pruned"]
    fits = sum(len(folds_of(trial)) for trial in raced_trials)
    assert len(pruned) >= 4, [trial["state"] for trial in raced_trials]
    assert fits < 0.9 * 240, fits
    print(f"race: {fits} of 240 fits, {len(pruned)} of 24 settings stopped")
    for all_folds, trial in zip(whole, raced_trials):
        assert all_folds["params"] == trial["params"]
        n = len(folds_of(trial))
        assert folds_of(trial) == folds_of(all_folds)[:n] and n >= 1
        steps = [step for step, _ in trial["reports"]]
        assert steps == list(range(1, len(steps) + 1)) and len(steps) <= n
        for step, value in trial["reports"]:
            mean = sum(folds_of(trial)[:step]) / step
            assert abs(value - mean) < 1e-12, (value, mean)
        if trial["state"] == "complete":
            assert n == 10 and trial["values"] == all_folds["values"]
    best = [min((t for t in side if t["state"] == "complete"), key=lambda t: t["values"][0]) for side in (whole, raced_trials)]
    assert best[0]["trial"] == best[1]["trial"]
    listed = json.loads(hone("trials", "raced", "--json", "--sort", "value").stdout)
    order = [trial["state"] for trial in listed]
    assert order == sorted(order), "the stopped come after all that were ranked"


def seeds():
    """Executions of one split are raced as folds are: steps are seeds."""
    text = (STUDY.replace("workers: 2, pruner", "workers: 2, executions: 8, pruner")
            .replace("n_estimators: 80", "n_estimators: 20\n  subsample: 0.5"))
    for name, pruner in (("all_seeds", "none"), ("some_seeds", "race")):
        run(name, text=text.format(name=name, goal="minimize log_loss", cv="{kind: holdout, test: 0.3}", pruner=pruner))
    whole, raced_trials = trials("all_seeds"), trials("some_seeds")
    fits = sum(len(folds_of(trial)) for trial in raced_trials)
    assert fits < 0.7 * 24 * 8, fits
    print(f"race: {fits} of {24 * 8} fits with seeds of their own")
    for every, trial in zip(whole, raced_trials):
        n = len(folds_of(trial))
        assert folds_of(trial) == folds_of(every)[:n] and n >= 1
        assert len(set(folds_of(every))) > 4, "the seeds change nothing"
        assert len(trial["reports"]) <= n and (trial["state"] != "complete" or n == 8)
    best = [min((t for t in side if t["state"] == "complete"), key=lambda t: t["values"][0]) for side in (whole, raced_trials)]
    assert best[0]["trial"] == best[1]["trial"]


def refusals():
    whole = STUDY.replace("{{float: [0.0001, 0.3], log: true}}", "{{choice: [0.01, 0.1]}}")
    for sampler in "grid", "brute_force":
        text = whole.replace("random, trials: 24", sampler)
        text = text.format(name="g", goal="minimize log_loss", cv=3, pruner="race")
        error = run("g", code=2, text=text).stderr
        assert "race.yaml:4" in error, error
        assert f"pruner race is not for sampler {sampler}, which promises the whole score of every setting" in error, error
    error = run("t", code=2, goal="minimize fit_seconds", pruner="race").stderr
    assert "pruner race: it compares scores of folds; the goal is none" in error, error
    error = run("m", code=2, goal="[minimize log_loss, minimize fit_seconds]", pruner="race").stderr
    assert "pruning needs a single goal" in error, error
    error = run("b", code=2, pruner="none, best: best").stderr
    assert "a model's score is that of all folds" in error, error


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        made = hone("data", "make", "classification", "--rows", 600, "--columns", 10, "--flip", 0.1, "-o", "rows.csv")
        assert made.returncode == 0, made.stderr
        raced()
        seeds()
        refusals()
        os.chdir("/")


if __name__ == "__main__":
    main()
