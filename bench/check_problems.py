"""Checks the benchmark's problems: optima, shifts, categories, conditions, medians, tables; exits with 1 on failure."""
import argparse
import csv
import gzip
import math
import os
import pathlib
import random
import sys

import binding
from binding import CATEGORICAL, FLOAT, INT

# Lowest values from the literature; the others are 0 by construction, or the best row of a table.
OPTIMA = {"branin": 0.39788735772973816, "hartmann3": -3.862779787332663, "hartmann6": -3.322368011415515,
          "rotated_hartmann6": -3.322368011415515, "styblinski_tang5": 5 * -39.16616570377142, "conditional_tree": 0.1}


# They stay where they are, whatever the seed.
MEASURED = ("table", "tuning")


class Checker:
    def __init__(self):
        self.failures = 0

    def check(self, holds, message):
        if not holds:
            self.failures += 1
            print("FAIL", message)


def copy(point):
    return type(point)(*point)


def complete(problem, point, rng):
    """Gives newly active parameters a random value, and inactive ones NaN."""
    for i, p in enumerate(problem.parameters):
        if not problem.active(i, point):
            point[i] = math.nan
        elif math.isnan(point[i]):
            point[i] = rng.randrange(p.n_choices) if p.n_choices else p.low
    return point


def neighbour(problem, point, scale, rng):
    """A point that differs in one parameter: a local step or another choice."""
    moved = copy(point)
    i = rng.choice([i for i in range(len(point)) if not math.isnan(point[i])])
    p = problem.parameters[i]
    if p.n_choices:
        moved[i] = rng.randrange(p.n_choices)
    else:
        if p.log:
            value = math.exp(math.log(point[i]) + scale * rng.gauss(0, 1) * math.log(p.high / p.low))
        else:
            value = point[i] + scale * rng.gauss(0, 1) * (p.high - p.low)
        if p.step and not p.log:
            value = p.low + round((value - p.low) / p.step) * p.step
        elif p.kind == INT:
            value = round(value)
        moved[i] = min(max(value, p.low), p.high)
    return complete(problem, moved, rng)


def descend(instance, point, n_steps, rng):
    """Hill climbing; the lowest value met."""
    value = instance.evaluate(point)
    for step in range(n_steps):
        moved = neighbour(instance.problem, point, 0.3 * 0.01 ** (step / n_steps), rng)
        moved_value = instance.evaluate(moved)
        if moved_value <= value:
            point, value = moved, moved_value
    return value


def check_optimum(c, instance, label, rng):
    problem, point, best = instance.problem, instance.optimum_point(), instance.optimum()
    slack = (1e-3 if problem.family == "tuning" else 1e-9) * (abs(best) + 1)  # the last digits are the machine's
    c.check(abs(instance.evaluate(point) - best) <= slack, f"{label}: value at the optimum is not the optimum")
    if problem.family not in MEASURED:
        expected = OPTIMA.get(problem.name, 0.0)
        c.check(abs(best - expected) <= slack, f"{label}: optimum {best}, expected {expected}")
    for i, p in enumerate(problem.parameters):
        c.check(problem.active(i, point) != math.isnan(point[i]), f"{label}: {p.name} at the optimum")
        if not math.isnan(point[i]):
            low, high = (0, p.n_choices - 1) if p.n_choices else (p.low, p.high)
            c.check(low <= point[i] <= high, f"{label}: the optimum's {p.name} = {point[i]} is outside the range")
    n_steps = 20 if problem.family == "tuning" else 400  # these take milliseconds each
    lowest = min(descend(instance, start, n_steps, rng) for start in (point, instance.random_point(1)))
    c.check(lowest >= best - slack, f"{label}: found {lowest} below the optimum {best}")
    median = instance.median()
    c.check(median > best + 1e-3 * (abs(best) + 1e-3), f"{label}: median {median} is at the optimum")


def holds(problem, p, point):
    """The condition of a parameter, read apart from the C code."""
    if p.when is None:
        return True
    name, relation, operand = p.when.split()
    i, parent = next((i, q) for i, q in enumerate(problem.parameters) if q.name == name)
    if math.isnan(point[i]):
        return False
    return point[i] > float(operand) if relation == ">" else parent.choices[int(point[i])] == operand


def check_points(c, instance, label):
    problem = instance.problem
    for index in range(50):
        point = instance.random_point(index)
        c.check(list(map(str, point)) == list(map(str, instance.random_point(index))), f"{label}: not repeatable")
        value = instance.evaluate(point)
        c.check(math.isfinite(value), f"{label}: value {value} at a random point")
        for i, p in enumerate(problem.parameters):
            c.check(holds(problem, p, point) != math.isnan(point[i]), f"{label}: {p.name} against its condition")
            filled = copy(point)
            if math.isnan(point[i]):
                filled[i] = p.low
                c.check(instance.evaluate(filled) == value, f"{label}: the inactive {p.name} changes the value")
                continue
            filled[i] = math.nan
            c.check(math.isnan(instance.evaluate(filled)), f"{label}: {p.name} missing, but a value comes back")
            filled[i] = p.n_choices if p.n_choices else p.high + 1
            c.check(math.isnan(instance.evaluate(filled)), f"{label}: {p.name} too large, but a value comes back")


def check_median(c, instance, label):
    values = sorted(instance.evaluate(instance.random_point(i)) for i in range(10000))
    median = (values[4999] + values[5000]) / 2
    c.check(instance.median() == median, f"{label}: median {instance.median()}, counted {median}")


def check_spread(c, problem, n_seeds):
    """Optima go everywhere: every categorical choice is best for some seed, and no float stays in one half."""
    points = [binding.Instance(problem, seed).optimum_point() for seed in range(n_seeds)]
    for i, p in enumerate(problem.parameters):
        values = [point[i] for point in points if not math.isnan(point[i])]
        if not values:
            c.check(False, f"{problem.name}: {p.name} is never active at an optimum")
        elif p.kind == CATEGORICAL:
            c.check(set(values) == set(range(p.n_choices)), f"{problem.name}: {p.name} is best only at {set(values)}")
        elif p.kind == FLOAT:
            middle = math.sqrt(p.low * p.high) if p.log else (p.low + p.high) / 2
            share = sum(value > middle for value in values) / len(values)
            # 200 seeds, conditional ones a fourth of them: outside 0.2 .. 0.8 once in 10^4 parameters at n = 50
            c.check(0.2 < share < 0.8, f"{problem.name}: {p.name} is in the upper half for {share:.2f} of the seeds")


def check_categorical(c, problem):
    """Each choice of an active categorical parameter changes the value somewhere."""
    instance = binding.Instance(problem, 3)
    for i, p in enumerate(problem.parameters):
        if p.kind != CATEGORICAL:
            continue
        differs = False
        for index in range(50):
            point = instance.random_point(index)
            if math.isnan(point[i]):
                continue
            values = set()
            for choice in range(p.n_choices):
                point[i] = choice
                values.add(instance.evaluate(complete(problem, copy(point), random.Random(index))))
            differs = differs or len(values) > 1
        c.check(differs, f"{problem.name}: {p.name} does not matter")


def check_rotation(c, problem, seed):
    """A rotation keeps the trace of the ellipsoid's curvatures, but not each of them."""
    instance = binding.Instance(problem, seed)
    curvatures = []
    for i in range(10):
        point = instance.optimum_point()
        step = 0.25 if point[i] < 0.5 else -0.25
        point[i] += step
        curvatures.append(instance.evaluate(point) / step ** 2)
    expected = [1000 ** (i / 9) for i in range(10)]
    c.check(math.isclose(sum(curvatures), sum(expected), rel_tol=1e-9), f"{problem.name}: not a rotation")
    c.check(not math.isclose(max(curvatures), 1000, rel_tol=1e-3), f"{problem.name}: not rotated")


def data_folder():
    return pathlib.Path(os.environ.get("HONE_DATA_DIR") or binding.HERE.parent.parent / "shared" / "data") / "hpo"


def rows_of_table(problem):
    """(point, value) of each row of the measured file, read apart from the C code."""
    name, task = problem.name, None
    if name.startswith("nmt_"):
        name, task = "nmt_hpo", problem.name[4:].replace("_", "-")
    with gzip.open(data_folder() / f"{name}.csv.gz", "rt", encoding="ascii") as file:
        for row in csv.DictReader(file):
            if task and row["task"] != task:
                continue
            point = [list(map(float, p.choices)).index(float(row[p.name])) for p in problem.parameters]
            scores = [float(value) for key, value in row.items() if key == "dev_bleu" or key.startswith("score_seed")]
            yield point, -sum(scores) / len(scores)


def check_table(c, problem):
    instance, point, values = binding.Instance(problem, 0), problem.new_point(), []
    for row, value in rows_of_table(problem):
        point[:] = row
        values.append(value)
        found = instance.evaluate(point)
        c.check(math.isclose(found, value, rel_tol=1e-12), f"{problem.name}: {found} at {row}, the file says {value}")
    c.check(math.isclose(instance.optimum(), min(values), rel_tol=1e-12), f"{problem.name}: not the best row")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--list", action="store_true", help="print the problems with their optima and medians")
    arguments = parser.parse_args()
    c, found = Checker(), [p for p in binding.problems() if p.epochs == 1]  # the rest are learning curves
    c.check(len({p.name for p in found}) == len(found), "two problems of one name")
    for problem in found:
        for seed in range(1 if problem.family == "tuning" else arguments.seeds):
            instance, label = binding.Instance(problem, seed), f"{problem.name} seed {seed}"
            check_optimum(c, instance, label, random.Random(seed))
            check_points(c, instance, label)
            if arguments.list and seed == 0:
                print(f"{problem.name:24} {problem.family:12} {len(problem.parameters):3} parameters"
                      f"  optimum {instance.optimum():.6g}  median {instance.median():.6g}")
        check_categorical(c, problem)
        if problem.family != "tuning":  # calibrate.py counted it
            check_median(c, binding.Instance(problem, 0), problem.name)
        if problem.family == "table":
            check_table(c, problem)
        elif problem.family not in MEASURED:
            check_spread(c, problem, 200)
        if problem.name == "rotated_ellipsoid10":
            check_rotation(c, problem, 0)
    print(f"{len(found)} problems, {c.failures} failures")
    return 1 if c.failures or not found else 0


if __name__ == "__main__":
    sys.exit(main())
