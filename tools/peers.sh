#!/bin/bash
# Makes the virtual environment of the peers (Optuna and friends) that tests and benchmarks compare with,
# and prints the path of its Python. It lives outside the tree; running again when it is complete costs
# nothing. Exits with 1, and says why on standard error, when it cannot be made.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
list=$here/peers.txt
venv=${HONE_PEERS_DIR:-$HOME/.cache/hone/peers}
system_python=/usr/bin/python3
stamp=$venv/.peers.txt

fail()
{
    printf 'peers.sh: %s\n' "$*" >&2
    exit 1
}

# The copy of the list is written last, so an interrupted installation starts over.
if [ -x "$venv/bin/python" ] && cmp -s "$list" "$stamp"; then
    printf '%s\n' "$venv/bin/python"
    exit 0
fi

[ -z "${HONE_PEERS_MISSING:-}" ] || fail "$HONE_PEERS_MISSING" # known already
[ -x "$system_python" ] || fail "$system_python is missing: apt-get install python3 python3-venv"
mkdir -p "$(dirname "$venv")" || fail "cannot make $(dirname "$venv"): set HONE_PEERS_DIR"

# Two runs at once would tear each other's environment apart.
exec 9>"$venv.lock"
flock 9
if cmp -s "$list" "$stamp"; then
    printf '%s\n' "$venv/bin/python"
    exit 0
fi

# What is installed stays: a line added to the list costs that package alone, and who is using the others goes on.
log=$venv.log
: >"$log"
"$venv/bin/python" -m pip --version >>"$log" 2>&1 ||
    "$system_python" -m venv --clear --system-site-packages "$venv" >>"$log" 2>&1 ||
    fail "cannot create $venv (is python3-venv installed?): $(tail -n 1 "$log")"
"$venv/bin/python" -m pip install --quiet --requirement "$list" >>"$log" 2>&1 ||
    fail "cannot install $list, see $log: $(grep -m 1 -i error "$log" || tail -n 1 "$log")"
cp "$list" "$stamp"
printf '%s\n' "$venv/bin/python"
