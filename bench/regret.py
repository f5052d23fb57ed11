"""Compares traces of samplers by normalised regret, (best so far - optimum) / (median - optimum) in [0, 1].

    regret.py traces/*.csv.gz                            the mean over all problems, per family with --families,
                                                         per problem with --problems
    regret.py --against traces/optuna-tpe-5.0.0.csv.gz traces/hone-tpe-0.1.0.csv.gz --margin 0.01
                                                         also the paired difference to that trace; exits with 1 when
                                                         an upper bound reaches the margin

    regret.py --wilcoxon OURS PEER PEER ...              is the first trace below each of the others? (needs scipy)

Files of the same sampler and version count as one trace. The tables have the searches (a problem with a seed) that are
in every trace, at the budgets that all of them reach; a mean is that over the problems of the means over their seeds.
--log and --ranks print the mean of log10 of the regret (of those below 1e-4 that of 1e-4) and of the rank among the
traces, equal ones sharing theirs, beside it.

The test: the first trace with each other one, for each budget on the searches of these two that reach it: a peer with
fewer seeds or trials limits only its own lines. Wilcoxon's signed-rank test, one-sided, over the problems,
on the mean regrets over the seeds of each (a difference of 0 gives half its rank to either side), once for each peer
and budget; Holm's correction over all of them. Exits with 1 when one of them is not below 0.05. With --families the
means of each family beside it.

The paired difference: for each seed that has all problems the mean over them of (regret - regret of the other); its
mean over the seeds, and the one-sided 95 % upper bound of that mean by Student's t. Problems count as given, seeds as
drawn.
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


def read_traces(paths):
    """One for each sampler and version; of a search that is in two files the longer row."""
    traces = {}
    for path in paths:
        read = trace_file.read(path)
        rows = traces.setdefault(read.label, trace_file.Trace(read.header, {})).rows
        for key, row in read.rows.items():
            rows[key] = max(row, rows.get(key, row), key=lambda r: len(r[2]))
    return list(traces.values())


def common_keys(traces, tell=True):
    """(problem, seed) of all traces; refuses rows that are not of the same problem."""
    keys = set.intersection(*(set(t.rows) for t in traces))
    for key in keys:
        scales = {t.rows[key][:2] for t in traces}
        if len(scales) > 1:
            sys.exit(f"{key[0]} seed {key[1]}: the traces differ in optimum or median: {scales}; make them again")
    for t in traces:
        if tell and len(t.rows) > len(keys):
            print(f"{t.label}: {len(t.rows) - len(keys)} of {len(t.rows)} studies left out: not in every trace")
    return sorted(keys)


def reached_budgets(traces, keys, budgets):
    shortest = min(len(t.rows[key][2]) for t in traces for key in keys)
    return [n for n in budgets if n <= shortest]


def problem_means(keys, measure):
    """measure(key) meaned over the seeds of each problem, problems by name."""
    by_problem = {}
    for key in keys:
        by_problem.setdefault(key[0], []).append(measure(key))
    return [statistics.fmean(by_problem[name]) for name in sorted(by_problem)]


def problem_regrets(t, keys, n_trials):
    return problem_means(keys, lambda key: trace_file.regret(t.rows[key], n_trials))


def mean_regret(t, keys, n_trials):
    return statistics.fmean(problem_regrets(t, keys, n_trials))


def mean_log(t, keys, n_trials):
    return statistics.fmean(problem_means(
        keys, lambda key: math.log10(max(trace_file.regret(t.rows[key], n_trials), 1e-4))))


def mean_ranks(traces, keys, n_trials):
    """Of each trace."""
    def rank(key, own):
        regrets = [trace_file.regret(t.rows[key], n_trials) for t in traces]
        return sum(other < regrets[own] for other in regrets) + (regrets.count(regrets[own]) + 1) / 2
    return [statistics.fmean(problem_means(keys, lambda key, i=i: rank(key, i))) for i in range(len(traces))]


def count_seeds(keys):
    """As text: 20, or 5-20 when the problems have different numbers."""
    counts = set(problem_counts(keys).values())
    return str(min(counts)) if len(counts) == 1 else f"{min(counts)}-{max(counts)}"


def problem_counts(keys):
    counts = {}
    for problem, _ in keys:
        counts[problem] = counts.get(problem, 0) + 1
    return counts


def holm(values):
    """p-values corrected for their number (Holm 1979): step down, never decreasing."""
    order, corrected, largest = sorted(range(len(values)), key=values.__getitem__), [0.0] * len(values), 0.0
    for position, i in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - position) * values[i]))
        corrected[i] = largest
    return corrected


def signed_rank(gaps):
    """P of so many and so large negative differences, were they symmetric about 0."""
    from scipy.stats import wilcoxon
    exact = len(gaps) <= 50 and all(gaps) and len(set(map(abs, gaps))) == len(gaps)
    return wilcoxon(gaps, alternative="less", zero_method="zsplit", method="exact" if exact else "approx").pvalue \
        if any(gaps) else 1.0


def find_tests(ours, peers, budgets):
    """(peer, common searches that reach the budget, budget) of each peer and budget."""
    tests = []
    for peer in peers:
        common = common_keys([ours, peer], tell=False)
        reaching = {n: [key for key in common if min(len(t.rows[key][2]) for t in (ours, peer)) >= n] for n in budgets}
        if not any(reaching.values()):
            sys.exit(f"{peer.label} and {ours.label} have no search of {min(budgets)} trials in common")
        if any(len(problem_counts(keys)) == 1 for keys in reaching.values()):
            sys.exit("the test needs two problems or more")
        tests += [(peer, keys, n) for n, keys in reaching.items() if keys]
    return tests


def test_below(ours, peers, budgets, by_family):
    """Is our trace below each peer's? Prints a line for each peer and budget; the largest corrected p."""
    tests = find_tests(ours, peers, budgets)
    gaps = [[a - b for a, b in zip(problem_regrets(ours, keys, n), problem_regrets(peer, keys, n))]
            for peer, keys, n in tests]
    values = [signed_rank(g) for g in gaps]
    width = max(len(peer.label) for peer in peers)
    print(f"\n{ours.label} beside each peer on the searches that both have; p: Wilcoxon's signed-rank test over the "
          f"problems,\none-sided, that ours is lower; corrected: Holm over {len(tests)}")
    print(" " * width, "problems  seeds    at    ours  theirs  difference    log10: ours, theirs  rank of 2   lower"
          "         p  corrected")
    for (peer, keys, n), gap, p, q in zip(tests, gaps, values, holm(values)):
        print(f"{peer.label:<{width}} {len(gap):8} {count_seeds(keys):>6} {n:5} {mean_regret(ours, keys, n):7.4f} "
              f"{mean_regret(peer, keys, n):7.4f} {statistics.fmean(gap):+11.4f} {mean_log(ours, keys, n):16.2f} "
              f"{mean_log(peer, keys, n):7.2f} {mean_ranks([ours, peer], keys, n)[0]:10.2f} "
              f"{sum(g < 0 for g in gap):3}/{len(gap):<3} {p:10.2g} {q:10.2g}")
    for peer, keys, n in tests if by_family else []:
        print_table(f"per family, {count_seeds(keys)} seeds", [ours, peer], families(keys), [n])
    return max(holm(values))


def print_table(title, traces, groups, budgets, mean=mean_regret):
    width = max(len(name) for name in groups)
    print(f"\n{title}")
    print(" " * width, *(f"{t.label:>{9 * len(budgets)}.{9 * len(budgets) - 2}}" for t in traces))
    print(" " * width, *("".join(f"{f'at {n}':>9}" for n in budgets) for _ in traces))
    for name, keys in groups.items():
        cells = ("".join(f"{mean(t, keys, n):9.4f}" for n in budgets) for t in traces)
        print(f"{name:<{width}}", *cells)


def paired_difference(t, other, keys, n_trials):
    """The mean difference of regrets and its upper bound; None when fewer than two seeds have all problems."""
    by_seed = {}
    for key in keys:
        gap = trace_file.regret(t.rows[key], n_trials) - trace_file.regret(other.rows[key], n_trials)
        by_seed.setdefault(key[1], []).append(gap)
    n_problems = len(problem_counts(keys))
    means = [statistics.fmean(gaps) for gaps in by_seed.values() if len(gaps) == n_problems]
    if len(means) < 2:
        return None
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
    traces = read_traces(paths)
    for t in traces:
        print(f"{t.label}: {len(problem_counts(t.rows))} problems, {count_seeds(t.rows)} seeds, "
              f"{min(len(row[2]) for row in t.rows.values())} trials")
    print_means(traces, budgets, arguments)
    reached = False
    if arguments.wilcoxon:
        if len(traces) < 2:
            sys.exit("the test needs two traces or more")
        reached = test_below(traces[0], traces[1:], budgets, arguments.families) >= 0.05
    if arguments.against:
        reached = print_differences(traces[0], traces[1:], budgets, arguments.margin) or reached
    return 1 if reached else 0


def print_means(traces, budgets, arguments):
    """The tables of the searches that every trace has."""
    keys = common_keys(traces)
    reached = reached_budgets(traces, keys, budgets) if keys else []
    if not reached:
        if arguments.wilcoxon and len(traces) > 2:
            return  # the pairs may have some
        sys.exit(f"the traces have no problem and seed with {min(budgets)} trials in common")
    if len(reached) < len(budgets):
        print(f"a trace has fewer than {budgets[len(reached)]} trials")
    budgets, problems = reached, sorted({key[0] for key in keys})
    print(f"{len(problems)} problems, {count_seeds(keys)} seeds in common")
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


def print_differences(against, traces, budgets, margin):
    """Does an upper bound reach the margin?"""
    reached = False
    for t in traces:
        keys = common_keys([against, t], tell=False)
        print(f"\n{t.label} minus {against.label}: mean difference, one-sided 95 % upper bound")
        for n in reached_budgets([against, t], keys, budgets):
            found = paired_difference(t, against, keys, n)
            if not found:
                sys.exit("a paired difference needs two seeds with all problems")
            reached = reached or (margin is not None and found[1] >= margin)
            print(f"  at {n:4}  {found[0]:+.4f}  < {found[1]:+.4f}")
    return reached


if __name__ == "__main__":
    sys.exit(main())
