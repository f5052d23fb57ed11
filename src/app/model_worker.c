#include "app/model_worker.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/epoch_file.h"
#include "app/fit_progress.h"
#include "app/model_job.h"
#include "app/model_metric.h"
#include "app/model_rows.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_system.h"
#include "math/statistics.h"
#include "run/metrics.h"
#include "run/worker_loop.h"
#include "select/cross_validate.h"

/* Folds are prepared once for each preprocessing met; this many stay, the oldest goes first. */
enum { MOST_PREPARED = 8 };

typedef struct prepared {
    hn_preprocess_options preprocess;
    hn_validation *validation; /* NULL: free */
} prepared;

typedef struct worker {
    hn_arena trial; /* reset for each */
    hn_dataset *dataset;
    hn_rows rows; /* trials see those kept */
    const hn_model_type *type;
    hn_validation_options validation;
    size_t n_goals; /* the first of its metrics */
    hn_metric_commands metrics;
    hn_arena own;     /* of the metrics */
    hn_node *options; /* with the places of the study file */
    const hn_node *preprocess;
    const hn_node *expected; /* parameters of trials that will come; NULL: not known */
    hn_thread_pool *pool;    /* runs folds */
    const char
        *resource; /* what a trial's budget is: "rows", an option of the model, "": folds are the steps */
    hn_worker_channel *channel; /* of the trial that runs */
    const hn_worker_trial *now;
    hn_epoch_file *epochs; /* (n_folds,) of it */
    size_t n_folds;
    bool reports_epochs;
    int64_t epochs_reported; /* the last one; 0: none */
    prepared prepared[MOST_PREPARED];
    size_t next; /* to be replaced */
} worker;

static const char *text_of(const hn_node *config, const char *key)
{
    const hn_node *node = hn_map_get(config, key);
    return node && node->kind == HN_STRING ? node->as.string : "";
}

static int64_t integer_of(const hn_node *config, const char *key)
{
    int64_t value = 0;
    hn_node_int(hn_map_get(config, key), &value);
    return value;
}

static bool truth_of(const hn_node *config, const char *key)
{
    const hn_node *node = hn_map_get(config, key);
    return node && node->kind == HN_BOOL && node->as.boolean;
}

static hn_split_kind split_of(const hn_node *config)
{
    const char *name = text_of(config, "split");
    int kind = 0;
    while (kind < HN_SPLIT_KINDS && strcmp(name, hn_split_names[kind]) != 0) {
        kind++;
    }
    return kind < HN_SPLIT_KINDS ? (hn_split_kind)kind : HN_SPLIT_STRATIFIED;
}

static hn_validation_options read_options(const hn_node *config)
{
    double test_share = 0;
    hn_node_double(hn_map_get(config, "test_share"), &test_share);
    return (hn_validation_options){
        .kind = split_of(config),
        .repeats = (size_t)integer_of(config, "repeats"),
        .test_share = test_share,
        .folds = (size_t)integer_of(config, "folds"),
        .executions = (size_t)integer_of(config, "executions"),
        .train_scores = truth_of(config, "train_scores"),
        .shuffle = truth_of(config, "shuffle"),
        .apart = truth_of(config, "apart"),
        .seed = (uint64_t)integer_of(config, "seed"),
        .metrics = text_of(config, "metrics"),
        .memory_bytes = (size_t)integer_of(config, "memory_bytes"),
    };
}

static hone_status choose_rows(worker *w, const hn_node *config, hone_error *err)
{
    hn_rows_options options = {.seed = w->validation.seed,
                               .outer = (size_t)integer_of(config, "outer"),
                               .outer_fold = (size_t)integer_of(config, "outer_fold"),
                               .split = w->validation.kind,
                               .shuffle = w->validation.shuffle};
    hn_node_double(hn_map_get(config, "held_out"), &options.held_out);
    return hn_rows_choose(&options, w->dataset, &w->rows, err);
}

/* Called once, with what hn_model_job_config wrote. */
static hone_status init(void *user, const hn_node *config, hone_error *err)
{
    worker *w = user;
    hn_memory_return_blocks();
    w->validation = read_options(config);
    w->n_goals = (size_t)integer_of(config, "goals");
    w->options = hn_map_get(config, "options");
    hn_node_place(w->options, hn_map_get(config, "places"));
    w->preprocess = hn_map_get(config, "preprocess");
    w->expected = hn_map_get(config, "expected");
    w->resource = text_of(config, "resource");
    w->reports_epochs = truth_of(config, "epochs");
    const hn_node *before = hn_map_get(w->preprocess, "preprocess");
    for (size_t i = 0; before && i < before->count; i++) {
        if (hn_is_search_expression(before->as.entries[i].value)) {
            w->validation.memory_bytes /= MOST_PREPARED;
            break;
        }
    }
    hone_status status = hn_model_require(text_of(config, "model"), &w->type, err);
    if (!status) {
        status = hn_dataset_attach(HN_WORKER_DATA_FD, &w->dataset, err);
    }
    if (!status) {
        status = hn_thread_pool_create((size_t)integer_of(config, "threads"), &w->pool, err);
    }
    if (!status) {
        status = hn_metric_commands_read(&w->own, hn_map_get(config, "own_metrics"), &w->metrics, err);
    }
    if (!status) {
        status = hn_model_metrics_make(&w->own, &w->metrics, w->dataset->task, w->dataset->classes,
                                       w->dataset->n_classes, &w->validation.own, err);
    }
    if (!status) {
        status = hn_decision_read(hn_map_get(config, "decision"), w->dataset, w->type, w->validation.kind,
                                  &w->validation.decision, err);
    }
    return status ? status : choose_rows(w, config, err);
}

static bool same_preprocess(const hn_preprocess_options *a, const hn_preprocess_options *b)
{
    return a->scale == b->scale && a->impute == b->impute && a->fill == b->fill && a->encode == b->encode &&
           a->max_categories == b->max_categories && a->min_variance == b->min_variance &&
           a->select == b->select;
}

/* Tells a validation which of the settings expected are for its preprocessing. */
static hone_status expect(worker *w, const hn_preprocess_options *preprocess, const hn_validation *validation,
                          hone_error *err)
{
    hn_node *params = hn_node_list(&w->trial);
    hone_status status = HONE_OK;
    for (size_t i = 0; w->expected && !status && i < w->expected->count; i++) {
        hn_preprocess_options its;
        status = hn_preprocess_read(&w->trial, w->preprocess, w->expected->as.items[i], &its, err);
        if (!status && same_preprocess(&its, preprocess)) {
            params = hn_list_append(&w->trial, params, w->expected->as.items[i]);
        }
    }
    hn_node *settings = params ? hn_expected_settings(&w->trial, w->options, params) : NULL;
    if (!status && !settings) {
        status = hn_out_of_memory(err);
    }
    return status ? status
                  : hn_validation_expect(validation, (const hn_node *const *)settings->as.items,
                                         settings->count, err);
}

/* The folds prepared for a trial's preprocessing. */
static hone_status prepare(worker *w, const hn_node *params, const hn_validation **validation,
                           hone_error *err)
{
    hn_preprocess_options preprocess;
    hone_status status = hn_preprocess_read(&w->trial, w->preprocess, params, &preprocess, err);
    for (size_t i = 0; !status && i < MOST_PREPARED; i++) {
        const prepared *p = &w->prepared[i];
        if (p->validation && same_preprocess(&p->preprocess, &preprocess)) {
            *validation = p->validation;
            return HONE_OK;
        }
    }
    prepared *p = &w->prepared[w->next];
    hn_validation *made = NULL;
    hn_validation_options options = w->validation;
    options.preprocess = preprocess;
    if (!status) {
        status =
            hn_validation_create(w->dataset, w->rows.kept, w->rows.n_kept, w->type, &options, &made, err);
    }
    if (!status) {
        status = expect(w, &preprocess, made, err);
    }
    if (status) {
        hn_validation_destroy(made);
    } else {
        hn_validation_destroy(p->validation);
        memcpy(&p->preprocess, &preprocess, sizeof preprocess); /* with the padding that is compared */
        p->validation = made;
        *validation = made;
        w->next = (w->next + 1) % MOST_PREPARED;
    }
    return status;
}

/* Names of metrics are short: see select/metric.c. */
static const char *name_with(char buffer[HN_METRIC_NAME], const char *before, const char *name,
                             const char *after)
{
    snprintf(buffer, HN_METRIC_NAME, "%s%s%s", before, name, after);
    return buffer;
}

static void send_folds(const char *name, const double *values, size_t n, hn_arena *arena,
                       hn_worker_channel *channel)
{
    hn_node *list = hn_node_list(arena);
    for (size_t k = 0; k < n; k++) {
        list = hn_list_append(arena, list, hn_node_real(arena, values[k]));
    }
    if (list) {
        hn_worker_note(channel, name, list);
    }
}

static void send_seconds(const char *name, const double *seconds, size_t n, hn_arena *arena,
                         hn_worker_channel *channel)
{
    double *rounded = HN_ARENA_NEW(arena, double, n);
    for (size_t k = 0; rounded && k < n; k++) {
        rounded[k] = round(seconds[k] * 1e6) / 1e6;
    }
    if (rounded) {
        send_folds(name, rounded, n, arena, channel);
    }
}

/* How many folds' models followed from the fits of earlier trials, which have the time that those took. */
static void send_derived(const hn_scores *scores, hn_arena *arena, hn_worker_channel *channel)
{
    int64_t derived = 0;
    for (size_t k = 0; k < scores->n_done; k++) {
        derived += scores->follows[k];
    }
    hn_node *node = derived ? hn_node_integer(arena, derived) : NULL;
    if (node) {
        hn_worker_note(channel, "derived_folds", node);
    }
}

/* Means over the folds done are metrics, a goal among them; each fold's values are notes. */
static void send_scores(const hn_scores *scores, hn_arena *arena, hn_worker_channel *channel)
{
    char name[HN_METRIC_NAME];
    size_t n = scores->n_done, stride = scores->n_folds;
    for (size_t m = 0; m < scores->n_metrics; m++) {
        const char *metric = scores->metrics[m]->name;
        hn_worker_metric(channel, metric, scores->mean[m]);
        hn_worker_metric(channel, name_with(name, "", metric, "_std"), scores->deviation[m]);
        send_folds(name_with(name, "", metric, "_folds"), scores->test + m * stride, n, arena, channel);
        if (scores->train) {
            hn_worker_metric(channel, name_with(name, "train_", metric, ""),
                             hn_mean(scores->train + m * stride, n));
            send_folds(name_with(name, "train_", metric, "_folds"), scores->train + m * stride, n, arena,
                       channel);
        }
    }
    hn_worker_metric(channel, "fit_seconds", scores->fit_seconds);
    hn_worker_metric(channel, "score_seconds", scores->score_seconds);
    send_seconds("fit_seconds_folds", scores->fold_fit_seconds, n, arena, channel);
    send_seconds("score_seconds_folds", scores->fold_score_seconds, n, arena, channel);
    if (scores->oob && n && !isnan(scores->oob[0])) {
        hn_worker_metric(channel, "oob_score", hn_mean(scores->oob, n));
        send_folds("oob_score_folds", scores->oob, n, arena, channel);
    }
    send_derived(scores, arena, channel);
}

/* Reports the running mean of the first metric, at the number of folds done: of many folds, a hundred times.
 * Where steps are a resource, one trial is one step. False when the trial is pruned. */
static bool fold_done(void *user, const hn_scores *scores)
{
    enum { MOST_REPORTS = 100 };
    worker *w = user;
    size_t k = scores->n_done, n = scores->n_folds;
    bool due = n <= MOST_REPORTS || k * MOST_REPORTS / n != (k - 1) * MOST_REPORTS / n;
    if (due && !*w->resource && !w->epochs_reported) {
        hn_worker_report(w->channel, (int64_t)k, scores->metrics[0]->name, scores->mean[0]);
    }
    return !hn_worker_stopped(w->channel);
}

/* A goal that is not defined on some fold's test rows fails the trial, and says why. */
static hone_status check_goals(const worker *w, const hn_scores *scores, hone_error *err)
{
    for (size_t m = 0; m < w->n_goals; m++) {
        for (size_t k = 0; k < scores->n_done; k++) {
            if (isnan(scores->test[m * scores->n_folds + k])) {
                return hn_fail(err, HONE_OBJECTIVE,
                               "%s is not defined on the test rows of fold %zu of %zu, which need %s; fewer "
                               "folds have more rows each",
                               scores->metrics[m]->name, k, scores->n_folds,
                               hn_metric_needs(scores->metrics[m]));
            }
        }
    }
    return HONE_OK;
}

/* What a trial has more of is the steps of its fits: a fit of fewer is one that ends sooner. */
static bool is_steps(const worker *w)
{
    return w->type->steps && !strcmp(w->resource, w->type->steps);
}

/* Of one fold the epochs are the trial's steps, unless those are something else. */
static bool step_done(void *user, size_t fold, const hn_fit_step *step, const hn_metric *metric, double score)
{
    worker *w = user;
    hn_epoch_file_add(&w->epochs[fold], w->now->folder, w->n_folds > 1 ? (int64_t)fold : -1, step,
                      metric->name, score);
    if (w->reports_epochs && w->n_folds == 1 && (!*w->resource || is_steps(w))) {
        hn_worker_report(w->channel, step->number, metric->name, score);
        w->epochs_reported = step->number;
    }
    hn_fit_progress_send(w->channel, step, fold + 1, w->n_folds, metric->name, score);
    return !hn_worker_stopped(w->channel);
}

/* Whether trials that get more of the resource go on with the models of their folds. */
static bool extends(const worker *w)
{
    return w->type->extends && !strcmp(w->resource, w->type->extends);
}

static void fits_anew(void *user, const char *why)
{
    hn_worker_retrained(((worker *)user)->channel, why);
}

/* What a budget (0: none) says of the settings, or of the run. */
static hn_node *spend(worker *w, int64_t budget, hn_node *settings, hn_run_control *control)
{
    if (!*w->resource || !budget) {
        return settings;
    }
    if (is_steps(w)) {
        control->most_steps = budget;
    } else if (!strcmp(w->resource, "rows")) {
        control->rows = (size_t)budget;
    } else {
        settings = hn_map_set(&w->trial, settings, w->resource, hn_node_integer(&w->trial, budget));
    }
    return settings;
}

/* The trial that runs from now on. */
static hone_status begin(worker *w, const hn_worker_trial *trial, const hn_validation *validation,
                         hn_run_control *control, hone_error *err)
{
    w->now = trial;
    w->n_folds = hn_validation_folds(validation);
    w->epochs_reported = 0;
    w->epochs = HN_ARENA_NEW(&w->trial, hn_epoch_file, w->n_folds);
    control->cloned = trial->cloned;
    control->checkpoints = hn_arena_printf(&w->trial, "%s/checkpoint", trial->folder);
    if (!w->epochs || !control->checkpoints) {
        return hn_out_of_memory(err);
    }
    if (!w->type->steps && !extends(w)) {
        control->checkpoints = NULL;
        return HONE_OK;
    }
    return hn_make_directories(control->checkpoints, err);
}

static hone_status run(void *user, const hn_worker_trial *trial, hn_worker_channel *channel, hone_error *err)
{
    worker *w = user;
    hn_scores scores = {0};
    hn_arena_reset(&w->trial);
    const hn_validation *validation = NULL;
    bool part = *w->resource && trial->budget > 0;
    hn_run_control control = {.pool = w->pool, .fold_done = fold_done, .step_done = step_done, .user = w};
    control.fits_anew = trial->resume_step ? fits_anew : NULL;
    hn_node *settings = hn_options_substitute(&w->trial, w->options, trial->params);
    settings = spend(w, trial->budget, settings, &control);
    w->channel = channel;
    hone_status status = settings ? prepare(w, trial->params, &validation, err) : hn_out_of_memory(err);
    if (!status) {
        status = begin(w, trial, validation, &control, err);
    }
    if (!status) {
        status = hn_validation_run(validation, settings, &control, &scores, err);
        for (size_t k = 0; k < w->n_folds; k++) {
            hn_epoch_file_release(&w->epochs[k]);
        }
    }
    if (!status) {
        status = check_goals(w, &scores, err);
    }
    if (!status && part && scores.n_done == scores.n_folds && w->epochs_reported < trial->budget) {
        hn_worker_report(channel, trial->budget, scores.metrics[0]->name, scores.mean[0]);
    }
    if (!status) {
        send_scores(&scores, &w->trial, channel);
    }
    hn_scores_release(&scores);
    return status;
}

static bool refit_step_done(void *user, const hn_fit_step *step)
{
    hn_fit_progress_send(user, step, 1, 1, NULL, NAN);
    return true;
}

/* The best model, fitted again: its scores on rows held out are the answer's note `held_out`, the goal's its
 * `value`, of so many `rows`; the threshold of its labels, and what it is worth, if the plan has a decision.
 */
static hone_status serve(void *user, const hn_node *request, hn_worker_channel *channel, hone_error *err)
{
    worker *w = user;
    hn_held_out held_out;
    hone_status status =
        hn_refit_run(request, w->dataset, refit_step_done, channel, &w->trial, &held_out, err);
    if (!status && held_out.given) {
        hn_worker_metric(channel, "value", held_out.value);
        hn_worker_metric(channel, "rows", (double)held_out.rows);
        hn_worker_note(channel, "held_out", held_out.scores);
    }
    if (!status && !isnan(held_out.threshold)) {
        hn_worker_metric(channel, "threshold", held_out.threshold);
        hn_worker_metric(channel, "threshold_value", held_out.threshold_value);
        hn_worker_metric(channel, "usual_value", held_out.usual_value);
    }
    return status;
}

hone_status hn_model_worker(hone_error *err)
{
    enum { INPUT = 0, OUTPUT = 1 };
    worker w = {.resource = ""};
    hn_worker_callbacks callbacks = {.user = &w, .init = init, .run = run, .serve = serve};
    hone_status status = hn_worker_loop(INPUT, OUTPUT, &callbacks, err);
    for (size_t i = 0; i < MOST_PREPARED; i++) {
        hn_validation_destroy(w.prepared[i].validation);
    }
    hn_rows_release(&w.rows);
    hn_thread_pool_destroy(w.pool);
    hn_dataset_destroy(w.dataset);
    hn_metric_commands_release(&w.metrics);
    hn_arena_release(&w.own);
    hn_arena_release(&w.trial);
    return status;
}
