/* Whether the model can be fitted to rows of the data's shape: said before the first trial when no setting
 * can. */
#include "app/model_shapes.h"

#include <string.h>

#include "app/model_job_parts.h"
#include "math/random.h"

/* --- one setting --- */

hn_node *hn_params_of_units(hn_arena *arena, const hn_space *space, const double *units)
{
    hn_node *params = hn_node_map(arena);
    hn_point point = hn_point_new(arena, space->count);
    if (!point.values) {
        return NULL;
    }
    hn_space_decode(space, units, &point);
    for (size_t k = 0; params && k < space->count; k++) {
        const hn_parameter *p = &space->parameters[space->by_display[k]];
        double raw = point.values[space->by_display[k]];
        if (point.active[space->by_display[k]]) {
            params = hn_map_set(arena, params, p->name,
                                hn_value_to_node(arena, hn_distribution_to_value(&p->distribution, raw)));
        }
    }
    return params;
}

size_t hn_unit_places(const hn_distribution *distribution)
{
    double count = hn_distribution_count(distribution);
    return distribution->kind == HN_CATEGORICAL ? (size_t)count : count > 1 ? 2 : 1;
}

double hn_unit_place(const hn_distribution *distribution, size_t k)
{
    size_t count = hn_unit_places(distribution);
    return distribution->kind == HN_CATEGORICAL ? ((double)k + 0.5) / (double)count : (double)k;
}

/* Columns after preprocessing: fitted anew only when it is another one. */
static hone_status measure_width(const hn_model_job *job, hn_arena *arena, const hn_node *params,
                                 hn_row_shape *shape, hone_error *err)
{
    const hn_node *given = hn_options_substitute(arena, job->plan->model.preprocess, params);
    hn_preprocess_options options;
    hn_preprocess *fitted = NULL;
    if (!given) {
        return hn_out_of_memory(err);
    }
    if (shape->preprocess && hn_node_equal(given, shape->preprocess)) {
        return HONE_OK;
    }
    hone_status status = hn_preprocess_read(arena, job->plan->model.preprocess, params, &options, err);
    if (!status) {
        status = hn_preprocess_fit(&options, job->dataset, NULL, 0, &fitted, err);
    }
    if (!status) {
        shape->rows.d = hn_preprocess_width(fitted);
        shape->preprocess = given;
    }
    hn_preprocess_destroy(fitted);
    return status;
}

hone_status hn_model_job_shape(const hn_model_job *job, hn_arena *arena, const hn_node *params,
                               hn_row_shape *shape, hone_error *err)
{
    const hn_dataset *set = job->dataset;
    shape->rows.n = job->n_least;
    shape->rows.n_classes = set->n_classes;
    shape->rows.classes = set->classes;
    if (!set->samples) {
        return measure_width(job, arena, params, shape, err);
    }
    shape->view = (hn_sample_view){.block = set->samples};
    shape->rows.samples = &shape->view;
    shape->rows.d = set->samples->size;
    return HONE_OK;
}

/* --- all of them --- */

typedef struct judge {
    const hn_model_job *job;
    hn_arena kept, trial;
    hn_row_shape shape;
    double *units;  /* (space->count,) of the setting to be judged */
    size_t refused; /* settings so far */
    hone_error why; /* of the first of them */
    bool differs;   /* others were refused with other words */
} judge;

/* HONE_OUT_OF_MEMORY, or whether the setting can be. */
static hone_status judge_units(judge *of)
{
    hone_error here = {0}, *err = of->refused ? &here : &of->why;
    const hone_plan *plan = of->job->plan;
    const hn_model_type *type = plan->model.type;
    hn_arena_reset(&of->trial);
    hn_node *params = hn_params_of_units(&of->trial, plan->space, of->units);
    hn_node *options = params ? hn_options_substitute(&of->trial, plan->model.options, params) : NULL;
    void *config = hn_arena_alloc(&of->trial, 1, type->options.config_size);
    if (!options || !config) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_model_job_shape(of->job, &of->kept, params, &of->shape, err);
    if (!status) {
        status = hn_model_configure(type, of->job->dataset->task, &of->trial, options, config, err);
    }
    if (!status) {
        status = type->check_rows(config, options, &of->shape.rows, err);
    }
    of->differs |= status && of->refused && strcmp(here.message, of->why.message) != 0;
    of->refused += status != HONE_OK;
    return status;
}

static bool goes_on(hone_status status)
{
    return status != HONE_OK && status != HONE_OUT_OF_MEMORY;
}

/* One parameter after the other at each of its places, the others as they are. */
static hone_status judge_places(judge *of, hone_status status)
{
    const hn_space *space = of->job->plan->space;
    for (size_t i = 0; i < space->count; i++) {
        const hn_distribution *distribution = &space->parameters[i].distribution;
        double before = of->units[i];
        for (size_t k = 0; goes_on(status) && k < hn_unit_places(distribution); k++) {
            of->units[i] = hn_unit_place(distribution, k);
            status = judge_units(of);
        }
        of->units[i] = before;
    }
    return status;
}

static hone_status judge_draws(judge *of, hone_status status)
{
    enum { DRAWS = 200 };
    hn_random random = hn_random_stream(0, 0, HN_PURPOSE_PROPOSE);
    for (size_t draw = 0; goes_on(status) && draw < DRAWS; draw++) {
        for (size_t i = 0; i < of->job->plan->space->count; i++) {
            of->units[i] = hn_random_uniform(&random);
        }
        status = judge_units(of);
    }
    return status;
}

static void place_all(judge *of, bool last)
{
    const hn_space *space = of->job->plan->space;
    for (size_t i = 0; i < space->count; i++) {
        const hn_distribution *distribution = &space->parameters[i].distribution;
        of->units[i] = hn_unit_place(distribution, last ? hn_unit_places(distribution) - 1 : 0);
    }
}

/* The first setting that can be ends it: the others fail, if they must, trial by trial. */
static hone_status judge_settings(judge *of, hone_error *err)
{
    bool varies = of->job->plan->space->count > 0;
    place_all(of, false);
    hone_status first = judge_units(of), status = first;
    if (varies && goes_on(status)) {
        status = judge_places(of, status);
        place_all(of, true);
        status = goes_on(status) ? judge_places(of, status) : status;
        status = judge_draws(of, status);
    }
    if (!goes_on(status)) {
        return status == HONE_OUT_OF_MEMORY ? hn_out_of_memory(err) : status;
    }
    return of->differs
               ? hn_fail(err, first, "none of %zu settings can be fitted to these rows; the first: %s",
                         of->refused, of->why.message)
               : hn_fail(err, first, "%s", of->why.message);
}

hone_status hn_model_job_check_shapes(const hn_model_job *job, hone_error *err)
{
    judge of = {.job = job};
    if (!job->plan->model.type->check_rows) {
        return HONE_OK;
    }
    of.units = HN_ARENA_NEW(&of.kept, double, job->plan->space->count + 1);
    hone_status status = of.units ? judge_settings(&of, err) : hn_out_of_memory(err);
    hn_arena_release(&of.kept);
    hn_arena_release(&of.trial);
    return status;
}
