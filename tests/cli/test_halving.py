#!/usr/bin/python3
"""Successive halving from end to end: programs with checkpoints, models over rows and trees, kills, the protocol."""

import collections
import json
import os
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, SOURCE, interrupt, run, wait_for

TRAIN = """\
import os, sys, time
x = float(sys.argv[1])
budget, resume = int(os.environ["HONE_BUDGET"]), int(os.environ["HONE_RESUME_STEP"])
path = os.path.join(os.environ["HONE_CHECKPOINT_DIR"], "epoch")
epoch = int(open(path).read()) if os.path.exists(path) else 0
assert epoch >= resume, (epoch, resume)

def report(epoch):
    loss = float("nan") if x < -4 else (x - 1) ** 2 + 1 / epoch
    print(f"epoch={epoch} loss={loss}", flush=True)

for unheard in range(resume + 1, epoch + 1):  # kept, but hone was killed before it read of it
    report(unheard)
with open("starts.txt", "a") as file:
    file.write(f"{os.environ['HONE_TRIAL']} {resume} {budget}\\n")
if x > 4:
    sys.exit("x is too much")
while epoch < budget:
    while os.path.exists("hold") and len(open("starts.txt").readlines()) >= 11:
        time.sleep(0.01)
    epoch += 1
    with open(path + ".new", "w") as file:
        file.write(str(epoch))
    os.replace(path + ".new", path)
    report(epoch)
"""

STUDY = """\
study: ladder
goal: minimize loss
search: {{sampler: random, trials: {trials}, seed: {seed}, workers: 2, max_failures: -1,
         pruner: {{successive_halving: {{max_resource: 9, n_candidates: 9}}}}}}
space: {{x: {{float: [{low}, {high}]}}}}
command: [/usr/bin/python3, train.py, "{{x}}"]
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def trials(study):
    return json.loads(run("trials", study, "--json").stdout)


def states(study):
    return dict(collections.Counter(trial["state"] for trial in trials(study)))


def last_steps(study):
    """How many trials got to which step."""
    return dict(collections.Counter(trial["reports"][-1][0] for trial in trials(study) if trial.get("reports")))


def fresh(**values):
    for name in "hone.db", "starts.txt":
        if os.path.exists(name):
            os.remove(name)
    write("ladder.yaml", STUDY.format(**{"trials": 9, "seed": 1, "low": -3, "high": 3, **values}))


def starts():
    with open("starts.txt", encoding="utf-8") as file:
        return [tuple(map(int, line.split())) for line in file]


def program_with_checkpoints():
    fresh()
    result = run("tune", "ladder.yaml")
    assert "8 pruned" in result.stdout and "ended by: trials" in result.stdout, result.stdout
    assert states("ladder") == {"complete": 1, "pruned": 8}
    assert last_steps("ladder") == {1: 6, 3: 2, 9: 1}, last_steps("ladder")
    best = min(trials("ladder"), key=lambda trial: (trial["params"]["x"] - 1) ** 2)
    assert best["state"] == "complete" and len(best["reports"]) == 9
    begun = collections.Counter((resume, budget) for _, resume, budget in starts())
    assert begun == {(0, 1): 9, (1, 3): 3, (3, 9): 1}, begun
    assert "are done already" in run("tune", "ladder.yaml").stdout
    # The next bracket begins only when more trials may.
    run("tune", "ladder.yaml", "--trials", "+9")
    assert states("ladder") == {"complete": 2, "pruned": 16}
    # A bracket of what is left: 2 candidates, of which one goes on.
    run("tune", "ladder.yaml", "--trials", "20")
    assert states("ladder") == {"complete": 3, "pruned": 17}


def failures_and_nan():
    fresh(low=-6, high=6, trials=18, seed=2)
    run("tune", "ladder.yaml")
    by_state = collections.defaultdict(list)
    for trial in trials("ladder"):
        by_state[trial["state"]].append(trial["params"]["x"])
    assert by_state["failed"] and all(x > 4 for x in by_state["failed"]), by_state
    assert any(x < -4 for x in by_state["pruned"]), "a seed without nan shows nothing"
    sound = [x for values in by_state.values() for x in values if -4 <= x <= 4]
    assert min(sound, key=lambda x: (x - 1) ** 2) in by_state["complete"]
    assert all(trial["state"] != "running" for trial in trials("ladder"))


def interrupted(stop):
    """Whatever ends the run, the next one goes on with what was begun, and comes to the same."""
    fresh()
    write("hold", "")
    process = subprocess.Popen([PROGRAM, "tune", "ladder.yaml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: os.path.exists("starts.txt") and len(starts()) >= 11)  # in the second rung, where they hold
    stop(process)
    process.wait(timeout=PATIENCE)
    os.remove("hold")
    assert states("ladder").get("complete", 0) == 0
    run("tune", "ladder.yaml")
    assert states("ladder") == {"complete": 1, "pruned": 8}, trials("ladder")
    best = min(trials("ladder"), key=lambda trial: (trial["params"]["x"] - 1) ** 2)
    assert best["state"] == "complete"


def kill(process):
    process.kill()


def interrupt_twice(process):
    interrupt(process)
    interrupt(process)


MODEL = """\
study: {study}
data: {{train: {data}, target: species}}
goal: maximize accuracy
search: {{sampler: {sampler}, {trials} seed: 3, workers: 2, pruner: {{successive_halving: {options}}}}}
model: {model}
cv: 3
"""


def model_over_rows(data):
    write("rows.yaml", MODEL.format(study="rows", data=data, sampler="random", trials="trials: 12,",
                                    options="{resource: rows, min_resource: 12, factor: 2}",
                                    model="{type: svm, C: {float: [0.01, 100], log: true}}"))
    run("tune", "rows.yaml")
    # scikit-learn: 4 iterations of 12, 6, 3, 2 candidates; 100 training rows are enough for 12, 24, 48, 96.
    assert last_steps("rows") == {12: 6, 24: 3, 48: 1, 96: 2}, last_steps("rows")
    assert states("rows") == {"complete": 2, "pruned": 10}
    for trial in trials("rows"):
        assert len(trial["attrs"]["accuracy_folds"]) == 3
    write("rows.yaml", MODEL.format(study="share", data=data, sampler="random", trials="trials: 4,",
                                    options="{min_resource: 0.25, factor: 4}",
                                    model="{type: svm, C: {float: [0.01, 100], log: true}}"))
    run("tune", "rows.yaml")
    assert last_steps("share") == {25: 3, 100: 1}, last_steps("share")


def model_over_trees(data):
    write("trees.yaml", MODEL.format(study="trees", data=data, sampler="grid", trials="",
                                     options="{resource: n_estimators, max_resource: 40, factor: 2}",
                                     model="{type: random_forest, max_depth: {choice: [1, 2, 4]}, "
                                           "min_samples_split: {choice: [2, 10]}}"))
    result = run("tune", "trees.yaml")
    assert "exhausted" in result.stdout or "trials" in result.stdout
    assert last_steps("trees") == {10: 3, 20: 1, 40: 2}, last_steps("trees")  # 6, 3, 2 at 10, 20, 40
    assert "40" in run("best", "trees", "--json").stdout or states("trees") == {"complete": 2, "pruned": 4}


def refusals(data):
    bad = {
        "{resource: n_estimators}": "resource is 'n_estimators'; model svm can have rows",
        "{factor: 1}": "factor",
        "{resource: degree, max_resource: 5, min_resource: 9}": "min_resource 9 is more than max_resource 5",
    }
    for options, message in bad.items():
        write("bad.yaml", MODEL.format(study="bad", data=data, sampler="random", trials="trials: 9,", options=options,
                                       model="{type: svm, C: {float: [0.01, 100], log: true}}"))
        result = run("tune", "bad.yaml", code=2)
        assert message in result.stderr and "bad.yaml:4" in result.stderr, result.stderr
    write("bad.yaml", STUDY.format(trials=9, seed=1, low=-3, high=3).replace("max_resource: 9", "factor: 3"))
    assert "max_resource, the last step of a whole trial, is needed" in run("tune", "bad.yaml", code=2).stderr
    write("bad.yaml", STUDY.format(trials=9, seed=1, low=-3, high=3).replace("max_resource: 9", "resource: rows"))
    assert "resource is for built-in models" in run("tune", "bad.yaml", code=2).stderr


def protocol():
    session = subprocess.Popen([PROGRAM, "serve", "--stdio"], text=True, bufsize=1, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)

    def ask(op, **fields):
        session.stdin.write(json.dumps({"op": op, "study": "p", **fields}) + "\n")
        session.stdin.flush()
        answer = json.loads(session.stdout.readline())
        assert answer.pop("ok"), answer
        return answer

    ask("create", goal=["maximize score"], space={"x": {"float": [0, 1]}}, sampler="random", seed=1, trials=3,
        pruner={"successive_halving": {"max_resource": 3}})
    asked = [ask("ask") for _ in range(3)]
    assert [a["trial"] for a in asked] == [0, 1, 2] and all(a["budget"] == 1 for a in asked)
    assert ask("ask")["wait_ms"] > 0
    for number in range(3):
        answer = ask("report", trial=number, step=1, value=number)
        assert answer == {"prune": False, "pause": True}, answer
        assert ask("tell", trial=number, state="pruned") == {"state": "paused"}
    again = ask("ask")
    assert again["trial"] == 2 and again["resume_step"] == 1 and again["budget"] == 3, again
    assert again["params"] == asked[2]["params"] and again["lease"] != asked[2]["lease"]
    assert ask("ask")["wait_ms"] > 0
    assert ask("report", trial=2, step=3, value=5) == {"prune": False}
    ask("tell", trial=2, values=[5])
    assert ask("ask") == {"done": True, "reason": "trials"}
    listed = ask("trials")["trials"]
    assert [trial["state"] for trial in listed] == ["pruned", "pruned", "complete"], listed
    session.stdin.close()
    session.stdout.close()
    assert session.wait(timeout=PATIENCE) == 0


def main():
    data = os.path.join(SOURCE, "examples/data/iris.csv")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write("train.py", TRAIN)
        program_with_checkpoints()
        failures_and_nan()
        interrupted(kill)
        interrupted(interrupt_twice)
        model_over_rows(data)
        model_over_trees(data)
        refusals(data)
        protocol()
        os.chdir("/")


if __name__ == "__main__":
    main()
