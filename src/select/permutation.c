#include "select/permutation.h"

#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "math/random.h"
#include "math/statistics.h"

enum {
    BLOCK_ROWS = 4096, /* predicted at a time */
    USUAL_REPEATS = 5,
    NO_COLUMN = -1,
};

/* What every shuffle is measured against: the rows encoded once. */
typedef struct base {
    const hn_estimator *estimator;
    const hn_dataset *dataset;
    const hn_metric *metric;
    hn_metric_source source; /* what the metric looks at */
    size_t n, width;
    size_t *rows;  /* (n,) of the dataset */
    double *x;     /* (n, width) */
    double *truth; /* (n,) */
    hn_arena arena;
    const double *weight; /* (n,) in the arena; NULL: all 1 */
} base;

static void release_base(base *b)
{
    hn_free(b->rows);
    hn_free(b->x);
    hn_free(b->truth);
    hn_arena_release(&b->arena);
}

/* Release b in any case. */
static hone_status make_base(const hn_estimator *e, const hn_dataset *dataset, const size_t *rows, size_t n,
                             const char *metric, const hn_own_metrics *own, base *b, hone_error *err)
{
    const hn_metric *metrics[HN_MAX_METRICS];
    size_t count = 0;
    *b = (base){.estimator = e,
                .dataset = dataset,
                .n = rows ? n : dataset->n_rows,
                .width = hn_preprocess_width(e->preprocess)};
    if (e->task == HN_TASK_CLUSTERING)
        return hn_fail(err, HONE_UNSUPPORTED, "importance needs a target, which clusters do not have");
    if (dataset->samples)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "importance is that of columns; %s holds one array a row, or a text", dataset->source);
    hone_status status = hn_metric_list(metric, own, e->task, e->n_classes, metrics, &count, err);
    if (status)
        return status;
    if (count > 1)
        return hn_fail(err, HONE_INVALID, "importance is measured by one metric, here are %zu: %s", count,
                       metric);
    b->metric = metrics[0];
    b->source = hn_metric_source_of(metrics[0], e->type, e->n_classes);
    b->rows = hn_calloc(b->n, sizeof *b->rows);
    b->truth = hn_calloc(b->n, sizeof *b->truth);
    b->x =
        b->width <= SIZE_MAX / sizeof(double) / b->n ? hn_aligned_array(b->n * b->width, sizeof *b->x) : NULL;
    if (!b->rows || !b->truth || !b->x)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < b->n; i++)
        b->rows[i] = rows ? rows[i] : i;
    status = hn_estimator_truth(e, dataset, b->rows, b->n, b->truth, err);
    if (!status)
        status = hn_estimator_weights(dataset, b->rows, b->n, &b->arena, &b->weight, err);
    return status ? status : hn_preprocess_apply(e->preprocess, dataset, b->rows, b->n, b->x, err);
}

/* --- one score --- */

/* One thread's memory. */
typedef struct scratch {
    size_t *order;     /* (n,) */
    size_t *from;      /* (BLOCK_ROWS,): rows of the dataset the column is read from */
    double *x;         /* (BLOCK_ROWS, width) */
    double *predicted; /* (n,) */
    double *proba;     /* (n, n_classes); NULL unless the metric looks at it */
    double *decision;  /* (n,); the same */
} scratch;

static void release_scratch(scratch *s)
{
    hn_free(s->order);
    hn_free(s->from);
    hn_free(s->x);
    hn_free(s->predicted);
    hn_free(s->proba);
    hn_free(s->decision);
}

static hone_status make_scratch(const base *b, scratch *s, hone_error *err)
{
    size_t classes = b->estimator->n_classes;
    s->order = hn_calloc(b->n, sizeof *s->order);
    s->from = hn_calloc(BLOCK_ROWS, sizeof *s->from);
    s->x = hn_aligned_array(BLOCK_ROWS * b->width, sizeof *s->x);
    s->predicted = hn_aligned_array(b->n, sizeof *s->predicted);
    bool proba = b->source == HN_FROM_PROBABILITIES, decision = b->source == HN_FROM_DECISIONS;
    s->proba = proba ? hn_aligned_array(b->n * classes, sizeof *s->proba) : NULL;
    s->decision = decision ? hn_aligned_array(b->n, sizeof *s->decision) : NULL;
    bool made =
        s->order && s->from && s->x && s->predicted && (s->proba || !proba) && (s->decision || !decision);
    return made ? HONE_OK : hn_out_of_memory(err);
}

/* The rows begin .. begin + count - 1, raw column j (NULL: none) read from the rows that order says. */
static hone_status fill_block(const base *b, scratch *s, long j, const size_t *order, size_t begin,
                              size_t count, hone_error *err)
{
    const hn_column *column = NULL;
    memcpy(s->x, b->x + begin * b->width, count * b->width * sizeof *s->x);
    if (j == NO_COLUMN)
        return HONE_OK;
    for (size_t i = 0; i < count; i++)
        s->from[i] = b->rows[order[begin + i]];
    hone_status status = hn_preprocess_match(b->estimator->preprocess, b->dataset, (size_t)j, &column, err);
    return status ? status
                  : hn_preprocess_apply_column(b->estimator->preprocess, (size_t)j, column, s->from, count,
                                               s->x, err);
}

static hone_status score_column(const base *b, scratch *s, long j, const size_t *order, double *score,
                                hone_error *err)
{
    size_t classes = b->estimator->n_classes;
    hone_status status = HONE_OK;
    for (size_t begin = 0; !status && begin < b->n; begin += BLOCK_ROWS) {
        size_t count = b->n - begin < BLOCK_ROWS ? b->n - begin : BLOCK_ROWS;
        status = fill_block(b, s, j, order, begin, count, err);
        if (!status)
            status = hn_estimator_predict_encoded(b->estimator, s->x, count, s->predicted + begin, err);
        if (!status && s->proba)
            status = hn_estimator_predict_proba_encoded(b->estimator, s->x, count, s->proba + begin * classes,
                                                        err);
        if (!status && s->decision)
            status = hn_estimator_decision_encoded(b->estimator, s->x, count, s->decision + begin, err);
    }
    hn_metric_input input = {.truth = b->truth,
                             .predicted = s->predicted,
                             .proba = s->proba,
                             .decision = s->decision,
                             .n = b->n,
                             .n_classes = classes,
                             .weight = b->weight};
    return status ? status : hn_metric_score(b->metric, &input, score, err);
}

hone_status hn_permuted_score(const hn_estimator *estimator, const hn_dataset *dataset, size_t j,
                              const size_t *order, const char *metric, double *score, hone_error *err)
{
    base b;
    scratch s = {0};
    hone_status status = make_base(estimator, dataset, NULL, 0, metric, NULL, &b, err);
    if (!status)
        status = make_scratch(&b, &s, err);
    if (!status)
        status = score_column(&b, &s, (long)j, order, score, err);
    release_scratch(&s);
    release_base(&b);
    return status;
}

/* --- all of them --- */

typedef struct run {
    const base *base;
    const hn_permutation_options *options;
    hn_permutation *result;
    scratch *scratch;      /* (threads,) */
    hone_status *statuses; /* (n_columns * n_repeats,) */
    hone_error *errors;    /* (threads,): of the last failure there */
} run;

static void run_shuffle(void *user, size_t index, size_t worker)
{
    run *r = user;
    hn_permutation *result = r->result;
    scratch *s = &r->scratch[worker];
    size_t j = index / result->n_repeats, repeat = index % result->n_repeats;
    hn_random random = hn_random_stream(r->options->seed, repeat, HN_PURPOSE_SHUFFLE);
    double score = 0;
    if (hn_cancelled(r->options->cancel)) {
        r->statuses[index] = hn_fail(&r->errors[worker], HONE_CANCELLED, "cancelled");
        return;
    }
    for (size_t i = 0; i < r->base->n; i++)
        s->order[i] = i;
    hn_random_shuffle(&random, s->order, r->base->n);
    r->statuses[index] = score_column(r->base, s, (long)j, s->order, &score, &r->errors[worker]);
    double loss = result->score - score;
    result->losses[index] = result->metric->maximize ? loss : -loss;
}

/* A failure of a shuffle is of the model or of memory, not of one column: any of them tells it. */
static hone_status collect(const run *r, size_t threads, hone_error *err)
{
    hn_permutation *result = r->result;
    for (size_t i = 0; i < result->n_columns * result->n_repeats; i++) {
        if (!r->statuses[i])
            continue;
        for (size_t t = 0; err && t < threads; t++)
            if (r->errors[t].status == r->statuses[i])
                *err = r->errors[t];
        return r->statuses[i];
    }
    for (size_t j = 0; j < result->n_columns; j++) {
        const double *losses = result->losses + j * result->n_repeats;
        result->mean[j] = hn_mean(losses, result->n_repeats);
        result->deviation[j] = hn_standard_deviation(losses, result->n_repeats, 0);
    }
    return HONE_OK;
}

static hone_status make_result(const base *b, size_t repeats, hn_permutation *result, hone_error *err)
{
    hn_schema schema = hn_preprocess_schema(b->estimator->preprocess);
    *result = (hn_permutation){.metric = b->metric,
                               .weight = b->dataset->weight ? b->dataset->weight->name : NULL,
                               .n_rows = b->n,
                               .n_columns = schema.n,
                               .n_repeats = repeats ? repeats : USUAL_REPEATS,
                               .columns = schema.names};
    result->losses = result->n_repeats <= SIZE_MAX / schema.n
                         ? hn_calloc(schema.n * result->n_repeats, sizeof *result->losses)
                         : NULL;
    result->mean = hn_calloc(schema.n, sizeof *result->mean);
    result->deviation = hn_calloc(schema.n, sizeof *result->deviation);
    return result->losses && result->mean && result->deviation ? HONE_OK : hn_out_of_memory(err);
}

static hone_status run_all(run *r, hn_thread_pool *pool, hone_error *err)
{
    hn_permutation *result = r->result;
    size_t threads = pool ? hn_thread_pool_size(pool) : 1, tasks = result->n_columns * result->n_repeats;
    r->scratch = hn_calloc(threads, sizeof *r->scratch);
    r->errors = hn_calloc(threads, sizeof *r->errors);
    r->statuses = hn_calloc(tasks, sizeof *r->statuses);
    hone_status status = r->scratch && r->errors && r->statuses ? HONE_OK : hn_out_of_memory(err);
    for (size_t t = 0; !status && t < threads; t++)
        status = make_scratch(r->base, &r->scratch[t], err);
    if (!status)
        status = score_column(r->base, &r->scratch[0], NO_COLUMN, NULL, &result->score, err);
    if (!status && isnan(result->score))
        status = hn_fail(err, HONE_INVALID, "%s: metric %s is not defined on these rows (one class only?)",
                         r->base->dataset->source, result->metric->name);
    if (!status) {
        hn_thread_pool_run(pool, tasks, run_shuffle, r);
        status = collect(r, threads, err);
    }
    for (size_t t = 0; r->scratch && t < threads; t++)
        release_scratch(&r->scratch[t]);
    hn_free(r->scratch);
    hn_free(r->errors);
    hn_free(r->statuses);
    return status;
}

hone_status hn_permutation_run(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                               size_t n, const hn_permutation_options *options, hn_thread_pool *pool,
                               hn_permutation *result, hone_error *err)
{
    base b;
    hn_permutation made = {0};
    run r = {.base = &b, .options = options, .result = &made};
    hone_status status = make_base(estimator, dataset, rows, n, options->metric, options->own, &b, err);
    if (!status)
        status = make_result(&b, options->repeats, &made, err);
    if (!status)
        status = run_all(&r, pool, err);
    release_base(&b);
    if (status)
        hn_permutation_release(&made);
    else
        *result = made;
    return status;
}

void hn_permutation_release(hn_permutation *result)
{
    hn_free(result->losses);
    hn_free(result->mean);
    hn_free(result->deviation);
    *result = (hn_permutation){0};
}
