#!/usr/bin/python3
"""Trials per second into one study of a PostgreSQL server, hone and Optuna in turn: random search, 10 parameters and
5 reports a trial, one and more worker processes. The server is a private one with PostgreSQL's own settings (durable
commits) on this machine; both wait for the same disk.

    postgres.py [--program build/release/bench/bench_storage] [--workers 1,16] [--rounds 3] [--durable on|off]
    postgres.py --workers 64 --only hone

Prints one JSON object a line: trials per second of both and their ratio by the clock, and by processor time a trial
(clients and server together), which other work on the machine disturbs less. Fails when a trial is lost or doubled.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "support"))
import postgres  # noqa: E402


def server_seconds(server):
    """Processor time of the server's processes, those that ended included."""
    with open(server.folder + "/data/postmaster.pid", encoding="ascii") as file:
        postmaster = file.readline().strip()
    ticks = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if pid == postmaster:
            ticks += sum(map(int, fields[11:15]))
        elif fields[1] == postmaster:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def client_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(server, commands, settle):
    """Seconds by the clock from the first ask to the last tell, and the server's processor time."""
    begin = int(time.time() + settle) + 1
    workers = [subprocess.Popen([*command, "--begin", str(begin)], stdout=subprocess.PIPE, text=True)
               for command in commands]
    while time.time() < begin:
        time.sleep(0.01)
    before = server_seconds(server)
    results = [json.loads(worker.communicate()[0]) for worker in workers]
    assert all(worker.returncode == 0 for worker in workers), "a worker failed"
    spent = server_seconds(server) - before
    return max(r["ended"] for r in results) - min(r["began"] for r in results), spent


def count_trials(server, url):
    """All there are, each told and with a number of its own."""
    name = url.split("?")[0].rsplit("/", 1)[1]
    rows = server.psql("SELECT count(*), count(DISTINCT number), max(number) + 1, count(*) FILTER (WHERE state ="
                       " 'COMPLETE') FROM trials", name)[0].split("|")
    assert len(set(rows)) == 1, f"trials, numbers, last number and trials that are complete: {rows}"
    return int(rows[0])


def measure(server, kind, command, workers, trials, settle):
    """Trials per second by the clock, and milliseconds of processor time a trial. hone's workers stop when the study
    has so many trials, Optuna's after so many of their own."""
    url = server.database()
    first = [*command, "--url", url, "--trials"]
    subprocess.run([*first, "1"], check=True, stdout=subprocess.DEVNULL)
    before = client_seconds()
    seconds, spent = run(server, [[*first, str(trials if kind == "hone" else trials // workers)]] * workers, settle)
    spent += client_seconds() - before
    made = count_trials(server, url) - 1
    return made / seconds, 1e3 * spent / made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.path.join(HERE, "..", "build", "release", "bench", "bench_storage"))
    parser.add_argument("--workers", default="1,16")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["hone", "optuna"])
    parser.add_argument("--trials", type=int, default=1600, help="of hone in all; a twentieth of Optuna")
    parser.add_argument("--durable", choices=["on", "off"], default="on")
    arguments = parser.parse_args()
    settings = {"fsync": arguments.durable, "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "128MB"}
    peers = subprocess.run([os.path.join(HERE, "..", "tools", "peers.sh")], capture_output=True, text=True, check=True)
    kinds = {"hone": ([arguments.program], arguments.trials, 1),
             "optuna": ([peers.stdout.strip(), os.path.join(HERE, "peer_storage.py"), "--study", "bench"],
                        max(arguments.trials // 20, 40), 30)}
    with postgres.Server(settings=settings) as server:
        for workers in map(int, arguments.workers.split(",")):
            rates, costs = {}, {}
            for _ in range(arguments.rounds):
                for kind, (command, trials, settle) in kinds.items():
                    if arguments.only in (None, kind):
                        rate, cost = measure(server, kind, command, workers, max(trials, 4 * workers), settle)
                        rates.setdefault(kind, []).append(rate)
                        costs.setdefault(kind, []).append(cost)
            result = {"workers": workers}
            for kind in rates:
                result[kind + "_per_s"] = round(statistics.median(rates[kind]), 1)
                result[kind + "_cpu_ms"] = round(statistics.median(costs[kind]), 3)
            if arguments.only is None:
                result["ratio"] = round(statistics.median(a / b for a, b in zip(rates["hone"], rates["optuna"])), 1)
                result["cpu_ratio"] = round(statistics.median(b / a for a, b in zip(costs["hone"], costs["optuna"])), 1)
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
