/* naive_bayes.c: naive Bayes with normal or multinomial columns (McCallum & Nigam 1998). Options and defaults
 * are scikit-learn's GaussianNB and MultinomialNB.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "math/linalg.h"
#include "model/linear_objective.h"
#include "model/model.h"

typedef enum bayes_kind { GAUSSIAN, MULTINOMIAL } bayes_kind;

typedef struct bayes_config {
    int kind;
    double var_smoothing, alpha;
} bayes_config;

/* What was seen of the rows, and what scores are made of. Gaussian or multinomial, an array not used is
 * zeros. */
typedef struct bayes {
    bayes_kind kind;
    double smoothing; /* var_smoothing or alpha */
    size_t n_classes, d;
    double rows;     /* seen, whatever their weight */
    double *weight;  /* (n_classes,): of the rows of each class */
    double *mean;    /* (n_classes, d): gaussian: weighted means; multinomial: weighted sums */
    double *scatter; /* (n_classes, d): gaussian: weighted squared gaps to the mean, summed */
    double *moments; /* (2, d): gaussian: means of all rows without weights, and their squared gaps, summed */

    double *base;      /* (n_classes,): the score's part that no row changes: prior and widths */
    double *precision; /* (n_classes, d): gaussian: 1 / variance */
    double *log_share; /* (n_classes, d): multinomial: log probability of a column */
} bayes;

static const char *const kind_names[] = {"gaussian", "multinomial", NULL};

static const hn_option options[] = {
    {"kind", HN_OPTION_CHOICE, "gaussian", 0, 0, kind_names, offsetof(bayes_config, kind),
     "distribution of a column within a class; multinomial takes counts"},
    {"var_smoothing", HN_OPTION_DOUBLE, "1e-9", 0, 1e12, NULL, offsetof(bayes_config, var_smoothing),
     "gaussian: share of the largest variance added to all"},
    {"alpha", HN_OPTION_DOUBLE, "1", 1e-10, 1e12, NULL, offsetof(bayes_config, alpha),
     "multinomial: count added to every column (Laplace 1, Lidstone below)"},
};

static void destroy(void *fitted)
{
    bayes *b = fitted;
    if (!b)
        return;
    hn_free(b->weight);
    hn_free(b->mean);
    hn_free(b->scatter);
    hn_free(b->moments);
    hn_free(b->base);
    hn_free(b->precision);
    hn_free(b->log_share);
    hn_free(b);
}

static bayes *new_bayes(bayes_kind kind, double smoothing, size_t n_classes, size_t d)
{
    bayes *b = hn_calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->kind = kind;
    b->smoothing = smoothing;
    b->n_classes = n_classes;
    b->d = d;
    size_t cells = d > SIZE_MAX / n_classes ? SIZE_MAX : n_classes * d;
    b->weight = hn_calloc(n_classes, sizeof *b->weight);
    b->base = hn_calloc(n_classes, sizeof *b->base);
    b->moments = hn_calloc(d, 2 * sizeof *b->moments);
    b->mean = hn_calloc(cells, sizeof *b->mean);
    b->scatter = hn_calloc(cells, sizeof *b->scatter);
    b->precision = hn_calloc(cells, sizeof *b->precision);
    b->log_share = hn_calloc(cells, sizeof *b->log_share);
    if (b->weight && b->base && b->moments && b->mean && b->scatter && b->precision && b->log_share)
        return b;
    destroy(b);
    return NULL;
}

/* --- fitting: what is seen of rows adds up, so that rows may come in any number of parts
 * -------------------- */

static double weight_of(const hn_design *train, size_t i)
{
    return train->weight ? train->weight[i] : 1;
}

/* Weights and column sums of each class; of a gaussian the means in place of the sums, and those of all. */
static void add_up(const hn_design *train, bayes *b)
{
    size_t d = b->d;
    for (size_t i = 0; i < train->n; i++) {
        size_t k = (size_t)train->y[i];
        b->weight[k] += weight_of(train, i);
        hn_add_scaled(weight_of(train, i), train->x + i * d, d, b->mean + k * d);
        hn_add_scaled(1 / (double)train->n, train->x + i * d, d, b->moments);
    }
    for (size_t k = 0; b->kind == GAUSSIAN && k < b->n_classes; k++)
        for (size_t j = 0; b->weight[k] > 0 && j < d; j++)
            b->mean[k * d + j] /= b->weight[k];
}

/* sums (d,) += weight times the squared gaps of x to mean. */
static void add_squares(double weight, const double *x, const double *mean, size_t d, double *restrict sums)
{
    for (size_t j = 0; j < d; j++)
        sums[j] += weight * (x[j] - mean[j]) * (x[j] - mean[j]);
}

static void add_scatter(const hn_design *train, bayes *b)
{
    size_t d = b->d;
    for (size_t i = 0; i < train->n; i++) {
        size_t k = (size_t)train->y[i];
        const double *x = train->x + i * d;
        add_squares(weight_of(train, i), x, b->mean + k * d, d, b->scatter + k * d);
        add_squares(1, x, b->moments, d, b->moments + d);
    }
}

/* Means and squared gaps of two parts become those of their union (Chan, Golub & LeVeque 1983). */
static void unite(double n, double *mean, double *squares, double more, double mean_more, double squares_more)
{
    double gap = mean_more - *mean;
    if (!(more > 0))
        return;
    *mean = n > 0 ? *mean + gap * more / (n + more) : mean_more;
    *squares = n > 0 ? *squares + squares_more + gap * gap * n * more / (n + more) : squares_more;
}

static void merge(bayes *b, const bayes *more)
{
    size_t d = b->d;
    for (size_t i = 0; i < b->n_classes * d; i++) {
        if (b->kind == MULTINOMIAL)
            b->mean[i] += more->mean[i];
        else
            unite(b->weight[i / d], &b->mean[i], &b->scatter[i], more->weight[i / d], more->mean[i],
                  more->scatter[i]);
    }
    for (size_t j = 0; b->kind == GAUSSIAN && j < d; j++)
        unite(b->rows, &b->moments[j], &b->moments[d + j], more->rows, more->moments[j],
              more->moments[d + j]);
    for (size_t k = 0; k < b->n_classes; k++)
        b->weight[k] += more->weight[k];
    b->rows += more->rows;
}

/* What scores are made of. A class not met has the lowest prior. */
static void conclude(bayes *b)
{
    size_t d = b->d;
    double total = 0, largest = 0;
    for (size_t k = 0; k < b->n_classes; k++)
        total += b->weight[k];
    for (size_t j = 0; j < d; j++)
        largest = fmax(largest, b->moments[d + j] / b->rows);
    /* Columns constant within every class still need a width. */
    double extra = fmax(b->smoothing * largest, 1e-300);
    for (size_t k = 0; k < b->n_classes; k++) {
        double sum = 0;
        b->base[k] = b->weight[k] > 0 ? log(b->weight[k] / total) : -1e300;
        for (size_t j = 0; j < d; j++)
            sum += b->mean[k * d + j] + b->smoothing;
        for (size_t j = 0; j < d; j++) {
            double variance = b->weight[k] > 0 ? b->scatter[k * d + j] / b->weight[k] : 1;
            b->precision[k * d + j] = 1 / (variance + extra);
            if (b->kind == GAUSSIAN)
                b->base[k] += 0.5 * log(b->precision[k * d + j]);
            else
                b->log_share[k * d + j] = log((b->mean[k * d + j] + b->smoothing) / sum);
        }
    }
}

static hone_status check_rows(const bayes *b, const hn_design *train, const hn_fit_context *context,
                              hone_error *err)
{
    double total = 0;
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model naive_bayes: cancelled before the fit");
    for (size_t i = 0; b->kind == MULTINOMIAL && i < train->n * b->d; i++)
        if (train->x[i] < 0)
            return hn_fail(
                err, HONE_INVALID,
                "model naive_bayes: multinomial takes counts, row %zu of column %zu is below 0; use "
                "kind gaussian or scale to 0 and above",
                i / b->d, i % b->d);
    for (size_t i = 0; i < train->n; i++)
        total += weight_of(train, i);
    if (!(total > 0))
        return hn_fail(err, HONE_INVALID,
                       "model naive_bayes: the weights of the %zu training rows add up to nothing", train->n);
    return HONE_OK;
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    const bayes_config *c = config;
    bayes *b = new_bayes((bayes_kind)c->kind, c->kind == GAUSSIAN ? c->var_smoothing : c->alpha,
                         train->n_classes, train->d);
    hone_status status = b ? check_rows(b, train, context, err) : hn_out_of_memory(err);
    if (status) {
        destroy(b);
        return status;
    }
    b->rows = (double)train->n;
    add_up(train, b);
    if (b->kind == GAUSSIAN)
        add_scatter(train, b);
    conclude(b);
    *fitted = b;
    return HONE_OK;
}

static hone_status partial_fit(const void *fitted, const void *config, const hn_design *more,
                               const hn_fit_context *context, void **updated, hone_error *err)
{
    const bayes *before = fitted;
    void *part = NULL;
    if (more->d != before->d)
        return hn_fail(err, HONE_INVALID, "model naive_bayes: fitted to %zu columns, given rows of %zu",
                       before->d, more->d);
    hone_status status = fit(config, more, context, &part, err);
    bayes *b = status ? NULL : new_bayes(before->kind, before->smoothing, before->n_classes, before->d);
    if (!status && !b)
        status = hn_out_of_memory(err);
    if (!status) {
        merge(b, before);
        merge(b, part);
        conclude(b);
        *updated = b;
    }
    destroy(part);
    return status;
}

/* --- prediction --- */

/* out (n_classes,): log of prior times likelihood of a row, up to a constant. */
static void score(const bayes *b, const double *x, double *out)
{
    size_t d = b->d;
    for (size_t k = 0; k < b->n_classes; k++) {
        const double *mean = b->mean + k * d, *precision = b->precision + k * d;
        out[k] = b->base[k];
        if (b->kind == MULTINOMIAL)
            out[k] += hn_dot(x, b->log_share + k * d, d);
        for (size_t j = 0; b->kind == GAUSSIAN && j < d; j++)
            out[k] -= 0.5 * (x[j] - mean[j]) * (x[j] - mean[j]) * precision[j];
    }
}

static hone_status predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const bayes *b = fitted;
    if (rows->d != b->d)
        return hn_fail(err, HONE_INVALID,
                       "model naive_bayes: fitted to %zu columns, asked to predict rows of %zu", b->d,
                       rows->d);
    for (size_t i = 0; i < rows->n; i++)
        score(b, rows->x + i * b->d, out + i * b->n_classes);
    hn_linear_softmax(out, rows->n, b->n_classes);
    return HONE_OK;
}

static hone_status predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const bayes *b = fitted;
    if (rows->d != b->d)
        return hn_fail(err, HONE_INVALID,
                       "model naive_bayes: fitted to %zu columns, asked to predict rows of %zu", b->d,
                       rows->d);
    double *scores = hn_calloc(b->n_classes, sizeof *scores);
    if (!scores)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < rows->n; i++) {
        size_t best = 0;
        score(b, rows->x + i * b->d, scores);
        for (size_t k = 1; k < b->n_classes; k++)
            best = scores[k] > scores[best] ? k : best;
        out[i] = (double)best;
    }
    hn_free(scores);
    return HONE_OK;
}

/* --- as a graph --- */

static hone_status graph(const void *fitted, hn_value rows, hn_graph *g, hn_model_graph *out, hone_error *err)
{
    static const int64_t second = 1, third = 2;
    const bayes *b = fitted;
    const size_t dim[] = {b->n_classes, b->d};
    (void)err;
    hn_graph_scope(g, "naive_bayes");
    hn_value base = hn_graph_doubles(g, "base", 1, &b->n_classes, b->base);
    if (b->kind == MULTINOMIAL) {
        hn_value share = hn_graph_doubles(g, "log_share", 2, dim, b->log_share);
        rows = HN_OP(g, "MatMul", rows, hn_graph_transpose(g, share, 2, (int64_t[]){1, 0}));
        out->value = HN_OP(g, "Softmax", HN_OP(g, "Add", base, rows));
        return HONE_OK;
    }
    hn_value each = HN_OP(g, "Unsqueeze", rows, hn_graph_ints(g, "axis", 1, &second));
    hn_value gap = HN_OP(g, "Sub", each, hn_graph_doubles(g, "mean", 2, dim, b->mean));
    hn_value square = HN_OP(g, "Mul", HN_OP(g, "Mul", gap, gap), hn_graph_double(g, "half", 0.5));
    square = HN_OP(g, "Mul", square, hn_graph_doubles(g, "precision", 2, dim, b->precision));
    hn_value sum = HN_OP(g, "ReduceSum", square, hn_graph_ints(g, "axis", 1, &third));
    hn_graph_set_int(g, "keepdims", 0);
    out->value = HN_OP(g, "Softmax", HN_OP(g, "Sub", base, sum));
    return HONE_OK;
}

/* --- files: settings {kind, smoothing, rows}, tensors weight (n_classes,), mean and scatter (n_classes, d),
 * moments (2, d)
 * ------------------------------------------------------------------------------------------------------ */

static hone_status save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const bayes *b = fitted;
    enum { N = 4 };
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "kind", hn_node_string(arena, kind_names[b->kind]));
    map = hn_map_set(arena, map, "smoothing", hn_node_real(arena, b->smoothing));
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, (int64_t)b->rows));
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, N);
    if (!map || !tensors)
        return hn_out_of_memory(err);
    tensors[0] = (hn_tensor){.name = "weight", .dims = 1, .shape = {b->n_classes}, .values = b->weight};
    tensors[1] = (hn_tensor){.name = "mean", .dims = 2, .shape = {b->n_classes, b->d}, .values = b->mean};
    tensors[2] =
        (hn_tensor){.name = "scatter", .dims = 2, .shape = {b->n_classes, b->d}, .values = b->scatter};
    tensors[3] = (hn_tensor){.name = "moments", .dims = 2, .shape = {2, b->d}, .values = b->moments};
    *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = N};
    return HONE_OK;
}

static bool copy_within(const hn_tensor *tensor, double low, double high, double *out)
{
    for (size_t i = 0; i < hn_tensor_size(tensor); i++) {
        if (!(tensor->values[i] >= low && tensor->values[i] <= high))
            return false;
        out[i] = tensor->values[i];
    }
    return true;
}

/* The kind and its smoothing within their bounds; rows at least one. */
static bool read_settings(const hn_node *settings, bayes *b)
{
    const hn_node *kind = hn_map_get(settings, "kind");
    int64_t rows = 0;
    int k = 0;
    while (kind && kind->kind == HN_STRING && kind_names[k] && strcmp(kind_names[k], kind->as.string) != 0)
        k++;
    if (!kind || kind->kind != HN_STRING || !kind_names[k] ||
        !hn_node_double(hn_map_get(settings, "smoothing"), &b->smoothing) ||
        !hn_node_int(hn_map_get(settings, "rows"), &rows))
        return false;
    b->kind = (bayes_kind)k;
    b->rows = (double)rows;
    return rows >= 1 && b->smoothing <= 1e12 && b->smoothing >= (b->kind == GAUSSIAN ? 0 : 1e-10);
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    const hn_tensor *weight = hn_tensor_find(state->tensors, state->n_tensors, "weight", 1);
    const hn_tensor *mean = hn_tensor_find(state->tensors, state->n_tensors, "mean", 2);
    const hn_tensor *scatter = hn_tensor_find(state->tensors, state->n_tensors, "scatter", 2);
    const hn_tensor *moments = hn_tensor_find(state->tensors, state->n_tensors, "moments", 2);
    bool fits = weight && mean && scatter && moments && n_classes && weight->shape[0] == n_classes &&
                mean->shape[0] == n_classes && mean->shape[1] == d && scatter->shape[0] == n_classes &&
                scatter->shape[1] == d && moments->shape[0] == 2 && moments->shape[1] == d;
    bayes read = {0};
    if (!fits || !read_settings(state->settings, &read))
        return hn_fail(
            err, HONE_PARSE,
            "model naive_bayes: a setting or array is missing or has another form than hone writes");
    bayes *b = new_bayes(read.kind, read.smoothing, n_classes, d);
    if (!b)
        return hn_out_of_memory(err);
    b->rows = read.rows;
    double most = 1e300, total = 0, least = b->kind == GAUSSIAN ? -most : 0;
    bool sound = copy_within(weight, 0, most, b->weight) && copy_within(mean, least, most, b->mean) &&
                 copy_within(scatter, 0, most, b->scatter) && copy_within(moments, -most, most, b->moments);
    for (size_t k = 0; sound && k < n_classes; k++)
        total += b->weight[k];
    for (size_t j = 0; sound && j < d; j++)
        sound = b->moments[d + j] >= 0;
    if (!sound || !(total > 0)) {
        destroy(b);
        return hn_fail(err, HONE_PARSE, "model naive_bayes: its arrays hold values that hone does not write");
    }
    conclude(b);
    *fitted = b;
    return HONE_OK;
}

extern const hn_model_type hn_model_naive_bayes;

const hn_model_type hn_model_naive_bayes = {
    .name = "naive_bayes",
    .help = "naive Bayes with normal or multinomial columns",
    .tasks = HN_TASK_CLASSIFICATION,
    .capabilities = HN_MODEL_PROBABILITY | HN_MODEL_WEIGHTS | HN_MODEL_PARTIAL_FIT,
    .options = {options, sizeof options / sizeof *options, sizeof(bayes_config)},
    .default_space = "var_smoothing: {float: [1e-12, 1], log: true}\n",
    .simpler = "larger var_smoothing, larger alpha",
    .fit = fit,
    .partial_fit = partial_fit,
    .destroy = destroy,
    .predict = predict,
    .predict_proba = predict_proba,
    .save = save,
    .load = load,
    .graph = graph,
};
