/* model/kmeans.h: k-means clustering (Lloyd 1982) from k-means++ starts (Arthur & Vassilvitskii 2007). */
#ifndef HN_MODEL_KMEANS_H
#define HN_MODEL_KMEANS_H

#include "base/arena.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct hn_kmeans_problem {
    const double *x; /* (n, d) row-major, finite */
    size_t n, d, n_clusters;
    size_t n_init;     /* starts; the one that ends with the least inertia is kept */
    bool random_start; /* different rows drawn, instead of k-means++ */
    size_t max_iter;   /* of each */
    double tolerance;  /* stops when the centres move by less, squared, than this times the columns' mean
                          variance */
    uint64_t seed;
    const volatile int *cancel; /* polled; may be NULL */
} hn_kmeans_problem;

/* centres (n_clusters, d), labels (n,), and the inertia: the sum of squared distances to the nearest centre.
 * A cluster that loses all rows takes the row farthest from its centre. HONE_INVALID when there are more
 * clusters than rows, HONE_CANCELLED, HONE_OUT_OF_MEMORY. O(n_init max_iter n n_clusters d). */
hone_status hn_kmeans(const hn_kmeans_problem *problem, hn_arena *scratch, double *centres, size_t *labels,
                      double *inertia, hone_error *err);

#endif
