#!/usr/bin/python3
"""The C program of README.md compiles against the public headers and the shared library, runs, and leaves its study."""

import os
import re
import subprocess
import tempfile

from hone_test import PATIENCE, SOURCE, hone

BUILD = os.environ["HONE_BUILD_DIR"]


def main():
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        programs = re.findall(r"^```c\n(.*?)^```", file.read(), re.M | re.S)
    assert len(programs) == 1, len(programs)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "train.c"), "w", encoding="utf-8") as file:
            file.write(programs[0])
        sanitize = os.environ.get("HONE_SANITIZE", "")
        flags = [f"-fsanitize={sanitize}"] if sanitize else []
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", *flags, "-I", os.path.join(SOURCE, "include"), "train.c", "-o",
                        "train", "-L", BUILD, "-lhone", f"-Wl,-rpath,{BUILD}"], cwd=folder, check=True)
        subprocess.run(["./train"], cwd=folder, check=True, timeout=PATIENCE)
        shown = hone("best", "--study", "train", cwd=folder)
        assert shown.returncode == 0 and "lr" in shown.stdout, shown


main()
