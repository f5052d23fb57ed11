/* What is proposed for a trial: the sampler's question and its answer as parameters. */
#include "study/study.h"

hone_status hn_study_make_ask(hone_study *study, const hn_space *space, int64_t number, int64_t budget,
                              hn_ask *ask, hone_error *err)
{
    hn_prune_context context = hn_study_prune_context(study);
    context.budget = budget;
    hn_estimates *estimates = HN_ARENA_NEW(&study->scratch, hn_estimates, 1);
    *ask = (hn_ask){
        .space = space,
        .view = hn_study_view(study, number),
        .number = number,
        .seed = study->definition->seed,
        .study_seed = study->definition->seed,
        .scratch = &study->scratch,
        .earlier = study->earlier.n_studies ? &study->earlier : NULL,
    };
    hone_status status = estimates
                             ? hn_pruner_estimate(study->pruner, &context, &study->scratch, estimates, err)
                             : hn_out_of_memory(err);
    if (!status && estimates->items) {
        hn_estimates_limit(estimates, ask->view.before);
        ask->estimates = estimates;
    }
    return status;
}

static hone_status add_point(hone_trial *trial, const hn_space *space, const hn_point *point, hone_error *err)
{
    for (size_t k = 0; k < space->count; k++) {
        size_t i = space->by_display[k];
        if (point->active[i]) {
            const hn_parameter *parameter = &space->parameters[i];
            hone_status status =
                hn_trial_add_param(trial, parameter->name, &parameter->distribution, point->values[i], err);
            if (status) {
                return status;
            }
        }
    }
    return HONE_OK;
}

/* The values a queued trial was given, as a partial point of the declared space. */
static hone_status fixed_point(hone_study *study, const hn_node *fixed, hn_point *point, hone_error *err)
{
    const hn_space *space = study->definition->space;
    *point = hn_point_new(&study->scratch, space->count);
    if (!point->values) {
        return hn_out_of_memory(err);
    }
    for (size_t k = 0; k < fixed->count; k++) {
        const hn_map_entry *entry = &fixed->as.entries[k];
        size_t i = hn_space_find(space, entry->key);
        if (i == SIZE_MAX) {
            continue; /* queued before the space changed */
        }
        hone_status status =
            hn_distribution_from_value(entry->key, &space->parameters[i].distribution,
                                       hn_value_from_node(entry->value), &point->values[i], err);
        if (status) {
            return status;
        }
        point->active[i] = true;
    }
    return HONE_OK;
}

hone_status hn_study_propose(hone_study *study, int64_t number, uint64_t seed, const hn_node *fixed, size_t n,
                             hone_trial **trials, size_t *count, hone_error *err)
{
    const hn_space *space = study->definition->space;
    hn_point *points = HN_ARENA_NEW(&study->scratch, hn_point, n);
    if (!points) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        points[i] = hn_point_new(&study->scratch, space->count);
        if (!points[i].values) {
            return hn_out_of_memory(err);
        }
    }
    hn_point given;
    hone_status status = fixed ? fixed_point(study, fixed, &given, err) : HONE_OK;
    if (!status) {
        status = hn_study_load_earlier(study, err);
    }
    if (status) {
        return status;
    }
    hn_ask ask;
    status = hn_study_make_ask(study, space, number, trials[0]->budget, &ask, err);
    ask.seed = seed;
    ask.cancel = fixed ? NULL : &study->cancel;
    if (!status) {
        status = hn_sampler_propose(study->sampler, &ask, fixed ? &given : NULL, n, points, count, err);
    }
    for (size_t i = 0; !status && i < *count; i++) {
        trials[i]->n_params = 0;
        status = add_point(trials[i], space, &points[i], err);
    }
    return status;
}
