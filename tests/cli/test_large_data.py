#!/usr/bin/python3
"""Ten million lines: `hone fit` reads them in the memory that docs/data.md says, `hone predict` in that of a block, and a limit
that is too low is named."""

import os
import random
import subprocess
import tempfile

from hone_test import PROGRAM, skip, tier

LINES = 10_000_000


def run(*arguments, code=0):
    """What was printed, and the largest memory in MB of the program itself."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().decode()
    assert process.returncode == code, (arguments, text)
    return text, usage.ru_maxrss / 1024


def main():
    if tier() != "long":
        skip("ten million lines are read in the long tier")
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("ten.csv", "w", encoding="utf-8") as file:
            file.write("x,y\n")
            for _ in range(100):
                lines = "".join(f"{draw.randrange(100)},{draw.randrange(2)}\n" for _ in range(1000))
                file.write(lines * (LINES // 100 // 1000))
        text, memory = run("fit", "ten.csv", "--model", "naive_bayes", "--trials", 1, "--folds", 2, "-j", 1, "-o", "m.hone")
        assert f"{LINES} rows" in text and memory < 1300, (text, memory)
        _, memory = run("predict", "m.hone", "ten.csv", "-o", "out.csv")
        with open("out.csv", "rb") as file:
            assert sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) == LINES + 1
        assert memory < 80, memory
        text, memory = run("fit", "ten.csv", "--model", "naive_bayes", "--max-bytes", "40M", code=2)
        assert "ten.csv holds more than the 41943040 bytes allowed (max_bytes), which may be raised up to 4 GiB" in text, text
        assert memory < 80, memory
        os.chdir("/")


main()
