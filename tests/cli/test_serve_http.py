#!/usr/bin/python3
"""`hone serve --http`: many clients and studies, identifiers, tokens, a clean end."""

import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
import threading

from hone_http import Server, ask, read_all, serving
from hone_test import PATIENCE, PROGRAM, hone, refuse

SPACE = {"x": {"float": [-1, 1]}, "kind": {"choice": ["a", 2, None]}}
STUDY = {"goal": ["minimize loss"], "space": SPACE, "sampler": "random", "seed": 1}


def check_operations():
    with serving("--storage", "memory:") as server:
        assert server.good("create", study="s", **STUDY) == {"ok": True, "study": "s"}
        asked = server.good("ask", study="s", id=[1, None])
        assert asked["trial"] == 0 and asked["id"] == [1, None] and set(asked["params"]) == {"x", "kind"}
        assert server.good("report", study="s", trial=0, step=1, value="inf")["prune"] is False
        server.good("tell", study="s", trial=0, values=[0.25], lease=asked["lease"])
        assert server.good("best", study="s")["values"] == [0.25]
        assert len(server.good("ask", study="s", n=3)["trials"]) == 3
        assert server.post("studies", b"")[1]["studies"][0]["trials"] == 4
        code, answer, _ = server.post("tell", {"study": "s", "trial": 0, "values": [1]})
        assert code == 409 and answer["error"]["status"] == "conflict", answer
        for op, body, code, status in [
            ("ask", {"study": "absent"}, 404, "not_found"),
            ("ask", {"study": 3}, 400, "invalid"),
            ("ask", {"study": "s", "op": "tell"}, 400, "invalid"),
            ("ask", {"study": "s", "m": 3}, 400, "invalid"),
            ("ask", b"[]", 400, "invalid"),
            ("ask", b"{", 400, "parse"),
            ("ask", b'{"study":"\xff"}', 400, "parse"),
            ("ask", b'{"study":"s","study":"s"}', 400, "parse"),
            ("ask", b"[" * 100000, 413, "limit"),
            ("tell", b'{"study":"s","trial":1e400,"value":1}', 400, "invalid"),
            ("tell", b'{"study":"s","trial":99999999999999999999,"value":1}', 400, "invalid"),
            ("asks", {"study": "s"}, 404, "not_found"),
            ("", {"study": "s"}, 404, "not_found"),
            ("create", {"study": "s", **STUDY, "goal": "maximize loss"}, 409, "exists"),
        ]:
            found, answer, _ = server.post(op, body)
            assert answer["ok"] is False and answer["error"]["message"], (op, body, answer)
            assert (found, answer["error"]["status"]) == (code, status), (op, str(body)[:80], found, answer)


def check_methods():
    with serving("--storage", "memory:") as server:
        for method, path, code, allow in [("GET", "/v1/ask", 405, "POST"), ("DELETE", "/v1/ask", 405, "POST"),
                                          ("POST", "/v1/openapi.json", 405, "GET, HEAD"), ("GET", "/", 404, None),
                                          ("GET", "/v1/../etc/passwd", 404, None), ("GET", "/v1/ask?x=1", 405, "POST")]:
            with server.connect() as connection:
                connection.request(method, path)
                response = connection.getresponse()
                assert response.status == code and response.getheader("Allow") == allow, (method, path, response.status)
                assert json.loads(response.read())["ok"] is False
        with server.connect() as connection:
            connection.request("HEAD", "/v1/openapi.json")
            response = connection.getresponse()
            assert response.status == 200 and int(response.getheader("Content-Length")) > 1000 and not response.read()
            code, answer, _ = ask(connection, "studies", {})  # the connection goes on
            assert code == 200, answer
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", None):
            code, answer, _ = server.post("studies", {}, Content_Type=kind)
            assert code == 415 and "application/json" in answer["error"]["message"], (kind, code, answer)
        assert server.post("studies", {}, Content_Type="Application/JSON; charset=utf-8")[0] == 200


def check_what_is_forbidden():
    """A client has no business with files and programs of the server's machine."""
    with serving("--storage", "sqlite:///own.db") as server:
        own = {"study": "s", **STUDY}
        for extra in ({"command": "rm -rf x"}, {"data": "/etc/passwd"}, {"model": "svm"}, {"storage": "sqlite:///other.db"},
                      {"learn_from": {"study": "t", "storage": "sqlite:///other.db"}},
                      {"search": {"learn_from": [{"study": "t", "storage": "sqlite:///other.db"}]}}):
            code, answer, _ = server.post("create", {**own, **extra})
            assert code == 403 and answer["error"]["status"] == "denied", (extra, code, answer)
        for op in ("ask", "studies", "delete", "best"):
            code, answer, _ = server.post(op, {**({} if op == "studies" else {"study": "s"}), "storage": "sqlite:///other.db"})
            assert code == 403, (op, code, answer)
        assert not os.path.exists("other.db")
        server.good("create", **own, storage="sqlite:///own.db")
        server.good("create", **{**own, "study": "m"}, storage="memory:")
        assert [s["study"] for s in server.good("studies")["studies"]] == ["s"]
        assert [s["study"] for s in server.good("studies", storage="memory:")["studies"]] == ["m"]


def run_client(server, number, told):
    study = f"s{number % 3}"
    with server.connect() as connection:
        for op, body in [("create", {"study": study, **STUDY})]:
            code, answer, _ = ask(connection, op, body)
            assert code == 200, answer
        for _ in range(20):
            code, asked, _ = ask(connection, "ask", {"study": study})
            assert code == 200, asked
            code, answer, _ = ask(connection, "report", {"study": study, "trial": asked["trial"], "step": 1, "value": 1})
            assert code == 200, answer
            code, answer, _ = ask(connection, "tell", {"study": study, "trial": asked["trial"], "value": asked["params"]["x"]})
            assert code == 200, answer
            told.append((study, asked["trial"], asked["params"]["x"]))


def check_many_clients(storage):
    """Twelve clients, three studies that each of them tries to make: every number once, every value there."""
    with serving("--storage", storage) as server:
        told = []
        clients = [threading.Thread(target=run_client, args=(server, i, told)) for i in range(12)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(PATIENCE)
        assert len(told) == 240 and len({(study, number) for study, number, _ in told}) == 240
        for name in ("s0", "s1", "s2"):
            page = server.good("trials", study=name, limit=1000)
            assert page["total"] == 80
            found = {(name, t["trial"], t["values"][0]) for t in page["trials"] if t["state"] == "complete"}
            assert found == {t for t in told if t[0] == name}


def check_identifiers():
    with serving("--storage", "memory:") as server:
        for study in ("s", "t"):
            server.good("create", study=study, **STUDY)
        first = server.post("ask", {"study": "s"}, Idempotency_Key="k1")
        again = server.post("ask", {"study": "s"}, Idempotency_Key="k1")
        assert first[1] == again[1] and first[2].get("Idempotent-Replayed") is None
        assert again[2]["Idempotent-Replayed"] == "true"
        assert server.post("ask", {"study": "s"}, Idempotency_Key="k2")[1]["trial"] == 1
        assert server.post("ask", {"study": "t"}, Idempotency_Key="k1")[1]["trial"] == 0, "of a study each"
        told = {"study": "s", "trial": 0, "values": [1], "id": "told-0"}
        assert server.post("tell", told)[:2] == server.post("tell", told)[:2] == (200, {"ok": True, "id": "told-0"})
        code, answer, _ = server.post("tell", {**told, "values": [2]})
        assert code == 409 and "told-0" in answer["error"]["message"], answer
        code, answer, _ = server.post("report", told)
        assert code == 409, answer
        # A number is repeated in the answer and names nothing: clients count from 1.
        assert server.good("ask", study="s", id=1)["trial"] != server.good("ask", study="s", id=1)["trial"]
        # What failed is tried again.
        assert server.post("tell", {"study": "s", "trial": 9, "values": [1]}, Idempotency_Key="early")[0] == 404
        while server.good("ask", study="s")["trial"] < 9:
            pass
        assert server.post("tell", {"study": "s", "trial": 9, "values": [1]}, Idempotency_Key="early")[0] == 200
        # What only reads is never an old answer.
        before = server.post("trials", {"study": "s"}, Idempotency_Key="page")[1]["total"]
        server.good("ask", study="s")
        assert server.post("trials", {"study": "s"}, Idempotency_Key="page")[1]["total"] == before + 1


def check_repetitions_at_once():
    """A request and its repetitions on other connections while it is in hand: one trial."""
    with serving("--storage", "sqlite:///once.db") as server:
        server.good("create", study="s", **STUDY)
        answers = []

        def repeat():
            answers.append(server.post("ask", {"study": "s", "id": "the same"})[1])

        threads = [threading.Thread(target=repeat) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(answers) == 8 and all(a == answers[0] for a in answers), answers
        assert server.good("trials", study="s")["total"] == 1


def check_repeated_tells_at_once():
    """Values that are told together are settled together; each repetition gets the first answer, and nothing is told twice."""
    with serving("--storage", "sqlite:///told.db") as server:
        server.good("create", study="s", **STUDY)
        trials = [server.good("ask", study="s")["trial"] for _ in range(6)]
        answers = []

        def tell(trial):
            answers.append((trial, *server.post("tell", {"study": "s", "trial": trial, "value": trial, "id": f"t{trial}"})[:2]))

        threads = [threading.Thread(target=tell, args=(trial,)) for trial in trials * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(answers) == 24 and all(code == 200 for _, code, _ in answers), answers
        for trial in trials:
            assert len({str(answer) for number, _, answer in answers if number == trial}) == 1
        page = server.good("trials", study="s", state="complete")
        assert [(t["number"] if "number" in t else t["trial"], t["values"][0]) for t in page["trials"]] == [(t, t) for t in trials]


def check_memory_of_answers():
    with serving("--storage", "memory:", "--remember", "1000") as server:
        server.good("create", study="s", **STUDY)
        first = server.post("ask", {"study": "s"}, Idempotency_Key="first")[1]
        for i in range(20):
            server.post("ask", {"study": "s"}, Idempotency_Key=f"later {i}")
        assert server.post("ask", {"study": "s"}, Idempotency_Key="later 19")[2]["Idempotent-Replayed"] == "true"
        assert server.post("ask", {"study": "s"}, Idempotency_Key="first")[1]["trial"] != first["trial"], "forgotten"


def check_tokens():
    server = subprocess.Popen([PROGRAM, "serve", "--http", "--listen", "0.0.0.0:0", "--storage", "memory:", "--new-token", "kept"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    port = int(server.stdout.readline().rsplit(":", 1)[1])
    token = server.stdout.readline().split()[-1]
    assert len(token) == 64
    kept = open("kept", encoding="ascii").read()
    assert kept.startswith("sha256:") and token not in kept and stat.S_IMODE(os.stat("kept").st_mode) == 0o600, kept
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as stream:
        stream.sendall(b"POST /v1/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert stream.recv(1000).startswith(b"HTTP/1.1 401 ")
    server.send_signal(signal.SIGTERM)
    out, error = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0 and token not in out + error

    with serving("--storage", "memory:", "--token-file", "kept", env={"HONE_TOKEN": "one's-own-token-1"}) as server:
        for authorization, code in [(f"Bearer {token}", 200), (f"bearer {token}", 200), ("Bearer one's-own-token-1", 200),
                                    (None, 401), ("Bearer ", 401), (f"Basic {token}", 401), (f"Bearer {token}0", 401),
                                    (f"Bearer {token[:-1]}", 401), (f"Bearer sha256:{kept[7:].strip()}", 401)]:
            found, answer, headers = server.post("studies", {}, Authorization=authorization)
            assert found == code, (authorization, found, answer)
            assert (headers.get("WWW-Authenticate") == "Bearer") == (code == 401)
            assert code == 200 or answer["error"]["status"] == "denied"
        with server.connect() as connection:
            connection.request("GET", "/v1/openapi.json")
            assert connection.getresponse().status == 401

    refuse("serve", "--http", "--listen", "0.0.0.0:0", code=2, says=["0.0.0.0", "--new-token"])
    refuse("serve", "--http", "--listen", "[::]:0", code=2, says="token")
    refuse("serve", "--http", "--listen", "127.0.0.1:0", "--new-token", "kept", code=2, says="kept is there already")
    with open("short", "w", encoding="ascii") as file:
        file.write("# mine\nabc\n")
    refuse("serve", "--http", "--token-file", "short", code=2, says=["short:2", "16"])
    with open("none", "w", encoding="ascii") as file:
        file.write("\n# nothing\n")
    refuse("serve", "--http", "--token-file", "none", code=2, says="no token")
    with open("damaged", "w", encoding="ascii") as file:
        file.write("sha256:12\n")
    refuse("serve", "--http", "--token-file", "damaged", code=2, says="64 hexadecimal")
    refuse("serve", "--http", "--token-file", "absent", code=3, says="absent")


def check_hosts_and_origins():
    with serving("--storage", "memory:", "--allow-host", "tune.example.org") as server:
        for host, code in [("localhost", 200), ("LOCALHOST:1", 200), ("127.0.0.1", 200), ("[::1]:8765", 200), ("10.1.2.3", 200),
                           ("tune.example.org", 200), ("Tune.Example.Org:443", 200), (socket.gethostname(), 200),
                           ("evil.example", 421), ("tune.example.org.evil.example", 421), ("evil-tune.example.org", 421),
                           ("127.0.0.1.evil.example", 421), ("", 421), ("[::1", 421), ("localhost:80:evil", 421),
                           ("[evil.example]", 421), ("localhost@evil.example", 421)]:
            found, answer, _ = server.post("studies", {}, Host=host)
            assert found == code, (host, found, answer)
        for origin, host, code in [("http://localhost:8765", "localhost:8765", 200), ("https://tune.example.org", "tune.example.org", 200),
                                   ("null", "localhost", 403), ("http://evil.example", "localhost", 403),
                                   ("http://localhost:1", "localhost:2", 403), ("http://localhost.evil.example", "localhost", 403)]:
            found, answer, _ = server.post("studies", {}, Host=host, Origin=origin)
            assert found == code, (origin, host, found, answer)


def check_options():
    for option, value in [("--max-body", "1"), ("--max-body", "1G"), ("--max-header", "x"), ("--max-connections", "0"), ("--rate", "-1"),
                          ("--rate", "many"), ("--request-timeout", "0"), ("--idle-timeout", "never"), ("--remember", "-1"),
                          ("--threads", "0"), ("--listen", "localhost:99999"), ("--listen", "[::1"), ("--listen", "example.org:80")]:
        refuse("serve", "--http", option, value, code=2, says=value.split(":")[0] if option == "--listen" else [option, value])
    assert hone("serve", "--http", "--stdio").returncode == 2
    with serving("--storage", "memory:") as server:
        taken = hone("serve", "--http", "--listen", f"127.0.0.1:{server.port}", "--new-token", "lost")
        assert taken.returncode == 4 and str(server.port) in taken.stderr, taken
        assert not os.path.exists("lost"), "a token that nobody saw"
    with serving("--storage", "memory:", "--rate", "0", "--threads", "1", "--idle-timeout", "1h") as server:
        server.good("studies")


def check_the_end():
    """What was asked is answered; connections that wait are closed; SQLite has everything."""
    for by in (signal.SIGTERM, signal.SIGINT):
        server = Server("--storage", "sqlite:///end.db")
        server.good("create", study="s", **STUDY)
        with server.connect() as idle:
            assert ask(idle, "studies", {})[0] == 200
            with server.connect() as connection:
                for _ in range(3):
                    trial = ask(connection, "ask", {"study": "s"})[1]["trial"]
                    assert ask(connection, "tell", {"study": "s", "trial": trial, "value": 1})[0] == 200
                # Half a request is there when the signal comes; the rest comes after it.
                body = json.dumps({"study": "s"}).encode()
                half = f"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                connection.sock.sendall(half.encode() + b"Expect: 100-continue\r\n\r\n")
                assert connection.sock.recv(100).startswith(b"HTTP/1.1 100 "), "the server has it in hand"
                server.process.send_signal(by)
                connection.sock.sendall(body)
                answer = b""
                while piece := connection.sock.recv(4096):
                    answer += piece
                assert answer.startswith(b"HTTP/1.1 200 ") and b'"trial":' in answer, answer
            assert idle.sock.recv(10) == b"", "an idle connection is closed"
        server.stop()
    with serving("--storage", "sqlite:///end.db") as server:
        found = server.good("studies")["studies"]
        assert found[0]["complete"] == 6 and found[0]["trials"] == 8, found


def check_the_second_signal():
    """Who sends half a request and no more is left at the second signal."""
    server = Server("--storage", "memory:")
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as stream:
        stream.sendall(b"POST /v1/studies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert stream.recv(100).startswith(b"HTTP/1.1 100 ")
        server.process.send_signal(signal.SIGTERM)
        try:
            while True:  # until nobody listens any more
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE).close()
        except ConnectionRefusedError:
            pass
        server.stop()
        assert read_all(stream) == b""


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        check_operations()
        check_methods()
        check_what_is_forbidden()
        check_many_clients("memory:")
        check_many_clients("sqlite:///many.db")
        check_identifiers()
        check_repetitions_at_once()
        check_repeated_tells_at_once()
        check_memory_of_answers()
        check_tokens()
        check_hosts_and_origins()
        check_options()
        check_the_end()
        check_the_second_signal()
        os.chdir("/")


main()
