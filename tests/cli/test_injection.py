#!/usr/bin/python3
"""Values reach a program as they are, one word each: no shell reads them, none becomes two arguments."""

import json
import os
import subprocess
import tempfile

from hone_test import refuse, run

HOSTILE = ["a b", "$(touch pwned)", "`touch pwned`", "; touch pwned", "&& touch pwned", "| touch pwned", "> pwned", "' ; touch pwned '",
           '" ; touch pwned "', "\\", "*", "~", "$HOME", "-n", "--help", "{v}", "[--x]", "#", "a\nb", "\t", "%s%n", "größe", ""]

# Keeps what it was given, each text ended by a NUL: its words, then the variable.
SHOW = """\
#!/bin/sh
printf '%s\\0' "$@" "$HONE_PARAM_V" > "seen.$HONE_TRIAL"
echo loss=1
"""


def seen():
    """(words, value) of each trial, the value being that of the variable and of the file of parameters."""
    given = []
    for number in range(len(HOSTILE)):
        with open(f"seen.{number}", encoding="utf-8") as file:
            *words, variable = file.read().split("\0")[:-1]
        with open(f"s.runs/s/trial-{number}/params.json", encoding="utf-8") as file:
            assert json.load(file)["v"] == variable
        given.append((words, variable))
    assert sorted(value for _, value in given) == sorted(HOSTILE)
    assert not os.path.exists("pwned")
    return given


def clean():
    subprocess.run("rm -rf seen.* s.db* s.runs", shell=True, check=True)


def write_plan(command, settings):
    plan = {"study": "s", "storage": "sqlite:///s.db", "goal": "minimize loss", "search": {"sampler": "grid"},
            "space": {"v": {"choice": HOSTILE}}, "command": command, **settings}
    with open("s.json", "w", encoding="utf-8") as file:
        json.dump(plan, file)


def check(command, expected, **settings):
    clean()
    write_plan(command, settings)
    run("tune", "s.json", "-j", "2")
    for words, value in seen():
        assert words == expected(value), (command, words, value)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("show.sh", "w", encoding="utf-8") as file:
        file.write(SHOW)
    os.chmod("show.sh", 0o755)
    check(["./show.sh", "{v}", "--v={v}", "end"], lambda v: [v, f"--v={v}", "end"])
    check("./show.sh {v} 'x {v} y' [--v {v}] {v}{v}", lambda v: [v, f"x {v} y", "--v", v, v + v])
    check("./show.sh {v} \"x {v}\" | cat; touch by-shell", lambda v: [v, f"x {v}"], shell=True)
    assert os.path.exists("by-shell")
    # Without `shell: true` no shell reads the command, and what looks like one's is refused.
    write_plan("./show.sh {v} ; touch by-shell", {})
    refuse("tune", "s.json", code=2, says=["';'", "shell: true"])
    # Through a worker, whose command comes from the storage.
    clean()
    write_plan(["./show.sh", "{v}"], {})
    run("tune", "s.json", "--create")
    run("worker", "s.db", "-j", "2")
    assert all(words == [value] for words, value in seen())
    # A value that is not among the choices gets nowhere.
    refuse("try", "v=$(touch pwned again)", "-s", "s.db", code=2, says="v")
    os.chdir("/")
