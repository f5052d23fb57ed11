"""A server for the time of a test, and ways to ask it."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess

from hone_test import PATIENCE, PROGRAM


PATIENT = ("--request-timeout", "1h", "--idle-timeout", "1h")  # the machine may be loaded


class Server:
    """`hone serve --http` on a free port."""

    def __init__(self, *arguments, token=None, env=None):
        environment = {**os.environ, "LC_ALL": "C", **(env or {})}
        command = [PROGRAM, "serve", "--http", "--listen", "127.0.0.1:0", *PATIENT, *arguments]
        self.process = subprocess.Popen(command, text=True, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        found = re.match(r"serving (http.?)://127\.0\.0\.1:(\d+)$", line)
        assert found, (line, self.process.stderr.read())
        self.port = int(found[2])
        self.token = token

    def post(self, op, body, **headers):
        """(HTTP status, answer, headers) of one request on a connection of its own."""
        with self.connect() as connection:
            return ask(connection, op, body, token=self.token, **headers)

    def good(self, op, **body):
        code, answer, _ = self.post(op, body)
        assert code == 200 and answer["ok"] is True, (op, body, code, answer)
        return answer

    @contextlib.contextmanager
    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            yield connection
        finally:
            connection.close()

    def raw(self, data, shut=False):
        """Everything that comes back for these bytes, until the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as stream:
            try:
                stream.sendall(data)
                if shut:
                    stream.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has answered and closed already
            return read_all(stream)

    def stop(self, by=signal.SIGTERM):
        """What it wrote to standard error; it must end well."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        out, error = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, (self.process.returncode, out, error)
        return error


@contextlib.contextmanager
def serving(*arguments, **options):
    server = Server(*arguments, **options)
    try:
        yield server
    except BaseException:
        server.process.kill()
        print(server.process.communicate(timeout=PATIENCE))
        raise
    server.stop()


def ask(connection, op, body, token=None, **headers):
    """headers: Idempotency_Key="x" for Idempotency-Key: x; None leaves one out."""
    fields = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    connection.request("POST", f"/v1/{op}", data, {k: v for k, v in fields.items() if v is not None})
    response = connection.getresponse()
    return response.status, json.loads(response.read()), dict(response.getheaders())


def read_all(stream):
    data = b""
    try:
        while piece := stream.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data
