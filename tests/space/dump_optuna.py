"""Writes optuna_distributions.tsv and optuna_decoded.tsv beside itself: what Optuna makes of distributions.

Run with the peers' Python: $(tools/peers.sh) tests/space/dump_optuna.py

optuna_distributions.tsv: an entry of hone's `space:`, the distribution_json of the same in Optuna.
optuna_decoded.tsv: a distribution_json, a unit coordinate, the value that Optuna's transform makes of it.
"""
import json
import pathlib
import warnings

import optuna
from optuna._transform import _SearchSpaceTransform
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution, distribution_to_json

warnings.simplefilter("ignore")
here = pathlib.Path(__file__).parent
nan, inf = float("nan"), float("inf")

numeric = [
    ("{float: [0, 1]}", FloatDistribution(0, 1)),
    ("{float: [1e-5, 1e-1], log: true}", FloatDistribution(1e-5, 1e-1, log=True)),
    ("{float: [-2.5, 1e16]}", FloatDistribution(-2.5, 1e16)),
    ("{float: [1e-300, 1e300], log: true}", FloatDistribution(1e-300, 1e300, log=True)),
    ("{float: [0, 0.3], step: 0.1}", FloatDistribution(0, 0.3, step=0.1)),
    ("{float: [0, 1], step: 0.3}", FloatDistribution(0, 1, step=0.3)),
    ("{float: [-1, 1], step: 0.25}", FloatDistribution(-1, 1, step=0.25)),
    ("{float: [0.1, 0.75], step: 0.2}", FloatDistribution(0.1, 0.75, step=0.2)),
    ("{float: [0.05, 1], step: 0.05}", FloatDistribution(0.05, 1, step=0.05)),
    ("{float: [1e-7, 5e-6], step: 1e-7}", FloatDistribution(1e-7, 5e-6, step=1e-7)),
    ("{float: [3, 3]}", FloatDistribution(3, 3)),
    ("{int: [1, 5]}", IntDistribution(1, 5)),
    ("{int: [32, 512], step: 32}", IntDistribution(32, 512, step=32)),
    ("{int: [0, 10], step: 3}", IntDistribution(0, 10, step=3)),
    ("{int: [1, 1000], log: true}", IntDistribution(1, 1000, log=True)),
    ("{int: [3, 40], log: true}", IntDistribution(3, 40, log=True)),
    ("{int: [-9007199254740992, 9007199254740992]}", IntDistribution(-(2**53), 2**53)),
    ("7", IntDistribution(7, 7)),
]
categorical = [
    ("{choice: [adam, sgd, null, true, 3, 0.5]}", ["adam", "sgd", None, True, 3, 0.5]),
    ("{choice: [a]}", ["a"]),
    ("relu", ["relu"]),
    ("{choice: [1, 2.0, 1e-05, 1e16, 1e22, -0.0, 123456789012]}", [1, 2.0, 1e-05, 1e16, 1e22, -0.0, 123456789012]),
    ("{ordinal: [5, 10, null]}", [5, 10, None]),
    ("{int: [16, 256], factor: 2}", [16, 32, 64, 128, 256]),
    ("{choice: [.inf, -.inf, .nan]}", [inf, -inf, nan]),
    ('{choice: ["\\"", "\\\\", "\\t\\n", "é", "\\U0001F600", "", "yes", "3"]}',
     ['"', "\\", "\t\n", "é", "\U0001f600", "", "yes", "3"]),
    ("{choice: [false, true]}", [False, True]),
]
categorical = [(text, CategoricalDistribution(choices)) for text, choices in categorical]


def head(columns):
    return f"# Optuna {optuna.__version__}, made by dump_optuna.py: {columns}"


lines = [head("space entry, distribution_json")]
lines += [f"{text}\t{distribution_to_json(made)}" for text, made in numeric + categorical]
(here / "optuna_distributions.tsv").write_text("\n".join(lines) + "\n")

lines = [head("distribution_json, unit coordinate, value")]
for _, made in numeric:
    if made.single():
        continue
    transform = _SearchSpaceTransform({"x": made}, transform_0_1=True)
    # No unit lies on the border of two cells, where rounding decides.
    for unit in (0.013, 0.107, 0.237, 0.389, 0.501, 0.612, 0.777, 0.87, 0.993):
        value = transform.untransform(optuna._transform.np.array([unit]))["x"]
        lines.append(f"{distribution_to_json(made)}\t{unit!r}\t{json.dumps(value)}")
(here / "optuna_decoded.tsv").write_text("\n".join(lines) + "\n")
