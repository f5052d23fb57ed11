/* Applying and scoring a saved model: `hone predict`, `hone evaluate`. */
#include <string.h>

#include "app/study_metrics.h"
#include "base/cancel.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_output.h"
#include "hone/app.h"
#include "select/estimator.h"

/* A saved model, and how a file is read for it. */
typedef struct application {
    hone_use_options given;
    hn_estimator *estimator;
    hn_schema schema; /* what the options point to */
    hn_dataset_options options;
} application;

static hone_status read_options(const hone_use_options *given, hone_use_options *options, hone_error *err)
{
    *options = (hone_use_options)HONE_USE_OPTIONS_INIT;
    if (given && given->struct_size != sizeof *given) {
        return hn_fail(err, HONE_INVALID,
                       "hone_use_options has struct_size %zu, this version knows %zu; begin with "
                       "HONE_USE_OPTIONS_INIT",
                       given->struct_size, sizeof *given);
    }
    *options = given ? *given : *options;
    return HONE_OK;
}

static hone_status set_threshold(hn_estimator *estimator, const hone_use_options *options, hone_error *err)
{
    if (!options->has_threshold) {
        return HONE_OK;
    }
    if (!(options->threshold >= 0 && options->threshold <= 1)) {
        return hn_fail(err, HONE_INVALID, "threshold: a probability, from 0 to 1");
    }
    if (estimator->n_classes != 2 || !estimator->type->predict_proba) {
        return hn_fail(
            err, HONE_UNSUPPORTED,
            "threshold: needs the probabilities of two classes, which this model (%s, %zu classes) "
            "does not give",
            estimator->type->name, estimator->n_classes);
    }
    estimator->threshold.at = options->threshold;
    return HONE_OK;
}

static hone_status open_application(application *a, const char *model, const hone_use_options *given,
                                    bool with_target, hone_error *err)
{
    hone_status status = read_options(given, &a->given, err);
    if (!status) {
        status = hn_estimator_load(model, &a->estimator, err);
    }
    if (!status) {
        status = set_threshold(a->estimator, &a->given, err);
    }
    if (!status) {
        a->options.delimiter = a->given.delimiter;
        a->options.skip_rows = a->given.skip_rows;
        a->options.labels = a->given.labels;
        a->options.features = a->given.features;
        a->options.target = a->given.target;
        hn_estimator_adapt(a->estimator, with_target, &a->options, &a->schema);
    }
    return status;
}

/* --- predicting --- */

/* Where predictions go: a file that appears when all are there, or the sink. */
typedef struct destination {
    hn_output *file;
    const hone_sink *sink;
} destination;

static hone_status deliver(const destination *to, hn_buffer *text, hone_error *err)
{
    hone_status status = hn_buffer_failed(text) ? hn_out_of_memory(err) : HONE_OK;
    if (!status && to->file) {
        status = hn_output_write(to->file, text->data, text->size, err);
    } else if (!status) {
        to->sink->write(to->sink->user, text->data, text->size);
    }
    hn_buffer_clear(text);
    return status;
}

/* Columns of the margins; 0: they are not wanted. */
static size_t margin_width(const hn_estimator *estimator, const hone_use_options *given)
{
    return given->margins ? hn_decision_width(estimator->n_classes) : 0;
}

/* named: rows have names, those of their files. */
static void add_heading(hn_buffer *out, const hn_estimator *estimator, const hone_use_options *given,
                        bool named)
{
    size_t margins = margin_width(estimator, given);
    hn_buffer_text(out, named ? "file," : "");
    hn_buffer_csv(out, estimator->target_name);
    for (size_t c = 0; given->probabilities && c < estimator->n_classes; c++) {
        hn_buffer_char(out, ',');
        hn_buffer_csv(out, estimator->classes[c]);
    }
    for (size_t c = 0; c < margins; c++) {
        hn_buffer name = HN_BUFFER_INIT;
        hn_buffer_printf(&name, "margin%s%s", margins > 1 ? " " : "",
                         margins > 1 ? estimator->classes[c] : "");
        hn_buffer_char(out, ',');
        hn_buffer_csv(out, hn_buffer_string(&name));
        out->failed |= hn_buffer_failed(&name);
        hn_buffer_release(&name);
    }
    hn_buffer_char(out, '\n');
}

static void add_numbers(hn_buffer *out, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hn_buffer_char(out, ',');
        hn_buffer_double(out, values[i]);
    }
}

/* Of the rows of a block: predicted (n,); proba (n, n_classes) or NULL; margins (n, width). */
static void add_rows(hn_buffer *out, const hn_estimator *estimator, const hn_dataset *block,
                     const double *predicted, const double *proba, const double *margins, size_t width)
{
    for (size_t i = 0; i < block->n_rows; i++) {
        if (block->row_names) {
            hn_buffer_csv(out, block->row_names[i]);
            hn_buffer_char(out, ',');
        }
        if (estimator->n_classes) {
            hn_buffer_csv(out, estimator->classes[(size_t)predicted[i]]);
        } else if (estimator->task == HN_TASK_CLUSTERING) {
            hn_buffer_printf(out, "%lld", (long long)predicted[i]);
        } else {
            hn_buffer_double(out, predicted[i]);
        }
        add_numbers(out, proba ? proba + i * estimator->n_classes : NULL, proba ? estimator->n_classes : 0);
        add_numbers(out, margins ? margins + i * width : NULL, width);
        hn_buffer_char(out, '\n');
    }
}

static hone_status predict_block(const hn_estimator *estimator, const hn_dataset *block,
                                 const hone_use_options *given, hn_buffer *out, hone_error *err)
{
    size_t n = block->n_rows, k = estimator->n_classes, width = margin_width(estimator, given);
    bool probabilities = given->probabilities;
    if (hn_cancelled(given->cancel)) {
        return hn_fail(err, HONE_CANCELLED, "interrupted: no predictions are kept");
    }
    double *predicted = hn_calloc(n, sizeof *predicted);
    double *proba = probabilities ? hn_calloc(n, (k ? k : 1) * sizeof *proba) : NULL;
    double *margins = width ? hn_calloc(n, width * sizeof *margins) : NULL;
    hone_status status = HONE_OUT_OF_MEMORY;
    if (!predicted || (probabilities && !proba) || (width && !margins)) {
        hn_out_of_memory(err);
        goto done;
    }
    status = hn_estimator_predict(estimator, block, NULL, n, predicted, err);
    if (!status && probabilities) {
        status = hn_estimator_predict_proba(estimator, block, NULL, n, proba, err);
    }
    if (!status && given->margins) {
        status = hn_estimator_decision(estimator, block, NULL, n, margins, err);
    }
    if (!status) {
        add_rows(out, estimator, block, predicted, proba, margins, width);
    }
done:
    hn_free(predicted);
    hn_free(proba);
    hn_free(margins);
    return status;
}

/* Block by block, so that memory does not grow with the file. The heading waits for the first block: bad data
 * prints nothing. */
static hone_status predict(const application *a, const char *data, const destination *to, hone_error *err)
{
    hn_dataset_blocks *blocks = NULL;
    hn_dataset *block = NULL;
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = hn_dataset_blocks_open(data, &a->options, 0, &blocks, err);
    if (!status) {
        status = hn_dataset_blocks_next(blocks, &block, err);
    }
    if (!status && block) {
        add_heading(&text, a->estimator, &a->given, block->row_names != NULL);
    }
    while (!status && block) {
        status = predict_block(a->estimator, block, &a->given, &text, err);
        if (!status) {
            status = deliver(to, &text, err);
        }
        hn_dataset_destroy(block);
        block = NULL;
        if (!status) {
            status = hn_dataset_blocks_next(blocks, &block, err);
        }
    }
    hn_buffer_release(&text);
    hn_dataset_blocks_close(blocks);
    return status;
}

hone_status hone_predict_file(const char *model, const char *data, const char *output,
                              const hone_use_options *given, const hone_sink *sink, hone_error *err)
{
    application a = {0};
    destination to = {.sink = sink};
    hone_status status = open_application(&a, model, given, false, err);
    if (!status && output) {
        status = hn_output_open(output, &to.file, err);
    }
    if (!status) {
        status = predict(&a, data, &to, err);
    }
    hone_status closed = hn_output_close(to.file, !status, err);
    hn_estimator_destroy(a.estimator);
    return status ? status : closed;
}

/* --- scoring --- */

/* "accuracy  0.9561": what people read; digits enough to compare by. */
static void add_scores(hn_buffer *out, const hn_scores *scores)
{
    int width = 0;
    for (size_t m = 0; m < scores->n_metrics; m++) {
        int length = (int)strlen(scores->metrics[m]->name);
        width = length > width ? length : width;
    }
    for (size_t m = 0; m < scores->n_metrics; m++) {
        char value[HN_NUMBER_SIZE];
        hn_format_short(value, scores->mean[m], 6);
        hn_buffer_printf(out, "%-*s  %s\n", width, scores->metrics[m]->name, value);
    }
}

/* The confusion matrix, row sums (rows of a class) and column sums (rows said to be of it); weights of rows
 * where the data have them. */
typedef struct report {
    size_t k;
    const char *weights; /* their column; NULL: rows are counted */
    const char *const *names;
    double *counts; /* (k, k) */
} report;

static double sum_of(const report *r, size_t class, bool said)
{
    double sum = 0;
    for (size_t i = 0; i < r->k; i++) {
        sum += said ? r->counts[i * r->k + class] : r->counts[class * r->k + i];
    }
    return sum;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* Counts of rows in full, weights for people. */
static int count_digits(const report *r)
{
    return r->weights ? 6 : 17;
}

static int name_width(const report *r)
{
    int width = 0;
    for (size_t c = 0; c < r->k; c++) {
        int length = (int)strlen(r->names[c]);
        width = length > width ? length : width;
    }
    return width < 24 ? width : 24;
}

static void add_report(hn_buffer *out, const report *r)
{
    int width = name_width(r);
    hn_buffer_printf(out, "\n%*s  precision  recall      f1  %6.24s\n", width, "",
                     r->weights ? r->weights : "rows");
    for (size_t c = 0; c < r->k; c++) {
        double hit = r->counts[c * r->k + c], rows = sum_of(r, c, false), said = sum_of(r, c, true);
        char precision[HN_NUMBER_SIZE], recall[HN_NUMBER_SIZE], f1[HN_NUMBER_SIZE], whole[HN_NUMBER_SIZE];
        hn_format_short(precision, share(hit, said), 4);
        hn_format_short(recall, share(hit, rows), 4);
        hn_format_short(f1, share(2 * hit, rows + said), 4);
        hn_format_short(whole, rows, count_digits(r));
        hn_buffer_printf(out, "%-*.*s  %9s  %6s  %6s  %6s\n", width, width, r->names[c], precision, recall,
                         f1, whole);
    }
    hn_buffer_printf(out, "\n%s by class (down) and prediction (across)\n", r->weights ? r->weights : "rows");
    for (size_t c = 0; c < r->k; c++) {
        hn_buffer_printf(out, "%-*.*s", width, width, r->names[c]);
        for (size_t p = 0; p < r->k; p++) {
            char count[HN_NUMBER_SIZE];
            hn_format_short(count, r->counts[c * r->k + p], count_digits(r));
            hn_buffer_printf(out, " %6s", count);
        }
        hn_buffer_char(out, '\n');
    }
}

static hn_node *report_node(hn_arena *arena, const report *r)
{
    hn_node *names = hn_node_list(arena), *counts = hn_node_list(arena);
    for (size_t c = 0; c < r->k; c++) {
        hn_node *row = hn_node_list(arena);
        for (size_t p = 0; p < r->k; p++) {
            double count = r->counts[c * r->k + p];
            row = hn_list_append(
                arena, row, r->weights ? hn_node_real(arena, count) : hn_node_integer(arena, (int64_t)count));
        }
        names = hn_list_append(arena, names, hn_node_string(arena, r->names[c]));
        counts = hn_list_append(arena, counts, row);
    }
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "classes", names);
    return hn_map_set(arena, map, "confusion", counts);
}

/* r->counts stays NULL when no report is wanted; free it with hn_free in any case. */
static hone_status make_report(const hn_estimator *estimator, const hn_dataset *dataset, bool wanted,
                               report *r, hone_error *err)
{
    const hn_column *weight = dataset->weight;
    *r = (report){
        .k = estimator->n_classes, .names = estimator->classes, .weights = weight ? weight->name : NULL};
    if (!wanted) {
        return HONE_OK;
    }
    r->counts = hn_calloc(r->k * r->k + 1, sizeof *r->counts);
    return r->counts ? hn_estimator_confusion(estimator, dataset, NULL, 0, r->counts, err)
                     : hn_out_of_memory(err);
}

static void add_scores_json(hn_buffer *out, const hn_scores *scores, const hn_dataset *dataset,
                            const report *r)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_node_map(&arena), *values = hn_node_map(&arena);
    for (size_t m = 0; m < scores->n_metrics; m++) {
        values = hn_map_set(&arena, values, scores->metrics[m]->name, hn_node_real(&arena, scores->mean[m]));
    }
    map = hn_map_set(&arena, map, "rows", hn_node_integer(&arena, (int64_t)dataset->n_rows));
    if (dataset->weight) {
        map = hn_map_set(&arena, map, "weights", hn_node_string(&arena, dataset->weight->name));
    }
    map = hn_map_set(&arena, map, "scores", values);
    if (r->counts) {
        map = hn_map_set(&arena, map, "report", report_node(&arena, r));
    }
    out->failed |= !map;
    if (map) {
        hn_json_write(out, map, HN_JSON_STRICT);
        hn_buffer_char(out, '\n');
    }
    hn_arena_release(&arena);
}

hone_status hone_evaluate_file(const char *model, const char *data, const hone_use_options *given,
                               const hone_sink *sink, hone_error *err)
{
    application a = {0};
    hn_scores scores = {0};
    report r = {0};
    hn_buffer text = HN_BUFFER_INIT;
    hn_dataset *dataset = NULL;
    hn_study_metrics own = {0};
    hone_status status = open_application(&a, model, given, true, err);
    if (!status) {
        status = hn_dataset_read(data, &a.options, &dataset, err);
    }
    if (!status) {
        status = hn_study_metrics_open(a.given.study_file, a.estimator, &own, err);
    }
    if (!status) {
        status = hn_estimator_evaluate(a.estimator, dataset, NULL, dataset->n_rows, a.given.metrics,
                                       &own.made, &scores, err);
    }
    if (!status) {
        status = make_report(a.estimator, dataset, a.given.report, &r, err);
    }
    if (!status && a.given.json) {
        add_scores_json(&text, &scores, dataset, &r);
    } else if (!status) {
        add_scores(&text, &scores);
        if (dataset->weight) {
            hn_buffer_printf(&text, "weighted by %s\n", dataset->weight->name);
        }
    }
    if (!status && !a.given.json && r.counts) {
        add_report(&text, &r);
    }
    if (!status && hn_buffer_failed(&text)) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        sink->write(sink->user, text.data, text.size);
    }
    hn_study_metrics_close(&own);
    hn_scores_release(&scores);
    hn_free(r.counts);
    hn_buffer_release(&text);
    hn_dataset_destroy(dataset);
    hn_estimator_destroy(a.estimator);
    return status;
}
