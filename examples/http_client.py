#!/usr/bin/env python3
"""Tuning over HTTP, with nothing but the standard library: a client of `hone serve --http`.

usage: examples/http_client.py [url] [trials]     (default: http://127.0.0.1:8765 30; the token is taken from HONE_TOKEN)
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8765"
TRIALS = int(sys.argv[2]) if len(sys.argv) > 2 else 30


def hone(op, **fields):
    """One request. When its answer is lost it is repeated under the same identifier, so that nothing is done twice."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    if "HONE_TOKEN" in os.environ:
        headers["Authorization"] = "Bearer " + os.environ["HONE_TOKEN"]
    request = urllib.request.Request(f"{URL}/v1/{op}", json.dumps(fields).encode(), headers)
    for wait in (1, 2, 4, 8, None):
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 502, 503, 504) or wait is None:
                raise RuntimeError(json.load(error)["error"]["message"]) from error
        except OSError:
            if wait is None:
                raise
        time.sleep(wait)


hone("create", study="http", goal="minimize loss", space={"x": {"float": [-3, 3]}, "n": {"int": [1, 5]}}, seed=1, trials=TRIALS)
while True:
    asked = hone("ask", study="http")
    if "done" in asked:
        break
    x, n = asked["params"]["x"], asked["params"]["n"]
    hone("tell", study="http", trial=asked["trial"], value=(x - 1) ** 2 + n, lease=asked["lease"])
best = hone("best", study="http")
print(f"trial {best['trial']}: loss {best['values'][0]:.4f} with {best['params']}")
