/* svm_fit.c: what a fit needs whatever solves it: settings, the order of rows, and the fitted object from the
 * solution. Training rows are taken in the order of their classes, so that classes are numbered as in the
 * dataset.
 */
#include <limits.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "model/row_weight.h"
#include "model/svm_platt.h"

/* --- settings --- */

/* As NumPy's X.var(): mean squared deviation of all elements. */
static double variance(const double *x, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return squares / (double)n;
}

static double resolve_gamma(const hn_svm_config *config, const hn_design *train)
{
    double value;
    if (config->gamma && hn_node_double(config->gamma, &value))
        return value;
    if (config->gamma && strcmp(config->gamma->as.string, "auto") == 0)
        return 1 / (double)train->d;
    double spread = variance(train->x, train->n * train->d);
    return spread > 0 ? 1 / ((double)train->d * spread) : 1;
}

/* A row of weight 0 takes no part: its multiplier could only be 0. */
static bool counts(const hn_design *train, size_t i)
{
    return !train->weight || train->weight[i] > 0;
}

/* Counts classes, then orders the rows that count by them. Regression keeps the order. */
static hone_status sort_rows(hn_svm_fitting *f)
{
    const hn_design *train = f->train;
    size_t classes = train->n_classes ? train->n_classes : 1;
    f->order = HN_ARENA_NEW(f->context->scratch, size_t, train->n);
    f->present = HN_ARENA_NEW(f->context->scratch, size_t, classes);
    f->class_rows = HN_ARENA_NEW(f->context->scratch, size_t, classes);
    size_t *next = HN_ARENA_NEW(f->context->scratch, size_t, classes);
    if (!f->order || !f->present || !f->class_rows || !next)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < train->n; i++)
        f->class_rows[train->n_classes ? (size_t)train->y[i] : 0] += counts(train, i);
    for (size_t k = 0, begin = 0; k < classes; begin += f->class_rows[k++]) {
        next[k] = begin;
        f->n += f->class_rows[k];
        if (f->class_rows[k])
            f->present[f->n_present++] = k;
    }
    for (size_t i = 0; i < train->n; i++)
        if (counts(train, i))
            f->order[next[train->n_classes ? (size_t)train->y[i] : 0]++] = i;
    if (!f->n)
        return hn_fail(f->err, HONE_INVALID, "model svm: the weights of the %zu training rows are all 0",
                       train->n);
    if (train->n_classes && f->n_present < 2)
        return hn_fail(f->err, HONE_INVALID, "model svm: the %zu training rows hold one class only (%s)",
                       f->n, train->classes ? train->classes[f->present[0]] : "unnamed");
    return HONE_OK;
}

/* cost (n,): C times the weight of the row and its class, for the rows in order. */
static hone_status set_costs(hn_svm_fitting *f, const double *weight)
{
    f->cost = HN_ARENA_NEW(f->context->scratch, double, f->n);
    for (size_t t = 0; f->cost && t < f->n; t++)
        f->cost[t] = f->config->c * (weight ? weight[f->order[t]] : 1);
    return f->cost ? HONE_OK : hn_out_of_memory(f->err);
}

/* --- the result --- */

static size_t coefficient_rows(const hn_svm_fitting *f)
{
    return f->n_present > 1 ? f->n_present - 1 : 1;
}

/* Lists the rows in order that have a coefficient other than zero; returns how many. */
static size_t list_support(const hn_svm_fitting *f, size_t *kept)
{
    size_t n = f->n, n_support = 0;
    for (size_t i = 0; i < n; i++) {
        bool support = false;
        for (size_t k = 0; k < coefficient_rows(f); k++)
            support = support || f->coefficients[k * n + i] != 0;
        if (support)
            kept[n_support++] = i;
    }
    return n_support;
}

static hone_status take_solution(const hn_svm_fitting *f, hn_svm **out)
{
    const hn_design *train = f->train;
    size_t n = f->n, d = train->d;
    size_t *kept = HN_ARENA_NEW(f->context->scratch, size_t, n);
    size_t n_support = kept ? list_support(f, kept) : 0;
    hn_svm *svm = kept ? hn_svm_new(train->n_classes, f->n_present, n_support, d) : NULL;
    if (svm && f->context->shared)
        svm->shared_rows = hn_calloc(n_support, sizeof *svm->shared_rows);
    if (!svm || (f->context->shared && !svm->shared_rows)) {
        hn_svm_destroy(svm);
        return hn_out_of_memory(f->err);
    }
    svm->kernel = f->kernel;
    memcpy(svm->present, f->present, f->n_present * sizeof *svm->present);
    memcpy(svm->rho, f->rho, hn_svm_pairs(svm) * sizeof *svm->rho);
    for (size_t i = 0, place = 0, end = f->class_rows[f->present[0]]; i < n_support; i++) {
        size_t row = f->order[kept[i]];
        while (kept[i] >= end)
            end += f->class_rows[f->present[++place]];
        svm->count[place]++;
        for (size_t k = 0; k < coefficient_rows(f); k++)
            svm->coefficients[k * n_support + i] = f->coefficients[k * n + kept[i]];
        memcpy(svm->vectors + i * d, train->x + row * d, d * sizeof(double));
        if (svm->shared_rows)
            svm->shared_rows[i] = f->context->rows[row];
    }
    hn_squared_norms(svm->vectors, n_support, d, svm->norms);
    *out = svm;
    return HONE_OK;
}

static hone_status make_room(hn_svm_fitting *f)
{
    size_t rows = coefficient_rows(f), pairs = f->n_present > 1 ? f->n_present * rows / 2 : 1;
    f->coefficients = hn_arena_alloc(f->context->scratch, rows * f->n, sizeof(double));
    f->rho = HN_ARENA_NEW(f->context->scratch, double, pairs);
    return f->coefficients && f->rho ? HONE_OK : hn_out_of_memory(f->err);
}

hone_status hn_svm_fit_ordered(hn_svm_fitting *f, hn_svm **svm)
{
    hone_status status = make_room(f);
    if (!status)
        status = f->train->weight || hn_svm_fits_in_memory(f) ? hn_svm_solve(f) : hn_svm_solve_by_rows(f);
    return status ? status : take_solution(f, svm);
}

hone_status hn_svm_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    hn_svm_fitting f = {.config = config, .train = train, .context = context, .err = err};
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model svm: cancelled before the fit");
    if (train->n > INT_MAX / 2 || train->d > INT_MAX - 1)
        return hn_fail(err, HONE_LIMIT, "model svm: %zu rows of %zu columns are too many", train->n,
                       train->d);
    f.kernel = (hn_kernel){.kind = (hn_kernel_kind)f.config->kernel,
                           .gamma = resolve_gamma(config, train),
                           .coef0 = f.config->coef0,
                           .degree = (int)f.config->degree};
    const double *weight = NULL;
    hone_status status = sort_rows(&f);
    if (!status)
        status = hn_row_weights("svm", f.config->class_weight, train, context->scratch, &weight, err);
    if (!status)
        status = set_costs(&f, weight);
    hn_svm *svm = NULL;
    if (!status)
        status = hn_svm_fit_ordered(&f, &svm);
    if (!status && f.config->probability && train->n_classes)
        status = hn_svm_calibrate(&f, svm);
    if (status)
        hn_svm_destroy(svm);
    else
        *fitted = svm;
    return status;
}
