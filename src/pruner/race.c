/* Racing the folds of a cross-validation: a setting whose folds so far say that it cannot beat the incumbent
 * goes no further (Maron & Moore 1994, as tuned by paired tests in Birattari et al. 2002). Trials report the
 * running mean after each fold; the fold scores are recovered from it.
 *
 * When the number K of folds is known, what is at stake is the mean over these K folds, of which k are seen,
 * and that of the incumbent is known. Folds are hard or easy for all: less the effects of the folds seen,
 * which those settings tell that ran them all (pruner/fold_effects.h), a setting's mean has the variance (1/k
 * - 1/K) s^2 about what it will come to (a sample without replacement), where s^2 is pooled over the settings
 * of the study: even one fold can be judged. To be worth going on, a setting must be able to beat the
 * incumbent by `tolerance` standard errors of the incumbent's mean.
 *
 * When it is not, what is at stake is the expected score: a one-sided t test on the differences to the
 * incumbent on the same folds, the corrected resampled one (Nadeau & Bengio 2003): training sets overlap, so
 * that the variance is (1/k + n_test/n_train) s^2, with the setting's own s^2.
 *
 * Of the settings that run at the time, those to be stopped are found by Holm's procedure (1979). Who becomes
 * the incumbent has run every fold. O(running trials * folds) a judgement, and O(folds^2) once for each trial
 * that ended.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "math/distribution.h"
#include "math/statistics.h"
#include "pruner/finished.h"
#include "pruner/fold_effects.h"
#include "pruner/pruner.h"
#include "pruner/reports.h"

typedef struct race_config {
    double confidence, ratio, tolerance;
    int64_t min_folds, folds;
} race_config;

typedef struct race_state {
    race_config config;
    double *p; /* (capacity,): of the running settings */
    size_t capacity;
    hn_finished finished;
    hn_fold_effects effects; /* of the ended trials; where folds is known */
    int64_t incumbent;
} race_state;

/* How a setting compares with the incumbent. */
typedef struct difference {
    size_t n;             /* blocks of folds, those between reports */
    double mean, squares; /* of the differences; the sum of squares about the mean */
    double rounding;      /* of recovering the folds */
} difference;

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((race_state *)state)->config = *(const race_config *)config;
    return HONE_OK;
}

static void release(void *state)
{
    race_state *s = state;
    hn_fold_effects_release(&s->effects);
    hn_free(s->p);
}

/* --- the test --- */

/* Mean and squares of one value more (Welford 1962). */
static void add_value(double value, size_t n, double *mean, double *squares)
{
    double from = value - *mean;
    *mean += from / (double)n;
    *squares += from * (value - *mean);
}

/* False when there is nothing to compare: too few folds, others than the incumbent's, a NaN. */
static bool measure(const hn_history *history, int64_t number, int64_t incumbent, difference *d)
{
    const hn_trial_report *own, *best;
    size_t n = hn_history_reports(history, number, &own),
           n_best = hn_history_reports(history, incumbent, &best);
    double largest = 0;
    *d = (difference){0};
    if (n < 2 || n > n_best || own[0].step < 1) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        double a = hn_report_block(history, own, i), b = hn_report_block(history, best, i);
        add_value(a - b, ++d->n, &d->mean, &d->squares);
        largest = fmax(largest, fmax(fabs(a), fabs(b)));
        if (own[i].step != best[i].step || !isfinite(a - b)) {
            return false;
        }
    }
    d->rounding = 1e-12 * largest * (double)own[n - 1].step;
    return true;
}

/* What the ended trials say of the folds. */
static hone_status update_effects(race_state *s, const hn_history *history, hone_error *err)
{
    hone_status status = HONE_OK;
    int64_t number;
    bool any = hn_finished_restarts(&s->finished, history);
    if (any)
        hn_fold_effects_clear(&s->effects);
    while (!status && hn_finished_next(&s->finished, &number)) {
        status = hn_fold_effects_add(&s->effects, history, number, err);
        any = true;
    }
    if (status)
        s->finished.history = NULL; /* all of them again */
    else if (any)
        hn_fold_effects_settle(&s->effects);
    return status;
}

/* The standard error of the incumbent's mean. */
static double standard_error(const hn_history *history, int64_t incumbent)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, incumbent, &reports);
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        add_value(hn_report_block(history, reports, i), i + 1, &mean, &squares);
    }
    return n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : 0;
}

static double student_tail(double t, size_t degrees)
{
    enum { NEARLY_NORMAL = 200 };
    return degrees > NEARLY_NORMAL ? hn_normal_cdf(-t) : hn_student_tail(t, degrees);
}

/* The probability of differences like these when the setting is as good as the incumbent, as far as other
 * folds go. */
static double worse_elsewhere(const race_state *s, const hn_history *history, int64_t number)
{
    difference d;
    if (!measure(history, number, s->incumbent, &d) || d.mean <= d.rounding)
        return 1;
    size_t degrees = d.n - 1;
    double deviation = fmax(sqrt(d.squares / (double)degrees), d.rounding);
    return student_tail(d.mean / (deviation * sqrt(1 / (double)d.n + s->config.ratio)), degrees);
}

/* The probability of folds like these when the setting would beat the incumbent on all. */
static double worse_on_all(race_state *s, const hn_history *history, int64_t number)
{
    hn_fold_forecast own, best;
    if (!hn_fold_effects_forecast(&s->effects, history, s->incumbent, &best) ||
        !hn_fold_effects_forecast(&s->effects, history, number, &own) || !own.degrees)
        return 1;
    double short_of = own.mean - best.mean;
    if (best.n != s->effects.n_folds || short_of <= own.rounding)
        return 1;
    double unseen = fmax(0, 1 - (double)own.folds / (double)s->config.folds);
    double error = fmax(sqrt(own.variance), own.rounding) * sqrt(unseen / (double)own.n);
    double needed = s->config.tolerance * standard_error(history, s->incumbent);
    return error > 0 ? student_tail((short_of + needed) / error, own.degrees) : 0;
}

/* Small = it is worse. 1 when there is nothing to compare. */
static double worse_by_chance(race_state *s, const hn_history *history, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    if (n == 0 || reports[n - 1].step < s->config.min_folds)
        return 1;
    return s->config.folds ? worse_on_all(s, history, number) : worse_elsewhere(s, history, number);
}

/* --- the race --- */

static hone_status make_room(race_state *s, size_t n, hone_error *err)
{
    if (n <= s->capacity) {
        return HONE_OK;
    }
    double *grown = hn_realloc_array(s->p, n, sizeof *grown);
    if (grown == NULL) {
        return hn_out_of_memory(err);
    }
    s->p = grown;
    s->capacity = n;
    return HONE_OK;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Holm: p[0] <= p[1] <= ... are rejected as long as p[i] <= alpha / (n - i). */
static bool is_rejected(const double *p, size_t n, double own, double alpha)
{
    for (size_t i = 0; i < n && p[i] <= alpha / (double)(n - i); i++) {
        if (p[i] >= own) {
            return true;
        }
    }
    return false;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    race_state *s = state;
    const hn_history *history = context->history;
    const hn_trial_report *reports;
    int64_t incumbent = hn_incumbent(history);
    size_t n_running, n = 0, least = s->config.folds ? 1 : 2;
    const int64_t *running = hn_history_running(history, &n_running);
    *verdict = HN_CONTINUE;
    if (incumbent < 0 || step < s->config.min_folds || (s->config.folds && step >= s->config.folds)) {
        return HONE_OK;
    }
    hone_status status = make_room(s, n_running + 1, err);
    if (status != HONE_OK) {
        return status;
    }
    s->incumbent = incumbent;
    status = s->config.folds ? update_effects(s, history, err) : HONE_OK;
    if (status != HONE_OK) {
        return status;
    }
    double own = worse_by_chance(s, history, number);
    for (size_t i = 0; i < n_running && own < 1; i++) {
        double other = running[i] == number ? own : worse_by_chance(s, history, running[i]);
        if (other < 1 || hn_history_reports(history, running[i], &reports) >= least) {
            s->p[n++] = other;
        }
    }
    qsort(s->p, n, sizeof *s->p, compare);
    *verdict = own < 1 && is_rejected(s->p, n, own, 1 - s->config.confidence) ? HN_STOP : HN_CONTINUE;
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "confidence",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.985",
     .low = 0.5,
     .high = 0.999999,
     .offset = offsetof(race_config, confidence),
     .help = "how sure it must be that a setting is worse than the best, before it is stopped"},
    {.name = "ratio",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.25",
     .low = 0,
     .high = 1e6,
     .offset = offsetof(race_config, ratio),
     .help = "where folds is not known: rows tested by rows learned from, of a fold"},
    {.name = "tolerance",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.1",
     .low = 0,
     .high = 1e6,
     .offset = offsetof(race_config, tolerance),
     .help =
         "where folds is known: a setting is stopped, too, when it cannot be better than the best by so many standard "
         "errors of the best one's mean"},
    {.name = "min_folds",
     .type = HN_OPTION_INT,
     .default_text = "1",
     .low = 1,
     .high = 1e9,
     .offset = offsetof(race_config, min_folds),
     .help = "folds before a setting is judged; where folds is not known at least 2"},
    {.name = "folds",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(race_config, folds),
     .help =
         "folds of a whole trial, whose last one is not judged; 0 = not known; for built-in models that of cv"},
};

const hn_pruner_type hn_pruner_race = {
    .name = "race",
    .help =
        "stops a setting whose folds so far say that it cannot beat the best one (steps are folds, values running means)",
    .options = {options, sizeof options / sizeof *options, sizeof(race_config)},
    .state_size = sizeof(race_state),
    .leaves_unranked = true,
    .uses_reports = true,
    .init = init,
    .release = release,
    .judge = judge,
};
