#!/usr/bin/python3
"""Writes metric_values.txt: cases drawn here, scored by scikit-learn.

A case is a line `case TASK N CLASSES WEIGHTED` followed by lines of N numbers (truth, predicted, weight when
weighted, and N * CLASSES probabilities for classification), then lines `NAME VALUE`.
"""
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics as m

EPS = np.finfo(float).eps


def classification(rng, n, k, weighted, shape):
    truth = rng.integers(0, k, n)
    raw = rng.random((n, k)) + 0.8 * np.eye(k)[truth] * rng.random((n, 1))
    if shape == "ties":
        raw = np.round(raw * 3) + 1
    proba = raw / raw.sum(axis=1, keepdims=True)
    if shape == "binary_ties":
        second = np.round(proba[:, 1] * 4) / 4
        proba = np.column_stack([1 - second, second])
    predicted = proba.argmax(axis=1)
    if shape == "constant":
        predicted = np.full(n, k - 1)
        proba = np.tile(np.eye(k)[k - 1], (n, 1))
    if shape == "missing_class":
        truth = np.where(truth == k - 1, 0, truth)
    if shape == "unsaid":
        predicted = np.where(predicted == 1, 0, predicted)
    if shape == "never":
        truth = np.zeros(n, dtype=int)
        predicted = np.zeros(n, dtype=int)
    weight = np.round(rng.random(n) * 3, 3) if weighted else None
    if weighted:
        weight[0] = 0
    return truth, predicted, proba, weight


def score_classes(truth, predicted, proba, w, k):
    out = {
        "accuracy": m.accuracy_score(truth, predicted, sample_weight=w),
        "balanced_accuracy": m.balanced_accuracy_score(truth, predicted, sample_weight=w),
        "matthews": m.matthews_corrcoef(truth, predicted, sample_weight=w),
        "log_loss": m.log_loss(truth, proba, sample_weight=w, labels=range(k)),
    }
    scores = {"precision": m.precision_score, "recall": m.recall_score, "f1": m.f1_score}
    for name, score in scores.items():
        for average in ("micro", "macro", "weighted"):
            out[f"{name}_{average}"] = score(truth, predicted, average=average, sample_weight=w, zero_division=0)
        if k == 2:
            out[name] = score(truth, predicted, sample_weight=w, zero_division=0)
    if k > 2:
        for top in (2, 3, 5):
            out[f"top_{top}_accuracy"] = m.top_k_accuracy_score(truth, proba, k=top, labels=range(k), sample_weight=w)
    if k == 2:
        out["average_precision"] = m.average_precision_score(truth, proba[:, 1], sample_weight=w)
        out["brier"] = m.brier_score_loss(truth, proba[:, 1], sample_weight=w, pos_label=1)
    if len(np.unique(truth)) == k:
        if k == 2:
            out["roc_auc"] = m.roc_auc_score(truth, proba[:, 1], sample_weight=w)
        else:
            for name, average in (("roc_auc_ovr", "macro"), ("roc_auc_ovr_weighted", "weighted")):
                out[name] = m.roc_auc_score(truth, proba, average=average, multi_class="ovr", sample_weight=w)
    return out


def regression(rng, n, weighted, shape):
    truth = np.round(rng.normal(size=n) * 5, 3)
    predicted = np.round(truth + rng.normal(size=n), 3)
    if shape == "constant_truth":
        truth = np.full(n, 2.5)
    if shape == "exact_constant":
        truth = predicted = np.full(n, 2.5)
    if shape == "constant":
        predicted = np.full(n, 1.25)
    if shape == "zeros":
        truth[::3] = 0
    return truth, predicted, np.round(rng.random(n) * 3 + 0.01, 3) if weighted else None


def score_values(truth, predicted, w):
    return {
        "r2": m.r2_score(truth, predicted, sample_weight=w),
        "mse": m.mean_squared_error(truth, predicted, sample_weight=w),
        "rmse": m.mean_squared_error(truth, predicted, sample_weight=w, squared=False),
        "mae": m.mean_absolute_error(truth, predicted, sample_weight=w),
        "mape": m.mean_absolute_percentage_error(truth, predicted, sample_weight=w),
        "median_ae": m.median_absolute_error(truth, predicted, sample_weight=w),
        "max_error": m.max_error(truth, predicted),
    }


def write(lines, task, k, truth, predicted, proba, weight, scores):
    lines.append(f"case {task} {len(truth)} {k} {int(weight is not None)}")
    for array in (truth, predicted, weight, proba):
        if array is not None:
            lines.append(" ".join(repr(float(x)) for x in np.ravel(array)))
    lines.extend(f"{name} {float(value)!r}" for name, value in scores.items())


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(20)
    lines = [f"# Written by metric_oracle.py: scikit-learn {sklearn.__version__}, NumPy {np.__version__}."]
    for k in (2, 3, 6):
        for shape in ("plain", "ties", "binary_ties", "constant", "missing_class", "unsaid", "never"):
            if shape == "binary_ties" and k > 2:
                continue
            for weighted in (False, True):
                for n in (7, 40):
                    truth, predicted, proba, weight = classification(rng, n, k, weighted, shape)
                    write(lines, "classification", k, truth, predicted, proba, weight,
                          score_classes(truth, predicted, proba, weight, k))
    for shape in ("plain", "constant_truth", "exact_constant", "constant", "zeros"):
        for weighted in (False, True):
            for n in (2, 9, 40):
                truth, predicted, weight = regression(rng, n, weighted, shape)
                write(lines, "regression", 0, truth, predicted, None, weight, score_values(truth, predicted, weight))
    pathlib.Path(__file__).with_name("metric_values.txt").write_text("\n".join(lines) + "\n")
    print(f"{sum(line[0].isalpha() and not line.startswith('case') for line in lines)} values")


if __name__ == "__main__":
    main()
