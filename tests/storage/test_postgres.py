"""PostgreSQL under faults: workers killed, the server crashed, stopped and started, connections cut at any byte.
After each, the table holds every trial that was told, once, whole, and numbers without a gap or a repetition."""

import contextlib
import os
import random
import selectors
import signal
import socket
import subprocess
import threading
import time

import hone_test
import postgres

TOOL = os.path.join(hone_test.BUILD, "tests", "test_storage")
PATIENCE = 300  # s: a limit for what should come at once


def rounds(full, long):
    return long if hone_test.tier() == "long" else full


class Worker:
    """The storage tool telling trials of 10 parameters and 5 reports (tool.h: loop), each number printed once told."""

    def __init__(self, url, trials):
        self.numbers, self.rest = [], b""
        # Unbuffered: what readline had taken beyond its line would be missing afterwards.
        self.process = subprocess.Popen([TOOL], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, "HONE_STORAGE_TOOL": f"loop {trials} {url}"})

    def take(self, count):
        """Waits for that many numbers more."""
        for _ in range(count):
            line = self.process.stdout.readline()
            assert line.strip().isdigit(), (line, self.process.stdout.read(), self.process.stderr.read())
            self.numbers.append(int(line))

    def finish(self):
        out, err = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, (self.process.returncode, out[-500:], err[-2000:])
        self.numbers += [int(line) for line in out.split()]
        return self.numbers

    def kill(self):
        self.process.kill()
        out, _ = self.process.communicate()
        self.numbers += [int(line) for line in out.split(b"\n")[:-1]]
        assert self.process.returncode == -signal.SIGKILL
        return self.numbers


def check(server, database, told, exact=True):
    """exact: no worker was killed, so that nothing but what was told may be there."""
    rows = [line.split("|") for line in server.psql(
        "SELECT number, state, (SELECT count(*) FROM trial_params p WHERE p.trial_id = t.trial_id),"
        " (SELECT count(*) FROM trial_intermediate_values r WHERE r.trial_id = t.trial_id),"
        " (SELECT value FROM trial_values v WHERE v.trial_id = t.trial_id) FROM trials t ORDER BY trial_id", database)]
    assert [int(row[0]) for row in rows] == list(range(len(rows))), "numbers have a gap or repeat"
    assert len(set(told)) == len(told), f"told twice: {sorted(n for n in told if told.count(n) > 1)}"
    complete = {int(row[0]) for row in rows if row[1] == "COMPLETE"}
    assert set(told) <= complete, f"lost: {sorted(set(told) - complete)}"
    for number, state, params, reports, value in rows:
        if state == "COMPLETE":
            assert (params, reports, float(value)) == ("10", "5", float(number)), (number, params, reports, value)
        else:
            assert (state, params, reports, value) == ("RUNNING", "10", "0", ""), (number, state, params, reports, value)
    if exact:
        assert len(rows) == len(told) and complete == set(told), (len(rows), len(told), len(complete))
    return len(rows)


def database_of(url):
    return url.split("?")[0].rsplit("/", 1)[1]


def workers_are_killed(server):
    """A round: three workers, each killed when it has told some trials, in the middle of whatever it does then."""
    url = server.database()
    luck, told = random.Random(1), []
    for _ in range(rounds(20, 200)):
        workers = [Worker(url, 1000000) for _ in range(3)]
        for worker in workers:
            worker.take(luck.randrange(6))
        for worker in workers:
            told += worker.kill()
    print(check(server, database_of(url), told, exact=False), "trials,", len(told), "told by workers that were killed")


def server_crashes(server):
    """Nobody is killed but the server: the workers go on by themselves, and what they tell is all there is."""
    url = server.database() + "&timeout=1h"  # however long the server takes
    luck, told = random.Random(2), []
    for _ in range(rounds(3, 30)):
        workers = [Worker(url, 40) for _ in range(4)]
        for worker in workers:
            worker.take(luck.randrange(1, 20))
        server.restart("immediate")
        for worker in workers:
            told += worker.finish()
    print(check(server, database_of(url), told), "trials told over crashes of the server")


def server_is_away(server, seconds):
    url = server.database() + "&timeout=1h"  # however long the server takes
    workers = [Worker(url, 40) for _ in range(2)]
    for worker in workers:
        worker.take(3)
    server.stop("fast")
    time.sleep(seconds)
    server.start()
    told = [number for worker in workers for number in worker.finish()]
    print(check(server, database_of(url), told), f"trials told over {seconds} s without a server")


class Proxy:
    """Passes connections on from a port of its own to the server's socket, and cuts them: after the given number of
    pieces that went in a direction, "up" to the server or "down" from it, before the last is passed on, whole or by
    half. cuts: what is done to one connection after another; what comes later is left alone."""

    def __init__(self, server, cuts):
        self.target = f"{server.folder}/.s.PGSQL.{server.port}"
        self.cuts, self.done = list(cuts), 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            cut = self.cuts.pop(0) if self.cuts else None
            threading.Thread(target=self._serve, args=(client, cut), daemon=True).start()

    def _serve(self, client, cut):
        server = socket.socket(socket.AF_UNIX)
        with client, server, selectors.DefaultSelector() as ready, contextlib.suppress(ConnectionError):
            server.connect(self.target)
            ready.register(client, selectors.EVENT_READ, ("up", server))
            ready.register(server, selectors.EVENT_READ, ("down", client))
            seen = {"up": 0, "down": 0}
            while True:
                for key, _ in ready.select():
                    way, other = key.data
                    piece = key.fileobj.recv(1 << 16)
                    seen[way] += 1
                    if cut and cut[0] == way and cut[1] == seen[way]:
                        other.sendall(piece[:int(len(piece) * cut[2])])
                        self.done += 1
                        return
                    if not piece:
                        return
                    other.sendall(piece)

    def close(self):
        self.listener.close()


def connections_are_cut(server):
    """Each piece of a connection in turn is lost: requests that did not arrive, half of them, answers to commits."""
    url = server.database()
    name = database_of(url)
    luck = random.Random(3)
    cuts = [(way, at, part) for at in range(8, rounds(24, 60)) for way in ("up", "down") for part in (0, 0.5)]
    luck.shuffle(cuts)
    proxy = Proxy(server, cuts)
    workers = [Worker(f"postgresql://hone@127.0.0.1:{proxy.port}/{name}?sslmode=disable&timeout=1h", rounds(300, 900))
               for _ in range(2)]
    told = [number for worker in workers for number in worker.finish()]
    proxy.close()
    assert proxy.done >= len(cuts) // 2, (proxy.done, len(cuts))
    print(check(server, name, told), "trials told over", proxy.done, "cut connections")


def main():
    if not os.path.exists(TOOL):
        hone_test.skip(f"{TOOL} is not built")
    with postgres.Server() as server:
        workers_are_killed(server)
        server_crashes(server)
        server_is_away(server, 10)
        connections_are_cut(server)


main()
