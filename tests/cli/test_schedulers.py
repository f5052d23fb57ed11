#!/usr/bin/python3
"""asha and hyperband from end to end: checkpoints, kills, silence, folders, a change of mind, bad input."""

import collections
import json
import os
import shutil
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, SOURCE, interrupt, run, wait_for

TRAIN = """\
import os, sys, time
x = float(sys.argv[1])
budget, resume, trial = (int(os.environ[name]) for name in ("HONE_BUDGET", "HONE_RESUME_STEP", "HONE_TRIAL"))
path = os.path.join(os.environ["HONE_CHECKPOINT_DIR"], "epoch")
epoch = int(open(path).read()) if os.path.exists(path) else 0

def report(epoch):
    print(f"epoch={epoch} loss={(x - 1) ** 2 + 1 / epoch}", flush=True)

for unheard in range(resume + 1, epoch + 1):  # kept, but hone was killed before it read of it
    report(unheard)
while epoch < budget:
    made = len(open("steps.txt").readlines()) if os.path.exists("steps.txt") else 0
    while os.path.exists("hold") and eval(open("hold").read()):
        time.sleep(0.01)
    epoch += 1
    with open("steps.txt", "a") as file:
        file.write(f"{trial} {epoch} {os.getppid()}\\n")
    with open(path + ".new", "w") as file:
        file.write(str(epoch))
    os.replace(path + ".new", path)
    report(epoch)
"""

STUDY = """\
study: {study}
goal: minimize loss
search: {{sampler: random, trials: {trials}, seed: 1, workers: {workers}, pruner: {pruner}}}
space: {{x: {{float: [-3, 3]}}}}
command: [/usr/bin/python3, {program}, "{{x}}"]
"""

ASHA = "{asha: {max_resource: 9, factor: 3}}"
HYPERBAND = "{hyperband: {max_resource: 9}}"
ROUNDS = "{hyperband: {max_resource: 9, variant: synchronous}}"


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def study(pruner, trials=12, workers=2, program="train.py", name="s"):
    write("s.yaml", STUDY.format(study=name, trials=trials, workers=workers, pruner=pruner, program=program))


def fresh(*arguments, **options):
    for name in os.listdir("."):
        if os.path.isdir(name):
            shutil.rmtree(name)
        elif not name.endswith(".py"):
            os.remove(name)
    study(*arguments, **options)


def trials():
    return json.loads(run("trials", "s", "--json").stdout)


def states():
    return collections.Counter(trial["state"] for trial in trials())


def last_steps():
    return [trial["reports"][-1][0] for trial in trials()]


def steps():
    with open("steps.txt", encoding="utf-8") as file:
        return [tuple(map(int, line.split())) for line in file]


def nothing_is_trained_twice(pruner):
    fresh(pruner)
    result = run("tune", "s.yaml")
    assert states()["running"] == 0 and states()["complete"] >= 1, states()
    made = collections.Counter((trial, step) for trial, step, _ in steps())
    assert set(made.values()) == {1}, made
    assert sorted(made) == [(t, s) for t, last in enumerate(last_steps()) for s in range(1, last + 1)]
    assert "nothing in" not in result.stderr
    brackets = collections.Counter(trial["reports"][0][0] for trial in trials())
    assert brackets == {1: 12}, brackets
    rungs = [sum(step <= last for step in (1, 3, 9)) for last in last_steps()]
    assert [trial["rung"] for trial in trials()] == rungs, rungs
    if pruner != ASHA:  # brackets begin above the lowest rung
        assert any(trial["rung"] > trial.get("runs", 1) for trial in trials()), trials()
    if pruner == ROUNDS:  # 9 from 1, of which 3 get 3 and 1 gets 9; 3 from 3, of which 1 gets 9
        assert collections.Counter(last_steps()) == {1: 6, 3: 4, 9: 2}, last_steps()
    if pruner == ASHA:
        assert 9 in last_steps() and last_steps().count(1) >= 5, last_steps()


def held(condition):
    """A run that is under way: as soon as the condition of its epoch, or of the number of all made, holds, a program waits."""
    write("hold", condition)
    process = subprocess.Popen([PROGRAM, "tune", "s.yaml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: os.path.exists("steps.txt") and any(
        eval(condition, {"epoch": epoch, "made": made}) for made, (_, epoch, _) in enumerate(steps(), 1)))
    return process


def another_takes_over():
    """Of two processes one is killed; the other goes on with its trial, from its checkpoint."""
    fresh(ASHA, workers=1, trials=9)
    first = held("epoch >= 5")
    first.kill()
    first.wait(timeout=PATIENCE)
    os.remove("hold")
    on = max(steps(), key=lambda line: line[1])[0]
    run("tune", "s.yaml", "--workers", "2")
    assert states()["running"] == 0
    mine = [(step, parent) for trial, step, parent in steps() if trial == on]
    assert len({parent for _, parent in mine}) > 1 and max(mine)[0] == 9, mine
    assert len(mine) <= 10, mine  # at most the step that was under way is made again
    assert trials()[on]["state"] == "complete"


SILENT = """\
import os, sys
budget, path = int(os.environ["HONE_BUDGET"]), os.path.join(os.environ["HONE_CHECKPOINT_DIR"], "x")
open(path, "w").close()
print(f"loss={(float(sys.argv[1]) - 1) ** 2 + 1 / budget}")
"""


def silence_is_a_report_at_the_budget():
    write("silent.py", SILENT)
    fresh(ASHA, trials=9, workers=1, program="silent.py")
    result = run("tune", "s.yaml", "-vv")
    assert "reported no step: its value counts as that of step 1, its budget" in result.stderr, result.stderr
    assert states() == {"complete": 1, "pruned": 8}, states()
    assert collections.Counter(last_steps()) == {1: 6, 3: 2, 9: 1}, last_steps()
    best = next(trial for trial in trials() if trial["state"] == "complete")
    assert [step for step, _ in best["reports"]] == [1, 3, 9]


def stop_when(condition):
    """Interrupts a run as soon as it is so far."""
    process = held(condition)
    interrupt(process)
    interrupt(process)
    process.wait(timeout=PATIENCE)
    os.remove("hold")


def checkpoints_are_missed_once():
    fresh(ASHA, workers=1, trials=9)
    stop_when("epoch == 2")  # the first that goes on
    assert all(trial["paused"] for trial in trials()), trials()
    assert "paused" in run("trials", "s").stdout
    for trial in os.listdir("hone.runs/s"):
        if trial.startswith("trial-"):
            shutil.rmtree(f"hone.runs/s/{trial}/checkpoint")
    result = run("tune", "s.yaml")
    assert result.stderr.count("it is trained again from the start") == 1, result.stderr
    assert "there is nothing in" in result.stderr and "checkpoint" in result.stderr
    assert states()["running"] == 0 and states()["complete"] >= 1
    assert max(collections.Counter((t, s) for t, s, _ in steps()).values()) == 2


def a_damaged_checkpoint_costs_its_trial():
    fresh(ASHA, workers=1, trials=9)
    stop_when("epoch == 2")
    damaged = [t for t in os.listdir("hone.runs/s") if t.startswith("trial-")]
    for trial in damaged:
        write(f"hone.runs/s/{trial}/checkpoint/epoch", "not a number")
    run("tune", "s.yaml")
    by_state = states()
    assert by_state["running"] == 0 and by_state["failed"] >= 1 and by_state["complete"] >= 1, by_state
    assert any("ValueError" in trial.get("message", "") for trial in trials()), trials()


def a_copy_has_its_own_folder():
    fresh(ASHA, trials=9)
    stop_when("epoch == 2")
    shutil.copy("hone.db", "hone.sqlite")
    result = run("tune", "s.yaml", "--storage", "hone.sqlite")
    assert "holds the checkpoints of a study in another storage" in result.stderr, result.stderr
    assert "hone.runs/s-2" in result.stdout, result.stdout
    assert "another storage" not in run("tune", "s.yaml").stderr
    assert states()["running"] == 0
    result = run("tune", "s.yaml", "--storage", "hone.sqlite", "--trials", "+3")
    assert "another storage" not in result.stderr and "hone.runs/s-2" in result.stdout
    # Renamed together with its folder, a study keeps it.
    os.remove("hone.sqlite")
    os.rename("hone.db", "new.db")
    os.rename("hone.runs", "new.runs")
    result = run("tune", "s.yaml", "--storage", "new.db", "--trials", "+3")
    assert "another storage" not in result.stderr and "new.runs/s" in result.stdout, result.stderr
    # Two names that are one as a folder's.
    fresh(ASHA, trials=3, name="a/b")
    run("tune", "s.yaml")
    study(ASHA, trials=3, name="a_b")
    assert "hone.runs/a_b-2" in run("tune", "s.yaml").stdout


def another_factor(first, second):
    fresh(first, trials=14)
    stop_when("made >= 12")
    study(second, trials=20)
    run("tune", "s.yaml")
    assert states()["running"] == 0 and states()["complete"] >= 1, states()
    assert len(trials()) == 20
    made = collections.Counter((t, s) for t, s, _ in steps())
    assert sum(n > 1 for n in made.values()) <= 2, made  # what was under way


MODEL = """\
study: rows
data: {{train: {data}, target: species}}
goal: maximize accuracy
search: {{sampler: random, trials: 9, seed: 3, workers: 2, pruner: {pruner}}}
model: {model}
cv: 3
"""

SVM = "{type: svm, C: {float: [0.01, 100], log: true}}"


def models(data):
    write("m.yaml", MODEL.format(data=data, pruner="{asha: {factor: 2}}", model=SVM))
    result = run("tune", "m.yaml", "--dry-run")
    assert "rungs 25, 50, 100 rows" in result.stdout, result.stdout
    run("tune", "m.yaml")
    last = collections.Counter(t["reports"][-1][0] for t in json.loads(run("trials", "rows", "--json").stdout))
    assert set(last) <= {25, 50, 100} and last[25] >= 4 and last[100] >= 1, last
    for pruner, rungs in (("rungs", "25, 100"), ("{rungs: {factor: 2}}", "25, 50, 100"),
                          ("{rungs: {min_resource: 40, factor: 2}}", "50, 100")):
        write("m.yaml", MODEL.format(data=data, pruner=pruner, model=SVM).replace("study: rows", "study: model_of_rows"))
        result = run("tune", "m.yaml", "--dry-run")
        assert f"rungs {rungs} rows" in result.stdout, result.stdout
    run("tune", "m.yaml")
    last = collections.Counter(t["reports"][-1][0] for t in json.loads(run("trials", "model_of_rows", "--json").stdout))
    assert set(last) <= {50, 100} and last[50] >= 2 and last[100] >= 1, last
    forest = "{type: random_forest, max_depth: {int: [1, 8]}}"
    write("m.yaml", MODEL.format(data=data, pruner="{hyperband: {resource: n_estimators, max_resource: 27}}",
                                 model=forest).replace("study: rows", "study: trees"))
    result = run("tune", "m.yaml", "--dry-run")
    assert "brackets 27 from 1; 12 from 3; 6 from 9; 4 from 27 to 27 n_estimators" in result.stdout, result.stdout
    run("tune", "m.yaml")
    last = collections.Counter(t["reports"][-1][0] for t in json.loads(run("trials", "trees", "--json").stdout))
    assert set(last) <= {1, 3, 9, 27} and last[27] >= 1, last


def refusals(data):
    bad = {
        "{asha: {factor: 1}}": "factor",
        "{asha: {max_resource: 5, min_resource: 9}}": "min_resource 9 is more than max_resource 5",
        "hyperband": "max_resource, the last step of a whole trial, is needed; only variant stop of asha and hyperband does without",
        "{hyperband: {resource: rows, max_resource: 9}}": "resource is for built-in models",
        "{asha: {variant: halt}}": "variant",
        "{asha: {min_resource: 0, max_resource: 4}}": "option 'min_resource' is 0, but must be auto or a whole number of at least 1",
        "{pasha: {min_resource: 2.5, max_resource: 9}}": "option 'min_resource' is 2.5, but must be auto or a whole number",
        "{hyperband: {max_resource: soon}}": "option 'max_resource' is 'soon', but must be auto or a whole number",
        "{successive_halving: {max_resource: -9}}": "option 'max_resource' is -9",
        "bohb": "there is no pruner 'bohb': the method of that name is sampler: bohb with pruner: hyperband",
    }
    for pruner, message in bad.items():
        study(pruner)
        result = run("tune", "s.yaml", code=2)
        assert message in result.stderr and "s.yaml:3" in result.stderr, result.stderr
    for pruner, message in {
            "{asha: {min_resource: 0.0}}": "or a share of the rows between 0 and 1",
            "{asha: {resource: n_estimators}}": "resource is 'n_estimators'; model svm can have rows",
            "{asha: {variant: stop, resource: rows}}": "resource is for the variants that pause and resume",
    }.items():
        write("m.yaml", MODEL.format(data=data, pruner=pruner, model=SVM))
        result = run("tune", "m.yaml", code=2)
        assert message in result.stderr and "m.yaml:4" in result.stderr, result.stderr


def main():
    data = os.path.join(SOURCE, "examples/data/iris.csv")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write("train.py", TRAIN)
        for pruner in ASHA, HYPERBAND, ROUNDS:
            nothing_is_trained_twice(pruner)
        another_takes_over()
        silence_is_a_report_at_the_budget()
        checkpoints_are_missed_once()
        a_damaged_checkpoint_costs_its_trial()
        a_copy_has_its_own_folder()
        another_factor("{asha: {max_resource: 9, factor: 3}}", "{asha: {max_resource: 16, factor: 2}}")
        another_factor(ROUNDS, "{hyperband: {max_resource: 9, factor: 2, variant: synchronous}}")
        models(data)
        refusals(data)
        os.chdir("/")


if __name__ == "__main__":
    main()
