#!/usr/bin/python3
"""The model xgboost from the program: fitted, saved, used without its library; files that are damaged; no library."""

import os
import pathlib
import random
import tempfile

from hone_test import hone, run, skip

DATA = pathlib.Path(os.environ["HONE_SOURCE_DIR"]) / "examples/data/iris.csv"


def fits_and_predicts():
    shown = run("fit", DATA, "-y", "species", "-m", "xgboost", "--trials", 5, "--seed", 1, "-o", "iris.hone")
    assert "xgboost, 5 folds of 150 rows" in shown.stdout, shown.stdout
    score = run("evaluate", "iris.hone", DATA).stdout.split()
    assert score[0] == "accuracy" and float(score[1]) > 0.94, score
    lines = run("predict", "iris.hone", DATA, "--proba").stdout.splitlines()
    assert lines[0] == "species,setosa,versicolor,virginica" and len(lines) == 151, lines[:2]
    assert abs(sum(float(cell) for cell in lines[1].split(",")[1:]) - 1) < 1e-6, lines[1]
    return "\n".join(lines)


def needs_no_library_to_predict(expected):
    os.environ["HONE_XGBOOST"] = "/nowhere/libxgboost.so"
    shown = run("predict", "iris.hone", DATA, "--proba").stdout
    assert shown.strip() == expected, shown
    failed = hone("fit", DATA, "-y", "species", "-m", "xgboost")
    assert failed.returncode != 0 and "install the package libxgboost0" in failed.stderr, failed
    assert "Traceback" not in failed.stderr and failed.stderr.count("\n") == 1, failed.stderr
    doctor = run("doctor", "none.db").stdout
    assert "install the package libxgboost0" in doctor, doctor
    del os.environ["HONE_XGBOOST"]


def survives_damaged_files():
    whole = pathlib.Path("iris.hone").read_bytes()
    draw = random.Random(1)
    for attempt in range(60):
        damaged = bytearray(whole)
        if attempt % 4 == 0:
            damaged = damaged[: draw.randrange(len(damaged))]
        for _ in range(4 if damaged else 0):
            damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        pathlib.Path("damaged.hone").write_bytes(damaged)
        result = hone("predict", "damaged.hone", DATA, "-o", "out.csv")
        # A flipped bit of a leaf's value is another sound model, that of a column's name one of other data; everything else
        # has to be told.
        told = "damaged.hone" in result.stderr or "lacks the column" in result.stderr
        assert result.returncode >= 0 and (result.returncode == 0 or told), result
        assert attempt % 4 or result.returncode, result


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if "install the package libxgboost0" in run("doctor", "none.db").stdout:
            skip("XGBoost's library is not here")
        expected = fits_and_predicts()
        needs_no_library_to_predict(expected)
        survives_damaged_files()


main()
