#!/usr/bin/python3
"""hone bench: its problems, traces that can be made again, regrets as their definition says, and mistakes."""

import csv
import gzip
import io
import json
import math
import os
import statistics
import tempfile

from hone_test import refuse, run

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


def shows_a_table_and_a_plot():
    text = run("bench", "random", "--problems", "branin", "--seeds", "2", "--trials", "10").stdout
    assert "1 problem, 2 searches" in text and "hone-random" in text and "slowest" in text, text
    assert "mean normalised regret" in text and "trials" in text and "at 10" in text, text


def traces_alone_are_compared(version):
    text = run("bench", "--against", f"traces/hone-tpe-{version}.csv.gz", "--against", f"traces/hone-random-{version}.csv.gz",
                "--trials", "12").stdout
    assert "3 problems, 9 searches" in text and "less" not in text, text


def ways_of_asking():
    several = csv_rows("random", *SMALL, "--running", "3")
    assert several == csv_rows("random", *SMALL), "random search asks no history"
    assert len(csv_rows("tpe", *SMALL, "--by-run")) == 6
    run("bench", "random", "--problems", "branin", "--seeds", "1", "--first-seed", "4", "--trials", "3", "-o", "one.csv")
    assert list(read_trace("one.csv")) == [("branin", 4)]


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
            (["--against", f"traces/hone-tpe-{version}.csv.gz"], 2, "--budgets")]:
        refuse("bench", *arguments, code=code, says=message)


def main():
    del os.environ["HONE_DATA_DIR"]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        lists_problems()
        traces, version = traces_say_what_is_shown()
        ranks_and_differences(traces, version)
        shows_a_table_and_a_plot()
        traces_alone_are_compared(version)
        ways_of_asking()
        mistakes(version)
        os.chdir("/")


main()
