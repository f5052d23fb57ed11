"""Evaluates an ONNX graph with NumPy, each operator by its definition (docs/Operators.md and docs/Operators-ml.md of
github.com/onnx/onnx), independently of hone. As far as hone writes them; another operator or attribute is an error."""

import math

import numpy as np
import onnx
from onnx import numpy_helper


def windows(x, attributes, fill):
    """(rows, channels, down, across, window down, window across) of an image with its padding."""
    size, stride = attributes["kernel_shape"], attributes["strides"]
    top, left, bottom, right = attributes["pads"]
    x = np.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)], constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, tuple(size), axis=(2, 3))
    return view[:, :, ::stride[0], ::stride[1]]


def conv(attributes, x, weight, bias=None):
    view, group = windows(x, attributes, 0), attributes["group"]
    parts = [np.einsum("ncyxij,fcij->nfyx", part, filters)
             for part, filters in zip(np.split(view, group, 1), np.split(weight, group, 0))]
    out = np.concatenate(parts, 1)
    return out if bias is None else out + bias[:, None, None]


def average_pool(attributes, x):
    ones = np.ones_like(x)
    counted = windows(ones, attributes, attributes.get("count_include_pad", 0))
    return windows(x, attributes, 0).sum((4, 5)) / counted.sum((4, 5))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def lstm_step(x, state, memory, weight, recurrence, bias, attributes):
    del attributes
    wb, rb = np.split(bias, 2)
    i, o, f, c = np.split(x @ weight.T + state @ recurrence.T + wb + rb, 4, 1)
    memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(c)
    return sigmoid(o) * np.tanh(memory), memory


def gru_step(x, state, memory, weight, recurrence, bias, attributes):
    wb, rb = np.split(bias, 2)
    wz, wr, wh = np.split(x @ weight.T + wb, 3, 1)
    rz, rr, rh = np.split(recurrence, 3)
    bz, br, bh = np.split(rb, 3)
    z, r = sigmoid(wz + state @ rz.T + bz), sigmoid(wr + state @ rr.T + br)
    if attributes.get("linear_before_reset", 0):
        fresh = np.tanh(wh + r * (state @ rh.T + bh))
    else:
        fresh = np.tanh(wh + (r * state) @ rh.T + bh)
    return (1 - z) * fresh + z * state, memory


def recurrent(step):
    def run(attributes, x, weight, recurrence, bias):
        steps, rows, _ = x.shape
        directions, units = len(weight), attributes["hidden_size"]
        assert directions == {"forward": 1, "bidirectional": 2}[attributes["direction"].decode()]
        every = np.zeros((steps, directions, rows, units), x.dtype)
        for d in range(directions):
            state = memory = np.zeros((rows, units), x.dtype)
            for t in reversed(range(steps)) if d else range(steps):
                state, memory = step(x[t], state, memory, weight[d], recurrence[d], bias[d], attributes)
                every[t, d] = state
        return every, np.stack([every[0 if d else -1, d] for d in range(directions)])
    return run


def batch_norm(attributes, x, scale, shift, mean, variance):
    along = (-1,) + (1,) * (x.ndim - 2)
    scaled = (x - mean.reshape(along)) / np.sqrt(variance.reshape(along) + attributes["epsilon"])
    return scaled * scale.reshape(along) + shift.reshape(along)


def softmax(attributes, x):
    powers = np.exp(x - x.max(attributes.get("axis", -1), keepdims=True))
    return powers / powers.sum(attributes.get("axis", -1), keepdims=True)


def label_encoder(attributes, x):
    known = {key.decode(): value for key, value in zip(attributes["keys_strings"], attributes["values_int64s"])}
    return np.array([known.get(cell, attributes["default_int64"]) for cell in x.ravel()], "i8").reshape(x.shape)


def reshape(_, x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


def reduce(function):
    return lambda a, x: function(x, axis=tuple(a["axes"]), keepdims=bool(a["keepdims"]))


def top(attributes, x, count):
    """The smallest, the earlier of equal ones first."""
    assert attributes["largest"] == 0 and attributes.get("sorted", 1)
    places = np.argsort(x, axis=attributes["axis"], kind="stable").take(range(int(count[0])), attributes["axis"])
    return np.take_along_axis(x, places, attributes["axis"]), places


def tree_ensemble(attributes, x):
    assert set(attributes["nodes_modes"]) <= {b"LEAF", b"BRANCH_LEQ"}
    columns = [attributes[name] for name in ("nodes_featureids", "nodes_values_as_tensor", "nodes_truenodeids", "nodes_falsenodeids")]
    nodes = {place: (mode, *rest) for place, mode, *rest in zip(
        zip(attributes["nodes_treeids"], attributes["nodes_nodeids"]), attributes["nodes_modes"], *columns)}
    leaves = {}
    for tree, node, target, weight in zip(*(attributes["target_" + name] for name in ("treeids", "nodeids", "ids", "weights_as_tensor"))):
        leaves.setdefault((tree, node), []).append((target, weight))
    out = np.tile(np.array(attributes["base_values_as_tensor"]), (len(x), 1))
    assert out.shape[1] == attributes["n_targets"]
    for row, sums in zip(x, out):
        for tree in set(attributes["nodes_treeids"]):
            node = 0
            while nodes[tree, node][0] != b"LEAF":
                _, feature, threshold, left, right = nodes[tree, node]
                node = left if row[feature] <= threshold else right
            for target, weight in leaves[tree, node]:
                sums[target] += weight
    return out.astype("f4")


OPERATORS = {
    "Abs": lambda a, x: np.abs(x),
    "Add": lambda a, x, y: x + y, "Sub": lambda a, x, y: x - y, "Mul": lambda a, x, y: x * y, "Div": lambda a, x, y: x / y,
    "ArgMax": lambda a, x: np.argmax(x, a["axis"]) if not a["keepdims"] else np.argmax(x, a["axis"], keepdims=True),
    "AveragePool": average_pool,
    "BatchNormalization": batch_norm,
    "Cast": lambda a, x: x.astype(onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[a["to"]]),
    "Clip": lambda a, x, low, high: np.clip(x, low, high),
    "Concat": lambda a, *x: np.concatenate(x, a["axis"]),
    "Conv": conv,
    "Elu": lambda a, x: np.where(x < 0, a.get("alpha", 1) * (np.exp(x) - 1), x),
    "Equal": lambda a, x, y: x == y,
    "Erf": lambda a, x: np.vectorize(math.erf)(x).astype(x.dtype),
    "Exp": lambda a, x: np.exp(x),
    "Flatten": lambda a, x: x.reshape(int(np.prod(x.shape[:a.get("axis", 1)])), -1),
    "GRU": recurrent(gru_step),
    "Gather": lambda a, x, at: np.take(x, at, a.get("axis", 0)),
    "Greater": lambda a, x, y: x > y,
    "GreaterOrEqual": lambda a, x, y: x >= y,
    "IsNaN": lambda a, x: np.isnan(x),
    "LSTM": recurrent(lstm_step),
    "LabelEncoder": label_encoder,
    "LeakyRelu": lambda a, x: np.where(x < 0, a["alpha"] * x, x),
    "MatMul": lambda a, x, y: x @ y,
    "MaxPool": lambda a, x: windows(x, a, -np.inf).max((4, 5)),
    "Neg": lambda a, x: -x,
    "Pow": lambda a, x, y: x ** y,
    "ReduceMax": reduce(np.max),
    "ReduceMean": reduce(np.mean),
    "Relu": lambda a, x: np.maximum(x, 0),
    "ReduceSum": lambda a, x, axes: np.sum(x, axis=tuple(axes), keepdims=bool(a.get("keepdims", 1))),
    "Reshape": reshape,
    "Sigmoid": lambda a, x: sigmoid(x),
    "Softmax": softmax,
    "Split": lambda a, x: tuple(np.split(x, x.shape[a["axis"]], a["axis"])),
    "Sqrt": lambda a, x: np.sqrt(x),
    "Tanh": lambda a, x: np.tanh(x),
    "TopK": top,
    "Transpose": lambda a, x: np.transpose(x, a["perm"]),
    "TreeEnsembleRegressor": tree_ensemble,
    "Unsqueeze": lambda a, x, axes: np.expand_dims(x, tuple(axes)),
    "Where": lambda a, which, x, y: np.where(which, x, y),
}


def loop(attributes, values, most, goes_on, *states):
    """The rounds are a graph of their own, which sees all values around it."""
    body, states = attributes["body"], list(states)
    number = 0
    while number < most and goes_on:
        names = [value.name for value in body.input]
        outputs = run_nodes(body, {**values, **dict(zip(names, [np.int64(number), np.bool_(goes_on), *states]))})
        goes_on, *states = [outputs[value.name] for value in body.output]
        assert goes_on.shape == ()
        number += 1
    return tuple(states)


def attribute_of(proto):
    value = onnx.helper.get_attribute_value(proto)
    return numpy_helper.to_array(value) if proto.type == onnx.AttributeProto.TENSOR else value


def run_nodes(graph, values):
    """The values, with those that the nodes make."""
    values.update((constant.name, numpy_helper.to_array(constant)) for constant in graph.initializer)
    for node in graph.node:
        attributes = {a.name: attribute_of(a) for a in node.attribute}
        given = [values[name] for name in node.input]
        with np.errstate(divide="ignore"):  # to infinity, as IEEE 754 has it
            made = loop(attributes, values, *given) if node.op_type == "Loop" else OPERATORS[node.op_type](attributes, *given)
        for name, value in zip(node.output, made if isinstance(made, tuple) else (made,)):
            values[name] = value
    return values


def evaluate(model, inputs):
    """{output: array} of {input: array}."""
    values = run_nodes(model.graph, dict(inputs))
    return {output.name: values[output.name] for output in model.graph.output}
