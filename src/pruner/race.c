/* Racing the folds of a cross-validation: a setting whose folds so far say that it cannot beat the incumbent
 * goes no further (Maron & Moore 1994, as tuned by paired tests in Birattari et al. 2002). Trials report the
 * running mean after each fold; the fold scores are recovered from it. The test is a one-sided t test on the
 * differences to the best complete trial on the same folds.
 *
 * When the number K of folds is known, what is at stake is the mean over these K folds, of which k are seen:
 * that of the k differences has the variance (1/k - 1/K) s^2 about it (a sample without replacement), where
 * s^2 is pooled over the settings of the study, as two or three folds say little of it. To be worth going on,
 * a setting must be able to beat the incumbent by `tolerance` standard errors of the incumbent's mean.
 *
 * When it is not, what is at stake is the expected score: the test is the corrected resampled one (Nadeau &
 * Bengio 2003): training sets overlap, so that the variance is (1/k + n_test/n_train) s^2, with the setting's
 * own s^2.
 *
 * Of the settings that run at the time, those to be stopped are found by Holm's procedure (1979). Who becomes
 * the incumbent has run every fold. O(running trials * folds) a judgement, and O(folds) once for each trial
 * that ended, but for a new incumbent, with which all are compared anew.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "math/distribution.h"
#include "math/statistics.h"
#include "pruner/finished.h"
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
    int64_t incumbent; /* that the ended trials were compared with */
    double squares;    /* of their differences about each one's mean */
    size_t degrees;
} race_state;

/* How a setting compares with the incumbent. */
typedef struct difference {
    size_t n;             /* blocks of folds, those between reports */
    int64_t folds;        /* in all */
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
    hn_free(((race_state *)state)->p);
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
    d->folds = own[n - 1].step;
    d->rounding = 1e-12 * largest * (double)d->folds;
    return true;
}

/* What the ended trials say of the variance of a difference. */
static void update_pool(race_state *s, const hn_history *history, int64_t incumbent)
{
    int64_t number;
    difference d;
    if (hn_finished_restarts(&s->finished, history) || s->incumbent != incumbent) {
        s->finished = (hn_finished){.history = history};
        s->incumbent = incumbent;
        s->squares = 0;
        s->degrees = 0;
    }
    while (hn_finished_next(&s->finished, &number)) {
        if (number != incumbent && measure(history, number, incumbent, &d)) {
            s->squares += d.squares;
            s->degrees += d.n - 1;
        }
    }
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

/* The probability of differences like these when the setting is as good as the incumbent: small = it is
 * worse. 1 when there is nothing to compare. */
static double worse_by_chance(const race_state *s, const hn_history *history, int64_t number)
{
    difference d;
    if (!measure(history, number, s->incumbent, &d) || d.folds < s->config.min_folds ||
        d.mean <= d.rounding) {
        return 1;
    }
    size_t own = d.n - 1, degrees = s->config.folds ? s->degrees + own : own;
    double squares = s->config.folds ? s->squares + d.squares : d.squares;
    double deviation = fmax(sqrt(squares / (double)degrees), d.rounding);
    if (!s->config.folds) {
        double error = deviation * sqrt(1 / (double)d.n + s->config.ratio);
        return student_tail(d.mean / error, degrees);
    }
    double unseen = fmax(0, 1 - (double)d.folds / (double)s->config.folds);
    double error = deviation * sqrt(unseen / (double)d.n);
    double needed = s->config.tolerance * standard_error(history, s->incumbent);
    return error > 0 ? student_tail((d.mean + needed) / error, degrees) : 0;
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
    size_t n_running, n = 0;
    const int64_t *running = hn_history_running(history, &n_running);
    *verdict = HN_CONTINUE;
    if (incumbent < 0 || step < s->config.min_folds || (s->config.folds && step >= s->config.folds)) {
        return HONE_OK;
    }
    hone_status status = make_room(s, n_running + 1, err);
    if (status != HONE_OK) {
        return status;
    }
    update_pool(s, history, incumbent);
    double own = worse_by_chance(s, history, number);
    for (size_t i = 0; i < n_running && own < 1; i++) {
        double other = running[i] == number ? own : worse_by_chance(s, history, running[i]);
        if (other < 1 || hn_history_reports(history, running[i], &reports) >= 2) {
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
     .default_text = "0.97",
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
     .default_text = "2",
     .low = 2,
     .high = 1e9,
     .offset = offsetof(race_config, min_folds),
     .help = "folds before a setting is judged"},
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
