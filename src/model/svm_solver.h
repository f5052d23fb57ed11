/* model/svm_solver.h: between the fit of a support vector machine and the two ways to solve it. */
#ifndef HN_MODEL_SVM_SOLVER_H
#define HN_MODEL_SVM_SOLVER_H

#include "model/svm.h"

/* "In order": training rows that have a weight, sorted by class, stable. */
typedef struct hn_svm_fitting {
    const hn_svm_config *config;
    const hn_design *train;
    const hn_fit_context *context;
    hn_kernel kernel;
    size_t n;           /* training rows whose weight is above 0 */
    size_t *order;      /* (n,): their indices in order */
    size_t n_present;   /* classes met; 1 for regression */
    size_t *present;    /* (n_present,): their indices, ascending; {0} for regression */
    size_t *class_rows; /* rows of each class, by index */
    double *cost;       /* (n,): C of the rows in order */

    /* the solution, zero before */
    double *coefficients; /* (max(1, n_present - 1), n): as in hn_svm, for all rows in order */
    double *rho;          /* (pairs,) */
    hone_error *err;
} hn_svm_fitting;

/* Solves and takes the solution, from the fields above the solution's. */
hone_status hn_svm_fit_ordered(hn_svm_fitting *fitting, hn_svm **svm);
/* The kernel of the largest subproblem fits into memory. */
bool hn_svm_fits_in_memory(const hn_svm_fitting *f);
/* Solves with our own solver (model/smo.h). */
hone_status hn_svm_solve(hn_svm_fitting *f);
/* Solves through libsvm, which keeps cache_mb of kernel rows; knows weights of classes only. */
hone_status hn_svm_solve_by_rows(hn_svm_fitting *f);

#endif
