#!/bin/bash
# Tuning over HTTP from the shell: a client of `hone serve --http` with curl and sed.
#
# usage: examples/http_client.sh [url] [trials]     (default: http://127.0.0.1:8765 20; the token is taken from HONE_TOKEN)
set -euo pipefail
export LC_ALL=C # numbers have a point

url=${1:-http://127.0.0.1:8765} trials=${2:-20}

# hone <op> <body>: the answer. curl repeats what was lost, under the same identifier, so that nothing is done twice. The
# token goes through a pipe: a command line can be seen by others.
hone()
{
    curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused \
        --header "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" --json "$2" "$url/v1/$1" \
        --config <(printf 'header = "Authorization: Bearer %s"\n' "${HONE_TOKEN:-}")
}

# field <name>: a number of the answer on standard input.
field()
{
    sed -n "s/.*\"$1\":\\([-+.0-9e]*\\).*/\\1/p"
}

hone create "{\"study\":\"shell\",\"goal\":\"minimize loss\",\"space\":{\"x\":{\"float\":[-3,3]}},\"seed\":1,\"trials\":$trials}" > /dev/null
while asked=$(hone ask '{"study":"shell"}') && [[ $asked != *'"done":true'* ]]; do
    x=$(field x <<< "$asked")
    loss=$(awk -v x="$x" 'BEGIN { printf "%.6f", (x - 1) ^ 2 }')
    hone tell "{\"study\":\"shell\",\"trial\":$(field trial <<< "$asked"),\"value\":$loss}" > /dev/null
done
hone best '{"study":"shell"}'
