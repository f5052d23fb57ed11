/* model/knn.h: what the files of the nearest neighbours share. */
#ifndef HN_MODEL_KNN_H
#define HN_MODEL_KNN_H

#include "model/model.h"

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
    double *x;     /* (n, d) */
    double *y;     /* (n,) */
    double *norms; /* (n,): squared */
} hn_knn;

extern const char *const hn_knn_metric_names[]; /* NULL-terminated */

/* Arrays allocated, not filled; NULL when memory is out. */
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

/* distances (n, count) between n rows of x (n, d) and `count` training rows from `first` on, up to a
 * monotonous map: squared for euclidean, the sum of powers for minkowski. */
void hn_knn_distances(const hn_knn *knn, const double *x, size_t n, size_t first, size_t count,
                      double *distances);
/* The distance itself, summed in order. */
double hn_knn_distance(const hn_knn *knn, const double *x, size_t row);

#endif
