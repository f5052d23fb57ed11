#!/usr/bin/python3
"""Runs two commands in turn and prints the ratio of one figure of each: what a benchmark's README line quotes.

    side_by_side.py --rounds 3 --ours 'bench_storage --trials 1000' trials_per_second \
                    --peer 'peer_storage.py --trials 60' trials_per_s --higher-is-better

Each command prints JSON objects, a line each; the figure is taken from the last line that has it.
"""
import argparse
import json
import shlex
import statistics
import subprocess


def figure(command, key):
    output = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True).stdout
    found = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [float(entry[key]) for entry in found if key in entry][-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ours", nargs=2, metavar=("COMMAND", "KEY"), required=True)
    parser.add_argument("--peer", nargs=2, metavar=("COMMAND", "KEY"), required=True)
    parser.add_argument("--higher-is-better", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    ours, peer = [], []
    for _ in range(arguments.rounds):
        ours.append(figure(*arguments.ours))
        peer.append(figure(*arguments.peer))
    ratios = [a / b if arguments.higher_is_better else b / a for a, b in zip(ours, peer)]
    print(json.dumps({"ours": ours, "peer": peer, "times_better": [round(r, 2) for r in ratios],
                      "median": round(statistics.median(ratios), 2)}))


if __name__ == "__main__":
    main()
