/* svm_fit.c: the fit through libsvm. The kernel matrix of the training rows is computed here (from shared dot products where
 * there are any) and handed over as libsvm's PRECOMPUTED kernel; only when it would be too large does libsvm compute rows
 * itself. Training rows are given in the order of their classes, so that libsvm numbers classes as the dataset does.
 */
#include <libsvm/svm.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/svm.h"

/* libsvm's precomputed kernel takes 16 bytes per pair of rows: 4096 rows. */
static const size_t precomputed_bytes = (size_t)256 << 20;

typedef struct fitting {
    const hn_svm_config *config;
    const hn_design *train;
    const hn_fit_context *context;
    hn_kernel kernel;
    size_t *order;         /* (n,): training rows sorted by class, stable */
    size_t *present;       /* (n_present,): class indices met, ascending; {0} for regression */
    size_t n_present;
    size_t *class_rows;    /* (n_classes,): rows of each class */
    struct svm_problem problem;
    struct svm_parameter parameter;
    hone_error *err;
} fitting;

static void print_nothing(const char *text)
{
    (void)text;
}

/* --- settings ---------------------------------------------------------------------------------------------- */

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
static hone_status sort_rows(fitting *f)
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
        return hn_fail(f->err, HONE_INVALID, "model svm: the %zu training rows hold one class only (%s)", train->n,
                       train->classes ? train->classes[f->present[0]] : "unnamed");
    return HONE_OK;
}

/* Checks that the map names classes of the dataset only. */
static hone_status check_weight_names(const fitting *f, const hn_node *map)
{
    const hn_design *train = f->train;
    for (size_t i = 0; i < map->count; i++) {
        size_t k = 0;
        while (k < train->n_classes && strcmp(train->classes[k], map->as.entries[i].key) != 0)
            k++;
        if (k == train->n_classes)
            return hn_fail_at(f->err, HONE_INVALID, map->as.entries[i].at,
                              "model svm: class_weight names the class \"%.60s\", which the target does not have",
                              map->as.entries[i].key);
    }
    return HONE_OK;
}

static hone_status set_class_weights(fitting *f)
{
    const hn_node *weight = f->config->class_weight;
    bool is_map = weight && weight->kind == HN_MAP && f->train->classes;
    bool balanced = weight && weight->kind == HN_STRING && strcmp(weight->as.string, "balanced") == 0;
    if (!is_map && !balanced)
        return HONE_OK;
    hone_status status = is_map ? check_weight_names(f, weight) : HONE_OK;
    if (status)
        return status;
    int *labels = HN_ARENA_NEW(f->context->scratch, int, f->n_present);
    double *factors = HN_ARENA_NEW(f->context->scratch, double, f->n_present);
    if (!labels || !factors)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < f->n_present; i++) {
        size_t k = f->present[i];
        labels[i] = (int)k;
        factors[i] = (double)f->train->n / ((double)f->n_present * (double)f->class_rows[k]);
        if (is_map && !hn_node_double(hn_map_get(weight, f->train->classes[k]), &factors[i]))
            factors[i] = 1;
    }
    f->parameter.nr_weight = (int)f->n_present;
    f->parameter.weight_label = labels;
    f->parameter.weight = factors;
    return HONE_OK;
}

static hone_status set_parameters(fitting *f)
{
    static const int libsvm_kernel[] = {LINEAR, RBF, POLY, SIGMOID};
    const hn_svm_config *config = f->config;
    f->kernel = (hn_kernel){.kind = (hn_kernel_kind)config->kernel,
                            .gamma = resolve_gamma(config, f->train),
                            .coef0 = config->coef0,
                            .degree = (int)config->degree};
    f->parameter = (struct svm_parameter){.svm_type = f->train->n_classes ? C_SVC : EPSILON_SVR,
                                          .kernel_type = libsvm_kernel[config->kernel],
                                          .degree = f->kernel.degree,
                                          .gamma = f->kernel.gamma,
                                          .coef0 = f->kernel.coef0,
                                          .cache_size = config->cache_mb,
                                          .eps = config->tolerance,
                                          .C = config->c,
                                          .p = config->epsilon,
                                          .shrinking = config->shrinking};
    return set_class_weights(f);
}

/* --- the problem in libsvm's form --------------------------------------------------------------------------- */

/* Dot products of training row order[i] with all rows in order, into out (n,). */
static void dot_row(const fitting *f, size_t i, const double *transposed, double *out)
{
    const hn_svm_shared *shared = f->context->shared;
    size_t n = f->train->n, d = f->train->d;
    if (!shared) {
        hn_dot_rows(f->train->x + f->order[i] * d, transposed, n, d, out);
        return;
    }
    const size_t *rows = f->context->rows;
    const double *dot = shared->dot + rows[f->order[i]] * shared->n;
    for (size_t j = 0; j < n; j++)
        out[j] = dot[rows[f->order[j]]];
}

/* The training rows in order, transposed, as dot_row wants them without shared products. */
static double *transpose_ordered(const fitting *f)
{
    size_t n = f->train->n, d = f->train->d;
    double *out = hn_arena_scratch(f->context->scratch, n * d, sizeof *out);
    for (size_t i = 0; out && i < n; i++)
        for (size_t k = 0; k < d; k++)
            out[k * n + i] = f->train->x[f->order[i] * d + k];
    return out;
}

/* Squared norms of the rows in order. */
static double *ordered_norms(const fitting *f)
{
    const hn_svm_shared *shared = f->context->shared;
    size_t n = f->train->n, d = f->train->d;
    double *norms = hn_arena_scratch(f->context->scratch, n, sizeof *norms);
    for (size_t i = 0; norms && i < n; i++) {
        if (shared)
            norms[i] = shared->norms[f->context->rows[f->order[i]]];
        else
            hn_squared_norms(f->train->x + f->order[i] * d, 1, d, &norms[i]);
    }
    return norms;
}

/* nodes: (n, n + 1): a row's number from 1, then its kernel values. */
static hone_status precompute(fitting *f)
{
    hn_arena *scratch = f->context->scratch;
    size_t n = f->train->n;
    const double *transposed = f->context->shared ? NULL : transpose_ordered(f);
    const double *norms = ordered_norms(f);
    struct svm_node *nodes = hn_arena_scratch(scratch, n * (n + 1), sizeof *nodes);
    double *values = hn_arena_scratch(scratch, n, sizeof *values);
    if ((!f->context->shared && !transposed) || !norms || !nodes || !values)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < n; i++) {
        struct svm_node *row = nodes + i * (n + 1);
        dot_row(f, i, transposed, values);
        hn_kernel_apply(&f->kernel, norms[i], norms, values, n);
        row[0] = (struct svm_node){.index = 0, .value = (double)(i + 1)};
        for (size_t j = 0; j < n; j++)
            row[j + 1].value = values[j];
        f->problem.x[i] = row;
    }
    f->parameter.kernel_type = PRECOMPUTED;
    return HONE_OK;
}

/* libsvm's sparse rows: only columns that are not zero, 1-based, ended by index -1. */
static hone_status list_columns(fitting *f)
{
    size_t n = f->train->n, d = f->train->d;
    struct svm_node *nodes = hn_arena_scratch(f->context->scratch, n * (d + 1), sizeof *nodes);
    if (!nodes)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < n; i++) {
        const double *x = f->train->x + f->order[i] * d;
        struct svm_node *row = nodes + i * (d + 1);
        f->problem.x[i] = row;
        for (size_t k = 0; k < d; k++)
            if (x[k] != 0)
                *row++ = (struct svm_node){.index = (int)k + 1, .value = x[k]};
        row->index = -1;
    }
    return HONE_OK;
}

static hone_status make_problem(fitting *f)
{
    size_t n = f->train->n;
    f->problem.l = (int)n;
    f->problem.y = HN_ARENA_NEW(f->context->scratch, double, n);
    f->problem.x = HN_ARENA_NEW(f->context->scratch, struct svm_node *, n);
    if (!f->problem.y || !f->problem.x)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < n; i++)
        f->problem.y[i] = f->train->y[f->order[i]];
    bool fits = n + 1 <= precomputed_bytes / sizeof(struct svm_node) / n;
    return fits ? precompute(f) : list_columns(f);
}

/* --- the result -------------------------------------------------------------------------------------------- */

static hone_status take_model(const fitting *f, const struct svm_model *model, hn_svm **out)
{
    const hn_design *train = f->train;
    size_t n = (size_t)model->l, d = train->d;
    hn_svm *svm = hn_svm_new(train->n_classes, f->n_present, n, d);
    if (svm && f->context->shared)
        svm->shared_rows = hn_calloc(n, sizeof *svm->shared_rows);
    if (!svm || (f->context->shared && !svm->shared_rows)) {
        hn_svm_destroy(svm);
        return hn_out_of_memory(f->err);
    }
    svm->kernel = f->kernel;
    for (size_t i = 0; i < f->n_present; i++) {
        svm->present[i] = f->present[i];
        svm->count[i] = train->n_classes ? (size_t)model->nSV[i] : n;
    }
    memcpy(svm->rho, model->rho, hn_svm_pairs(svm) * sizeof *svm->rho);
    for (size_t k = 0; k < hn_svm_coefficient_rows(svm); k++)
        memcpy(svm->coefficients + k * n, model->sv_coef[k], n * sizeof(double));
    for (size_t i = 0; i < n; i++) {
        size_t row = f->order[model->sv_indices[i] - 1];
        memcpy(svm->vectors + i * d, train->x + row * d, d * sizeof(double));
        if (svm->shared_rows)
            svm->shared_rows[i] = f->context->rows[row];
    }
    hn_squared_norms(svm->vectors, n, d, svm->norms);
    *out = svm;
    return HONE_OK;
}

hone_status hn_svm_fit(const void *config, const hn_design *train, const hn_fit_context *context, void **fitted,
                       hone_error *err)
{
    fitting f = {.config = config, .train = train, .context = context, .err = err};
    if (context->cancel && *context->cancel)
        return hn_fail(err, HONE_CANCELLED, "model svm: cancelled before the fit");
    if (train->weight)
        return hn_fail(err, HONE_UNSUPPORTED, "model svm: row weights are not supported; use class_weight");
    if (train->n > INT_MAX - 1 || train->d > INT_MAX - 1)
        return hn_fail(err, HONE_LIMIT, "model svm: %zu rows of %zu columns are too many", train->n, train->d);
    hone_status status = sort_rows(&f);
    if (!status)
        status = set_parameters(&f);
    if (!status)
        status = make_problem(&f);
    if (status)
        return status;
    const char *complaint = svm_check_parameter(&f.problem, &f.parameter);
    if (complaint)
        return hn_fail(err, HONE_INVALID, "model svm: %s", complaint);
    svm_set_print_string_function(print_nothing);
    struct svm_model *model = svm_train(&f.problem, &f.parameter);
    hn_svm *svm = NULL;
    status = take_model(&f, model, &svm);
    svm_free_and_destroy_model(&model);
    if (!status)
        *fitted = svm;
    return status;
}
