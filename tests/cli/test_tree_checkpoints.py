#!/usr/bin/python3
"""Trees under a schedule: a trial goes on with the trees it has, whoever is killed; without them it is trained again, and says so."""

import glob
import json
import os
import shutil
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, SOURCE, hone, kill_workers, run, wait_for

# A metric that waits, while there is a file `hold`, once it was asked as often as that says.
METRIC = """\
printf x >> asked.txt
while [ -e hold ] && [ "$(stat -c %s asked.txt)" -ge "$(cat hold)" ]; do sleep 0.01; done
exec env LC_ALL=C awk -F, 'NR > 1 { n++; hits += $1 == $2 } END { print hits / n }'
"""

STUDY = """\
study: trees
data: {{train: {data}, target: species}}
search: {{sampler: random, trials: 9, seed: 3, workers: 1, retries: 2, refit: none{pruner}}}
model: {model}
cv: 2
metrics: [{{name: hits, command: sh hits.sh}}, log_loss]
"""

HALVING = ", pruner: {successive_halving: {resource: n_estimators, max_resource: 90, factor: 3}}"
FOREST = "{type: random_forest, n_estimators: 90, max_features: {float: [0.3, 1]}, min_samples_leaf: {int: [1, 20]}}"
BOOSTING = "{type: gradient_boosting, n_estimators: 90, learning_rate: {float: [0.01, 1]}, subsample: 0.7, max_depth: 2}"
XGBOOST = "{type: xgboost, n_estimators: 90, learning_rate: {float: [0.01, 1]}, subsample: 0.7, max_depth: 2}"

FOLDS = 2
SECOND_RUNG = 9 * FOLDS + 1  # times the metric is asked until the first fold of a trial that goes on


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def fresh(model, pruner=HALVING):
    for name in "hone.db", "asked.txt", "hold":
        if os.path.exists(name):
            os.remove(name)
    shutil.rmtree("hone.runs", ignore_errors=True)
    write("study.yaml", STUDY.format(data=os.path.join(SOURCE, "examples/data/iris.csv"), model=model, pruner=pruner))


def trials():
    return json.loads(run("trials", "trees", "--json").stdout)


def scores():
    """What every trial came to, fold by fold."""
    return {json.dumps(trial["params"], sort_keys=True): (trial["reports"], trial["attrs"]["hits_folds"], trial["attrs"]["log_loss_folds"])
            for trial in trials()}


def logs():
    text = ""
    for name in sorted(glob.glob("hone.runs/trees/trial-*/log.txt")):
        with open(name, encoding="utf-8") as file:
            text += file.read()
    return text


def held():
    """A run whose first trial on the second rung has its first fold's trees, and waits for that one's score."""
    write("hold", str(SECOND_RUNG))
    process = subprocess.Popen([PROGRAM, "tune", "study.yaml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: os.path.exists("asked.txt") and os.path.getsize("asked.txt") >= SECOND_RUNG)
    return process


def killed():
    """The same, killed: the files of the trial that goes on."""
    process = held()
    process.kill()
    process.wait(timeout=PATIENCE)
    on = [trial["trial"] for trial in trials() if trial["state"] == "running" and not trial.get("paused")]
    assert len(on) == 1, trials()
    os.remove("hold")
    return f"hone.runs/trees/trial-{on[0]}/checkpoint"


def goes_on_to_the_same(model):
    """On the last rung a trial is what it is without any; of the others the folds' scores are kept for what follows."""
    fresh(model, "")
    run("tune", "study.yaml")
    unpruned = scores()
    fresh(model)
    result = run("tune", "study.yaml")
    assert "trained again" not in result.stderr, result.stderr
    expected = scores()
    whole = [trial for trial in trials() if trial["state"] == "complete"]
    assert len(whole) == 1 and "goes on after n_estimators 30" in logs(), logs()
    for trial in whole:
        params = json.dumps(trial["params"], sort_keys=True)
        assert expected[params][1:] == unpruned[params][1:], (expected[params], unpruned[params])
    assert not glob.glob("hone.runs/trees/trial-*/checkpoint/*"), "nothing can go on from these"
    return expected


def a_killed_run_goes_on(model, expected):
    fresh(model)
    checkpoint = killed()
    assert sorted(os.listdir(checkpoint)) == ["fold-0.safetensors", "fold-1.safetensors"]
    result = run("tune", "study.yaml")
    assert "trained again" not in result.stderr, result.stderr
    assert scores() == expected
    with open(os.path.join(os.path.dirname(checkpoint), "log.txt"), encoding="utf-8") as file:
        text = file.read()
    for fold, trees in (0, 30), (1, 10):  # the first had got its trees of the second rung
        assert f"goes on after n_estimators {trees}, from {os.path.abspath(checkpoint)}/fold-{fold}.safetensors" in text, text


def a_killed_worker_goes_on(model, expected):
    fresh(model)
    process = held()
    kill_workers(process)
    os.remove("hold")
    assert process.wait(timeout=PATIENCE) == 0
    assert scores() == expected and "anew" not in logs(), logs()


def damage(path):
    """A byte of the last array is another."""
    with open(path, "r+b") as file:
        file.seek(-3, os.SEEK_END)
        byte = file.read(1)
        file.seek(-3, os.SEEK_END)
        file.write(bytes([byte[0] ^ 1]))


def damage_is_said(model, expected):
    fresh(model)
    checkpoint = killed()
    damage(f"{checkpoint}/fold-1.safetensors")
    result = run("tune", "study.yaml")
    assert result.stderr.count("it is trained again from the start") == 1, result.stderr
    assert "fold-1.safetensors is damaged" in result.stderr, result.stderr
    assert scores() == expected


def without_any(model, expected):
    fresh(model)
    killed()
    for checkpoint in glob.glob("hone.runs/trees/trial-*/checkpoint"):
        shutil.rmtree(checkpoint)
    result = run("tune", "study.yaml")
    assert result.stderr.count("it is trained again from the start") == 1 and "there is nothing in" in result.stderr, result.stderr
    assert scores() == expected


def what_cannot_go_on_is_trained_again():
    model = XGBOOST.replace("max_depth: 2", "max_depth: 2, tree_method: hist")
    fresh(model, "")
    run("tune", "study.yaml")
    unpruned = scores()
    fresh(model)
    result = run("tune", "study.yaml")
    assert result.stderr.count("it is trained again from the start") == 1, result.stderr
    assert "go on with tree_method exact only" in result.stderr, result.stderr
    (whole,) = [json.dumps(trial["params"], sort_keys=True) for trial in trials() if trial["state"] == "complete"]
    assert scores()[whole][1:] == unpruned[whole][1:]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write("hits.sh", METRIC)
        expected = goes_on_to_the_same(FOREST)
        a_killed_run_goes_on(FOREST, expected)
        a_killed_worker_goes_on(FOREST, expected)
        damage_is_said(FOREST, expected)
        without_any(FOREST, expected)
        goes_on_to_the_same(BOOSTING)
        if "libxgboost" not in hone("doctor").stdout:
            what_cannot_go_on_is_trained_again()
        os.chdir("/")


if __name__ == "__main__":
    main()
