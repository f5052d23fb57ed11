#!/usr/bin/python3
"""The examples of asking, telling and the C library run, and find what they look for."""

import os
import re
import subprocess
import tempfile

from hone_http import serving
from hone_test import BUILD, PATIENCE, PROGRAM, SOURCE, hone


def run(*command):
    path = f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}"
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "PATH": path})
    assert result.returncode == 0, (command, result.stdout, result.stderr)
    return result.stdout


def check_http_clients():
    for token in ({}, {"HONE_TOKEN": "a token of one's own".replace(" ", "-")}):
        os.environ.update(token)  # of the server and of the clients
        with serving("--storage", "memory:", token=token.get("HONE_TOKEN")) as server:
            python = run(f"{SOURCE}/examples/http_client.py", f"http://127.0.0.1:{server.port}", "12")
            assert re.match(r"trial \d+: loss \d+\.\d{4} with \{'x': ", python), python
            shell = run(f"{SOURCE}/examples/http_client.sh", f"http://127.0.0.1:{server.port}", "6")
            assert shell.startswith('{"ok":true,"trial":'), shell
            totals = {study["study"]: study["complete"] for study in server.good("studies")["studies"]}
            assert totals == {"http": 12, "shell": 6}, totals
    del os.environ["HONE_TOKEN"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        shell = run(f"{SOURCE}/examples/ask_tell.sh", "12")
        assert re.search(r"^distance +[0-9.e-]+$", shell, re.M) and "shape" in shell, shell
        assert '"complete": 12' in hone("study", "show", "ask_tell.db", "--json").stdout
        served = run(f"{SOURCE}/examples/serve.py", "25")
        loss = float(re.match(r"trial \d+: loss ([0-9.]+) with", served)[1])
        assert loss < 1.5 and "of 25 ended early" in served, served
        optimized = run(f"{BUILD}/examples/example_optimize")
        found = re.match(r"trial \d+ of 60 \((\d+) pruned\): loss ([0-9.]+)", optimized)
        assert found and int(found[1]) > 0 and float(found[2]) < 0.5, optimized
        for total in (20, 40):
            assert f"{total} trials in define_by_run.db" in run(f"{BUILD}/examples/example_define_by_run")
        best = hone("best", "define_by_run.db").stdout
        assert "units_0" in best, best
        check_http_clients()
        os.chdir("/")


main()
