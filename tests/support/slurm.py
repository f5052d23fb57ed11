#!/usr/bin/python3
"""A private Slurm cluster on this machine for tests: munge, slurmctld and two nodes, in a new folder under /tmp and on free
ports of loopback, with no use of what /etc or the system's own daemons have; gone when the test ends, or dies.

    import slurm
    with slurm.Cluster() as cluster:        # skips the script where there can be none
        run("tune", ..., env=cluster.env)   # SLURM_CONF says where the cluster is
        cluster.kill_node("n1")             # as if its power went: everything that runs there is gone at once

A node is a slurmd with an own host name and process tree (namespaces), so that its programs see another machine than those
of the other node, and all of it dies with its first process.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile

CONFIGURATION = """\
ClusterName=hone
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1
ReturnToService=2
SlurmdParameters=config_overrides
SlurmdTimeout={timeout}
KillWait=2
MinJobAge=10
{nodes}
PartitionName=cpu Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo", "unshare")
NAMESPACES = ["unshare", "--uts", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child"]
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def missing():
    """Why there can be no cluster; None when there can."""
    absent = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    if absent:
        return f"no {', '.join(absent)} (packages munge, slurmctld, slurmd, slurm-client)"
    if os.geteuid() != 0:
        return "Slurm's daemons, and namespaces for its nodes, need root"
    tried = subprocess.run([*NAMESPACES, "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return f"no namespaces for nodes: {tried.stderr.strip()}" if tried.returncode else None


def free_ports(n):
    probes = [socket.socket() for _ in range(n)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def die_with_test():
    """Between fork and exec: a test that is killed takes its daemons with it."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)


class Cluster:
    """nodes: names; cpus: that each says it has; timeout: seconds until a silent node is taken to be down."""

    def __init__(self, nodes=("n1", "n2"), cpus=2, timeout=300):
        self.nodes, self.cpus, self.timeout = nodes, cpus, timeout
        self.reason = missing()
        self.folder, self.env, self.daemons = None, None, {}

    def __enter__(self):
        import hone_test
        if self.reason:
            hone_test.skip(self.reason)
        for attempts_left in (4, 3, 2, 1, 0):  # a port that was free may be another's a moment later
            try:
                self._begin(hone_test.wait_for)
                break
            except BaseException as error:
                self.__exit__()
                if not attempts_left or not isinstance(error, AssertionError):
                    raise
        return self

    def _begin(self, wait_for):
        self.folder = tempfile.mkdtemp(prefix="hone-slurm-", dir="/tmp")
        self.env = {**os.environ, "PATH": PATH, "SLURM_CONF": self.folder + "/slurm.conf"}
        self._configure()
        files = (("key-file", "key"), ("socket", "socket"), ("pid-file", "pid"), ("seed-file", "seed"))
        self._start("munged", ["munged", "--foreground", "--force", *(f"--{option}={self.folder}/munge.{end}" for option, end in files)])
        wait_for(lambda: os.path.exists(self.folder + "/munge.socket") or self._check())
        self.start_controller()
        for node in self.nodes:
            self.start_node(node)
        wait_for(lambda: self._check() or self.states() == {node: "idle" for node in self.nodes})

    def __exit__(self, *_):
        for name in list(self.daemons):
            self._kill(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _configure(self):
        os.mkdir(self.folder + "/state")
        os.chmod(self.folder, 0o755)
        with open(os.open(self.folder + "/munge.key", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(os.urandom(128))
        ports = free_ports(1 + len(self.nodes))
        nodes = "\n".join(f"NodeName={node} NodeHostname={node} NodeAddr=127.0.0.1 Port={port} CPUs={self.cpus} State=UNKNOWN"
                          for node, port in zip(self.nodes, ports[1:]))
        with open(self.folder + "/slurm.conf", "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(host=socket.gethostname().split(".")[0], folder=self.folder, ports=ports, nodes=nodes,
                                            timeout=self.timeout))

    def _start(self, name, command):
        with open(f"{self.folder}/{name}.out", "ab") as out:
            self.daemons[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/",
                                                  env={**self.env, "LC_ALL": "C"}, preexec_fn=die_with_test, start_new_session=True)

    def _check(self):
        for name, process in self.daemons.items():
            assert process.poll() is None, f"{name} ended with {process.returncode}\n{self.log()}"

    def _kill(self, name):
        process = self.daemons.pop(name)
        process.kill()
        process.wait()

    def log(self):
        texts = []
        for name in sorted(os.listdir(self.folder)):
            if name.endswith((".out", ".log")):
                with open(os.path.join(self.folder, name), errors="replace") as file:
                    texts.append(f"--- {name}\n{file.read()[-3000:]}")
        return "\n".join(texts)

    def start_controller(self):
        self._start("slurmctld", ["slurmctld", "-D", "-f", self.folder + "/slurm.conf"])

    def kill_controller(self):
        self._kill("slurmctld")

    def start_node(self, node):
        self._start(node, [*NAMESPACES, "sh", "-c", 'hostname "$1" && exec slurmd -D -N "$1" -f "$2"', "sh", node, self.folder + "/slurm.conf"])

    def kill_node(self, node):
        """kill -9 of all of it; the cluster notices when its timeout is over, or is told so by down()."""
        self._kill(node)

    def down(self, node):
        """What an administrator does with a node that died: its jobs are put back into the queue."""
        self.ask("scontrol", "update", f"nodename={node}", "state=down", "reason=killed")

    def ask(self, *command):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.env)
        return done.stdout if not done.returncode else ""

    def states(self):
        """idle, mix, alloc, down, ... of each node."""
        return dict(line.split() for line in self.ask("sinfo", "--noheader", "--Node", "--format=%N %t").splitlines())

    def tasks(self):
        """(id, state, node) of all that waits or runs: ("45_3", "R", "n1")."""
        return [tuple(line.split("|")) for line in self.ask("squeue", "--noheader", "--array", "--format=%i|%t|%N").splitlines()]
