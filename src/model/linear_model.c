#include "model/linear_model.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/linalg.h"
#include "model/design.h"
#include "model/kernel.h"
#include "model/linear_moments.h"
#include "model/linear_objective.h"

enum { BLOCK = 128 };

hn_linear *hn_linear_new(const char *model, size_t n_classes, size_t n_present, size_t d)
{
    hn_linear *linear = hn_calloc(1, sizeof *linear);
    if (!linear)
        return NULL;
    linear->model = model;
    linear->n_classes = n_classes;
    linear->n_present = n_present;
    linear->n_outputs = n_present > 2 ? n_present : 1;
    linear->d = d;
    linear->present = hn_calloc(n_present, sizeof *linear->present);
    linear->coefficients = d > SIZE_MAX / linear->n_outputs
                               ? NULL
                               : hn_calloc(linear->n_outputs * d, sizeof *linear->coefficients);
    linear->intercept = hn_calloc(linear->n_outputs, sizeof *linear->intercept);
    if (linear->present && linear->coefficients && linear->intercept)
        return linear;
    hn_linear_destroy(linear);
    return NULL;
}

void hn_linear_destroy(void *fitted)
{
    hn_linear *linear = fitted;
    if (!linear)
        return;
    hn_free(linear->present);
    hn_free(linear->coefficients);
    hn_free(linear->intercept);
    hn_linear_moments_free(linear->moments);
    hn_free(linear);
}

hone_status hn_linear_keep(hn_linear *linear, const hn_linear_moments *moments, const hn_fit_context *context,
                           hone_error *err)
{
    if (!context->derives)
        return HONE_OK;
    linear->moments = hn_linear_moments_copy(moments);
    return linear->moments ? HONE_OK : hn_out_of_memory(err);
}

size_t hn_linear_bytes(const void *fitted)
{
    const hn_linear *linear = fitted;
    return sizeof *linear + linear->n_outputs * (linear->d + 1) * sizeof(double) +
           (linear->moments ? hn_linear_moments_bytes(linear->moments) : 0);
}

/* --- prediction --- */

static hone_status check_width(const hn_linear *linear, const hn_design *rows, hone_error *err)
{
    if (rows->d == linear->d)
        return HONE_OK;
    return hn_fail(err, HONE_INVALID, "model %s: fitted to %zu columns, asked to predict rows of %zu",
                   linear->model, linear->d, rows->d);
}

static double decide(const hn_linear *linear, const double *scores)
{
    if (linear->n_outputs == 1)
        return (double)linear->present[scores[0] > 0];
    size_t best = 0;
    for (size_t k = 1; k < linear->n_outputs; k++)
        best = scores[k] > scores[best] ? k : best;
    return (double)linear->present[best];
}

/* What is made of the scores of n rows, which it may change. */
typedef void place_rows(const hn_linear *linear, double *scores, size_t n, double *out);

/* A linear model at work on rows of a source. */
typedef struct scoring {
    const hn_linear *linear;
    const hn_design *rows;
    double *scores;  /* (BLOCK, n_outputs) */
    double *columns; /* (d, BLOCK) */
    double *weights; /* (d, n_outputs): the coefficients transposed */
} scoring;

/* Columns stay columns: rows need not be made of them. */
static hone_status score_source(const scoring *s, size_t begin, size_t n, hone_error *err)
{
    const hn_linear *linear = s->linear;
    size_t outputs = linear->n_outputs, d = linear->d;
    for (size_t i = 0; i < n; i++)
        memcpy(s->scores + i * outputs, linear->intercept, outputs * sizeof *s->scores);
    hone_status status = hn_design_columns(s->rows, begin, n, s->columns, err);
    if (status)
        return status;
    if (outputs == 1)
        hn_add_columns_times(s->columns, d, n, linear->coefficients, s->scores);
    else
        hn_add_transposed_product(s->columns, n, s->weights, outputs, d, s->scores);
    return HONE_OK;
}

static hone_status score_block(const scoring *s, size_t begin, size_t n, hone_error *err)
{
    const hn_linear *linear = s->linear;
    if (!s->rows->x)
        return score_source(s, begin, n, err);
    hn_linear_scores(s->rows->x + begin * linear->d, n, linear->d, linear->coefficients, linear->intercept,
                     linear->n_outputs, s->scores);
    return HONE_OK;
}

/* Scores a block of rows at a time and places them in `out`, `width` numbers a row. */
static hone_status place_blocks(const hn_linear *linear, const hn_design *rows, place_rows *place,
                                size_t width, double *out, hone_error *err)
{
    scoring s = {.linear = linear, .rows = rows};
    hone_status status = check_width(linear, rows, err);
    if (status)
        return status;
    s.scores = hn_aligned_array(BLOCK * linear->n_outputs, sizeof *s.scores);
    s.columns = hn_aligned_array(BLOCK * linear->d, sizeof *s.columns);
    s.weights = hn_aligned_array(linear->d * linear->n_outputs, sizeof *s.weights);
    if (!s.scores || !s.columns || !s.weights)
        status = hn_out_of_memory(err);
    else
        hn_transpose(linear->coefficients, linear->n_outputs, linear->d, s.weights);
    for (size_t begin = 0; !status && begin < rows->n; begin += BLOCK) {
        size_t n = rows->n - begin < BLOCK ? rows->n - begin : BLOCK;
        status = score_block(&s, begin, n, err);
        if (!status)
            place(linear, s.scores, n, out + begin * width);
    }
    hn_free(s.scores);
    hn_free(s.columns);
    hn_free(s.weights);
    return status;
}

static void place_predictions(const hn_linear *linear, double *scores, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = linear->n_present ? decide(linear, scores + i * linear->n_outputs) : scores[i];
}

hone_status hn_linear_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    return place_blocks(fitted, rows, place_predictions, 1, out, err);
}

/* Makes probabilities of the scores of n rows and spreads them over the dataset's classes; those not met in
 * training get 0. */
static void place_probabilities(const hn_linear *linear, double *p, size_t n, double *out)
{
    if (linear->n_outputs == 1)
        hn_linear_logistic(p, n);
    else
        hn_linear_softmax(p, n, linear->n_outputs);
    for (size_t i = 0; i < n; i++) {
        double *row = out + i * linear->n_classes;
        for (size_t k = 0; k < linear->n_classes; k++)
            row[k] = 0;
        for (size_t k = 0; k < linear->n_present; k++) {
            double value = linear->n_outputs > 1 ? p[i * linear->n_outputs + k] : k ? p[i] : 1 - p[i];
            row[linear->present[k]] = value;
        }
    }
}

hone_status hn_linear_predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_linear *linear = fitted;
    return place_blocks(linear, rows, place_probabilities, linear->n_classes, out, err);
}

/* The scores themselves, or, of more than two classes, spread over the dataset's: one not met in training
 * comes last. */
static void place_decisions(const hn_linear *linear, double *scores, size_t n, double *out)
{
    size_t outputs = linear->n_outputs, classes = linear->n_classes;
    if (hn_decision_width(classes) == 1) {
        memcpy(out, scores, n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const double *s = scores + i * outputs;
        double *row = out + i * classes, least = outputs > 1 ? s[0] : -fabs(s[0]);
        for (size_t k = 1; k < outputs; k++)
            least = fmin(least, s[k]);
        for (size_t k = 0; k < classes; k++)
            row[k] = least - 1;
        for (size_t k = 0; k < linear->n_present; k++)
            row[linear->present[k]] = outputs > 1 ? s[k] : k ? s[0] : -s[0];
    }
}

hone_status hn_linear_decision(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_linear *linear = fitted;
    return place_blocks(linear, rows, place_decisions, hn_decision_width(linear->n_classes), out, err);
}

hone_status hn_linear_importance(const void *fitted, double *out, size_t d, hone_error *err)
{
    const hn_linear *linear = fitted;
    if (d != linear->d)
        return hn_fail(err, HONE_INVALID, "model %s: fitted to %zu columns, not %zu", linear->model,
                       linear->d, d);
    double total = 0;
    for (size_t j = 0; j < d; j++) {
        out[j] = 0;
        for (size_t k = 0; k < linear->n_outputs; k++)
            out[j] += fabs(linear->coefficients[k * d + j]);
        total += out[j];
    }
    for (size_t j = 0; j < d; j++)
        out[j] = total > 0 ? out[j] / total : 1 / (double)d;
    return HONE_OK;
}

/* --- files: settings {classes}, tensors coefficients (n_outputs, d), intercept (n_outputs,) --- */

hone_status hn_linear_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const hn_linear *linear = fitted;
    hn_node *classes = hn_node_list(arena);
    for (size_t k = 0; k < linear->n_present; k++)
        classes = hn_list_append(arena, classes, hn_node_integer(arena, (int64_t)linear->present[k]));
    hn_node *settings = hn_map_set(arena, hn_node_map(arena), "classes", classes);
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, 2);
    if (!settings || !tensors)
        return hn_out_of_memory(err);
    tensors[0] = (hn_tensor){.name = "coefficients",
                             .dims = 2,
                             .shape = {linear->n_outputs, linear->d},
                             .values = linear->coefficients};
    tensors[1] = (hn_tensor){
        .name = "intercept", .dims = 1, .shape = {linear->n_outputs}, .values = linear->intercept};
    *state = (hn_model_state){.settings = settings, .tensors = tensors, .n_tensors = 2};
    return HONE_OK;
}

static bool load_present(const hn_node *classes, hn_linear *linear)
{
    for (size_t k = 0; k < linear->n_present; k++) {
        int64_t value;
        if (!hn_node_int(classes->as.items[k], &value) || value < 0 || (uint64_t)value >= linear->n_classes)
            return false;
        linear->present[k] = (size_t)value;
        if (k && linear->present[k] <= linear->present[k - 1])
            return false;
    }
    return true;
}

hone_status hn_linear_load(const char *model, const hn_model_state *state, size_t n_classes, size_t d,
                           void **fitted, hone_error *err)
{
    const hn_tensor *coefficients = hn_tensor_find(state->tensors, state->n_tensors, "coefficients", 2);
    const hn_tensor *intercept = hn_tensor_find(state->tensors, state->n_tensors, "intercept", 1);
    const hn_node *classes = hn_map_get(state->settings, "classes");
    if (!coefficients || !intercept || !classes || classes->kind != HN_LIST)
        return hn_fail(err, HONE_PARSE,
                       "model %s: a setting or array is missing or has another form than hone writes", model);
    size_t n_present = classes->count, n_outputs = n_present > 2 ? n_present : 1;
    bool fits = n_classes ? n_present >= 2 && n_present <= n_classes : n_present == 0;
    if (!fits || coefficients->shape[0] != n_outputs || coefficients->shape[1] != d ||
        intercept->shape[0] != n_outputs)
        return hn_fail(err, HONE_PARSE,
                       "model %s: arrays for %zu columns and %zu classes in a file for %zu and %zu", model,
                       coefficients->shape[1], n_present, d, n_classes);
    hn_linear *linear = hn_linear_new(model, n_classes, n_present, d);
    if (!linear)
        return hn_out_of_memory(err);
    if (!load_present(classes, linear) || !hn_tensor_copy_finite(coefficients, linear->coefficients) ||
        !hn_tensor_copy_finite(intercept, linear->intercept)) {
        hn_linear_destroy(linear);
        return hn_fail(err, HONE_PARSE, "model %s: its arrays hold values that hone does not write", model);
    }
    *fitted = linear;
    return HONE_OK;
}
