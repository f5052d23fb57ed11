/* Work that the trials of a search share: which settings the workers are told to expect, and how the cores
 * are dealt out for it.
 *
 * A fit that answers for many settings is kept in the process that made it. So a search whose settings follow
 * from fewer fits gets few processes, whose threads run folds, instead of a process for each core, all of
 * which would make the same fits.
 */
#include "app/model_job_parts.h"
#include "base/memory.h"
#include "select/kept_fits.h"
#include "study/foresee.h"

enum { MOST_EXPECTED = 10000 };

/* Fit times are compared, or limited: they must be those of whole fits. */
static bool times_count(const hone_plan *plan)
{
    bool count = false;
    for (size_t i = 0; i < plan->n_goals; i++) {
        count = count || hn_is_measure(plan->goals[i]);
    }
    for (size_t c = 0; c < plan->n_constraints; c++) {
        for (size_t m = 0; m < plan->constraints[c].n_metrics; m++) {
            count = count || hn_is_measure(plan->constraints[c].metrics[m]);
        }
    }
    return count;
}

/* A trial that fits ahead for others takes longer and more memory than it would by itself. */
static bool trials_are_limited(const hone_plan *plan)
{
    return plan->search.trial_seconds > 0 || plan->model.memory_limit_bytes > 0;
}

hn_node *hn_expected_settings(hn_arena *arena, const hn_node *options, const hn_node *params)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < params->count; i++) {
        list = hn_list_append(arena, list, hn_options_substitute(arena, options, params->as.items[i]));
    }
    return list;
}

/* Whether fewer fits than settings are needed. */
static hone_status is_worthwhile(const hn_model_job *job, const hn_node *params, bool *answer,
                                 hone_error *err)
{
    const hn_plan_model *model = &job->plan->model;
    hn_arena arena = HN_ARENA_INIT;
    hn_kept_fits *fits = NULL;
    hn_node *settings = hn_expected_settings(&arena, model->options, params);
    hone_status status = settings ? hn_kept_fits_create(model->type, job->dataset->task, 0, &fits, err)
                                  : hn_out_of_memory(err);
    if (!status) {
        status =
            hn_kept_fits_expect(fits, (const hn_node *const *)settings->as.items, settings->count, 1, err);
    }
    if (!status) {
        *answer = hn_kept_fits_expected(fits) < settings->count;
    }
    hn_kept_fits_destroy(fits);
    hn_arena_release(&arena);
    return status;
}

hone_status hn_model_job_crew(hn_model_job *job, hone_study *study, int cores, int64_t left,
                              hn_model_crew *crew, hone_error *err)
{
    const hone_plan *plan = job->plan;
    hn_node *params = NULL;
    bool worthwhile = false;
    *crew = (hn_model_crew){.processes = cores, .threads = 1, .apart = times_count(plan)};
    bool halves = plan->search.resource; /* little work must stay little: nothing is fitted ahead */
    if (!plan->model.type->covers || crew->apart || halves || trials_are_limited(plan)) {
        return HONE_OK;
    }
    hone_status status = hn_study_foresee(study, MOST_EXPECTED, &job->arena, &params, err);
    if (!status && params && left && params->count > (size_t)left) {
        params->count = (size_t)left; /* the others come in another run */
    }
    if (!status && params) {
        status = is_worthwhile(job, params, &worthwhile, err);
    }
    if (!status && worthwhile) {
        int folds = job->n_folds < (size_t)cores ? (int)job->n_folds : cores;
        crew->processes = cores / folds;
        crew->threads = (cores + crew->processes - 1) / crew->processes;
        crew->expected = params;
    }
    return status;
}
