/* network/blas.h: products of matrices of floats by the machine's BLAS, loaded when first used. It runs on as
 * many threads as it is told elsewhere (OPENBLAS_NUM_THREADS: the program gives its workers one each).
 * Thread-safe. */
#ifndef HN_NETWORK_BLAS_H
#define HN_NETWORK_BLAS_H

#include <stdbool.h>

#include "base/error.h"

/* HONE_UNSUPPORTED, with the package to install, when there is none. Call it once before the others. */
hone_status hn_blas_load(hone_error *err);

/* c (m, n) = a b + beta c, all row-major: a (m, k), or (k, m) when a_transposed; b (k, n), or (n, k) when
 * b_transposed. */
void hn_sgemm(bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, const float *a,
              const float *b, float beta, float *c);

#endif
