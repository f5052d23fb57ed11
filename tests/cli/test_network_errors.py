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


def refused(says, *given, **more):
    result = study(*given, **more)
    assert result.returncode == 2 and not result.stdout, result
    assert says in result.stderr and "#0" not in result.stderr, result.stderr


def of_shapes():
    data = images()
    varied = {"dense": {"units": {"int": [2, 8], "name": "units"}}}
    window = {"conv2d": {"filters": 2, "kernel_size": {"int": [1, 30], "name": "window"}}}
    line = "layer 1, dense: it gets 1 x 8 x 8 and needs"
    refused(line, data, [varied, "output"])
    refused("none of 205 settings can be fitted to these rows; the first: s.yaml:10:5: " + line, data, [varied, "output"])
    refused("s.yaml:12:5: layer 3, dense: it puts out 5, but the target has 3 classes", data, ["flatten", {"dropout": 0.1}, {"dense": 5}])
    refused("s.yaml:9:11: layers: a list of layers is needed", data, [])
    refused("augment: it gets 64 and needs images", "flat.csv", ["output"], augment={"flip": True})
    refused('class_weight names the class "9", which', data, ["flatten", "output"], class_weight={"9": 2})
    refused("loss binary_crossentropy does not go with 3 outputs", data, ["flatten", "output"], loss="binary_crossentropy")
    some = study(data, [window, "flatten", "output"], trials=8)
    assert some.returncode == 0 and "s.yaml:10:5: layer 1, conv2d: its window of" in some.stdout + some.stderr, some
    assert "failed (ended by: trials)" in some.stdout + some.stderr, some


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("flat.csv", "w", encoding="utf-8") as file:
            file.writelines(",".join(map(str, [*range(i, i + 64), i % 2])) + "\n" for i in range(20))
        of_shapes()
        os.chdir("/")


if __name__ == "__main__":
    main()
