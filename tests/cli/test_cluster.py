#!/usr/bin/python3
"""Clustering from the program: no target, its metrics, what is saved, what is wrong."""

import collections
import json
import os
import random
import tempfile

from hone_test import hone, run


def blobs(name, centres, n, seed, label=False):
    draw = random.Random(seed)
    lines = ["a,b,colour" + (",kind" if label else "")]
    for i in range(n):
        k = i % len(centres)
        a, b = (draw.gauss(centre, 0.3) for centre in centres[k])
        lines.append(f"{a:.4f},{b:.4f},{draw.choice(['red', 'blue'])}" + (f",kind{k}" if label else ""))
    with open(name, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def refused(*arguments, says):
    result = hone("fit", *arguments)
    assert result.returncode and says in result.stderr, (arguments, result.returncode, result.stdout, result.stderr)


def fits():
    shown = run("fit", "blobs.csv", "--task", "clustering", "--sampler", "grid", "--seed", 3, "-o", "k.hone", "--metric",
                "silhouette,inertia,davies_bouldin,calinski_harabasz", "-p", "n_clusters={int: [2, 6]}", "--held-out", 0.2, "--scale", "none")
    for part in ("kmeans, 5 folds of 200 rows, 3 columns, clustering", "n_clusters 4", "held out", "40 rows"):
        assert part in shown.stdout, (part, shown.stdout)
    predicted = run("predict", "k.hone", "new.csv").stdout.split()
    assert predicted[0] == "cluster" and len(predicted) == 81, predicted[:3]
    assert sorted(collections.Counter(predicted[1:]).values()) == [20, 20, 20, 20], collections.Counter(predicted)
    scores = json.loads(run("evaluate", "k.hone", "labelled.csv", "--metric", "silhouette,inertia", "--json").stdout)
    assert scores["rows"] == 80 and scores["scores"]["silhouette"] > 0.5 and scores["scores"]["inertia"] > 0, scores
    failed = hone("evaluate", "k.hone", "new.csv", "--report")
    assert failed.returncode and "this model does clustering" in failed.stderr, failed.stderr


def leaves_the_label_out():
    shown = run("fit", "labelled.csv", "-m", "kmeans", "-y", "kind", "-p", "n_clusters=4", "--trials", 2, "--scale", "none", "-o", "l.hone")
    assert "80 rows, 3 columns, clustering" in shown.stdout, shown.stdout
    kinds = [line.split(",")[3] for line in open("labelled.csv", encoding="utf-8").read().split()[1:]]
    clusters = run("predict", "l.hone", "labelled.csv").stdout.split()[1:]
    assert len(set(zip(kinds, clusters))) == 4, collections.Counter(zip(kinds, clusters))


def reads_study_files():
    with open("study.yaml", "w", encoding="utf-8") as file:
        file.write("goal: minimize davies_bouldin\ndata: {train: blobs.csv, drop: [colour]}\n"
                   "model: {type: kmeans, n_clusters: {int: [2, 6]}}\nmetrics: [silhouette]\n"
                   "cv: {kind: shuffle, folds: 3, train_scores: true}\nsearch: {sampler: grid, seed: 1}\n")
    shown = run("tune", "study.yaml")
    assert "n_clusters 4" in shown.stdout and "2 columns, clustering" in shown.stdout, shown.stdout


def refuses():
    with open("weighed.csv", "w", encoding="utf-8") as file:
        file.write("a,b,size\n" + "".join(f"{i},{i * i},{i + 1}\n" for i in range(20)))
    refused("blobs.csv", "-m", "svm", "--task", "clustering", says="model svm cannot do clustering")
    refused("labelled.csv", "-m", "kmeans", "--task", "classification", says="model kmeans cannot do classification")
    refused("blobs.csv", "--task", "groups", says="classification, regression or clustering")
    refused("blobs.csv", "--study", "bad", "-m", "kmeans", "--metric", "accuracy", says="metric accuracy is not for clustering; there are silhouette")
    refused("labelled.csv", "-y", "kind", "--metric", "inertia", says="metric inertia is not for classification")
    refused("blobs.csv", "--study", "bad", "-m", "kmeans", "-y", "size", says='there is no column "size"')
    refused("blobs.csv", "--study", "bad", "-m", "kmeans", "-p", "n_clusters=0", says="n_clusters")
    refused("weighed.csv", "-m", "kmeans", "--weights", "size", says="kmeans")
    few = hone("fit", "blobs.csv", "-m", "kmeans", "-p", "n_clusters=161", "--study", "few")
    assert few.returncode, (few.stdout, few.stderr)
    blobs("tiny.csv", [(0, 0), (9, 9)], 7, 2)
    tiny = hone("fit", "tiny.csv", "-m", "kmeans", "-p", "n_clusters=2", "-n", 1, "--seed", 1, "--study", "tiny")
    assert "of 5, which need at least two clusters, and fewer clusters than rows; fewer folds have more rows each" in tiny.stdout + tiny.stderr, tiny
    assert "n_clusters is 161, but there are only 160 rows to learn from" in few.stdout + few.stderr, (few.stdout, few.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        centres = [(0, 0), (0, 8), (8, 0), (8, 8)]
        blobs("blobs.csv", centres, 200, 1)
        blobs("new.csv", centres, 80, 2)
        blobs("labelled.csv", centres, 80, 4, label=True)
        fits()
        leaves_the_label_out()
        reads_study_files()
        refuses()


main()
