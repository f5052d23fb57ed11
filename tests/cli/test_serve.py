#!/usr/bin/python3
"""`hone serve --stdio`: a session kept by a file, by several at once, and after a kill."""

import json
import os
import subprocess
import tempfile

from hone_test import PATIENCE, PROGRAM, hone

SPACE = {"x": {"float": [-1, 1]}, "kind": {"choice": ["a", 2, None]}}


class Session:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([PROGRAM, "serve", "--stdio", *arguments], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def raw(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __call__(self, op, **fields):
        return self.raw(json.dumps({"op": op, **fields}))

    def good(self, op, **fields):
        answer = self(op, **fields)
        assert answer["ok"], answer
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(timeout=PATIENCE) == 0


def check_two_sessions():
    first, second = Session(), Session()
    for session in (first, second):
        session.good("create", study="s", goal=["minimize loss"], space=SPACE, sampler="random", seed=1)
    asked = [session.good("ask", study="s") for session in (first, second, first)]
    assert [a["trial"] for a in asked] == [0, 1, 2]
    assert len({json.dumps(a["params"]) for a in asked}) == 3, "each proposal knows of the others"
    # A trial may be told by another session than the one that asked.
    second.good("report", study="s", trial=0, step=1, value=0.5, lease=asked[0]["lease"])
    second.good("tell", study="s", trial=0, values=[0.25], lease=asked[0]["lease"])
    answer = first("tell", study="s", trial=0, values=[0.25])
    assert not answer["ok"] and answer["error"]["status"] == "conflict", answer
    first.good("tell", study="s", trial=2, values=[0.125])
    assert second.good("best", study="s")["trial"] == 2
    assert second.good("trials", study="s")["total"] == 3
    first.close()
    second.close()


def check_redefinition():
    session = Session()
    held = session.good("ask", study="s")
    session.good("create", study="s", goal=["minimize loss"], space={**SPACE, "x": {"float": [-2, 2]}}, sampler="random")
    session.good("tell", study="s", trial=held["trial"], values=[3], lease=held["lease"])
    answer = session("create", study="s", goal=["minimize loss"], space={**SPACE, "x": {"int": [0, 9]}})
    assert answer["error"]["status"] == "exists" and "x" in answer["error"]["message"], answer
    answer = session("create", study="s", goal=["maximize loss"], space=SPACE)
    assert answer["error"]["status"] == "exists", answer
    assert session.good("ask", study="s")["trial"] == held["trial"] + 1, "the study is still there"
    session.close()


def check_a_killed_session():
    session = Session()
    asked = session.good("ask", study="s")
    session.process.kill()
    session.process.wait()
    session.process.stdin.close()
    session.process.stdout.close()
    session = Session()
    # Asked by hand: nobody says it is dead but its owner, who may still tell it.
    session.good("tell", study="s", trial=asked["trial"], values=[9], lease=asked["lease"])
    session.close()


def check_bad_lines():
    session = Session("--storage", "memory:")
    assert session.raw("garbage")["error"]["status"] == "parse"
    assert session.raw('"text"')["error"]["status"] == "invalid"
    assert session.raw('{"op":"ask","op":"tell"}')["error"]["status"] == "parse"
    assert session.raw("[" * 100000)["error"]["status"] in ("parse", "limit")
    assert session("ask", study="s")["error"]["status"] == "not_found"
    assert session("ask", study="s", storage="sqlite:///absent.db")["error"]["status"] == "not_found"
    assert session("ask", study="s", storage="sqlit:///x.db")["error"]["status"] == "invalid"
    assert session.good("studies", id=[1, {"a": None}])["id"] == [1, {"a": None}]
    near = session("ask", study="t", storage="sqlite:///hone.db")["error"]
    assert near["status"] == "not_found" and "s" in near["message"], near
    session.close()
    assert not os.path.exists("absent.db")


def check_the_end():
    result = hone("serve", "--stdio", input='{"op":"studies"}')
    assert result.returncode == 0 and json.loads(result.stdout)["ok"], result
    assert hone("serve").returncode == 2
    closed = subprocess.Popen([PROGRAM, "serve", "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    closed.stdout.close()
    closed.stdin.write(b'{"op":"studies"}\n')
    closed.stdin.close()
    assert closed.wait(timeout=PATIENCE) is not None


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        check_two_sessions()
        check_redefinition()
        check_a_killed_session()
        check_bad_lines()
        check_the_end()
        os.chdir("/")


main()
