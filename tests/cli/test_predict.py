#!/usr/bin/python3
"""`hone predict` and `evaluate` read a file or standard input, plain or gzipped, in memory that does not grow with it."""

import gzip
import os
import subprocess
import tempfile

from hone_test import PROGRAM, hone, plain_pages

# A small process between this one and the program: what a process has when it starts another counts as that one's, too.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def run(*arguments, data=None, code=0):
    """Bytes in, bytes out, and the largest memory of the process in KiB."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        given.write(data or b"")
        given.seek(0)
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"  # which keeps freed memory otherwise
        process = subprocess.run(["/usr/bin/python3", "-S", "-c", MEASURE, "peak", PROGRAM, *map(str, arguments)], stdin=given,
                                 stdout=out, stderr=said, env={**os.environ, "ASAN_OPTIONS": sanitizer})
        out.seek(0)
        said.seek(0)
        message = said.read().decode()
        assert process.returncode == code, (arguments, process.returncode, message)
        with open("peak", encoding="utf-8") as file:
            return out.read(), message, int(file.read())


def standard_input(text):
    shown = run("predict", "m.hone", "test.csv")[0]
    assert shown.count(b"\n") == 301 and shown.startswith(b"target\n")
    for data in (text, gzip.compress(text), b"\xef\xbb\xbf" + text, text.replace(b"\n", b"\r\n")):
        assert run("predict", "m.hone", "-", data=data)[0] == shown
    run("predict", "m.hone", "-", "-o", "out.csv", data=text)
    run("predict", "m.hone", "-", "-o", "out.csv.gz", data=text)
    with open("out.csv", "rb") as plain, gzip.open("out.csv.gz") as packed:
        assert plain.read() == packed.read() == shown
    assert run("evaluate", "m.hone", "-", data=text)[0] == run("evaluate", "m.hone", "test.csv")[0]
    fitted = run("fit", "-", "--model", "logistic", "--trials", 1, "--storage", "memory:", "-o", "piped.hone", data=text)[0]
    assert b"stdin-logistic" in fitted and run("predict", "piped.hone", "test.csv")[0].count(b"\n") == 301
    assert "standard input: no rows" in run("predict", "m.hone", "-", code=2)[1]
    assert "standard input:2" in run("predict", "m.hone", "-", data=b"x0,x1\n1,2,3\n", code=2)[1]


def other_layouts(text):
    odd = b"exported today\n" + text.replace(b",", b"~")
    how = ["--delimiter", "~", "--skip-rows", 1]
    assert run("predict", "m.hone", "-", *how, data=odd)[0] == run("predict", "m.hone", "test.csv")[0]
    assert run("evaluate", "m.hone", "-", *how, data=odd)[0] == run("evaluate", "m.hone", "test.csv")[0]
    assert b"300 rows" in run("fit", "-", *how, "--model", "logistic", "--trials", 1, "--storage", "memory:", "-o", "odd.hone", data=odd)[0]
    assert "one character, found 'ab'" in run("predict", "m.hone", "-", "--delimiter", "ab", data=odd, code=2)[1]


def bounded_memory(text):
    """40 MB take hardly more than 4 MB, and every row is predicted as it was alone."""
    header, rows = text.split(b"\n", 1)
    small, large = (header + b"\n" + rows * times for times in (400, 4000))
    assert len(small) > 4 << 20
    few, _, base = run("predict", "m.hone", "-", data=small)
    many, _, peak = run("predict", "m.hone", "-", data=large)
    once = run("predict", "m.hone", "test.csv")[0].split(b"\n", 1)[1]
    assert few == b"target\n" + once * 400 and many == b"target\n" + once * 4000
    assert peak < base + 8 * 1024, (base, peak)


def late_mistakes(text):
    """What was right is printed; a file is left as it was."""
    header, rows = text.split(b"\n", 1)
    bad = header + b"\n" + rows * 400 + b"1,two,0\n"
    shown, message, _ = run("predict", "m.hone", "-", data=bad, code=2)
    assert shown.count(b"\n") > 100000 and "standard input:120002" in message and '"two"' in message, message
    with open("out.csv", "rb") as file:
        before = file.read()
    run("predict", "m.hone", "-", "-o", "out.csv", data=bad, code=2)
    with open("out.csv", "rb") as file:
        assert file.read() == before
    assert not [name for name in os.listdir(".") if name.endswith(".tmp")]


def main():
    plain_pages()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        made = ("data", "make", "moons", "--rows", 300, "--noise", 0.2)
        assert hone(*made, "-o", "train.csv").returncode == 0 and hone(*made, "--seed", 1, "-o", "test.csv").returncode == 0
        assert hone("fit", "train.csv", "--model", "logistic", "--trials", 3, "-q", "-o", "m.hone").returncode == 0
        with open("test.csv", "rb") as file:
            text = file.read()
        for test in (standard_input, other_layouts, bounded_memory, late_mistakes):
            test(text)
            print(f"ok {test.__name__}")
        os.chdir("/")


main()
