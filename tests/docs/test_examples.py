#!/usr/bin/python3
"""The examples of docs/verbs and README.md run as they stand and print what is said.

A block ```sh example is run by a shell in a new folder, where `hone` is on the PATH and `examples` is the project's folder of that
name. A block ```output right after it is what it prints: `...` stands for any text within a line, and alone on a line for
any number of lines.
"""

import glob
import os
import re
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, SOURCE

BLOCKS = re.compile(r"^```sh example\n(?P<script>.*?)^```\n(?:\n```output\n(?P<output>.*?)^```\n)?", re.M | re.S)


def pattern(output):
    lines = ["(?:.*\n)*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + "\n" for line in
             output.rstrip("\n").split("\n")]
    return re.compile("".join(lines))


def run(page, script, output):
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.join(SOURCE, "examples"), os.path.join(folder, "examples"))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HONE_")}
        environment["PATH"] = f"{os.path.dirname(PROGRAM)}:{environment['PATH']}"
        result = subprocess.run(["bash", "-eu", "-c", script], cwd=folder, env=environment, capture_output=True, text=True,
                                timeout=PATIENCE)
        said = f"{page}:\n{script}\n--- printed\n{result.stdout}{result.stderr}"
        assert result.returncode == 0, said
        assert output is None or pattern(output).fullmatch(result.stdout), f"{said}\n--- not\n{output}"


def main():
    pages = sorted(glob.glob(os.path.join(SOURCE, "docs/verbs/*.md"))) + [os.path.join(SOURCE, "README.md")]
    ran = 0
    for page in filter(os.path.exists, pages):
        with open(page, encoding="utf-8") as file:
            text = file.read()
        for block in BLOCKS.finditer(text):
            run(os.path.relpath(page, SOURCE), block["script"], block["output"])
            ran += 1
    assert ran >= 15, ran


main()
