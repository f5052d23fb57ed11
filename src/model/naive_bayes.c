/* naive_bayes.c: naive Bayes with normal or multinomial columns (McCallum & Nigam 1998). Options and defaults
 * are scikit-learn's GaussianNB and MultinomialNB.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "math/linalg.h"
#include "model/linear_objective.h"
#include "model/model.h"

typedef enum bayes_kind { GAUSSIAN, MULTINOMIAL } bayes_kind;

typedef struct bayes_config {
    int kind;
    double var_smoothing, alpha;
} bayes_config;

typedef struct bayes {
    bayes_kind kind;
    size_t n_classes, d;
    double *prior;     /* (n_classes,): log probability; the lowest double for a class not met */
    double *mean;      /* (n_classes, d): gaussian: mean; multinomial: log probability of a column */
    double *precision; /* (n_classes, d): gaussian: 1 / variance; multinomial: ones */
    double *base;      /* (n_classes,): the score's part that no row changes: prior and widths */
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
    hn_free(b->prior);
    hn_free(b->mean);
    hn_free(b->precision);
    hn_free(b->base);
    hn_free(b);
}

static bayes *new_bayes(bayes_kind kind, size_t n_classes, size_t d)
{
    bayes *b = hn_calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->kind = kind;
    b->n_classes = n_classes;
    b->d = d;
    b->prior = hn_calloc(n_classes, sizeof *b->prior);
    b->base = hn_calloc(n_classes, sizeof *b->base);
    b->mean = d > SIZE_MAX / n_classes ? NULL : hn_calloc(n_classes * d, sizeof *b->mean);
    b->precision = d > SIZE_MAX / n_classes ? NULL : hn_calloc(n_classes * d, sizeof *b->precision);
    if (b->prior && b->base && b->mean && b->precision)
        return b;
    destroy(b);
    return NULL;
}

static void set_base(bayes *b)
{
    for (size_t k = 0; k < b->n_classes; k++) {
        b->base[k] = b->prior[k];
        for (size_t j = 0; j < b->d; j++)
            b->base[k] += 0.5 * log(b->precision[k * b->d + j]);
    }
}

/* --- fitting -----------------------------------------------------------------------------------------------
 */

static double weight_of(const hn_design *train, size_t i)
{
    return train->weight ? train->weight[i] : 1;
}

/* prior = total weight of each class; mean = weighted sums of its columns. */
static double add_up(const hn_design *train, bayes *b)
{
    double total = 0;
    for (size_t i = 0; i < train->n; i++) {
        size_t k = (size_t)train->y[i];
        b->prior[k] += weight_of(train, i);
        total += weight_of(train, i);
        hn_add_scaled(weight_of(train, i), train->x + i * b->d, b->d, b->mean + k * b->d);
    }
    return total;
}

/* The largest variance of a column over all rows, without weights. */
static double largest_variance(const hn_design *train)
{
    double largest = 0;
    for (size_t j = 0; j < train->d; j++) {
        double mean = 0, squares = 0;
        for (size_t i = 0; i < train->n; i++)
            mean += train->x[i * train->d + j] / (double)train->n;
        for (size_t i = 0; i < train->n; i++) {
            double gap = train->x[i * train->d + j] - mean;
            squares += gap * gap;
        }
        largest = fmax(largest, squares / (double)train->n);
    }
    return largest;
}

static void fit_gaussian(const hn_design *train, double smoothing, bayes *b)
{
    size_t d = b->d;
    /* Columns constant within every class still need a width. */
    double extra = fmax(smoothing * largest_variance(train), 1e-300);
    for (size_t k = 0; k < b->n_classes; k++)
        for (size_t j = 0; b->prior[k] > 0 && j < d; j++)
            b->mean[k * d + j] /= b->prior[k];
    for (size_t i = 0; i < train->n; i++) {
        size_t k = (size_t)train->y[i];
        for (size_t j = 0; j < d; j++) {
            double gap = train->x[i * d + j] - b->mean[k * d + j];
            b->precision[k * d + j] += weight_of(train, i) * gap * gap;
        }
    }
    for (size_t k = 0; k < b->n_classes; k++)
        for (size_t j = 0; j < d; j++) {
            double variance = b->prior[k] > 0 ? b->precision[k * d + j] / b->prior[k] : 1;
            b->precision[k * d + j] = 1 / (variance + extra);
        }
}

static hone_status fit_multinomial(const hn_design *train, double alpha, bayes *b, hone_error *err)
{
    size_t d = b->d;
    for (size_t i = 0; i < train->n * d; i++)
        if (train->x[i] < 0)
            return hn_fail(
                err, HONE_INVALID,
                "model naive_bayes: multinomial takes counts, row %zu of column %zu is below 0; use "
                "kind gaussian or scale to 0 and above",
                i / d, i % d);
    for (size_t k = 0; k < b->n_classes; k++) {
        double sum = 0;
        for (size_t j = 0; j < d; j++)
            sum += b->mean[k * d + j] + alpha;
        for (size_t j = 0; j < d; j++) {
            b->mean[k * d + j] = log((b->mean[k * d + j] + alpha) / sum);
            b->precision[k * d + j] = 1;
        }
    }
    return HONE_OK;
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    const bayes_config *c = config;
    if (context->cancel && *context->cancel)
        return hn_fail(err, HONE_CANCELLED, "model naive_bayes: cancelled before the fit");
    bayes *b = new_bayes((bayes_kind)c->kind, train->n_classes, train->d);
    if (!b)
        return hn_out_of_memory(err);
    double total = add_up(train, b);
    hone_status status = HONE_OK;
    if (!(total > 0))
        status =
            hn_fail(err, HONE_INVALID,
                    "model naive_bayes: the weights of the %zu training rows add up to nothing", train->n);
    else if (b->kind == GAUSSIAN)
        fit_gaussian(train, c->var_smoothing, b);
    else
        status = fit_multinomial(train, c->alpha, b, err);
    for (size_t k = 0; !status && k < b->n_classes; k++)
        b->prior[k] = b->prior[k] > 0 ? log(b->prior[k] / total) : -1e300;
    if (status) {
        destroy(b);
        return status;
    }
    set_base(b);
    *fitted = b;
    return HONE_OK;
}

/* --- prediction --------------------------------------------------------------------------------------------
 */

/* out (n_classes,): log of prior times likelihood of a row, up to a constant. */
static void score(const bayes *b, const double *x, double *out)
{
    size_t d = b->d;
    for (size_t k = 0; k < b->n_classes; k++) {
        const double *mean = b->mean + k * d, *precision = b->precision + k * d;
        out[k] = b->base[k];
        if (b->kind == MULTINOMIAL)
            out[k] += hn_dot(x, mean, d);
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

/* --- files: settings {kind}, tensors prior (n_classes,), mean and precision (n_classes, d) -----------------
 */

static hone_status save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const bayes *b = fitted;
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "kind", hn_node_string(arena, kind_names[b->kind]));
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, 3);
    if (!map || !tensors)
        return hn_out_of_memory(err);
    tensors[0] = (hn_tensor){.name = "prior", .dims = 1, .shape = {b->n_classes}, .values = b->prior};
    tensors[1] = (hn_tensor){.name = "mean", .dims = 2, .shape = {b->n_classes, b->d}, .values = b->mean};
    tensors[2] =
        (hn_tensor){.name = "precision", .dims = 2, .shape = {b->n_classes, b->d}, .values = b->precision};
    *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = 3};
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

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    const hn_tensor *prior = hn_tensor_find(state->tensors, state->n_tensors, "prior", 1);
    const hn_tensor *mean = hn_tensor_find(state->tensors, state->n_tensors, "mean", 2);
    const hn_tensor *precision = hn_tensor_find(state->tensors, state->n_tensors, "precision", 2);
    const hn_node *kind = hn_map_get(state->settings, "kind");
    size_t k = 0;
    while (kind && kind->kind == HN_STRING && kind_names[k] && strcmp(kind_names[k], kind->as.string) != 0)
        k++;
    if (!prior || !mean || !precision || !kind || kind->kind != HN_STRING || !kind_names[k] ||
        n_classes == 0 || prior->shape[0] != n_classes || mean->shape[0] != n_classes ||
        mean->shape[1] != d || precision->shape[0] != n_classes || precision->shape[1] != d)
        return hn_fail(
            err, HONE_PARSE,
            "model naive_bayes: a setting or array is missing or has another form than hone writes");
    bayes *b = new_bayes((bayes_kind)k, n_classes, d);
    if (!b)
        return hn_out_of_memory(err);
    if (!copy_within(prior, -1e300, 0, b->prior) || !copy_within(mean, -1e300, 1e300, b->mean) ||
        !copy_within(precision, 1e-300, 1e300, b->precision)) {
        destroy(b);
        return hn_fail(err, HONE_PARSE, "model naive_bayes: its arrays hold values that hone does not write");
    }
    set_base(b);
    *fitted = b;
    return HONE_OK;
}

extern const hn_model_type hn_model_naive_bayes;

const hn_model_type hn_model_naive_bayes = {
    .name = "naive_bayes",
    .help = "naive Bayes with normal or multinomial columns",
    .tasks = HN_TASK_CLASSIFICATION,
    .capabilities = HN_MODEL_PROBABILITY | HN_MODEL_WEIGHTS,
    .options = {options, sizeof options / sizeof *options, sizeof(bayes_config)},
    .default_space = "var_smoothing: {float: [1e-12, 1], log: true}\n",
    .simpler = "larger var_smoothing, larger alpha",
    .fit = fit,
    .destroy = destroy,
    .predict = predict,
    .predict_proba = predict_proba,
    .save = save,
    .load = load,
};
