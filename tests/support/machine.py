#!/usr/bin/python3
"""A second machine on this one for tests: a program with a host name and a network of its own (namespaces), joined to this machine
by one cable that can be pulled. The disk is shared.

    import machine
    with machine.Machine("far") as far:                 # skips the script where there can be none
        far.offer(path_of_a_unix_socket, port=5432)     # it reaches this service at far.host, port
        process = far.start(["program", ...])
        far.cut(); ...; far.mend()                      # packets are lost, as when a switch fails: nobody is told
"""

import os
import random
import shutil
import socket
import subprocess
import threading

BEGIN = """\
hostname "$1" && ip link set lo up
until ip link show eth0 > /dev/null 2>&1; do sleep 0.02; done
ip address add "$2" dev eth0 && ip link set eth0 up && shift 2 && exec "$@"
"""


def missing():
    """Why there can be no second machine; None when there can."""
    if os.geteuid() != 0:
        return "namespaces for a second machine need root"
    for program in ("ip", "unshare"):
        if not shutil.which(program):
            return f"no {program} (packages iproute2, util-linux)"
    script = "ip link add eth0 type veth peer name eth1 && ip link set eth0 up"
    tried = subprocess.run(["unshare", "--net", "--uts", "sh", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return f"no networks of our own: {tried.stderr.strip()}" if tried.returncode else None


def pump(source, target):
    """Bytes from one socket to another until the first ends."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Machine:
    def __init__(self, name):
        self.name, self.reason = name, missing()
        self.link = f"hone{os.getpid() % 10**6}{name}"[:15]
        net = f"198.18.{random.SystemRandom().randrange(256)}"  # of RFC 2544: no real network has it
        self.host, self.own = net + ".1", net + ".2"
        self.listener, self.thread, self.process = None, None, None

    def __enter__(self):
        if self.reason:
            import hone_test
            hone_test.skip(self.reason)
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.listener:  # nobody waits at a number that the next socket may have
            self.listener.shutdown(socket.SHUT_RDWR)
            self.thread.join()
            self.listener.close()
        subprocess.run(["ip", "link", "delete", self.link], stderr=subprocess.DEVNULL, check=False)

    def _link(self, *words):
        subprocess.run(["ip", *words], check=True, stdin=subprocess.DEVNULL)

    def start(self, command, **options):
        """Runs it there, once; its process id is the program's."""
        import hone_test
        process = self.process = subprocess.Popen(["unshare", "--net", "--uts", "sh", "-c", BEGIN, "sh", self.name, self.own + "/30", *command],
                                   stdin=subprocess.DEVNULL, **options)
        ours = os.readlink("/proc/self/ns/net")
        hone_test.wait_for(lambda: os.readlink(f"/proc/{process.pid}/ns/net") != ours)
        self._link("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", str(process.pid))
        self._link("address", "add", self.host + "/30", "dev", self.link)
        self.mend()
        return process

    def cut(self):
        self._link("link", "set", self.link, "down")

    def mend(self):
        self._link("link", "set", self.link, "up")

    def offer(self, path, port):
        """A service of this machine's. It listens everywhere for the moment that the cable is not there yet, and lets nobody else in."""
        self.listener = socket.create_server(("0.0.0.0", port))
        self.thread = threading.Thread(target=self._serve, args=(self.listener, path), daemon=True)
        self.thread.start()

    def _serve(self, listener, path):
        while True:
            try:
                client, (address, _) = listener.accept()
            except OSError:
                return
            if address != self.own:
                client.close()
                continue
            service = socket.socket(socket.AF_UNIX)
            service.connect(path)
            for ends in ((client, service), (service, client)):
                threading.Thread(target=pump, args=ends, daemon=True).start()
