"""Scores of clusters by scikit-learn, for test_clusters.c.

    cluster_oracle.py > cluster_values.txt

The rows are those of forest_oracle.py; cluster k of row i is given by a formula that the test repeats. One line per
case and metric: rows, formula, metric, value. Then, per number of clusters, what cross-validation over KFold(5) without
shuffling gives: the mean silhouette and inertia of the rows that were not fitted, and the deviation over the folds.
"""
import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from sklearn.model_selection import KFold

from forest_oracle import make

METRICS = {"silhouette": silhouette_score, "calinski_harabasz": calinski_harabasz_score,
           "davies_bouldin": davies_bouldin_score}
FORMULAS = {
    "modulo": lambda x: np.arange(len(x)) % 3,
    "halves": lambda x: (x[:, 0] > 0.5).astype(int),
    "column": lambda x: x[:, 3].astype(int) * 2,  # clusters 1, 3, 5 are never met
    "alone": lambda x: np.where(np.arange(len(x)) == 0, 2, np.arange(len(x)) % 2),  # the first row is by itself
}


def main():
    x, _ = make("values")
    print(f"# scikit-learn {sklearn.__version__}")
    for rows in (7, 90, 300):
        for name, formula in FORMULAS.items():
            for metric, score in METRICS.items():
                print(rows, name, metric, repr(float(score(x[:rows], formula(x[:rows])))), sep=",")
    for clusters in (2, 4, 7):
        scores = []
        for train, test in KFold(5).split(x):
            model = KMeans(clusters, n_init=50, max_iter=1000, tol=0, random_state=0).fit(x[train])
            scores.append((silhouette_score(x[test], model.predict(x[test])), -model.score(x[test])))
        for metric, folds in zip(("silhouette", "inertia"), np.transpose(scores)):
            print("folds", clusters, metric, repr(float(np.mean(folds))), repr(float(np.std(folds))), sep=",")


if __name__ == "__main__":
    main()
