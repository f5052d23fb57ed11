#!/usr/bin/python3
"""What `hone tune` says when something is wrong with the study file, the program or the storage, and that nothing is lost by it."""

import os
import shutil
import sqlite3
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, hone, wait_for

HEAD = "goal: minimize loss\nstorage: sqlite:///e.db\n"
SPACE = "space: {x: {float: [0, 1]}}\n"
ECHO = ["--goal", "minimize loss", "-p", "x: {float: [0, 1]}", "--storage"]

# (text of the study file, what the message must hold); every one of them is refused before anything runs.
WRONG_FILES = [
    ("gaol: minimize loss\n", ["e.yaml:1:1:", "unknown key 'gaol'", "did you mean 'goal'?"]),
    ("goal: 3\n", ["e.yaml:1:7:", "goal must be a text", "found 3"]),
    ("goal: [minimize loss, 4]\n", ["e.yaml:1:", "found 4"]),
    ("goal: shrink loss\n", ["e.yaml:1:7:", "minimize or maximize"]),
    ("goal: minimize a, maximize a\n", ["e.yaml:1:7:", "'a' stands twice"]),
    ("- goal\n", ["a study file is a map", "a list"]),
    ("goal: [minimize\n", ["e.yaml:2:", "not valid YAML"]),
    ("goal: minimize a\ngoal: minimize b\n", ["e.yaml:2:1:", "'goal' comes twice"]),
    (HEAD + "search: fast\n", ["e.yaml:3:9:", "search must be a map", "'fast'"]),
    (HEAD + "search: {trails: 5}\n", ["e.yaml:3:10:", "'trails'", "did you mean 'trials'?"]),
    (HEAD + "search: {trials: many}\n", ["e.yaml:3:18:", "trials must be a whole number of at least 1", "'many'"]),
    (HEAD + "search: {trials: 0}\n", ["e.yaml:3:18:", "at least 1", "found 0"]),
    (HEAD + "search: {timeout: soon}\n", ["e.yaml:3:19:", "timeout must be a time such as 90s", "'soon'"]),
    (HEAD + "search: {best: first}\n", ["e.yaml:3:16:", "last or best"]),
    (HEAD + "search: {sampler: tpee}\n", ["e.yaml:3:19:", "no sampler 'tpee'", "tpe"]),
    (HEAD + "search: {sampler: {tpe: {n_start: 3}}}\n", ["e.yaml:3:", "no option 'n_start'", "n_startup"]),
    (HEAD + "search: {pruner: hyper}\n", ["e.yaml:3:18:", "'hyper'", "median"]),
    (HEAD + "space: [1]\n", ["e.yaml:3:8:", "space must be a map", "a list"]),
    (HEAD + "space: {x: {float: [2, 1]}}\n", ["e.yaml:3:", "x: low 2 is above high 1"]),
    (HEAD + "space: {x: {float: [0, 1], log: true}}\n", ["e.yaml:3:", "x:", "log"]),
    (HEAD + "space: {x: {float: [0, 1], step: 2}}\n", ["e.yaml:3:", "x:", "step"]),
    (HEAD + "space: {x: {choice: []}}\n", ["e.yaml:3:", "x:"]),
    (HEAD + "space: {x: {int: [0, 1], when: y > 1}}\n", ["e.yaml:3:", "'y'"]),
    (HEAD + SPACE + "forbidden: [z > 1]\n", ["e.yaml:4:", "'z' is no parameter", "did you mean 'x'?"]),
    (HEAD + SPACE + "constraints: [x]\n", ["e.yaml:4:15:", "'x' is not one inequality"]),
    (HEAD + SPACE + "constraints: [x < 1 and x > 0]\n", ["e.yaml:4:15:", "is not one inequality", "forbidden"]),
    (HEAD + SPACE, ["nothing to run", "command or a model"]),
    (HEAD + "command: echo\n", ["e.yaml:3:10:", "a space is missing"]),
    (HEAD + SPACE + "command: echo {y}\n", ["e.yaml:4:10:", "{y} is no parameter", "did you mean {x}?"]),
    (HEAD + SPACE + "command: echo {x\n", ["e.yaml:4:10:", "not closed"]),
    (HEAD + SPACE + "command: echo '{x}\n", ["e.yaml:4:10:"]),
    (HEAD + SPACE + "command: []\n", ["e.yaml:4:10:", "the list is empty"]),
    (HEAD + SPACE + "command: {shell: true}\n", ["e.yaml:4:10:", "run is missing"]),
    (HEAD + SPACE + "command: {run: echo, cdw: x}\n", ["e.yaml:4:22:", "'cdw'", "did you mean 'cwd'?"]),
    (HEAD + SPACE + "command: {run: echo}\ncwd: x\n", ["e.yaml:5:6:", "belongs inside command"]),
    (HEAD + SPACE + "command: echo {x}\ncwd: nowhere\n", ["the folder 'nowhere'", "does not exist"]),
    (HEAD + SPACE + "command: echo {x}\nmemory_limit: lots\n", ["e.yaml:5:15:", "a size such as 512M", "'lots'"]),
    (HEAD + SPACE + "command: echo {x}\npatterns: ['loss=(']\n", ["pattern 'loss=('"]),
    (HEAD + "shell: true\n", ["e.yaml:3:8:", "shell: needs a command"]),
    (
        HEAD + "space: {a: {int: [1, 2]}, b: {int: [1, 2], when: a > 1}}\ncommand: echo {a} {b}\n",
        ["e.yaml:4:10:", "{b} is inactive unless a > 1", "optional group"],
    ),
    ("model: svm\n", ["e.yaml:1:8:", "data is missing"]),
    ("model: swm\ndata: d.csv\n", ["e.yaml:1:8:", '"swm"', "svm"]),
    ("model: {type: svm, c: 1}\ndata: d.csv\n", ["e.yaml:1:20:", "unknown key 'c'", "C"]),
    ("model: {type: svm, kernel: {choice: [rbf, rfb]}}\ndata: d.csv\n", ["e.yaml:1:43:", "rfb", "rbf"]),
    ("model: {type: svm, C: {float: [-1, 1]}}\ndata: d.csv\n", ["e.yaml:1:32:", "C", "-1"]),
    ("model: svm\ndata: d.csv\nspace: {C: 1}\n", ["e.yaml:3:8:", "stands in its options"]),
    ("model: svm\ndata: {train: d.csv, held_out: 2}\n", ["e.yaml:2:32:", "held_out must be a share", "found 2"]),
    ("model: svm\ndata: {target: y}\n", ["e.yaml:2:7:", "train, the file to learn from, is missing"]),
    ("model: svm\ndata: d.csv\ncommand: echo\n", ["command and model exclude each other"]),
    ("data: d.csv\n", ["e.yaml:1:7:", "data: needs a model"]),
]


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def says(result, code, *parts):
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    for part in parts:
        assert part in result.stderr, (part, result.stderr)


def wrong_files():
    for text, parts in WRONG_FILES:
        write("e.yaml", text)
        result = hone("tune", "e.yaml")
        assert result.returncode in (2, 3), (text, result.returncode, result.stderr)
        assert result.stderr.startswith("hone: ") and result.stderr.count("\n") == 1, (text, result.stderr)
        for part in parts:
            assert part in result.stderr, (text, part, result.stderr)
        assert not os.path.exists("e.db"), text


def wrong_json():
    write("e.json", '{"goal": "minimize loss",\n "spaec": {}}')
    says(hone("tune", "e.json"), 2, "e.json:2", "'spaec'", "did you mean 'space'?")


def wrong_lines():
    says(hone("tune"), 2, "give a study file, or a program after --")
    says(hone("tune", "no.yaml"), 3, "there is no study file 'no.yaml'")
    os.mkdir("folder.yaml")
    says(hone("tune", "folder.yaml"), 4, "folder.yaml is a folder")
    says(hone("tune", "--trails", "3", "x.yaml"), 2, "unknown option '--trails'", "did you mean '--trials'?")
    says(hone("tune", "--trials"), 2, "--trials needs a value")
    says(hone("tune", "--trials", "x", *ECHO, "memory:", "--", "echo", "{x}"), 2, "--trials:", "'x'")
    says(hone("tune", "--trials", "+x", *ECHO, "memory:", "--", "echo", "{x}"), 2, "'+x'")
    says(hone("tune", "-p", "x", "--", "echo"), 2, "-p 'x'", "name: {float: [low, high]}")
    says(hone("tune", "-p", "x: {flot: [1, 2]}", "--", "echo", "{x}"), 2, "-p x: ", "'flot'", "'float'")
    says(hone("tune", "--sampler", "tpe:x=1", *ECHO, "memory:", "--", "echo", "{x}"), 2, "--sampler: ", "'x'")
    says(hone("tune", *ECHO, "memory:", "-o", "m", "--", "echo", "{x}"), 2, "only a built-in model can be saved")
    says(hone("tuen"), 2, "no command 'tuen' (did you mean 'tune'?)")


def fails(command, *parts, search="{trials: 1}", code=1):
    """The program fails, once: what is said holds the parts. Gives the result."""
    for name in ("e.db", "e.db-wal", "e.db-shm"):
        if os.path.exists(name):
            os.remove(name)
    write("e.yaml", HEAD + SPACE + f"search: {search}\ncommand: {command}\n")
    result = hone("tune", "e.yaml")
    assert result.returncode == code, (command, result.returncode, result.stdout, result.stderr)
    for part in parts:
        assert part in result.stdout + result.stderr, (command, part, result.stdout, result.stderr)
    return result


def programs():
    fails("echo {x}", "the metric 'loss' never appeared in its output", "print a line such as loss=")
    fails("echo lost={x}", "the metric 'loss' never appeared", "'lost'")
    fails("no_such_program {x}", "cannot start 'no_such_program'", "PATH")
    fails("./e.yaml {x}", "cannot start './e.yaml'", "not executable")
    fails("sh -c 'echo broken >&2; exit 7' {x}", "exit status 7", "broken")
    fails("sh -c 'kill -SEGV $$' {x}", "signal 11", "SIGSEGV")
    fails("echo loss=nan {x}", "'loss' is nan")
    fails("echo loss={x}", "#0    loss", code=0)
    result = fails("sh -c 'exit 1' {x}", "3 trials failed in a row", "exit status 1", search="{trials: 10}")
    assert "#3" not in result.stdout
    fails("sleep 300{x}", "ran longer than", "the time limit of a trial", search="{trials: 1, trial_timeout: 200ms}")
    stubborn = "sh -c 'trap \"\" TERM; sleep 301; sleep 302' {x}"
    fails(stubborn, "ran longer than", search="{trials: 1, trial_timeout: 200ms, grace: 300ms}")


def floods():
    fails("sh -c 'yes loss=1 | head -c 60000000' {x}", "#0    loss 1", code=0)
    log = os.path.getsize("e.runs/e/trial-0/log.txt") if os.path.exists("e.runs/e/trial-0/log.txt") else 0
    largest = max(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk("e.runs") for name in names)
    assert log <= largest <= 40 << 20, largest


def processes(text):
    found = subprocess.run(["pgrep", "-f", text], capture_output=True, text=True, check=False)
    return found.stdout.split()


def left_behind():
    mark = f"31415{os.getpid() % 100000}"
    fails(f"sh -c 'sleep {mark} & setsid sleep {mark} & echo loss=1' {{x}}", "#0    loss 1", code=0)
    wait_for(lambda: not processes(f"sleep {mark}"))


def storages():
    def tune(url, trials=2):
        return hone("tune", *ECHO, url, "--trials", trials, "--", "echo", "loss={x}")

    os.mkdir("d.db")
    says(tune("sqlite:///d.db"), 4, "'d.db' is a directory")
    says(tune("sqlite:////no/such/folder/x.db"), 3, "there is no folder '/no/such/folder'")
    says(tune("mysql://x"), 2, "mysql", "sqlite:")
    assert tune("sqlite:///good.db").returncode == 0
    shutil.copy("good.db", "short.db")
    os.truncate("short.db", 5000)
    says(tune("sqlite:///short.db"), 4, "'short.db' is damaged or truncated")
    write("text.db", "this is no database, whatever its name says\n" * 100)
    says(tune("sqlite:///text.db"), 4, "'text.db' is not an SQLite database")
    shutil.copy("good.db", "newer.db")
    with sqlite3.connect("newer.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'v9.9.9.a'")
        database.execute("UPDATE version_info SET schema_version = 99")
    says(tune("sqlite:///newer.db"), 4, "newer", "upgrade hone")
    result = hone("tune", "--goal", "maximize loss", *ECHO[2:], "sqlite:///good.db", "--", "echo", "loss={x}")
    says(result, 2, "study 'echo' exists", "minimize loss", "maximize loss")
    changed = hone("tune", "--goal", "minimize loss", "-p", "x: {choice: [a, b]}", "--storage", "good.db", "--", "echo", "{x}")
    says(changed, 2, "study 'echo' exists", "x")
    again = tune("sqlite:///good.db", 3)
    assert again.returncode == 0 and "2 before" in again.stdout, again.stdout


def full_disk():
    os.mkdir("small")
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", "small"], check=False).returncode:
        print("not tried: a full disk (cannot mount a small one)")
        return
    try:
        url = "sqlite:///small/f.db"
        write_all = ["tune", *ECHO, url, "--max-failures", "-1", "--trials"]
        full = hone(*write_all, 5000, "--", "echo", "loss={x}")
        says(full, 4, "disk is full")
        shutil.rmtree("small/f.runs", ignore_errors=True)
        told = sum(1 for line in full.stdout.splitlines() if line.startswith("  #") and " loss " in line)
        with sqlite3.connect("small/f.db") as database:
            kept = database.execute("SELECT count(*) FROM trials WHERE state = 'COMPLETE'").fetchone()[0]
        database.close()
        assert kept >= told - 1 and told > 0, (kept, told)
    finally:
        subprocess.run(["umount", "small"], check=True)


def at_once():
    command = [PROGRAM, "tune", *ECHO, "sqlite:///both.db", "--trials", "12", "--json", "--", "echo", "loss={x}"]
    pair = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in pair:
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
    with sqlite3.connect("both.db") as database:
        assert database.execute("SELECT count(*) FROM studies").fetchone()[0] == 1
        trials = database.execute("SELECT count(*), count(DISTINCT number) FROM trials WHERE state = 'COMPLETE'").fetchone()
    database.close()
    assert trials[0] == trials[1] and 12 <= trials[0] <= 13, trials


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for test in (wrong_files, wrong_json, wrong_lines, programs, floods, left_behind, storages, full_disk, at_once):
            test()
            print(f"ok {test.__name__}")
        os.chdir("/")


main()
