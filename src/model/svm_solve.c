/* svm_solve.c: the dual problems over whole kernel matrices: one per pair of classes, or one for regression.
 * Kernel values come from shared dot products where there are any.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/smo.h"
#include "model/svm_solver.h"

/* 8 bytes per pair of variables: 5792 rows of two classes, half as many in regression. */
static const size_t matrix_bytes = (size_t)256 << 20;

bool hn_svm_fits_in_memory(const hn_svm_fitting *f)
{
    size_t largest = 0, second = 0;
    for (size_t i = 0; i < f->n_present; i++) {
        size_t rows = f->class_rows[f->present[i]];
        second = rows > largest ? largest : rows > second ? rows : second;
        largest = rows > largest ? rows : largest;
    }
    size_t variables = f->train->n_classes ? largest + second : 2 * largest;
    return !variables || variables <= matrix_bytes / sizeof(double) / variables;
}

/* One subproblem: some of the rows in order. */
typedef struct subproblem {
    const hn_svm_fitting *f;
    size_t n;
    size_t *at;         /* (n,): positions among the rows in order */
    double *transposed; /* (d, n), only without shared dot products */
    double *norms;      /* (n,) */
} subproblem;

static const double *row_of(const subproblem *sub, size_t i)
{
    return sub->f->train->x + sub->f->order[sub->at[i]] * sub->f->train->d;
}

static size_t shared_row(const subproblem *sub, size_t i)
{
    return sub->f->context->rows[sub->f->order[sub->at[i]]];
}

/* at: filled by the caller. */
static hone_status prepare(subproblem *sub)
{
    const hn_svm_shared *shared = sub->f->context->shared;
    hn_arena *scratch = sub->f->context->scratch;
    size_t d = sub->f->train->d;
    sub->norms = hn_arena_scratch(scratch, sub->n, sizeof *sub->norms);
    sub->transposed = shared ? NULL : hn_arena_scratch(scratch, sub->n * d, sizeof *sub->transposed);
    if (!sub->norms || (!shared && !sub->transposed))
        return hn_out_of_memory(sub->f->err);
    for (size_t i = 0; i < sub->n; i++) {
        if (shared) {
            sub->norms[i] = shared->norms[shared_row(sub, i)];
            continue;
        }
        hn_squared_norms(row_of(sub, i), 1, d, &sub->norms[i]);
        for (size_t k = 0; k < d; k++)
            sub->transposed[k * sub->n + i] = row_of(sub, i)[k];
    }
    return HONE_OK;
}

/* out (n,): kernel values of row i with all rows. */
static void kernel_row(const subproblem *sub, size_t i, double *out)
{
    const hn_svm_shared *shared = sub->f->context->shared;
    if (shared) {
        const double *dot = shared->dot + shared_row(sub, i) * shared->n;
        for (size_t j = 0; j < sub->n; j++)
            out[j] = dot[shared_row(sub, j)];
    } else {
        hn_dot_rows(row_of(sub, i), sub->transposed, sub->n, sub->f->train->d, out);
    }
    hn_kernel_apply(&sub->f->kernel, sub->norms[i], sub->norms, out, sub->n);
}

/* The arrays of a problem with n variables; q, linear, sign and upper are writable until it is solved. */
typedef struct arrays {
    double *q, *linear, *sign, *upper, *alpha;
} arrays;

static hone_status make_arrays(const hn_svm_fitting *f, size_t n, arrays *a)
{
    hn_arena *scratch = f->context->scratch;
    double *vectors = hn_arena_scratch(scratch, n, 4 * sizeof(double));
    a->q = hn_arena_scratch(scratch, n * n, sizeof *a->q);
    if (!vectors || !a->q)
        return hn_out_of_memory(f->err);
    a->linear = vectors;
    a->sign = vectors + n;
    a->upper = vectors + 2 * n;
    a->alpha = vectors + 3 * n;
    return HONE_OK;
}

static hone_status run(const hn_svm_fitting *f, size_t n, const arrays *a, double *rho)
{
    hn_smo_problem problem = {.n = n,
                              .q = a->q,
                              .linear = a->linear,
                              .sign = a->sign,
                              .upper = a->upper,
                              .tolerance = f->config->tolerance,
                              .cancel = f->context->cancel,
                              .scratch = f->context->scratch};
    hone_status status = hn_smo_solve(&problem, a->alpha, rho, f->err);
    return status ? hn_fail_within(f->err, status, "model svm") : HONE_OK;
}

/* Class i against class j, given by their places in present and the first of their rows in order. */
static hone_status solve_pair(hn_svm_fitting *f, size_t i, size_t first_i, size_t j, size_t first_j,
                              double *rho)
{
    size_t n_i = f->class_rows[f->present[i]], n_j = f->class_rows[f->present[j]], n = n_i + n_j;
    subproblem sub = {.f = f, .n = n, .at = HN_ARENA_NEW(f->context->scratch, size_t, n)};
    arrays a = {0};
    if (!sub.at)
        return hn_out_of_memory(f->err);
    for (size_t t = 0; t < n; t++)
        sub.at[t] = t < n_i ? first_i + t : first_j + (t - n_i);
    hone_status status = prepare(&sub);
    if (!status)
        status = make_arrays(f, n, &a);
    if (status)
        return status;
    for (size_t t = 0; t < n; t++) {
        double *row = a.q + t * n;
        a.linear[t] = -1;
        a.sign[t] = t < n_i ? 1 : -1;
        a.upper[t] = f->cost[sub.at[t]];
        kernel_row(&sub, t, row);
        for (size_t u = t < n_i ? n_i : 0; u < (t < n_i ? n : n_i); u++)
            row[u] = -row[u];
    }
    status = run(f, n, &a, rho);
    for (size_t t = 0; !status && t < n; t++)
        f->coefficients[(t < n_i ? j - 1 : i) * f->n + sub.at[t]] = a.sign[t] * a.alpha[t];
    return status;
}

static hone_status solve_classes(hn_svm_fitting *f)
{
    size_t pair = 0, first_i = 0;
    for (size_t i = 0; i < f->n_present; first_i += f->class_rows[f->present[i++]]) {
        size_t first_j = first_i + f->class_rows[f->present[i]];
        for (size_t j = i + 1; j < f->n_present; first_j += f->class_rows[f->present[j++]]) {
            hone_status status = solve_pair(f, i, first_i, j, first_j, &f->rho[pair++]);
            if (status)
                return status;
        }
    }
    return HONE_OK;
}

/* Variables 0 .. n-1 are errors above, n .. 2n-1 errors below (Vapnik 1998, epsilon-insensitive loss). */
static hone_status solve_regression(hn_svm_fitting *f)
{
    size_t n = f->n;
    subproblem sub = {.f = f, .n = n, .at = HN_ARENA_NEW(f->context->scratch, size_t, n)};
    arrays a = {0};
    if (!sub.at)
        return hn_out_of_memory(f->err);
    for (size_t t = 0; t < n; t++)
        sub.at[t] = t;
    hone_status status = prepare(&sub);
    if (!status)
        status = make_arrays(f, 2 * n, &a);
    if (status)
        return status;
    for (size_t t = 0; t < n; t++) {
        double *above = a.q + t * 2 * n, *below = a.q + (n + t) * 2 * n, y = f->train->y[f->order[t]];
        a.linear[t] = f->config->epsilon - y;
        a.linear[n + t] = f->config->epsilon + y;
        a.sign[t] = 1;
        a.sign[n + t] = -1;
        a.upper[t] = a.upper[n + t] = f->cost[t];
        kernel_row(&sub, t, above);
        memcpy(below + n, above, n * sizeof *above);
        for (size_t u = 0; u < n; u++)
            above[n + u] = below[u] = -above[u];
    }
    status = run(f, 2 * n, &a, &f->rho[0]);
    for (size_t t = 0; !status && t < n; t++)
        f->coefficients[t] = a.alpha[t] - a.alpha[n + t];
    return status;
}

hone_status hn_svm_solve(hn_svm_fitting *f)
{
    return f->train->n_classes ? solve_classes(f) : solve_regression(f);
}
