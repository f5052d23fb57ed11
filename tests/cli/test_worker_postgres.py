#!/usr/bin/python3
"""hone worker and hone study copy on PostgreSQL: workers of two folders, kills, copies there and back that are whole or not there."""

import collections
import json
import os
import random
import subprocess
import tempfile
import time

import postgres
from hone_test import PATIENCE, PROGRAM, hone, refuse, run, tier


STUDY = """\
study: s
goal: minimize loss
search: {search}
space: {{x: {{float: [-3, 3]}}}}
command: [/bin/sh, train.sh, "{{x}}"]
"""


def make(url, trials, **search):
    with open("train.sh", "w", encoding="utf-8") as file:
        file.write("echo step=1 loss=$1\nwhile [ -e hold ]; do sleep 0.05; done\necho loss=$1\n")
    with open("s.yaml", "w", encoding="utf-8") as file:
        file.write(STUDY.format(search=json.dumps({"sampler": "random", "seed": 1, "trials": trials, **search})))
    run("tune", "s.yaml", "-s", url, "--create")


def worker(url, name, *more):
    out = open(f"{name}.out", "w", encoding="utf-8")
    return subprocess.Popen([PROGRAM, "worker", "--study", "s", "-s", url, "--json", *more], stdin=subprocess.DEVNULL,
                            stdout=out, stderr=subprocess.DEVNULL)


def told(*names):
    seen = {}
    for name in names:
        with open(f"{name}.out", encoding="utf-8") as file:
            for event in map(json.loads, file.read().split("\n")[:-1]):
                if event["event"] == "trial" and event["state"] == "complete":
                    assert event["trial"] not in seen, f"trial {event['trial']} was told twice"
                    seen[event["trial"]] = event["values"]
    return seen


def check_kept(url, seen):
    trials = json.loads(run("trials", "s", "-s", url, "--json").stdout)
    assert [trial["trial"] for trial in trials] == list(range(len(trials)))
    kept = {trial["trial"]: trial["values"] for trial in trials if trial["state"] == "complete"}
    lost = {number: values for number, values in seen.items() if kept.get(number) != values}
    assert not lost, f"told, and not there: {lost}"
    return collections.Counter(trial["state"] for trial in trials)


def works_from_another_folder(url):
    make(url, 6)
    with tempfile.TemporaryDirectory() as other:
        run("worker", "--study", "s", "-s", url, "-n", "2", cwd=other)
        run("worker", "--study", "s", "-s", url, "-j", "2", cwd=other)
        assert not os.listdir(other)
    assert check_kept(url, {}) == {"complete": 6}
    assert os.path.exists("hone.runs/s/trial-5/log.txt")


def kills(url, rounds):
    make(url, 5 * rounds, restarts=1000)
    draw = random.Random(11)
    names = []
    for number in range(rounds):
        crew = {f"w{number}-{i}": worker(url, f"w{number}-{i}", "-j", "2") for i in range(2)}
        names += crew
        time.sleep(draw.uniform(0.1, 0.6))
        for process in crew.values():
            process.kill()
            process.wait()
    assert worker(url, "last", "-j", "2").wait(PATIENCE) == 0
    states = check_kept(url, told(*names, "last"))
    # The server may begin a trial that a killed worker asked for after the others counted: it is run, too.
    assert states["complete"] + states["failed"] >= 5 * rounds and not states["running"], states


def a_silent_worker_is_late(url):
    make(url, 1, heartbeat=0.2)
    with open("hold", "w", encoding="utf-8"):
        pass
    silent = worker(url, "silent")
    end = time.monotonic() + PATIENCE
    while not any(t.get("reports") for t in json.loads(run("trials", "s", "-s", url, "--json").stdout)):
        assert time.monotonic() < end
    os.kill(silent.pid, 19)
    heir = worker(url, "heir")
    while not os.path.exists("heir.out") or run("study", "export", "s", "-s", url).stdout.count('"hone:restarts": 1') < 1:
        assert time.monotonic() < end
    os.remove("hold")
    assert heir.wait(PATIENCE) == 0
    os.kill(silent.pid, 18)
    assert silent.wait(PATIENCE) == 0
    trials = json.loads(run("study", "export", "s", "-s", url).stdout)["trials"]
    assert [trial["state"] for trial in trials] == ["complete"] * 2 and trials[0]["values"] == trials[1]["values"]
    assert trials[1]["system"]["hone:late_of"] == 0


def copies(url, other, rounds):
    """Between SQLite, PostgreSQL and a file, and killed on the way."""
    run("study", "copy", "s", "-s", url, "--to", "a.db")
    text = run("study", "export", "s", "-s", url).stdout
    assert run("study", "export", "s", "-s", "a.db").stdout == text
    base = json.loads(text)
    base["trials"] = [{**base["trials"][0], "trial": i} for i in range(2000)]
    with open("large.json", "w", encoding="utf-8") as file:
        json.dump(base, file)
    began = time.monotonic()
    run("study", "copy", "-s", "large.json", "--to", other, "--name", "whole")
    takes = time.monotonic() - began
    whole = run("study", "export", "whole", "-s", other).stdout
    assert json.loads(whole) == {**base, "study": "whole"}
    refuse("study", "copy", "-s", "large.json", "--to", other, "--name", "whole", code=2, says="exists")
    draw = random.Random(3)
    for number in range(rounds):
        process = subprocess.Popen([PROGRAM, "study", "copy", "-s", "large.json", "--to", other, "--name", f"cut{number}"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0, 1.2 * takes))
        process.kill()
        process.wait()
        there = hone("study", "export", f"cut{number}", "-s", other)
        full = whole.replace('"whole"', f'"cut{number}"', 1)
        assert there.returncode == 3 or there.stdout == full, (number, there.returncode, there.stderr)


with postgres.Server() as server, tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    works_from_another_folder(server.database())
    a_silent_worker_is_late(server.database())
    first = server.database()
    kills(first, 200 if tier() == "long" else 10)
    copies(first, server.database(), 30 if tier() == "long" else 4)
    os.chdir("/")
