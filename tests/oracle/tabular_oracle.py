"""Cross-validated scores of scikit-learn's and XGBoost's models with default settings on twelve real data sets, for
test_tabular.c.

    tabular_oracle.py FOLDER > tabular_values.csv     (FOLDER: ../shared/data/tabular)

A "set" line says how a file is read: name, file, target (a column's name or position), lines to skip, task, and how many
rows are used, drawn without replacement by a formula that the test repeats (see order()). Folds are those of
StratifiedKFold(5) and KFold(5) over the rows in the order drawn. A "score" line is set, model, metric, the mean over
folds (and seeds, where the model draws), the standard deviation over folds. Numbers are standardised, text becomes 0/1
columns, as hone does; clusters are scored on the rows they were not fitted to.
"""
import csv
import gzip
import sys
import warnings

import numpy as np
import sklearn
import xgboost
from sklearn import ensemble, linear_model, naive_bayes, neighbors, svm, tree
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import silhouette_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler

CLASSES, NUMBERS, CLUSTERS = "classification", "regression", "clustering"
SETS = [
    ("iris", "iris.csv.gz", -1, 0, CLASSES, 150),
    ("wine", "wine.csv.gz", -1, 0, CLASSES, 178),
    ("cancer", "breast_cancer_wdbc.csv.gz", -1, 1, CLASSES, 569),
    ("german", "german.csv.gz", -1, 0, CLASSES, 1000),
    ("ionosphere", "pmlb_ionosphere.tsv.gz", "target", 0, CLASSES, 351),
    ("digits", "digits.csv.gz", -1, 0, CLASSES, 1797),
    ("phoneme", "pmlb_phoneme.tsv.gz", "target", 0, CLASSES, 2500),
    ("letter", "pmlb_letter.tsv.gz", "target", 0, CLASSES, 1500),
    ("boston", "housing.csv.gz", -1, 0, NUMBERS, 506),
    ("redwine", "winequality-red.csv.gz", -1, 0, NUMBERS, 1599),
    ("california", "california_housing.csv.gz", "median_house_value", 0, NUMBERS, 2500),
    ("diamonds", "diamonds.csv.gz", "price", 0, NUMBERS, 2500),
]
SEEDS = range(3)
# By task: the twin for a seed; those that draw nothing are fitted once.
MODELS = {
    "svm": {CLASSES: lambda seed: svm.SVC(), NUMBERS: lambda seed: svm.SVR()},
    "logistic": {CLASSES: lambda seed: linear_model.LogisticRegression()},
    "ridge": {NUMBERS: lambda seed: linear_model.Ridge()},
    "lasso": {NUMBERS: lambda seed: linear_model.Lasso()},
    "elastic_net": {NUMBERS: lambda seed: linear_model.ElasticNet()},
    "knn": {CLASSES: lambda seed: neighbors.KNeighborsClassifier(), NUMBERS: lambda seed: neighbors.KNeighborsRegressor()},
    "naive_bayes": {CLASSES: lambda seed: naive_bayes.GaussianNB()},
    "decision_tree": {CLASSES: lambda seed: tree.DecisionTreeClassifier(random_state=seed),
                      NUMBERS: lambda seed: tree.DecisionTreeRegressor(random_state=seed)},
    "random_forest": {CLASSES: lambda seed: ensemble.RandomForestClassifier(random_state=seed),
                      NUMBERS: lambda seed: ensemble.RandomForestRegressor(random_state=seed)},
    "extra_trees": {CLASSES: lambda seed: ensemble.ExtraTreesClassifier(random_state=seed),
                    NUMBERS: lambda seed: ensemble.ExtraTreesRegressor(random_state=seed)},
    "gradient_boosting": {CLASSES: lambda seed: ensemble.GradientBoostingClassifier(random_state=seed),
                          NUMBERS: lambda seed: ensemble.GradientBoostingRegressor(random_state=seed)},
    "xgboost": {CLASSES: lambda seed: xgboost.XGBClassifier(n_jobs=1), NUMBERS: lambda seed: xgboost.XGBRegressor(n_jobs=1)},
    "kmeans": {CLUSTERS: lambda seed: KMeans(n_init=10, random_state=seed)},
}
DRAWING = {"decision_tree", "random_forest", "extra_trees", "kmeans"}
METRICS = {CLASSES: "accuracy", NUMBERS: "r2", CLUSTERS: "silhouette"}


def order(n, wanted):
    """The first rows of a shuffle: Fisher and Yates's, by the upper 32 bits of Knuth's MMIX generator."""
    rows, state = list(range(n)), 1
    for i in range(wanted):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        k = i + (state >> 32) % (n - i)
        rows[i], rows[k] = rows[k], rows[i]
    return rows[:wanted]


def number(text):
    return np.nan if text in ("", "?") else float(text)


def is_text(column):
    try:
        return [number(cell) for cell in column] is None
    except ValueError:
        return True


def read(folder, file, target, skip):
    """The features, of which those in `texts` hold text, the target, and `texts`."""
    with gzip.open(f"{folder}/{file}", "rt", encoding="utf-8-sig") as lines:
        rows = [row for row in csv.reader(lines, delimiter="\t" if ".tsv" in file else ",") if row][skip:]
    if isinstance(target, str):  # named: there is a header
        target = rows.pop(0).index(target)
    columns = [list(column) for column in zip(*rows)]
    y = columns.pop(target)
    texts = [j for j, column in enumerate(columns) if is_text(column)]
    x = np.empty((len(rows), len(columns)), dtype=object)
    for j, column in enumerate(columns):
        x[:, j] = column if j in texts else [number(cell) for cell in column]
    return x, np.array(y), texts


def prepare(texts, width):
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    encode = make_pipeline(SimpleImputer(strategy="most_frequent"),
                           OneHotEncoder(drop="if_binary", handle_unknown="ignore"))
    return make_column_transformer((numbers, [j for j in range(width) if j not in texts]), (encode, texts),
                                   sparse_threshold=0)


def silhouette(model, x, _=None):
    return silhouette_score(model[:-1].transform(x), model.predict(x))


def score(name, task, x, y, texts):
    """(mean, deviation over folds)"""
    folds = []
    for seed in SEEDS if name in DRAWING else [0]:
        model = make_pipeline(prepare(texts, x.shape[1]), MODELS[name][task](seed))
        split = StratifiedKFold(5) if task == CLASSES else KFold(5)
        scoring = silhouette if task == CLUSTERS else METRICS[task]
        folds.append(cross_val_score(model, x, y if task != CLUSTERS else None, cv=split, scoring=scoring,
                                     error_score="raise"))
    return np.mean(folds), np.mean(np.std(folds, axis=1))


def main():
    warnings.simplefilter("ignore")
    print(f"# scikit-learn {sklearn.__version__}, XGBoost {xgboost.__version__}")
    for name, file, target, skip, task, wanted in SETS:
        x, y, texts = read(sys.argv[1], file, target, skip)
        rows = order(len(x), wanted)
        x, y = x[rows], y[rows]
        y = LabelEncoder().fit_transform(y) if task == CLASSES else y.astype(float)
        print("set", name, file, target, skip, task, wanted, sep=",")
        for model, tasks in MODELS.items():
            for kind in (task, CLUSTERS):
                if kind in tasks:
                    mean, deviation = score(model, kind, x, y, texts)
                    print("score", name, model, METRICS[kind], "%.6f" % mean, "%.6f" % deviation, sep=",", flush=True)


if __name__ == "__main__":
    main()
