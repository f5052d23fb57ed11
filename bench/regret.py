"""Compares traces of samplers by normalised regret, (best so far - optimum) / (median - optimum) in [0, 1].

    regret.py traces/*.csv.gz                            the mean over all problems, per family with --families,
                                                         per problem with --problems
    regret.py --against traces/optuna-tpe-5.0.0.csv.gz traces/hone-tpe-0.1.0.csv.gz --margin 0.01
                                                         also the paired difference to that trace; exits with 1 when
                                                         an upper bound reaches the margin

    regret.py --wilcoxon OURS PEER PEER ...              is the first trace below each of the others? (needs scipy)

--log and --ranks print the mean of log10 of the regret (of those below 1e-4 that of 1e-4) and of the rank among the
traces, equal ones sharing theirs, beside it.

The test: Wilcoxon's signed-rank test, one-sided, over the problems, on the mean regrets over the seeds of each, once
for each peer and budget; Holm's correction over all of them. Exits with 1 when one of them is not below 0.05.

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


def mean_log(t, keys, n_trials):
    return statistics.fmean(math.log10(max(trace_file.regret(t.rows[key], n_trials), 1e-4)) for key in keys)


def mean_ranks(traces, keys, n_trials):
    """Of each trace."""
    sums = [0.0] * len(traces)
    for key in keys:
        regrets = [trace_file.regret(t.rows[key], n_trials) for t in traces]
        for i, own in enumerate(regrets):
            sums[i] += sum(other < own for other in regrets) + (regrets.count(own) + 1) / 2
    return [total / len(keys) for total in sums]


def problem_means(t, keys, n_trials):
    """The mean over the seeds of each problem, by its name."""
    by_problem = {}
    for key in keys:
        by_problem.setdefault(key[0], []).append(trace_file.regret(t.rows[key], n_trials))
    return [statistics.fmean(by_problem[name]) for name in sorted(by_problem)]


def holm(values):
    """p-values corrected for their number (Holm 1979): step down, never decreasing."""
    order, corrected, largest = sorted(range(len(values)), key=values.__getitem__), [0.0] * len(values), 0.0
    for position, i in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - position) * values[i]))
        corrected[i] = largest
    return corrected


def test_below(traces, keys, budgets):
    """Is the first trace below each other one? Prints a line for each peer and budget; the largest corrected p."""
    from scipy.stats import wilcoxon
    tests = []
    for peer in traces[1:]:
        for n in budgets:
            gaps = [a - b for a, b in zip(problem_means(traces[0], keys, n), problem_means(peer, keys, n))]
            p = wilcoxon(gaps, alternative="less", zero_method="zsplit", method="approx").pvalue if any(gaps) else 1.0
            tests.append((peer, n, statistics.fmean(gaps), sum(gap < 0 for gap in gaps), len(gaps), p))
    corrected = holm([test[-1] for test in tests])
    print(f"\n{traces[0].label}: Wilcoxon's signed-rank test over the problems, one-sided, Holm over {len(tests)}")
    for (peer, n, mean, better, problems, p), q in zip(tests, corrected):
        print(f"  against {peer.label:28} at {n:4}: mean difference {mean:+.4f}, lower on {better} of {problems}, "
              f"p {p:.2g}, corrected {q:.2g}")
    return max(corrected)


def print_table(title, traces, groups, budgets, mean=mean_regret):
    width = max(len(name) for name in groups)
    print(f"\n{title}")
    print(" " * width, *(f"{t.label:>{9 * len(budgets)}.{9 * len(budgets) - 2}}" for t in traces))
    print(" " * width, *("".join(f"{f'at {n}':>9}" for n in budgets) for _ in traces))
    for name, keys in groups.items():
        cells = ("".join(f"{mean(t, keys, n):9.4f}" for n in budgets) for t in traces)
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
    parser.add_argument("--log", action="store_true", help="also the mean logarithm of the regret")
    parser.add_argument("--ranks", action="store_true", help="also the mean rank")
    parser.add_argument("--wilcoxon", action="store_true", help="test whether the first trace is below the others")
    arguments = parser.parse_args()
    if arguments.wilcoxon and arguments.against:
        parser.error("--wilcoxon compares the first trace, not --against")
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
    if arguments.log:
        print_table("mean log10 of the normalised regret", traces, {"all": keys}, budgets, mean_log)
    if arguments.ranks:
        ranks = {n: dict(zip(map(id, traces), mean_ranks(traces, keys, n))) for n in budgets}
        print_table("mean rank", traces, {"all": keys}, budgets, lambda t, _, n: ranks[n][id(t)])
    if arguments.families:
        print_table("per family", traces, families(keys), budgets)
    if arguments.problems:
        print_table("per problem", traces, {p: [k for k in keys if k[0] == p] for p in problems}, budgets)
    reached = False
    if arguments.wilcoxon:
        if len(traces) < 2 or len(problems) < 2:
            sys.exit("the test needs two traces and two problems or more")
        reached = test_below(traces, keys, budgets) >= 0.05
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
