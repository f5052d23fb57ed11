"""Studies for the tests of plots, as exports that `hone study import` reads."""

import json
import math
import random

from hone_test import run


def distribution(low, high, log=False):
    return {"name": "FloatDistribution", "attributes": {"low": low, "high": high, "step": None, "log": log}}


def choices(*values):
    return {"name": "CategoricalDistribution", "attributes": {"choices": list(values)}}


def when(seconds):
    return f"2026-03-01 {int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{seconds % 60:09.6f}"


def trial(number, value, state="complete", start=None, seconds=0.9, **more):
    start = number if start is None else start
    made = {"trial": number, "state": state, "values": [] if value is None else [value], "params": {}, "start": when(start)}
    if state != "running":
        made["complete"] = when(start + seconds)
    return {**made, **more}


def imported(name, distributions, trials, storage="sqlite:///plots.db", direction="minimize", metrics=("loss",)):
    """Makes the study in the storage; its trials."""
    head = {"hone": "0.1.0", "study": name, "directions": [direction], "metrics": list(metrics), "definition": None,
            "attrs": {}, "system": {}, "distributions": distributions, "trials": trials}
    with open("import.json", "w", encoding="utf-8") as file:
        json.dump(head, file, allow_nan=True)
    run("study", "import", "import.json", "-s", storage)
    return trials


def usual(name="usual", storage="sqlite:///plots.db", direction="minimize", n=60, seed=1):
    """A study with everything: pruned, failed, infeasible trials, conditional parameters, reports, attributes, workers."""
    draw = random.Random(seed)
    trials = []
    for i in range(n):
        kind = draw.choice(["adam", "sgd"])
        params = {"lr": 10 ** draw.uniform(-5, 0), "layers": float(draw.randint(1, 4)), "kind": kind}
        if kind == "sgd":
            params["momentum"] = draw.random()
        value = round((math.log10(params["lr"]) + 3) ** 2 + draw.random(), 2)
        more = {"params": params, "attrs": {"host": draw.choice("ab"), "cost": draw.randint(1, 9)},
                "reports": [[s, value + 3 / (s + 1)] for s in range(4)],
                "system": {"hone:worker": json.dumps({"host": f"node{i % 3}", "pid": 100 + i % 3})}}
        if i % 7 == 3:
            trials.append(trial(i, None, "pruned", **{**more, "reports": more["reports"][:2]}))
        elif i % 11 == 5:
            trials.append(trial(i, None, "failed", **{**more, "reports": []}))
        elif i % 13 == 6:
            trials.append(trial(i, value, constraints=[1.0], **more))
        else:
            trials.append(trial(i, value, **more))
    distributions = {"lr": distribution(1e-5, 1, True), "layers": distribution(1, 4), "kind": choices("adam", "sgd"),
                     "momentum": distribution(0, 1)}
    return imported(name, distributions, trials, storage, direction)
