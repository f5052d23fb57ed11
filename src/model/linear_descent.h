/* model/linear_descent.h: coordinate descent (Friedman, Hastie & Tibshirani 2010) for
 *     1/2 |b - A w|^2 + sum_j (l1_j |w_j| + l2_j / 2 w_j^2)
 * over A'A where that is the smaller, else over the columns of A. One thread at a time per object.
 */
#ifndef HN_MODEL_LINEAR_DESCENT_H
#define HN_MODEL_LINEAR_DESCENT_H

#include "base/arena.h"

typedef struct hn_descent {
    size_t n, d;
    const double *gram;    /* (d, d): A'A; NULL: columns and residual are used */
    const double *columns; /* (d, n): A transposed */
    double *norms;         /* (d,): diagonal of A'A */
    double *w;             /* (d,) */
    double *slope;         /* (d,): A'(A w - b), kept up to date; with gram only */
    double *residual;      /* (n,): b - A w, kept up to date; without gram only */
} hn_descent;

/* What has been moved in one pass over the coordinates. */
typedef struct hn_descent_sweep {
    double largest_step, largest_weight; /* by size */
} hn_descent_sweep;

hn_descent_sweep hn_descent_pass(hn_descent *descent, const double *l1, const double *l2);
/* The derivative of the squared part by w_j. */
double hn_descent_slope(const hn_descent *descent, size_t j);

#endif
