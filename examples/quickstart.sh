#!/bin/bash
# Two things worth tuning, in under a minute: the built-in SVM on real images, then a program of one's own.
# `./dev quickstart` builds hone and runs this; with hone installed: bash examples/quickstart.sh [folder]
set -euo pipefail

examples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$(mktemp -d "${TMPDIR:-/tmp}/hone-quickstart.XXXXXX")}

say()
{
    printf '\n\033[1m%s\033[0m\n' "$*"
}

# Shows a command as one would type it, then runs it.
run()
{
    local word line='$'
    for word in "$@"; do
        [[ $word =~ ^[A-Za-z0-9_./:=+-]+$ ]] || word=${word@Q}
        line+=" $word"
    done
    printf '\n%s\n' "$line"
    "$@"
}

[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
command -v hone >/dev/null || { echo "quickstart: there is no hone in PATH: ./dev build" >&2 && exit 1; }
if [ ! -e /usr/share/datasets/fashion-mnist ]; then
    echo "quickstart: the images are missing: apt-get install dataset-fashion-mnist" >&2
    exit 1
fi

mkdir -p "$folder"
cd "$folder"
/usr/bin/python3 "$examples/fashion.py" 1500 train.csv
/usr/bin/python3 "$examples/fashion.py" 1000 test.csv --test
head -n 401 train.csv >small.csv

say "1. The built-in SVM on Fashion-MNIST (1500 images, 49 columns, 10 classes): which C, kernel and gamma?"
echo "   Each trial is a 5-fold cross-validation; the best is fitted again on all rows and scored on 1000 new images."
run hone fit train.csv --target class --test test.csv --trials 30 --seed 1 --output fashion.hone
run hone evaluate fashion.hone test.csv

say "2. Any program that prints what it achieves: a softmax regression written in awk"
echo "   It prints 'epoch=3 accuracy=0.71' as it goes; the median pruner ends runs that fall behind."
run hone tune --goal 'maximize accuracy' --trials 25 --workers 2 --seed 1 --pruner median:n_startup=4 \
    -p 'lr: {float: [0.001, 1], log: true}' -p 'decay: {float: [0.5, 1]}' -p 'l2: {float: [1e-7, 1e-2], log: true}' \
    -- bash "$examples/train.sh" small.csv --lr '{lr}' --decay '{decay}' --l2 '{l2}'

say "Everything is in $folder: hone.db (both studies), fashion.hone (the model), hone.runs (logs)."
