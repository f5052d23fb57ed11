"""The accuracy of equal networks trained by hone and by PyTorch, over several seeds.

    peer_accuracy.py --program build/release/hone                               a small part of everything
    peer_accuracy.py --program build/release/hone --full --folder kept search   goes on with what the folder has

    search   the ten settings that examples/mnist_dense.yaml draws: medians over the seeds, setting by setting
    dense    784-448-10 on MNIST              |
    conv     conv 64, dense 64 on CIFAR-10     > the difference of the means beside its standard error
    lstm     embedding 64, LSTM 64 on IMDb    |

Both learn the same floats, are scored on the same test rows after the last epoch, and begin as Keras does: weights Glorot
uniform, an LSTM's for the state orthogonal and its forget bias 1, embeddings uniform within 0.05, other biases 0; epsilon
1e-7 (added to the root, as in PyTorch; Keras' RMSprop adds it beneath), rho 0.9. Of PyTorch's two biases of a gate one
stays 0. It is an error when the median of the settings' differences is above 0.1 point and above three times what chance
makes of it (the second is larger in small), or when Welch's test finds the means of a network to differ (p < 0.01).
"""
import argparse
import gzip
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when torch is loaded

import numpy as np
import torch
from scipy.stats import ttest_ind
from torch import nn

torch.set_num_threads(1)
torch.set_flush_denormal(True)  # as hone does while it trains
ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("HONE_DATA_DIR", ROOT.parent / "shared" / "data"))
BATCH, EPSILON, RHO, ALLOWED, UNLIKELY = 32, 1e-7, 0.9, 0.1, 0.01
VOCABULARY, LENGTH = 10000, 100


# --- the samples: (training, test), each (x, y) ---

def unzip(path, skip=0):
    return np.frombuffer(gzip.open(DATA / path).read(), np.uint8, offset=skip)


def mnist():
    read = lambda name: (unzip(f"mnist/{name}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28),
                         unzip(f"mnist/{name}-labels-idx1-ubyte.gz", 8))
    return read("train"), read("t10k")


def cifar():
    def read(name):
        rows = unzip(f"cifar10/{name}.bin.gz").reshape(-1, 3073)
        return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0]
    return read("data_batch_1_first4000"), read("test_batch_first1000")


def imdb():
    """Tokens: 0 fills up in front, 1 is any other word, then the most frequent ones of the training texts."""
    def read(name):
        lines = gzip.open(DATA / f"imdb/imdb_{name}_6000.tsv.gz", "rt", encoding="utf-8").read().splitlines()
        rows = [line.split("\t") for line in lines if line.split("\t")[0] in ("0", "1")]
        return [re.findall(r"[a-z0-9']+", row[-1].lower()) for row in rows], np.array([int(row[0]) for row in rows])
    train, test = read("train"), read("test")
    words = Counter(word for text in train[0] for word in text).most_common(VOCABULARY - 2)
    index = {word: i + 2 for i, (word, _) in enumerate(words)}

    def encode(texts, labels):
        x = np.zeros((len(texts), LENGTH), "f4")
        for row, text in zip(x, texts):
            tokens = [index.get(word, 1) for word in text][-LENGTH:]
            row[LENGTH - len(tokens):] = tokens
        order = np.random.default_rng(0).permutation(len(texts))  # the file has one class after the other
        return x[order], labels[order]
    return encode(*train), encode(*test)


def cut(part, count):
    return part[0][:count], part[1][:count]


# --- PyTorch's side ---

class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.lstm = nn.Embedding(VOCABULARY, 64), nn.LSTM(64, 64, batch_first=True)
        self.dense = nn.Linear(64, 1)

    def forward(self, x):
        return self.dense(self.lstm(self.embedding(x.long()))[0][:, -1])[:, 0]


def begin_as_keras(module):
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.uniform_(module.weight, -0.05, 0.05)
    elif isinstance(module, nn.LSTM):
        nn.init.xavier_uniform_(module.weight_ih_l0)
        nn.init.orthogonal_(module.weight_hh_l0)
        nn.init.zeros_(module.bias_ih_l0)
        nn.init.zeros_(module.bias_hh_l0)
        module.bias_ih_l0.data[module.hidden_size:2 * module.hidden_size] = 1
        module.bias_hh_l0.requires_grad_(False)


def layers_of(setting):
    """The network of a setting of the search."""
    widths = [784] + [setting[f"units_{i}"] for i in range(setting["layers"])]
    hidden = [part for n, m in zip(widths, widths[1:]) for part in (nn.Linear(n, m), nn.ReLU())]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(widths[-1], 10))


def optimizer_of(setting, values):
    rate = setting["learning_rate"]
    return {"adam": lambda: torch.optim.Adam(values, rate, eps=EPSILON, foreach=True),
            "sgd": lambda: torch.optim.SGD(values, rate, foreach=True),
            "rmsprop": lambda: torch.optim.RMSprop(values, rate, alpha=RHO, eps=EPSILON, foreach=True),
            }[setting.get("optimizer", "adam")]()


def torch_scores(make, setting, samples, epochs, seed):
    """(accuracy, loss) on the test rows."""
    torch.manual_seed(seed)
    network = make(setting)
    network.apply(begin_as_keras)
    optimizer = optimizer_of(setting, [value for value in network.parameters() if value.requires_grad])
    (x, y), (test_x, test_y) = samples
    loss = nn.functional.binary_cross_entropy_with_logits if y.is_floating_point() else nn.functional.cross_entropy
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for batch in order.split(BATCH):
            optimizer.zero_grad(set_to_none=True)
            loss(network(x[batch]), y[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        out = torch.cat([network(part) for part in test_x.split(500)])
    guess = out > 0 if y.is_floating_point() else out.argmax(1)
    return [(guess == test_y).double().mean().item(), loss(out, test_y).item()]


def tensors(samples):
    """Bytes become shares of 255; a label of two is a float, as its loss wants."""
    convert = lambda x, y: (torch.tensor(x / np.float32(255) if x.dtype == np.uint8 else x, dtype=torch.float32),
                            torch.tensor(y.astype("i8" if samples[0][1].max() > 1 else "f4")))
    return convert(*samples[0]), convert(*samples[1])


# --- hone's side ---

ONE_TRIAL = """study: one
goal: maximize accuracy
search:
data:
preprocess: {scale: minmax}
metrics: [accuracy, log_loss]
model:
  type: sequential
  learning_rate: {choice: [0.001]}
  epochs:
"""


def write_study(case, samples, epochs, seeds, folder):
    """The example's search, or one trial; the test rows are the last of the file, which score it. An execution is a seed."""
    (x, y), (test_x, test_y) = samples
    share = (len(test_x) - 0.5) / (len(x) + len(test_x))
    np.savez(folder / "data.npz", x=np.concatenate([x, test_x]), y=np.concatenate([y, test_y]))
    if case == "search":
        text = (ROOT / "examples" / "mnist_dense.yaml").read_text(encoding="utf-8")
    else:
        text = ONE_TRIAL + f"  layers: {NETWORKS[case][0]}\n"
    trials = 10 if case == "search" else 1
    ours = {"search": f"search: {{sampler: tpe, trials: {trials}, seed: 1, workers: 1, refit: none, executions: {seeds}}}",
            "data": f"data: {{train: data.npz, validation_split: {share!r}}}",
            "epochs": f"epochs: {epochs}\n  epsilon: {EPSILON}\n  rho: {RHO}\n  batch_size: {BATCH}"}
    if x.dtype != np.uint8:
        ours["preprocess"] = "preprocess: {scale: none}"
    replace = lambda line: line[:len(line) - len(line.lstrip())] + ours.get(line.split(":")[0].strip(), line.strip())
    (folder / "study.yaml").write_text("\n".join(map(replace, text.splitlines())) + "\n", encoding="utf-8")


def hone_trials(program, folder):
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1")
    call = lambda *words: subprocess.run([program, *words], cwd=folder, env=environment, check=True, text=True,
                                         stdout=subprocess.PIPE).stdout
    call("tune", "--quiet", "study.yaml")
    return json.loads(call("trials", "--json"))


# name: hone's layers, PyTorch's network, samples; rows, test rows and epochs in small and in full.
NETWORKS = {
    "search": (None, layers_of, mnist, (6000, 10000, 3), (48000, 10000, 10)),
    "dense": ("[flatten, {dense: {units: 448, activation: relu}}, output]",
              lambda setting: layers_of({"layers": 1, "units_0": 448}), mnist, (6000, 10000, 3), (12000, 10000, 5)),
    "conv": ("[{conv2d: {filters: 64, activation: relu}}, max_pool, flatten, {dense: {units: 64, activation: relu}}, "
             "output]",
             lambda setting: nn.Sequential(nn.Conv2d(3, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                           nn.Linear(64 * 15 * 15, 64), nn.ReLU(), nn.Linear(64, 10)),
             cifar, (1000, 1000, 3), (4000, 1000, 5)),
    "lstm": ("[{embedding: {dim: 64, vocabulary: 10000}}, {lstm: 64}, output]", lambda setting: Lstm(), imdb,
             (1000, 1000, 2), (2000, 2000, 3)),
}


# --- comparison ---

def run_torch(case, settings, samples, epochs, seeds, path):
    """[setting][seed] -> (accuracy, loss). What the file at `path` has is not done again."""
    known = [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()] if path.exists() else []
    done = {(json.dumps(row["setting"]), row["seed"]): row["scores"] for row in known}
    data = tensors(samples)
    for seed in range(seeds):
        for setting in settings:
            key = json.dumps(setting), seed
            if key not in done:
                done[key] = torch_scores(NETWORKS[case][1], setting, data, epochs, seed)
                with open(path, "a", encoding="ascii") as file:
                    print(json.dumps({"setting": setting, "seed": seed, "scores": done[key]}), file=file)
    return [[done[json.dumps(setting), seed] for seed in range(seeds)] for setting in settings]


def drawn_again(accuracy, random):
    """(1000, settings): medians over seeds that are drawn with replacement from those there are."""
    drawn = random.integers(accuracy.shape[1], size=(1000, *accuracy.shape))
    return np.median(np.take_along_axis(accuracy[None], drawn, axis=2), axis=2)


def compare_search(settings, ours, theirs):
    """The settings' medians, in per cent; the median of their differences is judged."""
    accuracy = [100 * np.array(side)[:, :, 0] for side in (ours, theirs)]  # (setting, seed)
    middle = np.array([np.median(side, axis=1) for side in accuracy])
    losses = np.array([np.median(np.array(side)[:, :, 1], axis=1) for side in (ours, theirs)])
    spread = np.array([np.ptp(side, axis=1) / 2 for side in accuracy])
    differences, random = middle[0] - middle[1], np.random.default_rng(0)
    chance = np.median(drawn_again(accuracy[0], random) - drawn_again(accuracy[1], random), axis=1).std()
    print("medians over the seeds ± half their range   hone             torch           difference   loss: hone, torch")
    for i, setting in enumerate(settings):
        units = "-".join(str(setting[f"units_{k}"]) for k in range(setting["layers"]))
        print(f"{units:20} {setting['optimizer']:7} {setting['learning_rate']:8.2g}   "
              f"{middle[0, i]:10.2f} ± {spread[0, i]:.2f}{middle[1, i]:10.2f} ± {spread[1, i]:.2f}"
              f"{differences[i]:+12.2f}      {losses[0, i]:9.4f}, {losses[1, i]:.4f}")
    whole = np.median(differences)
    print(f"median of the differences {whole:+.3f} ± {chance:.3f} points, of their sizes {np.median(abs(differences)):.3f}")
    return abs(whole) <= max(ALLOWED, 3 * chance)


def compare_network(name, ours, theirs):
    accuracy = [[100 * run[0] for run in runs] for runs in (ours[0], theirs[0])]
    loss = [statistics.mean(run[1] for run in runs) for runs in (ours[0], theirs[0])]
    mean, deviation = [[f(values) for values in accuracy] for f in (statistics.mean, statistics.stdev)]
    error = (deviation[0] ** 2 / len(ours[0]) + deviation[1] ** 2 / len(theirs[0])) ** 0.5
    chance = ttest_ind(*accuracy, equal_var=False).pvalue
    print(f"{name:6} hone {mean[0]:.2f} ± {deviation[0]:.2f} %, torch {mean[1]:.2f} ± {deviation[1]:.2f} %; difference "
          f"{mean[0] - mean[1]:+.2f} ± {error:.2f} points (p {chance:.2f}); loss {loss[0]:.4f}, {loss[1]:.4f}")
    return chance >= UNLIKELY


def run(case, arguments, folder):
    _, _, read, small, full = NETWORKS[case]
    rows, tests, epochs = full if arguments.full else small
    whole = read()
    samples = cut(whole[0], rows), cut(whole[1], tests)
    learned = folder / f"torch-{case}-{rows}-{epochs}.jsonl"
    folder = folder / f"{case}-{rows}-{epochs}-{arguments.seeds}"
    folder.mkdir(parents=True, exist_ok=True)
    write_study(case, samples, epochs, arguments.seeds, folder)
    seeds = arguments.torch_seeds or arguments.seeds
    print(f"--- {case}: {rows} rows, {len(samples[1][0])} to test, {epochs} epochs, {arguments.seeds} seeds of hone, "
          f"{seeds} of PyTorch", flush=True)
    trials = hone_trials(arguments.program, folder)
    settings = [trial["params"] for trial in trials]
    ours = [list(zip(t["attrs"]["accuracy_folds"], t["attrs"]["log_loss_folds"])) for t in trials]
    theirs = run_torch(case, settings, samples, epochs, seeds, learned)
    if case == "search":
        return compare_search(settings, ours, theirs)
    return compare_network(case, ours, theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[*NETWORKS, []], metavar="CASE", help=", ".join(NETWORKS))
    parser.add_argument("--program", type=os.path.abspath, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--torch-seeds", type=int, help="PyTorch is slower (default: as --seeds)")
    parser.add_argument("--full", action="store_true", help="more rows and epochs; the search about an hour")
    parser.add_argument("--folder", type=pathlib.Path, help="kept, and continued (default: a temporary one)")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        sys.exit(f"peer_accuracy.py: no data in {DATA}; set HONE_DATA_DIR")
    print(f"hone and PyTorch {torch.__version__}, batches of {BATCH}, one thread")
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or pathlib.Path(scratch)
        agreed = [run(case, arguments, folder.absolute()) for case in arguments.cases or NETWORKS]
    sys.exit(0 if all(agreed) else "peer_accuracy.py: the two differ")


if __name__ == "__main__":
    main()
