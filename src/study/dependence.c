/* How an objective depends on one or two parameters: analysis/dependence.h over a study's history. */
#include "analysis/dependence.h"

#include <string.h>

#include "base/memory.h"
#include "study/analyse.h"

/* The public result and the arena that holds what it points to. */
typedef struct owned_dependence {
    hone_param_dependence dependence; /* first, so that one pointer serves both */
    hn_arena arena;
} owned_dependence;

void hone_param_dependence_free(hone_param_dependence *dependence)
{
    if (dependence) {
        owned_dependence *owned = (owned_dependence *)dependence;
        hn_arena_release(&owned->arena);
        hn_free(owned);
    }
}

static hone_status make_plan(const hone_study *study, const hone_param_dependence_config *config,
                             hn_param_dependence_plan *plan, hone_error *err)
{
    hone_status status =
        hn_analyse_check_size(config->struct_size, sizeof *config, "hone_param_dependence_config",
                              "HONE_PARAM_DEPENDENCE_CONFIG_INIT", err);
    if (!status) {
        status = hn_analyse_check_objective(study, config->objective, err);
    }
    if (status) {
        return status;
    }
    if (!config->param) {
        return hn_fail(err, HONE_INVALID, "partial dependence is of a parameter: set param");
    }
    if (config->second && !strcmp(config->param, config->second)) {
        return hn_fail(err, HONE_INVALID, "%.60s twice: the two parameters must differ", config->param);
    }
    if (config->grid == 1) {
        return hn_fail(err, HONE_INVALID, "a grid has at least 2 values");
    }
    size_t usual = config->second ? 30 : 50;
    *plan = (hn_param_dependence_plan){.objective = config->objective,
                                       .names = {config->param, config->second},
                                       .n_axes = config->second ? 2 : 1,
                                       .grid = config->grid ? config->grid : usual,
                                       .n_trees = config->trees ? config->trees : 64,
                                       .seed = config->seed,
                                       .max_trials = config->max_trials ? config->max_trials : 10000};
    return HONE_OK;
}

static hone_status copy_axis(hn_arena *arena, const char *name, const hn_param_dependence_axis *from,
                             hone_param_axis *to, hone_error *err)
{
    hone_value *values = HN_ARENA_NEW(arena, hone_value, from->n);
    bool room = values != NULL;
    to->name = hn_arena_strdup(arena, name);
    for (size_t i = 0; room && i < from->n; i++) {
        room = hn_analyse_copy(arena, from->distribution, from->values[i], &values[i]);
    }
    to->log = from->distribution->log;
    to->categorical = from->distribution->kind == HN_CATEGORICAL;
    to->n = from->n;
    to->values = values;
    return room && to->name ? HONE_OK : hn_out_of_memory(err);
}

static hone_status find(hone_study *study, const hn_param_dependence_plan *plan, owned_dependence *owned,
                        hone_error *err)
{
    hn_param_dependence found = {0};
    hone_param_dependence *out = &owned->dependence;
    hone_status status = hn_study_sync(study, err);
    if (!status) {
        status = hn_param_dependence_find(study->history, plan, &owned->arena, &found, err);
    }
    for (size_t a = 0; !status && a < plan->n_axes; a++) {
        status = copy_axis(&owned->arena, plan->names[a], &found.axes[a], &out->params[a], err);
    }
    if (status) {
        return status;
    }
    size_t points = found.axes[0].n * (plan->n_axes > 1 ? found.axes[1].n : 1);
    for (size_t i = 0; i < points; i++) {
        found.mean[i] = hn_analyse_value(study, plan->objective, found.mean[i]);
    }
    out->having = (int64_t)found.n_having;
    out->trials = (int64_t)found.n_trials;
    out->n_params = plan->n_axes;
    out->mean = found.mean;
    out->deviation = found.deviation;
    return HONE_OK;
}

hone_status hone_study_dependence(hone_study *study, const hone_param_dependence_config *config,
                                  hone_param_dependence **dependence, hone_error *err)
{
    owned_dependence *owned = hn_calloc(1, sizeof *owned);
    hn_param_dependence_plan plan = {0};
    if (!owned) {
        return hn_out_of_memory(err);
    }
    owned->arena = (hn_arena)HN_ARENA_INIT;
    hn_study_lock(study);
    hone_status status = make_plan(study, config, &plan, err);
    if (!status) {
        status = hn_analyse_pool(config->threads, &plan.pool, err);
    }
    if (!status) {
        status = find(study, &plan, owned, err);
    }
    hn_study_unlock(study);
    hn_thread_pool_destroy(plan.pool);
    if (status) {
        hone_param_dependence_free(&owned->dependence);
        return status;
    }
    *dependence = &owned->dependence;
    return HONE_OK;
}
