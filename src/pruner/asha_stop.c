/* The stopping variant of asynchronous successive halving: a trial that does not pass a rung ends there.
 * Decisions and defaults are those of Optuna's SuccessiveHalvingPruner (tests/oracle/stopping_oracle.py).
 * With min_resource auto it is a hundredth of the last step of the first complete trial that reported; the
 * trials that ended before it were not judged and do not count. */
#include "pruner/asha.h"
#include "pruner/bracket.h"
#include "pruner/finished.h"
#include "pruner/resource.h"

typedef struct stop_state {
    const hn_asha_config *config;
    int64_t min_resource; /* as given */
    hn_finished finished;
    hn_bracket bracket; /* first is 0 as long as it is not known */
} stop_state;

/* The step of the lowest rung that is not left out; 0 as long as min_resource is. */
static int64_t first_rung(const hn_asha_config *config, int64_t min_resource)
{
    int64_t step = min_resource;
    for (int64_t i = 0; i < config->min_early_stopping_rate; i++) {
        step = step > INT64_MAX / config->factor ? INT64_MAX : step * config->factor;
    }
    return step;
}

static void clear(stop_state *s)
{
    hn_bracket_clear(&s->bracket);
    s->bracket.first = first_rung(s->config, s->min_resource);
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    stop_state *s = state;
    const hn_asha_config *c = config;
    int64_t most;
    hone_status status =
        hn_resources_read("asha", c->min_resource, c->max_resource, &s->min_resource, &most, err);
    if (status == HONE_OK && c->bootstrap_count > 0 && s->min_resource == HN_RESOURCE_AUTO) {
        status =
            hn_fail(err, HONE_INVALID,
                    "pruner asha: bootstrap_count %lld needs a min_resource; auto begins when a trial is "
                    "complete",
                    (long long)c->bootstrap_count);
    }
    if (status != HONE_OK) {
        return status;
    }
    s->config = c;
    s->bracket = (hn_bracket){.factor = c->factor, .bootstrap = c->bootstrap_count, .last = most};
    clear(s);
    return HONE_OK;
}

static void release(void *state)
{
    hn_bracket_clear(&((stop_state *)state)->bracket);
}

/* Takes in the trials that ended since. */
static hone_status update(stop_state *s, const hn_history *history, hone_error *err)
{
    int64_t number;
    hone_status status = HONE_OK;
    if (hn_finished_restarts(&s->finished, history)) {
        clear(s);
    }
    while (status == HONE_OK && hn_finished_next(&s->finished, &number)) {
        int64_t whole;
        if (s->bracket.first) {
            status = hn_bracket_take(&s->bracket, history, number, err);
        } else if (hn_finished_whole(history, number, &whole)) {
            s->bracket.first = first_rung(s->config, whole < 200 ? 1 : whole / 100);
        }
    }
    if (status != HONE_OK) {
        s->finished = (hn_finished){0};
        clear(s);
    }
    return status;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    stop_state *s = state;
    hone_status status = update(s, context->history, err);
    if (status == HONE_OK) {
        size_t n;
        const int64_t *running = hn_history_running(context->history, &n);
        *verdict = s->bracket.first
                       ? hn_bracket_judge(&s->bracket, context->history, running, n, number, step)
                       : HN_CONTINUE;
    }
    return status;
}

const hn_pruner_type hn_pruner_asha_stop = {
    .name = "asha",
    .state_size = sizeof(stop_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .judge = judge,
};
