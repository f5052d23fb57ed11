#!/usr/bin/python3
"""The benchmarks of many workers, small: a fleet on PostgreSQL, some connected to it and the others over HTTP, and several
processes that write to one SQLite file. They fail by themselves when a trial is lost or a number is given twice."""

import json
import os
import subprocess
import sys

import hone_test
import postgres

BUILD = os.environ["HONE_BUILD_DIR"]
BENCH = os.path.join(os.environ["HONE_SOURCE_DIR"], "bench")


def figures(script, *arguments):
    done = subprocess.run([sys.executable, os.path.join(BENCH, script), *arguments], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def check_fleet():
    found = figures("fleet.py", "--build", BUILD, "--clients", "50", "--direct", "4", "--trials", "25", "--rate", "150",
                    "--seconds", "2", "--settle", "0")
    assert found["duplicates"] == 0 and found["asks"] >= 276, found


def check_writers():
    found = figures("writers.py", "--program", BUILD + "/bench/bench_storage", "--writers", "8", "--trials", "300")
    assert found["trials"] == 300, found


def main():
    if not os.path.exists(BUILD + "/bench/bench_storage"):
        hone_test.skip("the benchmarks are not built")
    check_writers()
    if postgres.missing():
        hone_test.skip(postgres.missing())
    check_fleet()


main()
