#include "select/learning_curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "math/random.h"
#include "math/statistics.h"
#include "select/estimator.h"

typedef struct run {
    const hn_dataset *dataset;
    const hn_model_type *type;
    const hn_node *settings;
    const hn_learning_options *options;
    const volatile int *cancel;
    size_t n;
    size_t *rows; /* (n,) of the dataset */
    hn_splits splits;
    size_t *order;   /* (n_splits, n): rows of the dataset, those that train in the order they are taken, then
                        those tested */
    size_t *n_train; /* (n_splits,) */
    size_t *n_test;  /* (n_splits,) */
    hn_learning_curve *result;
    hone_status *statuses; /* (n_points * n_splits,) */
    hone_error *errors;    /* the same */
} run;

void hn_learning_curve_release(hn_learning_curve *result)
{
    hn_curve_release(&result->curve);
    hn_free(result->sizes);
    *result = (hn_learning_curve){0};
}

/* --- the order in which rows are taken --- */

/* Reorders rows (n,) so that every beginning has the shares of the classes: row r of the m of a class, in
 * drawn order, stands at (r + u) / m of the way, u being drawn for the class. Numbers are one class. */
static hone_status draw_order(const hn_dataset *dataset, uint64_t seed, size_t fold, size_t *rows, size_t n,
                              hone_error *err)
{
    size_t classes = dataset->n_classes ? dataset->n_classes : 1;
    size_t *drawn = hn_calloc(n, sizeof *drawn), *order = hn_calloc(n, sizeof *order);
    size_t *count = hn_calloc(classes, sizeof *count), *met = hn_calloc(classes, sizeof *met);
    double *place = hn_calloc(n, sizeof *place), *offset = hn_calloc(classes, sizeof *offset);
    bool made = drawn && order && count && met && place && offset;
    hn_random random = hn_random_stream(seed, fold, HN_PURPOSE_SHUFFLE);
    for (size_t i = 0; made && i < n; i++) {
        drawn[i] = rows[i];
        count[dataset->n_classes ? (size_t)dataset->target[rows[i]] : 0]++;
    }
    for (size_t c = 0; made && c < classes; c++)
        offset[c] = hn_random_uniform(&random);
    if (made)
        hn_random_shuffle(&random, drawn, n);
    for (size_t i = 0; made && i < n; i++) {
        size_t c = dataset->n_classes ? (size_t)dataset->target[drawn[i]] : 0;
        place[i] = ((double)met[c]++ + offset[c]) / (double)count[c];
    }
    if (made)
        hn_argsort(place, n, order);
    for (size_t i = 0; made && i < n; i++)
        rows[i] = drawn[order[i]];
    hn_free(drawn);
    hn_free(order);
    hn_free(count);
    hn_free(met);
    hn_free(place);
    hn_free(offset);
    return made ? HONE_OK : hn_out_of_memory(err);
}

static hone_status order_folds(run *r, hone_error *err)
{
    const hn_validation_options *o = &r->options->validation;
    hn_split_options split = {.kind = o->kind,
                              .folds = o->folds,
                              .repeats = o->repeats,
                              .shuffle = o->shuffle,
                              .test_share = o->test_share,
                              .seed = o->seed};
    hone_status status = hn_splits_create(&split, r->dataset, r->rows, r->n, &r->splits, err);
    if (status)
        return status;
    size_t k = r->splits.n_splits;
    bool in_order = r->options->in_order || o->kind == HN_SPLIT_TIME_SERIES;
    r->order = r->n <= SIZE_MAX / k ? hn_calloc(k * r->n, sizeof *r->order) : NULL;
    r->n_train = hn_calloc(k, sizeof *r->n_train);
    r->n_test = hn_calloc(k, sizeof *r->n_test);
    if (!r->order || !r->n_train || !r->n_test)
        return hn_out_of_memory(err);
    for (size_t f = 0; !status && f < k; f++) {
        size_t *order = r->order + f * r->n;
        hn_splits_rows(&r->splits, f, order, &r->n_train[f], &r->n_test[f]);
        for (size_t i = 0; i < r->n_train[f] + r->n_test[f]; i++)
            order[i] = r->rows[order[i]];
        if (!in_order)
            status = draw_order(r->dataset, o->seed, f, order, r->n_train[f], err);
    }
    return status;
}

/* --- sizes --- */

static int compare_sizes(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

static hone_status choose_sizes(run *r, size_t *n_points, hone_error *err)
{
    static const double usual[] = {0.1, 0.325, 0.55, 0.775, 1};
    const hn_learning_options *o = r->options;
    const double *sizes = o->sizes ? o->sizes : usual;
    size_t n = o->sizes ? o->n_sizes : sizeof usual / sizeof *usual, most = r->n_train[0], kept = 0;
    for (size_t f = 1; f < r->splits.n_splits; f++)
        most = r->n_train[f] < most ? r->n_train[f] : most;
    size_t *out = r->result->sizes = hn_calloc(n, sizeof *out);
    if (!out || !n)
        return out ? hn_fail(err, HONE_INVALID, "a learning curve needs sizes") : hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        double size = sizes[i] > 0 && sizes[i] <= 1 ? floor(sizes[i] * (double)most) : sizes[i];
        if (!(size >= 1 && size <= (double)most) || size != floor(size)) {
            char text[HN_NUMBER_SIZE];
            hn_format_double(text, sizes[i]);
            return hn_fail(err, HONE_INVALID,
                           "%s training rows: allowed are whole numbers from 1 to %zu (what every fold "
                           "has) and shares of those in (0, 1]",
                           text, most);
        }
        out[i] = (size_t)size;
    }
    qsort(out, n, sizeof *out, compare_sizes);
    for (size_t i = 0; i < n; i++)
        if (!kept || out[i] != out[kept - 1])
            out[kept++] = out[i];
    *n_points = kept;
    return HONE_OK;
}

/* --- fits --- */

static hone_status check_classes(const run *r, const size_t *rows, size_t n, hone_error *err)
{
    const hn_dataset *set = r->dataset;
    if (!set->n_classes)
        return HONE_OK;
    for (size_t i = 1; i < n; i++)
        if (set->target[rows[i]] != set->target[rows[0]])
            return HONE_OK;
    return hn_fail(err, HONE_INVALID, "all of them are of the class \"%.60s\"; %s",
                   set->classes[(size_t)set->target[rows[0]]],
                   r->options->in_order ? "let them be drawn, or begin with more rows"
                                        : "begin with more rows");
}

/* Writes cell (point, fold) of the curve. */
static hone_status score_cell(const run *r, size_t point, size_t fold, hone_error *err)
{
    const hn_validation_options *o = &r->options->validation;
    hn_estimator_options options = {
        .preprocess = o->preprocess, .seed = o->seed, .cancel = r->cancel, .decision = o->decision};
    hn_curve *curve = &r->result->curve;
    const size_t *train = r->order + fold * r->n, *test = train + r->n_train[fold];
    size_t n = r->result->sizes[point], at = point * curve->n_folds + fold;
    hn_estimator *estimator = NULL;
    hn_scores scores = {0};
    hone_status status = check_classes(r, train, n, err);
    double started = hn_monotonic_seconds();
    if (!status)
        status = hn_estimator_fit(r->dataset, train, n, r->type, r->settings, &options, &estimator, err);
    curve->fit_seconds[at] = hn_monotonic_seconds() - started;
    if (!status)
        status = hn_estimator_evaluate(estimator, r->dataset, train, n, curve->metric->name,
                                       &r->options->validation.own, &scores, err);
    if (!status) {
        curve->train[at] = scores.test[0];
        hn_scores_release(&scores);
        status = hn_estimator_evaluate(estimator, r->dataset, test, r->n_test[fold], curve->metric->name,
                                       &r->options->validation.own, &scores, err);
    }
    if (!status)
        curve->test[at] = scores.test[0];
    hn_scores_release(&scores);
    hn_estimator_destroy(estimator);
    return status;
}

/* The largest sets come first: they take longest. */
static void run_cell(void *user, size_t index, size_t worker)
{
    (void)worker;
    run *r = user;
    size_t k = r->result->curve.n_folds, cell = r->result->curve.n_points * k - 1 - index;
    hone_error *err = &r->errors[cell];
    hone_status status = hn_cancelled(r->cancel) ? hn_fail(err, HONE_CANCELLED, "cancelled")
                                                 : score_cell(r, cell / k, cell % k, err);
    if (status)
        hn_fail_within(err, status, "%zu training rows of fold %zu", r->result->sizes[cell / k], cell % k);
    r->statuses[cell] = status;
}

static hone_status run_all(run *r, hn_thread_pool *pool, hone_error *err)
{
    size_t cells = r->result->curve.n_points * r->result->curve.n_folds;
    r->statuses = hn_calloc(cells, sizeof *r->statuses);
    r->errors = hn_calloc(cells, sizeof *r->errors);
    if (!r->statuses || !r->errors)
        return hn_out_of_memory(err);
    hn_thread_pool_run(pool, cells, run_cell, r);
    for (size_t i = 0; i < cells; i++)
        if (r->statuses[i]) {
            if (err)
                *err = r->errors[i];
            return r->statuses[i];
        }
    hn_curve_summarise(&r->result->curve);
    return HONE_OK;
}

static hone_status prepare(run *r, const size_t *rows, hone_error *err)
{
    const hn_metric *metrics[HN_MAX_METRICS];
    size_t n_metrics, n_points = 0;
    const hn_dataset *set = r->dataset;
    if (!set->target && set->task != HN_TASK_CLUSTERING)
        return hn_fail(err, HONE_INVALID, "%s has no target to score against", set->source);
    r->rows = hn_calloc(r->n, sizeof *r->rows);
    if (!r->rows)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < r->n; i++)
        r->rows[i] = rows ? rows[i] : i;
    hone_status status = hn_validation_metrics(set, r->type, r->options->validation.metrics,
                                               &r->options->validation.own, metrics, &n_metrics, err);
    if (!status && n_metrics > 1)
        status = hn_fail(err, HONE_INVALID, "a learning curve is of one metric, here are %zu", n_metrics);
    if (!status)
        status = order_folds(r, err);
    if (!status)
        status = choose_sizes(r, &n_points, err);
    return status ? status : hn_curve_init(metrics[0], n_points, r->splits.n_splits, &r->result->curve, err);
}

hone_status hn_learning_curve_run(const hn_dataset *dataset, const size_t *rows, size_t n,
                                  const hn_model_type *type, const hn_node *settings,
                                  const hn_learning_options *options, hn_thread_pool *pool,
                                  const volatile int *cancel, hn_learning_curve *result, hone_error *err)
{
    hn_learning_curve made = {0};
    run r = {.dataset = dataset,
             .type = type,
             .settings = settings,
             .options = options,
             .cancel = cancel,
             .n = rows ? n : dataset->n_rows,
             .result = &made};
    hone_status status = prepare(&r, rows, err);
    if (!status)
        status = run_all(&r, pool, err);
    hn_splits_release(&r.splits);
    hn_free(r.rows);
    hn_free(r.order);
    hn_free(r.n_train);
    hn_free(r.n_test);
    hn_free(r.statuses);
    hn_free(r.errors);
    if (status)
        hn_learning_curve_release(&made);
    else
        *result = made;
    return status;
}
