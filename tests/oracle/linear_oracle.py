#!/usr/bin/python3
"""Writes what scikit-learn's linear models, neighbours, naive Bayes and k-means find on small data.

    /usr/bin/python3 tests/oracle/linear_oracle.py > tests/oracle/linear_values.txt

Each line is a name and numbers: first the data, then results by the name of the case.
"""

import warnings

import numpy
import sklearn
from sklearn.calibration import _sigmoid_calibration
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score, silhouette_score
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC

ROWS, COLUMNS, WIDE = 90, 6, 4


def show(name, *arrays):
    values = numpy.concatenate([numpy.ravel(a) for a in arrays])
    print(name, " ".join(repr(float(v)) for v in values))


def regressions(x, value, weight):
    for alpha in (0.1, 10):
        model = Ridge(alpha=alpha).fit(x, value)
        show(f"ridge_{alpha}", model.coef_, [model.intercept_])
    model = Ridge(alpha=2).fit(x, value, sample_weight=weight)
    show("ridge_weighted", model.coef_, [model.intercept_])
    model = Ridge(alpha=2, fit_intercept=False).fit(x, value)
    show("ridge_through_zero", model.coef_, [0])
    model = Ridge(alpha=0.5).fit(x[:WIDE], value[:WIDE])
    show("ridge_wide", model.coef_, [model.intercept_])
    for name, rows in (("tall", ROWS), ("wide", WIDE)):
        errors = []
        for i in range(rows):
            keep = numpy.arange(rows) != i
            model = Ridge(alpha=0.5).fit(x[:rows][keep], value[:rows][keep], sample_weight=weight[:rows][keep])
            errors.append(value[i] - model.predict(x[i : i + 1])[0])
        show(f"leave_one_out_{name}", errors)
    exact = {"tol": 1e-14, "max_iter": 1000000}
    for alpha in (1, 0.1, 0.01):
        model = Lasso(alpha=alpha, **exact).fit(x, value)
        show(f"lasso_{alpha}", model.coef_, [model.intercept_])
    model = Lasso(alpha=0.05, **exact).fit(x, value, sample_weight=weight)
    show("lasso_weighted", model.coef_, [model.intercept_])
    model = Lasso(alpha=0.05, **exact).fit(x[:WIDE], value[:WIDE])
    show("lasso_wide", model.coef_, [model.intercept_])
    model = ElasticNet(alpha=0.1, l1_ratio=0.3, **exact).fit(x, value)
    show("elastic_net", model.coef_, [model.intercept_])
    model = ElasticNet(alpha=0.1, l1_ratio=0.3, fit_intercept=False, **exact).fit(x, value)
    show("elastic_net_through_zero", model.coef_, [0])


def logistic(x, two, three, weight):
    newton = {"solver": "newton-cg", "tol": 1e-9, "max_iter": 300}
    saga = {"solver": "saga", "tol": 1e-11, "max_iter": 50000}
    cases = {
        "l2_0.1": dict(C=0.1, **newton),
        "l2_10": dict(C=10, **newton),
        "l2_through_zero": dict(fit_intercept=False, **newton),
        "balanced": dict(class_weight="balanced", **newton),
        "none": dict(penalty="none", **newton),
        "l1": dict(penalty="l1", C=0.2, **saga),
        "elastic_net": dict(penalty="elasticnet", l1_ratio=0.3, C=0.5, **saga),
    }
    for name, options in cases.items():
        model = LogisticRegression(**options).fit(x, two)
        show(f"two_{name}", model.coef_, model.intercept_)
        model = LogisticRegression(multi_class="multinomial", **options).fit(x, three)
        show(f"three_{name}", model.predict_proba(x[:10]))
    model = LogisticRegression(**newton).fit(x, two, sample_weight=weight)
    show("two_weighted", model.coef_, model.intercept_)


def others(x, three, value, weight, counts):
    model = GaussianNB().fit(x, three, sample_weight=weight)
    show("gaussian", model.predict_proba(x[:10]))
    for alpha in (1, 0.01):
        model = MultinomialNB(alpha=alpha).fit(counts, three, sample_weight=weight)
        show(f"multinomial_{alpha}", model.predict_proba(counts[:10]))
    for p in (1, 2, 3):
        for weights in ("uniform", "distance"):
            options = {"n_neighbors": 4, "weights": weights, "p": p, "algorithm": "brute"}
            model = KNeighborsClassifier(**options).fit(x[20:], three[20:])
            show(f"neighbors_{p}_{weights}", model.predict_proba(x[:30]))
            model = KNeighborsRegressor(**options).fit(x[20:], value[20:])
            show(f"neighbors_{p}_{weights}_value", model.predict(x[:30]))
    model = KMeans(n_clusters=3, n_init=50, random_state=0, tol=0, max_iter=1000).fit(x)
    show("kmeans", [model.inertia_, silhouette_score(x, model.labels_)])


def machines(x, two, three):
    """Decisions of SVC; Platt's coefficients for given decisions; coupled probabilities for given coefficients."""
    options = {"C": 2, "gamma": 0.3, "tol": 1e-10}
    model = SVC(**options).fit(x, two)
    decisions = model.decision_function(x)
    show("svm_decision_two", decisions[:30])
    show("svm_ranking", [roc_auc_score(two, decisions), average_precision_score(two, decisions)])
    show("svm_decision_three", SVC(**options).fit(x, three).decision_function(x[:30]))
    model = LogisticRegression(tol=1e-10, solver="newton-cg").fit(x, two)
    decisions = model.decision_function(x)
    show("logistic_decision_two", decisions[:30])
    show("platt", decisions, _sigmoid_calibration(decisions, two))
    model = SVC(**options, probability=True, random_state=0, decision_function_shape="ovo").fit(x, three)
    show("coupling", model.probA_, model.probB_, model.decision_function(x[:10]), model.predict_proba(x[:10]))
    losses = [log_loss(three, SVC(**options, probability=True, random_state=seed).fit(x, three).predict_proba(x)) for seed in range(60)]
    show("svm_log_loss", [min(losses), numpy.mean(losses)])


warnings.simplefilter("ignore")
print(f"# scikit-learn {sklearn.__version__}; made by linear_oracle.py")
x, three = make_classification(
    n_samples=ROWS, n_features=COLUMNS, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, flip_y=0.4, random_state=7
)
random = numpy.random.RandomState(7)
x = numpy.round(x, 3)
two = (three == 2).astype(int)
value = numpy.round(x @ random.normal(size=COLUMNS) + random.normal(size=ROWS) + 3, 3)
weight = random.randint(1, 5, size=ROWS)
counts = random.poisson(1 + three[:, None] * numpy.arange(COLUMNS) % 4, size=(ROWS, COLUMNS))
for name, array in (("x", x), ("three", three), ("two", two), ("value", value), ("weight", weight), ("counts", counts)):
    show(name, array)
regressions(x, value, weight)
logistic(x, two, three, weight)
others(x, three, value, weight, counts)
machines(x, two, three)
