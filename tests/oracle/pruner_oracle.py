"""Writes pruner_values.txt beside itself: decisions of Optuna's MedianPruner and PercentilePruner on made-up learning
curves. Run it with the Python of tools/peers.sh.

A case is a line `case <percentile> <direction> <n_startup> <n_warmup> <interval> <n_min>`, then a line `trial <state>
<step> <value> ...` for each finished trial, then `judge <step> <value> <decision> ...`: the reports of a running trial and
whether Optuna would stop it after each."""

import pathlib
import random
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
NAN = float("nan")


def curve(rng, steps, nan_share):
    """Integer values, so that ties with the percentile are common."""
    kept = [step for step in steps if rng.random() < 0.8] or [steps[0]]
    return {step: NAN if rng.random() < nan_share else float(rng.randint(-4, 4)) for step in kept}


def words(reports):
    return " ".join(f"{step} {value!r}" for step, value in reports)


def write_case(out, rng, percentile, direction, options):
    if percentile == 50:
        pruner = optuna.pruners.MedianPruner(*options[:3], n_min_trials=options[3])
    else:
        pruner = optuna.pruners.PercentilePruner(percentile, *options[:3], n_min_trials=options[3])
    study = optuna.create_study(direction=direction, pruner=pruner)
    print("case", percentile, direction, *options, file=out)
    steps = range(1, 13)
    nan_share = rng.choice([0, 0, 0.2, 0.6])
    for _ in range(rng.randint(0, 12)):
        state = rng.choice(["COMPLETE"] * 3 + ["PRUNED"])
        reports = curve(rng, steps, nan_share)
        study.add_trial(optuna.trial.create_trial(
            state=optuna.trial.TrialState[state], value=0.0 if state == "COMPLETE" else None,
            intermediate_values=reports))
        print("trial", state, words(reports.items()), file=out)
    trial = study.ask()
    judged = []
    for step, value in curve(rng, steps, nan_share).items():
        trial.report(value, step)
        judged.append(f"{step} {value!r} {int(trial.should_prune())}")
    print("judge", " ".join(judged), file=out)


def main():
    rng = random.Random(1)
    path = pathlib.Path(__file__).with_name("pruner_values.txt")
    with path.open("w") as out:
        print(f"# Written by pruner_oracle.py: Optuna {optuna.__version__}.", file=out)
        for number in range(300):
            percentile = rng.choice([50, 50, 50, 0, 10, 25, 75, 100])
            direction = rng.choice(["minimize", "maximize"])
            options = (rng.choice([0, 1, 5]), rng.choice([0, 0, 3]), rng.choice([1, 1, 2, 4]), rng.choice([1, 1, 3]))
            write_case(out, rng, percentile, direction, options)


main()
