"""What Python test scripts share. A script is one test: it exits 0 (passed), 77 (skipped) or else (failed)."""

import ctypes
import os
import signal
import subprocess
import sys
import time

SOURCE = os.environ["HONE_SOURCE_DIR"]
BUILD = os.environ["HONE_BUILD_DIR"]
PROGRAM = os.environ["HONE_PROGRAM"]


def skip(reason):
    """Ends the script as skipped."""
    print(f"skipped: {reason}")
    sys.exit(77)


def tier():
    """How much to test: quick, full or long."""
    return os.environ.get("HONE_TEST_TIER", "full")


PATIENCE = 900  # seconds until what should happen is taken not to: no machine is so slow or so loaded


def wait_for(condition):
    """Waits until the condition gives something true, which is returned."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
    return found


def interrupt(process):
    """Ctrl-C, and waits until the program has taken it: a second one is then not taken for the same."""
    process.send_signal(signal.SIGINT)

    def taken():
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            pending = [int(line.split()[1], 16) for line in file if line.startswith(("SigPnd:", "ShdPnd:"))]
        return not any(mask & 1 << signal.SIGINT - 1 for mask in pending)

    wait_for(taken)


def plain_pages():
    """For what measures memory: neither this process nor what it starts gets pages of 2 MB where it asked for less."""
    pr_set_thp_disable = 41
    ctypes.CDLL(None).prctl(pr_set_thp_disable, 1, 0, 0, 0)


def workers_of(process):
    """The process ids of the workers that run models for a running hone."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if parent == process.pid and b"__worker" in file.read():
                    found.append(int(name))
        except OSError:
            pass
    return found


def kill_workers(process):
    """kill -9 for the workers that it has now."""
    for worker in workers_of(process):
        try:
            os.kill(worker, signal.SIGKILL)
        except ProcessLookupError:
            pass


def hone(*arguments, **options):
    """Runs the built program; the result has returncode, stdout and stderr as text."""
    options.setdefault("timeout", PATIENCE)
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, **options)


def run(*arguments, code=0, **options):
    """hone(), which must end with this code."""
    result = hone(*arguments, **options)
    assert result.returncode == code, (arguments, result.returncode, result.stdout, result.stderr)
    return result


def refuse(*arguments, code, says):
    """run(), which must fail with a message of the program's that has this part, or all of these."""
    message = run(*arguments, code=code).stderr
    for part in says if isinstance(says, list) else [says]:
        assert part in message, (arguments, message)
    assert message.startswith("hone: "), message


def data(name):
    """The path of a shared data file such as tabular/iris.csv.gz; skips the script when it is not there."""
    path = os.path.join(os.environ["HONE_DATA_DIR"], name)
    if not os.path.exists(path):
        skip(f"no {name} in {os.environ['HONE_DATA_DIR']} (set HONE_DATA_DIR)")
    return path


def peers_python():
    """The Python of the peers' environment (Optuna, cmaes); skips the script when it cannot be made."""
    made = subprocess.run([os.path.join(SOURCE, "tools", "peers.sh")], capture_output=True, text=True)
    if made.returncode != 0:
        skip(made.stderr.strip())
    return made.stdout.strip()
