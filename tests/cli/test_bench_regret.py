#!/usr/bin/python3
"""bench/regret.py: tables, ranks, and the test over problems with its correction, on traces whose answer is known."""

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile

from hone_test import SOURCE, skip

sys.path.insert(0, os.path.join(SOURCE, "bench"))
import regret  # noqa: E402
import trace_file  # noqa: E402

PROBLEMS, SEEDS = [f"p{i:02}" for i in range(12)], range(4)


def write(name, shift, trials=4, optimum=0, problems=PROBLEMS, seeds=SEEDS, file=None):
    """Regrets fall from 1 by a quarter a trial; those of each problem and seed are moved by shift and a little noise."""
    draw, lines = random.Random(name), []
    for problem in problems:
        for seed in seeds:
            values = [0.8 - 0.2 * k + shift + 0.01 * draw.random() for k in range(trials)]
            lines.append(trace_file.format_row(problem, seed, optimum, 1, values))
    file = file or f"{name}.csv.gz"
    trace_file.write(file, {"sampler": name, "version": "1", "command": "none"}, lines)
    return file


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
    assert shown.count("12/12") == 2 and "Holm over 2" in shown and "mean rank" in shown, shown
    # All twelve signs agree: p is 2^-12, twice that after the correction.
    assert re.search(r"worse 1 +12 +4 +4 .* 12/12 +0.00024 +0.00049", shown), shown
    shown = call("--wilcoxon", "--trials", "4", ours, worse, same, code=1)
    assert re.search(r"same 1 +12 +4 +4 ", shown), shown
    call("--wilcoxon", "--trials", "4", worse, ours, code=1)
    call("--wilcoxon", "--trials", "4", ours, ours, code=1)


def peers_have_less():
    """Fewer seeds, trials or problems of one peer limit only its own lines, and files of one sampler are one trace."""
    ours, full = write("ours", 0), write("full", 0.1)
    short = write("short", 0.1, trials=2, seeds=range(2))
    parts = [write("parts", 0.1, problems=PROBLEMS[:5], seeds=range(3), file="part1.csv.gz"),
             write("parts", 0.1, problems=PROBLEMS[5:9], file="part2.csv.gz")]
    shown = call("--wilcoxon", "--trials", "2,4", ours, full, short, *parts)
    lines = re.findall(r"^(\w+) 1 +(\d+) +([\d-]+) +(\d+) +([\d.]+) +([\d.]+) +([+-][\d.]+)", shown, re.MULTILINE)
    assert [line[:4] for line in lines] == [("full", "12", "4", "2"), ("full", "12", "4", "4"), ("short", "12", "2", "2"),
                                            ("parts", "9", "3-4", "2"), ("parts", "9", "3-4", "4")], shown
    longer = write("short", 0.1, seeds=range(1), file="longer.csv.gz")  # one of its seeds goes on
    shown = call("--wilcoxon", "--trials", "2,4", ours, full, short, longer)
    assert re.search(r"short 1 +12 +2 +2 ", shown) and re.search(r"short 1 +12 +1 +4 ", shown), shown
    rows = trace_file.read(ours).rows
    for peer, name in (("short.csv.gz", "short"), ("full.csv.gz", "full")):
        other = trace_file.read(peer).rows
        gap = statistics.fmean(trace_file.regret(rows[key], 2) - trace_file.regret(row, 2) for key, row in other.items())
        line = next(line for line in lines if line[0] == name and line[3] == "2")
        assert abs(float(line[6]) - gap) < 6e-5, (line, gap)
    # A problem with many seeds counts as much as one with few.
    many = trace_file.Trace({}, {("a", 0): (0, 1, [1]), ("a", 1): (0, 1, [1]), ("b", 0): (0, 1, [0])})
    assert regret.mean_regret(many, sorted(many.rows), 1) == 0.5 and regret.count_seeds(many.rows) == "1-2"


def mistakes():
    assert "with 100 trials in common" in call("--trials", "100", write("ours", 0), code=1)
    assert "no search of 100 trials in common" in call("--trials", "100", "--wilcoxon", write("ours", 0), write("worse", 0.1),
                                                       write("same", 0), code=1)
    assert "two seeds" in call("--trials", "4", "--against", write("one", 0, seeds=[0]), write("ours", 0), code=1)
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
        peers_have_less()
        mistakes()
        os.chdir("/")


main()
