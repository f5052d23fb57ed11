#!/bin/sh
# The iris tutorial from end to end: search, refit, test, predict, look. usage: iris.sh IRIS.csv (five columns, the last one the
# species), in a folder of its own.
set -eu
data=$1

hone fit "$data" --model random_forest --sampler grid --seed 42 --held-out 0.2 -o iris.hone \
    -p 'n_estimators: {choice: [50, 100, 200]}' -p 'max_depth: {choice: [null, 10, 20]}' \
    -p 'min_samples_split: {choice: [2, 5, 10]}' -p 'min_samples_leaf: {choice: [1, 2, 4]}'
hone best iris-random_forest
hone evaluate iris.hone "$data" --report
hone importance iris.hone "$data"
head -4 "$data" | cut -d, -f1-4 | hone predict iris.hone - --proba
