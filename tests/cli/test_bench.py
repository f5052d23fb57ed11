#!/usr/bin/python3
"""hone bench: its problems, traces that can be made again, regrets as their definition says, and mistakes."""

import csv
import gzip
import io
import json
import math
import os
import resource
import signal
import statistics
import subprocess
import tempfile

from hone_test import PROGRAM, refuse, run

SMALL = ["--problems", "branin,conditional_t*,tune_knn", "--seeds", "3", "--trials", "12", "--budgets", "6,12"]


def read_trace(path):
    """{(problem, seed): (optimum, median, values)}"""
    rows = {}
    with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as file:
        assert file.readline() == "# hone search trace 1\n"
        for line in file:
            if not line.startswith("#") and not line.startswith("problem,"):
                problem, seed, optimum, median, *values = line.split(",")
                rows[problem, int(seed)] = float(optimum), float(median), list(map(float, values))
    return rows


def regret(row, trials):
    optimum, median, values = row
    return min(max((min(values[:trials]) - optimum) / (median - optimum), 0), 1)


def csv_rows(*arguments):
    return list(csv.DictReader(io.StringIO(run("bench", *arguments, "--csv").stdout)))


def lists_problems():
    text = run("bench", "--list").stdout
    assert "branin" in text and "conditional_tree" in text and text.count(" tuning ") >= 10, text
    problems = json.loads(run("bench", "--list", "--json", "--family", "conditional").stdout)
    tree = {p["problem"]: p for p in problems}["conditional_tree"]
    assert tree["family"] == "conditional" and any("when" in p for p in tree["space"].values()), tree


def traces_say_what_is_shown():
    shown = csv_rows("tpe", "random", *SMALL, "-j", "2", "--out", "traces")
    assert shown == csv_rows("tpe", "random", *SMALL, "-j", "1"), "threads change something"
    assert len(shown) == 2 * 3 * 2
    version = shown[0]["version"]
    traces = {name: read_trace(f"traces/{name}-{version}.csv.gz") for name in ("hone-tpe", "hone-random")}
    assert all(len(rows) == 9 and all(len(row[2]) == 12 for row in rows.values()) for rows in traces.values())
    for line in shown:
        rows = [row for (problem, _), row in traces[line["sampler"]].items() if problem == line["problem"]]
        expected = statistics.fmean(regret(row, int(line["trials"])) for row in rows)
        assert math.isclose(float(line["regret"]), expected, abs_tol=1e-4), (line, expected)
    return traces, version


def ranks_and_differences(traces, version):
    found = json.loads(run("bench", "tpe", *SMALL, "--against", f"traces/hone-random-{version}.csv.gz", "--json").stdout)
    tpe, random = found["traces"]
    assert found["searches"] == 9 and tpe["ask_seconds_median"] > 0 and "ask_seconds_median" not in random
    for score, other in zip(tpe["scores"], random["scores"]):
        assert math.isclose(score["rank"] + other["rank"], 3)
        logs = [math.log10(max(regret(row, score["trials"]), 1e-4)) for row in traces["hone-tpe"].values()]
        assert math.isclose(score["log10_regret"], statistics.fmean(logs), abs_tol=1e-3)
    for difference in tpe["differences"]:
        by_seed = [statistics.fmean(regret(traces["hone-tpe"][key], difference["trials"]) -
                                    regret(traces["hone-random"][key], difference["trials"])
                                    for key in traces["hone-tpe"] if key[1] == seed) for seed in range(3)]
        assert math.isclose(difference["mean"], statistics.fmean(by_seed), abs_tol=1e-4)
        bound = difference["mean"] + 2.91999 * statistics.stdev(by_seed) / math.sqrt(3)  # t(0.95, 2)
        assert math.isclose(difference["upper_bound"], bound, abs_tol=1e-4), (difference, bound)
        gaps = [statistics.fmean(regret(traces["hone-tpe"][problem, seed], difference["trials"]) -
                                 regret(traces["hone-random"][problem, seed], difference["trials"]) for seed in range(3))
                for problem in sorted({key[0] for key in traces["hone-tpe"]})]
        assert difference["lower_on"] == sum(gap < 0 for gap in gaps)
        assert math.isclose(difference["p"], signed_rank(gaps)), (difference, gaps)
        assert difference["fewest_seeds"] == difference["most_seeds"] == 3 and difference["problems"] == 3
    # Holm of two: the smaller p twice, the larger at least that.
    low, high = sorted(tpe["differences"], key=lambda d: d["p"])
    assert math.isclose(low["p_corrected"], min(2 * low["p"], 1))
    assert math.isclose(high["p_corrected"], max(high["p"], min(2 * low["p"], 1)))


def signed_rank(gaps):
    """P(sum of the ranks of negative gaps >= this one), over all signs; no gap is 0, and no two are alike."""
    ranks = [1 + sum(abs(other) < abs(gap) for other in gaps) for gap in gaps]
    own = sum(rank for rank, gap in zip(ranks, gaps) if gap < 0)
    sums = [sum(rank for i, rank in enumerate(ranks) if signs >> i & 1) for signs in range(2 ** len(gaps))]
    return sum(total >= own for total in sums) / len(sums)


def a_peer_limits_only_its_own_comparison():
    """Traces with fewer seeds or trials, and one in two files."""
    def write(name, sampler, problems, seeds, trials, value):
        with open(name, "w") as file:
            file.write(f"# hone search trace 1\n# sampler: {sampler}\n# version: 1\n# command: x\n")
            file.writelines(f"{problem},{seed},0,1{f',{value}' * trials}\n" for problem in problems for seed in range(seeds))
    three = ["branin", "hartmann3", "levy5"]
    write("ours.csv", "ours", three, 4, 50, 0.25)
    write("full1.csv", "full", three[:1], 4, 50, 0.5)
    write("full2.csv", "full", three[1:], 3, 50, 1)
    write("few.csv", "few", three, 2, 25, 0.75)
    names = [part for name in ("ours", "full1", "few", "full2") for part in ("--against", name + ".csv")]
    found = json.loads(run("bench", *names, "--json").stdout)
    assert found["searches"] == 6 and [t["fewest_seeds"] for t in found["traces"]] == [4, 3, 2], found
    ours, *others = found["traces"]
    assert [s["trials"] for s in ours["scores"]] == [25] and not any(other["differences"] for other in others)
    keys = ("against", "trials", "fewest_seeds", "most_seeds", "their_regret", "their_rank", "lower_on")
    shown = [tuple(round(d[key], 6) if isinstance(d[key], float) else d[key] for key in keys) for d in ours["differences"]]
    assert shown == [("full", 25, 3, 4, 0.833333, 2, 3), ("full", 50, 3, 4, 0.833333, 2, 3), ("few", 25, 2, 2, 0.75, 2, 3)], shown
    # All three signs agree: p is 1/8, but for the largest corrected one three times that.
    assert [(d["p"], d["p_corrected"]) for d in ours["differences"]] == [(0.125, 0.375)] * 3
    text = run("bench", *names).stdout
    assert "3 problems, 6 searches" in text and "ours 1 beside" in text and text.count("full 1") == 3, text
    assert "3-4" in text and "-0.5833" in text and "p, Holm" in text, text
    write("longer.csv", "few", three, 1, 60, 0.75)  # one of its seeds goes on
    longer = json.loads(run("bench", *names, "--against", "longer.csv", "--json").stdout)["traces"][0]["differences"]
    assert [(d["trials"], d["most_seeds"]) for d in longer if d["against"] == "few"] == [(25, 2), (50, 1)], longer
    write("moved.csv", "full", ["levy5"], 4, 60, 0.1)  # of a search in both files the longer row
    joined = json.loads(run("bench", *names, "--against", "moved.csv", "--json").stdout)["traces"][0]["differences"]
    assert math.isclose(joined[0]["their_regret"], (0.5 + 1 + 0.1) / 3, abs_tol=1e-6), joined


def shows_a_table_and_a_plot():
    text = run("bench", "random", "--problems", "branin", "--seeds", "2", "--trials", "10").stdout
    assert "1 problem, 2 searches" in text and "hone-random" in text and "slowest" in text, text
    assert "mean normalised regret" in text and "trials" in text and "at 10" in text, text


def traces_alone_are_compared(version):
    text = run("bench", "--against", f"traces/hone-tpe-{version}.csv.gz", "--against", f"traces/hone-random-{version}.csv.gz",
                "--trials", "12").stdout
    assert "3 problems, 9 searches" in text and f"hone-tpe {version} beside" in text, text


def ways_of_asking():
    several = csv_rows("random", *SMALL, "--running", "3")
    assert several == csv_rows("random", *SMALL), "random search asks no history"
    assert len(csv_rows("tpe", *SMALL, "--by-run")) == 6
    assert csv_rows("random", *SMALL, "--batch", "5") == several
    assert csv_rows("tpe", *SMALL, "--batch", "5") != csv_rows("tpe", *SMALL), "a batch is told together"
    assert csv_rows("tpe", *SMALL, "--batch", "1") == csv_rows("tpe", *SMALL)
    assert len(csv_rows("tpe", *SMALL, "--by-run", "--batch", "5")) == 6
    refuse("bench", "random", *SMALL, "--batch", "4", "--running", "2", code=2, says="give one of the two")
    run("bench", "random", "--problems", "branin", "--seeds", "1", "--first-seed", "4", "--trials", "3", "-o", "one.csv")
    assert list(read_trace("one.csv")) == [("branin", 4)]


def begin_again(name, arguments, keep, change):
    """Of the finished trace `name` what a run leaves that was killed in the middle of a row: keep rows and half of one."""
    run("bench", *arguments, "--out", name)
    with open(name) as file:
        lines = file.readlines()
    head = [line for line in lines if line[0] == "#" or line.startswith("problem,")]
    rows = [change(line) for line in lines[len(head):]][:keep + 1]
    with open(name + ".partial", "w") as file:
        file.writelines(head + rows[:-1] + [rows[-1][:len(rows[-1]) // 2]])
    return lines


def interrupted_trace_goes_on():
    arguments = ["tpe", *SMALL, "-j", "1"]
    whole = begin_again("half.csv", arguments, 4, lambda line: line.rstrip("\n").rsplit(",", 1)[0] + ",0.125\n")
    assert "after 4 searches" in run("bench", *arguments, "--out", "half.csv").stderr
    with open("half.csv") as file:
        changed = [line for line, other in zip(file, whole, strict=True) if line != other]
    assert len(changed) == 4 and all(line.endswith(",0.125\n") for line in changed), changed  # taken, not searched again
    assert not os.path.exists("half.csv.partial")

    def moved(line):
        problem, seed, optimum, *rest = line.split(",")
        return ",".join([problem, seed, str(float(optimum) - 1), *rest])
    begin_again("half.csv", arguments, 4, moved)  # of problems that have changed since
    run("bench", *arguments, "--out", "half.csv")
    with open("half.csv") as file:
        assert file.readlines() == whole
    assert run("bench", *arguments, "--out", "/dev/stdout").stdout.startswith("# hone search trace 1\n")


def killed_run_goes_on():
    arguments = ["tpe", "--problems", "branin", "--seeds", "30", "--trials", "30", "-j", "1", "--out"]
    run("bench", *arguments, "whole.csv.gz")
    with gzip.open("whole.csv.gz") as file:
        half = len(file.read()) // 2

    def kill_at_half():  # by the signal of a file that grows beyond its limit
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (half, half))

    process = subprocess.run([PROGRAM, "bench", *arguments, "killed.csv.gz"], stdout=subprocess.DEVNULL, preexec_fn=kill_at_half)
    assert process.returncode == -signal.SIGXFSZ and not os.path.exists("killed.csv.gz"), process
    assert os.path.getsize("killed.csv.gz.partial") == half
    run("bench", *arguments, "killed.csv.gz")
    assert read_trace("killed.csv.gz") == read_trace("whole.csv.gz")


def read_if_there(path):
    try:
        with open(path) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def other_traces_are_refused():
    begin_again("half.csv", ["tpe", *SMALL], 4, str)
    before = read_if_there("half.csv.partial")
    for other in (["random", *SMALL], ["tpe", *SMALL[:-2], "--trials", "13"], ["tpe", *SMALL, "--running", "2"]):
        refuse("bench", *other, "--out", "half.csv", code=2, says="half.csv.partial is the beginning of another trace")
    assert read_if_there("half.csv.partial") == before
    with open("half.csv.partial", "a") as file:
        file.write("\nbranin\n")
    refuse("bench", "tpe", *SMALL, "--out", "half.csv", code=2, says="half.csv.partial, line")


CURVES = ["--problems", "curve_crossing,curve_diverging", "--seeds", "3", "--trials", "6", "--budgets", "2,6"]


def learning_curves_are_searched_by_epochs():
    """A pruner saves epochs, so that more trials are made."""
    assert not any(p["family"] == "curves" for p in json.loads(run("bench", "--list", "--json").stdout))
    halving = "random+successive_halving:factor=3"
    shown = csv_rows("random", halving, *CURVES, "--out", "curves")
    assert len(shown) == 2 * 2 * 2
    final = {(line["sampler"], line["problem"]): float(line["regret"]) for line in shown if line["trials"] == "6"}
    assert final[f"hone-{halving}", "curve_diverging"] < final["hone-random", "curve_diverging"], final
    assert csv_rows("random+none", *CURVES)[0]["regret"] == shown[0]["regret"]
    assert csv_rows(halving, *CURVES, "--running", "3") != csv_rows(halving, *CURVES), "workers change nothing"
    refuse("bench", "random+median", "--problems", "branin", code=2, says="no learning curves")
    refuse("bench", "random+medain", *CURVES, code=2, says="did you mean 'median'")


def mistakes(version):
    with open("broken.csv", "w") as file:
        file.write("# hone search trace 1\n# sampler: x\n# version: 1\n# command: x\nbranin,0,0.4,twenty,3\n")
    with open("other.csv", "w") as file:
        file.write("# hone search trace 1\n# sampler: x\n# version: 1\n# command: x\n")
        file.writelines(f"branin,{seed},0.4,21.5{',3' * 12}\n" for seed in range(3))
    short = ["--problems", "branin", "--seeds", "2", "--trials", "12", "--budgets", "12"]
    for arguments, code, message in [
            (["--problems", "branni"], 3, "did you mean 'branin'"),
            (["--family", "tunig"], 3, "did you mean 'tuning'"),
            (["--family", "table"], 3, "HONE_DATA_DIR"),
            (["--family", "tuning", "--problems", "branin"], 3, "both"),
            (["tpee", *short], 2, "did you mean 'tpe'"),
            (["grid", *short], 2, "continuous"),
            (["random", *short, "--against", "broken.csv"], 2, "broken.csv, line 5"),
            (["random", *short, "--against", "other.csv"], 2, "the problem changed since"),
            (["random", *short, "--against", "nothing.csv"], 3, "nothing.csv"),
            (["random", "--budgets", "5,x"], 2, "25,50,100"),
            (["random", "--budgets", "50,25"], 2, "ascend"),
            (["--trials", "0"], 2, "trials"),
            (["--against", f"traces/hone-tpe-{version}.csv.gz", "--budgets", "25"], 2, "--budgets")]:
        refuse("bench", *arguments, code=code, says=message)


def main():
    del os.environ["HONE_DATA_DIR"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        lists_problems()
        traces, version = traces_say_what_is_shown()
        ranks_and_differences(traces, version)
        a_peer_limits_only_its_own_comparison()
        shows_a_table_and_a_plot()
        traces_alone_are_compared(version)
        ways_of_asking()
        interrupted_trace_goes_on()
        killed_run_goes_on()
        other_traces_are_refused()
        learning_curves_are_searched_by_epochs()
        mistakes(version)
        os.chdir("/")


main()
