"""Writes importance_values.txt: what Optuna says of the importance of parameters of studies made here.

    $(tools/peers.sh) tests/oracle/importance_oracle.py > tests/oracle/importance_values.txt

Forests differ with the seed: what they say is the mean over ten of them.
"""
import random

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator, MeanDecreaseImpurityImportanceEvaluator, PedAnovaImportanceEvaluator

SEEDS = range(10)
COLOURS = ["red", "green", "blue"]


def floats(draw):
    point = {name: draw.uniform(-1, 1) for name in "abcd"}
    return point, 3 * point["a"] + point["b"] ** 2 * 2 + point["c"] * point["d"]


def mixed(draw):
    point = {"x": draw.uniform(0, 10), "n": draw.randint(1, 8), "colour": draw.choice(COLOURS), "rate": 10 ** draw.uniform(-4, 0)}
    return point, 0.1 * (point["x"] - 3) ** 2 + 0.7 * point["n"] + {"red": 0, "green": 4, "blue": 1}[point["colour"]]


CASES = {
    "floats": (150, floats, {name: FloatDistribution(-1, 1) for name in "abcd"}),
    "mixed": (200, mixed, {"x": FloatDistribution(0, 10), "n": IntDistribution(1, 8), "colour": CategoricalDistribution(COLOURS),
                           "rate": FloatDistribution(1e-4, 1, log=True)}),
}


def importances(study, make, names):
    found = [optuna.importance.get_param_importances(study, evaluator=make(seed)) for seed in SEEDS]
    return [sum(one[name] for one in found) / len(found) for name in names]


def line(name, values):
    print(name, *(repr(float(value)) for value in values))


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(f"# Written by importance_oracle.py: Optuna {optuna.__version__}.")
    for case, (n, make_point, space) in CASES.items():
        draw = random.Random(5)
        study = optuna.create_study()
        points = [make_point(draw) for _ in range(n)]
        for point, value in points:
            study.add_trial(optuna.trial.create_trial(params=point, distributions=space, value=value))
        for name, distribution in space.items():
            line(f"{case}_{name}", [distribution.to_internal_repr(point[name]) for point, _ in points])
        line(f"{case}_value", [value for _, value in points])
        line(f"{case}_fanova", importances(study, lambda seed: FanovaImportanceEvaluator(seed=seed), space))
        line(f"{case}_impurity", importances(study, lambda seed: MeanDecreaseImpurityImportanceEvaluator(seed=seed), space))
        line(f"{case}_ped_anova", importances(study, lambda seed: PedAnovaImportanceEvaluator(), space))


main()
