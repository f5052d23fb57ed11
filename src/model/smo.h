/* model/smo.h: the dual problem of support vector machines:
 *     minimise 1/2 a'Qa + p'a   subject to   s'a = 0,  0 <= a_i <= upper_i,  s_i = +1 or -1.
 */
#ifndef HN_MODEL_SMO_H
#define HN_MODEL_SMO_H

#include "base/arena.h"
#include "base/error.h"

typedef struct hn_smo_problem {
    size_t n;
    const double *q; /* (n, n), symmetric, the signs in it; NULL: row makes its rows */
    const double *(*row)(void *rows, size_t i); /* row i (n,) of Q, valid until two others were asked for */
    void *rows;
    const double *diagonal;     /* (n,): of Q, with row; may be NULL with q */
    const double *linear;       /* (n,): p */
    const double *sign;         /* (n,): s */
    const double *upper;        /* (n,), above 0 */
    double tolerance;           /* stops when no pair violates optimality by more */
    const volatile int *cancel; /* polled; may be NULL */
    hn_arena *scratch;
} hn_smo_problem;

/* alpha (n,) and the threshold rho: the decision value of a row x is sum_i s_i a_i k(x_i, x) - rho.
 * HONE_CANCELLED, HONE_OUT_OF_MEMORY. Thread-safe. */
hone_status hn_smo_solve(const hn_smo_problem *problem, double *alpha, double *rho, hone_error *err);

#endif
