/* svm_predict.c: dot products shared between settings and folds, and predictions from support vectors. */
#include <string.h>

#include "base/memory.h"
#include "model/svm.h"

/* --- shared dot products -----------------------------------------------------------------------------------
 */

hone_status hn_svm_share(const hn_design *all, size_t limit_bytes, void **shared, hone_error *err)
{
    size_t n = all->n;
    if (n > limit_bytes / sizeof(double) / (n ? n : 1)) {
        *shared = NULL;
        return HONE_OK;
    }
    hone_status status = HONE_OUT_OF_MEMORY;
    hn_svm_shared *s = hn_calloc(1, sizeof *s);
    double *transposed = hn_aligned_array(n * all->d, sizeof *transposed);
    if (s) {
        s->n = n;
        s->dot = hn_aligned_array(n * n, sizeof *s->dot);
        s->norms = hn_aligned_array(n, sizeof *s->norms);
    }
    if (!s || !transposed || !s->dot || !s->norms)
        goto done;
    hn_transpose(all->x, n, all->d, transposed);
    for (size_t i = 0; i < n; i++) {
        hn_dot_rows(all->x + i * all->d, transposed, n, all->d, s->dot + i * n);
        s->norms[i] = s->dot[i * n + i];
    }
    status = HONE_OK;
done:
    hn_free(transposed);
    if (status) {
        hn_svm_unshare(s);
        return hn_out_of_memory(err);
    }
    *shared = s;
    return HONE_OK;
}

void hn_svm_unshare(void *shared)
{
    hn_svm_shared *s = shared;
    if (!s)
        return;
    hn_free(s->dot);
    hn_free(s->norms);
    hn_free(s);
}

/* --- predictions -------------------------------------------------------------------------------------------
 */

/* Sum of coefficient * kernel over the support vectors first .. first + n - 1. */
static double weighted_sum(const double *coefficients, const double *values, size_t first, size_t n)
{
    double sum = 0;
    for (size_t i = first; i < first + n; i++)
        sum += coefficients[i] * values[i];
    return sum;
}

/* Every pair of classes votes; the class with most votes wins, the earlier one of equals (as libsvm). values
 * (n_support,): kernel values; votes (n_present,): scratch. */
static double vote(const hn_svm *svm, const double *values, size_t *votes)
{
    memset(votes, 0, svm->n_present * sizeof *votes);
    size_t pair = 0, first_i = 0;
    for (size_t i = 0; i < svm->n_present; first_i += svm->count[i++]) {
        size_t first_j = first_i + svm->count[i];
        for (size_t j = i + 1; j < svm->n_present; first_j += svm->count[j++]) {
            const double *of_i = svm->coefficients + (j - 1) * svm->n_support;
            const double *of_j = svm->coefficients + i * svm->n_support;
            double decision = weighted_sum(of_i, values, first_i, svm->count[i]) +
                              weighted_sum(of_j, values, first_j, svm->count[j]) - svm->rho[pair++];
            votes[decision > 0 ? i : j]++;
        }
    }
    size_t best = 0;
    for (size_t i = 1; i < svm->n_present; i++)
        if (votes[i] > votes[best])
            best = i;
    return (double)svm->present[best];
}

/* values (n_support,): dot products with one row of squared norm `norm`; overwritten. */
static double decide(const hn_svm *svm, double norm, double *values, size_t *votes)
{
    hn_kernel_apply(&svm->kernel, norm, svm->norms, values, svm->n_support);
    if (svm->n_classes)
        return vote(svm, values, votes);
    return weighted_sum(svm->coefficients, values, 0, svm->n_support) - svm->rho[0];
}

hone_status hn_svm_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_svm *svm = fitted;
    if (rows->d != svm->d)
        return hn_fail(err, HONE_INVALID, "model svm: rows of %zu columns, it was fitted to %zu", rows->d,
                       svm->d);
    hone_status status = HONE_OUT_OF_MEMORY;
    double *transposed = hn_aligned_array(svm->n_support * svm->d, sizeof *transposed);
    double *values = hn_aligned_array(svm->n_support, sizeof *values);
    size_t *votes = hn_calloc(svm->n_present, sizeof *votes);
    if (!transposed || !values || !votes) {
        hn_out_of_memory(err);
        goto done;
    }
    hn_transpose(svm->vectors, svm->n_support, svm->d, transposed);
    for (size_t i = 0; i < rows->n; i++) {
        const double *x = rows->x + i * rows->d;
        double norm;
        hn_squared_norms(x, 1, rows->d, &norm);
        hn_dot_rows(x, transposed, svm->n_support, svm->d, values);
        out[i] = decide(svm, norm, values, votes);
    }
    status = HONE_OK;
done:
    hn_free(transposed);
    hn_free(values);
    hn_free(votes);
    return status;
}

hone_status hn_svm_predict_shared(const void *fitted, const void *shared, const size_t *rows, size_t n,
                                  double *out, hone_error *err)
{
    const hn_svm *svm = fitted;
    const hn_svm_shared *s = shared;
    if (!svm->shared_rows)
        return hn_fail(err, HONE_INTERNAL, "model svm: fitted without the shared rows it is to predict");
    hone_status status = HONE_OUT_OF_MEMORY;
    double *values = hn_aligned_array(svm->n_support, sizeof *values);
    size_t *votes = hn_calloc(svm->n_present, sizeof *votes);
    if (!values || !votes) {
        hn_out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        const double *dot = s->dot + rows[i] * s->n;
        for (size_t j = 0; j < svm->n_support; j++)
            values[j] = dot[svm->shared_rows[j]];
        out[i] = decide(svm, s->norms[rows[i]], values, votes);
    }
    status = HONE_OK;
done:
    hn_free(values);
    hn_free(votes);
    return status;
}
