#!/usr/bin/python3
"""The study files of networks run on real data: small ones as they are, large ones with fewer epochs, units and rows."""

import csv
import gzip
import io
import os
import re
import shutil
import tempfile

from hone_test import SOURCE, data, run


def study(name, smaller=None):
    """Copies an example into the current folder; smaller: parts of it (regular expressions) and what replaces them."""
    with open(f"{SOURCE}/examples/{name}.yaml", encoding="utf-8") as file:
        text = file.read()
    for before, after in (smaller or {}).items():
        text, count = re.subn(before, after, text)
        assert count, (name, before)
    with open("study.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    return re.search(r"^study: (\S+)", text, re.M)[1]


def tune(name, *options, smaller=None):
    title = study(name, smaller)
    text = run("tune", "study.yaml", "-o", f"{name}.hone", "-j", 2, *options).stdout
    return text, list(csv.DictReader(io.StringIO(run("trials", title, "--csv").stdout)))


def held_out(text):
    return float(re.search(r"^held out +accuracy ([0-9.]+)", text, re.M)[1])


def unpack(name, path, lines=None):
    with gzip.open(data(name), "rb") as file:
        content = file.read() if lines is None else b"".join(next(file) for _ in range(lines))
    with open(path, "wb") as file:
        file.write(content)


def iris():
    unpack("tabular/iris.csv.gz", "iris.csv")
    text, trials = tune("iris_network")
    assert len(trials) == 24 and held_out(text) > 0.9, text
    os.rename("hone.db", "grid.db")
    text, trials = tune("iris_network", "--sampler", "random", "--trials", "5")
    assert len(trials) == 5 and held_out(text) > 0.8, text


def regularisation():
    shutil.copy(data("tabular/pmlb_vehicle.tsv.gz"), "table.csv")
    title = study("regularisation")
    text = run("tune", "study.yaml", "--trials", "12", "-j", 2).stdout
    trials = list(csv.DictReader(io.StringIO(run("trials", title, "--csv").stdout)))
    gaps = {(trial["l1"], trial["l2"], trial["dropout"]): float(trial["train_accuracy"]) - float(trial["accuracy"])
            for trial in trials}
    assert len(trials) == 12 and "in training" in text and max(gaps.values()) - min(gaps.values()) > 0.02, gaps


def mnist():
    """Learned from the 10 000 test images alone: seconds instead of minutes."""
    for part, name in (("images-idx3", "images"), ("labels-idx1", "labels")):
        shutil.copy(data(f"mnist/t10k-{part}-ubyte.gz"), f"train-{part}-ubyte.gz")
        shutil.copy(data(f"mnist/t10k-{part}-ubyte.gz"), f"t10k-{part}-ubyte.gz")
    smaller = {r"epochs: 10": "epochs: 3", r"\[32, 512\], step: 32": "[32, 64], step: 32", r"\[1, 5\]": "[1, 2]"}
    text, trials = tune("mnist_dense", "--trials", "2", smaller=smaller)
    assert len(trials) == 2 and max(float(trial["accuracy"]) for trial in trials) > 0.8, text
    smaller = {r"epochs: 15": "epochs: 5", r"\[256, 512\], step: 64": "[64, 128], step: 64"}
    text, trials = tune("mnist_better", "--trials", "3", smaller=smaller)
    assert len(trials) == 3 and max(float(trial["accuracy"]) for trial in trials) > 0.9, text


def cifar():
    unpack("cifar10/data_batch_1_first4000.bin.gz", "train.bin")
    unpack("cifar10/test_batch_first1000.bin.gz", "test.bin")
    smaller = {r"epochs: 8": "epochs: 2", r"\[32, 128\], step: 16, name: filters": "[8, 16], step: 8, name: filters"}
    text, trials = tune("cifar_conv", "--trials", "1", smaller=smaller)
    assert "3 executions" in text and held_out(text) > 0.25 and len(trials) == 1, text


def imdb():
    unpack("imdb/imdb_train_6000.tsv.gz", "train.tsv", 801)
    unpack("imdb/imdb_test_6000.tsv.gz", "test.tsv", 401)
    text, trials = tune("imdb_lstm", "--trials", "9", smaller={r"\[32, 256\], step: 32": "[8, 16], step: 8"})
    states = [trial["state"] for trial in trials]
    assert len(states) == 9 and states.count("complete") + states.count("pruned") == 9, text
    assert 1 <= states.count("complete") <= 3 and held_out(text) > 0.5, text


def main():
    data("tabular/iris.csv.gz")
    with tempfile.TemporaryDirectory() as folder:
        for example in (iris, regularisation, mnist, cifar, imdb):
            os.mkdir(f"{folder}/{example.__name__}")
            os.chdir(f"{folder}/{example.__name__}")
            example()
        os.chdir("/")


main()
