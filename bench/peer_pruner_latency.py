"""How long a pruning decision takes with N complete trials in the history: hone's pruners and Optuna's, in turn, on the same
history in memory, by the time of the processor.

    peer_pruner_latency.py --hone BUILD/bench/bench_pruner_latency --trials 10000 --steps 100

Prints hone's lines, then the median and the slowest of both for each pruner, with their ratio."""
import argparse
import json
import statistics
import subprocess
import time
import warnings

import optuna

P = optuna.pruners
PRUNERS = {
    "median": P.MedianPruner,
    "percentile": lambda: P.PercentilePruner(25.0),
    "threshold:upper=100": lambda: P.ThresholdPruner(upper=100.0),
    "wilcoxon": P.WilcoxonPruner,
    "patient:pruner=median,patience=0": lambda: P.PatientPruner(P.MedianPruner(), 0),
    "asha:variant=stop": P.SuccessiveHalvingPruner,
    "hyperband:variant=stop": P.HyperbandPruner,
}


def curve(number, step):
    return number * 7919 % 10007 / 10007 + 1 / step + (number * 31 + step * 17) % 101 / 1010


def told_study(trials, steps):
    study = optuna.create_study(study_name="bench")
    rungs = [4**k for k in range(10) if 4**k <= steps]
    for number in range(trials):
        values = {step: curve(number, step) for step in range(1, steps + 1)}
        passed = {f"completed_rung_{k}": values[step] for k, step in enumerate(rungs)}
        study.add_trial(optuna.trial.create_trial(value=values[steps], intermediate_values=values, system_attrs=passed))
    return study


def decision_us(study, make, judged):
    """Of some reports of one running trial; it is judged at each step from the first on."""
    study.pruner = make()
    trial = study.ask()
    seconds = []
    for step in judged:
        trial.report(curve(trial.number, step), step)
        began = time.process_time()
        trial.should_prune()
        seconds.append(time.process_time() - began)
    study.tell(trial, state=optuna.trial.TrialState.FAIL)
    return 1e6 * statistics.median(seconds[1:]), 1e6 * max(seconds[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hone", required=True, help="the built bench_pruner_latency")
    parser.add_argument("--trials", type=int, default=10000)
    parser.add_argument("--steps", type=int, default=100)
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    size = ["--trials", str(arguments.trials), "--steps", str(arguments.steps)]
    printed = subprocess.run([arguments.hone, *size], check=True, capture_output=True, encoding="ascii").stdout
    print(printed, end="")
    hone = {line["pruner"]: line for line in map(json.loads, printed.splitlines())}
    study = told_study(arguments.trials, arguments.steps)
    for name, make in PRUNERS.items():
        for figure, peer in zip(("us_median", "us_slowest"), decision_us(study, make, range(1, 21)), strict=True):
            ours = hone[name][figure]
            print(f"{name}, {arguments.trials} trials of {arguments.steps} steps, {figure}: hone {ours:.2f}, "
                  f"Optuna {optuna.__version__} {peer:.0f}: {peer / ours:.0f} times")


main()
