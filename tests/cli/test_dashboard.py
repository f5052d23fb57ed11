#!/usr/bin/python3
"""`hone dashboard`: what its server answers, to whom, and what it refuses. The pages are in tests/browser."""

import json
import os
import re
import sqlite3
import subprocess
import tempfile

from dashboard import HOSTILE, LONG, Session, dashboard, make_studies, quoted, require_dashboard
from hone_test import hone, refuse


def trials_shown(*arguments):
    return json.loads(hone("trials", "s.db", "--study", "digits", "--json", *arguments).stdout)


def check_studies(server):
    answer = server.get("/api/info")
    assert answer["edit"] is False and answer["storage"].endswith("s.db") and re.match(r"\d+\.\d+", answer["version"]), answer
    listed = {line["study"]: line for line in server.get("/api/studies")["studies"]}
    assert set(listed) == {"digits", "digits tpe", "front", "wide", HOSTILE, LONG, "nothing yet"}, listed
    assert listed["digits"]["trials"] == 61 and listed["front"]["directions"] == ["minimize", "maximize"], listed
    shown = json.loads(hone("study", "show", "s.db", "--study", "digits", "--json").stdout)
    summary = server.get("/api/studies/digits")["summary"]
    assert summary["total"] == 61 and summary["best"]["trial"] == shown["best_trial"] and summary["best"]["values"] == [shown["best"]], summary
    assert {s: n for s, n in summary["counts"].items() if s != "paused"} == shown["states"], (summary["counts"], shown["states"])
    assert [p["name"] for p in summary["params"]] == ["lr", "layers", "dropout", "optimizer"], summary["params"]
    assert summary["params"][0]["log"] is True and summary["params"][3]["choices"] == ["adam", "sgd", "rmsprop"], summary["params"]
    front = server.get("/api/studies/front")["summary"]
    expected = [t["trial"] for t in json.loads(hone("best", "s.db", "--study", "front", "--json", "-n", "100").stdout)]
    assert front["front"] == expected and "best" not in front, (front, expected)
    nothing = server.get("/api/studies/nothing%20yet")["summary"]
    assert nothing["total"] == 0 and "best" not in nothing and nothing["params"][0]["name"] == "x", nothing
    both = server.get("/api/compare?study=digits&study=digits+tpe")["studies"]
    assert [s["study"] for s in both] == ["digits", "digits tpe"]
    for study in both:
        values = [value for _, value in study["progress"]]
        assert values == sorted(values, reverse=True) and values[-1] == study["best"]["values"][0], study["progress"]


def check_trials(server):
    def numbers(query):
        return [t["trial"] for t in server.get(f"/api/studies/digits/trials?{query}")["trials"]]

    assert numbers("limit=3") == [0, 1, 2] and numbers("limit=3&sort=-number&offset=1") == [59, 58, 57]
    for option, query in ((["--sort", "value"], "sort=value"), (["--sort", "-lr"], "sort=-lr"),
                          (["--filter", "lr < 0.001 and optimizer == adam"], "filter=lr+%3C+0.001+and+optimizer+%3D%3D+adam"),
                          (["--state", "pruned,failed"], "state=pruned,failed"), (["--sort", "duration", "--state", "complete"], "sort=duration&state=complete")):
        expected = [t["trial"] for t in trials_shown(*option)]
        assert numbers(query + "&limit=1000") == expected, (query, expected)
        assert numbers(query + "&limit=5&offset=5") == expected[5:10], query
    page = server.get("/api/studies/digits/trials?filter=state+%3D%3D+pruned&limit=1")
    assert page["total"] == 61 and page["matched"] == len(trials_shown("--state", "pruned")), page
    assert page["trials"][0]["steps"] == 3 and "reports" not in page["trials"][0], page
    whole = server.get("/api/studies/digits/trials/3")
    assert whole["trial"] == trials_shown()[3] and whole["log"] is False, whole
    named = server.get("/api/studies/digits/trials?numbers=9,3")["trials"]
    assert named == [trials_shown()[9], trials_shown()[3]], named
    hostile = server.get(f"/api/studies/{quoted(HOSTILE)}/trials/1")["trial"]
    assert hostile["attrs"]["<a>"] == "<svg onload=alert(3)>", hostile


def check_figures(server):
    kinds = {kind["kind"]: kind for kind in server.get("/api/figures")["kinds"]}
    assert kinds["history"]["several"] is True, kinds
    drawn = json.loads(hone("plot", "history", "s.db", "--study", "digits", "--json").stdout)
    status, page, headers = server.ask("/api/studies/digits/figures/history")
    assert status == 200 and page == drawn, (page, drawn)
    status, content, _ = server.ask("/api/studies/digits/figures/history", If_None_Match=headers["ETag"])
    assert status == 304 and content == b"", (status, content)
    for kind in kinds:  # of a study without trials, of several goals, of sixty parameters
        for study in ("nothing yet", "front", "wide", HOSTILE):
            status, page, _ = server.ask(f"/api/studies/{quoted(study)}/figures/{kind}")
            assert status == 200 and page["figures"] or status == 400, (kind, study, status, page)
    ways = [server.get(f"/api/studies/digits/figures/importance?method={method}")["figures"][0]["note"] for method in ("fanova", "ped_anova")]
    assert ways[0] != ways[1], ways
    some = server.get("/api/studies/digits/figures/slice?param=lr&param=dropout")["figures"]
    assert [f["x"]["title"] for f in some] == ["lr", "dropout"], some
    assert len(server.get("/api/studies/digits/figures/slice?limit=1")["figures"]) == 1
    several = server.get("/api/figures/history?study=digits&study=digits+tpe")
    assert {s.get("name") for f in several["figures"] for s in f["series"]} >= {"digits", "digits tpe"}, several


def check_refusals(server):
    for path, code, says in (
            ("/api/studies/nope", 404, "nope"), ("/api/studies/digits/trials/99", 404, "99"), ("/api/studies/digits/trials/x", 400, "'x'"),
            ("/api/studies/digits/trials?limit=0", 400, "limit"), ("/api/studies/digits/trials?limit=1001", 400, "limit"),
            ("/api/studies/digits/trials?offset=-1", 400, "offset"), ("/api/studies/digits/trials?filter=lr+%3C", 400, "filter"),
            ("/api/studies/digits/trials?sort=lrr", 404, "lr"), ("/api/studies/digits/trials?state=gone", 400, "gone"),
            ("/api/studies/digits/trials?numbers=1,x", 400, "numbers"), ("/api/studies/digits/figures/histori", 404, "history"),
            ("/api/studies/digits/trials/3/log", 404, "log"), ("/api/studies/digits/changes?since=x", 400, "since"),
            ("/api/studies/digits/figures/slice?param=nope", 404, "nope"), ("/api/studies/digits/figures/slice?limit=0", 400, "limit"),
            ("/api/studies/%ff", 404, "nothing"), ("/api/studies/%0", 404, "nothing"), ("/api/studies/a%00b", 404, "nothing"),
            ("/api/", 404, "nothing"), ("/api/studies/a/b/c/d/e/f", 404, "nothing"), ("/../../etc/passwd", 404, "nothing"), ("/assets/x.js", 404, "nothing"),
            ("/api/compare?study=nope", 404, "nope")):
        status, answer, _ = server.ask(path)
        assert status == code and says in answer["error"]["message"], (path, status, answer)
    for path, method in (("/api/studies", "POST"), ("/api/studies/digits/note", "GET"), ("/", "POST"), ("/api/events", "DELETE")):
        status, answer, headers = server.ask(path, method)
        assert status == 405 and headers["Allow"], (path, method, status, answer)
    status, answer, _ = server.ask("/api/studies/digits/note", "POST", {"text": "x", "version": 0})
    assert status == 403 and "--allow-edit" in answer["error"]["message"], (status, answer)
    status, _, _ = server.ask("/api/studies", Host="evil.example")
    assert status == 421, status
    status, _, _ = server.ask("/api/studies", Origin="http://evil.example")
    assert status == 403, status


def check_pages(server):
    status, page, headers = server.ask("/")
    assert status == 200 and headers["Content-Encoding"] == "gzip" and headers["Content-Type"].startswith("text/html"), headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "style-src 'self';" in policy and "unsafe" not in policy, policy
    assert headers["X-Frame-Options"] == "DENY" and headers["Referrer-Policy"] == "no-referrer" and headers["X-Content-Type-Options"] == "nosniff"
    text = subprocess.run(["gzip", "-d"], input=page, capture_output=True, check=True).stdout.decode()
    assert "<style" not in text and not re.search(r"<script[^>]*>[^<]", text) and " style=" not in text, text
    assets = re.findall(r'(?:src|href)="(/assets/[^"]+)"', text)
    assert len(assets) >= 2, text
    for path in assets:
        status, content, headers = server.ask(path)
        assert status == 200 and "immutable" in headers["Cache-Control"] and content, (path, headers)
        assert server.ask(path, If_None_Match=headers["ETag"])[0] == 304
    assert server.ask("/", If_None_Match=server.ask("/")[2]["ETag"])[0] == 304
    assert server.ask("/", "HEAD")[1] == b""
    status, _, headers = server.ask("/api/studies/digits")
    assert headers["Content-Security-Policy"] == policy and headers["Cache-Control"] == "no-cache", headers


def next_event(response):
    event = {}
    while line := response.readline().decode().strip("\n"):
        if line.startswith(":"):
            response.readline()
            continue
        key, value = line.split(": ", 1)
        event[key] = value
    return event["event"], json.loads(event["data"])


def check_events(server):
    """What another process tells comes by itself, and says what changed."""
    session = Session("sqlite:///s.db")
    with server.request("/api/events?study=digits") as response:
        assert response.status == 200 and response.getheader("Content-Type") == "text/event-stream"
        event, first = next_event(response)
        assert event == "state" and first["total"] == 61, (event, first)
        trial = session("ask", study="digits")["trial"]
        session("tell", study="digits", trial=trial, values=[0.01])
        state = first
        while state["counts"]["complete"] == first["counts"]["complete"]:
            event, state = next_event(response)
            assert event == "state", event
        assert state["total"] == 62 and state["best"]["trial"] == trial and state["revision"] > first["revision"], state
        changes = server.get(f"/api/studies/digits/changes?since={first['revision']}")
        assert changes["reset"] is False and trial in [t["trial"] for t in changes["trials"]], changes
        assert len(changes["trials"]) <= 3, changes
        assert server.get("/api/studies/digits/changes?since=0")["reset"] is True
        with server.request("/api/events") as studies:
            assert next_event(studies)[0] == "studies"
        session("delete", study="digits")
        while event == "state":
            event, _ = next_event(response)
        assert event == "gone", event
    assert server.ask("/api/studies/digits")[0] == 404
    session("create", study="digits", goal=["maximize score"], space={"x": {"float": [0, 1]}}, sampler="random", seed=1)
    assert server.get("/api/studies/digits")["summary"]["objectives"] == [{"name": "score", "direction": "maximize"}]
    session.close()


def check_note():
    with dashboard("sqlite:///s.db", "--allow-edit") as server:
        path = f"/api/studies/{quoted(HOSTILE)}/note"
        for version, text in enumerate(("short", "long \u00e9\U0001f600 <b>\n" * 500, "", "again")):
            status, answer, _ = server.ask(path, "POST", {"text": text, "version": version})
            assert status == 200 and answer["note"] == {"text": text, "version": version + 1}, (status, answer)
            assert server.get(f"/api/studies/{quoted(HOSTILE)}")["summary"]["note"] == answer["note"]
            rows = dict(sqlite3.connect("s.db").execute("select key, value_json from study_system_attributes where key like 'dashboard:%'"))
            pieces = [json.loads(rows[f"dashboard:note_str:{i}"]) for i in range(len(rows) - 1)]  # as Optuna's dashboard reads them
            assert "".join(pieces) == text and rows["dashboard:note_ver"] == str(version + 1), rows
        status, answer, _ = server.ask(path, "POST", {"text": "late", "version": 1})
        assert status == 409 and "changed meanwhile" in answer["error"]["message"], (status, answer)
        assert server.ask(path, "POST", {"text": 3, "version": 4})[0] == 400
        assert server.ask(path, "POST", [])[0] == 400
        assert server.ask(path, "POST", {"text": "x", "version": 4}, Content_Type="text/plain")[0] == 400
        assert server.ask(path, "POST", {"text": "x", "version": 4}, Origin="http://evil.example")[0] == 403


def check_token():
    with dashboard("sqlite:///s.db", "--new-token", "tokens.txt") as server:
        token = re.match(r"#token=([0-9a-f]{64})$", server.after)[1]
        assert token not in open("tokens.txt", encoding="utf-8").read()
        assert server.ask("/")[0] == 200, "the page that asks for the token"
        for path in ("/api/info", "/api/studies", "/api/events", "/api/nothing"):
            assert server.ask(path)[0] == 401 and server.ask(path, Authorization="Bearer " + "0" * 64)[0] == 401, path
        assert server.ask("/api/studies", Authorization=f"Bearer {token}")[0] == 200
    refuse("dashboard", "-s", "sqlite:///s.db", "--listen", "0.0.0.0:0", code=2, says="token")


def check_log():
    """The log of a program that hone ran."""
    hone("tune", "-s", "sqlite:///logs.db", "--study", "logged", "-g", "minimize loss", "-p", "x: {float: [0, 1]}", "-n", "1", "-q", "--", "sh", "-c",
         "echo '<i>saying</i> something'; echo loss: {x}")
    with dashboard("sqlite:///logs.db") as server:
        answer = server.get("/api/studies/logged/trials/0")
        assert answer["log"] is True, answer
        status, text, headers = server.ask("/api/studies/logged/trials/0/log")
        assert status == 200 and b"<i>saying</i> something" in text and headers["Content-Type"].startswith("text/plain"), (status, text)


def check_optuna():
    python = subprocess.run([os.path.join(os.environ["HONE_SOURCE_DIR"], "tools", "peers.sh")], capture_output=True, text=True)
    if python.returncode:
        print("without Optuna:", python.stderr.strip())
        return
    subprocess.run([python.stdout.strip(), "-c", """
import optuna
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(storage="sqlite:///optuna.db", study_name="theirs", direction="maximize")
study.optimize(lambda t: t.suggest_float("a", 0, 1) + t.suggest_categorical("b", [1, 2]), n_trials=7)
study.set_user_attr("x", 1)
study._storage.set_study_system_attr(study._study_id, "dashboard:note_ver", 2)
study._storage.set_study_system_attr(study._study_id, "dashboard:note_str:0", "one ")
study._storage.set_study_system_attr(study._study_id, "dashboard:note_str:1", "two")
"""], check=True, capture_output=True)
    with dashboard("sqlite:///optuna.db") as server:
        summary = server.get("/api/studies/theirs")["summary"]
        assert summary["total"] == 7 and [p["name"] for p in summary["params"]] == ["a", "b"], summary
        assert summary["note"] == {"text": "one two", "version": 2}, summary
        assert server.get("/api/studies/theirs/trials?sort=value&limit=1")["trials"][0]["trial"] == summary["best"]["trial"]
        assert server.get("/api/studies/theirs/figures/history")["figures"]


def main():
    require_dashboard()
    make_studies("sqlite:///s.db", 60)
    with dashboard("sqlite:///s.db") as server:
        check_studies(server)
        check_trials(server)
        check_figures(server)
        check_refusals(server)
        check_pages(server)
        check_events(server)
    check_note()
    check_token()
    check_log()
    check_optuna()
    refuse("dashboard", "-s", "sqlite:///none.db", code=3, says="none.db")
    refuse("dashboard", "-s", "memory:", code=2, says="its own process")
    refuse("dashboard", "-s", "sqlite:///s.db", "--rate", "x", code=2, says="--rate")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["LC_ALL"] = "C"
        main()
