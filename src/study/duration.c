/* The durations of trials: log-normal about a linear function of the parameters. */
#include "study/duration.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"
#include "math/linalg.h"

enum { LEAST_TRIALS = 3, MOST_TRIALS = 500, MOST_FEATURES = 64, MOST_CHOICES = 8 };

static const double ridge = 0.25; /* as if so much of a trial had said that a parameter changes nothing */

typedef struct hn_duration_feature {
    size_t column;
    const char *name;
    const hn_distribution *distribution;
    double choice; /* the index that counts as 1; < 0: the place on the unit interval less one half */
} feature;

/* --- features --- */

static double feature_value(const feature *f, const hn_distribution *distribution, double value)
{
    return f->choice < 0 ? hn_distribution_encode(distribution, value) - 0.5 : value == f->choice;
}

static bool is_categorical(const hn_distribution *distribution)
{
    return distribution->n_choices && !distribution->ordinal;
}

static size_t list_features(const hn_history *history, feature *features)
{
    size_t n = 0;
    for (size_t c = 0; c < hn_history_column_count(history); c++) {
        const hn_distribution *distribution = hn_history_latest_distribution(history, c);
        bool categorical = distribution && is_categorical(distribution);
        size_t parts = !distribution || hn_distribution_is_constant(distribution) ? 0
                       : categorical                                              ? distribution->n_choices
                                                                                  : 1;
        if (parts > MOST_CHOICES || n + parts > MOST_FEATURES) {
            continue;
        }
        for (size_t k = 0; k < parts; k++) {
            features[n++] =
                (feature){c, hn_history_column_name(history, c), distribution, categorical ? (double)k : -1};
        }
    }
    return n;
}

/* (n_features,) of a trial in the history; 0 for a parameter that it lacks. */
static void fill_row(const hn_durations *m, int64_t number, double *row)
{
    const hn_history *history = m->study->history;
    for (size_t i = 0; i < m->n_features; i++) {
        const feature *f = &m->features[i];
        bool has = hn_history_has(history, number, f->column);
        row[i] = has ? feature_value(f, f->distribution, hn_history_cell(history, number, f->column)) : 0;
    }
}

/* --- fitting --- */

/* The step it came to; 0 = it reported none. */
static int64_t last_step(const hn_history *history, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    return n ? reports[n - 1].step : 0;
}

static bool counts(const hn_durations *m, int64_t number)
{
    const hn_history *history = m->study->history;
    hone_trial_state state = hn_history_state(history, number);
    return hn_history_seconds(history, number) > 0 &&
           (m->by_step ? state != HONE_FAILED && last_step(history, number) > 0 : state == HONE_COMPLETE);
}

/* The trials to learn from, newest first. By steps when all complete ones report them. */
static size_t choose_trials(hn_durations *m, int64_t *numbers)
{
    const hn_history *history = m->study->history;
    size_t n, chosen = 0;
    const int64_t *finished = hn_history_finished(history, &n);
    m->by_step = true;
    for (size_t i = 0; i < n; i++) {
        int64_t step = last_step(history, finished[i]);
        if (hn_history_state(history, finished[i]) == HONE_COMPLETE) {
            m->by_step = m->by_step && step > 0;
            m->full = step > m->full ? step : m->full;
        }
    }
    for (size_t i = m->study->n_paused; i-- > 0 && m->by_step && chosen < MOST_TRIALS;) {
        if (counts(m, m->study->paused[i])) {
            numbers[chosen++] = m->study->paused[i];
        }
    }
    for (size_t i = n; i-- > 0 && chosen < MOST_TRIALS;) {
        if (counts(m, finished[i])) {
            numbers[chosen++] = finished[i];
        }
    }
    return chosen;
}

static void center(const double *rows, const double *y, size_t n, hn_durations *m)
{
    for (size_t k = 0; k < n; k++) {
        m->mean_log += y[k] / (double)n;
        for (size_t i = 0; i < m->n_features; i++) {
            m->center[i] += rows[k * m->n_features + i] / (double)n;
        }
    }
}

/* weights = (X'X + ridge I)^-1 X'(y - mean), X centred. */
static void solve(const double *rows, const double *y, size_t n, double *gram, hn_durations *m)
{
    size_t p = m->n_features;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < p; i++) {
            double x = rows[k * p + i] - m->center[i];
            m->weights[i] += x * (y[k] - m->mean_log);
            for (size_t j = 0; j <= i; j++) {
                gram[i * p + j] += x * (rows[k * p + j] - m->center[j]);
            }
        }
    }
    for (size_t i = 0; i < p; i++) {
        gram[i * p + i] += ridge;
    }
    if (p && hn_cholesky(gram, p)) {
        hn_cholesky_solve(gram, p, m->weights);
    }
}

static hone_status fit(hn_durations *m, hn_arena *arena, const int64_t *numbers, size_t n, hone_error *err)
{
    const hn_history *history = m->study->history;
    size_t p = m->n_features;
    double *rows = HN_ARENA_NEW(arena, double, n *p), *y = HN_ARENA_NEW(arena, double, n);
    double *gram = HN_ARENA_NEW(arena, double, p *p);
    m->weights = HN_ARENA_NEW(arena, double, p);
    m->center = HN_ARENA_NEW(arena, double, p);
    if (!rows || !y || !gram || !m->weights || !m->center) {
        return hn_out_of_memory(err);
    }
    m->least = INFINITY;
    for (size_t k = 0; k < n; k++) {
        double seconds = hn_history_seconds(history, numbers[k]);
        double unit = seconds / (m->by_step ? (double)last_step(history, numbers[k]) : 1);
        m->least = fmin(m->least, unit);
        m->most = fmax(m->most, unit);
        m->mean_seconds += seconds / (double)n;
        y[k] = log(unit);
        fill_row(m, numbers[k], rows + k * p);
    }
    center(rows, y, n, m);
    solve(rows, y, n, gram, m);
    m->n = n;
    return HONE_OK;
}

hone_status hn_durations_fit(const hone_study *study, hn_arena *arena, hn_durations *made, hone_error *err)
{
    *made = (hn_durations){.study = study};
    int64_t *numbers = HN_ARENA_NEW(arena, int64_t, MOST_TRIALS);
    feature *features = HN_ARENA_NEW(arena, feature, MOST_FEATURES);
    if (!numbers || !features) {
        return hn_out_of_memory(err);
    }
    size_t n = choose_trials(made, numbers);
    made->features = features;
    made->n_features = list_features(study->history, features);
    return n < LEAST_TRIALS ? HONE_OK : fit(made, arena, numbers, n, err);
}

double hn_durations_predict(const hn_durations *model, const hn_trial_param *params, size_t n_params,
                            int64_t from, int64_t to)
{
    double sum = model->mean_log;
    if (!model->n) {
        return NAN;
    }
    for (size_t i = 0; i < model->n_features && n_params; i++) {
        const feature *f = &model->features[i];
        double x = 0;
        for (size_t k = 0; k < n_params; k++) {
            if (!strcmp(params[k].name, f->name)) {
                x = feature_value(f, params[k].distribution, params[k].value);
            }
        }
        sum += model->weights[i] * (x - model->center[i]);
    }
    int64_t end = to ? to : model->full;
    double unit = fmin(fmax(exp(sum), model->least / 2), 2 * model->most);
    return !model->by_step ? unit : end > from ? unit * (double)(end - from) : 0;
}

/* --- what cannot end --- */

/* from: the step at which a paused one would go on; 0: it is new. */
static void log_not_started(hone_study *study, const hone_trial *trial, int64_t from, double seconds,
                            double left)
{
    char needed[HN_NUMBER_SIZE], have[HN_NUMBER_SIZE];
    hn_buffer text = HN_BUFFER_INIT;
    hn_format_duration(needed, seconds);
    hn_format_duration(have, left > 0 ? left : 0);
    for (size_t i = 0; i < trial->n_params; i++) {
        hone_named_value param;
        hone_trial_param(trial, i, &param);
        hn_buffer_printf(&text, "%s%s ", i ? ", " : " (", param.name);
        hn_value_write(&text, param.value);
    }
    hn_log(HN_LOG_INFO, "study '%s': a trial%s%s is not %s: it takes about %s, and %s are left", study->name,
           hn_buffer_string(&text), trial->n_params ? ")" : "", from ? "gone on with" : "started", needed,
           have);
    hn_buffer_clear(&study->end_why);
    if (from)
        hn_buffer_printf(&study->end_why, "to go on with trial %lld after step %lld",
                         (long long)trial->number, (long long)from);
    else
        hn_buffer_text(&study->end_why, "the next trial");
    hn_buffer_printf(&study->end_why, " takes about %s, %s are left", needed, have);
    hn_buffer_release(&text);
}

hone_status hn_study_ends_in_time(hone_study *study, const hone_trial *trial, int64_t from, int64_t to,
                                  bool *ends, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_durations model;
    *ends = true;
    if (!study->deadline_ns) {
        return HONE_OK;
    }
    hone_status status = hn_durations_fit(study, &arena, &model, err);
    if (!status) {
        double left = (double)(study->deadline_ns - hn_monotonic_ns()) * 1e-9;
        double seconds = hn_durations_predict(&model, trial->params, trial->n_params, from, to);
        *ends = isnan(seconds) || seconds <= left;
        if (!*ends) {
            log_not_started(study, trial, from, seconds, left);
        }
    }
    hn_arena_release(&arena);
    return status;
}

/* --- the time left --- */

/* Of the trials that run now, together. */
static double left_of_running(const hone_study *study, const hn_durations *model)
{
    double sum = 0, now_us = (double)hn_wall_us();
    for (const hone_trial *trial = study->live; trial; trial = trial->next_live) {
        if (!trial->told && trial->run_us) {
            double all = hn_durations_predict(model, trial->params, trial->n_params, trial->resume_step,
                                              trial->budget);
            sum += fmax(all - (now_us - (double)trial->run_us) * 1e-6, 0);
        }
    }
    return sum;
}

hone_status hn_study_time_left(hone_study *study, int workers, double *seconds, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_durations model;
    double by_trials = NAN;
    hone_status status = hn_durations_fit(study, &arena, &model, err);
    if (!status && model.n && study->most_trials) {
        int64_t begun = hn_study_begun(study), waiting = study->most_trials - begun;
        double paused = 0;
        for (size_t i = 0; i < study->n_paused; i++) {
            double ran = hn_history_seconds(study->history, study->paused[i]);
            paused += fmax(model.mean_seconds - (isnan(ran) ? 0 : ran), 0);
        }
        by_trials = ((double)(waiting > 0 ? waiting : 0) * model.mean_seconds + paused +
                     left_of_running(study, &model)) /
                    workers;
    }
    hn_arena_release(&arena);
    if (!status) {
        double by_time = study->deadline_ns ? (double)(study->deadline_ns - hn_monotonic_ns()) * 1e-9 : NAN;
        *seconds = fmax(fmin(by_trials, by_time), 0); /* fmin passes over NaN */
        *seconds = isnan(by_trials) && isnan(by_time) ? NAN : *seconds;
    }
    return status;
}
