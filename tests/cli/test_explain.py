#!/usr/bin/python3
"""`hone importance` and `hone plot`: what is shown of a model, as text, JSON and CSV, and what is refused."""

import csv
import io
import json
import os
import random
import tempfile

from hone_test import run


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def make_data(name, n, seed):
    """`bought` depends on income and city, not on noise."""
    draw = random.Random(seed)
    lines = ["income,city,noise,bought"]
    for _ in range(n):
        income, city = draw.gauss(0, 1), draw.choice(["bonn", "köln", "mainz"])
        bought = income + (city == "bonn") + draw.gauss(0, 0.3) > 0.5
        lines.append(f"{income:.4f},{city},{draw.gauss(0, 1):.4f},{'yes' if bought else 'no'}")
    write(name, "\n".join(lines) + "\n")


def refused(part, *arguments, code=2):
    result = run(*arguments, code=code)
    assert part in result.stderr, (arguments, result.stderr)


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def importance():
    text = run("importance", "m.hone", "test.csv").stdout
    names = [line.split()[0] for line in text.splitlines()[3:]]
    assert set(names[:2]) == {"income", "city"} and names[2] == "noise", text
    one = run("importance", "m.hone", "test.csv", "--csv", "-j", "1", "--repeats", "3", "--seed", "7").stdout
    three = run("importance", "m.hone", "test.csv", "--csv", "-j", "3", "--repeats", "3", "--seed", "7").stdout
    assert one == three and one.startswith("column,mean,deviation,repeat_0,repeat_1,repeat_2\n"), one
    answer = json.loads(run("importance", "m.hone", "test.csv", "--json", "--repeats", "3", "--seed", "7").stdout)
    for row, column in zip(table(one), answer["columns"]):
        values = [float(row[f"repeat_{r}"]) for r in range(3)]
        assert column["column"] == row["column"] and column["repeats"] == values
        assert abs(column["mean"] - sum(values) / 3) < 1e-12
    evaluated = json.loads(run("evaluate", "m.hone", "test.csv", "--json").stdout)
    assert answer["score"] == evaluated["scores"]["accuracy"] and answer["rows"] == 120
    refused("--repeats allows 1 to", "importance", "m.hone", "test.csv", "--repeats", "0")
    refused("metric r2 is not for classification", "importance", "m.hone", "test.csv", "--metric", "r2")
    refused("is not a safetensors file", "importance", "test.csv", "test.csv")
    refused('no column "bought"', "importance", "m.hone", "blind.csv", code=3)


def dependence():
    plain = run("plot", "partial-dependence", "m.hone", "blind.csv", "--column", "income").stdout
    assert "mean probability of bought = yes by income" in plain and "●" in plain
    ascii_only = run("plot", "partial-dependence", "m.hone", "blind.csv", "--column", "income", env={"LC_ALL": "C"})
    assert ascii_only.stdout.isascii() and "o" in ascii_only.stdout
    rows = table(run("plot", "partial-dependence", "m.hone", "blind.csv", "--column", "income", "--csv").stdout)
    values = [float(row["yes"]) for row in rows]
    assert len(rows) == 20 and values[0] < 0.4 < 0.6 < values[-1], values
    rows = table(run("plot", "partial-dependence", "m.hone", "blind.csv", "-c", "city", "-c", "income", "--grid", "4",
                     "--class", "no", "--csv").stdout)
    assert [row["city"] for row in rows] == ["bonn"] * 4 + ["köln"] * 4 + ["mainz"] * 4 and "no" in rows[0]
    both = json.loads(run("plot", "partial-dependence", "m.hone", "test.csv", "-c", "city", "--ice", "2", "--rows", "50",
                          "--json").stdout)
    assert both["rows"] == 50 and len(both["individual"]) == 2 and both["axes"][0]["values"] == ["bonn", "köln", "mainz"]
    assert both["average"]["yes"][0] > both["average"]["yes"][1]
    refused("did you mean 'income'?", "plot", "partial-dependence", "m.hone", "test.csv", "-c", "incom", code=3)
    refused("is what the model predicts", "plot", "partial-dependence", "m.hone", "test.csv", "-c", "bought", code=3)
    refused("--column is wanted", "plot", "partial-dependence", "m.hone", "test.csv")
    refused("did you mean 'yes'?", "plot", "partial-dependence", "m.hone", "test.csv", "-c", "income", "--class", "yess",
            code=3)
    write("wide.csv", "".join(line.strip() + (",extra\n" if i == 0 else ",1\n")
                              for i, line in enumerate(open("test.csv", encoding="utf-8"))))
    refused("it was fitted to income, city, noise", "plot", "partial-dependence", "m.hone", "wide.csv", "-c", "extra", code=3)


def other_tables():
    """The same rows under two lines of text, with another delimiter."""
    with open("test.csv", encoding="utf-8") as file:
        write("odd.csv", "made by hand\nnot by hone\n" + file.read().replace(",", ";"))
    how = ["--delimiter", ";", "--skip-rows", "2", "--csv"]
    for command in (["importance", "m.hone"], ["plot", "partial-dependence", "--column", "income", "m.hone"]):
        assert run(*command, "odd.csv", *how).stdout == run(*command, "test.csv", "--csv").stdout, command
        refused("--delimiter is one character", *command, "odd.csv", "--delimiter", "ab")
        refused("--skip-rows allows 0 to", *command, "odd.csv", "--skip-rows", "-1")


def curves():
    data = ["--data", "train.csv", "--target", "bought", "--model", "decision_tree", "--seed", "1"]
    text = run("plot", "learning-curve", *data).stdout
    assert "● train   ○ validation" in text and "it overfits" in text, text
    rows = table(run("plot", "learning-curve", *data, "--sizes", "20,0.5,1", "--csv").stdout)
    assert len(rows) == 15 and rows[0]["rows"] == "20" and rows[-1]["rows"] == "160", rows
    answer = json.loads(run("plot", "learning-curve", *data, "--sizes", "20,0.5,1", "--json").stdout)
    folds = [float(row["validation"]) for row in rows if row["rows"] == "160"]
    assert answer["points"][2]["validation"]["folds"] == folds and answer["metric"] == "accuracy"
    text = run("plot", "validation-curve", *data, "--parameter", "max_depth=1..9").stdout
    assert "Validation is best at max_depth" in text, text
    rows = table(run("plot", "validation-curve", *data, "--parameter", "max_depth=1..4", "--csv").stdout)
    assert [row["max_depth"] for row in rows[::5]] == ["1", "2", "3", "4"], rows
    bars = run("plot", "validation-curve", *data, "--parameter", "criterion=gini,entropy").stdout
    assert "  gini\n" in bars and "validation" in bars, bars
    answer = json.loads(run("plot", "validation-curve", *data, "--parameter", "preprocess.select=1,2,0", "--json").stdout)
    best = [point["validation"]["mean"] for point in answer["points"]]
    assert len(set(best)) > 1 and best[2] == max(best), best
    refused("must be one of none, standard", "plot", "validation-curve", *data, "--parameter", "preprocess.scale=minmax,no")
    svm = ["--data", "train.csv", "--target", "bought", "--model", "svm", "--seed", "1", "--metric", "log_loss"]
    rows = table(run("plot", "validation-curve", *svm, "--parameter", "C=0.1,1", "--csv").stdout)
    assert len(rows) == 10 and all(0 < float(row["validation"]) < 1 for row in rows), rows
    refused("from 1 to 160", "plot", "learning-curve", *data, "--sizes", "4000")
    refused("did you mean 'max_depth'?", "plot", "validation-curve", *data, "--parameter", "max_dept=1..3", code=3)
    refused("max_depth = -1", "plot", "validation-curve", *data, "--parameter", "max_depth=-1..3")
    refused("LOW..HIGH", "plot", "validation-curve", *data, "--parameter", "max_depth=3..1")
    refused("--parameter is missing", "plot", "validation-curve", *data)
    refused("wants a study file, or --data", "plot", "learning-curve")
    refused("did you mean 'learning-curve'?", "plot", "lerning-curve")


def of_a_study():
    """What is searched is set as in the best trial; without a study by the defaults, and none is made."""
    write("study.yaml", "study: trees\ndata: {train: train.csv, target: bought}\n"
                        "model: {type: decision_tree, max_depth: {int: [1, 3]}}\n"
                        "search: {sampler: grid, seed: 4}\ncv: {folds: 4, train_scores: true}\n")
    text = run("plot", "learning-curve", "study.yaml").stdout
    assert "options of trial" not in text and "4 folds" in text and not os.path.exists("hone.db"), text
    summary = run("tune", "study.yaml", "-q").stdout
    assert " in training   (trial " in summary, summary
    listed = run("trials").stdout
    assert "in training" in listed.splitlines()[0], listed
    best_text = run("best").stdout
    exact = json.loads(run("best", "--json").stdout)["attrs"]["train_accuracy"]
    assert f"in training  {exact!r}\n" in best_text, best_text
    best = json.loads(run("best", "--json").stdout)
    text = run("plot", "learning-curve", "study.yaml").stdout
    best = best[0] if isinstance(best, list) else best
    assert f"max_depth {best['params']['max_depth']}" in text and "options of trial" in text, (text, best)
    refused("curves are of built-in models", "plot", "learning-curve", "program.yaml")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_data("train.csv", 200, 1)
        make_data("test.csv", 120, 2)
        with open("test.csv", encoding="utf-8") as file:
            write("blind.csv", "".join(line.rstrip("\n").rsplit(",", 1)[0] + "\n" for line in file))
        write("program.yaml", "space: {x: {float: [0, 1]}}\ngoal: minimize y\ncommand: echo y={x}\n")
        run("fit", "train.csv", "-y", "bought", "-m", "random_forest", "-p", "n_estimators=40", "-n", "1", "-q", "-s",
            "memory:", "--seed", "1", "-o", "m.hone")
        importance()
        dependence()
        other_tables()
        curves()
        of_a_study()


main()
