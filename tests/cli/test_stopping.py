#!/usr/bin/python3
"""When a study ends: keys of the study file, options, what is shown and kept, mistakes, and the same through the
protocol."""

import csv
import json
import os
import sqlite3
import subprocess
import tempfile

from hone_test import PROGRAM, hone, run

STUDY = """\
study: s
storage: sqlite:///s.db
goal: minimize loss
search: {sampler: random, seed: 3, %s}
space:
  x: {int: [0, 1000]}
command: sh -c 'echo dollars=2; echo loss=$HONE_PARAM_X'
"""


def study_with(limits, name="s.yaml"):
    if os.path.exists("s.db"):
        os.remove("s.db")
    with open(name, "w", encoding="utf-8") as file:
        file.write(STUDY % limits)
    return hone("tune", name)


def ended():
    return json.loads(run("study", "show", "s", "--storage", "sqlite:///s.db", "--json").stdout)["ended"]


def check_limits():
    shown = study_with("patience: 5")
    assert shown.returncode == 0 and "(ended by: patience: none of the last 5 trials was better)" in shown.stdout, shown
    end = ended()
    assert end["reason"] == "patience" and end["because"] == "none of the last 5 trials was better", end
    text = run("study", "show", "s", "--storage", "sqlite:///s.db").stdout
    assert f"ended by  patience: none of the last 5 trials was better (after {end['trials']} trials, 2" in text, text
    kept = sqlite3.connect("s.db").execute("SELECT value_json FROM study_system_attributes WHERE key = 'hone:ended'")
    assert json.loads(kept.fetchone()[0])["reason"] == "patience"

    shown = study_with("cost: {dollars: 7}, patience: 50")
    assert "trials     4 in" in shown.stdout and "(ended by: cost: the trials cost 8 dollars, 7 were allowed)" in shown.stdout
    again = run("tune", "s.yaml")
    assert "trials     0 in" in again.stdout and "; 4 before (ended by: cost" in again.stdout, again.stdout
    more = run("tune", "s.yaml", "--cost", "{dollars: 11}")
    assert "trials     2 in" in more.stdout, more.stdout

    # what failed trials cost counts, too
    with open("f.yaml", "w", encoding="utf-8") as file:
        file.write((STUDY % "trials: 9, max_failures: -1, cost: {dollars: 7}").replace("study: s", "study: f")
                   .replace("echo loss=$HONE_PARAM_X", "exit 3"))
    failing = hone("tune", "f.yaml")
    assert "the trials cost 8 dollars, 7 were allowed" in failing.stdout, failing
    assert "no trial says what it costs" not in failing.stderr, failing

    events = study_with("cost: 0.001s").stdout
    assert "(ended by: cost: the trials ran for " in events, events


def check_mistakes():
    wrong = {
        "patience: 0": "s.yaml:4:46: search: patience must be a whole number of at least 1, found 0",
        "regret: small": "s.yaml:4:44: search: regret must be noise, or a number above 0, found 'small'",
        "regret: -1": "s.yaml:4:44: search: regret must be noise, or a number above 0, found -1",
        "cost: {dollars: 0}": "s.yaml:4:42: search: cost must be a time such as 2h, or one metric with its sum",
        "cost: {a: 1, b: 2}": "s.yaml:4:42: search: cost must be a time such as 2h, or one metric with its sum",
        "cost: soon": "s.yaml:4:42: search: cost must be a time such as 90s",
    }
    for limits, message in wrong.items():
        result = study_with(limits)
        assert result.returncode == 2 and message in result.stderr, (limits, result.stderr)
    result = hone("tune", "s.yaml", "--goal", "minimize a, minimize b", "--regret", "noise")
    assert result.returncode == 2, result


def check_protocol():
    requests = [{"op": "create", "study": "p", "storage": "memory:", "goal": "minimize loss",
                 "space": {"x": {"float": [0, 1]}}, "patience": 2, "seed": 1}]
    for value in (1, 2, 3):
        requests += [{"op": "ask", "study": "p"}, {"op": "tell", "study": "p", "trial": value - 1, "value": value}]
    requests += [{"op": "ask", "study": "p"}]
    text = "".join(json.dumps(request) + "\n" for request in requests)
    result = subprocess.run([PROGRAM, "serve", "--stdio"], input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(answer["ok"] for answer in answers), answers
    assert answers[-1] == {"ok": True, "done": True, "reason": "patience"}, answers[-1]


HALVING = """\
study: h
storage: sqlite:///h.db
goal: minimize loss
search: {sampler: random, trials: 9, seed: 3, pruner: {successive_halving: {max_resource: 9, n_candidates: 9}}}
space: {x: {int: [1, 1000]}}
command: sh -c 'i=$HONE_RESUME_STEP; while [ $i -lt $HONE_BUDGET ]; do i=$((i + 1)); echo step=$i loss=$HONE_PARAM_X; done'
"""


def check_display():
    """Rungs, steps, promotions and the training saved: 9 with one step, 3 with three, 1 with nine are 21 of 81 steps."""
    with open("h.yaml", "w", encoding="utf-8") as file:
        file.write(HALVING)
    events = [json.loads(line) for line in run("tune", "h.yaml", "--json").stdout.splitlines()]
    assert sum(event.get("promoted", False) for event in events) == 4, events
    assert sum(event.get("state") == "paused" for event in events) == 12, events
    assert all("seconds_left" in event for event in events[3:-1]), events
    saved = events[-1]["training"]
    assert (saved["steps"], saved["whole"], saved["paused"], saved["promoted"]) == (21, 81, 0, 4), saved
    assert saved["seconds_saved"] > 0, saved
    table = run("trials", "--study", "h", "--storage", "sqlite:///h.db").stdout.splitlines()
    assert table[0].split()[:4] == ["#", "state", "rung", "steps"], table
    assert sorted(tuple(line.split()[1:4]) for line in table[1:]) == sorted(
        [("complete", "3", "9")] + 2 * [("pruned", "2", "3")] + 6 * [("pruned", "1", "1")]), table
    rows = list(csv.DictReader(run("trials", "--study", "h", "--storage", "sqlite:///h.db", "--csv").stdout.splitlines()))
    assert sorted((row["steps"], row["runs"], row["rung"]) for row in rows) == sorted(
        [("9", "3", "3")] + 2 * [("3", "2", "2")] + 6 * [("1", "1", "1")])
    shown = run("study", "show", "h", "--storage", "sqlite:///h.db").stdout
    assert "21 of 81 steps, 74 % saved" in shown and "4 promoted" in shown, shown


def check_time():
    """A timeout starts nothing more: of trials of 0.4 s or, on a slow machine, more, at most four begin within 1.5 s."""
    with open("t.yaml", "w", encoding="utf-8") as file:
        file.write("study: t\nstorage: sqlite:///t.db\nsearch: {timeout: 1.5s, seed: 1, sampler: random}\n"
                   "space: {x: {int: [0, 9]}}\ncommand: sh -c 'sleep 0.4; echo value=1'\n")
    shown = run("tune", "t.yaml").stdout
    assert "(ended by: seconds" in shown, shown
    end = json.loads(run("study", "show", "t", "--storage", "sqlite:///t.db", "--json").stdout)["ended"]
    assert end["reason"] == "seconds" and end["trials"] <= 4, end


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    check_limits()
    check_mistakes()
    check_protocol()
    check_display()
    check_time()
