"""Writes cma_values.txt beside itself: distributions of the package cmaes after some generations of points of its own,
told with losses by index, so that the order is known. Run it with the Python of tools/peers.sh."""

import importlib.metadata
import pathlib

import cmaes
import numpy as np
from scipy import stats


def write(out, name, values):
    print(name, *(repr(float(v)) for v in np.ravel(values)), file=out)


def write_normal(out, name, n, popsize, generations, lr_adapt):
    mean = np.linspace(-1, 2, n)
    optimizer = cmaes.CMA(mean=mean.copy(), sigma=0.7, population_size=popsize, seed=5, lr_adapt=lr_adapt)
    write(out, f"{name}.start", mean)
    points = []
    for _ in range(generations):
        told = [(optimizer.ask(), float(k)) for k in range(popsize)]
        points.append([x.copy() for x, _ in told])
        optimizer.tell(told)
    write(out, f"{name}.points", points)
    write(out, f"{name}.mean", optimizer._mean)
    write(out, f"{name}.sigma", optimizer._sigma)
    write(out, f"{name}.c", optimizer._C)
    write(out, f"{name}.p_sigma", optimizer._p_sigma)
    write(out, f"{name}.p_c", optimizer._pc)


def write_margin(out):
    """Rows of mean, scale, deviation before and mean, scale after, on the lattice 0 .. 4 with the margin 0.05."""
    rng = np.random.default_rng(3)
    margin, rows = 0.05, []
    while len(rows) < 60:
        optimizer = cmaes.CMAwM(mean=np.array([2.0, 2.0]), sigma=1.0, bounds=np.array([[0, 4], [-9, 9]]),
                                steps=np.array([1, 0]), margin=margin, population_size=6)
        optimizer._cma.tell = lambda told: None  # the correction alone
        mean, deviation, scale = rng.uniform(-1, 5), np.exp(rng.uniform(-5, 1.5)), np.exp(rng.uniform(-1, 2))
        optimizer._cma._mean = np.array([mean, 2.0])
        optimizer._cma._sigma = deviation
        optimizer._A = np.array([scale, 1.0])
        optimizer.tell([])
        rows.append([mean, scale, deviation, optimizer._cma._mean[0], optimizer._A[0]])
    write(out, "margin.rows", rows)


def write_choices(out):
    sizes, popsize, generations = np.array([2, 3, 5]), 8, 40
    optimizer = cmaes.CatCMA(mean=np.zeros(2), sigma=1.0, cat_num=sizes, population_size=popsize, seed=2)
    chosen = []
    for _ in range(generations):
        told = [optimizer.ask() for _ in range(popsize)]
        told.sort(key=lambda point: -int(point[1][:, 1].sum()))  # the second choice is the good one
        chosen.append([[int(np.argmax(row)) for row in c] for _, c in told[:popsize // 2]])
        optimizer.tell([(point, float(k)) for k, point in enumerate(told)])
    write(out, "choices.chosen", chosen)
    write(out, "choices.weights", optimizer._weights[:popsize // 2])
    write(out, "choices.probability", [p for row, k in zip(optimizer._q, sizes) for p in row[:k]])


def write_warm(out):
    rng = np.random.default_rng(9)
    points = rng.uniform(size=(30, 3))
    mean, sigma, cov = cmaes.get_warm_start_mgd([(x, float(k)) for k, x in enumerate(points)], gamma=0.2, alpha=0.1)
    write(out, "warm.points", points[:6])
    write(out, "warm.mean", mean)
    write(out, "warm.covariance", sigma ** 2 * cov)


def main():
    path = pathlib.Path(__file__).with_name("cma_values.txt")
    with path.open("w") as out:
        print(f"# Written by cma_oracle.py: cmaes {importlib.metadata.version('cmaes')}.", file=out)
        write_normal(out, "small", 3, 7, 12, False)
        write_normal(out, "large", 6, 20, 8, False)
        write_normal(out, "adapted", 4, 8, 15, True)
        write_margin(out)
        write_choices(out)
        write_warm(out)


if __name__ == "__main__":
    assert stats  # cmaes is less exact without SciPy
    main()
