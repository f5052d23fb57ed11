"""What layers, losses, optimizers, schedules and whole trainings come to in PyTorch, for test_network.c.

    network_oracle.py > network_values.txt

Inputs and weights are multiples of 1/16 or 1/64, which floats hold exactly; PyTorch computes in double precision. Lines
are a name and its numbers. The cases of a kind are listed by a line of names.

Where hone differs on purpose: patience of a plateau is Keras's (a cut after `patience` epochs without an improvement;
PyTorch: after one more), and a clipped gradient is not made shorter by PyTorch's 1e-6 in the divisor.
"""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
rng = np.random.default_rng(4)


def draw(*shape, parts=16, most=24):
    return torch.tensor(rng.integers(-most, most + 1, shape) / parts)


def weights(*shape):
    return draw(*shape, parts=64, most=48)


def line(name, values):
    values = values.detach().numpy() if isinstance(values, torch.Tensor) else np.asarray(values, dtype=float)
    print(name, *(repr(float(f"{v:.12g}")) for v in values.ravel()))


# --- layers: hone's text, the shape of a sample, the same in PyTorch, the tensors in hone's layout ---

ACTIVATIONS = {
    "linear": lambda z: z, "relu": F.relu, "leaky_relu": lambda z: F.leaky_relu(z, 0.01), "elu": F.elu, "gelu": F.gelu,
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "softmax": lambda z: F.softmax(z, -1), "swish": F.silu}


def dense(features, units):
    w, b = weights(features, units), weights(units)
    return [w, b], lambda x: x @ w + b


def padded(x, size, stride, value=0.0):
    """Padding `same`: the odd row or column is below or to the right."""
    pads = []
    for i in (1, 0):
        length = x.shape[2 + i]
        covered = (-(-length // stride[i]) - 1) * stride[i] + size[i]
        total = max(covered - length, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=value)


def conv(channels, filters, size, stride=(1, 1), groups=1, same=False, bias=True, activation=lambda z: z):
    w = weights(filters, channels // groups, *size)
    b = weights(filters) if bias else None
    def run(x):
        return activation(F.conv2d(padded(x, size, stride) if same else x, w, b, stride, groups=groups))
    return [w] + ([b] if bias else []), run


def max_pool(size, stride, same=False):
    return [], lambda x: F.max_pool2d(padded(x, size, stride, -np.inf) if same else x, size, stride)


def average_pool(size, stride, same=False):
    def run(x):
        if not same:
            return F.avg_pool2d(x, size, stride)
        return F.avg_pool2d(padded(x, size, stride), size, stride) / F.avg_pool2d(
            padded(torch.ones_like(x), size, stride), size, stride)
    return [], run


def batch_norm(channels, training, momentum=0.9):
    scale, shift, mean, variance = weights(channels), weights(channels), weights(channels), weights(channels).abs() + 0.5
    kept = [mean.clone(), variance.clone()]
    def run(x):
        last = x.dim() == 3
        x = x.transpose(1, 2) if last else x
        y = F.batch_norm(x, *kept, scale, shift, training, 1 - momentum, 1e-5)
        return y.transpose(1, 2) if last else y
    return [scale, shift, mean, variance], run, kept


def embedding(vocabulary, dim):
    w = weights(vocabulary, dim)
    return [w], lambda x: F.embedding(x.long(), w)


def recurrent(kind, features, units, sequences, bidirectional):
    gates = 4 if kind is torch.lstm else 3
    tensors, flat, directions = [], [], 2 if bidirectional else 1
    for _ in range(directions):
        inputs, states = weights(features, gates * units), weights(units, gates * units)
        bias, state_bias = weights(gates * units), weights(gates * units)
        gru = kind is torch.gru
        tensors += [inputs, states, bias] + ([state_bias] if gru else [])
        flat.append((inputs, states, bias, state_bias if gru else torch.zeros(gates * units)))

    def run(x):
        zero = torch.zeros(directions, len(x), units)
        parameters = [p.t() if p.dim() == 2 else p for direction in flat for p in direction]
        state = zero if kind is torch.gru else (zero, zero)
        out, last = kind(x, state, parameters, True, 1, 0.0, True, bidirectional, True)[:2]
        return out if sequences else torch.cat(list(last), 1)
    return tensors, run


def layer_cases():
    for name, function in ACTIVATIONS.items():
        yield f"activation_{name}", f"[{{activation: {name}}}]", (3, 4), ([], function)
    tensors, run = dense(4, 3)
    yield "dense", "[{dense: 3}]", (4,), (tensors, run)
    tensors, run_tanh = dense(4, 3)
    yield "dense_tanh", "[{dense: {units: 3, activation: tanh}}]", (4,), (tensors, lambda x: torch.tanh(run_tanh(x)))
    tensors, run_gelu = dense(3, 2)
    yield "dense_steps", "[{dense: {units: 2, activation: gelu}}]", (5, 3), (tensors, lambda x: F.gelu(run_gelu(x)))
    yield "conv2d", "[{conv2d: 2}]", (2, 5, 4), conv(2, 2, (3, 3))
    yield ("conv2d_strides", "[{conv2d: {filters: 3, kernel_size: [2, 3], strides: [1, 2], bias: false}}]",
           (2, 5, 6), conv(2, 3, (2, 3), (1, 2), bias=False))
    yield ("conv2d_same", "[{conv2d: {filters: 2, kernel_size: [2, 3], strides: 2, padding: same, activation: swish}}]",
           (2, 5, 6), conv(2, 2, (2, 3), (2, 2), same=True, activation=F.silu))
    yield ("conv2d_groups", "[{conv2d: {filters: 4, groups: 2, padding: same, activation: relu}}]",
           (2, 4, 5), conv(2, 4, (3, 3), groups=2, same=True, activation=F.relu))
    yield "max_pool", "[{max_pool: 2}]", (2, 5, 6), max_pool((2, 2), (2, 2))
    yield ("max_pool_same", "[{max_pool: {size: [3, 2], strides: 2, padding: same}}]",
           (1, 4, 5), max_pool((3, 2), (2, 2), True))
    yield ("average_pool", "[{average_pool: {size: [2, 3], strides: [2, 1]}}]", (2, 5, 6), average_pool((2, 3), (2, 1)))
    yield ("average_pool_same", "[{average_pool: {size: 3, strides: 2, padding: same}}]",
           (1, 4, 5), average_pool((3, 3), (2, 2), True))
    yield "global_average_pool", "[global_average_pool]", (2, 3, 4), ([], lambda x: x.mean((2, 3)))
    yield "global_max_pool", "[global_max_pool]", (2, 3, 4), ([], lambda x: x.amax((2, 3)))
    yield "global_average_pool_steps", "[global_average_pool]", (5, 3), ([], lambda x: x.mean(1))
    yield "global_max_pool_steps", "[global_max_pool]", (5, 3), ([], lambda x: x.amax(1))
    yield "dropout_off", "[{dropout: 0.5}]", (4,), ([], lambda x: F.dropout(x, 0.5, False))
    for training in (False, True):
        kind = "training" if training else "inference"
        yield f"batch_norm_{kind}", "[batch_norm]", (3,), batch_norm(3, training)
        yield f"batch_norm_image_{kind}", "[{batch_norm: {momentum: 0.8}}]", (2, 3, 2), batch_norm(2, training, 0.8)
        yield f"batch_norm_steps_{kind}", "[batch_norm]", (4, 2), batch_norm(2, training)
    yield "embedding", "[{embedding: {dim: 3, vocabulary: 6}}]", (4,), embedding(6, 3)
    for name, kind in (("lstm", torch.lstm), ("gru", torch.gru)):
        yield name, f"[{{{name}: 3}}]", (4, 2), recurrent(kind, 2, 3, False, False)
        yield f"{name}_sequences", f"[{{{name}: {{units: 2, sequences: true}}}}]", (3, 2), recurrent(
            kind, 2, 2, True, False)
        yield f"{name}_both", f"[{{{name}: {{units: 2, bidirectional: true}}}}]", (4, 3), recurrent(
            kind, 3, 2, False, True)
        yield f"{name}_both_sequences", f"[{{{name}: {{units: 2, bidirectional: true, sequences: true}}}}]", (
            3, 3), recurrent(kind, 3, 2, True, True)


def distinct(*shape):
    """No two are the same, so that every maximum has a derivative."""
    size = int(np.prod(shape))
    return torch.tensor((rng.permutation(size) - size // 2) / 16).reshape(shape)


def layers():
    names, n = [], 3
    for name, text, shape, (tensors, run, *kept) in layer_cases():
        names.append(name)
        tokens = name == "embedding"
        x = torch.tensor(rng.integers(0, 6, (n, *shape))).double() if tokens else (
            distinct(n, *shape) if "max" in name else draw(n, *shape))
        learn = tensors[:2] if kept else tensors
        for tensor in learn + ([] if tokens else [x]):
            tensor.requires_grad_()
        out = run(x)
        d_out = draw(*out.shape)
        print(f"{name}.layers", text)
        line(f"{name}.shape", shape)
        line(f"{name}.training", [not (name.endswith("inference") or name.endswith("off"))])
        line(f"{name}.in", x)
        line(f"{name}.values", torch.cat([t.reshape(-1) for t in tensors] or [torch.zeros(0)]))
        line(f"{name}.out", out)
        line(f"{name}.d_out", d_out)
        if not name.endswith("inference"):
            out.backward(d_out)
            line(f"{name}.gradients", torch.cat([t.grad.reshape(-1) for t in learn] or [torch.zeros(0)]))
            line(f"{name}.d_in", torch.zeros_like(x) if tokens else x.grad)
        if kept:
            line(f"{name}.kept", torch.cat(kept[0]))
    print("layers", *names)


# --- losses: sums over samples, the derivative of the weighted mean ---

def losses():
    names = []
    def case(name, width, y, each, weight, smoothing=0.0):
        names.append(name)
        z = draw(5, width, most=40).requires_grad_()
        per = each(z, y)
        mean = (weight * per).sum() / weight.sum()
        mean.backward()
        for part, values in (("z", z), ("y", y.double()), ("weight", weight), ("smoothing", [smoothing]),
                             ("loss", [float(mean.detach())]), ("d", z.grad)):
            line(f"{name}.{part}", values)

    even, uneven = torch.ones(5), torch.tensor([1.0, 0.5, 0.0, 2.0, 3.0])
    classes, two, numbers = torch.tensor([0, 3, 1, 2, 3]), torch.tensor([0.0, 1, 1, 0, 1]), draw(5)
    for smoothing in (0.0, 0.2):
        for kind, weight in (("", even), ("_weighted", uneven)):
            suffix = ("_smoothed" if smoothing else "") + kind
            case(f"categorical_crossentropy{suffix}", 4, classes, lambda z, y, s=smoothing: F.cross_entropy(
                z, y, reduction="none", label_smoothing=s), weight, smoothing)
            case(f"binary_crossentropy{suffix}", 1, two, lambda z, y, s=smoothing: F.binary_cross_entropy_with_logits(
                z[:, 0], y * (1 - s) + s / 2, reduction="none"), weight, smoothing)
    for name, each in (("mse", F.mse_loss), ("mae", F.l1_loss), ("huber", F.huber_loss)):
        for suffix, weight in (("", even), ("_weighted", uneven)):
            case(name + suffix, 1, numbers, lambda z, y, e=each: e(z[:, 0], y, reduction="none"), weight)
    print("losses", *names)


# --- optimizers: values after each of three steps down given gradients ---

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "sgd_decay": (torch.optim.SGD, {"weight_decay": 0.1}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "momentum_decay": (torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
    "nesterov_decay": (torch.optim.SGD, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1}),
    "adam": (torch.optim.Adam, {}),
    "adam_decay": (torch.optim.Adam, {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.0}),
    "adamw_decay": (torch.optim.AdamW, {"betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "rmsprop_momentum": (torch.optim.RMSprop, {"alpha": 0.9, "eps": 1e-3, "momentum": 0.7}),
    "rmsprop_decay": (torch.optim.RMSprop, {"alpha": 0.9, "momentum": 0.7, "weight_decay": 0.1}),
    "adagrad": (torch.optim.Adagrad, {"eps": 1e-8}),
    "adagrad_decay": (torch.optim.Adagrad, {"eps": 1e-3, "weight_decay": 0.1}),
}


def optimizers():
    start, gradients = draw(6), draw(3, 6)
    line("optimizer.start", start)
    line("optimizer.gradients", gradients)
    for name, (kind, options) in OPTIMIZERS.items():
        value, after = nn.Parameter(start.clone()), []
        optimizer = kind([value], lr=0.05, **options)
        for gradient in gradients:
            value.grad = gradient.clone()
            optimizer.step()
            after.append(value.detach().clone())
        line(f"optimizer.{name}", torch.stack(after))


# --- schedules: 30 steps, 3 an epoch ---

def schedules():
    from torch.optim import lr_scheduler as by
    cases = {
        "step": (lambda o: by.StepLR(o, 3, 0.5), 3), "exponential": (lambda o: by.ExponentialLR(o, 0.8), 3),
        "cosine": (lambda o: by.CosineAnnealingLR(o, 30, eta_min=0.1), 1),
        "one_cycle": (lambda o: by.OneCycleLR(o, 1.0, 30, pct_start=0.3, div_factor=25, final_div_factor=1e4,
                                              cycle_momentum=False), 1),
        "one_cycle_late": (lambda o: by.OneCycleLR(o, 1.0, 30, pct_start=0.62, div_factor=10, final_div_factor=10,
                                                   cycle_momentum=False), 1)}
    for name, (make, every) in cases.items():
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule, rates = make(optimizer), []
        for step in range(30):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if (step + 1) % every == 0 and step < 29:
                schedule.step()
        line(f"schedule.{name}", rates)


# --- whole trainings: each epoch is one step over all samples ---

def train(name, loss, epochs, x, y, hidden, outputs, make, clip=None, penalty=(0.0, 0.0), plateau=None):
    """A dense layer with tanh and one without; a line of the losses and learning rates, one of the values."""
    tensors = [weights(x.shape[1], hidden), weights(hidden), weights(hidden, outputs), weights(outputs)]
    line(f"train.{name}.start", torch.cat([t.reshape(-1) for t in tensors]))
    tensors = [nn.Parameter(t) for t in tensors]
    optimizer = make(tensors)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=plateau - 1, threshold=0) if plateau else None
    reached, rates = [], []
    for _ in range(epochs):
        optimizer.zero_grad()
        z = torch.tanh(x @ tensors[0] + tensors[1]) @ tensors[2] + tensors[3]
        value = loss(z, y)
        value.backward()
        reached.append(float(value.detach()))
        rates.append(optimizer.param_groups[0]["lr"])
        if clip == "norm":
            nn.utils.clip_grad_norm_(tensors, 0.25)
        elif clip == "value":
            nn.utils.clip_grad_value_(tensors, 0.0625)
        for w in tensors[::2]:  # of the first layer's weights and the second's
            w.grad += penalty[0] * torch.sign(w.detach()) + 2 * penalty[1] * w.detach()
        optimizer.step()
        if schedule:
            schedule.step(reached[-1])
    line(f"train.{name}.losses", reached)
    line(f"train.{name}.rates", rates)
    line(f"train.{name}.values", torch.cat([t.reshape(-1) for t in tensors]))


def trainings():
    x, classes, two, numbers = draw(8, 3), torch.tensor([0, 1, 2, 0, 1, 2, 2, 1]), draw(8) > 0, draw(8)
    line("train.x", x)
    line("train.classes", classes)
    line("train.two", two)
    line("train.numbers", numbers)
    sgd = lambda p: torch.optim.SGD(p, lr=0.1)
    adam = lambda p: torch.optim.Adam(p, lr=0.01)
    mse = lambda z, y: F.mse_loss(z[:, 0], y)
    train("sgd", mse, 3, x, numbers, 4, 1, sgd)
    train("clip_norm", mse, 3, x, numbers, 4, 1, sgd, clip="norm")
    train("clip_value", mse, 3, x, numbers, 4, 1, sgd, clip="value")
    train("penalties", mse, 3, x, numbers, 4, 1, sgd, penalty=(0.01, 0.02))
    train("binary", lambda z, y: F.binary_cross_entropy_with_logits(z[:, 0], y.double()), 5, x, two, 4, 1, adam)
    train("smoothed", lambda z, y: F.cross_entropy(z, y, label_smoothing=0.1), 5, x, classes, 4, 3, adam)
    train("plateau", mse, 14, x, numbers, 4, 1, lambda p: torch.optim.SGD(p, lr=0.5), plateau=2)


def main():
    print(f"# torch {torch.__version__}")
    layers()
    losses()
    optimizers()
    schedules()
    trainings()


if __name__ == "__main__":
    main()
