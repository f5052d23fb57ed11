#!/usr/bin/python3
"""`hone plot KIND STUDY`: the numbers behind each plot are those computed apart, here."""

import csv
import io
import json
import os
import tempfile

import plot_studies
from hone_test import refuse, run
from plot_studies import when

STORAGE = "sqlite:///plots.db"


def rows(*arguments, storage=STORAGE):
    return list(csv.DictReader(io.StringIO(run("plot", *arguments, "--csv", "-s", storage).stdout)))


def page(*arguments):
    return json.loads(run("plot", *arguments, "--json", "-s", STORAGE).stdout)


def feasible(trial):
    return all(c <= 0 for c in trial.get("constraints", []))


def counts(trial):
    return trial["state"] == "complete" and feasible(trial)


def shown(trial):
    """The value that a trial stands at."""
    if trial["values"]:
        return trial["values"][0]
    return trial["reports"][-1][1] if trial["state"] == "pruned" and trial["reports"] else None


def best_of(trials, sign=1):
    return min((t for t in trials if counts(t)), key=lambda t: (sign * t["values"][0], t["trial"]))["trial"]


def mark(trial, best):
    if trial["trial"] == best:
        return "best"
    if trial["state"] == "complete":
        return "plain" if feasible(trial) else "infeasible"
    return trial["state"]


def number(text):
    return float(text) if text else None


def check_history(trials, name="usual", sign=1):
    found = rows("history", name)
    best = best_of(trials, sign)
    points = [r for r in found if r["series"] == "trial"]
    assert [(int(r["trial"]), number(r["y"]), r["mark"]) for r in points] == [
        (t["trial"], shown(t), mark(t, best)) for t in trials]
    so_far, wanted = None, []
    for t in trials:
        if counts(t) and (so_far is None or sign * t["values"][0] < sign * so_far):
            so_far = t["values"][0]
        wanted.append((t["trial"], so_far))
    assert [(int(r["x"]), number(r["y"])) for r in found if r["series"] == "best so far"] == wanted
    figure = page("history", name)["figures"][0]
    assert figure["y"]["better"] == ("smaller" if sign > 0 else "larger")
    assert f"in trial {best}" in figure["title"]


def check_comparison(first, second):
    found = rows("history", "usual", "second")
    for name, trials in (("usual", first), ("second", second)):
        values = [t["values"][0] for t in trials if counts(t)]
        line = [number(r["y"]) for r in found if r["series"] == name]
        assert line[-1] == min(values) and len(line) == len(trials), name
    assert len(page("history", "usual", "second")["figures"][0]["series"]) == 4


def check_scatter(trials):
    found = rows("scatter", "usual", "--x", "lr", "--y", "kind", "--hue", "cost")
    for r, t in zip(found, trials, strict=True):
        assert number(r["x"]) == t["params"]["lr"] and r["y"] == t["params"]["kind"], r
        assert number(r["shade"]) == t["attrs"]["cost"], r
    figure = page("scatter", "usual", "--x", "lr", "--hue", "kind")["figures"][0]
    assert figure["x"] == {"title": "lr", "log": True} and figure["y"]["title"] == "loss"
    assert figure["shade"]["categories"] == ["adam", "sgd"]
    columns = rows("scatter", "usual", "--x", "start", "--y", "duration", "--hue", "worker")
    for r, t in zip(columns, trials, strict=True):
        assert r["x"] == when(t["trial"]) and abs(number(r["y"]) - 0.9) < 1e-6, r
    steps = rows("scatter", "usual", "--x", "step", "--y", "momentum", "--hue", "host")
    for r, t in zip(steps, trials, strict=True):
        assert number(r["x"]) == (t["reports"][-1][0] if t["reports"] else None), r
        assert number(r["y"]) == t["params"].get("momentum") and r["shade"] == t["attrs"]["host"], r
    filtered = rows("scatter", "usual", "--filter", "lr < 0.01 and state == complete")
    assert [int(r["trial"]) for r in filtered] == [
        t["trial"] for t in trials if t["params"]["lr"] < 0.01 and t["state"] == "complete"]


def check_slice(trials):
    figures = page("slice", "usual")["figures"]
    assert [f["x"]["title"] for f in figures] == ["lr", "layers", "kind", "momentum"]
    for figure in figures:
        name, series = figure["x"]["title"], figure["series"][0]
        values = [t["params"].get(name) for t in trials]
        if "categories" in figure["x"]:
            values = [figure["x"]["categories"].index(v) for v in values]
        assert series["x"] == values and series["y"] == [shown(t) for t in trials], name
        assert series["shade"] == [t["trial"] for t in trials]
    chosen = page("slice", "usual", "--param", "kind", "--param", "lr")["figures"]
    assert [f["x"]["title"] for f in chosen] == ["kind", "lr"]
    assert len(page("slice", "usual", "--limit", "2")["figures"]) == 2


def check_intermediate(trials):
    series = page("intermediate", "usual")["figures"][0]["series"]
    found = {s["trials"][0]: (s["x"], s["y"]) for s in series}
    assert found == {t["trial"]: ([s for s, _ in t["reports"]], [v for _, v in t["reports"]])
                     for t in trials if t["reports"]}
    assert series[-1]["name"] == f"best: trial {best_of(trials)}"
    few = page("intermediate", "usual", "--limit", "10")["figures"][0]["series"]
    assert len(few) == 10 and few[-1]["trials"][0] == best_of(trials)


def check_parallel(trials):
    ranked = sorted((t for t in trials if counts(t)), key=lambda t: (t["values"][0], t["trial"]))
    found = rows("parallel", "usual")
    assert [int(r["trial"]) for r in found] == [t["trial"] for t in ranked]
    for r, t in zip(found, ranked, strict=True):
        assert number(r["loss"]) == number(r["shade"]) == t["values"][0] and r["kind"] == t["params"]["kind"]
        assert number(r["lr"]) == t["params"]["lr"] and number(r["momentum"]) == t["params"].get("momentum")
    few = [int(r["trial"]) for r in rows("parallel", "usual", "--limit", "20")]
    assert len(few) == len(set(few)) == 20 and few[:2] == [t["trial"] for t in ranked[:2]]


def check_rank(trials):
    values = {t["trial"]: t["values"][0] for t in trials if counts(t)}
    wanted = {i: (1 + sum(w < v for w in values.values()) + sum(w <= v for w in values.values())) / 2
              for i, v in values.items()}
    found = rows("rank", "usual", "--param", "lr", "--param", "layers")
    assert {int(r["trial"]): number(r["shade"]) for r in found if r["x"]} == wanted
    assert len(set(wanted.values())) < len(wanted), "equal values are among them"
    assert len(page("rank", "usual")["figures"]) == 6
    assert page("rank", "usual", "--param", "lr")["figures"][0]["y"]["title"] == "loss"


def check_edf(trials):
    values = sorted(t["values"][0] for t in trials if counts(t))
    found = [(number(r["x"]), number(r["y"])) for r in rows("edf", "usual")]
    assert found == [(values[0], 0.0), *((v, (i + 1) / len(values)) for i, v in enumerate(values))]
    names = {r["series"] for r in rows("edf", "usual", "second")}
    assert names == {"usual", "second"}


def check_timeline(trials):
    found = rows("timeline", "usual")
    assert {int(r["trial"]): (r["x"], r["end"]) for r in found} == {
        t["trial"]: (t["start"], t["complete"]) for t in trials}
    for r in found:
        assert r["series"] == trials[int(r["trial"])]["state"], r
    # trials that overlap are in rows of their own
    overlapping = [plot_studies.trial(i, 1.0, start=start, seconds=length)
                   for i, (start, length) in enumerate([(0, 10), (2, 3), (4, 9), (5, 1), (11, 2), (20, 1)])]
    overlapping.append(plot_studies.trial(6, None, "running", start=19))
    plot_studies.imported("overlapping", {}, overlapping)
    lanes = {int(r["trial"]): r["y"] for r in rows("timeline", "overlapping")}
    assert lanes == {0: "1", 1: "2", 2: "3", 3: "2", 4: "1", 5: "2", 6: "1"}, lanes
    last = [r for r in rows("timeline", "overlapping") if r["trial"] == "6"][0]
    assert last["series"] == "running" and last["end"] == when(21)


def check_log_axes():
    wide = [plot_studies.trial(i, 10.0 ** (i - 6)) for i in range(13)]
    plot_studies.imported("wide", {}, wide)
    assert page("history", "wide")["figures"][0]["y"]["log"] is True
    wide[3]["values"] = [-1.0]
    plot_studies.imported("signed", {}, wide)
    assert "log" not in page("history", "signed")["figures"][0]["y"]


def check_refusals():
    refuse("plot", "histroy", code=2, says="did you mean 'history'")
    refuse("plot", "history", "usual", "--metric", "los", "-s", STORAGE, code=3, says="did you mean 'loss'")
    refuse("plot", "scatter", "usual", "--x", "layrs", "-s", STORAGE, code=3, says="did you mean 'layers'")
    refuse("plot", "scatter", "usual", "--hue", "zzzzzzzzz", "-s", STORAGE, code=3, says="attributes")
    refuse("plot", "slice", "usual", "--param", "momentun", "-s", STORAGE, code=3, says="did you mean 'momentum'")
    refuse("plot", "slice", "usual", "second", "-s", STORAGE, code=2, says="second")
    refuse("plot", "history", "usual", "--width", "9", "-s", STORAGE, code=2, says="-o FILE")
    refuse("plot", "history", "usual", "-o", "x.gif", "-s", STORAGE, code=2, says=".png, .svg, .pdf")
    refuse("plot", "history", "usual", "-o", "x.png", "--theme", "blue", "-s", STORAGE, code=2, says="light or dark")
    refuse("plot", "history", "usual", "-o", "x.png", "--width", "-3", "-s", STORAGE, code=2, says="above 0")
    refuse("plot", "history", "none", "-s", STORAGE, code=3, says="none")
    assert not os.path.exists("x.png")


def check_terminal():
    for columns in ("40", "80", "200"):
        for kind in ("history", "scatter", "slice", "intermediate", "parallel", "rank", "edf", "timeline"):
            text = run("plot", kind, "usual", "-s", STORAGE, env={**os.environ, "COLUMNS": columns, "LC_ALL": "C"}).stdout
            assert text.isascii() and max(map(len, text.splitlines())) <= int(columns), (kind, columns)
    text = run("plot", "history", "usual", "-s", STORAGE).stdout
    assert "best so far" in text and "pruned" in text and "failed" in text and "smaller is better" in text


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        usual = plot_studies.usual()
        second = plot_studies.usual("second", n=30, seed=2)
        larger = plot_studies.usual("larger", direction="maximize", seed=3)
        check_history(usual)
        check_history(larger, "larger", -1)
        check_comparison(usual, second)
        check_scatter(usual)
        check_slice(usual)
        check_intermediate(usual)
        check_parallel(usual)
        check_rank(usual)
        check_edf(usual)
        check_timeline(usual)
        check_log_axes()
        check_refusals()
        check_terminal()


main()
