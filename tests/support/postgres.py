#!/usr/bin/python3
"""A private PostgreSQL server for tests: in a new folder under /tmp, on a Unix socket there (and on loopback when
asked for), as an unprivileged user, gone with everything in it when the test ends.

From Python:

    import postgres
    with postgres.Server() as server:     # skips the script when no server is installed
        url = server.database()           # a new empty database: postgresql://hone@/db1?host=/tmp/hone-pg-...
        server.stop("immediate"); server.start(); server.restart("immediate"); server.psql("SELECT 1", "db1")

From anything else: run this file (from C: postgres.h). It prints the folder of the socket and waits; it stops the
server when its standard input ends, so that a test that dies takes the server with it. Every line it reads is a
command, answered with a line when it is done: "database" and "schema" (answered with a URL), "start", "stop MODE",
"restart MODE", MODE being fast or immediate. With the argument "missing" it prints why there can be no server,
or nothing.

Durability of the machine is off (fsync): a kill of the server keeps what was committed, and is fast.
"""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.parse

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "120",
    "logging_collector": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def binaries():
    """The folder of initdb and pg_ctl, of the newest version installed; None when there is none."""
    def version(folder):
        return [int(part) if part.isdigit() else 0 for part in folder.split("/")[4].split(".")]

    found = [os.path.dirname(path) for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    if found:
        return max(found, key=version)
    path = shutil.which("initdb")
    return os.path.dirname(os.path.realpath(path)) if path else None


def missing():
    """Why there can be no server; None when there can."""
    if binaries() is None:
        return "no PostgreSQL server (package postgresql)"
    if os.geteuid() == 0 and not (shutil.which("runuser") and any(user.pw_name == "nobody" for user in pwd.getpwall())):
        return "PostgreSQL does not run as root, and there is no runuser or no user nobody"
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """loopback: listens on 127.0.0.1 too, at self.port. password: the user hone needs it there."""

    def __init__(self, loopback=False, password=None, settings=None):
        self.reason = missing()
        self.loopback, self.password = loopback, password
        self.settings = {**SETTINGS, **(settings or {})}
        self.folder, self.port, self.count = None, 5432, 0

    def __enter__(self):
        if self.reason:
            import hone_test
            hone_test.skip(self.reason)
        # A socket's path has at most 107 bytes, so that TMPDIR cannot be trusted to be short enough.
        self.folder = tempfile.mkdtemp(prefix="hone-pg-", dir="/tmp")
        try:
            self._make()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.folder:
            self.stop("immediate", check=False)
            shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments, check=True):
        """One of PostgreSQL's programs as the server's user. Its output goes to a file: what a server inherits
        would keep a pipe open."""
        command = [os.path.join(binaries(), program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "nobody", "--", *command]
        with open(os.path.join(self.folder, "log"), "ab") as log:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                  env={**os.environ, "LC_ALL": "C", "TZ": "UTC"})
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{self.log()}")
        return done.returncode

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as file:
            return file.read()

    def _make(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
        os.chmod(self.folder, 0o755)  # the socket is for everybody
        arguments = ["-D", self.folder + "/data", "-U", "hone", "-N", "-E", "UTF8", "--locale=C",
                     "--auth-local=trust", "--auth-host=" + ("scram-sha-256" if self.password else "trust")]
        if self.password:
            path = os.path.join(self.folder, "password")
            with open(path, "w") as file:
                file.write(self.password + "\n")
            arguments.append("--pwfile=" + path)
        self._run("initdb", *arguments)
        with open(self.folder + "/data/postgresql.conf", "a") as file:
            for key, value in {**self.settings, "unix_socket_directories": self.folder}.items():
                file.write(f"{key} = '{value}'\n")

    def start(self):
        """Starts the server, at the port it had before if it had one, and waits until it answers."""
        for attempt in range(20):
            if self.loopback and (attempt or self.port == 5432):
                self.port = free_port()
            options = f"-p {self.port} -c listen_addresses={'127.0.0.1' if self.loopback else ''}"
            if not self._run("pg_ctl", "-D", self.folder + "/data", "-w", "-t", "120", "-o", options, "start",
                             check=not self.loopback or attempt == 19):
                return

    def stop(self, mode="fast", check=True):
        """mode: fast ends sessions, immediate is a crash."""
        if os.path.exists(self.folder + "/data/postmaster.pid"):
            self._run("pg_ctl", "-D", self.folder + "/data", "-w", "-t", "120", "-m", mode, "stop", check=check)

    def restart(self, mode="immediate"):
        self.stop(mode)
        self.start()

    def url(self, database, loopback=False, options=()):
        secret = ":" + urllib.parse.quote(self.password, safe="") if self.password and loopback else ""
        if loopback:
            where = f"127.0.0.1:{self.port}"
        else:
            where = ""
            options = [f"host={self.folder}", *([f"port={self.port}"] if self.port != 5432 else []), *options]
        return f"postgresql://hone{secret}@{where}/{database}" + ("?" + "&".join(options) if options else "")

    def _client(self, program, *arguments):
        done = subprocess.run([os.path.join(binaries(), program), "-h", self.folder, "-p", str(self.port), "-U", "hone",
                               *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
        return done.stdout

    def psql(self, sql, database="postgres"):
        """Runs SQL; the output's lines, columns separated by '|'."""
        return self._client("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql).splitlines()

    def dump(self, database, *options):
        return self._client("pg_dump", *options, database)

    def database(self, loopback=False):
        """The URL of a new empty database."""
        self.count += 1
        name = f"db{self.count}"
        self.psql(f"CREATE DATABASE {name}")
        return self.url(name, loopback)

    def schema(self, loopback=False):
        """The URL of a new empty schema of one database: as good for most tests, and made ten times faster."""
        self.count += 1
        name = f"schema{self.count}"
        self.psql(f"CREATE SCHEMA {name}")
        return self.url("postgres", loopback, [f"options=-csearch_path%3D{name}"])


def main():
    if sys.argv[1:] == ["missing"]:
        print(missing() or "")
        return
    with Server() as server:
        print(server.folder, flush=True)
        for line in sys.stdin:
            word, *mode = line.split()
            print(getattr(server, word)(*mode) or "done", flush=True)


if __name__ == "__main__":
    main()
