"""Compares traces of samplers by normalised regret, (best so far - optimum) / (median - optimum) in [0, 1].

    regret.py traces/*.csv.gz                            the mean over all problems, per family with --families,
                                                         per problem with --problems
    regret.py --against traces/optuna-tpe-5.0.0.csv.gz traces/hone-tpe-0.1.0.csv.gz --margin 0.01
                                                         also the paired difference to that trace; exits with 1 when
                                                         an upper bound reaches the margin

The paired difference: for each seed the mean over the problems of (regret - regret of the other); its mean over the
seeds, and the one-sided 95 % upper bound of that mean by Student's t. Problems count as given, seeds as drawn.
"""
import argparse
import math
import statistics
import sys

import trace_file


def t_cdf(x, degrees):
    """Student's distribution function for x >= 0, by Simpson's rule on its density."""
    scale = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)
    n = 2000
    density = [scale * (1 + (x * i / n) ** 2 / degrees) ** (-(degrees + 1) / 2) for i in range(n + 1)]
    return 0.5 + x / n / 3 * (density[0] + density[-1] + 4 * sum(density[1:-1:2]) + 2 * sum(density[2:-1:2]))


def t_quantile(probability, degrees):
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, degrees) < probability else (low, middle)
    return low


def common_keys(traces):
    """(problem, seed) of all traces; refuses rows that are not of the same problem."""
    keys = set.intersection(*(set(t.rows) for t in traces))
    for key in keys:
        scales = {t.rows[key][:2] for t in traces}
        if len(scales) > 1:
            sys.exit(f"{key[0]} seed {key[1]}: the traces differ in optimum or median: {scales}; make them again")
    for t in traces:
        if len(t.rows) > len(keys):
            print(f"{t.label}: {len(t.rows) - len(keys)} of {len(t.rows)} studies left out: not in every trace")
    return sorted(keys)


def check_lengths(traces, keys, budget):
    for t in traces:
        short = [key for key in keys if len(t.rows[key][2]) < budget]
        if short:
            sys.exit(f"{t.label}: {short[0][0]} seed {short[0][1]} has fewer than {budget} trials")


def mean_regret(t, keys, n_trials):
    return statistics.fmean(trace_file.regret(t.rows[key], n_trials) for key in keys)


def print_table(title, traces, groups, budgets):
    width = max(len(name) for name in groups)
    print(f"\n{title}")
    print(" " * width, *(f"{t.label:>{9 * len(budgets)}.{9 * len(budgets) - 2}}" for t in traces))
    print(" " * width, *("".join(f"{f'at {n}':>9}" for n in budgets) for _ in traces))
    for name, keys in groups.items():
        cells = ("".join(f"{mean_regret(t, keys, n):9.4f}" for n in budgets) for t in traces)
        print(f"{name:<{width}}", *cells)


def paired_difference(t, other, keys, n_trials):
    """The mean difference of regrets and its upper bound."""
    by_seed = {}
    for key in keys:
        gap = trace_file.regret(t.rows[key], n_trials) - trace_file.regret(other.rows[key], n_trials)
        by_seed.setdefault(key[1], []).append(gap)
    means = [statistics.fmean(gaps) for gaps in by_seed.values()]
    error = statistics.stdev(means) / math.sqrt(len(means))
    return statistics.fmean(means), statistics.fmean(means) + t_quantile(0.95, len(means) - 1) * error


def families(keys):
    import binding
    family = {problem.name: problem.family for problem in binding.problems()}
    groups = {}
    for key in keys:
        groups.setdefault(family.get(key[0], "unknown"), []).append(key)
    return groups


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="+")
    parser.add_argument("--against", help="the trace to compare with")
    parser.add_argument("--margin", type=float, help="exit with 1 when an upper bound of the difference reaches this")
    parser.add_argument("--trials", default="25,50,100", help="the budgets at which to look")
    parser.add_argument("--families", action="store_true", help="a line per family of problems (needs the module)")
    parser.add_argument("--problems", action="store_true", help="a line per problem")
    arguments = parser.parse_args()
    if arguments.margin is not None and not arguments.against:
        parser.error("--margin needs --against")
    budgets = [int(n) for n in arguments.trials.split(",")]
    paths = [arguments.against] * bool(arguments.against) + [p for p in arguments.traces if p != arguments.against]
    traces = [trace_file.read(path) for path in paths]
    keys = common_keys(traces)
    if not keys:
        sys.exit("the traces have no problem and seed in common")
    check_lengths(traces, keys, max(budgets))

    problems, seeds = sorted({key[0] for key in keys}), {key[1] for key in keys}
    print(f"{len(problems)} problems, {len(seeds)} seeds")
    print_table("mean normalised regret", traces, {"all": keys}, budgets)
    if arguments.families:
        print_table("per family", traces, families(keys), budgets)
    if arguments.problems:
        print_table("per problem", traces, {p: [k for k in keys if k[0] == p] for p in problems}, budgets)
    reached = False
    if arguments.against and len(seeds) < 2:
        sys.exit("a paired difference needs two seeds or more")
    for t in traces[1:] if arguments.against else []:
        print(f"\n{t.label} minus {traces[0].label}: mean difference, one-sided 95 % upper bound")
        for n in budgets:
            mean, bound = paired_difference(t, traces[0], keys, n)
            reached = reached or (arguments.margin is not None and bound >= arguments.margin)
            print(f"  at {n:4}  {mean:+.4f}  < {bound:+.4f}")
    return 1 if reached else 0


if __name__ == "__main__":
    sys.exit(main())
