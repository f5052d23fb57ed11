#!/usr/bin/python3
"""Evaluations of pycma to a target on test functions without bounds, beside those of hone's core (bench_cmaes).

    $PEERS bench/peer_cmaes.py --hone build/release/bench/bench_cmaes

Both begin at the same point with the same step, with their own defaults, 51 runs each. Prints medians and their
ratio, and exits with 1 when hone's median is more than a tenth above pycma's.
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
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
