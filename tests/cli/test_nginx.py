#!/usr/bin/python3
"""examples/nginx.conf: TLS by nginx in front of `hone serve --http`. nginx listens on a socket in a folder, not on a port."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from http.client import HTTPConnection

from hone_http import ask, serving
from hone_test import PATIENCE, SOURCE, skip, wait_for

NAME = "tune.example.org"
TOKEN = "token-of-the-nginx-test"

NGINX = """
daemon off; pid nginx.pid; worker_processes 1; {user}
events {{ }}
http {{
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    {server}
}}
"""


class Connection(HTTPConnection):
    """TLS over the socket, to the server of that name."""

    def __init__(self, context):
        super().__init__(NAME, timeout=PATIENCE)
        self.context = context

    def connect(self):
        stream = socket.socket(socket.AF_UNIX)
        stream.settimeout(PATIENCE)
        stream.connect("nginx.socket")
        self.sock = self.context.wrap_socket(stream, server_hostname=NAME)


def make_certificate():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "key.pem", "-out", "certificate.pem"],
                   check=True, capture_output=True)


def configure(folder, port):
    """The example with this server's port, files of this folder and the socket in place of the port of TLS."""
    with open(f"{SOURCE}/examples/nginx.conf", encoding="utf-8") as file:
        server = file.read()
    for old, new in [("listen 443 ssl;", f"listen unix:{folder}/nginx.socket ssl;"), ("http://127.0.0.1:8765;", f"http://127.0.0.1:{port};"),
                     ("/etc/ssl/certs/tune.pem", f"{folder}/certificate.pem"), ("/etc/ssl/private/tune.key", f"{folder}/key.pem")]:
        assert server.count(old) == 1, (old, server)
        server = server.replace(old, new)
    with open("nginx.conf", "w", encoding="utf-8") as file:
        file.write(NGINX.format(user="user root;" if os.getuid() == 0 else "", server=server))


@contextlib.contextmanager
def nginx(program, folder):
    process = subprocess.Popen([program, "-p", folder, "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"],
                               stderr=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: os.path.exists("nginx.socket") or process.poll() is not None)
        assert process.poll() is None, process.stderr.read()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def check_a_study(context):
    connection = Connection(context)
    study = {"study": "s", "goal": "minimize loss", "space": {"x": {"float": [0, 1]}}, "sampler": "random"}
    assert ask(connection, "create", study, token=TOKEN)[0] == 200
    for number in range(5):
        code, asked, _ = ask(connection, "ask", {"study": "s"}, token=TOKEN, Origin=f"https://{NAME}")
        assert code == 200 and asked["trial"] == number, asked
        assert ask(connection, "tell", {"study": "s", "trial": number, "value": 1}, token=TOKEN)[0] == 200
    page = ask(connection, "trials", {"study": "s", "limit": 10000}, token=TOKEN)[1]
    assert page["total"] == 5
    # What nginx passes on is judged by hone.
    assert ask(connection, "studies", {})[0] == 401
    assert ask(connection, "studies", {}, token=TOKEN + "x")[0] == 401
    code, answer, _ = ask(connection, "studies", {}, token=TOKEN, Origin="https://evil.example")
    assert code == 403 and answer["error"]["status"] == "denied", answer
    code, answer, _ = ask(connection, "studies", {}, token=TOKEN, Host="evil.example")
    assert code == 421, answer
    repeated = [ask(connection, "ask", {"study": "s"}, token=TOKEN, Idempotency_Key="once") for _ in range(2)]
    assert repeated[0][1] == repeated[1][1] and repeated[1][2]["Idempotent-Replayed"] == "true"
    connection.close()


def main():
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program or not shutil.which("openssl"):
        skip("no nginx or openssl (./dev deps test installs them)")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_certificate()
        arguments = ("--storage", "memory:", "--allow-host", NAME)
        with serving(*arguments, token=TOKEN, env={"HONE_TOKEN": TOKEN}) as server:
            configure(folder, server.port)
            with nginx(program, folder):
                check_a_study(ssl.create_default_context(cafile="certificate.pem"))
        os.chdir("/")


main()
