#!/usr/bin/python3
"""`hone fit`, `predict` and `evaluate`, and models in study files: results, what is stored, and messages about bad data."""

import json
import os
import random
import signal
import subprocess
import tempfile
import time

from hone_test import PATIENCE, hone, kill_workers, run, wait_for, workers_of


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def flowers(name, n, seed):
    """Three classes, two of them overlapping; a category that helps, a missing value here and there."""
    draw = random.Random(seed)
    lines = ["length,width,colour,kind"]
    for _ in range(n):
        kind = draw.randrange(3)
        length = draw.gauss(kind, 0.6)
        width = "" if draw.random() < 0.05 else f"{draw.gauss(-kind, 0.7):.4f}"
        colour = draw.choice(["red", "red", "blue"] if kind == 2 else ["blue", "blue", "red"])
        lines.append(f"{length:.4f},{width},{colour},{['iris', 'lily', 'rose, wild'][kind]}".replace("rose, wild", '"rose, wild"'))
    write(name, "\n".join(lines) + "\n")


def curve(name, n, seed):
    draw = random.Random(seed)
    rows = (draw.uniform(-3, 3) for _ in range(n))
    write(name, "x,y\n" + "".join(f"{x:.4f},{x * x + draw.gauss(0, 0.1):.4f}\n" for x in rows))


def result_of(output):
    return json.loads(output.stdout.splitlines()[-1])


def says(result, code, *parts):
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    for part in parts:
        assert part in result.stderr, (part, result.stderr)


def classification():
    shown = run("fit", "train.csv", "--target", "kind", "--trials", 8, "--seed", 1, "--held-out", 0.2, "-o", "flowers.hone")
    for part in ("240 rows, 3 columns, 3 classes of kind", "best", "±", "over 5 folds", "held out", "47 rows", "flowers.hone"):
        assert part in shown.stdout, (part, shown.stdout)
    again = run("fit", "train.csv", "--target", "kind", "--trials", 8, "--seed", 1, "--held-out", 0.2, "-o", "again.hone", "--json")
    result = result_of(again)
    assert result["complete"] == 0 and result["study"] == "train-svm" and result["held_out"]["rows"] == 47
    assert 0.7 < result["best"]["values"][0] < 1 and 0 < result["deviation"] < 0.2
    first, second = (run("predict", model, "test.csv").stdout for model in ("flowers.hone", "again.hone"))
    assert first == second
    more = run("fit", "train.csv", "--target", "kind", "--trials", "+3", "--seed", 1, "--held-out", 0.2, "-o", "again.hone", "--json")
    assert sorted(json.loads(line)["trial"] for line in more.stdout.splitlines()[:-1]) == [8, 9, 10]


def prediction():
    run("predict", "flowers.hone", "test.csv", "-o", "out.csv")
    with open("out.csv", encoding="utf-8") as file:
        rows = file.read().splitlines()
    assert rows[0] == "kind" and len(rows) == 91 and set(rows[1:]) == {"iris", "lily", '"rose, wild"'}, rows
    assert run("predict", "flowers.hone", "test.csv").stdout.splitlines() == rows
    with open("test.csv", encoding="utf-8") as file:
        truth = [line.split(",", 3)[3] for line in file.read().splitlines()]
    accuracy = sum(a == b for a, b in zip(rows[1:], truth[1:])) / 90
    scored = json.loads(run("evaluate", "flowers.hone", "test.csv", "--json").stdout)
    assert scored == {"rows": 90, "scores": {"accuracy": accuracy}} and accuracy > 0.7, (scored, accuracy)
    shown = run("evaluate", "flowers.hone", "test.csv", "--metric", "accuracy,f1_macro").stdout
    assert "accuracy" in shown and "f1_macro" in shown
    unlabelled = "\n".join(line.rsplit(",", 1)[0] for line in ["length,width,colour,kind", "0,0,red,x", "2,-2,red,x"])
    write("new.csv", unlabelled + "\n")
    assert len(run("predict", "flowers.hone", "new.csv").stdout.splitlines()) == 3


def regression():
    shown = run("fit", "curve.csv", "--trials", 6, "--seed", 2, "--test", "curve2.csv", "-o", "curve.hone")
    assert "regression of y" in shown.stdout and "r2 0.9" in shown.stdout, shown.stdout
    values = [float(line) for line in run("predict", "curve.hone", "curve2.csv").stdout.splitlines()[1:]]
    assert len(values) == 60 and 8 < max(values) < 10
    scores = json.loads(run("evaluate", "curve.hone", "curve2.csv", "--metric", "rmse,r2", "--json").stdout)["scores"]
    assert scores["rmse"] < 0.3 and scores["r2"] > 0.98, scores
    by_error = run("fit", "curve.csv", "--metric", "rmse", "--trials", 6, "--study", "rmse", "--json", "-o", "r.hone").stdout
    events = [json.loads(line) for line in by_error.splitlines()]
    assert events[-1]["best"]["values"][0] == min(event["values"][0] for event in events[:-1]) > 0


def own_space():
    arguments = ["fit", "train.csv", "--target", "kind", "--trials", 4, "--study", "own", "-o", "own.hone", "--json"]
    lines = run(*arguments, "-p", "C={float: [1, 2]}", "-p", "kernel: linear", "-p", "class_weight: balanced").stdout
    trials = [json.loads(line) for line in lines.splitlines()[:-1]]
    assert all(list(trial["params"]) == ["C"] and 1 <= trial["params"]["C"] <= 2 for trial in trials), trials


def study_file():
    write(
        "model.yaml",
        "storage: sqlite:///file.db\nsearch: {trials: 5, seed: 1, workers: 1}\n"
        "data: {train: train.csv, target: kind, held_out: 0.25}\n"
        "model:\n  type: svm\n  C: {float: [0.1, 10], log: true, name: penalty}\n  kernel: {choice: [rbf, linear]}\n"
        "  gamma: {float: [0.01, 1], log: true, when: kernel == rbf}\ncv: {folds: 3}\nmetrics: [f1_macro, accuracy]\n",
    )
    lines = [json.loads(line) for line in run("tune", "model.yaml", "--json").stdout.splitlines()]
    assert lines[-1]["study"] == "model" and lines[-1]["held_out"]["rows"] == 60
    for trial in lines[:-1]:
        names = ["penalty", "kernel"] + (["gamma"] if trial["params"]["kernel"] == "rbf" else [])
        assert list(trial["params"]) == names, trial
    one, two = (run("tune", "model.yaml", "--json", "--study", s, "--storage", "memory:", "-j", j) for s, j in (("a", 1), ("b", 2)))
    first = {json.loads(line)["trial"]: json.loads(line) for line in one.stdout.splitlines()[:-1]}
    for trial in map(json.loads, two.stdout.splitlines()[:-1]):
        if trial["params"] == first[trial["trial"]]["params"]:
            assert trial["values"] == first[trial["trial"]]["values"]
    assert "would be made" in run("tune", "model.yaml", "--dry-run", "--study", "new").stdout


def shares_are_no_counts():
    """1.0 of the columns is all of them, fixed or chosen; 1 is one."""
    values = {}
    for given in ("all", "1.0", "1", "{choice: [1.0, sqrt]}"):
        write("share.yaml", "storage: 'memory:'\nsearch: {sampler: grid, seed: 1}\ndata: {train: train.csv, target: kind}\n"
              f"model: {{type: random_forest, n_estimators: 7, max_features: {given}, max_depth: {{choice: [4]}}}}\ncv: 3\n")
        trials = [json.loads(line) for line in run("tune", "share.yaml", "--json").stdout.splitlines()[:-1]]
        values[given] = {str(trial["params"].get("max_features", given)): trial["values"] for trial in trials}
    assert values["all"]["all"] == values["1.0"]["1.0"] != values["1"]["1"], values
    assert values["{choice: [1.0, sqrt]}"]["1.0"] == values["all"]["all"], values


def kinds_of_splits():
    """Every `cv.kind` runs with any number of workers to the same scores; groups are never torn apart."""
    draw = random.Random(7)
    write("visits.csv", "patient,fold,x,ill\n" + "".join(
        f"p{i // 4},{i % 3 - 1},{draw.gauss(i // 4 % 2, 1):.3f},{'yes' if i // 4 % 2 else 'no'}\n" for i in range(120)))
    kinds = {"group": "column: patient, folds: 3", "stratified_group": "column: patient", "leave_one_group": "column: fold",
             "predefined": "column: fold", "time_series": "folds: 4", "repeated": "folds: 3, repeats: 2",
             "shuffle": "folds: 3, test: 0.3", "holdout": "test: 0.25", "kfold": "shuffle: false"}
    for kind, rest in kinds.items():
        write("cv.yaml", "search: {sampler: random, trials: 3, seed: 1}\ndata: {train: visits.csv, target: ill}\n"
              f"model: {{type: svm, C: {{float: [0.1, 10]}}}}\ncv: {{kind: {kind}, {rest}}}\n")
        one, two = ([json.loads(line) for line in run("tune", "cv.yaml", "--storage", "memory:", "--json", "-j", j).stdout.splitlines()[:-1]] for j in (1, 2))
        values = [{trial["trial"]: trial["values"] for trial in trials} for trials in (one, two)]
        assert len(values[0]) == 3 and values[0] == values[1], (kind, values)

    def refused(cv, *parts, data="{train: visits.csv, target: ill}"):
        write("cv.yaml", f"data: {data}\nmodel: {{type: svm, C: {{float: [0.1, 10]}}}}\ncv: {cv}\nsearch: {{trials: 1}}\n")
        result = hone("tune", "cv.yaml", "--storage", "memory:")
        assert result.returncode in (2, 3)
        says(result, result.returncode, *parts)

    refused("{kind: grouped}", "cv: kind must be stratified, kfold, repeated, group")
    refused("{kind: group}", "cv: group needs column")
    refused("{kind: kfold, column: patient}", "cv: column is not for kfold")
    refused("{kind: group, column: patent}", 'group: there is no column "patent" (did you mean "patient"?)')
    refused("{kind: group, column: fold}", "column fold: 5 folds of 3 groups")
    refused("{kind: predefined, column: patient}", "must hold whole numbers")
    refused("{kind: shuffle, test: 2}", "cv: test must be a share of the rows")
    refused("{kind: group, column: patient}", "held_out draws single rows", data="{train: visits.csv, target: ill, held_out: 0.2}")


def reports():
    """`evaluate --report`: the counts add up to the scores."""
    result = json.loads(run("evaluate", "flowers.hone", "test.csv", "--report", "--json").stdout)
    counts, names = result["report"]["confusion"], result["report"]["classes"]
    assert names == ["iris", "lily", "rose, wild"] and sum(map(sum, counts)) == 90
    assert abs(sum(counts[i][i] for i in range(3)) / 90 - result["scores"]["accuracy"]) < 1e-12
    shown = run("evaluate", "flowers.hone", "test.csv", "--report").stdout
    recall = counts[0][0] / sum(counts[0])
    assert "precision  recall" in shown and f"{round(recall, 4):g}" in shown and "rows by class (down)" in shown, shown
    says(hone("evaluate", "curve.hone", "curve2.csv", "--report"), 2, "a confusion matrix is for classes, this model does regression")


def pipelines_are_searched():
    """Options under `preprocess` vary like the model's; the best goes into the model file; scores do not depend on workers."""
    def study(preprocess, *arguments):
        write("pipe.yaml", "search: {sampler: random, trials: 12, seed: 3}\ndata: {train: train.csv, target: kind}\n"
              f"model: {{type: svm, C: 1}}\npreprocess: {preprocess}\n")
        return hone("tune", "pipe.yaml", "--storage", "memory:", "--json", *arguments)

    searched = ("{scale: {choice: [none, standard, minmax, robust]}, impute: {choice: [mean, median, most_frequent]}, "
                "encode: ordinal, select: {int: [1, 3], name: columns}}")
    values = []
    for workers in (1, 2):
        trials = [json.loads(line) for line in study(searched, "-j", workers).stdout.splitlines()[:-1]]
        assert len(trials) == 12 and all({"preprocess.scale", "preprocess.impute", "columns"} <= set(t["params"]) for t in trials), trials
        values.append({trial["trial"]: trial["values"] for trial in trials})
    assert values[0] == values[1] and len({v[0] for v in values[0].values()}) > 2
    says(study("{scale: robus}"), 2, "pipe.yaml:4", "scale", "robust")
    says(study("{select: {int: [-1, 3]}}"), 2, "pipe.yaml:4", "select")
    says(study("{imputes: mean}"), 2, "imputes", "impute")


def folds_are_kept():
    """Each fold's scores and times stay with the trial, and the metrics that are no goal."""
    write("kept.yaml", "storage: sqlite:///kept.db\nsearch: {trials: 2, seed: 1}\ndata: {train: train.csv, target: kind}\n"
          "model: {type: svm, C: {float: [0.1, 10]}}\ncv: {folds: 4, train_scores: true}\nmetrics: [accuracy, f1_macro]\n")
    run("tune", "kept.yaml")
    for trial in json.loads(run("trials", "--study", "kept", "--storage", "sqlite:///kept.db", "--json").stdout):
        attributes = trial["attrs"]
        for name in ("accuracy", "f1_macro", "train_accuracy", "fit_seconds", "score_seconds"):
            assert len(attributes[name + "_folds"]) == 4, (name, attributes)
        mean = sum(attributes["accuracy_folds"]) / 4
        assert abs(mean - trial["values"][0]) < 1e-12 and "accuracy" not in attributes
        assert attributes["train_accuracy"] > mean and attributes["accuracy_std"] > 0
        assert abs(attributes["f1_macro"] - sum(attributes["f1_macro_folds"]) / 4) < 1e-12
        assert abs(sum(attributes["fit_seconds_folds"]) - attributes["fit_seconds"]) < 1e-5


def refits_are_kept_apart():
    """A refit that crashes, or that Ctrl-C ends, costs the model file; the trials are told and the same command fits again."""
    draw = random.Random(5)
    write("many.csv", "a,b,c,y\n" + "".join(f"{draw.random():.5f},{draw.random():.5f},{draw.random():.5f},{draw.random():.5f}\n" for _ in range(3000)))
    write("slow.yaml", "storage: sqlite:///slow.db\nsearch: {trials: 1, seed: 1}\ndata: {train: many.csv, target: y}\n"
          "model: {type: svm, kernel: rbf, gamma: 3, tolerance: 1e-9, C: {float: [1e6, 2e6]}}\n"
          "cv: {kind: shuffle, folds: 2, test: 0.99}\n")  # the trial, of 30 rows, is soon over, the refit is not
    for sent, code, message in ((signal.SIGKILL, 1, "signal 9"), (signal.SIGINT, 130, "")):
        with subprocess.Popen([os.environ["HONE_PROGRAM"], "tune", "slow.yaml", "-j", "1", "--json", "-o", "slow.hone"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            if sent == signal.SIGKILL:
                assert json.loads(process.stdout.readline())["state"] == "complete"
                while process.poll() is None:  # that of the trial may still be there
                    kill_workers(process)
                    time.sleep(0.01)
            else:
                wait_for(lambda: workers_of(process))
                process.send_signal(sent)
            output, errors = process.communicate(timeout=PATIENCE)
        result = json.loads(output.splitlines()[-1])
        assert process.returncode == code and message in errors, (process.returncode, errors)
        assert result["best"]["trial"] == 0 and "model_file" not in result and not os.path.exists("slow.hone"), result
        if sent == signal.SIGKILL:
            assert "the trials are told" in errors and "trial 0" in errors, errors
    limited = hone("tune", "slow.yaml", "-o", "slow.hone", "--trial-timeout", "0.1")
    says(limited, 1, "fitting the best model again ran longer than 0.1 s")
    with open("slow.yaml", "a", encoding="utf-8") as file:
        file.write("memory_limit: 8M\n")
    says(hone("tune", "slow.yaml", "--storage", "memory:", "--max-failures", 1), 1, "trial")


def the_simplest_may_be_fitted_again():
    """one_standard_error: the most neighbours whose mean is no further from the best than its deviation / sqrt(folds)."""
    arguments = ["fit", "train.csv", "--target", "kind", "-m", "knn", "--sampler", "grid", "-n", 12, "--study", "simple", "--seed", 3,
                 "-p", "n_neighbors: {int: [1, 45], step: 4}", "--storage", "sqlite:///simple.db"]
    result = result_of(run(*arguments, "--refit", "one_standard_error", "-o", "simple.hone", "--json"))
    trials = json.loads(run("trials", "--study", "simple", "--storage", "sqlite:///simple.db", "--json").stdout)
    best = max(trials, key=lambda trial: (trial["values"][0], -trial["trial"]))
    limit = best["values"][0] - best["attrs"]["accuracy_std"] / 5**0.5
    simplest = max((trial for trial in trials if trial["values"][0] >= limit), key=lambda trial: trial["params"]["n_neighbors"])
    assert simplest["trial"] != best["trial"] and result["best"]["trial"] == best["trial"]
    assert result["chosen"]["trial"] == simplest["trial"], (result, simplest)
    reason = f"with n_neighbors {simplest['params']['n_neighbors']} rather than {best['params']['n_neighbors']}"
    assert reason in result["chosen"]["because"] and "is within one standard error (" in result["chosen"]["because"], result
    with open("simple.hone", "rb") as file:
        content = file.read()
    assert b'n_neighbors\\": %d' % simplest["params"]["n_neighbors"] in content
    shown = run(*arguments, "--refit", "one_standard_error", "-o", "simple.hone").stdout
    assert f"#{simplest['trial']} rather than the best, #{best['trial']}: " in shown, shown
    assert "chosen" not in result_of(run(*arguments, "-o", "simple.hone", "--json"))
    os.remove("simple.hone")
    assert "model" not in run(*arguments, "--refit", "none").stdout.replace("knn-model", "") and not os.path.exists("model.hone")
    says(hone(*arguments, "--refit", "none", "-o", "simple.hone"), 2, "leave out --output")
    with open("unfitted.yaml", "w", encoding="utf-8") as file:
        file.write("data: {train: rows.csv}\nmodel: knn\nsearch: {refit: none}\n")
    says(hone("tune", "unfitted.yaml", "-o", "simple.hone"), 2, "leave out --output")
    says(hone(*arguments, "--refit", "bset"), 2, "refit must be best, one_standard_error or none, found 'bset'")


def rankings_and_probabilities():
    """roc_auc needs no probabilities of the SVM, log_loss does; they go into the file and sum to 1."""
    draw = random.Random(8)
    write("two.csv", "a,b,y\n" + "".join(f"{draw.gauss(2 * (i % 2), 1):.3f},{draw.gauss(0, 1):.3f},{'no yes'.split()[i % 2]}\n" for i in range(120)))
    arguments = ["fit", "two.csv", "--target", "y", "-p", "kernel: rbf", "-p", "C: {float: [0.1, 10], log: true}", "-n", 4, "--seed", 1, "--held-out", 0.25]
    ranked = result_of(run(*arguments, "--metric", "roc_auc,average_precision", "--study", "rank", "-o", "rank.hone", "--json"))
    assert 0.6 < ranked["best"]["values"][0] < 1 and 0.5 < ranked["held_out"]["value"] < 1, ranked
    assert "probability" not in run(*arguments, "--metric", "roc_auc", "--dry-run").stdout
    loss = [*arguments, "--metric", "log_loss,roc_auc", "--study", "loss", "-o", "loss.hone"]
    assert "probability: true for log_loss" in run(*loss, "--dry-run").stdout
    says(hone(*loss, "-p", "probability: false"), 2, "log_loss needs probabilities: leave out probability: false")
    result = result_of(run(*loss, "--json"))
    told = result_of(run(*loss, "--json", "-p", "probability: true", "--study", "loss2"))
    assert [t["values"] for t in (result["best"], told["best"])] == [result["best"]["values"]] * 2, (result, told)
    assert 0.2 < result["best"]["values"][0] < 0.6 and 0.1 < result["held_out"]["value"] < 0.69, result
    rows = [line.split(",") for line in run("predict", "loss.hone", "two.csv", "--proba").stdout.splitlines()]
    assert rows[0] == ["y", "no", "yes"] and all(abs(float(no) + float(yes) - 1) < 1e-12 for _, no, yes in rows[1:])
    for model, options in (("rank.hone", []), ("loss.hone", ["--proba"])):
        rows = [line.split(",") for line in run("predict", model, "two.csv", "--margins", *options).stdout.splitlines()]
        assert rows[0] == ["y", *(["no", "yes"] if options else []), "margin"], rows[0]
        assert all((float(row[-1]) > 0) == (row[0] == "yes") for row in rows[1:])
    heading = run("predict", "flowers.hone", "test.csv", "--margins").stdout.splitlines()[0]
    assert heading == 'kind,margin iris,margin lily,"margin rose, wild"', heading
    says(hone("predict", "curve.hone", "curve2.csv", "--margins"), 2, "has no decision function")
    scores = json.loads(run("evaluate", "rank.hone", "two.csv", "--metric", "roc_auc", "--json").stdout)["scores"]
    assert 0.6 < scores["roc_auc"] < 1


def models_learn_more():
    """--update: naive Bayes with all rows in two parts predicts as with all at once; what is refused."""
    with open("train.csv", encoding="utf-8") as file:
        rows = file.read().splitlines()
    write("part1.csv", "\n".join(rows[:121]) + "\n")
    write("part2.csv", "\n".join([rows[0], *rows[121:]]) + "\n")
    for model, varied in (("naive_bayes", "var_smoothing: {float: [1e-9, 1e-8]}"), ("knn", "n_neighbors: {int: [5, 6]}"), ("random_forest", "max_depth: {int: [5, 6]}")):
        run("fit", "part1.csv", "--target", "kind", "-m", model, "-n", 1, "--seed", 1, "-p", varied, "-o", "more.hone", "--study", "more-" + model)
        before = run("predict", "more.hone", "test.csv", "--proba").stdout
        told = json.loads(run("fit", "part2.csv", "--update", "more.hone", "-o", "more2.hone", "--json").stdout)
        assert told == {"event": "updated", "model": model, "model_file": "more2.hone", "more_rows": 120, "rows": 240}, told
        assert run("predict", "more.hone", "test.csv", "--proba").stdout == before != run("predict", "more2.hone", "test.csv", "--proba").stdout
        accuracy = [json.loads(run("evaluate", name, "test.csv", "--json").stdout)["scores"]["accuracy"] for name in ("more.hone", "more2.hone")]
        assert accuracy[1] > accuracy[0] - 0.03 and accuracy[1] > 0.7, (model, accuracy)
    assert "random_forest has learnt 120 more rows, 240 in all" in run("fit", "part2.csv", "--update", "more.hone").stdout
    write("alien.csv", rows[0] + "\n1,1,red,iris\n1,1,red,tulip\n")
    says(hone("fit", "alien.csv", "--update", "more.hone"), 2, "tulip")
    says(hone("fit", "curve.csv", "--update", "more.hone"), 3, "kind")
    says(hone("fit", "part2.csv", "--update", "flowers.hone"), 2, "model svm cannot learn more rows, only knn, naive_bayes, random_forest, extra_trees can")
    says(hone("fit", "part2.csv", "--update", "more.hone", "--trials", 3), 2, "leave out --trials")
    says(hone("fit", "part2.csv", "--update", "nothing.hone"), 3, "nothing.hone")


def measured_otherwise():
    """Values of other folds or data do not compare: the study says so instead of mixing them."""
    arguments = ["fit", "train.csv", "--target", "kind", "--trials", 9, "--held-out", 0.2, "-o", "x.hone"]
    says(hone(*arguments, "--folds", 4), 2, "study 'train-svm' exists", "folds 5, not 4", "choose another name")
    says(hone(*arguments, "--scale", "none"), 2, "scale", "'standard', not 'none'")


def bad_data():
    def fit(text, *options):
        write("bad.csv", text)
        return hone("fit", "bad.csv", "--trials", 2, "--study", "bad", *options)

    rows = "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(30))
    says(fit("x,y,c\n1,2,a\n1,2\n"), 2, "bad.csv:3", "2", "3")
    says(fit(""), 2, "bad.csv")
    says(fit("x,y,c\n", "--target", "c"), 2, "bad.csv", "no rows")
    says(fit("x,y,c\n" + rows, "--target", "z"), 3, '"z"', "positions are 0 to 2")
    says(fit("x,y,c\n" + rows.replace("b", "a")), 2, "one class")
    says(fit("x,y,c\n" + rows.replace("7,0,b", "seven,0,b")), 2, "bad.csv", "seven")
    says(fit("x,y,c\n" + rows, "--folds", 40), 2, "40", "30")
    says(fit("x,y,c\n" + rows, "--folds", 1), 2, "--folds: cv must be a whole number of at least 2, found 1")
    says(fit("x,y,c\n" + rows, "--metric", "acuracy"), 3, "acuracy", "accuracy")
    says(fit("x,y,c\n" + rows, "--metric", "rmse"), 2, "metric rmse is not for classification")
    says(fit("x,y,c\n" + rows, "--model", "svn"), 3, "svn", "svm")
    says(fit("x,y,c\n" + rows, "--held-out", "1.5"), 2, "--held-out: data: held_out must be a share")
    says(fit("x,y,c\n" + rows, "--held-out", "0.1", "--test", "t.csv"), 2, "exclude each other")
    says(hone("fit", "nothing.csv"), 3, "nothing.csv")
    assert not os.path.exists("bad.hone") and not os.path.exists("model.hone")


def predictions_are_interrupted():
    """Ctrl-C between two blocks of rows: no file, neither whole nor temporary."""
    block = "1.5,0.5,red,iris\n" * 400000
    with subprocess.Popen([os.environ["HONE_PROGRAM"], "predict", "flowers.hone", "-", "-o", "endless.csv"], stdin=subprocess.PIPE, text=True) as process:
        process.stdin.write("length,width,colour,kind\n" + block)
        process.send_signal(signal.SIGINT)
        try:
            for _ in range(20):
                process.stdin.write(block)
            process.stdin.close()
        except BrokenPipeError:
            pass
        assert process.wait(PATIENCE) == 130
    assert not [name for name in os.listdir(".") if name.startswith("endless")], os.listdir(".")


def bad_models():
    says(hone("predict", "nothing.hone", "test.csv"), 3, "nothing.hone")
    says(hone("predict", "train.csv", "test.csv"), 2, "train.csv")
    with open("flowers.hone", "rb") as file:
        content = file.read()
    with open("cut.hone", "wb") as file:
        file.write(content[: len(content) // 2])
    says(hone("predict", "cut.hone", "test.csv"), 2, "cut.hone")
    says(hone("predict", "flowers.hone", "curve.csv"), 2, "length")
    says(hone("predict", "flowers.hone", "test.csv", "--proba"), 2, "probabilities")
    says(hone("evaluate", "flowers.hone"), 2, "an argument is missing")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        flowers("train.csv", 240, 1)
        flowers("test.csv", 90, 2)
        curve("curve.csv", 120, 3)
        curve("curve2.csv", 60, 4)
        tests = (classification, prediction, regression, reports, own_space, study_file, kinds_of_splits, shares_are_no_counts, pipelines_are_searched, folds_are_kept, refits_are_kept_apart, the_simplest_may_be_fitted_again, rankings_and_probabilities, models_learn_more, predictions_are_interrupted, measured_otherwise, bad_data, bad_models)
        for test in tests:
            test()
            print(f"ok {test.__name__}")
        os.chdir("/")


main()
