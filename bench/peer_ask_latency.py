"""Ask latency of Optuna's samplers: 10 float parameters, N trials told, the median of some asks with their tells.

    peer_ask_latency.py --samplers tpe,tpe-independent,random --told 100,1000,10000

Prints one JSON object per sampler and N. Only asks are timed. The told points are uniform in the unit cube, their
value is the squared distance to (0.3, ..., 0.3).
"""
import argparse
import json
import statistics
import time
import warnings

import numpy
import optuna

N_PARAMETERS = 10
SAMPLERS = {
    "random": lambda: optuna.samplers.RandomSampler(seed=1),
    "tpe": lambda: optuna.samplers.TPESampler(seed=1),
    "tpe-independent": lambda: optuna.samplers.TPESampler(seed=1, multivariate=False),
    "tpe-group": lambda: optuna.samplers.TPESampler(seed=1, multivariate=True, group=True),
    "gp": lambda: optuna.samplers.GPSampler(seed=1),
    "cmaes": lambda: optuna.samplers.CmaEsSampler(seed=1),
}
SPACE = {f"x{i}": optuna.distributions.FloatDistribution(0.0, 1.0) for i in range(N_PARAMETERS)}


def objective(values):
    return float(sum((value - 0.3) ** 2 for value in values))


def told_study(sampler, n_told):
    study = optuna.create_study(sampler=sampler)
    points = numpy.random.default_rng(0).random((n_told, N_PARAMETERS)).tolist()
    study.add_trials([optuna.trial.create_trial(params=dict(zip(SPACE, point)), distributions=SPACE,
                                                value=objective(point)) for point in points])
    return study


def ask_seconds(study, n_asks):
    """Clock and processor seconds of each ask."""
    seconds, of_processor = [], []
    for _ in range(n_asks):
        began, processor_began = time.perf_counter(), time.process_time()
        trial = study.ask(SPACE)
        seconds.append(time.perf_counter() - began)
        of_processor.append(time.process_time() - processor_began)
        study.tell(trial, objective(trial.params.values()))
    return seconds, of_processor


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samplers", default="tpe", help=", ".join(SAMPLERS))
    parser.add_argument("--told", default="100,1000,10000")
    parser.add_argument("--asks", type=int, default=20)
    arguments = parser.parse_args()
    names = arguments.samplers.split(",")
    unknown = set(names) - set(SAMPLERS)
    if unknown:
        parser.error(f"no such samplers: {', '.join(sorted(unknown))}")
    warnings.filterwarnings("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for name in names:
        for n_told in map(int, arguments.told.split(",")):
            seconds, of_processor = ask_seconds(told_study(SAMPLERS[name](), n_told), arguments.asks)
            print(json.dumps({"peer": "optuna", "version": optuna.__version__, "sampler": name,
                              "parameters": N_PARAMETERS, "told": n_told,
                              "ask_ms_median": round(1e3 * statistics.median(seconds), 3),
                              "ask_ms_max": round(1e3 * max(seconds), 3),
                              "asks_cpu_ms_total": round(1e3 * sum(of_processor), 3),
                              "ask_cpu_ms_max": round(1e3 * max(of_processor), 3)}), flush=True)


if __name__ == "__main__":
    main()
