#!/usr/bin/python3
"""Nested cross-validation: scikit-learn's scores, continuing, what is refused."""

import json
import os
import subprocess
import tempfile

from hone_test import PATIENCE, hone, interrupt

SOURCE = os.environ["HONE_SOURCE_DIR"]
IRIS = os.path.join(SOURCE, "examples/data/iris.csv")
STUDY = f"""
storage: sqlite:///nested.db
search: {{sampler: grid, seed: 1}}
data: {{train: {IRIS}, target: species}}
model: {{type: svm, kernel: rbf, C: {{ordinal: [0.05, 0.5, 50]}}, gamma: {{ordinal: [0.01, 0.3, 3]}}}}
preprocess: {{scale: none}}
cv: {{folds: 5, shuffle: false, outer: 5}}
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def result_of(*arguments):
    result = hone(*arguments)
    assert result.returncode == 0, (arguments, result.stdout, result.stderr)
    return json.loads(result.stdout.splitlines()[-1]), result.stdout.splitlines()[:-1]


def equals_scikit_learn():
    with open(os.path.join(SOURCE, "tests/oracle/nested_values.txt"), encoding="utf-8") as file:
        expected = [[float(number) for number in line.split()] for line in file if not line.startswith("#")]
    write("nested.yaml", STUDY)
    result, trials = result_of("tune", "nested.yaml", "--json", "-o", "nested.hone")
    assert len(trials) == 6 * 9 and len(expected) == 5
    for fold, (score, inside, c, gamma) in zip(result["outer"]["folds"], expected):
        assert abs(fold["value"] - score) < 1e-12 and abs(fold["inside"] - inside) < 1e-12, (fold, score, inside)
        assert fold["params"] == {"C": c, "gamma": gamma}, (fold, c, gamma)
    mean = sum(line[0] for line in expected) / 5
    deviation = (sum((line[0] - mean) ** 2 for line in expected) / 5) ** 0.5
    assert abs(result["outer"]["mean"] - mean) < 1e-12 and abs(result["outer"]["deviation"] - deviation) < 1e-12
    again, trials = result_of("tune", "nested.yaml", "--json", "-o", "nested.hone")
    assert not trials and again["outer"] == result["outer"] and again["best"] == result["best"]
    shown = hone("tune", "nested.yaml").stdout
    assert "over 5 outer folds" in shown and "fold 5  " in shown and "(inside " in shown, shown
    names = [study["study"] for study in json.loads(hone("study", "list", "--storage", "sqlite:///nested.db", "--json").stdout)]
    assert sorted(names) == ["nested"] + [f"nested/outer-{i}" for i in range(1, 6)], names


def goes_on_after_an_interrupt():
    """Cut short at any trial and run again: the same scores as in one go, with shuffled folds and a random search. A metric of
    its own, which is measured once a fold, holds the run that is cut."""
    held = "echo >> calls; while [ -e hold ] && [ $(wc -l < calls) -gt 36 ]; do sleep 0.01; done; echo 1"
    write("held.sh", held)
    write("cut.yaml", f"""
study: cut
search: {{sampler: random, trials: 8, workers: 1, seed: 5}}
data: {{train: {IRIS}, target: species, held_out: 0.2}}
model: {{type: random_forest, n_estimators: 20, min_samples_leaf: {{int: [1, 20]}}}}
cv: {{folds: 3, outer: 3}}
goal: maximize accuracy
metrics: [accuracy, {{name: held, command: sh held.sh, timeout: 1h}}]
""")
    arguments = ["tune", "cut.yaml", "--storage", "sqlite:///cut.db", "--json", "-o", "cut.hone"]
    whole, _ = result_of("tune", "cut.yaml", "--storage", "memory:", "--json", "-o", "whole.hone")
    os.remove("calls")
    write("hold", "")
    with subprocess.Popen([os.environ["HONE_PROGRAM"], *arguments], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(10):
            process.stdout.readline()
        interrupt(process)
        os.remove("hold")
        rest = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 130, process.returncode
    cut = json.loads(rest.splitlines()[-1])
    assert cut["reason"] == "interrupted" and "outer" not in cut, cut
    result, trials = result_of(*arguments)
    assert 0 < len(trials) < 4 * 8 and result["outer"] == whole["outer"] and result["held_out"] == whole["held_out"], (result, whole)


def refused():
    def says(text, *parts):
        write("bad.yaml", text)
        result = hone("tune", "bad.yaml", "--storage", "memory:")
        assert result.returncode == 2 and all(part in result.stderr for part in parts), (result.returncode, result.stderr)

    says(STUDY.replace("outer: 5", "outer: 1"), "outer must be a whole number of at least 2")
    says(STUDY.replace("outer: 5", "outer: 4, kind: holdout"), "outer is for stratified, kfold, group and stratified_group, not for holdout")
    says(STUDY.replace("outer: 5", "outer: 151"), "151")
    says(STUDY + "goal: [maximize accuracy, minimize fit_seconds]\n", "outer needs a single goal")
    says(STUDY + "goal: minimize fit_seconds\n", "outer needs a score as its goal")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for test in (equals_scikit_learn, goes_on_after_an_interrupt, refused):
            test()
            print(f"ok {test.__name__}")
        os.chdir("/")


main()
