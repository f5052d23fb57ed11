#!/usr/bin/python3
"""A full disk (a small tmpfs of our own): what was told is there, the error says what is wrong, and with room it goes on."""

import json
import os
import subprocess
import sys
import tempfile

from hone_test import PROGRAM, hone, run, skip

NOTE = "x" * 1500


def ask_and_tell(most):
    """Asks and tells until the storage refuses; the values told, by number, and the message."""
    process = subprocess.Popen([PROGRAM, "serve", "--stdio", "-s", "small/s.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)

    def request(**what):
        process.stdin.write(json.dumps({"study": "s", **what}) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    told, message = {}, None
    while len(told) < most and not message:
        answer = request(op="ask")
        if answer["ok"]:
            number, value = answer["trial"], [answer["params"]["x"] / 3]
            answer = request(op="tell", trial=number, values=value, attrs={"note": NOTE})
            if answer["ok"]:
                told[number] = value
        message = None if answer["ok"] else answer["error"]["message"]
    process.stdin.close()
    assert process.wait(60) in (0, 4)
    return told, message


def check_kept(told):
    trials = json.loads(run("trials", "s", "-s", "small/s.db", "--json").stdout)
    assert [trial["trial"] for trial in trials] == list(range(len(trials)))
    kept = {trial["trial"]: trial["values"] for trial in trials if trial["state"] == "complete"}
    assert kept == told, (len(kept), len(told))


def fill(leaving):
    """Takes all room but so many bytes."""
    free = os.statvfs("small")
    with open("small/filler", "wb") as file:
        file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - leaving))


def on_small_disk():
    run("study", "create", "s", "-s", "small/s.db", "-g", "minimize loss", "-p", "x: {float: [0, 1]}", "--sampler", "random",
        "--seed", "1")
    fill(leaving=256 << 10)
    told, message = ask_and_tell(5000)
    assert told and message and "full" in message, (len(told), message)
    os.remove("small/filler")
    check_kept(told)
    more, message = ask_and_tell(20)
    assert not message and len(more) == 20 and not set(more) & set(told), message
    check_kept({**told, **more})
    tune()


def tune():
    """A run on it ends with the message; the same command goes on when there is room."""
    command = ("tune", "-g", "minimize loss", "-p", "x={float: [0, 1]}", "-n", "60", "-s", "small/t.db", "--study", "t", "-q",
               "--max-failures", "-1", "--", "/bin/echo", "loss={x}", NOTE)
    run("tune", *command[1:-4], "--create", *command[-4:])
    fill(leaving=64 << 10)
    full = hone(*command)
    assert full.returncode in (1, 4), (full.returncode, full.stdout[-500:], full.stderr)
    os.remove("small/filler")
    done = [t for t in json.loads(run("trials", "t", "-s", "small/t.db", "--json").stdout) if t["state"] == "complete"]
    run(*command)
    kept = {t["trial"]: t["values"] for t in json.loads(run("trials", "t", "-s", "small/t.db", "--json").stdout)}
    assert len(kept) >= 60 and all(kept[t["trial"]] == t["values"] for t in done)


def main():
    if "inside" in sys.argv:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", "small"], capture_output=True, text=True)
        if mounted.returncode:
            skip("no tmpfs may be mounted: " + mounted.stderr.strip())
        on_small_disk()
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "small"))
        try:
            return subprocess.run(["unshare", "--user", "--map-root-user", "--mount", sys.executable, __file__, "inside"],
                                  cwd=folder, check=False).returncode
        except FileNotFoundError:
            skip("no unshare")


probe = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"], capture_output=True, text=True) \
    if os.path.exists("/usr/bin/unshare") else None
if "inside" not in sys.argv and (probe is None or probe.returncode):
    skip("no namespaces for a mount of our own" + (": " + probe.stderr.strip() if probe else ""))
sys.exit(main())
