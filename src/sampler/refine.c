/* A broad search, then one in the box around its best trials. */
#include <string.h>

#include "sampler/sampler.h"

typedef struct refine_config {
    const hn_node *sampler, *then; /* specs; NULL: auto, the same as sampler */
    int64_t broad;
    double top, margin;
    const hn_node *around; /* a map parameter -> half the box's width; NULL: none */
} refine_config;

typedef struct refine_state {
    const refine_config *config;
    hn_sampler *broad, *then;
} refine_state;

/* --- making --- */

static hone_status make_inner(const hn_node *node, hn_sampler **inner, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec = {.name = "auto"};
    hone_status status = node ? hn_spec_from_node(&arena, node, "sampler", &spec, err) : HONE_OK;
    if (!status) {
        status = hn_sampler_create(&spec, inner, err);
    }
    hn_arena_release(&arena);
    return status;
}

static void release(void *state)
{
    refine_state *s = state;
    hn_sampler_destroy(s->broad);
    hn_sampler_destroy(s->then);
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    refine_state *s = state;
    s->config = config;
    const hn_node *around = s->config->around;
    if (around && around->kind != HN_MAP) {
        return hn_fail_at(
            err, HONE_INVALID, around->at,
            "sampler refine: around is a mapping from parameters to half the width of the box, as in "
            "{around: {n_estimators: 50}}");
    }
    hone_status status = make_inner(s->config->sampler, &s->broad, err);
    if (!status) {
        status = make_inner(s->config->then ? s->config->then : s->config->sampler, &s->then, err);
    }
    if (!status && hn_sampler_type_of(s->then)->capabilities & HN_SAMPLER_EXHAUSTS) {
        status =
            hn_fail(err, HONE_INVALID,
                    "sampler refine: %s enumerates values, which a box of its own making does not have; give "
                    "`then` another sampler, such as tpe or random",
                    hn_sampler_type_of(s->then)->name);
    }
    if (status) {
        release(state); /* which nobody calls after a failed init */
        return hn_fail_within(err, status, "sampler refine");
    }
    return HONE_OK;
}

/* Parameters of `around` must exist and be numbers. */
static hone_status check_around(const hn_node *around, const hn_space *space, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t k = 0; !status && around && k < around->count; k++) {
        const hn_map_entry *entry = &around->as.entries[k];
        size_t i = 0;
        double width = 0;
        status = hn_space_require(space, entry->key, &i, err);
        if (!status && space->parameters[i].distribution.kind == HN_CATEGORICAL) {
            status = hn_fail_at(err, HONE_INVALID, entry->value->at,
                                "sampler refine: around.%s: a choice has no width; leave it out", entry->key);
        } else if (!status && !(hn_node_double(entry->value, &width) && width >= 0)) {
            status = hn_fail_at(err, HONE_INVALID, entry->value->at,
                                "sampler refine: around.%s must be a number of at least 0", entry->key);
        }
    }
    return status;
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    const refine_state *s = state;
    hone_status status = check_around(s->config->around, space, err);
    if (!status) {
        status = hn_sampler_check(s->broad, space, err);
    }
    return status ? status : hn_sampler_check(s->then, space, err);
}

/* --- the box --- */

/* The view of the broad search alone: up to its last ranked trial, by number. False while it goes on. */
static bool broad_view(const hn_view *view, size_t wanted, hn_view *broad)
{
    size_t ranked = 0, rows = hn_history_count(view->history);
    if (hn_view_ranked_count(*view) < wanted) {
        return false;
    }
    for (int64_t number = 0; number < (int64_t)rows && hn_view_sees(*view, number); number++) {
        hone_trial_state state = hn_history_state(view->history, number);
        ranked += state == HONE_COMPLETE || state == HONE_PRUNED;
        if (ranked == wanted) {
            *broad = (hn_view){view->history, number + 1};
            return true;
        }
    }
    return false;
}

/* Smallest and largest unit coordinate of the parameter among the best trials; false when none has it. */
static bool span(const hn_history *history, const int64_t *best, size_t n, const hn_parameter *parameter,
                 double *low, double *high, double *first)
{
    size_t column = hn_history_find_column(history, parameter->name);
    bool found = false;
    for (size_t k = 0; column != SIZE_MAX && k < n; k++) {
        if (!hn_history_has(history, best[k], column)) {
            continue;
        }
        double value = hn_history_cell(history, best[k], column);
        double unit = hn_distribution_encode(&parameter->distribution, value);
        *first = found ? *first : value;
        *low = found && *low < unit ? *low : unit;
        *high = found && *high > unit ? *high : unit;
        found = true;
    }
    return found;
}

static double clamp(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* The distribution over the box's part of it. */
static hone_status narrow(const refine_config *config, const hn_parameter *parameter, double low, double high,
                          double best, hn_distribution *out, hone_error *err)
{
    const hn_distribution *whole = &parameter->distribution;
    const hn_node *width_node = hn_map_get(config->around, parameter->name);
    double width = 0, from, to;
    if (hn_node_double(width_node, &width)) {
        low = hn_distribution_encode(whole, clamp(best - width, whole->low, whole->high));
        high = hn_distribution_encode(whole, clamp(best + width, whole->low, whole->high));
        from = hn_distribution_decode(whole, low);
        to = hn_distribution_decode(whole, high);
    } else {
        from = hn_distribution_decode(whole, clamp(low - config->margin, 0, 1));
        to = hn_distribution_decode(whole, clamp(high + config->margin, 0, 1));
    }
    return whole->kind == HN_INTEGER
               ? hn_distribution_integer(parameter->name, (int64_t)from, (int64_t)to, (int64_t)whole->step,
                                         whole->log, parameter->at, out, NULL, err)
               : hn_distribution_float(parameter->name, from, to, whole->step, whole->log, parameter->at, out,
                                       NULL, err);
}

/* The space with its numbers in the box; fixed gets the choices on which all the best agree. */
static hone_status make_box(const refine_state *s, const hn_ask *ask, hn_view broad, hn_space *box,
                            hn_point *fixed, hone_error *err)
{
    size_t wanted = (size_t)(s->config->top * (double)s->config->broad), count = ask->space->count;
    hn_parameter *parameters = HN_ARENA_NEW(ask->scratch, hn_parameter, count + 1);
    int64_t *best = HN_ARENA_NEW(ask->scratch, int64_t, wanted + 1);
    if (!parameters || !best) {
        return hn_out_of_memory(err);
    }
    size_t n = hn_view_best(broad, wanted ? wanted : 1, best);
    memcpy(parameters, ask->space->parameters, count * sizeof *parameters);
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < count; i++) {
        hn_parameter *p = &parameters[i];
        double low = 0, high = 1, first = 0;
        if (fixed->active[i] || !span(broad.history, best, n, p, &low, &high, &first)) {
            continue;
        }
        if (p->distribution.kind != HN_CATEGORICAL) {
            status = narrow(s->config, p, low, high, first, &p->distribution, err);
        } else if (low == high && n > 1) {
            fixed->values[i] = first;
            fixed->active[i] = true;
        }
    }
    *box = *ask->space;
    box->parameters = parameters;
    return status;
}

/* --- proposing --- */

static hone_status propose_inside(const refine_state *s, const hn_ask *ask, hn_view broad, size_t n,
                                  hn_point *points, size_t *count, hone_error *err)
{
    hn_space box;
    hn_point fixed = hn_point_new(ask->scratch, ask->space->count);
    if (!fixed.values) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; ask->fixed && i < ask->space->count; i++) {
        fixed.values[i] = ask->fixed->values[i];
        fixed.active[i] = ask->fixed->active[i];
    }
    hone_status status = make_box(s, ask, broad, &box, &fixed, err);
    hn_ask inner = *ask;
    inner.space = &box;
    inner.fixed = &fixed;
    return status ? status : hn_sampler_propose(s->then, &inner, NULL, n, points, count, err);
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    const refine_state *s = state;
    hn_view broad;
    if (broad_view(&ask->view, (size_t)s->config->broad, &broad)) {
        return propose_inside(s, ask, broad, n, points, count, err);
    }
    hone_status status = hn_sampler_propose(s->broad, ask, NULL, n, points, count, err);
    if (!status &&
        !*count) { /* a grid is used up before its number of trials: what it found is the broad search */
        status = propose_inside(s, ask, ask->view, n, points, count, err);
    }
    return status;
}

static const hn_option options[] = {
    {.name = "sampler",
     .type = HN_OPTION_NODE,
     .offset = offsetof(refine_config, sampler),
     .help = "the sampler of the broad search, with its options; auto when not given"},
    {.name = "then",
     .type = HN_OPTION_NODE,
     .offset = offsetof(refine_config, then),
     .help = "that of the refined search; the same when not given"},
    {.name = "broad",
     .type = HN_OPTION_INT,
     .default_text = "20",
     .low = 1,
     .high = 1e9,
     .offset = offsetof(refine_config, broad),
     .help = "trials of the broad search, failed ones apart"},
    {.name = "top",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.2",
     .low = 0,
     .high = 1,
     .offset = offsetof(refine_config, top),
     .help = "share of them, the best, that the box is drawn around (at least the best one)"},
    {.name = "margin",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.1",
     .low = 0,
     .high = 1,
     .offset = offsetof(refine_config, margin),
     .help = "how far the box reaches beyond them, as a share of each parameter's range"},
    {.name = "around",
     .type = HN_OPTION_NODE,
     .offset = offsetof(refine_config, around),
     .help = "for some parameters: the box is the best value plus and minus this, as in {n_estimators: 50}"},
};

const hn_sampler_type hn_sampler_refine = {
    .name = "refine",
    .help = "a broad search, then one in the box around its best trials",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_CONDITIONAL,
    .options = {options, sizeof options / sizeof *options, sizeof(refine_config)},
    .state_size = sizeof(refine_state),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
};
