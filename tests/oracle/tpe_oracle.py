#!/usr/bin/env python3
"""Writes tpe_values.txt beside itself: densities of Optuna's Parzen estimator, which tests/surrogate compares with.
Run it with the Python that tools/peers.sh prints.

    case NAME axes observations points prior_weight
    axis float LOW HIGH LOG | axis step LOW HIGH STEP | axis int LOW HIGH STEP LOG | axis choice N      (one per axis)
    seen WEIGHT VALUE ...                                                              (one per observation)
    at LOG_DENSITY VALUE ...                                                           (one per point)

Densities of log parameters are with respect to the logarithm. Equal observations stand only in cases of one axis,
where it does not matter which of them a sort puts first.
"""
import pathlib
import warnings

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters

RNG = np.random.default_rng(5)
F, I, C = FloatDistribution, IntDistribution, lambda n: CategoricalDistribution(list(range(n)))
CASES = {  # name: (axes, observations, prior weight, weights)
    "float": ([F(-2, 3)], 12, 1, "ones"),
    "float_none": ([F(-2, 3)], 0, 1, "ones"),
    "float_one": ([F(-2, 3)], 1, 1, "ones"),
    "float_two": ([F(-2, 3)], 2, 1, "ones"),
    "float_many": ([F(0, 1)], 250, 1, "ramp"),
    "float_log": ([F(1e-5, 1e-1, log=True)], 20, 1, "ones"),
    "float_step": ([F(0, 2, step=0.25)], 30, 1, "ones"),
    "int": ([I(1, 9)], 7, 1, "ones"),
    "int_wide": ([I(-1000, 100000)], 40, 1, "ramp"),
    "int_step": ([I(16, 512, step=16)], 40, 1, "ones"),
    "int_log": ([I(1, 1024, log=True)], 40, 1, "ones"),
    "choice": ([C(5)], 9, 1, "ones"),
    "choice_prior": ([C(3)], 30, 2.5, "ramp"),
    "prior": ([F(0, 1)], 10, 3, "ones"),
    "mixed": ([F(0, 1), F(1e-4, 10, log=True), I(0, 200), C(4), I(1, 300, log=True)], 24, 1, "ramp"),
    "ten": ([F(0, 1)] * 10, 60, 1, "ramp"),
}


def ramp(n):
    return np.ones(n) if n < 25 else np.concatenate([np.linspace(1 / n, 1, n - 25), np.ones(25)])


def draw(axis, n, distinct):
    if isinstance(axis, C(1).__class__):
        return RNG.integers(len(axis.choices), size=n).astype(float)
    low, high = axis.low, axis.high
    if isinstance(axis, F) and axis.step is None:
        u = RNG.random(n)
        return np.exp(np.log(low) + u * np.log(high / low)) if axis.log else low + u * (high - low)
    grid = np.arange(round((high - low) / axis.step) + 1) * axis.step + low
    return RNG.choice(grid, size=n, replace=not distinct)


def describe(axis):
    if isinstance(axis, CategoricalDistribution):
        return f"axis choice {len(axis.choices)}"
    if isinstance(axis, IntDistribution):
        return f"axis int {axis.low} {axis.high} {axis.step} {int(axis.log)}"
    if axis.step:
        return f"axis step {axis.low!r} {axis.high!r} {axis.step!r}"
    return f"axis float {axis.low!r} {axis.high!r} {int(axis.log)}"


def lines(name, axes, n, prior_weight, weighting):
    n_points = 12
    weights = ramp if weighting == "ramp" else np.ones
    rule = _ParzenEstimatorParameters(prior_weight=prior_weight, consider_magic_clip=True, consider_endpoints=False,
                                      weights=weights, multivariate=True)
    names = [f"x{i}" for i in range(len(axes))]
    seen = {key: draw(axis, n, len(axes) > 1) for key, axis in zip(names, axes)}
    points = {key: draw(axis, n_points, False) for key, axis in zip(names, axes)}
    density = _ParzenEstimator(seen, dict(zip(names, axes)), rule).log_pdf(points)
    yield f"case {name} {len(axes)} {n} {n_points} {prior_weight!r}"
    yield from map(describe, axes)
    for i in range(n):
        yield " ".join(["seen", repr(float(weights(n)[i])), *(repr(float(seen[key][i])) for key in names)])
    for i in range(n_points):
        yield " ".join(["at", repr(float(density[i])), *(repr(float(points[key][i])) for key in names)])


def main():
    warnings.filterwarnings("ignore")
    text = [f"# Written by tpe_oracle.py: Optuna {optuna.__version__}, NumPy {np.__version__}."]
    for name, case in CASES.items():
        text += lines(name, *case)
    pathlib.Path(__file__).with_name("tpe_values.txt").write_text("\n".join(text) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
