#!/usr/bin/python3
"""bench/regret.py: tables, ranks, and the test over problems with its correction, on traces whose answer is known."""

import os
import random
import re
import subprocess
import sys
import tempfile

from hone_test import SOURCE, skip

sys.path.insert(0, os.path.join(SOURCE, "bench"))
import regret  # noqa: E402
import trace_file  # noqa: E402

PROBLEMS, SEEDS = [f"p{i:02}" for i in range(12)], range(4)


def write(name, shift, trials=4, optimum=0):
    """Regrets fall from 1 by a quarter a trial; those of each problem and seed are moved by shift and a little noise."""
    draw, lines = random.Random(name), []
    for problem in PROBLEMS:
        for seed in SEEDS:
            values = [0.8 - 0.2 * k + shift + 0.01 * draw.random() for k in range(trials)]
            lines.append(trace_file.format_row(problem, seed, optimum, 1, values))
    trace_file.write(f"{name}.csv.gz", {"sampler": name, "version": "1", "command": "none"}, lines)
    return f"{name}.csv.gz"


def call(*arguments, code=0):
    result = subprocess.run([sys.executable, os.path.join(SOURCE, "bench", "regret.py"), *arguments], capture_output=True,
                            text=True)
    assert result.returncode == code, (arguments, result.returncode, result.stdout, result.stderr)
    return result.stdout + result.stderr


def corrects_as_holm():
    # Ordered 0.001, 0.01, 0.02, 0.04: times 4, 3, 2, 1, and never less than the one before.
    assert regret.holm([0.04, 0.001, 0.02, 0.01]) == [0.04, 0.004, 0.04, 0.03]
    assert regret.holm([0.5, 0.4]) == [0.8, 0.8] and regret.holm([0.9]) == [0.9]


def ranks_share():
    def trace(value):
        return trace_file.Trace({}, {("p", 0): (0.0, 1.0, [value])})
    assert regret.mean_ranks([trace(0.2), trace(0.1), trace(0.2), trace(0.9)], [("p", 0)], 1) == [2.5, 1, 2.5, 4]
    assert abs(regret.mean_log(trace(0.01), [("p", 0)], 1) + 2) < 1e-12
    assert abs(regret.mean_log(trace(0.0), [("p", 0)], 1) + 4) < 1e-12


def tests_over_problems():
    ours, worse, same = write("ours", 0), write("worse", 0.1), write("same", 0)
    shown = call("--wilcoxon", "--log", "--ranks", "--trials", "2,4", ours, worse)
    assert shown.count("lower on 12 of 12") == 2 and "Holm over 2" in shown and "mean rank" in shown, shown
    # All twelve signs agree; the normal approximation of p is then 0.0011, twice that after the correction.
    assert re.search(r"at +4: .* p 0.0011, corrected 0.0022", shown), shown
    shown = call("--wilcoxon", "--trials", "4", ours, worse, same, code=1)
    assert "against same 1" in shown, shown
    call("--wilcoxon", "--trials", "4", worse, ours, code=1)
    call("--wilcoxon", "--trials", "4", ours, ours, code=1)


def mistakes():
    assert "fewer than 100 trials" in call(write("ours", 0), code=1)
    assert "differ in optimum" in call("--trials", "4", write("ours", 0), write("moved", 0, optimum=0.5), code=1)
    assert "--against" in call("--wilcoxon", "--against", "ours.csv.gz", "ours.csv.gz", code=2)


def main():
    try:
        import scipy.stats  # noqa: F401
    except ImportError:
        skip("python3-scipy is not installed")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        corrects_as_holm()
        ranks_share()
        tests_over_problems()
        mistakes()
        os.chdir("/")


main()
