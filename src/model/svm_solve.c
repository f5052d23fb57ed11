/* svm_solve.c: the dual problems, one per pair of classes, or one for regression: over whole kernel matrices
 * where they fit into memory, otherwise over rows made when they are needed, of which cache_mb are kept.
 * Kernel values come from shared dot products where there are any.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/row_cache.h"
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

/* One subproblem: some of the rows in order. Its variables are those rows, in regression twice: 0 .. n-1 are
 * errors above, n .. 2n-1 errors below (Vapnik 1998, epsilon-insensitive loss). */
typedef struct subproblem {
    const hn_svm_fitting *f;
    size_t n, n_variables;
    size_t *at;         /* (n,): positions among the rows in order */
    double *transposed; /* (d, n), only without shared dot products */
    double *norms;      /* (n,) */
    double *q;          /* (n_variables, n_variables), or NULL: rows are made when they are asked for */
    double *linear, *sign, *upper, *diagonal, *alpha; /* (n_variables,) */
} subproblem;

static const double *row_of(const subproblem *sub, size_t i)
{
    return sub->f->train->x + sub->f->order[sub->at[i]] * sub->f->train->d;
}

static size_t shared_row(const subproblem *sub, size_t i)
{
    return sub->f->context->rows[sub->f->order[sub->at[i]]];
}

static hone_status measure_rows(subproblem *sub)
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

/* Row `variable` of Q (n_variables,): kernel values with the signs of both. */
static void make_row(void *user, size_t variable, double *row)
{
    const subproblem *sub = user;
    kernel_row(sub, variable % sub->n, row);
    if (sub->n_variables > sub->n)
        memcpy(row + sub->n, row, sub->n * sizeof *row);
    for (size_t u = 0; u < sub->n_variables; u++)
        row[u] *= sub->sign[variable] * sub->sign[u];
}

/* at is filled by the caller, then linear, sign and upper. */
static hone_status prepare(subproblem *sub, const hn_svm_fitting *f, size_t n, bool twice)
{
    hn_arena *scratch = f->context->scratch;
    size_t variables = twice ? 2 * n : n;
    *sub = (subproblem){.f = f, .n = n, .n_variables = variables, .at = HN_ARENA_NEW(scratch, size_t, n)};
    double *vectors = hn_arena_scratch(scratch, variables, 5 * sizeof(double));
    if (hn_svm_fits_in_memory(f))
        sub->q = hn_arena_scratch(scratch, variables * variables, sizeof *sub->q);
    if (!sub->at || !vectors || (!sub->q && hn_svm_fits_in_memory(f)))
        return hn_out_of_memory(f->err);
    sub->linear = vectors;
    sub->sign = vectors + variables;
    sub->upper = vectors + 2 * variables;
    sub->diagonal = vectors + 3 * variables;
    sub->alpha = vectors + 4 * variables;
    return HONE_OK;
}

static void make_diagonal(subproblem *sub)
{
    for (size_t t = 0; t < sub->n_variables; t++) {
        const double *norm = &sub->norms[t % sub->n];
        sub->diagonal[t] = *norm;
        hn_kernel_apply(&sub->f->kernel, *norm, norm, &sub->diagonal[t], 1);
    }
}

static hone_status run(subproblem *sub, double *rho)
{
    const hn_svm_fitting *f = sub->f;
    hn_arena *scratch = f->context->scratch;
    hone_status status = measure_rows(sub);
    if (status)
        return status;
    hn_smo_problem problem = {.n = sub->n_variables,
                              .q = sub->q,
                              .row = hn_row_cache_row,
                              .linear = sub->linear,
                              .sign = sub->sign,
                              .upper = sub->upper,
                              .tolerance = f->config->tolerance,
                              .cancel = f->context->cancel,
                              .scratch = scratch};
    for (size_t t = 0; sub->q && t < sub->n_variables; t++)
        make_row(sub, t, sub->q + t * sub->n_variables);
    if (!sub->q) {
        size_t bytes = (size_t)(f->config->cache_mb * (1 << 20));
        make_diagonal(sub);
        problem.diagonal = sub->diagonal;
        problem.rows = hn_row_cache_new(sub->n_variables, bytes, make_row, sub, scratch);
        if (!problem.rows)
            return hn_out_of_memory(f->err);
    }
    status = hn_smo_solve(&problem, sub->alpha, rho, f->err);
    return status ? hn_fail_within(f->err, status, "model svm") : HONE_OK;
}

/* Class i against class j, given by their places in present and the first of their rows in order. */
static hone_status solve_pair(hn_svm_fitting *f, size_t i, size_t first_i, size_t j, size_t first_j,
                              double *rho)
{
    size_t n_i = f->class_rows[f->present[i]], n = n_i + f->class_rows[f->present[j]];
    subproblem sub;
    hone_status status = prepare(&sub, f, n, false);
    if (status)
        return status;
    for (size_t t = 0; t < n; t++) {
        sub.at[t] = t < n_i ? first_i + t : first_j + (t - n_i);
        sub.linear[t] = -1;
        sub.sign[t] = t < n_i ? 1 : -1;
        sub.upper[t] = f->cost[sub.at[t]];
    }
    status = run(&sub, rho);
    for (size_t t = 0; !status && t < n; t++)
        f->coefficients[(t < n_i ? j - 1 : i) * f->n + sub.at[t]] = sub.sign[t] * sub.alpha[t];
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

static hone_status solve_regression(hn_svm_fitting *f)
{
    size_t n = f->n;
    subproblem sub;
    hone_status status = prepare(&sub, f, n, true);
    if (status)
        return status;
    for (size_t t = 0; t < n; t++) {
        double y = f->train->y[f->order[t]];
        sub.at[t] = t;
        sub.linear[t] = f->config->epsilon - y;
        sub.linear[n + t] = f->config->epsilon + y;
        sub.sign[t] = 1;
        sub.sign[n + t] = -1;
        sub.upper[t] = sub.upper[n + t] = f->cost[t];
    }
    status = run(&sub, &f->rho[0]);
    for (size_t t = 0; !status && t < n; t++)
        f->coefficients[t] = sub.alpha[t] - sub.alpha[n + t];
    return status;
}

hone_status hn_svm_solve(hn_svm_fitting *f)
{
    return f->train->n_classes ? solve_classes(f) : solve_regression(f);
}
