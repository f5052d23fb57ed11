#!/usr/bin/python3
"""The memory of a search over networks: the data once, whatever the workers, and a few arrays of the parameters' size."""

import os
import random
import struct
import subprocess
import tempfile
import time

import yaml
from hone_test import PROGRAM, skip

MIB = 1 << 20
FEW, ROWS, PIXELS = 2000, 20000, 784
SLACK = 4 * MIB  # what an allocator keeps, tables of rows


def write_images(name, n):
    pixels = random.Random(1).randbytes(PIXELS * n)
    with open(name, "wb") as file:
        file.write(bytes([0, 0, 8, 3]) + struct.pack(">3I", n, 28, 28) + pixels)
    with open(name + "-labels", "wb") as file:
        file.write(bytes([0, 0, 8, 1]) + struct.pack(">I", n) + bytes(i % 10 for i in range(n)))


def processes(root):
    """Its worker processes that run a model."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if parent == root and b"__worker" in file.read():
                    yield int(name)
        except OSError:
            pass


def memory_of(pid):
    """Most bytes so far, and those of them that are shared now."""
    found = {}
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key in ("VmHWM", "RssShmem"):
                    found[key] = int(value.split()[0]) * 1024
    except OSError:
        pass
    return found.get("VmHWM", 0), found.get("RssShmem", 0)


def measure(images, units, batch):
    """The most that the program and any worker took, and what each worker had of shared memory."""
    study = {"study": "s", "storage": "memory:", "preprocess": {"scale": "minmax"},
             "data": {"train": images, "labels": images + "-labels", "validation_split": 0.2},
             "model": {"type": "sequential", "epochs": 2, "batch_size": batch, "layers": ["flatten", {"dense": units}, "output"],
                       "learning_rate": {"choice": [0.001, 0.002]}},
             "search": {"trials": 2, "workers": 2, "sampler": "grid", "refit": "none", "seed": 1}}
    with open("s.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump(study, file)
    most, shared = 0, {}
    with subprocess.Popen([PROGRAM, "tune", "s.yaml", "-q"], stdout=subprocess.DEVNULL) as tune:
        program = 0
        while tune.poll() is None:
            program = max(program, memory_of(tune.pid)[0])
            for worker in processes(tune.pid):
                high, now = memory_of(worker)
                most, shared[worker] = max(most, high), max(now, shared.get(worker, 0))
            time.sleep(0.005)
        assert tune.returncode == 0
    return program, most, [amount for amount in shared.values() if amount]


def main():
    if not os.path.exists("/proc/self/status"):
        skip("no /proc")
    if "HONE_SANITIZE" in os.environ:
        skip("sanitizers take memory of their own")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_images("few", FEW)
        write_images("many", ROWS)
        data, units, batch = (ROWS - FEW) * PIXELS, 2000, 64
        small_program, small, _ = measure("few", 8, batch)
        program, one, shared = measure("many", 8, batch)
        assert program - small_program < 1.2 * data + SLACK, (program - small_program) / MIB
        assert one - small < 1.1 * data + SLACK, (one - small) / MIB
        assert len(shared) == 2 and min(shared) > 0.5 * data, shared  # both look at the same pages
        parameters = PIXELS * units + units + units * 10 + 10
        _, wide, _ = measure("many", units, batch)
        arrays = 4 * parameters * 4  # values, gradients, two of Adam's
        activations = 3 * 4 * (batch + 256) * (PIXELS + units)  # forward and back; a batch of predictions
        assert 3 * 4 * parameters < wide - one < arrays + activations + SLACK, ((wide - one) / MIB, arrays / MIB)
        print(f"program {program / MIB:.0f} MiB, worker {one / MIB:.0f} MiB, with {parameters} parameters {wide / MIB:.0f} MiB")
        os.chdir("/")


if __name__ == "__main__":
    main()
