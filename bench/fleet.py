#!/usr/bin/python3
"""A fleet of simulated workers whose trials run for random times, on one study of a private PostgreSQL server that holds
many trials already. Some workers are connected to the database, each a process with a connection of its own; the others
ask one `hone serve --http`, which shares its connection and its history.

    fleet.py [--build build/release] [--clients 1000] [--direct 8] [--trials 100000] [--rate 200] [--seconds 20]

Prints one JSON object: asks served per second, their latency in milliseconds over HTTP and of the direct worker for whom
it was worst, and duplicates. Fails when a trial is lost or a number given twice.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "support"))
import postgres  # noqa: E402

# Trial 0, which hone made, as often as wanted, with other values.
FILL = """
INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)
    SELECT n, study_id, 'COMPLETE', datetime_start, datetime_complete FROM trials, generate_series(1, {last}) n
    WHERE number = 0 ORDER BY n;
INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json)
    SELECT t.trial_id, p.param_name, random(), p.distribution_json FROM trials t, trial_params p, trials z
    WHERE t.number > 0 AND z.number = 0 AND p.trial_id = z.trial_id ORDER BY t.trial_id, p.param_id;
INSERT INTO trial_values (trial_id, objective, value, value_type)
    SELECT trial_id, 0, random(), 'FINITE' FROM trials WHERE number > 0 ORDER BY trial_id;
INSERT INTO hone_trials (trial_id, study_id, ended) SELECT trial_id, study_id, true FROM trials WHERE number > 0;
ANALYZE;
"""


def fill(server, url, build, trials):
    name = url.split("?")[0].rsplit("/", 1)[1]
    subprocess.run([build + "/bench/bench_storage", "--url", url, "--trials", "1"], check=True, stdout=subprocess.DEVNULL)
    if trials > 1:
        server.psql(FILL.format(last=trials - 1), name)
        server.psql("CHECKPOINT", name)
    return name


def serve(build, url):
    """The process and its port."""
    process = subprocess.Popen([build + "/hone", "serve", "--http", "--listen", "127.0.0.1:0", "--storage", url,
                                "--max-connections", "8192"], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().rsplit(":", 1)[1].strip()


def run(arguments, url):
    """What the load over HTTP and each direct worker print."""
    build, over_http = arguments.build, arguments.clients - arguments.direct
    rate = arguments.rate * over_http / arguments.clients
    bench = [build + "/bench/bench_storage", "--url", url, "--calls", "1", "--trials", "1000000", "--seconds",
             str(arguments.seconds + 2), "--pause", str(int(1000 * arguments.clients / arguments.rate))]
    begin = int(time.time() + arguments.settle) + 1
    direct = [subprocess.Popen([*bench, "--begin", str(begin)], stdout=subprocess.PIPE, text=True)
              for _ in range(arguments.direct)]
    server, port = serve(build, url)
    try:
        load = [build + "/bench/bench_http_load", "--port", port, "--study", "bench", "--first", str(arguments.trials)]
        # The first ask makes the server read the study.
        subprocess.run([*load, "--clients", "1", "--pairs", "1"], check=True, stdout=subprocess.DEVNULL)
        time.sleep(max(0, begin - time.time()))
        http = subprocess.run([*load, "--clients", str(over_http), "--rate", str(rate), "--pairs",
                               str(max(1, int(rate * arguments.seconds)))], stdout=subprocess.PIPE, text=True, check=True)
        results = [json.loads(worker.communicate()[0]) for worker in direct]
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        server.stdout.close()
    assert all(worker.returncode == 0 for worker in direct), "a direct worker failed"
    return json.loads(http.stdout), results


def check(server, name, told):
    rows = server.psql("SELECT count(*), count(DISTINCT number), max(number) + 1, count(*) FILTER (WHERE state ="
                       " 'COMPLETE'), (SELECT count(*) FROM trial_values) FROM trials", name)[0].split("|")
    assert set(rows) == {str(told)}, f"{told} were told; trials, numbers, last number, complete, values: {rows}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(HERE, "..", "build", "release"))
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--direct", type=int, default=8, help="of the clients; each reads the whole study first")
    parser.add_argument("--trials", type=int, default=100000, help="that the study has before")
    parser.add_argument("--rate", type=float, default=200, help="asks per second of all clients")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--settle", type=float, default=30, help="seconds in which workers and server read the study")
    arguments = parser.parse_args()
    settings = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "256MB"}
    with postgres.Server(settings=settings) as server:
        url = server.database()
        name = fill(server, url, arguments.build, arguments.trials)
        http, direct = run(arguments, url)
        told = sum(result["told"] for result in direct)
        check(server, name, arguments.trials + 1 + http["pairs"] + told)
    figures = {"clients": arguments.clients, "direct": arguments.direct, "study": arguments.trials,
               "asks": http["pairs"] + told, "asks_per_s": round(http["asks_per_second"] + told / (arguments.seconds + 2), 1),
               "duplicates": http["twice"]}
    for key in ("ask_ms_p50", "ask_ms_p99", "ask_ms_max", "tell_ms_p50", "tell_ms_p99"):
        figures["http_" + key] = http[key]
        figures["direct_" + key] = max((result[key] for result in direct if result["told"]), default=None)
    print(json.dumps(figures))


main()
