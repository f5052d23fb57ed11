#include "select/cross_validate.h"

#include <pthread.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/memory.h"
#include "math/statistics.h"
#include "select/fold.h"
#include "select/leave_one_out.h"
#include "select/subsample.h"

static const size_t default_memory_bytes = (size_t)1 << 30;

/* --- scores --- */

hone_status hn_scores_init(size_t n_metrics, size_t n_folds, bool train, hn_scores *scores, hone_error *err)
{
    *scores = (hn_scores){.n_metrics = n_metrics, .n_folds = n_folds, .n_done = n_folds};
    scores->test = hn_calloc(n_metrics * n_folds, sizeof *scores->test);
    scores->train = train ? hn_calloc(n_metrics * n_folds, sizeof *scores->train) : NULL;
    scores->mean = hn_calloc(n_metrics, sizeof *scores->mean);
    scores->deviation = hn_calloc(n_metrics, sizeof *scores->deviation);
    scores->fold_fit_seconds = hn_calloc(n_folds, sizeof *scores->fold_fit_seconds);
    scores->fold_score_seconds = hn_calloc(n_folds, sizeof *scores->fold_score_seconds);
    scores->follows = hn_calloc(n_folds, sizeof *scores->follows);
    if (scores->test && scores->mean && scores->deviation && (!train || scores->train) &&
        scores->fold_fit_seconds && scores->fold_score_seconds && scores->follows)
        return HONE_OK;
    hn_scores_release(scores);
    return hn_out_of_memory(err);
}

void hn_scores_summarise(hn_scores *scores)
{
    for (size_t m = 0; m < scores->n_metrics; m++) {
        const double *folds = scores->test + m * scores->n_folds;
        scores->mean[m] = hn_mean(folds, scores->n_done);
        scores->deviation[m] = hn_standard_deviation(folds, scores->n_done, 0);
    }
    scores->fit_seconds = scores->score_seconds = 0;
    for (size_t k = 0; k < scores->n_done; k++) {
        scores->fit_seconds += scores->fold_fit_seconds[k];
        scores->score_seconds += scores->fold_score_seconds[k];
    }
}

void hn_scores_release(hn_scores *scores)
{
    hn_free(scores->test);
    hn_free(scores->train);
    hn_free(scores->mean);
    hn_free(scores->deviation);
    hn_free(scores->fold_fit_seconds);
    hn_free(scores->fold_score_seconds);
    hn_free(scores->follows);
    hn_free(scores->oob);
    *scores = (hn_scores){0};
}

/* --- what all settings use
 * ---------------------------------------------------------------------------------- */

hn_metric_source hn_metric_source_of(const hn_metric *metric, const hn_model_type *type, size_t n_classes)
{
    if (!metric->needs_proba)
        return HN_FROM_PREDICTIONS;
    bool decides = type->decision && n_classes == 2 && hn_metric_ranks(metric);
    return decides ? HN_FROM_DECISIONS : HN_FROM_PROBABILITIES;
}

hone_status hn_validation_metrics(const hn_dataset *set, const hn_model_type *type, const char *names,
                                  const hn_own_metrics *own, const hn_metric **metrics, size_t *n,
                                  hone_error *err)
{
    hone_status status = own ? hn_own_metrics_check(own, set->task, err) : HONE_OK;
    if (!status)
        status = hn_metric_list(names, own, set->task, set->n_classes, metrics, n, err);
    for (size_t m = 0; !status && m < *n; m++)
        if (hn_metric_source_of(metrics[m], type, set->n_classes) == HN_FROM_PROBABILITIES &&
            !type->predict_proba)
            status =
                hn_fail(err, HONE_UNSUPPORTED, "metric %s needs probabilities, which model %s does not give",
                        metrics[m]->name, type->name);
    return status;
}

static hone_status choose_rows(hn_validation *v, const size_t *rows, hone_error *err)
{
    const hn_validation_options *options = &v->options;
    hn_split_options split = {.kind = options->kind,
                              .folds = options->folds,
                              .repeats = options->repeats,
                              .shuffle = options->shuffle,
                              .test_share = options->test_share,
                              .seed = options->seed};
    v->rows = hn_calloc(v->n, sizeof *v->rows);
    if (!v->rows)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < v->n; i++)
        v->rows[i] = rows ? rows[i] : i;
    return hn_splits_create(&split, v->dataset, v->rows, v->n, &v->splits, err);
}

/* One design serves all folds: what the model shares of it is made once. */
static hone_status share_common(hn_validation *v, hone_error *err)
{
    if (!v->type->share || hn_preprocess_depends_on_rows(&v->options.preprocess, v->dataset))
        return HONE_OK;
    hn_preprocess *fitted = NULL;
    hone_status status = hn_preprocess_fit(&v->options.preprocess, v->dataset, v->rows, v->n, &fitted, err);
    if (status)
        return status;
    hn_design all = {.n = v->n, .d = hn_preprocess_width(fitted)};
    double *x = hn_aligned_array(v->n * all.d, sizeof *x); /* no wider than the dataset's columns */
    all.x = x;
    status = x ? hn_preprocess_apply(fitted, v->dataset, v->rows, v->n, x, err) : hn_out_of_memory(err);
    if (!status)
        status = v->type->share(&all, v->options.memory_bytes / 2, &v->common, err);
    hn_free(x);
    hn_preprocess_destroy(fitted);
    return status;
}

/* Designs are kept between settings while all are small, and never more than half the memory allowed: those
 * of a large table take longer to fit than to make again, and k of them would be k tables. */
static size_t design_room(const hn_validation *v)
{
    const size_t small = (size_t)32 << 20;
    return v->options.memory_bytes / 2 < small ? v->options.memory_bytes / 2 : small;
}

static void release_folds(hn_validation *v)
{
    for (size_t k = 0; v->folds && k < v->splits.n_splits; k++)
        hn_fold_release(v->type, &v->folds[k]);
    hn_free(v->folds);
    v->folds = NULL;
}

/* Of its matrix, or, where rows stay in the table, of the lists of its rows, targets and weights. */
static size_t fold_bytes(const hn_validation *v, const hn_fold *fold)
{
    enum { LISTS = 5 };
    return (fold->x ? fold->width : LISTS) * sizeof(double) * v->n;
}

/* Keeps every fold's design if they have room: as matrices, or, of a model that takes rows from the table, as
 * what makes them. */
static hone_status prepare_folds(hn_validation *v, hone_error *err)
{
    size_t folds = v->splits.n_splits, share_bytes = v->options.memory_bytes / 2 / folds;
    hone_status status = HONE_OK;
    v->folds = hn_calloc(folds, sizeof *v->folds);
    if (!v->folds)
        return hn_out_of_memory(err);
    for (size_t k = 0; !status && k < folds; k++) {
        const hn_fold *fold = &v->folds[k];
        status = hn_fold_prepare(v, k, share_bytes, &v->folds[k], err);
        if (status)
            hn_fail_within(err, status, "fold %zu", k);
        else if (fold_bytes(v, fold) > design_room(v) / folds) {
            bool matrices = fold->x && (v->type->capabilities & HN_MODEL_SOURCE);
            release_folds(v);
            v->in_place = matrices;
            return matrices ? prepare_folds(v, err) : HONE_OK;
        }
    }
    return status;
}

/* Fits take what the designs leave of their half of the memory. */
static hone_status prepare_kept(hn_validation *v, hone_error *err)
{
    size_t room = v->options.memory_bytes / 2;
    if (!v->type->covers || v->options.apart)
        return HONE_OK;
    for (size_t k = 0; v->folds && k < v->splits.n_splits; k++) {
        const hn_fold *fold = &v->folds[k];
        size_t bytes = fold->x ? (fold->n_train + fold->n_test) * fold->width * sizeof *fold->x : 0;
        room -= bytes < room ? bytes : room;
    }
    return room ? hn_kept_fits_create(v->type, v->dataset->task, room, &v->kept, err) : HONE_OK;
}

hone_status hn_validation_create(const hn_dataset *dataset, const size_t *rows, size_t n,
                                 const hn_model_type *type, const hn_validation_options *options,
                                 hn_validation **validation, hone_error *err)
{
    if (dataset->task == HN_TASK_NONE)
        return hn_fail(err, HONE_INVALID, "%s has no target to score against", dataset->source);
    if (!(type->tasks & (unsigned)dataset->task))
        return hn_fail(err, HONE_UNSUPPORTED, "model %s cannot do %s", type->name,
                       hn_model_task_name(dataset->task));
    hone_status status = hn_model_check_data(type, dataset, err);
    if (status)
        return status;
    hn_validation *v = hn_calloc(1, sizeof *v);
    if (!v)
        return hn_out_of_memory(err);
    v->dataset = dataset;
    v->type = type;
    v->options = *options;
    v->options.executions = options->executions ? options->executions : 1;
    v->options.memory_bytes = options->memory_bytes ? options->memory_bytes : default_memory_bytes;
    v->n = rows ? n : dataset->n_rows;
    status =
        hn_validation_metrics(dataset, type, options->metrics, &options->own, v->metrics, &v->n_metrics, err);
    v->options.metrics = NULL; /* borrowed for this call only */
    if (!status)
        status = choose_rows(v, rows, err);
    if (!status)
        status = share_common(v, err);
    if (!status)
        status = prepare_folds(v, err);
    if (!status)
        status = prepare_kept(v, err);
    if (status)
        hn_validation_destroy(v);
    else
        *validation = v;
    return status;
}

void hn_validation_destroy(hn_validation *v)
{
    if (!v)
        return;
    hn_kept_fits_destroy(v->kept);
    release_folds(v);
    if (v->common)
        v->type->unshare(v->common);
    hn_free(v->rows);
    hn_splits_release(&v->splits);
    hn_free(v);
}

size_t hn_validation_folds(const hn_validation *v)
{
    return v->splits.n_splits * v->options.executions;
}

hone_status hn_validation_expect(const hn_validation *v, const hn_node *const *settings, size_t n,
                                 hone_error *err)
{
    return v->kept ? hn_kept_fits_expect(v->kept, settings, n, hn_validation_folds(v), err) : HONE_OK;
}

/* --- one setting
 * -------------------------------------------------------------------------------------------- */

typedef struct outcome {
    bool done;
    hone_status status;
    hone_error error;
} outcome;

typedef struct run {
    const hn_validation *validation;
    hn_setting setting;
    const hn_run_control *control;
    hn_scores *scores;
    outcome *outcomes;    /* (folds,) */
    double *left_out;     /* (n,): predictions of rows by models without them; NULL: each fold is fitted */
    pthread_mutex_t lock; /* of outcomes[].done, scores->n_done and stopped, and of what is told */
    bool stopped;
} run;

static bool is_stopped(run *r)
{
    pthread_mutex_lock(&r->lock);
    bool stopped = r->stopped;
    pthread_mutex_unlock(&r->lock);
    return stopped;
}

/* Tells the folds that are done in a row; a failed one ends the row, its error ends the run. */
static void tell(run *r, size_t index)
{
    const hn_run_control *control = r->control;
    pthread_mutex_lock(&r->lock);
    r->outcomes[index].done = true;
    while (!r->stopped && r->scores->n_done < r->scores->n_folds && r->outcomes[r->scores->n_done].done &&
           !r->outcomes[r->scores->n_done].status) {
        r->scores->n_done++;
        if (control->fold_done) {
            hn_scores_summarise(r->scores);
            r->stopped = !control->fold_done(control->user, r->scores);
        }
    }
    pthread_mutex_unlock(&r->lock);
}

static void run_fold(void *user, size_t index, size_t worker)
{
    (void)worker;
    run *r = user;
    const hn_validation *v = r->validation;
    const volatile int *cancel = r->control->cancel;
    outcome *o = &r->outcomes[index];
    hn_fold own = {0}, part = {0};
    const hn_fold *fold = &own;
    size_t split = index % v->splits.n_splits;
    if (is_stopped(r))
        return;
    if (hn_cancelled(cancel)) {
        o->status = hn_fail(&o->error, HONE_CANCELLED, "cancelled");
        return;
    }
    if (r->left_out) {
        o->status = hn_leave_one_out_score(v, r->left_out, split, r->scores, &o->error);
        tell(r, index);
        return;
    }
    if (v->folds)
        fold = &v->folds[split];
    else
        o->status = hn_fold_prepare(v, split, 0, &own, &o->error);
    if (!o->status && r->control->rows && r->control->rows < fold->n_train) {
        o->status = hn_fold_sample(v, fold, split, r->control->rows, &part, &o->error);
        fold = &part;
    }
    if (!o->status)
        o->status = hn_fold_run(v, fold, index, &r->setting, r->control, &r->lock, r->scores, &o->error);
    if (o->status)
        hn_fail_within(&o->error, o->status, "fold %zu", split);
    hn_fold_release(v->type, &part);
    hn_fold_release(v->type, &own);
    tell(r, index);
}

/* All folds at once, where there is a closed form. Its time is dealt out to them. */
static hone_status leave_one_out(run *r, hone_error *err)
{
    const hn_validation *v = r->validation;
    if (!hn_leave_one_out_applies(v, r->control))
        return HONE_OK;
    double began = hn_monotonic_seconds(), *predicted = hn_calloc(v->n, sizeof *predicted);
    hone_status status =
        predicted ? hn_leave_one_out_predict(v, r->setting.config, r->control->cancel, predicted, err)
                  : hn_out_of_memory(err);
    if (status) {
        hn_free(predicted);
        return status == HONE_UNSUPPORTED ? HONE_OK : status;
    }
    r->left_out = predicted;
    for (size_t k = 0; k < r->scores->n_folds; k++)
        r->scores->fold_fit_seconds[k] = (hn_monotonic_seconds() - began) / (double)r->scores->n_folds;
    return HONE_OK;
}

/* The first failing fold by number decides, whatever the order they ended in; those after a stop do not
 * count.
 */
static hone_status collect(const run *r, hone_error *err)
{
    size_t folds = r->stopped ? r->scores->n_done : r->scores->n_folds;
    for (size_t k = 0; k < folds; k++) {
        const outcome *o = &r->outcomes[k];
        if (o->status) {
            if (err)
                *err = o->error;
            return o->status;
        }
    }
    return HONE_OK;
}

hone_status hn_validation_run(const hn_validation *v, const hn_node *settings, const hn_run_control *control,
                              hn_scores *scores, hone_error *err)
{
    static const hn_run_control usual = {0};
    size_t folds = hn_validation_folds(v);
    hn_arena arena = HN_ARENA_INIT;
    hn_scores result = {0};
    void *config = hn_calloc(1, v->type->options.config_size);
    run r = {.validation = v,
             .setting = {settings, config},
             .control = control ? control : &usual,
             .scores = &result,
             .lock = PTHREAD_MUTEX_INITIALIZER};
    r.outcomes = hn_calloc(folds, sizeof *r.outcomes);
    hone_status status = config && r.outcomes ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        status = hn_model_configure(v->type, v->dataset->task, &arena, settings, config, err);
    if (!status)
        status = hn_scores_init(v->n_metrics, folds, v->options.train_scores, &result, err);
    if (!status && v->type->oob_score && !(result.oob = hn_calloc(folds, sizeof *result.oob)))
        status = hn_out_of_memory(err);
    if (status)
        goto done;
    result.n_done = 0;
    for (size_t m = 0; m < v->n_metrics; m++)
        result.metrics[m] = v->metrics[m];
    status = leave_one_out(&r, err);
    if (!status) {
        hn_thread_pool_run(r.control->pool, folds, run_fold, &r);
        status = collect(&r, err);
    }
    if (status)
        goto done;
    hn_scores_summarise(&result);
    *scores = result;
    result = (hn_scores){0};
done:
    hn_scores_release(&result);
    hn_free(r.outcomes);
    hn_free(r.left_out);
    hn_free(config);
    hn_arena_release(&arena);
    pthread_mutex_destroy(&r.lock);
    return status;
}
