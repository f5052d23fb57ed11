/* Lets another pruner judge a trial only when the trial itself no longer improves: when the best of its last
 * patience + 1 reports is worse than the best before them by more than min_delta. Without another pruner such
 * a trial is stopped. Decisions are those of Optuna's PatientPruner (tests/oracle/stopping_oracle.py). A
 * judgement costs O(reports of the trial) and that of the other pruner. */
#include "pruner/nested.h"
#include "pruner/reports.h"

typedef struct patient_config {
    const hn_node *pruner; /* a spec; NULL: none */
    int64_t patience;
    double min_delta;
} patient_config;

typedef struct patient_state {
    const patient_config *config;
    hn_pruner *inner; /* NULL: none */
} patient_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    patient_state *s = state;
    s->config = config;
    return s->config->pruner ? hn_pruner_create_nested("patient", s->config->pruner, &s->inner, err)
                             : HONE_OK;
}

static void release(void *state)
{
    hn_pruner_destroy(((patient_state *)state)->inner);
}

/* False when either side has nothing but NaN. */
static bool has_stalled(const patient_config *config, const hn_history *history, int64_t number)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports), late = (size_t)config->patience + 1;
    return n > late && hn_report_best(history, reports, n - late) + config->min_delta <
                           hn_report_best(history, reports + n - late, late);
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    patient_state *s = state;
    bool stalled = has_stalled(s->config, context->history, number);
    if (stalled && s->inner) {
        return hn_pruner_judge(s->inner, context, number, step, verdict, err);
    }
    *verdict = stalled ? HN_STOP : HN_CONTINUE;
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "pruner",
     .type = HN_OPTION_NODE,
     .offset = offsetof(patient_config, pruner),
     .help = "the pruner that judges a trial which no longer improves; without one the trial is stopped"},
    {.name = "patience",
     .type = HN_OPTION_INT,
     .default_text = "1",
     .low = 0,
     .high = 1e15,
     .offset = offsetof(patient_config, patience),
     .help = "so many reports more may be no improvement"},
    {.name = "min_delta",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0",
     .low = 0,
     .high = 1e300,
     .offset = offsetof(patient_config, min_delta),
     .help = "a trial has not stopped improving as long as it is worse than its best by at most this"},
};

const hn_pruner_type hn_pruner_patient = {
    .name = "patient",
    .help = "lets another pruner stop a trial only when the trial has not improved for some reports",
    .options = {options, sizeof options / sizeof *options, sizeof(patient_config)},
    .state_size = sizeof(patient_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .judge = judge,
};
