/* Stops a trial whose best report so far is worse than a percentile of what the completed trials reported at
 * the same step. The median rule (Golovin et al. 2017, Google Vizier) is percentile 50. Decisions and
 * defaults are those of Optuna's PercentilePruner and MedianPruner (tests/oracle/pruner_oracle.py). A
 * judgement costs O(completed trials * log reports).
 */
#include <math.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "pruner/pruner.h"

typedef struct percentile_config {
    double percentile; /* 0 = only the best goes on, 100 = only those worse than all stop */
    int64_t n_startup, n_warmup, interval, n_min;
} percentile_config;

typedef struct percentile_state {
    percentile_config config;
} percentile_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((percentile_state *)state)->config = *(const percentile_config *)config;
    return HONE_OK;
}

/* The same options without the percentile, which is the median. */
typedef struct median_config {
    int64_t n_startup, n_warmup, interval, n_min;
} median_config;

static hone_status init_median(void *state, const void *config, hone_error *err)
{
    (void)err;
    const median_config *c = config;
    ((percentile_state *)state)->config = (percentile_config){.percentile = 50,
                                                              .n_startup = c->n_startup,
                                                              .n_warmup = c->n_warmup,
                                                              .interval = c->interval,
                                                              .n_min = c->n_min};
    return HONE_OK;
}

/* A step is judged when it is the first reported since the last multiple of the interval, counted from the
 * warm-up. */
static bool is_due(const percentile_config *config, const hn_trial_report *reports, size_t n)
{
    int64_t step = reports[n - 1].step;
    if (step < config->n_warmup) {
        return false;
    }
    int64_t due = (step - config->n_warmup) / config->interval * config->interval + config->n_warmup;
    return n == 1 || reports[n - 2].step < due;
}

/* User's value -> smaller is better. */
static double as_loss(const hn_history *history, double value)
{
    return hn_history_direction(history, 0) == HONE_MAXIMIZE ? -value : value;
}

/* NaN when every report is. */
static double best_loss(const hn_history *history, const hn_trial_report *reports, size_t n)
{
    double best = NAN;
    for (size_t i = 0; i < n; i++) {
        best = fmin(best, as_loss(history, reports[i].value)); /* fmin prefers the number to a NaN */
    }
    return best;
}

static const hn_trial_report *find_step(const hn_trial_report *reports, size_t n, int64_t step)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (reports[middle].step < step) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && reports[low].step == step ? &reports[low] : NULL;
}

/* The percentile of the completed trials' losses at a step; NaN when fewer than n_min reported there, or only
 * NaN. */
static hone_status loss_to_beat(const percentile_config *config, const hn_history *history, int64_t step,
                                double *loss, hone_error *err)
{
    size_t n_finished, n_reported = 0, n = 0;
    const int64_t *finished = hn_history_finished(history, &n_finished);
    double *losses = hn_realloc_array(NULL, n_finished, sizeof *losses);
    if (losses == NULL) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n_finished; i++) {
        const hn_trial_report *reports, *report;
        size_t n_reports = hn_history_reports(history, finished[i], &reports);
        if (hn_history_state(history, finished[i]) != HONE_COMPLETE ||
            (report = find_step(reports, n_reports, step)) == NULL) {
            continue;
        }
        n_reported++;
        if (!isnan(report->value)) {
            losses[n++] = as_loss(history, report->value);
        }
    }
    bool enough = n > 0 && n_reported >= (size_t)config->n_min;
    *loss = enough ? hn_quantile(losses, n, config->percentile / 100) : NAN;
    hn_free(losses);
    return HONE_OK;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)step; /* the last one counts, also when an earlier one was reported late */
    const percentile_config *config = &((const percentile_state *)state)->config;
    const hn_history *history = context->history;
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    size_t n_complete = hn_history_state_count(history, HONE_COMPLETE);
    if (n == 0 || n_complete == 0 || n_complete < (size_t)config->n_startup || !is_due(config, reports, n)) {
        *verdict = HN_CONTINUE;
        return HONE_OK;
    }
    double best = best_loss(history, reports, n), limit = 0;
    if (!isnan(best)) {
        hone_status status = loss_to_beat(config, history, reports[n - 1].step, &limit, err);
        if (status != HONE_OK) {
            return status;
        }
    }
    /* A trial that reports nothing but NaN is stopped; one is never stopped for lack of others to compare
     * with. */
    *verdict = isnan(best) || best > limit ? HN_STOP : HN_CONTINUE;
    return HONE_OK;
}

#define SHARED_OPTIONS(config)                                                                               \
    {.name = "n_startup",                                                                                    \
     .type = HN_OPTION_INT,                                                                                  \
     .default_text = "5",                                                                                    \
     .low = 0,                                                                                               \
     .high = 1e15,                                                                                           \
     .offset = offsetof(config, n_startup),                                                                  \
     .help = "trials that must be complete before any is stopped"},                                          \
        {.name = "n_warmup",                                                                                 \
         .type = HN_OPTION_INT,                                                                              \
         .default_text = "0",                                                                                \
         .low = 0,                                                                                           \
         .high = 1e15,                                                                                       \
         .offset = offsetof(config, n_warmup),                                                               \
         .help = "steps before this one are not judged"},                                                    \
        {.name = "interval",                                                                                 \
         .type = HN_OPTION_INT,                                                                              \
         .default_text = "1",                                                                                \
         .low = 1,                                                                                           \
         .high = 1e15,                                                                                       \
         .offset = offsetof(config, interval),                                                               \
         .help = "steps from one judgement to the next, counted from n_warmup"},                             \
    {                                                                                                        \
        .name = "n_min", .type = HN_OPTION_INT, .default_text = "1", .low = 1, .high = 1e15,                 \
        .offset = offsetof(config, n_min), .help = "complete trials that must have reported at the step"     \
    }

static const hn_option median_options[] = {SHARED_OPTIONS(median_config)};

static const hn_option percentile_options[] = {
    {.name = "percentile",
     .type = HN_OPTION_DOUBLE,
     .default_text = "25",
     .low = 0,
     .high = 100,
     .offset = offsetof(percentile_config, percentile),
     .help = "the share of trials, in percent, that may go on at a step"},
    SHARED_OPTIONS(percentile_config),
};

const hn_pruner_type hn_pruner_median = {
    .name = "median",
    .help = "stops a trial whose best report is worse than the median of the others at that step",
    .options = {median_options, sizeof median_options / sizeof *median_options, sizeof(median_config)},
    .state_size = sizeof(percentile_state),
    .uses_reports = true,
    .init = init_median,
    .judge = judge,
};

const hn_pruner_type hn_pruner_percentile = {
    .name = "percentile",
    .help = "stops a trial whose best report is not among the best percent of the others at that step",
    .options = {percentile_options, sizeof percentile_options / sizeof *percentile_options,
                sizeof(percentile_config)},
    .state_size = sizeof(percentile_state),
    .uses_reports = true,
    .init = init,
    .judge = judge,
};
