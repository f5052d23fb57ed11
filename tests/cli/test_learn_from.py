#!/usr/bin/python3
"""A study that learns from earlier ones: its first trials, and what is refused."""

import json

from hone_test import refuse, run

SPACE = "space: {x: {float: [-5, 5]}, k: {choice: [a, b, c]}}\n"
PROGRAM = "env: {LC_ALL: C}\ncommand: awk -v x={x} -v k={k} -f loss.awk\n"


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def study(name, search, space=SPACE, goal="minimize loss"):
    write(f"{name}.yaml", f"study: {name}\ngoal: {goal}\nsearch: {{seed: 1, {search}}}\n{space}{PROGRAM}")
    return f"{name}.yaml"


def trials(name):
    return json.loads(run("trials", name, "--json").stdout)


write("loss.awk", """BEGIN { print "loss=" 100 * (x - 1) ^ 2 + (k == "b" ? 0 : 50) }\n""")
run("tune", study("old", "sampler: tpe, trials: 30"))
best = json.loads(run("best", "old", "--json").stdout)["params"]
assert best["k"] == "b", best

# The first trial is the best one; the others of the start are good ones, too; a study in another file does as well.
wide = "space: {x: {float: [-20, 20]}, k: {choice: [d, c, b]}, extra: {float: [0, 1]}}\n"
run("tune", study("new", "sampler: tpe, trials: 6, learn_from: old", wide))
first = trials("new")[0]["params"]
assert first["x"] == best["x"] and first["k"] == "b" and 0 <= first["extra"] <= 1, first
run("tune", study("there", "trials: 1, learn_from: [{study: old, storage: 'sqlite:///hone.db'}]"), "--storage",
    "sqlite:///b.db")
run("tune", study("option", "trials: 1"), "--learn-from", "old")
assert trials("option")[0]["params"] == best

run("tune", study("process", "sampler: gp, trials: 3, learn_from: old"))
assert trials("process")[0]["params"] == best

# It stays in the study's definition: a process that opens it later goes on in the same way.
asked = json.loads(run("ask", "--study", "new", "--json").stdout)
assert set(asked["params"]) == {"x", "k", "extra"}, asked
assert json.loads(run("study", "show", "new", "--json").stdout)["definition"]["learn_from"] == ["old"]

refuse("tune", study("bad", "learn_from: odl"), code=3, says=["learn_from", "'odl'", "did you mean 'old'?"])
refuse("tune", study("bad", "learn_from: [old, 5]"), code=2, says=["bad.yaml:3", "5 is no study"])
refuse("tune", study("bad", "learn_from: {study: old, stroage: x}"), code=2, says=["did you mean 'storage'?"])
refuse("tune", study("bad", "learn_from: {study: old, storage: 'sqlite:///no.db'}"), code=3, says=["no.db"])
refuse("tune", study("bad", "sampler: random, learn_from: old"), code=2, says=["sampler random"])
refuse("tune", study("bad", "learn_from: old", goal="maximize loss"), code=2, says=["minimize", "maximize"])
refuse("tune", study("old", "trials: 40, learn_from: old"), code=2, says=["knows its own trials"])
assert "bad" not in run("study", "list").stdout
