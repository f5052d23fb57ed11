#!/usr/bin/python3
"""Pictures of a study of many trials: the whole command beside the same one that only prints the numbers.

    plots.py --program build/release/hone [--trials 100000] [--rounds 5]

Processor seconds of both, medians over the rounds in turn. Exits with 1 when a picture, reading included, takes a second
or more.
"""
import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile

KINDS = {"history": [], "scatter": ["--x", "x", "--y", "value", "--hue", "lr"], "slice": [], "rank": [], "parallel": [],
         "timeline": []}


def distribution(low, high, log):
    return {"name": "FloatDistribution", "attributes": {"low": low, "high": high, "step": None, "log": log}}


def write_study(path, trials):
    draw = random.Random(3)
    head = {"hone": "0.1.0", "study": "many", "directions": ["minimize"], "metrics": None, "definition": None, "attrs": {},
            "system": {}, "distributions": {"x": distribution(0, 1, False), "lr": distribution(1e-5, 1, True)}}
    rows = []
    for i in range(trials):
        x, lr = draw.random(), 10 ** draw.uniform(-5, 0)
        at = f"2026-03-01 {i // 3600 % 24:02}:{i // 60 % 60:02}:{i % 60:02}"
        rows.append({"trial": i, "state": "complete", "values": [x * x + abs(draw.gauss(0, 0.1))], "params": {"x": x, "lr": lr},
                     "start": f"{at}.000000", "complete": f"{at}.900000"})
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**head, "trials": rows}, file)


def seconds(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--trials", type=int, default=100000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    program, slow = os.path.abspath(given.program), False
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_study("many.json", given.trials)
        subprocess.run([program, "study", "import", "many.json", "-s", "sqlite:///many.db"], check=True, stdout=subprocess.DEVNULL)
        for kind, options in KINDS.items():
            command = [program, "plot", kind, "-s", "sqlite:///many.db", *options]
            pairs = [(seconds(*command, "-o", "p.png"), seconds(*command, "--csv")) for _ in range(given.rounds)]
            whole, numbers = (statistics.median(times) for times in zip(*pairs, strict=True))
            print(f"{kind:10} picture {whole:.3f} s, numbers {numbers:.3f} s")
            slow = slow or whole >= 1
    sys.exit(slow)


main()
