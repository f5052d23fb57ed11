/* Successive halving (Karnin, Koren & Somekh 2013; Jamieson & Talwalkar 2016), synchronous: n candidates run
 * up to the first rung's resource (a step) and pause; when all are there the best 1/factor go on to the next
 * rung, with factor times the resource, and the others end PRUNED; those of the last rung run to their end.
 * Then the next n begin. How many get what is scikit-learn's (halving_plan.h).
 */
#include <math.h>

#include "base/number.h"
#include "pruner/resource.h"
#include "pruner/schedule_sync.h"

typedef struct halving_config {
    const char *resource;
    double min_resource, max_resource;
    int64_t n_candidates, factor;
    bool aggressive;
} halving_config;

typedef struct halving_state {
    hn_schedule schedule;
    hn_sync sync;
} halving_state;

static hone_status check_steps(const char *name, double value, hone_error *err)
{
    char text[HN_NUMBER_SIZE];
    hn_format_double(text, value);
    return value == floor(value)
               ? HONE_OK
               : hn_fail(err, HONE_INVALID,
                         "pruner successive_halving: %s is %s; a share is for resource: rows of a built-in "
                         "model, else it is a number of steps",
                         name, text);
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    const halving_config *c = config;
    hn_halving_rung rungs[HN_MOST_RUNGS];
    hone_status status = check_steps("min_resource", c->min_resource, err);
    if (status == HONE_OK) {
        status = check_steps("max_resource", c->max_resource, err);
    }
    if (status != HONE_OK) {
        return status;
    }
    int64_t least = (int64_t)c->min_resource, most = (int64_t)c->max_resource;
    if (most < 1 || least > most) {
        return hn_fail(
            err, HONE_INVALID,
            most < 1 ? "pruner successive_halving: max_resource, the last step of a whole trial, is needed"
                     : "pruner successive_halving: min_resource %lld is more than max_resource %lld",
            (long long)least, (long long)most);
    }
    size_t n = hn_halving_plan(
        &(hn_halving_options){.min_resource = least,
                              .smallest = 1,
                              .max_resource = most,
                              .n_candidates = c->n_candidates ? c->n_candidates : most / (least ? least : 1),
                              .factor = c->factor,
                              .aggressive = c->aggressive},
        rungs);
    hn_schedule_of_halving(rungs, n, c->factor, &((halving_state *)state)->schedule);
    return HONE_OK;
}

static void release(void *state)
{
    hn_sync_release(&((halving_state *)state)->sync);
}

static hone_status next(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    halving_state *s = state;
    return hn_sync_next(&s->sync, &s->schedule, context, next, err);
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)err;
    *verdict = hn_sync_judge(&((const halving_state *)state)->schedule, context, number, step);
    return HONE_OK;
}

static size_t ladder(const void *state, int64_t *steps)
{
    return hn_schedule_ladder(&((const halving_state *)state)->schedule, steps);
}

static const hn_option options[] = {
    HN_RESOURCE_OPTION(halving_config),
    {.name = "min_resource",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0",
     .low = 0,
     .high = 1e15,
     .offset = offsetof(halving_config, min_resource),
     .help = "of the first rung; 0 = as much as lets the last rung have max_resource; of rows also a share"},
    {.name = "max_resource",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0",
     .low = 0,
     .high = 1e15,
     .offset = offsetof(halving_config, max_resource),
     .help =
         "at most so much; 0 = all rows, or the model's option as it stands; a program's last step must be given"},
    {.name = "n_candidates",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(halving_config, n_candidates),
     .help = "settings that begin together; 0 = the grid, or trials, or max_resource / min_resource"},
    {.name = "factor",
     .type = HN_OPTION_INT,
     .default_text = "3",
     .low = 2,
     .high = 1e6,
     .offset = offsetof(halving_config, factor),
     .help = "one of so many goes on, with so many times the resource"},
    {.name = "aggressive_elimination",
     .type = HN_OPTION_BOOL,
     .default_text = "false",
     .offset = offsetof(halving_config, aggressive),
     .help = "with many candidates, eliminate at min_resource until max_resource is enough for the rest"},
};

const hn_pruner_type hn_pruner_successive_halving = {
    .name = "successive_halving",
    .help = "many settings with little resource, the best third of them with three times as much, and so on",
    .options = {options, sizeof options / sizeof *options, sizeof(halving_config)},
    .state_size = sizeof(halving_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .next = next,
    .judge = judge,
    .ladder = ladder,
};
