#!/usr/bin/python3
"""The commands of docs/cluster.md: on Slurm they are run on a cluster; for ssh there is a stand-in, which runs on this machine what it is given."""

import os
import re
import subprocess
import tempfile

import postgres
import slurm
from hone_test import PATIENCE, PROGRAM, SOURCE, wait_for

STUDY = """\
study: digits
goal: minimize loss
search: {sampler: random, seed: 1, trials: 12, heartbeat: 1s}
space: {x: {float: [-3, 3]}}
command: [/bin/sh, -c, 'echo loss=$0', '{x}']
env: {LC_ALL: C}
"""

SSH = """\
#!/bin/sh
host=$1; shift
cd "$HOMES/$host" && exec sh -c "$*"
"""


def commands(heading):
    """The first ```sh block below a heading."""
    with open(os.path.join(SOURCE, "docs/cluster.md"), encoding="utf-8") as file:
        return re.search(rf"^## {heading}\n.*?^```sh\n(.*?)^```$", file.read(), re.M | re.S).group(1)


def write(name, text, mode=0o644):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(name, mode)


def read(name):
    if not os.path.exists(name):
        return ""
    with open(name, encoding="utf-8") as file:
        return file.read()


def run(heading, url, **env):
    script = commands(heading).replace("postgresql://hone@db.example.org/hone", url)
    assert url not in commands(heading)
    script = script.replace(f"HONE_STORAGE={url}", f"HONE_STORAGE='{url}'")
    done = subprocess.run(["/bin/sh", "-e", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
                          env={**os.environ, **env})
    assert done.returncode == 0, (script, done.stdout, done.stderr)
    return done.stdout


def on_slurm(url, path):
    with slurm.Cluster(cpus=16) as cluster:
        said = run("Slurm", url, **{**cluster.env, "PATH": path + ":" + cluster.env["PATH"]})
        assert "32 workers on slurm" in said and "12: 12 complete" in said and re.search(r"n[12] \d+, job \d+_\d+", said), said
        wait_for(lambda: not cluster.tasks())


def by_ssh(url, path):
    hosts = re.search(r"for host in (.*);", commands("Plain ssh")).group(1).split()
    for host in hosts:
        os.makedirs(f"homes/{host}/work/digits")
    said = run("Plain ssh", url, PATH=path + ":" + os.environ["PATH"], HOMES=os.path.abspath("homes"))
    assert "study digits in" in said and re.search(r"\(ended by: trials\)|are done already", said), said
    logs = [f"homes/{host}/work/digits/worker.log" for host in hosts]
    ended = re.compile(r"\(ended by: trials\)|are done already")
    wait_for(lambda: all(ended.search(read(log)) for log in logs))


def main():
    with postgres.Server() as server, tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/bin")
        os.symlink(PROGRAM, folder + "/bin/hone")
        write(folder + "/bin/ssh", SSH, 0o755)
        os.chdir(folder)
        write("digits.yaml", STUDY)
        by_ssh(server.schema(), folder + "/bin")
        if slurm.missing():
            print(f"skipped in part: {slurm.missing()}")
        else:
            on_slurm(server.schema(), folder + "/bin")
        os.chdir("/")


main()
