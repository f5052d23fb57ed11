#!/bin/bash
# A small training program, as an example of what hone tunes: softmax regression by stochastic gradient descent, in awk.
#
#     train.sh data.csv --lr 0.1 --decay 0.9 --l2 1e-4 [--epochs 8]
#
# data.csv has a header; its last column is the class 0, 1, 2 ..., the others are numbers from 0 to 1. Every fifth row is kept for
# validation. It prints one line an epoch, such as "epoch=3 accuracy=0.71": that is all hone needs.
set -euo pipefail

data=$1
shift
lr=0.1 decay=1 l2=0 epochs=8
while [ $# -gt 1 ]; do
    case $1 in
    --lr) lr=$2 ;;
    --decay) decay=$2 ;;
    --l2) l2=$2 ;;
    --epochs) epochs=$2 ;;
    *) echo "train.sh: unknown option $1" >&2 && exit 2 ;;
    esac
    shift 2
done

LC_ALL=C exec awk -F, -v lr="$lr" -v decay="$decay" -v l2="$l2" -v epochs="$epochs" '
    # The scores of row i: p[k], normalised to probabilities.
    function predict(i,    k, j, top, sum) {
        top = -1e300
        for (k = 0; k < classes; k++) {
            p[k] = w[k, 0]
            for (j = 1; j <= d; j++) if (x[i, j]) p[k] += w[k, j] * x[i, j]
            if (p[k] > top) { top = p[k]; best = k }
        }
        for (k = 0; k < classes; k++) sum += p[k] = exp(p[k] - top)
        for (k = 0; k < classes; k++) p[k] /= sum
    }
    NR > 1 {
        n++
        d = NF - 1
        y[n] = $NF
        if (y[n] >= classes) classes = y[n] + 1
        for (j = 1; j <= d; j++) x[n, j] = $j + 0
    }
    END {
        for (epoch = 1; epoch <= epochs; epoch++) {
            for (i = 1; i <= n; i++) {
                if (i % 5 == 0) continue
                predict(i)
                for (k = 0; k < classes; k++) {
                    step = lr * (p[k] - (k == y[i]))
                    w[k, 0] -= step
                    for (j = 1; j <= d; j++) if (x[i, j]) w[k, j] -= step * x[i, j] + lr * l2 * w[k, j]
                }
            }
            right = seen = 0
            for (i = 5; i <= n; i += 5) { predict(i); seen++; right += best == y[i] }
            printf "epoch=%d accuracy=%.4f\n", epoch, right / seen
            fflush()
            lr *= decay
        }
    }' "$data"
