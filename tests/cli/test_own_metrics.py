#!/usr/bin/python3
"""Metrics by programs of the user's: what they are given, how they may answer, and every way they can go wrong."""

import json
import os
import random
import sys
import tempfile

from hone_test import run

HEAD = "storage: 'memory:'\nsearch: {trials: 2, seed: 1}\nmodel: {type: logistic, C: {float: [0.1, 1]}}\n"
TABLE = '''
import csv, sys
with open(sys.argv[1], newline="") as file:
    table = list(csv.reader(file))
assert table == list(csv.reader(sys.stdin)), "both ways show the same"
head, rows = table[0], table[1:]
assert head == ["truth", "prediction", "weight", "no", "yes, sure"], head
for truth, prediction, weight, no, yes in rows:
    assert truth in head[3:] and prediction in head[3:] and abs(float(no) + float(yes) - 1) < 1e-9
    assert (prediction == "yes, sure") == (float(yes) > float(no))
    assert 1 <= float(weight) < 2
print("{\\"done\\":{\\"metrics\\":{\\"profit\\":7}}}", file=sys.stderr)
print("a line of no use, other=3")
print("profit=%r" % (sum((5 if row[0] == head[4] else -1) for row in rows if row[1] == head[4]) / len(rows)))
'''


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def rows(name, n, seed):
    draw = random.Random(seed)
    lines = ["a,exposure,answer"]
    for _ in range(n):
        yes = draw.random() < 0.3
        lines.append(f"{draw.gauss(2 * yes, 1):.4f},{draw.uniform(1, 2):.3f},{chr(34) + 'yes, sure' + chr(34) if yes else 'no'}")
    write(name, "\n".join(lines) + "\n")


def trials_of(file, study):
    where = ("--study", study, "--storage", "sqlite:///kept.db")
    run("tune", file, *where)
    return json.loads(run("trials", *where, "--json").stdout)


def measures():
    metric = f"{{name: profit, command: '{sys.executable} table.py {{file}}', probabilities: true}}"
    write("study.yaml", HEAD + "data: {train: train.csv, weights: exposure, held_out: 0.2}\n"
          f"metrics: [{metric}, accuracy]\ncv: {{folds: 3, train_scores: true}}\n")
    shown = run("tune", "study.yaml").stdout
    assert "maximize profit" in shown and "held out   profit " in shown, shown
    for trial in trials_of("study.yaml", "kept"):
        assert len(trial["attrs"]["profit_folds"]) == 3 and len(trial["attrs"]["train_profit_folds"]) == 3, trial

    run("fit", "train.csv", "-m", "logistic", "--weights", "exposure", "-n", 1, "-p", "C=1", "-p", "penalty=l2", "-o", "model.hone")
    scores = json.loads(run("evaluate", "model.hone", "train.csv", "--metric", "profit,accuracy", "--study-file", "study.yaml",
                            "--json").stdout)["scores"]
    assert 0 < scores["profit"] < 5 and 0 < scores["accuracy"] < 1, scores
    lost = json.loads(run("importance", "model.hone", "train.csv", "--metric", "profit", "--study-file", "study.yaml", "--json").stdout)
    assert lost["metric"] == "profit" and abs(lost["score"] - scores["profit"]) < 1e-12 and any(c["mean"] for c in lost["columns"]), lost
    assert 'there is no metric "acuracy" (did you mean "accuracy"?)' in run("evaluate", "model.hone", "train.csv", "--metric", "acuracy", code=3).stderr
    assert 'there is no metric "profit"' in run("evaluate", "model.hone", "train.csv", "--metric", "profit", code=3).stderr


def spellings():
    data = "data: {train: train.csv, target: answer, drop: exposure}\n"
    rows_metric = "sed 1d {file} | wc -l"
    for text, expected in (
            (f"{{name: rows, command: '{rows_metric}', shell: true}}", 40),
            ("{name: rows, command: [sh, -c, 'echo 0.25'], direction: minimize}", 0.25),
            ("{name: rows, command: printf ' 1e-3\\n\\n'}", 0.001),
            ("{name: rows, command: 'echo rows: 3', timeout: 10s}", 3)):
        write("form.yaml", HEAD + data + f"metrics: {text}\n")
        result = json.loads(run("tune", "form.yaml", "--json").stdout.splitlines()[-1])
        assert result["best"]["values"] == [expected], (text, result)
    assert "minimize gap" in run("tune", "gap.yaml").stdout


def regression():
    write("values.csv", "x,y\n" + "".join(f"{i},{i * 0.37 + i % 3}\n" for i in range(60)))
    awk = "env LC_ALL=C awk -F, 'NR > 1 {{ d = $1 - $2; s += d < 0 ? -d : d }} END {{ print s / (NR - 1) }}'"
    write("gap.yaml", "storage: 'memory:'\nsearch: {trials: 2, seed: 1}\nmodel: {type: ridge, alpha: {float: [0.1, 1]}}\n"
          "data: {train: values.csv, target: y, task: regression}\nmetrics:\n"
          f"  - {{name: gap, direction: minimize, command: \"{awk}\"}}\n  - mae\n")
    for trial in trials_of("gap.yaml", "gap"):
        assert abs(trial["values"][0] - trial["attrs"]["mae"]) < 1e-5, trial


def fails_in_a_trial():
    wrong = {
        "sh -c 'echo no budget left >&2; exit 4'": "metric m: its program exited with status 4: no budget left",
        "sh -c 'kill -9 $$'": "metric m: its program was ended by signal 9",
        "echo soon": 'metric m: its program must print a number or m=number, printed "soon"',
        "echo n=3": 'must print a number or m=number, printed "n=3"',
        "true": "must print a number or m=number, printed nothing",
        "echo nan": "metric m: its program printed a value that is not finite",
        "echo m=-inf": "metric m: its program printed a value that is not finite",
        "no-such-program": "metric m: cannot start 'no-such-program'",
        "sleep 60": "metric m: its program took longer than 0.2 s (timeout)",
    }
    for command, message in wrong.items():
        write("wrong.yaml", "storage: 'memory:'\nsearch: {trials: 1}\nmodel: {type: logistic, C: {float: [0.1, 1]}}\n"
              "data: {train: train.csv, target: answer}\n"
              f"metrics: [{{name: m, command: \"{command}\", timeout: {'0.2s' if 'sleep' in command else '20s'}}}]\n")
        shown = run("tune", "wrong.yaml", code=1)
        assert message in shown.stdout + shown.stderr, (command, shown.stdout, shown.stderr)


def refuses():
    wrong = {
        "[{command: x}]": "wrong.yaml:5:11: metrics: name is missing",
        "[{name: m}]": "wrong.yaml:5:11: metrics: command is missing",
        "[{name: m, command: x, directoin: minimize}]": "unknown key 'directoin' (did you mean 'direction'?)",
        "[{name: m, command: x, direction: up}]": "metrics: direction must be maximize or minimize",
        "[{name: m, command: 'x {C}'}]": "{C} has no meaning here: {file} is the table",
        "[{name: m, command: ''}]": "wrong.yaml:5:",
        "[{name: m, command: \"x 'y\"}]": "wrong.yaml:5:",
        "[{name: m, command: x, timeout: 0}]": "metrics: timeout must be",
        "[{name: accuracy, command: x}]": "there is a metric accuracy already",
        "[{name: m, command: x}, {name: m, command: y}]": "there is a metric m already",
        "[{name: 'm,n', command: x}]": '"m,n" is no name for a metric',
        "[[accuracy]]": "metrics must be metrics' names, or maps",
    }
    for text, message in wrong.items():
        write("wrong.yaml", HEAD + f"data: {{train: train.csv, target: answer}}\nmetrics: {text}\n")
        shown = run("tune", "wrong.yaml", code=2).stderr
        assert message in shown, (text, shown)
    with open("gap.yaml", encoding="utf-8") as file:
        write("wrong.yaml", file.read().replace("{name: gap,", "{name: gap, probabilities: true,"))
    assert "metric gap asks for probabilities, which regression does not have" in run("tune", "wrong.yaml", code=2).stderr
    write("wrong.yaml", HEAD.replace("logistic, C: {float: [0.1, 1]}", "svm, C: {float: [0.1, 1]}") +
          "data: {train: train.csv, target: answer}\nmetrics: [{name: m, command: x}, absent]\n")
    assert 'there is no metric "absent"' in run("tune", "wrong.yaml", code=3).stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        rows("train.csv", 200, 1)
        write("table.py", TABLE)
        measures()
        regression()
        spellings()
        fails_in_a_trial()
        refuses()


if __name__ == "__main__":
    main()
