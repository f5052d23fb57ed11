#!/usr/bin/python3
"""What hone export writes: files that ONNX's checker accepts and that give what hone predict gives when they are evaluated with
NumPy (support/onnx_numpy.py), for every layer and every kind of data; and what it refuses."""

import csv
import io
import json
import os
import re
import struct
import tempfile

import yaml
from hone_test import refuse, run, skip

try:
    import numpy as np
    import onnx
    from onnx import numpy_helper
except ImportError:
    skip("no onnx for Python (python3-onnx): graphs cannot be checked")

from onnx_numpy import evaluate

CLOSE = 1e-5
TELLING = 1e-3  # what a wrong graph must be off by
noticed = set()  # kinds of wrong graphs


def tune(data, model, **more):
    study = {"study": "s", "storage": "memory:", "data": data, "search": {"trials": 1, "seed": 1, "sampler": "random"}, "model": model, **more}
    with open("study.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump(study, file)
    run("tune", "study.yaml", "-o", "m.hone")


def network(*layers, **more):
    return {"type": "sequential", "layers": [*layers, "output"], "epochs": 4, "learning_rate": 0.01, "batch_size": 8, **more}


def exported():
    """The graph of m.hone, checked."""
    run("export", "m.hone", "m.onnx", "-q")
    model = onnx.load("m.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert model.producer_name == "hone" and model.ir_version == 7
    assert {s.domain: s.version for s in model.opset_import}[""] == 13
    for value in [*model.graph.input, *model.graph.output]:
        assert value.type.tensor_type.shape.dim[0].dim_param == "rows"
    names = [x.name for x in [*model.graph.input, *model.graph.initializer]] + [o for n in model.graph.node for o in n.output]
    assert len(set(names)) == len(names) and all(re.fullmatch("[A-Za-z_][A-Za-z_0-9]*", name) for name in names), names
    return model


def predictions(data, option):
    """(labels, what the option adds) by hone predict."""
    rows = list(csv.reader(io.StringIO(run("predict", "m.hone", data, option).stdout)))
    return [row[0] for row in rows[1:]], np.array([[float(cell) for cell in row[1:]] for row in rows[1:]])


def scores_of(found):
    (name,) = set(found) - {"label"}
    return found[name]


def off(model, inputs, expected):
    return np.abs(scores_of(evaluate(model, inputs)) - expected).max()


def compare(data, inputs, scores="probabilities"):
    """The graph's outputs against hone's, for classes; the graph."""
    model = exported()
    labels, expected = predictions(data, {"probabilities": "--proba", "margins": "--margins"}[scores])
    found = evaluate(model, inputs)
    assert found[scores].dtype == "f4" and found[scores].shape == expected.shape
    assert off(model, inputs, expected) < CLOSE, off(model, inputs, expected)
    assert expected.std(axis=0).max() > 0.02, expected  # the rows differ, so that a comparison says something
    assert list(found["label"]) == labels
    texts = {p.key: json.loads(p.value) for p in model.metadata_props}
    assert {"architecture", "pipeline", "provenance", "inputs", "classes"} <= set(texts)
    assert set(labels) <= set(texts["classes"]) and texts["provenance"]["hone"]
    for what, mutant in mutants(model):
        assert off(mutant, inputs, expected) > TELLING, what
        noticed.add(what.split()[0])
    return model


# --- graphs that are wrong, which the comparison must notice ---


def changed(model, node, name, value):
    """A copy with another value of the attribute of a node."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    of = copy.graph.node[node].attribute
    kept = [a for a in of if a.name != name] + [onnx.helper.make_attribute(name, value)]
    del of[:]
    of.extend(kept)
    return copy


def blocks_swapped(model, name, axis, count):
    """A copy whose constant has the second and the third of its blocks along an axis in each other's places."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    (constant,) = [c for c in copy.graph.initializer if c.name == name]
    parts = np.split(numpy_helper.to_array(constant), count, axis)
    parts[1], parts[2] = parts[2], parts[1]
    constant.CopyFrom(numpy_helper.from_array(np.concatenate(parts, axis), name))
    return copy


def mutants(model):
    for i, node in enumerate(model.graph.node):
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type in ("LSTM", "GRU"):
            gates = {"LSTM": 4, "GRU": 3}[node.op_type]
            yield f"gates of {node.name}", blocks_swapped(model, node.input[1], 1, gates)
        if node.op_type == "GRU":
            yield f"reset of {node.name}", changed(model, i, "linear_before_reset", 0)
        pads = attributes.get("pads", [0] * 4)
        if pads[:2] != pads[2:]:
            yield f"padding of {node.name}", changed(model, i, "pads", pads[2:] + pads[:2])
        if node.op_type == "AveragePool" and any(pads):
            yield f"count of {node.name}", changed(model, i, "count_include_pad", 1)


# --- tables ---


def table(path, n, seed, target, new=False):
    """Numbers, some of them missing, and categories; with `new` one that a model of the other rows does not know."""
    draw = np.random.default_rng(seed)
    size, price = draw.normal(size=n) * 3, draw.integers(1000, 9000, size=n) / 8
    color, place = draw.choice(["red", "green", "blüe"], n), draw.choice(["in", "out"], n)
    score = size + 2 * (color == "red") - 2 * (color == "green") + 3 * (place == "in") + price / 1000
    color, place = color.astype(object), place.astype(object)
    color[::9], place[5::11] = "", ""
    unit = np.full(n, "m", object)
    if new:
        color[1::8], place[2::8], unit[::5] = "grey", "above", "mile"
    with open(path, "w", encoding="utf-8") as file:
        file.write("color,size (m),place,1st price,unit,y\n")
        for i in range(n):
            cells = color[i], "" if i % 7 == 3 else f"{size[i]:.4f}", place[i], "" if i % 10 == 4 else f"{price[i]:.3f}"
            file.write(",".join(map(str, cells)) + f",{unit[i]},{target(score[i])}\n")


def table_inputs(path):
    with open(path, encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    numbers = np.array([[float(row[j]) if row[j] else np.nan for j in (1, 3)] for row in rows])
    texts = {name: np.array([row[j] for row in rows], object) for j, name in ((0, "color"), (2, "place"), (4, "unit"))}
    return {"numbers": numbers, **texts}


def thirds(score):
    return ["low", "middle", "high"][int(score > 1) + int(score > 4)]


def of_activations():
    table("t.csv", 120, 1, thirds)
    table("new.csv", 80, 2, thirds, new=True)
    names = ["relu", "leaky_relu", "elu", "gelu", "sigmoid", "tanh", "swish", "softmax"]
    layers = [{"dense": {"units": 9, "activation": name, "init": "he_normal"}} for name in names[:4]]
    tune("t.csv", network(*layers, {"dense": {"units": 6, "bias": False}}, {"activation": "leaky_relu"}))
    model = compare("new.csv", table_inputs("new.csv"))
    texts = {p.key: json.loads(p.value) for p in model.metadata_props}
    assert texts["inputs"] == {"numbers": ["size (m)", "1st price"], "color": ["color"], "place": ["place"], "unit": ["unit"]}
    assert [(v.name, v.type.tensor_type.elem_type) for v in model.graph.input] == [("numbers", 11), ("color", 8), ("place", 8), ("unit", 8)]
    for name in names[4:]:
        tune("t.csv", network({"dense": 8}, "batch_norm", {"activation": name}, {"dropout": 0.1}, epochs=8),
             preprocess={"scale": "minmax", "encode": "ordinal" if name == "tanh" else "onehot"})
        compare("new.csv", table_inputs("new.csv"))


def of_selected_columns():
    tune("t.csv", network({"dense": 4}), preprocess={"scale": "robust", "select": 3})
    assert any(node.op_type == "Gather" for node in compare("new.csv", table_inputs("new.csv")).graph.node)


def of_two_classes():
    table("t.csv", 120, 3, lambda score: "no" if score < 3 else "yes")
    tune("t.csv", network({"dense": {"units": 8, "activation": "relu"}}), decision={"metric": "f1"})
    compare("t.csv", table_inputs("t.csv"))
    tune("t.csv", network({"dense": {"units": 8, "activation": "relu"}}))
    compare("t.csv", table_inputs("t.csv"))
    tune("t.csv", {**network(), "layers": [{"dense": 5}, {"dense": {"units": 2, "activation": "softmax"}}]})
    compare("t.csv", table_inputs("t.csv"))


TREES = {"max_depth": 5}, {"n_estimators": 7, "max_depth": 4}
CLASSIFIERS = {"logistic": {}, "naive_bayes": {}, "decision_tree": TREES[0], "random_forest": TREES[1], "extra_trees": TREES[1],
               "gradient_boosting": TREES[1]}
REGRESSORS = {"ridge": {}, "lasso": {"alpha": 0.01}, "elastic_net": {"alpha": 0.01}, "decision_tree": TREES[0],
              "random_forest": TREES[1], "extra_trees": TREES[1], "gradient_boosting": TREES[1]}


def of_other_models():
    if "install the package libxgboost0" in run("doctor", "none.db").stdout:
        print("without XGBoost's library: its trees are not tested")
    else:
        CLASSIFIERS["xgboost"] = REGRESSORS["xgboost"] = {**TREES[1], "min_child_weight": 1}
    for target in thirds, lambda score: "no" if score < 3 else "yes":
        table("t.csv", 120, 1, target)
        for model, options in CLASSIFIERS.items():
            tune("t.csv", {"type": model, **options})
            compare("new.csv", table_inputs("new.csv"))
    table("t.csv", 120, 4, lambda score: f"{1e4 + 100 * score:.3f}")
    for model, options in REGRESSORS.items():
        tune("t.csv", {"type": model, **options})
        compare_numbers()
    counts = np.random.default_rng(5).integers(0, 9, (120, 3))
    np.savetxt("counts.csv", np.c_[counts, np.argmax(counts, 1)], "%d", ",", header="a,b,c,y", comments="")
    tune("counts.csv", {"type": "naive_bayes", "kind": "multinomial"}, preprocess={"scale": "none"})
    compare("counts.csv", {"numbers": counts.astype("f8")})


def of_support_vectors():
    """The default model: margins and probabilities of classes, numbers."""
    table("new.csv", 80, 2, thirds, new=True)
    for target in thirds, lambda score: "no" if score < 3 else "yes":
        table("t.csv", 120, 1, target)
        for kernel in {"kernel": "linear"}, {"kernel": "rbf", "gamma": 0.2}, {"kernel": "poly", "degree": 2}, {"kernel": "sigmoid"}:
            tune("t.csv", {"type": "svm", "C": 2, "coef0": 0.5, **kernel})
            compare("new.csv", table_inputs("new.csv"), "margins")
        tune("t.csv", {"type": "svm", "C": 1, "probability": True})
        compare("new.csv", table_inputs("new.csv"))
    table("t.csv", 150, 1, lambda score: "abcde"[min(max(int(score / 2 + 1), 0), 4)])
    tune("t.csv", {"type": "svm", "C": 0.1, "probability": True})
    coupled = compare("new.csv", table_inputs("new.csv"))
    loops = [node for node in coupled.graph.node if node.op_type == "Loop"]
    assert len(loops) == 1
    for edge in loops[0].attribute[0].g.input[:2]: # ONNX Runtime wants to know that these have no dimensions
        assert edge.type.tensor_type.HasField("shape") and not edge.type.tensor_type.shape.dim, edge
    table("t.csv", 120, 4, lambda score: f"{1e4 + 100 * score:.3f}")
    tune("t.csv", {"type": "svm", "C": 1000, "kernel": "rbf"})
    compare_numbers()


def of_neighbours():
    """Every metric, columns beyond the lanes of its sums, rows at no distance, ties that the order of training decides."""
    metrics = [{"metric": "euclidean"}, {"metric": "manhattan"}, {"metric": "minkowski", "p": 3}]
    table("t.csv", 120, 1, thirds)
    table("new.csv", 80, 2, thirds, new=True)
    for i, metric in enumerate(metrics):
        tune("t.csv", {"type": "knn", "n_neighbors": 4 + i, "weights": ["distance", "uniform"][i % 2], **metric})
        for data in "t.csv", "new.csv":
            compare(data, table_inputs(data))
    table("t.csv", 120, 4, lambda score: f"{1e4 + 100 * score:.3f}")
    for weights in "uniform", "distance":
        tune("t.csv", {"type": "knn", "weights": weights})
        compare_numbers()
    draw = np.random.default_rng(6)
    x = draw.integers(0, 3, (150, 19))[np.arange(160) % 150] / 10  # equal rows; gaps that differ by rounding alone
    y = (x[:, 0] > x[:, 10]) ^ (draw.random(160) < 0.2)
    np.savetxt("ties.csv", np.c_[x, y], "%.1f", ",", header=",".join("abcdefghijklmnopqrsy"), comments="")
    for i, metric in enumerate(metrics[:2]):  # powers differ in the last bit from one library to another
        tune("ties.csv", {"type": "knn", "n_neighbors": 6, "weights": ["uniform", "distance"][i], **metric}, preprocess={"scale": "none"})
        compare("ties.csv", {"numbers": x})
    np.savetxt("one.csv", np.c_[x[:, 0] + 3 * x[:, 1], y], "%.1f", ",", header="a,y", comments="")
    tune("one.csv", {"type": "knn", "n_neighbors": 1000}, cv={"kind": "holdout"})
    model = exported()
    assert off(model, {"numbers": np.round(x[:, :1] + 3 * x[:, 1:2], 1)}, predictions("one.csv", "--proba")[1]) < CLOSE


def of_numbers():
    table("t.csv", 120, 4, lambda score: f"{1e4 + 100 * score:.3f}")
    tune("t.csv", network({"dense": {"units": 8, "activation": "relu"}}))
    compare_numbers()


def compare_numbers():
    expected = np.array([float(line) for line in run("predict", "m.hone", "t.csv").stdout.split()[1:]])
    found = evaluate(exported(), table_inputs("t.csv"))["prediction"]
    assert found.shape == (120, 1) and found.dtype == "f8" and expected.std() > 10
    assert np.abs(found[:, 0] / expected - 1).max() < CLOSE


# --- arrays ---


def arrays(name, x, classes=3):
    """Rows whose class is where most of the row lies."""
    parts = np.array_split(x.reshape(len(x), -1).astype("f8"), classes, 1)
    y = np.argmax([part.mean(1) for part in parts], 0)
    np.save(f"{name}.npy", x)
    np.save(f"{name}_y.npy", y)
    return {"train": f"{name}.npy", "labels": f"{name}_y.npy", "validation_split": 0.2}


def of_images():
    draw = np.random.default_rng(1)
    grey = draw.integers(0, 256, (150, 9, 7)).astype("u1")
    with open("grey", "wb") as file:
        file.write(bytes([0, 0, 8, 3]) + struct.pack(">3I", *grey.shape) + grey.tobytes())
    np.save("grey_y.npy", np.argmax([part.mean((1, 2)) for part in np.array_split(grey, 3, 1)], 0))
    tune({"train": "grey", "labels": "grey_y.npy", "validation_split": 0.2}, network(
        {"conv2d": {"filters": 6, "kernel_size": [2, 4], "padding": "same", "activation": "swish"}},
        {"average_pool": {"size": 2, "strides": 1, "padding": "same"}}, "batch_norm",
        {"conv2d": {"filters": 4, "groups": 2, "strides": [2, 1], "bias": False}},
        {"max_pool": {"size": [2, 3], "padding": "same"}}, "flatten"), preprocess={"scale": "minmax"})
    model = compare("grey", {"images": grey[:, None]})
    assert model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8

    color = (draw.normal(size=(120, 3, 8, 8)) * [[[1]], [[3]], [[9]]] + 5).astype("f4")
    data = arrays("color", color)
    for pool in "global_average_pool", "global_max_pool":
        tune(data, network({"conv2d": {"filters": 5, "strides": 2, "activation": "softmax"}}, {"average_pool": {"size": 2, "strides": 1}},
                           {"conv2d": {"filters": 6, "kernel_size": 1, "activation": "gelu"}}, pool, learning_rate=0.1),
             preprocess={"scale": "standard"})
        compare("color.npy", {"images": color})
    tune(data, {"type": "logistic"}, preprocess={"scale": "standard"})
    compare("color.npy", {"images": color})


def of_sequences():
    x = np.random.default_rng(2).normal(size=(150, 6, 4)).astype("f4")
    data = arrays("steps", x)
    last = [{"lstm": {"units": 5, "bidirectional": True}}, {"gru": {"units": 5, "bidirectional": True}}]
    for i, whole in enumerate(["lstm", "gru"]):
        tune(data, network({whole: {"units": 6, "sequences": True, "bidirectional": i == 0}}, "batch_norm",
                           {"dense": {"units": 5, "activation": "tanh"}}, {whole: {"units": 4, "sequences": True, "bidirectional": i == 1}},
                           last[1 - i], epochs=12))
        compare("steps.npy", {"sequences": x})
    for pool in "global_average_pool", "global_max_pool":
        tune(data, network({"dense": 6}, pool, epochs=12))
        compare("steps.npy", {"sequences": x})


def of_tokens():
    draw = np.random.default_rng(3)
    words = [["dull", "boring", "bad"], ["fine", "lovely", "good"], ["odd", "strange"]]
    texts = [[*draw.choice(words[i % 3] + ["the", "film"], draw.integers(2, 9))] for i in range(150)]
    with open("reviews.csv", "w", encoding="utf-8") as file:
        file.write("text,label\n" + "".join(f"{' '.join(text)},{'abc'[i % 3]}\n" for i, text in enumerate(texts)))
    tune({"train": "reviews.csv", "text": "text", "target": "label", "vocabulary": 8, "length": 6},
         network({"embedding": {"vocabulary": 8, "dim": 5}}, {"lstm": {"units": 6}}, epochs=15))
    said = run("export", "m.hone", "m.onnx").stdout
    assert "cutting text into tokens is not in it" in said, said
    rule = json.loads({p.key: p.value for p in onnx.load("m.onnx").metadata_props}["pipeline"])["samples"]["text"]
    known = {word: i + 2 for i, word in enumerate(rule["words"])}
    tokens = [[known.get(word, 1) for word in text] for text in texts]
    rows = np.array([([0] * 6 + row)[-6:] for row in tokens])  # filled up and cut in front
    model = compare("reviews.csv", {"tokens": rows})
    assert not any(node.op_type == "Cast" for node in model.graph.node)  # tokens go straight into the table


def of_columns_as_tokens():
    draw = np.random.default_rng(4)
    x = draw.integers(0, 5, (120, 3))
    np.savetxt("codes.csv", np.c_[x, x[:, 0] > x[:, 1]], "%d", ",", header="a,b,c,y", comments="")
    tune("codes.csv", network({"embedding": {"vocabulary": 5, "dim": 3}}, "flatten", {"dense": 4}, epochs=20), preprocess={"scale": "none"})
    compare("codes.csv", {"numbers": x.astype("f8")})


# --- what is shown and refused ---


def of_output():
    shown = json.loads(run("export", "m.hone", "n.onnx", "--json").stdout)
    assert shown["operators"] == 13 and shown["nodes"] == len(onnx.load("n.onnx").graph.node)
    assert shown["inputs"] == [{"name": "numbers", "type": "double", "shape": ["rows", 3], "columns": ["a", "b", "c"]}]
    assert [output["name"] for output in shown["outputs"]] == ["label", "probabilities"]
    text = run("export", "m.hone", "n.onnx").stdout
    assert "n.onnx: ONNX, operator set 13" in text and "rows x 3" in text and "a, b, c" in text, text


def of_refusals():
    refuse("export", "none.hone", "x.onnx", code=3, says="none.hone")
    refuse("export", "study.yaml", "x.onnx", code=2, says="study.yaml")
    refuse("export", "m.hone", code=2, says="export")
    refuse("export", "m.hone", "no/such/x.onnx", code=4, says="cannot create no/such/x.onnx")
    refuse("export", "m.hone", "/dev/full", code=4, says="/dev/full")
    os.mkdir("folder")
    refuse("export", "m.hone", "folder", code=4, says="folder")
    run("fit", "codes.csv", "--model", "kmeans", "--storage", "memory:", "--trials", 1, "-o", "kmeans.hone")
    refuse("export", "kmeans.hone", "x.onnx", code=2, says=["model kmeans cannot be written as ONNX", "these can: ", "sequential"])
    assert not os.path.exists("x.onnx")
    with open("old.onnx", "w", encoding="utf-8") as file:
        file.write("old")
    refuse("export", "kmeans.hone", "old.onnx", code=2, says="kmeans")
    with open("old.onnx", encoding="utf-8") as file:
        assert file.read() == "old"
    run("export", "m.hone", "old.onnx")
    onnx.checker.check_model("old.onnx")
    assert not [name for name in os.listdir() if name.startswith((".old", "old.onnx."))]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        of_activations()
        of_selected_columns()
        of_two_classes()
        of_numbers()
        of_other_models()
        of_support_vectors()
        of_neighbours()
        of_images()
        of_sequences()
        of_tokens()
        of_columns_as_tokens()
        of_output()
        of_refusals()
        assert noticed == {"gates", "reset", "padding", "count"}, noticed
        os.chdir("/")


main()
