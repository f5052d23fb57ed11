#!/usr/bin/env python3
"""Starts `hone serve --http` on a free port, runs `bench_http_load` against it, and adds the server's processor time.

usage: http_server.py --program hone --load bench_http_load [--storage URL] [-- options of the load]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--storage", default="memory:", help="default: memory:; sqlite: a new file")
    parser.add_argument("options", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        storage = f"sqlite:///{folder}/load.db" if arguments.storage == "sqlite:" else arguments.storage
        command = [arguments.program, "serve", "--http", "--listen", "127.0.0.1:0", "--storage", storage, "--max-connections", "4096"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            port = server.stdout.readline().rsplit(":", 1)[1].strip()
            load = subprocess.run([arguments.load, "--port", port, *arguments.options], stdout=subprocess.PIPE, text=True)
            server.send_signal(signal.SIGTERM)
            _, status, used = os.wait4(server.pid, 0)
            server.returncode = os.waitstatus_to_exitcode(status)
    if load.returncode or server.returncode:
        sys.exit(f"http_server.py: load {load.returncode}, server {server.returncode}: {load.stdout}")
    figures = json.loads(load.stdout)
    seconds = used.ru_utime + used.ru_stime
    print(json.dumps({"storage": arguments.storage, **figures, "server_seconds": round(seconds, 3),
                      "server_us_a_pair": round(1e6 * seconds / figures["pairs"], 1), "server_mib": used.ru_maxrss // 1024}))


main()
