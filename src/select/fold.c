#include "select/fold.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "math/hash.h"
#include "select/fold_checkpoint.h"

void hn_fold_release(const hn_model_type *type, hn_fold *fold)
{
    if (fold->shared)
        type->unshare(fold->shared);
    hn_row_source_close(fold->source);
    hn_preprocess_destroy(fold->fitted);
    hn_free(fold->rows);
    hn_free(fold->x);
    hn_free(fold->y);
    hn_free(fold->weight);
    hn_free(fold->order);
    hn_free(fold->shared_rows);
    *fold = (hn_fold){0};
}

/* Training rows first, then test rows, each in row order. rows (n,): the same as rows of the dataset. */
static void order_rows(const hn_validation *v, size_t index, hn_fold *fold, size_t *rows)
{
    const double *weight = v->dataset->weight ? v->dataset->weight->values : NULL;
    hn_splits_rows(&v->splits, index, fold->order, &fold->n_train, &fold->n_test);
    for (size_t i = 0; i < fold->n_train + fold->n_test; i++) {
        rows[i] = v->rows[fold->order[i]];
        fold->y[i] = v->dataset->target ? v->dataset->target[rows[i]] : 0;
        if (weight)
            fold->weight[i] = weight[rows[i]];
        fold->shared_rows[i] = v->common ? fold->order[i] : i;
    }
}

/* Samples, and rows that the model copies, stay where they are. */
static hone_status fill_in_place(const hn_validation *v, const size_t *rows, hn_fold *fold, hone_error *err)
{
    size_t n = fold->n_train + fold->n_test;
    hone_status status =
        hn_preprocess_fit(&v->options.preprocess, v->dataset, rows, fold->n_train, &fold->fitted, err);
    if (status)
        return status;
    fold->width = hn_preprocess_width(fold->fitted);
    fold->rows = hn_calloc(n, sizeof *fold->rows);
    if (!fold->rows)
        return hn_out_of_memory(err);
    memcpy(fold->rows, rows, n * sizeof *rows);
    return v->dataset->samples && (v->type->capabilities & HN_MODEL_SAMPLES)
               ? hn_preprocess_view(fold->fitted, v->dataset, fold->rows, &fold->samples, err)
               : hn_row_source_open(fold->fitted, v->dataset, fold->rows, &fold->source, err);
}

static hone_status fill_design(const hn_validation *v, const size_t *rows, hn_fold *fold, hone_error *err)
{
    bool viewed = v->dataset->samples && (v->type->capabilities & HN_MODEL_SAMPLES);
    if (viewed || v->in_place || (v->type->capabilities & HN_MODEL_COPIES))
        return fill_in_place(v, rows, fold, err);
    hn_preprocess *fitted = NULL;
    hone_status status =
        hn_preprocess_fit(&v->options.preprocess, v->dataset, rows, fold->n_train, &fitted, err);
    if (status)
        return status;
    size_t n = fold->n_train + fold->n_test;
    fold->width = hn_preprocess_width(fitted);
    fold->x = hn_aligned_array(n, fold->width * sizeof *fold->x);
    status = fold->x ? hn_preprocess_apply(fitted, v->dataset, rows, n, fold->x, err) : hn_out_of_memory(err);
    hn_preprocess_destroy(fitted);
    return status;
}

/* A part whose rows weigh nothing can neither be learned from nor scored. */
static hone_status check_weights(const hn_fold *fold, hone_error *err)
{
    double train = 0, test = 0;
    for (size_t i = 0; i < fold->n_train; i++)
        train += fold->weight[i];
    for (size_t i = 0; i < fold->n_test; i++)
        test += fold->weight[fold->n_train + i];
    return train > 0 && test > 0
               ? HONE_OK
               : hn_fail(err, HONE_INVALID,
                         "the weights of its %zu %s rows are all 0; use fewer folds, or shuffle",
                         train > 0 ? fold->n_test : fold->n_train, train > 0 ? "test" : "training");
}

hone_status hn_fold_prepare(const hn_validation *v, size_t index, size_t share_bytes, hn_fold *fold,
                            hone_error *err)
{
    *fold = (hn_fold){.common = v->common};
    fold->order = hn_calloc(v->n, sizeof *fold->order);
    fold->shared_rows = hn_calloc(v->n, sizeof *fold->shared_rows);
    fold->y = hn_calloc(v->n, sizeof *fold->y);
    fold->weight = v->dataset->weight ? hn_calloc(v->n, sizeof *fold->weight) : NULL;
    size_t *rows = hn_calloc(v->n, sizeof *rows);
    hone_status status = HONE_OUT_OF_MEMORY;
    if (!fold->order || !fold->shared_rows || !fold->y || !rows || (v->dataset->weight && !fold->weight)) {
        hn_out_of_memory(err);
        goto done;
    }
    order_rows(v, index, fold, rows);
    status = fold->weight ? check_weights(fold, err) : HONE_OK;
    if (!status)
        status = fill_design(v, rows, fold, err);
    if (!status && !v->common && share_bytes && fold->x && v->type->share) {
        hn_design all = {.x = fold->x, .n = fold->n_train + fold->n_test, .d = fold->width};
        status = v->type->share(&all, share_bytes, &fold->shared, err);
    }
done:
    hn_free(rows);
    return status;
}

/* --- running --- */

/* The second class's least probability; NaN where labels are the model's own. Chosen on the training rows. */
static hone_status choose_threshold(const hn_validation *v, const hn_fold *fold, const void *config,
                                    const volatile int *cancel, double *threshold, hone_error *err)
{
    hn_threshold found = {.at = NAN};
    hone_status status = HONE_OK;
    if (v->options.decision.given) {
        size_t *rows = hn_calloc(fold->n_train, sizeof *rows);
        for (size_t i = 0; rows && i < fold->n_train; i++)
            rows[i] = v->rows[fold->order[i]];
        status = rows ? hn_threshold_tune(v->dataset, rows, fold->n_train, v->type, config, &v->options,
                                          cancel, &found, err)
                      : hn_out_of_memory(err);
        hn_free(rows);
    }
    *threshold = found.at;
    return status;
}

/* n rows of the fold, the first of them included; view is what the design may look into. */
static hn_design rows_of(const hn_validation *v, const hn_fold *fold, size_t first, size_t n,
                         hn_sample_view *view)
{
    *view = fold->samples;
    if (view->block)
        view->rows = fold->rows + first;
    return (hn_design){.x = fold->x ? fold->x + first * fold->width : NULL,
                       .source = fold->source,
                       .first = first,
                       .n = n,
                       .d = fold->width,
                       .samples = view->block ? view : NULL,
                       .n_classes = v->dataset->n_classes};
}

/* Predicts and scores the rows first .. first + n - 1 of the fold; out: one value for each of the first
 * n_metrics, `stride` apart. */
static hone_status score_rows(const hn_validation *v, const hn_fold *fold, const void *fitted,
                              double threshold, size_t first, size_t n, size_t n_metrics, double *out,
                              size_t stride, hone_error *err)
{
    const hn_model_type *type = v->type;
    const void *shared = fold->shared ? fold->shared : fold->common;
    size_t classes = v->dataset->n_classes;
    hn_sample_view view;
    hn_design rows = rows_of(v, fold, first, n, &view);
    bool decided = !isnan(threshold), needed[HN_METRIC_SOURCES] = {false};
    for (size_t m = 0; m < n_metrics; m++)
        needed[hn_metric_source_of(v->metrics[m], type, classes)] = true;
    bool proba = decided || needed[HN_FROM_PROBABILITIES], decides = needed[HN_FROM_DECISIONS];
    double *predicted = hn_aligned_array(n, sizeof *predicted);
    double *decision = decides ? hn_aligned_array(n, sizeof *decision) : NULL;
    double *probability = proba ? hn_aligned_array(n * classes, sizeof *probability) : NULL;
    double *distance = type->measure ? hn_aligned_array(n, sizeof *distance) : NULL;
    hone_status status = HONE_OK;
    if (!predicted || (proba && !probability) || (decides && !decision) || (type->measure && !distance))
        status = hn_out_of_memory(err);
    else if (decided)
        status = HONE_OK; /* below, from the probabilities */
    else if (shared && type->predict_shared)
        status = type->predict_shared(fitted, shared, fold->shared_rows + first, n, predicted, err);
    else
        status = type->predict(fitted, &rows, predicted, err);
    if (!status && proba)
        status = type->predict_proba(fitted, &rows, probability, err);
    if (!status && decided)
        hn_decision_apply(threshold, probability, n, predicted);
    if (!status && type->measure)
        status = type->measure(fitted, &rows, distance, err);
    if (!status && decides)
        status = type->decision(fitted, &rows, decision, err);
    hn_metric_input input = {.truth = fold->y + first,
                             .predicted = predicted,
                             .decision = decision,
                             .proba = probability,
                             .n = n,
                             .n_classes = classes,
                             .weight = fold->weight ? fold->weight + first : NULL,
                             .x = rows.x,
                             .d = rows.d,
                             .distance = distance};
    for (size_t m = 0; !status && m < n_metrics; m++)
        status = hn_metric_score(v->metrics[m], &input, &out[m * stride], err);
    hn_free(predicted);
    hn_free(decision);
    hn_free(probability);
    hn_free(distance);
    return status;
}

static hn_design training_rows(const hn_validation *v, const hn_fold *fold)
{
    return (hn_design){.x = fold->x,
                       .source = fold->source,
                       .n = fold->n_train,
                       .d = fold->width,
                       .samples = fold->samples.block ? &fold->samples : NULL,
                       .y = v->dataset->target ? fold->y : NULL,
                       .weight = fold->weight,
                       .n_classes = v->dataset->n_classes,
                       .classes = v->dataset->classes};
}

/* execution: 0 has the validation's own seed. */
static hn_fit_context context_of(const hn_validation *v, const hn_fold *fold, size_t execution,
                                 const volatile int *cancel, hn_arena *scratch)
{
    const void *shared = fold->shared ? fold->shared : fold->common;
    return (hn_fit_context){.seed = execution ? hn_hash64(v->options.seed, execution) : v->options.seed,
                            .cancel = cancel,
                            .derives = v->kept && !fold->sampled,
                            .shared = shared,
                            .rows = shared ? fold->shared_rows : NULL,
                            .scratch = scratch};
}

hone_status hn_fold_proba(const hn_validation *v, const hn_fold *fold, const void *config,
                          const volatile int *cancel, double *proba, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_design train = training_rows(v, fold);
    hn_sample_view view;
    hn_design rows = rows_of(v, fold, fold->n_train, fold->n_test, &view);
    hn_fit_context context = context_of(v, fold, 0, cancel, &scratch);
    void *fitted = NULL;
    hone_status status = v->type->fit(config, &train, &context, &fitted, err);
    if (!status)
        status = v->type->predict_proba(fitted, &rows, proba, err);
    v->type->destroy(fitted);
    hn_arena_release(&scratch);
    return status;
}

/* A setting's model in one fold: `use` is one of the others. */
typedef struct fold_model {
    hn_kept_fit *kept;   /* NULL: own is not kept */
    void *own, *derived; /* derived looks into kept or own */
    const void *use;
    bool follows; /* no fit was needed */
} fold_model;

/* The fit of one fold. */
typedef struct fold_fit {
    const hn_validation *validation;
    const hn_fold *fold;
    size_t index;
    const hn_run_control *control;
    pthread_mutex_t *lock;
    hn_design train;
    hn_fit_context context;
    hn_fold_checkpoint checkpoint; /* path NULL: none */
} fold_fit;

/* Goes on from the checkpoint where it can. */
static hone_status fit_one(fold_fit *f, const void *config, void **fitted, hone_error *err)
{
    const hn_model_type *type = f->validation->type;
    hone_error why;
    if (f->checkpoint.path) {
        hone_status status = hn_fold_checkpoint_extend(&f->checkpoint, fitted, &why);
        if (!status || status == HONE_CANCELLED || status == HONE_OUT_OF_MEMORY) {
            if (status && err)
                *err = why;
            return status;
        }
        hn_log(status == HONE_NOT_FOUND ? HN_LOG_DEBUG : HN_LOG_WARNING, "%s; the fit starts anew",
               why.message);
        if (f->control->fits_anew) {
            pthread_mutex_lock(f->lock);
            f->control->fits_anew(f->control->user, why.message);
            pthread_mutex_unlock(f->lock);
        }
    }
    return type->fit(config, &f->train, &f->context, fitted, err);
}

static hone_status fit(fold_fit *f, const hn_setting *asked, fold_model *m, hone_error *err)
{
    const hn_validation *v = f->validation;
    const hn_model_type *type = v->type;
    hone_status status = HONE_OK;
    if (!v->kept || f->fold->sampled) {
        status = fit_one(f, asked->config, &m->own, err);
        m->use = m->own;
        return status;
    }
    m->kept = hn_kept_fits_find(v->kept, f->index, asked->config);
    m->follows = m->kept;
    if (!m->kept) {
        hn_setting chosen = f->checkpoint.path ? *asked : hn_kept_fits_choose(v->kept, asked);
        status = fit_one(f, chosen.config, &m->own, err);
        m->kept = status ? NULL : hn_kept_fits_add(v->kept, f->index, &chosen, m->own);
    }
    const void *from = m->kept ? hn_kept_fit_model(m->kept) : m->own;
    if (!status)
        status = type->derive(from, asked->config, &f->train, &f->context, &m->derived, err);
    m->use = m->derived;
    return status;
}

static void release(const hn_validation *v, fold_model *m)
{
    v->type->destroy(m->derived);
    if (m->kept)
        hn_kept_fits_release(v->kept, m->kept);
    else
        v->type->destroy(m->own);
}

/* Who follows the steps of a fold's fit. */
typedef struct follower {
    const fold_fit *fit;
    hone_status status; /* of scoring a step; its error goes before the fit's */
    hone_error *err;
} follower;

/* Labels are the model's own here: a threshold is chosen once the fit is done. */
static bool step_done(void *user, const hn_fit_step *step)
{
    follower *f = user;
    const fold_fit *fit = f->fit;
    const hn_fold *fold = fit->fold;
    const hn_run_control *control = fit->control;
    double score = NAN;
    f->status = score_rows(fit->validation, fold, step->fitted, NAN, fold->n_train, fold->n_test, 1, &score,
                           1, f->err);
    if (f->status)
        return false;
    pthread_mutex_lock(fit->lock);
    bool on = control->step_done(control->user, fit->index, step, fit->validation->metrics[0], score);
    pthread_mutex_unlock(fit->lock);
    return on;
}

/* Fits that go in steps keep the file themselves; a model that can be extended is kept when it is fitted, but
 * not where fit times are compared: what is left of a fit takes less than all of it. */
static hone_status choose_checkpoint(fold_fit *f, const hn_setting *setting, hone_error *err)
{
    const hn_model_type *type = f->validation->type;
    const char *folder = f->control->checkpoints;
    if (!folder || (!type->steps && (!type->extends || f->validation->options.apart)))
        return HONE_OK;
    const char *path = hn_arena_printf(f->context.scratch, "%s/fold-%zu.safetensors", folder, f->index);
    if (!path)
        return hn_out_of_memory(err);
    if (type->steps)
        f->context.checkpoint = path;
    else
        f->checkpoint = (hn_fold_checkpoint){.path = path,
                                             .type = type,
                                             .config = setting->config,
                                             .train = &f->train,
                                             .context = &f->context};
    return HONE_OK;
}

static hone_status fit_and_keep(fold_fit *f, const hn_setting *setting, fold_model *m, hone_error *err)
{
    hone_error unkept;
    follower follows = {.fit = f, .err = err};
    f->context.most_steps = f->control->most_steps;
    f->context.cloned = f->control->cloned;
    if (f->control->step_done) {
        f->context.step_done = step_done;
        f->context.step_user = &follows;
    }
    hone_status status = choose_checkpoint(f, setting, err);
    if (!status)
        status = fit(f, setting, m, err);
    f->context.step_user = NULL;
    if (!status && f->checkpoint.path && hn_fold_checkpoint_write(&f->checkpoint, m->use, &unkept))
        hn_log(HN_LOG_WARNING, "there is no checkpoint to go on from: %s", unkept.message);
    return status ? status : follows.status;
}

hone_status hn_fold_run(const hn_validation *v, const hn_fold *fold, size_t index, const hn_setting *setting,
                        const hn_run_control *control, pthread_mutex_t *lock, hn_scores *scores,
                        hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    fold_model m = {0};
    double started = hn_monotonic_seconds(), threshold = NAN;
    fold_fit f = {.validation = v,
                  .fold = fold,
                  .index = index,
                  .control = control,
                  .lock = lock,
                  .train = training_rows(v, fold),
                  .context = context_of(v, fold, index / v->splits.n_splits, control->cancel, &scratch)};
    hone_status status = fit_and_keep(&f, setting, &m, err);
    if (!status)
        status = choose_threshold(v, fold, setting->config, control->cancel, &threshold, err);
    double fitted_at = hn_monotonic_seconds();
    scores->fold_fit_seconds[index] = fitted_at - started;
    scores->follows[index] = m.follows;
    if (!status && scores->oob)
        scores->oob[index] = v->type->oob_score(m.use);
    if (!status)
        status = score_rows(v, fold, m.use, threshold, fold->n_train, fold->n_test, v->n_metrics,
                            scores->test + index, scores->n_folds, err);
    if (!status && scores->train)
        status = score_rows(v, fold, m.use, threshold, 0, fold->n_train, v->n_metrics, scores->train + index,
                            scores->n_folds, err);
    scores->fold_score_seconds[index] = hn_monotonic_seconds() - fitted_at;
    release(v, &m);
    hn_arena_release(&scratch);
    return status;
}
