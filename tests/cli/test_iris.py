#!/usr/bin/python3
"""The tutorials' forest on iris: a grid search on 120 rows, the best fitted again, 30 rows held out. Needs the data."""

import gzip
import json
import os
import pathlib
import sys
import tempfile

from hone_test import hone

DATA = pathlib.Path(os.environ.get("HONE_DATA_DIR", "../shared/data")) / "tabular" / "iris.csv.gz"
SKIPPED = 77

# The rows (from 0) that train_test_split(test_size=0.2, random_state=42) of scikit-learn 1.2.1 sets aside: the first 30 of
# numpy.random.RandomState(42).permutation(150) with NumPy 1.24.2.
TEST_ROWS = [73, 18, 118, 78, 76, 31, 64, 141, 68, 82, 110, 12, 36, 9, 19,
             56, 104, 69, 55, 132, 29, 127, 26, 128, 131, 145, 108, 143, 45, 30]

STUDY = """\
study: iris
storage: sqlite:///iris.db
goal: maximize accuracy
search: {sampler: grid, seed: 42}
data: {train: train.csv, target: species, test: test.csv}
model:
  type: random_forest
  n_estimators: {choice: [50, 100, 200]}
  max_depth: {ordinal: [10, 20, null]}
  min_samples_split: {choice: [2, 5, 10]}
  min_samples_leaf: {choice: [1, 2, 4]}
cv: 5
"""


def split():
    with gzip.open(DATA, "rt", encoding="ascii") as file:
        rows = [line for line in file.read().splitlines() if line]
    assert len(rows) == 150
    header = "sepal_length,sepal_width,petal_length,petal_width,species"
    train = [row for i, row in enumerate(rows) if i not in TEST_ROWS]
    for name, lines in (("train.csv", train), ("test.csv", [rows[i] for i in TEST_ROWS])):
        pathlib.Path(name).write_text("\n".join([header, *lines]) + "\n", encoding="ascii")


def run(*arguments):
    result = hone(*arguments)
    assert result.returncode == 0, (arguments, result.stdout, result.stderr)
    return result.stdout


def main():
    if not DATA.exists():
        print(f"skipped: {DATA} is not there")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        split()
        pathlib.Path("study.yaml").write_text(STUDY, encoding="ascii")
        result = json.loads(run("tune", "study.yaml", "-o", "iris.hone", "--json").splitlines()[-1])
        assert result["complete"] == 81 and result["best"]["values"][0] > 0.93, result
        assert result["held_out"] == {"rows": 30, "value": 1.0, "scores": {"accuracy": 1.0}}, result
        assert json.loads(run("evaluate", "iris.hone", "test.csv", "--json"))["scores"] == {"accuracy": 1.0}


if __name__ == "__main__":
    main()
