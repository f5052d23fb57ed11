"""hone report of studies that Optuna wrote: numbers, a Pareto front, intermediate values, what is not known said."""
import os
import subprocess
import tempfile

import hone_test

WRITE = """
import optuna
optuna.logging.disable_default_handler()
def one(trial):
    x = trial.suggest_float("x", 1e-3, 10, log=True)
    kind = trial.suggest_categorical("kind", ["a", None, 3])
    for step in range(3):
        trial.report(x + step, step)
    if trial.number == 5:
        raise optuna.TrialPruned()
    if trial.number == 6:
        raise ValueError("<b>broken</b>")
    return x
study = optuna.create_study(study_name="theirs", storage="sqlite:///o.db", sampler=optuna.samplers.RandomSampler(seed=1))
study.optimize(one, n_trials=20, catch=ValueError)
print(study.best_trial.number, study.best_value)
both = optuna.create_study(study_name="both", storage="sqlite:///o.db", directions=["minimize", "maximize"],
                           sampler=optuna.samplers.RandomSampler(seed=1))
both.optimize(lambda trial: (trial.suggest_float("x", 0, 1), trial.suggest_int("n", 1, 9)), n_trials=20)
print(len(both.best_trials))
"""


def main():
    python = hone_test.peers_python()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        made = subprocess.run([python, "-c", WRITE], capture_output=True, text=True, timeout=hone_test.PATIENCE)
        assert made.returncode == 0, made.stderr
        best, value, front = made.stdout.split()
        page = hone_test.run("report", "theirs", "-s", "sqlite:///o.db", "-o", "-").stdout
        for part in (f'<th scope="row">trial</th><td>{best}</td>', f"<td>{float(value)!r}</td>",
                     "18 complete, 1 pruned, 1 failed", "The study was not defined by hone", "hone best --storage sqlite:///o.db --study theirs"):
            assert part in page, (part, page[:3000])
        assert "<b>" not in page
        page = hone_test.run("report", "both", "-s", "sqlite:///o.db", "-o", "-").stdout
        assert f"{front} trial" in page and "The Pareto front" in page, page[:3000]


main()
