#!/usr/bin/python3
"""Writes math_values.txt beside itself: what tests/math compares with. Needs python3-scipy and python3-mpmath.

A line is `function argument ... value`. Normal and truncated-normal values are computed with 60 digits by mpmath;
where SciPy can be trusted this script checks that the two agree, and says so at the end."""

import pathlib
import warnings

import mpmath as mp
import numpy as np
import scipy
from scipy import stats
from scipy.stats import qmc

mp.mp.dps = 60
INF = float("inf")
INTERVALS = [
    (-1.0, 1.0), (-0.5, 1.5), (0.5, 1.4), (-3.0, 0.25), (0.0, 8.0), (-8.0, 0.0), (-10.0, 10.0), (-30.0, 2.0),
    (30.0, 31.0), (-31.0, -30.0), (30.0, INF), (-INF, -30.0), (-INF, 1.0), (-2.0, INF), (-INF, INF), (5.0, INF),
    (-INF, -40.0), (100.0, 101.0), (-1001.0, -1000.0), (1000.0, 1000.001), (40.0, INF), (19.5, 20.5),
    (0.3, 0.3 + 1e-9), (-2.0, -2.0 + 1e-6), (12.0, 12.01), (-1e-12, 1e-12), (1e-20, 3e-20), (-1e-3, 2e-3),
    (0.0, 1.0), (0.0, 1.001), (1.5, 2.5), (2.0, 3.0), (-40.0, 0.5), (6.0, 60.0), (-0.2, 25.0),
]
FRACTIONS = [1e-12, 1e-6, 0.01, 0.1, 0.3, 0.5, 0.75, 0.9, 0.999, 1 - 1e-9]


def cdf(x):
    return mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2


def log_pdf(x):
    return -mp.mpf(x) ** 2 / 2 - mp.log(2 * mp.pi) / 2


def mass(a, b):
    """The normal mass of [a, b], in the lower tail, where the difference keeps most of the 60 digits."""
    if a > 0:
        a, b = -b, -a
    return cdf(b) - cdf(a)


def truncated_quantile(q, a, b):
    """By bisection on the mass left of x, then Newton."""
    low, high = max(a, -60.0 if b > -50 else b - 10), min(b, 60.0 if a < 50 else a + 10)
    low, high = mp.mpf(low), mp.mpf(high)
    total = mass(a, b)
    for _ in range(25):
        middle = (low + high) / 2
        if mass(a, middle) < q * total:
            low = middle
        else:
            high = middle
    x = (low + high) / 2
    for _ in range(60):
        step = (mass(a, x) - q * total) / mp.exp(log_pdf(x))
        x = min(max(x - step, low), high)
        if abs(step) < mp.mpf(10) ** -25 * abs(x) + mp.mpf(10) ** -40:
            break
    return x


class Values:
    def __init__(self):
        self.lines = []
        self.compared = 0

    def add(self, name, *numbers):
        self.lines.append(" ".join([name, *(repr(float(x)) for x in numbers)]))

    def check(self, ours, theirs, tolerance):
        """SciPy's own value must agree where it is accurate."""
        assert abs(ours - theirs) <= tolerance * max(abs(ours), 1e-3), (ours, theirs)
        self.compared += 1


def normal(values):
    for x in np.concatenate([np.linspace(-45, 9, 109), [-1e-300, 1e-9, -20.0, -19.999999, -300.0, -1e5]]):
        log_cdf = mp.log(cdf(x)) if x > -50 else log_pdf(x) + mp.log(-1 / mp.mpf(x)) + mp.log(
            mp.nsum(lambda k: (-1) ** k * mp.fac2(2 * k - 1) / mp.mpf(x) ** (2 * k), [0, 20]))
        values.check(float(log_cdf), stats.norm.logcdf(x), 1e-9)
        values.add("log_cdf", x, log_cdf)
        if x > -37:
            values.add("cdf", x, cdf(x))
    for p in [1e-320, 1e-300, 1e-100, 1e-20, 1e-12, 1e-5, 0.01, 0.0749, 0.075, 0.0751, 0.2, 0.4999, 0.5, 0.6, 0.924,
              0.926, 0.99, 0.99999, 1 - 1e-12]:
        start = stats.norm.ppf(p)
        x = mp.findroot(lambda t: mp.log(cdf(t) / p), start)
        values.check(float(x), start, 1e-9)
        values.add("quantile", p, x)


def truncated(values):
    for a, b in INTERVALS:
        values.add("log_mass", a, b, mp.log(mass(a, b)))
        for q in FRACTIONS:
            x = truncated_quantile(q, a, b)
            values.add("truncated_quantile", q, a, b, x)
            x = min(max(float(x), a), b)
            density = log_pdf(x) - mp.log(mass(a, b))
            values.add("truncated_log_pdf", x, a, b, density)
            if b - a >= 1 and -9 < a and b < 9:
                values.check(x, stats.truncnorm.ppf(q, a, b), 1e-7)
                values.check(float(density), stats.truncnorm.logpdf(x, a, b), 1e-7)


def excess(values):
    """log E[max(0, z + u)] and its slope; beyond -40 by the series 1 - x R(x) = 1/x^2 - 3/x^4 + 15/x^6 - ..."""
    for u in [*np.linspace(-45, 9, 109), -1.0, -0.999999, -4.0, -3.999999, -60.0, -1e3, -1e6, -1e8, 30.0, 1e8]:
        with mp.workdps(200):
            x = mp.mpf(float(u))
            if u > -100:
                cdf_slope = mp.exp(log_pdf(x)) / cdf(x)
                log_value = mp.log(mp.exp(log_pdf(x)) + x * cdf(x))
                slope = cdf(x) / mp.exp(log_value)
            else:
                tail = mp.fsum((-1) ** k * mp.fac2(2 * k + 1) / x ** (2 * k + 2) for k in range(6))
                log_value = log_pdf(x) + mp.log(tail)
                slope = (1 - tail) / -x / tail
                cdf_slope = -x / (1 - tail)
        values.add("log_excess", u, log_value)
        values.add("log_excess_slope", u, slope)
        values.add("log_cdf_slope", u, cdf_slope)


def sequences(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, kind in (("sobol", qmc.Sobol), ("halton", qmc.Halton)):
            for start in (0, 1000003):
                engine = kind(1111, scramble=False)
                if start:
                    engine.fast_forward(start)
                for row, point in enumerate(engine.random(17)):
                    for dimension in (0, 1, 2, 3, 7, 12, 40, 255, 256, 1109, 1110):
                        values.add(name, start + row, dimension, point[dimension])


def main():
    values = Values()
    normal(values)
    truncated(values)
    excess(values)
    sequences(values)
    header = (f"# Written by math_oracle.py: SciPy {scipy.__version__}, NumPy {np.__version__}, "
              f"mpmath {mp.__version__}.\n")
    target = pathlib.Path(__file__).with_name("math_values.txt")
    target.write_text(header + "\n".join(values.lines) + "\n")
    print(f"{len(values.lines)} values; {values.compared} of them also compared with SciPy")


if __name__ == "__main__":
    main()
