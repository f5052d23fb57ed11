/* svm_predict.c: dot products shared between settings and folds, and predictions from support vectors. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/svm_platt.h"

/* --- shared dot products --- */

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

/* --- predictions --- */

/* Sum of coefficient * kernel over the support vectors first .. first + n - 1. */
static double weighted_sum(const double *coefficients, const double *values, size_t first, size_t n)
{
    double sum = 0;
    for (size_t i = first; i < first + n; i++)
        sum += coefficients[i] * values[i];
    return sum;
}

/* out (pairs,): of each pair of classes, above 0 for the first; one value for regression. values
 * (n_support,): dot products with one row of squared norm `norm`; overwritten. */
static void decide(const hn_svm *svm, double norm, double *values, double *out)
{
    hn_kernel_apply(&svm->kernel, norm, svm->norms, values, svm->n_support);
    if (!svm->n_classes)
        out[0] = weighted_sum(svm->coefficients, values, 0, svm->n_support) - svm->rho[0];
    size_t pair = 0, first_i = 0;
    for (size_t i = 0; svm->n_classes && i < svm->n_present; first_i += svm->count[i++]) {
        size_t first_j = first_i + svm->count[i];
        for (size_t j = i + 1; j < svm->n_present; first_j += svm->count[j++]) {
            const double *of_i = svm->coefficients + (j - 1) * svm->n_support;
            const double *of_j = svm->coefficients + i * svm->n_support;
            out[pair] = weighted_sum(of_i, values, first_i, svm->count[i]) +
                        weighted_sum(of_j, values, first_j, svm->count[j]) - svm->rho[pair];
            pair++;
        }
    }
}

/* What is made of one row's decisions (pairs,): `width` numbers. scratch: (n_present * (n_present + 2),). */
typedef struct reading {
    void (*read)(const hn_svm *svm, const double *decisions, double *scratch, double *out);
    size_t width;
} reading;

/* Rows of a design, or (shared not NULL) rows of the shared design by index. out: (n, width). */
static hone_status each_row(const hn_svm *svm, const hn_design *rows, const hn_svm_shared *shared,
                            const size_t *index, size_t n, const reading *use, double *out, hone_error *err)
{
    size_t support = svm->n_support;
    hone_status status = HONE_OUT_OF_MEMORY;
    double *transposed = shared ? NULL : hn_aligned_array(support * svm->d, sizeof *transposed);
    double *values = hn_aligned_array(support, sizeof *values);
    double *decisions = hn_calloc(hn_svm_pairs(svm), sizeof *decisions);
    double *scratch = hn_calloc(svm->n_present * (svm->n_present + 2), sizeof *scratch);
    if ((!shared && !transposed) || !values || !decisions || !scratch) {
        hn_out_of_memory(err);
        goto done;
    }
    if (!shared)
        hn_transpose(svm->vectors, support, svm->d, transposed);
    for (size_t i = 0; i < n; i++) {
        double norm;
        if (shared) {
            const double *dot = shared->dot + index[i] * shared->n;
            norm = shared->norms[index[i]];
            for (size_t j = 0; j < support; j++)
                values[j] = dot[svm->shared_rows[j]];
        } else {
            const double *x = rows->x + i * rows->d;
            hn_squared_norms(x, 1, rows->d, &norm);
            hn_dot_rows(x, transposed, support, svm->d, values);
        }
        decide(svm, norm, values, decisions);
        use->read(svm, decisions, scratch, out + i * use->width);
    }
    status = HONE_OK;
done:
    hn_free(transposed);
    hn_free(values);
    hn_free(decisions);
    hn_free(scratch);
    return status;
}

static hone_status each_design_row(const void *fitted, const hn_design *rows, const reading *use, double *out,
                                   hone_error *err)
{
    const hn_svm *svm = fitted;
    if (rows->d != svm->d)
        return hn_fail(err, HONE_INVALID, "model svm: rows of %zu columns, it was fitted to %zu", rows->d,
                       svm->d);
    return each_row(svm, rows, NULL, NULL, rows->n, use, out, err);
}

/* --- readings of the decisions
 * ------------------------------------------------------------------------------
 */

/* votes (n_present,): every pair of classes votes. sums, unless NULL: of the decisions for each class. */
static void count_votes(const hn_svm *svm, const double *decisions, double *votes, double *sums)
{
    for (size_t i = 0; i < svm->n_present; i++)
        votes[i] = 0;
    for (size_t i = 0; sums && i < svm->n_present; i++)
        sums[i] = 0;
    size_t pair = 0;
    for (size_t i = 0; i < svm->n_present; i++) {
        for (size_t j = i + 1; j < svm->n_present; j++) {
            double decision = decisions[pair++];
            votes[decision > 0 ? i : j]++;
            if (sums) {
                sums[i] += decision;
                sums[j] -= decision;
            }
        }
    }
}

/* The class with most votes wins, the earlier one of equals (as libsvm). */
static void read_prediction(const hn_svm *svm, const double *decisions, double *votes, double *out)
{
    size_t best = 0;
    if (!svm->n_classes) {
        *out = decisions[0];
        return;
    }
    count_votes(svm, decisions, votes, NULL);
    for (size_t i = 1; i < svm->n_present; i++)
        if (votes[i] > votes[best])
            best = i;
    *out = (double)svm->present[best];
}

/* Two classes: the decision for the second. More: votes, and within a vote the decisions (scikit-learn's
 * decision_function_shape="ovr"); a class not met in training comes last. */
static void read_decision(const hn_svm *svm, const double *decisions, double *scratch, double *out)
{
    double *votes = scratch, *sums = scratch + svm->n_present;
    if (svm->n_classes == 2) {
        *out = -decisions[0];
        return;
    }
    count_votes(svm, decisions, votes, sums);
    for (size_t k = 0; k < svm->n_classes; k++)
        out[k] = -1;
    for (size_t i = 0; i < svm->n_present; i++)
        out[svm->present[i]] = votes[i] + sums[i] / (3 * (fabs(sums[i]) + 1));
}

static void read_probability(const hn_svm *svm, const double *decisions, double *scratch, double *out)
{
    double *joint = scratch + svm->n_present * svm->n_present;
    hn_svm_couple(svm, decisions, scratch, joint);
    for (size_t k = 0; k < svm->n_classes; k++)
        out[k] = 0;
    for (size_t i = 0; i < svm->n_present; i++)
        out[svm->present[i]] = joint[i];
}

static void read_pairs(const hn_svm *svm, const double *decisions, double *scratch, double *out)
{
    (void)scratch;
    memcpy(out, decisions, hn_svm_pairs(svm) * sizeof *out);
}

hone_status hn_svm_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    return each_design_row(fitted, rows, &(reading){read_prediction, 1}, out, err);
}

hone_status hn_svm_predict_shared(const void *fitted, const void *shared, const size_t *rows, size_t n,
                                  double *out, hone_error *err)
{
    const hn_svm *svm = fitted;
    if (!svm->shared_rows)
        return hn_fail(err, HONE_INTERNAL, "model svm: fitted without the shared rows it is to predict");
    return each_row(svm, NULL, shared, rows, n, &(reading){read_prediction, 1}, out, err);
}

hone_status hn_svm_decision(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_svm *svm = fitted;
    return each_design_row(svm, rows, &(reading){read_decision, hn_decision_width(svm->n_classes)}, out, err);
}

hone_status hn_svm_pair_decisions(const hn_svm *svm, const hn_design *rows, double *out, hone_error *err)
{
    return each_design_row(svm, rows, &(reading){read_pairs, hn_svm_pairs(svm)}, out, err);
}

hone_status hn_svm_predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_svm *svm = fitted;
    if (!svm->sigmoids)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "model svm gives no probabilities unless it is fitted with probability: true");
    return each_design_row(svm, rows, &(reading){read_probability, svm->n_classes}, out, err);
}
