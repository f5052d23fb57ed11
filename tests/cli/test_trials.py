#!/usr/bin/python3
"""`hone trials`, `best`, `study`, `samplers`, `pruners`, `models`, `doctor`, `help`: what is shown, and that it fits."""

import csv
import io
import json
import os
import sqlite3
import tempfile

from hone_test import refuse, run


def make():
    parameters = [f"rather_long_parameter_{i}: {{float: [0, 1]}}" for i in range(6)]
    arguments = [word for entry in parameters + ["kind: {choice: [größe, 日本]}"] for word in ("-p", entry)]
    run("study", "create", "s", "-g", "maximize score", *arguments, "--seed", "3")
    values = [0.5, 0.25, 1.0 / 3.0, 0.75]
    for i, value in enumerate(values):
        others = [f"rather_long_parameter_{k}={(i + k) / 10}" for k in range(6)]
        run("try", *others, "kind=" + ("größe", "日本")[i % 2], "--value", value)
    run("ask", "-n", "3")
    run("tell", "4", "--state", "failed", "--message", "the program said something rather long about what went wrong")


def check_tables():
    wide = {**os.environ, "COLUMNS": "300"}
    narrow = {**os.environ, "COLUMNS": "80"}
    full = run("trials", env=wide).stdout
    assert "rather_long_parameter_5" in full and "★" in full and "rather long about" in full
    for command in (["trials"], ["best", "-n", "3"], ["best"], ["study", "show"], ["study", "list"]):
        for line in run(*command, env=narrow).stdout.splitlines():
            # Wide characters take two columns.
            assert len(line) + sum(c in "日本" for c in line) <= 80, (command, line)
    cut = run("trials", env=narrow).stdout
    assert "not shown for want of width" in cut and "score" in cut and "reason" in cut
    assert "\033" not in full, "no colours when this is no terminal"
    assert "2 of 7 trials" in run("trials", "--limit", "2").stdout


def check_choosing():
    def numbers(*arguments):
        return [t["trial"] for t in json.loads(run("trials", "--json", *arguments).stdout)]

    assert numbers("--sort", "value", "--state", "complete") == [3, 0, 2, 1]
    assert numbers("--sort", "-value", "--state", "complete") == [1, 2, 0, 3]
    assert numbers("--sort", "score", "--limit", "2", "--offset", "1") == [0, 2]
    assert numbers("--filter", "score > 0.3 and kind == größe") == [0, 2]
    assert numbers("--filter", "state == failed") == [4]
    assert numbers("--filter", "number >= 2 and not (state in [failed, running])") == [2, 3]
    assert numbers("--filter", "rather_long_parameter_0 < 0.15 and state == complete") == [0, 1]
    assert numbers("--state", "running,failed") == [4, 5, 6]
    refuse("trials", "--filter", "scor > 1", code=2, says="did you mean 'score'")
    refuse("trials", "--filter", "score >", code=2, says="score >")
    refuse("trials", "--filter", "kind == großes", code=2, says=["großes", "größe"])
    refuse("trials", "--sort", "sore", code=3, says="did you mean 'score'")
    refuse("trials", "--state", "done", code=2, says="running, complete")
    refuse("trials", "--limit", "-1", code=2, says="0 or more")
    refuse("trials", "--limit", "many", code=2, says="integer")


def check_csv():
    rows = list(csv.DictReader(io.StringIO(run("trials", "--csv").stdout)))
    assert len(rows) == 7 and float(rows[2]["score"]) == 1.0 / 3.0 and rows[1]["kind"] == "日本"
    assert rows[4]["message"].startswith("the program said") and rows[4]["state"] == "failed"


def check_best():
    best = json.loads(run("best", "--json").stdout)
    assert best["trial"] == 3 and best["values"] == [0.75] and len(best["params"]) == 7
    assert [t["trial"] for t in json.loads(run("best", "-n", "2", "--json").stdout)] == [3, 0]
    assert "0.75" in run("best").stdout
    refuse("best", "-n", "0", code=2, says="1 or more")


def check_moving():
    text = run("study", "export").stdout
    with open("s.json", "w", encoding="utf-8") as file:
        file.write(text)
    run("study", "import", "s.json", "-s", "copy.db")
    assert run("study", "export", "-s", "copy.db").stdout == text
    refuse("study", "import", "s.json", "-s", "copy.db", code=2, says=["'s' exists", "another name"])
    run("study", "import", "s.json", "-s", "copy.db", "--study", "t")
    refuse("best", "-s", "copy.db", code=2, says=["2 studies", "  s\n", "  t\n"])
    refuse("study", "import", "absent.json", code=3, says="absent.json")
    refuse("study", "show", "sss", "-s", "copy.db", code=3, says=["sss", "s"])
    for broken in ("{", "[]", '{"study": "x"}', text.replace('"complete", "values": [0.5]', '"complete", "values": []')):
        with open("broken.json", "w", encoding="utf-8") as file:
            file.write(broken)
        run("study", "import", "broken.json", "-s", "other.db", code=2)
    run("study", "delete", "t", "-s", "copy.db")
    refuse("study", "delete", "t", "-s", "copy.db", code=3, says="t")
    assert [s["study"] for s in json.loads(run("study", "list", "copy.db", "--json").stdout)] == ["s"]
    refuse("study", "lst", code=2, says="did you mean 'list'")


def check_existing():
    refuse("study", "create", "s", "-p", "kind: {choice: [a, b]}", "-g", "maximize score", code=2, says="kind")
    refuse("study", "create", "s", "-g", "minimize score", code=2, says="minimize")


def check_components():
    for kind, name, option in (("samplers", "tpe", None), ("pruners", "median", "n_startup"), ("models", "svm", "kernel")):
        assert name in run(kind).stdout
        shown = json.loads(run(kind, name, "--json").stdout)
        assert shown["name"] == name and (option is None or option in [o["name"] for o in shown["options"]])
        for line in run(kind, name, env={**os.environ, "COLUMNS": "80"}).stdout.splitlines():
            assert len(line) <= 80 or ": " in line, line
        refuse(kind, name + "x", code=3, says=f"did you mean '{name}'")
    refuse("samplers", "frobnicate", code=3, says="there are auto, random")


def check_doctor():
    report = json.loads(run("doctor", "--json").stdout)
    facts = {f["name"]: f["value"] for f in report["findings"]}
    assert report["healthy"] and facts["health"] == "good" and "ms" in facts["durable write"] and "sqlite" in facts["libraries"]
    assert not [name for name in os.listdir() if name.startswith(".hone-doctor")], "the probe is removed"
    assert "not made yet" in run("doctor", "absent.db").stdout and not os.path.exists("absent.db")
    run("doctor", "sqlite:///nowhere/x.db", code=4)
    with open("text.db", "w", encoding="utf-8") as file:
        file.write("this is no database\n" * 100)
    assert "text.db" in run("doctor", "text.db", code=4).stdout
    damaged = sqlite3.connect("copy.db")
    damaged.execute("DELETE FROM trial_values WHERE trial_id = 1")
    damaged.commit()
    damaged.close()
    assert "complete without its values" in run("doctor", "copy.db", code=4).stdout


def check_help():
    listed = run("help").stdout
    for verb in ("worker", "ask", "tell", "try", "best", "trials", "study", "serve", "samplers", "pruners", "models", "doctor", "help", "version"):
        assert f"\n  {verb} " in listed, verb
        text = run("help", verb).stdout
        assert text.startswith(f"usage: hone {verb}"), text
        assert len(text.split("examples:\n")[1].strip().splitlines()) >= 2, text
        for line in text.splitlines():
            assert len(line) <= 110, line
    for action in ("list", "show", "create", "delete", "copy", "export", "import"):
        assert run("study", action, "--help").stdout.startswith(f"usage: hone study {action}")
    refuse("help", "asj", code=2, says="did you mean 'ask'")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        refuse("trials", code=3, says="hone.db")
        refuse("trials", "nostorage://x", code=2, says="sqlite")
        make()
        check_tables()
        check_choosing()
        check_csv()
        check_best()
        check_moving()
        check_existing()
        check_components()
        check_doctor()
        check_help()
        os.chdir("/")


main()
