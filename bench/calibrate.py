"""Measures the problems that tune models and writes src/problem/tuning_scale.h: the lowest value a long search meets,
where, and the median of random points.

    calibrate.py                  all of them, some minutes; rebuild afterwards
    calibrate.py --problems tune_knn --points 2000     the others stay as they are

The search: so many random points, then descents by single changes from the best of them.
"""
import argparse
import datetime
import math
import pathlib
import random
import re
import statistics

import binding
from check_problems import copy, neighbour

TARGET = binding.HERE.parent / "src" / "problem" / "tuning_scale.h"
ENTRY = re.compile(r"static const hn_problem_scale hn_scale_of_(\w+) = \{.*?\};\n", re.S)
HEAD = """/* What is known of the problems of tuning.c: the lowest value met and the median of random points. Written by
 * bench/calibrate.py, {date}: {points} random points each, then {starts} descents of {steps} steps. */
#ifndef HN_PROBLEM_TUNING_SCALE_H
#define HN_PROBLEM_TUNING_SCALE_H

#include <math.h>

#include "problem/internal.h"

"""


def descend(instance, point, value, n_steps, rng):
    for step in range(n_steps):
        moved = neighbour(instance.problem, point, 0.3 * 0.003 ** (step / n_steps), rng)
        moved_value = instance.evaluate(moved)
        if moved_value <= value:
            point, value = moved, moved_value
    return value, point


def number(value):
    return "NAN" if math.isnan(value) else repr(value)


def measure(problem, arguments):
    """The entry of a problem."""
    instance = binding.Instance(problem, 0)
    values = [instance.evaluate(instance.random_point(i)) for i in range(arguments.points)]
    if any(map(math.isnan, values)):
        raise SystemExit(f"{problem.name}: a random point has no value")
    order = sorted(range(len(values)), key=values.__getitem__)[:arguments.starts]
    found = [descend(instance, copy(instance.random_point(i)), values[i], arguments.steps, random.Random(i)) for i in order]
    best, point = min(found, key=lambda pair: pair[0])
    print(f"{problem.name}: {values[order[0]]:.6g} at random, {best:.6g} after descents, "
          f"median {statistics.median(values):.6g}", flush=True)
    name = problem.name.removeprefix("tune_")
    return name, (f"static const hn_problem_scale hn_scale_of_{name} = {{\n    .best = {number(best)},\n"
                  f"    .median = {number(statistics.median(values))},\n"
                  f"    .point = {{{', '.join(map(number, point))}}},\n}};\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", default="", help="names separated by commas; all when left out")
    parser.add_argument("--points", type=int, default=10000)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--steps", type=int, default=400)
    arguments = parser.parse_args()
    wanted = set(filter(None, arguments.problems.split(",")))
    entries = {match.group(1): match.group() for match in ENTRY.finditer(TARGET.read_text())}
    for problem in binding.problems():
        if problem.family == "tuning" and (not wanted or problem.name in wanted):
            name, entry = measure(problem, arguments)
            entries[name] = entry
    head = HEAD.format(date=datetime.date.today(), points=arguments.points, starts=arguments.starts, steps=arguments.steps)
    TARGET.write_text(head + "\n".join(entries.values()) + "\n#endif\n")


if __name__ == "__main__":
    main()
