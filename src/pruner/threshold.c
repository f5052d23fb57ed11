/* Stops a trial whose report lies outside of bounds, or is NaN. Decisions are those of Optuna's
 * ThresholdPruner (tests/oracle/stopping_oracle.py). O(1). */
#include <math.h>

#include "pruner/pruner.h"
#include "pruner/reports.h"

typedef struct threshold_config {
    double lower, upper; /* NaN: none */
    int64_t n_warmup, interval;
} threshold_config;

typedef struct threshold_state {
    const threshold_config *config;
} threshold_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    const threshold_config *c = config;
    ((threshold_state *)state)->config = c;
    if (isnan(c->lower) && isnan(c->upper)) {
        return hn_fail(err, HONE_INVALID,
                       "pruner threshold: give lower, upper or both, as in {threshold: {upper: 10}}");
    }
    return c->lower > c->upper
               ? hn_fail(err, HONE_INVALID,
                         "pruner threshold: lower is above upper: every report would be outside")
               : HONE_OK;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)step; /* the last one counts, also when an earlier one was reported late */
    (void)err;
    const threshold_config *config = ((const threshold_state *)state)->config;
    const hn_trial_report *reports;
    size_t n = hn_history_reports(context->history, number, &reports);
    *verdict = HN_CONTINUE;
    if (n > 0 && hn_report_is_due(reports, n, config->n_warmup, config->interval)) {
        double value = reports[n - 1].value;
        *verdict = isnan(value) || value < config->lower || value > config->upper ? HN_STOP : HN_CONTINUE;
    }
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "lower",
     .type = HN_OPTION_DOUBLE,
     .offset = offsetof(threshold_config, lower),
     .help = "a trial that reports less is stopped"},
    {.name = "upper",
     .type = HN_OPTION_DOUBLE,
     .offset = offsetof(threshold_config, upper),
     .help = "a trial that reports more is stopped"},
    {.name = "n_warmup",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 1e15,
     .offset = offsetof(threshold_config, n_warmup),
     .help = "steps before this one are not judged"},
    {.name = "interval",
     .type = HN_OPTION_INT,
     .default_text = "1",
     .low = 1,
     .high = 1e15,
     .offset = offsetof(threshold_config, interval),
     .help = "steps from one judgement to the next, counted from n_warmup"},
};

const hn_pruner_type hn_pruner_threshold = {
    .name = "threshold",
    .help = "stops a trial that reports a value outside of bounds, or NaN",
    .options = {options, sizeof options / sizeof *options, sizeof(threshold_config)},
    .state_size = sizeof(threshold_state),
    .uses_reports = true,
    .init = init,
    .judge = judge,
};
