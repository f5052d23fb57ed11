"""An epoch of training of three networks, hone and PyTorch in turn, one thread each, on the same floats.

    peer_networks.py --hone build/release/bench/bench_networks [--rounds 5] [mlp cnn lstm]

One row per network: the median over the rounds of the ratio PyTorch / hone in processor time (above 1: hone is faster),
its least and most, and in time on the clock; seconds of the processor; the loss of the second epoch; then each layer's
share of the machine's fastest product of matrices. The dense network learns Fashion-MNIST where it is installed
(dataset-fashion-mnist), else noise; the others learn noise.
"""
import argparse
import gzip
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when torch is loaded

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
BATCH = 32
FASHION = pathlib.Path("/usr/share/datasets/fashion-mnist")


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm, self.dense = nn.Embedding(10000, 64), nn.LSTM(64, 64, batch_first=True), nn.Linear(64, 1)

    def forward(self, x):
        return self.dense(self.lstm(self.embedding(x.long()))[0][:, -1])[:, 0]


def images(rng):
    if not FASHION.exists():
        return rng.random((9600, 784)), rng.integers(0, 10, 9600)
    read = lambda name, skip: np.frombuffer(gzip.open(FASHION / name).read(), np.uint8, offset=skip)
    return (read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)[:9600] / 255,
            read("train-labels-idx1-ubyte.gz", 8)[:9600])


# name: hone's layers, the shape of a sample, its loss; PyTorch's network and loss; the samples.
CASES = {
    "mlp": ("[{dense: {units: 448, activation: relu}}, {dense: 10}]", "784", "categorical_crossentropy",
            lambda: nn.Sequential(nn.Linear(784, 448), nn.ReLU(), nn.Linear(448, 10)), nn.CrossEntropyLoss(), images),
    "cnn": ("[{conv2d: {filters: 64, activation: relu}}, max_pool, flatten, {dense: {units: 64, activation: relu}}, "
            "{dense: 10}]", "3x32x32", "categorical_crossentropy",
            lambda: nn.Sequential(nn.Conv2d(3, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                  nn.Linear(64 * 15 * 15, 64), nn.ReLU(), nn.Linear(64, 10)), nn.CrossEntropyLoss(),
            lambda rng: (rng.random((512, 3, 32, 32)), rng.integers(0, 10, 512))),
    "lstm": ("[{embedding: {dim: 64, vocabulary: 10000}}, {lstm: 64}, {dense: 1}]", "200", "binary_crossentropy",
             Lstm, nn.BCEWithLogitsLoss(),
             lambda rng: (rng.integers(0, 10000, (256, 200)), rng.integers(0, 2, 256))),
}


def torch_epoch(make, loss, x, y):
    """(seconds, of the processor, mean loss) of the second epoch."""
    network = make()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(2):
        clock, processor, total = time.perf_counter(), time.process_time(), 0.0
        order = torch.randperm(len(x))
        for i in range(0, len(x), BATCH):
            batch = order[i:i + BATCH]
            optimizer.zero_grad()
            value = loss(network(x[batch]), y[batch])
            value.backward()
            optimizer.step()
            total += value.item() * len(batch)
        took = time.perf_counter() - clock, time.process_time() - processor
    return (*took, total / len(x))


def run(name, program, rounds, folder):
    layers, shape, loss_name, make, loss, samples = CASES[name]
    x, y = samples(np.random.default_rng(0))
    x, y = np.asarray(x, "f4"), np.asarray(y, "f4")
    path = pathlib.Path(folder) / name
    path.write_bytes(x.tobytes() + y.tobytes())
    command = [program, layers, shape, loss_name, str(len(x)), str(path)]
    tensors = torch.tensor(x), torch.tensor(y) if loss_name.startswith("binary") else torch.tensor(y).long()
    hone = lambda *more: json.loads(subprocess.run([*command, *more], capture_output=True, text=True, check=True).stdout)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(hone())
        theirs.append(torch_epoch(make, loss, *tensors))
    processor = [b[1] / a["processor"] for a, b in zip(ours, theirs)]
    clock = [b[0] / a["seconds"] for a, b in zip(ours, theirs)]
    median = statistics.median
    print(f"{name:5} {median(processor):6.2f} times ({min(processor):.2f} to {max(processor):.2f}), by the clock "
          f"{median(clock):.2f}; hone {median(a['processor'] for a in ours):.3f} s, torch {torch.__version__} "
          f"{median(b[1] for b in theirs):.3f} s; loss {ours[-1]['loss']:.4f}, {theirs[-1][2]:.4f}")
    shares = hone("--layers")
    print(f"      sgemm {shares['sgemm_gigaflops']:.0f} GFLOP/s; share of it:",
          ", ".join(f"{key} {100 * value:.0f} %" for key, value in shares.items() if key[-1].isdigit()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--hone", required=True, metavar="PROGRAM")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.names or CASES:
            run(name, arguments.hone, arguments.rounds, folder)


if __name__ == "__main__":
    main()
