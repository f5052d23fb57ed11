#!/usr/bin/python3
"""Population-based training: programs with checkpoints, killed and gone on with; checkpoints that are missing or
damaged; the schedule found and replayed; networks; mistakes."""

import contextlib
import csv
import glob
import json
import math
import os
import random
import sqlite3
import subprocess
import tempfile

from hone_test import PROGRAM, hone, run, wait_for

TRAIN = """\
import json, math, os, sys, time
lr, folder = float(sys.argv[1]), os.environ["HONE_CHECKPOINT_DIR"]
path, step, loss = os.path.join(folder, "deep", "state.json"), 0, 1.0
if os.path.exists(path):
    step, loss = json.load(open(path))
    if step > int(os.environ["HONE_RESUME_STEP"]):  # kept, but hone was killed before it read of it
        print(f"step={step} loss={loss!r}", flush=True)
elif int(os.environ["HONE_RESUME_STEP"]):
    sys.exit("nothing to resume from")
os.makedirs(os.path.dirname(path), exist_ok=True)
while step < int(os.environ["HONE_BUDGET"]):
    while step >= 16 and os.path.exists("hold"):
        time.sleep(0.01)
    step += 1
    off = math.log(lr) - (math.log(0.3) + (math.log(0.03) - math.log(0.3)) * step / 20)
    loss *= 1 - 0.5 * math.exp(-2 * off * off)
    with open(path + ".new", "w") as file:
        json.dump([step, loss], file)
    os.replace(path + ".new", path)
    print(f"step={step} loss={loss!r}", flush=True)
"""

STUDY = """\
study: p
storage: sqlite:///p.db
goal: minimize loss
search: {{sampler: random, trials: 6, seed: 4, workers: {workers}, max_failures: 20, pruner: {{pbt: {options}}}}}
space: {{lr: {{float: [0.001, 1], log: true}}}}
command: /usr/bin/python3 train.py {{lr}}
"""

OPTIONS = "{population: 6, max_resource: 20, interval: 4}"

NETWORK = """\
study: n
storage: sqlite:///n.db
search: {{sampler: random, trials: 4, seed: 1, workers: 1, pruner: {{pbt: {options}}}}}
data: {{train: moons.csv, validation_split: 0.3}}
metrics: [log_loss]
model:
  type: sequential
  layers:
    - dense: {{units: {{int: [6, 12], name: units}}, activation: relu}}
    - dropout: {{rate: {{float: [0, 0.5], name: drop}}}}
    - output
  learning_rate: {{float: [1e-4, 1e-1], log: true}}
  epochs: 12
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def fresh(**settings):
    for path in glob.glob("p.db*"):
        os.remove(path)
    subprocess.run(["rm", "-rf", "p.runs"], check=True)
    write("p.yaml", STUDY.format(**{"workers": 1, "options": OPTIONS, **settings}))


def trials():
    return json.loads(run("trials", "--study", "p", "--storage", "sqlite:///p.db", "--json").stdout)


def lost_factor(lr, step):
    """What a step of train.py leaves of the loss."""
    off = math.log(lr) - (math.log(0.3) + (math.log(0.03) - math.log(0.3)) * step / 20)
    return 1 - 0.5 * math.exp(-2 * off * off)


def check_population(found, killed=False):
    """Six whole trainings; each clone goes on where its source was. What a killed hone has not read of a clone's first
    steps is not there: its first report is then a later one."""
    complete = [t for t in found if t["state"] == "complete"]
    assert len(complete) == 6, [t["state"] for t in found]
    assert all(t["reports"][-1][0] == 20 for t in complete)
    clones = [t for t in found if "parent" in t]
    assert clones and all(t["parent"] < t["trial"] for t in clones), found
    for clone in clones:
        parent = found[clone["parent"]]
        if not clone.get("reports"):
            continue
        step, value = clone["reports"][0]
        expected = dict(map(tuple, parent["reports"]))[clone["parent_step"]]
        assert step > clone["parent_step"] if killed else step == clone["parent_step"] + 1, clone
        for passed in range(clone["parent_step"] + 1, step + 1):
            expected *= lost_factor(clone["params"]["lr"], passed)
        assert math.isclose(value, expected, rel_tol=1e-9), (clone, expected)
    return complete


def check_program():
    fresh()
    shown = run("tune", "p.yaml").stdout
    assert "ended by: exhausted" in shown, shown
    complete = check_population(trials())
    assert not glob.glob("p.runs/p/trial-*/at-*"), "copies of checkpoints are left"
    schedule = json.loads(run("best", "--study", "p", "--storage", "sqlite:///p.db", "--schedule").stdout)
    assert schedule[-1]["to"] == 20 and [s["to"] for s in schedule] == sorted({s["to"] for s in schedule}), schedule
    best = min(t["values"][0] for t in complete)
    write("p.yaml", STUDY.format(workers=1, options=json.dumps({"max_resource": 20, "replay": schedule}))
          .replace("study: p", "study: again"))
    run("tune", "p.yaml")
    again = json.loads(run("best", "--study", "again", "--storage", "sqlite:///p.db", "--json").stdout)
    assert math.isclose(again["values"][0], best, rel_tol=1e-9), (again, best)


def check_kill():
    """Killed in the middle, with two workers, and run again: nothing is lost and no clone begins anew."""
    fresh(workers=2)
    write("hold", "")
    process = subprocess.Popen([PROGRAM, "tune", "p.yaml", "-q"], stdout=subprocess.DEVNULL)
    wait_for(lambda: glob.glob("p.runs/p/trial-*/at-16"))
    process.kill()
    process.wait()
    os.remove("hold")
    run("tune", "p.yaml", "-q")
    check_population(trials(), killed=True)


def check_checkpoints():
    """A program that keeps no checkpoint is trained again from the start, which is said."""
    fresh()
    write("p.yaml", open("p.yaml", encoding="utf-8").read().replace("train.py", "forgetful.py"))
    write("forgetful.py", "for s in range(1, 21):\n    print(f'step={s} loss={1 / s}', flush=True)\n")
    result = run("tune", "p.yaml")
    assert "trained again from the start" in result.stderr, result.stderr
    assert sum(t["state"] == "complete" for t in trials()) == 6

    # the copy that a clone is to go on from disappears: that clone fails and says so, and another takes its place
    fresh()
    write("p.yaml", open("p.yaml", encoding="utf-8").read().replace("train.py", "thief.py"))
    write("thief.py", "import glob, os, shutil, sys\nif int(os.environ['HONE_TRIAL']) < 6:\n"
          "    for path in glob.glob('p.runs/p/trial-*/at-[48]'):\n        shutil.rmtree(path)\n"
          + TRAIN)
    hone("tune", "p.yaml")
    failed = [t for t in trials() if t["state"] == "failed"]
    assert failed and all("whose checkpoint at step 8 is missing" in t["message"] for t in failed), trials()


def check_two_studies():
    """A copy of a study has the folder of its original; it takes one of its own, and neither harms the other."""
    fresh()
    write("p.yaml", open("p.yaml", encoding="utf-8").read().replace("train.py", "held.py")
          .replace("max_failures: 20", "max_failures: 20, heartbeat: 2s")) # so long the copy waits for the killed worker
    write("held.py", TRAIN.replace("    step += 1\n", "    while os.path.exists('hold') and step >= 6:\n"
                                                     "        time.sleep(0.01)\n    step += 1\n"))
    write("hold", "")
    with subprocess.Popen([PROGRAM, "tune", "p.yaml", "-q"], stdout=subprocess.DEVNULL) as process:
        wait_for(lambda: any(step > 4 for t in trials_or_none() for step, _ in t.get("reports", [])))
        process.kill()
    os.remove("hold")
    with contextlib.closing(sqlite3.connect("p.db")) as storage, contextlib.closing(sqlite3.connect("p.sqlite")) as copy:
        storage.backup(copy)
    write("held.py", TRAIN.replace('sys.exit("nothing to resume from")', "pass"))
    result = hone("tune", "p.yaml", "--storage", "sqlite:///p.sqlite")
    assert "holds the checkpoints of a study in another storage" in result.stderr, result.stderr
    assert "p.runs/p-2" in result.stdout and "ended by: exhausted" in result.stdout, result.stdout
    assert "it is trained again from the start" in result.stderr, result.stderr
    copied = json.loads(run("trials", "--study", "p", "--storage", "sqlite:///p.sqlite", "--json").stdout)
    assert all("is missing" in t["message"] for t in copied if t["state"] == "failed"), copied
    assert sum(t["state"] == "complete" for t in copied) >= 5, copied
    assert "another storage" not in run("tune", "p.yaml").stderr
    check_population(trials())


def trials_or_none():
    """While a study is being made there may be no storage yet."""
    shown = hone("trials", "--study", "p", "--storage", "sqlite:///p.db", "--json")
    return json.loads(shown.stdout) if shown.returncode == 0 else []


def check_damage():
    """Every copy of a checkpoint is damaged before a clone can begin with it: clones are trained from the start, which is
    said, and the population comes to its end. A run that may cost next to nothing more ends at the next pause."""
    def arrays_of_another(path):
        others = [p for p in glob.glob("n.runs/n/trial-*/checkpoint/*") if os.path.getsize(p) != os.path.getsize(path)]
        return open(others[0], "rb").read() if others else b""

    def cut(path):
        return open(path, "rb").read()[:-100]

    for damage, why in (cut, ""), (arrays_of_another, "an array is missing or has another form than hone writes"):
        subprocess.run("rm -rf n.db* n.runs", shell=True, check=True)
        write("n.yaml", NETWORK.format(options="{population: 4, interval: 4}"))
        said, found = "", []
        for _ in range(100):
            spent = sum(t.get("duration", 0) for t in found)
            result = run("tune", "n.yaml", "--cost", f"{spent + 0.0001:.6f}s")
            said += result.stderr
            if "ended by: exhausted" in result.stdout:
                break
            found = json.loads(run("trials", "--study", "n", "--storage", "sqlite:///n.db", "--json").stdout)
            for path in glob.glob("n.runs/n/trial-*/at-*/*"):
                write_bytes(path, damage(path))
        found = json.loads(run("trials", "--study", "n", "--storage", "sqlite:///n.db", "--json").stdout)
        clones = [t for t in found if "parent" in t]
        assert clones and sum(t["state"] == "complete" for t in found) == 4, found
        assert all(t["state"] != "failed" for t in found), found
        assert said.count("it is trained again from the start") >= 1, said
        logs = "".join(open(f"n.runs/n/trial-{t['trial']}/log.txt", encoding="utf-8").read() for t in clones)
        assert "the fit starts anew" in logs and why in logs, logs


def write_bytes(name, data):
    with open(name, "wb") as file:
        file.write(data)


def check_network_replay(found):
    """The stretches of a clone and its ancestors, trained one after the other, make the same network."""
    clone = next(t for t in found if "parent" in t and t["state"] == "complete")
    schedule, trial, to = [], clone, 12
    while True:
        schedule.insert(0, {"to": to, "params": trial["params"]})
        if "parent" not in trial:
            break
        trial, to = found[trial["parent"]], trial["parent_step"]
    write("n.yaml", NETWORK.format(options=json.dumps({"replay": schedule})).replace("study: n", "study: again"))
    run("tune", "n.yaml")
    again = json.loads(run("best", "--study", "again", "--storage", "sqlite:///n.db", "--json").stdout)
    assert again["values"] == clone["values"], (schedule, again, clone)


def check_network():
    random.seed(1)
    with open("moons.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["a", "b", "target"])
        for i in range(300):
            angle, upper = random.uniform(0, math.pi), i % 2
            x, y = (math.cos(angle), math.sin(angle)) if upper else (1 - math.cos(angle), 0.5 - math.sin(angle))
            out.writerow([x + random.gauss(0, 0.2), y + random.gauss(0, 0.2), "up" if upper else "down"])
    write("n.yaml", NETWORK.format(options="{population: 4, interval: 3}"))
    result = run("tune", "n.yaml")
    assert "starts anew" not in result.stderr, result.stderr
    found = json.loads(run("trials", "--study", "n", "--storage", "sqlite:///n.db", "--json").stdout)
    clones = [t for t in found if "parent" in t]
    assert clones and sum(t["state"] == "complete" for t in found) == 4, found
    for clone in clones:
        parent = found[clone["parent"]]
        assert clone["params"]["units"] == parent["params"]["units"], "the network changed"
        assert clone["params"]["learning_rate"] != parent["params"]["learning_rate"]
        assert not clone.get("reports") or clone["reports"][0][0] == clone["parent_step"] + 1, clone
    check_network_replay(found)
    wrong = {
        "{replay: [{to: 6}]}": "replay is a list such as [{to: 20, params: {lr: 0.1}}, ...]",
        "{replay: [{to: 6, params: {}}, {to: 6, params: {}}]}": "with steps that ascend",
        "{population: 4, params: [units]}": "params: 'units' makes another network",
        "{population: 4, params: [unitz]}": "unitz",
        "{population: 4, max_resource: 1}": "max_resource",
    }
    for options, message in wrong.items():
        write("n.yaml", NETWORK.format(options=options))
        result = hone("tune", "n.yaml", "--study", "other")
        assert result.returncode == 2 and message in result.stderr and "n.yaml:3:" in result.stderr, (options, result)
    write("n.yaml", NETWORK.format(options="{population: 4}").replace("epochs: 12", "epochs: {int: [3, 12]}"))
    assert "epochs is what all trials have alike" in hone("tune", "n.yaml", "--study", "other").stderr


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    write("train.py", TRAIN)
    check_program()
    check_kill()
    check_checkpoints()
    check_two_studies()
    check_network()
    check_damage()
