#!/usr/bin/python3
"""The study files of models run on real data and show what they are there to show. Needs the data."""

import csv
import io
import os
import re
import shutil
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, SOURCE, data, hone


def run(*arguments):
    result = hone(*arguments)
    assert result.returncode == 0, (arguments, result.stdout, result.stderr)
    return result.stdout


def tune(example, table, *options):
    """Runs an example on a real table in a folder of its own; its trials, finished ones only, by number."""
    os.mkdir(example)
    os.chdir(example)
    shutil.copy(data(f"tabular/{table}"), "table.csv")
    text = run("tune", f"{SOURCE}/examples/{example}.yaml", "-o", "best.hone", "-j", 2, *options)
    study = re.search(r"^study: (\S+)", open(f"{SOURCE}/examples/{example}.yaml", encoding="utf-8").read(), re.M)[1]
    trials = list(csv.DictReader(io.StringIO(run("trials", study, "--csv"))))
    assert "held out" in text and os.path.getsize("best.hone") > 500, text
    assert all(trial["state"] == "complete" for trial in trials), trials
    os.chdir("..")
    return text, trials


def number(trial, column):
    return float(trial[column])


def main():
    data("tabular/iris.csv.gz")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _, trials = tune("svc_grid", "pmlb_ionosphere.tsv.gz")
        assert len(trials) == 6
        best = max(trials, key=lambda trial: number(trial, "accuracy"))
        assert best["kernel"] == "rbf" and number(best, "accuracy") > 0.93, best
        _, trials = tune("forest_grid", "pmlb_vehicle.tsv.gz")
        assert len(trials) == 27 and max(number(trial, "accuracy") for trial in trials) > 0.7
        text, trials = tune("forest_search", "pmlb_vehicle.tsv.gz", "--trials", "15")
        assert len(trials) == 15 and ("chosen" in text or "fitted again" in text or "best" in text), text
        _, trials = tune("boosting_refine", "pmlb_vehicle.tsv.gz")
        broad = max(trials[:20], key=lambda trial: number(trial, "accuracy"))
        for trial in trials[22:]:  # two workers: two trials may have been asked before the twentieth was told
            assert abs(number(trial, "n_estimators") - number(broad, "n_estimators")) <= 50, (broad, trial)
        text, trials = tune("logistic_l2", "pmlb_sonar.tsv.gz")
        gaps = {(trial["penalty"], trial["C"]): number(trial, "train_accuracy") - number(trial, "accuracy") for trial in trials}
        free = gaps[("none", "")]
        assert free > 0.15 and min(gaps.values()) < free / 2 and "in training" in text, (gaps, text)
        os.mkdir("iris")
        os.chdir("iris")
        path = f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"
        shutil.copy(data("tabular/iris.csv.gz"), "iris.csv.gz")
        subprocess.run("gzip -d iris.csv.gz", shell=True, check=True)
        shown = subprocess.run([f"{SOURCE}/examples/iris.sh", "iris.csv"], capture_output=True, text=True, timeout=PATIENCE,
                               env={**os.environ, "PATH": path})
        assert shown.returncode == 0, (shown.stdout, shown.stderr)
        assert re.search(r"held out +accuracy (0\.9|1)", shown.stdout), shown.stdout
        assert "Iris-setosa" in shown.stdout and "trials     81" in shown.stdout, shown.stdout
        os.chdir("/")


main()
