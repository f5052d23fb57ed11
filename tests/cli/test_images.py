#!/usr/bin/python3
"""Folders of images through hone tune, fit, evaluate, predict and export: coloured squares against stripes."""

import json
import os
import random
import struct
import tempfile
import zlib

import yaml
from hone_test import hone, refuse, run

SIDE = 12
LAYERS = [{"conv2d": {"filters": 8, "kernel_size": 3, "activation": "relu"}}, {"max_pool": {"size": 2}}, "flatten", "output"]
MODEL = {"type": "sequential", "layers": LAYERS, "epochs": 12, "learning_rate": 0.01, "batch_size": 16}


def png(path, height, width, pixels):
    """pixels: rows of bytes, three a pixel."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    lines = b"".join(b"\0" + bytes(row) for row in pixels)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                   + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def picture(draw, kind, side):
    """One of the two, of any colour, on a dark ground."""
    colour = [draw.randrange(120, 256) for _ in range(3)]
    top, left, phase = draw.randrange(side // 2), draw.randrange(side // 2), draw.randrange(4)
    rows = []
    for y in range(side):
        row = []
        for x in range(side):
            inside = top <= y < top + side // 2 and left <= x < left + side // 2
            lit = inside if kind == "squares" else (y + phase) * 12 // side % 4 < 2
            row += colour if lit else [draw.randrange(40)] * 3
        rows.append(row)
    return rows


def pictures(folder, n, seed, side=SIDE, flat=False):
    draw = random.Random(seed)
    for kind in ("squares", "stripes"):
        for i in range(n):
            png(f"{folder}/{f'{kind}-' if flat else f'{kind}/'}{i}.png", side, side, picture(draw, kind, side))


def study(data, **more):
    content = {"study": "s", "storage": "memory:", "data": data, "preprocess": {"scale": "minmax"}, "model": MODEL,
               "search": {"trials": 1, "seed": 1}, **more}
    with open("study.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump(content, file)
    return "study.yaml"


def accuracy(*arguments):
    return float(run("evaluate", "m.hone", *arguments).stdout.split()[1])


def learns():
    pictures("photos", 60, 1)
    pictures("photos_test", 30, 2, side=24)  # resized to the size of the others
    tuned = run("tune", study({"train": "photos/", "test": "photos_test/", "validation_split": 0.2}), "-o", "m.hone", "-vv")
    assert f"120 rows of 3 x {SIDE} x {SIDE}, 2 classes of label" in tuned.stdout, tuned.stdout
    assert "held out   accuracy " in tuned.stdout and " on 60 rows of photos_test" in tuned.stdout, tuned.stdout
    assert accuracy("photos_test") >= 0.9, tuned.stdout
    report = run("evaluate", "m.hone", "photos_test", "--report", "--json").stdout
    assert json.loads(report)["report"]["classes"] == ["squares", "stripes"], report


def predicts():
    pictures("new", 20, 3, side=17, flat=True)
    lines = run("predict", "m.hone", "new", "--proba").stdout.splitlines()
    assert lines[0] == "file,label,squares,stripes", lines[0]
    cells = [line.split(",") for line in lines[1:]]
    assert [c[0] for c in cells] == sorted(os.listdir("new")), cells  # by the bytes of their names
    assert sum(c[0].startswith(c[1]) for c in cells) >= 36, cells
    deep = run("predict", "m.hone", "photos_test/").stdout.splitlines()
    assert len(deep) == 61 and deep[1].startswith("squares/0.png,"), deep[:2]
    one = run("predict", "m.hone", "new/stripes-7.png").stdout.splitlines()
    (same,) = [",".join(c[:2]) for c in cells if c[0] == "stripes-7.png"]
    assert one == ["file,label", "new/" + same], one
    run("predict", "m.hone", "new", "-o", "predicted.csv")
    with open("predicted.csv", encoding="utf-8") as file:
        assert file.read().splitlines() == [",".join(line.split(",")[:2]) for line in lines]
    shown = json.loads(run("export", "m.hone", "m.onnx", "--json").stdout)
    assert shown["inputs"][0]["shape"] == ["rows", 3, SIDE, SIDE], shown


def takes_keys():
    run("tune", study({"train": "photos", "image_size": [6, 8], "channels": 1}, model={**MODEL, "epochs": 1}), "-o", "g.hone")
    fitted = run("fit", "photos/", "--model", "naive_bayes", "--image-size", 4, "--channels", 1, "--storage", "memory:", "--trials", 1,
                 "-o", "n.hone").stdout
    assert "study      photos-naive_bayes in memory:" in fitted and "120 rows of 1 x 4 x 4" in fitted, fitted
    run("evaluate", "n.hone", "photos_test")
    shown = run("models", "show", study({"train": "photos", "image_size": [6, 8], "channels": 1})).stdout
    assert "1 x 6 x 8" in shown, shown
    for data, says in (({"channels": 2}, "channels must be 1 (grey) or 3 (RGB), found 2"),
                       ({"image_size": 0}, "image_size must be pixels: one number for height and width, or [height, width], found 0"),
                       ({"image_size": [4]}, "image_size must be pixels"),
                       ({"image_size": [4, -4]}, "image_size must be pixels"),
                       ({"image_size": [100000, 100000]}, "image_size must be pixels"),
                       ({"target": "label"}, "there is no column \"label\""),
                       ({"labels": "x.csv"}, "labels is of files of arrays"),
                       ({"max_bytes": "1k"}, "max_bytes"),
                       ({"task": "regression"}, "images in folders have classes")):
        refuse("tune", study({"train": "photos", **data}), code=2, says=says)


def refuses():
    refuse("fit", "nowhere/", code=3, says="nowhere/")
    refuse("fit", "new", code=2, says="is in no class: images to learn from are in folders, one a class, as new/CLASS/")
    refuse("fit", "new/stripes-7.png", code=2, says="is a single image")
    refuse("evaluate", "m.hone", "new", code=2, says="is in no class")
    os.makedirs("photos/blank")
    refuse("fit", "photos", code=2, says="photos/blank has no images")
    png("photos/blank/1.png", 3, 4, [[0] * 12] * 3)
    refuse("fit", "photos", code=2, says=["photos/blank/1.png has 3 x 4 pixels (height x width), but photos/squares/0.png 12 x 12",
                                          "--image-size '[12, 12]'"])
    refuse("evaluate", "m.hone", "photos", code=2, says='"blank", which is none of the 2 classes')
    with open("photos/squares/0.png", "rb") as file:
        half = file.read()[:-40]
    with open("new/half.png", "wb") as file:
        file.write(half)
    refused = hone("predict", "m.hone", "new")
    assert refused.returncode == 2 and "new/half.png: the file is damaged or truncated" in refused.stderr, refused
    with open("table.csv", "w", encoding="utf-8") as file:
        file.write("a,b,target\n" + "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(40)))
    refuse("evaluate", "m.hone", "table.csv", code=2, says="table.csv is a table with columns, the model was fitted to images")
    refuse("predict", "m.hone", "table.csv", code=2, says="table.csv is a table with columns")
    run("fit", "table.csv", "--model", "naive_bayes", "--storage", "memory:", "--trials", 1, "-o", "t.hone")
    refuse("predict", "t.hone", "photos_test", code=2, says="photos_test holds images, the model was fitted to columns")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        learns()
        predicts()
        takes_keys()
        refuses()
        os.chdir("/")


if __name__ == "__main__":
    main()
