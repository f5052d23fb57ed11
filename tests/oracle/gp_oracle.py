#!/usr/bin/python3
"""Writes gp_values.txt beside itself: Gaussian processes of scikit-learn with given hyperparameters, and its power
transforms of targets, which test_gp.c compares with. Debian's Python.

Of each CASE the data x (n, d), y (n,) and known noise (n,), amplitude, noise, length scales (d,), the amplitude of a
linear kernel about the middle of the unit cube, points `at` (m, d); then the log marginal likelihood, its gradient by the
logarithms of amplitude, length scales and noise, and mean and deviation of the function at the points. Of each
transform the targets and what becomes of them.
"""
import pathlib

import numpy as np
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, Matern, WhiteKernel
from sklearn.preprocessing import PowerTransformer

RNG = np.random.default_rng(11)
KERNELS = {"matern52": lambda s: Matern(s, nu=2.5), "matern32": lambda s: Matern(s, nu=1.5), "rbf": lambda s: RBF(s)}


def show(name, values):
    return f"{name} {' '.join(repr(float(v)) for v in np.ravel(values))}"


def case(name, kernel, n, d, noise, linear=0.0, known=False):
    x, at = RNG.random((n, d)) - 0.5, RNG.random((15, d)) - 0.5
    y = np.sin(4 * x).sum(axis=1) + 0.1 * RNG.standard_normal(n)
    variances = 0.2 * RNG.random(n) if known else np.zeros(n)
    amplitude, lengths = 0.5 + RNG.random(), 0.2 + RNG.random(d)
    whole = ConstantKernel(amplitude) * KERNELS[kernel](lengths) + WhiteKernel(noise)
    if linear:
        whole += ConstantKernel(linear) * DotProduct(sigma_0=0, sigma_0_bounds="fixed")
    model = GaussianProcessRegressor(whole, alpha=variances, optimizer=None).fit(x, y)
    likelihood, gradient = model.log_marginal_likelihood(model.kernel_.theta, eval_gradient=True)
    covariance = model.predict(at, return_cov=True)
    clean = np.sqrt(np.diag(covariance[1]) - noise)  # WhiteKernel is part of scikit-learn's covariance
    return [show(f"{name}.{key}", value) for key, value in [
        ("x", x + 0.5), ("y", y), ("known", variances), ("amplitude", amplitude), ("noise", noise), ("lengths", lengths),
        ("linear", linear * d), ("at", at + 0.5), ("likelihood", likelihood), ("gradient", gradient[:d + 2]),
        ("mean", covariance[0]), ("deviation", clean)]]


def transform(name, method, y):
    bent = PowerTransformer(method).fit_transform((y / y.std())[:, None])[:, 0]
    return [show(f"{name}.raw", y), show(f"{name}.bent", bent)]


def main():
    lines = [f"# scikit-learn {sklearn.__version__}"]
    for kernel in KERNELS:
        lines += case(kernel, kernel, 40, 3, 0.01)
    lines += case("one", "matern52", 1, 2, 0.1)
    lines += case("many", "matern52", 150, 6, 1e-3)
    lines += case("known", "matern52", 30, 2, 0.02, known=True)
    lines += case("linear", "matern52", 30, 4, 0.02, linear=0.7)
    lines += transform("positive", "box-cox", RNG.random(60) ** 2 + 0.1)
    lines += transform("signed", "yeo-johnson", RNG.random(60) ** 2 - 0.3)
    (pathlib.Path(__file__).parent / "gp_values.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
