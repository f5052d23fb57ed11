#!/usr/bin/python3
"""Rows that are one array: images, NumPy's arrays and text through hone tune, evaluate and predict."""

import gzip
import os
import random
import struct
import tempfile

import yaml
from hone_test import hone

LAYERS = [{"dense": {"units": 8, "activation": "relu"}}, "output"]


def run(*arguments):
    result = hone(*arguments)
    assert result.returncode == 0, (arguments, result.stderr)
    return result.stdout


def tune(data, says=None, layers=None, model=None, **more):
    study = {"study": "s", "storage": "memory:", "data": data, "search": {"trials": 1, "seed": 1},
             "model": model or {"type": "sequential", "layers": layers or LAYERS, "epochs": 30, "learning_rate": 0.01}, **more}
    with open("study.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump(study, file)
    result = hone("tune", "study.yaml", "-o", "m.hone")
    if says:
        assert result.returncode != 0 and says in result.stdout + result.stderr, result
        return ""
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def number(text, label):
    (line,) = [line for line in text.splitlines() if line.startswith(label)]
    return line.split("accuracy ")[1].split()[0]


def accuracy(*arguments):
    return float(run("evaluate", "m.hone", *arguments).split()[1])


def idx(path, shape, content):
    with gzip.open(path, "wb") as file:
        file.write(bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + bytes(content))


def images(name, n, seed):
    """4 x 4 grey images: the brighter half is the class."""
    draw = random.Random(seed)
    labels = [draw.randrange(2) for _ in range(n)]
    pixels = [draw.randrange(100) + 120 * ((k % 4 >= 2) == label) for label in labels for k in range(16)]
    idx(f"{name}-images-idx3-ubyte.gz", (n, 4, 4), pixels)
    idx(f"{name}-labels-idx1-ubyte.gz", (n,), labels)
    return pixels, labels


def of_images():
    images("train", 300, 1)
    _, labels = images("test", 100, 2)
    data = {"train": "train-images-idx3-ubyte.gz", "test": "test-images-idx3-ubyte.gz", "validation_split": 0.2}
    layers = [{"conv2d": {"filters": 4, "kernel_size": 3, "activation": "relu"}}, "flatten", "output"]
    text = tune(data, layers=layers, preprocess={"scale": "minmax"})
    assert "300 rows of 1 x 4 x 4, 2 classes of label" in text, text
    assert float(number(text, "held out")) > 0.95, text
    assert accuracy("test-images-idx3-ubyte.gz") == float(number(text, "held out"))
    os.rename("test-labels-idx1-ubyte.gz", "truth.gz")
    assert accuracy("test-images-idx3-ubyte.gz", "--labels", "truth.gz") == float(number(text, "held out"))
    assert "has 100 rows, but train-labels" in hone("evaluate", "m.hone", "test-images-idx3-ubyte.gz", "--labels", "train-labels-idx1-ubyte.gz").stderr
    os.rename("truth.gz", "test-labels-idx1-ubyte.gz")
    predicted = run("predict", "m.hone", "test-images-idx3-ubyte.gz").splitlines()
    assert predicted[0] == "label" and sum(int(p) == y for p, y in zip(predicted[1:], labels)) >= 95
    refused = hone("importance", "m.hone", "test-images-idx3-ubyte.gz")
    assert refused.returncode != 0 and "importance is that of columns" in refused.stderr, refused
    run("fit", "train-images-idx3-ubyte.gz", "--labels", "train-labels-idx1-ubyte.gz", "--model", "naive_bayes", "--storage", "memory:",
        "--trials", 1, "-o", "b.hone")
    os.rename("test-labels-idx1-ubyte.gz", "truth.gz")
    fitted = run("fit", "train-images-idx3-ubyte.gz", "--test", "test-images-idx3-ubyte.gz", "--test-labels", "truth.gz", "--model",
                 "naive_bayes", "--storage", "memory:", "--trials", 1, "-o", "b.hone")
    assert "held out   accuracy 1 on 100 rows of test-images" in fitted, fitted
    os.rename("truth.gz", "test-labels-idx1-ubyte.gz")
    tune(data, layers=layers, model={"type": "sequential", "layers": layers, "augment": {"crop": 1}, "epochs": 2})
    assert "svm" in tune(data, model={"type": "svm", "C": 1})  # other models get a column a value
    assert accuracy("test-images-idx3-ubyte.gz") > 0.95
    tune(data, model={"type": "sequential", "layers": LAYERS}, says="layer 1, dense: it gets 1 x 4 x 4 and needs")
    tune({**data, "test_labels": "train-labels-idx1-ubyte.gz"}, layers=layers, says="has 100 rows, but train-labels")
    tune(data, cv=3, says="keep one")


def of_arrays():
    """The same numbers as columns and as arrays make the same model."""
    try:
        import numpy
    except ImportError:
        print("without numpy: NPZ is not tested")
        return
    draw = numpy.random.default_rng(1)
    x = draw.normal(size=(200, 5)).astype("f4")
    y = (x[:, 0] + x[:, 1] > 0).astype("i8")
    numpy.savetxt("x.csv", numpy.c_[x, y], delimiter=",", fmt="%.9g", header="a,b,c,d,e,target", comments="")
    numpy.savez("stored.npz", x=x, y=y)
    numpy.savez_compressed("deflated.npz", first=x, second=y)
    numpy.save("x.npy", x)
    numpy.save("y.npy", y)
    files = [{"train": "x.csv"}, {"train": "stored.npz"}, {"train": "x.npy", "labels": "y.npy"},
             {"train": "deflated.npz", "features": "first", "target": "second"}]
    bests = [number(tune(data, preprocess={"scale": "none"}), "best") for data in files]
    assert len(set(bests)) == 1 and float(bests[0]) > 0.9, bests
    last = number(tune({**files[1], "validation_split": 0.25}, preprocess={"scale": "none"}), "best")
    assert float(last) * 50 == round(float(last) * 50), last  # 50 rows score
    for name in files[1:]:  # --labels, --features and --target say what `data:` says
        given = {"x.npy": ["--labels", "y.npy"], "deflated.npz": ["--features", "first", "--target", "second"]}.get(name["train"], [])
        assert accuracy(name["train"], *given) > 0.9
    assert "has no array x" in hone("evaluate", "m.hone", "deflated.npz").stderr
    assert "has no labels in it" in hone("evaluate", "m.hone", "x.npy").stderr
    assert len(run("predict", "m.hone", "deflated.npz", "--features", "first").split()) == 201
    tune({"train": "deflated.npz"}, says="has no array x; it has first.npy, second.npy")
    with open("stored.npz", "rb") as file, open("cut.npz", "wb") as cut:
        cut.write(file.read()[:-30])
    tune({"train": "cut.npz"}, says="damaged or truncated NPZ file")


def of_text():
    draw = random.Random(3)
    words = [["dull", "boring", "bad"], ["fine", "lovely", "good"]]
    with open("reviews.tsv", "w", encoding="utf-8") as file:
        file.write("label\ttext\n")
        for i in range(200):
            label = i % 2
            text = " ".join(draw.choice(words[label] + ["the", "film", "Was"]) for _ in range(draw.randrange(3, 20)))
            file.write(f"{label}\t\"{text}\" they said\n")
    layers = [{"embedding": {"vocabulary": 20, "dim": 4}}, "global_average_pool", "output"]
    data = {"train": "reviews.tsv", "text": "text", "target": "label", "vocabulary": 20, "length": 12}
    tune(data, layers=layers, says="quotes: false")
    data["quotes"] = False
    text = tune(data, layers=layers)
    assert "200 rows of 12 tokens, 13 different ones" in text, text
    assert accuracy("reviews.tsv") > 0.9
    with open("new.tsv", "w", encoding="utf-8") as file:
        file.write("id\ttext\n1\ta LOVELY, good film\n2\tbad and boring\n")
    assert run("predict", "m.hone", "new.tsv").split() == ["label", "1", "0"]
    tune(data, model="svm", says="takes no words of a text")
    tune({**data, "vocabulary": 0}, layers=layers, says="vocabulary must be")


def of_batches():
    """Several files are one data set: the same as one file of all rows."""
    draw = random.Random(5)
    records = [bytes([label]) + bytes(min(255, draw.randrange(80) + 100 * label) for _ in range(3072)) for label in [0, 1] * 12]
    for name, part in (("all.bin", records), ("one.bin", records[:10]), ("two.bin", records[10:])):
        with open(name, "wb") as file:
            file.write(b"".join(part))
    layers = ["flatten", "output"]
    whole, parts = (tune({"train": train, "validation_split": 0.25}, layers=layers) for train in ("all.bin", ["one.bin", "two.bin"]))
    assert "24 rows of 3 x 32 x 32, 2 classes of label" in parts, parts
    assert number(whole, "best") == number(parts, "best"), (whole, parts)
    tune({"train": ["one.bin", "train-images-idx3-ubyte.gz"]}, layers=layers, says="holds rows of another form than one.bin")
    tune({"train": ["reviews.tsv", "one.bin"]}, layers=layers, says="several files are for arrays")
    tune({"train": ["one.bin", "reviews.tsv"]}, layers=layers, says="reviews.tsv: several files are for arrays")
    tune({"train": ["one.bin", "two.bin"], "labels": "y.npy"}, layers=layers, says="leave it out")
    tune({"train": []}, layers=layers, says="train must be a file, or a list of files of arrays")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        of_images()
        of_arrays()
        of_text()
        of_batches()
        os.chdir("/")


if __name__ == "__main__":
    main()
