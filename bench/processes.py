#!/usr/bin/python3
"""Milliseconds of `hone ask` and `hone tell` as whole processes at N told trials of 10 parameters, and of a trial that runs an
external program (hone's own processor time, the child's not counted).

    processes.py [--program build/release/hone] [--told 100,1000,10000]

Prints one JSON object a line. Python's own cost of starting a process is in the wall times: see the first line, /bin/true.
"""
import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import tempfile
import time

N_PARAMETERS = 10


def study_with(told):
    """The export of a study with that many complete trials, as `hone study import` reads it."""
    names = [f"x{i}" for i in range(N_PARAMETERS)]
    distribution = {"name": "FloatDistribution", "attributes": {"step": None, "low": 0.0, "high": 1.0, "log": False}}
    generator = random.Random(1)
    trials = []
    for number in range(told):
        params = {name: generator.random() for name in names}
        trials.append({"trial": number, "state": "complete", "values": [sum((x - 0.3) ** 2 for x in params.values())],
                       "params": params, "start": "2026-01-01 00:00:00.000000", "complete": "2026-01-01 00:00:01.000000"})
    definition = {"goal": ["minimize loss"], "space": {name: {"float": [0, 1]} for name in names}, "sampler": "tpe",
                  "pruner": "none", "seed": 1, "lag": -1, "heartbeat_seconds": 60}
    return {"hone": "0.1.0", "study": "s", "directions": ["minimize"], "metrics": ["loss"], "definition": definition,
            "attrs": {}, "system": {}, "distributions": {name: distribution for name in names}, "trials": trials}


def timed(command, folder):
    began = time.perf_counter()
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return 1e3 * (time.perf_counter() - began), result.stdout


def ask_and_tell(program, told, repeats=15):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "s.json"), "w", encoding="utf-8") as file:
            json.dump(study_with(told), file)
        timed([program, "study", "import", "s.json"], folder)
        asks, tells = [], []
        for _ in range(repeats):
            ms, answer = timed([program, "ask"], folder)
            asks.append(ms)
            number = answer.split()[0].split("=")[1]
            tells.append(timed([program, "tell", number, "0.5"], folder)[0])
        print(json.dumps({"told": told, "ask_ms_median": round(statistics.median(asks), 2),
                          "tell_ms_median": round(statistics.median(tells), 2)}), flush=True)


def external_trials(program, trials=200):
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ms, _ = timed([program, "tune", "-q", "--goal", "minimize loss", "--trials", str(trials), "-p",
                       "x: {float: [0, 1]}", "--sampler", "tpe", "--", "/bin/echo", "loss={x}"], folder)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        print(json.dumps({"external_trials": trials, "wall_ms_each": round(ms / trials, 2),
                          "processor_ms_each_with_child": round(cpu / trials, 2)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", default="build/release/hone")
    parser.add_argument("--told", default="100,1000,10000")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    print(json.dumps({"/bin/true_ms_median": round(statistics.median(timed(["/bin/true"], "/")[0] for _ in range(15)), 2)}))
    for told in map(int, arguments.told.split(",")):
        ask_and_tell(program, told)
    external_trials(program)


if __name__ == "__main__":
    main()
