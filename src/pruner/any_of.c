/* Several pruners at once: any_of stops a trial when one of them does, all_of when every one does. All are
 * asked each time. */
#include "base/memory.h"
#include "pruner/nested.h"

typedef struct several_config {
    const hn_node *pruners; /* a list of specs */
} several_config;

typedef struct several_state {
    hn_pruner **inner; /* (n,) */
    size_t n;
    bool all; /* must stop it */
} several_state;

static void release(void *state)
{
    several_state *s = state;
    for (size_t i = 0; i < s->n; i++) {
        hn_pruner_destroy(s->inner[i]);
    }
    hn_free(s->inner);
}

static hone_status make(several_state *s, const char *outer, const several_config *config, hone_error *err)
{
    const hn_node *list = config->pruners;
    if (list == NULL || list->kind != HN_LIST || list->count == 0) {
        return hn_fail_at(err, HONE_INVALID, list ? list->at : (hn_position){0},
                          "pruner %s: pruners must be a list of pruners, as in {%s: {pruners: [median, "
                          "{threshold: {upper: 10}}]}}",
                          outer, outer);
    }
    s->inner = hn_calloc(list->count, sizeof(hn_pruner *));
    if (s->inner == NULL) {
        return hn_out_of_memory(err);
    }
    hone_status status = HONE_OK;
    for (size_t i = 0; i < list->count && status == HONE_OK; i++) {
        status = hn_pruner_create_nested(outer, list->as.items[i], &s->inner[i], err);
        s->n += status == HONE_OK;
    }
    if (status != HONE_OK) {
        release(s);
    }
    return status;
}

static hone_status init_any(void *state, const void *config, hone_error *err)
{
    return make(state, "any_of", config, err);
}

static hone_status init_all(void *state, const void *config, hone_error *err)
{
    ((several_state *)state)->all = true;
    return make(state, "all_of", config, err);
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    several_state *s = state;
    size_t n_stop = 0;
    for (size_t i = 0; i < s->n; i++) {
        hn_verdict one;
        hone_status status = hn_pruner_judge(s->inner[i], context, number, step, &one, err);
        if (status != HONE_OK) {
            return status;
        }
        n_stop += one == HN_STOP;
    }
    *verdict = n_stop >= (s->all ? s->n : 1) ? HN_STOP : HN_CONTINUE;
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "pruners",
     .type = HN_OPTION_NODE,
     .offset = offsetof(several_config, pruners),
     .help = "the list of pruners; needed"},
};

const hn_pruner_type hn_pruner_any_of = {
    .name = "any_of",
    .help = "stops a trial when one of several pruners does",
    .options = {options, sizeof options / sizeof *options, sizeof(several_config)},
    .state_size = sizeof(several_state),
    .uses_reports = true,
    .init = init_any,
    .release = release,
    .judge = judge,
};

const hn_pruner_type hn_pruner_all_of = {
    .name = "all_of",
    .help = "stops a trial when every one of several pruners does",
    .options = {options, sizeof options / sizeof *options, sizeof(several_config)},
    .state_size = sizeof(several_state),
    .uses_reports = true,
    .init = init_all,
    .release = release,
    .judge = judge,
};
