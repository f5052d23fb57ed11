/* surrogate/internal.h: what the files of this folder share and nobody else needs. */
#ifndef HN_SURROGATE_INTERNAL_H
#define HN_SURROGATE_INTERNAL_H

#include "surrogate/parzen.h"

typedef enum hn_parzen_kind { HN_PARZEN_CONTINUOUS, HN_PARZEN_LATTICE, HN_PARZEN_CATEGORICAL } hn_parzen_kind;

/* One axis of a fitted mixture. Rows have parzen->stride entries; those past n_kernels are padding. */
typedef struct hn_parzen_column {
    hn_parzen_kind kind;
    const hn_distribution *distribution;
    double low, range; /* of the modelled scale */

    /* continuous and lattice */
    double *mean, *sigma, *inverse_sigma; /* (stride,) on the unit interval */
    double *log_norm; /* (stride,) continuous: log(sigma sqrt(2 pi) mass); lattice: log mass */

    /* lattice: kernels of equal mean and bandwidth share their masses */
    uint32_t *group;                    /* (stride,) */
    double *group_mean, *group_inverse; /* (n_groups,) */
    size_t n_groups;

    /* categorical: mean holds the choice, -1 where there is none */
    double log_hit, log_miss, log_uniform;
} hn_parzen_column;

/* Where a value stands on the unit interval, and the cell it stands for when the values are discrete. */
double hn_parzen_place(const hn_parzen_column *column, double value);
void hn_parzen_cell(const hn_parzen_column *column, double value, double *left, double *right);

/* Bandwidths of n places in [0, 1]: the larger gap to the two sorted neighbours (the inner gap alone at the
 * ends), not below floor and at most 1. Equal places: the first has the gap to the left, the last that to the
 * right. O(n + 1 / floor). */
hone_status hn_parzen_bandwidths(hn_arena *scratch, const double *place, size_t n, double floor,
                                 double *sigma, hone_error *err);

#endif
