#!/usr/bin/python3
"""Networks tuned epoch by epoch: reports, pruning between epochs, tables of epochs, going on from checkpoints."""

import csv
import json
import os
import random
import shutil
import subprocess
import tempfile
import time

from hone_test import PROGRAM, hone, kill_workers

STUDY = """\
study: nets
goal: {goal}
data: {{train: moons.csv, target: side}}
cv: {cv}
model:
  type: sequential
  layers: [{{dense: {{units: {units}, activation: relu}}}}, output]
  learning_rate: 0.1
  weight_decay: {{choice: [{decays}]}}
  optimizer: sgd
  batch_size: 16
  epochs: {epochs}
search: {{sampler: {sampler}, seed: 1, workers: 1, refit: none, retries: {retries}, trials: {trials}, pruner: {pruner}}}
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
               "decays": "0", "units": 8, "retries": 0, "pruner": "none"}
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


def race_counts_folds():
    fresh(decays="0, 0.001, 6, 7", sampler="random", pruner="race")
    run("tune", "study.yaml")
    for trial in trials():
        assert trial["state"] == "complete" and [step for step, _ in trial["reports"]] == [1], trial


def log_of(trial):
    with open(f"hone.runs/nets/trial-{trial}/log.txt", encoding="utf-8") as file:
        return file.read()


def halving_goes_on():
    """Budgets of epochs: no epoch is trained twice, and the end is what an uninterrupted training gives."""
    for cv in "{kind: holdout}", "2":
        fresh(epochs=9, decays="0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008", cv=cv, trials=9)
        run("tune", "study.yaml")
        whole = {trial["params"]["weight_decay"]: trial["values"][0] for trial in trials()}
        fresh(epochs=9, decays="0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008", cv=cv, trials=9,
              pruner="{successive_halving: {resource: epochs}}")
        run("tune", "study.yaml")
        lengths = []
        for trial in trials():
            name = "epochs.csv" if "holdout" in cv else "epochs-1.csv"
            numbers = [int(row["epoch"]) for row in epochs_of(trial["trial"], name)]
            assert numbers == list(range(1, len(numbers) + 1)), numbers
            assert trial["reports"][-1][0] == len(numbers), trial
            assert log_of(trial["trial"]).count("goes on after") == {1: 0, 3: 1, 9: 2}[len(numbers)] * (
                1 if "holdout" in cv else 2)
            assert not os.path.exists(f"hone.runs/nets/trial-{trial['trial']}/checkpoint")
            if trial["state"] == "complete":
                assert trial["values"][0] == whole[trial["params"]["weight_decay"]], (trial, whole)
            lengths.append(len(numbers))
        assert sorted(lengths) == [1] * 6 + [3] * 2 + [9], lengths


def executions_are_averaged():
    """Every model; the first execution is what a search without them fits."""
    for model in None, "{type: random_forest, n_estimators: {choice: [3, 5, 8]}}":
        attributes = []
        for executions in 1, 3:
            fresh(cv="2", trials=3, decays="0, 0.001, 0.002", sampler="{grid: {shuffle: false}}")
            with open("study.yaml", encoding="utf-8") as file:
                text = file.read().replace("retries: 0", f"executions: {executions}")
            if model:
                begin, end = text.index("model:"), text.index("search:")
                text = text[:begin] + f"model: {model}\n" + text[end:]
            write("study.yaml", text)
            said = run("tune", "study.yaml").stdout
            assert ("over 3 executions of 2 folds" in said) == (executions == 3), said
            attributes.append(trials())
        for once, thrice in zip(*attributes):
            folds = thrice["attrs"]["log_loss_folds"]
            assert len(folds) == 6 and folds[:2] == once["attrs"]["log_loss_folds"], (once, thrice)
            assert len(set(folds)) == 6, folds
            assert abs(thrice["values"][0] - sum(folds) / 6) < 1e-12 and thrice["attrs"]["log_loss_std"] > 0


def best_models_are_kept():
    """In their trials' folders, of the best so far only, and usable."""
    fresh(trials=4, decays="0, 0.001, 0.5, 1", sampler="{grid: {shuffle: false}}")
    with open("study.yaml", encoding="utf-8") as file:
        text = file.read().replace("refit: none, retries: 0", "keep_models: 2")
    write("study.yaml", text.replace("trials: 4", "trials: 2"))
    run("tune", "study.yaml", "-o", "best.hone")
    listed = json.loads(run("best", "nets", "-n", "3", "--json").stdout)
    assert all(os.path.exists(trial["model_file"]) for trial in listed), listed
    with open(listed[0]["model_file"], "rb") as kept, open("best.hone", "rb") as best:
        assert kept.read() == best.read()
    write("study.yaml", text)
    run("tune", "study.yaml")
    listed = json.loads(run("best", "nets", "-n", "4", "--json").stdout)
    kept = [trial.get("model_file") for trial in listed]
    assert kept[0] and kept[1] and kept[2:] == [None, None], kept
    assert "model of trial" in run("best", "nets", "-n", "2").stdout
    there = {f"hone.runs/nets/trial-{n}/model.hone" for n in range(4)
             if os.path.exists(f"hone.runs/nets/trial-{n}/model.hone")}
    assert there == set(kept[:2]), (there, kept)
    assert run("predict", kept[1], "moons.csv").stdout.count("\n") >= 300


def exploding_loss():
    fresh(decays="0, 1000", sampler="{grid: {shuffle: false}}", trials=2, epochs=40)
    run("tune", "study.yaml")
    good, bad = trials()
    assert good["state"] == "complete" and bad["state"] == "failed", (good, bad)
    assert "the loss is not finite at step" in bad["message"] and "of epoch" in bad["message"], bad
    assert not os.path.exists("hone.runs/nets/trial-1/checkpoint")


def kill_in_the_middle(**size):
    """False when the fit was over before it kept anything."""
    fresh(**size)
    with subprocess.Popen([PROGRAM, "tune", "study.yaml"], stdout=subprocess.DEVNULL) as tune:
        checkpoint = "hone.runs/nets/trial-0/checkpoint/fold-0.safetensors"
        while not os.path.exists(checkpoint) and tune.poll() is None:
            time.sleep(0.02)
        kill_workers(tune)
        assert tune.wait() == 0
    return "goes on after epoch" in log_of(0)


def killed_worker_goes_on():
    """kill -9 in the middle: the next try begins where the last checkpoint was."""
    size = {"epochs": 1000, "units": 1000, "trials": 1, "retries": 1}
    while not kill_in_the_middle(**size):
        size["epochs"] *= 2
    (trial,) = trials()
    table = [{**row, "seconds": ""} for row in epochs_of(0)]
    fresh(**size)
    run("tune", "study.yaml")
    (whole,) = trials()
    assert trial["values"] == whole["values"], (trial["values"], whole["values"])
    ours, theirs = trial["reports"], whole["reports"]
    assert ours == theirs, [pair for pair in zip(ours, theirs) if pair[0] != pair[1]][:4] or (len(ours), len(theirs))
    assert table == [{**row, "seconds": ""} for row in epochs_of(0)]


def arrays_of(path):
    """The bytes after a safetensors header, and the header."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return file.read(), header


def kill_in_the_refit(checkpoint, **size):
    """False when the fit was over before it kept anything."""
    fresh(**size)
    with open("study.yaml", encoding="utf-8") as file:
        text = file.read()
    write("study.yaml", text.replace("refit: none", "refit: best"))
    with subprocess.Popen([PROGRAM, "tune", "study.yaml", "-o", "cut.hone"], stdout=subprocess.DEVNULL) as tune:
        while not os.path.exists(checkpoint) and tune.poll() is None:
            time.sleep(0.02)
        tune.kill()  # its workers end with it
    return os.path.exists(checkpoint)


def killed_refit_goes_on():
    """The fit on all rows: the same command goes on with it, and ends with the same numbers as one that was never cut."""
    checkpoint = "hone.runs/nets/trial-0/checkpoint/refit.safetensors"
    size = {"epochs": 500, "units": 1000, "trials": 1, "cv": "{kind: holdout, test: 0.98}"}
    while not kill_in_the_refit(checkpoint, **size):
        size["epochs"] *= 2
    shutil.copy(checkpoint, "kept")
    run("tune", "study.yaml", "-o", "resumed.hone")
    assert not os.path.exists(os.path.dirname(checkpoint))
    run("tune", "study.yaml", "-o", "whole.hone")
    assert arrays_of("resumed.hone")[0] == arrays_of("whole.hone")[0]
    arrays, header = arrays_of("kept")  # what it says is what is gone on from: another value makes another model
    assert {header[name]["dtype"] for name in ("values", "memory") if name in header} == {"F32"}, header
    begin, end = header["values"]["data_offsets"]
    changed = bytearray(arrays)
    changed[begin + 3:end:4] = bytes(byte ^ 0x80 for byte in changed[begin + 3:end:4])
    with open("kept", "rb") as file:
        before = file.read()[:-len(arrays)]
    os.makedirs(os.path.dirname(checkpoint))
    with open(checkpoint, "wb") as file:
        file.write(before + changed)
    run("tune", "study.yaml", "-o", "other.hone")
    assert arrays_of("other.hone")[0] != arrays_of("whole.hone")[0]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_data()
        reports_and_pruning()
        folds_stay_the_steps()
        race_counts_folds()
        halving_goes_on()
        executions_are_averaged()
        best_models_are_kept()
        exploding_loss()
        killed_worker_goes_on()
        killed_refit_goes_on()
        os.chdir("/")


if __name__ == "__main__":
    main()
