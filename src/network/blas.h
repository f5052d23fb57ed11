/* network/blas.h: products of matrices of floats by the machine's BLAS, loaded when first used. It runs on as
 * many threads as it is told elsewhere (OPENBLAS_NUM_THREADS: the program gives its workers one each).
 * Thread-safe. */
#ifndef HN_NETWORK_BLAS_H
#define HN_NETWORK_BLAS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* HONE_UNSUPPORTED, with the package to install, when there is none. Call it once before the others. */
hone_status hn_blas_load(hone_error *err);

/* A matrix, row-major: row i begins `stride` floats after row i - 1. */
typedef struct hn_matrix {
    const float *values;
    size_t stride;
    bool transposed; /* what is meant is its transpose */
} hn_matrix;

/* c (m, n) = a b + beta c: a (m, k), b (k, n), c's rows are `stride` apart. */
void hn_sgemm(hn_matrix a, hn_matrix b, size_t m, size_t n, size_t k, float beta, float *c, size_t stride);

#endif
