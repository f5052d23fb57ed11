/* model/kernel.h: dot products of rows and the kernels made of them. Thread-safe. */
#ifndef HN_MODEL_KERNEL_H
#define HN_MODEL_KERNEL_H

#include <stddef.h>

/* Values are saved by name. */
typedef enum hn_kernel_kind {
    HN_KERNEL_LINEAR,
    HN_KERNEL_RBF,
    HN_KERNEL_POLY,
    HN_KERNEL_SIGMOID
} hn_kernel_kind;

typedef struct hn_kernel {
    hn_kernel_kind kind;
    double gamma, coef0;
    int degree;
} hn_kernel;

/* out (d, n): x (n, d) transposed. */
void hn_transpose(const double *x, size_t n, size_t d, double *out);
/* out (n,): dot products of a (d,) with each of n rows, given transposed as (d, n). Each sum runs over k = 0
 * .. d-1 in order, so that the result does not depend on blocking. */
void hn_dot_rows(const double *a, const double *transposed, size_t n, size_t d, double *out);
/* out (n,): squared Euclidean norms of the rows of x (n, d), summed in the same order. */
void hn_squared_norms(const double *x, size_t n, size_t d, double *out);

/* From dot products <a, b_j> to kernel values, in place. linear: <a,b>; rbf: exp(-gamma |a-b|^2); poly:
 * (gamma <a,b> + coef0)^degree; sigmoid: tanh(gamma <a,b> + coef0). norm: |a|^2; norms (n,): |b_j|^2 (rbf
 * only). */
void hn_kernel_apply(const hn_kernel *kernel, double norm, const double *norms, double *values, size_t n);

#endif
