"""hone importance of a study: tables, CSV, JSON, several goals, what it refuses."""
import csv
import io
import json
import os
import tempfile

import hone_test

SPACE = ["-p", "x: {float: [-1, 1]}", "-p", "kind: {choice: [a, b]}", "-p", "z: {float: [0, 1], when: kind == b}"]


def tell_all():
    """x matters most; z, where it is, more than kind."""
    hone_test.run("study", "create", "demo", "--goal", "minimize loss, maximize gain", *SPACE, "--seed", "3", "--sampler", "random")
    for _ in range(60):
        trial = json.loads(hone_test.run("ask", "--json").stdout)
        params = trial["params"]
        loss = 5 * params["x"] + 2 * params.get("z", 0.5)
        hone_test.run("tell", str(trial["trial"]), str(loss), "1")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        hone_test.refuse("importance", "model.hone", code=2, says="hone importance model.hone data.csv")
        hone_test.refuse("importance", "--top", "0", code=2, says="--top allows 1 to 99")
        hone_test.refuse("importance", "--trees", "0", code=2, says="--trees allows 1")
        tell_all()
        text = hone_test.run("importance", "--pairs").stdout
        assert text.index("loss of 60 trials") < text.index("gain of 60 trials"), text
        lines = text.splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith("parameter"))
        assert [line.split()[0] for line in lines[first + 1:first + 4]] == ["x", "z", "kind"], text
        assert "trials" in lines[first] and lines[first + 1].split()[-1] == "60", text
        assert "x, kind" in text, text
        rows = list(csv.DictReader(io.StringIO(hone_test.run("importance", "--csv", "--pairs").stdout)))
        alone = [row for row in rows if row["metric"] == "loss" and not row["with"]]
        assert abs(sum(float(row["importance"]) for row in alone) - 1) < 1e-9, rows
        assert len([row for row in rows if row["with"]]) == 6, rows
        goals = json.loads(hone_test.run("importance", "--json", "--method", "ped_anova").stdout)
        assert [goal["metric"] for goal in goals] == ["loss", "gain"], goals
        assert goals[0]["parameters"][0]["parameter"] == "x" and "share" not in goals[0]["parameters"][0], goals
        assert all(one["importance"] == 0 for one in goals[1]["parameters"]), goals
        same = [hone_test.run("importance", "--json", "-j", str(threads)).stdout for threads in (1, 3)]
        assert same[0] == same[1]
        hone_test.refuse("importance", "--method", "fanowa", code=2, says="did you mean 'fanova'?")
        hone_test.refuse("importance", "--method", "impurity", "--pairs", code=2, says="by fanova only")


main()
