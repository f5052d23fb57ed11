/* svm_fit.c: what a fit needs whatever solves it: settings, the order of rows, and the fitted object from the
 * solution. Training rows are taken in the order of their classes, so that classes are numbered as in the
 * dataset.
 */
#include <limits.h>
#include <string.h>

#include "base/memory.h"
#include "model/svm_solver.h"

/* --- settings ----------------------------------------------------------------------------------------------
 */

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

/* Counts classes, then orders rows by them. Regression keeps the order. */
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
        f->class_rows[train->n_classes ? (size_t)train->y[i] : 0]++;
    for (size_t k = 0, begin = 0; k < classes; begin += f->class_rows[k++]) {
        next[k] = begin;
        if (f->class_rows[k])
            f->present[f->n_present++] = k;
    }
    for (size_t i = 0; i < train->n; i++)
        f->order[next[train->n_classes ? (size_t)train->y[i] : 0]++] = i;
    if (train->n_classes && f->n_present < 2)
        return hn_fail(f->err, HONE_INVALID, "model svm: the %zu training rows hold one class only (%s)",
                       train->n, train->classes ? train->classes[f->present[0]] : "unnamed");
    return HONE_OK;
}

/* Checks that the map names classes of the dataset only. */
static hone_status check_weight_names(const hn_svm_fitting *f, const hn_node *map)
{
    const hn_design *train = f->train;
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < train->n_classes && strcmp(train->classes[k], map->as.entries[i].key) != 0)
            k++;
        if (k == train->n_classes)
            return hn_fail_at(
                f->err, HONE_INVALID, map->as.entries[i].at,
                "model svm: class_weight names the class \"%.60s\", which the target does not have",
                map->as.entries[i].key);
    }
    return HONE_OK;
}

/* cost (n,): C times the factor of the class, for the rows in order. */
static hone_status set_costs(hn_svm_fitting *f)
{
    const hn_node *weight = f->config->class_weight;
    bool is_map = weight && weight->kind == HN_MAP && f->train->classes;
    bool balanced = weight && weight->kind == HN_STRING && strcmp(weight->as.string, "balanced") == 0;
    hone_status status = is_map ? check_weight_names(f, weight) : HONE_OK;
    if (status)
        return status;
    f->cost = HN_ARENA_NEW(f->context->scratch, double, f->train->n);
    if (!f->cost)
        return hn_out_of_memory(f->err);
    for (size_t i = 0, at = 0; i < f->n_present; i++) {
        size_t k = f->present[i];
        double factor = 1;
        const hn_node *given = is_map ? hn_map_get(weight, f->train->classes[k]) : NULL;
        if (given)
            hn_node_double(given, &factor);
        else if (balanced)
            factor = (double)f->train->n / ((double)f->n_present * (double)f->class_rows[k]);
        for (size_t j = 0; j < f->class_rows[k]; j++)
            f->cost[at++] = f->config->c * factor;
    }
    return HONE_OK;
}

/* --- the result --------------------------------------------------------------------------------------------
 */

static size_t coefficient_rows(const hn_svm_fitting *f)
{
    return f->n_present > 1 ? f->n_present - 1 : 1;
}

/* Lists the rows in order that have a coefficient other than zero; returns how many. */
static size_t list_support(const hn_svm_fitting *f, size_t *kept)
{
    size_t n = f->train->n, n_support = 0;
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
    size_t n = train->n, d = train->d;
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
    f->coefficients = hn_arena_alloc(f->context->scratch, rows * f->train->n, sizeof(double));
    f->rho = HN_ARENA_NEW(f->context->scratch, double, pairs);
    return f->coefficients && f->rho ? HONE_OK : hn_out_of_memory(f->err);
}

hone_status hn_svm_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    hn_svm_fitting f = {.config = config, .train = train, .context = context, .err = err};
    if (context->cancel && *context->cancel)
        return hn_fail(err, HONE_CANCELLED, "model svm: cancelled before the fit");
    if (train->weight)
        return hn_fail(err, HONE_UNSUPPORTED, "model svm: row weights are not supported; use class_weight");
    if (train->n > INT_MAX / 2 || train->d > INT_MAX - 1)
        return hn_fail(err, HONE_LIMIT, "model svm: %zu rows of %zu columns are too many", train->n,
                       train->d);
    f.kernel = (hn_kernel){.kind = (hn_kernel_kind)f.config->kernel,
                           .gamma = resolve_gamma(config, train),
                           .coef0 = f.config->coef0,
                           .degree = (int)f.config->degree};
    hone_status status = sort_rows(&f);
    if (!status)
        status = set_costs(&f);
    if (!status)
        status = make_room(&f);
    if (!status)
        status = hn_svm_fits_in_memory(&f) ? hn_svm_solve(&f) : hn_svm_solve_by_rows(&f);
    hn_svm *svm = NULL;
    if (!status)
        status = take_solution(&f, &svm);
    if (!status)
        *fitted = svm;
    return status;
}
