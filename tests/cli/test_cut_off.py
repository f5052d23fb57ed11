#!/usr/bin/python3
"""A machine that loses its network while it runs trials: others take them over, and what it tells when it is back is kept, too."""

import json
import os
import socket
import subprocess
import tempfile

import machine
import postgres
from hone_test import PATIENCE, PROGRAM, run, tier, wait_for

# On the far machine it stays until there is a file "go".
TRAIN = """\
#!/bin/sh
echo "$HONE_TRIAL $(hostname)" >> began.txt
echo "step=1 loss=$1"
while [ "$(hostname)" = far ] && ! [ -e go ]; do sleep 0.05; done
echo "loss=$1"
[ "$(hostname)" = far ] && echo "$1" > ended.txt
exit 0
"""

STUDY = """\
study: s
goal: minimize loss
search: {sampler: random, seed: 1, trials: 4, heartbeat: 0.2s}
space: {x: {float: [-3, 3]}}
command: [./train.sh, "{x}"]
env: {LC_ALL: C}
"""


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def read(name):
    if not os.path.exists(name):
        return ""
    with open(name, encoding="utf-8") as file:
        return file.read()


def free_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def far_worker(far, server, url):
    """A worker on the far machine, when it runs trial 0 and that has reported."""
    port = free_port()
    far.offer(server.folder + "/.s.PGSQL.5432", port)
    with open("far.out", "w", encoding="utf-8") as out:
        process = far.start([PROGRAM, "worker", "s", "-s", url.replace("hone@/", f"hone@{far.host}:{port}/").replace(f"host={server.folder}&", "")],
                            stdout=out, stderr=out)
    wait_for(lambda: any(trial.get("reports") for trial in trials(url)) or process.poll() is not None)
    assert process.poll() is None, read("far.out")
    return process


def trials(url):
    return json.loads(run("trials", "s", "-s", url, "--json").stdout)


def restarts(url):
    exported = json.loads(run("study", "export", "s", "-s", url).stdout)
    return [trial["system"].get("hone:restarts", 0) for trial in exported["trials"]]


def make(url):
    for name in os.listdir("."):
        subprocess.run(["rm", "-rf", name], check=True)
    write("train.sh", TRAIN)
    os.chmod("train.sh", 0o755)
    write("s.yaml", STUDY)
    run("tune", "s.yaml", "-s", url, "--create")


def others_take_over(server, url):
    """Its trial ends while nobody hears it; another worker has done the study by then."""
    make(url)
    with machine.Machine("far") as far:
        process = far_worker(far, server, url)
        far.cut()
        write("go", "")
        wait_for(lambda: read("ended.txt"))
        run("worker", "s", "-s", url)
        done = trials(url)
        assert [trial["state"] for trial in done] == ["complete"] * 4 and restarts(url) == [1, 0, 0, 0], done
        assert {trial["worker"]["host"] for trial in done} == {os.uname().nodename}
        far.mend()
        assert process.wait(PATIENCE) == 0, read("far.out")
    kept = trials(url)
    assert kept[:4] == done and [trial["trial"] for trial in kept] == list(range(5)), kept
    assert kept[4]["values"] == kept[0]["values"] == [float(read("ended.txt"))] and kept[4]["worker"]["host"] == "far", kept
    exported = json.loads(run("study", "export", "s", "-s", url).stdout)["trials"]
    assert exported[4]["system"]["hone:late_of"] == 0
    assert [line.split()[1] for line in read("began.txt").splitlines() if line.startswith("0 ")] == ["far", os.uname().nodename]


def a_short_cut_changes_nothing(server, url):
    """It is back before anybody looked for it: the trial is told under its number, once."""
    make(url)
    with machine.Machine("far") as far:
        process = far_worker(far, server, url)
        far.cut()
        far.mend()
        write("go", "")
        assert process.wait(PATIENCE) == 0, read("far.out")
    kept = trials(url)
    assert [(trial["state"], trial["worker"]["host"]) for trial in kept] == [("complete", "far")] * 4 and restarts(url) == [0] * 4, kept


with postgres.Server() as server, tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for _ in range(20 if tier() == "long" else 1):
        others_take_over(server, server.schema())
        a_short_cut_changes_nothing(server, server.schema())
    os.chdir("/")
