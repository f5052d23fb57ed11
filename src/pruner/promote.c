/* The variants of `asha` and `hyperband` that pause and resume, so that no training is done twice: `promote`
 * (asynchronous) and `synchronous`. Rungs lie at max_resource, 1/factor of it and so on, rounded up, the
 * lowest at min_resource or above: asha begins all trials there, hyperband as Keras Tuner (schedule.h). */
#include "pruner/asha.h"
#include "pruner/resource.h"
#include "pruner/schedule_async.h"
#include "pruner/schedule_sync.h"

typedef struct promote_state {
    hn_schedule schedule;
    hn_rung_table table;
    hn_sync sync;
} promote_state;

hone_status hn_asha_schedule(const char *pruner, const hn_asha_config *config, hn_schedule *schedule,
                             hone_error *err)
{
    int64_t least, most;
    hone_status status =
        hn_resources_read(pruner, config->min_resource, config->max_resource, &least, &most, err);
    if (status != HONE_OK) {
        return status;
    }
    if (most == HN_RESOURCE_AUTO) {
        return hn_fail(
            err, HONE_INVALID,
            "pruner %s: max_resource, the last step of a whole trial, is needed; only variant stop "
            "of asha and hyperband does without",
            pruner);
    }
    hn_schedule_of_hyperband(least == HN_RESOURCE_AUTO ? 1 : least, most, config->factor, schedule);
    schedule->bootstrap = config->bootstrap_count;
    return HONE_OK;
}

static hone_status init_asha(void *state, const void *config, hone_error *err)
{
    hn_schedule *schedule = &((promote_state *)state)->schedule;
    const hn_asha_config *c = config;
    hone_status status = hn_asha_schedule("asha", c, schedule, err);
    if (status != HONE_OK) {
        return status;
    }
    if (c->min_early_stopping_rate >= (int64_t)schedule->n_rungs) {
        return hn_fail(
            err, HONE_INVALID,
            "pruner asha: min_early_stopping_rate %lld leaves out all %zu rungs below max_resource",
            (long long)c->min_early_stopping_rate, schedule->n_rungs);
    }
    schedule->brackets[0] = schedule->brackets[c->min_early_stopping_rate];
    schedule->n_brackets = 1;
    return HONE_OK;
}

static hone_status init_hyperband(void *state, const void *config, hone_error *err)
{
    return hn_asha_schedule("hyperband", config, &((promote_state *)state)->schedule, err);
}

static hone_status init_synchronous(void *state, const void *config, hone_error *err)
{
    if (((const hn_asha_config *)config)->bootstrap_count > 0) {
        return hn_fail(err, HONE_INVALID,
                       "pruner hyperband: bootstrap_count is not of variant synchronous, which waits for all "
                       "candidates of a rung");
    }
    return init_hyperband(state, config, err);
}

static void release(void *state)
{
    promote_state *s = state;
    hn_rung_table_release(&s->table);
    hn_sync_release(&s->sync);
}

static hone_status next_async(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    promote_state *s = state;
    return hn_async_next(&s->table, &s->schedule, context, next, err);
}

static hone_status judge_async(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                               hn_verdict *verdict, hone_error *err)
{
    (void)err;
    *verdict = hn_async_judge(&((const promote_state *)state)->schedule, context, number, step);
    return HONE_OK;
}

static hone_status next_sync(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    promote_state *s = state;
    return hn_sync_next(&s->sync, &s->schedule, context, next, err);
}

static hone_status judge_sync(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                              hn_verdict *verdict, hone_error *err)
{
    (void)err;
    *verdict = hn_sync_judge(&((const promote_state *)state)->schedule, context, number, step);
    return HONE_OK;
}

static hone_status estimate(void *state, const hn_prune_context *context, hn_arena *scratch,
                            hn_estimates *estimates, hone_error *err)
{
    return hn_schedule_estimate(&((const promote_state *)state)->schedule, context, scratch, estimates, err);
}

static size_t ladder(const void *state, int64_t *steps)
{
    return hn_schedule_ladder(&((const promote_state *)state)->schedule, steps);
}

const hn_pruner_type hn_pruner_asha_promote = {
    .name = "asha",
    .state_size = sizeof(promote_state),
    .uses_reports = true,
    .init = init_asha,
    .release = release,
    .next = next_async,
    .judge = judge_async,
    .ladder = ladder,
    .estimate = estimate,
};

const hn_pruner_type hn_pruner_hyperband_promote = {
    .name = "hyperband",
    .state_size = sizeof(promote_state),
    .uses_reports = true,
    .init = init_hyperband,
    .release = release,
    .next = next_async,
    .judge = judge_async,
    .ladder = ladder,
    .estimate = estimate,
};

const hn_pruner_type hn_pruner_hyperband_synchronous = {
    .name = "hyperband",
    .state_size = sizeof(promote_state),
    .uses_reports = true,
    .init = init_synchronous,
    .release = release,
    .next = next_sync,
    .judge = judge_sync,
    .ladder = ladder,
    .estimate = estimate,
};
