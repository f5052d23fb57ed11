#!/usr/bin/python3
"""docs/openapi.json is true: every operation and field of the protocol is in it, and real answers have its form."""

import json
import os
import re
import tempfile

from hone_http import serving
from hone_test import SOURCE

SPACE = {"x": {"float": [-1, 1]}, "kind": {"choice": ["a", 2, None, True]}}


class Description:
    def __init__(self, document):
        self.document = document

    def resolve(self, schema):
        while "$ref" in schema:
            found = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def check(self, value, schema, where="answer"):
        """The part of JSON Schema that the description uses; any other word is an error."""
        schema = self.resolve(schema)
        unknown = set(schema) - {"type", "properties", "required", "additionalProperties", "items", "enum", "oneOf", "allOf",
                                 "description", "minimum", "maximum", "minItems", "maxItems", "default"}
        assert not unknown, (where, unknown)
        for part in schema.get("allOf", []):
            self.check(value, part, where)
        if "oneOf" in schema:
            assert sum(self.fits(value, part) for part in schema["oneOf"]) == 1, (where, value)
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
                 "null": type(None)}
        if "type" in schema:
            is_bool = isinstance(value, bool) and schema["type"] in ("integer", "number")
            assert isinstance(value, kinds[schema["type"]]) and not is_bool, (where, value, schema["type"])
        assert "enum" not in schema or value in schema["enum"], (where, value)
        assert "minimum" not in schema or value >= schema["minimum"], (where, value)
        assert "maximum" not in schema or value <= schema["maximum"], (where, value)
        if isinstance(value, list):
            assert schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)), (where, value)
            for i, item in enumerate(value):
                self.check(item, schema.get("items", {}), f"{where}[{i}]")
        if isinstance(value, dict):
            self.check_object(value, schema, where)

    def check_object(self, value, schema, where):
        properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        assert not set(schema.get("required", [])) - set(value), (where, value)
        for key, part in value.items():
            assert key in properties or more, (where, key)
            self.check(part, properties.get(key, more if isinstance(more, dict) else {}), f"{where}.{key}")

    def fits(self, value, schema):
        try:
            self.check(value, schema)
        except AssertionError:
            return False
        return True

    def request_of(self, op):
        return self.document["paths"][f"/v1/{op}"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    def answer_of(self, op, code):
        responses = self.document["paths"][f"/v1/{op}"]["post"]["responses"]
        response = self.resolve(responses.get(str(code), responses["default"]))
        return response["content"]["application/json"]["schema"]


def check_the_table(description):
    """The keys of src/app/protocol.c, which refuses all others, and of the plan that `create` may give over HTTP."""
    with open(f"{SOURCE}/src/app/protocol.c", encoding="utf-8") as file:
        table = re.search(r"operations\[\] = \{\n(.*?)^\};", file.read(), re.S | re.M)[1]
    operations = {}
    for name, keys in re.findall(r'\{\s*"(\w+)",\s*hn_op_\w+,\s*\{(.*?)\}', table, re.S):
        operations[name] = set(re.findall(r'"(\w+)"', keys))
    assert len(operations) >= 12 and "noise" in operations["tell"], operations
    with open(f"{SOURCE}/src/app/protocol_study.c", encoding="utf-8") as file:
        text = file.read()
    search = set(re.findall(r'"(\w+)"', re.search(r"belongs_to_search.*?keys\[\] = \{(.*?)\};", text, re.S)[1]))
    remote = set(re.findall(r'"(\w+)"', re.search(r"check_remote.*?keys\[\] = \{(.*?)\};", text, re.S)[1]))
    operations["create"] = (search | remote) - {"op", "id", "study", "storage"}
    described = {path.removeprefix("/v1/") for path, item in description.document["paths"].items() if "post" in item}
    assert described == set(operations), described ^ set(operations)
    for op, keys in operations.items():
        schema = description.request_of(op)
        found = set(schema["properties"])
        assert found == keys | {"op", "id", "study", "storage"}, (op, found ^ (keys | {"op", "id", "study", "storage"}))
        assert schema["additionalProperties"] is False and op in description.document["paths"][f"/v1/{op}"]["post"]["operationId"]


class Asker:
    """Asks a server, and compares both the request and its answer with the description."""

    def __init__(self, server, description):
        self.server, self.description = server, description
        self.seen = {}  # keys of answers, by operation

    def __call__(self, op, code=200, valid=True, **body):
        assert self.description.fits(body, self.description.request_of(op)) == valid, (op, body)
        found, answer, _ = self.server.post(op, body)
        assert found == code, (op, body, found, answer)
        self.description.check(answer, self.description.answer_of(op, code), op)
        if code == 200:
            self.seen.setdefault(op, set()).update(answer)
        return answer


def ask_everything(ask):
    """Each field that an answer can have comes once, but for those that need a study of another kind."""
    ask("create", study="s", goal="minimize loss", space=SPACE, sampler="random", pruner={"threshold": {"upper": 10}}, seed=1, trials=9)
    ask("ask", study="s", id="one")
    ask("ask", study="s", n=3)
    ask("ask", study="s", fixed={"x": 0.5, "kind": None})
    ask("report", study="s", trial=0, step=1, value="nan")
    assert ask("report", study="s", trial=0, step=2, value=11)["prune"]
    ask("heartbeat", study="s", trial=0)
    ask("tell", study="s", trial=0, state="pruned")
    ask("tell", study="s", trial=1, values=[0.5], constraints=[-1, "-inf"], attrs={"a": {"b": [1, None]}}, noise=0.1)
    ask("tell", study="s", trial=2, state="failed", message="it broke")
    assert ask("tell", study="s", trial=3, value="nan")["state"] == "failed"
    ask("enqueue", study="s", params={"x": 1, "kind": True})
    ask("attr", study="s", key="note", value={"deep": [1.5]})
    ask("attr", study="s", key="note")
    ask("attr", study="s", key="k", trial=4, value=3)
    ask("best", study="s")
    ask("best", study="s", n=2)
    ask("trials", study="s")
    ask("trials", study="s", offset=1, limit=2, sort="-number")
    ask("trials", study="s", filter="x < 2", state="complete")
    ask("studies")
    ask("stop", study="s", reason="enough")
    assert ask("ask", study="s")["done"]
    ask("create", study="two", goal=["minimize a", "maximize b"], space=SPACE, search={"sampler": "random", "seed": 1})
    ask("tell", study="two", trial=ask("ask", study="two")["trial"], values=["inf", 1])
    ask("best", study="two")
    ask("delete", study="two")
    ask("ask", study="two", code=404)
    ask("ask", study="s", m=1, code=400, valid=False)
    ask("tell", study="s", trial=0, value=1, code=409)
    ask("create", study="t", goal="minimize x", command="true", code=403, valid=False)


def ask_schedulers(ask):
    """Pauses and resumes, clones, waiting."""
    ask("create", study="paused", goal="minimize loss", space=SPACE, seed=1, sampler="random", trials=4,
        pruner={"asha": {"max_resource": 4, "factor": 2, "min_resource": 1}})
    for _ in range(40):
        asked = ask("ask", study="paused")
        if "done" in asked:
            break
        for step in range(asked.get("resume_step", 0) + 1, asked["budget"] + 1):
            report = ask("report", study="paused", trial=asked["trial"], step=step, value=asked["trial"] / step)
            if report.get("pause") or report["prune"]:
                break
        paused = report.get("pause", False)
        if paused or report["prune"]:
            ask("tell", study="paused", trial=asked["trial"], state="paused" if paused else "pruned")
        else:
            ask("tell", study="paused", trial=asked["trial"], value=1)
    ask("trials", study="paused")
    ask("create", study="waits", goal="minimize loss", space=SPACE, seed=1, sampler="random", lag=0)
    ask("ask", study="waits")
    assert "wait_ms" in ask("ask", study="waits")


def check_that_all_was_seen(description, seen):
    for op, keys in seen.items():
        described = set(description.answer_of(op, 200)["properties"])
        missing = described - keys - {"id"} - ({"parent"} if op == "ask" else set())
        assert not missing, (op, missing)
    assert set(seen) == {path.removeprefix("/v1/") for path in description.document["paths"] if "openapi" not in path}


def main():
    with open(f"{SOURCE}/docs/openapi.json", encoding="utf-8") as file:
        description = Description(json.load(file))
    check_the_table(description)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with serving("--storage", "sqlite:///s.db") as server:
            with server.connect() as connection:
                connection.request("GET", "/v1/openapi.json")
                assert json.load(connection.getresponse()) == description.document, "the server has another one"
            ask = Asker(server, description)
            ask_everything(ask)
            ask_schedulers(ask)
            check_that_all_was_seen(description, ask.seen)
        os.chdir("/")


main()
