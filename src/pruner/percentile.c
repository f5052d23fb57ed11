/* Stops a trial whose best report so far is worse than a percentile of what the completed trials reported
 * at the same step. The median rule (Golovin et al. 2017, Google Vizier) is percentile 50. Decisions and
 * defaults are those of Optuna's PercentilePruner and MedianPruner (tests/oracle/pruner_oracle.py). A
 * judgement costs O(reports of the trial + log of the completed trials), and once for each completed trial
 * what step_table.h says. */
#include <math.h>

#include "pruner/pruner.h"
#include "pruner/reports.h"
#include "pruner/step_table.h"

typedef struct percentile_config {
    double percentile; /* 0 = only the best goes on, 100 = only those worse than all stop */
    int64_t n_startup, n_warmup, interval, n_min;
} percentile_config;

typedef struct percentile_state {
    percentile_config config;
    hn_step_table table;
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

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)step; /* the last one counts, also when an earlier one was reported late */
    percentile_state *s = state;
    const percentile_config *config = &s->config;
    const hn_history *history = context->history;
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    size_t n_complete = hn_history_state_count(history, HONE_COMPLETE);
    if (n == 0 || n_complete == 0 || n_complete < (size_t)config->n_startup ||
        !hn_report_is_due(reports, n, config->n_warmup, config->interval)) {
        *verdict = HN_CONTINUE;
        return HONE_OK;
    }
    double best = hn_report_best(history, reports, n), limit;
    hone_status status = hn_step_table_quantile(&s->table, history, reports[n - 1].step,
                                                (size_t)config->n_min, config->percentile / 100, &limit, err);
    if (status == HONE_OK) {
        /* Nothing but NaN is stopped. A NaN limit (nobody to compare with) stops nobody. */
        *verdict = isnan(best) || best > limit ? HN_STOP : HN_CONTINUE;
    }
    return status;
}

static void release(void *state)
{
    hn_step_table_release(&((percentile_state *)state)->table);
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
    .release = release,
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
    .release = release,
    .judge = judge,
};
