#!/usr/bin/python3
"""`hone ask`, `tell`, `try`: trials by hand, and every mistake one can make with them."""

import json
import os
import subprocess
import tempfile

from hone_test import PROGRAM, refuse, run

SPACE = ["-p", "lr: {float: [1e-5, 1e-1], log: true}", "-p", "kind: {choice: [plain, it's odd]}"]


def ask(*arguments):
    return json.loads(run("ask", "--json", *arguments).stdout)


def trials(*arguments):
    return json.loads(run("trials", "--json", *arguments).stdout)


def check_nothing_there():
    refuse("ask", code=3, says="hone.db")
    refuse("tell", "0", "1", code=3, says="hone.db")
    assert not os.path.exists("hone.db"), "asking must not create a storage"
    refuse("ask", *SPACE, code=2, says="--study NAME")
    refuse("ask", "--study", "s", *SPACE, "--sampler", "tpee", code=2, says="tpe")
    refuse("ask", "--study", "s", "-p", "lr: {float: [2, 1]}", code=2, says="lr")
    assert not os.path.exists("hone.db"), "a wrong description must not create a storage"


def check_forms():
    line = run("ask", "--study", "s", "--goal", "minimize loss", *SPACE).stdout
    assert line.startswith("trial=0 lease=") and " lr=" in line and " kind=" in line, line
    # The line is one assignment a word, as a shell reads it.
    shell = 'eval "$(%s ask)"; printf "%%s|%%s|%%s" "$trial" "$lr" "$kind"' % PROGRAM
    trial, lr, kind = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout.split("|")
    assert trial == "1" and 1e-5 <= float(lr) <= 1e-1 and kind in ("plain", "it's odd"), (trial, lr, kind)
    shell = 'eval "$(%s ask --env)"; env' % PROGRAM
    environment = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout
    assert "HONE_TRIAL=2\n" in environment and "HONE_PARAM_LR=" in environment and "HONE_LEASE=" in environment
    assert len(run("ask", "-n", "2", "--json").stdout.splitlines()) == 2
    refuse("ask", "-n", "0", code=2, says="1 or more")
    refuse("ask", "--studdy", "s", code=2, says="did you mean '--study'")


def check_telling():
    run("tell", "0", "-0.5")
    run("tell", "1", "1e3", "--attr", "host=\"a\"", "--constraint", "-1")
    run("tell", "2", "--state", "failed", "--message", "out of memory")
    assert "told as failed" in run("tell", "3", "nan").stderr
    run("tell", "4", "--state", "pruned")
    found = trials()
    assert [t["state"] for t in found] == ["complete", "complete", "failed", "failed", "pruned"], found
    assert found[0]["values"] == [-0.5] and found[1]["attrs"] == {"host": "a"} and found[1]["constraints"] == [-1]
    assert found[2]["message"] == "out of memory" and "nan" in found[3]["message"]


def check_refusals():
    asked = ask()
    number = asked["trial"]
    refuse("tell", "0", "1", code=2, says="trial 0 is complete already")
    refuse("tell", "99", "1", code=3, says=["99", "0 to 5"])
    refuse("tell", "x", "1", code=2, says="'x' is no trial's number")
    refuse("tell", number, "abc", code=2, says="'abc' is no number")
    refuse("tell", number, "0,5", code=2, says="'0,5' is no number")
    refuse("tell", number, code=2, says="needs a value")
    refuse("tell", number, "1", "2", code=2, says="2 values; the study has 1 objective")
    refuse("tell", number, "1", "--state", "done", code=2, says="complete, pruned or failed")
    refuse("tell", number, "1", "--state", "failed", code=2, says="without values")
    refuse("tell", number, "1", "--attr", "novalue", code=2, says="KEY=JSON")
    refuse("tell", number, "1", "--attr", "a={", code=2, says="JSON")
    refuse("tell", number, "1", "--study", "t", code=3, says=["t", "s"])
    assert trials()[number]["state"] == "running", "a refused tell must not end the trial"
    run("tell", number, "3", "--lease", asked["lease"])
    refuse("tell", number, "3", "--lease", asked["lease"], code=2, says="is complete already")
    # A value told under a lost lease is kept as a trial of its own.
    run("tell", number, "4", "--lease", "0" * 32)
    assert trials()[-1]["values"] == [4]


def check_trying():
    assert "queued" in run("try", "lr=0.01", "kind=it's odd").stdout
    asked = ask()
    assert asked["params"] == {"lr": 0.01, "kind": "it's odd"}, asked
    recorded = json.loads(run("try", "lr=0.02", "kind=plain", "--value", "-7", "--json").stdout)["trial"]
    assert trials()[recorded]["values"] == [-7]
    assert json.loads(run("best", "--json").stdout)["trial"] == recorded
    refuse("try", "lr=1", code=2, says=["lr", "0.1"])
    refuse("try", "rate=1", code=3, says="rate")
    refuse("try", "lr", code=2, says="parameter=value")
    refuse("try", "kind=strange", code=2, says=["strange", "plain"])
    refuse("try", "lr=0.02", "kind=plain", "--value", "nan", code=2, says="nan")
    refuse("try", "lr=0.02", "kind=plain", "--value", "1", "--value", "2", code=2, says="2 values")


def check_an_end():
    run("study", "create", "g", "-p", "k: {choice: [a, b]}", "--sampler", "grid", "-s", "grid.db")
    run("ask", "-n", "2", "-s", "grid.db")
    refuse("ask", "-s", "grid.db", code=3, says=["'g'", "exhausted"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        check_nothing_there()
        check_forms()
        check_telling()
        check_refusals()
        check_trying()
        check_an_end()
        os.chdir("/")


main()
