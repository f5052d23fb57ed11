"""Writes analysis_values.txt: hypervolumes by Optuna, correlations by SciPy, partial dependence by scikit-learn.

    $(tools/peers.sh) tests/oracle/analysis_oracle.py > tests/oracle/analysis_values.txt

Partial dependence is the mean over ten forests of their brute-force dependence over points spread evenly over the cube.
"""
import numpy
import optuna
import scipy
import scipy.stats
import sklearn
from optuna._hypervolume import compute_hypervolume
from scipy.stats import qmc
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import partial_dependence

N_POINTS = {2: 200, 3: 120, 4: 50, 5: 25, 6: 15}
GRID = 9


def line(name, values):
    print(name, *(repr(float(value)) for value in values))


def hypervolumes(draw):
    for m, n in N_POINTS.items():
        points = numpy.abs(draw.normal(size=(n, m)))
        points = 1 - points / numpy.linalg.norm(points, axis=1, keepdims=True) * draw.uniform(0.8, 1, size=(n, 1))
        points[0] = 1.1  # not below the reference in any objective
        reference = numpy.full(m, 1.1)
        line(f"points_{m}", points.ravel())
        line(f"volumes_{m}", [compute_hypervolume(points[:i + 1], reference) for i in range(n)])


def correlations(draw):
    n = 40
    x = draw.normal(size=n)
    columns = numpy.array([x, numpy.exp(x + draw.normal(size=n)), draw.integers(0, 4, size=n).astype(float)])
    line("columns", columns.ravel())
    line("pearson", numpy.corrcoef(columns).ravel())
    line("spearman", scipy.stats.spearmanr(columns, axis=1).correlation.ravel())


def dependence(draw):
    x = draw.uniform(size=(300, 3))
    y = numpy.sin(3 * x[:, 0]) + 2 * x[:, 1] * x[:, 2] + 0.05 * draw.normal(size=300)
    background = qmc.Sobol(3, scramble=False).random(512)
    grid = numpy.linspace(0, 1, GRID)
    one, two = [], []
    for seed in range(10):
        forest = RandomForestRegressor(n_estimators=64, random_state=seed).fit(x, y)

        def mean(**fixed):
            return forest.predict(numpy.column_stack([numpy.full(512, fixed.get(f"x{j}")) if f"x{j}" in fixed else background[:, j]
                                                      for j in range(3)])).mean()

        one.append([mean(x0=g) for g in grid])
        two.append([mean(x1=g, x2=h) for g in grid[::4] for h in grid[::4]])
        if seed == 0:  # it is what scikit-learn means, who chooses its own grid
            found = partial_dependence(forest, background, [0], grid_resolution=GRID, method="brute")
            assert numpy.allclose(found["average"][0], [mean(x0=g) for g in found["values"][0]])
    for j in range(3):
        line(f"x{j}", x[:, j])
    line("y", y)
    line("dependence_0", numpy.mean(one, axis=0))
    line("dependence_1_2", numpy.mean(two, axis=0))


def main():
    print(f"# Written by analysis_oracle.py: Optuna {optuna.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}.")
    draw = numpy.random.default_rng(7)
    hypervolumes(draw)
    correlations(draw)
    dependence(draw)


main()
