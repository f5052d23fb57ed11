#include "sampler/gp_study.h"

#include <math.h>
#include <string.h>

enum {
    FIRST_ORDER_AXES = 20,    /* most parameters whose own effects are modelled where some are numbers, */
    FIRST_ORDER_TRIALS = 150, /* and most trials */
    BEST_CANDIDATES = 16,     /* trials of the least losses, among which the least mean is looked for */
    ROOM = 64,                /* trials between two fits; the schedule never lets more come */
};

void hn_gp_study_release(hn_gp_study *study)
{
    hn_arena_release(&study->arena);
}

static void forget(hn_gp_study *study)
{
    hn_arena_reset(&study->arena);
    memset(study->channels, 0, sizeof study->channels);
    study->history = NULL;
    study->estimates = (hn_estimates){0};
    study->n = study->n_rows = study->fitted = 0;
}

/* --- when hyperparameters are sought --- */

/* The largest scheduled count <= n: all up to 40, then every second, from 80 every fourth ... */
static size_t scheduled(const hn_gp_config *config, size_t n)
{
    size_t step = (size_t)config->refit_every;
    if (!step)
        for (step = 1; n / step >= 40 && step < ROOM; step *= 2)
            ;
    return n < step ? n : n - n % step;
}

/* --- rows --- */

/* Room for the trials up to the next fit. */
static hone_status reserve(hn_gp_study *study, hone_error *err)
{
    size_t n = study->fitted + ROOM + (size_t)study->config->refit_every;
    study->numbers = HN_ARENA_NEW(&study->arena, int64_t, n);
    study->rows = hn_arena_scratch(&study->arena, n, study->frame.d * sizeof(double));
    study->losses = HN_ARENA_NEW(&study->arena, double, n);
    study->feasible = HN_ARENA_NEW(&study->arena, bool, n);
    study->row_number = HN_ARENA_NEW(&study->arena, int64_t, n);
    bool short_of =
        !study->numbers || !study->rows || !study->losses || !study->feasible || !study->row_number;
    return short_of ? hn_out_of_memory(err) : HONE_OK;
}

/* Appends the trial's row; false when it has none. */
static bool append_row(hn_gp_study *study, int64_t number)
{
    size_t r = study->n_rows;
    double *row = study->rows + r * study->frame.d;
    if (!hn_gp_trial_row(&study->frame, study->history, number, row))
        return false;
    const hn_estimate *estimate = hn_estimate_find(&study->estimates, number);
    double loss = estimate ? estimate->loss : hn_gp_trial_loss(study->history, number);
    study->worst = fmax(study->worst, loss); /* a NaN is left out */
    study->losses[r] = loss;
    study->feasible[r] = !isnan(loss) && !(hn_history_violation(study->history, number) > 0);
    study->row_number[r] = number;
    study->n_rows++;
    return true;
}

/* What a channel is told of a row; NaN: nothing. */
static double target_of(const hn_gp_study *study, hn_gp_channel channel, size_t r)
{
    switch (channel) {
    case HN_GP_OBJECTIVE: return study->losses[r];
    case HN_GP_DEFECT:
        return hn_gp_trial_defect(study->history, study->row_number[r], study->constraint_scale,
                                  study->n_constraints);
    default: return hn_gp_trial_log_seconds(study->history, study->row_number[r]);
    }
}

static double known_noise(const hn_gp_study *study, size_t r)
{
    const hn_estimate *estimate = hn_estimate_find(&study->estimates, study->row_number[r]);
    double noise = estimate ? estimate->deviation * estimate->deviation
                            : hn_history_noise(study->history, study->row_number[r]);
    return noise > 0 ? noise : 0;
}

/* --- fitting --- */

/* In the order of the options' names. */
static const hn_gp_transform transforms[] = {HN_GP_TRANSFORM_NONE, HN_GP_TRANSFORM_POWER,
                                             HN_GP_TRANSFORM_RANK};
static const hn_gp_kernel kernels[] = {HN_GP_MATERN52, HN_GP_MATERN32, HN_GP_RBF};
static const hn_gp_prior priors[] = {HN_GP_PRIOR_OPTUNA, HN_GP_PRIOR_DIMENSION, HN_GP_PRIOR_VIZIER};

/* Effects of each parameter by itself: wherever all are choices; with numbers they cost a multiple for each
 * parameter, two parameters have their pair's effect soon, and many trials need no help. */
static bool has_first_order(const hn_gp_study *study)
{
    size_t numbers = 0, d = study->frame.d;
    for (size_t a = 0; a < d; a++)
        numbers += study->frame.axes[a].kind != HN_GP_CATEGORICAL;
    if (study->config->first_order != HN_GP_AUTO)
        return study->config->first_order == HN_GP_ON;
    return numbers ? d > 2 && d <= FIRST_ORDER_AXES && study->fitted <= FIRST_ORDER_TRIALS : d > 1;
}

static hn_gp_options options_of(const hn_gp_study *study, hn_gp_channel channel, const hn_ask *ask)
{
    const hn_gp_config *c = study->config;
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.kernel = kernels[c->kernel];
    options.linear = c->linear;
    options.first_order = has_first_order(study);
    options.shared = !c->ard;
    options.warp = c->warp;
    options.prior = priors[c->prior];
    options.random = hn_random_stream(0, study->fitted, HN_PURPOSE_MODEL);
    options.cancel = ask->cancel;
    options.transform = HN_GP_TRANSFORM_NONE;
    if (channel == HN_GP_OBJECTIVE) {
        options.transform = transforms[c->transform];
        options.n_draws = (size_t)c->draws;
        options.noise_fixed = !isnan(c->noise);
        options.noise = options.noise_fixed ? c->noise : 0;
    }
    return options;
}

/* Fits a channel to some of the rows. */
static hone_status fit(hn_gp_study *study, hn_gp_channel channel, const hn_ask *ask, const size_t *chosen,
                       size_t n, hone_error *err)
{
    size_t d = study->frame.d;
    double *x = hn_arena_scratch(ask->scratch, n, d * sizeof *x);
    double *y = HN_ARENA_NEW(ask->scratch, double, n), *noise = HN_ARENA_NEW(ask->scratch, double, n);
    hn_gp_data data = {.x = x, .y = y};
    if (!x || !y || !noise)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < n; k++) {
        double target = target_of(study, channel, chosen[k]);
        if (isnan(target))
            continue;
        memcpy(x + data.n * d, study->rows + chosen[k] * d, d * sizeof *x);
        y[data.n] = target;
        noise[data.n] = channel == HN_GP_OBJECTIVE ? known_noise(study, chosen[k]) : 0;
        data.noise = noise[data.n] > 0 ? noise : data.noise;
        data.n++;
    }
    if (!data.n)
        return HONE_OK;
    hn_gp_options options = options_of(study, channel, ask);
    hone_status status =
        hn_gp_fit(&study->arena, study->frame.axes, d, &options, &data, NULL, &study->channels[channel], err);
    study->told[channel] = data.n;
    return status;
}

/* A parameter that some row lacks is one that a point may lack. */
static void mark_lacking(hn_gp_study *study)
{
    for (size_t r = 0; r < study->n_rows; r++)
        for (size_t a = 0; a < study->frame.d; a++)
            if (isnan(study->rows[r * study->frame.d + a]))
                study->frame.axes[a].conditional = true;
}

static bool lacks_what_all_have(const hn_gp_study *study, const double *row)
{
    for (size_t a = 0; a < study->frame.d; a++)
        if (isnan(row[a]) && !study->frame.axes[a].conditional)
            return true;
    return false;
}

/* The mean size of each constraint's values, so that the worst of a trial's can be told. */
static hone_status scale_constraints(hn_gp_study *study, hn_arena *scratch, hone_error *err)
{
    const double *values;
    size_t most = 0;
    for (size_t r = 0; r < study->n_rows; r++) {
        size_t n = hn_history_constraints(study->history, study->row_number[r], &values);
        most = n > most ? n : most;
    }
    double *count = HN_ARENA_NEW(scratch, double, most), *scale = HN_ARENA_NEW(&study->arena, double, most);
    if (!count || !scale)
        return hn_out_of_memory(err);
    for (size_t r = 0; r < study->n_rows; r++) {
        size_t n = hn_history_constraints(study->history, study->row_number[r], &values);
        for (size_t j = 0; j < n; j++)
            if (isfinite(values[j])) {
                scale[j] += fabs(values[j]);
                count[j]++;
            }
    }
    for (size_t j = 0; j < most; j++)
        scale[j] = scale[j] > 0 && isfinite(scale[j]) ? scale[j] / count[j] : 1;
    study->constraint_scale = scale;
    study->n_constraints = most;
    return HONE_OK;
}

static bool any_defect(const hn_gp_study *study)
{
    for (size_t r = 0; r < study->n_rows; r++)
        if (!study->feasible[r])
            return true;
    return false;
}

static hone_status fit_all(hn_gp_study *study, const hn_ask *ask, hone_error *err)
{
    size_t *chosen = NULL, n = 0;
    mark_lacking(study);
    hone_status status = scale_constraints(study, ask->scratch, err);
    if (!status)
        status = hn_gp_study_choose(study, ask->scratch, &chosen, &n, err);
    if (!status)
        status = fit(study, HN_GP_OBJECTIVE, ask, chosen, n, err);
    if (!status && any_defect(study)) {
        status = fit(study, HN_GP_DEFECT, ask, chosen, n, err);
        if (!status)
            study->defect_limit = hn_gp_target_of(hn_gp_target_map(study->channels[HN_GP_DEFECT]), 0);
    }
    if (!status && study->config->acquisition == HN_GP_EI_PER_SECOND)
        status = fit(study, HN_GP_SECONDS, ask, chosen, n, err);
    if (!status) {
        study->best = HN_ARENA_NEW(&study->arena, double, hn_gp_models(study->channels[HN_GP_OBJECTIVE]));
        study->pending_best =
            HN_ARENA_NEW(&study->arena, double, hn_gp_models(study->channels[HN_GP_OBJECTIVE]));
        study->best_rows = HN_ARENA_NEW(&study->arena, double, BEST_CANDIDATES * study->frame.d);
        status = study->best && study->pending_best && study->best_rows ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}

/* Estimates change from ask to ask: they are kept to know whether these did. */
static hone_status keep_estimates(hn_gp_study *study, const hn_estimates *estimates, hone_error *err)
{
    if (!estimates)
        return HONE_OK;
    hn_estimate *copy = HN_ARENA_NEW(&study->arena, hn_estimate, estimates->n + 1);
    if (!copy)
        return hn_out_of_memory(err);
    memcpy(copy, estimates->items, estimates->n * sizeof *copy);
    study->estimates = (hn_estimates){.items = copy, .n = estimates->n};
    return HONE_OK;
}

/* Everything anew, from the first `fitted` of the trials. */
static hone_status rebuild(hn_gp_study *study, const hn_ask *ask, const hn_gp_trials *trials, size_t fitted,
                           hone_error *err)
{
    forget(study);
    study->worst = NAN;
    study->fitted = fitted;
    hone_status status = hn_gp_frame_make(&study->arena, ask->space, &study->frame, err);
    if (!status)
        status = keep_estimates(study, ask->estimates, err);
    if (!status)
        status = reserve(study, err);
    if (status)
        return status;
    study->history = ask->view.history;
    for (; study->n < fitted; study->n++) {
        study->numbers[study->n] = trials->numbers[study->n];
        append_row(study, trials->numbers[study->n]);
    }
    return isnan(study->worst) || !study->frame.d ? HONE_OK : fit_all(study, ask, err);
}

/* --- between fits --- */

static hone_status extend(hn_gp_study *study, int64_t number, hone_error *err)
{
    size_t r = study->n_rows, d = study->frame.d;
    study->numbers[study->n++] = number;
    if (!append_row(study, number))
        return HONE_OK;
    if (lacks_what_all_have(study, study->rows + r * d)) {
        study->n_rows--;
        return HONE_OK;
    }
    hone_status status = HONE_OK;
    for (int c = 0; c < HN_GP_CHANNELS && !status; c++) {
        double target = study->channels[c] ? target_of(study, (hn_gp_channel)c, r) : NAN;
        if (isnan(target))
            continue;
        double noise = c == HN_GP_OBJECTIVE ? known_noise(study, r) : 0;
        status = hn_gp_extend(study->channels[c], study->rows + r * d, target, noise, err);
        study->told[c] += !status;
    }
    return status;
}

static bool same_estimates(const hn_estimates *kept, const hn_estimates *now)
{
    if (!kept->items || !now)
        return !kept->items && !now;
    bool same = kept->n == now->n;
    for (size_t i = 0; same && i < now->n; i++) {
        const hn_estimate *a = &kept->items[i], *b = &now->items[i];
        same = a->number == b->number && a->loss == b->loss && a->deviation == b->deviation;
    }
    return same;
}

static bool is_current(const hn_gp_study *study, const hn_ask *ask, const hn_gp_trials *trials, size_t fitted)
{
    return study->history == ask->view.history && hn_gp_frame_fits(&study->frame, ask->space) &&
           same_estimates(&study->estimates, ask->estimates) && study->fitted == fitted &&
           study->n <= trials->n &&
           memcmp(study->numbers, trials->numbers, study->n * sizeof *trials->numbers) == 0;
}

hone_status hn_gp_study_update(hn_gp_study *study, const hn_ask *ask, bool *ready, hone_error *err)
{
    hn_gp_trials trials = {0};
    hone_status status = hn_gp_trials_make(ask, &trials, err);
    size_t fitted = ask->estimates ? trials.n : scheduled(study->config, trials.n);
    *ready = false;
    if (!status && !is_current(study, ask, &trials, fitted))
        status = rebuild(study, ask, &trials, fitted, err);
    study->frame.space = ask->space;
    if (!status && study->channels[HN_GP_OBJECTIVE]) {
        for (int c = 0; c < HN_GP_CHANNELS; c++)
            if (study->channels[c])
                hn_gp_truncate(study->channels[c], study->told[c]);
        for (size_t k = 0; k < hn_gp_models(study->channels[HN_GP_OBJECTIVE]); k++)
            study->pending_best[k] = INFINITY;
        while (!status && study->n < trials.n)
            status = extend(study, trials.numbers[study->n], err);
        *ready = !status;
    }
    if (status)
        forget(study);
    return status;
}

hone_status hn_gp_study_add_pending(hn_gp_study *study, const double *row, hone_error *err)
{
    hn_gp *gp = study->channels[HN_GP_OBJECTIVE];
    if (lacks_what_all_have(study, row))
        return HONE_OK;
    for (size_t k = 0; k < hn_gp_models(gp); k++) {
        double mean;
        hn_gp_predict(gp, k, row, 1, &mean, NULL);
        study->pending_best[k] = fmin(study->pending_best[k], mean);
    }
    return hn_gp_add_pending(gp, row, err);
}

/* --- the best so far --- */

size_t hn_gp_study_top(const hn_gp_study *study, size_t k, size_t *rows)
{
    size_t n = 0;
    for (size_t r = 0; r < study->n_rows; r++) {
        size_t at = n;
        if (!study->feasible[r])
            continue;
        while (at > 0 && study->losses[r] < study->losses[rows[at - 1]])
            at--;
        if (at == k)
            continue;
        n += n < k;
        memmove(rows + at + 1, rows + at, (n - 1 - at) * sizeof *rows);
        rows[at] = r;
    }
    return n;
}

void hn_gp_study_find_best(hn_gp_study *study, const hn_point *fixed)
{
    size_t top[BEST_CANDIDATES], n = hn_gp_study_top(study, BEST_CANDIDATES, top), d = study->frame.d;
    double mean[BEST_CANDIDATES];
    hn_gp *gp = study->channels[HN_GP_OBJECTIVE];
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < d; a++) {
            size_t p = study->frame.members[a];
            double own = study->rows[top[i] * d + a];
            bool replaced = fixed && fixed->active[p] && !isnan(own);
            study->best_rows[i * d + a] = replaced ? hn_gp_encode(&study->frame, a, fixed->values[p]) : own;
        }
    for (size_t k = 0; k < hn_gp_models(gp); k++) {
        hn_gp_predict(gp, k, study->best_rows, n, mean, NULL);
        study->best[k] = fmin(study->pending_best[k], hn_gp_target_of(hn_gp_target_map(gp), study->worst));
        for (size_t i = 0; i < n; i++)
            study->best[k] = fmin(study->best[k], mean[i]);
    }
}
