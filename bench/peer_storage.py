"""Trials per second through Optuna's database storage: random search, 10 parameters and 5 reports per trial.

    peer_storage.py --trials 200                         a SQLite file in a new temporary folder
    peer_storage.py --url postgresql://user@host/name
    peer_storage.py --url ... --study s --begin T        one of several workers of a study; they begin at T

Prints one JSON object: trials per second, the time to load the study again and to find its best trial, and the
latency of fsync in the same folder, which bounds what any durable storage can do there.
"""
import argparse
import json
import os
import statistics
import tempfile
import time
import warnings

import optuna

N_PARAMETERS, N_REPORTS = 10, 5


def objective(trial):
    value = sum(trial.suggest_float(f"x{i}", 0.0, 1.0) for i in range(N_PARAMETERS))
    for step in range(N_REPORTS):
        trial.report(value, step)
    return value


def timed(work):
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def fsync_ms(folder, n=50):
    """The median time to append 4 KiB and have it on the disk."""
    seconds = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(n):
            file.write(bytes(4096))
            file.flush()
            seconds.append(timed(lambda: os.fsync(file.fileno()))[1])
    return 1e3 * statistics.median(seconds)


def measure(url, n_trials, name, begin):
    study = optuna.create_study(storage=url, study_name=name or f"bench-{time.time_ns()}", load_if_exists=True,
                                sampler=optuna.samplers.RandomSampler(seed=os.getpid()))
    time.sleep(max(0, begin - time.time()))
    began = time.time()
    _, seconds = timed(lambda: study.optimize(objective, n_trials=n_trials))
    again, load_seconds = timed(lambda: optuna.load_study(study_name=study.study_name, storage=url))
    n_loaded, trials_seconds = timed(lambda: len(again.trials))
    _, best_seconds = timed(lambda: again.best_trial)
    return {"began": began, "ended": began + seconds, "trials": n_loaded, "trials_per_s": round(n_trials / seconds, 1),
            "load_s": round(load_seconds + trials_seconds, 3), "best_s": round(best_seconds, 4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="an SQLAlchemy address; a new SQLite file when left out")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--study", help="one that several workers share; a new one when left out")
    parser.add_argument("--begin", type=float, default=0, help="seconds since 1970 to wait for")
    parser.add_argument("--folder", help="where the temporary SQLite file goes")
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        url = arguments.url or f"sqlite:///{folder}/bench.db"
        result = {"peer": "optuna", "version": optuna.__version__, "storage": url.split(":")[0],
                  "parameters": N_PARAMETERS, "reports": N_REPORTS} | measure(url, arguments.trials, arguments.study, arguments.begin)
        print(json.dumps(result | {"fsync_ms": round(fsync_ms(folder), 3)}))


if __name__ == "__main__":
    main()
