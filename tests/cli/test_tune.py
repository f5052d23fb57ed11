#!/usr/bin/python3
"""`hone tune`: what a study file and the options mean, continuing, dry runs, output for people and machines, Ctrl-C."""

import json
import os
import signal
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, run, wait_for

QUADRATIC = """\
import sys
x, y = float(sys.argv[1]), float(sys.argv[2])
print("starting")
print(f"loss={(x - 1) ** 2 + (y + 2) ** 2} size={abs(x)}")
"""

STUDY = """\
study: bowl
storage: sqlite:///bowl.db
goal: minimize loss
search: {sampler: tpe, trials: 6, seed: 3}
space:
  x: {float: [-5, 5]}
  y: {float: [-5, 5]}
command: /usr/bin/python3 quadratic.py {x} {y}
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def lines(result):
    """The JSON lines, trials apart from the result."""
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["event"] for event in events] == ["trial"] * (len(events) - 1) + ["result"], events
    return events[:-1], events[-1]


def contains(text, *parts):
    for part in parts:
        assert part in text, (part, text)


def study_file():
    trials, result = lines(run("tune", "bowl.yaml", "--json"))
    assert [trial["trial"] for trial in trials] == list(range(6))
    for trial in trials:
        x, y = trial["params"]["x"], trial["params"]["y"]
        assert trial["state"] == "complete"
        assert abs(trial["values"][0] - ((x - 1) ** 2 + (y + 2) ** 2)) < 1e-12
    best = min(trials, key=lambda trial: trial["values"][0])
    assert result["reason"] == "trials" and result["complete"] == 6 and result["failed"] == 0
    assert result["best"] == {"trial": best["trial"], "values": best["values"], "params": best["params"]}
    improving = [trial["values"][0] for trial in trials if trial["improved"]]
    assert improving == sorted(improving, reverse=True) and improving[-1] == best["values"][0]
    log = os.path.join(result["logs"], "trial-0", "log.txt")
    with open(log, encoding="utf-8") as file:
        contains(file.read(), "starting", "loss=")


def continuing():
    again = run("tune", "bowl.yaml")
    contains(again.stdout, "all 6 are done already")
    trials, result = lines(run("tune", "bowl.yaml", "--json", "--trials", "+2"))
    assert [trial["trial"] for trial in trials] == [6, 7] and result["complete"] == 2
    trials, _ = lines(run("tune", "bowl.yaml", "--json", "--trials", "9"))
    assert [trial["trial"] for trial in trials] == [8]
    contains(run("tune", "bowl.yaml", "--trials", "+1").stdout, "hone tune --trials +20 bowl.yaml", "9 before")


def reproducible():
    def values(name):
        trials, _ = lines(run("tune", "bowl.yaml", "--json", "--study", name, "--storage", "memory:"))
        return [trial["values"] for trial in trials]

    assert values("a") == values("b")


def from_options():
    parameters = ["-p", "x: {float: [-5, 5]}", "-p", "y={float: [-5, 5], step: 0.5}"]
    command = ["--", "/usr/bin/python3", "quadratic.py", "{x}", "{y}"]
    result = run("tune", "--goal", "minimize loss", *parameters, "--trials", 3, "--storage", "o.db", *command)
    contains(result.stdout, "study quadratic", "best", "loss", "(trial ", "hone tune --trials +20")
    contains(result.stdout, "quadratic in o.db")
    quiet = run("tune", "-q", "--goal", "minimize loss", *parameters, "--trials", 4, "--storage", "o.db", *command)
    assert "#3" not in quiet.stdout and "best" in quiet.stdout, quiet.stdout
    environment = dict(os.environ, HONE_STORAGE="sqlite:///env.db")
    run("tune", "--goal", "minimize loss", *parameters, "--trials", 1, *command, env=environment)
    assert os.path.exists("env.db")


def json_file():
    study = {
        "goal": ["minimize loss", "minimize size"],
        "storage": "sqlite:///two.db",
        "search": {"sampler": "random", "trials": 5, "seed": 1},
        "space": {"x": {"float": [-5, 5]}, "y": {"float": [-5, 5]}},
        "command": ["/usr/bin/python3", "quadratic.py", "{x}", "{y}"],
    }
    write("two.json", json.dumps(study))
    trials, result = lines(run("tune", "two.json", "--json"))
    assert result["study"] == "two" and all(len(trial["values"]) == 2 for trial in trials)
    contains(run("tune", "two.json", "--trials", "+1").stdout, "that no other beats in everything")


def dry_run():
    result = run("tune", "bowl.yaml", "--dry-run", "--storage", "sqlite:///dry.db", "--study", "dry")
    contains(result.stdout, "dry", "would be made", "x ", "float -5 .. 5", "6 to run", "example", "quadratic.py")
    assert not os.path.exists("dry.db")
    contains(run("tune", "bowl.yaml", "--dry-run", "--trials", 100).stdout, "about ", "by the ")


def constraints():
    write("hard.yaml", STUDY.replace("study: bowl", "study: hard") + "constraints: [x + y <= 0, x >= -2]\n")
    trials, _ = lines(run("tune", "hard.yaml", "--json", "--trials", 20))
    assert all(t["params"]["x"] + t["params"]["y"] <= 0 and t["params"]["x"] >= -2 for t in trials)
    write("soft.yaml", STUDY.replace("study: bowl", "study: soft") + "constraints: [size <= 0.5]\n")
    trials, result = lines(run("tune", "soft.yaml", "--json", "--trials", 20))
    feasible = [t for t in trials if abs(t["params"]["x"]) <= 0.5]
    assert feasible and len(feasible) < 20
    assert result["best"]["trial"] in [t["trial"] for t in feasible]
    assert all(abs(t["params"]["x"]) <= 0.5 for t in trials if t["improved"])


def conditional():
    write(
        "conditional.yaml",
        "goal: minimize loss\nstorage: sqlite:///c.db\nsearch: {trials: 12, seed: 1}\n"
        "space: {layers: {int: [1, 3]}, units: {int: [1, 9], when: layers > 1}}\n"
        "command: sh -c 'echo loss=$#' sh {layers} [--units {units}]\n",
    )
    trials, _ = lines(run("tune", "conditional.yaml", "--json"))
    for trial in trials:
        layers = trial["params"]["layers"]
        assert ("units" in trial["params"]) == (layers > 1)
        assert trial["values"] == [3 if layers > 1 else 1]


def last_and_best():
    steps = "for i in 1 2 3; do echo step=$i loss=$((i * (i - 2) * (i - 2) + 1)); done"
    arguments = ["--goal", "minimize loss", "-p", "x: {float: [0, 1]}", "--trials", 1, "--shell", "--json"]
    _, last = lines(run("tune", *arguments, "--study", "last", "--", steps + " # {x}"))
    assert last["best"]["values"] == [4.0]
    _, best = lines(run("tune", *arguments, "--study", "best", "--value", "best", "--", steps + " # {x}"))
    assert best["best"]["values"] == [1.0]


def pruning():
    write(
        "prune.yaml",
        "goal: minimize loss\nstorage: sqlite:///p.db\n"
        "search: {sampler: random, pruner: {median: {n_startup: 2}}, trials: 8, seed: 1}\n"
        "space: {x: {float: [0, 1]}}\nshell: true\n"
        "command: for i in 1 2 3 4; do echo step=$i loss={x}; done\n",
    )
    trials, result = lines(run("tune", "prune.yaml", "--json"))
    pruned = [t for t in trials if t["state"] == "pruned"]
    assert pruned and result["pruned"] == len(pruned) and all("values" not in t for t in pruned)


def target_and_failures():
    slow = ["--goal", "minimize x", "-p", "x: {float: [0, 1]}", "--study"]
    _, result = lines(run("tune", *slow, "t", "--target", "0.6", "--json", "--", "echo", "x={x}"))
    assert result["reason"] == "target" and result["best"]["values"][0] <= 0.6
    failed = run("tune", *slow, "f", "--max-failures", 2, "--", "sh", "-c", "echo oops; exit 3", "{x}", code=1)
    contains(failed.stderr, "2 trials failed in a row", "3", "log.txt")


def start(*arguments):
    """A run whose first trial has begun, which makes the file `begun`."""
    if os.path.exists("begun"):
        os.remove("begun")
    process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)
    assert "study" in process.stdout.readline()
    wait_for(lambda: os.path.exists("begun"))
    return process


def until(process, part):
    """Lines of the program's until one has the part."""
    shown = ""
    while part not in shown:
        line = process.stdout.readline()
        assert line, (part, shown)
        shown += line
    return shown


def interrupted():
    write("slow.yaml", STUDY.replace("study: bowl", "study: slow").replace("quadratic", "slow"))
    write("slow.py", "import os, time\nopen('begun', 'w')\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\n" + QUADRATIC)
    process = start("tune", "slow.yaml")
    process.send_signal(signal.SIGINT)
    until(process, "finishing the running trials")
    write("go", "")
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, (process.returncode, output)
    contains(output, "ended by: interrupted", "continue   hone tune slow.yaml\n", "#0")
    trials, _ = lines(run("tune", "slow.yaml", "--json", "--trials", 2))
    assert [trial["trial"] for trial in trials] == [1]


def interrupted_twice():
    write("slower.py", "import time\nopen('begun', 'w')\ntime.sleep(10000)\n" + QUADRATIC)
    write("slower.yaml", STUDY.replace("study: bowl", "study: slower").replace("quadratic", "slower"))
    process = start("tune", "slower.yaml")
    process.send_signal(signal.SIGINT)
    until(process, "finishing the running trials")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, (process.returncode, output)
    contains(output, "stopping the running trials")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write("quadratic.py", QUADRATIC)
        write("bowl.yaml", STUDY)
        tests = (study_file, continuing, reproducible, from_options, json_file, dry_run, constraints, conditional)
        tests += (last_and_best, pruning, target_and_failures, interrupted, interrupted_twice)
        for test in tests:
            test()
            print(f"ok {test.__name__}")
        os.chdir("/")


main()
