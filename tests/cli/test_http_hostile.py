#!/usr/bin/python3
"""`hone serve --http` and clients that break the rules: each gets an answer that says so, the others theirs."""

import json
import os
import re
import socket
import tempfile

from hone_http import ask, read_all, serving
from hone_test import PATIENCE

HEAD = b"POST /v1/studies HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
LAST = b"POST /v1/studies HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{}"


def codes(answers):
    """HTTP statuses of a stream of answers, each of which must be whole and have JSON in it."""
    found = []
    while answers:
        match = re.match(rb"HTTP/1\.1 (\d{3}) [^\r\n]+\r\n((?:[^\r\n]+\r\n)*)\r\n", answers)
        assert match, answers
        answers = answers[match.end():]
        if match[1] == b"100":
            continue
        size = int(re.search(rb"Content-Length: (\d+)\r\n", match[2])[1])
        body = json.loads(answers[:size])
        assert body["ok"] is (match[1] == b"200"), body
        assert body["ok"] or (body["error"]["status"] and body["error"]["message"]), body
        answers = answers[size:]
        found.append(int(match[1]))
    return found


def check_malformed(server):
    many = b"".join(b"X-%d: y\r\n" % i for i in range(101))
    for request, code in [
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # the beginning of TLS
        (b"\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET / HTTP/1.1\n", 400),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
        (b"GET / HTTP/1.10\r\nHost: localhost\r\n\r\n", 505),
        (b"GET /  HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / \r\nHost: localhost\r\n\r\n", 400),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /\x80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400),  # folded
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\x01b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n\r\n", 417),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + many + b"\r\n", 431),
        (b"GET /" + b"x" * 20000, 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 20000, 431),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: +2\r\n\r\n{}", 400),
        (HEAD + b"Content-Length: 2, 2\r\n\r\n{}", 400),
        (HEAD + b"Content-Length: \r\n\r\n", 400),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
        (HEAD + b"Content-Length: 99999999999999999999999999\r\n\r\n", 413),
        (HEAD + b"Content-Length: 1048577\r\n\r\n", 413),
    ]:
        answers = server.raw(request)
        assert codes(answers) == [code], (request[:80], answers)


def check_smuggling(server):
    """Where two readers might see two different requests, there is no second one."""
    hidden = b"POST /v1/delete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
    for framing, code in [
        (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        (b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
        (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n-0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n000000000\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", 413),
        (b"Transfer-Encoding: chunked\r\n\r\n\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n2;" + b"x" * 300 + b"\r\n{}\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n2;\n\r\n{}\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 4000 + b"\r\n", 431),
        (b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\nb\r\n\r\n", 400),
    ]:
        answers = server.raw(HEAD + framing + hidden)
        assert codes(answers) == [code], (framing[:80], answers)
    assert codes(server.raw(b"POST /v1/studies HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) == [400]


def check_what_is_fine(server):
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    for request, expected in [
        (LAST, [200]),
        (LAST * 1 + b"trailing", [200]),
        (HEAD + b"Content-Length: 2\r\n\r\n{}" + LAST, [200, 200]),
        (chunked + b"2;a=b; c=\"d\"\r\n{}\r\n0\r\nX-Trailer: yes\r\n\r\n" + LAST, [200, 200]),
        (chunked + b"1\r\n{\r\n00000001\r\n}\r\n0\r\n\r\n" + LAST, [200, 200]),
        (chunked + b"0\r\n\r\n" + LAST, [200, 200]),
        (HEAD + b"Content-Length: 0\r\n\r\n" + LAST, [200, 200]),
        (HEAD.replace(b"1.1", b"1.0") + b"Content-Length: 2\r\n\r\n{}" + LAST, [200]),
        (HEAD.replace(b"1.1", b"1.0") + b"Connection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}" + LAST, [200, 200]),
        (HEAD + b"Connection: x, close\r\nContent-Length: 2\r\n\r\n{}" + LAST, [200]),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}" + LAST, [200, 200]),
        (HEAD + b"X: \xc3\xa9\xff\r\nContent-Length: 2\r\n\r\n{}" + LAST, [200, 200]),
    ]:
        for cut in (len(request), 1, 7):
            answers = in_pieces(server, request, cut)
            assert codes(answers) == expected, (request[:80], cut, answers)
    # Many at once on one connection, answered in their order; the client's end of stream comes before the answers.
    stream = b"".join(b"POST /v1/trials HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                      for body in (json.dumps({"study": f"absent {i}"}).encode() for i in range(500)))
    answers = server.raw(stream, shut=True)
    assert codes(answers) == [404] * 500
    assert [int(i) for i in re.findall(rb"absent (\d+)", answers)] == list(range(500))


def in_pieces(server, request, size):
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(0, len(request), size):
            try:
                stream.sendall(request[i:i + size])
            except (BrokenPipeError, ConnectionResetError):
                break  # it has its answer
        return read_all(stream)


def check_sizes():
    with serving("--storage", "memory:", "--max-body", "2K", "--max-header", "1K") as server:
        for size, code in [(2048, 200), (2049, 413)]:
            body = b"{}" + b" " * (size - 2)
            assert codes(server.raw(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (size, body))) == [code]
            assert codes(server.raw(HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (size, body))) == [code]
        # Small chunks that together are too large.
        assert codes(server.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"100\r\n" + b" " * 256 + b"\r\n" * 1 +
                                (b"100\r\n" + b" " * 256 + b"\r\n") * 8)) == [413]
        for size, code in [(1024, 200), (1025, 431)]:
            head = HEAD + b"Connection: close\r\nContent-Length: 0\r\nX: "
            assert codes(server.raw(head + b"y" * (size - len(head) - 4) + b"\r\n\r\n")) == [code]
        # A client that waits for 100-continue is refused before it sends a byte of its body.
        assert codes(server.raw(HEAD + b"Expect: 100-continue\r\nContent-Length: 9999\r\n\r\n")) == [413]
    with serving("--storage", "memory:", "--max-body", "16M") as server:
        server.good("create", study="s", goal="minimize loss", space={"x": {"float": [0, 1]}}, sampler="random")
        code, answer, _ = server.post("tell", {"study": "s", "trial": 0, "values": [0] * 2000000})
        assert code in (400, 404), answer


def check_connections():
    with serving("--storage", "memory:", "--max-connections", "3") as server:
        held = []
        for _ in range(3):
            stream = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
            stream.sendall(LAST.replace(b"Connection: close\r\n", b""))
            assert stream.recv(4096).startswith(b"HTTP/1.1 200 ")
            held.append(stream)
        assert codes(server.raw(b"")) == [503], "one too many is told so"
        held.pop().close()
        while codes(server.raw(LAST)) != [200]:  # there is room as soon as the server has seen that
            pass
        for stream in held:
            stream.close()


def check_rate():
    with serving("--storage", "memory:", "--rate", "0.001") as server:
        with server.connect() as connection:
            assert ask(connection, "studies", {})[0] == 200
            code, answer, headers = ask(connection, "studies", {})
            assert code == 429 and answer["error"]["status"] == "limit" and headers["Retry-After"], (code, answer)
            assert ask(connection, "studies", {})[0] == 429, "the connection goes on"
        assert server.post("studies", {})[0] == 429, "of the address, not the connection"


def check_slow_clients():
    """What is sent here is sent at once, so that the test itself is never slow."""
    with serving("--storage", "memory:", "--request-timeout", "300ms") as server:
        assert codes(server.raw(b"POST /v1/stu")) == [408]
        assert codes(server.raw(HEAD + b"Content-Length: 9\r\n\r\n{")) == [408]
        check_a_slow_loris(server)
        slow = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(20)]
        for stream in slow:
            stream.sendall(b"POST ")
        assert codes(server.raw(LAST)) == [200], "others are served meanwhile"
        for stream in slow:
            assert codes(read_all(stream)) == [408]
            stream.close()
    with serving("--storage", "memory:", "--idle-timeout", "300ms") as server:
        assert server.raw(b"") == b"", "a connection that says nothing is closed"


def check_a_slow_loris(server):
    """A byte now and then does not help: the time is the whole request's."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=0.02) as stream:
        stream.sendall(HEAD)
        answer = b""
        while not answer.startswith(b"HTTP/1.1 408 "):
            try:
                stream.sendall(b"X: y\r\n")
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has answered and closed
            try:
                piece = stream.recv(4096)
                assert piece, answer
                answer += piece
            except TimeoutError:
                pass


def check_a_client_that_does_not_read():
    """Its answers fill the socket's buffers; then it is cut off, and holds nothing up."""
    one = b"GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving("--storage", "memory:", "--request-timeout", "500ms") as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as stream:
            try:
                while True:  # until it is cut off
                    stream.sendall(one * 100)
            except (BrokenPipeError, ConnectionResetError):
                pass
        assert codes(server.raw(LAST)) == [200]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with serving("--storage", "memory:") as server:
            check_malformed(server)
            check_smuggling(server)
            check_what_is_fine(server)
            server.good("studies")
        check_sizes()
        check_connections()
        check_rate()
        check_slow_clients()
        check_a_client_that_does_not_read()
        os.chdir("/")


main()
