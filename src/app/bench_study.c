#include "app/bench_study.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

hn_ask hn_bench_study_ask(hn_bench_study *s, const hn_space *space, int64_t number)
{
    return (hn_ask){.space = space,
                    .view = {.history = s->history, .before = INT64_MAX},
                    .number = number,
                    .seed = s->seed,
                    .study_seed = s->seed,
                    .scratch = &s->scratch};
}

hone_status hn_bench_study_propose(hn_bench_study *s, const hn_ask *ask, size_t n, hn_point *points)
{
    size_t count;
    hone_status status = hn_sampler_propose(s->sampler, ask, NULL, n, points, &count, s->err);
    if (!status && count < n)
        return hn_fail(s->err, HONE_LIMIT, "the space of %s is used up after %lld trials",
                       hn_problem_name(s->problem), (long long)ask->number + (long long)count);
    return status;
}

hone_status hn_bench_study_put(hn_bench_study *s, int64_t number, const hn_point *point,
                               hone_trial_state state, double value, const hn_trial_report *reports,
                               size_t n_reports, int64_t complete_us)
{
    hn_trial_param *params = HN_ARENA_NEW(&s->scratch, hn_trial_param, s->space->count);
    size_t n = 0;
    if (!params)
        return hn_out_of_memory(s->err);
    for (size_t i = 0; i < s->space->count; i++)
        if (point->active[i])
            params[n++] = (hn_trial_param){s->space->parameters[i].name,
                                           &s->space->parameters[i].distribution, point->values[i]};
    const hn_trial_record record = {.id = number + 1,
                                    .number = number,
                                    .state = state,
                                    .start_us = number + 1,
                                    .complete_us = state == HONE_RUNNING ? 0 : complete_us,
                                    .n_params = n,
                                    .params = params,
                                    .n_values = state == HONE_COMPLETE,
                                    .values = &value,
                                    .n_reports = n_reports,
                                    .reports = reports,
                                    .noise = NAN};
    return hn_history_put(s->history, &record, s->err);
}

/* --- making --- */

/* Where the pruner's name begins in SAMPLER+PRUNER; NULL: there is none. A number may have a plus sign, too.
 */
static const char *pruner_in(const char *search)
{
    const char *found = NULL;
    for (const char *c = strchr(search, '+'); c; c = strchr(c + 1, '+'))
        if (isalpha((unsigned char)c[1]))
            found = c + 1;
    return found;
}

/* A pruner that wants to know the last step of a whole trial is told. */
static hone_status tell_epochs(hn_bench_study *s, hn_spec *spec)
{
    const hn_pruner_type *type = hn_pruner_find(spec->name);
    if (!type || !hn_option_find(&type->options, "max_resource") ||
        (spec->options && hn_map_get(spec->options, "max_resource")))
        return HONE_OK;
    hn_node *options = spec->options ? hn_node_copy(&s->arena, spec->options) : hn_node_map(&s->arena);
    hn_node *epochs = hn_node_integer(&s->arena, hn_problem_epochs(s->problem));
    spec->options = options && epochs ? hn_map_set(&s->arena, options, "max_resource", epochs) : NULL;
    return spec->options ? HONE_OK : hn_out_of_memory(s->err);
}

static hone_status make_pruner(hn_bench_study *s, const char *text)
{
    hn_spec spec;
    if (hn_problem_epochs(s->problem) < 2)
        return hn_fail(s->err, HONE_UNSUPPORTED,
                       "problem %s has no learning curves for the pruner %s: use --family curves",
                       hn_problem_name(s->problem), text);
    hone_status status = hn_spec_from_text(&s->arena, text, "pruner", &spec, s->err);
    if (!status)
        status = tell_epochs(s, &spec);
    return status ? status : hn_pruner_create(&spec, &s->pruner, s->err);
}

static hone_status make_algorithms(hn_bench_study *s, const char *search)
{
    hn_spec spec;
    const char *pruner = pruner_in(search);
    const char *sampler =
        hn_arena_strndup(&s->arena, search, pruner ? (size_t)(pruner - search) - 1 : strlen(search));
    if (!sampler)
        return hn_out_of_memory(s->err);
    hone_status status = hn_spec_from_text(&s->arena, sampler, "sampler", &spec, s->err);
    if (!status)
        status = hn_sampler_create(&spec, &s->sampler, s->err);
    if (!status)
        status = hn_sampler_check(s->sampler, s->space, s->err);
    return status || !pruner ? status : make_pruner(s, pruner);
}

hone_status hn_bench_study_make(const hn_bench_plan *plan, const hn_problem *problem, uint64_t seed,
                                const char *search, hn_bench_study *study, hone_error *err)
{
    const hone_direction direction = HONE_MINIMIZE;
    *study = (hn_bench_study){.plan = plan, .problem = problem, .seed = seed, .err = err};
    study->instance = hn_problem_instance_create(problem, seed);
    hone_status status =
        study->instance ? hn_history_create(&direction, 1, &study->history, err) : hn_out_of_memory(err);
    if (!status)
        status = hn_problem_space(problem, &study->arena, &study->space, err);
    return status ? status : make_algorithms(study, search);
}

void hn_bench_study_release(hn_bench_study *study)
{
    hn_sampler_destroy(study->sampler);
    hn_pruner_destroy(study->pruner);
    hn_history_destroy(study->history);
    hn_problem_instance_destroy(study->instance);
    hn_arena_release(&study->arena);
    hn_arena_release(&study->scratch);
}
