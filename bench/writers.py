#!/usr/bin/python3
"""Several processes ask and tell in one study of a SQLite file, as fast as they can: random search, 10 parameters and 5
reports a trial, every told value on the disk. How long a call takes, and that no trial is lost or doubled.

    writers.py [--program build/release/bench/bench_storage] [--writers 8] [--trials 20000] [--folder FOLDER]

Prints one JSON object: trials per second, and of all processes the worst median, 99th percentile and maximum in
milliseconds. Fails when a trial is lost or doubled.
"""
import argparse
import json
import os
import resource
import sqlite3
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def count_trials(path):
    """All there are, each told, with a number and values of its own."""
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT count(*), count(DISTINCT number), max(number) + 1, sum(state = 'COMPLETE'),"
                          " (SELECT count(*) FROM trial_values), (SELECT count(*) / 5 FROM trial_intermediate_values),"
                          " (SELECT count(*) / 10 FROM trial_params) FROM trials").fetchone()
    assert len(set(rows)) == 1, f"trials, numbers, last number, complete, values, reports, parameters: {rows}"
    return rows[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "release", "bench", "bench_storage"))
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--trials", type=int, default=20000)
    parser.add_argument("--folder", help="where the temporary file goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = os.path.join(folder, "study.db")
        command = [arguments.program, "--url", "sqlite:///" + path, "--calls", "1", "--trials"]
        subprocess.run([*command, "1"], check=True, stdout=subprocess.DEVNULL)
        begin = int(time.time()) + 2
        writers = [subprocess.Popen([*command, str(arguments.trials), "--begin", str(begin)], stdout=subprocess.PIPE, text=True)
                   for _ in range(arguments.writers)]
        results = [json.loads(writer.communicate()[0]) for writer in writers]
        assert all(writer.returncode == 0 for writer in writers), "a writer failed"
        made = count_trials(path)
    assert made == arguments.trials, made
    seconds = max(r["ended"] for r in results) - min(r["began"] for r in results)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = [r["told"] for r in results]
    figures = {"writers": arguments.writers, "trials": made, "trials_per_s": round((made - 1) / seconds, 1),
               "least_told": min(told), "most_told": max(told), "cpu_ms": round(1e3 * (used.ru_utime + used.ru_stime) / made, 3)}
    for key in (f"{call}_ms_{what}" for call in ("ask", "tell") for what in ("p50", "p99", "max")):
        figures[key] = max(r[key] for r in results if r["told"])
    print(json.dumps(figures))


main()
