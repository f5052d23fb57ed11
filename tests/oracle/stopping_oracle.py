"""Writes stopping_values.txt beside itself: decisions of Optuna's pruners in made-up studies. Run it with the Python of
tools/peers.sh and SciPy 1.15 or later, whose signed-rank test is exact where differences are tied.

A case is a line `case <direction> <study> <pruner as hone writes it>`, then lines
`run <number> <state> <value> (<step> <value> <stop>) ...`: reports of a trial, each with whether Optuna would stop the
trial after it, and the state in which it then ended (`running` = it goes on in a later line). A trial ends when it is
to be stopped."""

import json
import pathlib
import random
import sys
import warnings

import optuna
import scipy

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
NAN, INF = float("nan"), float("inf")
P = optuna.pruners
STATES = {"complete": optuna.trial.TrialState.COMPLETE, "pruned": optuna.trial.TrialState.PRUNED,
          "failed": optuna.trial.TrialState.FAIL}


# --- pruners: what Optuna makes of a choice, and how hone writes it ---

def threshold(rng):
    lower, upper = rng.choice([(None, 2.0), (-3.0, None), (-2.5, 3.0), (0.0, 0.0)])
    warmup, interval = rng.choice([0, 0, 3]), rng.choice([1, 1, 2, 5])
    given = {"lower": lower, "upper": upper}
    ours = {key: value for key, value in given.items() if value is not None}
    return P.ThresholdPruner(lower, upper, warmup, interval), \
        {"threshold": ours | {"n_warmup": warmup, "interval": interval}}


def percentile(rng):
    share, startup, warmup, interval = rng.choice([50, 25, 75]), rng.choice([0, 1, 3]), rng.choice([0, 3]), rng.choice([1, 2])
    if share == 50:
        return P.MedianPruner(startup, warmup, interval), \
            {"median": {"n_startup": startup, "n_warmup": warmup, "interval": interval}}
    return P.PercentilePruner(share, startup, warmup, interval), \
        {"percentile": {"percentile": share, "n_startup": startup, "n_warmup": warmup, "interval": interval}}


def patient(rng):
    inner, ours = rng.choice([lambda _: (None, None), percentile, percentile, threshold, wilcoxon])(rng)
    patience, delta = rng.choice([0, 1, 2, 4]), rng.choice([0.0, 0.0, 1.0, 0.3])
    options = {"patience": patience, "min_delta": delta}
    return P.PatientPruner(inner, patience, delta), {"patient": options | ({"pruner": ours} if ours else {})}


def wilcoxon(rng):
    p, startup = rng.choice([0.1, 0.1, 0.05, 0.3]), rng.choice([0, 2, 4])
    return P.WilcoxonPruner(p_threshold=p, n_startup_steps=startup), \
        {"wilcoxon": {"p_threshold": p, "n_startup_steps": startup}}


def asha(rng, auto):
    least, factor = "auto" if auto else rng.choice([1, 1, 2, 3]), rng.choice([2, 3, 4])
    rate, bootstrap = rng.choice([0, 0, 1]), 0 if auto else rng.choice([0, 0, 2])
    return P.SuccessiveHalvingPruner(least, factor, rate, bootstrap), \
        {"asha": {"variant": "stop", "min_resource": least, "factor": factor, "min_early_stopping_rate": rate,
                  "bootstrap_count": bootstrap}}


def hyperband(rng, auto):
    least, most, factor = rng.choice([1, 1, 2]), "auto" if auto else rng.choice([8, 9, 20, 27]), rng.choice([2, 3, 4])
    bootstrap = 0 if auto else rng.choice([0, 0, 1])
    return P.HyperbandPruner(least, most, factor, bootstrap), \
        {"hyperband": {"variant": "stop", "min_resource": least, "max_resource": most, "factor": factor, "bootstrap_count": bootstrap}}


# --- trials ---

def curve(rng, kind):
    """Reports in the order in which they are made. Small integers make ties common; dense curves leave no step out."""
    steps = list(range(rng.choice([0, 1]), rng.choice([6, 9, 13, 28])))
    if not kind["dense"]:
        steps = [step for step in steps if rng.random() < 0.8] or [3]
    if kind["shuffled"] and rng.random() < 0.5:
        rng.shuffle(steps)
    level, odd = rng.gauss(0, 1), kind["odd"]

    def value():
        draw = rng.random()
        if draw < odd:
            return rng.choice([NAN, NAN, INF, -INF])
        return float(rng.randint(-4, 4)) if kind["integers"] else round(level + rng.gauss(0, 1), 3)

    return [(step, value()) for step in steps]


class Trial:
    def __init__(self, study, rng, kind):
        self.trial = study.ask()
        self.left = curve(rng, kind)
        if rng.random() < 0.1:
            self.left = self.left[:rng.randint(0, len(self.left))]
        self.end = rng.choice(["complete"] * 6 + ["pruned", "failed"])
        self.value = rng.choice([float(rng.randint(-3, 3)), round(rng.gauss(0, 2), 3)])

    def run(self, study, out, steps):
        """Up to so many reports more; False when the trial has ended."""
        words, state = [], None
        while self.left and steps and state is None:
            step, value = self.left.pop(0)
            self.trial.report(value, step)
            stop = self.trial.should_prune()
            words.append(f"{step} {value!r} {int(stop)}")
            state = "pruned" if stop else None
            steps -= 1
        if state is None and not self.left:
            state = self.end
        told = self.value if state == "complete" else 0.0
        print("run", self.trial.number, state or "running", told, *words, file=out)
        if state:
            study.tell(self.trial, self.value if state == "complete" else None, STATES[state])
        return state is None


def write_case(out, rng, number):
    auto, workers = rng.random() < 0.3, rng.choice([1, 1, 3])
    make = [threshold, patient, wilcoxon, lambda r: asha(r, auto), lambda r: hyperband(r, auto)][number % 5]
    by_rungs = number % 5 >= 3
    if by_rungs and auto:
        workers = 1  # what ran before auto is known depends on who reported when
    pruner, ours = make(rng)
    # Who passed a rung depends on who reported when where a trial comes to several rungs at once.
    kind = {"dense": by_rungs and workers > 1, "shuffled": not by_rungs and rng.random() < 0.3,
            "integers": rng.random() < 0.5, "odd": rng.choice([0, 0, 0.02, 0.2])}
    direction = rng.choice(["minimize", "maximize"])
    study = optuna.create_study(study_name=f"study{number}", direction=direction, pruner=pruner)
    print("case", direction, study.study_name, json.dumps(ours, separators=(",", ":")), file=out)
    running, begun = [], 0
    while begun < 16 or running:
        while begun < 16 and len(running) < workers:
            running.append(Trial(study, rng, kind))
            begun += 1
        trial = rng.choice(running)
        if not trial.run(study, out, 99 if workers == 1 else rng.randint(1, 3)):
            running.remove(trial)


def main():
    if tuple(map(int, scipy.__version__.split(".")[:2])) < (1, 15):
        sys.exit(f"SciPy {scipy.__version__} is too old")
    rng = random.Random(1)
    path = pathlib.Path(__file__).with_name("stopping_values.txt")
    with path.open("w") as out:
        print(f"# Written by stopping_oracle.py: Optuna {optuna.__version__}, SciPy {scipy.__version__}.", file=out)
        for number in range(250):
            write_case(out, rng, number)


main()
