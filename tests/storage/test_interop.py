"""Optuna, the newest, loads, continues and deletes what hone wrote; hone reads and continues what Optuna wrote: in
SQLite files and, when there is a server, in PostgreSQL databases."""

import json
import math
import os
import re
import subprocess
import sys
import tempfile

import postgres

TOOL = os.path.join(os.environ["HONE_BUILD_DIR"], "tests", "test_storage")


def tool(verb, url):
    """Runs the test executable as the storage tool (tool.h)."""
    done = subprocess.run([TOOL], capture_output=True, text=True,
                          env={**os.environ, "HONE_STORAGE_TOOL": f"{verb} 0 {url}"})
    assert done.returncode == 0, f"{verb}: {done.stdout}{done.stderr}"
    return done.stdout


def read(url):
    studies = json.loads(tool("read", url))
    return {name: {**study, "trials": study["trials"][:-1]} for name, study in studies.items()}


def same(a, b):
    """Equal, where NaN equals NaN."""
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


STATES = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "waiting"}


def compare(url):
    """Every fact of every trial is the same in Optuna's eyes and in ours."""
    import optuna
    from optuna.distributions import _convert_old_distribution_to_new_distribution as modern
    from optuna.distributions import json_to_distribution

    ours = read(url)
    names = optuna.get_all_study_names(storage=url)
    assert sorted(ours) == sorted(names), (sorted(ours), sorted(names))
    count = 0
    for name in names:
        study = optuna.load_study(study_name=name, storage=url)
        theirs = study.get_trials(deepcopy=False)
        assert len(theirs) == len(ours[name]["trials"])
        for a, b in zip(ours[name]["trials"], theirs):
            where = (name, b.number)
            assert a["number"] == b.number and a["state"] == STATES[b.state.name], where
            for key, moment in (("start", b.datetime_start), ("complete", b.datetime_complete)):
                expected = moment.strftime("%Y-%m-%d %H:%M:%S.%f") if moment else ""
                assert a[key] == expected, (where, key, a[key], expected)
            assert list(a["params"]) == list(b.params), (where, list(a["params"]), list(b.params))
            for param, (raw, distribution) in a["params"].items():
                parsed = json_to_distribution(json.dumps(distribution))
                assert parsed == modern(b.distributions[param], suppress_warning=True), (where, param)
                assert parsed.to_internal_repr(b.params[param]) == raw, (where, param)
            values = [] if b.values is None else list(b.values)
            assert same(a["values"], values), (where, a["values"], values)
            assert same({int(k): v for k, v in a["reports"].items()}, b.intermediate_values), where
            assert same(a["user"], b.user_attrs), (where, a["user"], b.user_attrs)
            system = {k: v for k, v in b.system_attrs.items() if not k.startswith("constraints")}
            assert same(a["system"], system), (where, a["system"], system)
            assert same(a["constraints"], constraints_of(b)), (where, a["constraints"], constraints_of(b))
            count += 1
        if len(study.directions) == 1 and any(t.state.name == "COMPLETE" for t in theirs):
            finished = [t.value for t in theirs if t.state.name == "COMPLETE"]
            best = max(finished) if study.direction.name == "MAXIMIZE" else min(finished)
            assert ours[name]["best"] == best, (name, ours[name]["best"], best)
    return count


def constraints_of(trial):
    if "constraints" in trial.system_attrs:
        return list(trial.system_attrs["constraints"])
    return [v for k, v in trial.system_attrs.items() if k.startswith("constraints:")]


def objective(trial):
    value = trial.suggest_float("f", -1, 1) ** 2
    value += trial.suggest_float("l", 1e-5, 1, log=True)
    value += trial.suggest_float("s", 0, 1, step=0.25) + trial.suggest_int("i", 2, 10, step=2)
    value += trial.suggest_int("j", 1, 1000, log=True)
    trial.suggest_categorical("c", [None, True, 3, 0.1, 'é"\\\n'])
    trial.report(value, 0)
    trial.report(float("nan"), 1)
    trial.set_user_attr("note", {"a": [1, float("inf")]})
    if trial.number % 7 == 0:
        raise_pruned()
    return value


def raise_pruned():
    import optuna
    raise optuna.TrialPruned()


class Files:
    """SQLite files in a folder."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def url(self):
        self.count += 1
        return f"sqlite:///{self.folder}/{self.count}.db"

    def layout(self, url):
        """The tables of Optuna in a file: columns, indexes, foreign keys."""
        import sqlite3

        tables = {}
        db = sqlite3.connect(url[len("sqlite:///"):])
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'hone_%'").fetchall()
        for (table,) in names:
            indexes = [(row[2], row[3], [column[2] for column in db.execute(f"PRAGMA index_info('{row[1]}')")])
                       for row in db.execute(f"PRAGMA index_list({table})").fetchall()]
            tables[table] = (db.execute(f"PRAGMA table_info({table})").fetchall(), sorted(indexes),
                             sorted(row[2:] for row in db.execute(f"PRAGMA foreign_key_list({table})")))
        db.close()
        return tables

    def execute(self, url, sql):
        """The rows of the last statement."""
        import sqlite3

        with sqlite3.connect(url[len("sqlite:///"):]) as db:
            rows = [db.execute(one).fetchall() for one in sql]
        db.close()
        return rows[-1]


class Databases:
    """Databases of a server."""

    def __init__(self, server):
        self.server = server
        self.url = server.database

    def layout(self, url):
        """What pg_dump says of the schema, statement by statement, and of the versions; without what is ours."""
        name = re.search(r"/(\w+)\?", url).group(1)
        dump = self.server.dump(name, "--schema-only", "--no-comments")
        statements = [" ".join(text.split()) for text in re.sub(r"(?m)^(--.*|\\.*)$", "", dump).split(";\n")]
        layout = {text: True for text in statements if text and "hone_" not in text}
        layout["alembic"] = self.server.psql("SELECT version_num FROM alembic_version", name)
        layout["version"] = self.server.psql("SELECT version_info_id, schema_version FROM version_info", name)
        return layout

    def execute(self, url, sql):
        name = re.search(r"/(\w+)\?", url).group(1)
        rows = [self.server.psql(one, name) for one in sql]
        return [line.split("|") for line in rows[-1]]


def same_schema(place):
    import optuna

    ours, theirs = place.url(), place.url()
    tool("write", ours)
    optuna.create_study(storage=theirs)
    a, b = place.layout(ours), place.layout(theirs)
    assert a.keys() == b.keys(), (a.keys() ^ b.keys())
    for part in b:
        assert a[part] == b[part], (part, a[part], b[part])
    print(len(a), "parts of the schema are the same")


def optuna_reads_ours(place):
    import optuna

    url = place.url()
    tool("write", url)
    print(compare(url), "trials written by hone are the same in Optuna")
    study = optuna.load_study(study_name="all", storage=url, sampler=optuna.samplers.TPESampler(seed=1))
    assert study.direction.name == "MAXIMIZE" and study.metric_names == ["accuracy"]
    assert study.user_attrs["owner"]["name"] == "mé"
    best = study.best_trial  # the first feasible of the best
    assert best.value == float("inf") and best.number == 13, best
    two = optuna.load_study(study_name="two", storage=url)
    assert two.metric_names == ["accuracy", "größe"] and len(two.best_trials) == 1
    study.optimize(objective, n_trials=15)
    print(compare(url), "trials after Optuna's TPE continued")
    tool("append", url)
    print(compare(url), "trials after hone continued")
    copies(url)
    optuna.delete_study(study_name="all", storage=url)
    print(compare(url), "trials after Optuna deleted a study")
    tool("write", url)  # the deleted study's number is given again
    compare(url)


def copies(url):
    """Optuna's copy_study copies hone's UUID as well; the copy must not share leases with the original."""
    import optuna

    optuna.copy_study(from_study_name="all", from_storage=url, to_storage=url, to_study_name="copy")
    tool("append", url)
    studies = [optuna.load_study(study_name=name, storage=url) for name in ("all", "copy")]
    uuids = [s._storage.get_study_system_attrs(s._study_id)["hone:uuid"] for s in studies]
    assert uuids[0] != uuids[1], uuids
    compare(url)
    optuna.delete_study(study_name="copy", storage=url)


def we_read_optunas(place):
    import optuna

    url = place.url()
    study = optuna.create_study(study_name="one", storage=url, direction="minimize",
                                sampler=optuna.samplers.TPESampler(seed=2))
    study.enqueue_trial({"f": 0.5})
    study.optimize(objective, n_trials=12)
    two = optuna.create_study(study_name="pareto", storage=url, directions=["minimize", "maximize"])
    two.set_metric_names(["a", "b"])

    def constrained(trial):
        x = trial.suggest_float("x", 0, 1)
        if hasattr(trial, "set_constraint"):
            trial.set_constraint("first", x - 0.5)
            trial.set_constraint("second", -x)
        return x, 1 - x

    two.optimize(constrained, n_trials=5)
    old = optuna.create_study(study_name="old", storage=url)
    old.ask({"u": optuna.distributions.FloatDistribution(0, 1)})
    old.enqueue_trial({"u": 0.1})
    print(compare(url), "trials written by Optuna are the same in hone")
    tool("append", url)
    print(compare(url), "trials after hone continued")
    study.optimize(objective, n_trials=5)
    print(compare(url), "trials after Optuna continued")
    older_spellings(place, url)


def older_spellings(place, url):
    """Distributions and constraints as Optuna 1 and 2 wrote them."""
    old = {
        "old_a": '{"name": "UniformDistribution", "attributes": {"low": 0.0, "high": 1.0}}',
        "old_b": '{"name": "LogUniformDistribution", "attributes": {"low": 0.1, "high": 1.0}}',
        "old_c": '{"name": "DiscreteUniformDistribution", "attributes": {"low": 0.0, "high": 1.0, "q": 0.5}}',
        "old_d": '{"name": "IntUniformDistribution", "attributes": {"low": 1, "high": 9, "step": 2}}',
        "old_e": '{"name": "IntLogUniformDistribution", "attributes": {"low": 1, "high": 8, "step": 1}}',
    }
    trial = place.execute(url, ["SELECT trial_id FROM trials t JOIN studies s USING (study_id) WHERE study_name = 'one'"
                                " AND state = 'COMPLETE' ORDER BY trial_id LIMIT 1"])[0][0]
    place.execute(url, [f"INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)"
                        f" VALUES ({trial}, '{name}', 1.0, '{text}')" for name, text in old.items()])
    place.execute(url, [f"INSERT INTO trial_system_attributes (trial_id, key, value_json)"
                        f" VALUES ({trial}, 'constraints', '[-1.0, 2.5]')"])
    compare(url)
    trials = [t for t in read(url)["one"]["trials"] if "old_e" in t["params"]]
    assert len(trials) == 1 and trials[0]["constraints"] == [-1, 2.5]
    assert trials[0]["params"]["old_e"][1]["attributes"]["log"] is True


def everything(place):
    print(f"--- {type(place).__name__} ---")
    same_schema(place)
    optuna_reads_ours(place)
    we_read_optunas(place)


def main():
    if len(sys.argv) == 1:
        import hone_test

        python = hone_test.peers_python()
        if not os.path.exists(TOOL):
            hone_test.skip(f"{TOOL} is not built")
        sys.exit(subprocess.run([python, __file__, "peer"]).returncode)
    import warnings

    import optuna

    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print("Optuna", optuna.__version__)
    with tempfile.TemporaryDirectory() as folder:
        everything(Files(folder))
    if postgres.missing():
        print("PostgreSQL is left out:", postgres.missing())
        return
    with postgres.Server() as server:
        everything(Databases(server))


main()
