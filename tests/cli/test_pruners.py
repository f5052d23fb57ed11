#!/usr/bin/python3
"""Pruners from end to end: programs that report oddly, or nothing, or do not heed that they are pruned."""

import json
import os
import tempfile

from hone_test import hone, run

STUDY = """\
study: {name}
goal: minimize loss
search: {{sampler: random, trials: {trials}, seed: 1, grace: 300ms, pruner: {pruner}}}
space: {{x: {{float: [0, 1]}}}}
command: [/usr/bin/python3, -u, program.py, "{{trial}}"]
env: {{LC_ALL: C}}
"""


def tune(name, program, pruner="median", trials=2, code=0, **options):
    with open("study.yaml", "w", encoding="utf-8") as file:
        file.write(STUDY.format(name=name, pruner=pruner, trials=trials))
    with open("program.py", "w", encoding="utf-8") as file:
        file.write(program)
    return run("tune", "study.yaml", *options.get("arguments", ()), code=code)


def trials(study):
    return json.loads(run("trials", study, "--json").stdout)


def states(study):
    return [trial["state"] for trial in trials(study)]


def nothing_is_reported():
    """A program without steps runs to its end, and the run says that the pruner had nothing to judge."""
    silent = "print('loss=1')"
    assert "no trial reported a step: median had nothing to judge" in tune("silent", silent).stdout
    assert states("silent") == ["complete"] * 2
    last = json.loads(tune("json", silent, arguments=["--json"]).stdout.splitlines()[-1])
    assert last["unjudged"] is True, last
    assert "reported a step" not in tune("none", silent, pruner="none").stdout
    assert "reported a step" not in tune("told", "print('step=1 loss=1')").stdout


def reports_are_odd():
    """Steps in any order, twice, NaN and infinite: kept in order, the last value of a step counting."""
    odd = "[print(f'step={s} loss={v}') for s, v in ((3, 1), (1, 2), (3, 0.5), (2, 'nan'), (4, 'inf'), (5, 0.25))]"
    tune("odd", odd, pruner="{threshold: {upper: 1e308, n_warmup: 5}}", trials=1)
    (trial,) = trials("odd")
    assert trial["state"] == "complete" and trial["values"] == [0.25], trial
    assert trial["reports"] == [[1, 2], [2, "nan"], [3, 0.5], [4, "inf"], [5, 0.25]], trial["reports"]
    tune("stopped", odd, pruner="{threshold: {upper: 1e308}}", trials=2)
    assert states("stopped") == ["pruned"] * 2, "NaN, or an infinity above the bound"


def reports_after_the_end():
    """What a stopped trial prints is not taken, also when it does not heed SIGTERM."""
    deaf = ("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            "[(print(f'step={s} loss={s}'), time.sleep(0.2)) for s in range(99999)]")  # the test would never end
    tune("deaf", deaf, pruner="{threshold: {upper: 1.5}}", trials=2)
    for trial in trials("deaf"):
        assert trial["state"] == "pruned" and trial["reports"] == [[0, 0], [1, 1], [2, 2]], trial


def pruners_in_pruners():
    """A study file may nest them; an error inside has its place."""
    improves = "import sys; [print(f'step={s} loss={int(sys.argv[1]) + 1 / (s + 1)}') for s in range(6)]"
    rises = "import sys; [print(f'step={s} loss={10 * int(sys.argv[1]) + s}') for s in range(6)]"
    nested = "{patient: {patience: 2, pruner: {median: {n_startup: 1}}}}"
    tune("improves", improves, pruner=nested, trials=3)
    assert states("improves") == ["complete"] * 3
    tune("rises", rises, pruner=nested, trials=3)
    assert states("rises") == ["complete", "pruned", "pruned"]
    assert [len(trial["reports"]) for trial in trials("rises")] == [6, 4, 4]
    error = tune("bad", rises, pruner="{patient: {pruner: {medain: {}}}}", code=2).stderr
    assert "study.yaml:3:" in error and "did you mean 'median'?" in error, error


def bad_options():
    for pruner, says in (("{asha: {factor: 1}}", "option 'factor' is 1"),
                         ("{hyperband: {variant: stop, min_resource: 9, max_resource: 3}}",
                          "min_resource 9 is more than max_resource 3"),
                         ("threshold", "give lower, upper or both")):
        error = tune("bad", "pass", pruner=pruner, code=2).stderr
        assert says in error and "study.yaml:3" in error, error


def methods_by_name():
    """What is no pruner by itself is explained."""
    for kind, name, says in (("pruners", "bohb", "`search: {sampler: bohb, pruner: hyperband}`"),
                             ("pruners", "dehb", "`search: {sampler: de, pruner: hyperband}`"),
                             ("samplers", "mobster", "`search: {sampler: gp, pruner: asha}`"),
                             ("samplers", "asha", "it is a pruner; see `hone pruners asha`"),
                             ("pruners", "tpe", "it is a sampler; see `hone samplers tpe`"),
                             ("pruners", "medain", "did you mean 'median'?"),
                             ("pruners", "xyzzy", "there are none, median")):
        error = hone(kind, name)
        assert error.returncode and says in error.stderr, (kind, name, error.stderr)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    methods_by_name()
    nothing_is_reported()
    reports_are_odd()
    reports_after_the_end()
    pruners_in_pruners()
    bad_options()
