#!/usr/bin/python3
"""Plots of analyses: studies of all sorts draw on terminals and into pictures, Optuna's too; refusals say why."""
import json
import os
import tempfile

import hone_test
from hone_test import refuse, run

KINDS = ["importance", "partial-dependence", "contour", "ablation", "correlation", "pareto", "hypervolume"]
LONG = "l" * 200
ODD = "שלום 🙂 <b>&"


def study(name, goals, params, trials=()):
    """Trials are (values, point), told one by one."""
    options = [option for param, text in params.items() for option in ("-p", f"{param}: {text}")]
    run("study", "create", name, "-g", goals, *options, "-q")
    for values, point in trials:
        told = [word for value in values for word in ("--value", repr(value))]
        run("try", "--study", name, *[f"{key}={value}" for key, value in point.items()], *told, "-q")


def make_all():
    study("empty", "minimize loss", {"x": "{float: [0, 1]}"})
    study("same", "minimize loss", {"x": "{float: [0, 1]}"}, [([1.0], {"x": 0.5})] * 4)
    study("infinite", "minimize loss", {"x": "{float: [0, 1]}"},
          [([float("inf")], {"x": 0.5}), ([1.0], {"x": 0.25}), ([2.0], {"x": 0.75})])
    study(ODD, "minimize loss, maximize score", {LONG: "{float: [1e-9, 1000], log: true}", ODD: "{choice: [a, b]}", "c": "{int: [3, 3]}"},
          [([10.0 ** (i - 6), i / 3], {LONG: 10.0 ** (i - 8), ODD: "ab"[i % 2], "c": 3}) for i in range(8)])


def check_study(name):
    for kind in KINDS:
        shown = run("plot", kind, name, env={**os.environ, "COLUMNS": "60"})
        assert shown.stdout.strip() and not shown.stderr, (name, kind, shown.stderr)
        long = [line for line in shown.stdout.splitlines() if len(line) > 60 and LONG not in line]  # a word is not broken
        assert not long, (name, kind, long)


def check_pictures(name):
    for kind in KINDS:
        made = hone_test.hone("plot", kind, name, "-o", "p.png")
        if made.returncode and "cairo" in made.stderr:
            hone_test.skip("the libraries that draw are not installed")
        assert made.returncode == 0, (name, kind, made.stderr)
        assert os.path.getsize("p.png") > 1000, (name, kind)


def check_machines():
    for kind in KINDS:
        page = json.loads(run("plot", kind, ODD, "--json").stdout)
        assert page["kind"] == kind and page["figures"] and not page["figures"][0].get("empty"), kind


def check_refusals():
    refuse("plot", "contour", "same", "-p", "y", says="no parameter 'y'", code=3)
    refuse("plot", "ablation", "infinite", "--from", "9", says="there are 0 to 2", code=3)
    refuse("plot", "importance", "same", "--method", "fanowa", says="did you mean 'fanova'?", code=2)
    refuse("plot", "hypervolume", ODD, "--reference", "1", says="has 2 goals", code=2)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_all()
        for name in ("empty", "same", "infinite", ODD):
            check_study(name)
        check_machines()
        check_refusals()
        check_pictures(ODD)


main()
