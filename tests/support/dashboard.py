"""Studies to look at, and `hone dashboard` for the time of a test."""

import contextlib
import http.client
import json
import math
import os
import random
import re
import signal
import subprocess
import urllib.parse

from hone_test import PATIENCE, PROGRAM, hone, skip

HOSTILE = "<script>alert(1)</script>"
LONG = "study " + "of a long name " * 12


class Session:
    """`hone serve --stdio` on a storage: operations one after the other."""

    def __init__(self, storage):
        self.process = subprocess.Popen([PROGRAM, "serve", "--stdio", "--storage", storage], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"})

    def __call__(self, op, **body):
        self.process.stdin.write(json.dumps({"op": op, **body}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert answer["ok"], (op, body, answer)
        return answer

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0


SPACE = {"lr": {"float": [1e-5, 0.1], "log": True}, "layers": {"int": [1, 6]}, "dropout": {"float": [0, 0.6]},
         "optimizer": {"choice": ["adam", "sgd", "rmsprop"]}}


def value_of(params, noise):
    """Smaller is better; lr matters most."""
    off = math.log10(params["lr"]) + 3
    return (0.1 + 0.2 * off * off + 0.05 * abs(params["layers"] - 3) + 0.3 * params["dropout"] ** 2
            + {"adam": 0, "sgd": 0.1, "rmsprop": 0.05}[params["optimizer"]] + noise)


def train(session, study, n, generator, reports=True):
    """Trials with curves; some are pruned or fail, one stays running."""
    for i in range(n):
        asked = session("ask", study=study)
        value = value_of(asked["params"], 0.02 * generator.random())
        told = {"study": study, "trial": asked["trial"]}
        if i % 23 == 7:
            session("tell", **told, state="failed", message="out of memory: <b>3 GB</b> of 2 GB")
            continue
        steps = (3 if i % 6 == 5 else 10) if reports else 0
        for step in range(1, steps + 1):
            session("report", **told, step=step, value=value + 1.5 / step + 0.02 * generator.random())
        if steps == 3:
            session("tell", **told, state="pruned")
        else:
            session("tell", **told, values=[value], attrs={"epochs": steps, "note": "seed & <i>sign</i>"})


def make_studies(storage, n=120):
    """digits, wide (60 parameters), front (two goals), one with a hostile name, one with a long one, an empty one."""
    generator = random.Random(1)
    session = Session(storage)
    session("create", study="digits", goal=["minimize loss"], space=SPACE, sampler="random", seed=1)
    train(session, "digits", n, generator)
    session("ask", study="digits")
    session("create", study="digits tpe", goal=["minimize loss"], space=SPACE, sampler="tpe", seed=2)
    train(session, "digits tpe", n // 2, generator, reports=False)
    session("create", study="front", goal=["minimize loss", "maximize speed"], space={"x": {"float": [0, 1]}, "y": {"float": [0, 1]}},
            sampler="random", seed=3)
    for _ in range(n // 3):
        asked = session("ask", study="front")
        x, y = asked["params"]["x"], asked["params"]["y"]
        session("tell", study="front", trial=asked["trial"], values=[x + 0.2 * y, x * (1 - y) + 0.3 * x])
    session("create", study="wide", goal=["maximize score"], space={f"p{i}": {"float": [0, 1]} for i in range(60)}, sampler="random", seed=4)
    for _ in range(20):
        asked = session("ask", study="wide")
        session("tell", study="wide", trial=asked["trial"], values=[sum(asked["params"].values())])
    for name in (HOSTILE, LONG):
        session("create", study=name, goal=["minimize <img src=x onerror=alert(2)>"],
                space={"<b>bold</b>": {"float": [0, 1]}, "kind": {"choice": ["<u>a</u>", "b & c", "\u05d0\u05d1\u05d2", "\U0001f600"]}},
                sampler="random", seed=5)
        for _ in range(8):
            asked = session("ask", study=name)
            session("tell", study=name, trial=asked["trial"], values=[asked["params"]["<b>bold</b>"]], attrs={"<a>": "<svg onload=alert(3)>"})
    session("create", study="nothing yet", goal=["minimize loss"], space={"x": {"float": [0, 1]}}, sampler="random", seed=6)
    session.close()


def quoted(study):
    return urllib.parse.quote(study, safe="")


class Dashboard:
    """`hone dashboard` on a free port."""

    def __init__(self, storage, *arguments, token=None, env=None):
        command = [PROGRAM, "dashboard", "-s", storage, "--listen", "127.0.0.1:0", "--request-timeout", "1h", "--idle-timeout", "1h",
                   *arguments]
        self.process = subprocess.Popen(command, text=True, env={**os.environ, "LC_ALL": "C", **(env or {})}, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        found = re.match(r"dashboard at (http://127\.0\.0\.1:(\d+))/(\S*)$", line)
        if not found:
            error = self.process.stderr.read()
            self.process.wait(PATIENCE)
            if "built without the dashboard" in error:
                skip("this hone was built without the dashboard (no Node)")
            raise AssertionError((line, error))
        self.url, self.port, self.after = found[1], int(found[2]), found[3]
        self.token = token

    @contextlib.contextmanager
    def request(self, path, method="GET", body=None, **headers):
        """The response, and its connection until the end."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            fields.setdefault("Authorization", f"Bearer {self.token}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, fields)
            yield connection.getresponse()
        finally:
            connection.close()

    def ask(self, path, method="GET", body=None, **headers):
        """(status, answer, headers); the answer is bytes when it is no JSON."""
        if body is not None:
            headers.setdefault("Content_Type", "application/json")
            body = json.dumps(body)
        with self.request(path, method, body, **headers) as response:
            content, kind = response.read(), response.getheader("Content-Type") or ""
            return response.status, json.loads(content) if content and kind.startswith("application/json") else content, dict(response.getheaders())

    def get(self, path):
        """The answer to a request that must go well."""
        status, answer, _ = self.ask(path)
        assert status == 200, (path, status, answer)
        return answer

    def stop(self):
        """What it wrote to standard error; it must end well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        out, error = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, (self.process.returncode, out, error)
        return error


@contextlib.contextmanager
def dashboard(storage, *arguments, **options):
    server = Dashboard(storage, *arguments, **options)
    try:
        yield server
    except BaseException:
        server.process.kill()
        print(server.process.communicate(timeout=PATIENCE))
        raise
    server.stop()


def require_dashboard():
    """Skips the script when hone was built without the dashboard."""
    result = hone("dashboard", "-s", "sqlite:////nowhere/at/all.db")
    if "built without the dashboard" in result.stderr:
        skip("this hone was built without the dashboard (no Node)")
