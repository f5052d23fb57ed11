/* model/knn.h: what the files of the nearest neighbours share. */
#ifndef HN_MODEL_KNN_H
#define HN_MODEL_KNN_H

#include "model/kept_rows.h"

/* Values are saved by name. */
typedef enum hn_knn_metric { HN_KNN_EUCLIDEAN, HN_KNN_MANHATTAN, HN_KNN_MINKOWSKI } hn_knn_metric;

typedef struct hn_knn_config {
    int64_t n_neighbors;
    int weights; /* 0 uniform, 1 distance */
    int metric;  /* hn_knn_metric */
    double p;
} hn_knn_config;

typedef struct hn_knn {
    hn_knn_metric metric;
    double p;
    bool by_distance;
    size_t k; /* <= n */
    size_t n, d, n_classes;
    hn_kept_rows *rows; /* (n, d) */
    double *y;          /* (n,) */
} hn_knn;

extern const char *const hn_knn_metric_names[]; /* NULL-terminated */

/* Room for n targets, not filled, without rows; NULL when memory is out. */
hn_knn *hn_knn_new(size_t n, size_t d);
void hn_knn_destroy(void *fitted);
hone_status hn_knn_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err);
hone_status hn_knn_partial_fit(const void *fitted, const void *config, const hn_design *more,
                               const hn_fit_context *context, void **updated, hone_error *err);
hone_status hn_knn_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_knn_predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_knn_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err);
hone_status hn_knn_load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err);

hone_status hn_knn_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                         hone_error *err);

typedef struct hn_neighbor {
    double distance;
    size_t row; /* of training */
} hn_neighbor;

/* --- distances --- */

/* Of two rows of d values, up to a map that keeps their order: squared for euclidean, the sum of powers for
 * minkowski. The same bits on every CPU. */
double hn_knn_gap(const hn_knn *knn, const double *a, const double *b);
/* The distance that a gap stands for. */
double hn_knn_distance(const hn_knn *knn, double gap);
bool hn_knn_is_euclidean(const hn_knn *knn);
bool hn_knn_is_manhattan(const hn_knn *knn);

/* --- searching --- */

/* How many queries are best searched for at a time. */
size_t hn_knn_batch(const hn_knn *knn);
/* nearest (n, k): the k training rows with the smallest gaps to each of n queries x (n, d), the nearest
 * first, equally near ones as they come in training. Exactly those that measuring every row gives. */
hone_status hn_knn_nearest(const hn_knn *knn, const double *x, size_t n, hn_neighbor *nearest,
                           hone_error *err);

#endif
