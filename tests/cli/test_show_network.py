#!/usr/bin/python3
"""hone models show: the layers of a study's network, of what varies the smallest and the largest."""
import json
import pathlib
import tempfile

import hone_test

STUDY = """
data: {data}
model:
  type: sequential
  layers:
    - {{repeat: {{int: [1, 3], name: depth}}, dense: {{units: {{int: [8, 64], name: units}}, activation: relu}}, batch_norm: null}}
    - {{dropout: {{float: [0, 0.5], name: drop}}}}
    - output
  batch_size: {{choice: [8, 16], name: batch}}
"""


def shown(folder, text, *more):
    path = pathlib.Path(folder) / "study.yaml"
    path.write_text(text)
    return hone_test.hone("models", "show", str(path), *more)


def main():
    iris = pathlib.Path(__file__).parents[2] / "examples/data/iris.csv"
    with tempfile.TemporaryDirectory() as folder:
        varied = STUDY.format(data=iris)
        result = shown(folder, varied)
        assert result.returncode == 0, result.stderr
        assert result.stdout.startswith('smallest: {"depth": 1, "units_0": 8, '), result.stdout
        assert "99 parameters (16 of them statistics); " in result.stdout, result.stdout
        assert 'largest: {"depth": 3, "units_0": 64, "units_1": 64, "units_2": 64, ' in result.stdout, result.stdout

        ends = json.loads(shown(folder, varied, "--json").stdout)
        # Dense: inputs x units + units; batch_norm: 4 x units; iris has 4 columns and 3 classes.
        assert ends["smallest"]["parameters"] == 4 * 8 + 8 + 32 + 8 * 3 + 3
        assert ends["largest"]["parameters"] == 4 * 64 + 64 + 2 * (64 * 64 + 64) + 3 * 256 + 64 * 3 + 3
        assert [layer["name"] for layer in ends["smallest"]["layers"]] == [
            "dense_1", "batch_norm_1", "dropout_1", "dense_2", "activation_1"]
        assert ends["smallest"]["layers"][0]["output"] == [8] and ends["smallest"]["input"] == [4]

        fixed = shown(folder, f"data: {iris}\nmodel: {{type: sequential, layers: [{{dense: 5}}, output], epochs: {{int: [1, 9]}}}}\n")
        assert fixed.stdout.startswith("layer"), fixed.stdout + fixed.stderr
        assert "43 parameters; " in fixed.stdout, fixed.stdout

        for text, says in ((f"data: {iris}\nmodel: svm\n", "layers are shown of `model: sequential`, not of svm"),
                           (f"data: {iris}\nmodel: {{type: sequential, layers: [{{conv2d: 8}}, flatten, output]}}\n",
                            "layer 1, conv2d: it gets 4 and needs an image"),
                           (f"data: {iris}\nmodel: {{type: sequential, layers: [{{dense: 7}}]}}\n",
                            "layer 1, dense: it puts out 7, but the target has 3 classes: end with output, or {dense: 3}")):
            result = shown(folder, text)
            assert result.returncode == 2 and says in result.stderr, result.stderr
    result = hone_test.hone("models", "show")
    assert result.returncode == 2 and "it needs a study file" in result.stderr, result.stderr


main()
