#!/usr/bin/python3
"""`hone data make`: what is asked for is made, fits, and is refused when it cannot be."""

import csv
import gzip
import io
import os
import tempfile

from hone_test import hone


def run(*arguments):
    result = hone(*arguments)
    assert result.returncode == 0, (arguments, result.stderr)
    return result.stdout


def table(text):
    rows = list(csv.reader(io.StringIO(text)))
    return rows[0], rows[1:]


def kinds():
    for kind, columns, classes in (("classification", 20, 2), ("regression", 100, None), ("blobs", 2, 3), ("moons", 2, 2)):
        names, rows = table(run("data", "make", kind))
        assert names == [f"x{i}" for i in range(columns)] + ["target"] and len(rows) == 100
        assert classes is None or {row[-1] for row in rows} == set(map(str, range(classes)))
    names, rows = table(run("data", "make", "classification", "--rows", 60, "--columns", 5, "--classes", 3, "--informative", 3,
                            "--redundant", 1, "--clusters", 1, "--weights", "0.5,0.3", "--flip", 0, "--in-order"))
    assert len(names) == 6 and [row[-1] for row in rows] == ["0"] * 30 + ["1"] * 18 + ["2"] * 12


def files():
    text = run("data", "make", "blobs", "--seed", 3)
    assert text == run("data", "make", "blobs", "--seed", 3, "-o", "-") != run("data", "make", "blobs", "--seed", 4)
    run("data", "make", "blobs", "--seed", 3, "-o", "b.csv")
    run("data", "make", "blobs", "--seed", 3, "-o", "b.csv.gz")
    with open("b.csv", encoding="utf-8") as plain, gzip.open("b.csv.gz", "rt") as packed:
        assert plain.read() == packed.read() == text
    assert sorted(os.listdir(".")) == ["b.csv", "b.csv.gz"]  # nothing temporary is left


def fitted():
    """The best model finds what was put in: r2 of a linear truth, two moons apart."""
    run("data", "make", "regression", "--rows", 300, "--columns", 8, "--informative", 4, "--noise", 5, "--seed", 1, "-o", "r.csv")
    assert "regression of target" in run("fit", "r.csv", "--model", "ridge", "--trials", 5, "--storage", "memory:", "-o", "r.hone")
    score = float(run("evaluate", "r.hone", "r.csv", "--metric", "r2").split()[1])
    assert score > 0.98, score
    run("data", "make", "moons", "--rows", 300, "--noise", 0.1, "-o", "m.csv.gz")
    run("fit", "m.csv.gz", "--trials", 8, "--seed", 1, "--storage", "memory:", "-o", "m.hone")
    assert float(run("evaluate", "m.hone", "m.csv.gz").split()[1]) > 0.95


def mistakes():
    def refused(*arguments, says, code=2):
        result = hone("data", *arguments)
        assert result.returncode == code and says in result.stderr and not result.stdout, (arguments, result)

    refused("mkae", says="no action 'mkae'")
    refused("make", says="an argument is missing")
    refused("make", "moon", says="no data of kind 'moon' (did you mean 'moons'?)")
    refused("make", "moons", "--flip", "0.1", says="--flip is not for moons")
    refused("make", "blobs", "--rows", "0", says="--rows: '0' is no whole number of at least 1")
    refused("make", "blobs", "--spread", "wide", says="--spread: 'wide' is no number")
    refused("make", "classification", "--weights", "0.5,x", says="--weights: 'x' is no number")
    refused("make", "classification", "--classes", "5", says="raise informative or lower clusters")
    refused("make", "moons", "-o", "no/such/folder.csv", says="cannot create no/such/folder.csv", code=4)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for test in (files, kinds, fitted, mistakes):
            test()
            print(f"ok {test.__name__}")
        os.chdir("/")


main()
