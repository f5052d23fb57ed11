#!/usr/bin/env python3
"""Tuning from Python, or any language that can start a program, through `hone serve --stdio`: one JSON object a line.

usage: examples/serve.py [trials]     (hone must be on the PATH; nothing but the standard library is needed)
"""

import json
import math
import subprocess
import sys


class Hone:
    """One session: a request is a method call with keyword arguments."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["hone", "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def __call__(self, op, **fields):
        self.process.stdin.write(json.dumps({"op": op, **fields}) + "\n")
        answer = json.loads(self.process.stdout.readline())
        if not answer["ok"]:
            raise RuntimeError(answer["error"]["message"])
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def train(lr, layers, epochs=8):
    """Stands for training a network: the loss after each epoch."""
    for epoch in range(1, epochs + 1):
        yield epoch, (math.log10(lr) + 2.5) ** 2 + (layers - 3) ** 2 / 10 + 1 / epoch


def main():
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    hone = Hone()
    study = {"study": "serve", "storage": "memory:"}
    hone(
        "create",
        **study,
        goal="minimize loss",
        space={"lr": {"float": [1e-5, 1e-1], "log": True}, "layers": {"int": [1, 5]}},
        pruner="median",
        trials=trials,
        seed=1,
    )
    pruned = 0
    while True:
        asked = hone("ask", **study)
        if "done" in asked:
            break
        number, loss, prune = asked["trial"], None, False
        for epoch, loss in train(**asked["params"]):
            prune = hone("report", **study, trial=number, step=epoch, value=loss)["prune"]
            if prune:
                break
        if prune:
            hone("tell", **study, trial=number, state="pruned")
            pruned += 1
        else:
            hone("tell", **study, trial=number, values=[loss])
    best = hone("best", **study)
    print(f"trial {best['trial']}: loss {best['values'][0]:.4f} with {best['params']}; {pruned} of {trials} ended early")
    hone.close()


main()
