"""Runs Optuna's samplers and pruners over the benchmark's learning curves and writes traces.

    peer_curves.py optuna-tpe+asha optuna-random+hyperband

A search is an objective that reports each epoch and stops when it is told to, as Optuna's users write it; the budget
is counted in epochs. Value i of a row is the lowest loss reported in the i-th full run's worth of epochs. A loss that
is not a number ends the trial as a pruned one. A trace goes to traces/curves/<search>-<version>.csv.gz.
"""
import argparse
import ctypes
import importlib.metadata
import math
import multiprocessing
import pathlib
import platform
import time
import warnings

import binding
import peer_samplers
import trace_file

SAMPLERS = {"tpe": peer_samplers.optuna_tpe, "random": peer_samplers.optuna_random}
PRUNERS = ("none", "median", "asha", "hyperband")


def make_pruner(name, epochs):
    """With Optuna's defaults; what a full run is, is told."""
    from optuna import pruners
    return {"none": pruners.NopPruner, "median": pruners.MedianPruner, "asha": pruners.SuccessiveHalvingPruner,
            "hyperband": lambda: pruners.HyperbandPruner(max_resource=epochs)}[name]()


class Search(peer_samplers.OptunaSearch):
    def __init__(self, problem, seed, sampler, pruner, epochs):
        super().__init__(problem, seed, SAMPLERS[sampler])
        self.study.pruner = make_pruner(pruner, epochs)


def run(search_name, problem, seed, runs):
    import optuna
    sampler, pruner = search_name.removeprefix("optuna-").split("+")
    instance, epochs = binding.Instance(problem, seed), problem.epochs
    search, values, spent = Search(problem, seed, sampler, pruner, epochs), [math.nan] * runs, 0
    losses, pruned = (ctypes.c_double * epochs)(), optuna.trial.TrialState.PRUNED
    while spent < runs * epochs:
        problem.library.hn_problem_curve(instance.handle, search.ask(), losses)
        state = None
        for epoch in range(1, epochs + 1):
            loss, at = losses[epoch - 1], spent // epochs
            values[at] = loss if math.isnan(values[at]) or loss < values[at] else values[at]
            spent += 1
            search.trial.report(loss, epoch)
            if spent == runs * epochs:
                break
            if math.isnan(loss) or epoch < epochs and search.trial.should_prune():
                state = pruned
                break
        if state:
            search.study.tell(search.trial, state=state)
        elif spent < runs * epochs:
            search.study.tell(search.trial, losses[epochs - 1])
    return trace_file.format_row(problem.name, seed, instance.optimum(), instance.median(), values)


def start_worker():
    global worker_problems
    warnings.filterwarnings("ignore")
    worker_problems = {problem.name: problem for problem in binding.problems()}


def run_task(task):
    search, name, seed, runs = task
    return run(search, worker_problems[name], seed, runs)


def main():
    names = [f"optuna-{sampler}+{pruner}" for sampler in SAMPLERS for pruner in PRUNERS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("searches", nargs="*", default=names, metavar="SEARCH", help=", ".join(names) + "; all")
    parser.add_argument("--problems", default="", help="beginnings of names, between commas; all when left out")
    parser.add_argument("--seeds", type=int, default=20, help="seeds 0 .. n-1")
    parser.add_argument("--runs", type=int, default=30, help="full runs' worth of epochs")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--folder", type=pathlib.Path, default=binding.HERE / "traces" / "curves")
    arguments = parser.parse_args()
    if unknown := set(arguments.searches) - set(names):
        parser.error(f"no such searches: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    wanted = tuple(arguments.problems.split(","))
    problems = [p.name for p in binding.problems() if p.epochs > 1 and p.name.startswith(wanted)]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    version = importlib.metadata.version("optuna")
    for search in arguments.searches:
        began = time.monotonic()
        tasks = [(search, name, seed, arguments.runs) for seed in range(arguments.seeds) for name in problems]
        with multiprocessing.get_context("spawn").Pool(arguments.workers, start_worker) as pool:
            lines = list(pool.imap(run_task, tasks))
        header = {"sampler": search, "version": version,
                  "command": f"bench/peer_curves.py {search} --seeds {arguments.seeds} --runs {arguments.runs}",
                  "with": f"python {platform.python_version()}"}
        target = arguments.folder / f"{search.replace('+', '-')}-{version}.csv.gz"
        trace_file.write(target, header, lines)
        print(f"{target}: {len(lines)} studies, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
