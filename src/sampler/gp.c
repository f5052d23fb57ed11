/* sampler/gp.c: Bayesian optimisation: Gaussian processes of what was told, and the place where an
 * acquisition says the next trial is worth most (Jones et al. 1998; Snoek et al. 2012). What was tried is in
 * README.md. */
#include "sampler/gp.h"

#include <math.h>
#include <stddef.h>

#include "sampler/companions.h"
#include "sampler/gp_design.h"
#include "sampler/gp_portfolio.h"

enum { MOST_PENDING = 256 };

/* The point that a define-by-run trial is taking its values from. */
typedef struct by_run {
    int64_t number; /* of the trial; -1: there is none */
    uint64_t seed;
    size_t n_finished; /* trials known when it was proposed */
    hn_gp_frame frame;
    hn_point point;
    hn_arena arena; /* of these */
} by_run;

typedef struct gp_state {
    const hn_gp_config *config;
    hn_gp_study study;
    hn_seen seen;
    by_run by_run;
} gp_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    gp_state *s = state;
    (void)err;
    s->config = s->study.config = config;
    s->by_run.number = -1;
    return HONE_OK;
}

static void release(void *state)
{
    gp_state *s = state;
    hn_gp_study_release(&s->study);
    hn_seen_release(&s->seen);
    hn_arena_release(&s->by_run.arena);
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    return hn_gp_design_check(((gp_state *)state)->config, space, err);
}

/* The places that are being evaluated are known to the models from now on. */
static hone_status add_running(gp_state *s, const hn_ask *ask, hone_error *err)
{
    int64_t *numbers = HN_ARENA_NEW(ask->scratch, int64_t, MOST_PENDING);
    double *row = HN_ARENA_NEW(ask->scratch, double, s->study.frame.d);
    if (!numbers || !row)
        return hn_out_of_memory(err);
    size_t n = s->config->pending ? hn_gp_pending(ask, MOST_PENDING, numbers) : 0;
    hone_status status = HONE_OK;
    for (size_t i = n; i-- > 0 && !status;)
        if (hn_gp_trial_row(&s->study.frame, ask->view.history, numbers[i], row))
            status = hn_gp_study_add_pending(&s->study, row, err);
    return status;
}

static hone_status add_proposed(gp_state *s, const hn_ask *ask, const hn_point *point, hone_error *err)
{
    double *row = HN_ARENA_NEW(ask->scratch, double, s->study.frame.d);
    if (!row)
        return hn_out_of_memory(err);
    hn_gp_encode_point(&s->study.frame, point, row);
    return hn_gp_study_add_pending(&s->study, row, err);
}

/* whole: the space is all there is, so that a point of it that was tried is a repeat. */
static hone_status propose_modelled(gp_state *s, const hn_ask *ask, bool whole, size_t n, hn_point *points,
                                    hone_error *err)
{
    hn_gp_region region;
    hn_gp_search search = {
        .config = s->config, .ask = ask, .study = &s->study, .region = &region, .batch = points};
    search.point = hn_point_new(ask->scratch, ask->space->count);
    hone_status status = search.point.values ? hn_seen_update(&s->seen, ask->space, ask->view.history, err)
                                             : hn_out_of_memory(err);
    if (!status)
        status = hn_gp_region_make(ask->scratch, &s->study, &region, err);
    if (!status)
        status = add_running(s, ask, err);
    for (size_t k = 0; k < n && !status; k++) {
        search.number = ask->number + (int64_t)k;
        search.random = hn_random_stream(ask->seed, (uint64_t)search.number, HN_PURPOSE_PROPOSE);
        search.seen = whole ? &s->seen : NULL;
        search.n_batch = k;
        hn_gp_study_find_best(&s->study, ask->fixed);
        status = hn_gp_choose_point(&search, &points[k], err);
        if (!status && k + 1 < n)
            status = add_proposed(s, ask, &points[k], err);
    }
    return status;
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    gp_state *s = state;
    bool ready = false;
    hone_status status = HONE_OK;
    if (!hn_gp_design_lasts(s->config, ask))
        status = hn_gp_study_update(&s->study, ask, &ready, err);
    if (ready && s->study.frame.d)
        status = propose_modelled(s, ask, true, n, points, err);
    else
        for (size_t k = 0; k < n && !status; k++)
            status = hn_gp_design_point(s->config, ask, ask->number + (int64_t)k, &points[k], err);
    *count = n;
    return status;
}

/* --- define-by-run --- */

static bool is_under_way(const by_run *r, const hn_ask *ask, const hn_space *space)
{
    size_t n_finished;
    hn_history_finished(ask->view.history, &n_finished);
    return r->number == ask->number && r->seed == ask->seed && r->n_finished == n_finished &&
           hn_gp_frame_fits(&r->frame, space);
}

/* Proposes a point of the space and keeps it for the trial's other parameters; *ready as in an update. */
static hone_status propose_by_run(gp_state *s, const hn_ask *ask, bool *ready, hone_error *err)
{
    by_run *r = &s->by_run;
    const hn_history *history = ask->view.history;
    hn_point point = hn_point_new(ask->scratch, ask->space->count);
    r->number = -1;
    hone_status status =
        point.values ? hn_gp_study_update(&s->study, ask, ready, err) : hn_out_of_memory(err);
    *ready = !status && *ready && s->study.frame.d;
    if (!*ready)
        return status;
    bool whole = ask->space->count == hn_history_column_count(history);
    status = propose_modelled(s, ask, whole, 1, &point, err);
    hn_arena_reset(&r->arena);
    if (!status)
        status = hn_gp_frame_make(&r->arena, ask->space, &r->frame, err);
    r->point = hn_point_new(&r->arena, ask->space->count);
    if (!status && !r->point.values)
        status = hn_out_of_memory(err);
    if (status)
        return status;
    hn_point_copy(ask->space, &point, &r->point);
    r->number = ask->number;
    r->seed = ask->seed;
    hn_history_finished(history, &r->n_finished);
    return HONE_OK;
}

/* All parameters that occur together are proposed at once and one value is kept; asked for the others, the
 * same point comes again, as long as nothing was told in between. */
static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    gp_state *s = state;
    const hn_parameter *wanted = &ask->space->parameters[parameter];
    hn_space *space = NULL;
    bool ready = false;
    (void)partial;
    hone_status status = HONE_OK;
    if (!hn_gp_design_lasts(s->config, ask))
        status = hn_companion_space(ask, wanted, false, NULL, NULL, 0, &space, err);
    if (status)
        return status;
    if (space) {
        hn_ask whole = *ask;
        whole.space = space;
        whole.fixed = NULL;
        ready = is_under_way(&s->by_run, &whole, space);
        if (!ready)
            status = propose_by_run(s, &whole, &ready, err);
    }
    if (status)
        return status;
    *value = ready ? s->by_run.point.values[hn_space_find(space, wanted->name)]
                   : hn_gp_design_value(s->config, ask, wanted, ask->number);
    return HONE_OK;
}

const hn_sampler_type hn_sampler_gp = {
    .name = "gp",
    .help = "Bayesian optimisation with Gaussian processes: few trials, each chosen with care",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL | HN_SAMPLER_EARLIER,
    .options = {hn_gp_options_list, HN_GP_OPTION_COUNT, sizeof(hn_gp_config)},
    .state_size = sizeof(gp_state),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
};
