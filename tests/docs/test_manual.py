#!/usr/bin/python3
"""Every command has a page in docs/verbs, whose help is what the program prints, and a man page made from it that renders."""

import os
import re
import shutil
import subprocess
import sys

from hone_test import PROGRAM, SOURCE, hone


def main():
    commands = re.findall(r"^  ([a-z]+) {2,}", hone("help").stdout, re.M)
    pages = [name[:-3] for name in os.listdir(os.path.join(SOURCE, "docs/verbs"))]
    assert sorted(commands) == sorted(pages), set(commands) ^ set(pages)
    subprocess.run([sys.executable, os.path.join(SOURCE, "tools/manual.py"), "--check", PROGRAM], check=True)
    for page in pages if shutil.which("man") else []:
        path = os.path.join(SOURCE, "docs/man", f"hone-{page}.1")
        shown = subprocess.run(["man", "--warnings", "-l", path], capture_output=True, text=True,
                               env={**os.environ, "MANPAGER": "cat", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
        assert shown.returncode == 0 and "hone " + page in shown.stdout, (page, shown.stderr)
        assert "usage" not in shown.stdout.split("\n")[0] and not shown.stderr, (page, shown.stderr)


main()
