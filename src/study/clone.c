/* A trial made from another one's checkpoint, with parameters of its own. */
#include <stdlib.h>
#include <string.h>

#include "study/study.h"

enum { ATTEMPTS = 16 };

/* Do the values go together: the same parameters are active, none is out of bounds, nothing is forbidden? */
static bool is_allowed(hone_study *study, const hone_trial *trial)
{
    const hn_space *space = study->definition->space;
    if (!space) {
        return true;
    }
    hn_point point = hn_point_new(&study->scratch, space->count);
    for (size_t k = 0; point.values && k < trial->n_params; k++) {
        size_t i = hn_space_find(space, trial->params[k].name);
        if (i == SIZE_MAX) {
            return false;
        }
        point.values[i] = trial->params[k].value;
        point.active[i] = true;
    }
    return point.values && hn_space_contains(space, &point);
}

hone_status hn_study_explore(hone_study *study, int64_t number, int64_t source, int64_t step,
                             hone_trial *trial, hone_error *err)
{
    size_t n = trial->n_params;
    hn_prune_context context = hn_study_prune_context(study);
    double *values = HN_ARENA_NEW(&study->scratch, double, n);
    if (!values) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = trial->params[i].value;
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        hn_exploring from = {.number = number, .source = source, .step = step, .attempt = attempt};
        hone_status status = hn_pruner_explore(study->pruner, &context, &from, trial->params, n, err);
        if (status || is_allowed(study, trial)) {
            return status;
        }
        for (size_t i = 0; i < n; i++) {
            trial->params[i].value = values[i];
        }
    }
    return HONE_OK; /* as its source */
}

static hone_status add_integer(hone_trial *trial, const char *key, int64_t value, hone_error *err)
{
    const char *text = hn_arena_printf(&trial->arena, "%lld", (long long)value);
    return text ? hn_trial_add_attribute(trial, key, text, true, err) : hn_out_of_memory(err);
}

static hone_status copy_source(hone_study *study, const hn_next *next, hone_trial *trial, hone_error *err)
{
    hn_trial_record record;
    hn_arena_reset(&study->scratch);
    hone_status status = hn_history_record(study->history, next->number, &study->scratch, &record, err);
    for (size_t i = 0; !status && i < record.n_params; i++) {
        const hn_trial_param *param = &record.params[i];
        status = hn_trial_add_param(trial, param->name, param->distribution, param->value, err);
    }
    if (!status) {
        status = add_integer(trial, HN_KEY_PARENT, next->number, err);
    }
    return status ? status : add_integer(trial, HN_KEY_PARENT_STEP, next->step, err);
}

hone_status hn_study_clone(hone_study *study, const hn_next *next, hone_trial **out, hone_error *err)
{
    int64_t number = (int64_t)hn_history_count(study->history);
    hone_trial *trial = hn_trial_new(study);
    if (!trial) {
        return hn_out_of_memory(err);
    }
    hone_status status = copy_source(study, next, trial, err);
    if (!status) {
        status = hn_study_explore(study, number, next->number, next->step, trial, err);
    }
    if (!status) {
        status = hn_trial_begin(study, 1, &trial, number, NULL, NULL, err);
    }
    if (!status) {
        trial->parent = next->number;
        trial->resume_step = trial->parent_step = next->step;
        trial->budget = next->budget;
        *out = trial;
        return HONE_OK;
    }
    hn_study_unlock(study);
    hone_trial_free(trial);
    hn_study_lock(study);
    if (status == HONE_CONFLICT) { /* another worker took the number: who it clones may be another by now */
        study->change_counter = -1;
        return hn_study_sync(study, err);
    }
    return status;
}
