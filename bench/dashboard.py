#!/usr/bin/python3
"""What a large study costs the dashboard: `bench/dashboard.py PROGRAM [TRIALS]`.

Makes a study of ten parameters in a temporary folder and asks `hone dashboard` for each of its resources: milliseconds, bytes of the answer,
and the server's memory, the largest so far and what it has now, in MiB.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

PARAMETERS = 10


def write_study(path, trials):
    """A dump that `hone study import` reads; each twentieth trial failed."""
    generator = random.Random(1)
    names = [f"p{i}" for i in range(PARAMETERS)]
    unit = {"name": "FloatDistribution", "attributes": {"step": None, "low": 0.0, "high": 1.0, "log": False}}
    definition = {"hone": "0.1.0", "goal": ["minimize loss"], "space": {name: {"float": [0.0, 1.0]} for name in names}, "sampler": "random",
                  "pruner": "none", "seed": 1, "lag": -1, "heartbeat_seconds": 60.0, "restarts": 2}
    head = {"hone": "0.1.0", "study": "big", "directions": ["minimize"], "metrics": ["loss"], "definition": definition, "attrs": {}, "system": {},
            "distributions": {name: unit for name in names}}
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1] + ',\n "trials": [\n')
        for i in range(trials):
            params = {name: generator.random() for name in names}
            clock = f"{i // 60 % 60:02}:{i % 60:02}.000000"
            trial = {"trial": i, "state": "complete", "params": params, "start": f"2026-01-01 11:{clock}", "complete": f"2026-01-01 12:{clock}"}
            if i % 20:
                trial["values"] = [sum((x - 0.5) ** 2 for x in params.values())]
            else:
                trial["state"] = "failed"
            file.write((",\n" if i else "") + json.dumps(trial))
        file.write("\n]}\n")


def memory(pid):
    """(largest, now) in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        sizes = dict(re.findall(r"^(Vm\w+):\s+(\d+) kB$", file.read(), re.M))
    return int(sizes["VmHWM"]) >> 10, int(sizes["VmRSS"]) >> 10


def measure(url, pid, path):
    begun = time.monotonic()
    try:
        with urllib.request.urlopen(url + path) as response:
            size = len(response.read())
    except urllib.error.HTTPError as error:  # of a kind that is not shown for so many trials
        size = len(error.read())
    print("{:9.1f} ms {:9} bytes {:4} {:4} MiB  {}".format((time.monotonic() - begun) * 1e3, size, *memory(pid), path))


def main(program, trials):
    write_study("big.json", trials)
    subprocess.run([program, "study", "import", "big.json", "-s", "sqlite:///big.db"], check=True)
    command = [program, "dashboard", "-s", "sqlite:///big.db", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        url = re.match(r"dashboard at (http://\S+?)/$", server.stdout.readline())[1]
        table = "/api/studies/big/trials?"
        queries = [{"sort": "-number"}, {"sort": "value"}, {"sort": "value", "offset": 50}, {"filter": "p1 < 0.1", "sort": "p2"}]
        with urllib.request.urlopen(url + "/api/figures") as response:
            kinds = [kind["kind"] for kind in json.load(response)["kinds"]]
        for path in ["/", "/api/studies", "/api/studies/big", *(table + urllib.parse.urlencode(query) for query in queries),
                     *(f"/api/studies/big/figures/{kind}" for kind in kinds)]:
            measure(url, server.pid, path)
        server.terminate()


if __name__ == "__main__":
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main(program, int(sys.argv[2]) if len(sys.argv) > 2 else 100000)
