#!/usr/bin/python3
"""Networks that cannot be, and data that no network can learn from: what is said, and when."""

import os
import random
import struct
import tempfile

import yaml
from hone_test import hone


def idx(path, shape, content):
    with open(path, "wb") as file:
        file.write(bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + bytes(content))


def images(n=60, side=8):
    draw = random.Random(1)
    idx("images", (n, side, side), (draw.randrange(256) for _ in range(n * side * side)))
    idx("labels", (n,), (i % 3 for i in range(n)))
    return {"train": "images", "labels": "labels"}


def study(data, layers, trials=2, **model):
    text = {"study": "s", "storage": "memory:", "data": data, "model": {"type": "sequential", "epochs": 1, "layers": layers, **model},
            "search": {"trials": trials, "seed": 1, "sampler": "random", "max_failures": -1}}
    with open("s.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump(text, file, sort_keys=False)
    return hone("tune", "s.yaml")


def refused(says, *given, code=2, **more):
    result = study(*given, **more)
    assert result.returncode == code and not result.stdout, result
    assert says in result.stderr and "#0" not in result.stderr, result.stderr


def of_shapes():
    data = images()
    varied = {"dense": {"units": {"int": [2, 8], "name": "units"}}}
    window = {"conv2d": {"filters": 2, "kernel_size": {"int": [1, 30], "name": "window"}}}
    line = "layer 1, dense: it gets 1 x 8 x 8 and needs"
    refused(line, data, [varied, "output"])
    refused("hone: s.yaml:10:5: " + line, data, [varied, "output"])
    refused("hone: s.yaml:10:5: " + line, data, ["output"])
    too_large = {"conv2d": {"filters": 2, "kernel_size": {"int": [9, 30], "name": "window"}}}
    refused("none of 205 settings can be fitted to these rows; the first: s.yaml:10:5: layer 1, conv2d: its window of 9 x 9 does not fit", data,
            [too_large, "flatten", "output"])
    refused("s.yaml:12:9: model sequential: loss mse is not for classification; these are: categorical_crossentropy, binary_crossentropy", data,
            ["flatten", "output"], loss="mse")
    refused("s.yaml:12:7: dense_1 has no option 'unit' (did you mean 'units'?); its options are units, activation, init, bias, l1, l2", data,
            ["flatten", {"dense": {"unit": 3}}, "output"])
    refused("s.yaml:12:13: there is no schedule 'cosin' (did you mean 'cosine'?)", data, ["flatten", "output"], schedule="cosin")
    refused("hone: s.yaml:12:26: expression '0.1 * 0.5 ** flor(epoch)': there is no function 'flor'", data, ["flatten", "output"],
            schedule="0.1 * 0.5 ** flor(epoch)")
    refused("s.yaml:12:5: layer 3, dense: it puts out 5, but the target has 3 classes", data, ["flatten", {"dropout": 0.1}, {"dense": 5}])
    refused("the last layer has the activation sigmoid; an output for each class has softmax", data, ["flatten", {"dense": {"units": 3, "activation": "sigmoid"}}])
    with open("values.csv", "w", encoding="utf-8") as file:
        file.write("a,b\n" + "".join(f"{i},{i * 0.37:.3f}\n" for i in range(40)))
    refused("activation sigmoid; values are learned without one", {"train": "values.csv", "target": "b"}, [{"dense": {"units": 1, "activation": "sigmoid"}}])
    refused("s.yaml:9:11: layers: a list of layers is needed", data, [])
    refused("augment: it gets 64 and needs images", "flat.csv", ["output"], augment={"flip": True})
    refused('class_weight names the class "9", which', data, ["flatten", "output"], class_weight={"9": 2})
    refused("loss binary_crossentropy does not go with 3 outputs", data, ["flatten", "output"], loss="binary_crossentropy")
    some = study(data, [window, "flatten", "output"], trials=8)
    assert some.returncode == 0 and "s.yaml:10:5: layer 1, conv2d: its window of" in some.stdout + some.stderr, some
    assert "failed (ended by: trials)" in some.stdout + some.stderr, some


def of_data():
    """Files that are damaged or do not go together, sizes that overflow, options that leave nothing."""
    data, plain = images(), ["flatten", "output"]
    with open("images", "rb") as file:
        whole = file.read()
    for name, content in (("cut", whole[:-100]), ("longer", whole + b"xx"), ("empty", whole[:4] + bytes(12)),
                          ("huge", bytes([0, 0, 8, 4]) + b"\xff" * 16)):
        with open(name, "wb") as file:
            file.write(content)
    idx("one", (60,), [1] * 60)
    idx("few", (59,), (i % 3 for i in range(59)))
    for name, says in (("cut", "cut is truncated: its header speaks of 3840 bytes of numbers, the file has 3740"),
                       ("longer", "longer is damaged: its header speaks of 3840"), ("empty", "an empty array: its dimension 0 is 0"),
                       ("huge", "its dimensions are too large for any memory")):
        refused(says, {**data, "train": name}, plain)
    refused("all 60 rows have the same label", {**data, "labels": "one"}, plain)
    refused("has 60 rows, but few has 59 labels", {**data, "labels": "few"}, plain)
    idx("nines", (60,), [9] * 60)
    idx("wide", (60, 8, 9), bytes(60 * 72))
    refused("data: test: cannot open nosuch", {**data, "test": "nosuch"}, plain, code=3)
    refused('data: test: images: target label has the value "9", which is none of the 3 classes', {
        **data, "test": "images", "test_labels": "nines"}, plain)
    refused("data: test: wide has rows of 1 x 8 x 9, the model was fitted to rows of 1 x 8 x 8", {
        **data, "test": "wide", "test_labels": "labels"}, plain)
    refused("option 'batch_size' is 0, but must be a whole number", data, plain, batch_size=0)
    refused("s.yaml:6:21: the last 60 of 60 rows score: none are left to train; allowed are 1 to 59", {**data, "validation_split": 0.9999}, plain)
    refused("s.yaml:6:21: data: validation_split must be a share of the rows, above 0 and below 1, found 1", {**data, "validation_split": 1}, plain)
    aside = "validation_fraction sets aside 48 of the 48 rows of a fit: none are left to learn from; allowed are 1 to 47"
    for sets in {"patience": 2}, {"schedule": "plateau"}:
        refused("s.yaml:12:24: " + aside, data, plain, validation_fraction=0.99, **sets)
        assert study(data, plain, validation_fraction=0.97, **sets).returncode == 0
    refused("hone: s.yaml:13:5: " + aside, data, plain, validation_fraction={"float": [0.99, 0.999], "name": "aside"}, patience=2)
    assert study(data, plain, validation_fraction=0.99).returncode == 0  # nothing asks for rows aside
    refused("2^31", data, ["flatten", {"dense": 1000000}, {"dense": 1000001}, "output"])
    with open("batch.bin", "wb") as file:
        file.write(b"".join(bytes([label]) + bytes(3072) for label in (0, 1, 10)))
    refused("image 2 has the label 10; labels of CIFAR-10 are 0 to 9", "batch.bin", plain)
    with open("batch.bin", "r+b") as file:
        file.truncate(2 * 3073 - 5)
    refused("batch.bin is truncated: records of CIFAR-10 have 3073 bytes", "batch.bin", plain)


def of_text():
    with open("text.tsv", "w", encoding="utf-8") as file:
        file.write("label\ttext\n" + "a\tgood film\nb\tbad film indeed\n" * 10)
    data = {"train": "text.tsv", "text": "text", "target": "label", "vocabulary": 6, "length": 3}
    layers = [{"embedding": {"vocabulary": 6, "dim": 2}}, "flatten", "output"]
    refused("data: vocabulary must be a whole number of at least 3, found 0", {**data, "vocabulary": 0}, layers)
    refused("option 'vocabulary' is 0, but must be", data, [{"embedding": {"vocabulary": 0, "dim": 2}}, "flatten", "output"])
    refused("layer 1, embedding: its vocabulary is 5, but the text has 6 tokens", data,
            [{"embedding": {"vocabulary": 5, "dim": 2}}, "flatten", "output"])
    assert study(data, layers).returncode == 0


def of_training():
    data = images()
    failed = study(data, [{"conv2d": 2}, "flatten", {"dense": 5}, {"dense": 5}, "output"], learning_rate=1000, optimizer="sgd", epochs=20,
                   loss="categorical_crossentropy")
    assert failed.returncode == 1 and "the loss is not finite at step" in failed.stdout, failed
    assert "a lower learning rate or clip_norm may help" in failed.stdout, failed


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("flat.csv", "w", encoding="utf-8") as file:
            file.writelines(",".join(map(str, [*range(i, i + 64), i % 2])) + "\n" for i in range(20))
        of_shapes()
        of_data()
        of_text()
        of_training()
        os.chdir("/")


if __name__ == "__main__":
    main()
