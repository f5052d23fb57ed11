#!/usr/bin/python3
"""The memory of a search over networks: the data once, whatever the workers, and a few arrays of the parameters' size."""

import os
import random
import struct
import tempfile

import yaml
from hone_test import plain_pages, run, skip

MIB = 1 << 20
FEW, ROWS, PIXELS = 2000, 20000, 784
SLACK = 4 * MIB  # what an allocator keeps, tables of rows


def write_images(name, n):
    pixels = random.Random(1).randbytes(PIXELS * n)
    with open(name, "wb") as file:
        file.write(bytes([0, 0, 8, 3]) + struct.pack(">3I", n, 28, 28) + pixels)
    with open(name + "-labels", "wb") as file:
        file.write(bytes([0, 0, 8, 1]) + struct.pack(">I", n) + bytes(i % 10 for i in range(n)))


# A metric of the user's own: a program that the worker starts when it has a model, and that looks at both.
WATCH = """\
import os

def look(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.split(":", 1) for line in file)

def size(status, key):
    return int(status[key].split()[0]) * 1024

worker = look(os.getppid())
program = look(int(worker["PPid"]))
with open("memory.txt", "a", encoding="utf-8") as file:
    print(os.getppid(), size(program, "VmHWM"), size(worker, "VmHWM"), size(worker, "RssShmem"), file=file)
print(0)
"""


def measure(images, units, batch):
    """The most that the program and any worker took, and what each worker had of shared memory."""
    study = {"study": "s", "storage": "memory:", "preprocess": {"scale": "minmax"},
             "data": {"train": images, "labels": images + "-labels", "validation_split": 0.2},
             "goal": "maximize accuracy",
             "metrics": ["accuracy", {"name": "watch", "command": ["/usr/bin/python3", "watch.py"], "timeout": "15m"}],
             "model": {"type": "sequential", "epochs": 2, "batch_size": batch, "layers": ["flatten", {"dense": units}, "output"],
                       "learning_rate": {"choice": [0.001, 0.002]}},
             "search": {"trials": 2, "workers": 2, "sampler": "grid", "refit": "none", "seed": 1}}
    with open("s.yaml", "w", encoding="utf-8") as file:
        yaml.safe_dump(study, file)
    open("memory.txt", "w", encoding="utf-8").close()
    run("tune", "s.yaml", "-q")
    with open("memory.txt", encoding="utf-8") as file:
        seen = [tuple(map(int, line.split())) for line in file]
    _, program, worker, _ = map(max, zip(*seen))
    return program, worker, {pid: shared for pid, _, _, shared in seen}


def main():
    if not os.path.exists("/proc/self/status"):
        skip("no /proc")
    plain_pages()
    if "HONE_SANITIZE" in os.environ:
        skip("sanitizers take memory of their own")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("watch.py", "w", encoding="utf-8") as file:
            file.write(WATCH)
        write_images("few", FEW)
        write_images("many", ROWS)
        data, units, batch = (ROWS - FEW) * PIXELS, 2000, 64
        small_program, small, _ = measure("few", 8, batch)
        program, one, shared = measure("many", 8, batch)
        assert program - small_program < 1.2 * data + SLACK, (program - small_program) / MIB
        assert one - small < 1.1 * data + SLACK, (one - small) / MIB
        assert min(shared.values()) > 0.5 * data, shared  # they look at the same pages
        parameters = PIXELS * units + units + units * 10 + 10
        _, wide, _ = measure("many", units, batch)
        arrays = 4 * parameters * 4  # values, gradients, two of Adam's
        activations = 3 * 4 * (batch + 256) * (PIXELS + units)  # forward and back; a batch of predictions
        assert 3 * 4 * parameters < wide - one < arrays + activations + SLACK, ((wide - one) / MIB, arrays / MIB)
        print(f"program {program / MIB:.0f} MiB, worker {one / MIB:.0f} MiB, with {parameters} parameters {wide / MIB:.0f} MiB")
        os.chdir("/")


if __name__ == "__main__":
    main()
