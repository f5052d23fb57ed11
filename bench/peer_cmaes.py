#!/usr/bin/python3
"""Evaluations of pycma to a target on test functions without bounds, beside those of hone's core (bench_cmaes).

    $PEERS bench/peer_cmaes.py --hone build/release/bench/bench_cmaes

Both begin at the same point with the same step, with their own defaults, 51 runs each. Prints medians and their
ratio, and exits with 1 when hone's median is more than a tenth above pycma's. Then Rastrigin's function on [-4, 6]^5
with restarts, 11 runs of at most 30 000 trials each: how many find the optimum, and all trials over that number.
"""
import argparse
import json
import statistics
import subprocess
import sys

import cma
import numpy as np

STARTS = {"sphere": (3.0, 1.0), "ellipsoid": (3.0, 1.0), "rosenbrock": (0.0, 0.5)}  # as in cmaes.c


def sphere(x):
    return float(np.dot(x, x))


def ellipsoid(x):
    return float(np.dot(1e6 ** (np.arange(len(x)) / (len(x) - 1)), np.square(x)))


def rosenbrock(x):
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


def evaluations(function, dimensions, start, sigma, target, seed):
    options = {"seed": seed, "verbose": -9, "tolfun": 0, "tolx": 0, "tolfunhist": 0, "tolflatfitness": 1e9,
               "tolstagnation": 1e9, "maxiter": 1e6}
    strategy = cma.CMAEvolutionStrategy([start] * dimensions, sigma, options)
    count = 0
    while not strategy.stop():
        points = strategy.ask()
        values = []
        for point in points:
            values.append(function(np.asarray(point)))
            count += 1
            if values[-1] <= target:
                return count
        strategy.tell(points, values)
    return float("inf")


def rastrigin(x):
    x = np.asarray(x)
    return float(np.sum(x * x + 10 - 10 * np.cos(2 * np.pi * x)))


def compare_restarts(program, restart, runs=11, dimensions=5, trials=30000):
    command = [program, "--rastrigin", f"cmaes:restart={restart}", "--runs", str(runs), "--dimensions", str(dimensions),
               "--trials", str(trials)]
    ours = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    found, used = 0, 0
    for seed in range(runs):
        start = np.random.RandomState(seed)
        options = {"maxfevals": trials, "ftarget": 1e-8, "verbose": -9, "seed": seed + 1, "bounds": [-4, 6]}
        best, strategy = cma.fmin2(rastrigin, lambda start=start: start.uniform(-4, 6, dimensions), 10 / 6, options,
                                   restarts=9, bipop=restart == "bipop")
        found += rastrigin(best) <= 1e-8
        used += strategy.result.evaluations
    print(f"rastrigin, {dimensions} dimensions, {restart}: hone {ours['found']} of {runs}, "
          f"{ours['trials'] / max(ours['found'], 1):.0f} trials a success; pycma {found} of {runs}, "
          f"{used / max(found, 1):.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hone", required=True, help="the program bench_cmaes")
    parser.add_argument("--runs", type=int, default=51)
    parser.add_argument("--dimensions", type=int, default=10)
    parser.add_argument("--target", type=float, default=1e-9)
    arguments = parser.parse_args()
    command = [arguments.hone, "--runs", str(arguments.runs), "--dimensions", str(arguments.dimensions),
               "--target", repr(arguments.target)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    slower = False
    for line in output.splitlines():
        ours = json.loads(line.replace("inf", "Infinity"))
        start, sigma = STARTS[ours["problem"]]
        peer = [evaluations(globals()[ours["problem"]], arguments.dimensions, start, sigma, arguments.target, seed)
                for seed in range(1, arguments.runs + 1)]
        medians = statistics.median(ours["evaluations"]), statistics.median(peer)
        slower = slower or medians[0] > 1.1 * medians[1]
        print(f"{ours['problem']}, {arguments.dimensions} dimensions, {arguments.runs} runs: hone {medians[0]:.0f}, "
              f"pycma {cma.__version__} {medians[1]:.0f} evaluations: ratio {medians[0] / medians[1]:.3f}")
    for restart in ("ipop", "bipop"):
        compare_restarts(arguments.hone, restart)
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
