"""Runs a peer's sampler over the benchmark's problems and writes its trace.

    peers.py optuna-tpe optuna-random --workers 2

A trace goes to traces/<sampler>-<version>.csv.gz; rows already there, for the same problem, seed, optimum and median
and at least as many trials, are kept, so that an interrupted run continues and a new problem costs only itself.
"""
import argparse
import math
import multiprocessing
import os
import pathlib
import platform
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is loaded

import numpy  # noqa: E402

import binding  # noqa: E402
import peer_samplers  # noqa: E402
import trace_file  # noqa: E402


def run(sampler, problem, seed, n_trials):
    """The raw value of each trial."""
    instance = binding.Instance(problem, seed)
    search, values = peer_samplers.make_search(sampler, problem, seed, n_trials), []
    for _ in range(n_trials):
        point = search.ask()
        value = instance.evaluate(point)
        if math.isnan(value):
            raise ValueError(f"{problem.name} refuses the point {list(point)}")
        search.tell(value)
        values.append(value)
    return trace_file.format_row(problem.name, seed, instance.optimum(), instance.median(), values)


def start_worker():
    global worker_problems
    warnings.filterwarnings("ignore")
    worker_problems = {problem.name: problem for problem in binding.problems()}


def run_task(task):
    sampler, name, seed, n_trials = task
    return run(sampler, worker_problems[name], seed, n_trials)


def kept_rows(paths):
    """(problem, seed) -> line, from the finished trace and from an interrupted run."""
    rows = {}
    for path in filter(pathlib.Path.exists, paths):
        for (problem, seed), row in trace_file.read(path).rows.items():
            rows[problem, seed] = trace_file.format_row(problem, seed, *row)
    return rows


def still_valid(line, instance, n_trials):
    fresh = trace_file.format_row(instance.problem.name, 0, instance.optimum(), instance.median(), [])
    _, (optimum, median, values) = trace_file.parse_row(line)
    return trace_file.parse_row(fresh)[1][:2] == (optimum, median) and len(values) >= n_trials


def make_trace(sampler, arguments, problems):
    version = peer_samplers.version_of(sampler)
    stem = arguments.folder / f"{sampler}-{version}.csv"
    target, partial = stem.with_suffix(".csv.gz"), stem.with_suffix(".csv.partial")
    header = {"sampler": sampler, "version": version,
              "command": f"bench/peers.py {sampler} --seeds {arguments.seeds} --trials {arguments.trials}",
              "seeds": f"0..{arguments.seeds - 1}, of the problem and of the sampler",
              "with": f"python {platform.python_version()}, numpy {numpy.__version__}"}
    # Rows of problems that were not asked for now stay in the file.
    rows, order = kept_rows([target, partial]), [(p.name, s) for s in range(arguments.seeds) for p in problems]
    by_name = {p.name: p for p in problems}
    todo = [(name, seed) for name, seed in order
            if (name, seed) not in rows
            or not still_valid(rows[name, seed], binding.Instance(by_name[name], seed), arguments.trials)]
    tasks = [(sampler, name, seed, arguments.trials) for name, seed in todo]
    began = time.monotonic()
    if tasks:
        with open(partial, "w", encoding="ascii") as log, \
                multiprocessing.get_context("spawn").Pool(arguments.workers, start_worker) as pool:
            print("# " + trace_file.FORMAT, *(f"# {key}: {value}" for key, value in header.items()), sep="\n", file=log)
            print(*rows.values(), sep="\n", file=log, flush=True)
            for done, line in enumerate(pool.imap(run_task, tasks), 1):
                print(line, file=log, flush=True)
                rows[trace_file.parse_row(line)[0]] = line
                if done % 100 == 0 or done == len(tasks):
                    print(f"{sampler}: {done}/{len(tasks)} studies, {time.monotonic() - began:.0f} s", flush=True)
        order += [key for key in rows if key not in set(order)]
        trace_file.write(target, header, [rows[key] for key in order])
        partial.unlink()
    print(f"{target}: {len(rows)} studies, {len(tasks)} of them new, {time.monotonic() - began:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samplers", nargs="+", choices=peer_samplers.SAMPLERS, metavar="SAMPLER",
                        help=", ".join(peer_samplers.SAMPLERS))
    parser.add_argument("--problems", default="", help="names separated by commas; all when left out")
    parser.add_argument("--seeds", type=int, default=20, help="seeds 0 .. n-1")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--folder", type=pathlib.Path, default=binding.HERE / "traces")
    arguments = parser.parse_args()
    problems = [p for p in binding.problems() if p.epochs == 1]  # peer_curves.py has the learning curves
    wanted = [name for name in arguments.problems.split(",") if name]
    unknown = set(wanted) - {p.name for p in problems}
    if unknown:
        parser.error(f"no such problems: {', '.join(sorted(unknown))}; there are {', '.join(p.name for p in problems)}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for sampler in arguments.samplers:
        make_trace(sampler, arguments, [p for p in problems if not wanted or p.name in wanted])


if __name__ == "__main__":
    main()
