"""Writes hyperband_values.txt: the brackets of Keras Tuner's Hyperband.

A line each: maximum, factor, then for each bracket, in the order they are run, the number of its rungs and the
epochs and size of each. The numbers are those of the methods of HyperbandOracle in the installed package
(keras-tuner 1.4.8), which are read from its file, since importing it needs a backend:
    python3 tests/oracle/hyperband_oracle.py .../site-packages
"""
import ast
import math
import pathlib
import sys

METHODS = ("_get_size", "_get_epochs", "_get_num_rounds", "_get_num_brackets")


class Oracle:
    min_epochs = 1

    def __init__(self, max_epochs, factor):
        self.max_epochs, self.factor = max_epochs, factor


def load(packages):
    text = (packages / "keras_tuner/src/tuners/hyperband.py").read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name in METHODS:
            scope = {"math": math}
            exec(compile(ast.Module([node], []), "hyperband.py", "exec"), scope)
            setattr(Oracle, node.name, scope[node.name])


def line(most, factor):
    oracle = Oracle(most, factor)
    words = [most, factor]
    for bracket in reversed(range(oracle._get_num_brackets())):
        rounds = oracle._get_num_rounds(bracket)
        words.append(rounds)
        for r in range(rounds):
            words += [oracle._get_epochs(bracket, r), oracle._get_size(bracket, r)]
    return " ".join(map(str, words))


def main():
    packages = pathlib.Path(sys.argv[1])
    load(packages)
    version = next(packages.glob("keras_tuner-*.dist-info")).name.split("-")[1].removesuffix(".dist")
    lines = [f"# keras-tuner {version}, tests/oracle/hyperband_oracle.py"]
    for factor in 2, 3, 4, 5, 10:
        for most in 1, 2, 3, 4, 5, 8, 9, 10, 16, 25, 27, 30, 50, 64, 81, 100, 125, 243, 300, 729, 1000, 6561, 10000:
            lines.append(line(most, factor))
    pathlib.Path(__file__).with_name("hyperband_values.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
