"""Cross-validated scores of scikit-learn's models with sample weights in fits and scores, for test_weights.c.

    weight_oracle.py > weight_scores.csv

Data and folds are those of forest_oracle.py, the weights its generator's next numbers: 0 below 0.1, else from 0.3 to 3.
scikit-learn's cross_validate gives weights to fits only, so the folds are walked here. One line per data set, model and
metric: data, model as hone spells it, metric, the five fold scores.
"""
import numpy as np
import sklearn
from forest_oracle import COLUMNS, ROWS, make, values
from sklearn import metrics
from sklearn.ensemble import (GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier,
                              RandomForestRegressor)
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

EXACT = {"tol": 1e-14, "max_iter": 100000}
NEWTON = {"solver": "newton-cg", "tol": 1e-6, "max_iter": 100000}  # lbfgs stops earlier than it is told
TREE = {"max_depth": 3, "min_samples_leaf": 8, "random_state": 0}  # large leaves: no two cuts are equally good
FOREST = {"n_estimators": 2, "bootstrap": False, "max_features": None, **TREE}
BOOSTING = {"n_estimators": 10, **TREE}
TREE_TEXT = "max_depth: 3, min_samples_leaf: 8"
FOREST_TEXT = f"n_estimators: 2, bootstrap: false, max_features: all, {TREE_TEXT}"
CLASSIFIERS = {
    "svm:C=2": SVC(C=2, tol=1e-6),
    "{svm: {C: 2, class_weight: balanced, kernel: linear}}":
        SVC(C=2, class_weight="balanced", kernel="linear", tol=1e-6),
    "logistic:tolerance=1e-10,max_iter=100000": LogisticRegression(**NEWTON),
    "{logistic: {class_weight: balanced, tolerance: 1e-10, max_iter: 100000}}":
        LogisticRegression(class_weight="balanced", **NEWTON),
    "naive_bayes": GaussianNB(),
    f"{{decision_tree: {{{TREE_TEXT}}}}}": DecisionTreeClassifier(**TREE),
    f"{{random_forest: {{{FOREST_TEXT}, class_weight: balanced}}}}":
        RandomForestClassifier(class_weight="balanced", **FOREST),
    f"{{gradient_boosting: {{n_estimators: 10, {TREE_TEXT}}}}}": GradientBoostingClassifier(**BOOSTING),
}
REGRESSORS = {
    "svm:C=2": SVR(C=2, tol=1e-6),
    "ridge:alpha=2": Ridge(alpha=2),
    "lasso:alpha=0.01,tolerance=1e-14,max_iter=100000": Lasso(alpha=0.01, **EXACT),
    "elastic_net:alpha=0.02,tolerance=1e-14,max_iter=100000": ElasticNet(alpha=0.02, **EXACT),
    f"{{decision_tree: {{{TREE_TEXT}}}}}": DecisionTreeRegressor(**TREE),
    f"{{random_forest: {{{FOREST_TEXT}}}}}": RandomForestRegressor(**FOREST),
    f"{{gradient_boosting: {{n_estimators: 10, {TREE_TEXT}}}}}": GradientBoostingRegressor(**BOOSTING),
}


def weights():
    draws = values(ROWS * (COLUMNS + 2))[-ROWS:]
    return np.array([0 if u < 0.1 else 3 * u for u in draws])


def score(metric, model, x, y, w):
    if metric == "log_loss":
        return metrics.log_loss(y, model.predict_proba(x), sample_weight=w, labels=model.classes_)
    if metric == "f1_macro":
        return metrics.f1_score(y, model.predict(x), average="macro", sample_weight=w)
    one = {"accuracy": metrics.accuracy_score, "r2": metrics.r2_score, "mae": metrics.mean_absolute_error}[metric]
    return one(y, model.predict(x), sample_weight=w)


def main():
    print(f"# scikit-learn {sklearn.__version__}: data, model, metric, scores of the folds")
    w = weights()
    for data in ("two", "four", "values"):
        x, y = make(data)
        for name, model in (REGRESSORS if data == "values" else CLASSIFIERS).items():
            folds = KFold(5) if data == "values" else StratifiedKFold(5)
            wanted = ["r2", "mae"] if data == "values" else ["accuracy", "f1_macro"]
            wanted += ["log_loss"] if hasattr(model, "predict_proba") else []
            scores = {metric: [] for metric in wanted}
            for train, test in folds.split(x, y):
                model.fit(x[train], y[train], sample_weight=w[train])
                for metric in wanted:
                    scores[metric].append(repr(float(score(metric, model, x[test], y[test], w[test]))))
            for metric in wanted:
                print(data, name, metric, *scores[metric], sep="|")


if __name__ == "__main__":
    main()
