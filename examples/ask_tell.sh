#!/bin/sh
# Tuning with nothing but a shell: ask for parameters, measure, tell. Any number of these loops may run at once.
# usage: examples/ask_tell.sh [trials]     (hone must be on the PATH; the study goes to ask_tell.db in this folder)
set -eu
trials=${1:-20}
export HONE_STORAGE=sqlite:///ask_tell.db HONE_STUDY=shell

# What is measured: (x - 3)^2 + (y + 1)^2, with y only when the shape is "round".
measure() {
    LC_ALL=C awk -v x="$1" -v y="$2" 'BEGIN { printf "%.12g", (x - 3) ^ 2 + (y + 1) ^ 2 }'
}

hone study create --quiet --goal 'minimize distance' \
    -p 'x: {float: [-10, 10]}' \
    -p 'shape: {choice: [round, flat]}' \
    -p 'y: {float: [-10, 10], when: shape == round}'

i=0
while [ "$i" -lt "$trials" ]; do
    asked=$(hone ask)      # trial=0 lease=... x=... shape=..., quoted for a shell
    y=0                    # stays so when the trial has no y
    eval "$asked"
    # shellcheck disable=SC2154 # the variables of the trial
    hone tell "$trial" "$(measure "$x" "$y")" --lease "$lease"
    i=$((i + 1))
done
hone best
