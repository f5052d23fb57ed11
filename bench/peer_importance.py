"""Importance of parameters by functional ANOVA: hone's whole command beside Optuna's function, on the same study.

    peer_importance.py --program build/release/hone [--trials 1000] [--rounds 3]

1 000 random trials of 10 float parameters in a SQLite file. Of Optuna only the evaluation is timed, the trials being in memory; of hone
the program from its start, which reads the file. Processor time, one thread each; prints a line a round, then the median ratio.
"""
import argparse
import os
import random
import resource
import statistics
import subprocess
import tempfile
import time

import optuna

SPACE = {f"x{i}": optuna.distributions.FloatDistribution(0, 1) for i in range(10)}


def value_of(point):
    return sum((i + 1) * point[f"x{i}"] for i in range(10)) + 5 * point["x0"] * point["x1"]


def make_study(url, trials):
    draw = random.Random(1)
    study = optuna.create_study(storage=url, study_name="s")
    points = [{name: draw.random() for name in SPACE} for _ in range(trials)]
    study.add_trials([optuna.trial.create_trial(params=point, distributions=SPACE, value=value_of(point)) for point in points])
    memory = optuna.create_study()
    memory.add_trials(study.trials)
    return memory


def optuna_seconds(study):
    begin = time.process_time()
    optuna.importance.get_param_importances(study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=1))
    return time.process_time() - begin


def hone_seconds(program, url, *options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "importance", "-s", url, "-j", "1", "--csv", *options], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        url = "sqlite:///" + os.path.join(folder, "s.db")
        study = make_study(url, options.trials)
        ratios = []
        for _ in range(options.rounds):
            ours, pairs, theirs = hone_seconds(options.program, url), hone_seconds(options.program, url, "--pairs"), optuna_seconds(study)
            ratios.append(theirs / ours)
            print(f"hone {ours:.3f} s, with all pairs {pairs:.3f} s, Optuna {optuna.__version__} {theirs:.2f} s: {ratios[-1]:.0f} times", flush=True)
        print(f"median {statistics.median(ratios):.0f} times")


main()
