/* knn.c: k nearest neighbours (Fix & Hodges 1951) exactly: knn_nearest.c. Options
 * and defaults are scikit-learn's KNeighborsClassifier and KNeighborsRegressor; of equally near rows those
 * that come first in training are nearer.
 */
#include <stddef.h>

#include "base/memory.h"
#include "model/knn.h"

static const char *const weight_names[] = {"uniform", "distance", NULL};

static const hn_option options[] = {
    {"n_neighbors", HN_OPTION_INT, "5", 1, 1e9, NULL, offsetof(hn_knn_config, n_neighbors),
     "training rows that decide; no more than there are"},
    {"weights", HN_OPTION_CHOICE, "uniform", 0, 0, weight_names, offsetof(hn_knn_config, weights),
     "uniform: each counts the same; distance: 1 / distance"},
    {"metric", HN_OPTION_CHOICE, "euclidean", 0, 0, hn_knn_metric_names, offsetof(hn_knn_config, metric),
     "distance of two rows"},
    {"p", HN_OPTION_DOUBLE, "2", 1, 100, NULL, offsetof(hn_knn_config, p), "power of the minkowski metric"},
};

hn_knn *hn_knn_new(size_t n, size_t d)
{
    hn_knn *knn = hn_calloc(1, sizeof *knn);
    if (!knn)
        return NULL;
    knn->n = n;
    knn->d = d;
    knn->y = hn_calloc(n, sizeof *knn->y);
    if (knn->y)
        return knn;
    hn_free(knn);
    return NULL;
}

void hn_knn_destroy(void *fitted)
{
    hn_knn *knn = fitted;
    if (!knn)
        return;
    hn_kept_rows_destroy(knn->rows);
    hn_free(knn->y);
    hn_free(knn);
}

extern const hn_model_type hn_model_knn;

const hn_model_type hn_model_knn = {
    .name = "knn",
    .help = "k nearest neighbours, by euclidean, manhattan or minkowski distance",
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_PROBABILITY | HN_MODEL_PARTIAL_FIT | HN_MODEL_SOURCE,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_knn_config)},
    .default_space = "n_neighbors: {int: [1, 50], log: true}\n"
                     "weights: {choice: [uniform, distance]}\n"
                     "metric: {choice: [euclidean, manhattan]}\n",
    .simpler = "larger n_neighbors",
    .fit = hn_knn_fit,
    .partial_fit = hn_knn_partial_fit,
    .destroy = hn_knn_destroy,
    .predict = hn_knn_predict,
    .predict_proba = hn_knn_predict_proba,
    .save = hn_knn_save,
    .load = hn_knn_load,
    .graph = hn_knn_graph,
};
