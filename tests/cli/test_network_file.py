#!/usr/bin/python3
"""The file of a network as another program sees it: safetensors with one array of floats a tensor, from which the
probabilities that hone predicts follow."""

import csv
import io
import json
import math
import pathlib
import struct
import tempfile

from hone_test import hone

IRIS = pathlib.Path(__file__).parents[2] / "examples/data/iris.csv"
STUDY = """
study: file
storage: "memory:"
data: {data}
search: {{trials: 1, seed: 1}}
preprocess: {{scale: none}}
cv: 2
model:
  type: sequential
  layers: [{{dense: {{units: 5, activation: relu}}}}, batch_norm, output]
  epochs: {{int: [3, 4]}}
"""


def tensors(path):
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:8 + size])
    header.pop("__metadata__")
    found = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind = {"F32": "f", "F64": "d"}[entry["dtype"]]
        values = [value for value, in struct.iter_unpack("<" + kind, content[8 + size + begin:8 + size + end])]
        assert len(values) == math.prod(entry["shape"]), name
        found[name] = entry["dtype"], entry["shape"], values
    return found


def dense(x, weight, bias):
    units = len(bias)
    return [bias[k] + sum(x[j] * weight[j * units + k] for j in range(len(x))) for k in range(units)]


def probabilities(found, x):
    value = {name: entry[2] for name, entry in found.items()}
    x = [max(0, z) for z in dense(x, value["dense_1.weight"], value["dense_1.bias"])]
    normed = [(z - mean) / math.sqrt(variance + 1e-5) * scale + shift for z, mean, variance, scale, shift in zip(
        x, value["batch_norm_1.mean"], value["batch_norm_1.variance"], value["batch_norm_1.scale"],
        value["batch_norm_1.shift"])]
    powers = [math.exp(z) for z in dense(normed, value["dense_2.weight"], value["dense_2.bias"])]
    return [power / sum(powers) for power in powers]


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        study, model = folder / "study.yaml", folder / "iris.hone"
        study.write_text(STUDY.format(data=IRIS))
        result = hone("tune", str(study), "-o", str(model), cwd=folder)
        assert result.returncode == 0, result.stderr
        found = tensors(model)
        assert {name: entry[:2] for name, entry in found.items() if name != "target"} == {
            "dense_1.weight": ("F32", [4, 5]), "dense_1.bias": ("F32", [5]),
            "batch_norm_1.scale": ("F32", [5]), "batch_norm_1.shift": ("F32", [5]),
            "batch_norm_1.mean": ("F32", [5]), "batch_norm_1.variance": ("F32", [5]),
            "dense_2.weight": ("F32", [5, 3]), "dense_2.bias": ("F32", [3])}, found.keys()

        result = hone("predict", str(model), str(IRIS), "--proba")
        assert result.returncode == 0, result.stderr
        predicted = list(csv.reader(io.StringIO(result.stdout)))[1:]
        rows = list(csv.reader(IRIS.open()))[1:]
        assert len(predicted) == len(rows) == 150
        for given, row in zip(predicted, rows):
            expected = probabilities(found, [float(cell) for cell in row[:4]])
            assert all(abs(float(a) - b) < 1e-5 for a, b in zip(given[-3:], expected)), (given, expected)


main()
