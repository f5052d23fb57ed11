#!/usr/bin/python3
"""hone study copy, export, import: exact there and back, whole or not at all, nothing overwritten; Optuna loads the copy."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time

from hone_test import PROGRAM, hone, peers_python, refuse, run, tier, wait_for

SPACE = {"lr": {"float": [1e-5, 0.1], "log": True}, "n": {"int": [1, 9]}, "kind": {"choice": ["größe", None, 2.5, True]},
         "deep": {"float": [0, 1], "when": "n > 4"}}


def serve(*requests):
    """Answers of the protocol, all of which must be well."""
    text = "".join(json.dumps(request) + "\n" for request in requests)
    answers = [json.loads(line) for line in run("serve", "--stdio", "-s", "a.db", input=text).stdout.splitlines()]
    assert all(answer["ok"] for answer in answers), answers
    return answers


def make_ended(study):
    """Trials in every state, with all that can be known of them."""
    make = {"op": "create", "study": study, "goal": ["minimize loss"], "space": SPACE, "sampler": "random", "seed": 5,
            "forbidden": ["n == 3 and lr < 1e-4"]}
    at = {"study": study}
    serve(make, *[{"op": "ask", **at} for _ in range(6)],
          {"op": "report", "trial": 0, "step": 1, "value": "nan", **at},
          {"op": "report", "trial": 0, "step": 2, "value": "-inf", **at},
          {"op": "report", "trial": 0, "step": 9, "value": 1 / 3, **at},
          {"op": "tell", "trial": 0, "values": [1e-300], "noise": 0.25, "constraints": [-1.5, 0.1], **at},
          {"op": "attr", "trial": 1, "key": "note", "value": {"de": "grün", "deep": [1, {"x": None}], "inf": "inf"}, **at},
          {"op": "tell", "trial": 1, "values": ["inf"], **at},
          {"op": "report", "trial": 2, "step": 0, "value": 7, **at},
          {"op": "tell", "trial": 2, "state": "pruned", **at},
          {"op": "tell", "trial": 3, "state": "failed", "message": "out of \"luck\"", **at},
          {"op": "enqueue", "params": {"n": 2}, **at},
          {"op": "create", **{key: make[key] for key in make if key not in ("op", "space")},
           "space": {**SPACE, "lr": {"float": [1e-6, 1], "log": True}}},
          {"op": "enqueue", "params": {"lr": 0.5, "n": 7}, **at})
    run("study", "show", study, "-s", "a.db")


def make_paused(study):
    make = {"op": "create", "study": study, "goal": ["maximize gain"], "space": SPACE, "sampler": "random", "seed": 5,
            "pruner": {"asha": {"max_resource": 9, "factor": 3}}}
    at = {"study": study}
    serve(make, *[{"op": "ask", **at} for _ in range(3)],
          *[{"op": "report", "trial": i, "step": 1, "value": -i, **at} for i in (1, 2)],
          *[{"op": "tell", "trial": i, "state": "pruned", **at} for i in (1, 2)])


def make_several(study):
    serve({"op": "create", "study": study, "goal": ["minimize loss", "maximize gain"], "space": SPACE, "seed": 1},
          {"op": "ask", "study": study}, {"op": "tell", "study": study, "trial": 0, "values": [1, "-inf"]})


def make_abandoned(study):
    """Its worker was killed: a lease, a heartbeat."""
    worker = subprocess.Popen([PROGRAM, "tune", "-g", "minimize loss", "-p", "x={float: [0, 1]}", "-s", "a.db", "--study", study,
                               "--", "/bin/sh", "-c", "echo 'step=1 loss='$0; touch began; exec sleep 600", "{x}"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wait_for(lambda: os.path.exists("began"))
    worker.kill()
    worker.wait()


def export(study, storage):
    return run("study", "export", study, "-s", storage, "--format", "json").stdout


def copy(study, storage, to, *more):
    said = run("study", "copy", study, "-s", storage, "--to", to, *more).stdout
    assert "trials copied into " + to in said, said


def there_and_back():
    for study, states in (("ended", ["complete", "complete", "pruned", "failed", "running", "running", "waiting", "waiting"]),
                          ("paused", ["running"] * 3), ("several", ["complete"]), ("abandoned", ["running"])):
        text = export(study, "a.db")
        trials = json.loads(text)["trials"]
        assert [trial["state"] for trial in trials] == states, trials
        copy(study, "a.db", f"sqlite:///{study}.db")
        copy(study, f"{study}.db", f"{study}.json")
        copy(study, f"{study}.json", "sqlite:///back.db")
        with open(f"{study}.json", encoding="utf-8") as file:
            assert file.read() == text
        assert export(study, f"{study}.db") == text
        assert export(study, "back.db") == text
        run("study", "import", f"{study}.json", "-s", "imported.db")
        assert export(study, "imported.db") == text
        copy(study, "a.db", "a.db", "--name", "other " + study)
        assert export("other " + study, "a.db") == text.replace(f'"study": "{study}"', f'"study": "other {study}"', 1)
        copy(study, "a.db", f"other-{study}.json", "--name", "other")
        assert json.loads(open(f"other-{study}.json", encoding="utf-8").read()) == {**json.loads(text), "study": "other"}
    assert sum("paused" in trial for trial in json.loads(export("paused", "back.db"))["trials"]) == 2
    kept = json.loads(export("abandoned", "back.db"))["trials"][0]
    assert len(kept["lease"]) == 32 and "heartbeat" in kept, kept


def the_copy_lives():
    """What was paused, queued or abandoned goes on in the copy; the first is as it was."""
    before = export("abandoned", "a.db")
    with open("train.sh", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\necho loss=$1\n")
    again = run("tune", "-g", "minimize loss", "-p", "x={float: [0, 1]}", "-s", "back.db", "--study", "abandoned", "-n", "2",
                "--", "/bin/sh", "train.sh", "{x}").stdout
    assert "trials     2 in" in again, again
    assert [t["state"] for t in json.loads(export("abandoned", "back.db"))["trials"]] == ["complete"] * 2
    assert export("abandoned", "a.db") == before
    answers = [json.loads(line) for line in run("serve", "--stdio", "-s", "back.db", input="".join(
        json.dumps({"op": "ask", "study": study}) + "\n" for study in ("ended", "ended"))).stdout.splitlines()]
    assert [answer["trial"] for answer in answers] == [6, 7] and answers[0]["params"]["n"] == 2, answers


def nothing_is_overwritten():
    before = export("ended", "ended.db")
    refuse("study", "copy", "ended", "-s", "a.db", "--to", "ended.db", code=2, says=["'ended' exists", "another name"])
    refuse("study", "copy", "paused", "-s", "a.db", "--to", "ended.db", "--name", "ended", code=2, says="exists")
    assert export("ended", "ended.db") == before
    with open("mine.json", "w", encoding="utf-8") as file:
        file.write("mine")
    refuse("study", "copy", "ended", "-s", "a.db", "--to", "mine.json", code=2, says=["mine.json", "exists"])
    assert open("mine.json", encoding="utf-8").read() == "mine"
    refuse("study", "copy", "ended", "-s", "a.db", code=2, says="--to")
    refuse("study", "copy", "absent", "-s", "a.db", "--to", "new.db", code=3, says="absent")
    refuse("study", "copy", "absent", "-s", "ended.json", "--to", "new.db", code=3, says=["'ended'", "'absent'"])
    refuse("study", "copy", "-s", "mine.json", "--to", "new.db", code=2, says="mine.json")
    refuse("study", "copy", "-s", "nothing.json", "--to", "new.db", code=3, says="nothing.json")
    refuse("study", "export", "ended", "-s", "a.db", "--format", "xml", code=2, says="json or csv")
    assert not os.path.exists("new.db")


def whole_or_not_at_all(rounds):
    """Copies that are killed at some moment: the study is not there, or all of it is."""
    trials = 3000
    base = json.loads(export("ended", "a.db"))
    done = [trial for trial in base["trials"] if trial["state"] == "complete"]
    base["trials"] = [{**done[i % 2], "trial": i} for i in range(trials)]
    base["study"] = "large"
    with open("large.json", "w", encoding="utf-8") as file:
        json.dump(base, file)
    began = time.monotonic()
    run("study", "copy", "-s", "large.json", "--to", "whole.db")
    takes = time.monotonic() - began
    text = export("large", "whole.db")
    assert len(json.loads(text)["trials"]) == trials
    draw = random.Random(3)
    for number in range(rounds):
        process = subprocess.Popen([PROGRAM, "study", "copy", "-s", "whole.db", "large", "--to", f"cut{number}.db"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0, 1.2 * takes))
        process.send_signal(signal.SIGKILL)
        process.wait()
        there = hone("study", "export", "large", "-s", f"cut{number}.db")
        assert (there.returncode == 0 and there.stdout == text) or there.returncode in (3, 4), (number, there.stderr)
        if there.returncode:
            run("study", "copy", "-s", "whole.db", "large", "--to", f"cut{number}.db")
            assert export("large", f"cut{number}.db") == text


OPTUNA = """
import sys, optuna
optuna.logging.disable_default_handler()
for name in sys.argv[1:]:
    first, copied = (optuna.load_study(study_name=name, storage=f"sqlite:///{file}") for file in ("a.db", "back2.db"))
    assert [t.system_attrs for t in first.trials] == [t.system_attrs for t in copied.trials]
    for a, b in zip(first.trials, copied.trials, strict=True):
        for key in ("number", "state", "values", "params", "distributions", "user_attrs", "datetime_start", "datetime_complete"):
            assert getattr(a, key) == getattr(b, key), (name, a.number, key)
        assert str(a.intermediate_values) == str(b.intermediate_values), (name, a.number)
    assert first.directions == copied.directions
    copied.enqueue_trial({}), copied.ask()
print("loaded")
"""


def optuna_loads_it():
    python = peers_python()
    for study in ("ended", "several", "abandoned"):
        copy(study, "a.db", "back2.db")
    done = subprocess.run([python, "-c", OPTUNA, "ended", "several", "abandoned"], capture_output=True, text=True)
    assert done.stdout == "loaded\n", done.stderr
    with sqlite3.connect("back2.db") as db:
        assert db.execute("SELECT count(*) FROM trial_heartbeats").fetchone()[0] == 1


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    make_ended("ended")
    make_paused("paused")
    make_several("several")
    make_abandoned("abandoned")
    there_and_back()
    the_copy_lives()
    nothing_is_overwritten()
    whole_or_not_at_all(100 if tier() == "long" else 8)
    optuna_loads_it()
    os.chdir("/")
