/* Racing the folds of a cross-validation: a setting whose folds so far say that it cannot beat the incumbent
 * goes no further (Maron & Moore 1994, as tuned by paired tests in Birattari et al. 2002). Trials report the
 * running mean after each fold; the fold scores are recovered from it. The test is the corrected resampled t
 * test (Nadeau & Bengio 2003), one-sided, on the differences to the best complete trial on the same folds:
 * training sets overlap, so that the variance of the mean of k differences is (1/k + n_test/n_train) s^2,
 * not s^2/k. Of the settings that run at the time, those to be stopped are found by Holm's procedure (1979).
 *
 * Who becomes the incumbent has run every fold. O(running trials * folds) a judgement.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "pruner/pruner.h"
#include "pruner/reports.h"

typedef struct race_config {
    double confidence, ratio;
    int64_t min_folds, folds;
} race_config;

typedef struct race_state {
    race_config config;
    double *scratch; /* (capacity,): differences, then p-values */
    size_t capacity;
} race_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((race_state *)state)->config = *(const race_config *)config;
    return HONE_OK;
}

static void release(void *state)
{
    hn_free(((race_state *)state)->scratch);
}

/* --- the test --- */

/* The probability of differences like these when the setting is as good as the incumbent: small = it is
 * worse. 1 when there is nothing to compare: too few folds, others than the incumbent's, a NaN. */
static double worse_by_chance(race_state *s, const hn_history *history, int64_t number, int64_t incumbent)
{
    const hn_trial_report *own, *best;
    size_t n = hn_history_reports(history, number, &own),
           n_best = hn_history_reports(history, incumbent, &best);
    double largest = 0;
    if (n < 2 || n > n_best || own[n - 1].step < s->config.min_folds || own[0].step < 1) {
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        double a = hn_report_block(history, own, i), b = hn_report_block(history, best, i);
        s->scratch[i] = a - b;
        largest = fmax(largest, fmax(fabs(a), fabs(b)));
        if (own[i].step != best[i].step || !isfinite(s->scratch[i])) {
            return 1;
        }
    }
    double rounding = 1e-12 * largest * (double)own[n - 1].step; /* of recovering the folds */
    double mean = hn_mean(s->scratch, n), deviation = hn_standard_deviation(s->scratch, n, 1);
    if (mean <= rounding) {
        return 1;
    }
    double error = fmax(deviation, rounding) * sqrt(1 / (double)n + s->config.ratio);
    return hn_student_tail(mean / error, n - 1);
}

/* --- the race --- */

static hone_status make_room(race_state *s, size_t n, hone_error *err)
{
    if (n <= s->capacity) {
        return HONE_OK;
    }
    double *grown = hn_realloc_array(s->scratch, n, sizeof *grown);
    if (grown == NULL) {
        return hn_out_of_memory(err);
    }
    s->scratch = grown;
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
    size_t n_reports = hn_history_reports(history, number, &reports), n_running, n = 0;
    const int64_t *running = hn_history_running(history, &n_running);
    *verdict = HN_CONTINUE;
    if (incumbent < 0 || step < s->config.min_folds || (s->config.folds && step >= s->config.folds)) {
        return HONE_OK;
    }
    size_t most = n_reports;
    for (size_t i = 0; i < n_running; i++) {
        size_t other = hn_history_reports(history, running[i], &reports);
        most = other > most ? other : most;
    }
    hone_status status = make_room(s, most + n_running + 1, err);
    if (status != HONE_OK) {
        return status;
    }
    double alpha = 1 - s->config.confidence,
           done = s->config.folds ? (double)step / (double)s->config.folds : 1;
    double own = worse_by_chance(s, history, number, incumbent), *p = s->scratch + most;
    for (size_t i = 0; i < n_running && own < 1; i++) {
        double other = running[i] == number ? own : worse_by_chance(s, history, running[i], incumbent);
        if (other < 1 || hn_history_reports(history, running[i], &reports) >= 2) {
            p[n++] = other;
        }
    }
    qsort(p, n, sizeof *p, compare);
    *verdict = own < 1 && is_rejected(p, n, own, alpha * done) ? HN_STOP : HN_CONTINUE;
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "confidence",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.95",
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
     .help = "rows tested by rows learned from, of a fold; for built-in models that of cv"},
    {.name = "min_folds",
     .type = HN_OPTION_INT,
     .default_text = "3",
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
