#!/usr/bin/python3
"""The study files and the program under examples/ work."""

import json
import os
import subprocess
import tempfile

from hone_test import SOURCE, hone, skip

EXAMPLES = os.path.join(SOURCE, "examples")


def table(rows, name):
    subprocess.run(["/usr/bin/python3", os.path.join(EXAMPLES, "fashion.py"), str(rows), name], check=True)


def tune(name, *options):
    result = hone("tune", os.path.join("examples", name), "--json", "--seed", "1", "-j", 2, *options)
    assert result.returncode == 0, (name, result.stdout, result.stderr)
    events = [json.loads(line) for line in result.stdout.splitlines()]
    return events[:-1], events[-1]


def early_stopping():
    """Those on data that is always there."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.symlink(EXAMPLES, "examples")
        _, result = tune("halving.yaml")
        assert (result["complete"], result["pruned"]) == (2, 46) and result["best"]["values"][0] > 0.9
        _, result = tune("race.yaml")
        assert result["complete"] + result["pruned"] == 40 and result["best"]["values"][0] > 0.95
        _, result = tune("population.yaml")
        assert result["complete"] == 8 and result["pruned"] > 3 and result["best"]["values"][0] < 0.2, result
        os.chdir("/")


def main():
    early_stopping()
    if not os.path.exists("/usr/share/datasets/fashion-mnist"):
        skip("no Fashion-MNIST (package dataset-fashion-mnist)")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.symlink(EXAMPLES, "examples")
        table(400, "train.csv")
        _, result = tune("svm.yaml", "--trials", "6", "-o", "model.hone")
        assert result["study"] == "fashion-svm" and result["held_out"]["rows"] > 70 and result["held_out"]["value"] > 0.4
        table(120, "train.csv")
        trials, result = tune("train.yaml", "--trials", "4", "--trial-timeout", "1h")
        assert result["study"] == "softmax" and result["complete"] + result["pruned"] == 4
        assert all(trial["params"]["lr"] * trial["params"]["epochs"] <= 4 for trial in trials)
        assert result["best"]["values"][0] > 0.3
        _, result = tune("train_patient.yaml", "--trials", "5")
        assert result["complete"] + result["pruned"] == 5 and result["best"]["values"][0] > 0.3
        os.chdir("/")


main()
